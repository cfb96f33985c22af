"""What sources outside arXiv say of papers: the last word of each, when it was heard, and when to ask again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from digest.catalogue.feedback import CURRENT
from digest.catalogue.rows import IN, dump_testimony, listed, testimony_of
from digest.model import Hearsay, PaperId, Teller, Testimony


class Cause(StrEnum):
    """What came of a question."""

    FOUND = "found"
    UNKNOWN = "unknown"  # the source does not know the paper
    UNREADABLE = "unreadable"  # it says what cannot be believed; what it said before stands


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A paper that a source is to be asked for."""

    paper: PaperId
    announced: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A source that has not answered when it was asked last."""

    nights: int  # in a row
    until: date  # from when on it is asked again
    why: str


class Outside:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def due(self, teller: Teller, today: date, *, announced_until: date, limit: int) -> tuple[list[Due], int]:
        """The papers with a note that *teller* is to be asked for, at most *limit*, and how many there are in all.

        Those in the reading queue come first, then the last announced, then by identifier. One that was never asked
        for waits until *announced_until* has come to its first day.
        """
        rows = self._all(
            "SELECT id, announced, count(*) OVER () AS all_due FROM papers "
            "LEFT JOIN outside ON source = ? AND outside.paper_id = id WHERE noted AND settled AND NOT dismissed "
            "AND CASE WHEN outside.paper_id IS NULL THEN announced <= ? ELSE again <= ? END "
            f"ORDER BY id IN (SELECT paper_id FROM feedback WHERE id IN ({CURRENT}) AND queue) DESC, announced DESC, id "
            "LIMIT ?",
            teller,
            announced_until.isoformat(),
            today.isoformat(),
            limit,
        )
        due = [Due(paper=PaperId(row["id"]), announced=date.fromisoformat(row["announced"])) for row in rows]
        return due, rows[0]["all_due"] if rows else 0

    def record(
        self,
        teller: Teller,
        paper: PaperId,
        statement: Testimony | None,
        cause: Cause,
        *,
        today: date,
        again: date | None,
    ) -> bool:
        """Write down what was heard *today*; whether a note shows something else by it.

        The day from which it is so stays where nothing that is shown has changed. Of an UNREADABLE answer nothing is
        kept but that it came.
        """
        rows = self._all("SELECT since, value FROM outside WHERE source = ? AND paper_id = ?", teller, paper)
        before = testimony_of(rows[0]["value"]) if rows and rows[0]["value"] else None
        since = rows[0]["since"] if rows else None
        if cause is Cause.UNREADABLE:
            statement = before
        is_news = _shown(statement) != _shown(before)
        self._connection.execute(
            "INSERT OR REPLACE INTO outside (source, paper_id, asked, again, cause, since, value) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                teller,
                paper,
                today.isoformat(),
                again and again.isoformat(),
                cause,
                today.isoformat() if is_news else since,
                statement and dump_testimony(statement),
            ),
        )
        return is_news

    def hearsay(self, papers: Iterable[str]) -> dict[PaperId, tuple[Hearsay, ...]]:
        """What is said of these papers, in the order of ``Teller``; those of which nothing is said are left out."""
        rows = self._all(
            f"SELECT source, paper_id, since, value FROM outside WHERE value IS NOT NULL AND paper_id {IN}",
            listed(papers),
        )
        order = {teller: place for place, teller in enumerate(Teller)}
        found: dict[PaperId, list[Hearsay]] = {}
        for row in rows:
            one = Hearsay(
                teller=Teller(row["source"]), since=date.fromisoformat(row["since"]), said=testimony_of(row["value"])
            )
            found.setdefault(PaperId(row["paper_id"]), []).append(one)
        return {paper: tuple(sorted(said, key=lambda one: order[one.teller])) for paper, said in found.items()}

    def references(self, teller: Teller) -> dict[PaperId, tuple[str, ...]]:
        """What *teller* says that papers cite, of those papers whose references are not known yet."""
        rows = self._all(
            "SELECT paper_id, value FROM outside WHERE source = ? AND json_array_length(value, '$.references') > 0 "
            "AND NOT EXISTS (SELECT 1 FROM bibliographies WHERE bibliographies.paper_id = outside.paper_id)",
            teller,
        )
        return {PaperId(row["paper_id"]): testimony_of(row["value"]).references for row in rows}

    def counts(self) -> dict[str, dict[str, int]]:
        """Of each source that was ever asked: how many papers it was asked for, by what came of it."""
        found: dict[str, dict[str, int]] = {}
        for source, cause, papers in self._all(
            "SELECT source, cause, count(*) FROM outside GROUP BY 1, 2 ORDER BY 1, 2"
        ):
            found.setdefault(source, {})[cause] = papers
        return found

    # --- silence ---

    def silence(self, teller: Teller) -> Silence | None:
        """None where the source has answered when it was asked last."""
        rows = self._all("SELECT nights, until, why FROM silent_sources WHERE source = ?", teller)
        return next((Silence(nights=r[0], until=date.fromisoformat(r[1]), why=r[2]) for r in rows), None)

    def set_silence(self, teller: Teller, silence: Silence | None) -> None:
        self._connection.execute("DELETE FROM silent_sources WHERE source = ?", (teller,))
        if silence:
            row = (teller, silence.nights, silence.until.isoformat(), silence.why)
            self._connection.execute("INSERT INTO silent_sources VALUES (?, ?, ?, ?)", row)


def _shown(statement: Testimony | None) -> Testimony | None:
    """Without what no note shows as said by a source."""
    return statement and replace(statement, references=())
