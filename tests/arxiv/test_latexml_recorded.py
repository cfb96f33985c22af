"""Real pages of five LaTeXML versions, read a second time by lxml's XPath, which shares nothing with the walk.

The pages are not free to copy: they stand beside this checkout, or the tests are skipped.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import html

from digest.arxiv import latexml
from digest.arxiv.latexml.mathematics import normal
from digest.document import (
    Block,
    Code,
    Document,
    Figure,
    Formula,
    Heading,
    Line,
    List,
    Outcome,
    Paragraph,
    Quote,
    Style,
    Table,
)


class Expected(NamedTuple):
    """What ``grep`` and XPath count on a page; equations are rows of equation tables."""

    headings: int
    tables: int
    cells: int
    captions: int
    references: int
    equations: int
    footnotes: int
    images: int
    items: int  # of lists
    generator: str


PAGES = {
    "1307.8133": Expected(11, 2, 65, 14, 54, 0, 8, 12, 0, "LaTeXML (version 0.8.4)"),
    "1706.03762v7_oxide": Expected(29, 4, 389, 9, 40, 7, 2, 8, 3, "LaTeXML oxide (version 0.7.5)"),
    "2501.11120v1": Expected(95, 47, 497, 91, 48, 0, 6, 53, 81, "LaTeXML (version 0.8.8)"),
    "arxiv-view-as-html_sample_paper": Expected(9, 1, 40, 6, 40, 15, 3, 0, 0, "LaTeXML (version 0.8.7)"),
    "astro-ph9710163": Expected(5, 2, 233, 2, 63, 0, 13, 0, 0, "LaTeXML (version 0.8.4)"),
}

pages = pytest.mark.parametrize("name", PAGES)


@cache
def source(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes())


@cache
def read(file: Path) -> Document:
    return latexml.read(source(file), base="https://arxiv.org/html/1706.03762v7", floor=0.05)


def page(wire: Path, name: str) -> Path:
    return wire / "html" / f"{name}.html.gz"


# --- the other reading -----------------------------------------------------------------------------------------------


def has(name: str) -> str:
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'


FRONT = " or ".join(
    map(
        has,
        (
            "ltx_abstract",
            "ltx_authors",
            "ltx_dates",
            "ltx_date",
            "ltx_classification",
            "ltx_keywords",
            "ltx_title_document",
        ),
    )
)
TOP_TABLE = f".//*[{has('ltx_tabular')} and not(ancestor::*[{has('ltx_tabular')}])]"


def root_of(file: Path) -> Any:
    """The paper, with formulas as the text that the document should have, and without front matter and notes' marks."""
    root = html.fromstring(source(file).decode()).xpath(f"//*[{has('ltx_document')}]")[0]
    for junk in root.xpath(f"./*[{has('ltx_para')} and following-sibling::*[{has('ltx_title_document')}]]"):
        junk.drop_tree()
    dropped = [has("ltx_note_mark"), has("ltx_tag_note"), has("ltx_note_type"), has("ltx_ERROR"), has("ltx_rule")]
    dropped += [has("ltx_phantom"), has("ltx_listing_data"), has("ltx_note_frontmatter"), FRONT]
    for one in root.xpath(f".//*[{' or '.join(dropped)}]"):
        one.drop_tree()
    for formula in root.xpath(".//math"):
        tail = formula.tail
        told = formula.get("alttext")
        formula.clear()
        formula.text, formula.tail = f"${normal(told)}$", tail
    return root


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\x80-\x9f]+", "", text)  # one page has UTF-8 that was read as Latin-1


def text_of(element: Any, *, notes: bool = False) -> str:
    parts = element.xpath(f".//text()[not(ancestor::*[{has('ltx_note')}])]") if not notes else element.itertext()
    return squeezed("".join(parts))


# --- what the walk says ----------------------------------------------------------------------------------------------


def walked(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        match block:
            case List():
                for item in block.items:
                    yield from walked(item)
            case Quote() | Figure():
                yield from walked(block.blocks)


def said(line: Line) -> str:
    return squeezed("".join(f"${one.text}$" if one.style is Style.MATHEMATICS else one.text for one in line))


def blocks_of(file: Path) -> list[Block]:
    return list(walked(read(file).blocks))


@pages
def test_counts_are_those_of_the_markup(wire: Path, name: str) -> None:
    """
    As many headings, tables, cells, captions, references, equations, notes and pictures as were counted by hand.
    """
    document, blocks = read(page(wire, name)), blocks_of(page(wire, name))
    tables = [one for one in blocks if isinstance(one, Table)]
    captioned = [one for one in blocks if isinstance(one, Table | Figure | Code) and (one.label or one.caption)]
    found = Expected(
        headings=sum(isinstance(one, Heading) for one in blocks),
        tables=len(tables),
        cells=sum(not cell.spanned for table in tables for row in table.rows for cell in row),
        captions=len(captioned),
        references=len(document.bibliography),
        equations=sum(isinstance(one, Formula) for one in blocks),
        footnotes=len(document.footnotes),
        images=sum(len(one.images) for one in blocks if isinstance(one, Figure)),
        items=sum(len(one.items) for one in blocks if isinstance(one, List)),
        generator=document.generator,
    )
    assert document.outcome is Outcome.WHOLE
    assert found == PAGES[name]


@pages
def test_headings_are_in_order(wire: Path, name: str) -> None:
    root = root_of(page(wire, name))
    expected = []
    for title in root.xpath(f".//*[{has('ltx_title')}]"):
        tags = title.xpath(f"./*[{has('ltx_tag')}]")
        number = text_of(tags[0]) if tags else ""
        expected.append(number.rstrip(".") + text_of(title).removeprefix(number))
    found = [squeezed(one.number) + said(one.line) for one in blocks_of(page(wire, name)) if isinstance(one, Heading)]
    assert found == expected


@pages
def test_every_cell_is_in_its_row_and_column(wire: Path, name: str) -> None:
    tables = [one for one in blocks_of(page(wire, name)) if isinstance(one, Table)]
    elements = root_of(page(wire, name)).xpath(TOP_TABLE)
    # A page may have the tables of a figure in another order than its caption; those of real pages keep theirs.
    for table, element in zip(tables, elements, strict=True):
        expected: dict[tuple[int, int], str] = {}
        covered: set[tuple[int, int]] = set()
        rows = element.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        for y, row in enumerate(rows):
            for cell in row.xpath("./td | ./th"):
                x = next(n for n in range(1000) if (y, n) not in covered)
                high, wide = int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))
                covered |= {(y + down, x + right) for down in range(high) for right in range(wide)}
                expected[y, x] = text_of(cell)
        found = {
            (y, x): said(cell.line)
            for y, row in enumerate(table.rows)
            for x, cell in enumerate(row)
            if not cell.spanned and (y, x) in expected
        }
        assert found == expected
        empty = [cell for y, row in enumerate(table.rows) for x, cell in enumerate(row) if (y, x) not in expected]
        assert all(cell.spanned or not cell.line for cell in empty)


