"""What each sentence of an abstract does: give background, an objective, a method, a result, or something else.

A multinomial logistic regression over word n-grams, position and the openings of the neighbours, then a second, small
one over the first one's answers for the sentence and two neighbours on each side. Trained on CSAbstruct (Cohan et al.
2019, "Pretrained Language Models for Sequential Sentence Classification") by ``tools/train_summary.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from digest.summary import weights

ROLES = ("background", "objective", "method", "result", "other")
"""The order of every vector of probabilities here."""

Probabilities = tuple[float, float, float, float, float]

_TOKEN = re.compile(r"\$[^$]*\$|[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[%:;?()]")
_AROUND = (-2, -1, 1, 2)


class RoleModel:
    """*sentence* and *context* map a feature to one weight per role; ``""`` is the constant term."""

    def __init__(self, sentence: dict[str, tuple[float, ...]], context: dict[str, tuple[float, ...]]) -> None:
        self._sentence = sentence
        self._context = context

    @classmethod
    def load(cls) -> RoleModel:
        return cls(weights.table(weights.ROLES), weights.table(weights.CONTEXT))

    def probabilities(self, sentences: Sequence[str]) -> tuple[Probabilities, ...]:
        """How likely each role is for each of the sentences of one abstract, in order; each sums to 1."""
        alone = [_softmax(self._alone(features)) for features in sentence_features(sentences)]
        around = context_features([tuple(map(_log, one)) for one in alone])
        return tuple(_softmax(self._within(features)) for features in around)

    def roles(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """The likeliest role of each sentence."""
        return tuple(ROLES[max(range(5), key=one.__getitem__)] for one in self.probabilities(sentences))

    def _alone(self, features: Iterable[str]) -> list[float]:
        known = self._sentence
        rows = [known[feature] for feature in features if feature in known]
        return [math.fsum(column) for column in zip(known[""], *rows, strict=True)]

    def _within(self, features: dict[str, float]) -> list[float]:
        scaled = [(value, self._context[feature]) for feature, value in features.items()]
        constant = self._context[""]
        return [constant[role] + math.fsum(value * row[role] for value, row in scaled) for role in range(5)]


def tokens(sentence: str) -> list[str]:
    """Lower-case words, with every number as ``0`` and every formula as ``$``."""
    return ["0" if token[0].isdigit() else token[0] if token[0] == "$" else token for token in _words(sentence)]


def _words(sentence: str) -> list[str]:
    return _TOKEN.findall(sentence.lower())


def sentence_features(sentences: Sequence[str]) -> list[set[str]]:
    """For each sentence its n-grams of 1 to 3 words, its and its neighbours' openings, and its place and length."""
    words = [tokens(sentence) for sentence in sentences]
    openings = [[f"^{' '.join(of[:n])}" for n in (1, 2, 3) if len(of) >= n] for of in words]
    last = len(words) - 1
    found = []
    for i, of in enumerate(words):
        features = {*_grams(of), *openings[i], *_places(i, last, len(of))}
        if i > 0:
            features.update(f"<{opening}" for opening in openings[i - 1])
        if i < last:
            features.update(f">{opening}" for opening in openings[i + 1])
        found.append(features)
    return found


def _grams(words: list[str]) -> Iterable[str]:
    yield from words
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    yield from pairs
    yield from (f"{pair} {third}" for pair, third in zip(pairs, words[2:], strict=False))


def _places(i: int, last: int, length: int) -> tuple[str, ...]:
    return (
        f"@from start {min(i, 8)}",
        f"@from end {min(last - i, 8)}",
        f"@tenth {10 * i // (last + 1)}",
        f"@of {min(last + 1, 15)}",
        f"@words {min(length // 5, 10)}",
        f"@start {min(i, 3)} of {min(last + 1, 10)}",
    )


def context_features(logs: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    """For each sentence of one abstract the log-probabilities of it and of its neighbours, and which are missing."""
    found = []
    for i, own in enumerate(logs):
        features = {f"0 {role}": value for role, value in zip(ROLES, own, strict=True)}
        for step in _AROUND:
            if 0 <= i + step < len(logs):
                features |= {f"{step:+d} {role}": value for role, value in zip(ROLES, logs[i + step], strict=True)}
            else:
                features[f"{step:+d} missing"] = 1.0
        found.append(features)
    return found


def _softmax(scores: Sequence[float]) -> Probabilities:
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    a, b, c, d, e = (power / total for power in powers)
    return a, b, c, d, e


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-9))
