"""The catalogue keeps what it is told, all of it or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.catalogue.rows import paper_of, paper_row
from digest.catalogue.schema import MIGRATIONS
from digest.catalogue.store import Catalogue, PageKey
from digest.errors import CatalogueError
from digest.model import AnnounceType, Change, Keyword, KeywordCategory, Neighbour, Paper, PaperId, Scores, Verdict

DAY = date(2026, 2, 3)
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
        catalogue.enqueue(DAY, paper.id)


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
    assert catalogue.queued_days() == []


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


def test_announcements_count_once_and_know_their_day(catalogue):
    add(catalogue, PAPER)
    assert catalogue.announce(DAY, "cs.AI", PAPER, AnnounceType.NEW)
    assert not catalogue.announce(DAY, "cs.AI", PAPER, AnnounceType.NEW)
    assert catalogue.announced([(PAPER.id, 1)], on=DAY) == ({PAPER.id}, set())
    later = date(2026, 2, 4)
    assert catalogue.announced([(PAPER.id, 1)], on=later) == (set(), {PAPER.id})
    assert catalogue.announced([(PAPER.id, 2)], on=later) == (set(), set())


def test_a_verdict_tells_whether_it_is_news(catalogue):
    assert catalogue.put_verdict("feed", "", DAY, Verdict.UNREACHABLE, "no route")
    assert not catalogue.put_verdict("feed", "", DAY, Verdict.UNREACHABLE, "no route")
    assert catalogue.put_verdict("feed", "", DAY, Verdict.OK)
    assert [v["verdict"] for v in catalogue.verdicts(DAY)] == ["ok"]


@settings(deadline=None, max_examples=30)
@given(rounds=st.lists(st.dictionaries(st.sampled_from("abc"), st.sets(st.sampled_from("xyzw"))), max_size=5))
def test_the_count_of_a_term_is_the_number_of_its_papers(tmp_path_factory, rounds):
    """However terms are set and set again, the counts are those of a count from nothing."""
    with Catalogue(tmp_path_factory.mktemp("c") / "c.sqlite3") as catalogue:
        add(catalogue, *(replace(PAPER, id=PaperId(name)) for name in "abc"))
        state: dict[str, set[str]] = {}
        for terms in rounds:
            catalogue.set_terms({PaperId(paper): names for paper, names in terms.items()})
            state |= terms
        expected = {t: n for t in "xyzw" if (n := sum(t in names for names in state.values()))}
        assert catalogue.term_counts("xyzw") == expected


def test_keywords_are_replaced_and_what_they_touch_is_told(catalogue):
    add(catalogue, PAPER)
    first = catalogue.set_keywords(PAPER.id, [keyword("A"), keyword("B", linked=False)], catalogue_size=1)
    second = catalogue.set_keywords(PAPER.id, [keyword("C")], catalogue_size=1)
    assert (first, second) == ({"A"}, {"A", "C"})
    assert catalogue.papers_with(["A", "B", "C"]) == {"C": [PAPER.id]}


def test_vectors_are_kept_by_text_and_model(catalogue):
    """The same text has one vector a model, whoever has it; a changed text has none yet."""
    twin, changed = replace(PAPER, id=PaperId("2602.90002")), replace(PAPER, id=PaperId("2602.90003"), title="Other")
    add(catalogue, PAPER, twin, changed)
    assert [p.id for p in catalogue.without_vector([PAPER, twin, changed], "m")] == [PAPER.id, changed.id]
    catalogue.add_vectors([PAPER], "m", np.array([[0.6, 0.8]], dtype=np.float32))
    assert [p.id for p in catalogue.without_vector([PAPER, twin, changed], "m")] == [changed.id]
    assert len(catalogue.without_vector([PAPER], "other model")) == 1
    ids, vectors = catalogue.vectors("m", DAY)
    assert (ids, vectors.tolist()) == ([PAPER.id, twin.id], [[np.float32(0.6), np.float32(0.8)]] * 2)


def test_a_dismissed_paper_is_no_neighbour(catalogue):
    add(catalogue, PAPER)
    catalogue.add_vectors([PAPER], "m", np.array([[1.0, 0.0]], dtype=np.float32))
    catalogue.dismiss(PAPER.id)
    assert catalogue.vectors("m", DAY)[0] == []


def test_neighbours_keep_their_order(catalogue):
    others = [replace(PAPER, id=PaperId(f"2602.9000{n}")) for n in (2, 3)]
    add(catalogue, PAPER, *others)
    found = tuple(Neighbour(id=other.id, cosine=0.5) for other in reversed(others))
    catalogue.set_neighbours({PAPER.id: found})
    assert catalogue.neighbours() == {PAPER.id: found}
    assert catalogue.named_by([others[0].id]) == {PAPER.id}


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


# --- versions --------------------------------------------------------------------------------------------------------

VERSION_2 = replace(PAPER, version=2, title="Trees", updated=datetime(2026, 2, 4, 9, tzinfo=UTC))


def versions(catalogue: Catalogue) -> list[tuple[object, ...]]:
    rows = catalogue.connection.execute("SELECT version, announced, changes, title FROM versions ORDER BY version")
    return [tuple(row) for row in rows]


def test_each_version_keeps_its_title_its_day_and_what_it_changed(catalogue):
    """The first that is known has nothing to be compared with."""
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2, changes=[Change.TITLE])
    catalogue.announce(date(2026, 2, 5), "cs.AI", VERSION_2, AnnounceType.REPLACE)
    assert versions(catalogue) == [
        (1, "2026-02-03", "", "Graphs & „Bäume“"),
        (2, "2026-02-05", '["title"]', "Trees"),
    ]


def test_what_another_source_knows_of_a_version_is_added_to_its_changes(catalogue):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2, changes=[Change.TITLE])
    catalogue.update_paper(replace(VERSION_2, withdrawn=True), changes=[Change.WITHDRAWN])
    catalogue.update_paper(replace(VERSION_2, comment="x", withdrawn=True), changes=[])
    assert versions(catalogue)[1][2] == '["title", "withdrawn"]'
    catalogue.update_paper(replace(VERSION_2, version=3), changes=[])
    assert versions(catalogue)[2][2] == "[]"


@pytest.mark.parametrize(
    ("day", "kind", "told"),
    [
        pytest.param(5, AnnounceType.REPLACE, "2026-02-05", id="a replacement"),
        pytest.param(5, AnnounceType.REPLACE_CROSS, "2026-02-05", id="a replacement elsewhere"),
        pytest.param(5, AnnounceType.CROSS, None, id="a cross-list tells of no version"),
        pytest.param(4, AnnounceType.REPLACE, None, id="an earlier version: this one was submitted that day"),
    ],
)
def test_the_day_of_a_version_is_told_by_its_replacement(catalogue, day, kind, told):
    add(catalogue, PAPER)
    catalogue.update_paper(VERSION_2)
    catalogue.announce(date(2026, 2, day), "cs.AI", VERSION_2, kind)
    catalogue.announce(date(2026, 2, 9), "cs.AI", VERSION_2, AnnounceType.CROSS)
    assert versions(catalogue)[1][1] == told


def test_a_note_follows_when_the_day_of_its_version_is_told(catalogue):
    page = PageKey("paper", PAPER.id)
    add(catalogue, PAPER)
    catalogue.add_page(page, "A Note", "a note", since=DAY)
    catalogue.update_paper(VERSION_2)
    catalogue.announce(date(2026, 2, 5), "cs.AI", VERSION_2, AnnounceType.REPLACE)
    assert catalogue.pending() == [page]
    catalogue.rendered([page], "recipe")
    catalogue.announce(date(2026, 2, 6), "math.CO", VERSION_2, AnnounceType.REPLACE)
    assert catalogue.pending() == []


def test_a_catalogue_of_the_first_schema_keeps_its_versions(tmp_path):
    """What they changed is not known; that one is a withdrawal is."""
    path = tmp_path / "catalogue.sqlite3"
    with Catalogue(path) as catalogue:
        add(catalogue, PAPER, replace(PAPER, id=PaperId("2602.90002"), withdrawn=True))
        for column in ("changes", "title"):
            catalogue.connection.execute(f"ALTER TABLE versions DROP COLUMN {column}")
        catalogue.connection.execute("PRAGMA user_version = 1")
    with Catalogue(path) as catalogue:
        assert [row[2:] for row in versions(catalogue)] == [("", PAPER.title), ('["withdrawn"]', PAPER.title)]
