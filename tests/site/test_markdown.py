"""A note's Markdown as HTML, read as Obsidian reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from lxml import html

from digest.model import Link
from digest.render import escape
from digest.site.markdown import Row, Shown, relative, show, slug
from tests.render.nasty import NASTY, nasty_text

MATHEMATICS = {
    *"math mrow mi mn mo ms mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot".split()
}
MATHEMATICS |= {*"mstyle mpadded mphantom merror mtable mtr mtd mmultiscripts none menclose semantics code".split()}


@dataclass
class Small:
    """A site of a few pages."""

    pages: dict[str, str] = field(default_factory=lambda: {"keywords/X": "keywords/X.html", "a.svg": "a.svg"})
    drawings: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)

    def address(self, target, source):
        return self.pages.get(target)

    def drawing(self, target, source):
        return self.drawings.get(target)

    def listing(self, base, view, source):
        return self.rows.get(view, ())


def shown(text: str, site: Small | None = None) -> Shown:
    return show(text, source="days/one.md", here="days/one.html", site=site or Small())


def parsed(text: str, site: Small | None = None) -> html.HtmlElement:
    return html.fragment_fromstring(shown(text, site).html, create_parent="article")


def kinds(root: html.HtmlElement) -> set[str]:
    return {element.tag for element in root.iterdescendants()}


# --- foreign text ----------------------------------------------------------------------------------------------------


def as_examples(test):
    for text in NASTY:
        test = example(text)(test)
    return test


@as_examples
@given(nasty_text)
def test_escaped_text_is_shown_letter_for_letter(text):
    """What ``literal`` escapes for Obsidian, the web copy shows as it was, and makes nothing of it."""
    root = parsed(str(escape.literal(text)))
    assert root.text_content().strip("\n") == escape.parted(escape.clean(text))
    assert kinds(root) <= {"p"}


@as_examples
@given(nasty_text)
def test_text_with_mathematics_makes_paragraphs_and_formulas(text):
    assert kinds(parsed(str(escape.body(text)))) <= MATHEMATICS | {"p"}


@as_examples
@given(nasty_text)
def test_a_heading_a_callout_a_cell_and_a_link_keep_foreign_text_in_place(text):
    link = Link(path="keywords/X", text=text)
    source = (
        f"# {escape.heading(text)}\n\n> [!tldr] TL;DR\n> {escape.callout(text)}\n\n"
        f"| {escape.table_cell(text)} | {escape.wikilink_cell(link)} |\n| :-- | --: |\n\n- {escape.wikilink(link)}\n"
    )
    root = parsed(source)
    assert kinds(root) <= MATHEMATICS | {*"h1 div p table thead tr th ul li a tbody".split()}
    assert [a.get("href") for a in root.iter("a")] == ["../keywords/X.html"] * 2
    assert {a.text_content() for a in root.iter("a")} == {escape.link_text(text)}


@as_examples
@given(nasty_text)
def test_whatever_a_note_holds_it_is_shown_and_starts_nothing(text):
    """Raw Markdown, as it may stand in notes of the reader's own."""
    root = parsed(text)
    assert not kinds(root) & {*"script style iframe object embed form img link meta base svg button".split()}
    assert not root.xpath("//@*[starts-with(name(), 'on')] | //@style")
    assert all(href.startswith(("http:", "https:", "mailto:", "#", "./", "../")) for href in root.xpath("//@href"))


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick='x'>b</b>",
        "[a](javascript:alert(1))",
        "[a](java\tscript:alert(1))",
        "[a](obsidian://open?vault=x)",
        "[a](data:text/html,x)",
        "[a](file:///etc/passwd)",
        "![a](javascript:alert(1))",
        "<javascript:alert(1)>",
        "[a][b]\n\n[b]: javascript:alert(1)",
        '[a](https://x.invalid "\\" onmouseover=\\"alert(1)")',
    ],
)
def test_markdown_that_a_reader_pasted_starts_nothing(source):
    root = parsed(source)
    assert kinds(root) <= {"p", "a"}
    assert all(a.get("href", "https:").startswith("https:") for a in root.iter("a"))
    assert {name for a in root.iter("a") for name in a.attrib} <= {"href", "rel", "title"}


# --- links and embeds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "href", "text"),
    [
        ("[[keywords/X|Ex]]", "../keywords/X.html", "Ex"),
        ("[[keywords/X]]", "../keywords/X.html", "keywords/X"),
        ("[[keywords/X#Some heading|Ex]]", "../keywords/X.html#some-heading", "Ex"),
        ("[[#Below]]", "#below", "Below"),
        ("| [[keywords/X\\|Ex]] |\n| --- |", "../keywords/X.html", "Ex"),
        ("[Ex](keywords/X)", "../keywords/X.html", "Ex"),
        ("![[keywords/X]]", "../keywords/X.html", "keywords/X"),
        ("[Ex](https://arxiv.org/abs/1)", "https://arxiv.org/abs/1", "Ex"),
        ("![Ex](https://x.invalid/a.png)", "https://x.invalid/a.png", "Ex"),
    ],
)
def test_a_link_leads_to_its_page(source, href, text):
    (link,) = parsed(source).iter("a")
    assert (link.get("href"), link.text_content()) == (href, text)


