"""Who cites whom: the papers' bibliographies, by what references and papers are found, and what was found.

The citations are a function of the papers and bibliographies that are here, in whatever order they came: each change
judges the references anew that it can concern, and no other. Papers whose notes are never written can be cited too.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec

from digest.catalogue.rows import IN, listed
from digest.citations import coupling, keys, matching
from digest.citations.coupling import Coupled
from digest.citations.references import Reference
from digest.model import Paper, PaperId

MOST = 500
"""Papers that are looked at for one work which they cite, or for one paper that they all cite; the last by identifier.

A work that more papers cite says little of any two of them: it is counted where they share others, and finds none.
"""

LISTED = 10
"""Papers most coupled with one that are kept."""

CANDIDATES = 200
"""Papers whose whole bibliographies are compared with a paper's."""

Place = tuple[str, int]
"""A reference: the citing paper, and the reference's number."""

Row = tuple[str, str, int, str]
"""Of ``citations``: the citing paper, the cited one, the reference's number, the ground."""


class _Known(NamedTuple):
    id: PaperId
    title: str
    authors: Sequence[str]
    dois: Sequence[str]


@cache
def _decoder() -> msgspec.json.Decoder[Reference]:
    return msgspec.json.Decoder(Reference)


class Citations:
    """Reads and writes by *connection*; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    # --- writing ---

    def set_bibliography(self, paper_id: PaperId, references: Sequence[Reference]) -> set[PaperId]:
        """The references of a paper of the catalogue are these, in this order, and no others.

        Returns the papers that cite or are cited otherwise than before, and the paper itself where its references
        are others.
        """
        values = [msgspec.json.encode(reference).decode() for reference in references]
        before = [
            row[0] for row in self._all("SELECT value FROM bibliographies WHERE paper_id = ? ORDER BY number", paper_id)
        ]
        cited = {row[0] for row in self._all("SELECT other_id FROM citations WHERE paper_id = ?", paper_id)}
        for table in ("citations", "reference_keys", "bibliographies"):
            self._connection.execute(f"DELETE FROM {table} WHERE paper_id = ?", (paper_id,))
        self._connection.executemany(
            "INSERT INTO bibliographies VALUES (?, ?, ?)",
            [(paper_id, number, value) for number, value in enumerate(values)],
        )
        self._connection.executemany(
            "INSERT INTO reference_keys VALUES (?, ?, ?)",
            sorted((key, paper_id, number) for number, one in enumerate(references) for key in keys.of_reference(one)),
        )
        rows = self._judged({(paper_id, number): reference for number, reference in enumerate(references)})
        self._connection.executemany("INSERT INTO citations VALUES (?, ?, ?, ?)", sorted(rows))
        changed = {PaperId(other) for other in cited ^ {row[1] for row in rows}}
        return changed | {paper_id} if changed or values != before else set()

    def set_papers(self, papers: Iterable[Paper]) -> set[PaperId]:
        """These papers are new, or others than they were when they were told last; their rows are as they are now.

        Returns the papers that cite or are cited otherwise than before.
        """
        ids = listed(sorted(paper.id for paper in papers))
        known = self._known(f"SELECT id, title, authors, dois FROM papers WHERE id {IN}", ids)
        self._connection.execute(f"DELETE FROM paper_keys WHERE paper_id {IN}", (ids,))
        self._connection.executemany(
            "INSERT INTO paper_keys VALUES (?, ?)", sorted((key, one.id) for one in known for key in keys.of_paper(one))
        )
        self._connection.execute(f"DELETE FROM unkeyed WHERE paper_id {IN}", (ids,))
        concerned = self._all(
            "SELECT r.paper_id, r.number FROM paper_keys p CROSS JOIN reference_keys r ON r.key = p.key "
            f"WHERE p.paper_id {IN.replace('?', '?1')} "
            f"UNION SELECT paper_id, number FROM citations WHERE other_id {IN.replace('?', '?1')}",
            ids,
        )
        return self._judge_anew([(row[0], row[1]) for row in concerned])

    def unkeyed(self, limit: int) -> list[PaperId]:
        """Papers that are to be told to ``set_papers``: new ones, and those with another title, authors or DOIs."""
        return [PaperId(row[0]) for row in self._all("SELECT paper_id FROM unkeyed ORDER BY paper_id LIMIT ?", limit)]

    def _judge_anew(self, places: Sequence[Place]) -> set[PaperId]:
        before = {tuple(row) for row in self._at("c.*", "citations", places)}
        found = self._at("c.*", "bibliographies", places)
        after = set(self._judged({(row[0], row[1]): _decoder().decode(row[2]) for row in found}))
        pairs = {(row[0], row[1]) for row in before ^ after}
        were = self._pairs(pairs)
        self._connection.executemany(
            "DELETE FROM citations WHERE paper_id = ? AND other_id = ? AND number = ?",
            [row[:3] for row in before - after],
        )
        self._connection.executemany("INSERT INTO citations VALUES (?, ?, ?, ?)", sorted(after - before))
        return {PaperId(end) for pair in were ^ self._pairs(pairs) for end in pair}

    def _at(self, columns: str, table: str, places: Sequence[Place], *, joined: str = "") -> list[sqlite3.Row]:
        """Columns of the rows ``c`` of a table that are of these references."""
        return self._all(
            f"SELECT DISTINCT {columns} FROM json_each(?) place CROSS JOIN {table} c "
            f"ON c.paper_id = place.value ->> 0 AND c.number = place.value ->> 1 {joined}",
            json.dumps(places),
        )

    def _pairs(self, among: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of these pairs those that are recorded."""
        rows = self._all(
            "SELECT DISTINCT c.paper_id, c.other_id FROM json_each(?) pair CROSS JOIN citations c "
            "ON c.paper_id = pair.value ->> 0 AND c.other_id = pair.value ->> 1",
            json.dumps(sorted(among)),
        )
        return {(row[0], row[1]) for row in rows}

    def _judged(self, references: Mapping[Place, Reference]) -> list[Row]:
        """What each reference is to; a paper does not cite itself."""
        rows = self._at("c.paper_id, c.number, p.paper_id", "reference_keys", list(references), joined=_HAVING_ITS_KEY)
        near: dict[Place, list[str]] = defaultdict(list)
        for citing, number, other in rows:
            near[citing, number].append(other)
        wanted = listed(sorted({other for others in near.values() for other in others}))
        papers = {
            one.id: one for one in self._known(f"SELECT id, title, authors, dois FROM papers WHERE id {IN}", wanted)
        }
        return [
            (citing, match.paper, number, match.ground.value)
            for (citing, number), others in near.items()
            for match in matching.match(references[citing, number], [papers[PaperId(other)] for other in others])
            if match.paper != citing
        ]

    def _known(self, sql: str, *parameters: Any) -> list[_Known]:
        return [_Known(PaperId(r[0]), r[1], json.loads(r[2]), json.loads(r[3])) for r in self._all(sql, *parameters)]

    def couple(self, papers: Iterable[PaperId]) -> set[PaperId]:
        """Bring up to date who is coupled with whom, where *papers* cite or are cited otherwise.

        That concerns them, what they cite, and all that any of these share references or citing papers with. Returns
        the papers of which ``mutual`` may say something else.
        """
        cited = {other for others in self.cites(papers).values() for other in others}
        first = self.coupled({*papers, *cited}, CANDIDATES)
        near = {one.id for others in first.values() for one in others}
        after = {paper: {one.id: one for one in found[:LISTED]} for paper, found in first.items()}
        after |= {
            paper: {one.id: one for one in found} for paper, found in self.coupled(near - first.keys(), LISTED).items()
        }
        concerned = {*papers, *cited, *near}
        before = self._lists(concerned)
        changed = {paper for paper in concerned if before.get(paper, {}) != after.get(paper, {})}
        self._connection.executemany("DELETE FROM coupled WHERE paper_id = ?", [(paper,) for paper in sorted(changed)])
        self._connection.executemany(
            "INSERT INTO coupled VALUES (?, ?, ?, ?, ?)",
            [(p, c.id, c.shared, c.both, c.score) for p in sorted(changed) for c in after.get(p, {}).values()],
        )
        return changed | {
            other
            for paper in changed
            for other in {*before.get(paper, ()), *after.get(paper, ())}
            if before.get(paper, {}).get(other) != after.get(paper, {}).get(other)
        }

    def _lists(self, ids: Iterable[str]) -> dict[PaperId, dict[PaperId, Coupled]]:
        found: dict[PaperId, dict[PaperId, Coupled]] = {}
        for row in self._all(f"SELECT * FROM coupled WHERE paper_id {IN}", listed(ids)):
            one = Coupled(id=PaperId(row["other_id"]), shared=row["shared"], both=row["both"], score=row["score"])
            found.setdefault(PaperId(row["paper_id"]), {})[one.id] = one
        return found

    # --- reading ---

    def has_any(self) -> bool:
        """Whether any paper's references are known."""
        return bool(self._all("SELECT 1 FROM bibliographies LIMIT 1"))

    def mutual(self, ids: Iterable[str]) -> dict[PaperId, list[Coupled]]:
        """Paper → those most coupled with it that have it among their own, too; the strongest first.

        So who is shown on one note is shown on both.
        """
        own = self._lists(ids)
        theirs = self._lists({other for others in own.values() for other in others})
        return {
            paper: sorted(
                (one for one in others.values() if paper in theirs.get(one.id, {})),
                key=lambda one: (-one.score, one.id),
            )
            for paper, others in own.items()
        }

    def bibliography(self, paper_id: PaperId) -> tuple[Reference, ...]:
        """A paper's references, in their order."""
        rows = self._all("SELECT value FROM bibliographies WHERE paper_id = ? ORDER BY number", paper_id)
        return tuple(_decoder().decode(row[0]) for row in rows)

    def found(self, paper_id: PaperId) -> dict[int, list[PaperId]]:
        """By the number of a reference, from 0, the papers here that it is to."""
        found: dict[int, list[PaperId]] = {}
        for number, other in self._all(
            "SELECT number, other_id FROM citations WHERE paper_id = ? ORDER BY number, other_id", paper_id
        ):
            found.setdefault(number, []).append(PaperId(other))
        return found

    def cites(self, ids: Iterable[str]) -> dict[PaperId, list[PaperId]]:
        """Paper → the papers here that it cites, by identifier; papers that cite none are left out."""
        return self._listed("SELECT DISTINCT paper_id, other_id FROM citations WHERE paper_id", ids)

    def cited_by(self, ids: Iterable[str]) -> dict[PaperId, list[PaperId]]:
        """Paper → the papers here that cite it, by identifier; papers that none cites are left out."""
        return self._listed("SELECT DISTINCT other_id, paper_id FROM citations WHERE other_id", ids)

    def _listed(self, sql: str, ids: Iterable[str]) -> dict[PaperId, list[PaperId]]:
        found: dict[PaperId, list[PaperId]] = {}
        for paper, other in self._all(f"{sql} {IN} ORDER BY 1, 2", listed(ids)):
            found.setdefault(PaperId(paper), []).append(PaperId(other))
        return found

    def around(self, ids: Iterable[str]) -> set[PaperId]:
        """Papers whose notes show one of these: that cite it, that it cites, that are coupled with it."""
        rows = self._all(
            f"SELECT paper_id FROM citations WHERE other_id {IN.replace('?', '?1')} "
            f"UNION SELECT other_id FROM citations WHERE paper_id {IN.replace('?', '?1')} "
            f"UNION SELECT other_id FROM coupled WHERE paper_id {IN.replace('?', '?1')}",
            listed(ids),
        )
        return {PaperId(row[0]) for row in rows}

    def counts(self, ids: Iterable[str]) -> dict[PaperId, int]:
        """Paper → how many papers here cite it; papers that none cites are left out."""
        sql = f"SELECT other_id, count(DISTINCT paper_id) FROM citations WHERE other_id {IN} GROUP BY other_id"
        return {PaperId(row[0]): row[1] for row in self._all(sql, listed(ids))}

    def most_cited(self, keyword: str, *, least: int, limit: int) -> dict[PaperId, int]:
        """Of the papers that link a keyword, those that at least so many papers here cite, with how many do; the most
        cited first, ties by identifier.
        """
        sql = (
            "SELECT other_id, count(DISTINCT c.paper_id) AS n FROM keywords k JOIN citations c ON other_id = k.paper_id "
            "WHERE name = ? GROUP BY other_id HAVING n >= ? ORDER BY n DESC, other_id LIMIT ?"
        )
        return {PaperId(row[0]): row[1] for row in self._all(sql, keyword, least, limit)}

    def references(self, ids: Iterable[str]) -> dict[PaperId, tuple[int, int]]:
        """Paper → the number of its references, and how many papers here it cites; papers without any are left out."""
        sql = (
            "SELECT paper_id, count(*), (SELECT count(DISTINCT other_id) FROM citations c WHERE c.paper_id = b.paper_id) "
            f"FROM bibliographies b WHERE paper_id {IN} GROUP BY paper_id"
        )
        return {PaperId(row[0]): (row[1], row[2]) for row in self._all(sql, listed(ids))}

    def coupled(self, ids: Iterable[str], limit: int) -> dict[PaperId, list[Coupled]]:
        """Paper → others by what they cite in common and who cites both, at most *limit*, strongest first.

        References to works that are not here count too. ``digest.citations.coupling`` tells the score; ``MOST`` and
        ``CANDIDATES`` what is left out. Papers with none are left out.
        """
        found = ((PaperId(paper), self._coupled(PaperId(paper), limit)) for paper in sorted(set(ids)))
        return {paper: others for paper, others in found if others}

    def _coupled(self, paper: PaperId, limit: int) -> list[Coupled]:
        own = self._works([paper]).get(paper, {})
        near, both = self._sharing(paper), self._cited_with(paper)
        others = sorted(near.keys() | both.keys(), key=lambda one: (-near[one] - both[one], one))[:CANDIDATES]
        theirs, cited = self._works(others), self.counts([paper, *others])
        lengths = self.references([paper, *others])
        none = (0, 0)
        coupled = []
        for other in others:
            shared = coupling.shared(own, theirs.get(other, {}))
            references = lengths.get(paper, none)[0], lengths.get(other, none)[0]
            score = coupling.score(shared, references, both[other], (cited.get(paper, 0), cited.get(other, 0)))
            coupled.append(Coupled(id=other, shared=shared, both=both[other], score=score))
        return coupling.strongest(coupled, limit)

    def _works(self, ids: Iterable[str]) -> dict[PaperId, dict[int, set[str]]]:
        """Paper → its references by number, each with what says which work it is of: its keys, or the paper here."""
        found: dict[PaperId, dict[int, set[str]]] = {}
        for paper, number, key in self._all(
            f"SELECT paper_id, number, key FROM reference_keys WHERE paper_id {IN.replace('?', '?1')} "
            f"AND {_IS_WORK} UNION ALL SELECT paper_id, number, '=' || other_id FROM citations "
            f"WHERE paper_id {IN.replace('?', '?1')}",
            listed(ids),
        ):
            found.setdefault(PaperId(paper), {}).setdefault(number, set()).add(key)
        return found

    def _sharing(self, paper: PaperId) -> Counter[PaperId]:
        """Papers by how many of *paper*'s references they have too, of works that at most ``MOST`` papers cite."""
        rows = self._all(
            f"SELECT number, key FROM reference_keys WHERE paper_id = ? AND {_IS_WORK} ORDER BY number, key", paper
        )
        having: dict[int, set[str]] = defaultdict(set)
        for number, key in rows:
            having[number] |= self._few("SELECT paper_id FROM reference_keys WHERE key = ?", key)
        for number, other in self._all("SELECT number, other_id FROM citations WHERE paper_id = ?", paper):
            having[number] |= self._few("SELECT DISTINCT paper_id FROM citations WHERE other_id = ?", other)
        counted = Counter(PaperId(other) for others in having.values() for other in others if other != paper)
        return Counter({other: shared for other, shared in counted.items() if shared >= coupling.LEAST})

    def _few(self, sql: str, *parameters: Any) -> set[str]:
        """The papers of a question, or none where they are more than ``MOST``."""
        rows = self._all(f"{sql} LIMIT {MOST + 1}", *parameters)
        return {row[0] for row in rows} if len(rows) <= MOST else set()

    def _cited_with(self, paper: PaperId) -> Counter[PaperId]:
        """Papers by how many cite them together with *paper*, of the last ``MOST`` that cite it."""
        rows = self._all(
            "SELECT other_id, count(DISTINCT paper_id) FROM citations WHERE paper_id IN (SELECT DISTINCT paper_id "
            f"FROM citations WHERE other_id = ?1 ORDER BY paper_id DESC LIMIT {MOST}) AND other_id <> ?1 GROUP BY other_id",
            paper,
        )
        return Counter({PaperId(row[0]): row[1] for row in rows if row[1] >= coupling.LEAST})


_HAVING_ITS_KEY = "CROSS JOIN paper_keys p ON p.key = c.key"
_IS_WORK = "substr(key, 1, 1) NOT IN ('p', 'q')"
