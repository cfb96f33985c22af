"""What every vector index promises (``digest.ports.VectorIndex``), held against float64 and brute force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.ports import Facts, Filter

from .conftest import DIMENSIONS, WIDTH, Library, fits, key, payloads, unit

SLACK = 1e-5


@pytest.fixture
def library(fresh_library) -> Iterator[Library]:
    with fresh_library() as library:
        yield library


def fill(library: Library, number: int) -> tuple[list[bytes], np.ndarray, np.ndarray]:
    keys, vectors, told = [key(n) for n in range(number)], unit(number), payloads(number)
    library.index.add(keys, vectors, told)
    return keys, vectors, told


# --- keys and rows ---


def test_empty(library):
    """Nobody added anything: every key is missing, no row is near."""
    assert library.index.missing([key(1)]) == {key(1)}
    queries, rows, _ = library.index.near(unit(3), -1)
    assert len(queries) == len(rows) == 0
    assert [len(rows) for rows, _ in library.index.nearest(unit(3), 5)] == [0, 0, 0]
    assert [len(rows) for rows, _ in library.index.nearest(unit(3), 5, Filter(categories=("cs.CL",)))] == [0, 0, 0]
    library.describe([Facts(key=key(1), categories=("cs.CL",), announced=date(2026, 1, 1))])
    assert library.index.missing([key(1)]) == {key(1)}


def test_nothing_asked_for(library):
    """No keys, no rows, no queries, no neighbours wanted: empty answers of the right shapes."""
    fill(library, 5)
    none = np.empty(0, dtype=np.int64)
    library.index.add([], unit(0), payloads(0))
    assert library.index.missing([]) == set()
    assert library.index.rows([]).shape == (0,)
    assert library.index.keys(none) == []
    vectors, told = library.index.read(none)
    assert (vectors.shape, told.shape) == ((0, DIMENSIONS), (0, WIDTH))
    assert [part.shape for part in library.index.near(unit(0), 0.0)] == [(0,), (0,), (0,)]
    assert library.index.nearest(unit(0), 3) == []
    assert [len(rows) for rows, _ in library.index.nearest(unit(2), 0)] == [0, 0]


def test_what_was_added_is_read(library):
    """Vectors and payloads come back bit for bit, in the order asked for, also by another opening."""
    keys, vectors, told = fill(library, 11)
    order = [7, 0, 10, 7, 3]
    for _ in range(2):
        rows = library.index.rows([keys[n] for n in order])
        found, payload = library.index.read(rows)
        assert np.array_equal(found, vectors[order])
        assert np.array_equal(payload, told[order])
        assert (found.dtype, payload.dtype, rows.dtype) == (np.float32, np.uint8, np.int64)
        assert library.index.keys(rows) == [keys[n] for n in order]
        assert library.index.missing([*keys, key(99)]) == {key(99)}
        library.reopen()


def test_a_row_stays_as_it_is(library):
    """A key that is there, or twice in one add, keeps its first vector and its one row."""
    keys, vectors, told = fill(library, 5)
    before = library.index.rows(keys)
    other, more = unit(7, seed=1), payloads(7, seed=1)
    library.index.add([*keys, key(5), key(5)], other, more)
    assert np.array_equal(library.index.rows(keys), before)
    found, payload = library.index.read(library.index.rows([*keys, key(5)]))
    assert np.array_equal(found, np.concatenate([vectors, other[5:6]]))
    assert np.array_equal(payload, np.concatenate([told, more[5:6]]))
    assert len(library.index.near(vectors[:1], -1.1)[1]) == 6


def test_a_key_without_a_row(library):
    keys, _, _ = fill(library, 3)
    with pytest.raises(KeyError):
        library.index.rows([*keys, key(77)])


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda v: v * 2, id="too long"),
        pytest.param(lambda v: v * 0, id="zero"),
        pytest.param(lambda v: np.where(v == v.max(), np.nan, v), id="NaN"),
        pytest.param(lambda v: np.where(v == v.max(), np.inf, v), id="infinite"),
        pytest.param(lambda v: v[:, :-1], id="a dimension less"),
        pytest.param(lambda v: v[:-1], id="a vector less"),
    ],
)
def test_vectors_that_are_refused(library, spoil):
    """What is no unit vector is refused, whole, and asked about no more than added."""
    keys = [key(n) for n in range(4)]
    with pytest.raises(ValueError, match="vector"):
        library.index.add(keys, spoil(unit(4)), payloads(4))
    assert library.index.missing(keys) == set(keys)


def test_payloads_and_keys_that_are_refused(library):
    with pytest.raises(ValueError, match="payload"):
        library.index.add([key(0)], unit(1), payloads(1, width=WIDTH + 1))
    with pytest.raises(ValueError, match="32 bytes"):
        library.index.add([b"short"], unit(1), payloads(1))
    assert library.index.missing([key(0)]) == {key(0)}


def test_queries_that_are_refused(library):
    fill(library, 3)
    for ask in (lambda v: library.index.near(v, 0.5), lambda v: library.index.nearest(v, 1)):
        with pytest.raises(ValueError, match="length"):
            ask(unit(2) * np.float32(0.5))


def test_any_bytes_are_keys(library):
    """Keys that share their beginning, or end in zeros, are different keys."""
    keys = [bytes(32), b"\1" + bytes(31), bytes(31) + b"\1", b"same....." + bytes(23), b"same....." + b"\xff" * 23]
    library.index.add(keys[:4], unit(4), payloads(4))
    assert library.index.missing(keys) == {keys[4]}
    library.index.add(keys, unit(5), payloads(5))
    assert library.index.keys(library.index.rows(keys)) == keys


# --- search ---


def near_must_hold(library: Library, queries: np.ndarray, floor: float, held: np.ndarray, places: dict) -> None:
    """The contract of ``near`` against float64; *places* are those of rows in *held*."""
    cosines = queries.astype(np.float64) @ held.astype(np.float64).T
    asked, rows, told = library.index.near(queries, floor)
    assert (asked.dtype, rows.dtype, told.dtype) == (np.int64, np.int64, np.float32)
    assert np.allclose(told, [cosines[q, places[row]] for q, row in zip(asked, rows.tolist(), strict=True)], atol=SLACK)
    pairs = list(zip(asked.tolist(), rows.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    found = {(query, places[row]) for query, row in pairs}
    assert found <= set(zip(*(part.tolist() for part in np.nonzero(cosines >= floor - SLACK)), strict=True))
    assert found >= set(zip(*(part.tolist() for part in np.nonzero(cosines >= floor + SLACK)), strict=True))


def nearest_must_hold(
    library: Library,
    queries: np.ndarray,
    limit: int,
    held: np.ndarray,
    places: dict,
    among: Filter | None = None,
    fitting: np.ndarray | None = None,
) -> None:
    """The contract of ``nearest`` against float64: the best by cosine, and only such as fit."""
    cosines = queries.astype(np.float64) @ held.astype(np.float64).T
    fitting = np.ones(len(held), dtype=bool) if fitting is None else fitting
    answers = library.index.nearest(queries, limit, among)
    assert len(answers) == len(queries)
    for exact, (rows, found) in zip(cosines, answers, strict=True):
        assert (rows.dtype, found.dtype) == (np.int64, np.float32)
        at = [places[row] for row in rows.tolist()]
        assert len(at) == len(set(at)) == len(found) == min(limit, fitting.sum())
        assert fitting[at].all()
        assert np.abs(exact[at] - found).max(initial=0) <= SLACK
        best = np.sort(exact[fitting])[::-1][: len(at)]
        assert np.abs(best - found).max(initial=0) <= SLACK
        ranked = list(zip((-found).tolist(), rows.tolist(), strict=True))
        assert ranked == sorted(ranked)


def test_ties_go_by_row(library):
    """Twins have one cosine, and the row that came first is named first."""
    vectors = np.repeat(unit(2), [9, 2], axis=0)
    library.index.add([key(n) for n in range(11)], vectors, payloads(11))
    ((rows, cosines),) = library.index.nearest(vectors[:1], 6)
    assert rows.tolist() == sorted(library.index.rows([key(n) for n in range(9)]).tolist())[:6]
    assert np.allclose(cosines, 1)


def test_more_are_wanted_than_there_are(library):
    """A limit beyond the rows is no error, and costs nothing, for few queries and for many."""
    _, vectors, _ = fill(library, 11)
    for queries in (vectors[:1], vectors):
        assert [len(rows) for rows, _ in library.index.nearest(queries, 10**9)] == [11] * len(queries)


def test_a_filter_is_among_what_was_told_last(library):
    """Facts can come before their row, change, and be absent; papers without facts fit no filter."""
    day = date(2026, 2, 3)
    library.describe([Facts(key=key(0), categories=("cs.CL", "cs.AI"), announced=day)])
    fill(library, 4)
    library.describe(
        [
            Facts(key=key(1), categories=("cs.CV",), announced=day - timedelta(days=1)),
            Facts(key=key(2), categories=("cs.CL",), announced=day),
            Facts(key=key(2), categories=("math.AG",), announced=day + timedelta(days=400)),
            Facts(key=key(50), categories=("cs.CL",), announced=day),
        ]
    )

    def among(**asked) -> set[bytes]:
        ((rows, _),) = library.index.nearest(unit(1), 10, Filter(**asked))
        return set(library.index.keys(rows))

    for _ in range(2):
        assert among(categories=("cs.CL",)) == {key(0)}
        assert among(categories=("cs.AI", "cs.CV")) == {key(0), key(1)}
        assert among(since=day) == {key(0), key(2)}
        assert among(until=day) == {key(0), key(1)}
        assert among(since=day, until=day, categories=("cs.CV",)) == set()
        assert among(categories=("cs.CL'; --",)) == set()
        assert len(library.index.nearest(unit(1), 10, Filter())[0][0]) == 4
        library.reopen()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.integers(0, 25), max_size=12)),
        st.tuples(st.just("reopen")),
        st.tuples(st.just("near"), st.integers(0, 6), st.floats(-1, 1, width=32)),
        st.tuples(st.just("nearest"), st.integers(0, 6), st.integers(0, 9)),
        st.tuples(st.just("describe"), st.lists(st.tuples(st.integers(0, 25), st.integers(0, 3)), max_size=8)),
        st.tuples(st.just("among"), st.integers(0, 9), st.integers(0, 3), st.booleans()),
    ),
    max_size=14,
)
DAY = date(2026, 1, 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_history(fresh_library, steps):
    """Whatever was added, asked and opened again, in whatever order: answers are those of brute force."""
    everything, told = unit(26, seed=5), payloads(26, seed=5)
    everything[20:] = everything[:6]  # twins
    queries = np.concatenate([unit(3, seed=6), everything[1:4]])
    held: list[int] = []
    with fresh_library() as library:
        for step, *asked in steps:
            if step == "add":
                (numbers,) = asked
                library.index.add([key(n) for n in numbers], everything[numbers], told[numbers])
                held += [n for n in dict.fromkeys(numbers) if n not in held]
            elif step == "reopen":
                library.reopen()
            elif step == "near":
                near_must_hold(library, queries[: asked[0]], asked[1], everything[held], places(library, held))
            elif step == "nearest":
                nearest_must_hold(library, queries[: asked[0]], asked[1], everything[held], places(library, held))
            elif step == "describe":
                library.describe(
                    Facts(key=key(n), categories=(f"c.{m}", "c.9"), announced=DAY + timedelta(days=m))
                    for n, m in asked[0]
                )
            else:
                limit, m, by_day = asked
                among = Filter(since=DAY + timedelta(days=m)) if by_day else Filter(categories=(f"c.{m}", "c.8"))
                facts = library.told.facts
                fitting = np.array([key(n) in facts and fits(facts[key(n)], among) for n in held], dtype=bool)
                at = places(library, held)
                nearest_must_hold(library, queries[:2], limit, everything[held], at, among, fitting)
        assert library.index.missing(key(n) for n in range(26)) == {key(n) for n in range(26) if n not in held}
        rows = library.index.rows([key(n) for n in held])
        vectors, payload = library.index.read(rows)
        assert np.array_equal(vectors, everything[held])
        assert np.array_equal(payload, told[held])


def places(library: Library, held: list[int]) -> dict[int, int]:
    return {row: place for place, row in enumerate(library.index.rows([key(n) for n in held]).tolist())}
