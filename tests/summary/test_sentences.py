"""Splitting an abstract into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summary.sentences import split


def case(name: str, *sentences: str) -> object:
    return pytest.param(sentences, id=name)


@pytest.mark.parametrize(
    "sentences",
    [
        case("plain", "Rivers move sand.", "We ask how fast.", "Is it steady?", "No!"),
        case("for example", "We test small models, e.g. Lark and i.e., the finch family.", "They do well."),
        case("others", "Harker et al. (2019) gave a bound.", "We improve it."),
        case("others, then a beginning", "This was first shown by Harker et al.", "We extend it to trees."),
        case(
            "mathematics with stops",
            "Let $x.y$ be the dot product.",
            "$K$-means is a special case.",
        ),
        case("display mathematics", "We minimise $$f(x) = 1. \\quad Or 2.$$ over the ball.", "Then we stop."),
        case("bracketed TeX mathematics", r"We bound \(a. B\) from below.", "This suffices."),
        case("money is no mathematics", "It costs $5.", "We pay $10 more."),
        case("figures", "See Fig. 2 and Eq. 3.", "The proof is in Sec. 4 and Refs. 5-7.", "Done."),
        case("decimals", "The error drops from 3.5 to 2.25.", "It then stays."),
        case(
            "links", "Code is at https://example.org/a.b/c.html.", "A demo is at www.example.org/x?y=1.Z.", "Enjoy it."
        ),
        case("initials", "We follow J. R. Harker here.", "It works."),
        case("a letter that is no initial", "It holds for every graph in category C.", "We prove the converse."),
        case("versus", "We compare trees vs. Hedges in the wild.", "Hedges win."),
        case("ellipsis within", "We run layers 1, 2, ..., N in turn.", "This is fast."),
        case("ellipsis at the end", "And so it goes on...", "We stop it."),
        case("countries", "We use the U.S. Census of 1990.", "It was taken in the U.S.", "We clean it."),
        case(
            "and so on",
            "We handle cats, dogs, etc. in one model.",
            "It scales to birds, bees, etc.",
            "The end is near.",
        ),
        case("quotation", 'He called it "a wonder."', "We do not."),
        case(
            "brackets", "The rest is easy (see the proof. It is short).", "We omit it.", "(This is known.)", "We go on."
        ),
        case("a name in lower case", "This doubles the throughput.", "vLLM does the same."),
        case("a hyphenated name in lower case", "This halves the cost.", "k-means is a baseline."),
        case("numbered list", "We give: 1. Bounds for trees, 2. Bounds for cycles.", "Both are tight."),
        case("numbered sentences", "1. The trees are bounded.", "2. We bound cycles."),
        case("a number that ends", "The score is 95.", "We are pleased."),
        case("number sign", "This is protein no. 5 of the set.", "Is there another?"),
        case("title", "Dr. Marlow and Prof. Harker disagree.", "We side with neither."),
        case("degrees", "It is 30 deg. from the pole.", "The axis tilts."),
        case("site with an exclamation mark", "We crawl Yahoo! Answers for a week.", "It is large."),
        case("curly quotes", "It is called “the gap.”", "We close it."),
    ],
)
def test_sentences_are_found(sentences: tuple[str, ...]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_forgotten_space_ends_a_sentence_only_before_a_common_beginning() -> None:
    assert split("It beats the old model.We show why.") == ("It beats the old model.", "We show why.")
    assert split("We use torch.Tensor and Node.Js here.") == ("We use torch.Tensor and Node.Js here.",)


def test_paragraphs_and_bullets_end_sentences_and_wrapped_lines_do_not() -> None:
    text = "Two aims:\n- to measure\n- to model\n\nWe do\nboth. And\nmore."

    assert split(text) == ("Two aims:", "- to measure", "- to model", "We do\nboth.", "And\nmore.")


@pytest.mark.parametrize("text", ["", " ", "\n\n \t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split(text) == ()


PIECES = st.sampled_from(
    [
        "We ",
        "e.g. ",
        "$x.",
        "$",
        "(",
        ")",
        ". ",
        "! ",
        "...",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "et al. ",
        "A",
        "b",
        "https://a.b",
        "\\(",
        "\\)",
        "“",
        "”",
    ]
)
HOSTILE = st.one_of(st.text(), st.lists(PIECES).map("".join))


@given(HOSTILE)
def test_joined_sentences_are_the_text_up_to_white_space(text: str) -> None:
    sentences = split(text)

    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() != "" for sentence in sentences)
