"""TeX outside maths → Unicode: accents, letters, and for titles also ligatures and escaped signs.

The rules are those of arXiv's own tex2utf (accents in every braced form, letters like ``\\o``, ``$…$`` left alone,
font commands left alone), written anew on combining characters instead of a table of composed letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_ACCENTS: Final = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}

_LETTERS: Final = {
    "AA": "Å",
    "AE": "Æ",
    "DH": "Ð",
    "DJ": "Đ",
    "ETH": "Ð",
    "L": "Ł",
    "NG": "Ŋ",
    "O": "Ø",
    "OE": "Œ",
    "TH": "Þ",
    "aa": "å",
    "ae": "æ",
    "dh": "ð",
    "dj": "đ",
    "eth": "ð",
    "i": "ı",
    "j": "ȷ",
    "l": "ł",
    "ng": "ŋ",
    "o": "ø",
    "oe": "œ",
    "ss": "ß",
    "th": "þ",
}

_SIGNS: Final = {
    "LaTeX": "LaTeX",
    "S": "§",
    "TeX": "TeX",
    "copyright": "©",
    "dots": "…",
    "euro": "€",
    "ldots": "…",
    "pounds": "£",
    "textasciitilde": "~",
    "textdegree": "°",
    "textemdash": "—",
    "textendash": "–",
    "textmu": "µ",
    "textregistered": "®",
    "texttrademark": "™",
}

_GREEK: Final = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Upsilon",
            "Phi",
            "Psi",
            "Omega",
        ],
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        strict=True,
    )
)

# Maths and addresses are told apart first. The bound on maths keeps a hostile row of openers from costing its square.
_PROTECTED: Final = re.compile(
    r"(\$\$[^$]+\$\$|(?<!\\)\$(?:[^$\\]|\\.)+\$|\\\(.{1,1000}?\\\)|\\\[.{1,1000}?\\\]|https?://[^\s{}]+)", re.DOTALL
)

_LETTER: Final = r"[^\W\d_][\u0300-\u036f]*"
_BASE: Final = rf"\{{\s*(?:\\(?P<dotless_in>[ij])|(?P<letter_in>{_LETTER}))\s*\}}"
_BARE: Final = rf"(?:\\(?P<dotless>[ij])(?![A-Za-z])(?:\{{\}})?|(?P<letter>{_LETTER}))"
# Some records carry their backslashes doubled.
_BY_MARK: Final = re.compile(rf"(?<!/)\\{{1,3}}(?P<accent>[`'^\"~=.])(?:{_BASE}|{_BARE})")
_BY_NAME: Final = re.compile(rf"\\(?P<accent>[Hbcdkruv])(?:\s*{_BASE}|(?:\s+|(?=\\)){_BARE})")
_TIE: Final = re.compile(r"\\t\s*\{([^\W\d_]{2})\}")

_COMMAND: Final = r"\\({names})(?![A-Za-z])(\{{\}}|\s+(?!and\b)(?=[a-z]))?"
_LETTER_COMMAND: Final = re.compile(_COMMAND.format(names="|".join(_LETTERS)))
_SIGN_COMMAND: Final = re.compile(rf"\\({'|'.join(_SIGNS | _GREEK)})(?![A-Za-z])(?:\{{\}})?")

_BRACED_LETTER: Final = re.compile(r"(\\[A-Za-z]+\s*)?\{([^\W\d_a-zA-Z][\u0300-\u036f]*)\}")
# A command keeps its arguments; braces that only hold letters together go.
_BRACES: Final = re.compile(r"(\\[A-Za-z]+\s*(?:\{[^{}]*\})*)|\{((?:[^\W\d_]|[ .'\u2019\u0300-\u036f-])+)\}")

_TYPESETTING: Final = re.compile(r"[\\`~{]|--|''")
_ESCAPED: Final = re.compile(r"\\([&%#_])")
_ESCAPED_IN_ADDRESS: Final = re.compile(r"\\([&%#_~])")
_FINE_SPACES: Final = re.compile(r"\\[-/]|\\(?=[ \n])")
_TIED_WORDS: Final = re.compile(r"(?<=[\w.,;:)])~(?=[\w($\\])")
_LONG_DASH: Final = re.compile(r"(?<!-)---(?!-)")
# "foo --bar" names an option of a program; "foo -- bar", "foo--bar" and "3--5" are typesetting.
_DASH: Final = re.compile(r"(?<![-\s])--(?!-)|(?<=\s)--(?=\s|$)")


def accents(text: str) -> str:
    """Convert TeX accents and letters outside ``$…$``; leave all else."""
    return _outside_maths(text, _accents, keep=str) if "\\" in text or "{" in text else text


def ligatures(text: str) -> str:
    """Convert accents and what else TeX would set as one sign outside ``$…$``: dashes, quotes, ties, escaped signs.

    An escaped ``\\$`` stays, because a bare one would open maths.
    """
    if not _TYPESETTING.search(text):
        return text
    return _outside_maths(text, lambda part: _signs(_accents(part)), keep=_unescape_address)


def _outside_maths(text: str, convert: Callable[[str], str], keep: Callable[[str], str]) -> str:
    parts = _PROTECTED.split(text)
    return "".join(keep(part) if index % 2 else convert(part) for index, part in enumerate(parts))


def _unescape_address(part: str) -> str:
    return _ESCAPED_IN_ADDRESS.sub(r"\1", part) if part.startswith("http") else part


def _accents(text: str) -> str:
    if "\\" not in text:
        return _unbraced(text)
    for _ in range(2):  # an accent on an accented letter
        text = _unbraced(_BY_NAME.sub(_compose, _BY_MARK.sub(_compose, text)))
    text = _TIE.sub(r"\1", text)
    return _unbraced(_LETTER_COMMAND.sub(lambda match: _LETTERS[match[1]], text))


def _unbraced(text: str) -> str:
    """Letters with an accent out of braces of their own: na{ï}ve; an argument of a command stays in its."""
    return _BRACED_LETTER.sub(lambda match: match[0] if match[1] else match[2], text) if "{" in text else text


def _compose(match: re.Match[str]) -> str:
    base = match["dotless_in"] or match["letter_in"] or match["dotless"] or match["letter"]
    composed = unicodedata.normalize("NFC", base[0] + _ACCENTS[match["accent"]] + base[1:])
    if len(composed) == 1:
        return composed
    if match["accent"] == "'" and match["letter"] and match.start() and match.string[match.start() - 1].isalpha():
        return f"'{base}"  # an apostrophe that somebody has escaped: Don\'t
    # "\.X" and "\=X" are more often a slip of the pen than an accent that Unicode lacks.
    return match[0] if match["accent"] in ".=~" else composed


def _signs(text: str) -> str:
    text = _LONG_DASH.sub("—", text)
    text = _DASH.sub("–", text)
    text = text.replace("``", "“").replace("''", "”")
    text = _TIED_WORDS.sub(" ", text)
    if "\\" in text:
        text = _SIGN_COMMAND.sub(lambda match: (_SIGNS | _GREEK)[match[1]], text)
        text = _FINE_SPACES.sub("", _ESCAPED.sub(r"\1", text))
    return _BRACES.sub(lambda match: match[1] or match[2], text) if "{" in text else text
