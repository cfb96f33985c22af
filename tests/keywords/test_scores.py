from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords import scores
from digest.model import KeywordCategory, TermCounts

COUNTS = st.builds(
    lambda df, share, first, here: TermCounts(
        background=df, background_recent=int(df * share), background_first=first, catalogue=here
    ),
    st.integers(0, 100_000),
    st.floats(0, 1),
    st.sampled_from([0, 2023, 2024, 2025, 2026]),
    st.integers(0, 5_000),
)


def counts(background: int = 0, recent: int = 0, first: int = 0, catalogue: int = 0) -> TermCounts:
    return TermCounts(background=background, background_recent=recent, background_first=first, catalogue=catalogue)


def test_specificity_by_hand() -> None:
    """df 99 of 9,999, two words, generality 0.5."""
    idf = log(10_000 / 100) / log(10_000)
    expected = 0.70 * idf + 0.15 * 0.5 + 0.15 * 0.5
    assert scores.specificity(background=99, background_size=9_999, words=2, generality=0.5) == pytest.approx(expected)


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


def test_a_rising_term_is_more_novel_than_a_steady_and_that_than_a_falling_one() -> None:
    size = {"background_size": 100_000, "recent_size": 50_000, "year": 2026}
    rising = scores.novelty(counts(500, 490, 2024), **size)
    steady = scores.novelty(counts(500, 250, 2024), **size)
    falling = scores.novelty(counts(500, 10, 2024), **size)
    assert rising > 0.6 > steady > falling


def test_three_papers_are_no_trend() -> None:
    size = {"background_size": 100_000, "recent_size": 50_000, "year": 2026}
    assert scores.novelty(counts(3, 3, 2023), **size) < scores.novelty(counts(300, 300, 2023), **size)


def test_an_older_term_is_less_novel() -> None:
    size = {"background_size": 100_000, "recent_size": 50_000, "year": 2026}
    assert scores.novelty(counts(50, 25, 2018), **size) < scores.novelty(counts(50, 25, 2025), **size)


@given(COUNTS, st.integers(0, 200_000), st.integers(0, 6), st.floats(0, 1), st.floats(0, 1))
def test_every_score_is_between_0_and_1(term: TermCounts, size: int, words: int, p: float, g: float) -> None:
    """Whatever the counts, even ones that contradict each other."""
    novelty = scores.novelty(term, background_size=size, recent_size=size // 2, year=2026)
    connectivity = scores.connectivity(term.catalogue, catalogue_size=size)
    specificity = scores.specificity(background=term.background, background_size=size, words=words, generality=g)
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
