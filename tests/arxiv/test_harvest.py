"""A harvest around pages that arXiv cannot write: one record can make each page fail that it is on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from digest.arxiv import oai
from digest.arxiv.session import Answer, ServerFault
from digest.errors import SourceError
from digest.model import Verdict
from digest.testing.serving import oai as served
from digest.testing.serving.answer import Request as Asked
from digest.testing.serving.answer import Twists
from digest.testing.serving.archive import Archive

NOW = datetime(2026, 2, 7, 12, tzinfo=UTC)
SINCE = date(2026, 1, 31)
DAYS = ("2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06")


def paper(number: int, day: str, *categories: str) -> dict[str, Any]:
    return {
        "id": f"2602.{number:05}",
        "title": f"On Invented Planet {number}",
        "authors": ["Ada Uthor"],
        "abstract": "We invent.",
        "categories": list(categories),
        "first_seen": day,
    }


class Host:
    """arXiv's OAI-PMH of *papers*, which fails on each page with a *poisoned* record."""

    def __init__(self, papers: Iterable[Mapping[str, Any]], poisoned: Sequence[str] = (), page_size: int = 3) -> None:
        self.archive, self.poisoned, self.page_size = Archive(papers), tuple(poisoned), page_size
        self.asked: list[dict[str, str]] = []
        self.fails: bool | tuple[str, ...] = False  # True: whatever is asked; else these verbs

    def answer(self, params: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append(dict(params))
        query = tuple(params.items())
        asked = Asked(method="GET", path="/oai", query=query, raw=f"/oai?{urlencode(query)}", host="127.0.0.1")
        body = served.answer(self.archive, asked, NOW, self.page_size, Twists()).body
        fails = self.fails is True or (self.fails and params["verb"] in self.fails)
        if fails or any(f"<id>{id}</id>".encode() in body for id in self.poisoned):
            return 500, b"<h1>Internal Server Error</h1>"
        return 200, body

    def steps(self) -> list[tuple[str, str, str]]:
        """The lists that were asked for, in order: set, from, until."""
        lists = (one for one in self.asked if "set" in one)
        return [(one["set"], one["from"], one.get("until", "")) for one in lists]

    def __call__(self, request: Request) -> Response:
        status, body = self.answer(request.args.to_dict())
        return Response(body, status=status, content_type="text/xml")


def harvest(session, url: str, oai_set: str = "cs", **more: Any) -> tuple[list[oai.OaiPage], SourceError | None]:
    pages: list[oai.OaiPage] = []
    try:
        for page in oai.harvest(session, url, oai_set=oai_set, since=more.pop("since", SINCE), **more):
            pages.append(page)
    except SourceError as caught:
        return pages, caught
    return pages, None


def ids(pages: Iterable[oai.OaiPage]) -> list[str]:
    return [record.paper.id for page in pages for record in page.records]


@pytest.fixture
def serve(httpserver):
    def at(host: Host) -> str:
        httpserver.expect_request("/oai").respond_with_handler(host)
        return httpserver.url_for("/oai")

    return at


@pytest.fixture
def session(make_session):
    return make_session(attempts=2)


PAPERS = [
    paper(1, DAYS[0], "cs.AI"),
    paper(2, DAYS[0], "cs.LG"),
    paper(3, DAYS[0], "cs.AI", "cs.LG"),
    paper(4, DAYS[1], "cs.AI"),
    paper(5, DAYS[1], "cs.LG", "cs.AI"),
    paper(6, DAYS[1], "cs.LG"),
    paper(7, DAYS[2], "cs.AI"),
    paper(8, DAYS[3], "cs.CV"),
]


def test_a_record_that_arxiv_cannot_write_costs_its_day_in_its_category_alone(serve, session):
    """2602.00004 fails the whole archive's second page, then cs.AI, then one day of cs.AI; all else is read, once."""
    host = Host(PAPERS, poisoned=["2602.00004"])
    pages, error = harvest(session, serve(host))
    read = ids(pages)
    assert sorted(read) == [f"2602.0000{n}" for n in (1, 2, 3, 5, 6, 7, 8)]
    assert error is not None
    assert (error.verdict, error.source) == (Verdict.CUT_SHORT, "oai")
    assert "cs:cs:AI on 2026-02-04" in str(error)
    assert str(error).count(" on 20") == 1, "nothing else is unread"
    assert "HTTP 500" in str(error)


def test_pages_that_fail_only_in_a_long_list_are_read_to_the_last(serve, session):
    """Every page but the first fails; each category fits on one, so that the harvest is whole."""

    class Hasty(Host):
        def answer(self, params):
            status, body = super().answer(params)
            return (500, b"") if "resumptionToken" in params else (status, body)

    pages, error = harvest(session, serve(Hasty(PAPERS, page_size=5)))
    assert error is None
    assert sorted(ids(pages)) == [one["id"] for one in PAPERS]
    assert len(set(ids(pages))) == len(PAPERS)


def test_a_set_without_parts_is_read_day_by_day(serve, session):
    """A category's set: days from the first to arXiv's today, the last without an end."""
    host = Host(PAPERS, poisoned=["2602.00004"])
    pages, error = harvest(session, serve(host), oai_set="cs:cs:AI")
    assert sorted(ids(pages)) == ["2602.00001", "2602.00003", "2602.00007"], "2602.00005 is of that day too"
    assert error is not None
    assert "cs:cs:AI on 2026-02-04" in str(error)
    steps = list(dict.fromkeys(host.steps()))
    days = [str(SINCE + timedelta(days=n)) for n in range(8)]
    assert steps[0] == ("cs:cs:AI", "2026-01-31", "")
    assert steps[1:] == [("cs:cs:AI", day, day) for day in days[:-1]] + [("cs:cs:AI", days[-1], "")]


def test_a_span_of_months_is_read_by_the_month_first(serve, session):
    host = Host(PAPERS, poisoned=["2602.00004"])
    until = date(2026, 2, 5)
    pages, error = harvest(session, serve(host), oai_set="cs:cs:AI", since=date(2025, 10, 1), until=until)
    assert sorted(ids(pages)) == ["2602.00001", "2602.00003", "2602.00007"], "2602.00005 is of that day too"
    assert error is not None
    assert error.verdict is Verdict.CUT_SHORT
    spans = [(date.fromisoformat(since), date.fromisoformat(end)) for _, since, end in dict.fromkeys(host.steps())]
    months = [span for span in spans[1:] if span[0] != span[1] or span == spans[-1]]
    assert [(end - since).days for since, end in months[:4]] == [30, 30, 30, 30]
    assert max(end for _, end in spans) == until
    assert len(spans) < 45


def test_a_harvest_without_faults_asks_nothing_more(serve, session):
    host = Host(PAPERS)
    pages, error = harvest(session, serve(host))
    assert (error, len(host.asked), len(ids(pages))) == (None, 3, 8)
    assert [one["verb"] for one in host.asked] == ["ListRecords"] * 3


def test_a_host_that_is_down_is_not_asked_in_small_steps(serve, session):
    """Identify costs arXiv nothing; who cannot answer that answers nothing."""
    host = Host(PAPERS)
    host.fails = True
    pages, error = harvest(session, serve(host))
    assert isinstance(error, ServerFault)
    assert error.verdict is Verdict.UNREACHABLE
    assert [one["verb"] for one in host.asked] == ["ListRecords"] * 2 + ["Identify"] * 2
    assert pages == []


def test_a_host_that_fails_on_every_list_is_left_alone_soon(serve, session):
    host = Host(PAPERS)
    host.fails = ("ListRecords",)
    _, error = harvest(session, serve(host))
    assert isinstance(error, ServerFault)
    assert len(host.asked) <= 2 * 9 + 1


def test_a_day_that_cannot_be_made_smaller_is_told_as_the_fault_that_it_is(serve, session):
    host = Host(PAPERS, poisoned=["2602.00004"])
    day = date(2026, 2, 4)
    pages, error = harvest(session, serve(host), oai_set="cs:cs:AI", since=day, until=day)
    assert isinstance(error, ServerFault)
    assert pages == []


def test_who_asks_to_wait_is_not_asked_in_small_steps(httpserver, make_session):
    httpserver.expect_request("/oai").respond_with_data("", status=503, headers={"Retry-After": "1"})
    session = make_session(attempts=2)
    _, error = harvest(session, httpserver.url_for("/oai"))
    assert error is not None
    assert error.verdict is Verdict.THROTTLED
    assert session.requests_made == 2


def test_a_host_that_blocks_in_between_ends_the_steps(serve, session):
    class Blocking(Host):
        def answer(self, params):
            answer = super().answer(params)
            return (403, b"") if params.get("set", "").startswith("cs:cs:A") else answer

    host = Blocking(PAPERS, poisoned=["2602.00004"])
    pages, error = harvest(session, serve(host))
    assert error is not None
    assert error.verdict is Verdict.BLOCKED
    assert ids(pages) == ["2602.00001", "2602.00002", "2602.00003"], "the page before the fault"
    assert host.steps()[-1][0].startswith("cs:cs:A")


# --- any papers, any poison ------------------------------------------------------------------------------------------


class Direct:
    """Answers from a host without a socket; a fault is told at once."""

    requests_made = 0

    def __init__(self, host: Host) -> None:
        self.host = host

    def get(self, url: str, params: Mapping[str, str], *, source: str, check=None, **_: object) -> Answer:
        status, body = self.host.answer(params)
        if status == 500:
            raise ServerFault(source, Verdict.UNREACHABLE, "HTTP 500", 500)
        answer = Answer(url, status, {}, body)
        check(answer)
        return answer


CATEGORIES = ("cs.AI", "cs.LG", "cs.CV", "stat.ML")
histories = st.lists(
    st.tuples(st.sampled_from(DAYS), st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3, unique=True)),
    min_size=1,
    max_size=14,
)


