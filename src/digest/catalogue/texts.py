"""Whole texts as arXiv's HTML had them, and when to ask for which again."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from digest.catalogue.chronicle import READ_FIRST
from digest.catalogue.rows import IN, hash_of, listed
from digest.document import Document, Outcome
from digest.model import PaperId

RETRIES: Final = {
    # Papers are converted some days after they are announced; after that, nothing comes any more.
    **dict.fromkeys((Outcome.NONE, Outcome.UNREADABLE), (1, 3, 7)),
    # arXiv converts a paper again when LaTeXML has become better; and what ends early may have been cut on its way here.
    Outcome.CUT_SHORT: (1, 7, 30, 90),
    Outcome.DAMAGED: (30, 90),
}
"""Days until an outcome is asked about again, after the first, second … try; after the last, never."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The latest word on a paper's full text."""

    version: int
    outcome: Outcome
    tries: int  # of this version
    sha256: str  # of the answer


class Texts:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- what is to be asked ---

    def due(self, papers: Sequence[PaperId], day: date) -> list[PaperId]:
        """Of *papers*, in their order, those with a note whose present version's text is to be asked for on *day*."""
        rows = self._all(
            "SELECT papers.id FROM papers JOIN pages ON kind = 'paper' AND key = papers.id LEFT JOIN texts ON paper_id = papers.id "
            f"WHERE papers.id {IN} AND NOT withdrawn AND settled "
            "AND (texts.version IS NULL OR texts.version <> papers.version OR again <= ?)",
            listed(papers),
            day.isoformat(),
        )
        wanted = {row[0] for row in rows}
        return [paper for paper in papers if paper in wanted]

    def asked_on(self, day: date) -> int:
        """How many papers were asked for on a day: a run that was killed has its night's share behind it."""
        return int(self._all("SELECT count(*) FROM texts WHERE asked = ?", day.isoformat())[0][0])

    def read_first(self) -> list[PaperId]:
        """The papers that a day's page says to read first, the newest days' first."""
        rows = self._all(
            "SELECT id FROM (SELECT id, announced, tie, row_number() OVER (PARTITION BY announced ORDER BY tie DESC, id) AS place "
            "FROM papers WHERE noted AND settled AND tie > 0) WHERE place <= ? ORDER BY announced DESC, tie DESC, id",
            READ_FIRST,
        )
        return [PaperId(row[0]) for row in rows]

    def newest(self) -> list[PaperId]:
        """All papers with a note, the last announced first."""
        rows = self._all("SELECT id FROM papers WHERE noted AND settled ORDER BY announced DESC, id")
        return [PaperId(row[0]) for row in rows]

    # --- what was told ---

    def keep(
        self,
        paper: PaperId,
        version: int,
        outcome: Outcome,
        *,
        day: date,
        sha256: str,
        modified: str,
        document: Document | None,
    ) -> None:
        """Write down what became of asking on *day*. A text that was read before stays where there is none now."""
        before = self.told([paper]).get(paper)
        tries = before.tries + 1 if before and before.version == version else 1
        waits = RETRIES.get(outcome, ())
        again = day + timedelta(days=waits[tries - 1]) if tries <= len(waits) else None
        row = (
            paper,
            version,
            outcome.value,
            day.isoformat(),
            tries,
            again and again.isoformat(),
            sha256,
            modified,
            document and zlib.compress(msgspec.json.encode(document)),
        )
        if document is None and before and before.outcome.has_text:
            sql = "UPDATE texts SET asked = ?2, again = ?3, version = ?4, tries = ?5 WHERE paper_id = ?1"
            self._connection.execute(sql, (paper, row[3], row[5], version, tries))
            return
        self._connection.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def forget(self, paper: PaperId, day: date) -> None:
        """The reader has deleted the note of a text: it is not asked for again, unless he says so."""
        self._connection.execute(
            "UPDATE texts SET outcome = ?, document = NULL, again = NULL, sha256 = '', asked = ? WHERE paper_id = ?",
            (Outcome.NONE.value, day.isoformat(), paper),
        )

    def told(self, papers: Iterable[str]) -> dict[PaperId, Told]:
        sql = f"SELECT paper_id, version, outcome, tries, sha256 FROM texts WHERE paper_id {IN}"
        return {
            PaperId(row["paper_id"]): Told(
                version=row["version"], outcome=Outcome(row["outcome"]), tries=row["tries"], sha256=row["sha256"]
            )
            for row in self._all(sql, listed(papers))
        }

    def document(self, paper: str) -> Document | None:
        rows = self._all("SELECT document FROM texts WHERE paper_id = ? AND document IS NOT NULL", paper)
        return msgspec.json.decode(zlib.decompress(rows[0][0]), type=Document) if rows else None

    def contents(self, papers: Iterable[str]) -> dict[PaperId, str]:
        """Of these papers with a whole text, the key of what is read from title, abstract and that together."""
        sql = (
            "SELECT id, text_hash, sha256 FROM texts JOIN papers ON id = paper_id "
            f"WHERE document IS NOT NULL AND paper_id {IN}"
        )
        return {PaperId(row[0]): hash_of(f"{row[1]} {row[2]}") for row in self._all(sql, listed(papers))}
