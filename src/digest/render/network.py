"""A paper among those that it cites and that cite it, as SVG; made by hand, as ``digest.render.plots`` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.render.escape import svg_text
from digest.render.plots import COLOURS, INK

MOST: Final = 10
"""Papers that are drawn on a side."""

_WIDTH, _ROW, _TOP = 640, 24, 34
_LEFT, _MIDDLE, _RIGHT = 220, 320, 420
"""Where the dots of the three columns are."""

_LONGEST: Final = 26
"""Characters of a name that are written: as many as have room beside their dot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """The papers on one side, the first to be drawn first."""

    name: str  # what they are to the paper: ``cites``
    papers: Sequence[tuple[str, str]]  # a short name, which is written, and the title, which is shown when pointed at
    more: int = 0  # papers beside these


def citation_network(paper: tuple[str, str], *, cites: Side, cited_by: Side, title: str, description: str) -> str:
    """*paper* (short name and title) in the middle, those that cite it on the left, those it cites on the right.

    Arrows point at what is cited. Of each side at most ``MOST`` are drawn, and the others counted: ``+3``.
    """
    left, right = _cut(cited_by), _cut(cites)
    rows = max(_rows(left), _rows(right), 1)
    height = _TOP + _ROW * rows + 34
    middle = _TOP + _ROW * rows / 2
    drawn = _ARROW + _heading(left.name, _LEFT, "end") + _heading(right.name, _RIGHT, "start")
    drawn += _side(left, x=_LEFT, y=middle, anchor="end", rows=rows) + _side(
        right, x=_RIGHT, y=middle, anchor="start", rows=rows
    )
    short, whole = paper
    drawn += _dot(_MIDDLE, middle, 7, COLOURS[1], whole)
    drawn += f"<text x='{_MIDDLE}' y='{height - 8}' text-anchor='middle' font-weight='600' fill='{INK}'>{_name(short)}</text>\n"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height}' width='{_WIDTH}' height='{height}' "
        f"role='img' font-family='system-ui, sans-serif' font-size='13'>\n<title>{svg_text(title)}</title>\n"
        f"<desc>{svg_text(description)}</desc>\n{drawn}</svg>\n"
    )


_ARROW: Final = (
    "<defs><marker id='to' viewBox='0 0 8 8' refX='8' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
    f"<path d='M0 0L8 4L0 8z' fill='{INK}'/></marker></defs>\n"
)


def _cut(side: Side) -> Side:
    over = max(0, len(side.papers) - MOST)
    return Side(name=side.name, papers=side.papers[:MOST], more=side.more + over)


def _rows(side: Side) -> int:
    return len(side.papers) + (side.more > 0)


def _heading(name: str, x: int, anchor: str) -> str:
    return f"<text x='{x}' y='16' text-anchor='{anchor}' font-weight='600' fill='{INK}'>{svg_text(name)}</text>\n"


def _side(side: Side, *, x: int, y: float, anchor: str, rows: int) -> str:
    """Its lines, then its dots with their names: a dot covers its line's end."""
    out = -1 if anchor == "end" else 1
    top = _TOP + _ROW * (rows - _rows(side)) / 2 + _ROW / 2
    places = [top + _ROW * row for row in range(_rows(side))]
    drawn = "".join(_line(x - 5 * out, place, y, out) for place in places[: len(side.papers)])
    for (short, title), place in zip(side.papers, places, strict=False):
        drawn += _dot(x, place, 4.5, COLOURS[0], title)
        drawn += (
            f"<text x='{x + 10 * out}' y='{place + 4.5:.1f}' text-anchor='{anchor}' fill='{INK}'>"
            f"<title>{svg_text(title)}</title>{_name(short)}</text>\n"
        )
    if side.more:
        drawn += f"<text x='{x + 10 * out}' y='{places[-1] + 4.5:.1f}' text-anchor='{anchor}' fill='{INK}'>+{side.more}</text>\n"
    return drawn


def _line(x: float, y: float, middle: float, out: int) -> str:
    """A curve between a paper of a side and the one in the middle, with an arrow at the cited end."""
    near, bend = _MIDDLE + 10 * out, (_MIDDLE + x) / 2
    inwards = f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {middle:.1f} {near:.1f} {middle:.1f}"
    outwards = f"M{near:.1f} {middle:.1f}C{bend:.1f} {middle:.1f} {bend:.1f} {y:.1f} {x:.1f} {y:.1f}"
    path = outwards if out > 0 else inwards
    return f"<path d='{path}' fill='none' stroke='{INK}' stroke-opacity='0.6' marker-end='url(#to)'/>\n"


def _dot(x: float, y: float, radius: float, colour: str, title: str) -> str:
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' fill='{colour}'><title>{svg_text(title)}</title></circle>\n"


def _name(text: str) -> str:
    """As much of it as has room; characters that are wide count twice."""
    room = _LONGEST
    for place, char in enumerate(text):
        room -= 1 if char < "\u1100" else 2
        if room < 0:
            return svg_text(text[: max(0, place - 1)].rstrip() + "…")
    return svg_text(text)
