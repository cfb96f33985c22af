"""When a phrase that was found counts as one that people chose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any


def f1_at(answer: Sequence[str], keys: Sequence[str], k: int) -> float:
    """F1 of the first *k* distinct answers against all *keys*, both stemmed; in [0, 1]."""
    gold = _distinct(keys)
    first = _distinct(answer)[:k]
    hits = len(set(gold).intersection(first))
    return 2 * hits / (len(first) + len(gold)) if hits else 0.0


def partial_f1_at(answer: Sequence[str], keys: Sequence[str], k: int) -> float:
    """As ``f1_at``, but a phrase that shares words with a key is worth a part of a hit; never less than ``f1_at``.

    The credit of a pair is the number of stems in common over the number of stems of the longer (the R-precision of
    Kim, Baldwin and Kan, "Evaluating N-gram based Evaluation Metrics for Automatic Keyphrase Extraction", COLING
    2010): "neural network" has 2/3 for "graph neural network". Each answer is paired with at most one key, and each
    key with at most one answer, so that the sum of credits is greatest; that sum stands for the hits.
    """
    from scipy.optimize import linear_sum_assignment

    gold = [Counter(key.split()) for key in _distinct(keys)]
    first = [Counter(phrase.split()) for phrase in _distinct(answer)[:k]]
    if not gold or not first:
        return 0.0
    credit = [[(a & b).total() / max(a.total(), b.total()) for b in gold] for a in first]
    hits = sum(credit[row][column] for row, column in zip(*linear_sum_assignment(credit, maximize=True), strict=True))
    return float(2 * hits / (len(first) + len(gold)))


def present(keys: Sequence[str], text: str) -> list[str]:
    """The *keys* whose stems stand in *text*, in a row and in order."""
    whole = f" {stems(text)} "
    return [key for key in keys if (s := stems(key)) and f" {s} " in whole]


def _distinct(phrases: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(s for s in map(stems, phrases) if s))


@lru_cache(maxsize=200_000)
def stems(written: str) -> str:
    """Lower-case Porter stems of the words, hyphens taken as spaces."""
    return " ".join(map(_stem, re.findall(r"[^\W_]+(?:\+\+)?", written.lower())))


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("porter")
