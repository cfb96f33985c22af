"""A week as a canvas, held to JSON Canvas 1.0."""

from __future__ import annotations

import json
from dataclasses import replace

from digest.render import canvas

from . import views


def drawn(spell=None) -> dict:
    (asset,) = canvas.of_week(spell or views.week())
    assert asset.path == "digests/weekly_digest_2026-W06.canvas"
    return json.loads(asset.content)


def test_nodes_and_edges_are_what_the_format_wants() -> None:
    found = drawn()
    names = [node["id"] for node in found["nodes"]]
    assert len(set(names)) == len(names)
    for node in found["nodes"]:
        assert node["type"] == "file"
        assert node["file"].endswith(".md")
        assert all(type(node[side]) is int for side in ("x", "y", "width", "height"))
    assert {edge["fromNode"] for edge in found["edges"]} | {edge["toNode"] for edge in found["edges"]} <= set(names)
    assert len({edge["id"] for edge in found["edges"]}) == len(found["edges"]) > 0


def test_papers_are_around_the_keywords_that_they_share() -> None:
    found = drawn()
    keyword = next(node for node in found["nodes"] if node["file"].startswith("keywords/"))
    assert {edge["toNode"] for edge in found["edges"]} == {keyword["id"]}
    papers = [node for node in found["nodes"] if node is not keyword]
    assert min(n["x"] for n in papers) <= keyword["x"] <= max(n["x"] + n["width"] for n in papers)


def test_a_paper_without_a_note_has_no_card() -> None:
    assert not any("2602.90004" in node["id"] for node in drawn()["nodes"])


def test_without_a_map_there_is_none() -> None:
    assert canvas.of_week(replace(views.week(), places={})) == ()
    assert canvas.of_week(views.month()) == ()
