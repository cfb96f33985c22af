"""Escaped text is read back as itself by a Markdown reader, and holds nothing that any program takes for markup."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.model import Link
from digest.render import escape, tex

from .nasty import NASTY, nasty_text
from .oracle import RAW, READER, shown


def test_the_oracle_sees_markup_in_unescaped_text() -> None:
    """A reader that found no markup anywhere would prove nothing."""
    assert shown("a *b* [c](d) <i>").markup
    assert shown("1. x").markup
    assert shown("`x`").markup
    assert shown("~x~ ~~y~~").markup


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_shown_as_it_is(text: str) -> None:
    assert shown(escape.literal(text)) == (escape.parted(escape.clean(text)), [])


@settings(max_examples=1500)
@given(nasty_text)
def test_literal_shows_exactly_its_text(text: str) -> None:
    """
    Whatever arXiv sends, Markdown shows its very characters, and makes nothing of them.
    """
    escaped = escape.literal(text)
    assert shown(escaped) == (escape.parted(escape.clean(text)), [])
    assert not RAW.search(escaped)


@settings(max_examples=1500)
@given(nasty_text)
@example("$a$$b$")
@example("$x$5 and $5 and $10")
@example("$ \\alpha $")
@example("\\(a\\)\\[b\\]")
@example("$[[1,2],[3,4]]$ $a==b$ $50%$ $a<b$ $`$")
@example("$x\\ $ and $\\$$")
def test_inline_shows_prose_and_mathematics_and_nothing_else(text: str) -> None:
    """
    The prose without its TeX and the formulas, in order; a formula holds nothing that the raw text may not have.
    """
    escaped = escape.inline(text)
    found = shown(escaped)
    expected = "".join(
        f"${span.text}$" if span.is_math else escape.parted(tex.prose(span.text))
        for span in escape.printable(tex.spans(escape.clean(text)))
    )
    assert found.markup == []
    assert found.text.split() == expected.split()
    assert not RAW.search(escaped)


@given(nasty_text)
@settings(max_examples=500)
def test_after_a_list_marker_text_stays_in_its_item(text: str) -> None:
    tokens = [token.type for token in READER.parse(f"- {escape.inline(text)}")]
    assert tokens.count("list_item_open") == 1
    assert not {"heading_open", "blockquote_open", "fence", "code_block", "html_block", "hr", "table_open"} & {*tokens}


@given(nasty_text)
@settings(max_examples=500)
def test_in_a_callout_text_stays_in_its_line(text: str) -> None:
    source = f"> [!tip] [[a|b]]\n> {escape.callout(text)}\n\nAfter."
    tokens = [token.type for token in READER.parse(source)]
    assert tokens.count("blockquote_open") == 1
    assert tokens.count("paragraph_open") == 2
    assert not {"heading_open", "bullet_list_open", "ordered_list_open", "fence", "table_open"} & {*tokens}


@given(nasty_text)
@settings(max_examples=500)
def test_in_a_heading_text_stays_the_heading(text: str) -> None:
    tokens = READER.parse(f"# {escape.heading(text)}\n\nAfter.")
    assert [token.type for token in tokens if token.block and token.type != "inline"] == [
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close")
    ]


@given(st.lists(nasty_text, min_size=1, max_size=3))
@settings(max_examples=300)
def test_in_a_table_text_stays_in_its_cell(texts: list[str]) -> None:
    row = " | ".join(escape.table_cell(text) for text in texts)
    head = " | ".join("h" for _ in texts)
    rule = " | ".join("--" for _ in texts)
    tokens = [token.type for token in READER.parse(f"| {head} |\n| {rule} |\n| {row} |\n")]
    assert tokens.count("td_open") == len(texts)
    assert tokens.count("tr_open") == 2


@given(nasty_text)
@settings(max_examples=1000)
def test_link_text_holds_nothing_that_a_link_gives_a_meaning(text: str) -> None:
    found = str(escape.link_text(text))
    assert found
    assert not re.search(r"[\[\]|<>#^`~*$\\\n]|==|%%|(?<!\w)_|_(?!\w)", found)
    assert shown(f"A {found}") == (f"A {found}", [])
    assert shown(f"[{found}](https://example.invalid)").markup == ["link_open", "link_close"]


@given(nasty_text, nasty_text)
def test_a_wikilink_is_one_link_or_none(path: str, text: str) -> None:
    """A path that Obsidian cannot write a link to gives text; nothing gives half a link."""
    link = escape.wikilink(Link(path=path, text=text))
    assert re.fullmatch(r"\[\[[^\[\]|#^]+\|[^\[\]|]+\]\]", link) or "[[" not in link


def test_a_bar_in_a_table_is_escaped() -> None:
    assert escape.wikilink_cell(Link(path="keywords/A", text="A")) == "[[keywords/A\\|A]]"


@given(nasty_text, nasty_text)
def test_a_web_link_leads_to_the_web_or_nowhere(text: str, address: str) -> None:
    source = escape.web_link(text, address)
    links = [c.attrGet("href") for t in READER.parse(source) for c in t.children or [] if c.type == "link_open"]
    assert all(str(link).startswith(("http://", "https://")) for link in links)
    assert shown(source).markup in ([], ["link_open", "link_close"])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "obsidian://open", "http://", "//x.y", "data:text/html,x"])
def test_no_other_scheme_becomes_a_link(address: str) -> None:
    assert escape.web_link("text", address) == "text"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | nasty_text,
    lambda inner: st.lists(inner) | st.dictionaries(nasty_text, inner),
)


@given(JSON)
@settings(max_examples=150)
def test_json_in_a_comment_is_the_same_data_and_ends_nothing(data: object) -> None:
    text = escape.comment_json(data)
    assert json.loads(text) == data
    assert not re.search(r"[<>#%`\n]|\[\[|\]\]", text)
    assert READER.parse(f"<!-- X:\n{text}\n-->\n\nAfter.")[0].content.endswith("\n-->\n")


@given(nasty_text)
def test_svg_text_is_read_back(text: str) -> None:
    element = ET.fromstring(f"<text a='{escape.svg_text(text)}'>{escape.svg_text(text)}</text>")
    assert (element.text or "") == escape.clean(text) == element.get("a")


@given(nasty_text)
def test_property_text_holds_no_link_and_no_command(text: str) -> None:
    assert not re.search(r"\[\[|<%|[\x00-\x1f\x7f-\x9f\u202a-\u202e]", escape.property_text(text))


@pytest.mark.parametrize(
    ("category", "tag"), [("cs.AI", "arxiv/cs-AI"), ("hep-th", "arxiv/hep-th"), ("astro-ph.GA", "arxiv/astro-ph-GA")]
)
def test_a_tag_has_no_dot(category: str, tag: str) -> None:
    assert escape.tag(category) == tag


@pytest.mark.parametrize(
    "text",
    [
        "snake_case stays",
        "A 3x speed-up (p < 0.05), 50% of C# and x^2",
        "See https://example.org/a_b?c=1&d=2",
        "F1 = 0.9 + 0.1",
    ],
)
def test_text_without_markup_is_not_touched(text: str) -> None:
    """Obsidian searches the raw file: what needs no escape must be found as it was written."""
    assert escape.inline(text) == text


def test_paragraphs_stay_apart() -> None:
    assert escape.body("One.\nTwo.\n\n1. Three.") == "One.\n\nTwo.\n\n1\\. Three."


def test_tex_of_the_prose_becomes_characters() -> None:
    assert escape.inline(r"50\% of \emph{Gaia} costs \$5 \& $x_1$") == r"50% of Gaia costs \$5 & $x_1$"


@pytest.mark.parametrize(
    "piece", ["_", "~", "$", "\\(", "[", "\\emph{", "`", "{\\it ", "a~", "\\cite", " \\footnote", "$a "]
)
def test_no_text_takes_long(piece: str) -> None:
    """Twenty thousand of anything are escaped in less than a second or two, not in hours."""
    start = perf_counter()
    escape.inline(piece * 20_000)
    assert perf_counter() - start < 5
