"""In which of arXiv's categories a paper could be listed, told from its words.

A logistic regression for each category over the paper's words (each once, weighed by how rare it is, of unit length),
whose log-odds are put right on papers that it had not seen (Platt, Probabilistic outputs for support vector machines,
1999). Words are always there: the confidence is the same whatever model makes the vectors.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, sqrt

from digest.topics.taxonomy import DATA

FILE = "fields.tsv.gz"
_WORD = re.compile(r"[a-z][a-z0-9]+(?:[-'][a-z0-9]+)*")


def words(title: str, abstract: str) -> set[str]:
    return set(_WORD.findall(f"{title} {abstract}".lower()))


@dataclass(frozen=True)
class Fields:
    """Tells the categories of papers; pure in its input, so one serves all papers."""

    names: Sequence[str]
    slopes: Sequence[float]
    intercepts: Sequence[float]
    rows: Mapping[str, tuple[float, tuple[tuple[int, float], ...]]]  # word → idf, (number of the category, weight) …

    @classmethod
    def load(cls) -> Fields:
        """The shipped ones; read once a process."""
        return _load()

    def find(self, title: str, abstract: str) -> dict[str, float]:
        """Category → the probability that arXiv lists the paper in it; those that were learned, by name.

        None for a paper that has no word that is known.
        """
        found = [self.rows[word] for word in sorted(words(title, abstract)) if word in self.rows]
        if not found:
            return {}
        length = sqrt(sum(idf * idf for idf, _ in found))
        sums = [0.0] * len(self.names)
        for idf, weights in found:
            for at, weight in weights:
                sums[at] += idf * weight
        rows = zip(self.names, self.slopes, self.intercepts, sums, strict=True)
        return {name: round(_sigmoid(slope * total / length + start), 4) for name, slope, start, total in rows}


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-max(min(x, 30.0), -30.0)))


@cache
def _load() -> Fields:
    text = gzip.decompress(DATA.joinpath(FILE).read_bytes()).decode("utf-8")
    head, _, body = text.partition("\n\n")
    heads = [line.split("\t") for line in head.split("\n") if not line.startswith("#")]
    rows = {}
    for line in body.rstrip("\n").split("\n"):
        word, idf, weights = line.split("\t")
        cells = (cell.split(":") for cell in weights.split())
        rows[word] = float(idf), tuple((int(at), float(weight)) for at, weight in cells)
    return Fields(
        tuple(name for name, _, _ in heads),
        tuple(float(slope) for _, slope, _ in heads),
        tuple(float(start) for _, _, start in heads),
        rows,
    )
