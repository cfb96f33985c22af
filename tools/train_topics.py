"""Makes ``src/digest/topics/data``: the concepts, what tells how sure one is, and the words of arXiv's categories.

    python tools/train_topics.py DATA CSO [concepts|confidence|fields ...]

DATA is the folder with ``keyphrases/author_train.jsonl.gz`` and ``arxiv/``. CSO is ``cso.csv`` of the Computer Science
Ontology (CC BY 4.0), as the wheel of cso-classifier 2.3.2 has it. Without a last word all three are made, each the same
bytes every time; takes some ten minutes on one core.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression, SGDClassifier

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "digest" / "topics" / "data"
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.quality.keyword_training import cross_validated, labelled  # noqa: E402
from benchmarks.quality.topics import calibration_error  # noqa: E402
from digest.keywords.background import Background  # noqa: E402
from digest.keywords.ban import banned_terms  # noqa: E402
from digest.keywords.canonical import canonical, key  # noqa: E402
from digest.keywords.vocabulary import Vocabulary  # noqa: E402
from digest.taxonomy import CATEGORIES  # noqa: E402
from digest.taxonomy import canonical as canonical_category  # noqa: E402
from digest.topics import concepts, fields  # noqa: E402
from digest.topics.taxonomy import CONCEPTS, NO_TOPIC, ROOT_CONCEPT, SUPPLEMENT, read_rows, shipped  # noqa: E402
from tools.build_background import author_keywords  # noqa: E402

KNOWN = 20
"""Papers of the background that a concept needs to be kept."""
CHOSEN = 3
"""Authors who must have chosen a plain single word ("Privacy", not "Cue")."""

TRAINED = 28_000
CALIBRATED = 8_000
"""Papers from which the words of categories are learned, and others from which it is learned how sure they make."""
LISTED = 60
"""Papers that a category needs to be learned at all."""
WORDS = 2000
"""Words kept of a category, those that weigh most."""
SEEN = 8
"""Papers that a word needs to be looked at."""


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# --- concepts ---


def make_concepts(cso: Path) -> None:
    """The part of the ontology that arXiv's papers speak of, as a tree: name and broader, by name."""
    background, vocabulary = Background.load(), Vocabulary.load()
    parents = _broader(cso, background)
    reached = _below(ROOT_CONCEPT, parents)
    by_hand = dict(read_rows(SUPPLEMENT))
    banned = {*map(key, banned_terms()), *(key(name) for name, above in by_hand.items() if above == NO_TOPIC)}
    kept = {name for name in reached if _is_good(name, background, vocabulary, banned)} | {ROOT_CONCEPT}
    rows = {}
    for name in sorted(kept - {ROOT_CONCEPT} - by_hand.keys()):
        broader = _nearest(name, parents, kept)
        # Of several, the one that shares most words, then the one that most papers speak of.
        found = [*(broader - {ROOT_CONCEPT}), ROOT_CONCEPT]
        rows[name] = min(
            found, key=lambda one: (one == ROOT_CONCEPT, -_shared(one, name), -background.counts(one)[0], one)
        )
    tree = {**rows, **by_hand}
    rows = {name: broader for name, broader in rows.items() if _ends(name, tree)}
    head = "# The Computer Science Ontology, cut to what arXiv's papers speak of and made a tree. Name, broader.\n"
    text = head + "".join(f"{name}\t{broader}\n" for name, broader in sorted(rows.items()))
    (OUT / CONCEPTS).write_text(text, encoding="utf-8")
    print(f"{CONCEPTS}: {len(rows)} concepts of {len(reached)}, and {len(by_hand)} by hand", file=sys.stderr)


def _broader(cso: Path, background: Background) -> dict[str, set[str]]:
    """Canonical name → canonical names of what the ontology says is broader; spellings of one topic are one."""
    with cso.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if len(row) == 3 and "(" not in row[0] + row[2]]
    named = {raw: canonical(raw, {}) for row in rows for raw in (row[0], row[2])}
    leads: dict[str, str] = {}

    def main(name: str) -> str:
        while name in leads:
            name = leads[name]
        return name

    for one, relation, other in rows:
        if relation == "klink:primaryLabel":
            pair = sorted({main(named[one]), main(named[other])}, key=lambda n: (background.counts(n)[0], n))
            leads.update(dict.fromkeys(pair[:-1], pair[-1]))
    parents: dict[str, set[str]] = defaultdict(set)
    for broad, relation, narrow in rows:
        one, other = main(named[broad]), main(named[narrow])
        if relation == "klink:broaderGeneric" and one != other:
            parents[other].add(one)
    return parents


def _below(root: str, parents: Mapping[str, set[str]]) -> set[str]:
    narrower: dict[str, set[str]] = defaultdict(set)
    for name, broader in parents.items():
        for one in broader:
            narrower[one].add(name)
    found, waiting = {root}, [root]
    while waiting:
        new = narrower[waiting.pop()] - found
        found |= new
        waiting += sorted(new)
    return found


def _is_good(name: str, background: Background, vocabulary: Vocabulary, banned: set[str]) -> bool:
    if background.counts(name)[0] < KNOWN or key(name) in banned:
        return False
    plain = " " not in name and name.isalpha() and name[1:] == name[1:].lower()
    return not plain or vocabulary.chosen.get(name, 0) >= CHOSEN


def _nearest(name: str, parents: Mapping[str, set[str]], kept: set[str]) -> set[str]:
    """The nearest broader concepts that are kept."""
    found: set[str] = set()
    waiting, seen = sorted(parents[name]), {name}
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            if one in kept:
                found.add(one)
            else:
                waiting += sorted(parents.get(one, ()))
    return found


def _shared(one: str, other: str) -> int:
    """How many words two names have in common."""
    return len(set(key(one).split()) & set(key(other).split()))


