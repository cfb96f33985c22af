"""The name of a term: one written form for all the ways of writing it, and never one for two things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from unicodedata import normalize

from digest.keywords.plurals import singular
from digest.keywords.tables import read_bytes, read_lines, read_pairs

MAX_WORDS = 6
MAX_LENGTH = 60

SMALL = frozenset({
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "over", "the", "to",
    "under", "via", "vs", "with", "without",
})  # fmt: skip
"""Words without a capital inside a name."""

_SUFFIXES = frozenset({
    "agnostic", "aware", "based", "centric", "conditioned", "dependent", "driven", "efficient", "enhanced",
    "guided", "invariant", "like", "oriented", "specific", "wise",
})  # fmt: skip
_PREFIXES = frozenset({
    "anti", "cross", "few", "inter", "intra", "multi", "non", "post", "pre", "pseudo", "quasi", "self", "semi",
})  # fmt: skip

_STEPS = 6
"""A singular may have another spelling, and that be joined; more than three steps were never needed."""

_PREPOSITIONS = frozenset({
    "as", "at", "by", "for", "from", "in", "into", "of", "on", "over", "to", "under", "via", "with", "without",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:[.'+][^\W_]+)*\+{0,2}")
_TRAILING = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_APOSTROPHES = str.maketrans("’‘ʼ＇", "''''")
_COMPOUND = re.compile(
    r"(?:(?:Ag|Al|As|Au|Ba|Be|Bi|Br|Ca|Cd|Cl|Cr|Cu|Fe|Ga|Ge|Hg|In|La|Li|Mg|Mn|Na|Nb|Ni|Pb|Pt|Se|Si|Sn|Sr|Ta|Te|Ti|Zn|Zr)"
    r"|[BCFHIKNOPSUVWY](?=[A-Z]|$)){2,}"
)
_PLURAL_ACRONYM = re.compile(r"(.*[A-Z])s")


class Rule(StrEnum):
    """A rung of the ladder from a written form to the name."""

    PARENTHESIS = "trailing parenthesis"
    DEFINED = "acronym the text defines"
    PUNCTUATION = "hyphens and punctuation"
    CASE = "letter case"
    SPELLING = "spelling"
    SINGULAR = "singular"
    JOIN = "written together or apart"
    COMMONER = "commoner name"
    BY_HAND = "name written by hand"


@dataclass(frozen=True, slots=True)
class Step:
    """One change on the way from a written form to the name."""

    rule: Rule
    before: str
    after: str


def canonical(surface: str, acronyms: Mapping[str, str]) -> str:
    """The name of the term that is written *surface* in a text that defines *acronyms* (short form to long form).

    Title case, singular, US spelling, acronyms written out where the long form is the commoner name: "LLMs" becomes
    "Large Language Model", "graphics processing units" becomes "GPU". A definition of the text wins over the shipped
    table. ``canonical(canonical(s, a), {}) == canonical(s, a)``, and ``key(s) == key(t)`` means
    ``canonical(s, {}) == canonical(t, {})``: the name is a function of the key and of shipped tables, never of which
    paper came first. Empty when *surface* has no word.
    """
    return _named(_expanded(surface, acronyms) if acronyms else surface)


def explain(surface: str, acronyms: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps by which ``canonical(surface, acronyms)`` is made, in order; none when *surface* is the name already.

    Each step changes something, begins where the one before it ended, and the last one ends at the name. Words keep
    their written case until the step that changes it.
    """
    steps: list[Step] = []
    text = surface
    for rule, after in _stations(surface, acronyms):
        if after != text:
            steps.append(Step(rule, text, after))
            text = after
    return tuple(steps)


def _stations(surface: str, acronyms: Mapping[str, str]) -> Iterator[tuple[Rule, str]]:
    """What the written form has become after each rung, changed or not."""
    expanded = _expanded(surface, acronyms)
    if expanded != surface:
        yield Rule.PARENTHESIS, _without_trailing(surface)
        yield Rule.DEFINED, expanded
    yield Rule.PARENTHESIS, _without_trailing(expanded)
    words: list[str] = []
    cased = False
    for rule, words in _ladder(expanded):
        cased |= rule is Rule.CASE
        yield rule, _together(words, cased=cased)
    yield Rule.COMMONER, _together(_renamed(words), cased=True)
    yield Rule.BY_HAND, _named(expanded)


