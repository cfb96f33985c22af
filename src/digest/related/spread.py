"""How like random pairs of papers are: what a cosine means in this catalogue, whatever the model.

A cosine of 0.5 is much for one model and little for another, and in a catalogue of one field all papers are alike. So
the floor is a share: what part of random pairs is less alike. It is measured where the catalogue has grown to 64, 256,
1,024, 4,096 and 16,384 papers, and not each night, so that a night changes no older note for its sake.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from digest.model import PaperId

LEVELS = (64, 256, 1024, 4096, 16384)
"""Papers at which it is measured; below the first, pairs are too few to tell a share."""

SAMPLE = 1024
"""Papers all pairs of which are looked at: half a million pairs."""

YOUNG_FLOOR = 0.5
"""The cosine that stands in for a share below the first level."""

STEPS = 1000
"""To a cosine of 1, in which pairs are counted."""


def level(papers: int) -> int:
    """The last of ``LEVELS`` that so many papers have reached; 0 below the first."""
    return max((step for step in LEVELS if step <= papers), default=0)


def sample(papers: Iterable[PaperId]) -> list[PaperId]:
    """At most ``SAMPLE`` of *papers*, as good as at random and always the same: those of the lowest SHA-256."""
    return sorted(papers, key=lambda paper: hashlib.sha256(paper.encode()).digest())[:SAMPLE]


def measure(vectors: NDArray[np.float32]) -> dict[int, int]:
    """Pairs of the rows of *vectors*, unit, shape (papers, dimensions), by thousandths of their cosine, rising."""
    wide = vectors.astype(np.float64)
    cosines = (wide @ wide.T)[np.triu_indices(len(wide), k=1)]
    steps, counts = np.unique(np.floor(np.round(cosines * STEPS, 3)).astype(int), return_counts=True)
    return dict(zip(steps.tolist(), counts.tolist(), strict=True))


class Shares:
    """What share of pairs is less alike than a cosine, by the counts of ``measure``."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self._steps = sorted(counts)
        self._below = [0, *accumulate(counts[step] for step in self._steps)]

    def share(self, cosine: float) -> float | None:
        """Of random pairs, those whose cosine is lower by a thousandth or more; None where none were measured."""
        pairs = self._below[-1]
        step = int(np.floor(np.round(cosine * STEPS, 3)))
        return self._below[bisect_left(self._steps, step)] / pairs if pairs else None

    def floor(self, share: float) -> float:
        """The lowest cosine, in thousandths, with at least this share (0 to 1) of pairs below it.

        ``YOUNG_FLOOR`` where none were measured.
        """
        if not self._below[-1]:
            return YOUNG_FLOOR
        counted = bisect_left(self._below, share * self._below[-1])
        return (self._steps[counted - 1] + 1) / STEPS if counted else -1.0
