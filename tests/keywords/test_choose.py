from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.choose import choose
from digest.model import Candidate, Keyword, KeywordCategory, TermCounts

SIZES = {"background_size": 100_000, "catalogue_size": 1000}


def candidate(name: str, probability: float = 0.5, **more: object) -> Candidate:
    values = {"surface": name.lower(), "aliases": (), "salience": probability, "words": len(name.split()), **more}
    return Candidate(canonical=name, probability=probability, **values)  # type: ignore[arg-type]


def counts(background: int = 50, catalogue: int = 5) -> TermCounts:
    return TermCounts(
        background=background, background_recent=background // 2, background_first=2023, catalogue=catalogue
    )


def reasons(keywords: tuple[Keyword, ...]) -> dict[str, str]:
    return {keyword.canonical: keyword.reason for keyword in keywords}


def test_all_candidates_come_back_linked_ones_first() -> None:
    """By falling link_intent within both parts."""
    found = choose(
        [candidate("Weak Signal", 0.01), candidate("Reward Model", 0.4), candidate("Policy Gradient", 0.6)],
        {name: counts() for name in ("Weak Signal", "Reward Model", "Policy Gradient")},
        **SIZES,
    )
    assert [keyword.canonical for keyword in found] == ["Policy Gradient", "Reward Model", "Weak Signal"]
    assert [keyword.linked for keyword in found] == [True, True, False]


@pytest.mark.parametrize(
    ("chosen", "term", "reason"),
    [
        pytest.param(candidate("Weak Signal", 0.001), counts(), "below threshold", id="threshold"),
        pytest.param(candidate("Trade-Off", 0.9), counts(), "banned", id="banned"),
        pytest.param(candidate("AR", 0.9), counts(), "ambiguous acronym", id="ambiguous"),
        pytest.param(candidate("Language", 0.1), counts(20_000), "generic single word", id="generic"),
        pytest.param(candidate("Large Language", stands_alone=False), counts(), "never stands alone", id="part"),
    ],
)
def test_what_no_paper_links(chosen: Candidate, term: TermCounts, reason: str) -> None:
    found = choose([chosen], {chosen.canonical: term}, banned=["trade off"], unclear=["AR"], **SIZES)
    assert [(keyword.linked, keyword.reason) for keyword in found] == [(False, reason)]


def test_a_part_of_a_chosen_term_is_not_chosen() -> None:
    """By whole words: "Art" is no part of "Smart Grid"."""
    terms = [candidate("Reward Model Training", 0.9), candidate("Reward Model", 0.5), candidate("Art", 0.5)]
    found = reasons(choose(terms, {c.canonical: counts() for c in terms}, **SIZES))
    assert found == {"Reward Model Training": "", "Reward Model": "nested in Reward Model Training", "Art": ""}


def test_at_most_two_broad() -> None:
    terms = [candidate(f"Broad Term {n}", 0.9 - n / 100) for n in range(1, 6)]
    found = choose(terms, {c.canonical: counts(5000, 100) for c in terms}, **SIZES)
    assert [keyword.reason for keyword in found] == ["", "", *["broad quota"] * 3]
    assert all(keyword.category is KeywordCategory.BROAD for keyword in found)


def test_at_most_one_that_links_nothing() -> None:
    terms = [candidate("Alpha Method", 0.9), candidate("Beta Method", 0.8), candidate("Gamma Method", 0.2)]
    table = {"Alpha Method": counts(3, 1), "Beta Method": counts(3, 1), "Gamma Method": counts(50, 5)}
    assert reasons(choose(terms, table, **SIZES)) == {
        "Alpha Method": "",
        "Gamma Method": "",
        "Beta Method": "orphan quota",
    }


def test_the_budget() -> None:
    terms = [candidate(f"Term Number {n}") for n in range(1, 8)]
    found = choose(terms, {c.canonical: counts() for c in terms}, budget=3, **SIZES)
    assert [keyword.reason for keyword in found] == ["", "", "", *["budget"] * 4]
    assert [keyword.canonical for keyword in found] == [f"Term Number {n}" for n in range(1, 8)]


