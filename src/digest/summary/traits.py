"""What can be seen of a sentence that tells whether it says what the paper is about."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from digest.summary.roles import Probabilities

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LITTLE_WORDS = """a an and are as at be been being both but by can could do does each for from had has have how if in
    into is it its may more most much new not of on one or other our over own same show shows so some such than that the
    their them then there these they this those through to toward towards two under up use used using via was we well
    were what when where which while who why will with within without would you your novel paper propose proposed
    present approach method methods based however also between further results"""
_EMPTY_WORDS = frozenset(_LITTLE_WORDS.split())

_ENDINGS = (
    *(("ations", 4), ("ation", 4), ("ings", 4), ("ing", 4), ("ies", 3), ("ed", 4)),
    *(("es", 4), ("s", 3), ("ly", 4), ("e", 4), ("y", 3)),
)
"""Endings with the letters that have to be left."""

_PAPER = r"(?:paper|work|study|article|survey|review|letter|thesis|report|chapter|tutorial)"
_METHOD = r"(?:method|approach|model|framework|algorithm|technique|architecture|system)s?"
_CUES = {
    "we propose": r"\bwe (?:\w+ )?(?:propose|introduce|present|develop|devise|design|describe)\b",
    "we study": r"\bwe (?:\w+ )?(?:study|investigate|explore|examine|consider|analy[sz]e|address|tackle|revisit|review"
    r"|survey|focus)\b",
    "we show": r"\bwe (?:\w+ )?(?:show|prove|demonstrate|establish|find|found|observe|provide|argue|reveal|derive"
    r"|obtain)\b",
    "we evaluate": r"\bwe (?:\w+ )?(?:evaluate|apply|test|compare|validate|conduct|report|perform|use|train|collect)\b",
    "we": r"\bwe\b",
    "our": r"\bours?\b",
    "this paper": rf"\b(?:this|the present|our) {_PAPER}\b",
    "in this paper": rf"\bin this {_PAPER}\b",
    "here": r"^here\b",
    "proposed": rf"\b(?:proposed|presented|introduced|our) (?:\w+ )?{_METHOD}\b",
    "called": r"\b(?:called|named|termed|dubbed|coined|referred to as|namely|denoted)\b",
    "new": r"\b(?:new|novel|first)\b",
    "that": r"\b(?:that|which)\b",
    "by": r"\bby \w+ing\b",
    "results": r"\b(?:results?|experiments?|evaluations?|empirical(?:ly)?|experimental(?:ly)?|benchmarks?|datasets?)\b",
    "better": r"\b(?:outperform\w*|state[- ]of[- ]the[- ]art|improv\w+|superior|surpass\w*|significant(?:ly)?"
    r"|achiev\w+)\b",
    "against": r"^(?:however|but|yet|unfortunately|nevertheless|despite|although|while|though|whereas)\b",
    "further": r"^(?:further(?:more)?|moreover|additionally|in addition|finally|also|besides|lastly|last)\b",
    "detail": r"^(?:specifically|in particular|particularly|concretely|for example|for instance|namely|notably|first"
    r"|second|then|next)\b",
    "therefore": r"^(?:therefore|thus|hence|consequently|as a result|accordingly|to this end|to address|to tackle"
    r"|to overcome|motivated|inspired)\b",
    "points back": r"^(?:it|this|these|those|they|such|both|the (?:latter|former|resulting|proposed|method|approach"
    r"|model|results?|algorithm|system|framework))\b",
    "this method": rf"^(?:this|the|our) (?:proposed )?{_METHOD}\b",
    "problem": r"\b(?:problem|challeng\w+|difficult\w*|issue|limitations?|lack|remains?)\b",
    "recent": r"\b(?:recent(?:ly)?|in recent years|existing|previous(?:ly)?|prior|traditional(?:ly)?|current(?:ly)?"
    r"|widely|popular)\b",
    "important": r"\b(?:important|crucial|essential|critical|fundamental|key|ubiquitous|promising)\b",
    "code": r"\b(?:code|data(?:set)?s?|models?|implementation)\b.*\b(?:available|released?|found at)\b|https?:|github",
    "can": r"\b(?:can|could|may|might|allows?|enables?)\b",
    "future": r"\b(?:future|implications?|open (?:problems?|questions?)|conclu\w+|discuss\w*)\b",
}
_CUE_PATTERNS = {name: re.compile(pattern) for name, pattern in _CUES.items()}
_SIGNS = {
    "digits": re.compile(r"\d"),
    "bracket": re.compile(r"\("),
    "citation": re.compile(r"\bet al\b|\[\d|\(\w+,? \d{4}"),
    "colon": re.compile(r"[:;]"),
    "question": re.compile(r"\?"),
    "mathematics": re.compile(r"\$|\\"),
    "per cent": re.compile(r"%|\b\d+(?:\.\d+)?x\b"),
}


def traits(title: str, sentences: Sequence[str], roles: Sequence[Probabilities]) -> list[dict[str, float]]:
    """For each sentence of an abstract what can be seen of it; what is absent is 0.

    *roles* are the probabilities of ``digest.summary.roles``, one for each of the *sentences*.
    """
    stems = [stemmed(sentence) for sentence in sentences]
    title_stems = stemmed(title)
    named = coined(title)
    shares = [_shares(own, title_stems) for own in stems]
    likest = max((share["title f"] for share in shares), default=0.0)
    found = []
    for i, sentence in enumerate(sentences):
        seen = _place(i, len(sentences)) | _size(sentence) | _cues(sentence) | shares[i]
        seen["likest to title"] = float(shares[i]["title f"] == likest > 0)
        seen["names"] = float(bool(named) and named in sentence)
        seen["central"] = _central(i, stems)
        found.append(seen | _roles(i, roles))
    _mark_first(found, "first that proposes", ("we propose", "in this paper", "this paper"))
    _mark_first(found, "first we", ("we", "our", "this paper"))
    return found


def stemmed(text: str) -> list[str]:
    """The content words of *text* in order, without their commonest endings; enough to see words agree."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    if not word.endswith("ss"):
        for ending, least in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= least:
                return word[: -len(ending)]
    return word


