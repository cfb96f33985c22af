"""How often authors chose a term as a keyword of their paper: figures of 2,290 papers, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from digest.keywords.canonical import key
from digest.keywords.tables import read_pairs

FILE = "vocabulary.tsv.gz"


@dataclass(frozen=True)
class Vocabulary:
    """Canonical names with the number of papers whose authors chose them, of *papers* papers."""

    chosen: Mapping[str, int]
    papers: int

    @classmethod
    def load(cls) -> Vocabulary:
        """The shipped vocabulary; read once a process."""
        return _load()

    @classmethod
    def of(cls, papers: Iterable[Iterable[str]]) -> Vocabulary:
        """The vocabulary of the canonical keywords of some papers."""
        counts: Counter[str] = Counter()
        size = 0
        for names in papers:
            counts.update(set(names))
            size += 1
        return cls(counts, size)

    @cached_property
    def heads(self) -> Mapping[str, int]:
        """Last words of the keys, with how many choices end in them."""
        return self._words(slice(-1, None))

    @cached_property
    def modifiers(self) -> Mapping[str, int]:
        """All other words of the keys, with how many choices have them."""
        return self._words(slice(None, -1))

    def _words(self, part: slice) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for name, count in self.chosen.items():
            for word in key(name).split()[part]:
                counts[word] += count
        return counts


@cache
def _load() -> Vocabulary:
    rows = read_pairs(FILE)
    papers = int(rows.pop("", "0"))
    return Vocabulary({name: int(count) for name, count in rows.items()}, papers)
