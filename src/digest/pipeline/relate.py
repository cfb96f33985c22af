"""From texts to related papers: what texts are compared by, who is near whom, and which notes that concerns."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digest.catalogue.relations import Spread
from digest.catalogue.rows import hash_of, text_of
from digest.model import Neighbour, Paper, PaperId
from digest.related import layout, lexical, spread
from digest.related.links import accepted
from digest.related.neighbours import DIGITS, Texts, best, likeness
from digest.related.score import combined
from digest.related.spread import Shares

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts
    from digest.ports import Filter

CHUNK = 64
"""Texts embedded between two commits: what a killed run has to do again at most."""

QUERIES = 512
"""Papers searched in one pass over the index."""

INTACT = "vectors"
"""The watermark that says how many rows of which recipe the index had at last: fewer, and something was lost."""

ROWS = 4096
"""Rows of the index looked up at a time."""

TIES = 2
"""Nearest papers that are remembered as what a paper was near to when it came."""

SLACK = 2e-5
"""More than the index may be wrong about a cosine, and so about a score."""

Lists = Mapping[PaperId, tuple[Neighbour, ...]]


# --- what texts are compared by ---


def embed(parts: Parts, papers: Sequence[Paper]) -> int:
    """Give each text that has none yet a row in the index; how many were made.

    The texts of *papers*, and of all settled ones where the index is a new one or has lost rows.
    """
    catalogue, index = parts.catalogue, parts.index
    rows, _, recipe = (catalogue.watermark(INTACT) or "0 ").partition(" ")
    is_intact = recipe == parts.text_recipe and index.count >= int(rows)
    made = embed_texts(parts, map(text_of, papers))
    if not is_intact:
        for chunk in _chunks(catalogue.relations.settled()):
            made += embed_texts(parts, map(text_of, catalogue.agenda.settled(chunk)))
    with catalogue.transaction():
        catalogue.set_watermark(INTACT, f"{index.count} {parts.text_recipe}")
    return made


def embed_texts(parts: Parts, texts: Iterable[str]) -> int:
    """Give each of these texts that has none yet a row in the index; how many were made."""
    by_key = {key_of(text): text for text in texts}
    lacking = parts.index.missing(by_key)
    missing = [(key, text) for key, text in by_key.items() if key in lacking]
    for start in range(0, len(missing), CHUNK):
        parts.progress("embedding", start, len(missing))
        keys, chunk = zip(*missing[start : start + CHUNK], strict=True)
        parts.index.add(keys, parts.embedder.embed(chunk), lexical.pack(chunk))
    if missing:
        parts.progress("embedding", len(missing), len(missing))
    return len(missing)


def key_of(text: str) -> bytes:
    return bytes.fromhex(hash_of(text))


def _chunks(papers: Sequence[PaperId]) -> Iterator[Sequence[PaperId]]:
    return (papers[start : start + QUERIES] for start in range(0, len(papers), QUERIES))


def _texts(parts: Parts, keys: Sequence[bytes]) -> Texts:
    return Texts(*parts.index.read(parts.index.rows(keys)))


def _comparable(parts: Parts, papers: Iterable[PaperId], day: date) -> dict[PaperId, bytes]:
    """Papers that may be linked, with their texts' keys. A version whose text nobody told has no row, and no part."""
    keys = parts.catalogue.relations.keys(papers, day)
    missing = parts.index.missing(keys.values())
    return {paper: key for paper, key in keys.items() if key not in missing}


# --- who is near whom ---


def relink(parts: Parts, day: date, papers: Sequence[Paper]) -> set[PaperId]:
    """Bring neighbours and links up to date; the older papers of which what is shown may have changed."""
    relations = parts.catalogue.relations
    arrived = _comparable(parts, (paper.id for paper in papers), day)
    if not arrived:
        return set()
    is_new = _measure_again(parts, day)
    lists = _from_nothing(parts, day) if is_new else _with_arrived(parts, day, arrived)
    before = relations.neighbours(None if is_new else lists)
    changed = {paper: found for paper, found in lists.items() if found != before.get(paper, ())}
    relations.set_neighbours(changed)
    relations.set_ties({paper: round(sum(n.cosine for n in lists[paper]), DIGITS) for paper in arrived})
    parts.catalogue.chronicle.set_ties({paper: [n.id for n in lists[paper]][:TIES] for paper in arrived})
    moved = {n.id for paper, found in changed.items() for n in set(found) ^ set(before.get(paper, ()))}
    concerned = {*changed, *moved, *arrived}
    return _make_links(parts, set(lists) | concerned if is_new else concerned) - arrived.keys()


