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
from typing import Any

import numpy as np
from rouge_score.rouge_scorer import RougeScorer
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from digest.summary import weights
from digest.summary.compress import compressed
from digest.summary.reading import plain
from digest.summary.roles import ROLES, RoleModel, context_features, sentence_features
from digest.summary.traits import traits

OUT = Path(__file__).resolve().parents[1] / "src/digest/summary/data"
KEPT_WEIGHTS = 20_000
LEAST_SENTENCES = 3  # a feature seen in fewer is left out
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
    for learn, judge in GroupKFold(5).split(matrix, truth, group):
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
    papers = read(data / "scitldr/train.jsonl.gz")
    roles = RoleModel.load()
    seen = [traits(paper["title"], paper["source"], roles.probabilities(paper["source"])) for paper in papers]
    names = sorted({name for paper in seen for sentence in paper for name in sentence} - {""})
    rows = [np.array([[sentence[name] for name in names] for sentence in paper]) for paper in seen]
    gains = [np.array([_gain(paper["target"], sentence) for sentence in paper["source"]]) for paper in papers]
    found = _fit_pairs(rows, gains)
    write(
        weights.TELLING,
        ("weight",),
        {name: (weight,) for name, weight in zip(names, found, strict=True)},
        "log-odds that this is the sentence to show, by what can be seen of it",
        3,
    )
    LOG.info(
        f"mean ROUGE of the chosen, train: {_mean_gain(rows, gains, found):.2f}; see python -m benchmarks.quality tldr"
    )


def _gain(references: Sequence[str], sentence: str) -> float:
    """The mean of ROUGE-1, -2 and -L of the sentence as it would be shown, against its best reference."""
    scores = SCORER.score_multi(references, compressed(plain(sentence)))
    return float(np.mean([score.fmeasure for score in scores.values()]))


def _fit_pairs(rows: Sequence[Any], gains: Sequence[Any]) -> Any:
    """A regression on differences: each paper's best sentence against each of its others, by how much it is better."""
    differences, trust = [], []
    for row, gain in zip(rows, gains, strict=True):
        best = gain.argmax()
        others = np.flatnonzero(gain < gain[best])
        differences.append(row[best] - row[others])
        trust.append((gain[best] - gain[others]) * 3 / len(row))
    matrix = np.concatenate(differences)
    weight = np.concatenate(trust)
    truth = np.repeat([1, 0], len(matrix))
    both = np.concatenate([matrix, -matrix])
    model = LogisticRegression(C=1.0, max_iter=5000, fit_intercept=False).fit(both, truth, np.tile(weight, 2))
    return model.coef_[0]


def _mean_gain(rows: Sequence[Any], gains: Sequence[Any], found: Any) -> float:
    return 100 * float(np.mean([gain[(row @ found).argmax()] for row, gain in zip(rows, gains, strict=True)]))


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("roles", "telling"))
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    {"roles": train_roles, "telling": train_telling}[arguments.part](arguments.data)


if __name__ == "__main__":
    main()
