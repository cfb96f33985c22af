"""The sources outside arXiv, on real sockets: what they are asked, and what is believed of their answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.arxiv.session import OTHERS, PoliteSession
from digest.backends.enrichers import enricher, fields
from digest.backends.enrichers.openreview import same_paper
from digest.errors import SourceError
from digest.model import GivenTopic, PaperId, Teller, Testimony, Verdict
from digest.ports import Enricher
from digest.testing.builders import make_paper
from digest.testing.fake_sources import (
    FakeSources,
    hub_paper,
    openalex_work,
    reply,
    scholar_record,
    submission,
)

SECRET = "s3cret-k3y"
PAPERS = [make_paper(id=PaperId(name)) for name in ("2602.90001", "hep-th/9901001", "2602.90003")]
TITLE = "Harrow: Rejecting Unsupported Answers in Retrieval-Augmented Generation"
HARROW = make_paper(title=TITLE, authors=("Ada Byron", "José Núñez"))

Make = Callable[..., Enricher]


@pytest.fixture
def sources() -> FakeSources:
    return FakeSources()


@pytest.fixture
def server(httpserver: HTTPServer, sources: FakeSources) -> HTTPServer:
    def answer(request: Request) -> Response:
        status, value = sources.answer(request.path, request.args, request.get_data(), request.headers)
        return Response(json.dumps(value), status, content_type="application/json")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver


@pytest.fixture
def make(httpserver: HTTPServer, tmp_path) -> Iterator[Make]:
    made: list[Enricher] = []

    def one(teller: Teller, key: str = "", **changes) -> Enricher:
        arguments = {"user_agent": "t", "state_dir": tmp_path, "request_interval": 0.0, "page_interval": 0.0}
        web = PoliteSession(**(arguments | {"manners": OTHERS, "attempts": 2} | changes))
        made.append(enricher(teller, web, httpserver.url_for(""), key))
        return made[-1]

    yield one
    for each in made:
        each.close()


# --- what they say ---------------------------------------------------------------------------------------------------


def test_semantic_scholar_is_asked_for_many_papers_at_once(server, sources, make):
    """Papers that it does not know are told from those that it knows, in the order asked."""
    sources.scholar["hep-th/9901001"] = scholar_record("hep-th/9901001")
    source = make(Teller.SEMANTIC_SCHOLAR)
    assert source.ask(PAPERS) == {
        "2602.90001": None,
        "hep-th/9901001": Testimony(
            page="https://www.semanticscholar.org/paper/649def34f8be52c8b66281af98ae884c09aef38b?utm_source=api",
            citations=12,
            influential=2,
            reference_count=3,
            references=("arxiv:1706.03762", "doi:10.18653/v1/n19-1423"),
            venue="International Conference on Learning Representations",
            tldr="Rejecting unsupported sentences makes answers more faithful.",
        ),
        "2602.90003": None,
    }
    assert sources.asked == [("/graph/v1/paper/batch", "ARXIV:2602.90001 ARXIV:hep-th/9901001 ARXIV:2602.90003")]
    assert source.requests_made == 1


def test_semantic_scholar_that_knows_none_says_so_by_a_status(server, sources, make):
    """It answers 400 rather than null for each; any other 400 is a fault."""
    assert make(Teller.SEMANTIC_SCHOLAR).ask(PAPERS) == dict.fromkeys([paper.id for paper in PAPERS])
    with pytest.raises(SourceError, match="HTTP 400"):
        make(Teller.SEMANTIC_SCHOLAR).ask(PAPERS * 200)


def test_openalex_is_asked_by_arxiv_s_own_dois(server, sources, make):
    sources.openalex["2602.90001"] = openalex_work("2602.90001", is_retracted=True)
    sources.openalex["hep-th/9901001"] = openalex_work("hep-th/9901001", topics=[])
    found = make(Teller.OPENALEX).ask(PAPERS)
    topic = GivenTopic(
        id="T10028",
        name="Topic Modeling",
        subfield="Artificial Intelligence",
        field="Computer Science",
        domain="Physical Sciences",
        score=0.9987,
    )
    page = "https://openalex.org/W4414521234"
    assert found["2602.90001"] == Testimony(page=page, citations=9, topics=(topic,), retracted=True)
    assert found["hep-th/9901001"] == Testimony(page=page, citations=9)
    assert found["2602.90003"] is None
    assert len(sources.asked) == 1


def test_a_work_that_was_not_asked_for_is_passed_over(httpserver, make):
    works = [openalex_work("2602.90009"), openalex_work("2602.90001", doi=None), openalex_work("2602.90001", doi=7)]
    httpserver.expect_request("/works").respond_with_json({"results": works})
    assert make(Teller.OPENALEX).ask(PAPERS[:1]) == {"2602.90001": None}


def test_of_two_works_with_one_doi_the_most_cited_counts(httpserver, make):
    works = [
        openalex_work("2602.90001", id=f"https://openalex.org/W{n}", cited_by_count=c) for n, c in ((3, 1), (2, 7))
    ]
    httpserver.expect_request("/works").respond_with_json({"results": works})
    assert make(Teller.OPENALEX).ask(PAPERS[:1])["2602.90001"].citations == 7


def test_hugging_face_has_some_papers(server, sources, make):
    """An identifier of the old kind is not even asked for."""
    sources.hub["2602.90001"] = hub_paper("2602.90001")
    assert make(Teller.HUGGINGFACE).ask(PAPERS) == {
        "2602.90001": Testimony(
            page="https://huggingface.co/papers/2602.90001",
            tldr="Harrow checks each sentence against its passage.",
            upvotes=31,
            code="https://github.com/example/harrow",
            stars=120,
            project="https://example.github.io/harrow",
            models=1,
            datasets=2,
        ),
        "hep-th/9901001": None,
        "2602.90003": None,
    }
    assert [asked for _, asked in sources.asked] == ["2602.90001", "2602.90003"]


def test_openreview_tells_venue_decision_and_ratings(server, sources, make):
    sources.submissions.append(submission(TITLE.upper(), ["Jose Nunez"]))
    sources.threads["LzPWWPAdY4"] = [
        reply("Official_Review", rating="6: marginally above the acceptance threshold"),
        reply("Official_Review", overall_recommendation=8),
        reply("Official_Comment", comment="Thank you."),
        reply("Decision", decision="Accept (poster)"),
    ]
    assert make(Teller.OPENREVIEW).ask([HARROW])[HARROW.id] == Testimony(
        page="https://openreview.net/forum?id=LzPWWPAdY4",
        venue="ICLR 2026 Poster",
        decision="Accept (poster)",
        ratings=(8.0, 6.0),
    )


def test_openreview_that_shows_no_reviews_still_tells_the_venue(httpserver, make):
    """Who is refused once does not ask for reviews again."""
    httpserver.expect_request("/notes/search").respond_with_json({"notes": [submission(TITLE, ["Ada Byron"])]})
    httpserver.expect_request("/notes").respond_with_json({"name": "ForbiddenError"}, status=403)
    source = make(Teller.OPENREVIEW)
    for _ in range(2):
        assert source.ask([HARROW])[HARROW.id].venue == "ICLR 2026 Poster"
    assert source.requests_made == 3


@pytest.mark.parametrize(
    ("notes", "forum"),
    [
        pytest.param([submission(TITLE, ["A. Byron"])], "LzPWWPAdY4", id="an author"),
        pytest.param([submission(TITLE + "!", ["Ada Byron"])], "LzPWWPAdY4", id="signs differ"),
        pytest.param([submission(TITLE + " Again", ["Ada Byron"])], None, id="another title"),
        pytest.param([submission(TITLE, ["Grace Hopper"])], None, id="other authors"),
        pytest.param([submission(TITLE, [])], "LzPWWPAdY4", id="hidden authors"),
        pytest.param([submission(TITLE, []), submission(TITLE, [], forum="x2")], None, id="hidden, and two of them"),
        pytest.param(
            [submission(TITLE, ["Ada Byron"]), submission(TITLE, ["Ada Byron"], forum="x2") | {"cdate": 1790000000000}],
            "x2",
            id="submitted twice",
        ),
        pytest.param([submission(TITLE, ["Ada Byron"], venueid="dblp.org/journals/CORR/2026")], None, id="a copy"),
        pytest.param([submission(TITLE, ["Ada Byron"]) | {"forum": "another"}], None, id="a reply"),
        pytest.param([submission(TITLE, ["Ada Byron"]) | {"id": '"><script>'}], None, id="no identifier"),
    ],
)
def test_a_submission_is_the_paper_where_title_and_author_say_so(notes, forum):
    found = same_paper(HARROW, notes)
    assert (found and found["id"]) == forum


def test_a_short_title_needs_an_author():
    assert same_paper(make_paper(title="Harrow"), [submission("Harrow", [])]) is None


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("teller", [Teller.SEMANTIC_SCHOLAR, Teller.OPENALEX, Teller.HUGGINGFACE])
def test_a_key_is_sent_in_no_address_and_told_in_no_error(server, sources, make, teller):
    sources.keys = frozenset((SECRET,))
    make(teller, SECRET).ask(PAPERS[:1])
    assert all(SECRET not in request.url for request, _ in server.log)
    with pytest.raises(SourceError) as caught:
        make(teller, f"{SECRET}x").ask(PAPERS[:1])
    assert caught.value.verdict is Verdict.BLOCKED
    assert SECRET not in str(caught.value)
    with pytest.raises(SourceError, match="refuses questions without a key"):
        make(teller).ask(PAPERS[:1])


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_what_can_be_no_header_is_no_key(make, key):
    for teller in (Teller.SEMANTIC_SCHOLAR, Teller.OPENALEX, Teller.HUGGINGFACE):
        with pytest.raises(SourceError) as caught:
            make(teller, key)
        assert key not in str(caught.value)


def test_a_redirect_to_another_host_gets_no_key(httpserver, make):
    """Not even one to a host of arXiv's, which the session for arXiv would follow."""
    for target in ("https://elsewhere.example/works", "https://arxiv.org/works", "http://localhost:1/works"):
        httpserver.clear()
        httpserver.expect_request("/works").respond_with_data("", status=302, headers={"Location": target})
        source = make(Teller.OPENALEX, SECRET)
        with pytest.raises(SourceError, match="not followed"):
            source.ask(PAPERS)
        assert source.requests_made == 1


