"""Small plots as SVG, made by hand: the same bytes each time, no script, no font of their own.

An SVG in a note knows neither theme: the text is a grey that reads on white and on black, and there is no background.
It still has less contrast than text should, so every figure also stands in the page as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from math import dist
from statistics import median
from typing import Literal

from digest.render.escape import svg_text

INK = "#808080"
COLOURS = ("#5b8def", "#e0913a", "#9a9a9a")  # told apart by those who see no red or green
GROUPS = ("#5b8def", "#e0913a", "#3fa66b", "#c65fa0", "#a89a2f", "#3aa5b3", "#d2605a", "#8d74d6")
"""Colours of groups, the largest first; each reads on white and on black."""

REST = "#9a9a9a"
LANDMARKS = 9
APART = 0.16
"""How far from their middle the nearer half of a group's points may be, for its name to stand there."""

_FONT = "font-family='system-ui, sans-serif' font-size='13'"
_WIDTH = 640

Unit = Literal["day", "week", "month", "year"]


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[int]]],
    *,
    title: str,
    description: str,
    legend: Sequence[str],
    number: Callable[[int], str],
) -> str:
    """One bar a row, cut into the parts of *legend*, the row's sum at its end as *number* writes it."""
    longest = max((sum(parts) for _, parts in rows), default=0) or 1
    rows = [(_shortened(name), parts) for name, parts in rows]
    left, room = 16 + 8 * max((len(name) for name, _ in rows), default=0), 80
    scale = (_WIDTH - left - room) / longest
    drawn = [_legend(legend, left)]
    for place, (name, parts) in enumerate(rows):
        drawn.append(_bar(name, parts, number(sum(parts)), y=26 + 24 * place, left=left, scale=scale))
    return _svg(_WIDTH, 30 + 24 * len(rows), title, description, "".join(drawn))


def _shortened(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"


def _bar(name: str, parts: Sequence[int], total: str, *, y: int, left: int, scale: float) -> str:
    drawn = [f"<text x='{left - 8}' y='{y + 14}' text-anchor='end' fill='{INK}'>{svg_text(name)}</text>\n"]
    x = float(left)
    for colour, part in zip(COLOURS, parts, strict=False):
        if part:
            drawn.append(f"<rect x='{x:.1f}' y='{y}' width='{part * scale:.1f}' height='18' fill='{colour}'/>\n")
        x += part * scale
    drawn.append(f"<text x='{x + 6:.1f}' y='{y + 14}' fill='{INK}'>{svg_text(total)}</text>\n")
    return "".join(drawn)


def _legend(words: Sequence[str], left: int) -> str:
    drawn, x = [], left
    for colour, word in zip(COLOURS, words, strict=False):
        drawn.append(f"<rect x='{x}' y='5' width='11' height='11' fill='{colour}'/>\n")
        drawn.append(f"<text x='{x + 16}' y='15' fill='{INK}'>{svg_text(word)}</text>\n")
        x += 36 + sum(8 if c.isascii() else 14 for c in word)
    return "".join(drawn)


def columns(
    values: Sequence[tuple[str, int]], *, title: str, description: str, most: Callable[[int], str], height: int = 120
) -> str:
    """One column a value, oldest first, the first and last label below, the highest value above as *most* says it."""
    top, floor = 22, height - 22
    highest = max((value for _, value in values), default=0) or 1
    step = min(28.0, (_WIDTH - 16) / max(1, len(values)))
    width = 8 + step * len(values)
    drawn = [f"<text x='8' y='14' fill='{INK}'>{svg_text(most(highest))}</text>\n"]
    for place, (_, value) in enumerate(values):
        if value:
            tall = max(1.0, (floor - top) * value / highest)
            drawn.append(
                f"<rect x='{8 + step * place:.1f}' y='{floor - tall:.1f}' width='{step * 0.8:.1f}' "
                f"height='{tall:.1f}' fill='{COLOURS[0]}'/>\n"
            )
    drawn.append(f"<path d='M8 {floor + 0.5}H{width:.1f}' stroke='{INK}'/>\n")
    return _svg(_WIDTH, height, title, description, "".join(drawn) + _ends(values, width, height - 6))


def _ends(values: Sequence[tuple[str, int]], width: float, y: int) -> str:
    if not values:
        return ""
    first = f"<text x='8' y='{y}' fill='{INK}'>{svg_text(values[0][0])}</text>\n"
    if len(values) == 1:
        return first
    last = max(width, 24 + 8 * (len(values[0][0]) + len(values[-1][0])))  # side by side, however few the columns
    return f"{first}<text x='{last:.1f}' y='{y}' text-anchor='end' fill='{INK}'>{svg_text(values[-1][0])}</text>\n"


def _svg(width: int, height: int, title: str, description: str, content: str) -> str:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
        f"role='img' {_FONT}>\n<title>{svg_text(title)}</title>\n<desc>{svg_text(description)}</desc>\n{content}</svg>\n"
    )


