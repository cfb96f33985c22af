"""Make the weights in ``src/digest/summary/data`` from public research sets.

    python tools/train_summary.py roles DATA      # CSAbstruct, DATA/roles/csabstruct_{train,dev}.jsonl.gz
    python tools/train_summary.py telling DATA    # SciTLDR-A, DATA/scitldr/{train,dev}.jsonl.gz; after roles

Only the training halves are learned from; the dev halves are reported as a check. Needs scikit-learn and rouge-score.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rouge_score.rouge_scorer import RougeScorer
from scipy.optimize import minimize
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from digest.summary import weights
from digest.summary.choose import POINTING_BACK, told
from digest.summary.compress import compressed
from digest.summary.reading import plain
from digest.summary.roles import ROLES, RoleModel, context_features, sentence_features
from digest.summary.states import points_back
from digest.summary.traits import traits

OUT = Path(__file__).resolve().parents[1] / "src/digest/summary/data"
KEPT_WEIGHTS = 20_000
LEAST_SENTENCES = 3  # a feature seen in fewer is left out
FOLDS = 5
SHARPNESS = 0.05  # of ROUGE: a sentence that has so much more is e times as much wanted
PENALTY = 1e-3  # L2; both chosen by the folds
NEVER = -1e9  # log-odds
STRENGTH = 0.1  # inverse of the L2 penalty, chosen by five-fold cross-validation on the training half

LOG = logging.getLogger("train_summary")
SCORER = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)

Weighted = dict[str, Sequence[float]]


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(name: str, columns: Sequence[str], rows: Weighted, comment: str, digits: int) -> None:
    lines = [f"# {comment}", "\t".join(("feature", *columns))]
    lines += ["\t".join((feature, *(f"{value:.{digits}f}" for value in rows[feature]))) for feature in sorted(rows)]
    content = ("\n".join(lines) + "\n").encode()
    if name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    (OUT / name).write_bytes(content)


# --- roles -----------------------------------------------------------------------------------------------------------


def train_roles(data: Path) -> None:
    abstracts = read(data / "roles/csabstruct_train.jsonl.gz")
    features = [found for abstract in abstracts for found in sentence_features(abstract["sentences"])]
    truth = np.array([ROLES.index(label) for abstract in abstracts for label in abstract["labels"]])
    trust = np.array([conf for abstract in abstracts for conf in abstract["confs"]])
    group = np.repeat(np.arange(len(abstracts)), [len(abstract["labels"]) for abstract in abstracts])

    vectorizer, matrix = _matrix(features)
    unseen = np.zeros((len(truth), len(ROLES)))
    for learn, judge in GroupKFold(FOLDS).split(matrix, truth, group):
        unseen[judge] = _fit(matrix[learn], truth[learn], trust[learn]).predict_log_proba(matrix[judge])
    LOG.info(f"five folds, sentence alone: micro-F1 {np.mean(unseen.argmax(1) == truth):.3f}")

    sentence = _pruned(_fit(matrix, truth, trust), vectorizer.get_feature_names_out())
    write(weights.ROLES, ROLES, sentence, 'log-odds of each role by feature; "" is the constant term', 2)
    context = _context(unseen, truth, trust, group)
    write(weights.CONTEXT, ROLES, context, "log-odds of each role by the answers for a sentence and its neighbours", 4)
    _judge_roles(RoleModel.load(), read(data / "roles/csabstruct_dev.jsonl.gz"))


def _matrix(features: Iterable[set[str]]) -> tuple[DictVectorizer, Any]:
    vectorizer = DictVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform(dict.fromkeys(sorted(found), 1) for found in features)
    often = np.flatnonzero(np.asarray((matrix > 0).sum(0)).ravel() >= LEAST_SENTENCES)
    vectorizer.restrict(often, indices=True)
    return vectorizer, matrix[:, often]


def _fit(matrix: Any, truth: Any, trust: Any) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3).fit(matrix, truth, sample_weight=trust)


def _pruned(model: LogisticRegression, names: Sequence[str]) -> Weighted:
    """The KEPT_WEIGHTS largest weights, the others 0."""
    least = np.sort(np.abs(model.coef_), axis=None)[-KEPT_WEIGHTS]
    kept = np.where(np.abs(model.coef_) >= least, model.coef_, 0).round(2).T
    return {"": model.intercept_} | {name: row for name, row in zip(names, kept, strict=True) if row.any()}


def _context(logs: Any, truth: Any, trust: Any, group: Any) -> Weighted:
    found = [row for one in range(group.max() + 1) for row in context_features(logs[group == one])]
    vectorizer = DictVectorizer(sparse=False)
    matrix = vectorizer.fit_transform(found)
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(matrix, truth, sample_weight=trust)
    return {"": model.intercept_} | dict(zip(vectorizer.get_feature_names_out(), model.coef_.T, strict=True))


def _judge_roles(model: RoleModel, abstracts: list[dict[str, Any]]) -> None:
    found = [role for abstract in abstracts for role in model.roles(abstract["sentences"])]
    truth = [label for abstract in abstracts for label in abstract["labels"]]
    micro, macro = (f1_score(truth, found, average=average) for average in ("micro", "macro"))
    LOG.info(f"dev: micro-F1 {micro:.3f}, macro {macro:.3f}")


# --- telling ---------------------------------------------------------------------------------------------------------


def train_telling(data: Path) -> None:
    papers = [_paper(paper, RoleModel.load()) for paper in read(data / "scitldr/train.jsonl.gz")]
    names = sorted({name for paper in papers for sentence in paper.seen for name in sentence})
    rows = [np.array([[sentence[name] for name in names] for sentence in paper.seen]) for paper in papers]

    fold = np.random.default_rng(0).permutation(len(papers)) % FOLDS
    shown = np.zeros((len(papers), 3))
    for held in range(FOLDS):
        found = _fit_lists([(rows[i], papers[i]) for i in np.flatnonzero(fold != held)])
        for i in np.flatnonzero(fold == held):
            shown[i] = papers[i].scores[_log_odds(rows[i], papers[i], found).argmax()]
    LOG.info(f"{FOLDS} folds, ROUGE-1/2/L of the chosen: " + " ".join(f"{100 * one:.2f}" for one in shown.mean(0)))

    found = _fit_lists(list(zip(rows, papers, strict=True)))
    write(
        weights.TELLING,
        ("weight",),
        {name: (weight,) for name, weight in zip(names, found, strict=True)},
        "log-odds that this is the sentence to show, by what can be seen of it",
        3,
    )


class Paper(NamedTuple):
    seen: list[dict[str, float]]  # the traits of each sentence
    handicap: Any  # log-odds that the choice adds to those of the weights; very low for background
    scores: Any  # ROUGE-1, -2 and -L of each sentence as it would be shown, against its best reference


def _paper(paper: dict[str, Any], roles: RoleModel) -> Paper:
    title, sentences = paper["title"], paper["source"]
    probabilities = roles.probabilities(sentences)
    about = np.array(told(title, sentences, probabilities))
    return Paper(
        traits(title, sentences, probabilities),
        np.where(about | ~about.any(), 0.0, NEVER) - POINTING_BACK * np.array([points_back(one) for one in sentences]),
        np.array([_rouge(paper["target"], sentence) for sentence in sentences]),
    )


def _rouge(references: Sequence[str], sentence: str) -> list[float]:
    scores = SCORER.score_multi(references, compressed(plain(sentence)))
    return [score.fmeasure for score in scores.values()]


def _log_odds(row: Any, paper: Paper, found: Any) -> Any:
    return row @ found + paper.handicap


def _fit_lists(papers: Sequence[tuple[Any, Paper]]) -> Any:
    """Weights whose softmax over a paper's sentences is nearest to the one of their ROUGE (ListNet, Cao et al. 2007).

    Against pairs of the best sentence and another, which told better from worse alike, it gains 0.2 of ROUGE-1.
    """
    starts = np.cumsum([0, *(len(row) for row, _ in papers[:-1])])
    of = np.repeat(np.arange(len(papers)), [len(row) for row, _ in papers])
    matrix = np.concatenate([row for row, _ in papers])
    handicap = np.concatenate([paper.handicap for _, paper in papers])
    gains = np.concatenate([paper.scores.mean(1) for _, paper in papers])

    def softmax(odds: Any) -> Any:
        powers = np.exp(odds - np.maximum.reduceat(odds, starts)[of])
        return powers / np.add.reduceat(powers, starts)[of]

    wanted = softmax(gains / SHARPNESS + np.minimum(handicap, 0) * (handicap <= NEVER))

    def loss(weight: Any) -> tuple[float, Any]:
        given = softmax(matrix @ weight + handicap)
        slope = matrix.T @ (given - wanted) / len(papers)
        return -float(wanted @ np.log(given + 1e-30)) / len(
            papers
        ) + PENALTY * weight @ weight, slope + 2 * PENALTY * weight

    return minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)  # absl has made a handler of its own
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("roles", "telling"))
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    {"roles": train_roles, "telling": train_telling}[arguments.part](arguments.data)


if __name__ == "__main__":
    main()
