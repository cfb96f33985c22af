"""Random histories of arXiv, lived through in storms: what is left is what is left of a calm life.

A history that fails is seen again, and made small, by ``python -m digest.testing.storms SEED --weather NAME --weeks 2
--minimise``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.testing import storms
from digest.testing.histories import make_history

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill needs a process of its own to fork")


QUICK = {"kills": 4, "faults": 6, "lies": 6, "unmended": 9}
"""Histories of each weather in the fast tests: 25 together; in the long ones there are 130 of each."""

STORMS = [
    pytest.param(seed, weather, id=f"{weather}, seed {seed}", marks=[] if seed < quick else [pytest.mark.long])
    for weather, quick in QUICK.items()
    for seed in range(quick + 130)
]


@pytest.mark.parametrize(("seed", "weather"), STORMS)
def test_what_a_storm_leaves_is_what_a_calm_life_leaves(tmp_path: Path, seed: int, weather: str):
    """Answers that fail, mislead or never come, night after night, and SIGKILL before any statement, commit, write or
    rename: after one more run the vault's bytes and the catalogue's rows are those of a life in which nothing failed.
    """
    history = make_history(seed, weeks=2)
    found, _ = storms.compare(history, storms.make_storm(history, storms.WEATHERS[weather]), tmp_path)
    assert found == []