def coined(title: str) -> str:
    """The name before the colon of a title, when it is one word, or none."""
    name, colon, _ = title.partition(":")
    return name.strip() if colon and len(name.split()) <= 2 and len(name.strip()) > 1 else ""


def _place(i: int, n: int) -> dict[str, float]:
    return {
        "first": float(i == 0),
        "second": float(i == 1),
        "third": float(i == 2),
        "last": float(i == n - 1),
        "last but one": float(i == n - 2),
        "depth": i / max(n - 1, 1),
        "depth squared": (i / max(n - 1, 1)) ** 2,
        "first of few": float(i == 0 and n <= 4),
    }


def _size(sentence: str) -> dict[str, float]:
    words = len(sentence.split())
    return {
        "log words": math.log1p(words) - 3.1,
        "short": max(0, 12 - words) / 10,
        "long": max(0, words - 30) / 10,
        "very long": max(0, words - 45) / 10,
    }


def _cues(sentence: str) -> dict[str, float]:
    lower = sentence.lower()
    seen = {name: float(pattern.search(lower) is not None) for name, pattern in _CUE_PATTERNS.items()}
    return seen | {name: float(pattern.search(sentence) is not None) for name, pattern in _SIGNS.items()}


def _shares(own: list[str], title: list[str]) -> dict[str, float]:
    """How much of the title is in the sentence, and of the sentence in the title."""
    common = len(set(own) & set(title))
    recall, precision = common / max(len(set(title)), 1), common / max(len(set(own)), 1)
    pairs = len({*pairwise(own)} & {*pairwise(title)}) / max(len(title) - 1, 1)
    both = 2 * recall * precision / (recall + precision) if common else 0.0
    return {"title recall": recall, "title precision": precision, "title f": both, "title pairs": pairs}


def _central(i: int, stems: Sequence[list[str]]) -> float:
    """The mean share of this sentence's words that another sentence of the abstract has, too."""
    own = set(stems[i])
    others = [set(other) for j, other in enumerate(stems) if j != i]
    if not own or not others:
        return 0.0
    return sum(len(own & other) / math.sqrt(len(own) * len(other)) for other in others if other) / len(others)


def _roles(i: int, roles: Sequence[Probabilities]) -> dict[str, float]:
    background, objective, method, result, other = roles[i]
    before = roles[i - 1] if i else (0.0,) * 5
    after = roles[i + 1] if i + 1 < len(roles) else (0.0,) * 5
    return {
        "background": background,
        "objective": objective,
        "method": method,
        "result": result,
        "other": other,
        "after background": before[0],
        "after objective": before[1],
        "before background": after[0],
        "before method": after[2],
        "before result": after[3],
    }


def _mark_first(found: Sequence[dict[str, float]], name: str, cues: Sequence[str]) -> None:
    marked = False
    for seen in found:
        seen[name] = float(not marked and any(seen[cue] for cue in cues))
        marked = marked or seen[name] > 0