def key(written: str) -> str:
    """What two written forms of one term have in common: words in lower case, singular, US-spelled, joined by spaces.

    The ladder: case, hyphens and punctuation, a trailing "(ACR)", the singular of the head noun, spelling, compounds
    written apart or together, acronyms by the shipped table. A word with inner capitals that is in no shipped table
    ("InstructAV") keeps them: it is a name that only its authors can spell. ``key(key(s)) == key(s)`` and
    ``key(canonical(s, {})) == key(s)``.
    """
    return _key(written)


@lru_cache(maxsize=100_000)
def _key(written: str) -> str:
    return " ".join(_renamed(normal_words(written)))


@lru_cache(maxsize=100_000)
def _named(surface: str) -> str:
    return _display(_key(surface))


def _expanded(surface: str, acronyms: Mapping[str, str]) -> str:
    """*surface* with the acronyms of the text written out, or as it is where that would be no name."""
    words = _without_trailing(surface).split()
    longs = [_defined(word, acronyms) for word in words]
    if longs == words:
        return surface
    expanded = " ".join(longs)
    name = _named(expanded)
    return expanded if len(name) <= MAX_LENGTH and len(key(name).split()) <= MAX_WORDS else surface


def _renamed(words: list[str]) -> list[str]:
    """*words* under the commoner name of the shipped table, where they have one that is a name itself."""
    renamed = _tables().rename(words)
    return renamed if renamed == words or _is_settled(renamed) else words


def _is_settled(words: list[str]) -> bool:
    """Whether *words* could name a page and would be read as themselves; a renaming must, or it is not done."""
    fits = len(words) <= MAX_WORDS and sum(map(len, words)) + len(words) - 1 <= MAX_LENGTH
    return fits and _tables().rename(words) == words and normal_words(" ".join(words)) == words


def _without_trailing(surface: str) -> str:
    bare = _TRAILING.sub("", surface)
    return bare if _WORD.search(bare) else surface


def _defined(word: str, acronyms: Mapping[str, str]) -> str:
    """One written word, with each acronym of it that the text defines written out."""
    if word in acronyms:
        return _long(word, acronyms)
    parts = word.split("-")
    longs = [_long(part, acronyms) for part in parts]
    return word if longs == parts else " ".join(longs)


def _long(part: str, acronyms: Mapping[str, str]) -> str:
    """The name of the long form, since "LLM agents" are no "large language models agents"."""
    plural = _PLURAL_ACRONYM.fullmatch(part)
    long = acronyms.get(part) or (acronyms.get(plural.group(1)) if plural else None)
    return _named(long) or long if long else part


def normal_words(written: str) -> list[str]:
    """The words of the key before the shipped table of commoner names is looked at."""
    text = _without_trailing(normalize("NFC", written).translate(_APOSTROPHES))
    words = _WORD.findall(text)
    for _ in range(_STEPS):
        found = _climbed(words)
        if found == words or (text.isascii() and found == [word.lower() for word in words]):
            return found
        words = _WORD.findall(" ".join(found))
    return words


def _ladder(written: str) -> Iterator[tuple[Rule, list[str]]]:
    """The words after each rung that ``normal_words`` climbs, to its result."""
    words = _WORD.findall(_without_trailing(normalize("NFC", written).translate(_APOSTROPHES)))
    yield Rule.PUNCTUATION, words
    for _ in range(_STEPS):
        before = words
        for rule, of_word in _WORD_RUNGS:
            words = [of_word(word) for word in words]
            yield rule, words
        for rule, of_words in _PHRASE_RUNGS:
            words = of_words(words)
            yield rule, words
        if words == before:
            return
        words = _WORD.findall(" ".join(words))
    yield Rule.PUNCTUATION, words


