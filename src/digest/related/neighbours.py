"""Exact nearest neighbours by cosine, kept up to date as papers arrive.

A product of float32 matrices finds the few pairs that matter; their cosines are then computed again in float64, one
pair at a time, so that a cosine depends on its two vectors alone and not on what else was in the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from digest.model import Neighbour, PaperId

Vectors = NDArray[np.float32]

BLOCK = 16_384
"""Rows of the catalogue multiplied at a time: bounds memory whatever the catalogue's size."""

SLACK = 1e-5
"""More than float32 can be wrong about a cosine of unit vectors."""

DIGITS = 6
"""Cosines are kept to this many decimals, far coarser than float64's error, so that equal papers tie."""


def update(
    lists: Mapping[PaperId, Sequence[Neighbour]],
    *,
    ids: Sequence[PaperId],
    vectors: Vectors,
    arrived: Sequence[PaperId],
    limit: int,
    floor: float,
) -> dict[PaperId, tuple[Neighbour, ...]]:
    """Return the lists that change, as they are with *arrived* (new, or with a new vector) in the catalogue.

    *lists* has each paper's own nearest so far, nearest first; *ids* and *vectors* (papers, dimensions; unit rows) are
    the whole catalogue, *arrived* included. At most *limit* neighbours at or above *floor*, by falling cosine and then
    rising identifier; the result equals a search of everything from nothing. Work: one product arrived × catalogue.
    """
    fresh = set(arrived)
    stale = {paper for paper, found in lists.items() if any(n.id in fresh for n in found)}
    row = {paper: number for number, paper in enumerate(ids)}
    searched = sorted(fresh | stale)
    exact = _Exact(ids, vectors)
    changed = {
        paper: _best(exact.neighbours(row[paper], near), limit, floor)
        for paper, near in zip(searched, _nearest(vectors, [row[p] for p in searched], limit, floor), strict=True)
    }
    bars = _bars(lists, ids, limit, floor)
    for paper, near in _entering(vectors, [row[p] for p in sorted(fresh)], bars):
        if ids[paper] not in changed:
            kept = lists.get(ids[paper], ())
            found = _best([*kept, *exact.neighbours(paper, near)], limit, floor)
            if found != tuple(kept):
                changed[ids[paper]] = found
    return {paper: found for paper, found in changed.items() if found != tuple(lists.get(paper, ())) or paper in fresh}


def _best(found: Sequence[Neighbour], limit: int, floor: float) -> tuple[Neighbour, ...]:
    ranked = sorted((n for n in found if n.cosine >= floor), key=lambda n: (-n.cosine, n.id))
    return tuple(ranked[:limit])


def _bars(lists: Mapping[PaperId, Sequence[Neighbour]], ids: Sequence[PaperId], limit: int, floor: float) -> Vectors:
    """Shape (papers,): the cosine at which a newcomer enters each list."""
    full = {paper: found[-1].cosine for paper, found in lists.items() if len(found) >= limit}
    return np.array([full.get(paper, floor) for paper in ids], dtype=np.float32) - np.float32(SLACK)


def _nearest(vectors: Vectors, queries: Sequence[int], limit: int, floor: float) -> list[NDArray[np.intp]]:
    """For each query row, the rows that may be among its nearest: all within the slack of its limit-th best."""
    if limit == 0:
        return [np.empty(0, dtype=np.intp) for _ in queries]
    best = np.full((len(queries), limit), -np.inf, dtype=np.float32)
    for _, cosines in _products(vectors, queries):
        pool = np.concatenate([best, cosines.T], axis=1)
        best = np.partition(pool, pool.shape[1] - limit, axis=1)[:, -limit:]
    bars = np.maximum(best.min(axis=1), floor) - np.float32(SLACK)
    near: list[list[NDArray[np.intp]]] = [[] for _ in queries]
    for start, cosines in _products(vectors, queries):
        for query, other in _pairs(bars[:, None] <= cosines.T):
            near[query].append(other + start)
    return [np.concatenate(found) if found else np.empty(0, dtype=np.intp) for found in near]


def _entering(vectors: Vectors, arrived: Sequence[int], bars: Vectors) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Rows of the catalogue whose list some arrived rows may enter, with those rows."""
    rows = np.asarray(arrived, dtype=np.intp)
    for start, cosines in _products(vectors, arrived):
        for paper, columns in _pairs(cosines >= bars[start : start + len(cosines), None]):
            yield paper + start, rows[columns]


def _products(vectors: Vectors, queries: Sequence[int]) -> Iterator[tuple[int, Vectors]]:
    """First row and cosines, shape (block, queries), of one block of the catalogue after the other."""
    asked = np.ascontiguousarray(vectors[list(queries)].T)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ asked
        for column, query in enumerate(queries):
            if start <= query < start + len(cosines):
                cosines[query - start, column] = -np.inf  # nothing is its own neighbour
        yield start, cosines


def _pairs(hits: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each row with any hit, and the columns that hit."""
    for row in np.flatnonzero(hits.any(axis=1)):
        yield int(row), np.flatnonzero(hits[row])


class _Exact:
    """Cosines that depend on the two vectors alone."""

    def __init__(self, ids: Sequence[PaperId], vectors: Vectors) -> None:
        self.ids = ids
        self.vectors = vectors

    def neighbours(self, paper: int, others: NDArray[np.intp]) -> list[Neighbour]:
        mine = self.vectors[paper].astype(np.float64)
        theirs = self.vectors[others].astype(np.float64)
        # fsum-like exactness is not needed: a row's sum in float64 is off by 1e-16 in whatever order, DIGITS hides it.
        cosines = (theirs * mine).sum(axis=1)
        return [
            Neighbour(id=self.ids[other], cosine=round(float(cosine), DIGITS))
            for other, cosine in zip(others, cosines, strict=True)
        ]
