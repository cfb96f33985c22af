"""Which papers are near which: what was concluded, and what it was concluded from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from digest.catalogue.rows import IN, listed
from digest.model import Neighbour, PaperId

if TYPE_CHECKING:
    from digest.ports import Facts, Filter


LINKABLE = "noted AND NOT dismissed"


@dataclass(frozen=True, slots=True)
class Spread:
    """How like random pairs of papers are, when it was last measured: pairs by thousandths of their cosine."""

    recipe: str  # of the texts' vectors and words
    papers: int  # of the catalogue then
    counts: Mapping[int, int]  # n → pairs with n/1000 <= cosine < (n + 1)/1000


class Relations:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- texts ---

    def keys(self, papers: Iterable[str], day: date) -> dict[PaperId, bytes]:
        """Of these papers those that may be linked, with the key of the text that they are settled with.

        Of papers that wait to be settled only those of *day*, with that day's text.
        """
        rows = self._all(
            f"SELECT id, coalesce(queue.text_hash, settled_hash) FROM papers "
            f"LEFT JOIN queue ON paper_id = id AND day = ? WHERE {LINKABLE} AND (settled OR paper_id IS NOT NULL) "
            f"AND coalesce(queue.text_hash, settled_hash) <> '' AND id {IN} ORDER BY id",
            day.isoformat(),
            listed(papers),
        )
        return {PaperId(row[0]): bytes.fromhex(row[1]) for row in rows}

    def owners(self, keys: Iterable[bytes], day: date) -> dict[bytes, list[PaperId]]:
        """Whose texts these are, as ``keys`` has them; papers by rising id. A text may be nobody's any more."""
        found: dict[bytes, list[PaperId]] = {}
        wanted = listed(sorted(key.hex() for key in keys))
        rows = self._all(
            f"SELECT id, settled_hash FROM papers WHERE settled_hash {IN} AND settled AND {LINKABLE} "
            "AND NOT EXISTS (SELECT 1 FROM queue WHERE paper_id = id AND day = ?2) "
            f"UNION ALL SELECT id, queue.text_hash FROM queue JOIN papers ON id = paper_id "
            f"WHERE day = ?2 AND queue.text_hash {IN.replace('?', '?1')} AND {LINKABLE} ORDER BY 1",
            wanted,
            day.isoformat(),
        )
        for paper, text in rows:
            found.setdefault(bytes.fromhex(text), []).append(PaperId(paper))
        return found

    def linkable(self, day: date) -> list[PaperId]:
        """All papers that may be linked on *day*, by rising id."""
        rows = self._all(
            f"SELECT id FROM papers WHERE {LINKABLE} AND (settled OR id IN "
            "(SELECT paper_id FROM queue WHERE day = ? AND text_hash <> '')) ORDER BY id",
            day.isoformat(),
        )
        return [PaperId(row[0]) for row in rows]

    def settled(self) -> list[PaperId]:
        """All papers with conclusions that may be linked, by rising id."""
        return [PaperId(r[0]) for r in self._all(f"SELECT id FROM papers WHERE {LINKABLE} AND settled ORDER BY id")]

    def facts(self, day: date) -> Iterator[Facts]:
        """What filters ask about the settled papers of which anything was announced, or settled, on a day."""
        from digest.ports import Facts

        rows = self._all(
            "SELECT settled_hash, categories, announced FROM papers WHERE settled AND settled_hash <> '' AND id IN "
            "(SELECT paper_id FROM announcements WHERE day = ?1 UNION SELECT paper_id FROM settlements WHERE day = ?1) "
            "ORDER BY id",
            day.isoformat(),
        )
        for text, categories, announced in rows:
            yield Facts(
                key=bytes.fromhex(text),
                categories=tuple(json.loads(categories)),
                announced=date.fromisoformat(announced),
            )

    def select(self, among: Filter) -> list[bytes]:
        """The keys of settled papers that fit a filter, rising."""
        where, parameters = fitting(among)
        sql = f"SELECT DISTINCT settled_hash FROM papers WHERE settled AND {LINKABLE} AND {where} ORDER BY 1"
        return [bytes.fromhex(row[0]) for row in self._all(sql, *parameters)]

    # --- how like random pairs are ---

    def spread(self) -> Spread | None:
        """None until it was measured."""
        rows = self._all("SELECT recipe, papers, counts FROM spread")
        if not rows:
            return None
        counts = {int(n): count for n, count in json.loads(rows[0]["counts"]).items()}
        return Spread(rows[0]["recipe"], rows[0]["papers"], counts)

    def set_spread(self, spread: Spread) -> None:
        self._connection.execute("DELETE FROM spread")
        self._connection.execute(
            "INSERT INTO spread VALUES (1, ?, ?, ?)", (spread.recipe, spread.papers, json.dumps(dict(spread.counts)))
        )

    # --- neighbours ---

    def neighbours(self, papers: Iterable[str] | None = None) -> dict[PaperId, tuple[Neighbour, ...]]:
        """Paper → its own nearest, nearest first; of all papers where none are named."""
        where, parameters = ("", ()) if papers is None else (f"WHERE paper_id {IN}", (listed(papers),))
        found: dict[PaperId, list[Neighbour]] = {}
        sql = f"SELECT paper_id, other_id, score, cosine, words FROM neighbours {where} ORDER BY paper_id, rank"
        for row in self._all(sql, *parameters):
            found.setdefault(PaperId(row[0]), []).append(_neighbour(*row[1:]))
        return {paper: tuple(others) for paper, others in found.items()}

    def naming(self, papers: Iterable[str]) -> dict[PaperId, tuple[Neighbour, ...]]:
        """Paper → the papers that have it among their nearest, by rising id; dismissed ones left out."""
        found: dict[PaperId, list[Neighbour]] = {}
        for row in self._all(
            "SELECT other_id, paper_id, score, cosine, words FROM neighbours JOIN papers ON id = paper_id "
            f"WHERE other_id {IN} AND NOT dismissed ORDER BY other_id, paper_id",
            listed(papers),
        ):
            found.setdefault(PaperId(row[0]), []).append(_neighbour(*row[1:]))
        return {paper: tuple(others) for paper, others in found.items()}

    def last(self, papers: Iterable[str], rank: int) -> dict[PaperId, float]:
        """The score of each paper's neighbour of this rank, of the papers that have one."""
        sql = f"SELECT paper_id, score FROM neighbours WHERE rank = ? AND paper_id {IN}"
        return {PaperId(row[0]): row[1] for row in self._all(sql, rank, listed(papers))}

    def set_neighbours(self, lists: Mapping[PaperId, Sequence[Neighbour]]) -> None:
        self._connection.execute(f"DELETE FROM neighbours WHERE paper_id {IN}", (listed(lists),))
        self._connection.executemany(
            "INSERT INTO neighbours (paper_id, rank, other_id, score, cosine, words) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (paper, rank, n.id, n.score, n.cosine, n.words)
                for paper, found in lists.items()
                for rank, n in enumerate(found)
            ],
        )

    def set_ties(self, ties: Mapping[PaperId, float]) -> None:
        self._connection.executemany("UPDATE papers SET tie = ? WHERE id = ?", [(tie, p) for p, tie in ties.items()])

    def named_by(self, papers: Iterable[str]) -> set[PaperId]:
        """Papers that have one of *papers* among their own nearest."""
        sql = f"SELECT DISTINCT paper_id FROM neighbours WHERE other_id {IN}"
        return {PaperId(row[0]) for row in self._all(sql, listed(papers))}

    def naming_dismissed(self) -> set[PaperId]:
        """Papers that have one among their nearest whose note the reader has deleted."""
        sql = "SELECT DISTINCT paper_id FROM neighbours WHERE other_id IN (SELECT id FROM papers WHERE dismissed)"
        return {PaperId(row[0]) for row in self._all(sql)}

    # --- links: those of the near papers that a note has room for ---

    def accepted(self, papers: Iterable[str]) -> dict[PaperId, tuple[PaperId, ...]]:
        """Paper → those of the papers near it that it has room for, the first to be taken first."""
        found: dict[PaperId, list[PaperId]] = {}
        sql = f"SELECT paper_id, other_id FROM links WHERE paper_id {IN} ORDER BY paper_id, rank"
        for paper, other in self._all(sql, listed(papers)):
            found.setdefault(PaperId(paper), []).append(PaperId(other))
        return {paper: tuple(others) for paper, others in found.items()}

    def set_accepted(self, lists: Mapping[PaperId, Sequence[PaperId]]) -> None:
        self._connection.execute(f"DELETE FROM links WHERE paper_id {IN}", (listed(lists),))
        self._connection.executemany(
            "INSERT INTO links VALUES (?, ?, ?)",
            [(paper, rank, other) for paper, found in lists.items() for rank, other in enumerate(found)],
        )

    def linked(self, papers: Iterable[str]) -> dict[PaperId, set[PaperId]]:
        """Paper → papers with which it has a link: both have room for each other."""
        found: dict[PaperId, set[PaperId]] = {}
        for paper, other in self._all(
            "SELECT a.paper_id, a.other_id FROM links a JOIN links b ON b.paper_id = a.other_id "
            f"AND b.other_id = a.paper_id WHERE a.paper_id {IN}",
            listed(papers),
        ):
            found.setdefault(PaperId(paper), set()).add(PaperId(other))
        return found

    def partners(self, papers: Collection[str]) -> set[PaperId]:
        """Papers whose notes may show one of *papers*."""
        return {other for others in self.linked(papers).values() for other in others}


def _neighbour(paper: str, score: float, cosine: float, words: float) -> Neighbour:
    return Neighbour(id=PaperId(paper), score=score, cosine=cosine, words=words)


def fitting(among: Filter) -> tuple[str, tuple[str, ...]]:
    """A filter as a condition on ``papers``, and its parameters."""
    conditions, parameters = ["1"], []
    if among.categories:
        conditions.append(f"id IN (SELECT paper_id FROM paper_categories WHERE category {IN})")
        parameters.append(listed(among.categories))
    if among.since:
        conditions.append("announced >= ?")
        parameters.append(among.since.isoformat())
    if among.until:
        conditions.append("announced <= ?")
        parameters.append(among.until.isoformat())
    return " AND ".join(conditions), tuple(parameters)
