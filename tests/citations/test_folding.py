"""Spellings of one title fold to the same, and those of two do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.citations.folding import compact, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "The Colour of Behaviour: Modelling Neighbours", "color of behavior - modeling neighbors", id="British"
        ),
        pytest.param(
            "Analysing centres; organisation of fibres", "Analyzing centers, organization of fibers", id="endings"
        ),
        pytest.param(r"$\beta$-decay of $^{18}$O in $\mathcal{O}(n)$", "β-decay of ¹⁸O in 𝒪(n)", id="mathematics"),
        pytest.param(r"G{\"o}del's na\"{\i}ve th\'eor\`eme", "Gödel’s naïve théorème", id="accents"),
        pytest.param("{A}n {LLM} for all", "An LLM for all", id="braces"),
        pytest.param("eﬃcient ﬂows", "efficient flows", id="ligatures"),
        pytest.param("Pre-training by general- isation", "Pretraining by generalization", id="hyphens"),
        pytest.param("pre- and post-training", "Pre and post training", id="a hyphen before and"),
        pytest.param("Über Łódź und Smørrebrød", "uber lodz und smorrebrod", id="letters"),
        pytest.param("大语言模型综述", "大语言模型综述", id="no Latin letters"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert compact(words(one)) == compact(words(other)) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Supervised learning", "Unsupervised learning", id="prefix"),
        pytest.param("Lattices I", "Lattices II", id="part"),
        pytest.param("DINOv2", "DINOv3", id="version"),
        pytest.param(r"The $\alpha$ process", r"The $\beta$ process", id="Greek"),
        pytest.param("H$_2$O", "H$_2$", id="formula"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert compact(words(one)) != compact(words(other))


@given(st.text(max_size=80))
def test_folding_is_done_at_once(text: str) -> None:
    """What is folded has no space, mark or capital left, and stays as it is under case."""
    for word in words(text):
        assert word
        assert not any(char.isspace() for char in word)
        assert word == word.casefold()
