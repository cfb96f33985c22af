"""Texts, neighbours and links in the catalogue, and the search for exact words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.catalogue.relations import Spread
from digest.catalogue.rows import text_hash
from digest.catalogue.search import parts_of, with_words
from digest.catalogue.store import Catalogue
from digest.model import AnnounceType, Neighbour, PaperId
from digest.ports import Facts, Filter
from digest.testing.builders import make_paper

DAY, LATER = date(2026, 2, 3), date(2026, 2, 4)
PAPER = make_paper(id=PaperId("2602.90001"), title="Graphs", version=1, categories=("cs.CL",))
OTHER = make_paper(id=PaperId("2602.90002"), title="Lattices", abstract="Of order.", categories=("cs.LG", "cs.CL"))


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "catalogue.sqlite3") as opened:
        yield opened


def add(catalogue: Catalogue, *papers, day: date = DAY) -> None:
    for paper in papers:
        catalogue.add_paper(paper, announced=day, estimated=False, noted=True)
    catalogue.agenda.plan([paper.id for paper in papers])


def settle(catalogue: Catalogue, day: date = DAY) -> None:
    with catalogue.agenda.recording(day):
        catalogue.agenda.settle(day)


def key(paper) -> bytes:
    return bytes.fromhex(text_hash(paper))


def near(other: PaperId, score: float = 0.5) -> Neighbour:
    return Neighbour(id=other, score=score, cosine=score, words=score)


# --- texts -----------------------------------------------------------------------------------------------------------


def test_a_paper_is_compared_by_the_text_that_it_is_settled_with(catalogue):
    """Of papers that wait, those of the day at hand only; of a new version, not before its day."""
    second = replace(PAPER, version=2, title="Trees")
    add(catalogue, PAPER)
    settle(catalogue)
    add(catalogue, OTHER, day=LATER)
    catalogue.update_paper(second)
    catalogue.tell_version(PAPER.id, 2, LATER)
    catalogue.agenda.plan([PAPER.id])

    everybody, texts = [PAPER.id, OTHER.id], [key(PAPER), key(second), key(OTHER)]
    relations = catalogue.relations
    assert relations.keys(everybody, DAY) == {PAPER.id: key(PAPER)}
    assert relations.owners(texts, DAY) == {key(PAPER): [PAPER.id]}
    assert relations.linkable(DAY) == [PAPER.id]
    assert relations.keys(everybody, LATER) == {PAPER.id: key(second), OTHER.id: key(OTHER)}
    assert relations.owners(texts, LATER) == {key(second): [PAPER.id], key(OTHER): [OTHER.id]}
    assert relations.linkable(LATER) == everybody


def test_twins_own_one_text(catalogue):
    twin = replace(PAPER, id=PaperId("2602.90003"))
    add(catalogue, twin, PAPER)
    settle(catalogue)
    assert catalogue.relations.owners([key(PAPER), b"\0" * 32], LATER) == {key(PAPER): [PAPER.id, twin.id]}


def test_a_dismissed_paper_has_no_part(catalogue):
    add(catalogue, PAPER, OTHER)
    settle(catalogue)
    relations = catalogue.relations
    relations.set_neighbours({PAPER.id: [near(OTHER.id)], OTHER.id: [near(PAPER.id)]})
    catalogue.dismiss(PAPER.id)
    assert relations.keys([PAPER.id], DAY) == relations.owners([key(PAPER)], DAY) == {}
    assert relations.linkable(DAY) == relations.settled() == [OTHER.id]
    assert relations.naming_dismissed() == {OTHER.id}
    assert relations.naming([OTHER.id]) == {}


@pytest.mark.parametrize(
    ("among", "expected"),
    [
        (Filter(), [PAPER, OTHER]),
        (Filter(categories=("cs.LG",)), [OTHER]),
        (Filter(categories=("cs.LG", "cs.CL"), until=DAY), [PAPER]),
        (Filter(since=LATER), [OTHER]),
        (Filter(categories=("math.CO",)), []),
    ],
)
def test_a_filter_selects_the_texts_of_settled_papers(catalogue, among, expected):
    add(catalogue, PAPER)
    add(catalogue, OTHER, day=LATER)
    settle(catalogue)
    settle(catalogue, LATER)
    add(catalogue, replace(PAPER, id=PaperId("2602.90009"), title="Waits"))
    assert catalogue.relations.select(among) == sorted(map(key, expected))


def test_facts_are_what_filters_ask(catalogue):
    """Of papers that are settled, on the days that tell of them."""
    add(catalogue, OTHER)
    assert list(catalogue.relations.facts(DAY)) == []
    settle(catalogue)
    expected = Facts(key=key(OTHER), categories=("cs.LG", "cs.CL"), announced=DAY)
    assert list(catalogue.relations.facts(DAY)) == [expected]
    assert list(catalogue.relations.facts(LATER)) == []
    catalogue.announce(LATER, "cs.CV", OTHER, AnnounceType.CROSS)
    assert list(catalogue.relations.facts(LATER)) == [expected]


# --- neighbours and links --------------------------------------------------------------------------------------------


def test_neighbours_keep_their_order(catalogue):
    others = [replace(OTHER, id=PaperId(f"2602.9000{n}")) for n in (2, 3)]
    add(catalogue, PAPER, *others)
    found = tuple(near(other.id) for other in reversed(others))
    relations = catalogue.relations
    relations.set_neighbours({PAPER.id: found})
    assert relations.neighbours() == relations.neighbours([PAPER.id]) == {PAPER.id: found}
    assert relations.named_by([others[0].id]) == {PAPER.id}
    assert relations.naming([others[0].id]) == {others[0].id: (near(PAPER.id),)}
    assert relations.last([PAPER.id, others[0].id], 1) == {PAPER.id: 0.5}


def test_a_link_needs_both(catalogue):
    third = replace(OTHER, id=PaperId("2602.90003"))
    add(catalogue, PAPER, OTHER, third)
    relations = catalogue.relations
    relations.set_accepted({PAPER.id: [third.id, OTHER.id], OTHER.id: [PAPER.id], third.id: []})
    assert relations.accepted([PAPER.id]) == {PAPER.id: (third.id, OTHER.id)}
    assert relations.linked([PAPER.id, third.id]) == {PAPER.id: {OTHER.id}}
    assert relations.partners([PAPER.id]) == {OTHER.id}


def test_the_spread_is_the_last_one(catalogue):
    assert catalogue.relations.spread() is None
    for spread in (Spread("m", 64, {500: 3}), Spread("m", 256, {-20: 1, 0: 7})):
        catalogue.relations.set_spread(spread)
        assert catalogue.relations.spread() == spread


# --- exact words -----------------------------------------------------------------------------------------------------


def found(catalogue: Catalogue, text: str, limit: int = 10, among: Filter | None = None) -> list[str]:
    return list(with_words(catalogue.connection, text, limit, among or Filter()))


@pytest.fixture
def library(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        make_paper(id=PaperId("2602.90001"), title="Parsing Trees", abstract="On grammar.", authors=("Ada Möller",)),
        make_paper(id=PaperId("2602.90002"), title="Forests", abstract="Many trees, no parsing order.", authors=()),
        make_paper(id=PaperId("2602.90003"), title="Rivers", abstract="No tree grows here.", authors=()),
    )
    settle(catalogue)
    return catalogue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("tree", ["2602.90001", "2602.90003", "2602.90002"], id="a title counts most, then a short text"),
        pytest.param("PARSE trees", ["2602.90001", "2602.90002"], id="stemmed, all words"),
        pytest.param("grammar rivers", ["2602.90003", "2602.90001"], id="any word where no paper has all"),
        pytest.param('"trees parsing"', [], id="a phrase is not weakened"),
        pytest.param('"parsing order"', ["2602.90002"], id="a phrase"),
        pytest.param("moller", ["2602.90001"], id="authors, without accents"),
        pytest.param("", [], id="nothing asked"),
        pytest.param('AND ( ^ "" * NEAR', [], id="no query language"),
        pytest.param("grow-here", ["2602.90003"], id="a hyphenated word is a phrase"),
    ],
)
def test_words(library, text, expected):
    assert found(library, text) == expected


def test_words_follow_a_new_version(library):
    paper = library.papers(["2602.90003"])[PaperId("2602.90003")]
    library.update_paper(replace(paper, version=paper.version + 1, title="Deserts"))
    assert (found(library, "rivers"), found(library, "desert")) == ([], ["2602.90003"])


def test_words_among(library):
    assert found(library, "tree", limit=1) == ["2602.90001"]
    assert found(library, "tree", among=Filter(since=LATER)) == []
    library.dismiss("2602.90001")
    assert found(library, "tree") == ["2602.90003", "2602.90002"]


@given(text=st.text(max_size=40))
def test_any_text_is_a_query(tmp_path_factory, text):
    """Whatever a reader types is no error."""
    with Catalogue(tmp_path_factory.mktemp("any") / "c.sqlite3") as catalogue:
        assert found(catalogue, text) == []
    phrases, words = parts_of(text)
    assert all(part.count('"') == 2 for part in (*phrases, *words))
