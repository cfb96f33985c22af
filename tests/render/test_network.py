"""The drawn network is well-formed, escapes what is foreign, keeps within its frame, and shows each paper once."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.render.network import MOST, Side, citation_network

from .nasty import nasty_text

SVG = "{http://www.w3.org/2000/svg}"
papers = st.lists(st.tuples(nasty_text, nasty_text), max_size=30)


def drawn(cites, cited_by, *, more: int = 0, paper=("This", "This paper")) -> ET.Element:
    svg = citation_network(
        paper,
        cites=Side(name="cites", papers=cites, more=more),
        cited_by=Side(name="cited by", papers=cited_by),
        title="Citations",
        description="Who cites whom",
    )
    return ET.fromstring(svg)


def texts(root: ET.Element) -> list[str]:
    return [
        "".join(child for child in (element.text or "", *(e.tail or "" for e in element)))
        for element in root.iter(f"{SVG}text")
    ]


@given(papers, papers, st.integers(0, 10**6), nasty_text)
def test_any_text_is_drawn_within_the_frame(cites, cited_by, more, name) -> None:
    root = drawn(cites, cited_by, more=more, paper=(name, name))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for circle in root.iter(f"{SVG}circle"):
        x, y, r = (float(circle.attrib[key]) for key in ("cx", "cy", "r"))
        assert r <= x <= width - r
        assert r <= y <= height - r
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height
    for path in root.iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path.attrib["d"])]
        assert all(0 <= number <= max(width, height) for number in numbers)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= set(
        "svg title desc defs marker path circle text".split()
    )
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)


@given(papers, papers, st.integers(0, 1000))
def test_every_paper_is_drawn_or_counted(cites, cited_by, more) -> None:
    root = drawn(cites, cited_by, more=more)
    dots = len(list(root.iter(f"{SVG}circle"))) - 1
    counted = sum(int(text[1:]) for text in texts(root) if re.fullmatch(r"\+\d+", text) and text[1:] != "0")
    named = {f"+{n}" for n in range(1000)} & {short for short, _ in [*cites, *cited_by]}
    assert dots == min(len(cites), MOST) + min(len(cited_by), MOST)
    if not named:
        assert dots + counted == len(cites) + len(cited_by) + more


def test_an_arrow_points_at_what_is_cited() -> None:
    """The paper's lines begin at the citing one, on the left of the cited one."""
    root = drawn([("New 2020", "New")], [("Late 2024", "Late")])
    lines = [path.attrib["d"] for path in root.iter(f"{SVG}path") if "marker-end" in path.attrib]
    starts = [float(re.match(r"M([\d.]+)", line)[1]) for line in lines]
    ends = [float(re.findall(r"[\d.]+", line)[-2]) for line in lines]
    assert len(lines) == 2
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    middle = float(next(c for c in root.iter(f"{SVG}circle") if c.attrib["r"] == "7").attrib["cx"])
    assert sorted(
        abs(start - middle) < 15 or abs(end - middle) < 15 for start, end in zip(starts, ends, strict=True)
    ) == [True, True]


def test_a_title_is_shown_whole_where_the_name_is_cut() -> None:
    long = "A name that is far longer than the room beside its dot"
    root = drawn([(long, "The whole title")], [])
    written = next(text for text in texts(root) if text.startswith("A name"))
    assert written.endswith("…")
    assert len(written) <= 26
    assert [t.text for t in root.iter(f"{SVG}title")].count("The whole title") == 2


@pytest.mark.parametrize(("cites", "cited_by"), [([], []), ([("a", "A")], []), ([], [("b", "B")] * 12)])
def test_the_same_bytes_each_time(cites, cited_by) -> None:
    one, other = (ET.tostring(drawn(cites, cited_by)) for _ in range(2))
    assert one == other
