"""What a walk collects: pieces of lines, and the blocks that they end in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from digest.arxiv.text import visible
from digest.document import Block, Code, Figure, Formula, Heading, Line, List, Paragraph, Quote, Span, Style, Table

_WHITE: Final = re.compile(r"\s+")
_LINE_END: Final = re.compile(r"(?<![ \t])[ \t]*\n\s*")


class Caption(NamedTuple):
    """A caption where it stands among the blocks of a figure."""

    label: str
    line: Line


class Image(NamedTuple):
    """An image within a line."""

    text: str
    target: str


class Flow:
    """Blocks in reading order, and the line that is not yet ended."""

    def __init__(self) -> None:
        self._blocks: list[Block | Caption] = []
        self._pieces: list[Span | Image] = []
        self._anchor = ""

    def text(self, text: str, style: Style, target: str) -> None:
        self._pieces.append(Span(text, style, target))

    def image(self, text: str, target: str) -> None:
        self._pieces.append(Image(text, target))

    def begin(self, anchor: str) -> None:
        """What follows is a paragraph of its own, read from the element *anchor*."""
        self.end()
        self._anchor = anchor

    def block(self, block: Block | Caption) -> None:
        self.end()
        self._blocks.append(block)

    def end(self) -> None:
        """End the line: a paragraph, or a figure when it holds nothing but images."""
        pieces, self._pieces = self._pieces, []
        anchor, self._anchor = self._anchor, ""
        if not pieces:
            return
        images = tuple(piece.target for piece in pieces if isinstance(piece, Image))
        if images and all(isinstance(piece, Image) or _is_blank(piece) for piece in pieces):
            self._blocks.append(Figure(anchor=anchor, images=images))
            return
        if line := tidy(Span(one.text, Style.LINK, one.target) if isinstance(one, Image) else one for one in pieces):
            self._blocks.append(Paragraph(anchor=anchor, line=line))

    def done(self) -> list[Block | Caption]:
        self.end()
        return self._blocks

    def blocks(self) -> tuple[Block, ...]:
        """All blocks; a caption that belongs to no figure is a paragraph."""
        return tuple(said(one) if isinstance(one, Caption) else one for one in self.done())

    def line(self) -> Line:
        """Everything on one line."""
        return flat(self.blocks())

    def verbatim(self) -> str:
        """Everything on one line as it is spaced; line ends and what indents them are the page's own."""
        pieces, self._pieces = self._pieces, []
        parts = [text_of(self.line())] if self._blocks else []
        for piece in pieces:
            if isinstance(piece, Image):
                parts.append(piece.text)
            elif piece.style is Style.MATHEMATICS:
                parts.append(f"${piece.text}$")
            elif "\n" not in piece.text:
                parts.append(piece.text)
            elif piece.text.strip():
                parts.append(_LINE_END.sub(" ", piece.text))
        return visible("".join(parts)).replace("\xa0", " ").rstrip()


def _is_blank(span: Span) -> bool:
    return not span.text.strip() and span.style is not Style.FOOTNOTE


def said(caption: Caption) -> Paragraph:
    label = (Span(caption.label, Style.STRONG), Span(" ")) if caption.label else ()
    return Paragraph(line=label + caption.line)


def tidy(pieces: Iterable[Span]) -> Line:
    """White space as a reader sees it, NFC, no empty spans, neighbours of one kind joined."""
    line: list[Span] = []
    run: list[str] = []  # of neighbours that are one span
    kind = (Style.PLAIN, "")
    after_space = True

    def close() -> None:
        if run:
            line.append(Span("".join(run), *kind))
            run.clear()

    for piece in pieces:
        if piece.style is Style.FOOTNOTE:
            close()
            line.append(piece)
            after_space = False
            continue
        text = _WHITE.sub(" ", visible(piece.text))
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if after_space and text.startswith(" "):
            text = text[1:]
        if not text:
            continue
        after_space = text.endswith(" ")
        # The space between two words is of no style.
        here = (Style.PLAIN, "") if text == " " else (piece.style, piece.target)
        if here != kind or kind[0] in _APART:
            close()
            kind = here
        run.append(text)
    close()
    return _trimmed(line)


_APART: Final = (Style.MATHEMATICS, Style.CITATION)


def _trimmed(line: list[Span]) -> Line:
    while line and line[-1].style is not Style.FOOTNOTE:
        last = line.pop()
        if rest := last.text.rstrip():
            line.append(Span(rest, last.style, last.target))
            break
    return tuple(line)


def text_of(line: Line) -> str:
    """The words of a line, formulas between dollar signs."""
    return "".join(f"${span.text}$" if span.style is Style.MATHEMATICS else span.text for span in line).strip()


# --- on one line -----------------------------------------------------------------------------------------------------


def flat(blocks: Sequence[Block]) -> Line:
    """What *blocks* say, on one line: for cells, captions and footnotes."""
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return blocks[0].line
    return tidy(_spaced(map(_flat, blocks)))


def _spaced(lines: Iterable[Iterable[Span]]) -> list[Span]:
    spans: list[Span] = []
    for line in lines:
        added = list(line)
        if added and spans:
            spans.append(Span(" "))
        spans += added
    return spans


def _flat(block: Block) -> Iterable[Span]:
    match block:
        case Paragraph():
            return block.line
        case Heading():
            return [Span(f"{block.number} ")] * bool(block.number) + list(block.line)
        case Formula():
            return [Span(block.tex, Style.MATHEMATICS)] + [Span(f" ({block.number})")] * bool(block.number)
        case List():
            marks = block.marks or ("•",) * len(block.items)
            return _spaced((Span(f"{mark} "), *flat(item)) for mark, item in zip(marks, block.items, strict=True))
        case Quote():
            return flat(block.blocks)
        case Code():
            return _spaced([_labelled(block.label, block.caption), [Span(block.text, Style.CODE)]])
        case Table():
            cells = (cell.line for row in block.rows for cell in row if not cell.spanned)
            return _spaced([_labelled(block.label, block.caption), _spaced(cells)])
        case Figure():
            images = ([Span(picture_name(one), Style.LINK, one)] for one in block.images)
            return _spaced([_labelled(block.label, block.caption), _spaced(images), flat(block.blocks)])


def _labelled(label: str, caption: Line) -> list[Span]:
    return [Span(f"{label} ")] * bool(label) + list(caption)


def picture_name(target: str) -> str:
    """``check`` of ``https://…/figures/check.png``: what tells one small picture from another."""
    return target.rpartition("/")[2].partition("?")[0].rpartition(".")[0] or "image"