def test_a_post_is_not_redirected(httpserver, make):
    headers = {"Location": httpserver.url_for("/there")}
    httpserver.expect_request("/graph/v1/paper/batch").respond_with_data("", status=307, headers=headers)
    with pytest.raises(SourceError, match="not followed"):
        make(Teller.SEMANTIC_SCHOLAR, SECRET).ask(PAPERS)


# --- hostile answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>down for maintenance</html>", id="a page"),
        pytest.param(b'[{"paperId": "649def', id="cut"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="too short a list"),
        pytest.param(b'{"results": 5}', id="no list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"error": "No valid paper ids given"}', id="an error as an answer"),
    ],
)
@pytest.mark.parametrize("teller", [Teller.SEMANTIC_SCHOLAR, Teller.OPENALEX, Teller.OPENREVIEW])
def test_what_is_no_answer_is_a_fault(httpserver, make, teller, body):
    httpserver.expect_request(re.compile(".*")).respond_with_data(body, content_type="application/json")
    with pytest.raises(SourceError) as caught:
        make(teller).ask(PAPERS)
    assert (caught.value.source, caught.value.verdict) == (teller, Verdict.MALFORMED)


def test_an_answer_beyond_all_measure_is_not_read(httpserver, make, monkeypatch):
    monkeypatch.setattr("digest.backends.enrichers.http.LIMIT_BYTES", 1000)
    httpserver.expect_request("/works").respond_with_json({"results": [], "padding": "x" * 2000})
    with pytest.raises(SourceError, match="larger than 1,000 bytes"):
        make(Teller.OPENALEX).ask(PAPERS)


