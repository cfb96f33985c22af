"""Which concepts of computer science a paper is about: those whose names are among its terms, and what is broader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from digest.model import Candidate
from digest.topics.taxonomy import DATA, ROOT_CONCEPT, Taxonomy, shipped

CONFIDENCE = "confidence.json"
FEATURES = ("log_odds", "named", "log_terms", "in_title")
"""Of a concept in a paper: the log-odds that its authors would choose at least one of the terms that name it or a narrower
one (as if one choice said nothing of another), whether a term names the concept itself, the logarithm of the number of
these terms, and whether one of them is in the title.
"""


@dataclass(frozen=True)
class Concepts:
    """Finds the concepts of papers; pure in its input, so one serves all papers."""

    taxonomy: Taxonomy
    intercept: float
    weights: Mapping[str, float]  # by feature

    @classmethod
    def load(cls) -> Concepts:
        """The shipped ones."""
        table = json.loads(DATA.joinpath(CONFIDENCE).read_text(encoding="utf-8"))
        return cls(shipped(), table["intercept"], table["weights"])

    def find(self, candidates: Sequence[Candidate]) -> dict[str, float]:
        """Concept → the probability that the authors would give it, or a narrower one, as a keyword; by name."""
        weights = [self.weights[name] for name in FEATURES]
        found = features(self.taxonomy, candidates)
        return {
            name: round(_sigmoid(self.intercept + sum(w * v for w, v in zip(weights, values, strict=True))), 4)
            for name, values in sorted(found.items())
        }


def upwards(taxonomy: Taxonomy, names: Iterable[str]) -> set[str]:
    """Those of *names* that are concepts, and all that are broader, but the root: every paper is about that."""
    return {one for name in names if name in taxonomy.names for one in taxonomy.up(name)} - {ROOT_CONCEPT}


def features(taxonomy: Taxonomy, candidates: Sequence[Candidate]) -> dict[str, list[float]]:
    """Each concept that a candidate names, or is narrower than: its features, in the order of ``FEATURES``."""
    below: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        for name in upwards(taxonomy, [candidate.canonical]):
            below.setdefault(name, []).append(candidate)
    return {name: _values(name, found) for name, found in below.items()}


def _values(name: str, found: Sequence[Candidate]) -> list[float]:
    none = sum(log1p(-min(candidate.probability, 0.999)) for candidate in found)
    some = min(max(-_expm1(none), 1e-4), 0.9999)
    return [
        log(some / (1 - some)),
        float(any(candidate.canonical == name for candidate in found)),
        log1p(len(found)),
        float(any(candidate.in_title for candidate in found)),
    ]


def _expm1(x: float) -> float:
    return exp(x) - 1


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-max(min(x, 30.0), -30.0)))
