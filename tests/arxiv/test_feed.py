"""The nightly feed: what is told, and what is not believed."""

import hashlib
import time as clock
from datetime import date
from xml.sax.saxutils import escape

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request, Response

from digest.arxiv import batch, feed
from digest.errors import SourceError
from digest.model import AnnounceType, Verdict

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"

HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/cs.AI</id>
  <title>{title}</title>
  <updated>{updated}</updated>
  <link href="http://rss.arxiv.org/atom/cs.AI" rel="self" type="application/atom+xml"/>
  <subtitle>{subtitle}</subtitle>
"""

RSS_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
<title>cs.AI updates on arXiv.org</title><description>d</description>"""


def entry(**changes: str) -> str:
    """One Atom entry; text is escaped, a field given as "" is left out."""
    field = {
        "id": "oai:arXiv.org:2602.00001v1",
        "title": "On the Weather of Invented Planets",
        "summary": "We invent.",
        "kind": "new",
        "categories": "cs.AI cs.CL",
        "published": "2026-02-03T00:00:00-05:00",
        "rights": "http://creativecommons.org/licenses/by/4.0/",
        "creator": "Ada Uthor, Bo Writer (Nowhere, Inc)",
        "journal": "",
        "doi": "",
    } | changes
    name = field["id"].removeprefix("oai:arXiv.org:")
    summary = f"arXiv:{name} Announce Type: {field['kind']} \nAbstract: {field['summary']}"
    optional = {"arxiv:journal_reference": field["journal"], "arxiv:DOI": field["doi"], "dc:rights": field["rights"]}
    return "".join(
        [
            f"<entry><id>{escape(field['id'])}</id><title>{escape(field['title'])}</title>",
            '<updated>2026-02-03T05:00:09.5+00:00</updated><link href="/abs/x" rel="alternate" type="text/html"/>',
            f"<summary>{escape(summary)}</summary>",
            *(f'<category term="{category}"/>' for category in field["categories"].split()),
            f"<published>{field['published']}</published><arxiv:announce_type>{field['kind']}</arxiv:announce_type>",
            *(f"<{tag}>{escape(value)}</{tag}>" for tag, value in optional.items() if value),
            f"<dc:creator>{escape(field['creator'])}</dc:creator></entry>\n",
        ]
    )


def atom(*entries: str, title="cs.AI updates on arXiv.org", updated="2026-02-03T05:00:09Z", subtitle="cs.AI") -> bytes:
    return (HEAD.format(title=title, updated=updated, subtitle=subtitle) + "".join(entries) + "</feed>\n").encode()


def parse(body: bytes, status: int = 200, content_type: str = "application/atom+xml") -> feed.FeedDay:
    return feed.parse_feed(body, status=status, content_type=content_type, categories=["cs.AI"])


