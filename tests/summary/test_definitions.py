"""Which sentence says what a term is."""

from __future__ import annotations

import pytest

from digest.summary.definitions import definition

SAYS = {
    "A tool, and a sentence after it": (
        "Model distillation",
        "We study speed. Model distillation (MD) is a way to teach a small model what a large one knows. It works.",
        "Model distillation (MD) is a way to teach a small model what a large one knows.",
    ),
    "the plural, and TeX": (
        "Lantern Graph",
        r"Lantern graphs are a class of \emph{sparse} graphs in which each vertex sees a light.",
        "Lantern graphs are a class of sparse graphs in which each vertex sees a light.",
    ),
    "praise with what it does": (
        "Entity Tagging",
        "Entity tagging is an important task that marks the names of people and places in a text.",
        "Entity tagging is an important task that marks the names of people and places in a text.",
    ),
    "another form": (
        "Optical Character Recognition",
        "OCR refers to the reading of printed letters by machines that have never seen the font.",
        "OCR refers to the reading of printed letters by machines that have never seen the font.",
    ),
}
SAYS_NOTHING = (
    "Sparse attention is a key challenge in natural language processing and in vision.",
    "Sparse attention is the most widely used method for long texts, of those that we have seen.",
    "Sparse attention is a popular way to read long texts, but its memory grows without any bound.",
    "Sparse attention is a new method that we propose here to read long texts in little time.",
    "Sparse attention is not a method that reads long texts in the order in which they are written.",
    "Sparse attention is used in many models that read long texts, and in some that write them.",
    "Sparse attention is 3 times faster than a dense one on all of the texts that were measured.",
    "In models of today, sparse attention has become a way to read long texts in little memory.",
    "Block sparse attention is a way to read long texts that looks at blocks of words at once.",
    "Sparse attention is a way.",
    "Sparse attention is a way " + "that reads and reads and reads " * 12 + "on.",
)


@pytest.mark.parametrize("case", SAYS)
def test_a_sentence_that_defines_is_found(case: str) -> None:
    name, abstract, sentence = SAYS[case]
    assert definition([name, "OCR"], abstract) == sentence


@pytest.mark.parametrize("abstract", SAYS_NOTHING)
def test_a_sentence_that_praises_scores_or_turns_defines_nothing(abstract: str) -> None:
    assert definition(["Sparse Attention"], abstract) == ""


def test_signs_in_a_term_are_signs() -> None:
    text = "C++ is a language that compiles to machine code and manages no memory of its own."
    assert definition(["C++"], text) == text
    assert definition(["C.+"], text) == ""
    assert definition([""], text) == definition([], text) == ""
