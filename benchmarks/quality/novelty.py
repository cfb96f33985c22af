"""Novelty judged by what comes next: does it order terms as their level over the following 20 days does?

At each of several days the papers before it are taken for a catalogue of one year; the days are 30 apart, the last one
20 before the end of the file. Of all terms with enough papers by then, novelty is held against the level afterwards: the
logarithm of the papers of the following 20 days over those that the term's own past makes us expect, both within the
mix of fields. The score is Spearman's rank correlation, averaged over the days, with a bootstrap interval.

Whatever is divided by the same past goes together by chance alone: where the past was low by accident, both seem high.
So the fair version tells novelty of one half of the past, its even days, and the level of the odd ones.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from math import log
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.fields import Fields, level_ratio
from benchmarks.quality.lines import read
from digest.keywords import document, scores, trends
from digest.keywords.background import KNOWN_PAPERS
from digest.keywords.extract import Extractor
from digest.keywords.phrases import linked_keys
from digest.keywords.vocabulary import Vocabulary
from digest.model import TermCounts

FOLLOWING_DAYS = 20
DAYS = 7
FEWEST = 20
"""Papers that a term needs in the past and the recent window together."""
YOUNG_PAST = 90
"""The past of a catalogue of four months, in days."""
BOOTSTRAPS = 1000
SEED = 20250615

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help="JSON lines {title, abstract, first_seen, categories?}"
    )
    parser.add_argument("--papers", type=int, default=None, help="only so many, evenly spaced in time")
    parser.add_argument(
        "--cache", type=Path, default=None, help="a file that keeps the terms, made when missing or old"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {rho, low, high}}}``; n is the number of terms, summed over the days."""
    corpus = _cached(args)
    last = date.fromordinal(int(corpus.day.max())) - timedelta(days=FOLLOWING_DAYS)
    days = [last - timedelta(days=trends.RECENT_DAYS * back) for back in range(DAYS)]
    views = [View.at(corpus, day, trends.PAST_DAYS) for day in days]
    found = {name: judge([method(view) for view in views]) for name, method in METHODS.items()}
    young = [View.at(corpus, day, YOUNG_PAST) for day in days]
    found["novelty, catalogue of 120 days, halves"] = judge([_novelty(view) for view in young])
    return {"task": "novelty", "data": str(args.data), "n": sum(len(view.terms) for view in views), "methods": found}


# --- the papers as counts --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Corpus:
    """Which papers have which terms; of terms in fewer than ``FEWEST`` papers none."""

    terms: Sequence[str]
    fields: Sequence[str]
    day: Ints  # of each paper, as an ordinal
    field: Ints  # of each paper, a place in fields
    paper: Ints  # of each occurrence, by rising day
    term: Ints  # of each occurrence, a place in terms

    def counts(self, after: date, until: date, half: int | None = None) -> Counts:
        """Papers of the days in (*after*, *until*], or of those among them that are even (0) or odd (1)."""
        wanted = (self.day > after.toordinal()) & (self.day <= until.toordinal())
        if half is not None:
            wanted &= self.day % 2 == half
        among = wanted[self.paper]
        cells = self.term[among] * len(self.fields) + self.field[self.paper[among]]
        size = len(self.terms) * len(self.fields)
        table = np.bincount(cells, minlength=size).reshape(len(self.terms), len(self.fields))
        return Counts(self.fields, table, np.bincount(self.field[wanted], minlength=len(self.fields)))

    @cached_property
    def known_since(self) -> Ints:
        """The day, as an ordinal, of the third paper of each term."""
        order = np.argsort(self.term, kind="stable")
        start = np.searchsorted(self.term[order], np.arange(len(self.terms)))
        return self.day[self.paper[order[start + KNOWN_PAPERS - 1]]]


@dataclass(frozen=True)
class Counts:
    """Papers of one window, by term and field."""

    fields: Sequence[str]
    table: Ints  # (terms, fields)
    sizes: Ints  # (fields,)

    @property
    def totals(self) -> Mapping[str, int]:
        return dict(zip(self.fields, self.sizes.tolist(), strict=True))

    def of(self, term: int) -> Counter[str]:
        return Counter({field: n for field, n in zip(self.fields, self.table[term].tolist(), strict=True) if n})

    def whole(self) -> Counts:
        """The same as if there were one field."""
        return Counts(("all",), self.table.sum(axis=1, keepdims=True), self.sizes.sum(keepdims=True))


