"""The catalogue keeps what it is told, all of it or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.catalogue.rows import PAPER_COLUMNS, paper_of, paper_row
from digest.catalogue.schema import MIGRATIONS
from digest.catalogue.store import Catalogue, PageKey
from digest.catalogue.views import Views
from digest.errors import CatalogueError
from digest.model import AnnounceType, Keyword, KeywordCategory, Paper, PaperId, Scores, Verdict

DAY, LATER = date(2026, 2, 3), date(2026, 2, 5)
PAPER = Paper(
    id=PaperId("2602.90001"),
    version=1,
    title="Graphs & „Bäume“",
    abstract="We count $a<b$.",
    authors=("Ada Example", "Bo Invented"),
    categories=("cs.AI", "math.CO"),
    submitted=datetime(2026, 2, 1, 12, 30, tzinfo=UTC),
    dois=("10.1/x", "10.2/y"),
)


@pytest.fixture
def catalogue(tmp_path):
    with Catalogue(tmp_path / "catalogue.sqlite3") as opened:
        yield opened


def add(catalogue: Catalogue, *papers: Paper) -> None:
    for paper in papers:
        catalogue.add_paper(paper, announced=DAY, estimated=False, noted=True)
    catalogue.agenda.plan(paper.id for paper in papers)


def keyword(name: str, *, linked: bool = True) -> Keyword:
    return Keyword(
        canonical=name,
        surface=name.lower(),
        aliases=(),
        category=KeywordCategory.SPECIFIC,
        scores=Scores(novelty=0.1, connectivity=0.2, specificity=0.3, link_intent=0.4),
        linked=linked,
        reason="" if linked else "budget",
        rationale="",
    )


words = st.text(st.characters(codec="utf-8"), max_size=30)
moments = st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1991, 1, 1))


@given(
    title=words,
    abstract=words,
    authors=st.lists(words, max_size=3),
    categories=st.lists(words, min_size=1, max_size=3),
    submitted=moments,
    updated=moments,
    withdrawn=st.booleans(),
)
def test_a_paper_comes_back_as_it_went_in(title, abstract, authors, categories, submitted, updated, withdrawn):
    paper = replace(
        PAPER,
        title=title,
        abstract=abstract,
        authors=tuple(authors),
        categories=tuple(categories),
        submitted=submitted,
        updated=updated,
        withdrawn=withdrawn,
    )
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    names = (
        "id version title abstract authors categories submitted updated comment journal_ref dois license withdrawn h"
    )
    columns = ", ".join(f"? AS {name}" for name in names.split())
    row = connection.execute(f"SELECT {columns}", paper_row(paper)).fetchone()
    connection.close()
    assert paper_of(row) == paper


def test_a_failed_transaction_leaves_nothing(catalogue):
    def fail() -> None:
        with catalogue.transaction():
            add(catalogue, PAPER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert catalogue.papers([PAPER.id]) == {}
    assert catalogue.agenda.days() == []


def test_a_foreign_key_holds(catalogue):
    """No announcement of a paper that is not there."""
    with pytest.raises(sqlite3.IntegrityError):
        catalogue.announce(DAY, "cs.AI", PAPER, AnnounceType.NEW)


def test_a_newer_digest_s_catalogue_is_refused(tmp_path):
    file = tmp_path / "c.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(CatalogueError, match="newer digest"):
        Catalogue(file)


def test_a_damaged_catalogue_is_named(tmp_path):
    (tmp_path / "c.sqlite3").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(CatalogueError, match=r"c\.sqlite3"):
        Catalogue(tmp_path / "c.sqlite3")


def settle(catalogue: Catalogue, day: date = DAY) -> None:
    with catalogue.transaction(), catalogue.agenda.recording(day):
        catalogue.agenda.settle(day)


def test_announcements_count_once_and_know_their_day(catalogue):
    add(catalogue, PAPER)
    assert catalogue.announce(DAY, "cs.AI", PAPER, AnnounceType.NEW)
    assert not catalogue.announce(DAY, "cs.AI", PAPER, AnnounceType.NEW)
    assert catalogue.announced([(PAPER.id, 1)], on=DAY) == ({PAPER.id}, set())
    later = date(2026, 2, 4)
    assert catalogue.announced([(PAPER.id, 1)], on=later) == (set(), {PAPER.id})
    assert catalogue.announced([(PAPER.id, 2)], on=later) == (set(), set())


def announced(catalogue: Catalogue) -> list[tuple[int, str, str]]:
    rows = catalogue.connection.execute("SELECT day, category, kind FROM announcements ORDER BY day, category")
    return [(date.fromisoformat(row[0]).day, row[1], row[2]) for row in rows]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([(3, "cs.CL", "new"), (3, "cs.CL", "new")], [(3, "cs.CL", "new")], id="the same again"),
        pytest.param([(3, "cs.CL", "cross"), (3, "cs.CL", "new")], [(3, "cs.CL", "new")], id="the last word counts"),
        pytest.param([(5, "cs.CL", "cross"), (3, "cs.CL", "new")], [(3, "cs.CL", "new")], id="it was there before"),
        pytest.param([(5, "cs.CL", "cross"), (3, "cs.CL", "cross")], [(3, "cs.CL", "cross")], id="it joins once"),
        pytest.param(
            [(5, "cs.CL", "cross"), (3, "cs.AI", "new")],
            [(3, "cs.AI", "new"), (5, "cs.CL", "cross")],
            id="another category",
        ),
        pytest.param(
            [(5, "cs.CL", "replace"), (3, "cs.CL", "new")],
            [(3, "cs.CL", "new"), (5, "cs.CL", "replace")],
            id="replaced since",
        ),
        pytest.param(
            [(5, "cs.CL", "cross"), (3, "cs.CL", "replace-cross")],
            [(5, "cs.CL", "cross")],
            id="replaced before it joined",
        ),
        pytest.param(
            [(3, "cs.CL", "replace-cross"), (5, "cs.CL", "cross")], [(5, "cs.CL", "cross")], id="and told in order"
        ),
        pytest.param(
            [(3, "cs.AI", "replace"), (5, "cs.CL", "cross")],
            [(3, "cs.AI", "replace"), (5, "cs.CL", "cross")],
            id="replaced before it joined another",
        ),
    ],
)
def test_a_paper_joins_a_category_once(catalogue, told, expected):
    add(catalogue, PAPER)
    for day, category, kind in told:
        catalogue.announce(date(2026, 2, day), category, PAPER, AnnounceType(kind))
    assert announced(catalogue) == expected


def test_only_what_was_new_before_was_announced_as_new(catalogue):
    crossed, replaced = (replace(PAPER, id=PaperId(f"2602.9000{n}")) for n in (2, 3))
    add(catalogue, PAPER, crossed, replaced)
    for paper, kind in ((PAPER, AnnounceType.NEW), (crossed, AnnounceType.CROSS), (replaced, AnnounceType.REPLACE)):
        catalogue.announce(DAY, "cs.AI", paper, kind)
    ids = [PAPER.id, crossed.id, replaced.id]
    assert catalogue.announced_as_new(ids, before=DAY) == set()
    assert catalogue.announced_as_new(ids, before=LATER) == {PAPER.id}
    assert catalogue.announced_as_new(ids[1:], before=LATER) == set()


def test_a_verdict_tells_whether_it_is_news(catalogue):
    assert catalogue.put_verdict("feed", "", DAY, Verdict.UNREACHABLE, "no route")
    assert not catalogue.put_verdict("feed", "", DAY, Verdict.UNREACHABLE, "no route")
    assert catalogue.put_verdict("feed", "", DAY, Verdict.OK)
    assert [v["verdict"] for v in catalogue.verdicts(DAY)] == ["ok"]


@pytest.mark.parametrize(
    ("verdicts", "is_proven", "is_listed", "still_open"),
    [
        pytest.param({}, False, False, [], id="nobody was asked"),
        pytest.param({"feed": "ok"}, True, False, [], id="a whole feed"),
        pytest.param({"feed": "empty by schedule"}, True, False, [], id="a feed that is rightly empty"),
        pytest.param({"feed": "stale"}, False, False, ["feed"], id="a stale feed"),
        pytest.param({"feed": "stale", "list": "ok"}, True, True, [], id="the listing makes up for the feed"),
        pytest.param(
            {"feed": "stale", "list": "empty by schedule"}, True, True, [], id="and tells that there was none"
        ),
        pytest.param({"feed": "ok", "list": "cut short"}, True, False, [], id="the feed makes up for the listing"),
        pytest.param({"feed": "stale", "list": "cut short"}, False, False, ["feed", "list"], id="neither"),
        pytest.param({"list": "ok"}, True, True, [], id="only the listing was asked"),
        pytest.param({"list cs.AI": "ok"}, False, False, [], id="only one category of the listing"),
        pytest.param({"feed": "stale", "list cs.AI": "ok"}, False, False, ["feed"], id="and that is not the day"),
        pytest.param(
            {"feed": "ok", "list cs.AI": "throttled"}, True, False, [], id="one category of a told day failed"
        ),
        pytest.param({"oai": "ok"}, False, False, [], id="a whole harvest proves no day"),
        pytest.param({"feed": "ok", "oai": "cut short"}, True, False, ["oai"], id="the harvest lacks details"),
        pytest.param({"list": "ok", "oai": "unreachable"}, True, True, ["oai"], id="also of a listed day"),
    ],
)
def test_what_proves_a_day(catalogue, verdicts, is_proven, is_listed, still_open):
    for name, verdict in verdicts.items():
        source, _, category = name.partition(" ")
        catalogue.put_verdict(source, category, DAY, Verdict(verdict))
    assert catalogue.is_proven(DAY) is is_proven
    assert catalogue.is_listed(DAY) is is_listed
    assert [row["source"] for row in catalogue.open_verdicts(DAY)] == still_open
    assert not catalogue.is_proven(LATER)


def test_each_category_of_a_listing_counts_for_itself(catalogue):
    catalogue.put_verdict("list", "cs.AI", DAY, Verdict.OK)
    catalogue.put_verdict("list", "cs.CL", DAY, Verdict.THROTTLED)
    catalogue.put_verdict("feed", "cs.LG", DAY, Verdict.OK)
    assert [catalogue.is_listed(DAY, category) for category in ("cs.AI", "cs.CL", "cs.LG", "")] == [True] + 3 * [False]


def test_a_whole_harvest_mends_those_before_it(catalogue):
    catalogue.put_verdict("oai", "", DAY, Verdict.CUT_SHORT, "it broke off")
    catalogue.put_verdict("oai", "", LATER, Verdict.OK)
    catalogue.put_verdict("feed", "", DAY, Verdict.STALE)
    assert catalogue.mend_verdicts("oai") == [DAY]
    assert [(v["verdict"], v["detail"]) for v in catalogue.verdicts(DAY)] == [("stale", ""), ("ok", "")]
    assert catalogue.mend_verdicts("oai") == []


@settings(deadline=None, max_examples=30)
@given(rounds=st.lists(st.dictionaries(st.sampled_from("abc"), st.sets(st.sampled_from("xyzw"))), max_size=5))
def test_the_count_of_a_term_is_the_number_of_its_papers(tmp_path_factory, rounds):
    """However terms are set and set again, the counts are those of a count from nothing."""
    with Catalogue(tmp_path_factory.mktemp("c") / "c.sqlite3") as catalogue:
        add(catalogue, *(replace(PAPER, id=PaperId(name)) for name in "abc"))
        state: dict[str, set[str]] = {}
        for terms in rounds:
            catalogue.terms.put({PaperId(paper): dict.fromkeys(names, 0.5) for paper, names in terms.items()})
            state |= terms
        expected = {t: n for t in "xyzw" if (n := sum(t in names for names in state.values()))}
        assert catalogue.terms.counts("xyzw") == expected
        assert {t: n for t in "xyzw" for _, n in catalogue.terms.by_day(t)} == expected
        assert [n for _, n in catalogue.terms.by_day("")] == ([len(state)] if state else [])


def test_keywords_are_replaced_and_what_they_touch_is_told(catalogue):
    add(catalogue, PAPER)
    first = catalogue.set_keywords(
        PAPER.id, [keyword("A"), keyword("B", linked=False)], catalogue_size=1, vocabulary=""
    )
    second = catalogue.set_keywords(PAPER.id, [keyword("C")], catalogue_size=1, vocabulary="")
    assert (first, second) == ({"A"}, {"A", "C"})
    assert catalogue.papers_with(["A", "B", "C"]) == {"C": [PAPER.id]}


def test_pages_are_pending_until_rendered(catalogue):
    page = PageKey("day", "2026-02-03")
    catalogue.add_page(page, "digests/d", "digests/d", since=DAY)
    catalogue.mark([page])
    catalogue.rendered([page], "recipe 1")
    assert catalogue.pending() == []
    assert catalogue.mark_unrendered("recipe 1") == 0
    assert catalogue.mark_unrendered("recipe 2") == 1


def test_two_pages_never_share_a_path(catalogue):
    catalogue.add_page(PageKey("keyword", "GAN"), "keywords/GAN", "keywords/gan", since=DAY)
    with pytest.raises(sqlite3.IntegrityError):
        catalogue.add_page(PageKey("keyword", "Gan"), "keywords/Gan", "keywords/gan", since=DAY)


def test_a_page_that_is_taken_away_is_a_vanished_one(catalogue):
    page = PageKey("day", DAY.isoformat())
    catalogue.add_page(page, "digests/d", "digests/d", since=DAY)
    catalogue.take_page(page)
    assert (catalogue.path(page), catalogue.agenda.vanished()) == (None, {"digests/d": ("day", DAY.isoformat())})
    catalogue.add_page(page, "digests/d", "digests/d", since=DAY)
    assert catalogue.agenda.vanished() == {}


def test_days_without_papers_are_those_on_which_no_settled_paper_was_first_announced(catalogue):
    for day in (DAY, LATER):
        catalogue.add_page(PageKey("day", day.isoformat()), f"digests/{day}", f"digests/{day}", since=day)
    add(catalogue, PAPER)
    assert catalogue.days_without_papers() == [DAY, LATER]
    settle(catalogue)
    assert catalogue.days_without_papers() == [LATER]


# --- versions --------------------------------------------------------------------------------------------------------

VERSION_2 = replace(PAPER, version=2, title="Trees", updated=datetime(2026, 2, 4, 9, tzinfo=UTC))
NOTE = PageKey("paper", PAPER.id)


def versions(catalogue: Catalogue) -> list[tuple[object, ...]]:
    rows = catalogue.connection.execute("SELECT version, announced, earliest, title FROM versions ORDER BY version")
    return [tuple(row) for row in rows]


def revisions(catalogue: Catalogue) -> list[tuple[int, str | None, str]]:
    """Version, day and changes as the paper's note tells them."""
    views = Views(
        catalogue,
        summary_recipe=lambda: "",
        categories=["cs.AI"],
        shares=lambda counts: lambda cosine: None,
        trends=lambda day, names, category: {},
        layout=lambda papers: {},
        define=lambda forms, abstract: "",
        is_scheduled=lambda day: True,
    )
    if catalogue.path(NOTE) is None:
        catalogue.add_page(NOTE, "A Note", "a note", since=DAY)
    told = views.notes([PAPER.id])[PAPER.id].revisions
    return [(r.version, r.announced and r.announced.isoformat(), " ".join(r.changes)) for r in told]


