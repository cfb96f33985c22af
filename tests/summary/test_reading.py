"""The reading form of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summary.reading import plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param(r"an \emph{early} result", "an early result", id="emphasis"),
        pytest.param(r"\textbf{Bold} and \textit{slanted \texttt{code}}", "Bold and slanted code", id="nested fonts"),
        pytest.param(r"{\em old} and {\it older {\bf yet}} style", "old and older yet style", id="old font switches"),
        pytest.param(r"as known~\cite{a,b}, and \citep[p.~2]{c}.", "as known, and.", id="citations"),
        pytest.param("``quoted'' and `single'", "“quoted” and ‘single’", id="quotes"),
        pytest.param("Fig.~2 of~ten", "Fig. 2 of ten", id="ties"),
        pytest.param("~10x faster (~5 ms)", "~10x faster (~5 ms)", id="about"),
        pytest.param(r"5\% of A\&B, \#1, a\_b", "5% of A&B, #1, a_b", id="escaped characters"),
        pytest.param(r"\$5 of \$10", "$5 of $10", id="escaped dollars"),
        pytest.param("1990--2000 --- a decade", "1990–2000 — a decade", id="dashes"),
        pytest.param("run it with --fast", "run it with --fast", id="an option is no dash"),
        pytest.param(r"Erd\H{o}s, Poincar\'e, G\"odel, na\"{\i}ve, \c{c}a", "Erdős, Poincaré, Gödel, naïve, ça", id="accents"),
        pytest.param(r"\L ukasz Stra\ss{}e", "Łukasz Straße", id="letters"),
        pytest.param("{BERT} and a {T}ree", "BERT and a Tree", id="groups"),
        pytest.param(r"the set \{1, 2\} and {1, 2}", "the set {1, 2} and {1, 2}", id="sets are kept"),
        pytest.param(r"\href{https://example.org}{here} or \url{https://example.org/a_b}", "here or https://example.org/a_b", id="links"),
        pytest.param(r"\textcolor{red}{warm}\footnote{cold} words", "warm words", id="colours and footnotes"),
        pytest.param(r"keep $\alpha\%~x_{i}$ and \( \emph{n} \)", r"keep $\alpha\%~x_{i}$ and $\emph{n}$", id="mathematics"),
        pytest.param(r"\emph{$\epsilon$-nets}", r"$\epsilon$-nets", id="mathematics within emphasis"),
        pytest.param(r"some, \ie, two", "some, i.e., two", id="authors' macros for Latin"),
        pytest.param(r"a \ours method", r"a \ours method", id="what is not known stays"),
        pytest.param("one\n  two\tthree ", "one two three", id="white space"),
        pytest.param("stand in \ue0030\ue004 $x$", "stand in 0 $x$", id="our own stand-ins cannot be forged"),
    ],
)  # fmt: skip
def test_reading_form(written: str, read: str) -> None:
    assert plain(written) == read


PIECES = st.sampled_from(
    [
        "\\emph{",
        "}",
        "{",
        "$",
        "\\$",
        "$$",
        "\\(",
        "\\)",
        "\\cite{",
        "~",
        "``",
        "''",
        "\\'",
        "e",
        "\\",
        "--",
        "\ue003",
        "0",
        "\ue004",
        "\n",
        "x",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_becomes_one_trimmed_line(text: str) -> None:
    read = plain(text)

    assert read == " ".join(read.split())


@given(st.text(alphabet="abc XYZ.,;!?", max_size=80))
def test_prose_without_tex_keeps_its_words(text: str) -> None:
    assert "".join(plain(text).split()) == "".join(text.split())
