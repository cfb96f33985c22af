"""What a cosine means: the share of random pairs that are less alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import config
from digest.model import PaperId
from digest.related import score, spread
from digest.related.spread import Shares
from digest.render import labels


def test_pairs_are_counted_by_thousandths():
    """Three papers in the plane: two alike, one across."""
    vectors = np.array([[1, 0], [1, 0], [0.6, 0.8]], dtype=np.float32)
    assert spread.measure(vectors) == {600: 2, 1000: 1}


def test_share_is_of_pairs_that_are_less_alike():
    shares = Shares({-100: 1, 200: 5, 400: 3, 500: 1})
    assert [shares.share(c) for c in (-1.0, -0.1, 0.0, 0.2, 0.4, 0.4999, 0.5, 0.501)] == [
        *(0.0, 0.0, 0.1, 0.1, 0.6, 0.9, 0.9, 1.0)
    ]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, -1.0), (0.1, -0.099), (0.11, 0.201), (0.6, 0.201), (0.9, 0.401), (1.0, 0.501)]
)
def test_the_floor_is_the_lowest_cosine_with_the_share_below_it(share, expected):
    assert Shares({-100: 1, 200: 5, 400: 3, 500: 1}).floor(share) == expected


@given(counts=st.dictionaries(st.integers(-1000, 1000), st.integers(1, 1000), min_size=1), share=st.integers(0, 1000))
def test_floor_and_share_agree(counts, share):
    """At the floor the share is reached, and a thousandth below it is not."""
    shares, wanted = Shares(counts), share / 1000
    floor = shares.floor(wanted)
    assert shares.share(floor) >= wanted
    if share:
        assert shares.share(floor - 0.001) < wanted


def test_without_pairs_nothing_is_told():
    assert Shares({}).share(0.9) is None
    assert Shares({}).floor(0.99) == spread.YOUNG_FLOOR


@pytest.mark.parametrize(
    ("papers", "expected"), [(0, 0), (63, 0), (64, 64), (255, 64), (256, 256), (20_000, 16384), (10**7, 16384)]
)
def test_level(papers, expected):
    assert spread.level(papers) == expected


def test_the_sample_is_always_the_same_and_bounded(monkeypatch):
    monkeypatch.setattr(spread, "SAMPLE", 5)
    papers = [PaperId(f"2602.{n:05}") for n in range(20)]
    assert spread.sample(papers) == spread.sample(reversed(papers))
    assert len(spread.sample(papers)) == 5


@pytest.mark.parametrize("language", labels.languages())
def test_the_vault_says_what_is_done(language):
    """The page about the scores tells the figures that the code has."""
    words = labels.load(language)
    told = words.words["about_scores"]
    assert f"{score.COSINE:g} · " in told
    assert f"{score.WORDS:g} · " in told
    assert all(words.number(level) in told for level in spread.LEVELS)
    assert words.decimal(spread.YOUNG_FLOOR) in told
    assert f"{config.RelatedSettings().floor:.0%}".replace("%", " %") in told