def test_each_version_keeps_its_text_and_its_day(catalogue):
    """The one that we have is the paper's own row, and comes back whole; of those before it, what is of a version."""
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    catalogue.tell_version(PAPER.id, 2, LATER)
    assert versions(catalogue) == [(1, "2026-02-03", None, "Graphs & „Bäume“"), (2, "2026-02-05", None, None)]
    assert catalogue.papers([PAPER.id]) == {PAPER.id: VERSION_2}
    assert catalogue.former_versions([PAPER.id]) == [PAPER]
    assert revisions(catalogue) == [(2, "2026-02-05", "title")]


def test_former_versions_come_by_identifier_and_version(catalogue):
    other = replace(PAPER, id=PaperId("2602.90002"))
    add(catalogue, other, PAPER)
    for paper in (other, PAPER):
        catalogue.update_paper(replace(paper, version=3, authors=("Cy New",), comment="third", license="x"))
        catalogue.add_version(replace(paper, version=2, title="Two", withdrawn=True))
    found = catalogue.former_versions([other.id, PAPER.id])
    assert [(paper.id, paper.version) for paper in found] == [(p.id, v) for p in (PAPER, other) for v in (1, 2)]
    assert [(p.title, p.authors, p.withdrawn, p.comment, p.license) for p in found[:2]] == [
        (PAPER.title, PAPER.authors, False, "", ""),
        ("Two", PAPER.authors, True, "", ""),
    ]


