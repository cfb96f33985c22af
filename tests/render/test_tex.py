"""What of a text is mathematics, and what the rest says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from digest.render import tex

from .nasty import nasty_text


def formulas(text: str) -> list[str]:
    return [span.text for span in tex.spans(text) if span.is_math]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("for $x$ and $y$", ["x", "y"], id="inline"),
        pytest.param("$$x^2$$", ["x^2"], id="display"),
        pytest.param(r"\(x\) and \[y\]", ["x", "y"], id="LaTeX's own delimiters"),
        pytest.param("it costs $5 and $10 more", [], id="money"),
        pytest.param("US$100-US$200", [], id="money and a hyphen"),
        pytest.param("from $0.13 per page to $1.12 per page", [], id="prices"),
        pytest.param(r"it costs \$5 and $x$", ["x"], id="escaped money"),
        pytest.param("$ \\alpha $ apart", ["\\alpha"], id="spaces and a command"),
        pytest.param("G315.4$-$2.3 and $<$10", ["-", "<"], id="an operator before a digit"),
        pytest.param(r"H$\alpha$4861", [r"\alpha"], id="a command before a digit"),
        pytest.param("$f(x$ is {odd", ["f(x"], id="braces count, parentheses do not"),
        pytest.param("$x_{1$ and $y$", ["y"], id="unbalanced"),
        pytest.param(r"$\href{javascript:alert(1)}{x}$", [], id="a formula that would be a link"),
        pytest.param(r"$\require{html}\style{x}{y}$ and $\def\x{y}$", [], id="definitions and styles"),
        pytest.param(r"\textbf{2.7$\times$} faster", [r"\times"], id="a font around a formula"),
        pytest.param("an odd $ and then all of this long sentence follows until the next$ sign", [], id="a sentence"),
    ],
)
def test_mathematics_is_found(text: str, expected: list[str]) -> None:
    assert formulas(text) == expected


@given(nasty_text)
@settings(max_examples=500)
def test_no_word_is_lost_between_spans(text: str) -> None:
    """Every letter of the text is in a span, in order, but for those that name a font."""
    joined = "".join(span.text for span in tex.spans(text))
    if "\\" not in text:
        assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(r"50\% \& \#1 \_ \{x\}", "50% & #1 _ {x}", id="escapes"),
        pytest.param(r"\emph{a \textbf{b} c} {\it d}", "a b c d", id="fonts"),
        pytest.param(r"\href{https://a.invalid/b}{here} \url{https://c.invalid}", "here (https://a.invalid/b) https://c.invalid", id="links"),
        pytest.param(r"as in~\cite{foo2020,bar} shown", "as in shown", id="citations"),
        pytest.param(r"Erd\H{o}s, Schr\"odinger, Fr\'{e}chet, \v{C}ech, \L{}ukasz", "Erdős, Schrödinger, Fréchet, Čech, Łukasz", id="accents"),
        pytest.param(r"{\'e}tale", "étale", id="an accent in braces"),
        pytest.param("``quoted'' text", "“quoted” text", id="quotes"),
        pytest.param("pages 3--5 --- done", "pages 3–5 — done", id="dashes"),
        pytest.param("a --flag and --> stay", "a --flag and --> stay", id="no dashes"),
        pytest.param("Fig.~3 and ~10", "Fig. 3 and ~10", id="ties"),
        pytest.param("https://x.invalid/~me a~b", "https://x.invalid/~me a b", id="no tie in an address"),
        pytest.param(r"\ours{} beats \alpha and 3 \times 4", r"\ours beats α and 3 × 4", id="commands"),
        pytest.param(r"R\textsuperscript{2} \textcolor{red}{hot} \enquote{q} \ion{C}{iv}", "R² hot “q” C iv", id="others"),
    ],
)  # fmt: skip
def test_prose(text: str, said: str) -> None:
    assert tex.prose(text) == said


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        (r"$\alpha$-Stable", "α-Stable"),
        (r"$Y_{\rm p}$ and $z\sim 2$", "Yₚ and z∼2"),
        (r"$\frac{a}{b}$, $\sqrt{2}$, $\hat{x}$, $\mathbb{R}^n$", "a/b, √2, x̂, Rⁿ"),
        (r"\HI gas at $10^{55}$ erg", "HI gas at 10⁵⁵ erg"),
        ("AT$ no math", "AT$ no math"),
        ("plain  text\n here", "plain text here"),
    ],
)
def test_plain(title: str, plain: str) -> None:
    assert tex.plain(title) == plain


@given(nasty_text)
@settings(max_examples=500)
def test_plain_is_one_line(text: str) -> None:
    assert "\n" not in tex.plain(text)
