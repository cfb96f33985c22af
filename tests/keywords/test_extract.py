"""Candidates of invented papers, and what holds for any text."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.keywords.canonical import key
from digest.keywords.extract import LIMIT, SALIENT, Extractor, describing
from digest.model import Candidate

TITLE = "TideFormer: Long-Horizon Sea-Level Forecasting with Graph Neural Networks"
ABSTRACT = (
    "Coastal cities need sea-level forecasts weeks ahead. Numerical models are accurate, but slow. We present "
    "TideFormer, a model that couples a graph neural network (GNN) over tide gauges with a state space model for the "
    "open ocean. Unlike prior GNNs, TideFormer is trained by self-supervised learning on unlabelled gauge records and "
    "then fine-tuned on $k$-means clusters of stations. On three ocean basins it lowers the error of sea-level "
    "forecasting by 18%, and graph neural networks without the state space model lose half of that."
)


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def names(candidates: tuple[Candidate, ...]) -> list[str]:
    return [candidate.canonical for candidate in candidates]


def test_the_topics_of_an_abstract_come_first(extractor: Extractor) -> None:
    found = extractor.candidates(TITLE, ABSTRACT)
    assert names(found)[0] == "Graph Neural Network"
    assert {"Self-Supervised Learning", "State Space Model", "Sea-Level Forecasting"} <= set(names(found)[:8])


def test_written_forms_of_one_term_are_one_candidate(extractor: Extractor) -> None:
    """The acronym is an alias, the commonest written form the surface."""
    (found,) = [c for c in extractor.candidates(TITLE, ABSTRACT) if c.canonical == "Graph Neural Network"]
    assert found.surface in ("Graph Neural Networks", "graph neural networks", "graph neural network")
    assert "GNN" in found.aliases
    assert found.words == 3


def test_the_name_that_a_title_coins(extractor: Extractor) -> None:
    coined = [c.canonical for c in extractor.candidates(TITLE, ABSTRACT) if c.coined]
    assert coined == ["TideFormer"]


def test_a_shouted_title_says_the_same(extractor: Extractor) -> None:
    quiet = extractor.candidates("Reward shaping for dexterous manipulation of cloth", "")
    loud = extractor.candidates("REWARD SHAPING FOR DEXTEROUS MANIPULATION OF CLOTH", "")
    assert names(quiet) == names(loud)


def test_phrases_do_not_reach_over_a_formula_or_a_link(extractor: Extractor) -> None:
    found = names(
        extractor.candidates("", r"A convex $f(x)$ solver at https://example.org/solver with \emph{dual ascent}.")
    )
    assert "Dual Ascent" in found
    assert not any("Convex Solver" in name or "Example" in name for name in found)


def test_a_formula_in_parentheses_parts_nothing(extractor: Extractor) -> None:
    found = extractor.candidates(
        "", r"Discs around very-low-mass ($\sim 0.1\,M_\odot$) stars (VLMS) are rich; VLMS too."
    )
    (stars,) = [c for c in found if c.canonical == "Very Low-Mass Star"]
    assert "VLMS" in (stars.surface, *stars.aliases)


def test_a_bare_measure_stands_for_nothing(extractor: Extractor) -> None:
    """ "Few-step" and "million-scale" say how, not what; "sim-to-real" is what authors choose."""
    found = extractor.candidates("", "We study few-step, million-scale sampling. Transfer is sim-to-real.")
    alone = {c.canonical: c.stands_alone for c in found}
    assert (alone["Few-Step"], alone["Million-Scale"], alone["Sim-to-Real"]) == (False, False, True)


def test_a_known_phrase_reaches_over_its_preposition(extractor: Extractor) -> None:
    found = names(extractor.candidates("", "We route tokens through a mixture of experts in each layer."))
    assert "Mixture of Experts" in found


@pytest.mark.parametrize(("title", "abstract"), [("", ""), (" ", "\n"), ("$x$", r"\[y\]"), ("?!", "...")])
def test_nothing_has_no_candidates(extractor: Extractor, title: str, abstract: str) -> None:
    assert extractor.candidates(title, abstract) == ()


def test_a_very_long_abstract_is_taken(extractor: Extractor) -> None:
    assert LIMIT <= len(extractor.candidates(TITLE, f"{ABSTRACT} " * 150)) <= LIMIT + SALIENT


def test_what_describes_a_paper_is_kept_whatever_its_probability(extractor: Extractor) -> None:
    """The most salient of all terms are among the candidates, and so are the most probable."""
    kept = extractor.candidates(TITLE, ABSTRACT)
    wide = replace(extractor, probability=extractor.salience).candidates(TITLE, ABSTRACT)
    assert len(kept) > LIMIT
    assert {c.canonical for c in wide[:SALIENT]} <= {c.canonical for c in kept}
    assert {c.canonical: c.salience for c in wide[:SALIENT]}.items() <= {c.canonical: c.salience for c in kept}.items()


def test_the_terms_that_describe_a_paper(extractor: Extractor) -> None:
    """Whole phrases of the text, the most salient first, and no part of another one."""
    found = describing(extractor.candidates(TITLE, ABSTRACT), 10)
    assert len(found) == 10
    assert list(found) == sorted(found, key=lambda c: (-c.salience, c.canonical))
    keys = [f" {key(c.canonical)} " for c in found]
    assert not [(a, b) for a in keys for b in keys if a != b and a in b]
    assert {"state space model", "self-supervised learning", "TideFormer"} <= {c.surface for c in found[:5]}


def test_of_two_nested_terms_the_more_salient_describes() -> None:
    def term(name: str, salience: float) -> Candidate:
        return Candidate(
            canonical=name, surface=name, aliases=(), probability=0.5, salience=salience, words=len(name.split())
        )

    terms = [term("Reward", 0.2), term("Reward Model", 0.6), term("Reward Model Training", 0.4), term("Art", 0.1)]
    terms += [term("Smart Grid", 0.1)]
    assert names(describing(terms, 5)) == ["Reward Model", "Art", "Smart Grid"]
    assert names(describing(terms, 1)) == ["Reward Model"]
    assert describing([], 5) == ()


@pytest.mark.parametrize(
    "hostile", ["(" * 20_000, "$" * 20_000, "a-" * 10_000, "\\" * 20_000, "x (" * 6_000, "A:" * 9_000]
)
def test_hostile_text_costs_no_more_than_long_text(extractor: Extractor, hostile: str) -> None:
    extractor.candidates(hostile, hostile)


FORBIDDEN = re.compile(r"[\[\]|#^<>{}`\"%$\x00-\x1f\x7f-\x9f]")
TEXT = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="abc ABC-.,()[]{}|#^<>`\"%$\\_/:'+*&~\n\t\x00\u200b\u202e0é", max_size=300),
    st.lists(st.sampled_from(f"{TITLE} {ABSTRACT} [[x]] {{{{y}}}} `z` <b> #tag ^a .hidden ---".split())).map(" ".join),
)


@given(TEXT, TEXT)
@settings(max_examples=150, deadline=None)
@example("[[evil|link]]: #tag", "<script>alert`1`</script> %% {{ tp.x }} $$ .. ../../etc/passwd")
def test_any_text_gives_harmless_names(title: str, abstract: str) -> None:
    """Never raises; best first; each name once, and fit to name a page."""
    found = Extractor.load().candidates(title, abstract) if not _SHARED else _SHARED[0].candidates(title, abstract)
    assert len(found) <= LIMIT + SALIENT
    assert list(found) == sorted(found, key=lambda c: (-c.probability, c.canonical))
    assert len({c.canonical for c in found}) == len(found)
    for candidate in found:
        assert 0 <= candidate.probability <= 1
        assert 0 <= candidate.salience <= 1
        for form in (candidate.canonical, candidate.surface, *candidate.aliases):
            assert not FORBIDDEN.search(form)
        assert 2 <= len(candidate.canonical) <= 60
        assert 1 <= candidate.words <= 6
        assert candidate.canonical[0].isalnum()


_SHARED: list[Extractor] = [Extractor.load()]


def test_the_same_paper_always_has_the_same_candidates(extractor: Extractor) -> None:
    assert Extractor.load().candidates(TITLE, ABSTRACT) == extractor.candidates(TITLE, ABSTRACT)


def test_the_name_of_the_recipe_changes_with_its_data(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    from digest.keywords import extract

    assert re.fullmatch(r"[a-z0-9+-]+:[0-9a-f]{12}", extractor.name)
    monkeypatch.setattr(extract, "_FILES", extract._FILES[:-1])
    assert Extractor.load().name != extractor.name


def test_no_heavy_library_is_loaded() -> None:
    """Extracting needs textblob's lexicon, and neither NLTK nor anything numeric."""
    code = (
        "import sys; from digest.keywords.extract import Extractor;"
        "Extractor.load().candidates('Graph neural networks', 'We study graphs.');"
        "print([m for m in ('nltk', 'numpy', 'sklearn', 'scipy', 'torch', 'textblob') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
