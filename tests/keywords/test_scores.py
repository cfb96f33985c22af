from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords import scores
from digest.model import KeywordCategory, TermCounts

YEARS = st.sampled_from([0, 2023, 2024, 2025, 2026, 2030])
COUNTS = st.builds(
    TermCounts,
    background=st.integers(0, 100_000),
    background_recent=st.integers(0, 100_000),
    background_first=YEARS,
    catalogue=st.integers(0, 5_000),
    background_ratio=st.floats(0.01, 100),
    first=YEARS,
    recent=st.integers(0, 5_000),
    expected=st.floats(0, 5_000),
)


def counts(
    background: int = 0, background_recent: int = 0, background_first: int = 0, catalogue: int = 0, **more: Any
) -> TermCounts:
    return TermCounts(
        background=background,
        background_recent=background_recent,
        background_first=background_first,
        catalogue=catalogue,
        **more,
    )


def test_specificity_by_hand() -> None:
    """99 of 9,999 papers, two words, generality 0.5."""
    idf = log(10_000 / 100) / log(10_000)
    expected = 0.70 * idf + 0.15 * 0.5 + 0.15 * 0.5
    assert scores.specificity(papers=99, size=9_999, words=2, generality=0.5) == pytest.approx(expected)


def test_connectivity_by_hand() -> None:
    """In 400 papers the middle is 16; five papers are below it, fifty above."""
    below, above = log(6 / 17), log(51 / 17)
    assert scores.connectivity(5, catalogue_size=400) == pytest.approx(exp(-(below**2) / (2 * 1.1**2)))
    assert scores.connectivity(50, catalogue_size=400) == pytest.approx(exp(-(above**2) / (2 * 1.6**2)))
    assert scores.connectivity(16, catalogue_size=400) == pytest.approx(1.0)


@pytest.mark.parametrize(("papers", "score"), [(0, 0.0), (1, 0.05)])
def test_a_term_that_links_nothing(papers: int, score: float) -> None:
    assert scores.connectivity(papers, catalogue_size=1000) == score


def test_the_middle_is_held_within_4_and_60() -> None:
    assert scores.connectivity(4, catalogue_size=1) == pytest.approx(1.0)
    assert scores.connectivity(60, catalogue_size=10**7) == pytest.approx(1.0)


def test_link_intent_by_hand() -> None:
    score = scores.link_intent(probability=0.15, connectivity=1.0, specificity=0.5)
    assert score == pytest.approx(0.35 + 0.15 + 0.075)
    banned = scores.link_intent(probability=0.15, connectivity=1.0, specificity=0.5, banned=True, plain=True)
    assert banned == pytest.approx(score * 0.3 * 0.8)


def test_novelty_by_hand() -> None:
    """13 papers where 4 were expected: (13 + 5) / (4 + 5) = 2, so the burst is σ(3 · 0.25); known for 4 years."""
    burst = 1 / (1 + exp(-0.75))
    term = counts(first=2022, recent=13, expected=4.0)
    assert scores.novelty(term, year=2026) == pytest.approx(0.8 * burst + 0.2 * 0.5)


def test_novelty_without_an_own_past_is_the_background_s() -> None:
    """2.8 times as often as before, half a year ago: log2 fades from 1.5 to 0.75, the middle of the burst."""
    term = counts(first=2026, background_ratio=2**1.5)
    assert scores.novelty(term, year=2026, background_age=0.5) == pytest.approx(0.8 * 0.5 + 0.2)


def test_the_background_yields_to_time_and_to_the_catalogue_s_own_papers() -> None:
    alone, own = counts(background_ratio=8.0), counts(background_ratio=8.0, recent=40, expected=40.0)
    assert scores.novelty(alone, year=2026) > 0.95 > 0.75 > scores.novelty(own, year=2026)
    steady = scores.novelty(counts(recent=40, expected=40.0), year=2026)
    assert scores.novelty(own, year=2026, background_age=5.0) == pytest.approx(steady, abs=0.001)


