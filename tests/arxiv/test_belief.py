"""What no answer of arXiv is believed for, asked of each of its four sources over a real connection.

A bad answer must end as a verdict of its own, never as a quiet day. What only one source can do wrong is tested beside
that source; here is what can happen to all of them alike.
"""

from __future__ import annotations

import sys
import time as clock
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from werkzeug import Request, Response

from digest.arxiv import api, feed, listing, oai
from digest.arxiv.session import LIMIT_BYTES, Session
from digest.errors import SourceError
from digest.identifiers import parse
from digest.model import Verdict

ATOM = "http://www.w3.org/2005/Atom"
OAI = "http://www.openarchives.org/OAI/2.0/"

FEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="{ATOM}" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<id>http://rss.arxiv.org/atom/cs.AI</id><title>cs.AI updates on arXiv.org</title>
<entry><id>oai:arXiv.org:2602.00001v1</id><title>On Invented Planets</title>
<summary>arXiv:2602.00001v1 Announce Type: new\nAbstract: We invent.</summary><category term="cs.AI"/>
<published>2026-02-03T00:00:00-05:00</published><arxiv:announce_type>new</arxiv:announce_type>
<dc:creator>Ada Uthor</dc:creator></entry>
</feed>"""

RECORDS = f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="{OAI}"><responseDate>2026-02-03T06:00:00Z</responseDate><request verb="ListRecords">x</request>
<ListRecords><record><header><identifier>oai:arXiv.org:2602.00001</identifier><datestamp>2026-02-03</datestamp></header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2602.00001</id>
<version version="v1"><date>Mon, 02 Feb 2026 10:00:00 GMT</date></version><title>On Invented Planets</title>
<authors>Ada Uthor</authors><categories>cs.AI</categories><abstract>We invent.</abstract></arXivRaw></metadata></record>
</ListRecords>
</OAI-PMH>"""

ANSWER = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="{ATOM}" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:n="http://a9.com/-/spec/opensearch/1.1/">
<id>https://arxiv.org/api/x</id><title>arXiv Query</title><n:totalResults>1</n:totalResults>
<entry><id>http://arxiv.org/abs/2602.00001v1</id><title>On Invented Planets</title><summary>We invent.</summary>
<category term="cs.AI"/><arxiv:primary_category term="cs.AI"/><author><name>Ada Uthor</name></author>
<published>2026-02-02T10:00:00Z</published><updated>2026-02-02T10:00:00Z</updated></entry>
</feed>"""

PAGE = """<!DOCTYPE html>
<html><head><title>Artificial Intelligence</title></head><body>
<h3>Showing new listings for Tuesday, 3 February 2026</h3>
<h3>New submissions (showing 1 of 1 entries)</h3>
<dl><dt><a href="/abs/2602.00001">arXiv:2602.00001</a></dt><dd>On Invented Planets</dd></dl>
</body></html>"""


def ask_feed(session: Session, base: str) -> list[str]:
    return [one.paper.id for one in feed.fetch_feed(session, base, ["cs.AI"]).announcements]


def ask_oai(session: Session, base: str) -> list[str]:
    pages = oai.harvest(session, f"{base}/oai", oai_set="cs", since=date(2026, 2, 1))
    return [record.paper.id for page in pages for record in page.records]


def ask_api(session: Session, base: str) -> list[str]:
    return [paper.id for paper in api.lookup(session, f"{base}/api", [parse("2602.00001")]).papers.values()]


def ask_listing(session: Session, base: str) -> list[str]:
    return [line.id for line in listing.new(session, base, "cs.AI").entries]


@dataclass(frozen=True)
class Source:
    """One of arXiv's: how it is asked, a good answer of its, and in which words that is of which kind."""

    ask: Callable[[Session, str], list[str]]
    good: str
    kind: str
    namespace: str = ""

    @property
    def root(self) -> str:
        return "OAI-PMH" if "OAI-PMH" in self.good else "html" if self.kind == "text/html" else "feed"


SOURCES = {
    "feed": Source(ask_feed, FEED, "application/atom+xml", ATOM),
    "oai": Source(ask_oai, RECORDS, "text/xml; charset=utf-8", OAI),
    "api": Source(ask_api, ANSWER, "application/atom+xml; charset=utf-8", ATOM),
    "list": Source(ask_listing, PAGE, "text/html; charset=utf-8"),
}
XML = {name: source for name, source in SOURCES.items() if source.namespace}


