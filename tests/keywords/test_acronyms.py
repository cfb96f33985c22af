from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.acronyms import definitions

SDU = Path(__file__).resolve().parents[2] / "../shared/data/acronyms/sdu_half.jsonl.gz"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("We tune large language models (LLMs) a lot.", {"LLM": "large language models"}, id="plural"),
        pytest.param(
            "RAG (retrieval-augmented generation) helps.", {"RAG": "retrieval-augmented generation"}, id="order"
        ),
        pytest.param("for radiology report generation (RRG)", {"RRG": "radiology report generation"}, id="initials"),
        pytest.param("a graph neural network, or (GNN)", {}, id="long form before a comma"),
        pytest.param("related disorders and dementia (AD)", {}, id="a function word begins nothing"),
        pytest.param("we use Adam (see Section 3)", {}, id="no acronym"),
        pytest.param("the value (V) is zero", {}, id="one letter"),
        pytest.param("generative adversarial nets (GAN) and (GAN)", {"GAN": "generative adversarial nets"}, id="once"),
        pytest.param(
            "direct preference optimization (DPO; see below)", {"DPO": "direct preference optimization"}, id=";"
        ),
        pytest.param("type Ia supernovae (SNe Ia)", {}, id="two words in the parentheses"),
        pytest.param("with LoRa (long range) radios", {"LoRa": "long range"}, id="a form is kept as written"),
        pytest.param("", {}, id="empty"),
        pytest.param("(" * 5000, {}, id="parentheses without end"),
    ],
)
def test_definitions(text: str, expected: dict[str, str]) -> None:
    assert dict(definitions(text)) == expected


def test_the_first_definition_wins() -> None:
    text = "semi-supervised learning (SSL), unlike self-supervised learning (SSL)"
    assert definitions(text)["SSL"] == "semi-supervised learning"


@given(st.text(alphabet="abcABC ()-.,s$\\", max_size=200))
def test_every_definition_is_of_the_text(text: str) -> None:
    """Both sides are written in the text, and the long form begins as the acronym does."""
    for short, long in definitions(text).items():
        assert short in text
        assert long in text
        assert long[0].lower() == short[0].lower()


@pytest.mark.skipif(not SDU.exists(), reason="the public acronym collection lies beside the checkout only at home")
def test_long_forms_of_real_sentences() -> None:
    """Precision at least .95 and recall at least .84 on half of SDU-AAAI-21's development set."""
    right = wrong = missed = 0
    with gzip.open(SDU, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            gold = set(_long_forms(row))
            got = {_letters(long) for long in definitions(_detokenised(row["tokens"])).values()}
            right, wrong, missed = right + len(gold & got), wrong + len(got - gold), missed + len(gold - got)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.84


def _long_forms(row: dict[str, list[str]]) -> list[str]:
    spans: list[list[str]] = []
    inside = False
    for token, label in zip(row["tokens"], row["labels"], strict=True):
        if label == "B-long":
            spans.append([token])
        elif label == "I-long" and inside:
            spans[-1].append(token)
        inside = label.endswith("-long")
    return [_letters("".join(span)) for span in spans]


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _detokenised(tokens: list[str]) -> str:
    text = " ".join(tokens)
    for spaced, tight in (("( ", "("), (" )", ")"), (" - ", "-"), (" ,", ","), (" .", ".")):
        text = text.replace(spaced, tight)
    return text
