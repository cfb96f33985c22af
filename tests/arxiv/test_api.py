"""Papers asked by identifier."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from werkzeug import Request, Response

from digest.arxiv import api
from digest.errors import SourceError
from digest.identifiers import Identifier, parse
from digest.model import Verdict

HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>arXiv Query</title>
<updated>2026-02-03T06:00:00Z</updated>
<opensearch:totalResults>{total}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>"""


def entry(id: str, version: int = 1, **changes: str) -> str:
    field = {
        "title": "On the Weather of\n  Invented Planets",
        "summary": "  We invent.",
        "published": "2026-02-02T10:00:00Z",
        "updated": "2026-02-02T10:00:00Z",
        "extra": "",
    } | changes
    return (
        f"<entry><id>http://arxiv.org/abs/{id}v{version}</id><title>{escape(field['title'])}</title>"
        f"<updated>{field['updated']}</updated><summary>{escape(field['summary'])}</summary>"
        '<category term="cs.CL"/><category term="cs.AI"/>'
        f"<published>{field['published']}</published>{field['extra']}"
        '<arxiv:primary_category term="cs.AI"/><author><name>Zoë Müller</name><arxiv:affiliation>Nowhere'
        "</arxiv:affiliation></author><author><name>Bo Writer</name></author></entry>"
    )


def feed(*entries: str, total: int | None = None) -> bytes:
    return (HEAD.format(total=len(entries) if total is None else total) + "".join(entries) + "</feed>").encode()


def error_feed(reason: str) -> bytes:
    error = (
        "<entry><id>https://arxiv.org/api/errors#wrong</id><title>Error</title><updated>2026-02-03T06:00:00Z</updated>"
        f"<summary>{reason}</summary></entry>"
    )
    return feed(error, total=1)


class Arxiv:
    """Has papers; refuses a question that names a bad identifier, as arXiv does."""

    def __init__(self, *papers: str, bad: tuple[str, ...] = (), reason: str = "malformed", status: int = 400) -> None:
        self.papers, self.bad, self.reason, self.status = papers, bad, reason, status
        self.questions: list[list[str]] = []

    def __call__(self, request: Request) -> Response:
        ids = request.args["id_list"].split(",")
        self.questions.append(ids)
        assert int(request.args["max_results"]) == len(ids)
        assert request.headers["User-Agent"] == "digest-tests/1"
        if refused := [id for id in ids if id in self.bad]:
            return Response(error_feed(self.reason.format(refused[0])), status=self.status)
        found = [parse(id) for id in ids if parse(id).id in self.papers]
        return Response(feed(*(entry(item.id, item.version or 3) for item in found)))


def lookup(httpserver, session, server, ids: list[str]) -> api.Lookup:
    httpserver.expect_request("/api/query").respond_with_handler(server)
    return api.lookup(session, httpserver.url_for("/api/query"), [parse(id) for id in ids])


def test_every_field_of_an_entry_is_read(httpserver, session):
    extra = (
        r"<arxiv:comment>12 pages, Erd\H{o}s</arxiv:comment><arxiv:journal_ref>Rev. 3--4</arxiv:journal_ref>"
        "<arxiv:doi>10.1/x 10.2/y</arxiv:doi>"
    )
    body = feed(entry("2602.00001", 2, updated="2026-02-05T01:00:00Z", title="A $a&lt;b$\n  B", extra=extra))
    found = lookup(httpserver, session, lambda request: Response(body), ["2602.00001"])
    paper = found.papers[Identifier("2602.00001")]
    assert found.missing == ()
    assert (paper.id, paper.version) == ("2602.00001", 2)
    assert paper.title == "A $a&lt;b$ B"
    assert paper.abstract == "We invent."
    assert paper.authors == ("Zoë Müller", "Bo Writer")
    assert paper.categories == ("cs.AI", "cs.CL"), "the primary is first"
    assert paper.submitted == datetime(2026, 2, 2, 10, tzinfo=UTC)
    assert paper.updated == datetime(2026, 2, 5, 1, tzinfo=UTC)
    assert (paper.comment, paper.journal_ref, paper.dois) == ("12 pages, Erdős", "Rev. 3–4", ("10.1/x", "10.2/y"))


def test_asked_and_returned_are_compared(httpserver, session):
    """Versions that are named come; what arXiv does not have is missing, not forgotten."""
    server = Arxiv("2602.00001", "hep-th/9901001")
    found = lookup(httpserver, session, server, ["2602.00001v2", "2602.77777", "hep-th/9901001", "2602.00001v2"])
    assert {str(asked): paper.version for asked, paper in found.papers.items()} == {
        "2602.00001v2": 2,
        "hep-th/9901001": 3,
    }
    assert found.missing == (Identifier("2602.77777"),)
    assert len(server.questions) == 1


def test_another_version_than_the_one_asked_is_no_answer(httpserver, session):
    found = lookup(httpserver, session, lambda _: Response(feed(entry("2602.00001", 1))), ["2602.00001v9"])
    assert found.missing == (Identifier("2602.00001", 9),)


def test_many_are_asked_a_hundred_at_a_time(httpserver, session):
    ids = [f"2602.{number:05d}" for number in range(1, 251)]
    server = Arxiv(*ids)
    found = lookup(httpserver, session, server, ids)
    assert [len(question) for question in server.questions] == [100, 100, 50]
    assert list(map(str, found.papers)) == ids