def _cached(args: argparse.Namespace) -> Corpus:
    """The corpus of the asked papers, from the cache where it is of the same papers and the same recipe."""
    made_of = (str(args.data.resolve()), args.papers, Extractor.load().name)
    if args.cache and args.cache.exists():
        with args.cache.open("rb") as file:
            key, corpus = pickle.load(file)
        if key == made_of:
            return corpus  # type: ignore[no-any-return]
    papers = sorted(read(args.data), key=_day)
    count = min(args.papers or len(papers), len(papers))
    corpus = count_terms([papers[i * len(papers) // count] for i in range(count)])
    if args.cache:
        with args.cache.open("wb") as file:
            pickle.dump((made_of, corpus), file)
    return corpus


def count_terms(papers: Sequence[dict[str, Any]]) -> Corpus:
    """Read *papers*, which are in order of their days: about 240 a second."""
    linked = linked_keys(Vocabulary.load().shared)
    place: dict[str, int] = {}
    found = []
    for paper in papers:
        names = document.read(paper["title"], paper["abstract"], linked).terms
        found.append(np.array([place.setdefault(name, len(place)) for name in names], dtype=np.int64))
    term, paper_of = np.concatenate(found), np.repeat(np.arange(len(papers)), [len(own) for own in found])
    often = np.bincount(term, minlength=len(place)) >= FEWEST
    kept = often[term]
    guess = Fields(papers)
    named = [Fields.group(paper["categories"][0]) if paper.get("categories") else guess(paper) for paper in papers]
    fields = sorted(set(named))
    return Corpus(
        terms=[name for name, at in place.items() if often[at]],
        fields=fields,
        day=np.array([_day(paper).toordinal() for paper in papers]),
        field=np.array([fields.index(name) for name in named]),
        paper=paper_of[kept],
        term=(np.cumsum(often) - 1)[term[kept]],
    )


def _day(paper: Mapping[str, Any]) -> date:
    return date.fromisoformat((paper.get("published") or paper["first_seen"])[:10])


# --- what is known at a day, and what comes then ---------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """One day: its terms, what a catalogue would know of them by then, and the following 20 days."""

    day: date
    terms: Sequence[int]
    background: Mapping[int, float]  # ratio of the papers before the catalogue's, by term
    background_age: float
    known_since: Ints
    recent: Counts
    past: Counts
    even: Counts  # of the past
    odd: Counts
    following: Counts

    @classmethod
    def at(cls, corpus: Corpus, day: date, past_days: int) -> View:
        since = day - timedelta(days=trends.RECENT_DAYS)
        start = since - timedelta(days=past_days)
        recent, past = corpus.counts(since, day), corpus.counts(start, since)
        terms = np.flatnonzero((recent.table + past.table).sum(axis=1) >= FEWEST).tolist()
        return cls(
            day=day,
            terms=terms,
            background=_background(corpus, terms, start),
            background_age=(day - start).days / 365.25,
            known_since=corpus.known_since,
            recent=recent,
            past=past,
            even=corpus.counts(start, since, 0),
            odd=corpus.counts(start, since, 1),
            following=corpus.counts(day, day + timedelta(days=FOLLOWING_DAYS)),
        )


def _background(corpus: Corpus, terms: Sequence[int], end: date) -> Mapping[int, float]:
    """The ratios that a background which ends at *end* would ship."""
    year = end - timedelta(days=365)
    past, recent = corpus.counts(date.min, year), corpus.counts(year, end)
    sizes = past.sizes + recent.sizes
    share = {name: float(r / n) if n else 1.0 for name, r, n in zip(corpus.fields, recent.sizes, sizes, strict=True)}
    return {term: level_ratio(past.of(term) + recent.of(term), recent.of(term), share) for term in terms}


Pairs = tuple[Sequence[int], Floats, Floats]
"""Terms, what is predicted of each, and what came."""


def _levels(recent: Counts, past: Counts, terms: Sequence[int]) -> list[tuple[int, float]]:
    """Papers of each term, observed and expected."""
    now, before = recent.totals, past.totals
    return [
        (trends.observed(recent.of(term), before, now), trends.expected(past.of(term), before, now)) for term in terms
    ]


def _came(view: View, past: Counts) -> Floats:
    return np.array([log((n + 0.5) / (mean + 0.5)) for n, mean in _levels(view.following, past, view.terms)])


def _scored(view: View, recent: Counts, past: Counts) -> Floats:
    """The novelty of each term, as the program computes it."""
    unknown = TermCounts(background=0, background_recent=0, background_first=0, catalogue=0)
    found = []
    for term, (n, mean) in zip(view.terms, _levels(recent, past, view.terms), strict=True):
        since = date.fromordinal(int(view.known_since[term]))
        counts = replace(
            unknown,
            background_ratio=view.background[term],
            first=since.year if since <= view.day else 0,
            recent=n,
            expected=mean,
        )
        found.append(scores.novelty(counts, year=view.day.year, background_age=view.background_age))
    return np.array(found)


def _novelty(view: View) -> Pairs:
    return view.terms, _scored(view, view.recent, view.even), _came(view, view.odd)


def _novelty_shared(view: View) -> Pairs:
    return view.terms, _scored(view, view.recent, view.past), _came(view, view.past)


def _level(view: View) -> Pairs:
    """Without recency and background."""
    levels = [trends.ratio(n, mean) for n, mean in _levels(view.recent, view.even, view.terms)]
    return view.terms, np.array(levels), _came(view, view.odd)


def _rates(view: View) -> Pairs:
    """The mix of fields left out of account in novelty."""
    return view.terms, _scored(view, view.recent.whole(), view.even.whole()), _came(view, view.odd)


def _background_alone(view: View) -> Pairs:
    nothing = Counts((), view.recent.table[:, :0], view.recent.sizes[:0])
    return view.terms, _scored(view, nothing, nothing), _came(view, view.odd)


def _shuffled(view: View) -> Pairs:
    """Novelty of other terms: what chance alone comes to."""
    terms, predicted, came = _novelty(view)
    return terms, np.random.default_rng(SEED).permutation(predicted), came


METHODS: Mapping[str, Callable[[View], Pairs]] = {
    "novelty, halves of the past": _novelty,
    "novelty, one past": _novelty_shared,
    "burst's level alone, halves": _level,
    "fields left out of account, halves": _rates,
    "recency and background alone, halves": _background_alone,
    "novelty of other terms, halves": _shuffled,
}


# --- judgement -------------------------------------------------------------------------------------------------------


def judge(days: Sequence[Pairs]) -> dict[str, float]:
    """Spearman's rank correlation, averaged over days, and the ends of its 95 % interval.

    The bootstrap draws both days and terms anew (a term stays the same one on all days), and keeps each day's ranks.
    """
    rows = [(np.asarray(terms), ranks(x), ranks(y)) for terms, x, y in days]
    rng = np.random.default_rng(SEED)
    size = 1 + max(int(terms.max()) for terms, _, _ in rows)
    drawn = []
    for _ in range(BOOTSTRAPS):
        weights = rng.multinomial(size, np.full(size, 1 / size)).astype(np.float64)
        chosen = rng.integers(len(rows), size=len(rows))
        drawn.append(fmean(correlation(x, y, weights[terms]) for terms, x, y in (rows[i] for i in chosen)))
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    rho = fmean(correlation(x, y, np.ones(len(x))) for _, x, y in rows)
    return {"rho": round(rho, 4), "low": round(low, 4), "high": round(high, 4)}


def ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_ranks: Floats = np.cumsum(counts) - (counts - 1) / 2
    return mean_ranks[place]


def correlation(x: Floats, y: Floats, weights: Floats) -> float:
    """Pearson's correlation of weighted pairs; 0 where one side is all the same."""
    x, y = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
    scale = float(np.sqrt((weights * x * x).sum() * (weights * y * y).sum()))
    return float((weights * x * y).sum()) / scale if scale else 0.0
