"""The score of a pair of papers: one number from what the embedding says and what the words say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RECIPE = "mean-1"
"""Another way to combine is another recipe, by which all links are made anew."""

DIGITS = 6
"""Scores are kept to this many decimals."""

COSINE, WORDS = 0.4, 0.6
"""Shares of the two cosines. Any from 1:1 to 1:2 rank alike; a cosine of words is mostly the smaller number."""


def combined(cosines: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted mean of both cosines, (n,), (n,) -> (n,): in [0, 1], rounded to DIGITS, monotone in both.

    A negative cosine of embeddings says no more than one of 0. A sum of scores in fixed units ranks better than a fusion
    of ranks (Bruch, Gai and Ingber 2023), and does not depend on what else is ranked.
    """
    scores: NDArray[np.float64] = COSINE * np.clip(cosines, 0.0, 1.0) + WORDS * np.clip(words, 0.0, 1.0)
    return scores.round(DIGITS)