def _ends(name: str, tree: Mapping[str, str]) -> bool:
    """Whether the way up from a concept ends at the root."""
    seen = set()
    while name != ROOT_CONCEPT:
        if name in seen or name not in tree:
            return False
        seen.add(name)
        name = tree[name]
    return True


# --- how sure a concept is ---


def make_confidence(path: Path) -> None:
    """A logistic regression: whether authors chose a concept, or a narrower one, as a keyword.

    Each paper's candidates have the probabilities of an extractor that has not seen its authors' keywords.
    """
    x, y, papers = confidence_rows(list(read(path)))
    model = LogisticRegression(C=1e6, max_iter=1000)
    held = np.zeros(len(y))
    for fold in range(5):
        test = papers % 5 == fold
        held[test] = model.fit(x[~test], y[~test]).predict_proba(x[test])[:, 1]
    print(
        f"{len(y)} concepts of {papers.max() + 1} papers, {y.mean():.3f} chosen; ECE {calibration_error(zip(held, y, strict=True)):.4f}",
        file=sys.stderr,
    )
    model.fit(x, y)
    weights = {name: round(float(w), 4) for name, w in zip(concepts.FEATURES, model.coef_[0], strict=True)}
    table = {"intercept": round(float(model.intercept_[0]), 4), "weights": weights}
    (OUT / concepts.CONFIDENCE).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def confidence_rows(rows: Sequence[dict[str, Any]], folds: int = 5) -> tuple[Any, Any, Any]:
    """Features of each concept in each paper, whether its authors chose it or a narrower one, and the paper's number."""
    taxonomy = shipped()
    x, y, papers = [], [], []
    for fold, extractor in enumerate(cross_validated(labelled(rows), folds)):
        for at in range(fold, len(rows), folds):
            row = rows[at]
            chosen = concepts.upwards(taxonomy, author_keywords(row))
            found = concepts.features(taxonomy, extractor.candidates(row["title"], row["abstract"]))
            for name, values in found.items():
                x.append(values)
                y.append(name in chosen)
                papers.append(at)
    return np.array(x), np.array(y), np.array(papers)


# --- the words of arXiv's categories ---


def make_fields(path: Path) -> None:
    """A logistic regression for each category, from words; pruned, then calibrated on other papers (Platt, 1999)."""
    papers = [(fields.words(p["title"], p["abstract"]), _listed(p)) for p in read(path) if p.get("categories")]
    order = np.random.default_rng(0).permutation(len(papers))[: TRAINED + CALIBRATED]
    train, held = [papers[i] for i in order[:TRAINED]], [papers[i] for i in order[TRAINED:]]
    counts = Counter(category for _, listed in papers for category in listed)
    names = sorted(name for name, count in counts.items() if count >= LISTED)
    df = Counter(word for words, _ in train for word in words)
    vocabulary = sorted(word for word, count in df.items() if count >= SEEN)
    idf = np.array([round(np.log(len(train) / df[word]), 2) for word in vocabulary])
    place = {word: at for at, word in enumerate(vocabulary)}
    x, other = (_matrix([words for words, _ in part], place, idf) for part in (train, held))
    columns, heads = {}, []
    for name in names:
        y = np.array([name in listed for _, listed in train])
        model = SGDClassifier(loss="log_loss", alpha=3e-5, max_iter=8, tol=None, average=True, random_state=0).fit(x, y)
        weights = model.coef_[0].copy()
        light = np.argsort(-np.abs(weights * np.sqrt(np.asarray(x.mean(0)).ravel())), kind="stable")[WORDS:]
        weights[light] = 0.0
        weights = np.round(weights, 1)
        z = (other @ weights).reshape(-1, 1)
        platt = LogisticRegression(C=1e6).fit(z, [name in listed for _, listed in held])
        heads.append(f"{name}\t{platt.coef_[0][0]:.4f}\t{platt.intercept_[0]:.4f}")
        columns[name] = weights
    lines = [
        "# categories: name, slope, intercept; then a row a word: word, idf, number of the category:weight …",
        *heads,
        "",
        *(
            "\t".join(
                [
                    vocabulary[at],
                    f"{idf[at]:g}",
                    " ".join(f"{n}:{columns[name][at]:g}" for n, name in enumerate(names) if columns[name][at]),
                ]
            )
            for at in range(len(vocabulary))  # one without weight has its part in the length
        ),
        "",
    ]
    out = OUT / fields.FILE
    out.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))
    print(
        f"{out.name}: {len(names)} categories, {len(vocabulary)} words, {out.stat().st_size / 1024:.0f} KiB",
        file=sys.stderr,
    )


def _listed(paper: dict[str, Any]) -> set[str]:
    return {canonical_category(category) for category in paper["categories"] if category in CATEGORIES}


def _matrix(rows: Iterable[set[str]], place: Mapping[str, int], idf: Any) -> Any:
    """Unit rows of the words' idf, shape (papers, words)."""
    at: list[int] = []
    values: list[float] = []
    ends = [0]
    for words in rows:
        columns = sorted(place[word] for word in words if word in place)
        found = idf[columns]
        at += columns
        values += list(found / (np.linalg.norm(found) or 1.0))
        ends.append(len(at))
    return sparse.csr_matrix((values, at, ends), shape=(len(ends) - 1, len(place)))


def main(data: Path, cso: Path, steps: Sequence[str]) -> None:
    if "concepts" in steps:
        make_concepts(cso)
    if "confidence" in steps:
        make_confidence(data / "keyphrases" / "author_train.jsonl.gz")
    if "fields" in steps:
        make_fields(data / "arxiv" / "corpus.jsonl.gz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or ("concepts", "confidence", "fields"))
