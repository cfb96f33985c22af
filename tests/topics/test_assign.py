"""Which topics a paper gets, and which of them are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.extract import Extractor
from digest.model import PaperId, Topic
from digest.testing.builders import make_candidate, make_paper
from digest.topics.assign import FLOOR, KEPT, ShippedTopics, shown
from digest.topics.concepts import FEATURES, features, upwards
from digest.topics.fields import Fields, words
from digest.topics.taxonomy import ROOT_CONCEPT, Taxonomy

TREE = Taxonomy(
    {name: name for name in (ROOT_CONCEPT, "Language", "Translation", "Parsing")},
    {"Language": ROOT_CONCEPT, "Translation": "Language", "Parsing": "Language"},
)


@pytest.fixture(scope="module")
def topics() -> ShippedTopics:
    return ShippedTopics.load()


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def topic(name: str, *path: str, confidence: float = 0.8, category: str = "") -> Topic:
    return Topic(name=name, path=path, confidence=confidence, category=category)


def names(found: tuple[Topic, ...]) -> list[str]:
    return [one.name for one in found]


# --- concepts ---


def test_what_is_broader_than_a_concept_is_a_topic_too_but_for_the_root():
    assert upwards(TREE, ["Translation", "Tea"]) == {"Translation", "Language"}


def test_a_broader_concept_counts_what_is_narrower():
    """Two terms of one in two each make three in four."""
    candidates = [
        make_candidate(canonical="Translation", probability=0.5, in_title=1),
        make_candidate(canonical="Parsing", probability=0.5),
        make_candidate(canonical="Tea", probability=0.9),
    ]
    found = {name: dict(zip(FEATURES, values, strict=True)) for name, values in features(TREE, candidates).items()}
    assert found.keys() == {"Translation", "Parsing", "Language"}
    assert found["Language"]["log_odds"] == pytest.approx(1.0986, abs=1e-3)  # ln 3
    assert (found["Language"]["named"], found["Language"]["in_title"]) == (0.0, 1.0)
    assert (found["Parsing"]["named"], found["Parsing"]["in_title"]) == (1.0, 0.0)


def test_the_likelier_a_term_the_surer_its_concept(topics):
    """And the broader one is at least as sure, but for what it is to be named itself."""
    sure = [
        topics.concepts.find([make_candidate(canonical="Machine Translation", probability=p)])["Machine Translation"]
        for p in (0.02, 0.1, 0.5, 0.95)
    ]
    assert sure == sorted(sure)
    assert sure[0] < 0.1
    assert sure[-1] > 0.6


# --- arXiv's categories ---


def test_words_tell_the_field():
    fields = Fields.load()
    found = fields.find("Dust in spiral galaxies", "We observe the dust of spiral galaxies with a telescope at 3 mm.")
    assert max(found, key=found.get) == "astro-ph.GA"
    assert found["astro-ph.GA"] > 0.8
    assert found["cs.CL"] < 0.05


def test_a_paper_without_words_has_no_field():
    assert Fields.load().find("", "¿? 1 2") == {}
    assert words("The GPT-4's state-of-the-art x", "") == {"the", "gpt-4's", "state-of-the-art"}


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_is_taken(title, abstract):
    found = Fields.load().find(title, abstract)
    assert all(0 <= sure <= 1 for sure in found.values())


# --- both ---


def test_topics_of_a_paper(topics, extractor):
    title = "Neural machine translation for low-resource African languages"
    abstract = (
        "Machine translation needs parallel corpora, which most African languages lack. We train a transformer on "
        "back-translated text and show that transfer learning from related languages improves machine translation."
    )
    paper = make_paper(id=PaperId("2602.1"), title=title, abstract=abstract)
    found = topics.assign(paper.title, paper.abstract, extractor.candidates(title, abstract), None)
    assert len(found) <= KEPT
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    assert min(one.confidence for one in found) >= FLOOR
    by_name = {one.name: one for one in found}
    assert by_name["Machine Translation"].path == (ROOT_CONCEPT, "Natural Language Processing")
    assert by_name["Computation and Language"].category == "cs.CL"
    assert by_name["Computation and Language"].confidence > 0.6
    shown_ = shown(found, ["cs.CL"], threshold=0.3, limit=5)
    assert "Machine Translation" in names(shown_)
    assert "Computation and Language" not in names(shown_), "arXiv says so itself"


def test_what_arxiv_says_is_not_repeated():
    found = [
        topic("Robotics", "Computer Science", category="cs.RO"),
        topic("Systems and Control", "Electrical Engineering", category="eess.SY"),
        topic("Machine Learning", "Computer Science", confidence=0.7),
        topic("Motion Planning", "Computer Science", "Robotics", confidence=0.6),
    ]
    assert names(shown(found, ["cs.SY", "cs.LG", "68T40"], threshold=0.4, limit=5)) == ["Motion Planning"]
    assert names(shown(found, ["cs.RO"], threshold=0.4, limit=2)) == ["Systems and Control", "Machine Learning"]


def test_a_path_tells_what_is_broader():
    found = [
        topic("Robotics", "Computer Science", confidence=0.9),
        topic("Motion Planning", "Computer Science", "Robotics", confidence=0.6),
        topic("Optimization", "Mathematics", confidence=0.3),
    ]
    assert names(shown(found, [], threshold=0.4, limit=5)) == ["Motion Planning"]
    assert names(shown(found, [], threshold=0.7, limit=5)) == ["Robotics"]
    assert shown(found, [], threshold=0.95, limit=5) == ()


def test_one_name_of_two_trees_is_said_once():
    """ "Machine Learning" is a concept, and the name of cs.LG and stat.ML."""
    found = [
        topic("Machine Learning", "Computer Science", category="cs.LG"),
        topic("Machine Learning", "Computer Science", confidence=0.7),
        topic("Machine Learning", "Statistics", confidence=0.6, category="stat.ML"),
    ]
    assert shown(found, [], threshold=0.4, limit=5) == (found[0],)
