"""Exact search by products of blocks of vectors, and what every index checks of what it is given.

Cosines are those of float64, rounded to float32: the product finds which pairs matter, so that an answer depends on the
two vectors alone, and not on what else was in the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from digest.errors import IndexFault

Vectors = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]

KEY_BYTES = 32

QUERIES = 512
"""Multiplied with a piece at a time: with the rows of a piece, the bound of a product's size."""

FEW = 4
"""Queries, up to which memory is the bound and BLAS's threads only wait for each other: one thread is twice as fast."""

PAIRS = 4096
"""Whose cosines are computed in float64 at a time."""

SLACK = np.float32(1e-5)
"""More than a float32 product is wrong about a cosine."""

UNIT = 1e-3
"""How far from 1 a length may be: half precision is a unit vector's."""


class Piece(NamedTuple):
    """Some rows, rising, and their vectors."""

    rows: Rows
    vectors: Vectors


def near(
    pieces: Iterable[Piece], queries: Vectors, floor: float, damage: Callable[[int], IndexFault]
) -> tuple[Rows, Rows, Vectors]:
    """See ``digest.ports.VectorIndex``; *damage* makes the error of a row whose vector is no numbers."""
    found_queries, found_rows = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
    found_cosines = [np.empty(0, np.float32)]
    for piece, start, cosines in _products(pieces, queries, damage):
        hits, columns = _where(cosines >= np.float32(floor))
        found_queries.append((columns + start).astype(np.uint32))
        found_rows.append(piece.rows[hits])
        found_cosines.append(cosines[hits, columns])
    asked, rows = np.concatenate(found_queries), np.concatenate(found_rows)
    order = np.lexsort((rows, asked))
    return asked[order].astype(np.int64), rows[order], np.concatenate(found_cosines)[order]


def nearest(
    pieces: Iterable[Piece], queries: Vectors, limit: int, damage: Callable[[int], IndexFault]
) -> list[tuple[Rows, Vectors]]:
    """See ``digest.ports.VectorIndex``, and ``near``; the pieces are the rows that fit."""
    best = _Best(len(queries), limit)
    for piece, start, cosines in _products(pieces, queries, damage) if limit else ():
        hits, columns = _where(cosines >= best.bars(start, cosines))
        if len(hits):
            exact = exact_cosines(piece.vectors, hits, queries, columns + start)
            best.enter(start, cosines.shape[1], columns, piece.rows[hits], exact)
    return best.answers()


def _products(
    pieces: Iterable[Piece], queries: Vectors, damage: Callable[[int], IndexFault]
) -> Iterator[tuple[Piece, int, Vectors]]:
    """Some rows, the first of some queries, and their cosines, shape (rows, queries)."""
    for piece in pieces if len(queries) else ():
        for start in range(0, len(queries), QUERIES):
            with np.errstate(all="ignore"):  # of damaged vectors
                cosines = _dot(piece.vectors, queries[start : start + QUERIES])
            if np.isnan(cosines.max()):
                raise damage(int(piece.rows[np.isnan(cosines).any(axis=1)][0]))
            yield piece, start, cosines


def _dot(vectors: Vectors, queries: Vectors) -> Vectors:
    """All dot products, shape (vectors, queries)."""
    if len(queries) <= FEW:
        return cast("Vectors", np.einsum("ij,kj->ik", vectors, queries))
    return cast("Vectors", vectors @ queries.T)


