"""Keyword pages whose names say the same in two spellings.

A wrong alarm costs more than a missed pair, so names must agree but for case, accents, hyphens and spaces, a plural,
British and American spelling, or one slip inside a long word. Digits, short words and the beginnings and ends of words
are never taken for slips: GPT-3 and GPT-4, Type I and Type II, symmetric and asymmetric are different things.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

Singular = Callable[[str, Container[str]], str]
"""The singular of a lower-case word, or the word itself; given the words that are really written."""

LONG = 11
"""Letters from which a word with one slip in it is taken for the other: "prediction" and "predication" are two words."""
EDGE = 2
"""Letters at each end of a long word that must agree."""

_WORD = re.compile(r"[^\W_]+|[+#*]")
_APOSTROPHE = re.compile(r"['’ʼ]")
_SPELLINGS = (  # British → American; a word must have some letters, for "rise" is no "rize"
    (re.compile(r"(?<=[a-z]{3}i)s(?=(?:e[drs]?|ing|ations?|able)$)"), "z"),
    (re.compile(r"(?<=[a-z]{2}ly)s(?=(?:e[drs]?|ing)$)"), "z"),
    (re.compile(r"(?<=[a-z][bdilmnv])our(?=s?$|al|ed$|ing$|hood|less|able)"), "or"),
    (re.compile(r"(?<=[a-z]{3}l)l(?=ed$|ing$|er$)"), ""),
    (re.compile(r"(?:(?<=cent)|(?<=met)|(?<=theat)|(?<=spect))re$"), "er"),
    (re.compile(r"(?<=[a-z]{3}og)ue$"), ""),
)


class Pair(NamedTuple):
    path: str
    other: str  # comes first by path
    why: str


def near(names: Mapping[str, str], singular: Singular) -> Iterator[Pair]:
    """Pairs of the pages in *names* (path → name) that seem to be one keyword; of a group each with the first."""
    words = {path: _words(name) for path, name in sorted(names.items())}
    known = {word.lower() for found in words.values() for word, _ in found}
    first: dict[str, str] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    for path, found in words.items():
        phrase = tuple(_plain(word, singular, known) for word, _ in found)
        joined = _joined(phrase, [gap for _, gap in found])
        if not joined:
            continue
        other = first.setdefault(joined, path)
        if other == path:
            phrases[path] = phrase
        else:
            yield Pair(path, other, "the same but for case, hyphens, plural or spelling")
    yield from _slips(phrases)


def _words(name: str) -> list[tuple[str, str]]:
    """The words of a name, without accents, each with what stands before it."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", name))
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    found, at = [], 0
    for match in _WORD.finditer(plain):
        found.append((match[0], plain[at : match.start()]))
        at = match.end()
    return found


def _plain(word: str, singular: Singular, known: Container[str]) -> str:
    lower = word.lower()
    # The S of GPS and CAMS is no plural's, that of GANs is.
    if not word.endswith("S"):
        lower = singular(lower, known)
    for pattern, american in _SPELLINGS:
        lower = pattern.sub(american, lower)
    return lower


def _joined(phrase: tuple[str, ...], gaps: list[str]) -> str:
    """The words as one; between digits a gap means something: Llama 3.1 8B is not Llama 3 1.8B."""
    joined = ""
    for word, gap in zip(phrase, gaps, strict=True):
        if joined[-1:].isdigit() and word[:1].isdigit():
            joined += "." if gap == "." else " "
        joined += word
    return joined


def _slips(phrases: Mapping[str, tuple[str, ...]]) -> Iterator[Pair]:
    """Pairs that differ by one letter or by two neighbours that changed places, inside one long word.

    Such words have a form in common that lacks one letter (the symmetric-delete search of SymSpell).
    """
    shared: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, phrase in phrases.items():
        shared[phrase].append(path)
        for number, word in enumerate(phrase):
            if len(word) >= LONG and word.isascii() and word.isalpha():
                forms = {word[:at] + word[at + 1 :] for at in range(EDGE, len(word) - EDGE)}
                for form in forms:
                    shared[(*phrase[:number], form, *phrase[number + 1 :])].append(path)
    pairs = {pair for paths in shared.values() if len(paths) > 1 for pair in combinations(sorted(set(paths)), 2)}
    for other, path in sorted(pairs):
        differing = [two for two in zip(phrases[other], phrases[path], strict=True) if two[0] != two[1]]
        if len(differing) == 1 and _is_slip(*differing[0]):
            yield Pair(path, other, "“{}” and “{}” differ by one slip".format(*differing[0]))


def _is_slip(one: str, two: str) -> bool:
    """Of two words that share a form: whether one lacks a letter of the other, or has two neighbours the other way."""
    if min(len(one), len(two)) < LONG:
        return False
    at = [n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    return len(one) != len(two) or (
        len(at) == 2 and at[1] == at[0] + 1 and one[at[0] : at[1] + 1] == two[at[1]] + two[at[0]]
    )
