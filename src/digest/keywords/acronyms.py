"""Acronyms that a text defines itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_PARENTHESIS = re.compile(r"\(([^()]{2,120})\)")
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9&+.\-/]{1,11}")
_WORDS = re.compile(r"[^\s]+")
_PARTS = re.compile(r"[^\W_]+")
_FUNCTION_WORDS = frozenset({
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "our", "that", "the",
    "their", "this", "to", "we", "with",
})  # fmt: skip
_BREAK = re.compile(r"[.;:!?,]\s|[()\[\]{}]")
_SEPARATOR = re.compile(r"[;,]")
_PLURAL = re.compile(r"(?<=[A-Z0-9])s$")
_EDGE = " \t\n\"'“”‘’,.;:-–—"


def definitions(text: str) -> Mapping[str, str]:
    """Acronyms that *text* defines, with their long forms, in order of appearance; the first definition wins.

    Both orders are read: "long form (LF)" and "LF (long form)". A plural "s" of the acronym is left off. After
    Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text" (PSB 2003),
    made stricter: the first letters of both must agree, and the long form has at least two words or a word of four
    letters more than the acronym.
    """
    found: dict[str, str] = {}
    for short, long in _pairs(text):
        found.setdefault(short, long)
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for match in _PARENTHESIS.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip()
        inside = _SEPARATOR.split(match.group(1))[0].strip(_EDGE)
        if _is_short(inside):
            short = _PLURAL.sub("", inside)
            long = _long_form(short, _window(before, short))
        else:
            short = _PLURAL.sub("", before.rsplit(" ", 1)[-1].strip(_EDGE)) if before else ""
            long = _long_form(short, inside) if _is_short(short) and len(inside.split()) <= 8 else ""
            long = long if long and long.split()[0] == inside.split()[0] else ""
        if long and _believable(short, long):
            yield short, long


def _is_short(text: str) -> bool:
    """Two to twelve characters, a letter and a capital among them, no space."""
    return bool(_SHORT.fullmatch(text)) and sum(map(str.isupper, text)) >= min(2, len(text) - 1)


def _window(before: str, short: str) -> str:
    """The words before the parenthesis in which the long form must lie."""
    last = list(_BREAK.finditer(before))
    clause = before[last[-1].end() :] if last else before
    words = _WORDS.findall(clause)
    return " ".join(words[-min(len(short) + 5, len(short) * 2) :])


def _long_form(short: str, window: str) -> str:
    """The shortest end of *window* that has the letters of *short* in order, the first one beginning a word.

    Words whose first letters spell *short* go before a shorter end that only has its letters somewhere, so that RRG is
    "radiology report generation" and not "report generation". The empty string when there is none.
    """
    spelled = _initials(short, window)
    if spelled:
        return spelled
    at = len(window) - 1
    for index in range(len(short) - 1, -1, -1):
        letter = short[index].lower()
        if not letter.isalnum():
            continue
        while at >= 0 and (window[at].lower() != letter or (index == 0 and at > 0 and window[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    start = window.rfind(" ", 0, at + 1) + 1
    return window[start:].strip(_EDGE)


def _initials(short: str, window: str) -> str:
    """The last words of *window* when their first letters are exactly *short*, parts of hyphenated words counted."""
    letters = [c.lower() for c in short if c.isalnum()]
    starts = [match.start() for match in _PARTS.finditer(window)][-len(letters) :]
    if len(letters) < 2 or [window[start].lower() for start in starts] != letters:
        return ""
    start = window.rfind(" ", 0, starts[0] + 1) + 1
    return window[start:].strip(_EDGE) if start == starts[0] else ""


def _believable(short: str, long: str) -> bool:
    words = long.replace("-", " ").split()
    if not words or len(words) > min(len(short) + 5, len(short) * 2) or short.lower() in (w.lower() for w in words):
        return False
    if words[0].lower() in _FUNCTION_WORDS:
        return False
    # "Transformer (T)" and "v2 (V2)" define nothing.
    if len(words) == 1 and len(long) < len(short) + 4:
        return False
    return long[0].lower() == short[0].lower() and not any(c in long for c in "$\\=<>")