def test_the_same_version_told_again_stays_the_current_one(catalogue):
    add(catalogue, PAPER)
    catalogue.update_paper(replace(PAPER, comment="12 pages"))
    assert catalogue.former_versions([PAPER.id]) == []
    assert versions(catalogue) == [(1, "2026-02-03", None, None)]


def test_a_note_tells_what_each_version_changed_against_the_one_before(catalogue):
    """In whatever order they were learnt; the first that is known has nothing to be compared with."""
    add(catalogue, replace(VERSION_2, version=4, withdrawn=True))
    assert revisions(catalogue) == [(4, "2026-02-03", "withdrawn")]
    catalogue.add_version(replace(PAPER, authors=("Ada Example",)))
    assert revisions(catalogue) == [(4, "2026-02-03", "title authors withdrawn")]
    catalogue.add_version(replace(VERSION_2, version=2))
    assert revisions(catalogue) == [(4, "2026-02-03", "withdrawn"), (2, None, "title authors")]


def test_what_another_source_knows_of_a_version_is_one_of_its_changes(catalogue):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    catalogue.update_paper(replace(VERSION_2, withdrawn=True))
    assert revisions(catalogue)[0][2] == "title withdrawn"
    catalogue.update_paper(replace(VERSION_2, version=3))
    assert [changes for _, _, changes in revisions(catalogue)] == ["", "title withdrawn"]