def test_a_term_is_known_since_either_source_knows_it() -> None:
    terms = counts(background_first=2022), counts(), counts(first=2022), counts(background_first=2025, first=2022)
    old, unknown, here, both = (scores.novelty(term, year=2026) for term in terms)
    assert unknown == pytest.approx(old + 0.1)
    assert old == here == both


@given(COUNTS, st.integers(1, 50))
def test_more_papers_lately_are_no_less_novel(term: TermCounts, more: int) -> None:
    """And more expected ones are no more novel."""
    novelty = scores.novelty(term, year=2026)
    assert scores.novelty(replace(term, recent=term.recent + more), year=2026) >= novelty
    assert scores.novelty(replace(term, expected=term.expected + more), year=2026) <= novelty


def test_three_papers_are_no_burst() -> None:
    """Thirty are one."""
    three = scores.novelty(counts(first=2010, recent=3, expected=0.0), year=2026)
    thirty = scores.novelty(counts(first=2010, recent=30, expected=0.0), year=2026)
    assert three < 0.4
    assert thirty > 0.75


@given(COUNTS, st.integers(0, 200_000), st.integers(0, 6), st.floats(0, 1), st.floats(0, 1))
def test_every_score_is_between_0_and_1(term: TermCounts, size: int, words: int, p: float, g: float) -> None:
    """Whatever the counts, even ones that contradict each other."""
    novelty = scores.novelty(term, year=2026)
    connectivity = scores.connectivity(term.catalogue, catalogue_size=size)
    specificity = scores.specificity(papers=term.background, size=size, words=words, generality=g)
    intent = scores.link_intent(probability=p, connectivity=connectivity, specificity=specificity)
    assert all(0 <= score <= 1 for score in (novelty, connectivity, specificity, intent))


@pytest.mark.parametrize(
    ("term", "coined", "novelty", "extends", "expected"),
    [
        pytest.param(
            counts(1000, 500, 2023, 3), False, 0.1, False, KeywordCategory.BROAD, id="often in the background"
        ),
        pytest.param(counts(10, 5, 2023, 80), False, 0.1, False, KeywordCategory.BROAD, id="often here"),
        pytest.param(counts(50, 5, 2023, 3), True, 0.1, False, KeywordCategory.UNIQUE, id="coined"),
        pytest.param(counts(2, 1, 0, 1), False, 0.1, False, KeywordCategory.UNIQUE, id="nowhere else"),
        pytest.param(counts(50, 49, 2023, 3), False, 0.7, True, KeywordCategory.EVOLVED, id="novel, extends a broad"),
        pytest.param(counts(50, 49, 2025, 3), False, 0.7, False, KeywordCategory.EVOLVED, id="novel and young"),
        pytest.param(counts(50, 49, 2023, 3), False, 0.7, False, KeywordCategory.SPECIFIC, id="novel but old"),
        pytest.param(counts(50, 25, 2025, 3), False, 0.5, True, KeywordCategory.SPECIFIC, id="not novel"),
    ],
)
def test_category(term: TermCounts, coined: bool, novelty: float, extends: bool, expected: KeywordCategory) -> None:
    broad = scores.is_broad(term, background_size=100_000, catalogue_size=1000)
    assert (
        scores.category(term, broad=broad, coined=coined, novelty=novelty, extends_broad=extends, year=2026) is expected
    )


def test_a_tiny_catalogue_makes_nothing_broad() -> None:
    """One paper of ten is 10 %, and no breadth."""
    assert not scores.is_broad(counts(10, 5, 2024, 1), background_size=100_000, catalogue_size=10)


def test_the_catalogue_has_its_say_in_what_is_broad() -> None:
    """0.4 % of both together: 300 of 100,000 are not, nor are they with 150 of 50,000 more; with 300 they are."""
    size = {"background_size": 100_000, "catalogue_size": 50_000}
    assert not scores.is_broad(counts(300, catalogue=150), **size)
    assert scores.is_broad(counts(300, catalogue=300), **size)
