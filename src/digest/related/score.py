"""The score of a pair of papers: one number from what the embedding says and what the words say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RECIPE = "mean-1"
"""Another way to combine is another recipe, by which all links are made anew."""

DIGITS = 6
"""Scores are kept to this many decimals."""


def combined(cosines: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of both cosines, (n,), (n,) -> (n,): in [0, 1], rounded to DIGITS, monotone in both.

    A negative cosine of embeddings says no more than one of 0. A fixed sum of scores in their own units ranks better
    than a fusion of ranks (Bruch, Gai and Ingber 2023), and does not depend on what else is ranked.
    """
    scores: NDArray[np.float64] = np.round((np.clip(cosines, 0.0, 1.0) + np.clip(words, 0.0, 1.0)) / 2, DIGITS)
    return scores
