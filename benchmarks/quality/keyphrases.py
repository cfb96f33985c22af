"""Keyphrase judgement: exact stemmed F1 of the first 5 and 10 against all keys, title and abstract as the text."""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import log
from pathlib import Path
from typing import Any

from benchmarks.quality.lines import read

Method = Callable[[str, str], Sequence[str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines {title, abstract, keys}, plain or gzipped")
    parser.add_argument("--papers", type=int, default=None, help="only the first so many")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Score every method on one file: ``{"task", "data", "n", "methods": {name: {f1@5, f1@10, items_per_second}}}``."""
    papers = list(read(args.data))[: args.papers]
    found = {name: _judge(method, papers) for name, method in methods(papers).items()}
    return {"task": "keyphrases", "data": str(args.data), "n": len(papers), "methods": found}


def methods(papers: Sequence[dict[str, Any]]) -> dict[str, Method]:
    """Ours first, then baselines; those of other packages only where they are installed."""
    from digest.keywords.extract import Extractor

    extractor = Extractor.load()

    def ours(title: str, abstract: str) -> list[str]:
        return [candidate.canonical for candidate in extractor.candidates(title, abstract)]

    found: dict[str, Method] = {
        "ours": ours,
        "noun phrases by tf-idf": tf_idf(papers),
        "first noun phrases": first_phrases,
        "rake": rake,
    }
    yake = _yake()
    if yake is not None:
        found["yake"] = yake
    return found


def _judge(method: Method, papers: Sequence[dict[str, Any]]) -> dict[str, float]:
    if papers:
        method(papers[0]["title"], papers[0]["abstract"])  # tables are read outside the measured time
    start = time.perf_counter()
    answers = [method(paper["title"], paper["abstract"]) for paper in papers]
    seconds = time.perf_counter() - start
    scores = {
        f"f1@{k}": sum(f1_at(answer, paper["keys"], k) for answer, paper in zip(answers, papers, strict=True))
        / max(len(papers), 1)
        for k in (5, 10)
    }
    return {
        **{name: round(value, 4) for name, value in scores.items()},
        "items_per_second": round(len(papers) / seconds),
    }


def f1_at(answer: Sequence[str], keys: Sequence[str], k: int) -> float:
    """F1 of the first *k* distinct answers against all *keys*, both stemmed; in [0, 1]."""
    gold = {stems(written) for written in keys} - {""}
    first = list(dict.fromkeys(s for s in map(stems, answer) if s))[:k]
    hits = len(gold.intersection(first))
    return 2 * hits / (len(first) + len(gold)) if hits else 0.0


@lru_cache(maxsize=200_000)
def stems(written: str) -> str:
    """Lower-case Porter stems of the words, hyphens taken as spaces."""
    return " ".join(map(_stem, re.findall(r"[^\W_]+(?:\+\+)?", written.lower())))


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("porter")


# --- baselines: none of them has seen a keyword ----------------------------------------------------------------------


def _maximal(title: str, abstract: str) -> list[str]:
    """Maximal noun phrases by place, as written, by the same tagger as ours."""
    from digest.keywords.phrases import noun_phrases
    from digest.keywords.text import plain, tokens

    return [phrase.surface for phrase in noun_phrases(tokens(plain(f"{title} . {abstract}"))) if phrase.maximal]


def tf_idf(papers: Sequence[dict[str, Any]]) -> Method:
    """Maximal noun phrases by tf-idf within the judged file itself."""
    df: Counter[str] = Counter()
    for paper in papers:
        df.update({stems(phrase) for phrase in _maximal(paper["title"], paper["abstract"])})

    def rank(title: str, abstract: str) -> list[str]:
        phrases = _maximal(title, abstract)
        tf = Counter(map(stems, phrases))
        weight = {phrase: tf[stems(phrase)] * log((len(papers) + 1) / (df[stems(phrase)] + 0.5)) for phrase in phrases}
        return sorted(weight, key=lambda phrase: (-weight[phrase], phrase))

    return rank


def first_phrases(title: str, abstract: str) -> list[str]:
    return list(dict.fromkeys(_maximal(title, abstract)))


def rake(title: str, abstract: str) -> list[str]:
    """Rapid automatic keyword extraction (Rose et al. 2010): phrases between stop words, by degree over frequency."""
    runs = [run.split() for run in _stop_pattern().sub("\n", f"{title} . {abstract}".lower()).split("\n")]
    phrases = [run for run in runs if 0 < len(run) <= 5]
    frequency, degree = Counter[str](), Counter[str]()
    for phrase in phrases:
        for word in phrase:
            frequency[word] += 1
            degree[word] += len(phrase)
    weight = {" ".join(phrase): sum(degree[word] / frequency[word] for word in phrase) for phrase in phrases}
    return sorted(weight, key=lambda phrase: (-weight[phrase], phrase))


@cache
def _stop_pattern() -> re.Pattern[str]:
    words = """a about above after again all also an and any are as at be because been before being between both but by
    can could did do does during each few for from further had has have here how however i if in into is it its itself
    many may more most much must no nor not of on once only or other our out over own same several should show shows so
    some such than that the their them then there these they this those through thus to too under until up use used
    using very via was we were what when where whether which while who whom why will with within without would you""".split()
    return re.compile(rf"[^\w\s'-]+|\b(?:{'|'.join(words)})\b(?!-)")


def _yake() -> Method | None:
    try:
        import yake  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError:
        return None
    extractor = yake.KeywordExtractor(n=3, top=20)
    return lambda title, abstract: [phrase for phrase, _ in extractor.extract_keywords(f"{title}. {abstract}")]
