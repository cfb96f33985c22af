"""Names of authors: as arXiv's author line has them, and as its interfaces take it apart."""

from __future__ import annotations

import re
import unicodedata


def split_authors(line: str) -> list[str]:
    """Split an author line at commas and "and" outside parentheses."""
    names, depth, start = [], 0, 0
    for match in re.finditer(r"[()]|,\s*(?:and\s+)?|\s+and\s+", line):
        if match[0] in "()":
            depth += 1 if match[0] == "(" else -1
        elif depth == 0:
            names.append(line[start : match.start()])
            start = match.end()
    names.append(line[start:])
    return [name for name in names if name.strip()]


def name_of(author: str) -> str:
    """An author without the affiliation."""
    return author.partition(" (")[0].strip()


def affiliations_of(author: str) -> tuple[str, ...]:
    _, _, rest = author.partition(" (")
    return tuple(split_authors(rest.removesuffix(")"))) if rest else ()


_ACCENTS = dict(
    zip(
        "'`^\"~=.cvHukrbd",
        "\u0301\u0300\u0302\u0308\u0303\u0304\u0307\u0327\u030c\u030b\u0306\u0328\u030a\u0331\u0323",
        strict=True,
    )
)
_LETTERS = {"o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "i": "ı"}
_MARK = r"\\(?:(?P<sign>['`^\"~=.])|(?P<word>[cvHukrbd])(?=[{\s\\]))"
_ACCENT = re.compile(
    rf"(?P<open>\{{)?{_MARK}\s*(?:\{{\s*\\?(?P<inner>[A-Za-z])\s*\}}|\\?(?P<bare>[A-Za-z]))(?(open)\s*\}})"
)
_LETTER = re.compile(r"(?P<open>\{)?\\(?P<letter>ss|ae|AE|aa|AA|o|O|l|L|i)(?![A-Za-z])(?(open)\s*\}|(?:\{\}|\s)?)")


def unicode_name(name: str) -> str:
    """TeX accents as letters, which the search API and OAI's ``arXiv`` format do for names."""
    accented = _ACCENT.sub(
        lambda m: unicodedata.normalize("NFC", (m["inner"] or m["bare"]) + _ACCENTS[m["sign"] or m["word"]]), name
    )
    return _LETTER.sub(lambda m: _LETTERS[m["letter"]], accented)


_SUFFIXES = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))
_PARTICLES = frozenset(
    ("al", "bin", "da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "ten", "van", "von", "zu")
)


def name_parts(name: str) -> tuple[str, str, str]:
    """Key name with its particles, forenames, suffix."""
    words = name.split()
    suffix = words.pop() if len(words) > 2 and words[-1] in _SUFFIXES else ""
    if words and words[-1].lower() in ("collaboration", "consortium", "team", "group"):
        return " ".join(words), "", suffix
    start = max(len(words) - 1, 0)
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]), suffix