@pytest.fixture
def told(httpserver, make_session):
    """What *source* makes of an answer, which is the same each time it is asked."""

    def tell(source: Source, body: Any, content_type: str = "", status: int = 200) -> list[str]:
        answer = (
            body
            if callable(body)
            else lambda _: Response(body, status=status, content_type=content_type or source.kind)
        )
        for path in ("/atom/cs.AI", "/oai", "/api", "/list/cs.AI/new"):
            httpserver.expect_request(path).respond_with_handler(answer)
        return source.ask(make_session(attempts=1), httpserver.url_for("").rstrip("/"))

    return tell


@pytest.fixture
def refused(told):
    """How *source* refuses an answer."""

    def tell(source: Source, *answer: Any, **more: Any) -> SourceError:
        with pytest.raises(SourceError) as caught:
            told(source, *answer, **more)
        return caught.value

    return tell


def each(sources: dict[str, Source]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in sources.items()])


# --- of the right kind -----------------------------------------------------------------------------------------------


@each(SOURCES)
def test_a_good_answer_is_believed(told, source):
    """Else all that is refused below could be refused for another reason."""
    assert told(source, source.good) == ["2602.00001"]


@each(SOURCES)
@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "TEXT/PLAIN ; charset=UTF-8"])
def test_a_host_that_does_not_know_what_it_sends_is_believed(told, source, content_type):
    assert told(source, source.good, content_type) == ["2602.00001"]


@each(XML)
@pytest.mark.parametrize("content_type", ["application/xml", "text/xml", "application/rss+xml", "application/atom+xml"])
def test_every_name_of_xml_is_xml(told, source, content_type):
    assert told(source, source.good, content_type) == ["2602.00001"]


@each(SOURCES)
@pytest.mark.parametrize("content_type", ["application/json", "image/png", "application/pdf", "xml", "nonsense"])
def test_a_good_body_under_another_name_is_not_believed(refused, source, content_type):
    error = refused(source, source.good, content_type)
    assert error.verdict is Verdict.MALFORMED
    assert content_type in str(error)


@each(XML)
def test_xml_that_calls_itself_a_web_page_is_not_believed(refused, source):
    assert "calls itself text/html" in str(refused(source, source.good, "text/html; charset=utf-8"))


@each(SOURCES)
def test_json_is_told_as_what_it_is(refused, source):
    error = refused(source, '{"error": "no such thing"}', "application/json")
    assert error.verdict is Verdict.MALFORMED
    assert "no such thing" in str(error)


@each(SOURCES)
@pytest.mark.parametrize("content_type", ["text/html", ""])
def test_a_web_page_with_status_200_is_no_answer(refused, source, content_type):
    """Whatever it calls itself; its title is told."""
    page = "<!DOCTYPE html>\n<html><head><title>arXiv is down</title></head><body><p>Sorry</p></body></html>"
    error = refused(source, page, content_type)
    assert error.verdict is Verdict.MALFORMED
    assert "arXiv is down" in str(error)


@each(XML)
def test_another_root_is_not_believed(refused, source):
    error = refused(source, source.good.replace(f"<{source.root} ", "<other ").replace(f"</{source.root}>", "</other>"))
    assert error.verdict is Verdict.MALFORMED
    assert "other" in str(error)


@each(XML)
@pytest.mark.parametrize("namespace", ["http://www.w3.org/2005/atom", "http://purl.org/atom/ns#", ""])
def test_a_root_in_another_namespace_is_not_believed(refused, source, namespace):
    error = refused(source, source.good.replace(f'xmlns="{source.namespace}"', f'xmlns="{namespace}"'))
    assert error.verdict is Verdict.MALFORMED
    assert source.namespace in str(error), "the message says which one was looked for"


@each(SOURCES)
def test_the_answer_of_another_source_is_not_believed(refused, source):
    for other in SOURCES.values():
        if other.root != source.root:
            assert refused(source, other.good, source.kind).verdict is Verdict.MALFORMED


@each(SOURCES)
@pytest.mark.parametrize("status", [404, 410, 206])
def test_a_good_body_with_another_status_is_not_believed(refused, source, status):
    error = refused(source, source.good, status=status)
    assert error.verdict is Verdict.MALFORMED
    assert str(status) in str(error)


# --- whole -----------------------------------------------------------------------------------------------------------


@each(SOURCES)
def test_an_answer_that_is_cut_at_any_tag_is_cut(refused, source):
    """Also where the bytes that came are well counted by HTTP."""
    body = source.good
    places = [at for at, char in enumerate(body) if char == "<" and at > 15][::4]
    assert len(places) > 4
    for at in places:
        assert refused(source, body[:at]).verdict is Verdict.CUT_SHORT, body[at - 20 : at]


