"""The four scores of a keyword and its category, from figures alone.

Notation throughout: *df* is the number of background papers with the term, *N* the number of background papers,
*vdf* the number of papers of this catalogue with the term (the one at hand included), *V* the catalogue's size,
*n* the words of the term, and *p* the probability that an author would choose it. Every score is in [0, 1], and each
can be computed again by hand from what ``TermCounts`` holds.
"""

from __future__ import annotations

from math import exp, log, log2, sqrt

from digest.model import KeywordCategory, TermCounts

PSEUDO_PAPERS = 200
"""How many papers at the past rate are added to the last year, so that three papers are no trend."""

RECENCY_HALF_LIFE = 4.0
"""Years after which a term is half as recent."""

BROAD_IN_BACKGROUND = 0.004
BROAD_IN_CATALOGUE = 0.08
BROAD_CATALOGUE_FLOOR = 5
"""8 % of a catalogue of ten papers is one paper, which makes nothing broad: fewer papers than this never do."""

EVOLVED_NOVELTY = 0.6
YOUNG_YEARS = 3


def novelty(counts: TermCounts, *, background_size: int, recent_size: int, year: int) -> float:
    """How much more often the term occurs now than before, and how new it is: 0.6·burst + 0.4·recency.

    burst = σ(1.1·(log2(p_recent / p_past) − 1.5)), where p_past is the rate before the background's last year (at
    least half a paper) and p_recent the rate within it, shrunk to p_past with ``PSEUDO_PAPERS`` papers; *recent_size*
    is the number of background papers of that year. recency = 2^(−age / 4 years), with age the years from the third
    paper that had the term until *year*; a term that three papers never had has age 0.

    It says "elevated now", not "will grow".
    """
    past_size = max(background_size - recent_size, 1)
    past = max(counts.background - counts.background_recent, 0.5) / past_size
    recent = (counts.background_recent + PSEUDO_PAPERS * past) / (recent_size + PSEUDO_PAPERS)
    burst = _sigmoid(1.1 * (log2(recent / past) - 1.5))
    age = max(year - counts.background_first, 0) if counts.background_first else 0
    return _unit(0.6 * burst + 0.4 * 2 ** (-age / RECENCY_HALF_LIFE))


def connectivity(papers: int, *, catalogue_size: int) -> float:
    """How well the term would connect this catalogue: neither everything nor nothing.

    A bell in the logarithm of *papers* (vdf): exp(−x² / 2s²), x = ln((vdf + 1) / (m + 1)), m = 0.8·√V held within
    4 … 60, s = 1.1 below m and 1.6 above. One paper is 0.05, none is 0.
    """
    if papers <= 1:
        return 0.05 * max(papers, 0)
    middle = min(max(0.8 * sqrt(max(catalogue_size, 0)), 4.0), 60.0)
    x = log((papers + 1) / (middle + 1))
    width = 1.1 if x < 0 else 1.6
    return exp(-x * x / (2 * width * width))


def specificity(*, background: int, background_size: int, words: int, generality: float) -> float:
    """How narrow the term is: 0.70·idf + 0.15·(1 − generality) + 0.15·min(1, (n − 1) / 2).

    idf = ln((N + 1) / (df + 1)) / ln(N + 1), with *background* for df and *background_size* for N; *generality* is the
    mean Zipf frequency of the term's words over 8, in [0, 1].
    """
    idf = log((background_size + 1) / (background + 1)) / log(background_size + 1) if background_size else 1.0
    return _unit(0.70 * _unit(idf) + 0.15 * (1 - _unit(generality)) + 0.15 * min(1.0, max(words - 1, 0) / 2))


def link_intent(
    *, probability: float, connectivity: float, specificity: float, banned: bool = False, plain: bool = False
) -> float:
    """How much the term deserves a link: 0.70·p / (p + 0.15) + 0.15·connectivity + 0.15·specificity.

    Times 0.3 when *banned*, times 0.8 for a *plain* single word ("Robustness", but not "BERT").
    """
    score = 0.70 * probability / (probability + 0.15) + 0.15 * connectivity + 0.15 * specificity
    return _unit(score * (0.3 if banned else 1.0) * (0.8 if plain else 1.0))


def is_hub(counts: TermCounts, *, catalogue_size: int) -> bool:
    """Whether 8 % of a catalogue that is not tiny have the term: it is shown, and connects no two papers."""
    return counts.catalogue >= max(BROAD_IN_CATALOGUE * catalogue_size, BROAD_CATALOGUE_FLOOR)


def is_broad(counts: TermCounts, *, background_size: int, catalogue_size: int) -> bool:
    """Whether the term is in at least 0.4 % of the background, or a hub of the catalogue."""
    often = counts.background >= BROAD_IN_BACKGROUND * max(background_size, 1)
    return often or is_hub(counts, catalogue_size=catalogue_size)


def category(
    counts: TermCounts, *, broad: bool, coined: bool, novelty: float, extends_broad: bool, year: int
) -> KeywordCategory:
    """What kind of keyword this is; the first that holds.

    *broad_technical* when ``is_broad``; *unique_technical* when *coined* here or df ≤ 2 and vdf ≤ 1;
    *evolved_concepts* when *novelty* ≥ 0.6 and it extends a broad term or first appeared within three years of *year*;
    else *specific_connectable*.
    """
    if broad:
        return KeywordCategory.BROAD
    if coined or (counts.background <= 2 and counts.catalogue <= 1):
        return KeywordCategory.UNIQUE
    young = not counts.background_first or year - counts.background_first < YOUNG_YEARS
    if novelty >= EVOLVED_NOVELTY and (extends_broad or young):
        return KeywordCategory.EVOLVED
    return KeywordCategory.SPECIFIC


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def _unit(x: float) -> float:
    return min(max(x, 0.0), 1.0)
