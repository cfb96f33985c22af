"""The catalogue: the state of everything, in one SQLite file. The vault is a view of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from digest import periods
from digest.catalogue.agenda import Agenda
from digest.catalogue.chronicle import Chronicle
from digest.catalogue.feedback import Feedback
from digest.catalogue.relations import Relations
from digest.catalogue.rows import (
    IN,
    PAPER_COLUMNS,
    Decision,
    candidates_of,
    decisions_of,
    dump,
    former_of,
    keywords_of,
    listed,
    paper_of,
    paper_row,
    text_hash,
)
from digest.catalogue.schema import migrate
from digest.catalogue.terms import Terms
from digest.errors import CatalogueError
from digest.model import (
    AnnounceType,
    Candidate,
    CategoryCount,
    Keyword,
    Paper,
    PaperId,
    Verdict,
)
from digest.periods import Period

if TYPE_CHECKING:
    from digest.catalogue.citations import Citations
    from digest.catalogue.outside import Outside
    from digest.catalogue.replies import Replies
    from digest.catalogue.texts import Texts

JOINED = f"('{AnnounceType.NEW.value}', '{AnnounceType.CROSS.value}')"
REPLACED = f"('{AnnounceType.REPLACE.value}', '{AnnounceType.REPLACE_CROSS.value}')"

PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "synchronous = FULL",
    "cache_size = -65536",
    "recursive_triggers = ON",  # else a row that REPLACE removes is not written down for the case that it is taken back
)


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page by what it is about: ``paper`` 2509.18690, ``keyword`` Large Language Model, ``day`` 2025-09-24 …"""

    kind: str
    key: str


HOME = PageKey("home", "Home")
ABOUT = PageKey("about", "scores")
BASE = PageKey("base", "Papers")
"""The pages that every vault has once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One row of what was announced."""

    day: date
    category: str
    paper_id: PaperId
    version: int
    kind: AnnounceType


