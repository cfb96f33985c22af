"""Choose the sentence of an abstract that says what the paper does, and those that tell most besides."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from digest.model import Summary
from digest.summary import weights
from digest.summary.compress import compressed
from digest.summary.reading import plain
from digest.summary.roles import ROLES, Probabilities, RoleModel
from digest.summary.sentences import split
from digest.summary.traits import stemmed, traits

RECIPE = 1  # raise it when the same weights would choose other sentences

_BACKGROUND, _OBJECTIVE, _METHOD, _RESULT, _OTHER = range(len(ROLES))
_HOUSEKEEPING = re.compile(
    r"\b(?:code|data\w*|models?|weights|implementations?|demo|project page|website|resources|materials?|repository)\b"
    r"[^.]{0,200}\b(?:available|released?|open[- ]?sourced?|found at|accessible|accessed|visit)\b"
    r"|https?://|github\.|all rights reserved|©|\bpp\.|\baccepted (?:at|to|by|in)\b|\bto appear\b",
    re.IGNORECASE,
)
_OF_THIS_PAPER = re.compile(
    r"\b(?:[Ww]e|[Oo]urs?|us)\b"
    r"|\b[Tt]h(?:is|e present) (?:paper|work|study|article|letter|survey|review|report|thesis|chapter|tutorial|note)\b"
    r"|(?:^|, )I [a-z]+\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced|investigated|studied|shown|developed|derived|demonstrated)\b"
)
_SCENERY = re.compile(
    r"(?:recently|nowadays|today|traditionally|currently|to date|in recent (?:years|decades)|over the (?:past|last))\b"
    r"|[^,;]* (?:is|are|remains?|has become|have become|should be) (?:a |an |one of the )?(?:\w+ly )?"
    r"(?:key|crucial|critical|essential|important|fundamental|challenging|ubiquitous|vital)\b",
    re.IGNORECASE,
)
_NOT_HERE = r"this (?!(?:paper|work|study|article|letter|survey|review|report|thesis|chapter|tutorial|note)\b)"
_POINTS_BACK = re.compile(
    rf"(?:\w+, )?(?:(?:it|they|such|these|those|both)\b|{_NOT_HERE}"
    rf"|(?:we|our|this \w+)\b[^,;:.]{{0,60}}?\b(?:it|its|they|them|such|these|those|{_NOT_HERE}))",
    re.IGNORECASE,
)
_POINTING_BACK = 0.6  # log-odds; from 0.3 to 1.5 ROUGE does not care, and a reader meets the sentence alone
_LEAST_WORDS = 4
_SAME = 0.6  # of the shorter sentence's content words: more in common tells nothing new


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
        """Changes whenever another choice could be made from the same abstract."""
        return self._name

    def summarise(self, title: str, abstract: str, *, key_points: int = 5) -> Summary:
        """The one sentence that says most, and up to *key_points* others, at most one for two sentences.

        All are sentences of the abstract in reading form, the first without a clause that only leads to it.
        """
        sentences = [sentence for sentence in split(abstract) if plain(sentence)]
        if not sentences:
            return Summary(tldr="", key_points=())
        roles = self._roles.probabilities(sentences)
        scores = self._scores(title, sentences, roles)
        about = [i for i, role in enumerate(roles) if _tells(sentences[i], role)]
        # Background is shown only when there is nothing else.
        best = max(about or range(len(sentences)), key=lambda i: (scores[i], -i))
        worth = {i: _worth(roles[i], scores[i]) for i in about if i != best}
        points = _key_points(best, sentences, worth, limit=min(key_points, len(sentences) // 2))
        return Summary(tldr=compressed(plain(sentences[best])), key_points=tuple(plain(sentences[i]) for i in points))

    def _scores(self, title: str, sentences: Sequence[str], roles: Sequence[Probabilities]) -> list[float]:
        """For each sentence the log-odds that it is the one to show."""
        return [
            math.fsum(self._telling.get(trait, 0.0) * value for trait, value in seen.items())
            - _POINTING_BACK * (_POINTS_BACK.match(sentence) is not None)
            for sentence, seen in zip(sentences, traits(title, sentences, roles), strict=True)
        ]


def _tells(sentence: str, role: Probabilities) -> bool:
    """Whether the sentence is about this paper.

    The roles alone will not do: CSAbstruct's judges called many an opening "We study …" background.
    """
    if len(sentence.split()) < _LEAST_WORDS or _HOUSEKEEPING.search(sentence):
        return False
    if _OF_THIS_PAPER.search(sentence):
        return True
    return max(role) not in (role[_BACKGROUND], role[_OTHER]) and not _SCENERY.match(sentence)


def _key_points(best: int, sentences: Sequence[str], worth: Mapping[int, float], *, limit: int) -> list[int]:
    """The worthiest sentences in the order of the abstract; none that says a chosen one again."""
    words = [frozenset(stemmed(sentence)) for sentence in sentences]
    chosen = [best]
    for i in sorted(worth, key=lambda i: (-worth[i], i)):
        if len(chosen) <= limit and not any(_same(words[i], words[j]) for j in chosen):
            chosen.append(i)
    return sorted(chosen[1:])


def _worth(role: Probabilities, score: float) -> float:
    """Results and methods tell a reader most; among like ones, what could have been the one sentence."""
    return 0.5 * score + 1.5 * role[_RESULT] + role[_METHOD] + role[_OBJECTIVE]


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) > _SAME * min(len(one), len(other))
