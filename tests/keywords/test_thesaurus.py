"""What the reader ruled and what papers agree on, over the names that a text alone gives."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.canonical import key
from digest.keywords.thesaurus import Thesaurus
from digest.model import Ruling, Verb
from digest.testing.builders import make_candidate

MOE = make_candidate(canonical="MoE", surface="MoE", aliases=(), probability=0.2)
EXPERTS = make_candidate(
    canonical="Mixture of Experts", surface="mixture-of-experts", aliases=("MoE",), probability=0.4
)
GATE = make_candidate(canonical="Gating Network", surface="gating network", aliases=(), probability=0.1)
TERMS = ("Graph", "Tree", "Forest", "Deep Forest", "Wood")


def rulings(*said: tuple[Verb, str, str] | tuple[Verb, str]) -> list[Ruling]:
    number = count(1)
    return [Ruling(id=next(number), verb=verb, term=term, other="".join(other)) for verb, term, *other in said]


def names(thesaurus: Thesaurus, *candidates) -> list[str]:
    return [candidate.canonical for candidate in thesaurus.resolve(candidates)]


def test_without_rulings_nothing_changes():
    assert Thesaurus().resolve([EXPERTS, GATE]) == (EXPERTS, GATE)


def test_a_merged_term_is_one_with_the_other_and_keeps_its_forms():
    (one,) = Thesaurus(rulings((Verb.MERGE, "MoE", "Mixture of Experts"))).resolve([MOE, EXPERTS])
    assert (one.canonical, one.surface, one.probability) == ("Mixture of Experts", "mixture-of-experts", 0.4)
    assert one.aliases == ("MoE",)


def test_rulings_lead_from_one_to_the_next():
    said = rulings((Verb.MERGE, "Graph", "Tree"), (Verb.RENAME, "Tree", "Woodland"))
    assert Thesaurus(said).name("Graph") == "Woodland"


def test_a_name_is_known_however_it_is_written():
    assert Thesaurus(rulings((Verb.MERGE, "Gating Network", "Router"))).name("Gating Networks") == "Router"


@given(st.lists(st.tuples(st.sampled_from(TERMS), st.sampled_from(TERMS)), max_size=8), st.sampled_from(TERMS))
def test_rulings_in_a_ring_lead_to_an_end(pairs, term):
    thesaurus = Thesaurus(rulings(*((Verb.MERGE, one, other) for one, other in pairs)))
    assert thesaurus.name(term) in TERMS


def test_an_acronym_that_papers_agree_on_is_written_out():
    thesaurus = Thesaurus(acronyms={"MoE": "Mixture of Experts"})
    assert names(thesaurus, MOE, GATE) == ["Mixture of Experts", "Gating Network"]
    router = make_candidate(canonical="MoE Router", surface="MoE router", aliases=())
    assert key(names(thesaurus, router)[0]) == key("Mixture of Experts Router")


def test_an_acronym_may_have_a_hyphen():
    thesaurus = Thesaurus(acronyms={"B-Rep": "Boundary Representation"})
    assert thesaurus.name("B-Rep") == "Boundary Representation"
    assert thesaurus.steps("B-Rep") == ["B-Rep"]


def test_a_form_that_was_split_off_is_a_term_in_the_papers_that_mainly_write_it_so():
    thesaurus = Thesaurus(rulings((Verb.SPLIT, "moe")))
    (written_so,) = thesaurus.resolve(
        [make_candidate(canonical="Mixture of Experts", surface="MoE", aliases=("experts",))]
    )
    assert (written_so.canonical, written_so.aliases) == ("moe", ())
    (other,) = thesaurus.resolve([EXPERTS])
    assert (other.canonical, other.aliases) == ("Mixture of Experts", ())


def test_the_words_of_a_name_are_counted_anew():
    (found,) = Thesaurus(rulings((Verb.RENAME, "MoE", "Mixture of Experts"))).resolve([MOE])
    assert found.words == len(key("Mixture of Experts").split())


@pytest.mark.parametrize(
    ("said", "shipped", "banned"),
    [
        ((), (), False),
        ((), ("graph",), True),
        (((Verb.BAN, "Graph"),), (), True),
        (((Verb.ALLOW, "Graph"),), ("graph",), False),
        (((Verb.BAN, "Graph"), (Verb.ALLOW, "Graph")), ("graph",), False),
    ],
)
def test_the_last_word_on_a_term_counts(said, shipped, banned):
    assert Thesaurus(rulings(*said)).is_banned("Graphs", shipped) is banned


def test_a_version_changes_for_the_papers_that_a_ruling_concerns_and_for_no_other():
    before, after = Thesaurus(), Thesaurus(rulings((Verb.MERGE, "MoE", "Mixture of Experts")))
    assert before.version([MOE]) == ""
    assert after.version([MOE]) not in ("", after.version([GATE]))
    assert before.version([GATE]) == after.version([GATE]) == ""
    assert Thesaurus(rulings((Verb.BAN, "Gating Network"))).version([GATE]) != ""
    assert Thesaurus(acronyms={"MoE": "Mixture of Experts"}).version([MOE]) != ""


def test_versions_do_not_depend_on_when_something_was_said():
    one, other = (Verb.BAN, "Graph"), (Verb.MERGE, "MoE", "Mixture of Experts")
    assert Thesaurus(rulings(one, other)).version([MOE]) == Thesaurus(rulings(other)).version([MOE])


def test_an_acronym_on_which_papers_do_not_agree_is_unclear_until_the_reader_says_something():
    unclear = {"AR": ""}
    assert Thesaurus(acronyms=unclear).is_unclear("AR")
    assert not Thesaurus(acronyms=unclear).is_unclear("Augmented Reality")
    assert Thesaurus(acronyms=unclear).name("AR") == "AR"
    assert not Thesaurus(rulings((Verb.ALLOW, "AR")), unclear).is_unclear("AR")
    assert not Thesaurus(rulings((Verb.SPLIT, "AR")), unclear).is_unclear("AR")
    bare = make_candidate(canonical="AR", surface="AR", aliases=())
    assert Thesaurus(acronyms=unclear).version([bare]) != ""
    assert Thesaurus(acronyms=unclear).version([GATE]) == ""
