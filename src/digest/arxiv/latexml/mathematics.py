"""The TeX of formulas: what the author wrote, as LaTeXML keeps it beside its MathML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bs4 import Tag

from digest.arxiv.latexml.markup import attribute, strings
from digest.document import Line, Style

_COMMENT: Final = re.compile(r"(?<!\\)%[ \t]*\n[ \t]*")
_STYLE: Final = re.compile(r"\\(?:displaystyle|textstyle|scriptstyle)(?![A-Za-z])\s*")
_CHARACTER: Final = re.compile(r"\\char\s+(\d{1,3})(?!\d)\s*")
_TOKEN: Final = re.compile(r"\\(?:text[a-z]*|mbox|hbox|fbox)\s*(?=\{)|\\.|[{}$]", re.DOTALL)
_TEXT_ESCAPES: Final = str.maketrans(
    {"\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "^": ""}
)


def tex(element: Tag) -> str:
    """The TeX of a ``math`` element, or of the image or text that stands for one: one line, no dollar signs."""
    told = attribute(element, "alttext") or attribute(element, "alt")
    if not told:
        annotation = element.find("annotation", encoding="application/x-tex")
        told = strings(annotation if isinstance(annotation, Tag) else element)
    return normal(told)


def normal(source: str) -> str:
    """TeX without LaTeXML's own marks: leading ``\\displaystyle``, comments at line ends, dollars within.

    A dollar within ``\\text{…}`` becomes ``\\(`` or ``\\)``; any other (siunitx leaves some) means nothing in mathematics.
    """
    line = " ".join(_COMMENT.sub("", source).split())
    if match := _STYLE.match(line):
        line = line[match.end() :]
    if "\\char" in line:
        line = _CHARACTER.sub(_character, line)
    return _without_dollars(line).strip() if "$" in line else line


def _character(match: re.Match[str]) -> str:
    character = chr(int(match[1]))
    return f"\\{character}" if character in "%#&$_{}" else character if character.isprintable() else ""


def _without_dollars(line: str) -> str:
    parts: list[str] = []
    groups: list[bool] = []  # of each open brace: whether it holds text
    position, opens_text, in_formula = 0, False, False
    for match in _TOKEN.finditer(line):
        parts.append(line[position : match.start()])
        position, token = match.end(), match[0]
        if token == "{":
            groups.append(opens_text or (bool(groups) and groups[-1]))
        elif token == "}" and groups:
            groups.pop()
        elif token == "$":
            is_text = bool(groups) and groups[-1]
            in_formula = is_text and not in_formula
            token = "" if not is_text else "\\(" if in_formula else "\\)"
        opens_text = len(token) > 2
        parts.append(token)
    return "".join([*parts, line[position:]])


def joined(line: Line) -> str:
    """A line of an equation as TeX: formulas as they are, words between them as ``\\text{…}``."""
    parts = []
    for span in line:
        if span.style is Style.MATHEMATICS:
            parts.append(span.text)
        elif span.text.strip():
            parts.append(f"\\text{{{span.text.translate(_TEXT_ESCAPES)}}}")
    return " ".join(parts)


def aligned(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as one formula."""
    lines = [list(row) for row in rows]
    if len(lines) == 1:
        return " ".join(lines[0])
    return " ".join(["\\begin{aligned}", " \\\\ ".join(map(" & ".join, lines)), "\\end{aligned}"])