def _climbed(words: list[str]) -> list[str]:
    words = [_folded(word) for word in words]
    for _, rung in _PHRASE_RUNGS:
        words = rung(words)
    return words


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    for _, rung in _WORD_RUNGS:
        word = rung(word)
    return word


def _without_genitive(word: str) -> str:
    return word[:-2] if word.endswith("'s") and len(word) > 2 else word


def _singular_acronym(word: str) -> str:
    """LLM of "LLMs", a plural whatever the tables know; "As" is no acronym."""
    plural = _PLURAL_ACRONYM.fullmatch(word)
    return plural.group(1) if plural and len(plural.group(1)) > 1 else word


def _lower(word: str) -> str:
    """Lower case, but for a name with inner capitals that nothing shipped knows, or that is known as another's face.

    MIMIC is none of the word "mimic", nor gallium nitride a generative adversarial network.
    """
    lower = normalize("NFC", word.lower())
    if word[1:] == lower[1:]:
        return lower
    if word in _tables().casing or _is_formula(word) or _is_prefixed(word):
        return word
    known = lower in _tables().casing or lower in _tables().zipf
    if known and word.isupper() and word[-1] == "S" and lower[:-1] in _tables().casing:
        known = lower in _tables().casing  # VLMS is not the plural of VLM, which ends in a small letter
    # A capital that does not survive the round trip ("İ") would give one name two keys.
    return lower if known or not word.isascii() else word


def _is_formula(word: str) -> bool:
    """Whether a word is written as a compound of elements, and another word but for its capitals: GaN, SiC."""
    return (
        not word.isupper()
        and bool(_COMPOUND.fullmatch(word))
        and _tables().casing.get(word.lower(), word.upper()) != word
    )


def _is_prefixed(word: str) -> bool:
    """Whether a small letter stands before an acronym and makes another of it: mT is no MT, a pFL no PFL."""
    return word[0].islower() and word[1:].isupper() and _tables().casing.get(word.lower()) == word.upper()


def _us_spelled(word: str) -> str:
    return _tables().spelling.get(word, word)


def _singular_head(words: list[str]) -> list[str]:
    """Singular of the last word, of the one before the first preposition, which is the head noun, and after "of".

    A layer of a mixture of experts is a "mixture of expert layer", as that of an MoE is.
    """
    if not words:
        return words
    tables = _tables()
    first = next((at - 1 for at, word in enumerate(words) if at and word in _PREPOSITIONS), len(words) - 1)
    found = list(words)
    after = words.index("of") + 1 if "of" in words[:-1] else first
    for at in {first, after, len(words) - 1}:
        if words[at] not in tables.casing:
            found[at] = singular(words[at], tables.zipf)
    return found


def _joined(words: list[str]) -> list[str]:
    joins, starts = _tables().joins, _tables().join_starts
    if starts.isdisjoint(words) and joins.keys().isdisjoint(words):
        return words
    found: list[str] = []
    for word in words:
        if found and found[-1] in starts and f"{found[-1]} {word}" in joins:
            found[-1] = joins[f"{found[-1]} {word}"]
        else:
            found.extend(joins.get(word, word).split(" "))
    return found


_WORD_RUNGS: tuple[tuple[Rule, Callable[[str], str]], ...] = (
    (Rule.PUNCTUATION, _without_genitive),
    (Rule.SINGULAR, _singular_acronym),
    (Rule.CASE, _lower),
    (Rule.SPELLING, _us_spelled),
)
_PHRASE_RUNGS: tuple[tuple[Rule, Callable[[list[str]], list[str]]], ...] = (
    (Rule.JOIN, _joined),
    (Rule.SINGULAR, _singular_head),
    (Rule.JOIN, _joined),  # half of a compound may have been a plural
)


