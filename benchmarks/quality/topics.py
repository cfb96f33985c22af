"""Topics judged against what people said of papers: arXiv's categories, or concepts that authors named as keywords.

Of papers with ``categories``, is the paper listed in the category? Of papers with ``keys``, did its authors choose the
concept, or a narrower one, as a keyword? A topic is given where its confidence reaches ``--threshold``; precision, recall
and F1 are over all papers' topics together. ``ece`` is the expected calibration error: how far confidence is from truth,
the mean over ten bins of equal width, of all topics that could be given (lower is better).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.lines import read
from digest.taxonomy import CATEGORIES, canonical

Paper = Mapping[str, Any]
Method = Callable[[Sequence[Paper]], list[dict[str, float]]]
"""From papers to the confidence of each topic, by name; a topic that is not told has none."""

BINS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help="JSON lines with categories, or with keys; gzipped or not"
    )
    parser.add_argument("--papers", type=int, default=0, help="judge so many, evenly drawn; else all")
    parser.add_argument("--threshold", type=float, default=0.3)
    parser.add_argument(
        "--names", action="store_true", help="categories by the embeddings of their names too; needs time"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {precision, recall, micro_f1, ece, items_per_second}}}``; n papers."""
    papers = [paper for paper in read(args.data) if paper.get("categories") or paper.get("keys")]
    step = max(len(papers) // args.papers, 1) if args.papers else 1
    papers = papers[::step][: args.papers or None]
    by_category = bool(papers and papers[0].get("categories"))
    truth = [_categories(paper) if by_category else _concepts(paper) for paper in papers]
    ours: dict[str, Method] = {"ours": _ours_concepts, "named at all": _named}
    methods = _of_categories(args.names) if by_category else ours
    methods["most frequent"] = _most_frequent(truth)
    found = {name: _judge(method, papers, truth, args.threshold) for name, method in methods.items()}
    return {"task": "topics", "data": str(args.data), "n": len(papers), "methods": found}


def _categories(paper: Paper) -> set[str]:
    return {canonical(category) for category in paper["categories"] if category in CATEGORIES}


def _concepts(paper: Paper) -> set[str]:
    from digest.topics.concepts import upwards
    from digest.topics.taxonomy import shipped
    from tools.build_background import author_keywords

    return upwards(shipped(), author_keywords(dict(paper)))


def _of_categories(names: bool) -> dict[str, Method]:
    return {"ours": _ours_fields, **({"cosine to names": _by_names} if names else {})}


def _ours_fields(papers: Sequence[Paper]) -> list[dict[str, float]]:
    from digest.topics.fields import Fields

    fields = Fields.load()
    return [fields.find(paper["title"], paper["abstract"]) for paper in papers]


def _ours_concepts(papers: Sequence[Paper]) -> list[dict[str, float]]:
    from digest.keywords.extract import Extractor
    from digest.topics.concepts import Concepts

    extractor, concepts = Extractor.load(), Concepts.load()
    return [concepts.find(extractor.candidates(paper["title"], paper["abstract"])) for paper in papers]


def _named(papers: Sequence[Paper]) -> list[dict[str, float]]:
    """Every concept that a term names, and all that is broader."""
    from digest.keywords.extract import Extractor
    from digest.topics.concepts import upwards
    from digest.topics.taxonomy import shipped

    extractor = Extractor.load()
    return [
        dict.fromkeys(upwards(shipped(), (c.canonical for c in extractor.candidates(p["title"], p["abstract"]))), 1.0)
        for p in papers
    ]


def _by_names(papers: Sequence[Paper]) -> list[dict[str, float]]:
    """What a reader's own taxonomy would give with arXiv's names, by the model that comes with the installation."""
    from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder
    from digest.topics.named import NamedTopics, names_of
    from digest.topics.taxonomy import Taxonomy

    embedder = SentenceTransformerEmbedder(BUNDLED_MODEL)
    known = Taxonomy({c: name for c, name in CATEGORIES.items() if canonical(c) == c}, {})
    topics = NamedTopics(known, lambda: embedder.embed(names_of(known)), embedder.embed, embedder.name)
    vectors = embedder.embed([f"{paper['title']}\n\n{paper['abstract']}" for paper in papers])
    return [topics.confidences(paper["title"], vector) for paper, vector in zip(papers, vectors, strict=True)]


def _most_frequent(truth: Sequence[set[str]]) -> Method:
    """To every paper the same topics, with the share of the papers that have each."""
    shares = {topic: count / max(len(truth), 1) for topic, count in Counter(t for one in truth for t in one).items()}
    return lambda papers: [shares] * len(papers)


def _judge(method: Method, papers: Sequence[Paper], truth: Sequence[set[str]], threshold: float) -> dict[str, float]:
    start = time.perf_counter()
    found = method(papers)
    seconds = time.perf_counter() - start
    given = [{topic for topic, sure in one.items() if sure >= threshold} for one in found]
    right = sum(len(mine & theirs) for mine, theirs in zip(given, truth, strict=True))
    precision = right / max(sum(map(len, given)), 1)
    recall = right / max(sum(map(len, truth)), 1)
    pairs = [(sure, topic in theirs) for one, theirs in zip(found, truth, strict=True) for topic, sure in one.items()]
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "micro_f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "ece": round(calibration_error(pairs), 4),
        "ece (from 0.2)": round(calibration_error(pair for pair in pairs if pair[0] >= 0.2), 4),
        "items_per_second": round(len(papers) / max(seconds, 1e-9)),
    }


def calibration_error(pairs: Iterable[tuple[float, bool]]) -> float:
    """The expected calibration error of (confidence, truth), in ten bins of equal width (Naeini et al., 2015)."""
    rows = np.array([(sure, float(true)) for sure, true in pairs]).reshape(-1, 2)
    at = np.minimum((rows[:, 0] * BINS).astype(int), BINS - 1)
    bins = [rows[at == number] for number in np.unique(at)]
    return float(sum(abs(b[:, 0].mean() - b[:, 1].mean()) * len(b) for b in bins) / max(len(rows), 1))
