"""Random nights of arXiv with a random reader between them, who does to his vault what readers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.testing import reader
from digest.testing.histories import make_history

QUICK = 12
ALL = 500
WITH_TEXTS = 100


def seeds(quick: int, number: int) -> list[object]:
    return [pytest.param(seed, marks=[] if seed < quick else [pytest.mark.long]) for seed in range(number)]


@pytest.mark.parametrize("seed", seeds(QUICK, ALL))
def test_what_the_reader_wrote_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int):
    """After every night each of his words is in the vault and each box as he left it; what his notes plainly say is in
    the catalogue; notes that he deleted stay away; no link of ours leads nowhere; and a second equal run writes nothing.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    assert reader.live(make_history(seed, weeks=1, outages=False), tmp_path / "home") == []


@pytest.mark.parametrize("seed", seeds(QUICK // 2, WITH_TEXTS))
def test_so_it_is_where_whole_texts_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int):
    """Notes are linked by citations, too, and texts are moved and deleted as notes are."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    history = make_history(seed, weeks=1, outages=False)
    assert reader.live(history, tmp_path / "home", DIGEST_FULLTEXT__MODE="all") == []
