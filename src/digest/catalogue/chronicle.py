"""What a day, week or month has brought, as it stood when its last day was settled: later papers change no earlier page."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from digest.catalogue.rows import IN, listed
from digest.model import Course, PaperId, Trend
from digest.periods import KINDS, Period, period

READ_FIRST = 5
"""Papers of a day that its page says to read first: those with the closest ties to what the vault had."""


class Chronicle:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- keywords ---

    def common(self, limit: int) -> list[str]:
        """Keywords with a page whose term most papers have, those of most first."""
        rows = self._all(
            "SELECT name FROM terms JOIN pages ON kind = 'keyword' AND key = name ORDER BY papers DESC, name LIMIT ?",
            limit,
        )
        return [row[0] for row in rows]

    def frequent(self, when: Period, *, least: int, limit: int) -> list[str]:
        """Keywords with a page that at least so many papers of a time link, the most frequent first."""
        rows = self._all(
            "SELECT name FROM papers CROSS JOIN keywords ON paper_id = id CROSS JOIN pages ON kind = 'keyword' AND key = name "
            "WHERE announced BETWEEN ? AND ? GROUP BY name HAVING count(*) >= ? ORDER BY count(*) DESC, name LIMIT ?",
            when.first.isoformat(),
            when.last.isoformat(),
            least,
            limit,
        )
        return [row[0] for row in rows]

    def set_news(self, when: Period, trends: Mapping[str, Trend]) -> None:
        """The trends of keywords within a time, against the time before it."""
        self._connection.execute("DELETE FROM news WHERE kind = ? AND key = ?", (when.kind, when.key))
        self._connection.executemany(
            "INSERT INTO news (kind, key, name, course, days, recent, expected) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (when.kind, when.key, name, t.course.value, t.days, t.recent, t.expected)
                for name, t in sorted(trends.items())
            ],
        )

    def news(self, when: Period) -> dict[str, Trend]:
        sql = "SELECT name, course, days, recent, expected FROM news WHERE kind = ? AND key = ?"
        rows = self._all(sql, when.kind, when.key)
        return {r[0]: Trend(course=Course(r[1]), days=r[2], recent=r[3], expected=r[4]) for r in rows}

    def telling_of(self, names: Iterable[str]) -> set[Period]:
        """The times whose news has one of these keywords."""
        rows = self._all(f"SELECT DISTINCT kind, key FROM news WHERE name {IN}", listed(names))
        return {period(kind, row[1]) for row in rows for kind in KINDS if kind == row[0]}

    # --- papers ---

    def rank_central(self, when: Period, limit: int) -> None:
        """Write down which of a time's papers are among the nearest of most papers now; ties by identifier."""
        self._connection.execute("DELETE FROM central WHERE kind = ? AND key = ?", (when.kind, when.key))
        self._connection.execute(
            "INSERT INTO central (kind, key, rank, paper_id, papers) "
            "SELECT ?1, ?2, row_number() OVER (ORDER BY papers DESC, other_id) - 1, other_id, papers FROM ("
            "  SELECT other_id, count(*) AS papers FROM papers JOIN neighbours ON other_id = id "
            "  WHERE announced BETWEEN ?3 AND ?4 GROUP BY other_id HAVING papers > 1 "
            "  ORDER BY papers DESC, other_id LIMIT ?5)",
            (when.kind, when.key, when.first.isoformat(), when.last.isoformat(), limit),
        )

    def central(self, when: Period) -> dict[PaperId, int]:
        """Paper → papers that had it among their nearest when the time ended, most first."""
        sql = "SELECT paper_id, papers FROM central WHERE kind = ? AND key = ? ORDER BY rank"
        return {PaperId(row[0]): row[1] for row in self._all(sql, when.kind, when.key)}

    def set_ties(self, ties: Mapping[PaperId, Sequence[PaperId]]) -> None:
        """What each paper was nearest to when it came, the nearest first."""
        self._connection.execute(f"DELETE FROM ties WHERE paper_id {IN}", (listed(ties),))
        self._connection.executemany(
            "INSERT INTO ties (paper_id, rank, other_id) VALUES (?, ?, ?)",
            [(paper, rank, other) for paper, others in ties.items() for rank, other in enumerate(others)],
        )

    def ties(self, papers: Collection[str]) -> dict[PaperId, list[PaperId]]:
        found: dict[PaperId, list[PaperId]] = {}
        sql = f"SELECT paper_id, other_id FROM ties WHERE paper_id {IN} ORDER BY paper_id, rank"
        for paper, other in self._all(sql, listed(papers)):
            found.setdefault(PaperId(paper), []).append(PaperId(other))
        return found

    def tied_to(self, papers: Collection[str]) -> set[PaperId]:
        """Papers that were nearest to one of these when they came."""
        return {PaperId(r[0]) for r in self._all(f"SELECT paper_id FROM ties WHERE other_id {IN}", listed(papers))}

    # --- maps ---

    def layout(self, key: str) -> str | None:
        """What was drawn of a set of texts, by a key of them."""
        rows = self._all("SELECT value FROM layouts WHERE key = ?", key)
        return rows[0][0] if rows else None

    def set_layout(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO layouts VALUES (?, ?)", (key, value))
