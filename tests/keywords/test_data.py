"""The shipped figures are what the code takes them for."""

from __future__ import annotations

import json
from datetime import timedelta

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


def test_the_default_year_of_the_choice_is_the_background_s() -> None:
    assert Background.load().year == choose.BACKGROUND_YEAR


def test_background_counts_hang_together() -> None:
    background = Background.load()
    for name in background.rows:
        df, recent, first, alone = background.figures(name)
        assert background.floor <= df <= background.size
        assert 0 <= recent <= df
        assert 0 <= alone <= df
        assert 2000 < first <= background.year
        assert 1 / 32 < background.ratio(name) < 32
    assert sum(background.years.values()) == background.size
    assert max(background.years) == background.year
    assert background.counts("No Such Term At All") == (0, 0, 0)
    assert background.ratio("No Such Term At All") == 1


@pytest.mark.parametrize(
    ("rising", "steady"), [("Large Reasoning Model", "Object Detection"), ("Agentic AI", "Machine Translation")]
)
def test_the_background_knows_what_rose_in_its_last_year(rising: str, steady: str) -> None:
    background = Background.load()
    assert background.ratio(rising) > 2
    assert 0.5 < background.ratio(steady) < 1.5


def test_a_field_that_is_new_to_the_background_does_not_rise() -> None:
    """Astrophysics begins in its last year, by the choice of its sources."""
    background = Background.load()
    for name in ("Redshift", "Galaxy", "Dark Matter Halo", "White Dwarf"):
        assert background.figures(name)[0] > 50
        assert background.ratio(name) < 2


def test_the_age_of_the_background() -> None:
    background = Background.load()
    assert background.age(background.end - timedelta(days=9)) == 0
    assert background.age(background.end + timedelta(days=1461)) == pytest.approx(4.0)


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
