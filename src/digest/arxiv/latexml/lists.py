"""Items of lists: what their printed marks are, and labels that lead them."""

from __future__ import annotations

import re
from typing import Final

from digest.document import Block, Line, Paragraph, Span, Style

_NO_BULLET: Final = re.compile(r"[^\W_]")
_BULLETS: Final = re.compile(
    r"\\(?:bullet|circ|cdot|ast|star|diamond|(?:black)?triangle(?:right)?|blacksquare|square|(?:right|Right)arrow|to"
    r"|bigstar|blacklozenge|dagger|textbullet)\b"
)
_COUNTED: Final = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxlIVXL]{1,6})(?:[.)\]:]{1,2}\d{1,3}){0,4}[.)\]:]{0,2}")


def mark(printed: Line) -> str | None:
    """The number or letter of an item as printed, "" for a bullet, None for a label of words."""
    text = "".join(span.text for span in printed if span.style is not Style.MATHEMATICS).strip()
    formulas = [span.text for span in printed if span.style is Style.MATHEMATICS]
    if _COUNTED.fullmatch(text) and not formulas:
        return text
    if not _NO_BULLET.search(text) and all(_BULLETS.match(tex) or not _NO_BULLET.search(tex) for tex in formulas):
        return ""
    return None


def led(label: Line, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """*blocks* after a label, on its line when the first is a paragraph."""
    strong = tuple(
        Span(span.text, Style.STRONG, span.target) if span.style in (Style.PLAIN, Style.EMPHASIS) else span
        for span in label
    )
    if blocks and isinstance(first := blocks[0], Paragraph):
        return (Paragraph(anchor=first.anchor, line=(*strong, Span(" "), *first.line)), *blocks[1:])
    return (Paragraph(line=strong), *blocks)
