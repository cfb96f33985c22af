"""Which plots become part of their page."""

from __future__ import annotations

import pytest

from digest.render import plots
from digest.site.drawing import pointed_at

XMLNS = "xmlns='http://www.w3.org/2000/svg'"
DOT = "<circle cx='1' cy='2' r='3'><title>A &lt;b&gt; paper</title></circle>"


def svg(inside: str) -> bytes:
    return f"<svg {XMLNS} viewBox='0 0 9 9'><title>Map</title>{inside}</svg>\n<!-- digest:00000000 -->\n".encode()


def test_a_plot_whose_parts_have_titles_does():
    drawn = pointed_at(svg(DOT))
    assert drawn is not None
    assert "<title>A &lt;b&gt; paper</title>" in drawn
    assert "<!--" not in drawn


def test_a_plot_without_stays_a_picture():
    bars = plots.stacked_bars([("cs.CL", (1, 2))], title="Title", description="Words", legend=("a", "b"), number=str)
    assert pointed_at(bars.encode()) is None


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<circle r='1' onclick='alert(1)'/>",
        "<a href='https://x.invalid'><circle r='1'/></a>",
        "<image href='https://x.invalid/a.png'/>",
        "<circle r='1' style='background:url(https://x.invalid)'/>",
        "<style>@import 'https://x.invalid'</style>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<use href='#x'/>",
        "<circle",
    ],
)
def test_nor_does_what_could_do_more_than_be_looked_at(inside):
    assert pointed_at(svg(DOT + inside)) is None


def test_entities_are_not_followed():
    data = svg(DOT + "<text>&file;</text>").replace(
        b"<svg", b"<!DOCTYPE svg [<!ENTITY file SYSTEM '/etc/hosts'>]><svg", 1
    )
    drawn = pointed_at(data)
    assert drawn is None or "localhost" not in drawn
