"""Who cites whom: whatever order papers and bibliographies come in, the same citations stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.catalogue.citations import Citations
from digest.catalogue.store import Catalogue
from digest.citations.references import Reference, read
from digest.document import Item
from digest.model import Paper, PaperId
from digest.testing.builders import make_paper

DAY = date(2026, 2, 3)
TITLE = "Spectral sparsification of directed hypergraphs in linear time"


def paper(id: str, title: str = TITLE, *authors: str, dois: tuple[str, ...] = ()) -> Paper:
    return make_paper(
        id=PaperId(id), title=title, version=1, authors=authors or ("Ada Lovelace", "Grace Hopper"), dois=dois
    )


def reference(*parts: str) -> Reference:
    return read(Item(anchor="", parts=parts))


def by_title(title: str = TITLE, authors: str = "Ada Lovelace and Grace Hopper.", year: int = 2026) -> Reference:
    return reference(authors, f"{title}.", f"In Proceedings of Something, {year}.")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with Catalogue(tmp_path_factory.mktemp("catalogue") / "c.sqlite3") as opened:
        yield opened


@pytest.fixture
def citations(catalogue: Catalogue) -> Iterator[Citations]:
    with catalogue.transaction(keep=False):
        yield Citations(catalogue.connection)


def add(catalogue: Catalogue, *papers: Paper, noted: bool = True) -> set[PaperId]:
    for one in papers:
        catalogue.add_paper(one, announced=DAY, estimated=False, noted=noted)
    return Citations(catalogue.connection).set_papers(papers)


def change(catalogue: Catalogue, one: Paper) -> set[PaperId]:
    catalogue.update_paper(one)
    return Citations(catalogue.connection).set_papers([one])


def edges(citations: Citations) -> list[tuple[str, str, int, str]]:
    return [tuple(row) for row in citations._connection.execute("SELECT * FROM citations ORDER BY 1, 2, 3")]


CITED, OTHER, CITING = (
    paper("2602.00001", dois=("10.1000/ABC",)),
    paper("2602.00002", "Quantum walks on lattices"),
    paper("2602.00009", "On surveys"),
)


@pytest.mark.parametrize(
    ("told", "ground"),
    [
        pytest.param(reference("A. B., arXiv:2602.00001v3 (2026)."), "arxiv", id="identifier"),
        pytest.param(reference("A. B., Foo 3, 4 (2026), doi:10.1000/abc."), "doi", id="doi of another case"),
        pytest.param(by_title(TITLE.upper()), "title", id="title"),
    ],
)
def test_a_reference_is_found_by(catalogue: Catalogue, citations: Citations, told: Reference, ground: str) -> None:
    add(catalogue, CITED, OTHER, CITING)
    assert citations.set_bibliography(CITING.id, [told]) == {CITED.id, CITING.id}
    assert edges(citations) == [(CITING.id, CITED.id, 0, ground)]
    assert citations.cites([CITING.id]) == {CITING.id: [CITED.id]}
    assert citations.cited_by([CITED.id, OTHER.id]) == {CITED.id: [CITING.id]}
    assert citations.counts([CITED.id, OTHER.id]) == {CITED.id: 1}
    assert citations.references([CITING.id, OTHER.id]) == {CITING.id: (1, 1)}
    assert citations.bibliography(CITING.id) == (told,)
    assert citations.found(CITING.id) == {0: [CITED.id]}


def test_a_paper_that_comes_later_is_found_by_the_references_that_wait(
    catalogue: Catalogue, citations: Citations
) -> None:
    add(catalogue, CITING)
    citations.set_bibliography(CITING.id, [by_title()])
    assert add(catalogue, CITED, noted=False) == {CITING.id, CITED.id}
    assert citations.cites([CITING.id]) == {CITING.id: [CITED.id]}


def test_a_surer_ground_takes_over_from_a_title(catalogue: Catalogue, citations: Citations) -> None:
    """An entry with a DOI that nobody here has is matched by its title, until the paper with the DOI comes."""
    twin = paper("2601.00001")
    add(catalogue, twin, CITING)
    citations.set_bibliography(
        CITING.id, [reference("Ada Lovelace and Grace Hopper.", f"{TITLE}.", "Foo, 2026. doi:10.1000/abc")]
    )
    assert citations.cites([CITING.id]) == {CITING.id: [twin.id]}
    assert add(catalogue, CITED) == {CITING.id, CITED.id, twin.id}
    assert citations.cites([CITING.id]) == {CITING.id: [CITED.id]}


def test_a_new_title_finds_and_loses(catalogue: Catalogue, citations: Citations) -> None:
    add(catalogue, CITED, CITING)
    citations.set_bibliography(CITING.id, [by_title(), by_title("Quantum walks on lattices without order")])
    assert change(catalogue, replace(CITED, title="Quantum walks on lattices without order", version=2)) == set()
    assert edges(citations) == [(CITING.id, CITED.id, 1, "title")]
    assert change(catalogue, replace(CITED, title="Something else entirely", version=3)) == {CITING.id, CITED.id}
    assert edges(citations) == []


def test_a_bibliography_is_replaced_and_removed(catalogue: Catalogue, citations: Citations) -> None:
    add(catalogue, CITED, OTHER, CITING)
    citations.set_bibliography(CITING.id, [by_title()])
    assert citations.set_bibliography(CITING.id, [by_title()]) == set()
    assert citations.set_bibliography(CITING.id, [reference("arXiv:2602.00002")]) == {CITING.id, CITED.id, OTHER.id}
    assert citations.set_bibliography(CITING.id, ()) == {CITING.id, OTHER.id}
    for table in ("bibliographies", "reference_keys", "citations"):
        assert citations._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_a_paper_does_not_cite_itself(catalogue: Catalogue, citations: Citations) -> None:
    add(catalogue, CITED)
    assert citations.set_bibliography(CITED.id, [by_title(), reference("arXiv:2602.00001")]) == {CITED.id}
    assert edges(citations) == []


def test_two_entries_for_one_paper_are_one_citation(catalogue: Catalogue, citations: Citations) -> None:
    """And it stands until both are gone."""
    add(catalogue, CITED, CITING)
    citations.set_bibliography(CITING.id, [by_title(), reference("arXiv:2602.00001")])
    assert citations.cites([CITING.id]) == {CITING.id: [CITED.id]}
    assert citations.counts([CITED.id]) == {CITED.id: 1}
    assert citations.references([CITING.id]) == {CITING.id: (2, 1)}
    assert change(catalogue, replace(CITED, title="Something else entirely", version=2)) == set()
    assert citations.cites([CITING.id]) == {CITING.id: [CITED.id]}


def test_of_two_papers_alike_the_first_by_identifier_is_meant(catalogue: Catalogue, citations: Citations) -> None:
    add(catalogue, paper("2602.00005"), paper("2602.00004"), CITING)
    citations.set_bibliography(CITING.id, [by_title()])
    assert citations.cites([CITING.id]) == {CITING.id: [PaperId("2602.00004")]}


def test_papers_wait_for_their_keys(catalogue: Catalogue, citations: Citations) -> None:
    """New ones, and those of which what they are found by has changed; a new abstract alone is nothing."""
    for one in (CITED, OTHER):
        catalogue.add_paper(one, announced=DAY, estimated=False, noted=True)
    assert citations.unkeyed(1) == [CITED.id]
    assert citations.unkeyed(9) == [CITED.id, OTHER.id]
    citations.set_papers([CITED, OTHER])
    assert citations.unkeyed(9) == []
    catalogue.update_paper(replace(CITED, abstract="Another.", version=2))
    assert citations.unkeyed(9) == []
    for changed in (replace(CITED, dois=("10.1/x",)), replace(OTHER, title="Anew")):
        catalogue.update_paper(changed)
    assert citations.unkeyed(9) == [CITED.id, OTHER.id]


def test_a_bibliography_needs_its_paper(catalogue: Catalogue, citations: Citations) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        citations.set_bibliography(PaperId("2602.99999"), [by_title()])


# --- any order -------------------------------------------------------------------------------------------------------

TITLES = (
    TITLE,
    f"{TITLE}: a second look",
    f"{TITLE} II",
    "Quantum walks on lattices",
    "Quantum walks on a lattice",
    "Deep nets",
)
NAMES = ("Ada Lovelace", "Grace Hopper", "Emmy Noether")
DOIS = ("10.1000/a", "10.1000/b")

versions = st.builds(
    lambda title, authors, dois: (title, tuple(authors), tuple(dois)),
    st.sampled_from(TITLES),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(DOIS), max_size=1),
)
ids = [f"2602.0000{n}" for n in range(1, 6)]
told = st.one_of(
    st.sampled_from(ids).map(lambda id: reference(f"A. B., arXiv:{id}")),
    st.sampled_from(DOIS).map(lambda doi: reference(f"A. B., Foo 3, 4 (2026), https://doi.org/{doi}")),
    st.builds(
        by_title,
        st.sampled_from(TITLES),
        st.sampled_from(("Ada Lovelace.", "Grace Hopper and Ada Lovelace.", "E. Noether.")),
    ),
    st.builds(
        lambda title, doi: reference("Ada Lovelace.", f"{title}.", f"Foo, 2026. doi:{doi}"),
        st.sampled_from(TITLES),
        st.sampled_from(DOIS),
    ),
)
events = st.lists(
    st.one_of(
        st.tuples(st.just("paper"), st.sampled_from(ids), versions),
        st.tuples(st.just("bibliography"), st.sampled_from(ids), st.lists(told, max_size=4)),
    ),
    max_size=14,
)


def play(catalogue: Catalogue, history) -> tuple[list, list]:
    """The citations and keys after a history; each step tells the papers that have gained or lost a citation."""
    with catalogue.transaction(keep=False):
        citations = Citations(catalogue.connection)
        here: set[str] = set()
        for kind, id, value in history:
            before = {pair[:2] for pair in edges(citations)}
            if kind == "paper":
                title, authors, dois = value
                one = paper(id, title, *authors, dois=dois)
                changed = change(catalogue, one) if id in here else add(catalogue, one)
                here.add(id)
            elif id in here:
                changed = citations.set_bibliography(PaperId(id), value) - {id}
            else:
                continue
            ends = {end for pair in before ^ {pair[:2] for pair in edges(citations)} for end in pair}
            assert changed == (ends - {id} if kind == "bibliography" else ends)
        keys = [tuple(row) for row in catalogue.connection.execute("SELECT * FROM reference_keys ORDER BY 1, 2, 3")]
        return edges(citations), keys


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from(ids), versions, min_size=2), events, st.randoms(use_true_random=False), st.data()
)
def test_the_order_does_not_matter(catalogue: Catalogue, papers, detours, rng, data) -> None:
    """However the papers and texts came to be as they are, their citations are the same."""
    bibliographies = {id: data.draw(st.lists(told, max_size=4)) for id in papers}
    straight = [("paper", id, value) for id, value in sorted(papers.items())]
    straight += [("bibliography", id, value) for id, value in sorted(bibliographies.items())]
    place = {event[:2]: rng.random() for event in straight}
    # A bibliography cannot come before its paper.
    turned = sorted(straight, key=lambda event: (max(place[event[:2]], place["paper", event[1]]), event[0] != "paper"))
    detours = [event for event in detours if event[1] in papers]
    assert play(catalogue, straight) == play(catalogue, turned) == play(catalogue, [*detours, *turned])


# --- coupling --------------------------------------------------------------------------------------------------------


def works(*numbers: int) -> list[Reference]:
    return [
        by_title(f"A distinctive work on topic number {number} of many", "Emmy Noether.", 2001) for number in numbers
    ]


def test_papers_are_coupled_by_works_that_are_not_here(catalogue: Catalogue, citations: Citations) -> None:
    one, two, three = (paper(f"2602.0010{n}", f"Paper {n}") for n in range(3))
    add(catalogue, one, two, three)
    citations.set_bibliography(one.id, works(1, 2, 3, 4))
    citations.set_bibliography(two.id, works(3, 2, 1, 9))
    citations.set_bibliography(three.id, works(4, 8))
    (found,) = citations.coupled([one.id], 5)[one.id]
    assert (found.id, found.shared, found.both, found.score) == (two.id, 3, 0, pytest.approx(3 / 4))
    assert citations.coupled([three.id], 5) == {}


def test_a_work_is_one_whether_told_by_identifier_or_by_title(catalogue: Catalogue, citations: Citations) -> None:
    """Both entries lead to the paper that is here."""
    one, two = paper("2602.00101", "Paper 1"), paper("2602.00102", "Paper 2")
    add(catalogue, CITED, OTHER, one, two)
    citations.set_bibliography(one.id, [by_title(), reference("arXiv:2602.00002")])
    citations.set_bibliography(two.id, [reference("arXiv:2602.00001"), by_title("Quantum walks on lattices")])
    (found,) = citations.coupled([one.id], 5)[one.id]
    assert (found.id, found.shared, found.score) == (two.id, 2, pytest.approx(1.0))


def test_papers_are_coupled_by_those_who_cite_both(catalogue: Catalogue, citations: Citations) -> None:
    citing = [paper(f"2602.0020{n}", f"Paper {n}") for n in range(3)]
    add(catalogue, CITED, OTHER, *citing)
    both = [reference("arXiv:2602.00001"), reference("arXiv:2602.00002")]
    for one, cited in zip(citing, (both, both, both[:1]), strict=True):
        citations.set_bibliography(one.id, cited)
    (found,) = citations.coupled([CITED.id], 5)[CITED.id]
    assert (found.id, found.shared, found.both) == (OTHER.id, 0, 2)
    assert found.score == pytest.approx(2 / (3 * 2) ** 0.5)
    assert [one.id for one in citations.coupled([citing[0].id], 1)[citing[0].id]] == [citing[1].id]