def refusal(body: bytes, **context: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        parse(body, **context)
    assert caught.value.source == "feed"
    return caught.value


def test_every_field_of_an_entry_is_read():
    told = parse(
        atom(
            entry(
                id="oai:arXiv.org:hep-th/9901001v3",
                title=r"On Erd\H{o}s--R\'enyi graphs: $p<q$ \& more",
                summary="We say $a<b$ and $c>d$,\nthen <pad> &amp; stop.",
                kind="replace-cross",
                categories="math.PR cs.AI",
                creator=r"Paul Erd\H{o}s Jr., Jane Doe (MIT, Cambridge, INFN (Pisa)), LIGO Scientific Collaboration",
                journal=r"Journal de l'\'Ecole",
                doi="10.5802/jep.257 10.1/x",
            )
        )
    )
    assert told.day == date(2026, 2, 3)
    assert told.faults == ()
    (announcement,) = told.announcements
    paper = announcement.paper
    assert (announcement.kind, announcement.day, announcement.estimated) == (
        AnnounceType.REPLACE_CROSS,
        date(2026, 2, 3),
        False,
    )
    assert (paper.id, paper.version) == ("hep-th/9901001", 3)
    assert paper.title == "On Erdős–Rényi graphs: $p<q$ & more"
    assert paper.abstract == "We say $a<b$ and $c>d$, then <pad> &amp; stop."
    assert paper.authors == ("Paul Erdős Jr.", "Jane Doe", "LIGO Scientific Collaboration")
    assert paper.categories == ("math.PR", "cs.AI")
    assert paper.journal_ref == "Journal de l'École"
    assert paper.dois == ("10.5802/jep.257", "10.1/x")
    assert paper.license == "http://creativecommons.org/licenses/by/4.0/"
    assert (paper.submitted, paper.updated, paper.comment, paper.withdrawn) == (None, None, "", False)


def test_an_entry_may_lack_what_arxiv_leaves_out():
    """No licence, an empty creator, no abstract."""
    (announcement,) = parse(atom(entry(rights="", creator="", summary=""))).announcements
    paper = announcement.paper
    assert (paper.authors, paper.license, paper.abstract) == ((), "", "")


def test_a_withdrawal_that_the_abstract_tells_is_heard():
    (announcement,) = parse(atom(entry(kind="replace", summary="This paper has been withdrawn."))).announcements
    assert announcement.paper.withdrawn


def test_rss_loses_no_maths():
    """feedparser takes an RSS description for HTML; what is between < and > stays all the same."""
    item = (
        "<item><title>T $p&lt;q$ and $r&gt;s$</title><link>https://arxiv.org/abs/2602.00001</link><description>"
        "arXiv:2602.00001v1 Announce Type: new \nAbstract: If $a&lt;b$ and $c&gt;d$, &lt;pad&gt;.</description>"
        '<guid isPermaLink="false">oai:arXiv.org:2602.00001v1</guid><category>cs.AI</category>'
        "<pubDate>Tue, 03 Feb 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
        "<dc:creator>Ada Uthor</dc:creator></item>"
    )
    told = parse((RSS_HEAD + item + "</channel></rss>").encode())
    (announcement,) = told.announcements
    assert announcement.paper.abstract == "If $a<b$ and $c>d$, <pad>."
    assert announcement.paper.title == "T $p<q$ and $r>s$"
    assert told.day == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "oai:arXiv.org:2613.00001v1"}, "no month 13"),
        ({"id": "oai:arXiv.org:2602.00001"}, "no version"),
        ({"kind": "renewed"}, "'renewed'"),
        ({"title": " "}, "no title"),
        ({"categories": ""}, "no category"),
        ({"published": "yesterday"}, "cannot be read"),
        ({"published": "2026-02-03T00:00:00"}, "no time zone"),
    ],
)
def test_one_bad_entry_never_ends_the_feed(changes, reason):
    told = parse(atom(entry(id="oai:arXiv.org:2602.00007v1"), entry(**changes), entry(id="oai:arXiv.org:2602.00009v1")))
    assert [a.paper.id for a in told.announcements] == ["2602.00007", "2602.00009"]
    (fault,) = told.faults
    assert reason in fault


def test_a_paper_that_comes_twice_counts_once():
    told = parse(atom(entry(), entry(title="Again")))
    assert [a.paper.title for a in told.announcements] == ["On the Weather of Invented Planets"]
    assert "twice" in told.faults[0]


def test_the_day_is_eastern():
    """Midnight in New York is the morning of the same day in UTC, in winter and in summer."""
    for told, day in [("2026-07-07T00:00:00-04:00", date(2026, 7, 7)), ("2026-07-07T04:00:00Z", date(2026, 7, 7))]:
        assert parse(atom(entry(published=told))).day == day


def test_a_feed_without_entries_has_no_day():
    assert parse(atom()) == feed.FeedDay(None, (), ())


@pytest.mark.parametrize(
    ("asked", "believed"),
    [
        (["cs.AI"], True),
        (["CS.ai", "math.CO"], True),
        (["cs"], True),
        (["cs.CL"], True),
        (["cs.CV"], False),
        (["math"], False),
        (["cs.A"], False),
    ],
)
def test_a_feed_of_other_categories_is_no_answer(asked, believed):
    """A cache that mixes up two addresses would hide a day's news. One paper of what was asked for is enough."""
    body = atom(entry(), entry(id="oai:arXiv.org:2602.00002v1", categories="q-bio.NC"))
    if believed:
        told = feed.parse_feed(body, status=200, content_type="", categories=asked)
        assert len(told.announcements) == 2
        return
    with pytest.raises(SourceError, match="another feed") as caught:
        feed.parse_feed(body, status=200, content_type="", categories=asked)
    assert caught.value.verdict is Verdict.MALFORMED


def test_nearly_full_feeds_are_told_to_be_cut():
    full = parse(atom(*(entry(id=f"oai:arXiv.org:2602.{n:05d}v1") for n in range(1, 1901))))
    assert len(full.announcements) == 1900
    assert "2,000" in full.faults[0]
    assert not parse(atom(*(entry(id=f"oai:arXiv.org:2602.{n:05d}v1") for n in range(1, 1900)))).faults


