"""How often terms occur in the shipped background: figures of arXiv abstracts by year, no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate

from digest.keywords.tables import read_lines

FILE = "background.tsv.gz"
KNOWN_PAPERS = 3
"""A term is known from the year on in which this many papers had it: one paper may be a slip of the pen."""

STEPS = 4
"""Steps to a doubling, in which the file tells how much the level of a term has risen: 19 % each."""


@dataclass(frozen=True, slots=True)
class Background:
    """Term statistics of *size* abstracts, *recent_size* of them from the last twelve months before *end*.

    A term in fewer than ``floor`` abstracts is not kept, and counts as in none.
    """

    size: int
    recent_size: int
    end: date  # of the last abstract
    floor: int
    years: Mapping[int, int]  # abstracts of each year, by rising year
    rows: dict[str, str]  # canonical name → "recent<TAB>rise<TAB>alone<TAB>papers of each year …", split when asked for

    @classmethod
    def load(cls) -> Background:
        """The shipped background; read once a process."""
        return _load()

    @property
    def year(self) -> int:
        """The year in which it ends."""
        return self.end.year

    def age(self, day: date) -> float:
        """Years from the background's end to *day*, at least 0."""
        return max((day - self.end).days, 0) / 365.25

    def counts(self, canonical: str) -> tuple[int, int, int]:
        """Papers with the term, those of the last twelve months, and the year of its third paper; zeros when unknown."""
        df, recent, first, _ = self.figures(canonical)
        return df, recent, first

    def figures(self, canonical: str) -> tuple[int, int, int, int]:
        """As ``counts``, and the number of papers in which the term once stood outside any longer phrase."""
        row = self.rows.get(canonical)
        if row is None:
            return 0, 0, 0, 0
        recent, _, alone, *papers = map(int, row.split("\t"))
        first = next(
            year for year, so_far in zip(self.years, accumulate(papers), strict=True) if so_far >= KNOWN_PAPERS
        )
        return sum(papers), recent, first, alone

    def ratio(self, canonical: str) -> float:
        """The level in the last twelve months against the years before, within the mix of fields; 1 when unknown.

        Shrunk towards 1, so that few papers say little; ``tools/build_background.py`` has the formula.
        """
        row = self.rows.get(canonical)
        return 2.0 ** (int(row.split("\t", 2)[1]) / STEPS) if row else 1.0


@cache
def _load() -> Background:
    head, years, *lines = read_lines(FILE)
    size, recent, end, floor = head.split("\t")
    return Background(
        size=int(size),
        recent_size=int(recent),
        end=date.fromisoformat(end),
        floor=int(floor),
        years={int(year): int(papers) for year, papers in (cell.split(":") for cell in years.split("\t"))},
        rows={name: figures for name, _, figures in (line.partition("\t") for line in lines)},
    )
