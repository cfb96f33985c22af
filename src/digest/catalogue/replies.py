"""What a language model answered about texts: the cache of its answers, and the account of what they cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from digest.catalogue.rows import IN, PAPER_COLUMNS, listed, paper_of
from digest.model import Paper, PaperId


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What was used."""

    tokens: int = 0
    cost: float = 0.0  # in the currency of the settings

    def __add__(self, other: Spent) -> Spent:
        return Spent(tokens=self.tokens + other.tokens, cost=self.cost + other.cost)


class Replies:
    """Reads and writes by *connection*; transactions are the caller's.

    A recipe names all that an answer depends on beside the text: the task, the prompt, the model.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, text_hash: str, recipe: str, value: str | None, *, day: date, spent: Spent) -> None:
        """What was answered, as it was accepted; None: it was refused, and the question is not asked again."""
        self._connection.execute(
            "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)",
            (text_hash, recipe, day.isoformat(), value, spent.tokens, spent.cost),
        )

    def known(self, hashes: Iterable[str], recipe: str) -> set[str]:
        """Those of *hashes* that have been answered, well or badly."""
        sql = f"SELECT text_hash FROM replies WHERE recipe = ? AND text_hash {IN}"
        return {row[0] for row in self._connection.execute(sql, (recipe, listed(hashes)))}

    def of(self, hashes: Iterable[str], recipe: str) -> dict[str, str]:
        """Text hash → what was accepted."""
        sql = f"SELECT text_hash, value FROM replies WHERE recipe = ? AND value IS NOT NULL AND text_hash {IN}"
        return {row[0]: row[1] for row in self._connection.execute(sql, (recipe, listed(hashes)))}

    def of_settled(self, papers: Iterable[str], recipe: str) -> dict[PaperId, str]:
        """Of settled papers, what was accepted about the texts that they are settled with."""
        sql = (
            "SELECT id, value FROM papers JOIN replies ON replies.text_hash = settled_hash "
            f"WHERE settled AND recipe = ? AND value IS NOT NULL AND id {IN}"
        )
        return {PaperId(row[0]): row[1] for row in self._connection.execute(sql, (recipe, listed(papers)))}

    def lacking(self, recipe: str, *, since: date) -> list[Paper]:
        """Papers with a settled note, announced on a day or after it, of whose present text nothing was answered; the
        newest first, those of a day by rising identifier.
        """
        rows = self._connection.execute(
            f"SELECT {PAPER_COLUMNS} FROM papers WHERE noted AND settled AND NOT dismissed AND NOT withdrawn "
            "AND announced >= ? AND NOT EXISTS "
            "(SELECT 1 FROM replies WHERE replies.text_hash = papers.text_hash AND recipe = ?) "
            "ORDER BY announced DESC, id",
            (since.isoformat(), recipe),
        )
        return [paper_of(row) for row in rows]

    def spent(self, day: date) -> Spent:
        """What the runs of a day have used."""
        sql = "SELECT coalesce(sum(tokens), 0), coalesce(sum(cost), 0.0) FROM replies WHERE day = ?"
        tokens, cost = self._connection.execute(sql, (day.isoformat(),)).fetchone()
        return Spent(tokens=tokens, cost=cost)
