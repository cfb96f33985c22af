"""A stranger's text as data: nothing in it is to be taken for an instruction.

Datamarking after Hines et al., "Defending Against Indirect Prompt Injection Attacks With Spotlighting" (arXiv
2403.14720): a sign takes the place of every space, so that the model sees at each word whose it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MARKS: Final = ("^", "ˆ", "¦", "▁")
_UNSEEN: Final = frozenset(("Cc", "Cf", "Co", "Cs", "Cn"))
_BENT: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)(?: (?:all|any|each|of|the|your|my|these|those|other|previous|prior"
    r"|above|earlier|preceding|foregoing|system|safety))* (?:instructions?|prompts?|rules|guidelines|messages?|above)\b"
    r"|\b(?:ignore|disregard|forget) (?:everything|anything|what|all)\b[^.!?]{0,30}\b(?:above|before|earlier|told|said)\b"
    r"|\byou are (?:now )?(?:an?|the|no longer)\b[^.!?]{0,20}\b(?:ai|assistant|language model|chatbot|reviewer)\b"
    r"|\b(?:dear|attention,?) (?:ai|llms?|assistant|language models?)\b"
    r"|\bnotes? (?:to|for) (?:the |any |all )?(?:ai|llm|assistant|language model)s?\b"
    r"|\b(?:reply|respond|answer) (?:only )?with (?:only|the words?|nothing but)\b|\b(?:reply|respond|answer) only with\b"
    r"|\A\W*(?:system|assistant|developer)\W*:|<\|(?:im|start|end|system|user|assistant)[a-z_]*\|>|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A paper as a model is shown it."""

    title: str
    sentences: tuple[str, ...]  # of the abstract, in reading form; that with number n is the n-th
    withheld: frozenset[int] = frozenset()  # numbers of those that speak to a model; they are not shown

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the sentences that are shown, rising."""
        return tuple(n for n in range(1, len(self.sentences) + 1) if n not in self.withheld)


def shown(title: str, sentences: Sequence[str]) -> Shown:
    """Without invisible characters; sentences that speak to a model are withheld, and the others keep their numbers.

    A title is always shown: a paper has one, and it is never an answer.
    """
    clean = tuple(visible(sentence) for sentence in sentences)
    return Shown(
        title=visible(title),
        sentences=clean,
        withheld=frozenset(n for n, sentence in enumerate(clean, 1) if not sentence or speaks_to_model(sentence)),
    )


def speaks_to_model(sentence: str) -> bool:
    """Whether a sentence looks like an instruction to a language model.

    Papers about prompts have such sentences too: the model judges those papers by the others.
    """
    return bool(_BENT.search(sentence))


def visible(text: str) -> str:
    """*text* on one line, NFC, without characters that are not seen: format, private, unassigned and control ones."""
    spaced = " ".join(text.split())
    seen = spaced if spaced.isprintable() else "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def mark_for(texts: Sequence[str]) -> str:
    """A sign that stands in none of *texts*; where all do, the first one, which ``marked`` takes out of the text."""
    return next((mark for mark in _MARKS if not any(mark in text for text in texts)), _MARKS[0])


def marked(text: str, mark: str) -> str:
    """*text* with *mark* in the place of every space."""
    return mark.join(text.replace(mark, " ").split())
