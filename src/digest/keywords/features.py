"""What is measured of a candidate to tell whether its authors would choose it: cheap figures, no embedding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from math import log

from digest.keywords.background import Background
from digest.keywords.canonical import generality, key
from digest.keywords.document import Document, Term
from digest.keywords.vocabulary import Vocabulary

NAMES = (
    # where and how often
    "log_occurrences", "once", "log_alone", "alone_rate", "never_alone", "first_place", "last_place", "first_fifth",
    "in_title", "alone_in_title", "title_before_colon", "in_title_and_abstract", "abstract_only_late",
    # shape
    "one_word", "two_words", "three_words", "four_words", "longer", "length", "plain_word", "acronym",
    "name", "hyphen", "digit", "ing", "defined_acronym", "plural",
    "begins_adjective", "begins_participle", "begins_ing", "linked", "ends_compound",
    # among the other candidates
    "log_containers", "log_contained", "log_c_value", "tf_idf", "tf_idf_rank", "rank_in_words",
    # background
    "log_df", "unseen", "idf", "background_alone_rate", "background_never_alone", "generality", "recent_rate",
    # authors' vocabulary
    "out_of_vocabulary", "log_chosen", "chosen_rate", "often_chosen", "log_head_chosen", "log_modifiers_chosen",
    "head_not_chosen", "part_in_vocabulary", "container_in_vocabulary", "chosen_in_title", "chosen_and_alone",
    "unknown_in_title", "choice_odds", "seen_never_chosen",
)  # fmt: skip


class Known:
    """What is known of a term before any paper is read: its key, and the features that are the same in all papers."""

    __slots__ = ("background", "choice", "chosen", "head", "idf", "key", "modifiers", "shape", "words")

    def __init__(self, name: str, figures: Figures) -> None:
        self.key = key(name)
        self.words = self.key.split()
        df, recent, _, alone = figures.background.figures(name)
        self.idf = log((figures.background.size + 1) / (df + 1))
        self.background = _background(df, recent, alone, self.idf, generality(name), figures.background)
        vocabulary = figures.vocabulary
        self.chosen = vocabulary.chosen.get(name, 0)
        seen = max(vocabulary.seen.get(name, 0), self.chosen)
        # Of the papers that had the term, how many chose it; shrunk to 1 in 15 by what is seen of all terms.
        self.choice = (log((self.chosen + 0.2) / (seen + 3.0)), log(1 + seen) * (not self.chosen))
        self.head = vocabulary.heads.get(self.words[-1], 0)
        modifiers = [log(1 + vocabulary.modifiers.get(word, 0)) for word in self.words[:-1]]
        self.modifiers = sum(modifiers) / max(len(modifiers), 1)
        self.shape = _shape(name, len(self.words))


class Figures:
    """The counts that features look up, with what was already looked up."""

    def __init__(self, background: Background, vocabulary: Vocabulary) -> None:
        self.background = background
        self.vocabulary = vocabulary
        self.known = lru_cache(maxsize=50_000)(partial(Known, figures=self))


def features(document: Document, figures: Figures) -> list[tuple[Term, list[float]]]:
    """Each term of a paper with its features, in the order of ``NAMES``; terms in order of first occurrence.

    Counts enter as logarithms, places as fractions of the text's length, all others as 0 or 1.
    """
    terms = list(document.terms.values())
    known = [figures.known(term.name) for term in terms]
    nesting = _nesting(terms, known)
    tf_idf = [len(term.phrases) * what.idf for term, what in zip(terms, known, strict=True)]
    order = sorted(range(len(terms)), key=lambda at: (-tf_idf[at], terms[at].name))
    rank = {at: place / len(order) for place, at in enumerate(order)}
    return [
        (term, _values(term, document, what, nested, tf_idf[at], rank[at]))
        for at, (term, what, nested) in enumerate(zip(terms, known, nesting, strict=True))
    ]


@dataclass(slots=True)
class _Nesting:
    """How a term lies in the paper's other terms, by runs of whole words."""

    containers: int = 0
    container_phrases: int = 0
    container_chosen: bool = False
    parts: int = 0
    part_chosen: bool = False


def _nesting(terms: list[Term], known: list[Known]) -> list[_Nesting]:
    place = {what.key: at for at, what in enumerate(known)}
    found = [_Nesting() for _ in terms]
    for at, what in enumerate(known):
        for part in _runs(what.words):
            inner = place.get(part)
            if inner is None or inner == at:
                continue
            found[at].parts += 1
            found[at].part_chosen |= known[inner].chosen > 0
            found[inner].containers += 1
            found[inner].container_phrases += len(terms[at].phrases)
            found[inner].container_chosen |= what.chosen > 0
    return found


def _runs(words: list[str]) -> Iterator[str]:
    """All runs of *words* that are shorter than the whole."""
    for size in range(1, len(words)):
        for at in range(len(words) - size + 1):
            yield " ".join(words[at : at + size])


def _values(term: Term, document: Document, known: Known, nesting: _Nesting, tf_idf: float, rank: float) -> list[float]:
    """One term's features in the order of ``NAMES``."""
    phrases, size = term.phrases, max(len(document.words), 1)
    first, last, count = phrases[0], phrases[-1], len(phrases)
    whole = [phrase for phrase in phrases if phrase.maximal]
    in_title = first.start < document.title_words
    place = first.start / size
    chosen = known.chosen
    # C-value as Frantzi, Ananiadou and Mima (2000) have it: occurrences less the mean of what contains the term.
    c_value = log(1 + term.words) * max(count - nesting.container_phrases / max(nesting.containers, 1), 0.0)
    return [
        log(1 + count), count == 1, log(1 + len(whole)), len(whole) / count, not whole, place, last.start / size,
        place < 0.2, in_title, bool(whole) and whole[0].start < document.title_words, term.name == document.coined,
        in_title and last.start > document.title_words, place > 0.6,
        *known.shape, any(phrase.surface in document.acronyms for phrase in phrases),
        any(phrase.surface[-1] == "s" for phrase in phrases),
        first.tags[0] == "J", first.tags[0] == "D", first.tags[0] == "G", first.tags[0] == "P", first.tags[-1] == "H",
        log(1 + nesting.containers), log(1 + nesting.parts), log(1 + c_value), log(1 + tf_idf), rank,
        rank * (term.words == 1),
        *known.background,
        not chosen, log(1 + chosen), log(chosen + 0.5) - 0.5 * known.background[0], chosen >= 5, log(1 + known.head),
        known.modifiers, not known.head, nesting.part_chosen, nesting.container_chosen, chosen and in_title,
        bool(chosen and whole), not chosen and in_title, *known.choice,
    ]  # fmt: skip


def _shape(name: str, words: int) -> tuple[float, ...]:
    bare = name[1:]
    is_name = bare != bare.lower()
    return (
        *(words == n for n in (1, 2, 3, 4)), words > 4, len(name) / 20,
        words == 1 and not is_name and name.isalpha(), name.isupper(),
        is_name and words == 1 and not name.isupper(), "-" in name, any(map(str.isdigit, name)), name.endswith("ing"),
    )  # fmt: skip


def _background(
    df: int, recent: int, alone: int, idf: float, general: float, background: Background
) -> tuple[float, ...]:
    past = max(df - recent, 0) / max(background.size - background.recent_size, 1)
    now = recent / max(background.recent_size, 1)
    trend = log((now + 1e-4) / (past + 1e-4)) if df else 0.0
    rate = alone / df if df else 0.5
    return log(1 + df), not df, idf, rate, bool(df) and rate < 0.05, general, trend