def _measure_again(parts: Parts, day: date) -> bool:
    """Measure how like random pairs are where the catalogue has grown enough, or is compared in another way."""
    relations, recipe = parts.catalogue.relations, parts.link_recipe
    known = relations.spread()
    if known is not None and known.recipe == recipe and known.papers >= spread.LEVELS[-1]:
        return False
    papers = relations.linkable(day)
    level = spread.level(len(papers))
    if known is not None and known.recipe == recipe and level <= spread.level(known.papers):
        return False
    keys = _comparable(parts, spread.sample(papers), day)
    counts = spread.measure(_texts(parts, list(keys.values())).vectors) if level else {}
    relations.set_spread(Spread(recipe, len(papers), counts))
    return True


def shares(parts: Parts) -> Shares:
    """What a cosine means in this catalogue."""
    known = parts.catalogue.relations.spread()
    return Shares(known.counts if known else {})


def _from_nothing(parts: Parts, day: date) -> Lists:
    keys = _comparable(parts, parts.catalogue.relations.linkable(day), day)
    found = {}
    for number, (paper, near) in enumerate(_Search(parts, day).near(keys), 1):
        if number % QUERIES == 0 or number == len(keys):
            parts.progress("relating papers", number, len(keys))
        found[paper] = near.best(paper)
    return found


def _with_arrived(parts: Parts, day: date, arrived: Mapping[PaperId, bytes]) -> Lists:
    """The lists that may change by papers that are new, or have a new text; equal to those of a search from nothing."""
    relations, limit = parts.catalogue.relations, parts.related_rules.limit
    stale = relations.named_by(arrived) | relations.naming_dismissed()
    lists: dict[PaperId, tuple[Neighbour, ...]] = {}
    offers: dict[PaperId, list[Neighbour]] = {}
    older = _comparable(parts, stale - arrived.keys(), day)
    for paper, near in _Search(parts, day).near({**arrived, **older}):
        lists[paper] = near.best(paper)
        if paper in arrived:
            for other, neighbour in near.offers(paper):
                offers.setdefault(other, []).append(neighbour)
    offered = offers.keys() - lists.keys()
    kept = relations.neighbours(offered)
    return lists | {other: best([*kept.get(other, ()), *offers[other]], limit) for other in offered}


class _Search:
    """Searches the index, and knows whose the texts there are."""

    def __init__(self, parts: Parts, day: date) -> None:
        self.parts = parts
        self.day = day
        self.limit = parts.related_rules.limit
        self.floor = shares(parts).floor(parts.related_rules.floor)
        self.owners: dict[int, list[PaperId]] = {}  # by row; empty for a text that is nobody's any more
        self.bars = np.empty(0)  # by row: the score at which another paper enters the owners' lists; infinite: no owner
        self.words = np.empty((0, lexical.WIDTH), dtype=np.uint8)  # by row

    def near(self, keys: Mapping[PaperId, bytes]) -> Iterator[tuple[PaperId, _Near]]:
        """For each paper, by the text of its key, all that is about at the floor or above."""
        index = self.parts.index
        for chunk in _chunks(list(keys)):
            texts = _texts(self.parts, [keys[paper] for paper in chunk])
            queries, rows, cosines = index.near(texts.vectors, self.floor - SLACK)
            self._learn(np.flatnonzero(np.bincount(rows)))
            owned = self.bars[rows] < np.inf
            queries, rows, cosines = queries[owned], rows[owned], cosines[owned]
            ends = np.searchsorted(queries, np.arange(len(chunk) + 1))
            for number, paper in enumerate(chunk):
                mine = slice(ends[number], ends[number + 1])
                words = lexical.likeness(texts.words[number], self.words[rows[mine]])
                scores = combined(cosines[mine].astype(np.float64), words)
                yield paper, _Near(self, texts, number, rows[mine], cosines[mine], scores)

    def _learn(self, rows: NDArray[np.int64]) -> None:
        """Whose these rows are, what their lists end with, and their words."""
        relations, index = self.parts.catalogue.relations, self.parts.index
        if len(rows) and (more := int(rows[-1]) + 1 - len(self.bars)) > 0:
            self.bars = np.append(self.bars, np.full(more, np.nan))
            self.words = np.append(self.words, np.zeros((more, lexical.WIDTH), dtype=np.uint8), axis=0)
        unknown = rows[np.isnan(self.bars[rows])]
        for start in range(0, len(unknown), ROWS):
            new = unknown[start : start + ROWS]
            _, self.words[new] = index.read(new)
            keys = index.keys(new)
            owners = relations.owners(keys, self.day)
            bars = relations.last((paper for having in owners.values() for paper in having), self.limit - 1)
            for row, key in zip(new.tolist(), keys, strict=True):
                self.owners[row] = owners.get(key, [])
                self.bars[row] = min((bars.get(paper, -np.inf) for paper in self.owners[row]), default=np.inf)


