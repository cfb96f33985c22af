"""Keyphrase judgement on title and abstract: what digest ranks, links and lists beside the methods in common use.

Scores are means over papers, of the first 5 and 10 distinct answers, stemmed:

- ``f1``: exact matches against all keys.
- ``present_f1``: exact matches against the keys that stand in title or abstract; papers without one are left out.
- ``partial_f1``: against all keys, with a part of a hit for shared words (see ``matching.partial_f1_at``).
- ``items_per_second``: papers a second of one core's time. What is made of the whole file beforehand is not counted:
  tables and models, term counts, and the vectors of the embedding rank. KeyBERT's vectors are its own work and count.
  "ours" comes first and finds no word in a cache; methods that read the same papers after it do.

"ours" is the order of the probability that an author would choose a term; "ours, as linked" is what a note links within
the default budget of 5 (its scores at 5 and 10 are the same), with the judged file as the catalogue; "ours, describing"
lists the terms that an indexer would mark.

With ``--folds`` the authors' model is trained on the other folds of the file, vocabulary and weights, and so has seen no
key that it is judged by; the indexers' weights stay the shipped ones. Without, all is as shipped: whether a file holds
papers that the shipped models were trained on cannot be told from the file (they were trained on author_train and
inspec_train, and on half of SemEval-2017's training).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.quality.baselines import DEPTH, MAKERS, Paper, Rank
from benchmarks.quality.lines import read
from benchmarks.quality.matching import f1_at, partial_f1_at, present
from digest.keywords.ban import banned_terms
from digest.keywords.choose import choose
from digest.keywords.extract import Extractor, describing
from digest.model import Candidate, TermCounts

DEPTHS = (5, 10)
EVERY = 10.0
"""Seconds between two words on how far a slow method is."""

Extractors = Sequence[Extractor]  # by fold


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines {title, abstract, keys}, plain or gzipped")
    parser.add_argument("--papers", type=int, default=None, help="only the first so many")
    parser.add_argument(
        "--folds", type=_folds, default=0, help="train the authors' model on the other folds of the file"
    )
    parser.add_argument(
        "--only", nargs="+", choices=(*OURS, *MAKERS), metavar="METHOD", help="; ".join((*OURS, *MAKERS))
    )


def _folds(written: str) -> int:
    if int(written) < 2:
        raise argparse.ArgumentTypeError("at least 2")
    return int(written)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Score every method on one file: ``{"task", "data", "n", "models", "missing", "methods": {name: {metric: value}}}``.

    *missing* names the methods whose package is not installed. With folds, the file is cut after ``--papers`` was
    applied.
    """
    rows = list(read(args.data))[: args.papers]
    papers = [
        Paper(title=row["title"], abstract=row["abstract"], keys=tuple(row["keys"]), fold=at % max(args.folds, 1))
        for at, row in enumerate(rows)
    ]
    names = args.only or (*OURS, *MAKERS)
    extractors = _extractors(rows, args.folds) if OURS.keys() & set(names) else ()
    found, missing = {}, []
    for name in names:
        maker = partial(OURS[name], extractors) if name in OURS else MAKERS[name]
        try:
            rank = maker(papers)
        except ModuleNotFoundError as error:
            missing.append(f"{name} ({error.name} is not installed)")
            continue
        found[name] = _judge(name, rank, papers)
    models = f"authors' model of the other folds, of {args.folds}" if args.folds else "as shipped"
    return {
        "task": "keyphrases", "data": str(args.data), "n": len(papers), "models": models, "missing": missing,
        "methods": found,
    }  # fmt: skip


def _extractors(rows: Sequence[Mapping[str, Any]], folds: int) -> Extractors:
    if not folds:
        return [Extractor.load()]
    from benchmarks.quality.keyword_training import cross_validated, labelled

    return cross_validated(labelled(rows), folds)


def _judge(name: str, rank: Rank, papers: Sequence[Paper]) -> dict[str, float]:
    if papers:
        rank(papers[0])  # tables are read outside the measured time
    seconds, told, answers = 0.0, time.monotonic(), []
    for number, paper in enumerate(papers, 1):
        start = time.process_time()
        answers.append(rank(paper))
        seconds += time.process_time() - start
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            print(f"{name}: {number} of {len(papers)}", file=sys.stderr)
    return {**_scores(papers, answers), "items_per_second": round(len(papers) / max(seconds, 1e-9), 1)}


def _scores(papers: Sequence[Paper], answers: Sequence[Sequence[str]]) -> dict[str, float]:
    """Mean scores by metric, to four digits."""
    judged = [(answer, paper.keys) for answer, paper in zip(answers, papers, strict=True)]
    standing = [(answer, present(paper.keys, paper.text)) for answer, paper in zip(answers, papers, strict=True)]
    found = [(answer, keys) for answer, keys in standing if keys]
    return {
        f"{metric}@{k}": round(sum(f1(answer, keys, k) for answer, keys in of) / max(len(of), 1), 4)
        for metric, f1, of in (
            ("f1", f1_at, judged),
            ("present_f1", f1_at, found),
            ("partial_f1", partial_f1_at, judged),
        )
        for k in DEPTHS
    }


# --- ours ------------------------------------------------------------------------------------------------------------


def _candidates(extractors: Extractors, paper: Paper) -> tuple[Candidate, ...]:
    return extractors[paper.fold].candidates(paper.title, paper.abstract)


def chosen_by_authors(extractors: Extractors, _: Sequence[Paper]) -> Rank:
    """Candidates in the order of the probability that an author would choose them."""
    return lambda paper: [candidate.canonical for candidate in _candidates(extractors, paper)]


def as_linked(extractors: Extractors, papers: Sequence[Paper]) -> Rank:
    """What a note links within the default budget, when the papers of the judged file are the catalogue."""
    seen = Counter(candidate.canonical for paper in papers for candidate in _candidates(extractors, paper))
    banned = banned_terms()

    def rank(paper: Paper) -> list[str]:
        background = extractors[paper.fold].figures.background
        candidates = _candidates(extractors, paper)
        counts = {c.canonical: _counts(background.counts(c.canonical), seen[c.canonical]) for c in candidates}
        keywords = choose(
            candidates, counts, background_size=background.size, catalogue_size=len(papers), banned=banned
        )
        return [keyword.canonical for keyword in keywords if keyword.linked]

    return rank


def _counts(background: tuple[int, int, int], catalogue: int) -> TermCounts:
    df, recent, first = background
    return TermCounts(background=df, background_recent=recent, background_first=first, catalogue=catalogue)


def describing_terms(extractors: Extractors, _: Sequence[Paper]) -> Rank:
    """Candidates as written in the paper, in the order of what describes it."""
    return lambda paper: [candidate.surface for candidate in describing(_candidates(extractors, paper), DEPTH)]


OURS: Mapping[str, Callable[[Extractors, Sequence[Paper]], Rank]] = {
    "ours": chosen_by_authors,
    "ours, as linked": as_linked,
    "ours, describing": describing_terms,
}
