"""What is measured of a candidate to tell whether its authors would choose it: cheap figures, no embedding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
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
    "name", "defined_acronym", "hyphen", "digit", "plural", "ing",
    "begins_adjective", "begins_participle", "begins_ing", "linked", "ends_compound",
    # among the other candidates
    "log_containers", "log_contained", "log_c_value", "tf_idf", "tf_idf_rank", "rank_in_words",
    # background
    "log_df", "unseen", "idf", "background_alone_rate", "background_never_alone", "generality", "recent_rate",
    # authors' vocabulary
    "out_of_vocabulary", "log_chosen", "chosen_rate", "often_chosen", "log_head_chosen", "log_modifiers_chosen",
    "head_not_chosen", "part_in_vocabulary", "container_in_vocabulary", "chosen_in_title", "chosen_and_alone",
    "unknown_in_title",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The counts that features look up."""

    background: Background
    vocabulary: Vocabulary


def features(document: Document, figures: Figures) -> list[tuple[Term, list[float]]]:
    """Each term of a paper with its features, in the order of ``NAMES``; terms in order of first occurrence.

    Counts enter as logarithms, places as fractions of the text's length, all others as 0 or 1.
    """
    terms = list(document.terms.values())
    keys = {term.name: key(term.name) for term in terms}
    nesting = _nesting(terms, keys)
    tf_idf = {term.name: len(term.phrases) * _idf(term.name, figures.background) for term in terms}
    order = sorted(tf_idf, key=lambda name: (-tf_idf[name], name))
    rank = {name: at / len(order) for at, name in enumerate(order)}
    return [
        (
            term,
            _places(term, document)
            + _shape(term, document)
            + _company(term, nesting[term.name], tf_idf[term.name], rank[term.name])
            + list(_background(term.name, figures.background))
            + _vocabulary(term, keys[term.name], nesting[term.name], document, figures),
        )
        for term in terms
    ]


@dataclass(slots=True)
class _Nesting:
    inside: list[Term]  # longer terms that have this one as a run of whole words
    parts: list[Term]  # shorter terms that are such a run of this one


def _nesting(terms: list[Term], keys: Mapping[str, str]) -> dict[str, _Nesting]:
    by_key = {keys[term.name]: term for term in terms}
    found = {term.name: _Nesting([], []) for term in terms}
    for term in terms:
        words = keys[term.name].split()
        if len(words) < 2:
            continue
        for size in range(1, len(words)):
            for at in range(len(words) - size + 1):
                part = by_key.get(" ".join(words[at : at + size]))
                if part is not None and part is not term:
                    found[part.name].inside.append(term)
                    found[term.name].parts.append(part)
    return found


def _places(term: Term, document: Document) -> list[float]:
    count = len(term.phrases)
    alone = sum(phrase.maximal for phrase in term.phrases)
    size = max(len(document.words), 1)
    first, last = term.phrases[0].start / size, term.phrases[-1].start / size
    in_title = term.phrases[0].start < document.title_words
    title_alone = any(phrase.maximal for phrase in term.phrases if phrase.start < document.title_words)
    both = in_title and term.phrases[-1].start > document.title_words
    return [
        log(1 + count), count == 1, log(1 + alone), alone / count, not alone, first, last, first < 0.2,
        in_title, title_alone, term.name == document.coined, both, first > 0.6,
    ]  # fmt: skip


def _shape(term: Term, document: Document) -> list[float]:
    name, first = term.name, term.phrases[0]
    bare = name[1:]
    is_name = bare != bare.lower()
    defined = any(phrase.surface in document.acronyms for phrase in term.phrases)
    return [
        *(term.words == n for n in (1, 2, 3, 4)), term.words > 4, len(name) / 20,
        term.words == 1 and not is_name and name.isalpha(), name.isupper(),
        is_name and term.words == 1 and not name.isupper(), defined, "-" in name,
        any(map(str.isdigit, name)), any(phrase.surface.endswith("s") for phrase in term.phrases), name.endswith("ing"),
        first.tags[0] == "J", first.tags[0] == "D", first.tags[0] == "G", first.tags[0] == "P", first.tags[-1] == "H",
    ]  # fmt: skip


def _company(term: Term, nesting: _Nesting, tf_idf: float, rank: float) -> list[float]:
    """Among the paper's other terms; C-value as Frantzi, Ananiadou and Mima (2000) have it."""
    count = len(term.phrases)
    nested = sum(len(other.phrases) for other in nesting.inside) / max(len(nesting.inside), 1)
    c_value = log(1 + term.words) * max(count - nested, 0.0)
    return [
        log(1 + len(nesting.inside)), log(1 + len(nesting.parts)), log(1 + c_value), log(1 + tf_idf), rank,
        rank * (term.words == 1),
    ]  # fmt: skip


def _idf(name: str, background: Background) -> float:
    return log((background.size + 1) / (background.counts(name)[0] + 1))


@lru_cache(maxsize=50_000)
def _generality(name: str) -> float:
    return generality(name)


def _background(name: str, background: Background) -> tuple[float, ...]:
    df, recent, _, alone = background.figures(name)
    past = max(df - recent, 0) / max(background.size - background.recent_size, 1)
    now = recent / max(background.recent_size, 1)
    trend = log((now + 1e-4) / (past + 1e-4)) if df else 0.0
    rate = alone / df if df else 0.5
    return log(1 + df), not df, _idf(name, background), rate, bool(df) and rate < 0.05, _generality(name), trend


def _vocabulary(term: Term, known: str, nesting: _Nesting, document: Document, figures: Figures) -> list[float]:
    vocabulary = figures.vocabulary
    chosen = vocabulary.chosen.get(term.name, 0)
    df = figures.background.counts(term.name)[0]
    words = known.split()
    head = vocabulary.heads.get(words[-1], 0)
    modifiers = [vocabulary.modifiers.get(word, 0) for word in words[:-1]]
    in_title = term.phrases[0].start < document.title_words
    return [
        not chosen, log(1 + chosen), log(chosen + 0.5) - 0.5 * log(df + 1), chosen >= 5, log(1 + head),
        sum(log(1 + count) for count in modifiers) / max(len(modifiers), 1), not head,
        any(part.name in vocabulary.chosen for part in nesting.parts),
        any(other.name in vocabulary.chosen for other in nesting.inside),
        bool(chosen) and in_title, bool(chosen) and any(phrase.maximal for phrase in term.phrases),
        not chosen and in_title,
    ]  # fmt: skip
