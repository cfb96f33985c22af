"""Titles compared: where one may end in a reference, and how two differ."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final

from digest.citations.folding import compact, headless, words


class Likeness(IntEnum):
    """How a title in a reference stands to a paper's; the higher the closer."""

    OTHER = 0
    SHORTER = 1  # the beginning of the paper's, at least its main title
    SPELT = 2  # the same but for small words, plurals or a slip of the pen
    SAME = 3


@dataclass(frozen=True, slots=True)
class End:
    """A place at which a title may end that begins with the text."""

    letters: str  # what stands before it, folded and compact
    words: tuple[str, ...]
    goes_on: bool  # what follows reads like more of the title: a colon, a dash, or a comma and a small letter
    rest: str  # what follows

    @property
    def is_last(self) -> bool:
        """Whether nothing follows, or what reads like where it was published."""
        return not self.rest or _is_place(self.rest)


# A boundary has a sign that may end a title; a full stop or a dash needs space, for numbers and compounds have them too.
_BOUNDARY: Final = re.compile(r"\s*(?:[,.:;?!]+[”\"’')\]]*(?=\s|$)|[(\[]|\s[-–—]+\s|[—–](?=\s)|$)\s*")
_BREAK: Final = re.compile(r"\s*(?::(?=\s|$)|\s[-–—]+\s|—|[?!](?=\s))\s*")
_AFTER: Final = re.compile(
    r"(?i:in(?!-)|arxiv|corr|proc|proceedings|pp?|pages|vol|volume|no|number|url|doi|https?|to appear|accepted|submitted|"
    r"preprint|available|accessed|ed|eds|edited|et al|e-?prints?|working|unpublished|technical report|tech\.? rep|phd|ph\.d|thesis|under|"
    r"presented|published|www)\b"
)
MOST_ENDS: Final = 12


@lru_cache(maxsize=1 << 12)
def ends(opening: str) -> tuple[End, ...]:
    """The places at which a title may end that *opening* begins with, the first ones."""
    folded: list[str] = []
    found: list[End] = []
    at = 0
    for match in _BOUNDARY.finditer(opening):
        folded += words(opening[at : match.start()])
        at = match.end()
        if folded:
            found.append(End(compact(folded), tuple(folded), _goes_on(match[0], opening[at:]), opening[at:]))
        if len(found) == MOST_ENDS:
            break
    return tuple(found)


def _goes_on(sign: str, rest: str) -> bool:
    if not rest:
        return False
    if ":" in sign or _NEXT_PART.match(rest):
        return True
    if _AFTER.match(rest):
        return False
    if sign.strip("-–— ") == "":
        return True
    if "(" in sign or "[" in sign:
        return not rest[0].isdigit()
    return "," in sign and rest[0].isalpha() and rest[0].islower()


_NEXT_PART: Final = re.compile(
    r"\W?(?i:part|paper|volume|episode|chapter)\s+\W?(?:\d|(?i:[ivx]+|one|two)\b)|[IVX]{1,4}\b"
)
_PLACE: Final = re.compile(
    r"\b(?i:proc|proceedings|journal|conference|symposium|workshop|transactions|trans|annals|letters|lett|ieee|acm|aaai|usenix|"
    r"siam|springer|elsevier|univ|thesis|adv|advances in|int|astrophys|astron|comput|bulletin|bull|acad|commun|lecture notes|"
    r"findings|monthly notices|acta|europhys|eur|plos)\b"
)
_ABBREVIATIONS: Final = re.compile(r"(?:[A-Z][a-z]{0,8}\.\s*){2}")  # J. Mach. Learn. Res.
_NAME_AND_FIGURE: Final = re.compile(
    r"(?:[A-Z][\w&'-]*\s*|(?:of|and|in|on|the|for|&)\s){1,5}[,;:.(]*\s*\(?\d+\s*(?:[^\w\s]|$|\(|pp?\b)"
)


def _is_place(rest: str) -> bool:
    """Whether *rest* reads like where a work was published: it says so, is abbreviated, or is a name and a figure."""
    if rest[0].isdigit() or _AFTER.match(rest) or _ABBREVIATIONS.match(rest) or _NAME_AND_FIGURE.match(rest):
        return True
    return _PLACE.search(re.split(r"[,;:(]|[.?!][”\"’)]*\s", rest, maxsplit=1)[0]) is not None


def main_title(title: str) -> str:
    """What stands before the subtitle; the whole where there is none."""
    return _BREAK.split(title, maxsplit=1)[0]


def likeness(end: End, title: Sequence[str], main: str) -> Likeness:
    """How what ends here stands to a paper's folded *title* with this main title."""
    whole = compact(title)
    if end.goes_on:
        return Likeness.OTHER
    if end.letters == whole:
        return Likeness.SAME
    if abs(len(end.letters) - len(whole)) <= SLACK and _spelt_alike(headless(end.words), headless(title)):
        return Likeness.SPELT
    if end.is_last and _is_cut(end, title, whole, main):
        return Likeness.SHORTER
    return Likeness.OTHER


SLACK: Final = 8
LEAST_CUT: Final = 30
"""Letters of a title that was cut short."""

_NUMERAL: Final = re.compile(r"\d+[a-z]?|i{1,3}|iv|vi{0,3}|ix|x|part|one|two|three")


def _is_cut(end: End, title: Sequence[str], whole: str, main: str) -> bool:
    if not whole.startswith(end.letters) or len(end.letters) < 8:
        return False
    if end.letters != main and len(end.letters) < max(LEAST_CUT, 0.4 * len(whole)):
        return False
    lean = headless(title)
    sums = list(accumulate(map(len, lean)))
    following = lean[min(bisect_right(sums, len(end.letters)), len(lean) - 1)]
    return not _NUMERAL.fullmatch(following)


_SMALL: Final = frozenset(
    "a an the of for in on to with and by from via at as its is are or into using towards toward".split()
)


def _spelt_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two titles differ by little: small words, plurals, spaces, one slip in a long word."""
    slips = 0
    for tag, i, j, m, n in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        mine, theirs = [w for w in one[i:j] if w not in _SMALL], [w for w in other[m:n] if w not in _SMALL]
        if "".join(mine) == "".join(theirs):
            continue
        if len(mine) != len(theirs):
            return False
        pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b and not _is_plural(a, b)]
        slips += len(pairs)
        if not all(_is_slip(a, b) for a, b in pairs):
            return False
    return slips <= 1


def _is_plural(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long in (f"{short}s", f"{short}es", f"{short[:-1]}ies")


def _is_slip(one: str, other: str) -> bool:
    """One letter too many, too few, wrong, or two changed about, not at the beginning of a long word; no figure."""
    if min(len(one), len(other)) < 7 or abs(len(one) - len(other)) > 1 or one[:2] != other[:2]:
        return False
    if any(char.isdigit() for char in one + other):
        return False
    start = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
