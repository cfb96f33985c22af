"""The paragraphs of a whole paper that say what it offers, found and lacks, by the headings that they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

from digest.document import Block, Document, Heading, Line, List, Paragraph, Quote, Style
from digest.summary.sentences import split


class Part(Enum):
    """What a section is for, as its heading tells."""

    INTRODUCTION = auto()
    RESULTS = auto()
    DISCUSSION = auto()
    CONCLUSION = auto()
    LIMITATIONS = auto()
    ELSEWHERE = auto()  # methods, related work, appendices, thanks: nothing is taken from there


class Passage(NamedTuple):
    """A paragraph, or an item of a list."""

    part: Part
    where: str  # the innermost heading above it, as printed, its number first
    sentences: tuple[str, ...]  # in reading form
    lists_contributions: bool = False  # an item under "Our contributions are:"


# The first that fits counts: "Discussion and limitations" has limitations in it, "Results and discussion" results.
_PARTS = (
    (
        Part.ELSEWHERE,
        r"\b(?:related|prior|previous|acknowledge?ments?|acknowledg\w+|appendi\w+|supplement\w*|references|ethic\w*|funding"
        r"|(?:author|credit) contributions?|authorship|declarations?|availability|impact|set-?up|settings?|details|datasets?"
        r"|metrics|baselines|preliminar\w+|background|future)\b",
    ),
    (Part.LIMITATIONS, r"\blimitations?\b|\bthreats to validity\b|\bcaveats\b|\bshortcomings\b"),
    (Part.INTRODUCTION, r"\bintroduction\b|\bcontributions?\b|^overview$|^motivation\b"),
    (Part.CONCLUSION, r"\bconclu\w+|\bconcluding\b|^(?:summary|summary and .*|closing remarks|take-?aways)$"),
    (Part.RESULTS, r"\bresults?\b|\bexperiments?\b|\bevaluations?\b|\bfindings\b|\bablations?\b|\bcomparisons?\b"),
    (Part.DISCUSSION, r"\bdiscussions?\b|\banalys[ie]s\b|\bimplications\b"),
)
_KNOWN = tuple((part, re.compile(pattern, re.IGNORECASE)) for part, pattern in _PARTS)
_LIMITS_TOO = re.compile(r"\blimitations?\b", re.IGNORECASE)
_ANNOUNCES_CONTRIBUTIONS = re.compile(
    r"\bcontributions?\b[^.]*[:.]\s*$|\b(?:we|this paper) makes? the following\b[^.]*:\s*$", re.IGNORECASE
)
# Private characters around a citation, while it is looked at what it stands in.
_CITED = "\ue005[^\ue005\ue006]*\ue006"
_JOINED = r"[\s,;:&–—-]|\band\b|\bsee(?: also)?\b|\be\.\s?g\.,?|\bcf\.|\bi\.\s?e\.,?"
_BRACKETED = re.compile(
    rf"\s*(?:\[(?:{_JOINED}|{_CITED})*{_CITED}(?:{_JOINED}|{_CITED})*\]|\((?:{_JOINED}|{_CITED})*{_CITED}(?:{_JOINED}|{_CITED})*\))"
)
_AFTER_A_WORD = re.compile(rf"(?<=[\w)])\s*{_CITED}(?=[.,;:)]|\s|$)")
_MARKS = str.maketrans("", "", "\ue005\ue006")


def passages(document: Document) -> Iterator[Passage]:
    """In the order of the paper; captions, formulas, code, notes and what stands above the first heading are left out."""
    above: list[tuple[int, Part, str]] = []
    announced = False
    for block in document.blocks:
        if isinstance(block, Heading):
            _enter(above, block)
        part, where = above[-1][1:] if above else (Part.ELSEWHERE, "")
        if part is not Part.ELSEWHERE:
            listed = announced and isinstance(block, List)
            yield from (Passage(part, where, sentences, listed) for sentences in _paragraphs(block))
        announced = isinstance(block, Paragraph) and bool(_ANNOUNCES_CONTRIBUTIONS.search(reading(block.line)))


def part_of(heading: str) -> Part | None:
    """What a section with this heading is for; None where its words do not tell, and the one around it may."""
    if _LIMITS_TOO.search(heading):
        return Part.LIMITATIONS
    return next((part for part, words in _KNOWN if words.search(heading)), None)


def reading(line: Line) -> str:
    """A line as text: mathematics between dollar signs; citations in brackets, and those after a word, left out."""
    pieces = []
    for span in line:
        if span.style is Style.CITATION:
            pieces.append(f"\ue005{span.text}\ue006")
        elif span.style is Style.MATHEMATICS:
            pieces.append(f"${span.text}$")
        else:
            pieces.append(span.text.translate(_MARKS))
    text = _BRACKETED.sub("", "".join(pieces))
    return " ".join(text.translate(_MARKS).split())


def _enter(above: list[tuple[int, Part, str]], heading: Heading) -> None:
    while above and above[-1][0] >= heading.depth:
        above.pop()
    text = reading(heading.line)
    around, where = above[-1][1:] if above else (Part.ELSEWHERE, "")
    above.append((heading.depth, part_of(text) or around, f"{heading.number} {text}".strip() or where))


def _paragraphs(block: Block) -> Iterator[tuple[str, ...]]:
    if isinstance(block, Paragraph):
        yield split(reading(block.line))
    elif isinstance(block, List):
        for item in block.items:
            yield from _inside(item)
    elif isinstance(block, Quote):
        yield from _inside(block.blocks)


def _inside(blocks: Sequence[Block]) -> Iterator[tuple[str, ...]]:
    for block in blocks:
        yield from _paragraphs(block)
