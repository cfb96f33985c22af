"""Random histories of arXiv, lived through in storms: what is left is what is left of a calm life.

A history that fails is seen again, and made small, by ``python -m digest.testing.storms SEED --minimise``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.testing import storms
from digest.testing.histories import make_history

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill needs a process of its own to fork")


def many(first: int, last: int) -> list[object]:
    quick = [pytest.param(seed, id=f"seed {seed}") for seed in range(first, first + 25)]
    return [
        *quick,
        *(pytest.param(seed, id=f"seed {seed}", marks=pytest.mark.long) for seed in range(first + 25, last)),
    ]


@pytest.mark.parametrize("seed", many(0, 525))
def test_a_killed_run_that_is_begun_again_leaves_what_an_undisturbed_one_leaves(tmp_path: Path, seed: int):
    """SIGKILL before any statement, commit, write or rename: the vault's bytes and the catalogue are the same."""
    history = make_history(seed, weeks=2)
    found, _ = storms.compare(history, storms.make_storm(history, storms.WEATHERS["kills"]), tmp_path)
    assert found == []
