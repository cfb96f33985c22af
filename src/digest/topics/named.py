"""The topics of papers by a reader's own taxonomy: how near a paper's vectors are to that of each topic's name.

Cosines mean different things with different models, and one paper is nearer to all names than another. So a cosine is
taken against those of the same text with the names of arXiv's categories: z = (cosine − mean) / standard deviation. A
paper's z is the mean of its title's and of its whole text's: a title says most for its length, and names are as short.
The confidence is a logistic function of z, fitted on arXiv's own categories with the model that comes with the
installation (120 papers of 2025): elsewhere it is an order rather than a probability. (Words that name and paper share
were tried beside z and told nothing more.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
from numpy.typing import NDArray

from digest.model import Candidate, Topic
from digest.taxonomy import CATEGORIES
from digest.topics.assign import FLOOR, KEPT
from digest.topics.taxonomy import Taxonomy

RECIPE = 1

INTERCEPT, NEARNESS = -6.06, 1.62


@dataclass(frozen=True)
class NamedTopics:
    """Assigns topics of any taxonomy.

    *vectors* are those of ``names_of`` in their order, shape (names, dimensions); *embed* makes those of titles.
    """

    taxonomy: Taxonomy
    vectors: Callable[[], NDArray[np.float32]]
    embed: Callable[[Sequence[str]], NDArray[np.float32]]
    model: str
    needs_vector = True

    @cached_property
    def name(self) -> str:
        """Recipe, taxonomy and model: another name means other topics."""
        rows = sorted((t, self.taxonomy.names[t], self.taxonomy.broader.get(t, "")) for t in self.taxonomy.names)
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()[:12]
        return f"named-topics-{RECIPE}:{digest}:{self.model}"

    def assign(
        self, title: str, _abstract: str, _candidates: Sequence[Candidate], vector: NDArray[np.float32] | None, /
    ) -> tuple[Topic, ...]:
        """At most ``KEPT`` topics, the surest first, ties by identifier. *vector* is the paper's, of unit length."""
        assert vector is not None
        sure = self.confidences(title, vector)
        best = sorted(sure, key=lambda topic: (-sure[topic], topic))[:KEPT]
        return tuple(self._topic(topic, sure[topic]) for topic in best if sure[topic] >= FLOOR)

    def confidences(self, title: str, vector: NDArray[np.float32]) -> dict[str, float]:
        """Every topic's, by identifier, for a paper with this title and this vector."""
        cosines = self._vectors @ np.stack([vector, self.embed([title])[0]], axis=1)
        size = len(self.taxonomy.names)
        near = nearness(cosines[:size], cosines[size:]).mean(axis=1)
        return {topic: confidence(float(z)) for topic, z in zip(self.taxonomy.names, near, strict=True)}

    def _topic(self, topic: str, sure: float) -> Topic:
        *above, name = self.taxonomy.path(topic)
        return Topic(name=name, path=tuple(above), confidence=sure)

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self.vectors()


def names_of(taxonomy: Taxonomy) -> list[str]:
    """What is embedded: the topics' names, in the order of the taxonomy, and behind them those of arXiv's categories."""
    return [*taxonomy.names.values(), *dict.fromkeys(CATEGORIES.values())]


def nearness(cosines: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines with topics' names, a column a text, against the mean and the spread of those with other names."""
    spread = np.maximum(reference.std(axis=0, dtype=np.float64), 1e-6)
    found: NDArray[np.float64] = (cosines.astype(np.float64) - reference.mean(axis=0, dtype=np.float64)) / spread
    return found


def confidence(z: float) -> float:
    return round(1 / (1 + exp(-(INTERCEPT + NEARNESS * z))), 4)
