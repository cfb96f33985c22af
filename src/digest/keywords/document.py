"""A paper's terms: every noun phrase under its canonical name, with where and how it occurs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from digest.keywords.acronyms import definitions
from digest.keywords.canonical import MAX_LENGTH, MAX_WORDS, canonical, key
from digest.keywords.listed import alternatives, keyword_list
from digest.keywords.phrases import Linked, Phrase, is_general, linked_phrases, noun_phrases, role
from digest.keywords.text import BREAK, is_shouted, plain, tokens

_COLON = re.compile(r"^([^\s:]+(?: [^\s:]+){0,2}):\s")
_TRAILING = re.compile(r"\s*\([^()]*\)\s*$")
_CLEAN = re.compile(r"[^\W_][\w .+&'’-]*", re.UNICODE)


@dataclass(slots=True)
class Term:
    """One canonical name and its occurrences, in order of place."""

    name: str
    words: int
    phrases: list[Phrase] = field(default_factory=list)

    @property
    def surfaces(self) -> list[str]:
        """Written forms, the most frequent first, then by place."""
        if len(self.phrases) == 1:
            return [self.phrases[0].surface]
        return [surface for surface, _ in Counter(phrase.surface for phrase in self.phrases).most_common()]


@dataclass(frozen=True, slots=True)
class Document:
    """The words of a paper and its terms by canonical name, in order of first occurrence."""

    words: list[str]
    title_words: int
    terms: Mapping[str, Term]
    acronyms: Mapping[str, str]  # as defined in the text
    shorts: Mapping[str, tuple[str, ...]]  # canonical name to the acronyms that the text defines for it
    coined: str  # canonical name of what stands before the title's colon; "" when nothing does
    own: frozenset[str] = frozenset()  # canonical names of the terms that its authors list as keywords


def read(title: str, abstract: str, linked: Linked, keywords: Sequence[str] = ()) -> Document:
    """Find the terms of a paper. *linked* are the keys of terms with a preposition in them.

    *keywords* are the authors' own, from the full text. They, and those of a list with which the abstract ends, are
    terms as they stand; such a list is not read as running text. What could name no page is left out.
    """
    title, abstract = plain(title), plain(abstract)
    if is_shouted(title):
        title = title.lower()
    running, listed = keyword_list(abstract)
    items = [*listed, *(item for written in keywords for item in alternatives(plain(written)))]
    acronyms = _usable(definitions(" ; ".join((title, running, *items))))
    head = tokens(title)
    words = [*head, BREAK, *tokens(running)]
    terms = terms_in(words, linked, acronyms)
    chosen = {_note(terms, phrase, acronyms) for phrase in _listed_phrases(words, items)} - {""}
    colon = _COLON.match(title)
    coined = canonical(colon.group(1), acronyms) if colon else ""
    return Document(words, len(head), terms, acronyms, _shorts(acronyms), coined, frozenset(chosen))


def terms_in(words: Sequence[str], linked: Linked, acronyms: Mapping[str, str]) -> dict[str, Term]:
    """The terms of running text by canonical name, in order of first occurrence."""
    own = Linked(map(key, acronyms.values()))
    phrases = {*noun_phrases(words), *linked_phrases(words, linked), *linked_phrases(words, own)}
    terms: dict[str, Term] = {}
    for phrase in sorted(phrases, key=_place):
        _note(terms, phrase, acronyms)
    return terms


def longest(terms: Iterable[Term]) -> dict[str, list[int]]:
    """Where each of these terms of one text begins, each place counted for the longest that stands there, by place.

    Of two that overlap the longer counts, of two as long the earlier.
    """
    spans = sorted({(p.start - p.end, p.start, term.name) for term in terms for p in term.phrases})
    taken: set[int] = set()
    found: dict[str, list[int]] = {}
    for size, start, name in spans:
        places = range(start, start - size)
        if taken.isdisjoint(places):
            taken.update(places)
            found.setdefault(name, []).append(start)
    return {name: sorted(starts) for name, starts in found.items()}


def _listed_phrases(words: list[str], items: Sequence[str]) -> Iterator[Phrase]:
    """Each item as one phrase, by place; its words are put at the end of *words*, after a break."""
    for item in items:
        found = tokens(_TRAILING.sub("", item))
        parts = [word for word in found if word]
        if parts:
            words += [BREAK, *found]
            surface = item if _CLEAN.fullmatch(item) else " ".join(parts)
            tags = (role(parts[0]) or "P") + (role(parts[-1]) or "N")
            yield Phrase(len(words) - len(found), len(words), surface, True, tags)


def _usable(found: Mapping[str, str]) -> dict[str, str]:
    """Definitions whose long form could name a page."""
    return {short: long for short, long in found.items() if len(long.replace("-", " ").split()) <= MAX_WORDS}


def _shorts(acronyms: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for short, long in acronyms.items():
        name = canonical(long, acronyms)
        found[name] = (*found.get(name, ()), short)
    return found


def _place(phrase: Phrase) -> tuple[int, int, bool, str]:
    """A whole order: one place can hold two readings, and a set's order changes with the process."""
    return phrase.start, phrase.end, phrase.maximal, phrase.tags


def _note(terms: dict[str, Term], phrase: Phrase, acronyms: Mapping[str, str]) -> str:
    """The name under which the phrase was noted; "" when it names nothing."""
    name = canonical(phrase.surface, _concerning(phrase.surface, acronyms))
    term = terms.get(name)
    if term is None:
        words = key(name).split()
        if not is_nameable(name, len(words)) or is_general(words):
            return ""
        term = terms[name] = Term(name, len(words))
    term.phrases.append(phrase)
    return name


def _concerning(surface: str, acronyms: Mapping[str, str]) -> Mapping[str, str]:
    """No definition at all where none can matter, so that the name is found in the cache."""
    return acronyms if any(short in surface for short in acronyms) else {}


def as_name(surface: str) -> str:
    """The canonical name of a term that stands in a text as *surface*; "" where it could name no page."""
    name = canonical(surface, {}) if _CLEAN.fullmatch(surface) else ""
    words = key(name).split()
    return "" if not is_nameable(name, len(words)) or is_general(words) else name


def is_nameable(name: str, words: int) -> bool:
    """Whether a page could have this name: 2 to 60 harmless characters, a letter among them, 1 to 6 words."""
    return (
        2 <= len(name) <= MAX_LENGTH
        and 1 <= words <= MAX_WORDS
        and any(map(str.isalpha, name))
        and bool(_CLEAN.fullmatch(name))
    )