class Catalogue:
    """Raises CatalogueError when the file is damaged or was written by a newer digest."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            self.connection.row_factory = sqlite3.Row
            self.agenda = Agenda(self.connection)
            self.terms = Terms(self.connection)
            self.relations = Relations(self.connection)
            self.chronicle = Chronicle(self.connection)
            self.feedback = Feedback(self.connection)
            for pragma in PRAGMAS:
                self.connection.execute(f"PRAGMA {pragma}")
            migrate(self.connection)
        except sqlite3.DatabaseError as error:
            raise CatalogueError(
                f"{path}: cannot be read: {error}; restore a copy, or remove it to begin anew"
            ) from error

    # What a quiet night has no use for is read when it is first asked for.

    @cached_property
    def texts(self) -> Texts:
        from digest.catalogue.texts import Texts

        return Texts(self.connection)

    @cached_property
    def citations(self) -> Citations:
        from digest.catalogue.citations import Citations

        return Citations(self.connection)

    @cached_property
    def outside(self) -> Outside:
        from digest.catalogue.outside import Outside

        return Outside(self.connection)

    @cached_property
    def replies(self) -> Replies:
        from digest.catalogue.replies import Replies

        return Replies(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing of what happens inside; nothing, where *keep* is False. Inside another it is a part of that."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT" if keep else "ROLLBACK")

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self.connection.execute(sql, parameters).fetchall()

    def _one(self, sql: str, *parameters: Any) -> Any:
        row = self.connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    # --- papers and announcements ---

    def papers(self, ids: Iterable[str]) -> dict[PaperId, Paper]:
        rows = self._all(f"SELECT {PAPER_COLUMNS} FROM papers WHERE id {IN}", listed(ids))
        return {paper.id: paper for paper in map(paper_of, rows)}

    def noted(self, ids: Iterable[str]) -> set[PaperId]:
        """Those of *ids* that have a note, or will when they are settled."""
        return {PaperId(row[0]) for row in self._all(f"SELECT id FROM papers WHERE noted AND id {IN}", listed(ids))}

    def count_noted(self, including: Iterable[str] = ()) -> int:
        """Papers whose notes are settled, and of *including* those that are not yet."""
        return int(self._one(f"SELECT count(*) FROM papers WHERE noted AND (settled OR id {IN})", listed(including)))

    def first_settled(self, ids: Iterable[str]) -> dict[PaperId, date]:
        """With which day the notes of these papers are settled first."""
        rows = self._all(f"SELECT id, noted_on FROM papers WHERE noted AND id {IN}", listed(ids))
        return {PaperId(row[0]): date.fromisoformat(row[1]) for row in rows}

    def first_announced(self, ids: Iterable[str]) -> dict[PaperId, date]:
        rows = self._all(f"SELECT id, announced FROM papers WHERE id {IN}", listed(ids))
        return {PaperId(row[0]): date.fromisoformat(row[1]) for row in rows}

    def announced_on(self, day: date) -> list[PaperId]:
        """Papers with a note whose first day this is."""
        rows = self._all("SELECT id FROM papers WHERE noted AND settled AND announced = ? ORDER BY id", day.isoformat())
        return [PaperId(row[0]) for row in rows]

    def was_announced(self, day: date, category: str = "") -> bool:
        """Whether anything is recorded as announced on this day, in one followed category or in any."""
        sql = "SELECT 1 FROM announcements WHERE day = ? AND (category = ? OR ? = '') LIMIT 1"
        return self._one(sql, day.isoformat(), category, category) is not None

    def is_dismissed(self, paper_id: str) -> bool:
        return bool(self._one("SELECT dismissed FROM papers WHERE id = ?", paper_id))

    def add_paper(
        self, paper: Paper, *, announced: date, estimated: bool, noted: bool, noted_on: date | None = None
    ) -> None:
        """A paper that is not there yet; *noted_on* is the day with which its note is settled, if not *announced*."""
        self.connection.execute(
            f"INSERT INTO papers ({PAPER_COLUMNS}, announced, announced_estimated, noted, noted_on) VALUES "
            "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *paper_row(paper),
                announced.isoformat(),
                int(estimated),
                int(noted),
                (noted_on or announced).isoformat() if noted else None,
            ),
        )
        self._add_categories(paper)
        self.add_version(paper, announced=None if estimated else announced, is_current=True)

    def update_paper(self, paper: Paper) -> None:
        """What we have of a paper is now this; the text of the version before is kept with its version."""
        self.connection.execute(
            "UPDATE versions SET title = papers.title, abstract = papers.abstract, authors = papers.authors, "
            "withdrawn = papers.withdrawn FROM papers "
            "WHERE id = paper_id AND id = ? AND versions.version = papers.version AND papers.version <> ?",
            (paper.id, paper.version),
        )
        assignments = ", ".join(f"{column.strip()} = ?" for column in PAPER_COLUMNS.split(",")[1:])
        self.connection.execute(f"UPDATE papers SET {assignments} WHERE id = ?", (*paper_row(paper)[1:], paper.id))
        self._add_categories(paper)
        self.add_version(paper, is_current=True)

    def _add_categories(self, paper: Paper) -> None:
        self.connection.executemany(
            "INSERT OR IGNORE INTO paper_categories VALUES (?, ?)", [(c, paper.id) for c in paper.categories]
        )

    def add_version(self, paper: Paper, *, announced: date | None = None, is_current: bool = False) -> None:
        """One version, and the day that told of it; of several such days the first counts."""
        row = paper_row(paper)
        text = (None, None, None, None) if is_current else (paper.title, paper.abstract, row[4], int(paper.withdrawn))
        self.connection.execute(
            "INSERT INTO versions (paper_id, version, submitted, announced, text_hash, title, abstract, authors, withdrawn) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "submitted = coalesce(excluded.submitted, submitted), "
            "announced = min(coalesce(announced, excluded.announced), coalesce(excluded.announced, announced)), "
            "text_hash = excluded.text_hash, title = excluded.title, abstract = excluded.abstract, "
            "authors = excluded.authors, withdrawn = excluded.withdrawn",
            (paper.id, paper.version, row[7], announced and announced.isoformat(), row[-1], *text),
        )

    def date_versions(self, paper_id: str, versions: Iterable[tuple[int, datetime, date]]) -> bool:
        """When each version was submitted, whether we have seen its text or not, and the first day on which it can have
        been announced; whether that is news.
        """
        done = self.connection.executemany(
            "INSERT INTO versions (paper_id, version, submitted, earliest) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET submitted = excluded.submitted, earliest = excluded.earliest "
            "WHERE submitted IS NOT excluded.submitted OR earliest IS NOT excluded.earliest",
            [(paper_id, number, moment.isoformat(), day.isoformat()) for number, moment, day in versions],
        )
        # The feed shows a paper's newest version some hours before the mailing that announces it.
        self.connection.execute(
            "UPDATE versions SET announced = earliest WHERE paper_id = ? AND announced < earliest", (paper_id,)
        )
        return done.rowcount > 0

    def tell_version(self, paper_id: str, version: int, day: date) -> bool:
        """A version that is there was announced on *day*; of several such days the first counts; whether that is news."""
        done = self.connection.execute(
            "UPDATE versions SET announced = max(?1, coalesce(earliest, ?1)) WHERE paper_id = ?2 AND version = ?3 "
            "AND (announced IS NULL OR announced > max(?1, coalesce(earliest, ?1)))",
            (day.isoformat(), paper_id, version),
        )
        return done.rowcount > 0

    def versions(self, ids: Iterable[str]) -> dict[PaperId, list[tuple[int, datetime]]]:
        """Of these papers, the numbers of versions whose moment of submission is known, and it; rising."""
        found: dict[PaperId, list[tuple[int, datetime]]] = {}
        sql = f"SELECT paper_id, version, submitted FROM versions WHERE submitted IS NOT NULL AND paper_id {IN} ORDER BY 1, 2"
        for paper_id, number, moment in self._all(sql, listed(ids)):
            found.setdefault(PaperId(paper_id), []).append((number, datetime.fromisoformat(moment)))
        return found

    def former_versions(self, ids: Iterable[str]) -> list[Paper]:
        """These papers as their earlier versions were, as far as we have seen them; by identifier and version."""
        rows = self._all(
            "SELECT paper_id, version, title, abstract, authors, withdrawn, submitted FROM versions "
            f"WHERE title IS NOT NULL AND paper_id {IN} ORDER BY paper_id, version",
            listed(ids),
        )
        papers = self.papers(row["paper_id"] for row in rows)
        return [former_of(row, papers[PaperId(row["paper_id"])]) for row in rows]

    def promise_note(self, paper_id: str, *, announced: date, estimated: bool, noted_on: date) -> None:
        """A paper that was only known as a replacement gets a note: it was announced as new or cross, or asked for."""
        self.connection.execute(
            "UPDATE papers SET noted = 1, announced = ?, announced_estimated = ?, noted_on = ? WHERE id = ? AND NOT noted",
            (announced.isoformat(), int(estimated), noted_on.isoformat(), paper_id),
        )

    def settle_anew(self, paper_id: str, day: date) -> None:
        """A paper whose note is gone gets one again, settled with *day*."""
        self.connection.execute("UPDATE papers SET noted_on = ? WHERE id = ?", (day.isoformat(), paper_id))
        self.connection.execute("DELETE FROM settlements WHERE paper_id = ? AND day = ?", (paper_id, day.isoformat()))
        self.agenda.plan([paper_id])

    def tell_day(self, paper_id: str, day: date, *, joining: Iterable[str] = ()) -> bool:
        """arXiv has told that it announced a paper on *day*: right is the first such day, and no estimate; whether that
        is news. What was recorded as announced on an estimated day was not.

        A cross-list tells which categories the paper is *joining*: it puts no estimate right where the paper was
        announced in others before.
        """
        sql = (
            "announced > ?1 OR (announced_estimated AND NOT (?3 <> '[]' AND EXISTS (SELECT 1 FROM announcements WHERE "
            "paper_id = ?2 AND day < ?1 AND kind IN ('new', 'cross') "
            "AND category NOT IN (SELECT value FROM json_each(?3)))))"
        )
        row = self.connection.execute(
            f"SELECT announced, announced_estimated FROM papers WHERE id = ?2 AND ({sql})",
            (day.isoformat(), paper_id, listed(joining)),
        ).fetchone()
        if row is None:
            return False
        self.connection.execute(
            "DELETE FROM announcements WHERE ? AND paper_id = ? AND day = ? AND day <> ? AND kind IN ('new', 'cross')",
            (row["announced_estimated"], paper_id, row["announced"], day.isoformat()),
        )
        self.connection.execute(
            "UPDATE papers SET noted_on = CASE noted_on WHEN announced THEN ?1 ELSE noted_on END, "
            "announced = ?1, announced_estimated = 0 WHERE id = ?2",
            (day.isoformat(), paper_id),
        )
        return True

    def antedate(self, paper_id: str, day: date) -> bool:
        """A paper was announced before the day that is known, on about *day*; whether that is news."""
        done = self.connection.execute(
            "UPDATE papers SET noted_on = CASE noted_on WHEN announced THEN ?1 ELSE noted_on END, "
            "announced = ?1, announced_estimated = 1 WHERE id = ?2 AND announced > ?1",
            (day.isoformat(), paper_id),
        )
        return done.rowcount > 0

    def announce(self, day: date, category: str, paper: Paper, kind: AnnounceType, *, estimated: bool = False) -> bool:
        """Record one announcement; whether it was not recorded yet, or not like that, and stands.

        A paper joins a category once: what was told as a cross-list after that, or as a replacement before, was none.
        (arXiv's pages of earlier days show replacements in the categories that a paper has by now.) What is *estimated*
        stands until arXiv tells when the paper joined the category.
        """
        row = (day.isoformat(), category, paper.id, paper.version, kind.value, int(estimated))
        done = self.connection.execute(
            "INSERT INTO announcements (day, category, paper_id, version, kind, estimated) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET version = excluded.version, kind = excluded.kind, estimated = excluded.estimated "
            "WHERE estimated >= excluded.estimated AND "
            "(version <> excluded.version OR kind <> excluded.kind OR estimated <> excluded.estimated)",
            row,
        )
        for which, others in (
            (f"a.kind IN {JOINED} AND a.estimated", f"b.kind IN {JOINED} AND b.day <> a.day AND NOT b.estimated"),
            ("a.kind = 'cross'", f"b.kind IN {JOINED} AND b.day < a.day"),
            (f"a.kind IN {REPLACED}", "b.kind = 'cross' AND b.day > a.day AND NOT b.estimated"),
        ):
            self.connection.execute(
                f"DELETE FROM announcements AS a WHERE paper_id = ? AND category = ? AND {which} AND EXISTS ("
                "SELECT 1 FROM announcements AS b WHERE b.paper_id = a.paper_id AND b.category = a.category "
                f"AND {others})",
                (paper.id, category),
            )
        stands = "SELECT 1 FROM announcements WHERE day = ? AND category = ? AND paper_id = ?"
        return done.rowcount > 0 and self._one(stands, *row[:3]) is not None

    def announcements(self, ids: Iterable[str], *, since: date) -> list[Told]:
        """What was announced of these papers on a day or after it, by day, paper and category."""
        rows = self._all(
            f"SELECT * FROM announcements WHERE day >= ? AND paper_id {IN} ORDER BY day, paper_id, category",
            since.isoformat(),
            listed(ids),
        )
        return [
            Told(
                day=date.fromisoformat(row["day"]),
                category=row["category"],
                paper_id=PaperId(row["paper_id"]),
                version=row["version"],
                kind=AnnounceType(row["kind"]),
            )
            for row in rows
        ]

    def announced_as_new(self, ids: Iterable[str], *, before: date) -> set[PaperId]:
        """Those of *ids* that were announced as new on a day before."""
        rows = self._all(
            f"SELECT DISTINCT paper_id FROM announcements WHERE kind = 'new' AND day < ? AND paper_id {IN}",
            before.isoformat(),
            listed(ids),
        )
        return {PaperId(row[0]) for row in rows}

    def count_announced(self, day: date, ids: Iterable[str]) -> dict[str, int]:
        """Category → how many of these papers were announced in it on a day."""
        rows = self._all(
            f"SELECT category, count(*) FROM announcements WHERE day = ? AND paper_id {IN} GROUP BY category",
            day.isoformat(),
            listed(ids),
        )
        return {row[0]: row[1] for row in rows}

    def days_of(self, ids: Iterable[str]) -> set[date]:
        """The days whose pages may name any of these papers, because it was announced then, as whatever."""
        rows = self._all(
            f"SELECT day FROM announcements WHERE paper_id {IN} UNION SELECT announced FROM papers WHERE id {IN}",
            *2 * (listed(ids),),
        )
        return {date.fromisoformat(row[0]) for row in rows}

    def announced_before(self, paper_id: str, day: date) -> set[str]:
        """The categories in which a paper was announced before a day."""
        sql = "SELECT DISTINCT category FROM announcements WHERE paper_id = ? AND day < ?"
        return {row[0] for row in self._all(sql, paper_id, day.isoformat())}

    def announced(self, versions: Iterable[tuple[PaperId, int]], *, on: date) -> tuple[set[PaperId], set[PaperId]]:
        """Of these ids and versions, those recorded for the day *on*, and those recorded for an earlier one only."""
        wanted = dict(versions)
        rows = self._all(
            f"SELECT DISTINCT paper_id, version, day FROM announcements WHERE paper_id {IN}", listed(wanted)
        )
        mine = {PaperId(r["paper_id"]) for r in rows if r["day"] == on.isoformat()}
        earlier = {
            PaperId(r["paper_id"])
            for r in rows
            if r["day"] < on.isoformat() and r["version"] == wanted[PaperId(r["paper_id"])]
        }
        return mine, earlier - mine

    def categories_announced(self, since: date) -> set[str]:
        """The categories with anything announced on a day or after it."""
        return {
            r[0] for r in self._all("SELECT DISTINCT category FROM announcements WHERE day >= ?", since.isoformat())
        }

    def undated(self) -> bool:
        """Whether a paper waits for its submission date."""
        return self._one("SELECT 1 FROM papers WHERE submitted IS NULL LIMIT 1") is not None

    def put_verdict(
        self, source: str, category: str, day: date, verdict: Verdict, detail: str = "", announced: int = 0
    ) -> bool:
        """Record the latest word on a source, category and day; whether it differs from the word before."""
        key, row = (source, category, day.isoformat()), (verdict.value, detail, announced)
        before = self.connection.execute(
            "SELECT verdict, detail, announced FROM verdicts WHERE source = ? AND category = ? AND day = ?", key
        ).fetchone()
        if before is not None and tuple(before) == row:
            return False
        self.connection.execute(
            "INSERT OR REPLACE INTO verdicts (source, category, day, verdict, detail, announced) VALUES (?, ?, ?, ?, ?, ?)",
            (*key, *row),
        )
        return True

    def verdicts(self, day: date) -> list[dict[str, Any]]:
        rows = self._all(
            "SELECT source, category, verdict, detail, announced FROM verdicts WHERE day = ? ORDER BY source, category",
            day.isoformat(),
        )
        return [dict(row) for row in rows]

    def open_verdicts(self, day: date) -> list[dict[str, Any]]:
        """What is not proven about a day: a whole feed or a whole listing makes up for what failed of the other."""
        rows = self.verdicts(day)
        whole = {(r["source"], r["category"]) for r in rows if Verdict(r["verdict"]).is_complete}

        def is_open(row: dict[str, Any]) -> bool:
            if Verdict(row["verdict"]).is_complete:
                return False
            if row["source"] == "oai":
                return True
            return not row["category"] and not {("feed", ""), ("list", "")} & whole

        # of several categories that failed, the day's own word names one
        return [row for row in rows if is_open(row)]

    def is_proven(self, day: date) -> bool:
        """Whether a feed or listing has told all of a day; what the harvest lacks is details, not papers."""
        told = any(v["source"] in ("feed", "list") and not v["category"] for v in self.verdicts(day))
        return told and not any(v["source"] != "oai" for v in self.open_verdicts(day))

    def is_whole(self, source: str, day: date, category: str = "") -> bool:
        """Whether a source has told all of a day, in one category or in all that are followed."""
        sql = "SELECT verdict FROM verdicts WHERE source = ? AND category = ? AND day = ?"
        verdict = self._one(sql, source, category, day.isoformat())
        return verdict is not None and Verdict(verdict).is_complete

    def is_listed(self, day: date, category: str = "") -> bool:
        """Whether arXiv's listing has told all of a day."""
        return self.is_whole("list", day, category)

    def is_told(self, day: date, category: str) -> bool:
        """Whether a whole feed or listing has told what was announced on a day in a category."""
        if self.is_listed(day, category):
            return True
        return self.is_whole("feed", day, category) and self.is_proven(day)

    def joined(self, ids: Iterable[str]) -> dict[PaperId, dict[str, date]]:
        """Of those of *ids* that were told of as new or cross-listed, the categories and the day of each."""
        found: dict[PaperId, dict[str, date]] = {}
        rows = self._all(
            "SELECT paper_id, category, min(day) FROM announcements "
            f"WHERE kind IN ('new', 'cross') AND paper_id {IN} GROUP BY 1, 2",
            listed(ids),
        )
        for paper_id, category, day in rows:
            found.setdefault(PaperId(paper_id), {})[category] = date.fromisoformat(day)
        return found

    def mend_verdicts(self, source: str) -> list[date]:
        """A source has now told what it could not tell before; the days of which this is true."""
        bad = [verdict.value for verdict in Verdict if not verdict.is_complete]
        days = self._all(f"SELECT DISTINCT day FROM verdicts WHERE source = ? AND verdict {IN}", source, listed(bad))
        self.connection.execute(
            f"UPDATE verdicts SET verdict = ?, detail = '' WHERE source = ? AND verdict {IN}",
            (Verdict.OK.value, source, listed(bad)),
        )
        return [date.fromisoformat(row[0]) for row in days]

    def retract(self, day: date, category: str, *, keep: Iterable[str]) -> None:
        """A whole listing has not told of other papers than *keep*: what was taken for announced there was not."""
        self.connection.execute(
            "DELETE FROM announcements WHERE day = ? AND category = ? "
            "AND paper_id NOT IN (SELECT value FROM json_each(?))",
            (day.isoformat(), category, listed(keep)),
        )

    def counts(self, day: date, followed: Sequence[str]) -> tuple[CategoryCount, ...]:
        """What was announced on a day: categories in the order *followed*, then others that were followed then."""
        stored: dict[str, dict[str, int]] = {}
        for row in self._all(
            "SELECT category, kind, count(*) AS n FROM announcements WHERE day = ? GROUP BY category, kind",
            day.isoformat(),
        ):
            stored.setdefault(row["category"], {})[row["kind"]] = row["n"]
        # Of a feed and a listing, the listing (which sorts behind) counts.
        told = {v["category"]: v["announced"] for v in self.verdicts(day) if v["category"] and v["announced"]}
        found = {*stored, *told}
        order = [c for c in followed if c in found] + sorted(found - set(followed))
        return tuple(_count(c, stored.get(c, {}), told.get(c)) for c in order)

    def judged_days(self, number: int) -> list[date]:
        """The newest days that there is a verdict on, newest first."""
        rows = self._all("SELECT DISTINCT day FROM verdicts ORDER BY day DESC LIMIT ?", number)
        return [date.fromisoformat(row[0]) for row in rows]

    def watermark(self, source: str) -> str | None:
        value: str | None = self._one("SELECT value FROM watermarks WHERE source = ?", source)
        return value

    def set_watermark(self, source: str, value: str) -> None:
        if self.watermark(source) == value:
            return  # a night with nothing new does not wait for the disk
        self.connection.execute("INSERT OR REPLACE INTO watermarks VALUES (?, ?)", (source, value))

    def forget_watermark(self, source: str) -> None:
        self.connection.execute("DELETE FROM watermarks WHERE source = ?", (source,))

    # --- what the stages concluded of one paper alone ---

    def readings(self, hashes: Iterable[str], recipe: str) -> dict[str, str]:
        """Hash of a text → what the stage with this recipe made of it."""
        rows = self._all(
            f"SELECT text_hash, value FROM readings WHERE recipe = ? AND text_hash {IN}",
            recipe,
            listed(hashes),
        )
        return {row[0]: row[1] for row in rows}

    def add_readings(self, recipe: str, values: Mapping[str, str]) -> None:
        rows = [(key, recipe, value) for key, value in values.items()]
        with self.transaction():
            self.connection.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", rows)

    def candidates(self, papers: Iterable[Paper], recipe: str) -> dict[str, tuple[Candidate, ...]]:
        return {key: candidates_of(value) for key, value in self.readings(map(text_hash, papers), recipe).items()}

    def settled_candidates(self, papers: Iterable[str], recipe: str) -> dict[PaperId, tuple[Candidate, ...]]:
        """Of settled papers, the candidates of the texts that they are settled with; absent: not read by this recipe."""
        rows = self._all(
            "SELECT id, value FROM papers JOIN readings ON readings.text_hash = settled_hash "
            f"WHERE recipe = ? AND settled AND id {IN}",
            recipe,
            listed(papers),
        )
        return {PaperId(row[0]): candidates_of(row[1]) for row in rows}

    def decisions(self, papers: Iterable[str]) -> dict[PaperId, tuple[Keyword, ...]]:
        """All keywords of these papers, linked and rejected, as they were decided."""
        rows = self._all(f"SELECT paper_id, value FROM decisions WHERE paper_id {IN}", listed(papers))
        return {PaperId(row[0]): keywords_of(row[1]) for row in rows}

    def decided(self, papers: Iterable[str]) -> dict[PaperId, tuple[Decision, ...]]:
        """The same without their figures."""
        rows = self._all(f"SELECT paper_id, value FROM decisions WHERE paper_id {IN}", listed(papers))
        return {PaperId(row[0]): decisions_of(row[1]) for row in rows}

    def names_written(self, form: str) -> set[str]:
        """Keywords that some paper writes in this way, whatever the case."""
        return {r[0] for r in self._all("SELECT DISTINCT name FROM keyword_forms WHERE form = ? COLLATE NOCASE", form)}

    # --- what is to be concluded, and what was, with the rest in view ---

    def set_keywords(
        self, paper_id: PaperId, keywords: Sequence[Keyword], *, catalogue_size: int, vocabulary: str
    ) -> set[str]:
        """Replace the decisions on one paper, drawn with this version of the vocabulary; the keywords that it had or has."""
        linked = [keyword for keyword in keywords if keyword.linked]
        before = {row[0] for row in self._all("SELECT name FROM keywords WHERE paper_id = ?", paper_id)}
        self.connection.execute(
            "INSERT INTO decisions (paper_id, catalogue_size, value, vocabulary) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET catalogue_size = excluded.catalogue_size, value = excluded.value, "
            "vocabulary = excluded.vocabulary",
            (paper_id, catalogue_size, dump(keywords), vocabulary),
        )
        self.connection.execute("DELETE FROM keywords WHERE paper_id = ?", (paper_id,))
        self.connection.execute("DELETE FROM keyword_forms WHERE paper_id = ?", (paper_id,))
        self.connection.executemany(
            "INSERT INTO keywords VALUES (?, ?, ?)", [(k.canonical, paper_id, rank) for rank, k in enumerate(linked)]
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO keyword_forms VALUES (?, ?, ?)",
            [(k.canonical, form, paper_id) for k in linked for form in (k.surface, *k.aliases)],
        )
        return before | {keyword.canonical for keyword in linked}

    def papers_with(self, keywords: Iterable[str]) -> dict[str, list[PaperId]]:
        """Keyword → papers that link it, by rising id; only keywords that any paper links."""
        found: dict[str, list[PaperId]] = {}
        for row in self._all(
            f"SELECT name, paper_id FROM keywords WHERE name {IN} ORDER BY name, paper_id", listed(keywords)
        ):
            found.setdefault(row[0], []).append(PaperId(row[1]))
        return found

    def keywords_on(self, papers: Iterable[str]) -> set[str]:
        return {row[0] for row in self._all(f"SELECT DISTINCT name FROM keywords WHERE paper_id {IN}", listed(papers))}

    def forms(self, name: str) -> list[tuple[str, int, PaperId]]:
        """How papers that link a keyword write it: form, papers, one of them; the most frequent first."""
        sql = (
            "SELECT form, count(*), min(paper_id) FROM keyword_forms WHERE name = ? GROUP BY form ORDER BY 2 DESC, form"
        )
        return [(row[0], row[1], PaperId(row[2])) for row in self._all(sql, name)]

    def keyword_pages(self) -> dict[str, str]:
        """Keyword → path of its page, of those that have one."""
        return {row[0]: row[1] for row in self._all("SELECT key, path FROM pages WHERE kind = 'keyword' ORDER BY key")}

    def papers_by(self, name: str) -> list[PaperId]:
        """Papers whose notes are settled, with an author of exactly this name; by rising id."""
        rows = self._all(
            "SELECT papers.id FROM search JOIN searched ON number = search.rowid JOIN papers ON id = paper_id "
            "WHERE search MATCH ? AND noted AND settled "
            "AND EXISTS (SELECT 1 FROM json_each(papers.authors) WHERE value = ?) ORDER BY papers.id",
            'authors : "' + name.replace('"', '""') + '"',
            name,
        )
        return [PaperId(row[0]) for row in rows]

    def author_names(self) -> list[str]:
        """The authors of settled papers with a note, of those names that more than one paper has; in their order."""
        sql = (
            "SELECT value FROM papers, json_each(papers.authors) WHERE noted AND settled "
            "GROUP BY value HAVING count(DISTINCT papers.id) > 1 ORDER BY 1"
        )
        return [row[0] for row in self._all(sql)]

    def keyword_pages_since(self, names: Iterable[str]) -> dict[str, date]:
        """Of these keywords those that have a page, with the day since which they have it."""
        rows = self._all(f"SELECT key, since FROM pages WHERE kind = 'keyword' AND key {IN}", listed(names))
        return {row[0]: date.fromisoformat(row[1]) for row in rows}

    # --- pages ---

    def path(self, page: PageKey) -> str | None:
        path: str | None = self._one("SELECT path FROM pages WHERE kind = ? AND key = ?", page.kind, page.key)
        return path

    def paths(self, pages: Collection[PageKey]) -> dict[PageKey, str]:
        """Of these pages those that there are, and where."""
        found: dict[PageKey, str] = {}
        for kind in {page.kind for page in pages}:
            keys = listed(page.key for page in pages if page.kind == kind)
            rows = self._all(f"SELECT key, path FROM pages WHERE kind = ? AND key {IN}", kind, keys)
            found |= {PageKey(kind, key): path for key, path in rows}
        return found

    def is_taken(self, collision_key: str) -> bool:
        return self._one("SELECT 1 FROM pages WHERE collision_key = ?", collision_key) is not None

    def add_page(self, page: PageKey, path: str, collision_key: str, *, since: date) -> None:
        self.connection.execute(
            "INSERT INTO pages (kind, key, path, collision_key, since) VALUES (?, ?, ?, ?, ?)",
            (page.kind, page.key, path, collision_key, since.isoformat()),
        )

    def move_page(self, page: PageKey, path: str, collision_key: str) -> None:
        """The reader has moved or renamed it."""
        self.move_pages({page: (path, collision_key)})

    def move_pages(self, places: Mapping[PageKey, tuple[str, str]]) -> None:
        """Give pages other paths, with their collision keys; they may change places among themselves."""
        # No two pages have one path at any time, so all leave their places before the first takes another.
        self.connection.executemany(
            "UPDATE pages SET path = ?3 || path, collision_key = ?3 || collision_key WHERE kind = ?1 AND key = ?2",
            [(page.kind, page.key, "\n") for page in places],
        )
        self.connection.executemany(
            "UPDATE pages SET path = ?, collision_key = ? WHERE kind = ? AND key = ?",
            [(path, key, page.kind, page.key) for page, (path, key) in places.items()],
        )

    def page_at(self, collision_key: str) -> PageKey | None:
        row = self.connection.execute(
            "SELECT kind, key FROM pages WHERE collision_key = ?", (collision_key,)
        ).fetchone()
        return row and PageKey(*row)

    def take_page(self, page: PageKey) -> None:
        """A page is no more; its file goes when pages are published next, unless the reader wrote in it."""
        self.connection.execute(
            "INSERT OR IGNORE INTO vanished SELECT path, kind, key FROM pages WHERE kind = ? AND key = ?",
            (page.kind, page.key),
        )
        self.drop_page(page)

    def drop_page(self, page: PageKey) -> None:
        """A page is no more, and its file is another page's from now on."""
        self.connection.execute("DELETE FROM pages WHERE kind = ? AND key = ?", (page.kind, page.key))

    def days_without_papers(self) -> list[date]:
        """Days with a page and no paper that was first announced then, oldest first."""
        rows = self._all(
            "SELECT key FROM pages WHERE kind = 'day' AND NOT EXISTS "
            "(SELECT 1 FROM papers WHERE noted AND settled AND announced = key) ORDER BY key"
        )
        return [date.fromisoformat(row[0]) for row in rows]

    def dismiss(self, paper_id: str) -> None:
        """The reader has deleted the paper's note: no page links to it, and it is not made again."""
        self.connection.execute("UPDATE papers SET dismissed = 1 WHERE id = ?", (paper_id,))
        self.connection.execute(
            "DELETE FROM files WHERE path = (SELECT path || '.md' FROM pages WHERE kind = 'paper' AND key = ?)",
            (paper_id,),
        )
        self.connection.execute("DELETE FROM pages WHERE kind = 'paper' AND key = ?", (paper_id,))
        self.take_page(PageKey("text", paper_id))

    def recall(self, paper_id: str) -> None:
        """The reader asks for a paper whose note was deleted."""
        self.connection.execute("UPDATE papers SET dismissed = 0 WHERE id = ?", (paper_id,))

    def kinds(self) -> list[str]:
        """The kinds of pages that there are, in their order."""
        return [row[0] for row in self._all("SELECT DISTINCT kind FROM pages ORDER BY kind")]

    def pages_of_kind(self, kind: str) -> list[PageKey]:
        return [PageKey(kind, row[0]) for row in self._all("SELECT key FROM pages WHERE kind = ? ORDER BY key", kind)]

    def beside(self, page: PageKey) -> tuple[PageKey | None, PageKey | None]:
        """The pages before and after one of its kind, by key: of a day, week or month, the nearest in time."""
        before = self._one("SELECT max(key) FROM pages WHERE kind = ? AND key < ?", page.kind, page.key)
        after = self._one("SELECT min(key) FROM pages WHERE kind = ? AND key > ?", page.kind, page.key)
        return (before and PageKey(page.kind, before)), (after and PageKey(page.kind, after))

    def pages_of(self, days: Iterable[date]) -> set[PageKey]:
        """The pages that there are of these days, and of the weeks and months that they are in."""
        pages = (PageKey(when.kind, when.key) for when in periods.of_days(days))
        return {page for page in pages if self.path(page)}

    def days_within(self, when: Period) -> list[date]:
        """The days of a time that have a page, oldest first."""
        sql = "SELECT key FROM pages WHERE kind = 'day' AND key BETWEEN ? AND ? ORDER BY key"
        return [date.fromisoformat(r[0]) for r in self._all(sql, when.first.isoformat(), when.last.isoformat())]

    def mark(self, pages: Iterable[PageKey]) -> None:
        """These pages are to be rendered again."""
        rows = sorted((page.kind, page.key) for page in pages)
        self.connection.executemany("INSERT OR IGNORE INTO pending VALUES (?, ?)", rows)
        self.connection.executemany("INSERT OR IGNORE INTO touched SELECT day, ?, ? FROM recording", rows)

    def mark_linking(self, papers: Collection[str]) -> None:
        """The notes that have a link with one of *papers* are to be rendered again."""
        partners = (PageKey("paper", paper) for paper in self.relations.partners(papers))
        self.mark(page for page in partners if self.path(page))

    def mark_unrendered(self, recipe: str | None) -> int:
        """Mark pages whose recipe is not *recipe*, or all pages where it is None; the number of pages pending."""
        self.connection.execute(
            "INSERT OR IGNORE INTO pending SELECT kind, key FROM pages WHERE ? IS NULL OR recipe <> ?", (recipe, recipe)
        )
        return int(self._one("SELECT count(*) FROM pending"))

    def pending(self) -> list[PageKey]:
        return [PageKey(*row) for row in self._all("SELECT kind, key FROM pending ORDER BY kind, key")]

    def rendered(self, pages: Iterable[PageKey], recipe: str) -> None:
        rows = [(page.kind, page.key) for page in pages]
        self.connection.executemany("DELETE FROM pending WHERE kind = ? AND key = ?", rows)
        self.connection.executemany(
            "UPDATE pages SET recipe = ? WHERE kind = ? AND key = ?", [(recipe, *row) for row in rows]
        )

    def files(self, paths: Iterable[str]) -> dict[str, str]:
        """Path → SHA-256 of the bytes that we last wrote there."""
        return {r[0]: r[1] for r in self._all(f"SELECT path, sha256 FROM files WHERE path {IN}", listed(paths))}

    def set_files(self, files: Mapping[str, str]) -> None:
        self.connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", sorted(files.items()))

    def set_aliases(self, aliases: Mapping[str, object]) -> None:
        """The aliases that were written last, by the path of a keyword's page."""
        rows = [(path, json.dumps(found, ensure_ascii=False)) for path, found in sorted(aliases.items())]
        self.connection.executemany("INSERT OR REPLACE INTO page_aliases VALUES (?, ?)", rows)

    def aliases(self, paths: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
        """Of these paths with ``.md``, keyword and the aliases written last; of pages that do not wait to be written."""
        rows = self._all(
            "SELECT page_aliases.path, key, aliases FROM page_aliases "
            "JOIN pages ON pages.path = substr(page_aliases.path, 1, length(page_aliases.path) - 3) "
            f"WHERE kind = 'keyword' AND page_aliases.path {IN} "
            "AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.kind = 'keyword' AND pending.key = pages.key) ORDER BY 1",
            listed(paths),
        )
        return {row[0]: (row[1], json.loads(row[2])) for row in rows}

    def written_aliases(self, paths: Iterable[str]) -> dict[str, list[str]]:
        rows = self._all(f"SELECT path, aliases FROM page_aliases WHERE path {IN}", listed(paths))
        return {row[0]: json.loads(row[1]) for row in rows}

    def looks(self) -> dict[str, str]:
        """Path of a keyword's page → stamp of the file when it was last looked at; "" when it never was."""
        rows = self._all("SELECT path, coalesce(stamp, '') FROM page_aliases LEFT JOIN looks USING (path)")
        return {row[0]: row[1] for row in rows}

    def set_looks(self, stamps: Mapping[str, str]) -> None:
        self.connection.executemany("INSERT OR REPLACE INTO looks VALUES (?, ?)", sorted(stamps.items()))

    def forget_files(self, paths: Iterable[str]) -> None:
        gone = [(path,) for path in paths]
        for table in ("files", "page_aliases", "looks"):
            self.connection.executemany(f"DELETE FROM {table} WHERE path = ?", gone)

    def rename_file(self, path: str, other: str) -> None:
        self.connection.execute("UPDATE OR REPLACE files SET path = ? WHERE path = ?", (other, path))

    # --- runs ---

    def add_run(self, command: str, as_of: str, exit_status: int, report: str) -> None:
        self.connection.execute(
            "INSERT INTO runs (command, as_of, exit_status, report) VALUES (?, ?, ?, ?)",
            (command, as_of, exit_status, report),
        )

    def next_run(self) -> int:
        """The number that ``add_run`` will give."""
        return int(self._one("SELECT coalesce(max(id), 0) + 1 FROM runs"))

    def as_of(self, run: int) -> str | None:
        """The instant of a run; None when there was none of that number."""
        text: str | None = self._one("SELECT as_of FROM runs WHERE id = ?", run)
        return text

    def last_runs(self, number: int) -> list[dict[str, Any]]:
        rows = self._all("SELECT id, command, as_of, exit_status, report FROM runs ORDER BY id DESC LIMIT ?", number)
        return [{**dict(row), "report": json.loads(row["report"]) if row["report"] else None} for row in rows]


def _count(category: str, kinds: dict[str, int], told: int | None) -> CategoryCount:
    stored = sum(kinds.values())
    return CategoryCount(
        category=category,
        announced=stored if told is None else told,
        new=kinds.get(AnnounceType.NEW, 0),
        cross=kinds.get(AnnounceType.CROSS, 0),
        replaced=kinds.get(AnnounceType.REPLACE, 0) + kinds.get(AnnounceType.REPLACE_CROSS, 0),
        stored=stored,
    )
