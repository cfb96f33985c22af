"""How often authors chose a term as a keyword of their paper: figures of 2,290 papers, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from digest.keywords.canonical import key
from digest.keywords.tables import read_lines

FILE = "vocabulary.tsv.gz"


@dataclass(frozen=True)
class Vocabulary:
    """Canonical names with the number of papers whose authors chose them, and of those that had them at all."""

    chosen: Mapping[str, int]  # at least 1
    seen: Mapping[str, int]  # papers in whose title or abstract the term is a candidate

    @classmethod
    def load(cls) -> Vocabulary:
        """The shipped vocabulary; read once a process."""
        return _load()

    @classmethod
    def of(cls, papers: Iterable[tuple[Collection[str], Collection[str]]]) -> Vocabulary:
        """The vocabulary of some papers, each with its canonical keywords and its candidates' canonical names."""
        chosen: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        for keywords, candidates in papers:
            chosen.update(set(keywords))
            seen.update(set(candidates))
        return cls(chosen, seen)

    @cached_property
    def shared(self) -> frozenset[str]:
        """Names that more than one paper's authors chose."""
        return frozenset(name for name, count in self.chosen.items() if count > 1)

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
    rows = [line.split("\t") for line in read_lines(FILE)]
    chosen = {name: int(count) for name, count, _ in rows if count != "0"}
    return Vocabulary(chosen, {name: int(count) for name, _, count in rows})