@each(SOURCES)
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param("", Verdict.CUT_SHORT, id="nothing"),
        pytest.param(" \n ", Verdict.CUT_SHORT, id="blank"),
        pytest.param("Rate exceeded.", Verdict.THROTTLED, id="throttled"),
        pytest.param("upstream connect error", Verdict.MALFORMED, id="prose"),
    ],
)
def test_what_is_said_in_place_of_an_answer_is_told(refused, source, body, verdict):
    error = refused(source, body, "text/html")
    assert error.verdict is verdict
    assert body.strip()[:20] in str(error)


@each(XML)
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda body: body + body, id="two documents"),
        pytest.param(lambda body: body.replace("</title>", "</tilte>"), id="a wrong end tag"),
        pytest.param(lambda body: body.replace("On Invented", "On & Invented"), id="a bare ampersand"),
        pytest.param(lambda body: body.replace("On Invented", "On \x01 Invented"), id="a control"),
        pytest.param(lambda body: body.replace("On Invented", "On &uuml; Invented"), id="an unknown entity"),
        pytest.param(lambda body: body.replace("On Invented", "On <x:y/> Invented"), id="an unknown prefix"),
        pytest.param(lambda body: body.replace("On Invented", "<b>" * 300 + "On" + "</b>" * 300), id="too deep"),
        pytest.param(lambda body: body.replace("UTF-8", "UTF-16").encode("utf-16"), id="UTF-16"),
        pytest.param(lambda body: body.replace("Invented", "Ünvented").encode("latin-1"), id="Latin-1"),
    ],
)
def test_what_is_not_well_formed_is_not_repaired(refused, source, spoil):
    """A parser that recovers would make a smaller night of it."""
    assert refused(source, spoil(source.good)).verdict is Verdict.MALFORMED


# --- bombs -----------------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'[<!ENTITY l0 "{"ha" * 50}">{LAUGHS}]'


def with_doctype(body: str, inside: str) -> str:
    first, rest = body.split("\n", maxsplit=1)
    return (
        f"{first}\n<!DOCTYPE feed {inside}>\n{rest}"
        if first.startswith("<?xml")
        else f"<!DOCTYPE html {inside}>\n{rest}"
    )


@each(XML)
@pytest.mark.parametrize(
    "doctype",
    [
        pytest.param("", id="bare"),
        pytest.param('SYSTEM "file:///etc/passwd"', id="of a file"),
        pytest.param('[<!ENTITY x SYSTEM "file:///etc/passwd">]', id="entity of a file"),
        pytest.param('[<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]', id="entity of the network"),
        pytest.param(BOMB, id="a bomb"),
    ],
)
def test_a_document_type_is_refused_before_anything_is_made_of_it(refused, source, doctype):
    """A hundred gigabytes of laughter from a kilobyte: in no time, and in no memory."""
    body = with_doctype(source.good, doctype).replace("On Invented Planets", "&l9;&x;")
    before, start = memory(), clock.process_time()
    error = refused(source, body)
    assert error.verdict is Verdict.MALFORMED
    assert "document type" in str(error)
    assert "root:" not in str(error)
    assert clock.process_time() - start < 2
    assert memory() - before < 50_000_000


@each(XML)
def test_a_document_type_cannot_hide_behind_a_comment(refused, source):
    body = with_doctype(source.good, BOMB).replace("<!DOCTYPE", f"<!--{'x' * 5000}-->\n<!DOCTYPE", 1)
    assert refused(source, body).verdict is Verdict.MALFORMED


def test_a_listing_makes_nothing_of_entities(told):
    """HTML has a document type, and no entities of its own."""
    before, start = memory(), clock.process_time()
    source = SOURCES["list"]
    assert told(source, with_doctype(PAGE, BOMB).replace("On Invented Planets", "&l9;" * 1000)) == ["2602.00001"]
    assert clock.process_time() - start < 2
    assert memory() - before < 50_000_000


def memory() -> int:
    """The most bytes that this process has had so far."""
    resource = pytest.importorskip("resource", reason="this system does not tell how much memory was used")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@each(SOURCES)
def test_a_hundred_megabytes_are_refused_before_they_have_come(refused, source):
    """The answer begins well and has no length; reading stops at the bound."""
    sent = 0
    megabyte = b"<!-- " + b"x" * 1_000_000 + b" -->"

    def pour() -> Iterator[bytes]:
        nonlocal sent
        yield source.good.rpartition("</")[0].encode()
        for _ in range(100):
            sent += len(megabyte)
            yield megabyte

    def answer(_: Request) -> Response:
        return Response(pour(), content_type=source.kind)

    start = clock.monotonic()
    error = refused(source, answer)
    assert error.verdict is Verdict.MALFORMED
    assert "larger than" in str(error)
    assert sent < LIMIT_BYTES + 16 * 1024 * 1024
    assert clock.monotonic() - start < 30
