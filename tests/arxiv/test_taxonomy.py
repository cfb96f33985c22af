"""Names to ask arXiv with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import taxonomy
from digest.errors import ConfigError
from digest.taxonomy import CATEGORIES, archive_of, canonical, oai_set, oai_sets


def test_every_category_of_arxiv_is_there():
    """arXiv counts 155 categories in 8 groups, 20 archives with subjects or without."""
    assert len(CATEGORIES) == 155
    assert len({archive_of(category) for category in CATEGORIES}) == 20


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("cs.AI", "cs:cs:AI"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("math.NA", "math:math:NA"),
        ("physics.plasm-ph", "physics:physics:plasm-ph"),
        ("math-ph", "physics:math-ph"),
    ],
)
def test_sets_follow_arxivs_grammar(category, expected):
    assert oai_set(category) == expected


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        pytest.param(["cs.AI"], ("cs:cs:AI",), id="one of an archive: its own set"),
        pytest.param(["cs.AI", "cs.CL", "cs.AI"], ("cs",), id="two of an archive: the archive"),
        pytest.param(["astro-ph.GA", "astro-ph.CO"], ("physics:astro-ph",), id="an archive in a group"),
        pytest.param(["physics.optics", "physics.app-ph"], ("physics:physics",), id="not the whole group of physics"),
        pytest.param(["cs.IT", "math.IT"], ("cs:cs:IT",), id="two names of one category"),
        pytest.param(["hep-th", "cs.LG"], ("cs:cs:LG", "physics:hep-th"), id="sorted"),
        pytest.param([], (), id="none"),
    ],
)
def test_the_fewest_sets(categories, expected):
    assert oai_sets(categories) == expected


@given(st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=8))
def test_sets_hold_every_category_once(categories):
    """Every followed category is in exactly one of the sets asked for."""
    sets = oai_sets(categories)
    for category in categories:
        own = oai_set(canonical(category))
        assert sum(own == name or own.startswith(f"{name}:") for name in sets) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("CS.ai", "cs.AI"),
        ("  hep-TH ", "hep-th"),
        ("math.it", "cs.IT"),
        ("cs.SY", "eess.SY"),
        ("cs.NA", "math.NA"),
        ("math.MP", "math-ph"),
        ("stat.TH", "math.ST"),
        ("q-fin.EC", "econ.GN"),
        ("cond-mat.STR-EL", "cond-mat.str-el"),
    ],
)
def test_names_are_repaired(written, expected):
    assert canonical(written) == expected


@given(st.sampled_from(sorted(CATEGORIES)))
def test_a_canonical_name_stays(category):
    assert canonical(canonical(category)) == canonical(category)
    assert canonical(category) in taxonomy.CATEGORIES


@pytest.mark.parametrize(
    ("written", "hint"),
    [("cs.AJ", "'cs.A"), ("hep-thh", "'hep-th'"), ("cs", "list the categories"), ("", "did you mean"), ("π", "mean")],
)
def test_an_unknown_name_is_refused_with_a_hint(written, hint):
    with pytest.raises(ConfigError, match=hint):
        canonical(written)
