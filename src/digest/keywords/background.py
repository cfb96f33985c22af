"""How often terms occur in the shipped background: figures of arXiv abstracts, no text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from digest.keywords.tables import read_lines

FILE = "background.tsv.gz"


@dataclass(frozen=True, slots=True)
class Background:
    """Term statistics of *size* abstracts, *recent_size* of them from the last twelve months before *year* ended them.

    A term in fewer than ``floor`` abstracts is not kept, and counts as in none.
    """

    size: int
    recent_size: int
    year: int
    floor: int
    rows: dict[str, str]  # canonical name → "df<TAB>recent<TAB>first year<TAB>alone", split when asked for

    @classmethod
    def load(cls) -> Background:
        """The shipped background; read once a process."""
        return _load()

    def counts(self, canonical: str) -> tuple[int, int, int]:
        """Papers with the term, those of the last twelve months, and the year of its third paper; zeros when unknown."""
        df, recent, first, _ = self.figures(canonical)
        return df, recent, first

    def figures(self, canonical: str) -> tuple[int, int, int, int]:
        """As ``counts``, and the number of papers in which the term once stood outside any longer phrase."""
        row = self.rows.get(canonical)
        if row is None:
            return 0, 0, 0, 0
        df, recent, first, alone = row.split("\t")
        return int(df), int(recent), int(first), int(alone)


@cache
def _load() -> Background:
    header, *lines = read_lines(FILE)
    size, recent, year, floor = map(int, header.split("\t"))
    rows = {name: figures for name, _, figures in (line.partition("\t") for line in lines)}
    return Background(size=size, recent_size=recent, year=year, floor=floor, rows=rows)