@pytest.mark.parametrize(
    ("teller", "path", "answer"),
    [
        pytest.param(
            Teller.SEMANTIC_SCHOLAR, "/graph/v1/paper/batch", [scholar_record("2602.90009")], id="scholar: other paper"
        ),
        pytest.param(Teller.SEMANTIC_SCHOLAR, "/graph/v1/paper/batch", ["nonsense"], id="scholar: no record"),
        pytest.param(
            Teller.OPENALEX,
            "/works",
            {"results": [openalex_work("2602.90001", id="javascript:alert(1)")]},
            id="openalex: no identifier",
        ),
        pytest.param(Teller.HUGGINGFACE, "/api/papers/2602.90001", hub_paper("2602.90002"), id="hub: other paper"),
        pytest.param(Teller.HUGGINGFACE, "/api/papers/2602.90001", ["nonsense"], id="hub: no record"),
    ],
)
def test_what_is_said_of_another_paper_is_not_believed(httpserver, make, teller, path, answer):
    """The paper is left out: neither known nor unknown."""
    httpserver.expect_request(path).respond_with_json(answer)
    assert make(teller).ask(PAPERS[:1]) == {}


def test_a_field_of_the_wrong_kind_costs_that_field_alone(httpserver, make):
    record = scholar_record("2602.90001", citationCount="many", tldr=["x"], influentialCitationCount=True, venue=7)
    record["references"] = [None, 7, {"externalIds": {"ArXiv": 7, "DOI": "no DOI"}}, {"externalIds": ["x"]}]
    httpserver.expect_request("/graph/v1/paper/batch").respond_with_json([record])
    said = make(Teller.SEMANTIC_SCHOLAR).ask(PAPERS[:1])["2602.90001"]
    assert (said.citations, said.influential, said.tldr, said.venue, said.references) == (None, None, "", "", ())
    assert said.reference_count == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(value=json_values)
