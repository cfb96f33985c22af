"""Formulas as MathML."""

from __future__ import annotations

import pytest
from lxml import html

from digest.site.mathematics import mathml


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("k", "k"),
        (r"\alpha \lt \beta", "α<β"),
        (r"\frac{a}{b}", "ab"),
        (r"\binom{n}{2}", "(n2)"),
        (r"x\unicode{x24}", "x$"),
        (r"\textbf{92\%}", "92%"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "(1234)"),
        (r"\text{a&lt;b}", "a&lt;b"),
    ],
)
def test_a_formula_is_mathml(tex, text):
    root = html.fragment_fromstring(mathml(tex))
    assert root.tag == "math"
    assert root.text_content() == text


def test_display():
    assert html.fragment_fromstring(mathml("x", display=True)).get("display") == "block"


@pytest.mark.parametrize(
    "tex",
    [r"\Msun", "{", "{" * 5000, r"\begin{cases}1", r"x_a_b", r"\unicode{x5c}", r"\unicode{x202e}a", r"\unicode{xd800}"],
)
def test_what_cannot_be_converted_shows_its_source(tex):
    root = html.fragment_fromstring(mathml(tex))
    assert (root.tag, root.text_content()) == ("code", f"${tex}$")


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\class{a\" onclick=\"alert(1)}{x}",
        r"<script>alert(1)</script>",
        r"\color{red;background:url(http://x.invalid)}{x}",
        r"\style{background:url(http://x.invalid)}{x}",
    ],
)
def test_nothing_hostile_comes_through(tex):
    root = html.fragment_fromstring(mathml(tex))
    names = {name for element in root.iter() for name in element.attrib}
    assert {element.tag for element in root.iter()} <= {*"math mrow mi mo mn mtext mstyle mspace code".split()}
    assert not names - {"display", "stretchy", "form", "fence", "class"}
    assert root.tag == "code" or "class" not in names
