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
    ELSEWHERE = auto()  # related work, appendices, thanks: nothing is taken from there, nor from what is inside


class Passage(NamedTuple):
    """A paragraph, or an item of a list."""

    part: Part
    where: str  # the innermost heading above it, as printed, its number first
    sentences: tuple[str, ...]  # in reading form, without those that refer to another place
    lists_contributions: bool = False  # an item under "Our contributions are:"


class _Section(NamedTuple):
    depth: int
    part: Part | None  # None: no heading above it tells
    where: str


_APPENDIX = re.compile(r"(?:Appendix )?[A-HJ-UWYZ]|Appendix.*")  # I, V and X are Roman figures

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
_REFERS = "\ue007"
_MARKS = str.maketrans("", "", f"\ue005\ue006{_REFERS}")
_SPACE_BEFORE_STOP = re.compile(r"(?<=[\w$)\ue006\ue007])\s+(?=[.,;:](?:\s|$))")


def passages(document: Document) -> Iterator[Passage]:
    """In the order of the paper; captions, formulas, code, notes and what stands above the first heading are left out."""
    above: list[_Section] = []
    announced = False
    for block in document.blocks:
        if isinstance(block, Heading):
            _enter(above, block)
        part, where = (above[-1].part, above[-1].where) if above else (None, "")
        if part and part is not Part.ELSEWHERE:
            listed = announced and isinstance(block, List)
            yield from (Passage(part, where, sentences, listed) for sentences in _paragraphs(block))
        announced = isinstance(block, Paragraph) and bool(_ANNOUNCES_CONTRIBUTIONS.search(reading(block.line)))


def part_of(heading: str) -> Part | None:
    """What a section with this heading is for; None where its words do not tell, and the one around it may."""
    if _LIMITS_TOO.search(heading):
        return Part.LIMITATIONS
    return next((part for part, words in _KNOWN if words.search(heading)), None)


def reading(line: Line) -> str:
    """A line as text: mathematics between dollar signs; citations in brackets left out."""
    return _marked(line).translate(_MARKS)


def _marked(line: Line) -> str:
    """The same, with a mark at each reference to another place of the document."""
    pieces = []
    for span in line:
        if span.style is Style.CITATION:
            pieces.append(f"\ue005{span.text}\ue006")
        elif span.style is Style.MATHEMATICS:
            pieces.append(f"${span.text}$")
        elif span.style is Style.REFERENCE:
            pieces.append(f"{span.text.translate(_MARKS)}{_REFERS}")
        else:
            pieces.append(span.text.translate(_MARKS))
    text = _SPACE_BEFORE_STOP.sub("", _BRACKETED.sub("", "".join(pieces)))
    return " ".join(text.split())


def _enter(above: list[_Section], heading: Heading) -> None:
    while above and above[-1].depth >= heading.depth:
        above.pop()
    text = reading(heading.line)
    around = above[-1] if above else _Section(0, None, "")
    part = Part.ELSEWHERE if heading.depth == 1 and _APPENDIX.fullmatch(heading.number) else part_of(text)
    if around.part is Part.ELSEWHERE or part is None:
        part = around.part
    above.append(_Section(heading.depth, part, f"{heading.number} {text}".strip() or around.where))


def _paragraphs(block: Block) -> Iterator[tuple[str, ...]]:
    if isinstance(block, Paragraph):
        # A sentence that refers to a table or a formula does not stand alone.
        yield tuple(s.translate(_MARKS) for s in split(_marked(block.line)) if _REFERS not in s)
    elif isinstance(block, List):
        for item in block.items:
            yield from _inside(item)
    elif isinstance(block, Quote):
        yield from _inside(block.blocks)


def _inside(blocks: Sequence[Block]) -> Iterator[tuple[str, ...]]:
    for block in blocks:
        yield from _paragraphs(block)
