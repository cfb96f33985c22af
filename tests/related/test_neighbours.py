"""Exact neighbours, brought up to date as papers arrive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Neighbour, PaperId
from digest.related import neighbours
from digest.related.links import shown

LIMIT, FLOOR = 3, 0.2


def unit(seed: int, number: int, dimensions: int = 8) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(number, dimensions)) + 0.4
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def ids_of(number: int) -> list[PaperId]:
    return [PaperId(f"2602.{n:05}") for n in range(1, number + 1)]


def by_brute_force(ids, vectors, limit, floor):
    """Every pair by the definition, in plain Python."""
    found = {}
    for i, mine in enumerate(vectors.astype(float)):
        pairs = [
            (-round(float(sum(a * b for a, b in zip(mine, other, strict=True))), 6), ids[j])
            for j, other in enumerate(vectors.astype(float))
            if j != i
        ]
        found[ids[i]] = tuple(Neighbour(id=j, cosine=-c) for c, j in sorted(pairs) if -c >= floor)[:limit]
    return found


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), nights=st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_night_by_night_equals_a_search_from_nothing(seed, nights):
    """However papers arrive, the lists are those of a search of everything."""
    vectors, ids = unit(seed, sum(nights)), ids_of(sum(nights))
    lists: dict[PaperId, tuple[Neighbour, ...]] = {}
    end = 0
    for number in nights:
        begin, end = end, end + number
        lists |= neighbours.update(
            lists, ids=ids[:end], vectors=vectors[:end], arrived=ids[begin:end], limit=LIMIT, floor=FLOOR
        )
        assert lists == by_brute_force(ids[:end], vectors[:end], LIMIT, FLOOR)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), revised=st.sets(st.integers(0, 14), min_size=1, max_size=3))
def test_a_revised_paper_leaves_the_lists_it_no_longer_belongs_to(seed, revised):
    ids, before = ids_of(15), unit(seed, 15)
    lists = by_brute_force(ids, before, LIMIT, FLOOR)
    after = before.copy()
    after[sorted(revised)] = unit(seed + 1, 15)[sorted(revised)]

    lists |= neighbours.update(
        lists, ids=ids, vectors=after, arrived=[ids[n] for n in sorted(revised)], limit=LIMIT, floor=FLOOR
    )

    assert lists == by_brute_force(ids, after, LIMIT, FLOOR)


def test_only_lists_that_change_are_returned():
    """A newcomer that is near nothing changes no older list."""
    vectors = np.eye(4, dtype=np.float32)
    ids = ids_of(4)
    changed = neighbours.update(
        dict.fromkeys(ids[:3], ()), ids=ids, vectors=vectors, arrived=ids[3:], limit=LIMIT, floor=FLOOR
    )
    assert changed == {ids[3]: ()}


def test_equal_papers_tie_and_stand_by_identifier():
    vectors = np.tile(unit(3, 1), (5, 1))
    ids = ids_of(5)
    changed = neighbours.update({}, ids=ids, vectors=vectors, arrived=ids, limit=2, floor=FLOOR)
    assert [n.id for n in changed[ids[4]]] == [ids[0], ids[1]]


def test_blocks_do_not_show(monkeypatch):
    """The size of the blocks that the catalogue is multiplied in changes nothing."""
    vectors, ids = unit(7, 40), ids_of(40)
    whole = neighbours.update({}, ids=ids, vectors=vectors, arrived=ids, limit=LIMIT, floor=FLOOR)
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    assert neighbours.update({}, ids=ids, vectors=vectors, arrived=ids, limit=LIMIT, floor=FLOOR) == whole


def near(*pairs: tuple[str, float]) -> list[Neighbour]:
    return [Neighbour(id=PaperId(name), cosine=cosine) for name, cosine in pairs]


@pytest.mark.parametrize(
    ("own", "naming", "limit", "expected"),
    [
        pytest.param(near(("a", 0.9)), near(("b", 0.8)), 5, [("a", True), ("b", False)], id="who names me is shown"),
        pytest.param(near(("a", 0.9)), near(("a", 0.9)), 5, [("a", True)], id="a mutual link stands once"),
        pytest.param(near(("a", 0.5)), near(("b", 0.8)), 1, [("a", True)], id="own nearest come first when it is full"),
        pytest.param([], near(("c", 0.8), ("b", 0.8)), 1, [("b", False)], id="ties by identifier"),
        pytest.param(near(("a", 0.5)), near(("b", 0.8)), 2, [("b", False), ("a", True)], id="shown nearest first"),
    ],
)
def test_shown(own, naming, limit, expected):
    assert [(n.id, mine) for n, mine in shown(own, naming, limit=limit)] == expected