@pytest.mark.parametrize(
    ("cross", "changes"),
    [
        pytest.param(None, "title", id="in none"),
        pytest.param(LATER, "title categories", id="with the version"),
        pytest.param(date(2026, 2, 4), "title", id="on another day"),
        pytest.param(DAY, "title", id="on its first day"),
    ],
)
def test_a_category_is_joined_with_the_version_of_its_day(catalogue, cross, changes):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    catalogue.tell_version(PAPER.id, 2, LATER)
    if cross is not None:
        catalogue.announce(cross, "math.CO", VERSION_2, AnnounceType.CROSS)
    assert revisions(catalogue)[0][2] == changes


@pytest.mark.parametrize(
    ("told", "earliest", "day"),
    [
        pytest.param([], None, None, id="nobody told it"),
        pytest.param([5], None, "2026-02-05", id="one day"),
        pytest.param([5, 9], None, "2026-02-05", id="the first of several"),
        pytest.param([9, 5], None, "2026-02-05", id="the first of several, told last"),
        pytest.param([5, 4], 5, "2026-02-05", id="not before it can have been announced"),
        pytest.param([9], 5, "2026-02-09", id="held back by arXiv"),
        pytest.param([], 5, None, id="when it can have been announced is not when it was"),
    ],
)
def test_the_day_of_a_version_is_the_first_on_which_it_can_have_been_told(catalogue, told, earliest, day):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    for number in told:
        catalogue.tell_version(PAPER.id, 2, date(2026, 2, number))
    if earliest is not None:
        catalogue.date_versions(PAPER.id, [(2, datetime(2026, 2, 4, 9, tzinfo=UTC), date(2026, 2, earliest))])
    assert revisions(catalogue)[0][1] == day


