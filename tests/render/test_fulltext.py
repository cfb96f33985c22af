"""The text note's Markdown, as a reader that nobody here wrote takes it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.check.links import links_in
from digest.document import (
    Block,
    Cell,
    Code,
    Document,
    Figure,
    Formula,
    Heading,
    Item,
    Line,
    List,
    Paragraph,
    Quote,
    Span,
    Style,
    Table,
)
from digest.render import escape, fulltext

from .nasty import NASTY, nasty_text
from .oracle import RAW, READER


def shown(*blocks: Block, **beside: object) -> str:
    return fulltext.body(Document(blocks=blocks, **beside))  # type: ignore[arg-type]


def line(*spans: Span | str) -> Line:
    return tuple(Span(one) if isinstance(one, str) else one for one in spans)


def said(*spans: Span | str) -> Paragraph:
    return Paragraph(line=line(*spans))


def formula(text: str) -> Span:
    return Span(text, Style.MATHEMATICS)


def row(*cells: str | None) -> tuple[Cell, ...]:
    """None is a cell that another spans."""
    return tuple(Cell(line("spanned"), False, True) if one is None else Cell(line(one)) for one in cells)


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        pytest.param(Heading(depth=1, number="2", line=line("Method")), "## 2 Method", id="a section"),
        pytest.param(Heading(depth=9, line=line("Deep")), "###### Deep", id="no heading is deeper than six"),
        pytest.param(said("1. not a list"), "1\\. not a list", id="text at the start of a line"),
        pytest.param(Formula(tex="a=b", number="3"), "$$a=b \\tag{3}$$", id="a numbered equation"),
        pytest.param(Formula(tex="", number="3"), "(3)", id="an equation that is lost"),
        pytest.param(Formula(tex="\\href{javascript:x}{y}"), "\\href{javascript\\:x}{y}", id="TeX that acts"),
        pytest.param(said("of ", formula("x^2"), "3 to"), "of $x^2{3}$ to", id="a digit after a formula"),
        pytest.param(
            said("a", Span("bold", Style.STRONG), " and ", Span("it ", Style.EMPHASIS), "c"), "a**bold** and *it* c", id="emphasis"
        ),
        pytest.param(said("a", Span("(b)", Style.STRONG), "c"), "a(b)c", id="emphasis that Markdown cannot show"),
        pytest.param(said("run ", Span("f(x_1)", Style.CODE)), "run `f(x_1)`", id="code in a line"),
        pytest.param(said("run ", Span("= this.file", Style.CODE)), "run = this.file", id="no inline query"),
        pytest.param(said("run ", Span("`a`", Style.CODE)), "run \\`a\\`", id="no backticks in code"),
        pytest.param(
            said("wow!", Span("here", Style.LINK, "https://e.org/a b|c")), "wow\\![here](https://e.org/a%20b%7Cc)", id="no embed"
        ),
        pytest.param(said("see ", Span("x", Style.LINK, "javascript:y")), "see x", id="a link to nothing good"),
        pytest.param(
            said("as [", Span("3", Style.CITATION, "bib.bib3"), "]"), "as [3\\]", id="a citation"
        ),
        pytest.param(said("x", Span("", Style.FOOTNOTE, "1"), "(y)"), "x[^1]\\(y)", id="no link out of a footnote"),
        pytest.param(Quote(blocks=(said("a"), said("b"))), "> a\n>\n> b", id="a quote"),
        pytest.param(List(ordered=False, items=((said("a"),), (said("b"),))), "- a\n- b", id="bullets"),
        pytest.param(
            List(ordered=True, marks=("3.", "4."), items=((said("a"), said("b")), (said("c"),))), "3. a\n\n   b\n\n4. c", id="numbers"
        ),
        pytest.param(
            List(ordered=True, marks=("(a)", "(b)"), items=((said("x"),), (said("y"),))), "- (a) x\n- (b) y", id="letters"
        ),
        pytest.param(
            Code(label="Listing 1", caption=line("Sum"), text="x = [[1]]\n\n```\n%% digest:end x %%"),
            "**Listing 1:** Sum\n\n````text\nx = [ [1] ]\n\n```\n% % digest:end x % %\n````",
            id="code",
        ),
        pytest.param(
            Table(rows=(row("Model", "Score", None), row(None, "a|b", ""), row("x", "1", "2")), headers=2, label="Table 1"),
            "**Table 1**\n\n| Model | Score |  |\n| --- | --- | --- |\n|  | a\\|b |  |\n| x | 1 | 2 |",
            id="a table that spans",
        ),
        pytest.param(
            Table(rows=((Cell(line(formula("|x|\\|y\\|\\\\|"))),),)),
            "| $\\vert x\\vert \\Vert y\\Vert \\\\\\vert $ |\n| --- |",
            id="no bar of a formula ends a cell",
        ),
        pytest.param(
            Figure(label="Figure 2", caption=line("Two."), images=("https://arxiv.org/html/1/x.png",) * 2),
            "**Figure 2:** Two.\n\n[Picture 1](https://arxiv.org/html/1/x.png) · [Picture 2](https://arxiv.org/html/1/x.png)",
            id="pictures are linked",
        ),
    ],
)  # fmt: skip
def test_blocks(block: Block, markdown: str) -> None:
    assert fulltext.body(Document(blocks=(block,)), image="Picture") == markdown


def test_references_stand_where_the_paper_has_them() -> None:
    """
    Under the heading of their section; without one at the end, under a heading of ours.
    """
    items = (
        Item(anchor="bib.bib1", label="[1]", parts=("A. Author.", "A $x$ title."), links=("https://doi.org/10.1/x",)),
        Item(anchor="b.b1", label="B (2)", parts=("See https://e.org.",), links=("https://e.org",)),
    )
    heading = Heading(anchor="bib", depth=1, line=line("References"))
    document = Document(blocks=(heading, Heading(depth=1, line=line("Appendix"))), bibliography=items)
    assert fulltext.body(document, references="Literatur") == (
        "## References\n\n- **\\[1\\]** A. Author. A $x$ title. [doi.org](https://doi.org/10.1/x)\n\n## Appendix\n\n"
        "## Literatur\n\n- **B (2)** See https://e.org."
    )


def test_footnotes_come_last_and_are_bound_to_their_marks() -> None:
    text = shown(said("a", Span("", Style.FOOTNOTE, "1")), footnotes=(line("The note."), ()))
    assert text == "a[^1]\n\n[^1]: The note.\n\n[^2]: …"
    assert [token.type for token in READER.parse(text)].count("footnote_open") == 1


def test_a_document_without_blocks_shows_nothing() -> None:
    assert fulltext.body(Document(blocks=())) == ""


# --- hostile text ----------------------------------------------------------------------------------------------------

STYLES = tuple(Style)


def everywhere(text: str) -> Document:
    """A document in which *text* stands wherever foreign text can."""
    spans = tuple(Span(text, style, "1" if style is Style.FOOTNOTE else text) for style in STYLES)
    mixed = (Span("a "), *(one for span in spans for one in (span, Span(" b "))))
    close = tuple(one for span in spans for one in (span, Span(text)))
    inner = (Paragraph(line=line(text)), Paragraph(line=close))
    grid = ((Cell(line(text)), Cell(close)), (Cell(mixed), Cell(line(text), False, True)))
    return Document(
        blocks=(
            Heading(depth=1, number=text, line=mixed),
            Heading(anchor="bib", depth=2, line=line(text)),
            Paragraph(line=mixed),
            Paragraph(line=close),
            Formula(tex=text, number=text),
            List(ordered=False, items=(inner, (Quote(blocks=inner),))),
            List(ordered=True, marks=(text, "2."), items=(inner, inner)),
            Quote(blocks=inner),
            Code(text=text + "\n" + text, label=text, caption=line(text)),
            Table(rows=grid, headers=1, label=text, caption=mixed),
            Figure(label=text, caption=close, images=(text, "https://arxiv.org/x.png"), blocks=inner),
        ),
        footnotes=(line(text), close),
        bibliography=(Item(anchor="bib.1", label=text, parts=(text, text), links=(text,)),),
    )


INLINE = {"text", "text_special", "math_inline", "em_open", "em_close", "strong_open", "strong_close", "code_inline"}
INLINE |= {"link_open", "link_close", "footnote_ref"}


def blocks_of(markdown: str) -> list[str]:
    """The kinds of block, paragraphs left out, for a text of nothing is none."""
    return [
        token.type + token.tag for token in READER.parse(markdown) if not token.type.startswith(("inline", "paragraph"))
    ]


def outside_code(markdown: str) -> str:
    """The text without code blocks, in which nothing is markup for any program, and our links to the web."""
    without = re.sub(r"^[ >]*(`{3,})text\n[\s\S]*?\n[ >]*\1$", "", markdown, flags=re.MULTILINE)
    return re.sub(r"\[[^\[\]\n]*\]\(https?://[^()\s]*\)", "", without)


def judge(text: str) -> None:
    markdown = fulltext.body(everywhere(text))
    tokens = READER.parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= INLINE
    assert not {token.type for token in tokens} & {"html_block", "code_block", "hr", "math_block_label"}
    fences = [token for token in tokens if token.type == "fence"]
    assert all(token.info == "text" for token in fences)
    assert len(fences) == bool(text.strip())
    hrefs = [str(child.attrGet("href")) for child in inline if child.type == "link_open"]
    assert all(href.startswith(("https://", "http://")) for href in hrefs)
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == ["h2", "h3"]
    assert sum(token.type == "table_open" for token in tokens) == 1
    assert sum(token.type == "tr_open" for token in tokens) == 2
    assert sum(token.type in ("td_open", "th_open") for token in tokens) == 4
    assert sum(token.type == "bullet_list_open" for token in tokens) >= 2
    assert RAW.findall(outside_code(markdown)) == []
    assert "%% digest:" not in markdown
    assert "<%" not in markdown
    assert list(links_in(markdown)) == []


hostile = st.one_of(
    nasty_text, st.lists(st.sampled_from([*NASTY, "\n", " ", "|", "]", "(", "!"]), max_size=6).map("".join)
)


@pytest.mark.parametrize("text", [*NASTY, "[", "%{%"])
def test_nasty_text_is_only_text(text: str) -> None:
    judge(text)


@settings(max_examples=60)
@given(hostile)
def test_hostile_text_is_only_text(text: str) -> None:
    """
    It makes no link, tag, heading, code block, HTML element, comment or query of its own, wherever it stands.
    """
    judge(text)


@pytest.mark.long
@settings(max_examples=1_000)
@given(hostile)
def test_much_hostile_text_is_only_text(text: str) -> None:
    judge(text)


@given(st.lists(st.builds(Span, hostile, st.sampled_from((Style.PLAIN, Style.STRONG, Style.EMPHASIS))), max_size=5))
def test_a_line_shows_its_characters(spans: Sequence[Span]) -> None:
    """
    Whatever is emphasised, the text that a reader sees is that of the spans.
    """
    markdown = shown(Paragraph(line=tuple(spans)))
    seen = "".join(child.content for token in READER.parse(markdown) for child in token.children or [])
    expected = "".join(escape.parted(escape.clean(f".{span.text}.")[1:-1]) for span in spans)
    assert re.sub(r"\s+", "", seen) == re.sub(r"\s+", "", expected)
