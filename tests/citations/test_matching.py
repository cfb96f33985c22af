"""What is a reference to a paper, and what only looks like it."""

from __future__ import annotations

import pytest

from digest.citations import keys
from digest.citations.coupling import Coupled, score, shared, strongest
from digest.citations.matching import Ground, Match, match
from digest.citations.references import Reference, read
from digest.document import Item
from digest.model import Paper, PaperId
from digest.testing.builders import make_paper

PAPER = make_paper(
    id=PaperId("2401.00007"),
    title="Colouring sparse hypergraphs: a spectral approach to $k$-uniform partitions",
    authors=("Ada Lovelace", "Grace Hopper", "Jürgen Müller"),
    dois=("10.1000/XYZ",),
)
WHOLE = PAPER.title


def of(*parts: str) -> Reference:
    return read(Item(anchor="", parts=parts))


def told(
    title: str = WHOLE,
    authors: str = "Ada Lovelace, Grace Hopper, and Jürgen Müller.",
    rest: str = "In Proc. STOC, 2024.",
) -> Reference:
    return of(authors, f"{title}.", rest)


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(told(WHOLE.upper()), id="case"),
        pytest.param(
            told("Coloring sparse hypergraphs - a spectral approach to k-uniform partitions"), id="American, no TeX"
        ),
        pytest.param(told("Colouring sparse hyper- graphs: a spectral approach to k uniform partitions"), id="hyphens"),
        pytest.param(told("Colouring sparse hypergraphs"), id="without its subtitle"),
        pytest.param(told("Colouring sparse hypergraphs: a spectral approach to"), id="cut at a line end"),
        pytest.param(
            told("Colouring sparse hypergraph: spectral approach to $k$-uniform partition"),
            id="small words and plurals",
        ),
        pytest.param(told("Colouring sparse hypergraphs: a spectal approach to $k$-uniform partitions"), id="a slip"),
        pytest.param(told(authors="A. Lovelace, et al."), id="first author"),
        pytest.param(told(authors="Lovelace, A., Hopper, G., Mueller, J."), id="umlaut"),
        pytest.param(told(rest="Foo, 2023."), id="the year before"),
        pytest.param(of(f"A. Lovelace, G. Hopper, J. Müller, {WHOLE}, J. Comb. 3 (2025) 44."), id="between commas"),
        pytest.param(of(f"{WHOLE}. arXiv, 2024."), id="long, and nothing of authors"),
    ],
)
def test_is_one(reference: Reference) -> None:
    assert match(reference, [PAPER]) == (Match(PAPER.id, Ground.TITLE),)
    assert set(keys.of_reference(reference)) & set(keys.of_paper(PAPER))


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(told(WHOLE.replace("sparse", "dense")), id="another word"),
        pytest.param(told(WHOLE.replace("hypergraphs", "hypertrees")), id="half another word"),
        pytest.param(told(f"{WHOLE} II"), id="II"),
        pytest.param(told(f"{WHOLE}: Part 2"), id="part 2"),
        pytest.param(told(f"{WHOLE}, part ii"), id="part ii"),
        pytest.param(told(WHOLE.replace("$k$", "$3$")), id="another number"),
        pytest.param(told("Colouring sparse hypergraphs: the planar case"), id="another subtitle"),
        pytest.param(told(authors="Emmy Noether, Carl Gauss, and Karl Weierstrass."), id="other authors"),
        pytest.param(
            told(authors="Emmy Noether, Grace Hopper, Carl Gauss, and Karl Weierstrass."), id="one name in common"
        ),
        pytest.param(told("Colouring sparse hypergraphs", rest="Foo, 1987."), id="its main title long before"),
        pytest.param(told("Colouring"), id="one word of it"),
        pytest.param(told(rest="arXiv:2401.00008"), id="another identifier"),
        pytest.param(of("A. Lovelace, J. Comb. 3, 44 (2024)."), id="no title"),
        pytest.param(of(), id="nothing"),
    ],
)
def test_is_none(reference: Reference) -> None:
    assert match(reference, [PAPER]) == ()


def test_an_identifier_decides_before_a_doi_and_a_doi_before_a_title() -> None:
    other = make_paper(id=PaperId("2401.00009"), title="Other", dois=("10.1000/abc",))
    third = make_paper(id=PaperId("2401.00010"), title=WHOLE, authors=PAPER.authors)
    papers = [third, other, PAPER]
    assert match(told(rest="doi:10.1000/abc, arXiv:2401.00010v2"), papers) == (Match(third.id, Ground.ARXIV),)
    assert match(told(rest="doi:10.1000/ABC"), papers) == (Match(other.id, Ground.DOI),)
    assert match(told(), papers) == (Match(PAPER.id, Ground.TITLE),)


def test_the_likest_is_meant() -> None:
    """Not the first by identifier where another has the whole title."""
    longer = make_paper(id=PaperId("2401.00001"), title=f"{WHOLE}: and more", authors=PAPER.authors)
    assert match(told(), [longer, PAPER]) == (Match(PAPER.id, Ground.TITLE),)


def test_an_entry_can_name_two_works() -> None:
    other: Paper = make_paper(id=PaperId("hep-th/9901001"), title="Other")
    found = match(of("A. B., arXiv:hep-th/9901001; C. D., arXiv:2401.00007"), [other, PAPER])
    assert [one.paper for one in found] == [PAPER.id, other.id]


# --- coupling --------------------------------------------------------------------------------------------------------


def test_shared_references_are_counted_once() -> None:
    one = {0: {"a:1", "t:x"}, 1: {"d:2"}, 2: {"t:y"}, 3: {"t:y"}}
    other = {0: {"t:x"}, 1: {"t:y"}, 2: {"d:3"}}
    assert shared(one, other) == shared(other, one) == 2
    assert shared(one, {}) == 0


def test_the_score_is_the_sum_of_two_cosines() -> None:
    assert score(4, (16, 4), 3, (9, 4)) == pytest.approx(4 / 8 + 3 / 6)
    assert score(1, (1, 1), 1, (1, 1)) == 0  # one alone may be chance


def test_the_strongest_come_first() -> None:
    found = [
        Coupled(id=PaperId(id), shared=2, both=0, score=s) for id, s in (("c", 0.5), ("b", 0.5), ("a", 0.1), ("d", 0.0))
    ]
    assert [one.id for one in strongest(found, 9)] == ["b", "c", "a"]
    assert len(strongest(found, 1)) == 1
