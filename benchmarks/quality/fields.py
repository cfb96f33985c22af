"""The field of a paper, told from its words where its category is not known, and counts adjusted for the mix of fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log
from typing import Any

from digest.keywords.text import tokens
from digest.keywords.trends import PRIOR_PAPERS

MOST_RECENT = 0.9
"""A field of which more than this part is of the last year has no past to compare with."""


class Fields:
    """Tells the field of a paper from its words: multinomial naive Bayes, learned from the papers with a category.

    Needed since the older papers have none, and the mix of fields changes from year to year: without it all of
    astrophysics, which begins late here, would look new.
    """

    def __init__(self, papers: Iterable[dict[str, Any]]) -> None:
        counts: dict[str, Counter[str]] = {}
        for paper in papers:
            if paper.get("categories"):
                counts.setdefault(self.group(paper["categories"][0]), Counter()).update(self.words(paper))
        kept = {field: words for field, words in counts.items() if words.total() > 20_000}
        vocabulary: set[str] = set().union(*kept.values())
        self.names = sorted(kept)
        floor = {field: log(words.total() + 0.5 * len(vocabulary)) for field, words in kept.items()}
        self.weights = {
            word: tuple(log(kept[field][word] + 0.5) - floor[field] for field in self.names) for word in vocabulary
        }

    @staticmethod
    def group(category: str) -> str:
        """The field that a category counts to: itself for the three largest, else its archive."""
        return category if category in ("cs.CV", "cs.CL", "cs.AI") else category.partition(".")[0]

    @staticmethod
    def words(paper: dict[str, Any]) -> list[str]:
        return [word.lower() for word in tokens(paper["title"]) + tokens(paper["abstract"]) if word]

    def __call__(self, paper: dict[str, Any]) -> str:
        rows = [self.weights[word] for word in self.words(paper)[:100] if word in self.weights]
        scores = [sum(column) for column in zip(*rows, strict=True)] or [0.0] * len(self.names)
        return self.names[scores.index(max(scores))]


def expected_recent(df: Mapping[str, int], share: Mapping[str, float]) -> float:
    """Of a term's papers, by field, those that would be recent if it were as frequent in each field as ever."""
    return sum(count * share[field] for field, count in df.items())


def adjusted(total: int, recent: int, expected: float, overall: float) -> int:
    """Of a term's *total* papers, those that would be recent in the background's *overall* mix of fields.

    The ratios of what is seen to what its fields would make us expect, recent and past, applied to the overall share.
    """
    now = (recent + 0.5) / (expected + 0.5) * overall
    past = (total - recent + 0.5) / (total - expected + 0.5) * (1 - overall)
    return round(total * now / (now + past))


def level_ratio(df: Mapping[str, int], recent: Mapping[str, int], share: Mapping[str, float]) -> float:
    """A term's level in the recent papers against the others: the ratio of both standardised ratios.

    *df* and *recent* are by field, *share* is the recent part of each field. Only fields that have a past are looked at:
    what little a new source brings of it may be of another kind. To each side ``PRIOR_PAPERS`` are added as seen and as
    expected; so a term of a new field, or of few papers, has a ratio near 1.
    """
    known = {field: count for field, count in df.items() if share[field] <= MOST_RECENT}
    total, seen, expected = sum(known.values()), sum(recent[field] for field in known), expected_recent(known, share)
    now = (seen + PRIOR_PAPERS) / (expected + PRIOR_PAPERS)
    past = (total - seen + PRIOR_PAPERS) / (total - expected + PRIOR_PAPERS)
    return now / past