@dataclass(frozen=True, slots=True)
class _Near:
    """What is near one text: rows, with cosines and scores that may be wrong by ``SLACK``, until they are looked at."""

    search: _Search
    texts: Texts
    number: int  # of the text
    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]
    scores: NDArray[np.float64]

    def best(self, paper: PaperId) -> tuple[Neighbour, ...]:
        """The paper's nearest."""
        limit = self.search.limit
        sure = self.scores[self.cosines >= self.search.floor + SLACK]
        room = limit + 1  # one of the rows is its own
        bar = np.partition(sure, -room)[-room] if len(sure) > room else -np.inf
        return best((n for n in self._exact(self.scores >= bar - SLACK) if n.id != paper), limit)

    def offers(self, paper: PaperId) -> Iterator[tuple[PaperId, Neighbour]]:
        """Papers whose list this one may enter, and how like it is to them."""
        for other in self._exact(self.scores >= self.search.bars[self.rows] - SLACK):
            if other.id != paper:
                yield other.id, replace(other, id=paper)

    def _exact(self, chosen: NDArray[np.bool_]) -> Iterator[Neighbour]:
        """The owners of the chosen rows that are at or above the floor."""
        rows = self.rows[chosen]
        found = likeness(self.texts, self.number, Texts(*self.search.parts.index.read(rows)))
        for row, score, cosine, words in zip(rows.tolist(), *found.lists(), strict=True):
            if cosine >= self.search.floor:
                for owner in self.search.owners[row]:
                    yield Neighbour(id=owner, score=score, cosine=cosine, words=words)


# --- which notes that concerns ---


def _make_links(parts: Parts, papers: Collection[PaperId]) -> set[PaperId]:
    """Decide anew what each of these papers has room for; they, and those that gain or lose a link by it."""
    relations, room = parts.catalogue.relations, parts.related_rules.shown
    before, own, naming = relations.accepted(papers), relations.neighbours(papers), relations.naming(papers)
    after = {paper: accepted(own.get(paper, ()), naming.get(paper, ()), room=room) for paper in sorted(papers)}
    relations.set_accepted({paper: found for paper, found in after.items() if found != before.get(paper, ())})
    return {*papers, *(other for paper, found in after.items() for other in set(found) ^ set(before.get(paper, ())))}


# --- maps ---


def places(parts: Parts, papers: Sequence[PaperId]) -> dict[PaperId, tuple[int, int]]:
    """Where settled papers are on a map of them all, x and y within 0 … ``layout.SIDE``; kept by what it is made from.

    Papers without a vector have no place; few papers have none either.
    """
    keys = _comparable(parts, papers, parts.catalogue.agenda.last_day)
    name = hash_of(f"{layout.RECIPE} {parts.text_recipe} " + b"".join(keys.values()).hex())
    kept = parts.catalogue.chronicle.layout(name)
    if kept is None:
        kept = json.dumps(layout.placed(_texts(parts, list(keys.values())).vectors).tolist())
        parts.catalogue.chronicle.set_layout(name, kept)
    return {paper: (x, y) for paper, (x, y) in zip(keys, json.loads(kept), strict=False)}


# --- what readers ask ---


def nearest(parts: Parts, paper: Paper, limit: int, among: Filter) -> tuple[Neighbour, ...]:
    """The papers nearest to one, by the rule of the notes, at most *limit*, of those that fit a filter."""
    catalogue = parts.catalogue
    relations, day = catalogue.relations, catalogue.agenda.last_day
    fitting = set(relations.select(among)) if among else None
    texts = _fingerprints(parts, text_of(paper))
    floor = shares(parts).floor(parts.related_rules.floor)
    _, rows, _ = parts.index.near(texts.vectors, floor - SLACK)
    keys = parts.index.keys(rows)
    found = likeness(texts, 0, Texts(*parts.index.read(rows)))
    owners = relations.owners(keys, day)
    near = (
        Neighbour(id=owner, score=score, cosine=cosine, words=words)
        for key, score, cosine, words in zip(keys, *found.lists(), strict=True)
        if cosine >= floor and (fitting is None or key in fitting)
        for owner in owners.get(key, ())
        if owner != paper.id
    )
    return best(near, limit)


def like_text(parts: Parts, text: str, limit: int, among: Filter) -> dict[PaperId, float]:
    """The papers whose meaning is nearest to that of *text*, with the cosine, the nearest first."""
    rows, cosines = parts.index.nearest(parts.embedder.embed([text]), limit, among or None)[0]
    keys = parts.index.keys(rows)
    owners = parts.catalogue.relations.owners(keys, parts.catalogue.agenda.last_day)
    return {
        owner: round(float(cosine), DIGITS)
        for key, cosine in zip(keys, cosines, strict=True)
        for owner in owners.get(key, ())
    }


def _fingerprints(parts: Parts, text: str) -> Texts:
    """What one text is compared by, from the index where it is there."""
    key = key_of(text)
    if parts.index.missing([key]):
        return Texts(parts.embedder.embed([text]), lexical.pack([text]))
    return _texts(parts, [key])
