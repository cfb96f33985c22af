"""Related papers judged by graded relevance (CSFCube): each query-facet's pool ranked by likeness to the query.

The metrics are the collection's own: average precision with grades of 2 and 3 as relevant, and NDCG with the grade as
gain and log2 of the rank as discount from the second rank on. No method is told the facet.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import log, log2
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.lines import read

Likeness = Callable[[int, Sequence[int]], NDArray[np.float64]]
"""How like a paper is to each of some others, all given by their place in the file."""

Pools = Mapping[tuple[str, str], Sequence[tuple[str, int]]]
"""For each query and facet its candidates with their grades, 0 to 3."""

RELEVANT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="a folder with papers.jsonl.gz and relevance_dev.tsv")
    parser.add_argument("--papers", type=Path, help="JSON lines {id, title, abstract}, plain or gzipped")
    parser.add_argument("--relevance", type=Path, help="lines of query id, facet, candidate id, grade, tab-separated")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {map, ndcg@20, items_per_second}}}``; n query-facets."""
    papers_path, relevance_path = _paths(args)
    papers = list(read(papers_path))
    place = {_bare(paper["id"]): i for i, paper in enumerate(papers)}
    pools = read_pools(relevance_path)
    needed = sorted({place[_bare(one)] for (query, _), pool in pools.items() for one in (query, *(c for c, _ in pool))})
    texts = [f"{paper['title']}. {paper['abstract']}" for paper in papers]
    found = _judge_all(texts, needed, pools, place)
    return {"task": "related", "data": str(relevance_path), "n": len(pools), "methods": found}


def _paths(args: argparse.Namespace) -> tuple[Path, Path]:
    folder = args.data or Path()
    if not args.data and not (args.papers and args.relevance):
        raise SystemExit("related: give --papers and --relevance, or --data with both in it")
    return args.papers or folder / "papers.jsonl.gz", args.relevance or folder / "relevance_dev.tsv"


def _bare(identifier: str) -> str:
    return identifier.removeprefix("s2:")


def read_pools(path: Path) -> Pools:
    pools: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            query, facet, candidate, grade = line.rstrip("\n").split("\t")
            pools[query, facet].append((candidate, int(grade)))
    return pools


def _judge_all(
    texts: Sequence[str], needed: Sequence[int], pools: Pools, place: Mapping[str, int]
) -> dict[str, dict[str, float]]:
    start = time.perf_counter()
    vectors = embed([texts[i] for i in needed])
    pace = round(len(needed) / (time.perf_counter() - start))
    embedded, tf_idf = _by_vectors(vectors, needed), _by_tf_idf(texts)
    found = {"ours": judge(embedded, pools, place) | {"items_per_second": pace}}
    found["TF-IDF"] = judge(tf_idf, pools, place)
    found["BM25"] = judge(_by_bm25(texts), pools, place)
    both = judge(lambda query, others: embedded(query, others) + tf_idf(query, others), pools, place)
    return found | {"ours + TF-IDF": both}


def judge(likeness: Likeness, pools: Pools, place: Mapping[str, int]) -> dict[str, float]:
    """Mean average precision and NDCG@20 over the pools; equal likeness keeps the order of the file's places."""
    grades = []
    for (query, _), pool in pools.items():
        ordered = sorted((place[_bare(candidate)], grade) for candidate, grade in pool)
        scores = likeness(place[_bare(query)], [i for i, _ in ordered])
        grades.append([ordered[i][1] for i in np.argsort(-scores, kind="stable")])
    return {"map": round(fmean(map(average_precision, grades)), 4), "ndcg@20": round(fmean(map(ndcg, grades)), 4)}


def average_precision(grades: Sequence[int]) -> float:
    """The mean of the precision at each relevant place; 0 when nothing is relevant."""
    hits = [rank for rank, grade in enumerate(grades, start=1) if grade >= RELEVANT]
    return fmean(found / rank for found, rank in enumerate(hits, start=1)) if hits else 0.0


def ndcg(grades: Sequence[int], k: int = 20) -> float:
    """Of the first *k*, against the best order; 0 when all grades are 0."""
    best = _gain(sorted(grades, reverse=True)[:k])
    return _gain(grades[:k]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / max(log2(rank), 1.0) for rank, grade in enumerate(grades, start=1))


# --- methods ---------------------------------------------------------------------------------------------------------


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of the texts, as the program makes them."""
    from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(BUNDLED_MODEL).embed(texts)


def _by_vectors(vectors: NDArray[np.float32], places: Sequence[int]) -> Likeness:
    row = {place: i for i, place in enumerate(places)}

    def likeness(query: int, others: Sequence[int]) -> NDArray[np.float64]:
        return np.asarray(vectors[[row[one] for one in others]] @ vectors[row[query]], dtype=np.float64)

    return likeness


def _by_tf_idf(texts: Sequence[str]) -> Likeness:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2).fit_transform(texts)

    def likeness(query: int, others: Sequence[int]) -> NDArray[np.float64]:
        return np.asarray((rows[list(others)] @ rows[query].T).toarray()[:, 0], dtype=np.float64)

    return likeness


def _by_bm25(texts: Sequence[str], k: float = 1.2, b: float = 0.75) -> Likeness:
    """Okapi BM25 (Robertson and Zaragoza 2009) with the query's whole text as the query."""
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    mean = fmean(map(len, words))
    df: dict[str, int] = defaultdict(int)
    for own in words:
        for word in set(own):
            df[word] += 1
    idf = {word: log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in df.items()}

    def score(query: set[str], document: Sequence[str]) -> float:
        norm = k * (1 - b + b * len(document) / mean)
        counts: dict[str, int] = defaultdict(int)
        for word in document:
            counts[word] += word in query
        return sum(idf[word] * n * (k + 1) / (n + norm) for word, n in counts.items() if n)

    def likeness(query: int, others: Sequence[int]) -> NDArray[np.float64]:
        asked = set(words[query])
        return np.array([score(asked, words[other]) for other in others])

    return likeness
