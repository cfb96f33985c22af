"""Five nights on top of 117,218 papers: every paper's links, against everything compared with everything."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from digest import config
from digest.catalogue.rows import text_of
from digest.model import Neighbour, Paper, PaperId
from digest.pipeline import relate
from digest.related import lexical
from digest.related.score import combined
from digest.testing.builders import make_paper
from digest.testing.fakes import HashingEmbedder, QuickAssembly, make_home

DATA = Path(__file__).parents[3] / "shared" / "data" / "arxiv"
NIGHTS = 5
ROWS = 512

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not DATA.is_dir(), reason="the papers of ../shared/data/arxiv are not here"),
]


def papers_of(file: Path) -> Iterator[tuple[str, Paper]]:
    """Announcement day and paper, as the file has them; each paper once."""
    seen = set()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["id"] not in seen:
                seen.add(record["id"])
                categories = tuple(record.get("categories") or ["cs.AI"])
                told: dict[str, Any] = {"title": record["title"], "abstract": record["abstract"]}
                yield (
                    record["first_seen"],
                    make_paper(id=PaperId(record["id"]), version=1, categories=categories, authors=(), **told),
                )


def test_five_nights_on_the_whole_corpus(tmp_path, capsys):
    """Lists, links and the cap, for every paper; and what a night costs."""
    older = [paper for _, paper in papers_of(DATA / "corpus.jsonl.gz")]
    known = {paper.id for paper in older}
    by_day: dict[str, list[Paper]] = {}
    for day, paper in papers_of(DATA / "days.jsonl.gz"):
        if paper.id not in known:
            by_day.setdefault(day, []).append(paper)
    nights = sorted(by_day)[:NIGHTS]
    parts = QuickAssembly(make_home(tmp_path / "home"), config.load(tmp_path / "home", {}))
    with parts:
        catalogue = parts.catalogue
        for day, papers in [("2026-02-01", older), *((day, by_day[day]) for day in nights)]:
            begin = time.perf_counter()
            rewritten = settle(parts, date.fromisoformat(day), papers)
            with capsys.disabled():
                spent = time.perf_counter() - begin
                print(f"\n{day}: {len(papers)} papers, {rewritten} older notes looked at, {spent:.0f} s", end="")  # noqa: T201
        everybody = [*older, *(paper for day in nights for paper in by_day[day])]
        floor = relate.shares(parts).floor(parts.related_rules.floor)
        lists, linked = catalogue.relations.neighbours(), catalogue.relations.linked(paper.id for paper in everybody)
        accepted = catalogue.relations.accepted(paper.id for paper in everybody)
    wrong = [
        paper
        for paper, near in lists_from_nothing(everybody, floor, parts.related_rules.limit)
        if lists.get(paper, ()) != near
    ]
    assert wrong == []
    cap = parts.related_rules.shown
    assert all(paper in linked[other] for paper, others in linked.items() for other in others)
    indegree = Counter(other for others in linked.values() for other in others)
    assert max(indegree.values()) == cap
    for paper, near in lists.items():
        for other in (n.id for n in near):
            if other not in linked.get(paper, ()):
                assert cap in (len(accepted[paper]), len(accepted[other])), "cut by the cap alone"


def settle(parts: QuickAssembly, day: date, papers: Sequence[Paper]) -> int:
    """What a night does about related papers; how many older notes it has to look at."""
    catalogue = parts.catalogue
    with catalogue.transaction():
        for paper in papers:
            catalogue.add_paper(paper, announced=day, estimated=False, noted=True)
        catalogue.agenda.plan([paper.id for paper in papers])
    queued = catalogue.agenda.papers(day)
    relate.embed(parts, queued)
    with catalogue.transaction():
        concerned = relate.relink(parts, day, queued)
        catalogue.agenda.settle(day)
    return len(concerned)


def lists_from_nothing(
    papers: Sequence[Paper], floor: float, limit: int
) -> Iterator[tuple[PaperId, tuple[Neighbour, ...]]]:
    """Every paper with every other: float64 products of vectors, and of a matrix of all weighed words."""
    texts = [text_of(paper) for paper in papers]
    vectors = HashingEmbedder().embed(texts).astype(np.float64)
    words = words_of(lexical.pack(texts))
    order = np.argsort(np.array([paper.id for paper in papers]))
    rank = np.empty(len(papers), dtype=np.int64)
    rank[order] = np.arange(len(papers))
    for start in range(0, len(papers), ROWS):
        cosines = np.round(vectors[start : start + ROWS] @ vectors.T, 6)
        shared = np.round((words[start : start + ROWS] @ words.T).toarray(), 6)
        for number in range(len(cosines)):
            cosines[number, start + number] = -1
            fit = np.flatnonzero(cosines[number] >= floor)
            scores = combined(cosines[number, fit], shared[number, fit])
            best = np.lexsort((rank[fit], -scores))[:limit]
            yield (
                papers[start + number].id,
                tuple(
                    Neighbour(
                        id=papers[fit[i]].id,
                        score=float(scores[i]),
                        cosine=float(cosines[number, fit[i]]),
                        words=float(shared[number, fit[i]]),
                    )
                    for i in best
                ),
            )


def words_of(payloads: np.ndarray) -> csr_matrix:
    """Payloads as rows of one matrix, each of length 1, its columns the words."""
    hashes = np.ascontiguousarray(payloads[:, : lexical.KEPT * 4]).view("<u4")
    weights = payloads[:, lexical.KEPT * 4 :].astype(np.float64)
    columns = np.unique(hashes, return_inverse=True)[1].ravel()
    rows = np.repeat(np.arange(len(payloads)), lexical.KEPT)
    matrix = csr_matrix((weights.ravel(), (rows, columns)), shape=(len(payloads), columns.max() + 1))
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    return csr_matrix(matrix.multiply(1 / np.maximum(lengths, 1e-9)[:, None]))
