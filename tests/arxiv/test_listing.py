"""Listings: what arXiv's own pages count, and pages that do not add up."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request, Response

from digest.arxiv import listing
from digest.arxiv.listing import Listed
from digest.errors import SourceError
from digest.model import AnnounceType, Verdict
from digest.testing.fake_arxiv import FakeArxiv

DAY = date(2026, 2, 3)
NEW, CROSS, REPLACE = AnnounceType.NEW, AnnounceType.CROSS, AnnounceType.REPLACE
SECTIONS = (("New", NEW), ("Cross", CROSS), ("Replacement", REPLACE))


# --- pages as arXiv makes them ---------------------------------------------------------------------------------------


def entry(number: int, id: str, words: str = "An invented title") -> str:
    return f"""
<dt>
      <a name='item{number}'>[{number}]</a>
      <a href ="/abs/{id}" title="Abstract" id="{id}">
        arXiv:{id}
      </a>
        [<a href="/pdf/{id}" title="Download PDF" id="pdf-{id}">pdf</a>,
         <a href="https://arxiv.org/html/{id}v1" title="View HTML" id="html-{id}">html</a>]
    </dt>
    <dd><div class='meta'><div class='list-title mathjax'><span class='descriptor'>Title:</span> {words}</div>
    <p class='mathjax'>{words}</p></div></dd>"""


def sections(ids: Sequence[tuple[str, AnnounceType]], skip: int, show: int) -> str:
    """The part ``ids[skip:skip + show]`` of a mailing, headed as arXiv heads it."""
    html = ""
    for name, section in SECTIONS:
        places = [n for n, (_, kind) in enumerate(ids) if kind is section]
        here = [n for n in places if skip <= n < skip + show]
        if not here:
            continue
        words = "showing first" if here[-1] < places[-1] else "showing"
        if here[0] > places[0]:
            words = "continued, showing last" if here[-1] == places[-1] else "continued, showing"
        heading = f"{name} submissions ({words} {len(here)} of {len(places)} entries)"
        html += f"<dl id='articles'><h3>{heading}</h3>{''.join(entry(n + 1, ids[n][0]) for n in here)}</dl>"
    return html


def shell(inside: str, title: str = "Artificial Intelligence") -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><title>{title}</title></head>\n<body><div id="content">\n'
        f'<a href="/catchup">catchup</a>\n<div id="dlpage">{inside}</div></div></body>\n</html>\n'
    ).encode()


def new_page(ids: Sequence[tuple[str, AnnounceType]], skip: int = 0, show: int = 2000, day: str = "Tuesday, 3 February 2026") -> bytes:  # fmt: skip
    paging = f"<div class='paging'>Total of {len(ids)} entries : <span>{skip + 1}</span></div>" if ids else ""
    body = sections(ids, skip, show) or "<p>No updates today.</p>"
    return shell(
        f"<h1>Artificial Intelligence</h1><ul><li><a href='#item1'>New submissions</a></li></ul>"
        f"<h3>Showing new listings for {day}</h3>{paging}{body}{paging}"
    )


def catchup_page(ids: Sequence[tuple[str, AnnounceType]], page: int = 1, per_page: int = 2000, day: str = "Tue, 03 Feb 2026", next_day: str = "2026-02-04") -> bytes:  # fmt: skip
    link = f'<a href="/catchup/cs.AI/{next_day}?abs=True&amp;page=1">Continue to the next day</a><br><br>'
    paging = "View page: <span>1</span> <a href=/catchup/cs.AI/2026-02-03?abs=True&amp;page=2>2</a>"
    count = f"<div>{link if next_day else ''}Total of {len(ids)} entries for {day} {paging}</div>"
    nothing = f"<div><p>No updates for {day}. There was either no announcement for this day, or no updates.</p></div>"
    body = sections(ids, (page - 1) * per_page, per_page) or nothing
    return shell(f"<h1>Catchup results for Artificial Intelligence on {day}</h1>{count}{body}{count}")


def mailing(new: int, cross: int, replace: int) -> list[tuple[str, AnnounceType]]:
    kinds = [NEW] * new + [CROSS] * cross + [REPLACE] * replace
    return [(f"2602.{n:05}", kind) for n, kind in enumerate(kinds, 1)]


def parse(body: bytes) -> listing.Listing:
    return listing.parse_new(body, category="cs.AI")


def parse_catchup(body: bytes, day: date = DAY) -> listing.Listing:
    return listing.parse_catchup(body, category="cs.AI", day=day)


def refusal(body: bytes, read=parse) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(body)
    assert "cs.AI" in str(caught.value)
    return caught.value


# --- one page --------------------------------------------------------------------------------------------------------


def test_a_listing_says_what_is_in_each_section_and_how_many_there_are():
    ids = [("2602.00007", NEW), ("2602.00009", NEW), ("hep-th/0201001", CROSS), ("2501.00001", REPLACE)]
    told = parse(new_page(ids))
    assert told == listing.Listing(
        day=DAY,
        entries=tuple(Listed(id, section) for id, section in ids),
        announced={NEW: 2, CROSS: 1, REPLACE: 1},
        complete=True,
        next_day=None,
    )


@pytest.mark.parametrize(
    ("shown", "announced"),
    [
        pytest.param((0, 3), {NEW: 5}, id="first of the only section on the page"),
        pytest.param((0, 6), {NEW: 5, CROSS: 3}, id="first of the second"),
        pytest.param((3, 2), {NEW: 5}, id="continued, last"),
        pytest.param((3, 1), {NEW: 5}, id="continued, neither first nor last"),
        pytest.param((6, 4), {CROSS: 3, REPLACE: 2}, id="continued, and a later section"),
    ],
)
def test_a_part_of_a_mailing_is_told_as_a_part(shown, announced):
    """Its headings say how many there are in all; sections that are not on the page are not counted."""
    skip, show = shown
    ids = mailing(5, 3, 2)
    told = parse(new_page(ids, skip, show))
    assert [line.id for line in told.entries] == [id for id, _ in ids[skip : skip + show]]
    assert told.announced == announced
    assert not told.complete


def test_a_heading_in_arxivs_older_words_is_read():
    body = new_page(mailing(2, 0, 0)).replace(
        b"New submissions (showing 2 of 2 entries)",
        b"New submissions for Tuesday, 3 February 2026 (showing 2 of 2 entries )",
    )
    assert parse(body).announced == {NEW: 2}


def test_a_day_without_updates_is_complete_and_empty():
    told = parse(new_page([]))
    assert (told.day, told.entries, told.announced, told.complete) == (DAY, (), {}, True)
    assert parse(shell("<p>No updates today.</p>")).day is None
    told = parse_catchup(catchup_page([], next_day=""))
    assert (told.day, told.entries, told.complete, told.next_day) == (DAY, (), True, None)


def test_a_page_after_the_last_entry_is_not_an_empty_day():
    """arXiv says "No updates today." there too, under the total."""
    assert not parse(new_page(mailing(2, 0, 0), skip=2)).complete


def test_a_catchup_page_leads_to_the_next_day_by_its_address():
    ids = mailing(2, 1, 1)
    told = parse_catchup(catchup_page(ids))
    assert (told.day, told.next_day, told.complete) == (DAY, date(2026, 2, 4), True)
    assert told.announced == {NEW: 2, CROSS: 1, REPLACE: 1}
    older = catchup_page(ids).replace(b"Continue to the next day", b"Continue catchup on Wed, 04 Feb 2026")
    assert parse_catchup(older) == told
    for bad in ("2026-02-30", "2026-02-01", "2026-02-03"):
        assert parse_catchup(catchup_page(ids, next_day=bad)).next_day is None


def test_identifiers_come_from_the_terms_alone():
    """What authors write cannot add an entry, a section or a total, nor lead to another day."""
    words = (
        '</a></p></div><h3>New submissions (showing 9 of 9 entries)</h3><dl><dt><a href="/abs/2602.99999">x</a></dt></dl>'
        ' Total of 1 entries <a href="/catchup/cs.AI/2026-02-04">next</a> No updates today.'
    )
    for text in (words, escape(words)):
        body = new_page(mailing(1, 0, 0)).replace(b"An invented title", text.encode())
        if text is words:  # arXiv escapes it; if it did not, the page would not add up
            assert refusal(body).verdict in (Verdict.CUT_SHORT, Verdict.MALFORMED)
        else:
            told = parse(body)
            assert [line.id for line in told.entries] == ["2602.00001"]
            assert (told.announced, told.next_day, told.complete) == ({NEW: 1}, None, True)


def test_an_entry_that_cannot_be_read_is_told_and_the_listing_is_not_complete():
    told = parse(new_page([("2602.00001", NEW), ("2613.00001", NEW)]))
    assert [line.id for line in told.entries] == ["2602.00001"]
    assert not told.complete
    (fault,) = told.faults
    assert "2613.00001" in fault
    assert "no month 13" in fault


def test_a_paper_in_two_sections_is_listed_once_under_the_first():
    told = parse(new_page([("2602.00001", CROSS), ("2602.00001", REPLACE)]))
    assert told.entries == (Listed("2602.00001", CROSS),)
    assert (told.announced, told.complete) == ({CROSS: 1, REPLACE: 1}, True)


OUTAGE = b"<!DOCTYPE html>\n<html><head><title>arXiv is down</title></head><body><h1>Sorry</h1></body></html>"


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        pytest.param(b"", Verdict.CUT_SHORT, "empty", id="nothing"),
        pytest.param(b"Rate exceeded.", Verdict.THROTTLED, "Rate exceeded", id="throttled"),
        pytest.param(b"moved", Verdict.MALFORMED, "moved", id="prose"),
        pytest.param(b"<?xml version='1.0'?><feed></feed>", Verdict.MALFORMED, "web page", id="a feed"),
        pytest.param(OUTAGE, Verdict.MALFORMED, "arXiv is down", id="outage page"),
        pytest.param(
            shell("<h3>Showing new listings for Tuesday, 3 February 2026</h3>"),
            Verdict.MALFORMED, "neither", id="neither entries nor a word",
        ),
        pytest.param(new_page(mailing(1, 0, 0), day="Tuesday, 31 February 2026"), Verdict.MALFORMED, "no date", id="no such day"),
        pytest.param(new_page(mailing(1, 0, 0), day="today"), Verdict.MALFORMED, "no listing", id="no day"),
        pytest.param(catchup_page(mailing(1, 0, 0)), Verdict.MALFORMED, "no listing", id="another kind of page"),
        pytest.param(
            new_page(mailing(3, 0, 0)).replace(b"showing 3 of 3", b"showing 4 of 4").replace(b"Total of 3", b"Total of 4"),
            Verdict.CUT_SHORT, "3 entries in section new", id="fewer than it says",
        ),
        pytest.param(new_page(mailing(3, 0, 0)).replace(b"showing 3 of 3", b"showing 2 of 3"), Verdict.MALFORMED, "3 entries", id="more than it says"),
        pytest.param(new_page(mailing(3, 0, 0)).replace(b"showing 3 of 3", b"showing 3 of 2"), Verdict.MALFORMED, "counts", id="of fewer"),
        pytest.param(new_page(mailing(3, 0, 0)).replace(b"(showing 3 of 3 entries)", b""), Verdict.MALFORMED, "counts", id="no count"),
        pytest.param(new_page(mailing(3, 2, 0)).replace(b"Total of 5", b"Total of 4"), Verdict.MALFORMED, "of 4 in all", id="fewer in all"),
        pytest.param(new_page(mailing(1, 0, 0)).replace(b"New submissions (", b"("), Verdict.MALFORMED, "before the first section", id="no section"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused(body, verdict, words):
    told = refusal(body)
    assert told.verdict is verdict
    assert told.source == "list"
    assert words in str(told)


def test_a_catchup_page_of_another_day_is_refused():
    told = refusal(catchup_page(mailing(1, 0, 0), day="Mon, 02 Feb 2026"), read=parse_catchup)
    assert (told.source, told.verdict) == ("catchup", Verdict.MALFORMED)
    assert "2026-02-02" in str(told)


WHOLE = new_page(mailing(3, 2, 1))


@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_a_page_that_is_cut_anywhere_is_refused(at):
    assert refusal(WHOLE[:at]).verdict is Verdict.CUT_SHORT


# --- all pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_pages(monkeypatch):
    """Pages of four entries, so that a mailing of a few has several."""
    monkeypatch.setattr(listing, "PAGE", 4)


class Site:
    """Serves ``ids`` in pages of four; what *change* says takes place before its request."""

    def __init__(self, httpserver, ids, change=None) -> None:
        self.ids, self.change, self.asked = list(ids), change or {}, []
        httpserver.expect_request("/list/cs.AI/new").respond_with_handler(self.new)
        httpserver.expect_request("/catchup/cs.AI/2026-02-03").respond_with_handler(self.catchup)
        self.url = httpserver.url_for("")

    def _next(self, request: Request) -> None:
        self.asked.append(request.args.to_dict())
        self.ids = self.change.get(len(self.asked), self.ids)

    def new(self, request: Request) -> Response:
        self._next(request)
        return Response(new_page(self.ids, int(request.args["skip"]), 4), content_type="text/html")

    def catchup(self, request: Request) -> Response:
        self._next(request)
        return Response(catchup_page(self.ids, int(request.args["page"]), 4), content_type="text/html")


@pytest.mark.parametrize("counts", [(0, 0, 0), (4, 0, 0), (5, 3, 2), (0, 0, 9), (4, 4, 4), (1, 1, 1)])
def test_all_pages_of_a_mailing_are_read(httpserver, session, small_pages, counts):
    """Sections that begin on later pages are counted too."""
    site = Site(httpserver, mailing(*counts))
    expected = {section: n for (_, section), n in zip(SECTIONS, counts, strict=True) if n}
    pages = max(1, -(-sum(counts) // 4))
    for told in (listing.new(session, site.url, "cs.AI"), listing.catchup(session, site.url, "cs.AI", DAY)):
        assert [(line.id, line.section) for line in told.entries] == site.ids
        assert told.announced == expected
        assert told.complete
        assert told.day == DAY
    assert told.next_day == date(2026, 2, 4)
    asked = [{"skip": str(4 * n), "show": "4"} for n in range(pages)]
    assert site.asked == asked + [{"abs": "True", "page": str(n + 1)} for n in range(pages)]
    assert session.requests_made == 2 * pages


@pytest.mark.parametrize("ask", [lambda s, u: listing.new(s, u, "cs.AI"), lambda s, u: listing.catchup(s, u, "cs.AI", DAY)])  # fmt: skip
def test_a_mailing_that_changes_between_its_pages_is_cut_short(httpserver, make_session, small_pages, ask):
    site = Site(httpserver, mailing(9, 0, 0), change={2: mailing(9, 1, 0)})
    with pytest.raises(SourceError) as caught:
        ask(make_session(attempts=1), site.url)
    assert caught.value.verdict is Verdict.CUT_SHORT
    assert "while its pages were read" in str(caught.value)


def test_pages_that_bring_nothing_more_end(httpserver, make_session, small_pages):
    """A cache that hands out the first page for each."""
    httpserver.expect_request("/list/cs.AI/new").respond_with_data(new_page(mailing(9, 0, 0), 0, 4))
    session = make_session(attempts=1)
    with pytest.raises(SourceError) as caught:
        listing.new(session, httpserver.url_for(""), "cs.AI")
    assert caught.value.verdict is Verdict.CUT_SHORT
    assert "4 entries of 9" in str(caught.value)
    assert session.requests_made == 2


def test_a_refusal_of_the_question_is_told_in_arxivs_words(httpserver, session):
    words = shell("<h1>400</h1><p>Catchup only allowed for past 90 days</p>")
    httpserver.expect_request("/catchup/cs.AI/2026-02-03").respond_with_data(words, status=400)
    with pytest.raises(SourceError) as caught:
        listing.catchup(session, httpserver.url_for(""), "cs.AI", DAY)
    assert caught.value.verdict is Verdict.MALFORMED
    assert "HTTP 400" in str(caught.value)
    assert "past 90 days" in str(caught.value)
    assert session.requests_made == 1


# --- the fake arXiv --------------------------------------------------------------------------------------------------


def papers() -> list[dict[str, object]]:
    paper = {"title": "On <dt> and $a<b$", "authors": ["Ada Uthor"], "abstract": "We invent. Total of 7 entries."}
    return [
        paper | {"id": "2602.00001", "categories": ["cs.AI", "cs.LG"], "first_seen": "2026-02-03"},
        paper | {"id": "2602.00002", "categories": ["cs.AI"], "first_seen": "2026-02-03"},
        paper | {"id": "2602.00003", "categories": ["cs.LG", "cs.AI"], "first_seen": "2026-02-03"},
        paper | {"id": "2601.00004", "categories": ["cs.AI"], "first_seen": "2026-01-28", "versions": [{"version": 1, "announced": "2026-01-28"}, {"version": 2, "announced": "2026-02-03"}]},
        paper | {"id": "2602.00005", "categories": ["cs.AI"], "first_seen": "2026-02-05"},
    ]  # fmt: skip


@pytest.fixture
def fake():
    with FakeArxiv(papers(), as_of=datetime(2026, 2, 6, 12, tzinfo=UTC)) as server:
        yield server


def test_the_fake_arxiv_tells_missed_days(fake, session):
    told = listing.catchup(session, fake.url, "cs.AI", DAY)
    assert [(line.id, line.section) for line in told.entries] == [
        ("2602.00001", NEW),
        ("2602.00002", NEW),
        ("2602.00003", CROSS),
        ("2601.00004", REPLACE),
    ]
    assert (told.complete, told.next_day) == (True, date(2026, 2, 5))
    quiet = listing.catchup(session, fake.url, "cs.AI", date(2026, 2, 4))
    assert (quiet.entries, quiet.complete, quiet.next_day) == ((), True, date(2026, 2, 5))
    today = listing.new(session, fake.url, "cs.AI")
    assert ([line.id for line in today.entries], today.day, today.complete) == (["2602.00005"], date(2026, 2, 5), True)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("cut", Verdict.CUT_SHORT),
        ("cut-short", Verdict.CUT_SHORT),
        ("empty-body", Verdict.CUT_SHORT),
        ("outage", Verdict.MALFORMED),
        ("rate-200", Verdict.THROTTLED),
        ("429", Verdict.THROTTLED),
        ("403", Verdict.BLOCKED),
        ("500", Verdict.UNREACHABLE),
        ("reset", Verdict.UNREACHABLE),
    ],
)
@pytest.mark.parametrize("place", ["list", "catchup"])
def test_each_fault_of_a_listing_has_its_verdict_and_passes(fake, make_session, place, fault, verdict):
    """What fails once is asked for again; what fails always is told as what it is. A 403 is not asked again."""

    def ask(session):
        if place == "list":
            return listing.new(session, fake.url, "cs.AI")
        return listing.catchup(session, fake.url, "cs.AI", DAY)

    fake.faults = f"{place}:{fault}"
    with pytest.raises(SourceError) as caught:
        ask(make_session(attempts=2))
    assert (caught.value.verdict, caught.value.source) == (verdict, place)
    if fault != "403":
        fake.faults = f"{place}:{fault}:1"
        assert ask(make_session()).complete


def test_a_stale_listing_says_which_day_it_is_of(fake, session):
    fake.as_of = datetime(2026, 2, 5, 12, tzinfo=UTC)
    fake.faults = "list:stale"
    assert listing.new(session, fake.url, "cs.AI").day == DAY


def test_an_unknown_category_is_told(fake, session):
    with pytest.raises(SourceError, match="HTTP 404") as caught:
        listing.new(session, fake.url, "cs.XX")
    assert caught.value.verdict is Verdict.MALFORMED