Point = tuple[float, float]
"""x and y, within 0 … 1."""


def landmarks(groups: Mapping[str, Sequence[Point]]) -> list[tuple[str, Point]]:
    """The groups that keep together, each with its middle (by medians), the closest for their size first; no two names
    in one place. At most ``LANDMARKS``.
    """
    middles = {
        name: (median(x for x, _ in points), median(y for _, y in points)) for name, points in groups.items() if points
    }
    spreads = {name: median(dist(middle, point) for point in groups[name]) for name, middle in middles.items()}
    near = [name for name, spread in spreads.items() if spread <= APART]
    found: list[tuple[str, Point]] = []
    for name in sorted(near, key=lambda name: (-len(groups[name]) / (0.02 + spreads[name]), name)):
        x, y = middles[name]
        if len(found) < LANDMARKS and all(abs(y - v) > 0.05 or abs(x - u) > 0.3 for _, (u, v) in found):
            found.append((name, (x, y)))
    return found


def scatter(
    points: Sequence[tuple[float, float, str, str]],
    *,
    marks: Sequence[tuple[str, Point]],
    title: str,
    description: str,
    rest: str,
    height: int = 460,
) -> str:
    """A dot a point (x and y within 0 … 1, group, name), the largest groups in colours of their own, *rest* the others'
    name; *marks* are written over them. A point's name is shown where it is pointed at, by viewers that show titles.
    """
    sizes = Counter(group for _, _, group, _ in points)
    order = sorted(sizes, key=lambda group: (-sizes[group], group))
    colours = dict(zip(order, GROUPS, strict=False))
    drawn, top = _groups(order[: len(GROUPS)] + ([rest] if len(order) > len(GROUPS) else []))
    radius = 4.5 if len(points) <= 400 else 3.2 if len(points) <= 1500 else 2.4
    for x, y, group, name in points:
        across, down = 10 + x * (_WIDTH - 20), top + 10 + y * (height - top - 20)
        drawn += (
            f"<circle cx='{across:.1f}' cy='{down:.1f}' r='{radius}' fill='{colours.get(group, REST)}' "
            f"fill-opacity='0.8'><title>{svg_text(name)}</title></circle>\n"
        )
    for name, (x, y) in marks:
        text = _shortened(name)
        half = 4 * len(text)
        across = min(max(10 + x * (_WIDTH - 20), half + 4), _WIDTH - half - 4)
        down = min(max(top + 10 + y * (height - top - 20), top + 14), height - 6)
        place = f"x='{across:.1f}' y='{down:.1f}' text-anchor='middle' font-weight='600'"
        drawn += f"<text {place} fill='{INK}'>{svg_text(text)}</text>\n"
    return _svg(_WIDTH, height, title, description, drawn)


def _groups(names: Sequence[str]) -> tuple[str, int]:
    """A legend in rows, and how high it is."""
    drawn, x, y = "", 8, 5
    for name, colour in zip(names, (*GROUPS, REST), strict=False):
        wide = 30 + sum(8 if c.isascii() else 14 for c in _shortened(name))
        if x + wide > _WIDTH:
            x, y = 8, y + 20
        drawn += f"<circle cx='{x + 5}' cy='{y + 5}' r='5' fill='{colour}'/>\n"
        drawn += f"<text x='{x + 15}' y='{y + 10}' fill='{INK}'>{svg_text(_shortened(name))}</text>\n"
        x += wide
    return drawn, y + 16


def buckets(history: Sequence[tuple[date, int]], *, limit: int = 30) -> tuple[Unit, tuple[tuple[date, int], ...]]:
    """Counts a day, week (from Monday), month or year: the finest of which at most *limit* span the history.

    In order, without gaps, each under its first day; of more than *limit* years the last ones.
    """
    if not history:
        return "day", ()
    for unit in ("day", "week", "month", "year"):
        counted = _bucketed(history, unit)
        if len(counted) <= limit:
            break
    return unit, counted[-limit:]


def _bucketed(history: Sequence[tuple[date, int]], unit: Unit) -> tuple[tuple[date, int], ...]:
    sums: dict[date, int] = {}
    for day, count in history:
        start = _start(day, unit)
        sums[start] = sums.get(start, 0) + count
    found, day, last = [], min(sums), max(sums)
    while day <= last:
        found.append((day, sums.get(day, 0)))
        day = _start(day + timedelta(days={"day": 1, "week": 7, "month": 31, "year": 366}[unit]), unit)
    return tuple(found)


def _start(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day