def test_nothing_is_asked_for_nothing(session):
    assert api.lookup(session, "http://127.0.0.1:1/api/query", []) == api.Lookup({}, ())


def test_the_identifier_that_arxiv_names_costs_one_question(httpserver, session):
    server = Arxiv("2602.00001", "2602.00003", bad=("2602.00002",), reason="incorrect id format for {}")
    found = lookup(httpserver, session, server, ["2602.00001", "2602.00002", "2602.00003"])
    assert found.missing == (Identifier("2602.00002"),)
    assert len(found.papers) == 2
    assert len(server.questions) == 2


@pytest.mark.parametrize("status", [400, 200])
def test_a_bad_identifier_that_arxiv_does_not_name_is_narrowed_down(httpserver, session, status):
    """With the status of today's server and with that of the one before."""
    ids = [f"2602.{number:05d}" for number in range(1, 17)]
    server = Arxiv(*ids, bad=(ids[5], ids[11]), status=status)
    found = lookup(httpserver, session, server, ids)
    assert found.missing == (parse(ids[5]), parse(ids[11]))
    assert len(found.papers) == 14
    assert len(server.questions) <= 15


def test_a_refusal_that_is_about_no_identifier_is_an_error(httpserver, session):
    """Whatever is asked is refused: that says nothing of the papers."""
    with pytest.raises(SourceError, match="index is being rebuilt") as caught:
        lookup(
            httpserver, session, lambda _: Response(error_feed("index is being rebuilt"), status=400), ["2602.00001"]
        )
    assert caught.value.verdict is Verdict.MALFORMED


def test_a_refusal_of_everything_is_not_narrowed_down_for_ever(httpserver, session):
    ids = [f"2602.{number:05d}" for number in range(1, 101)]
    with pytest.raises(SourceError, match="no reason"):
        lookup(httpserver, session, lambda _: Response(error_feed(""), status=400), ids)
    assert session.requests_made <= 40


def test_two_bad_among_a_hundred_are_found(httpserver, session):
    ids = [f"2602.{number:05d}" for number in range(1, 101)]
    server = Arxiv(*ids, bad=(ids[0], ids[99]))
    assert lookup(httpserver, session, server, ids).missing == (parse(ids[0]), parse(ids[99]))


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(feed(total=4321), Verdict.EMPTY_UNEXPECTED, id="an empty first page"),
        pytest.param(feed(entry("2602.00001"), total=2), Verdict.CUT_SHORT, id="fewer than counted"),
        pytest.param(b"Rate exceeded.", Verdict.THROTTLED, id="throttled with status 200"),
        pytest.param(b"<html><title>Sorry</title></html>", Verdict.MALFORMED, id="outage page"),
        pytest.param(feed(entry("2602.00001"), entry("2602.00002"))[:-300], Verdict.CUT_SHORT, id="cut"),
        pytest.param(feed(entry("2602.00001", published="soon"), entry("2602.00002")), Verdict.MALFORMED, id="dates"),
        pytest.param(feed(entry("2602.00001")).replace(b"opensearch:totalResults", b"n"), Verdict.MALFORMED, id="count"),
    ],
)  # fmt: skip
def test_what_the_package_would_take_for_no_papers_is_an_error(httpserver, make_session, body, verdict):
    """Each is asked again first, because the next answer may be whole."""
    session = make_session(attempts=2)
    with pytest.raises(SourceError) as caught:
        lookup(httpserver, session, lambda _: Response(body), ["2602.00001", "2602.00002"])
    assert caught.value.verdict is verdict
    assert session.requests_made == 2


@pytest.mark.parametrize("bad", ["2613.00001", "2602.1", "hep-xx/9901001", "2602.00001v0", ""])
def test_an_entry_that_is_of_no_paper_makes_the_answer_unbelievable(httpserver, make_session, bad):
    """The package would hand it out; the entry beside it may be as wrong."""
    body = feed(entry("2602.00001"), entry("2602.00002")).replace(b"2602.00002v1", bad.encode())
    with pytest.raises(SourceError, match="an entry cannot be read") as caught:
        lookup(httpserver, make_session(attempts=1), lambda _: Response(body), ["2602.00001", "2602.00002"])
    assert caught.value.verdict is Verdict.MALFORMED


def test_a_paper_that_nobody_asked_for_is_not_taken_for_one_that_was(httpserver, session):
    body = feed(entry("2602.00007"), entry("2602.00002"))
    found = lookup(httpserver, session, lambda _: Response(body), ["2602.00001", "2602.00002"])
    assert list(found.papers) == [Identifier("2602.00002")]
    assert found.missing == (Identifier("2602.00001"),)


def test_an_empty_answer_may_be_followed_by_a_whole_one(httpserver, session):
    answers = iter([feed(total=2), feed(entry("2602.00001"), entry("2602.00002"))])
    found = lookup(httpserver, session, lambda _: Response(next(answers)), ["2602.00001", "2602.00002"])
    assert len(found.papers) == 2


def test_another_status_without_a_reason_is_an_error(httpserver, session):
    with pytest.raises(SourceError) as caught:
        lookup(httpserver, session, lambda _: Response(feed(), status=404), ["2602.00001"])
    assert caught.value.verdict is Verdict.MALFORMED
