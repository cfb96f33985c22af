from __future__ import annotations

from math import comb, exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords import trends
from digest.keywords.trends import Course

CATEGORIES = ("cs.CL", "cs.CV", "astro-ph.GA")
PAST = {"cs.CL": 1000, "cs.CV": 2000, "astro-ph.GA": 500}

RATES = st.fixed_dictionaries({category: st.floats(0, 1) for category in CATEGORIES})
TOTALS = st.fixed_dictionaries({category: st.integers(trends.FEWEST_PAST, 5000) for category in CATEGORIES})
MEANS = st.floats(0, 300)
WINDOWS = st.floats(1, 50)


def test_expected_by_hand() -> None:
    """10 of 1,000 past papers of one category and 4 of 2,000 of another: 1 and 0.4 in 100 and 200 papers."""
    recent = {"cs.CL": 100, "cs.CV": 200, "astro-ph.GA": 70}
    assert trends.expected({"cs.CL": 10, "cs.CV": 4}, PAST, recent) == pytest.approx(1.4)
    assert trends.windows(PAST, recent) == pytest.approx(3500 / 370)


def test_a_category_that_was_just_added_makes_nothing_rise() -> None:
    """Its papers are neither observed nor expected, until its past is as long as the window."""
    totals, now = PAST | {"hep-th": 499}, {"cs.CL": 100, "hep-th": 500}
    assert trends.observed({"cs.CL": 2, "hep-th": 90}, totals, now) == 2
    assert trends.expected({"cs.CL": 10, "hep-th": 1}, totals, now) == pytest.approx(1.0)
    assert trends.windows(totals, now) == pytest.approx(35.0)
    assert trends.observed({"hep-th": 90}, {}, now) == 0
    assert trends.windows({}, now) == 0
    assert trends.observed({"hep-th": 90}, {"hep-th": 500}, now) == 90
    assert trends.observed({"hep-th": 9}, {"hep-th": 19}, {"hep-th": 15}) == 0


@given(RATES, TOTALS, TOTALS, st.sampled_from(CATEGORIES))
def test_a_category_that_doubles_its_volume_makes_no_term_rise(
    rates: dict[str, float], past_totals: dict[str, int], recent_totals: dict[str, int], grown: str
) -> None:
    """Whatever the mix becomes: at the rates of its past a term is as ever."""
    recent_totals = {category: min(n, past_totals[category] // 2) for category, n in recent_totals.items()}
    past = {category: round(rates[category] * papers) for category, papers in past_totals.items()}
    now = recent_totals | {grown: 2 * recent_totals[grown]}
    seen = {category: past[category] / past_totals[category] * papers for category, papers in now.items()}
    expected = trends.expected(past, past_totals, now)
    windows = trends.windows(past_totals, now)
    assert sum(seen.values()) == pytest.approx(expected)
    assert trends.ratio(sum(seen.values()), expected) == pytest.approx(1.0)
    assert trends.course(round(expected), expected, windows=windows) is Course.STEADY


def test_rates_of_the_whole_would_call_it_rising() -> None:
    """What the strata are for: half of all papers more, all of one category, and its term is thrice as many."""
    past, now = {"cs.CL": 100}, {"cs.CL": 300, "cs.CV": 100}
    totals = {"cs.CL": 1000, "cs.CV": 1000}
    assert trends.expected(past, totals, now) == pytest.approx(30)
    assert trends.expected({"all": 100}, {"all": 2000}, {"all": 400}) == pytest.approx(20)


def test_ratio_by_hand() -> None:
    assert trends.ratio(7, 1.0) == pytest.approx(12 / 6)
    assert trends.ratio(7, 1.0, prior=2) == pytest.approx(17 / 6)
    assert trends.ratio(0, 0.0, prior=3) == 3


def test_a_ratio_fades_to_1() -> None:
    assert trends.faded(4.0, 0) == pytest.approx(4.0)
    assert trends.faded(4.0, 0.5) == pytest.approx(2.0)
    assert trends.faded(0.25, 0.5) == pytest.approx(0.5)
    assert trends.faded(4.0, 20) == pytest.approx(1.0)
    assert trends.faded(1.0, 3) == 1


@given(st.integers(0, 500), st.floats(0.01, 300), st.floats(0.05, 20))
def test_the_ratio_lies_between_the_prior_and_what_is_seen(observed: int, expected: float, prior: float) -> None:
    level, raw = trends.ratio(observed, expected, prior=prior), observed / expected
    assert min(prior, raw) * (1 - 1e-9) <= level <= max(prior, raw) * (1 + 1e-9)
    assert trends.ratio(observed + 1, expected, prior=prior) > level > trends.ratio(observed, expected + 1, prior=prior)


@pytest.mark.parametrize(
    ("observed", "expected", "course"),
    [
        pytest.param(3, 0.0, Course.STEADY, id="three papers out of nothing"),
        pytest.param(4, 0.0, Course.STEADY, id="four"),
        pytest.param(5, 0.0, Course.RISING, id="five"),
        pytest.param(4, 2.0, Course.STEADY, id="twice two"),
        pytest.param(40, 20.0, Course.RISING, id="twice twenty"),
        pytest.param(24, 20.0, Course.STEADY, id="a fifth more"),
        pytest.param(0, 2.0, Course.STEADY, id="none of two"),
        pytest.param(0, 9.0, Course.FADING, id="none of nine"),
        pytest.param(7, 20.0, Course.FADING, id="a third"),
        pytest.param(15, 20.0, Course.STEADY, id="a quarter less"),
    ],
)
def test_course_with_a_year_behind(observed: int, expected: float, course: Course) -> None:
    assert trends.course(observed, expected, windows=12) is course


def test_a_short_past_proves_less() -> None:
    """15 papers where 5 were: much in a year's light; where a month told the 5, it needs more."""
    assert trends.course(15, 5.0, windows=12) is Course.RISING
    assert trends.course(15, 5.0, windows=1) is Course.STEADY
    assert trends.course(500, 0.0, windows=0) is Course.STEADY


def test_the_course_is_the_conditional_test() -> None:
    """12 papers where (with one more) 6 are expected from 18: 12 or more of 29 where a quarter falls in the window."""
    tail = sum(comb(29, n) * 0.25**n * 0.75 ** (29 - n) for n in range(12, 30))
    assert trends._at_least(12, 6.0, 3.0) == pytest.approx(tail)
    assert (trends.course(12, 5.0, windows=3) is Course.RISING) == (tail <= trends.LEVEL)


def test_a_long_past_makes_it_poisson_s() -> None:
    assert trends._at_least(1, 2.0, 1e9) == pytest.approx(1 - exp(-2))


@given(st.integers(0, 400), MEANS, WINDOWS)
def test_more_papers_never_turn_a_course_down(observed: int, expected: float, windows: float) -> None:
    order = [Course.FADING, Course.STEADY, Course.RISING]
    less, more = (order.index(trends.course(observed + n, expected, windows=windows)) for n in (0, 1))
    assert less <= more


@given(MEANS, WINDOWS)
def test_as_many_as_expected_are_steady(expected: float, windows: float) -> None:
    assert trends.course(round(expected), expected, windows=windows) is Course.STEADY