class _Best:
    """The best rows of each query so far; arrays of shape (queries, limit)."""

    def __init__(self, queries: int, limit: int) -> None:
        self.rows = np.full((queries, limit), -1, dtype=np.int64)
        self.cosines = np.full((queries, limit), -np.inf, dtype=np.float32)

    def bars(self, start: int, cosines: Vectors) -> Vectors:
        """What a product's cosine must have so that its pair may enter, one for each of its queries."""
        limit = self.rows.shape[1]
        bars = self.cosines[start : start + cosines.shape[1], -1]
        if len(cosines) >= limit and np.isneginf(bars).any():
            bars = np.maximum(bars, _low_bars(cosines, limit))
        return cast("Vectors", bars - SLACK)

    def enter(self, start: int, count: int, columns: Rows, rows: Rows, cosines: Vectors) -> None:
        """Let pairs compete for the places of queries *start* … *start* + *count*; *columns* count from *start*."""
        limit = self.rows.shape[1]
        held = slice(start, start + count)
        columns = np.concatenate([np.repeat(np.arange(count), limit), columns])
        rows = np.concatenate([self.rows[held].ravel(), rows])
        cosines = np.concatenate([self.cosines[held].ravel(), cosines])
        order = np.lexsort((rows, -cosines, columns))
        columns = columns[order]
        rank = np.arange(len(order)) - np.searchsorted(columns, np.arange(count))[columns]
        kept = rank < limit
        self.rows[held][columns[kept], rank[kept]] = rows[order][kept]
        self.cosines[held][columns[kept], rank[kept]] = cosines[order][kept]

    def answers(self) -> list[tuple[Rows, Vectors]]:
        pairs = zip(self.rows, self.cosines, strict=True)
        return [(rows[rows >= 0], cosines[rows >= 0]) for rows, cosines in pairs]


def _low_bars(cosines: Vectors, limit: int) -> Vectors:
    """For each column a value that at least *limit* of its rows reach: the limit-th best of the best of groups.

    Hardly lower than the limit-th best of all, and it costs one pass where ``numpy.partition`` of all costs a hundred.
    """
    size = max(1, len(cosines) // (16 * limit))
    groups = len(cosines) // size
    best = cosines[: groups * size].reshape(groups, size, -1).max(axis=1)
    return cast("Vectors", np.partition(best, groups - limit, axis=0)[groups - limit])


def checked_vectors(vectors: Vectors, dimensions: int) -> Vectors:
    """*vectors* as float32. Raises ValueError unless they are unit vectors, shape (n, dimensions)."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != dimensions:
        raise ValueError(f"vectors of shape {vectors.shape}, wanted (n, {dimensions})")
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= UNIT))  # NaN is wrong, too
    if len(wrong):
        raise ValueError(f"vector {wrong[0]} of {len(vectors)} has length {lengths[wrong[0]]}, wanted 1")
    return vectors


def checked_rows(
    keys: Sequence[bytes], vectors: Vectors, payloads: Bytes, dimensions: int, width: int
) -> tuple[Vectors, Bytes]:
    """Both as arrays of their types. Raises ValueError for shapes that do not fit, and as ``checked_vectors`` does."""
    vectors = checked_vectors(vectors, dimensions)
    payloads = np.ascontiguousarray(payloads, dtype=np.uint8)
    if payloads.shape != (len(keys), width) or len(vectors) != len(keys):
        raise ValueError(f"{len(keys)} keys, vectors {vectors.shape} and payloads {payloads.shape} of width {width}")
    return vectors, payloads


def key_array(keys: Sequence[bytes]) -> Bytes:
    """Keys as an array of shape (n, 32). Raises ValueError for a key of another length."""
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"a key is {KEY_BYTES} bytes long")
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, KEY_BYTES)


def _where(hits: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Row and column of each hit; where few hit, far quicker than ``numpy.nonzero`` of a matrix."""
    rows, columns = np.divmod(np.flatnonzero(hits), hits.shape[1])
    return rows, columns


def exact_cosines(vectors: Vectors, rows: Rows, queries: Vectors, asked: Rows) -> Vectors:
    """Cosines of pairs by float64."""
    cosines = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), PAIRS):
        some = slice(start, start + PAIRS)
        pairs = vectors[rows[some]].astype(np.float64), queries[asked[some]].astype(np.float64)
        cosines[some] = np.einsum("ij,ij->i", *pairs)
    return cosines
