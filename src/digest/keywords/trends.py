"""Whether a term is elevated now: its papers of the last weeks against what its own past makes us expect.

A vault follows a few categories, and how many papers each of them has changes from month to month. So no rate is
compared with another one: the papers of a window are *observed*, and beside them stand the papers that would be
*expected* in it if in each category the term were as frequent as before. Their ratio is the standardised ratio of
epidemiology, by indirect standardisation with the categories as strata (Breslow and Day, *Statistical Methods in Cancer
Research* II, 1987, chapter 2). Small counts are tamed as there: a gamma prior on the ratio (Clayton and Kaldor,
"Empirical Bayes estimates of age-standardized relative risks", Biometrics 43, 1987), here with the mean that the
shipped background gives.

The recent window is the last ``RECENT_DAYS`` days up to the day at hand (``recent_days``: fewer in a young catalogue), the
past the ``PAST_DAYS`` days before it. A category is a paper's primary one.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, fsum, lgamma, log, log1p

from digest.model import Course

RECENT_DAYS = 30
FEWEST_DAYS = 5
PAST_DAYS = 365
"""How far back the past goes, counted from the recent window's first day."""

FEWEST_PAST = 20
"""Papers that a category needs in the past to be compared, and no fewer than it has in the recent window: all terms of
a category that was just added to the followed ones would look new."""

PRIOR_PAPERS = 5.0
"""How many expected papers the prior is worth: three papers against none are no burst."""

FADING_YEARS = 0.5
"""Years after which the logarithm of a ratio that was measured then counts for half."""

LEVEL = 0.01
"""At which each side of a term's course is tested."""


def recent_days(age: int) -> int:
    """Days of the recent window in a catalogue that goes back *age* days: a third of them, within 5 and 30."""
    return min(max(age // 3, FEWEST_DAYS), RECENT_DAYS)


def comparable(past_totals: Mapping[str, int], recent_totals: Mapping[str, int]) -> frozenset[str]:
    """The categories with a past: at least ``FEWEST_PAST`` papers, and as many as in the recent window."""
    return frozenset(
        category
        for category, papers in past_totals.items()
        if papers >= FEWEST_PAST and papers >= recent_totals.get(category, 0)
    )


def observed(recent: Mapping[str, int], past_totals: Mapping[str, int], recent_totals: Mapping[str, int]) -> int:
    """Of a term's papers in the recent window, by category, those of categories that can be compared."""
    return sum(recent[category] for category in comparable(past_totals, recent_totals) & recent.keys())


def expected(past: Mapping[str, int], past_totals: Mapping[str, int], recent_totals: Mapping[str, int]) -> float:
    """Papers that a term would have in the recent window at the rates of its past; all counts are by category.

    Σ past(c) / past_totals(c) · recent_totals(c), over the categories that can be compared.
    """
    return fsum(
        past[category] / past_totals[category] * recent_totals.get(category, 0)
        for category in comparable(past_totals, recent_totals) & past.keys()
    )


def windows(past_totals: Mapping[str, int], recent_totals: Mapping[str, int]) -> float:
    """The past's length in recent windows, by papers, over the categories that can be compared; 0 without any.

    All of a catalogue's terms share it; it is 1 at least, when it is not 0.
    """
    categories = comparable(past_totals, recent_totals)
    now = sum(recent_totals.get(category, 0) for category in categories)
    return sum(past_totals[category] for category in categories) / now if now else 0.0


def ratio(observed: float, expected: float, *, prior: float = 1.0) -> float:
    """The level against the past, 1 when it is as ever: (observed + 5·prior) / (expected + 5).

    The mean of the ratio after the papers were seen, where before them it was gamma distributed with mean *prior* and
    as sure as ``PRIOR_PAPERS`` expected papers make one. Where nothing is observed or expected it is *prior*.
    """
    return (observed + PRIOR_PAPERS * prior) / (expected + PRIOR_PAPERS)


def faded(ratio: float, years: float) -> float:
    """What is left of a *ratio* after *years*: its logarithm halves every ``FADING_YEARS``, so that 1 stays 1."""
    return exp(log(ratio) * 2 ** (-max(years, 0.0) / FADING_YEARS))


def course(observed: int, expected: float, *, windows: float) -> Course:
    """Whether *observed* papers are more, or fewer, than chance makes of *expected*; each side at ``LEVEL``.

    The exact test of two Poisson counts (Przyborowski and Wilenski 1940), conditional on their sum, with the past
    *windows* times as long as the recent window. Before anything rises one paper more is expected: of the many terms of
    a vault some are always seen for the first time this month, so that fewer than five papers never rise. Without a
    past (*windows* 0) all is steady.
    """
    if windows <= 0:
        return Course.STEADY
    if _at_least(observed, expected + 1.0, windows) <= LEVEL:
        return Course.RISING
    if 1 - _at_least(observed + 1, expected, windows) <= LEVEL:
        return Course.FADING
    return Course.STEADY


def _at_least(least: int, mean: float, windows: float) -> float:
    """The probability of *least* papers or more where *mean* are expected from a past of mean · windows papers.

    The upper tail of the negative binomial, which is the conditional test's binomial one read the other way.
    """
    size = mean * windows
    if size <= 0:
        return 1.0 if least <= 0 else 0.0
    none, each = -size * log1p(1 / windows), -log1p(windows)
    terms = (exp(none + n * each + lgamma(size + n) - lgamma(size) - lgamma(n + 1)) for n in range(least))
    return max(1 - fsum(terms), 0.0)
