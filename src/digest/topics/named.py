"""The topics of papers by a reader's own taxonomy: how near a paper's vector is to each topic's name, and its words.

Cosines mean different things with different models, and one paper is nearer to all names than another. So a cosine is
taken against those of the same paper with the names of arXiv's categories: z = (cosine − mean) / standard deviation. To it comes the share of
the name's words that the paper has, weighed by how rare each is among the names. The confidence is a logistic function of
both. It is fitted on arXiv's own categories, with the model that comes with the installation: as good as the names are,
and elsewhere an order rather than a probability.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from digest.model import Candidate, Topic
from digest.taxonomy import CATEGORIES
from digest.topics.assign import FLOOR, KEPT
from digest.topics.taxonomy import Taxonomy

RECIPE = 1

INTERCEPT, NEARNESS, WORDS = -6.2, 1.35, 1.3
"""Fitted by ``benchmarks.quality topics --names`` on arXiv's categories; see there."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_SMALL = frozenset({"and", "or", "of", "the", "in", "for", "on", "to", "with", "by"})


@dataclass(frozen=True)
class NamedTopics:
    """Assigns topics of any taxonomy; *vectors* are those of ``names_of`` in their order, unit rows (names, dimensions)."""

    taxonomy: Taxonomy
    vectors: Callable[[], NDArray[np.float32]]
    model: str
    needs_vector = True

    @cached_property
    def name(self) -> str:
        """Recipe, taxonomy and model: another name means other topics."""
        rows = sorted((t, self.taxonomy.names[t], self.taxonomy.broader.get(t, "")) for t in self.taxonomy.names)
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()[:12]
        return f"named-topics-{RECIPE}:{digest}:{self.model}"

    def assign(
        self, title: str, abstract: str, _candidates: Sequence[Candidate], vector: NDArray[np.float32] | None, /
    ) -> tuple[Topic, ...]:
        """At most ``KEPT`` topics, the surest first, ties by identifier. *vector* is the paper's, a unit row."""
        assert vector is not None
        sure = self.confidences(f"{title} {abstract}", vector)
        best = sorted(sure, key=lambda topic: (-sure[topic], topic))[:KEPT]
        return tuple(self._topic(topic, sure[topic]) for topic in best if sure[topic] >= FLOOR)

    def confidences(self, text: str, vector: NDArray[np.float32]) -> dict[str, float]:
        """Every topic's, by identifier, for a paper with this text and this vector."""
        cosines = self._vectors @ vector
        size = len(self.taxonomy.names)
        near = nearness(cosines[:size], cosines[size:])
        rows = zip(self.taxonomy.names, near, self._shares(text), strict=True)
        return {topic: confidence(float(z), share) for topic, z, share in rows}

    def _topic(self, topic: str, sure: float) -> Topic:
        *above, name = self.taxonomy.path(topic)
        return Topic(name=name, path=tuple(above), confidence=sure)

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self.vectors()

    @cached_property
    def _words(self) -> list[dict[str, float]]:
        """Of each topic's name the words' shares of its weight."""
        names = [_words(name) for name in self.taxonomy.names.values()]
        df = Counter(word for words in names for word in words)
        weighed = [{word: log(1 + len(names) / df[word]) for word in words} for words in names]
        return [{w: weight / sum(row.values()) for w, weight in row.items()} for row in weighed]

    def _shares(self, text: str) -> list[float]:
        words = _words(text)
        return [sum(weight for word, weight in row.items() if word in words) for row in self._words]


def names_of(taxonomy: Taxonomy) -> list[str]:
    """What is embedded: the topics' names, in the order of the taxonomy, and behind them those of arXiv's categories."""
    return [*taxonomy.names.values(), *dict.fromkeys(CATEGORIES.values())]


def nearness(cosines: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float64]:
    """One paper's cosines with topics' names, against the mean and the spread of those with other names."""
    spread = max(float(reference.std(dtype=np.float64)), 1e-6)
    return (cosines.astype(np.float64) - float(reference.mean(dtype=np.float64))) / spread


def confidence(z: float, share: float) -> float:
    return round(1 / (1 + exp(-(INTERCEPT + NEARNESS * z + WORDS * share))), 4)


def _words(text: str) -> set[str]:
    """Lower case, and without a plural's s."""
    found = (word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in _WORD.findall(text.lower()))
    return set(found) - _SMALL
