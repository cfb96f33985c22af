"""A paper's whole text, as blocks in reading order: what is read from arXiv's HTML and shown as a note of its own.

Structs rather than dataclasses, for msgspec tells the kinds of block apart when it reads them back from the catalogue.
All text is foreign and unescaped, NFC, with white space as a reader sees it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec


class Style(StrEnum):
    """What a span of a line is."""

    PLAIN = "plain"
    EMPHASIS = "emphasis"
    STRONG = "strong"
    CODE = "code"
    MATHEMATICS = "mathematics"  # TeX without its dollar signs
    LINK = "link"  # to ``target``, an address
    CITATION = "citation"  # of ``target``, the anchor of an item of the bibliography
    REFERENCE = "reference"  # to ``target``, an anchor in this document
    FOOTNOTE = "footnote"  # ``target`` is the number of one of the document's footnotes; no text


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a line."""

    text: str
    style: Style = Style.PLAIN
    target: str = ""


Line: TypeAlias = tuple[Span, ...]


class _Block(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    anchor: str = ""  # the ``id`` of the element that it was read from


class Heading(_Block, frozen=True, kw_only=True):
    depth: int  # 1 for a section, 2 for one inside it …; a run-in heading of a paragraph is the deepest
    number: str = ""  # as printed: ``2.1``, ``Appendix A``
    line: Line


class Paragraph(_Block, frozen=True, kw_only=True):
    line: Line


class Formula(_Block, frozen=True, kw_only=True):
    tex: str  # without dollar signs; "" when the conversion lost it
    number: str = ""  # as printed, without parentheses: ``3``


class List(_Block, frozen=True, kw_only=True):
    ordered: bool
    items: tuple[tuple[Block, ...], ...]
    marks: tuple[str, ...] = ()  # of ordered items, as printed: ``1.``, ``(a)``


class Quote(_Block, frozen=True, kw_only=True):
    blocks: tuple[Block, ...]


class Code(_Block, frozen=True, kw_only=True):
    text: str  # its own line ends and indentation
    label: str = ""  # ``Algorithm 1``
    caption: Line = ()


class Cell(msgspec.Struct, frozen=True, array_like=True):
    line: Line
    header: bool = False
    spanned: bool = False  # stands under or beside the cell whose text it repeats: ``line`` is that cell's


class Table(_Block, frozen=True, kw_only=True):
    """A grid: every row has the same number of cells; a cell that spans several is repeated, marked ``spanned``."""

    rows: tuple[tuple[Cell, ...], ...]
    headers: int = 0  # leading rows that are headers
    label: str = ""  # ``Table 2``
    caption: Line = ()


class Figure(_Block, frozen=True, kw_only=True):
    label: str = ""  # ``Figure 3``
    caption: Line = ()
    images: tuple[str, ...] = ()  # absolute addresses
    blocks: tuple[Block, ...] = ()  # what else it holds: figures inside it, tables, text


Block: TypeAlias = Heading | Paragraph | Formula | List | Quote | Code | Table | Figure


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the bibliography."""

    anchor: str
    label: str = ""  # as printed: ``[12]``, ``Vaswani et al. (2017)``
    parts: tuple[str, ...]  # its text, as the style of the bibliography divides it: mostly authors, title, the rest
    links: tuple[str, ...] = ()  # addresses in it


class Outcome(StrEnum):
    """What became of a paper's full text."""

    WHOLE = "whole"
    DAMAGED = "damaged"  # read, but more of it is lost or marked as an error than the floor allows
    CUT_SHORT = "cut short"  # the conversion to HTML ended with a fatal error
    NONE = "none"  # arXiv has no HTML of this version
    UNREADABLE = "unreadable"  # an answer that is no paper of LaTeXML's
    TOO_LARGE = "too large"

    @property
    def has_text(self) -> bool:
        return self in (Outcome.WHOLE, Outcome.DAMAGED, Outcome.CUT_SHORT)


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole text of one version of a paper, without title, authors and abstract, which arXiv tells better."""

    blocks: tuple[Block, ...]
    footnotes: tuple[Line, ...] = ()  # numbered from 1
    bibliography: tuple[Item, ...] = ()  # in its order
    keywords: tuple[str, ...] = ()  # the authors' own
    outcome: Outcome = Outcome.WHOLE
    lost: float = 0.0  # share of its characters that are marked as errors or could not be read, 0 to 1
    generator: str = ""  # ``LaTeXML oxide (version 0.7.5)``
    license: str = ""  # the address of its licence, "" when the page tells none
