"""The vocabulary of the catalogue: the reader's rulings, what papers define, and which papers have which terms."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from digest.catalogue.rows import IN, dump, key_terms_of, listed
from digest.model import Course, KeyTerm, PaperId, Ruling, Trend, Verb

ALL = ""
"""The name under which all papers are counted."""

MIN_DEFINITIONS = 3
MIN_SHARE = 0.8
"""A long form is what an acronym stands for where so many papers, and this share of them, define it so; two will do where
no other says otherwise.
"""

KEPT_SHARE = 0.6
"""One that is held is given up below this share only: a paper more or less must not turn pages round."""

MIN_LETTERS = 3
"""Of an acronym that can be read without its definition: two letters are too many things (US, GC)."""


class Terms:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- rulings ---

    def rulings(self) -> list[Ruling]:
        """Those in force, in the order in which they were said."""
        return self._rulings("NOT revoked")

    def followed(self) -> list[Ruling]:
        """Those that the conclusions follow at present."""
        return self._rulings("id IN (SELECT ruling FROM followed)")

    def are_followed(self) -> bool:
        """Whether the conclusions follow all rulings in force, and no other."""
        return not self._all("SELECT 1 FROM rulings WHERE revoked = (id IN (SELECT ruling FROM followed)) LIMIT 1")

    def _rulings(self, which: str) -> list[Ruling]:
        rows = self._all(f"SELECT id, verb, term, other, source FROM rulings WHERE {which} ORDER BY id")
        return [Ruling(id=r[0], verb=Verb(r[1]), term=r[2], other=r[3], source=r[4]) for r in rows]

    def rule(self, verb: Verb, term: str, other: str = "", *, source: str = "command") -> Ruling:
        done = self._connection.execute(
            "INSERT INTO rulings (verb, term, other, source) VALUES (?, ?, ?, ?)", (verb.value, term, other, source)
        )
        return Ruling(id=int(done.lastrowid or 0), verb=verb, term=term, other=other, source=source)

    def revoke(self, ruling: Ruling) -> None:
        self._connection.execute("UPDATE rulings SET revoked = 1 WHERE id = ?", (ruling.id,))

    def follow(self, rulings: Iterable[Ruling]) -> None:
        """The conclusions follow exactly these from now on."""
        wanted, present = {ruling.id for ruling in rulings}, {ruling.id for ruling in self.followed()}
        self._connection.executemany("DELETE FROM followed WHERE ruling = ?", [(n,) for n in sorted(present - wanted)])
        self._connection.executemany("INSERT INTO followed VALUES (?)", [(n,) for n in sorted(wanted - present)])

    # --- acronyms ---

    def acronyms(self) -> dict[str, str]:
        """Acronyms that several of the catalogue's papers define, with the canonical name of what they stand for.

        "" where the papers do not agree.
        """
        return {row[0]: row[1] for row in self._all("SELECT short, long FROM acronyms ORDER BY short")}

    def define(self, definitions: Mapping[PaperId, Collection[tuple[str, str]]]) -> dict[str, str | None]:
        """Replace what these papers define, as (acronym, canonical name).

        The acronyms whose meaning has changed by that, with what they meant before; None: they had none.
        """
        concerned = {r[0] for r in self._all(f"SELECT short FROM definitions WHERE paper_id {IN}", listed(definitions))}
        rows = sorted({(short, long, paper) for paper, found in definitions.items() for short, long in found})
        self._connection.execute(f"DELETE FROM definitions WHERE paper_id {IN}", (listed(definitions),))
        self._connection.executemany("INSERT INTO definitions VALUES (?, ?, ?)", rows)
        return self._agree(concerned | {short for short, _, _ in rows})

    def _agree(self, shorts: Iterable[str]) -> dict[str, str | None]:
        """Bring the table of acronyms up to date for these; the former meanings of those that changed."""
        wanted = sorted(set(shorts))
        counts: dict[str, dict[str, int]] = {short: {} for short in wanted}
        for row in self._all(
            f"SELECT short, long, count(*) FROM definitions WHERE short {IN} GROUP BY short, long", listed(wanted)
        ):
            counts[row[0]][row[1]] = row[2]
        held = {
            row[0]: row[1] for row in self._all(f"SELECT short, long FROM acronyms WHERE short {IN}", listed(wanted))
        }
        changed: dict[str, str | None] = {}
        for short in wanted:
            long = _agreed(short, counts[short], held.get(short))
            if long != held.get(short):
                changed[short] = held.get(short)
                self._connection.execute("DELETE FROM acronyms WHERE short = ?", (short,))
                if long is not None:
                    self._connection.execute("INSERT INTO acronyms VALUES (?, ?)", (short, long))
        return changed

    def definitions(self, short: str) -> dict[str, list[PaperId]]:
        """What papers of the catalogue say that an acronym stands for: canonical name → papers, by identifier."""
        found: dict[str, list[PaperId]] = {}
        for row in self._all("SELECT long, paper_id FROM definitions WHERE short = ? ORDER BY 1, 2", short):
            found.setdefault(row[0], []).append(PaperId(row[1]))
        return found

    # --- which papers have which terms ---

    def put(self, terms: Mapping[PaperId, Mapping[str, float]]) -> None:
        """Replace the terms of these papers, each with the probability that its authors would choose it as a keyword, and
        keep all counts true.
        """
        ids = listed(terms)
        cells = self._cells(f"SELECT id, announced, json_extract(categories, '$[0]') FROM papers WHERE id {IN}", ids)
        former = self._cells(f"SELECT paper_id, day, category FROM term_cells WHERE paper_id {IN}", ids)
        present: dict[PaperId, dict[str, float]] = {paper: {} for paper in terms}
        for row in self._all(f"SELECT paper_id, name, probability FROM paper_terms WHERE paper_id {IN}", ids):
            present[PaperId(row[0])][row[1]] = row[2]
        papers, days = Counter[str](), Counter[tuple[str, str, str]]()
        gone, come = [], []
        for paper, wanted in terms.items():
            before = present[paper]
            gone += [(paper, name) for name in sorted(before) if wanted.get(name) != before[name]]
            come += [(paper, name, p) for name, p in sorted(wanted.items()) if before.get(name) != p]
            papers.subtract(before.keys())
            papers.update(wanted.keys())
            if paper in former:
                days.subtract((name, *former[paper]) for name in (ALL, *before))
            days.update((name, *cells[paper]) for name in (ALL, *wanted))
        self._connection.executemany("DELETE FROM paper_terms WHERE paper_id = ? AND name = ?", gone)
        self._connection.executemany("INSERT INTO paper_terms VALUES (?, ?, ?)", come)
        self._connection.executemany(
            "INSERT INTO term_cells VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET day = excluded.day, "
            "category = excluded.category WHERE day <> excluded.day OR category <> excluded.category",
            [(paper, *cells[paper]) for paper in sorted(terms)],
        )
        self._count("terms", "name", sorted((name, by) for name, by in papers.items() if by))
        self._count("term_days", "name, day, category", sorted((*cell, by) for cell, by in days.items() if by))

    def _cells(self, sql: str, ids: str) -> dict[PaperId, tuple[str, str]]:
        return {PaperId(row[0]): (row[1], row[2]) for row in self._all(sql, ids)}

    def _count(self, table: str, key: str, changes: list[tuple[Any, ...]]) -> None:
        if not changes:
            return
        marks = ", ".join("?" * len(changes[0]))
        self._connection.executemany(
            f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO UPDATE SET papers = papers + excluded.papers", changes
        )
        fallen = [change[:-1] for change in changes if change[-1] < 0]
        where = " AND ".join(f"{column} = ?" for column in key.split(", "))
        self._connection.executemany(f"DELETE FROM {table} WHERE {where} AND papers = 0", fallen)

    # --- key terms ---

    def weigh(self, terms: Mapping[PaperId, Sequence[KeyTerm]], *, size: int) -> None:
        """Replace the key terms of these papers, weighed in a catalogue of *size* papers."""
        self._connection.executemany(
            "INSERT INTO key_terms VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, value = excluded.value",
            [(paper, size, dump(found)) for paper, found in sorted(terms.items())],
        )

    def weighed(self, papers: Iterable[str]) -> dict[PaperId, tuple[KeyTerm, ...]]:
        """Paper → its key terms, as they were weighed, the heaviest first."""
        rows = self._all(f"SELECT paper_id, value FROM key_terms WHERE paper_id {IN}", listed(papers))
        return {PaperId(row[0]): key_terms_of(row[1]) for row in rows}

    # --- counts ---

    def counts(self, names: Iterable[str]) -> dict[str, int]:
        """Term → papers of this catalogue that have it; a term that none has is absent."""
        return {r[0]: r[1] for r in self._all(f"SELECT name, papers FROM terms WHERE name {IN}", listed(names))}

    def counts_until(self, names: Iterable[str], day: date) -> tuple[dict[str, int], int]:
        """``counts`` of the papers first announced on *day* or before, and how many papers those are."""
        until = day.isoformat()
        sql = f"SELECT name, sum(papers) FROM term_days WHERE name {IN} AND day <= ? GROUP BY name"
        found = {row[0]: row[1] for row in self._all(sql, listed([*names, ""]), until)}
        return found, found.pop("", 0)

    def common(self, least: float) -> list[tuple[str, int]]:
        """Terms that at least so many papers have, with their number; the commonest first."""
        rows = self._all("SELECT name, papers FROM terms WHERE papers >= ? ORDER BY papers DESC, name", least)
        return [(row[0], row[1]) for row in rows]

    def papers_with(self, names: Iterable[str], *, least: float = 0.0) -> dict[str, list[PaperId]]:
        """Term → papers that have it in their text, and would choose it with a probability of at least *least*; by rising
        identifier.
        """
        found: dict[str, list[PaperId]] = {}
        sql = f"SELECT name, paper_id FROM paper_terms WHERE name {IN} AND probability >= ? ORDER BY name, paper_id"
        for row in self._all(sql, listed(names), least):
            found.setdefault(row[0], []).append(PaperId(row[1]))
        return found

    def of(self, papers: Iterable[str]) -> dict[PaperId, set[str]]:
        """Paper → its terms."""
        found: dict[PaperId, set[str]] = {}
        for row in self._all(f"SELECT paper_id, name FROM paper_terms WHERE paper_id {IN}", listed(papers)):
            found.setdefault(PaperId(row[0]), set()).add(row[1])
        return found

    def names_with(self, parts: Iterable[str]) -> set[str]:
        """Terms in whose names one of *parts* is; reads all names."""
        return {
            row[0]
            for row in self._all(
                "SELECT DISTINCT name FROM terms JOIN json_each(?) AS part ON instr(name, part.value)", listed(parts)
            )
        }

    def by_category(self, names: Iterable[str], *, after: date, until: date) -> dict[str, dict[str, int]]:
        """Term → primary category → papers first announced *after* a day and not later than *until*."""
        found: dict[str, dict[str, int]] = {}
        for row in self._all(
            "SELECT name, category, sum(papers) FROM term_days WHERE day > ? AND day <= ? "
            f"AND name {IN} GROUP BY name, category",
            after.isoformat(),
            until.isoformat(),
            listed(names),
        ):
            found.setdefault(row[0], {})[row[1]] = row[2]
        return found

    def known_since(self, names: Iterable[str]) -> dict[str, int]:
        """Term → year of the third paper here that has it; absent where three papers never had it."""
        rows = self._all(
            "SELECT name, min(day) FROM (SELECT name, day, sum(sum(papers)) OVER (PARTITION BY name ORDER BY day) AS n "
            f"FROM term_days WHERE name {IN} GROUP BY name, day) WHERE n >= 3 GROUP BY name",
            listed(names),
        )
        return {row[0]: int(row[1][:4]) for row in rows}

    def first_day(self, category: str = "") -> date | None:
        """The first day on which a paper that is counted was announced, in one primary category or in any."""
        sql = "SELECT min(day) FROM term_days WHERE name = ?1 AND (category = ?2 OR ?2 = '')"
        (row,) = self._all(sql, ALL, category)
        return date.fromisoformat(row[0]) if row[0] else None

    def set_trends(self, names: Iterable[str], trends: Mapping[str, Trend]) -> None:
        """Replace the trends of *names*; one that is not in *trends* has none."""
        self._connection.executemany("DELETE FROM trends WHERE name = ?", [(n,) for n in sorted(names)])
        self._connection.executemany(
            "INSERT INTO trends VALUES (?, ?, ?, ?, ?)",
            [(n, t.course.value, t.days, t.recent, t.expected) for n, t in sorted(trends.items())],
        )

    def trend(self, name: str) -> Trend | None:
        """Where a keyword was going on the day on which its papers last changed."""
        rows = self._all("SELECT course, days, recent, expected FROM trends WHERE name = ?", name)
        return (
            Trend(course=Course(rows[0][0]), days=rows[0][1], recent=rows[0][2], expected=rows[0][3]) if rows else None
        )

    def by_day(self, name: str) -> list[tuple[date, int]]:
        """Papers with a term by the day on which they were first announced, oldest first."""
        rows = self._all("SELECT day, sum(papers) FROM term_days WHERE name = ? GROUP BY day ORDER BY day", name)
        return [(date.fromisoformat(row[0]), row[1]) for row in rows]


def _agreed(short: str, counts: Mapping[str, int], held: str | None) -> str | None:
    """What an acronym stands for, by the papers that define each long form.

    "" where they do not agree; None where fewer than two papers define it, and where it is the commoner name itself.
    """
    total = sum(counts.values())
    if total < 2:
        return None
    if held and counts.get(held, 0) >= max(KEPT_SHARE * total, 2):
        return held
    long, papers = max(counts.items(), key=lambda row: (row[1], row[0]))
    agreed = papers == total or (papers >= MIN_DEFINITIONS and papers >= MIN_SHARE * total)
    if agreed and long == short:
        return None
    return long if agreed and len(short) >= MIN_LETTERS else ""
