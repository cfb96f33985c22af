"""Related papers judged by graded relevance (CSFCube): each query-facet's pool ranked by likeness to the query.

The metrics are the collection's own: average precision with grades of 2 and 3 as relevant, and NDCG with the grade as
gain and log2 of the rank as discount from the second rank on. No method is told the facet. Ours is what the program does:
the default embedder's cosine and the words' (``digest.related.lexical``) made one by ``digest.related.score``; beside it
stand its parts' rivals. Intervals are of the paired bootstrap over query-facets (Efron and Tibshirani 1993, chapter 13).
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log, log2
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.lines import read
from digest.related import lexical, score

Likeness = Callable[[int, Sequence[int]], NDArray[np.float64]]
"""How like a paper is to each of some others, all given by their place in the file."""

Pools = Mapping[tuple[str, str], Sequence[tuple[str, int]]]
"""For each query and facet its candidates with their grades, 0 to 3."""

RELEVANT = 2

METRICS = ("map", "ndcg@20")

RESAMPLES, SEED = 10_000, 0

Found = Mapping[tuple[str, str], Mapping[str, float]]
"""For each query and facet a method's metrics."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="a folder with papers.jsonl.gz and relevance_dev.tsv")
    parser.add_argument("--papers", type=Path, help="JSON lines {id, title, abstract}, plain or gzipped")
    parser.add_argument("--relevance", type=Path, help="lines of query id, facet, candidate id, grade, tab-separated")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {metric: value}}}``; n query-facets.

    ``map`` and ``ndcg@20`` are of all facets, ``map <facet>`` and ``ndcg <facet>`` (at 20 too) of one. Ours has the texts
    a second, by embedding and by words; each other has what ours is better by, with the ends of the 95 % interval.
    """
    papers_path, relevance_path = _paths(args)
    papers = list(read(papers_path))
    place = {_bare(paper["id"]): i for i, paper in enumerate(papers)}
    pools = read_pools(relevance_path)
    needed = sorted({place[_bare(one)] for (query, _), pool in pools.items() for one in (query, *(c for c, _ in pool))})
    ours, pace = _ours_and_minilm([f"{paper['title']}\n\n{paper['abstract']}" for paper in papers], needed)
    texts = [f"{paper['title']}. {paper['abstract']}" for paper in papers]
    likenesses = ours | {"TF-IDF": _by_tf_idf(texts), "BM25": _by_bm25(texts)}
    found = {name: judge(likeness, pools, place) for name, likeness in likenesses.items()}
    methods = {name: summary(own) for name, own in found.items()}
    for name, own in found.items():
        methods[name] |= pace if name == "ours" else gain(found["ours"], own)
    return {"task": "related", "data": str(relevance_path), "n": len(pools), "methods": methods}


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


def judge(likeness: Likeness, pools: Pools, place: Mapping[str, int]) -> Found:
    """Average precision and NDCG@20 of each pool; equal likeness keeps the order of the file's places."""
    found = {}
    for (query, facet), pool in pools.items():
        ordered = sorted((place[_bare(candidate)], grade) for candidate, grade in pool)
        scores = likeness(place[_bare(query)], [i for i, _ in ordered])
        grades = [ordered[i][1] for i in np.argsort(-scores, kind="stable")]
        found[query, facet] = {"map": average_precision(grades), "ndcg@20": ndcg(grades)}
    return found


def summary(found: Found) -> dict[str, float]:
    """Means over all query-facets, then over those of each facet."""
    means = {metric: _mean(found.values(), metric) for metric in METRICS}
    for facet in sorted({facet for _, facet in found}):
        own = [metrics for (_, its), metrics in found.items() if its == facet]
        means |= {f"{metric.removesuffix('@20')} {facet}": _mean(own, metric) for metric in METRICS}
    return means


def _mean(found: Iterable[Mapping[str, float]], metric: str) -> float:
    return round(fmean(metrics[metric] for metrics in found), 4)


def gain(ours: Found, other: Found) -> dict[str, float]:
    """What ours is better by, and the ends of the 95 % interval of that, for each metric."""
    drawn = np.random.default_rng(SEED).integers(0, len(ours), size=(RESAMPLES, len(ours)))
    figures: dict[str, float] = {}
    for metric in METRICS:
        gains = np.array([ours[one][metric] - other[one][metric] for one in ours])
        low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
        named = {"gain": gains.mean(), "gain low": low, "gain high": high}
        figures |= {f"{metric.removesuffix('@20')} {name}": round(float(value), 4) for name, value in named.items()}
    return figures


def average_precision(grades: Sequence[int]) -> float:
    """The mean of the precision at each relevant place; 0 when nothing is relevant."""
    hits = [rank for rank, grade in enumerate(grades, start=1) if grade >= RELEVANT]
    return fmean(found / rank for found, rank in enumerate(hits, start=1)) if hits else 0.0


def ndcg(grades: Sequence[int], k: int = 20) -> float:
    """Of the first *k*, against the best order; 0 when all grades are 0."""
    best = _discounted(sorted(grades, reverse=True)[:k])
    return _discounted(grades[:k]) / best if best else 0.0


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / max(log2(rank), 1.0) for rank, grade in enumerate(grades, start=1))


# --- methods ---------------------------------------------------------------------------------------------------------


def _ours_and_minilm(texts: Sequence[str], needed: Sequence[int]) -> tuple[dict[str, Likeness], dict[str, float]]:
    """Ours and the embedding alone, as the program has them of title, blank line, abstract; and texts a second."""
    given = [texts[i] for i in needed]
    vectors, pace = _timed(embed, given)
    payloads, words_pace = _timed(lexical.pack, given)
    row = {place: i for i, place in enumerate(needed)}

    def minilm(query: int, others: Sequence[int]) -> NDArray[np.float64]:
        theirs = vectors[[row[one] for one in others]].astype(np.float64)
        return np.asarray((theirs * vectors[row[query]]).sum(axis=1).round(lexical.DIGITS))

    def ours(query: int, others: Sequence[int]) -> NDArray[np.float64]:
        words = lexical.likeness(payloads[row[query]], payloads[[row[one] for one in others]])
        return score.combined(minilm(query, others), words)

    return {"ours": ours, "MiniLM": minilm}, {"items_per_second": pace, "words_per_second": words_pace}


def _timed(make: Callable[[Sequence[str]], NDArray[Any]], texts: Sequence[str]) -> tuple[NDArray[Any], float]:
    start = time.perf_counter()
    made = make(texts)
    return made, round(len(texts) / (time.perf_counter() - start))


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of the texts, as the program makes them."""
    from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(BUNDLED_MODEL).embed(texts)


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