def test_telling_the_day_of_a_version_is_news_once(catalogue):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    assert catalogue.tell_version(PAPER.id, 2, LATER)
    assert not catalogue.tell_version(PAPER.id, 2, LATER)
    assert not catalogue.tell_version(PAPER.id, 2, date(2026, 2, 6))
    assert catalogue.tell_version(PAPER.id, 2, date(2026, 2, 4))
    assert not catalogue.tell_version(PAPER.id, 7, LATER), "a version that is not there"


def test_dates_of_versions_are_news_once_and_known_without_their_text(catalogue):
    add(catalogue, PAPER)
    first, second = datetime(2026, 2, 1, 12, 30, tzinfo=UTC), datetime(2026, 2, 4, 9, tzinfo=UTC)
    dated = [(1, first, DAY), (2, second, LATER)]
    assert catalogue.date_versions(PAPER.id, dated)
    assert not catalogue.date_versions(PAPER.id, dated)
    assert catalogue.date_versions(PAPER.id, [(2, second, date(2026, 2, 6))])
    assert catalogue.versions([PAPER.id]) == {PAPER.id: [(1, first), (2, second)]}
    assert versions(catalogue) == [(1, "2026-02-03", "2026-02-03", None), (2, None, "2026-02-06", None)]
    assert catalogue.former_versions([PAPER.id]) == []
    assert revisions(catalogue) == []