def test_arxivs_reason_is_told():
    body = atom(title="Feed error for query: http://rss.arxiv.org/atom/foo", subtitle="Bad archive 'foo'.")
    for status in (400, 200):
        error = refusal(body, status=status)
        assert error.verdict is Verdict.MALFORMED
        assert "Bad archive 'foo'." in str(error)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>"""
EXTERNAL = b"""<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed xmlns="http://www.w3.org/2005/Atom"/>"""


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(b"", Verdict.CUT_SHORT, id="nothing"),
        pytest.param(b" \n", Verdict.CUT_SHORT, id="blank"),
        pytest.param(b"Rate exceeded.", Verdict.THROTTLED, id="throttled"),
        pytest.param(b"<!DOCTYPE html><html><title>Sorry</title></html>", Verdict.MALFORMED, id="outage page"),
        pytest.param(b"<html><body>How to use RSS</body></html>", Verdict.MALFORMED, id="help page"),
        pytest.param(b"upstream connect error", Verdict.MALFORMED, id="prose"),
        pytest.param(BOMB, Verdict.MALFORMED, id="entity bomb"),
        pytest.param(EXTERNAL, Verdict.MALFORMED, id="external entity"),
        pytest.param(b"<!--" + b"x" * 3000 + b"-->" + BOMB[21:], Verdict.MALFORMED, id="entity bomb behind a comment"),
        pytest.param(b"<feed><entry/></feed>", Verdict.MALFORMED, id="no namespace"),
        pytest.param(b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'/>", Verdict.MALFORMED, id="other kind"),
        pytest.param(b"<rss version='2.0'/>", Verdict.MALFORMED, id="no channel"),
        pytest.param(atom(entry()).replace(b"</title>", b"</tilte>"), Verdict.MALFORMED, id="wrong end tag"),
        pytest.param(atom(entry()).replace(b"weather", b"\xff").replace(b"Weather", b"\xff"), Verdict.MALFORMED, id="bytes"),
        pytest.param(b"\xff\xfe" + atom(entry()).decode().encode("utf-16-le"), Verdict.MALFORMED, id="UTF-16"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body, verdict):
    assert refusal(body).verdict is verdict


@given(st.integers(0, 10_000))
def test_a_feed_that_is_cut_anywhere_is_refused(at):
    """Also inside a letter of several bytes. What remains after the last tag is white space."""
    whole = atom(entry(title="Über die Wetter 漢字"), entry(id="oai:arXiv.org:2602.00002v1")).rstrip()
    cut = whole[: at % len(whole)]
    assert refusal(cut).verdict in (Verdict.CUT_SHORT,)


def test_a_feed_that_is_cut_inside_a_letter_is_cut_not_malformed():
    whole = atom(entry(title="漢字"))
    at = whole.index("漢".encode())
    assert {refusal(whole[: at + n]).verdict for n in range(4)} == {Verdict.CUT_SHORT}


@given(st.binary(max_size=60) | st.binary(max_size=30).map(lambda junk: atom(entry())[:700] + junk))
def test_no_bytes_raise_anything_but_a_source_error(body):
    with pytest.raises(SourceError):
        parse(body)


def test_other_statuses_are_no_feeds():
    error = refusal(b"<html>not here</html>", status=404, content_type="text/html")
    assert error.verdict is Verdict.MALFORMED
    assert "404" in str(error)


def test_a_fingerprint_forgets_when_it_was_rendered():
    first = atom(entry(), updated="2026-02-03T05:00:09.866337+00:00")
    again = atom(entry(), updated="2026-02-03T09:41:00.000001+00:00").replace(b"05:00:09.5", b"09:41:00.5")
    assert first != again
    assert batch.fingerprint(first) == batch.fingerprint(again)
    assert batch.fingerprint(first) != batch.fingerprint(atom(entry(title="Another")))
    rss = [f"{RSS_HEAD}<lastBuildDate>{at}</lastBuildDate></channel></rss>".encode() for at in ("Mon", "Tue")]
    assert batch.fingerprint(rss[0]) == batch.fingerprint(rss[1])


def test_reading_a_full_feed_costs_little_more_than_feedparser():
    """At most half as much again, the best of three each."""
    body = atom(*(entry(id=f"oai:arXiv.org:2602.{n:05d}v1", summary="We invent. " * 100) for n in range(1, 501)))

    def best(call):
        times = []
        for _ in range(3):
            start = clock.process_time()
            call(body)
            times.append(clock.process_time() - start)
        return min(times)

    assert best(parse) < 1.5 * best(feedparser.parse)


def test_a_body_of_nothing_has_no_fingerprint():
    """It would be equal to every other."""
    with pytest.raises(ValueError, match="no fingerprint"):
        batch.fingerprint(b"")


LAST_TIME = {"If-None-Match": "abc123"}


class Cached:
    """Says 304 to who knows the tag, whatever else is asked; *always* says it to everybody."""

    def __init__(self, always: bool = False, status: int = 304) -> None:
        self.always, self.status = always, status

    def __call__(self, request: Request) -> Response:
        if self.always or request.headers.get("If-None-Match") == "abc123":
            return Response(status=self.status)
        return Response(atom(entry()), headers={"ETag": "abc123"})


def ask(httpserver, session, server, **more):
    httpserver.expect_request("/atom/cs.AI").respond_with_handler(server)
    return batch.ask(session, httpserver.url_for(""), ["cs.AI"], **more)


def test_a_feed_that_has_not_changed_needs_no_body(httpserver, session):
    server = Cached()
    first = ask(httpserver, session, server)
    assert not first.unchanged
    assert first.validators == LAST_TIME
    again = ask(httpserver, session, server, validators=first.validators)
    assert (again.unchanged, again.body) == (True, b"")
    assert session.requests_made == 2


@pytest.mark.parametrize("validators", [None, {}, {"If-None-Match": ""}, {"Cookie": "abc123"}])
def test_a_304_to_who_asked_about_nothing_is_no_answer(httpserver, session, validators):
    """A cache that says so by mistake would make a night of news a quiet one."""
    with pytest.raises(SourceError, match="HTTP 304") as caught:
        ask(httpserver, session, Cached(always=True), validators=validators)
    assert caught.value.verdict is Verdict.MALFORMED


@pytest.mark.parametrize("status", [204, 404])
@pytest.mark.parametrize("validators", [{}, LAST_TIME])
def test_no_other_answer_without_a_body_is_one(httpserver, session, status, validators):
    with pytest.raises(SourceError, match=f"HTTP {status}"):
        ask(httpserver, session, Cached(always=True, status=status), validators=validators)


def test_an_empty_body_is_not_what_was_known(httpserver, make_session):
    """Not even where the digest of nothing was kept."""
    nothing = hashlib.sha256(b"").hexdigest()
    httpserver.expect_request("/atom/cs.AI").respond_with_data(b"")
    with pytest.raises(SourceError) as caught:
        batch.ask(make_session(attempts=1), httpserver.url_for(""), ["cs.AI"], known=nothing, validators=LAST_TIME)
    assert caught.value.verdict is Verdict.CUT_SHORT


def test_a_changed_feed_is_proven_whatever_validators_were_sent(httpserver, make_session):
    httpserver.expect_request("/atom/cs.AI").respond_with_data(atom(entry())[:900])
    with pytest.raises(SourceError) as caught:
        batch.ask(make_session(attempts=1), httpserver.url_for(""), ["cs.AI"], validators=LAST_TIME)
    assert caught.value.verdict is Verdict.CUT_SHORT


def test_the_feed_is_asked_at_its_address(httpserver, session):
    httpserver.expect_ordered_request("/atom/cs.AI+q-bio.NC").respond_with_data(atom(entry()))
    told = feed.fetch_feed(session, httpserver.url_for("/"), ["cs.AI", "q-bio.NC"])
    assert [a.paper.id for a in told.announcements] == ["2602.00001"]


def test_a_cut_feed_is_asked_for_again(httpserver, session):
    whole = atom(entry())
    httpserver.expect_ordered_request("/atom/cs.AI").respond_with_data(whole[:900])
    httpserver.expect_ordered_request("/atom/cs.AI").respond_with_data("Rate exceeded.")
    httpserver.expect_ordered_request("/atom/cs.AI").respond_with_data(whole)
    assert feed.fetch_feed(session, httpserver.url_for(""), ["cs.AI"]).day == date(2026, 2, 3)
    assert session.requests_made == 3


def test_a_feed_that_stays_cut_is_told_so(httpserver, make_session):
    httpserver.expect_request("/atom/cs.AI").respond_with_data(atom(entry())[:900])
    session = make_session(attempts=3)
    with pytest.raises(SourceError) as caught:
        feed.fetch_feed(session, httpserver.url_for(""), ["cs.AI"])
    assert caught.value.verdict is Verdict.CUT_SHORT
    assert session.requests_made == 3


def test_an_error_feed_is_not_asked_for_again(httpserver, session):
    body = atom(title="Feed error for query: x", subtitle="Invalid archive or subject class")
    httpserver.expect_request("/atom/cs.XX").respond_with_data(body, status=400)
    with pytest.raises(SourceError, match="Invalid archive"):
        feed.fetch_feed(session, httpserver.url_for(""), ["cs.XX"])
    assert session.requests_made == 1
