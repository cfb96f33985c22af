"""Trains the keyword model and writes ``src/digest/keywords/data/weights.json``.

    python tools/train_keywords.py DATA [--check]

DATA is the folder with ``keyphrases/author_train.jsonl.gz``: papers with the keywords that their authors chose. First
prints five-fold cross-validation (F1 of the first 5 and 10 against all keywords, stemmed exact match; calibration),
with the vocabulary made from the other folds alone; then fits on all papers. ``--check`` stops before that. Run after
``build_word_tables.py`` and ``build_background.py``. About three minutes on one core; needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "tools")]

from build_background import author_keywords, read  # noqa: E402

from benchmarks.quality.keyphrases import f1_at, stems  # noqa: E402
from digest.keywords import document  # noqa: E402
from digest.keywords.background import Background  # noqa: E402
from digest.keywords.canonical import key  # noqa: E402
from digest.keywords.features import NAMES, Figures, features  # noqa: E402
from digest.keywords.phrases import Linked, linked_keys  # noqa: E402
from digest.keywords.vocabulary import Vocabulary  # noqa: E402

FOLDS = 5
INNER = 10
"""Parts into which training papers are cut, so that no paper's own keywords are in the vocabulary it is measured by."""
STRENGTH = 0.3


class Paper:
    """A paper with its authors' keywords, read once."""

    def __init__(self, row: dict, linked: Linked) -> None:
        self.row = row
        self.names = author_keywords(row)
        self.gold = {key(name) for name in self.names}
        self.stems = {stems(written) for written in row["keys"]} - {""}
        self.document = document.read(row["title"], row["abstract"], linked)

    @property
    def counted(self) -> tuple[Collection[str], Collection[str]]:
        return self.names, self.document.terms.keys()

    def is_gold(self, name: str) -> bool:
        return key(name) in self.gold or stems(name) in self.stems


def matrix(papers: Sequence[Paper], figures: Figures) -> tuple[np.ndarray, np.ndarray]:
    rows, labels = [], []
    for paper in papers:
        for term, values in features(paper.document, figures):
            rows.append(values)
            labels.append(paper.is_gold(term.name))
    return np.array(rows, dtype=float), np.array(labels)


def fit(papers: Sequence[Paper], background: Background) -> tuple[np.ndarray, float]:
    """Weights for the features as they are, and the intercept."""
    parts = []
    for part in range(INNER):
        others = Vocabulary.of(p.counted for at, p in enumerate(papers) if at % INNER != part)
        parts.append(matrix(papers[part::INNER], Figures(background, others)))
    x, y = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    mean, spread = x.mean(0), x.std(0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit((x - mean) / spread, y)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - (weights * mean).sum())


def predict(paper: Paper, figures: Figures, weights: np.ndarray, intercept: float) -> list[tuple[float, str]]:
    scored = features(paper.document, figures)
    values = np.array([row for _, row in scored], dtype=float).reshape(len(scored), len(NAMES))
    chances = 1 / (1 + np.exp(-(values @ weights + intercept)))
    return sorted(
        ((float(p), term.name) for p, (term, _) in zip(chances, scored, strict=True)), key=lambda r: (-r[0], r[1])
    )


def cross_validate(papers: Sequence[Paper], background: Background) -> None:
    scores, pairs = [], []
    for fold in range(FOLDS):
        train = [p for at, p in enumerate(papers) if at % FOLDS != fold]
        weights, intercept = fit(train, background)
        figures = Figures(background, Vocabulary.of(p.counted for p in train))
        for paper in papers[fold::FOLDS]:
            ranked = predict(paper, figures, weights, intercept)
            names = [name for _, name in ranked]
            scores.append((paper.row["id"].split("/")[0], *(f1_at(names, paper.row["keys"], k) for k in (5, 10))))
            pairs += [(p, paper.is_gold(name)) for p, name in ranked]
        print(f"fold {fold + 1}: F1@5 {100 * np.mean([s[1] for s in scores[-len(papers[fold::FOLDS]) :]]):.1f}")
    for group in ("", *sorted({s[0] for s in scores})):
        chosen = [s for s in scores if s[0].startswith(group)]
        print(
            f"{group or 'all':10} n {len(chosen):5}  F1@5 {100 * np.mean([s[1] for s in chosen]):5.1f}  "
            f"F1@10 {100 * np.mean([s[2] for s in chosen]):5.1f}"
        )
    for low, high in ((0, 0.02), (0.02, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 1.01)):
        bin_ = [(p, y) for p, y in pairs if low <= p < high]
        if bin_:
            print(
                f"p {low:.2f}-{high:.2f}: n {len(bin_):6}  mean p {np.mean([p for p, _ in bin_]):.3f}  chosen {np.mean([y for _, y in bin_]):.3f}"
            )


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args(argv)
    # A phrase with a preposition is known when two papers' authors chose it: no paper is helped by its own.
    linked = linked_keys(Vocabulary.load().shared)
    papers = [Paper(row, linked) for row in read(args.data / "keyphrases" / "author_train.jsonl.gz")]
    background = Background.load()
    cross_validate(papers, background)
    if args.check:
        return
    weights, intercept = fit(papers, background)
    out = ROOT / "src" / "digest" / "keywords" / "data" / "weights.json"
    table = {name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)}
    out.write_text(json.dumps({"intercept": round(intercept, 4), "weights": table}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