def test_a_note_that_is_made_again_is_settled_again(catalogue):
    """Also on a day with which it was settled already."""
    add(catalogue, PAPER)
    settle(catalogue)
    assert catalogue.agenda.days() == []
    for day in (LATER, LATER):
        catalogue.settle_anew(PAPER.id, day)
        assert [paper.id for paper in catalogue.agenda.papers(day)] == [PAPER.id]
        assert catalogue.first_settled([PAPER.id]) == {PAPER.id: day}
        catalogue.agenda.raise_floor(LATER)
        settle(catalogue, LATER)


# --- migrations ------------------------------------------------------------------------------------------------------


def of_the_first_schema(path: Path, rows: dict[str, list[dict[str, object]]]) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    for table, some in rows.items():
        for row in some:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    connection.commit()
    connection.close()


def old_paper(paper: Paper, announced: str, *, settled: bool, noted: bool = True) -> dict[str, object]:
    names = [name.strip() for name in PAPER_COLUMNS.split(",")]
    ours = {"noted": int(noted), "announced": announced, "announced_estimated": 0, "settled": int(settled)}
    return dict(zip(names, paper_row(paper), strict=True)) | ours


def test_a_catalogue_of_the_first_schema_loses_nothing(tmp_path):
    """What was settled counts for its day and is not drawn anew; what waited waits, though it may be settled later than
    on its own day: of days before the last one settled, nothing can be taken back.
    """
    done, waits, late, again = (replace(PAPER, id=PaperId(f"2602.9000{n}")) for n in range(1, 5))
    only_replaced = replace(PAPER, id=PaperId("2602.90009"), version=2)
    path = tmp_path / "catalogue.sqlite3"
    of_the_first_schema(
        path,
        {
            "papers": [
                old_paper(done, "2026-02-03", settled=True),
                old_paper(waits, "2026-02-04", settled=False),
                old_paper(late, "2026-02-02", settled=False),
                old_paper(again, "2026-02-02", settled=True),
                old_paper(only_replaced, "2026-02-02", settled=False, noted=False),
            ],
            "versions": [
                {"paper_id": done.id, "version": 1, "submitted": "2026-02-01T12:30:00+00:00", "announced": "2026-02-03"}
            ],
            "queue": [
                {"day": "2026-02-04", "paper_id": waits.id},
                {"day": "2026-02-02", "paper_id": late.id},
                {"day": "2026-02-02", "paper_id": again.id},
            ],
            "pages": [
                {"kind": "keyword", "key": "A", "path": "keywords/A", "collision_key": "a", "since": "2026-02-03"}
            ],
            "watermarks": [
                {"source": "oai", "value": "2026-02-04T07:00:00+00:00"},
                {"source": "feed", "value": "2026-02-04 a-fingerprint"},
            ],
        },
    )
    with Catalogue(path) as catalogue:
        papers = [done, waits, late, again, only_replaced]
        agenda = catalogue.agenda
        assert catalogue.papers(p.id for p in papers) == {p.id: p for p in papers}
        assert catalogue.path(PageKey("keyword", "A")) == "keywords/A"
        assert versions(catalogue) == [(1, "2026-02-03", None, None)]
        assert catalogue.first_settled(p.id for p in papers) == {
            p.id: date(2026, 2, day) for p, day in zip(papers, (3, 4, 2, 2), strict=False)
        }
        assert catalogue.watermark("oai") == "2026-02-04T07:00:00+00:00"
        assert catalogue.watermark("feed") is None, "of a form that is not read any more"
        assert agenda.floor == date(2026, 2, 4)
        before = {day.day: {paper.id for paper in agenda.papers(day)} for day in agenda.days()}
        assert before == {2: {late.id, again.id}, 4: {waits.id}}
        agenda.plan(p.id for p in papers)
        assert {day.day: {paper.id for paper in agenda.papers(day)} for day in agenda.days()} == {
            4: {late.id, again.id, waits.id}
        }
        settle(catalogue, date(2026, 2, 4))
        agenda.plan(p.id for p in papers)
        assert (agenda.days(), catalogue.count_noted()) == ([], 4)


