"""Plots are well-formed, say in words what they show, and stay within their frame."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from digest.render import plots

from .nasty import nasty_text

SVG = "{http://www.w3.org/2000/svg}"
rows = st.lists(st.tuples(nasty_text, st.tuples(*[st.integers(0, 10**6)] * 3)), max_size=30)
histories = st.dictionaries(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 500), max_size=60).map(
    lambda found: sorted(found.items())
)


def within(svg: str) -> ET.Element:
    """The plot's root, after a look at each rectangle."""
    root = ET.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width + 0.2
        assert 0 <= y <= y + h <= height + 0.2
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    return root


@given(rows)
def test_bars(found: list[tuple[str, tuple[int, int, int]]]) -> None:
    root = within(plots.stacked_bars(found, title="T <", description="D", legend=("a", "b", "c"), number="{:,}".format))
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert all(f"{sum(parts):,}" in texts for _, parts in found)


@given(st.lists(st.tuples(nasty_text, st.integers(0, 10**6)), max_size=60))
def test_columns(values: list[tuple[str, int]]) -> None:
    root = within(plots.columns(values, title="T", description="D", most="at most {}".format))
    assert len(list(root.iter(f"{SVG}rect"))) == sum(value > 0 for _, value in values)


@given(histories)
def test_buckets_lose_no_paper_and_leave_no_gap(history: list[tuple[date, int]]) -> None:
    """The counts add up, and each period follows the one before."""
    unit, counted = plots.buckets(history, limit=100)
    assert sum(count for _, count in counted) == sum(count for _, count in history)
    assert len(counted) <= 100
    days = [day for day, _ in counted]
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[unit]
    assert all(timedelta(0) < later - earlier <= timedelta(longest) for earlier, later in pairwise(days))


def test_the_finest_unit_that_fits_is_taken() -> None:
    start = date(2026, 2, 2)
    assert plots.buckets([(start, 1), (start + timedelta(29), 1)])[0] == "day"
    assert plots.buckets([(start, 1), (start + timedelta(30), 1)])[0] == "week"
    assert plots.buckets([(start, 1), (start + timedelta(400), 1)])[0] == "month"
    assert plots.buckets([(start, 1), (start + timedelta(4000), 1)])[0] == "year"


# --- maps ---


def points(count: int, groups: int) -> list[tuple[float, float, str, str]]:
    return [(n % 10 / 10, n // 10 / 10, f"cs.{'ABCDEFGHIJKL'[n % groups]}", f"Paper {n} <b>&") for n in range(count)]


def test_a_map_has_a_dot_and_a_title_for_each_paper_within_the_picture() -> None:
    found = within(
        plots.scatter(points(60, 11), marks=[("Sparse & Dense", (0.0, 1.0))], title="t", description="d", rest="others")
    )
    dots = [dot for dot in found.iter() if dot.tag.endswith("circle") and len(dot)]
    assert [dot[0].text for dot in dots] == [name for *_, name in points(60, 11)]
    width, height = float(found.get("width")), float(found.get("height"))
    for dot in dots:
        assert 0 < float(dot.get("cx")) < width
        assert 0 < float(dot.get("cy")) < height
    colours = {dot.get("fill") for dot in dots}
    assert colours == {*plots.GROUPS, plots.REST}
    words = [text.text for text in found.iter() if text.tag.endswith("text")]
    assert "others" in words
    assert "Sparse & Dense" in words


def test_only_groups_that_keep_together_are_named_each_in_a_place_of_its_own() -> None:
    near = [(0.2 + n / 100, 0.2) for n in range(5)]
    groups = {
        "Near": near,
        "Near Too": [(x, y + 0.01) for x, y in near[:4]],
        "Apart": [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)],
        "Elsewhere": [(0.8, 0.8)] * 4,
        "None": [],
    }
    named = dict(plots.landmarks(groups))
    assert named.keys() == {"Near", "Elsewhere"}
    assert named["Elsewhere"] == (0.8, 0.8)