def test_a_term_without_counts_was_never_seen() -> None:
    (found,) = choose([candidate("Unheard Thing", 0.9)], {}, **SIZES)
    assert found.category is KeywordCategory.UNIQUE
    assert found.scores.connectivity == 0


def test_the_rationale_has_the_figures() -> None:
    (found,) = choose([candidate("Reward Model")], {"Reward Model": counts(50, 5)}, **SIZES)
    for figure in ("50 of 100000", "5 of 1000", "2023", "0.50"):
        assert figure in found.rationale


NAMES = st.sampled_from(["Alpha", "Beta Alpha", "Gamma Beta Alpha", "Delta", "Delta Epsilon", "BERT", "Zeta Eta"])


@given(
    st.lists(st.builds(candidate, NAMES, st.floats(0, 1)), unique_by=lambda c: c.canonical, max_size=7),
    st.lists(st.builds(counts, st.integers(0, 20_000), st.integers(0, 300)), min_size=7, max_size=7),
    st.integers(0, 6),
    st.integers(0, 3),
    st.integers(0, 3),
    st.randoms(),
)
def test_promises_of_the_choice(candidates, terms, budget, broad, orphans, random) -> None:  # type: ignore[no-untyped-def]
    """Quotas hold, every candidate comes back once, a reason is what is not linked, and order of input is nothing."""
    table = dict(zip(sorted(c.canonical for c in candidates), terms, strict=False))
    limits = {"budget": budget, "max_broad": broad, "max_orphans": orphans}
    found = choose(candidates, table, **SIZES, **limits)
    linked = [keyword for keyword in found if keyword.linked]
    assert sorted(k.canonical for k in found) == sorted(c.canonical for c in candidates)
    assert len(linked) <= budget
    assert sum(k.category is KeywordCategory.BROAD for k in linked) <= broad
    assert sum(table[k.canonical].catalogue <= 1 for k in linked) <= orphans
    assert all(keyword.linked != bool(keyword.reason) for keyword in found)
    intents = [keyword.scores.link_intent for keyword in linked]
    assert intents == sorted(intents, reverse=True)
    random.shuffle(candidates)
    assert choose(candidates, table, **SIZES, **limits) == found


def test_what_is_kept_stays_and_the_rest_fills_the_budget() -> None:
    names = ("Weak Signal", "Reward Model", "Policy Gradient", "Value Function")
    candidates = [candidate(name, p) for name, p in zip(names, (0.001, 0.3, 0.6, 0.5), strict=True)]
    known = {name: counts() for name in names}
    found = choose(candidates, known, kept=["Weak Signal"], budget=3, **SIZES)
    assert {k.canonical for k in found if k.linked} == {"Weak Signal", "Policy Gradient", "Value Function"}
    found = choose(candidates, known, kept=["Weak Signal"], banned=["Weak Signal"], budget=3, **SIZES)
    assert "Weak Signal" not in {k.canonical for k in found if k.linked}


def test_what_is_favoured_comes_before_others_where_it_reaches_the_threshold() -> None:
    names = ("Weak Signal", "Reward Model", "Policy Gradient")
    candidates = [candidate(name, p) for name, p in zip(names, (0.001, 0.3, 0.6), strict=True)]
    known = {name: counts() for name in names}
    found = choose(candidates, known, favoured=["Weak Signal", "Reward Model"], budget=1, **SIZES)
    assert {k.canonical for k in found if k.linked} == {"Reward Model"}


def test_a_term_in_one_of_twelve_papers_is_a_hub() -> None:
    (common, rare) = choose(
        [candidate("Language Model"), candidate("Reward Model", 0.4)],
        {"Language Model": counts(catalogue=84), "Reward Model": counts(catalogue=70)},
        **SIZES,
    )
    assert (common.hub, rare.hub) == (True, False)
