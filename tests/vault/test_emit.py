"""What we write as properties reads back as the same properties, by every YAML reader a vault meets."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from digest.vault.properties import emit

NASTY = [
    *(
        "null",
        "~",
        "yes",
        "NO",
        "on",
        "y",
        "true",
        "1984",
        "2509.18690",
        "0x1f",
        "1e3",
        ".inf",
        "12:30:45",
        "2026-02-03",
    ),
    *(
        "@x",
        "`x`",
        "- x",
        "-",
        "? x",
        ": x",
        "a: b",
        "a:",
        "#1 thing",
        "a #b",
        "[x",
        "{x}",
        "%x",
        "&a",
        "*a",
        "!x",
        "|",
        ">",
    ),
    *("---", "...", "<<", "=", ",", "C:\\alpha", '"', "'", "''", "it's", 'say "so"', "", " x", "x ", "  ", "a  b"),
    *(
        "\t",
        "a\tb",
        "a\nb",
        "\n",
        "\r\n",
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x80",
        "\x85",
        "a\x85b",
        "\xa0",
        "\u2028",
        "\u2029",
    ),
    *(
        "\ufeff",
        "x\ufeff",
        "\ufffe",
        "\uffff",
        "\u202eabc",
        "\u200f\u0639",
        "é",
        "e\u0301",
        "한국어",
        "👩‍🔬",
        "𝔸",
        "\U0010ffff",
    ),
    *(
        "[[keywords/X|X]]",
        "[[1,2],[3,4]]",
        "https://arxiv.org/abs/2509.18690",
        "arXiv:2509.18690",
        "$\\alpha$-GAN",
        "{{ 7*7 }}",
    ),
]

text = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=40), st.text(alphabet="ab:#-'\"\\ \t\n[]{},&*!|>%@`?", max_size=12)
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1000, 1, 1)),
    text,
)
values = st.one_of(scalars, st.lists(scalars, max_size=4))
keys = st.one_of(st.sampled_from(["title", "rating", "yes", "1984", "a b", "null"]), text.filter(bool))


def pyyaml(source: str) -> object:
    return yaml.safe_load(source)


def libyaml(source: str) -> object:
    return yaml.load(source, Loader=yaml.CSafeLoader)


def ruamel(source: str) -> object:
    return YAML(typ="safe", pure=True).load(io.StringIO(source))


@pytest.mark.parametrize("read", [pyyaml, libyaml, ruamel])
@given(properties=st.dictionaries(keys, values, min_size=1, max_size=5))
@example(properties={"x": 1e-05})
@example(properties={"x": 1e22})
@example(properties={"x": [None, "", []][:2]})
def test_reads_back_equal(read, properties):
    """Values, their types and their order come back, in YAML 1.1 and 1.2."""
    found = read(emit(properties))

    assert list(found) == list(properties)
    assert {key: (type(value), value) for key, value in found.items()} == {
        key: (type(value), value) for key, value in properties.items()
    }


@pytest.mark.parametrize("read", [pyyaml, libyaml, ruamel])
@pytest.mark.parametrize("value", NASTY)
def test_nasty_text(read, value):
    """Each known trap, alone, as a value and as an item."""
    assert read(emit({"t": value, "l": [value, value], "u": 1})) == {"t": value, "l": [value, value], "u": 1}


@given(value=text)
def test_one_line_a_value(value):
    """No text can begin another line, so none can add a property or end the front matter."""
    assert emit({"t": value}).count("\n") == 1
    assert emit({"t": value}).splitlines() == [emit({"t": value})[:-1]]


def test_looks_like_obsidians():
    """Plain where that is safe; ids and links quoted; nothing after an empty property; lists indented by two."""
    properties = {
        "title": "Node.js, and (what) it's for",
        "aliases": ["arXiv:2509.18690"],
        "arxiv_id": "2509.18690",
        "category": "[[categories/cs.AI|cs.AI]]",
        "announced": date(2025, 9, 24),
        "url": "https://arxiv.org/abs/2509.18690",
        "relevance": 0.85,
        "queue": False,
        "rating": None,
        "related": [],
    }

    assert emit(properties) == (
        "title: Node.js, and (what) it's for\n"
        "aliases:\n  - arXiv:2509.18690\n"
        'arxiv_id: "2509.18690"\n'
        'category: "[[categories/cs.AI|cs.AI]]"\n'
        "announced: 2025-09-24\n"
        "url: https://arxiv.org/abs/2509.18690\n"
        "relevance: 0.85\n"
        "queue: false\n"
        "rating:\n"
        "related: []\n"
    )


@pytest.mark.parametrize("value", [{"a": 1}, [["a"]], datetime(2026, 2, 3, 12), float("nan"), float("inf"), b"x"])
def test_what_obsidian_cannot_hold(value):
    """A value without a property type is a bug of the caller's, not something to write anyhow."""
    with pytest.raises(TypeError, match="no property"):
        emit({"x": value})