def test_what_waits_in_a_catalogue_of_the_first_schema_can_be_settled_on_its_own_day(tmp_path):
    """A paper that was settled and waits to be settled again, with another text, on the same day."""
    path = tmp_path / "catalogue.sqlite3"
    old = {
        "papers": [old_paper(PAPER, "2026-02-03", settled=True)],
        "queue": [{"day": "2026-02-03", "paper_id": PAPER.id}],
    }
    of_the_first_schema(path, old)
    with Catalogue(path) as catalogue:
        settle(catalogue)
        catalogue.agenda.plan([PAPER.id])
        assert catalogue.agenda.days() == []
        assert not catalogue.agenda.is_settled_from(LATER)


@pytest.mark.parametrize("settled", [None, False], ids=["no paper", "none that is settled"])
def test_a_catalogue_of_the_first_schema_without_conclusions_has_no_floor(tmp_path, settled):
    path = tmp_path / "catalogue.sqlite3"
    papers = [] if settled is None else [old_paper(PAPER, "2026-02-03", settled=settled)]
    of_the_first_schema(path, {"papers": papers, "queue": [{"day": "2026-02-03", "paper_id": p["id"]} for p in papers]})
    with Catalogue(path) as catalogue:
        assert catalogue.agenda.floor == date.min
        assert catalogue.agenda.days() == [DAY] * len(papers)