@pages
def test_captions_have_their_numbers(wire: Path, name: str) -> None:
    captions = root_of(page(wire, name)).xpath(f".//*[{has('ltx_caption')}]")
    found = Counter(
        squeezed(one.label) + said(one.caption)
        for one in blocks_of(page(wire, name))
        if isinstance(one, Table | Figure | Code) and (one.label or one.caption)
    )
    labels = Counter()
    for caption in captions:
        tag = caption.xpath(f".//*[{has('ltx_tag')} and not({has('ltx_tag_ref')})]")
        label = text_of(tag[0]) if tag else ""
        labels[label.rstrip(".:") + text_of(caption).removeprefix(label)] += 1
    assert found == labels


@pages
def test_references_say_all_that_they_say(wire: Path, name: str) -> None:
    items = root_of(page(wire, name)).xpath(f".//*[{has('ltx_bibitem')}]")
    bibliography = read(page(wire, name)).bibliography
    assert [one.anchor for one in bibliography] == [one.get("id") for one in items]
    assert [squeezed(one.label + "".join(one.parts)) for one in bibliography] == [text_of(one) for one in items]


@pages
def test_nothing_of_the_text_is_lost_or_told_twice(wire: Path, name: str) -> None:
    """
    The letters of the whole page, but for its list marks, are those of the document: as often, in whatever order.
    """
    root = root_of(page(wire, name))
    for mark in root.xpath(f".//*[{has('ltx_tag_item')} or {has('ltx_listing')} or {has('ltx_eqn_table')}]"):
        mark.drop_tree()
    expected = Counter(text_of(root, notes=True))
    document = read(page(wire, name))
    found: Counter[str] = Counter()
    for block in walked(document.blocks):
        match block:
            case Heading():
                found.update(squeezed(block.number) + said(block.line))
            case Paragraph():
                found.update(said(block.line))
            case Table() | Figure():
                found.update(squeezed(block.label) + said(block.caption))
        if isinstance(block, Table):
            found.update("".join(said(cell.line) for row in block.rows for cell in row if not cell.spanned))
    for line in document.footnotes:
        found.update(said(line))
    for item in document.bibliography:
        found.update(squeezed(item.label + "".join(item.parts)))
    for sign in ".:;•":  # after numbers and labels, and between what stood on lines of its own
        del found[sign], expected[sign]
    assert found == expected


@pages
def test_equations_are_there_once(wire: Path, name: str) -> None:
    root = root_of(page(wire, name))
    rows = root.xpath(f".//tr[{has('ltx_eqn_row')}]")
    expected = []
    for row in rows:
        number = "".join(row.xpath(f".//*[{has('ltx_tag_equation')}]//text()")).strip().strip("()")
        formulas = "".join(one.text.strip("$") for one in row.xpath(".//math"))
        expected.append((squeezed(formulas), number))
    found = [(squeezed(one.tex), one.number) for one in blocks_of(page(wire, name)) if isinstance(one, Formula)]
    assert found == expected


@pages
def test_citations_lead_to_references(wire: Path, name: str) -> None:
    document = read(page(wire, name))
    anchors = {item.anchor for item in document.bibliography}
    cited = [
        span.target
        for block in walked(document.blocks)
        if isinstance(block, Paragraph)
        for span in block.line
        if span.style is Style.CITATION
    ]
    assert len(cited) > 10
    assert set(cited) <= anchors


def test_what_only_one_page_has(wire: Path) -> None:
    oxide, classic = read(page(wire, "1706.03762v7_oxide")), read(page(wire, "astro-ph9710163"))
    assert oxide.license == "", "arXiv's help on licences is none"
    assert classic.license == ""
    assert classic.keywords == ("ISM: abundances", "ISM: atoms")
    sample = read(page(wire, "arxiv-view-as-html_sample_paper"))
    assert sample.keywords[-1] == "Methods: numerical"
    assert 0 < sample.lost < 0.05  # eight of its equations are empty
    first = read(page(wire, "1307.8133")).bibliography[0]
    assert first.links == ("https://doi.org/10.1080/00018730701611677",)
    codes = [one for one in blocks_of(page(wire, "2501.11120v1")) if isinstance(one, Code)]
    assert codes[0].text.splitlines()[0] == "def message_probability_me(message: str) -> float:"
    assert any(line.startswith("        ") for line in codes[1].text.splitlines())
