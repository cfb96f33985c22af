"""What is to be settled, what was, and how to take it back.

A paper is *settled* when conclusions are drawn from its text with the rest of the catalogue in view: once on the day
with which its note comes, and again on each day on which a version with another text is announced. Days are settled in
their order. When more of a day is told after it was settled, its conclusions and those of all days after it are taken
back and drawn anew: so the catalogue ends as if everything had been told at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from digest.catalogue.rows import PAPER_COLUMNS, listed, paper_of
from digest.model import Paper


class Agenda:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- what is to be settled ---

    @property
    def floor(self) -> date:
        """The first day whose conclusions can be taken back; what is told of days before it counts for this day."""
        return self._watermark("floor") or date.min

    def _watermark(self, source: str) -> date | None:
        rows = self._all("SELECT value FROM watermarks WHERE source = ?", source)
        return date.fromisoformat(rows[0][0]) if rows else None

    def open_history(self, day: date) -> None:
        """Until ``close_history``, a paper that was never settled before the floor has its own day before it, from *day*
        on; conclusions that can be taken back are drawn anew after it.
        """
        first = min(day, self._watermark("history") or day)
        self._connection.execute("INSERT OR REPLACE INTO watermarks VALUES ('history', ?)", (first.isoformat(),))

    def close_history(self) -> None:
        self._connection.execute("DELETE FROM watermarks WHERE source = 'history'")

    def plan(self, papers: Iterable[str]) -> None:
        """Queue what these papers want and have not had, and what they have had and do not want: see ``_wanted``."""
        floor = self.floor.isoformat()
        history = min(floor, (self._watermark("history") or self.floor).isoformat())
        for paper_id in papers:
            rows = self._all("SELECT day, text_hash FROM settlements WHERE paper_id = ? ORDER BY day", paper_id)
            wanted, done = dict(self._wanted(paper_id)), {row["day"]: row["text_hash"] for row in rows}
            first = history if all(day >= floor for day in done) else floor
            due, had = _last_before(first, wanted), _last_before(first, done)
            if due is not None and due != had:
                wanted.setdefault(first, due)  # told too late for its own day
            days = {day for day in {*wanted, *done} if day >= first and wanted.get(day) != done.get(day)}
            self._connection.execute("DELETE FROM queue WHERE paper_id = ?", (paper_id,))
            self._connection.executemany(
                "INSERT INTO queue VALUES (?, ?, ?)", [(day, paper_id, wanted.get(day, "")) for day in sorted(days)]
            )

    def _wanted(self, paper_id: str) -> list[tuple[str, str]]:
        """Days, rising, and hashes of texts to settle a paper with: its note's day, then each that changes its text."""
        noted = self._all("SELECT noted_on, text_hash FROM papers WHERE id = ? AND noted", paper_id)
        if not noted:
            return []
        first, present = noted[0]
        versions = self._all(
            "SELECT announced, text_hash FROM versions WHERE paper_id = ? AND text_hash IS NOT NULL ORDER BY version",
            paper_id,
        )
        # A version of which nobody told the day is taken for one that was there from the beginning.
        by_then = [v["text_hash"] for v in versions if v["announced"] is None or v["announced"] <= first]
        oldest = versions[0]["text_hash"] if versions else present
        text = by_then[-1] if by_then else oldest
        wanted = {first: text}
        for version in versions:
            day, changed = version["announced"], version["text_hash"]
            if day is not None and day > first and changed != text:
                wanted[day] = text = changed
        return sorted(wanted.items())

    def days(self) -> list[date]:
        """Days with something queued, oldest first."""
        return [date.fromisoformat(row[0]) for row in self._all("SELECT DISTINCT day FROM queue ORDER BY day")]

    def papers(self, day: date) -> list[Paper]:
        """The papers queued for a day, by rising identifier, each with the text that it had on that day."""
        rows = self._all(
            f"SELECT {PAPER_COLUMNS}, wanted FROM papers JOIN (SELECT paper_id, day, text_hash AS wanted FROM queue) "
            "ON paper_id = id WHERE day = ? AND wanted <> '' ORDER BY id",
            day.isoformat(),
        )
        return [self._as_it_was(row) for row in rows]

    def settled(self, papers: Iterable[str]) -> list[Paper]:
        """Of these papers the settled ones, by rising identifier, each with the text that it was settled with."""
        sql = f"SELECT {PAPER_COLUMNS}, settled_hash AS wanted FROM papers WHERE settled AND id IN "
        rows = self._all(f"{sql}(SELECT value FROM json_each(?)) ORDER BY id", listed(papers))
        return [self._as_it_was(row) for row in rows]

    def _as_it_was(self, row: sqlite3.Row) -> Paper:
        paper = paper_of(row)
        if row["wanted"] == row["text_hash"]:
            return paper
        former = self._all(
            "SELECT title, abstract FROM versions WHERE paper_id = ? AND text_hash = ? AND title IS NOT NULL",
            paper.id,
            row["wanted"],
        )
        return replace(paper, title=former[0]["title"], abstract=former[0]["abstract"]) if former else paper

    # --- what was ---

    @contextmanager
    def recording(self, day: date) -> Iterator[None]:
        """Conclusions drawn inside are those of *day*, and can be taken back from the floor on.

        To be used inside a transaction: where they fail, its end is that of the recording.
        """
        if day < self.floor:
            yield
            return
        self._connection.execute("INSERT INTO recording VALUES (?)", (day.isoformat(),))
        yield
        self._connection.execute("DELETE FROM recording")

    def settle(self, day: date) -> None:
        """The papers queued for *day* are settled now, each with the text that was queued; the queue is done."""
        self._connection.execute(
            "INSERT INTO settlements SELECT day, paper_id, text_hash FROM queue WHERE day = ? AND text_hash <> ''",
            (day.isoformat(),),
        )
        self._connection.execute(
            "UPDATE papers SET settled = 1, settled_hash = queue.text_hash FROM queue "
            "WHERE queue.paper_id = papers.id AND queue.day = ? AND queue.text_hash <> ''",
            (day.isoformat(),),
        )
        self._connection.execute("DELETE FROM queue WHERE day = ?", (day.isoformat(),))

    def rewind(self, day: date) -> None:
        """Take back all conclusions from *day* on, and queue their papers anew.

        The pages that they concern are marked, and the paths of those that are no more are told by ``vanished``.
        """
        since = day.isoformat()
        undone = [row[0] for row in self._all("SELECT DISTINCT paper_id FROM settlements WHERE day >= ?", since)]
        statements = self._all("SELECT statement FROM undo WHERE day >= ? ORDER BY id DESC", since)
        if not statements:
            return
        before = self._all("SELECT path, kind, key FROM pages WHERE kind <> 'paper'")
        # Pages of former keywords are made when pages are published, where the keywords' own may now come back.
        former = self._all("SELECT * FROM pages WHERE kind = 'former'")
        self._connection.execute("DELETE FROM pages WHERE kind = 'former'")
        for (statement,) in statements:
            self._connection.execute(statement)
        self._connection.executemany(
            "INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?, ?, ?)", [tuple(row) for row in former]
        )
        self._connection.executemany("INSERT OR IGNORE INTO vanished VALUES (?, ?, ?)", [tuple(row) for row in before])
        self._connection.execute("DELETE FROM vanished WHERE path IN (SELECT path FROM pages)")
        self._connection.execute("INSERT OR IGNORE INTO pending SELECT kind, key FROM touched WHERE day >= ?", (since,))
        self._forget("day >= ?", since)
        queued = [row[0] for row in self._all("SELECT DISTINCT paper_id FROM queue")]
        self.plan({*undone, *queued})

    def raise_floor(self, day: date) -> None:
        """Conclusions of days before *day* can no longer be taken back."""
        if day <= self.floor:
            return
        self._connection.execute("INSERT OR REPLACE INTO watermarks VALUES ('floor', ?)", (day.isoformat(),))
        self._forget("day < ?", day.isoformat())

    def _forget(self, which: str, day: str) -> None:
        for table in ("undo", "touched"):
            self._connection.execute(f"DELETE FROM {table} WHERE {which}", (day,))

    @property
    def last_day(self) -> date:
        """The newest day with conclusions; the floor where there is none after it."""
        rows = self._all("SELECT max(day) FROM settlements")
        return max(self.floor, date.fromisoformat(rows[0][0]) if rows[0][0] else date.min)

    def is_settled_from(self, day: date) -> bool:
        """Whether there are conclusions of *day* or a day after it that can be taken back."""
        return bool(self._all("SELECT 1 FROM undo WHERE day >= ? LIMIT 1", day.isoformat()))

    # --- files of pages that are no more ---

    def vanished(self) -> dict[str, tuple[str, str]]:
        """Paths (without ``.md``) of pages that conclusions had made and that were taken back, and not made again.

        With the kind and the key of the page.
        """
        sql = "SELECT path, kind, key FROM vanished WHERE path NOT IN (SELECT path FROM pages) ORDER BY path"
        return {row[0]: (row[1], row[2]) for row in self._all(sql)}

    def forget_vanished(self, paths: Iterable[str]) -> None:
        self._connection.execute(
            "DELETE FROM vanished WHERE path IN (SELECT value FROM json_each(?)) OR path IN (SELECT path FROM pages)",
            (listed(paths),),
        )


def _last_before(floor: str, texts: dict[str, str]) -> str | None:
    """Of texts by day, that of the last day before *floor*."""
    return texts[max(days)] if (days := [day for day in texts if day < floor]) else None