@pytest.mark.parametrize("source", ["[[nowhere|Ex]]", "[Ex](nowhere)", "![Ex](nowhere.png)", "![[nowhere|Ex]]"])
def test_a_link_to_what_does_not_go_out_is_its_text(source):
    root = parsed(source)
    assert root.text_content().strip() == "Ex"
    assert not [a for a in root.iter("a") if a.get("href")]


def test_a_picture_is_shown_and_leads_to_its_file():
    root = parsed("![[a.svg]]")
    assert [(i.get("src"), i.get("alt")) for i in root.iter("img")] == [("../a.svg", "a")]
    assert [a.get("href") for a in root.iter("a")] == ["../a.svg"]


def test_a_drawing_to_point_at_is_part_of_the_page():
    root = parsed("![[a.svg]]", Small(drawings={"a.svg": "<svg><title>A</title></svg>"}))
    assert [element.tag for element in root.iterdescendants()] == ["p", "span", "svg", "title"]


@pytest.mark.parametrize(
    ("address", "here", "expected"),
    [
        ("a.html", "index.html", "./a.html"),
        ("a/b.html", "a/c.html", "./b.html"),
        ("a/b.html", "a/d/c.html", "../b.html"),
        ("x/b.html", "a/c.html", "../x/b.html"),
        ("a/50% #1? Ä: b.html", "c.html", "a/50%25%20%231%3F%20%C3%84%3A%20b.html"),
        ("javascript:b.html", "c.html", "./javascript%3Ab.html"),
    ],
)
def test_relative(address, here, expected):
    assert relative(address, here) == expected


# --- what Obsidian adds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "tag", "classes", "title", "rest"),
    [
        ("> [!tip] A *tip*\n> more", "div", "admonition tip", "A tip", "more"),
        ("> [!tldr]\n> more", "div", "admonition abstract", "Tldr", "more"),
        ("> [!info]- Closed\n> - a", "details", "info", "Closed", "a"),
        ("> [!whatever]+ Open\n> more", "details", "note", "Open", "more"),
        ("> [!warning] Alone", "div", "admonition warning", "Alone", ""),
    ],
)
def test_callouts(source, tag, classes, title, rest):
    (callout,) = parsed(source)
    assert (callout.tag, callout.get("class")) == (tag, classes)
    assert callout[0].text_content() == title
    assert "".join(child.text_content() for child in callout[1:]).strip() == rest
    assert ("open" in callout.attrib) == ("]+" in source)


def test_callouts_in_callouts():
    (outer,) = parsed("> [!tip] A\n> > [!info]- B\n> > in\n>\n> after")
    assert [child.tag for child in outer] == ["p", "details", "p"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a %%b%% c", "a  c"),
        ("a <!-- b --> c", "a  c"),
        ("a\n\n%%\n\nb\n\n%%\n\nc", "a\nc"),
        ("`%%b%%` and <!-- never ended", "%%b%% and"),
        ("```\n%%b%%\n```\n%%c%%", "%%b%%"),
    ],
)
def test_comments_are_not_shown(source, expected):
    assert parsed(source).text_content().strip() == expected


def test_a_view_of_a_base_becomes_its_list():
    rows = [Row("keywords/X.html", "A <b>", "2026-02-03"), Row("", "… +7", "")]
    root = parsed("## All\n\n![[Papers.base#Linked here]]", Small(rows={"Linked here": rows}))
    assert [cell.text_content() for cell in root.iter("td")] == ["A <b>", "2026-02-03", "… +7", ""]
    assert [a.get("href") for a in root.iter("a")] == ["../keywords/X.html"]


def test_a_view_that_means_nothing_here_goes_with_its_heading():
    root = parsed(
        "# One\n\n## To read\n\n![[Papers.base#Queue]]\n\n## New\n\n### Today\n\n![[Papers.base]]\n\n## Else\n\nx"
    )
    assert [(h.tag, h.text) for h in root] == [("h1", "One"), ("h2", "Else"), ("p", "x")]


def test_alignment_needs_no_style():
    root = parsed("| a | b |\n| :-- | --: |\n| 1 | 2 |")
    assert [cell.get("class") for cell in root.iter("td")] == ["to-left", "to-right"]
    assert not root.xpath("//@style")


def test_headings_can_be_led_to():
    found = shown("# A\n\n## Some *heading* $k$\n\nx\n\n## B\n\ny").headings
    assert [(h.level, h.slug) for h in found] == [(1, "a"), (2, "some-heading"), (2, "b")]
    assert slug("Some heading") == "some-heading"


def test_tasks_are_boxes_that_nobody_can_tick():
    boxes = list(parsed("- [ ] a\n- [x] b").iter("input"))
    assert [("checked" in box.attrib, "disabled" in box.attrib) for box in boxes] == [(False, True), (True, True)]


def test_a_search_finds_the_page_itself_and_not_those_that_point_to_it():
    words = shown(
        "# Title\n\nAbstract of $k$.\n\n- [[keywords/X|Similar paper]] (70 %)\n- **Keywords**: [[keywords/X|Ex]]\n\n"
        "> [!tip] [[keywords/X|Tip]]\n> of it\n\n| K |\n| --- |\n| [[keywords/X\\|Cell]] |\n\n1. A point"
    ).words
    assert words == "Abstract of k. Keywords: Ex K A point"
