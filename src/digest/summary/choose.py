"""Choose the sentence of an abstract that says what the paper does, and those of the paper that tell most besides."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from digest.document import Document
from digest.model import Statement, Summary
from digest.summary import weights
from digest.summary.compress import compressed
from digest.summary.passages import Part, Passage, passages
from digest.summary.reading import plain
from digest.summary.roles import ROLES, Probabilities, RoleModel
from digest.summary.sentences import split
from digest.summary.states import (
    is_about_this_paper,
    looks_ahead,
    points_back,
    presents,
    stands_alone,
    states_contribution,
    states_finding,
    states_limit,
)
from digest.summary.traits import coined, stemmed, traits

RECIPE = 2  # raise it when the same weights would choose other sentences

FINDINGS = 3
LIMITATIONS = 2

_BACKGROUND, _OBJECTIVE, _METHOD, _RESULT, _OTHER = range(len(ROLES))
_HOUSEKEEPING = re.compile(
    r"\b(?:code|data\w*|models?|weights|implementations?|demo|project page|website|resources|materials?|repository)\b"
    r"[^.]{0,200}\b(?:available|released?|open[- ]?sourced?|found at|accessible|accessed|visit)\b"
    r"|https?://|github\.|all rights reserved|©|\bpp\.|\baccepted (?:at|to|by|in)\b|\bto appear\b",
    re.IGNORECASE,
)
_SCENERY = re.compile(
    r"(?:recently|nowadays|today|traditionally|currently|to date|in recent (?:years|decades)|over the (?:past|last))\b"
    r"|[^,;]* (?:is|are|remains?|has become|have become|should be) (?:a |an |one of the )?(?:\w+ly )?"
    r"(?:key|crucial|critical|essential|important|fundamental|challenging|ubiquitous|vital)\b",
    re.IGNORECASE,
)
POINTING_BACK = 0.6  # log-odds; from 0.3 to 1.5 ROUGE does not care, and a reader meets the sentence alone
_LIKELY_BACKGROUND = 0.25  # from this probability on, a sentence without "we" or "this paper" is not believed to be new
_LEAST_WORDS = 4
_WHERE_FOUND = {Part.CONCLUSION: 0.9, Part.DISCUSSION: 0.6, Part.RESULTS: 0.5, Part.INTRODUCTION: 0.4}
"""What a finding of a section is worth beside one of the abstract: the further from the end, the more of a detail."""
_TELLING = (Part.INTRODUCTION, Part.DISCUSSION, Part.CONCLUSION)
_CALLED_SO = 3.0  # what authors call their contribution comes before what the abstract's words make one
_SAME = 0.6  # of the shorter sentence's content words: more in common tells nothing new


class _Sentence(NamedTuple):
    """A sentence, and what it is worth in each place of a summary; 0: it has no place there."""

    place: int  # in the paper, the abstract first
    text: str  # as it is shown
    where: str
    words: frozenset[str]
    sums_up: float = 0.0
    contributes: float = 0.0
    finds: float = 0.0
    limits: float = 0.0
    tells: float = 0.0  # as a key point


class Summariser:
    """Picks sentences by logistic regressions over what can be seen of them; learns nothing and remembers nothing."""

    def __init__(self, roles: RoleModel, telling: Mapping[str, float], name: str) -> None:
        self._roles = roles
        self._telling = telling
        self._name = name

    @classmethod
    def load(cls) -> Summariser:
        """The summariser with the shipped weights."""
        telling = {trait: weight for trait, (weight,) in weights.table(weights.TELLING).items()}
        return cls(RoleModel.load(), telling, f"telling-{RECIPE}-{weights.fingerprint()}")

    @property
    def name(self) -> str:
        """Changes whenever another choice could be made from the same text."""
        return self._name

    def summarise(self, title: str, abstract: str, *, key_points: int = 5, document: Document | None = None) -> Summary:
        """What the paper says of itself: sentences of the abstract and, of a *document*, of its telling sections.

        Of the abstract at most half as many sentences as it has are shown beside the TL;DR, which is the abstract's
        unless that is silent on the paper. All are in reading form, without clauses that only lead to
        what is said.
        """
        own = self._of_abstract(title, abstract)
        every = [*own, *(_of_body(title, document, len(own)) if document else ())]
        # Background is shown only when there is nothing else.
        best = max(every, key=lambda one: (one.sums_up, -one.place), default=None)
        if best is None or (not best.sums_up and not own):
            return Summary()
        choice = _Choice(best, room=len(own) // 2)
        limitations = choice.take(every, LIMITATIONS, lambda one: one.limits)
        contribution = choice.take(every, 1, lambda one: one.contributes)
        findings = choice.take(every, FINDINGS, lambda one: one.finds)
        return Summary(
            tldr=best.text,
            tldr_where=best.where,
            contribution=contribution[0] if contribution else None,
            findings=findings,
            limitations=limitations,
            key_points=choice.take(every, key_points, lambda one: one.tells),
        )

    def _of_abstract(self, title: str, abstract: str) -> list[_Sentence]:
        sentences = [sentence for sentence in split(abstract) if plain(sentence)]
        roles = self._roles.probabilities(sentences)
        scores = self._scores(title, sentences, roles)
        is_told = told(title, sentences, roles)
        return [_from_abstract(*seen) for seen in zip(count(), sentences, roles, scores, is_told)]

    def _scores(self, title: str, sentences: Sequence[str], roles: Sequence[Probabilities]) -> list[float]:
        """For each sentence the log-odds that it is the one to show."""
        return [
            math.fsum(self._telling.get(trait, 0.0) * value for trait, value in seen.items())
            - POINTING_BACK * points_back(sentence)
            for sentence, seen in zip(sentences, traits(title, sentences, roles), strict=True)
        ]


class _Choice:
    """Takes sentences for one part after another; none that says again what was taken before."""

    def __init__(self, first: _Sentence, *, room: int) -> None:
        """*room* is for sentences of the abstract."""
        self._said = [first]
        self._room = room

    def take(
        self, every: Sequence[_Sentence], limit: int, worth: Callable[[_Sentence], float]
    ) -> tuple[Statement, ...]:
        """At most *limit* of those that are worth anything, the worthiest, in the order of the paper."""
        taken: list[_Sentence] = []
        for one in sorted(filter(worth, every), key=lambda one: (-worth(one), one.place)):
            if len(taken) < limit and self._has_room_for(one) and not any(_same(one, said) for said in self._said):
                taken.append(one)
                self._said.append(one)
                self._room -= not one.where
        return tuple(Statement(text=one.text, where=one.where) for one in sorted(taken))

    def _has_room_for(self, one: _Sentence) -> bool:
        return bool(one.where) or self._room > 0


def _same(one: _Sentence, other: _Sentence) -> bool:
    shorter = min(len(one.words), len(other.words))
    return one.text == other.text or len(one.words & other.words) > _SAME * shorter


# --- of the abstract ---


def _from_abstract(place: int, sentence: str, role: Probabilities, score: float, is_told: bool) -> _Sentence:
    text = compressed(plain(sentence))
    seen = _Sentence(place=place, text=text, where="", words=frozenset(stemmed(text)))
    if not is_told:
        # A limitation is of this paper, whatever the judges of roles would call it.
        return seen._replace(limits=float(states_limit(text)))
    odds = _odds(score)
    offers = role[_OBJECTIVE] + role[_METHOD]
    is_finding = (max(role) == role[_RESULT] or states_finding(text)) and not presents(text) and not looks_ahead(text)
    return seen._replace(
        sums_up=1 + odds,
        contributes=offers + odds
        if is_about_this_paper(text) and not (points_back(text) or is_finding or looks_ahead(text))
        else 0.0,
        finds=1 + role[_RESULT] - 0.5 * points_back(text) if is_finding else 0.0,
        limits=float(states_limit(text)),
        tells=0.0 if looks_ahead(text) else 1 + _odds(_worth(role, score)),
    )


def told(title: str, sentences: Sequence[str], roles: Sequence[Probabilities]) -> list[bool]:
    """For each sentence whether it is about this paper.

    The roles alone will not do: CSAbstruct's judges called many an opening "We study …" background. Where a sentence
    speaks of "we" or "this paper", those before it that do not set the scene, but for one with the name in the title.
    """
    own = [is_about_this_paper(sentence) for sentence in sentences]
    first, name = own.index(True) if any(own) else 0, coined(title)
    return [
        _tells(sentence)
        and (mine or (not _sets_scene(sentence, role) and (i > first or first == 0 or bool(name and name in sentence))))
        for i, (sentence, role, mine) in enumerate(zip(sentences, roles, own, strict=True))
    ]


def _tells(sentence: str) -> bool:
    return len(sentence.split()) >= _LEAST_WORDS and not _HOUSEKEEPING.search(sentence)


def _sets_scene(sentence: str, role: Probabilities) -> bool:
    return max(role) == role[_OTHER] or role[_BACKGROUND] >= _LIKELY_BACKGROUND or bool(_SCENERY.match(sentence))


def _worth(role: Probabilities, score: float) -> float:
    """Results and methods tell a reader most; among like ones, what could have been the one sentence."""
    return 0.5 * score + 1.5 * role[_RESULT] + role[_METHOD] + role[_OBJECTIVE]


def _odds(score: float) -> float:
    """Between 0 and 1, in the order of the scores."""
    return 0.5 + 0.5 * math.tanh(score / 10)


# --- of the body ---


def _of_body(title: str, document: Document, place: int) -> Iterator[_Sentence]:
    """The sentences of the telling sections that can be read by themselves; *place* is that of the first."""
    about = frozenset(stemmed(title))
    for passage in passages(document):
        for number, sentence in enumerate(passage.sentences):
            if stands_alone(sentence) and not _HOUSEKEEPING.search(sentence):
                yield _from_body(place, passage, sentence, about, opens=number == 0)
            place += 1


def _from_body(place: int, passage: Passage, sentence: str, about: frozenset[str], *, opens: bool) -> _Sentence:
    words = frozenset(stemmed(sentence))
    near = len(words & about) / max(len(about), 1)
    found = passage.part in _WHERE_FOUND and states_finding(sentence) and is_about_this_paper(sentence)
    limits = states_limit(sentence, among_limits=passage.part is Part.LIMITATIONS)
    called_so = states_contribution(sentence) or (passage.lists_contributions and opens)
    sums_up = passage.part in (Part.INTRODUCTION, Part.CONCLUSION) and presents(sentence)
    seen = _Sentence(
        place=place, text=compressed(sentence), where=passage.where, words=words, sums_up=(1 + near) / 4 * sums_up
    )
    if limits:
        return seen._replace(limits=1 + near + opens + states_limit(sentence))
    return seen._replace(
        contributes=(_CALLED_SO + near + states_contribution(sentence) / 2) * called_so,
        finds=_WHERE_FOUND.get(passage.part, 0.0) * (1 + near) / 2 * found,
        tells=(near / 2 + 0.1) * (called_so or (found and passage.part in _TELLING)),
    )
