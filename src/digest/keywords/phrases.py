"""The noun phrases of a text and of what they consist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from digest.keywords.canonical import key
from digest.keywords.tables import read_lines
from digest.keywords.tagger import tag
from digest.keywords.text import BREAK

MAX_TOKENS = 5
LINKS = frozenset({
    "and", "as", "by", "for", "from", "in", "of", "on", "over", "the", "to", "under", "via", "with", "without",
})  # fmt: skip
"""Words that may stand inside a known phrase: "mixture of experts", "learning from demonstration"."""

_IC_NOUNS = ("demic", "graphic", "heuristic", "characteristic", "arithmetic", "mechanic", "biotic", "rhetoric", "logic")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words ``start:end`` of a text, which could be a term."""

    start: int
    end: int
    surface: str
    maximal: bool  # part of no longer noun phrase at this place
    tags: str  # of the first and of the last word: J adjective, N noun, G -ing, D participle, C number


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(word for line in read_lines("stop.txt") for word in line.split())


@lru_cache(maxsize=100_000)
def role(word: str) -> str:
    """J, N, G, D or C for a word that a noun phrase may have, "" for any other and for a break."""
    lower = word.lower()
    if word == BREAK or lower in _stop_words():
        return ""
    # A title's capitals, or a sentence's first, say nothing of the part of speech.
    penn = tag(lower if word[1:] == lower[1:] else word)
    if "-" in word and penn.startswith(("J", "V", "R", "C")):
        return _compound_role(word)
    if penn == "NN" and len(word) > 7 and lower.endswith("ic") and not lower.endswith(_IC_NOUNS):
        return "J"  # unknown to the lexicon, which guesses a noun: spectroscopic, photometric
    if penn.startswith(("NN", "FW", "SYM")):
        return "N"
    if penn == "CD":
        return "C" if not any(map(str.isalpha, word)) else "N"
    return {"JJ": "J", "VBG": "G", "VBN": "D", "VBD": "D"}.get(penn, "")


def _compound_role(word: str) -> str:
    """A hyphenated word is an adjective, or a noun where it ends in one: few-shot, fine-tuning."""
    last = tag(word.rsplit("-", 1)[-1].lower())
    return {"NN": "H", "VBG": "G"}.get(last[:3] if last == "VBG" else last[:2], "J")


def noun_phrases(words: Sequence[str]) -> Iterator[Phrase]:
    """All noun phrases of *words*, parts of longer ones too, by place: (adjective | participle | noun)* noun."""
    roles = [role(word) for word in words]
    start = 0
    for at in range(len(words) + 1):
        if at == len(words) or not roles[at]:
            if start < at:
                yield from _parts(words, roles, start, at)
            start = at + 1


def _parts(words: Sequence[str], roles: Sequence[str], start: int, end: int) -> Iterator[Phrase]:
    last = next((at for at in range(end - 1, start - 1, -1) if roles[at] in "NGH"), None)
    if last is None:
        return
    first = start
    while first < last and roles[first] == "C":
        first += 1
    for begin in range(first, last + 1):
        for stop in range(begin + 1, min(begin + MAX_TOKENS, last + 1) + 1):
            if roles[stop - 1] in "NGH" and roles[begin] != "C":
                whole = begin == first and stop == last + 1
                yield Phrase(begin, stop, " ".join(words[begin:stop]), whole, roles[begin] + roles[stop - 1])


def linked_phrases(words: Sequence[str], known: Linked) -> Iterator[Phrase]:
    """Phrases whose key is in *known*, which holds keys with a preposition inside: "mixture of expert".

    An ordinary noun phrase reaches over no preposition, so these are found by name alone.
    """
    for at, word in enumerate(words):
        if "-" in word and key(word) in known:
            yield Phrase(at, at + 1, word, True, "PN")
    for at in range(1, len(words) - 1):
        if words[at] in LINKS and words[at - 1] and f"{key(words[at - 1])} {words[at]}" in known.bridges:
            yield from _around(words, at, known)


def _around(words: Sequence[str], at: int, known: Linked) -> Iterator[Phrase]:
    for begin in range(max(0, at - 3), at):
        for stop in range(at + 2, min(len(words), begin + MAX_TOKENS) + 1):
            if BREAK in words[begin:stop]:
                break
            surface = " ".join(words[begin:stop])
            if key(surface) in known:
                yield Phrase(begin, stop, surface, True, "PN")


class Linked(frozenset[str]):
    """Keys with a preposition inside."""

    @cached_property
    def bridges(self) -> frozenset[str]:
        """The word before each preposition, with it: "mixture of"."""
        pairs = (pair for known in self for pair in pairwise(known.split()))
        return frozenset(f"{first} {second}" for first, second in pairs if second in LINKS)


def linked_keys(names: Iterable[str]) -> Linked:
    """Of some canonical names, and of the shipped long forms of acronyms, the keys with a preposition inside."""
    keys = {key(name) for name in names} | {line.split("\t")[1] for line in read_lines("acronyms.tsv")}
    return Linked(known for known in keys if LINKS.intersection(known.split()[1:-1]))