def test_any_json_is_read_as_a_field(value):
    """Each reader takes anything, and what comes out is of its own kind and size."""
    assert type(fields.table(value)) is dict
    assert len(fields.items(value, 2)) <= 2
    assert len(fields.text(value, 10)) <= 10
    assert fields.count(value) is None or 0 <= fields.count(value) < fields.MOST
    assert fields.number(value) is None or abs(fields.number(value)) <= 1000
    assert 0 <= fields.share(value) <= 1
    assert fields.address(value) == "" or fields.address(value) == value
    assert fields.reference(value, value) == "" or ":" in fields.reference(value, value)


@pytest.mark.parametrize(
    "address",
    [
        "http://github.com/a/b",
        "https://user:pass@github.com/a",
        "javascript:alert(1)",
        "https://github.com/a b",
        "https://github.com/a)[x](y",
        "https://github.com/a<script>",
        "https://localhost/x",
        "https://[::1",
        "obsidian://open?vault=x",
        "https://github.com/" + "a" * 400,
    ],
)
def test_what_is_no_plain_address_is_none(address):
    assert fields.address(address) == ""


@pytest.mark.parametrize("address", ["https://github.com/a/b-c_d.e", "https://example.org", "https://x.org/?q=1#top"])
def test_plain_addresses_are_taken(address):
    assert fields.address(address) == address


@pytest.mark.parametrize(
    ("arxiv", "doi", "found"),
    [
        ("1706.03762", "10.1/x", "arxiv:1706.03762"),
        ("1706.03762v5", None, "arxiv:1706.03762"),
        ("math.AG/0601001", None, "arxiv:math.AG/0601001"),
        (None, "10.48550/arXiv.1706.03762", "arxiv:1706.03762"),
        (None, "10.48550/arXiv.hep-th/9901001", "arxiv:hep-th/9901001"),
        (None, "10.18653/V1/N19-1423", "doi:10.18653/v1/n19-1423"),
        ("../../etc", "10.1", ""),
    ],
)
def test_references_are_known_by_identifier_or_doi(arxiv, doi, found):
    assert fields.reference(arxiv, doi) == found


# --- time and pace ---------------------------------------------------------------------------------------------------


def test_a_wait_that_is_longer_than_the_night_is_not_waited(httpserver, make):
    """A source that asks for ten minutes is left alone at once, where it has one."""
    httpserver.expect_request("/works").respond_with_data("busy", status=429, headers={"Retry-After": "600"})
    slept: list[float] = []
    source = make(Teller.OPENALEX, budget=60.0, sleep=slept.append)
    with pytest.raises(SourceError) as caught:
        source.ask(PAPERS)
    assert (caught.value.verdict, slept, source.requests_made) == (Verdict.THROTTLED, [], 1)


def test_time_that_is_spent_is_spent(httpserver, make):
    httpserver.expect_request("/works").respond_with_json({"results": []})
    now = [1_790_000_000.0]
    source = make(Teller.OPENALEX, budget=60.0, clock=lambda: now[0])
    assert source.seconds_left == 60.0
    source.ask(PAPERS)
    now[0] += 61
    with pytest.raises(SourceError, match="60 s are spent"):
        source.ask(PAPERS)
    assert source.requests_made == 1
