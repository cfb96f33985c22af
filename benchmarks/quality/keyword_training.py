"""How the keyword stage's two models are made, for the script that ships them and for cross-validation.

Both are logistic regressions over the same features. The authors' model learns which terms a paper's authors chose as
its keywords; the indexers' model learns which phrases of an abstract indexers marked. The first has features that count
authors' choices (the vocabulary), so a paper must never be in the vocabulary that it is measured by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.matching import stems
from digest.keywords import document
from digest.keywords.background import Background
from digest.keywords.canonical import key
from digest.keywords.document import Term
from digest.keywords.extract import Extractor, Head
from digest.keywords.features import NAMES, Figures, features
from digest.keywords.phrases import Linked, linked_keys
from digest.keywords.vocabulary import Vocabulary
from tools.build_background import author_keywords

INNER = 10
"""Parts into which training papers are cut, so that no paper's own keywords are in the vocabulary it is measured by."""
STRENGTH = 0.3
"""Inverse strength of the L2 penalty on the weights of standardised features."""


class Labelled:
    """A paper with the keys that people chose for it, read once."""

    def __init__(self, row: Mapping[str, Any], linked: Linked) -> None:
        self.names: set[str] = author_keywords(row)
        self.gold = {key(name) for name in self.names}
        self.stems = {stems(written) for written in row["keys"]} - {""}
        self.document = document.read(row["title"], row["abstract"], linked)

    @property
    def counted(self) -> tuple[Collection[str], Collection[str]]:
        """What the vocabulary counts of it."""
        return self.names, self.document.terms.keys()

    def is_chosen(self, name: str) -> bool:
        """Whether the authors chose the term, in whatever form."""
        return key(name) in self.gold or stems(name) in self.stems

    def is_marked(self, term: Term) -> bool:
        """Whether an indexer marked the term as it is written here."""
        return any(stems(surface) in self.stems for surface in term.surfaces)


def labelled(rows: Iterable[Mapping[str, Any]]) -> list[Labelled]:
    """Papers ready to be learned from; each row has ``title``, ``abstract`` and ``keys``."""
    # A phrase with a preposition is known when two papers' authors chose it: no paper is helped by its own.
    linked = linked_keys(Vocabulary.load().shared)
    return [Labelled(row, linked) for row in rows]


def authors_head(papers: Sequence[Labelled], background: Background) -> Head:
    """The model of what authors choose; each part of the papers is measured by the vocabulary of the others."""
    parts = []
    for part in range(INNER):
        others = Vocabulary.of(p.counted for at, p in enumerate(papers) if at % INNER != part)
        figures = Figures(background, others)
        parts.append(_matrix(papers[part::INNER], figures, lambda paper, term: paper.is_chosen(term.name)))
    return _fit(parts)


def indexers_head(papers: Sequence[Labelled], figures: Figures) -> Head:
    """The model of what indexers mark; *figures* must not count the papers' own keys."""
    return _fit([_matrix(papers, figures, Labelled.is_marked)])


def cross_validated(papers: Sequence[Labelled], folds: int) -> list[Extractor]:
    """For each fold (the papers ``fold::folds``) an extractor that has seen the keys of the other folds alone.

    The indexers' model is the shipped one.
    """
    shipped = Extractor.load()
    background = shipped.figures.background
    found = []
    for fold in range(folds):
        train = [paper for at, paper in enumerate(papers) if at % folds != fold]
        figures = Figures(background, Vocabulary.of(paper.counted for paper in train))
        head = authors_head(train, background)
        found.append(replace(shipped, figures=figures, probability=head, name=f"fold {fold + 1} of {folds}"))
    return found


Matrix = tuple[NDArray[np.float64], NDArray[np.bool_]]


def _matrix(papers: Sequence[Labelled], figures: Figures, label: Callable[[Labelled, Term], bool]) -> Matrix:
    """Features, shape (candidates, features), and whether each candidate is one to find."""
    rows, labels = [], []
    for paper in papers:
        for term, values in features(paper.document, figures):
            rows.append(values)
            labels.append(label(paper, term))
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES)), np.array(labels, dtype=np.bool_)


def _fit(parts: Sequence[Matrix]) -> Head:
    """Weights for the features as they are."""
    x, y = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    mean, spread = x.mean(0), x.std(0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit((x - mean) / spread, y)
    weights = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - (weights * mean).sum())
    return Head(round(intercept, 4), {name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)})
