"""What is left of a title or a name when its spelling is left out: letters and digits, in words.

Two spellings of one title must fold to the same; two titles should not. Case, accents, ligatures, punctuation, TeX's
commands and braces, British endings and a leading article go. Rules that turn an English word into no word at all
("source" → "sorce") do no harm, for both sides of every comparison are folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_GREEK: Final = {
    char: unicodedata.name(char).rsplit(" ", 1)[-1].lower()
    for char in map(chr, range(0x3B1, 0x3CA))
    if unicodedata.name(char).startswith("GREEK SMALL LETTER") and char != "ς"
} | {"ς": "sigma", "λ": "lambda", "µ": "mu"}
_LETTERS: Final = str.maketrans(
    _GREEK
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | dict.fromkeys("'’‘`´ʼ", "")  # an apostrophe joins
)
_MARKS: Final = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD: Final = re.compile(r"[^\W_]+")

# A line end's hyphen is told from a word's own by the space behind it.
_BROKEN: Final = re.compile(r"(?<=[^\W\d_])[-\u2010]\s+(?=[a-zß-ÿ])(?!(?:and|or|to|und|et)\b)")

_NAMED: Final = frozenset(_GREEK.values())
_ACCENT: Final = re.compile(r"\\(?:[`'^\"~=.]|[Hbcdkruvt](?=\s*\{|\s*\\[ij]))\s*")
_COMMAND: Final = re.compile(r"\\([A-Za-z]+)\s*|\\(.)")
_LETTER_COMMANDS: Final = {"aa": "a", "ae": "ae", "i": "i", "j": "j", "l": "l", "o": "o", "oe": "oe", "ss": "ss"} | {
    "ell": "l"
}
_TYPESETTING: Final = re.compile(r"[{}$^_]")

_AMERICAN: Final = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"(?<=..)is(e|ed|es|er|ers|ing|able|ation|ations|ational)$", r"iz\1"),
        (r"(?<=..)ys(e|ed|es|er|ers|ing)$", r"yz\1"),
        (r"(?<=..[^e])our(?=$|s$|ed$|ing$|al$|ally$|able$|ful$|hood|ite|less)", "or"),
        (r"(?<=..[bt])re(?=s?$|d$)", "er"),
        (r"ogue(?=s?$|d$)", "og"),
        (r"(?<=[fc])ence(?=s?$|less$)", "ense"),
        (r"(?<=[^aeiou][aeiou])ll(?=(?:ed|ing|er|ers|able)$)", "l"),
        (r"^(h?)ae(?=...)|(?<=..)ae(?=[mosti]...)", r"\1e"),
        (r"^grey", "gray"),
        (r"^sulph", "sulf"),
        (r"^artefact", "artifact"),
        (r"gramme(?=s?$)", "gram"),
        (r"minium$", "minum"),
        (r"dgement(?=s?$)", "dgment"),
        (r"^ageing$", "aging"),
        (r"wards$", "ward"),
    )
)
_LIKELY_BRITISH: Final = re.compile(
    r"is|ys|our|re|ogue|ence|ll|ae|grey|sulph|artefact|gramme|inium|dgement|ageing|wards"
)
ARTICLES: Final = frozenset(("a", "an", "the"))


def words(text: str) -> list[str]:
    """The folded words of *text*, in order; of any script."""
    if "\\" in text or "$" in text or "{" in text:
        text = _without_tex(text)
    text = _BROKEN.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = _MARKS.sub("", text)
    return [_american(word) for word in _WORD.findall(text.casefold().translate(_LETTERS))]


def headless(folded: Sequence[str]) -> Sequence[str]:
    """Folded words without a leading article, which is left out at will."""
    return folded[1:] if len(folded) > 1 and folded[0] in ARTICLES else folded


def compact(folded: Sequence[str]) -> str:
    """Folded words as one run of letters, for spaces and hyphens come and go; without a leading article."""
    return "".join(headless(folded))


def _without_tex(text: str) -> str:
    text = _COMMAND.sub(_command, _ACCENT.sub("", text))
    return _TYPESETTING.sub("", text)


def _command(match: re.Match[str]) -> str:
    name, sign = match[1], match[2]
    if name is None:
        return " " if sign in ", ;:!\\" else sign
    greek = name.removeprefix("var").lower()
    return f"{greek} " if greek in _NAMED else _LETTER_COMMANDS.get(name, "")


@lru_cache(maxsize=1 << 15)
def _american(word: str) -> str:
    if len(word) < 5 or not _LIKELY_BRITISH.search(word):
        return word
    for british, american in _AMERICAN:
        word = british.sub(american, word)
    return word
