"""How the embedding's cosine and the words' become one score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.related.score import combined

cosines = st.floats(-1.0, 1.0)
words = st.floats(0.0, 1.0)


def score(cosine: float, word: float) -> float:
    return float(combined(np.array([cosine]), np.array([word]))[0])


@pytest.mark.parametrize(
    ("cosine", "word", "expected"),
    [
        pytest.param(0.6, 0.2, 0.36, id="two parts of the one and three of the other"),
        pytest.param(1.0, 1.0, 1.0, id="the same text"),
        pytest.param(-0.3, 0.0, 0.0, id="nothing in common"),
        pytest.param(-0.3, 0.2, 0.12, id="a negative cosine says as much as none"),
        pytest.param(0.3333333, 0.0, 0.133333, id="six decimals"),
        pytest.param(1.0000001, 1.0, 1.0, id="a cosine over 1 by rounding"),
    ],
)
def test_worked_examples(cosine, word, expected):
    assert score(cosine, word) == expected


@given(a=st.tuples(cosines, words), b=st.tuples(cosines, words))
def test_more_of_either_is_never_less(a, b):
    """The score is in [0, 1] and monotone in both."""
    low = score(min(a[0], b[0]), min(a[1], b[1]))
    high = score(max(a[0], b[0]), max(a[1], b[1]))
    assert 0.0 <= low <= high <= 1.0


@given(pairs=st.lists(st.tuples(cosines, words), max_size=40))
def test_a_score_is_its_own_pairs_affair(pairs):
    """Whatever else is scored in the same call changes nothing."""
    together = combined(np.array([c for c, _ in pairs]), np.array([w for _, w in pairs]))
    assert together.shape == (len(pairs),)
    assert together.tolist() == [score(c, w) for c, w in pairs]
