"""The shipped figures are what the code takes them for."""

from __future__ import annotations

import json

import pytest

from digest.keywords import choose
from digest.keywords.background import Background
from digest.keywords.ban import banned_terms
from digest.keywords.canonical import canonical
from digest.keywords.document import is_nameable
from digest.keywords.features import NAMES
from digest.keywords.tables import DATA, read_text
from digest.keywords.vocabulary import Vocabulary


def test_the_weights_are_of_the_features() -> None:
    heads = json.loads(read_text("weights.json"))
    assert set(heads) == {"probability", "salience"}
    for head in heads.values():
        assert set(head) == {"intercept", "weights"}
        assert set(head["weights"]) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_the_defaults_of_the_choice_are_the_background_s() -> None:
    background = Background.load()
    assert background.year == choose.BACKGROUND_YEAR
    assert pytest.approx(background.recent_size / background.size, abs=0.005) == choose.RECENT_SHARE


def test_background_counts_hang_together() -> None:
    background = Background.load()
    for name in background.rows:
        df, recent, first, alone = background.figures(name)
        assert background.floor <= df <= background.size
        assert 0 <= recent <= df
        assert 0 <= alone <= df
        assert 2000 < first <= background.year
    assert background.counts("No Such Term At All") == (0, 0, 0)


def test_background_and_vocabulary_speak_canonical_names() -> None:
    """A name that is not its own canonical form would never be found."""
    for name in [*list(Background.load().rows)[::40], *Vocabulary.load().chosen]:
        assert canonical(name, {}) == name
        assert is_nameable(name, len(name.replace("-", " ").split()))


def test_the_ban_list_is_canonical_and_lets_topics_pass() -> None:
    banned = banned_terms()
    assert {"Trade-Off", "State-of-the-Art", "Paper", "Novel Method"} <= banned
    assert not {"Reinforcement Learning", "Diffusion Model", "Dark Matter"} & banned


def test_the_data_is_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 3_000_000  # type: ignore[attr-defined]


def test_the_data_sheet_names_every_file() -> None:
    sheet = DATA.joinpath("README.md").read_text(encoding="utf-8")
    missing = [path.name for path in DATA.iterdir() if path.name != "README.md" and f"`{path.name}`" not in sheet]
    assert not missing
