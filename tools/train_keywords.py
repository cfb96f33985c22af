"""Trains the two keyword models and writes ``src/digest/keywords/data/weights.json``.

    python tools/train_keywords.py DATA [--check]

DATA is the folder with ``keyphrases/``: ``author_train.jsonl.gz`` has papers with the keywords that their authors
chose, ``inspec_train.jsonl.gz`` and ``semeval2017_half.jsonl.gz`` have abstracts with all phrases that indexers marked.
First prints five-fold cross-validation of both (F1 of the first 5 and 10 against all keys, stemmed exact match;
calibration of the kept candidates), the authors' with the vocabulary made from the other folds alone; then fits on all
papers. ``--check`` stops before that. Run after ``build_word_tables.py`` and ``build_background.py``. About two minutes
on one core; needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.quality.keyword_training import (  # noqa: E402
    Labelled,
    authors_head,
    cross_validated,
    indexers_head,
    labelled,
)
from benchmarks.quality.lines import read  # noqa: E402
from benchmarks.quality.matching import f1_at  # noqa: E402
from digest.keywords.extract import Extractor, describing  # noqa: E402

FOLDS = 5
BINS = (0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 1.01)


def check_authors(rows: Sequence[dict], papers: Sequence[Labelled]) -> None:
    """Print what the authors' model finds in papers that it has not seen, by venue, and how true its figures are."""
    scores, pairs = [], []
    for fold, extractor in enumerate(cross_validated(papers, FOLDS)):
        for row, paper in zip(rows[fold::FOLDS], papers[fold::FOLDS], strict=True):
            found = extractor.candidates(row["title"], row["abstract"])
            scores.append((row["id"].split("/")[0], *_f1([c.canonical for c in found], row)))
            pairs += [(c.probability, paper.is_chosen(c.canonical)) for c in found]
    for venue in ("", *sorted({score[0] for score in scores})):
        _print_f1(venue or "authors", [score[1:] for score in scores if score[0].startswith(venue)])
    for low, high in pairwise(BINS):
        chosen = [pair for pair in pairs if low <= pair[0] < high]
        if chosen:
            mean, rate = np.mean(chosen, axis=0)
            print(f"p {low:.2f}-{high:.2f}: n {len(chosen):6}  mean p {mean:.3f}  chosen {rate:.3f}")


def check_indexers(collections: Iterable[tuple[str, Sequence[dict], Sequence[Labelled]]], shipped: Extractor) -> None:
    """Print what the indexers' model lists of papers that it has not seen, by collection."""
    collections = list(collections)
    for name, rows, _ in collections:
        scores = []
        for fold in range(FOLDS):
            train = [p for _, _, papers in collections for at, p in enumerate(papers) if at % FOLDS != fold]
            extractor = replace(shipped, salience=indexers_head(train, shipped.figures))
            for row in rows[fold::FOLDS]:
                found = describing(extractor.candidates(row["title"], row["abstract"]), 10)
                scores.append(_f1([c.surface for c in found], row))
        _print_f1(name, scores)


def _f1(answer: Sequence[str], row: dict) -> tuple[float, float]:
    return f1_at(answer, row["keys"], 5), f1_at(answer, row["keys"], 10)


def _print_f1(name: str, scores: Sequence[tuple[float, float]]) -> None:
    at_5, at_10 = 100 * np.mean(scores, axis=0)
    print(f"{name:16} n {len(scores):5}  F1@5 {at_5:5.1f}  F1@10 {at_10:5.1f}", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args(argv)
    shipped = Extractor.load()

    def load(name: str) -> tuple[str, list[dict], list[Labelled]]:
        rows = list(read(args.data / "keyphrases" / f"{name}.jsonl.gz"))
        return name, rows, labelled(rows)

    _, rows, papers = load("author_train")
    indexed = [load("inspec_train"), load("semeval2017_half")]
    check_authors(rows, papers)
    check_indexers(indexed, shipped)
    if args.check:
        return
    heads = {
        "probability": authors_head(papers, shipped.figures.background),
        "salience": indexers_head([paper for _, _, part in indexed for paper in part], shipped.figures),
    }
    out = ROOT / "src" / "digest" / "keywords" / "data" / "weights.json"
    out.write_text(json.dumps({name: asdict(head) for name, head in heads.items()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
