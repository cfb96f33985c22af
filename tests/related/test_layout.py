"""A map: what is alike is near."""

from __future__ import annotations

import numpy as np
import pytest

from digest.related.layout import FEWEST, SIDE, placed


def clusters(count: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    middles = rng.normal(size=(count, 64))
    vectors = np.repeat(middles, size, axis=0) + 0.3 * rng.normal(size=(count * size, 64))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_papers_of_a_cluster_are_near_each_other_and_the_map_is_full() -> None:
    places = placed(clusters(4, 25))
    assert places.shape == (100, 2)
    assert (places.min(), places.max()) == (0, SIDE)
    groups = places.reshape(4, 25, 2)
    within = np.mean([np.linalg.norm(group - group.mean(axis=0), axis=1).mean() for group in groups])
    middles = groups.mean(axis=1)
    between = np.linalg.norm(middles[:, None] - middles[None], axis=2)[np.triu_indices(4, 1)].min()
    assert between > 2 * within


def test_the_same_vectors_have_the_same_places() -> None:
    vectors = clusters(3, 20)
    assert np.array_equal(placed(vectors), placed(vectors.copy()))


@pytest.mark.parametrize("papers", [0, 1, FEWEST - 1])
def test_few_papers_have_no_map(papers: int) -> None:
    assert placed(clusters(1, papers or 1)[:papers]).shape == (0, 2)


def test_as_few_as_have_one_and_equal_papers_do_not_fail() -> None:
    assert placed(clusters(1, FEWEST)).shape == (FEWEST, 2)
    assert placed(np.repeat(clusters(1, 1), 30, axis=0)).shape == (30, 2)