@settings(max_examples=60)
@given(history=histories, data=st.data(), page_size=st.integers(1, 5))
def test_what_is_not_read_is_named_and_nothing_is_read_twice(history, data, page_size):
    """A record of the set is handed out unless each of its parts is named as unread; then the harvest says so."""
    papers = [paper(number, day, *categories) for number, (day, categories) in enumerate(history, 1)]
    mine = [one for one in papers if any(name.startswith("cs.") for name in one["categories"])]
    names = [one["id"] for one in mine]
    poisoned = data.draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
    pages, error = harvest(Direct(Host(papers, poisoned, page_size)), "http://x/oai")
    read = ids(pages)
    assert len(read) == len(set(read))
    assert set(read) <= set(names)
    assert not set(read) & set(poisoned)
    missing = [one for one in mine if one["id"] not in read]
    if not missing:
        assert error is None or (not names and error.verdict is Verdict.EMPTY_UNEXPECTED)
        return
    assert error is not None
    assert error.verdict is Verdict.CUT_SHORT or isinstance(error, ServerFault)
    if error.verdict is Verdict.CUT_SHORT:
        for one in missing:
            parts = [(f"cs:cs:{name[3:]}", one["first_seen"]) for name in one["categories"] if name.startswith("cs.")]
            assert all(is_named(*part, str(error)) for part in parts), (parts, str(error))


def is_named(oai_set: str, day: str, told: str) -> bool:
    """By its day, as part of a span that was given up, or beyond the five that a message names."""
    return f"{oai_set} on {day}" in told or f"{oai_set} from" in told or "more parts" in told