def _display(words: str) -> str:
    tables = _tables()
    if words in tables.names:
        return tables.names[words]
    for inner, name in tables.inner_names:
        before, found, after = f" {words} ".partition(f" {inner} ")
        if found:
            parts = (_together(before.split(), cased=True), name, _together(after.split(), cased=True))
            return " ".join(filter(None, parts))
    return _together(words.split(), cased=True)


def _together(words: list[str], *, cased: bool) -> str:
    """*words* with the spaces and hyphens of a name and, where *cased*, its capitals."""
    hyphens = _tables().hyphens
    text, previous, sign, leading = "", "", "", False
    for at, word in enumerate(words):
        folded = word.lower()
        if leading:
            sign = "-"
        elif previous and not (sign and previous in SMALL):  # sim-to-real, structure from motion: both signs or none
            sign = "-" if f"{previous} {folded}" in hyphens or _is_bound(previous, folded) else " "
        # A small word can begin a compound: Visual In-Context Learning.
        leading = folded in SMALL and sign != "-" and f"^{folded} {' '.join(words[at + 1 : at + 2]).lower()}" in hyphens
        text += sign + (_capital(word, first=leading or not previous) if cased else word)
        previous = folded
    return text


def _is_bound(first: str, second: str) -> bool:
    """Whether two words that are too rare as a pair to be counted take a hyphen: noise-aware, multi-writer, CIFAR-10."""
    if second[0].isdigit():
        return _tables().casing.get(first, "").isupper()
    return second in _SUFFIXES or (first in _PREFIXES and second not in SMALL)


def _capital(word: str, *, first: bool) -> str:
    if word in _tables().casing:
        return _tables().casing[word]
    if (word in SMALL and not first) or word != word.lower():
        return word
    upper = word[0].upper()
    return upper + word[1:] if upper.lower() == word[0] else word


class _Tables:
    """The shipped tables that names are made with."""

    def __init__(self) -> None:
        self.spelling = read_pairs("spelling.tsv")
        self.joins = read_pairs("joins.tsv")
        self.join_starts = frozenset(apart.split()[0] for apart in self.joins if " " in apart)
        self.casing = read_pairs("casing.tsv")
        self.hyphens = frozenset(line.partition("\t")[0] for line in read_lines("hyphens.tsv.gz"))
        self.zipf = {word: int(value) / 100 for word, value in read_pairs("words.tsv.gz").items()}
        self.names = read_pairs("names.tsv")
        # A plural that only stands at the end of a name would be another key inside a longer one.
        self.inner_names = sorted(
            (
                (words, name)
                for words, name in self.names.items()
                if " " in words and (" of " in words or name.lower().endswith(words.split()[-1]))
            ),
            key=lambda row: (-len(row[0]), row[0]),
        )
        self.renames = {a: b.split() for a, b in read_pairs("renames.tsv").items()}
        self.rename_starts = frozenset(a.split()[0] for a in self.renames)
        self.longest = max((len(a.split()) for a in self.renames), default=0)

    def rename(self, words: list[str]) -> list[str]:
        """*words* with each run that has a commoner name replaced by it, the longest run first."""
        if self.rename_starts.isdisjoint(words):
            return words
        found: list[str] = []
        at = 0
        while at < len(words):
            for size in range(min(self.longest, len(words) - at), 0, -1):
                other = self.renames.get(" ".join(words[at : at + size]))
                if other is not None:
                    found += other
                    at += size
                    break
            else:
                found.append(words[at])
                at += 1
        return found


@cache
def _tables() -> _Tables:
    return _Tables()


def forget_tables() -> None:
    """Read the shipped tables anew at the next word; for the script that has just written them."""
    for cached in (read_bytes, _tables, _key, _named, _folded):
        cached.cache_clear()


def generality(name: str) -> float:
    """How common the words of a term are in abstracts: their mean Zipf frequency over 8, in [0, 1]; rarest words 0.2.

    Zipf frequency is log10 of the occurrences in a thousand million words; counted in the shipped background.
    """
    words = key(name).split()
    zipf = _tables().zipf
    return min(sum(zipf.get(word.lower(), 1.6) for word in words) / (8 * len(words)), 1.0) if words else 0.0
