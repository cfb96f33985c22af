"""How like texts are, and which are the nearest.

All figures are functions of the two texts alone, the same whatever else is looked at: float64, rounded to ``DIGITS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.model import Neighbour
from digest.related import lexical
from digest.related.score import combined

DIGITS = 6
"""Decimals of a cosine: far coarser than float64's error, so that equal papers tie."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What n texts are compared by: unit vectors, shape (n, dimensions), and weighed words, shape (n, lexical.WIDTH)."""

    vectors: NDArray[np.float32]
    words: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of one text to n others, each shape (n,); see ``Neighbour``."""

    scores: NDArray[np.float64]
    cosines: NDArray[np.float64]
    words: NDArray[np.float64]

    def lists(self) -> tuple[list[float], list[float], list[float]]:
        """Scores, cosines and words as plain numbers."""
        return self.scores.tolist(), self.cosines.tolist(), self.words.tolist()


def likeness(texts: Texts, one: int, others: Texts) -> Likeness:
    """How like the text of number *one* is to each of *others*."""
    mine = texts.vectors[one].astype(np.float64)
    cosines = np.round((others.vectors.astype(np.float64) * mine).sum(axis=1), DIGITS)
    words = lexical.likeness(texts.words[one], others.words)
    return Likeness(combined(cosines, words), cosines, words)


def best(found: Iterable[Neighbour], limit: int) -> tuple[Neighbour, ...]:
    """The *limit* nearest, nearest first, ties by identifier."""
    return tuple(sorted(found, key=lambda n: (-n.score, n.id))[:limit])
