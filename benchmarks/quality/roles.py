"""Sentence roles judged against people's (CSAbstruct): F1 over all sentences, and the mean over the five roles."""

from __future__ import annotations

import argparse
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.lines import read

Method = Callable[[Sequence[str]], Sequence[str]]

# First match counts: what a reader would look for, written before any score was seen.
CUES = (
    ("other", r"all rights reserved|©|\b(?:elsevier|springer|wiley|ieee)\b|e-?mail|^\W*$|\bdoi\b"),
    (
        "result",
        r"\b(?:results?|outperform\w*|findings?|achiev\w+|experiments (?:show|demonstrate)|we (?:show|find|found|prove)"
        r"|significant(?:ly)?|conclu\w+|accuracy|demonstrates?|improve(?:s|d|ment))\b",
    ),
    (
        "objective",
        r"\b(?:this (?:paper|work|study|article)|in this (?:paper|work|study|article)|the (?:aim|goal|purpose|objective)"
        r"|we (?:propose|present|introduce|investigate|study|address|consider|aim))\b",
    ),
    ("method", r"\b(?:we|our|method|approach|algorithm|using|based on|is (?:used|proposed|applied))\b"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines {sentences, labels}, plain or gzipped")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {micro_f1, macro_f1, items_per_second}}}``; n abstracts."""
    abstracts = list(read(args.data))
    methods: dict[str, Method] = {"ours": _ours(), "cue rules": _by_cues}
    found = {name: _judge(method, abstracts) for name, method in methods.items()}
    sure = [_surely_judged(abstract) for abstract in abstracts if "confs" in abstract]
    result = {"task": "roles", "data": str(args.data), "n": len(abstracts), "methods": found}
    if sure:
        for name, method in methods.items():
            found[name] |= _judge_sure(method, abstracts, sure)
        most = ceiling([conf for abstract in abstracts for conf in abstract["confs"]])
        found["no method above"] = {"micro_f1": round(most, 4)}
    return result


JUDGES = 5
_STEPS = 20  # of probability


def ceiling(confs: Sequence[float]) -> float:
    """The most that anybody can reach who knows, for each sentence, how likely a judge is to call it what.

    A label is the majority of five judges, so that it is partly chance; *confs* are the shares that agreed with it.
    Nobody knows the judges' probabilities, but their mixture over all sentences has to give the shares that are seen.
    Of all mixtures that do, on a grid of probabilities, the kindest to the one who guesses: a linear programme. Judges
    are taken to be independent and alike.
    """
    import numpy as np
    from scipy.optimize import linprog

    votes = np.clip(np.round(np.asarray(confs) * JUDGES), 2, JUDGES).astype(int)
    seen = np.bincount(votes, minlength=JUDGES + 1)[2:] / len(votes)
    kinds = np.array([kind for kind in _sums(_STEPS, 5) if kind == tuple(sorted(kind, reverse=True))]) / _STEPS
    right, tops = np.zeros(len(kinds)), np.zeros((JUDGES + 1, len(kinds)))
    for cast in _sums(JUDGES, 5):
        ways = math.factorial(JUDGES) / math.prod(map(math.factorial, cast))
        chance, best = ways * np.prod(kinds ** np.array(cast), axis=1), max(cast)
        tops[max(best, 2)] += chance
        right += chance * (cast[0] == best) / cast.count(best)
    most = linprog(-right, A_eq=np.vstack([tops[2:], np.ones(len(kinds))]), b_eq=[*seen, 1.0])
    return -float(most.fun)


def _sums(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write *total* as a sum of so many numbers from 0, in order."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _sums(total - first, parts - 1):
            yield (first, *rest)


def _ours() -> Method:
    from digest.summary.roles import RoleModel

    return RoleModel.load().roles


def _by_cues(sentences: Sequence[str]) -> list[str]:
    return [_cued(sentence.lower()) for sentence in sentences]


def _cued(sentence: str) -> str:
    return next((role for role, pattern in CUES if re.search(pattern, sentence)), "background")


def _judge(method: Method, abstracts: Sequence[dict[str, Any]]) -> dict[str, float]:
    start = time.perf_counter()
    found = [role for abstract in abstracts for role in method(abstract["sentences"])]
    seconds = time.perf_counter() - start
    truth = [label for abstract in abstracts for label in abstract["labels"]]
    return {**_f1(truth, found), "items_per_second": round(len(abstracts) / max(seconds, 1e-9))}


def _f1(truth: Sequence[str], found: Sequence[str]) -> dict[str, float]:
    from sklearn.metrics import f1_score

    roles = sorted(set(truth))
    return {
        f"{kind}_f1": round(float(f1_score(truth, found, labels=roles, average=kind, zero_division=0)), 4)
        for kind in ("micro", "macro")
    }


def _surely_judged(abstract: dict[str, Any]) -> list[bool]:
    return [conf > 0.6 for conf in abstract["confs"]]


def _judge_sure(
    method: Method, abstracts: Sequence[dict[str, Any]], sure: Sequence[Sequence[bool]]
) -> dict[str, float]:
    """The share right among the sentences on which the judges agreed (confidence above 0.6)."""
    hits = [
        role == label
        for abstract, kept in zip(abstracts, sure, strict=True)
        for role, label, keep in zip(method(abstract["sentences"]), abstract["labels"], kept, strict=True)
        if keep
    ]
    return {"micro_f1 (agreed)": round(sum(hits) / max(len(hits), 1), 4)}
