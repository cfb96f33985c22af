"""What is read in a paper besides the phrases of its running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.document import read
from digest.keywords.listed import alternatives, keyword_list
from digest.keywords.phrases import Linked, is_general, noun_phrases, role
from digest.keywords.text import BREAK, plain, tokens

RUNNING = "Tides are hard to forecast. We couple gauges by a graph neural network."


def terms(abstract: str, keywords: tuple[str, ...] = ()) -> set[str]:
    return set(read("", abstract, Linked(), keywords).terms)


@pytest.mark.parametrize(
    "listed",
    [
        "Keywords: tide gauges, sea-level forecasting, GNN",
        "Key words: tide gauges; sea-level forecasting; GNN.",
        "KEYWORDS - Tide Gauges, Sea-Level Forecasting, GNN",
        "Index Terms—tide gauges, sea-level forecasting, GNN.",
        "Index Terms-tide gauges, sea-level forecasting, GNN.",
        "Index Terms: Tide gauges · Sea-level forecasting · GNN",
        "Keywords and phrases. Tide gauge . sea level forecasting . GNN",
        "\\textbf{Keywords:} tide gauges, \\emph{sea-level} forecasting, GNN",
        "\nKeywords: tide\n gauges,\nsea-level forecasting, and GNN",
    ],
)
def test_a_keyword_list_is_read_as_a_list(listed: str) -> None:
    document = read("", f"{RUNNING} {listed}", Linked())
    assert document.own == {"Tide Gauge", "Sea-Level Forecasting", "Graph Neural Network"}
    assert document.own <= set(document.terms)
    assert terms(RUNNING) <= set(document.terms)


@pytest.mark.parametrize(
    "text",
    [
        f"{RUNNING} Prior work filters by keywords, such as tides and floods.",
        f"{RUNNING} Keyword-based search, indexing, and ranking are slow.",
        "We extract keywords: the most frequent words, of all texts, are kept.",
        f"{RUNNING} Keywords: tides",
        f"{RUNNING} Keywords: {'a tide that comes and goes, ' * 60}",
        "",
    ],
)
def test_running_text_that_speaks_of_keywords_is_no_list(text: str) -> None:
    assert keyword_list(text) == (text, ())
    assert read("", text, Linked()).own == frozenset()


def test_no_phrase_reaches_from_one_item_to_the_next() -> None:
    found = terms("Tides are slow. Keywords: deep learning, ocean models")
    assert {"Deep Learning", "Ocean Model"} <= found
    assert not any("Learning Ocean" in name for name in found)


def test_the_text_after_the_list_is_read() -> None:
    running, items = keyword_list("Tides. Keywords: gauges, oceans. The code of the tide model is public.")
    assert items == ("gauges", "oceans")
    assert running == "Tides. The code of the tide model is public."


def test_a_slash_parts_two_names_but_no_phrase() -> None:
    assert list(alternatives("LLM/VLM")) == ["LLM", "VLM"]
    assert list(alternatives("human/AI teaming")) == ["human/AI teaming"]
    assert list(alternatives(" . ")) == []


def test_keywords_of_the_full_text_go_the_same_way() -> None:
    """TeX, accents, an acronym that the list itself defines; what could name no page is left out."""
    document = read(
        "", RUNNING, Linked(), ["Poincar\\'e maps", "physics-informed operators (PIO)", "LLM/VLM", "$x^2$", "?"]
    )
    assert document.own == {
        "Poincaré Map",
        "Physics-Informed Operator",
        "Large Language Model",
        "Vision-Language Model",
    }
    for name in document.own:
        for phrase in document.terms[name].phrases:
            assert " ".join(document.words[phrase.start : phrase.end]).replace(BREAK, "")


@given(st.text(alphabet="Keywords:ndxTm ,;.—-/·()\n", max_size=200), st.lists(st.text(max_size=40), max_size=4))
def test_any_list_gives_terms_of_the_document(text: str, keywords: list[str]) -> None:
    document = read("", text, Linked(), keywords)
    assert document.own <= set(document.terms)
    running, items = keyword_list(plain(text))
    assert not items or all(items)
    assert len(running) <= len(plain(text))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("CH$_3$OH", ["CH3OH"]),
        ("H$_{2}$O in $^{13}$CO", ["H2O", "in", "13CO"]),
        (r"$\Lambda$CDM", ["ΛCDM"]),
        ("$Λ$CDM, Ly$α$", ["ΛCDM", BREAK, "Ly-alpha"]),
        (r"Ly$\alpha$ and H$\alpha$", ["Ly-alpha", "and", "H-alpha"]),
        (r"a $\beta$-VAE", ["a", "beta-VAE"]),
        (r"$\gamma$-ray bursts", ["gamma-ray", "bursts"]),
        ("the Froggatt--Nielsen model", ["the", "Froggatt-Nielsen", "model"]),
        ("a – b, 1--2", ["a", BREAK, "b", BREAK, "1", BREAK, "2"]),
        ("'Zero Resource'Languages", ["Zero", "Resource", BREAK, "Languages"]),
        (r"$\alpha$ is small", ["is", "small"]),
        (r"Fr\'echet, Schr\"{o}dinger", ["Fréchet", BREAK, "Schrödinger"]),
    ],
)
def test_tex_inside_a_word_is_a_part_of_it(written: str, words: list[str]) -> None:
    assert [token for token in tokens(plain(written)) if token or BREAK in words] == words


@pytest.mark.parametrize("word", ["frequency-aware", "Frequency-Aware", "Training-Free", "GAN-Based", "Star-Forming"])
def test_an_adjective_in_a_title_is_no_name(word: str) -> None:
    assert role(word) == "J"


@pytest.mark.parametrize("word", ["U-Net", "GPT-4", "X-Ray", "k-means", "CIFAR-10"])
def test_a_name_with_a_hyphen_is_a_noun(word: str) -> None:
    assert role(word) == "N"


def test_a_verb_before_its_object_begins_no_phrase() -> None:
    found = {phrase.surface for phrase in noun_phrases(tokens("Detecting hallucinations, by pruning tokens"))}
    assert found == {"hallucinations", "tokens"}


@pytest.mark.parametrize("words", ["flexible framework", "model size", "training strategy", "user study"])
def test_words_of_any_paper_name_no_topic(words: str) -> None:
    assert is_general(words.split())


@pytest.mark.parametrize(
    "words",
    ["model", "structured data", "dynamic programming", "data structure", "large language model", "world model"],
)
def test_a_topic_of_common_words_is_one(words: str) -> None:
    assert not is_general(words.split())
