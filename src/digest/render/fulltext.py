"""A paper's whole text as Markdown: the blocks of ``Document`` in their order, every foreign string escaped.

No HTML, no embedded picture, no link but to the web. A table is a Markdown table whatever it spans: the text of a cell
stands once, in its first row and column, and the cells under and beside it are empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

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
from digest.model import Link
from digest.render import escape, tex
from digest.render.escape import Safe

_FIRST_LEVEL, _LAST_LEVEL = 2, 6
_MARKERS = {Style.STRONG: "**", Style.EMPHASIS: "*"}


def body(
    document: Document,
    *,
    image: str = "Image",
    references: str = "References",
    cited: Mapping[str, Link] = MappingProxyType({}),
) -> Safe:
    """Every block of *document*, its footnotes last; "" when it has none.

    *image* names a picture that is linked, *references* heads the bibliography where the paper has no heading for it,
    *cited* leads from the anchors of its items to notes.
    """
    items = _by_section(document.bibliography)
    chunks: list[str] = []
    for block in document.blocks:
        chunks += _block(block, image)
        if isinstance(block, Heading) and block.anchor in items:
            chunks.append(_bibliography(items.pop(block.anchor), cited))
    if rest := [item for section in items.values() for item in section]:
        chunks += [f"{'#' * _FIRST_LEVEL} {escape.literal(references)}", _bibliography(rest, cited)]
    notes = (f"[^{number}]: {_line(line) or '…'}" for number, line in enumerate(document.footnotes, 1))
    return Safe("\n\n".join(chunk for chunk in (*chunks, *notes) if chunk))


def _by_section(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The bibliography by the anchor of the section that it stands in: ``bib`` for ``bib.bib12``."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.anchor.rpartition(".")[0], []).append(item)
    return found


# --- blocks ----------------------------------------------------------------------------------------------------------


def _block(block: Block, image: str) -> list[str]:
    """Chunks of Markdown, between which there are blank lines."""
    match block:
        case Heading():
            level = min(_FIRST_LEVEL - 1 + max(block.depth, 1), _LAST_LEVEL)
            number = (Span(f"{block.number} "),) if block.number else ()
            return [f"{'#' * level} {_line(number + block.line) or '…'}"]
        case Paragraph():
            return [_line(block.line)]
        case Formula():
            return [escape.display(block.tex, block.number)]
        case List():
            return [_list(block, image)]
        case Quote():
            return [_prefixed(_blocks(block.blocks, image), "> ")]
        case Code():
            return [_caption(block.label, block.caption), escape.fenced(block.text) if block.text.strip() else ""]
        case Table():
            return [_caption(block.label, block.caption), _table(block)]
        case Figure():
            pictures = " · ".join(_pictures(block.images, image))
            return [_caption(block.label, block.caption), pictures, _blocks(block.blocks, image)]


def _blocks(blocks: Sequence[Block], image: str) -> str:
    return "\n\n".join(chunk for block in blocks for chunk in _block(block, image) if chunk)


def _caption(label: str, line: Line) -> str:
    if not label:
        return _line(line)
    printed = f"{label}:" if line and not label.endswith(")") else label  # but (a) for a part of a figure
    return _line((Span(printed, Style.STRONG), Span(" "), *line))


def _pictures(images: Sequence[str], image: str) -> Iterator[str]:
    for number, target in enumerate(images, 1):
        yield escape.web_link(image if len(images) == 1 else f"{image} {number}", target)


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n"))


def _list(block: List, image: str) -> str:
    """A Markdown list; numbers that Markdown would not count itself stand in the text."""
    numbers = [re.fullmatch(r"(\d{1,9})[.)]?", mark) for mark in block.marks]
    first = int(numbers[0][1]) if numbers and numbers[0] else 1
    counts = [int(number[1]) if number else None for number in numbers]
    counted = block.ordered and (not block.marks or counts == list(range(first, first + len(block.items))))
    lines: list[str] = []
    for position, item in enumerate(block.items):
        if block.marks and not counted:
            item = tuple(_marked(block.marks[position], item))
        lead = f"{first + position}. " if counted else "- "
        inside = _blocks(item, image) or "…"
        indented = _prefixed(inside, " " * len(lead)).removeprefix(" " * len(lead))
        lines.append(f"{lead}{indented}")
    loose = any("\n\n" in line for line in lines)
    return ("\n\n" if loose else "\n").join(lines)


def _marked(mark: str, item: Sequence[Block]) -> Sequence[Block]:
    if item and isinstance(first := item[0], Paragraph):
        return (Paragraph(line=(Span(f"{mark} "), *first.line)), *item[1:])
    return (Paragraph(line=(Span(mark),)), *item)


def _table(table: Table) -> str:
    rows = [f"| {' | '.join(map(_cell, row))} |" for row in table.rows]
    if not rows:
        return ""
    return "\n".join([rows[0], "|" + " --- |" * len(table.rows[0]), *rows[1:]])


def _cell(cell: Cell) -> str:
    return "" if cell.spanned else _line(cell.line, in_cell=True)


def _bibliography(items: Sequence[Item], cited: Mapping[str, Link]) -> str:
    return "\n".join(f"- {_reference(item, cited.get(item.anchor))}" for item in items)


def _reference(item: Item, note: Link | None) -> str:
    """An entry; an address is linked by its host unless it can be read in the text. Last, the *note* of what it is."""
    text = " ".join(item.parts)
    label = [_line((Span(item.label, Style.STRONG),))] if item.label else []
    links = (escape.web_link(_host(link), link) for link in item.links if link not in text)
    shown = [*label, escape.inline(text), *(link for link in links if link.startswith("["))]
    return " ".join([*shown, *([f"→ {escape.wikilink(note)}"] if note else [])]).strip() or "…"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "…"
    except ValueError:
        return "…"


# --- a line ----------------------------------------------------------------------------------------------------------


_TEXT = frozenset((Style.PLAIN, Style.MATHEMATICS, Style.CITATION, Style.REFERENCE))


class _Piece(NamedTuple):
    text: str  # escaped, but for what its neighbours could make of it
    style: Style = Style.PLAIN  # of what is between markers; LINK for all that holds together by itself


def _line(line: Line, *, in_cell: bool = False) -> str:
    """One line of Markdown. Pieces are escaped for themselves, and where two meet nothing new may come of it."""
    pieces = [piece for piece in _pieces(line, in_cell) if piece.text]
    shown = ""
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else _Piece("")
        marker = _MARKERS.get(piece.style, "")
        if marker and _flanks(shown, piece.text, following.text):
            shown += f"{marker}{piece.text}{marker}"
        else:
            shown += _seamless(shown, piece, following)
    if in_cell:
        return shown.strip().replace("|", "\\|")
    return escape.at_line_start(shown.strip())


def _pieces(line: Line, in_cell: bool) -> Iterator[_Piece]:
    for is_text, run in groupby(map(_demoted, line), lambda span: span.style in _TEXT):
        if is_text:
            yield _Piece(escape.within(_told_apart(run, in_cell)))
        else:
            for span in run:
                yield from _special(span)


def _demoted(span: Span) -> Span:
    """A link that leads nowhere and code that could be a query are plain text."""
    text = escape.clean(span.text)
    if span.style is Style.LINK and not escape.web_link(text or "…", span.target).startswith("["):
        return Span(span.text)
    return Span(span.text) if span.style is Style.CODE and not escape.code(text).startswith("`") else span


def _told_apart(run: Iterable[Span], in_cell: bool) -> Iterator[tex.Span]:
    for is_formula, spans in groupby(run, lambda span: span.style is Style.MATHEMATICS):
        if not is_formula:
            yield tex.Span("".join(span.text for span in spans), False)
            continue
        for span in spans:
            formula = escape.clean(span.text)
            yield tex.Span(_BAR.sub(_without_bar, formula) if in_cell else formula, True)


_BAR = re.compile(r"\\\\|\\?\|")


def _without_bar(match: re.Match[str]) -> str:
    return {"|": "\\vert ", "\\|": "\\Vert "}.get(match[0], match[0])


def _special(span: Span) -> Iterator[_Piece]:
    if span.style is Style.FOOTNOTE:
        if span.target.isdecimal():
            yield _Piece(f"[^{int(span.target)}]", Style.LINK)
        return
    text = escape.clean(span.text)
    if span.text[:1].isspace():
        yield _Piece(" ")
    if text:
        yield _styled(text, span)
        if span.text[-1:].isspace():
            yield _Piece(" ")


def _styled(text: str, span: Span) -> _Piece:
    if span.style is Style.LINK:
        return _Piece(escape.web_link(text, span.target), Style.LINK)
    if span.style is Style.CODE:
        return _Piece(escape.code(text), Style.LINK)
    return _Piece(escape.within([tex.Span(text, False)]), span.style)


def _flanks(before: str, inside: str, after: str) -> bool:
    """Whether markers around *inside* are emphasis by CommonMark's rules (left- and right-flanking runs)."""
    if before.endswith("*") or not inside:
        return False
    opens = _is_of_word(inside[0]) or not before or not _is_of_word(before[-1])
    return opens and (_is_of_word(inside[-1]) or not after or not _is_of_word(after[0]))


def _is_of_word(character: str) -> bool:
    """Whether it is neither punctuation nor white space, as CommonMark counts them."""
    return character.isalnum() or unicodedata.category(character)[0] not in "PSZ"


_PAIRS = frozenset(("[[", "]]", "%%", "==", "~~", "](", "][", "]:", "::"))
_SCHEME = re.compile(r"(?:javascript|vbscript|obsidian|data)\Z", re.IGNORECASE)


def _seamless(before: str, piece: _Piece, following: _Piece) -> str:
    """What *piece* adds, so that it makes no markup with what stands before it nor with a bracket that follows."""
    text = piece.text
    if piece.style is Style.LINK:
        return f" {text}" if before.endswith("[") and text.startswith("[") else text
    meet = before[-1:] + text[0]
    if (
        meet in _PAIRS
        or (text[0] == ">" and before.endswith("--"))
        or (text[0] == ":" and _SCHEME.search(before[-12:]))
    ):
        text = "\\" + text
    return f"{text[:-1]}\\{text[-1]}" if following.text.startswith("[") and text[-1] in "!^" else text
