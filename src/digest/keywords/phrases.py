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

_MEASURES = frozenset({"full", "high", "large", "low", "narrow", "next", "small", "wide"})
"""Beginnings of compounds that are never a noun: high-fidelity, next-generation; but cross-attention is one."""

_PARTICIPLES = frozenset({
    "evolving", "forming", "gravitating", "improving", "organizing", "preserving", "refining", "using", "verifying",
})  # fmt: skip
"""Ends of compounds that are adjectives, not activities: privacy-preserving, star-forming."""

_BEFORE_VERBS = frozenset({BREAK, "after", "before", "by", "when", "while", "without"})

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
    return frozenset(word for line in read_lines("stop.txt") if ":" not in line for word in line.split())


@cache
def _general(kind: str) -> frozenset[str]:
    """The words of the lines of ``stop.txt`` that begin with *kind* and a colon."""
    lines = (line.partition(":") for line in read_lines("stop.txt"))
    return frozenset(word for before, _, words in lines if before == kind for word in words.split())


def is_general(words: Sequence[str]) -> bool:
    """Whether the words of a key, all together, name no topic: "flexible framework", "model size", "training strategy".

    Each alone may be a part of a good name; a phrase that has nothing else is one of any paper.
    """
    *before, last = words
    return bool(before) and last in _general("heads") and _general("modifiers").issuperset(before)


@lru_cache(maxsize=100_000)
def role(word: str) -> str:
    """J, N, G, D or C for a word that a noun phrase may have, "" for any other and for a break."""
    lower = word.lower()
    if word == BREAK or lower in _stop_words():
        return ""
    # A title's capitals, or a sentence's first, say nothing of the part of speech.
    bare = "-".join(part.lower() if part[1:] == part[1:].lower() else part for part in word.split("-"))
    penn = tag(bare)
    if "-" in word and _is_compound(bare, penn):
        return _compound_role(bare)
    if penn == "NN" and len(word) > 7 and lower.endswith("ic") and not lower.endswith(_IC_NOUNS):
        return "J"  # unknown to the lexicon, which guesses a noun: spectroscopic, photometric
    if penn.startswith(("NN", "FW", "SYM")):
        return "N"
    if penn == "CD" or "-" in word:
        return "C" if not any(map(str.isalpha, word)) else "N"
    return {"JJ": "J", "VBG": "G", "VBN": "D", "VBD": "D"}.get(penn, "")


def _is_compound(bare: str, penn: str) -> bool:
    """Whether a hyphenated word says how something is: high-fidelity, GAN-based; not U-Net, GPT-4, state-space."""
    first, last = bare.split("-", 1)[0], bare.rsplit("-", 1)[-1]
    if len(first) == 1 or not last.isalpha():
        return False
    if bare != bare.lower():  # the tagger takes every word with capitals for a name
        return tag(last).startswith(("JJ", "VBN", "VBD"))
    return penn.startswith(("J", "V", "R", "C")) or first in _MEASURES


def _compound_role(bare: str) -> str:
    """A hyphenated word is an adjective, or a noun where it ends in one: few-shot, fine-tuning."""
    end = bare.rsplit("-", 1)[-1]
    if end in _PARTICIPLES:
        return "J"
    last = tag(end)
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
    if first < last and roles[first] == "G" and (not start or words[start - 1].lower() in _BEFORE_VERBS):
        first += 1  # "Detecting hallucinations", "by pruning tokens": a verb and its object
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
