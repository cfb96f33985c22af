"""The vocabulary in the catalogue: rulings, acronyms, and terms counted by day and category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.catalogue.store import Catalogue
from digest.model import Course, PaperId, Trend, Verb
from digest.testing.builders import make_paper

DAY = date(2026, 2, 3)


@pytest.fixture
def catalogue(tmp_path):
    with Catalogue(tmp_path / "catalogue.sqlite3") as opened:
        yield opened


def add(catalogue: Catalogue, number: int, *, category: str = "cs.CL", day: int = 0) -> PaperId:
    paper = make_paper(id=PaperId(f"2602.{number:05}"), categories=(category, "cs.AI"))
    catalogue.add_paper(paper, announced=DAY + timedelta(days=day), estimated=False, noted=True)
    return paper.id


def defining(catalogue: Catalogue, longs: Sequence[str], short: str = "XYZ") -> dict[str, str | None]:
    """A paper for each letter, that defines *short* as it; what changed with the last one."""
    numbers, changed = count(len(catalogue.connection.execute("SELECT id FROM papers").fetchall())), {}
    for long in longs:
        changed = catalogue.terms.define({add(catalogue, next(numbers)): [(short, long)]})
    return changed


# --- acronyms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("longs", "meaning"),
    [
        ("A", {}),
        ("AA", {"XYZ": "A"}),
        ("AB", {"XYZ": ""}),
        ("ABB", {"XYZ": ""}),
        ("BAAAA", {"XYZ": "A"}),  # four of five: 80 %
        ("BAAA", {"XYZ": ""}),  # three of four: 75 %
        ("AAAABB", {"XYZ": "A"}),  # agreed on, and still with four of six
        ("AAAABBB", {"XYZ": ""}),  # four of seven: given up
    ],
)
def test_papers_agree_on_an_acronym_when_enough_of_them_say_the_same(catalogue, longs, meaning):
    for long in longs:
        defining(catalogue, long)
    assert catalogue.terms.acronyms() == meaning


def test_two_letters_mean_too_many_things(catalogue):
    defining(catalogue, "AAAAA", short="US")
    assert catalogue.terms.acronyms() == {"US": ""}


def test_an_acronym_that_is_the_commoner_name_stays_it(catalogue):
    for long in ("GPU", "GPU", "GPU", "GPU", "Grand Prix Union"):
        defining(catalogue, [long], short="GPU")
    assert catalogue.terms.acronyms() == {}


def test_it_is_told_which_meanings_have_changed_and_what_they_were(catalogue):
    assert defining(catalogue, "A") == {}
    assert defining(catalogue, "A") == {"XYZ": None}
    assert defining(catalogue, "A") == {}
    assert defining(catalogue, "B") == {}
    assert defining(catalogue, "B") == {}
    assert defining(catalogue, "B") == {"XYZ": "A"}


def test_what_a_paper_defines_is_replaced_and_can_be_asked_for(catalogue):
    paper, other = add(catalogue, 1), add(catalogue, 2)
    catalogue.terms.define({paper: [("XYZ", "A")], other: [("XYZ", "A"), ("Z", "Zed")]})
    catalogue.terms.define({paper: [("XYZ", "B")]})
    assert catalogue.terms.definitions("XYZ") == {"A": [other], "B": [paper]}


# --- counts ----------------------------------------------------------------------------------------------------------

papers = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["cs.CL", "cs.CV"]),
        "day": st.integers(0, 3),
        "terms": st.dictionaries(st.sampled_from("XYZ"), st.sampled_from([0.1, 0.9])),
        "later": st.none() | st.dictionaries(st.sampled_from("XYZ"), st.sampled_from([0.1, 0.9])),
    }
)


@settings(deadline=None, max_examples=40)
@given(st.lists(papers, max_size=6))
def test_terms_are_counted_by_day_and_category_as_a_count_from_nothing_would(tmp_path_factory, told):
    with Catalogue(tmp_path_factory.mktemp("c") / "c.sqlite3") as catalogue:
        cells, state = Counter(), {}
        for number, paper in enumerate(told):
            paper_id = add(catalogue, number, category=paper["category"], day=paper["day"])
            catalogue.terms.put({paper_id: paper["terms"]})
            state[paper_id] = (paper, paper["terms"])
            if paper["later"] is not None:
                catalogue.terms.put({paper_id: paper["later"]})
                state[paper_id] = (paper, paper["later"])
        for paper, terms in state.values():
            cells.update((name, paper["category"]) for name in ("", *terms) if paper["day"] <= 2)
        found = catalogue.terms.by_category(["", *"XYZ"], after=DAY - timedelta(days=1), until=DAY + timedelta(days=2))
        assert {(name, c): n for name, of in found.items() for c, n in of.items()} == dict(cells)
        for name in "XYZ":
            having = sorted(p for p, (_, terms) in state.items() if name in terms)
            likely = sorted(p for p, (_, terms) in state.items() if terms.get(name, 0) >= 0.5)
            assert catalogue.terms.counts([name]).get(name, 0) == len(having)
            assert catalogue.terms.papers_with([name]).get(name, []) == having
            assert catalogue.terms.papers_with([name], least=0.5).get(name, []) == likely


def test_a_paper_whose_day_and_category_change_is_counted_where_it_belongs(catalogue):
    paper = add(catalogue, 1, day=3)
    catalogue.terms.put({paper: {"X": 0.5}})
    catalogue.tell_day(paper, DAY)
    catalogue.update_paper(replace(catalogue.papers([paper])[paper], categories=("cs.CV",)))
    catalogue.terms.put({paper: {"X": 0.5}})
    assert catalogue.terms.by_day("X") == [(DAY, 1)]
    found = catalogue.terms.by_category(["X", ""], after=DAY - timedelta(days=1), until=DAY)
    assert found == {"X": {"cs.CV": 1}, "": {"cs.CV": 1}}


def test_a_term_is_known_since_its_third_paper(catalogue):
    for number, day in enumerate((-400, -400, 0, 1)):
        catalogue.terms.put({add(catalogue, number, day=day): {"X": 0.5} | ({"Y": 0.5} if number else {})})
    assert catalogue.terms.known_since(["X", "Y", "Z"]) == {"X": 2026, "Y": 2026}
    assert catalogue.terms.first_day() == DAY - timedelta(days=400)
    assert catalogue.terms.first_day("cs.CV") is None


def test_common_terms_are_told_the_commonest_first(catalogue):
    for number, names in enumerate(("XY", "XYZ", "XZ")):
        catalogue.terms.put({add(catalogue, number): dict.fromkeys(names, 0.5)})
    assert catalogue.terms.common(2) == [("X", 3), ("Y", 2), ("Z", 2)]
    assert catalogue.terms.names_with(["Y", "Q"]) == {"Y"}


# --- rulings ---------------------------------------------------------------------------------------------------------


def test_rulings_are_followed_when_it_is_said_so(catalogue):
    assert catalogue.terms.are_followed()
    one = catalogue.terms.rule(Verb.MERGE, "A", "B")
    other = catalogue.terms.rule(Verb.BAN, "C", source="page")
    assert (catalogue.terms.rulings(), catalogue.terms.followed()) == ([one, other], [])
    assert not catalogue.terms.are_followed()
    catalogue.terms.follow(catalogue.terms.rulings())
    assert catalogue.terms.followed() == [one, other]
    assert catalogue.terms.are_followed()
    catalogue.terms.revoke(one)
    assert catalogue.terms.rulings() == [other]
    assert not catalogue.terms.are_followed()


def test_a_day_that_is_taken_back_takes_no_ruling_back(catalogue):
    ruling = catalogue.terms.rule(Verb.BAN, "C")
    with catalogue.transaction(), catalogue.agenda.recording(DAY):
        catalogue.terms.follow([ruling])
        catalogue.terms.put({add(catalogue, 1): {"X": 0.5}})
    with catalogue.transaction():
        catalogue.agenda.rewind(DAY)
    assert catalogue.terms.rulings() == [ruling]
    assert not catalogue.terms.are_followed()
    assert catalogue.terms.counts(["X"]) == {}
    assert catalogue.terms.by_day("X") == []


def test_trends_are_replaced(catalogue):
    trend = Trend(course=Course.RISING, days=30, recent=9, expected=2.5)
    catalogue.terms.set_trends(["X", "Y"], {"X": trend, "Y": trend})
    catalogue.terms.set_trends(["Y"], {})
    assert (catalogue.terms.trend("X"), catalogue.terms.trend("Y")) == (trend, None)
