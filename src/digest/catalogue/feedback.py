"""What the reader says of papers, as a log of changes; and what of the vault is left alone for his sake."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from digest.catalogue.rows import IN, listed
from digest.model import Opinion, PaperId, Status

CURRENT = "SELECT max(id) FROM feedback GROUP BY paper_id"
HAS_NOTE = "EXISTS (SELECT 1 FROM pages WHERE kind = 'paper' AND key = paper_id)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A page that was written, and its file as it was last looked at."""

    kind: str
    key: str
    stamp: str  # "" when it was never looked at
    sha256: str  # of the file as we left it; led by "~" when it held the reader's words too


class Feedback:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- what was said ---

    def current(self, papers: Iterable[str]) -> dict[PaperId, Opinion]:
        """What the reader says of these papers now; those of which he never said anything are left out."""
        rows = self._all(
            f"SELECT * FROM feedback WHERE id IN (SELECT max(id) FROM feedback WHERE paper_id {IN} GROUP BY paper_id)",
            listed(papers),
        )
        return {PaperId(row["paper_id"]): _opinion(row) for row in rows}

    def record(self, day: date, opinions: Mapping[PaperId, Opinion]) -> int:
        """Write down what has changed, with the *day* of the run that found it; how many papers it concerns."""
        before = self.current(opinions)
        news = {paper: said for paper, said in opinions.items() if said != before.get(paper, Opinion())}
        self._connection.executemany(
            "INSERT INTO feedback (paper_id, day, status, queue, rating) VALUES (?, ?, ?, ?, ?)",
            [(p, day.isoformat(), o.status.value, int(o.queue), o.rating) for p, o in sorted(news.items())],
        )
        return len(news)

    def history(self, paper_id: str) -> list[tuple[date, Opinion]]:
        """All that the reader said of a paper, with the day of the run that found it, in order."""
        rows = self._all("SELECT * FROM feedback WHERE paper_id = ? ORDER BY id", paper_id)
        return [(date.fromisoformat(row["day"]), _opinion(row)) for row in rows]

    def queue(self) -> tuple[PaperId, ...]:
        """Papers in the reading queue that are not read and have a note: the last announced first, then by identifier."""
        rows = self._all(
            f"SELECT paper_id FROM feedback JOIN papers ON papers.id = paper_id WHERE feedback.id IN ({CURRENT}) "
            f"AND queue AND status <> ? AND {HAS_NOTE} ORDER BY announced DESC, paper_id",
            Status.READ.value,
        )
        return tuple(PaperId(row[0]) for row in rows)

    def statuses(self) -> dict[PaperId, Status]:
        """Papers with another status than unread, by rising identifier."""
        rows = self._all(
            f"SELECT paper_id, status FROM feedback WHERE id IN ({CURRENT}) AND status <> ? ORDER BY paper_id",
            Status.UNREAD.value,
        )
        return {PaperId(row[0]): Status(row[1]) for row in rows}

    def ratings(self) -> dict[PaperId, float]:
        """Papers with a rating, by rising identifier."""
        rows = self._all(
            f"SELECT paper_id, rating FROM feedback WHERE id IN ({CURRENT}) AND rating IS NOT NULL ORDER BY paper_id"
        )
        return {PaperId(row[0]): row[1] for row in rows}

    def counts(self) -> dict[str, int]:
        """How many papers are queued (and not read), being read, read, skipped and rated."""
        found = Counter(self.statuses().values())
        numbers = {status.value: found[status] for status in (Status.READING, Status.READ, Status.SKIP)}
        return {"queued": len(self.queue()), **numbers, "rated": len(self.ratings())}

    # --- boxes ---

    def ticks(self, page: str) -> dict[PaperId, bool]:
        """Papers whose box on a day's page is ticked, and whether the tick has set the note's property."""
        rows = self._all("SELECT paper_id, wrote FROM ticks WHERE page = ?", page)
        return {PaperId(row[0]): bool(row[1]) for row in rows}

    def ticked(self, papers: Iterable[str]) -> set[PaperId]:
        """Those of *papers* with a ticked box on any page."""
        return {PaperId(row[0]) for row in self._all(f"SELECT paper_id FROM ticks WHERE paper_id {IN}", listed(papers))}

    def tick(self, page: str, paper_id: PaperId, *, wrote: bool) -> None:
        self._connection.execute("INSERT OR REPLACE INTO ticks VALUES (?, ?, ?)", (page, paper_id, int(wrote)))

    def untick(self, page: str, paper_id: PaperId) -> None:
        self._connection.execute("DELETE FROM ticks WHERE page = ? AND paper_id = ?", (page, paper_id))

    # --- files ---

    def places(self) -> dict[str, Place]:
        """The file of each page that was written, by its path with ``.md``."""
        rows = self._all(
            "SELECT files.path, kind, key, coalesce(stamp, ''), sha256 FROM pages "
            "JOIN files ON files.path = pages.path || '.md' LEFT JOIN looks ON looks.path = files.path"
        )
        return {row[0]: Place(kind=row[1], key=row[2], stamp=row[3], sha256=row[4]) for row in rows}

    def assets(self) -> list[str]:
        """The files that we wrote and that are no notes: plots, Bases."""
        return [row[0] for row in self._all("SELECT path FROM files WHERE path NOT LIKE '%.md' AND path NOT LIKE '.%'")]

    def papers_at(self, paths: Iterable[str], key: Any) -> dict[str, PaperId]:
        """The papers whose notes are at these paths (without ``.md``), or were; *key* makes a path's collision key."""
        wanted = {key(path): path for path in paths}
        rows = self._all(
            f"SELECT collision_key, key FROM pages WHERE kind = 'paper' AND collision_key {IN}", listed(wanted)
        )
        found = {wanted[row[0]]: PaperId(row[1]) for row in rows}
        former = self._all(
            f"SELECT path, paper_id FROM former_paths WHERE path {IN} AND {HAS_NOTE} ORDER BY id",
            listed(set(wanted.values()) - found.keys()),
        )
        found |= {row[0]: PaperId(row[1]) for row in former}
        # Obsidian may lead a link to a note that was moved on by its name alone.
        names = [(path.rpartition("/")[2], path) for path in self.former_paths()] if len(found) < len(wanted) else []
        short = {name: path for name, path in names if [n for n, _ in names].count(name) == 1}
        led = {name: short[name] for name in set(wanted.values()) - found.keys() if name in short}
        rows = self._all(f"SELECT path, key FROM pages WHERE kind = 'paper' AND path {IN}", listed(led.values()))
        papers = {row[0]: PaperId(row[1]) for row in rows}
        return found | {name: papers[path] for name, path in led.items() if path in papers}

    def add_former_path(self, paper_id: str, path: str) -> None:
        self._connection.execute("INSERT INTO former_paths (paper_id, path) VALUES (?, ?)", (paper_id, path))

    def deleted(self) -> dict[str, PaperId]:
        """Where the notes were, with ``.md``, that the reader has deleted."""
        rows = self._all(
            "SELECT path, paper_id FROM former_paths WHERE id IN (SELECT max(id) FROM former_paths GROUP BY paper_id) "
            "AND paper_id IN (SELECT id FROM papers WHERE dismissed)"
        )
        return {f"{row[0]}.md": PaperId(row[1]) for row in rows}

    def former_paths(self) -> dict[str, list[str]]:
        """Where moved notes are → where they were, oldest first; all without ``.md``."""
        found: dict[str, list[str]] = {}
        rows = self._all(
            "SELECT pages.path, former_paths.path FROM former_paths "
            "JOIN pages ON kind = 'paper' AND key = paper_id ORDER BY former_paths.id"
        )
        for path, former in rows:
            if former != path:
                found.setdefault(path, []).append(former)
        return found

    def leave_alone(self, task: str, reasons: Mapping[str, Sequence[str]]) -> None:
        """Why each of these files stays as it is when it comes to *task*; without a reason it does not any more."""
        self._connection.executemany(
            "DELETE FROM left_alone WHERE task = ? AND path = ?", [(task, path) for path in reasons]
        )
        rows = [(path, task, why) for path, whys in sorted(reasons.items()) for why in whys]
        self._connection.executemany("INSERT OR IGNORE INTO left_alone VALUES (?, ?, ?)", rows)

    def left_alone(self) -> list[tuple[str, str]]:
        """Path and reason of what stays as it is, as it was last tried."""
        return [(row[0], row[1]) for row in self._all("SELECT path, why FROM left_alone ORDER BY path, task, why")]


def _opinion(row: sqlite3.Row) -> Opinion:
    return Opinion(status=Status(row["status"]), queue=bool(row["queue"]), rating=row["rating"])
