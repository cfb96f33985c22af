"""A week as a JSON Canvas (https://jsoncanvas.org/spec/1.0): papers around the keywords that they share, as on its map."""

from __future__ import annotations

import json
from statistics import median

from digest.model import Asset, Spell
from digest.render.names import canvas_path

SCALE = 6
"""Pixels for one of the map's thousand steps."""

PAPER, KEYWORD = (420, 260), (300, 80)
MOST = 60
"""Papers on a canvas, those that most others are near first, then those of its keywords."""

COLOUR = "5"


def of_week(spell: Spell) -> tuple[Asset, ...]:
    """Nothing without a map: of a month, or of a week of few papers."""
    linked = {e.id: e.link.path for s in spell.sections for e in s.entries if e.link and e.id in spell.places}
    wanted = [*(row.entry.id for row in spell.central), *(paper for mark in spell.landmarks for paper in mark.papers)]
    shown = {paper: linked[paper] for paper in list(dict.fromkeys(p for p in wanted if p in linked))[:MOST]}
    if not shown:
        return ()
    marks = [(mark.link, [paper for paper in mark.papers if paper in shown]) for mark in spell.landmarks]
    marks = [(link, papers) for link, papers in marks if len(papers) > 1]
    nodes = [_node(paper, path, spell.places[paper], PAPER) for paper, path in shown.items()]
    nodes += [
        _node(link.path, link.path, _middle([spell.places[paper] for paper in papers]), KEYWORD) | {"color": COLOUR}
        for link, papers in marks
    ]
    edges = [
        {"id": f"{paper} {link.path}", "fromNode": paper, "toNode": link.path, "toEnd": "none"}
        for link, papers in marks
        for paper in papers
    ]
    content = json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False, indent=1)
    return (Asset(path=canvas_path(spell.path), content=content + "\n"),)


def _node(name: str, path: str, place: tuple[int, int], size: tuple[int, int]) -> dict[str, object]:
    """A card that shows a note, its middle at a place of the map."""
    (x, y), (width, height) = place, size
    corner = {"x": x * SCALE - width // 2, "y": y * SCALE - height // 2}
    return {"id": name, "type": "file", "file": f"{path}.md", **corner, "width": width, "height": height}


def _middle(places: list[tuple[int, int]]) -> tuple[int, int]:
    return round(median(x for x, _ in places)), round(median(y for _, y in places))
