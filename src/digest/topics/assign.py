"""The topics of papers by the shipped taxonomies: concepts of computer science, and arXiv's categories."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.model import Candidate, Topic
from digest.taxonomy import CATEGORIES, archive_of, canonical
from digest.topics import concepts, fields
from digest.topics.concepts import Concepts
from digest.topics.fields import Fields
from digest.topics.taxonomy import CONCEPTS, DATA, SUPPLEMENT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 1  # raise it when the same data would give other topics

FLOOR = 0.05
KEPT = 20
"""Topics of a paper that are kept, however few are shown; none with a confidence below the floor."""

_ARCHIVES = {
    "astro-ph": ("Physics", "Astrophysics"),
    "cond-mat": ("Physics", "Condensed Matter"),
    "cs": ("Computer Science",),
    "econ": ("Economics",),
    "eess": ("Electrical Engineering and Systems Science",),
    "math": ("Mathematics",),
    "nlin": ("Physics", "Nonlinear Sciences"),
    "physics": ("Physics",),
    "q-bio": ("Quantitative Biology",),
    "q-fin": ("Quantitative Finance",),
    "stat": ("Statistics",),
}
"""arXiv's names of what its categories are in; an archive that is not here has one category, and is of physics."""


@dataclass(frozen=True)
class ShippedTopics:
    """Assigns topics from a paper's words and terms; pure in its input, so one serves all papers."""

    concepts: Concepts
    fields: Fields
    name: str  # recipe and data: another name means other topics
    needs_vector = False

    @classmethod
    def load(cls) -> ShippedTopics:
        """The shipped taxonomies and what tells how sure they are; 0.1 s."""
        digest = hashlib.sha256()
        for file in (CONCEPTS, SUPPLEMENT, concepts.CONFIDENCE, fields.FILE):
            digest.update(DATA.joinpath(file).read_bytes())
        return cls(Concepts.load(), Fields.load(), f"topics-{RECIPE}:{digest.hexdigest()[:12]}")

    def assign(
        self, title: str, abstract: str, candidates: Sequence[Candidate], _vector: NDArray[np.float32] | None, /
    ) -> tuple[Topic, ...]:
        """At most ``KEPT`` topics, the surest first, ties by path; a concept has no category, a category has."""
        found = [
            Topic(name=name, path=self.concepts.taxonomy.path(name)[:-1], confidence=confidence)
            for name, confidence in self.concepts.find(candidates).items()
        ]
        found += [
            Topic(name=CATEGORIES[name], path=_above(name), confidence=confidence, category=name)
            for name, confidence in self.fields.find(title, abstract).items()
        ]
        sure = [topic for topic in found if topic.confidence >= FLOOR]
        return tuple(sorted(sure, key=_order)[:KEPT])


def _above(category: str) -> tuple[str, ...]:
    return _ARCHIVES.get(archive_of(category), ("Physics",))


def _order(topic: Topic) -> tuple[float, tuple[str, ...], str]:
    return -topic.confidence, (*topic.path, topic.name), topic.category


def shown(found: Sequence[Topic], listed: Collection[str], *, threshold: float, limit: int) -> tuple[Topic, ...]:
    """At most *limit* of the topics *found*, in their order, with a confidence of at least *threshold*.

    None that arXiv says itself: of the categories in which the paper is *listed*, and of names that say the same. None
    that is broader than another that is shown, whose path tells it.
    """
    known = {canonical(category) for category in listed if category in CATEGORIES}
    said = {CATEGORIES[category] for category in known}
    sure = [t for t in found if t.confidence >= threshold and t.category not in known and t.name not in said]
    above = {(*topic.path[:at],) for topic in sure for at in range(1, len(topic.path) + 1)}
    kept: dict[str, Topic] = {}
    for topic in sure:
        if (*topic.path, topic.name) not in above:
            kept.setdefault(topic.name, topic)
    return tuple(kept.values())[:limit]
