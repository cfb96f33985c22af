"""Which papers a reference is to: the judgement. Pure; it depends on nothing but the reference and the papers.

An arXiv identifier decides, for every paper here has one; else a DOI; else the title, with authors and year as evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from digest.citations.folding import compact, words
from digest.citations.keys import Known
from digest.citations.references import Reference
from digest.citations.titles import Likeness, ends, likeness, main_title
from digest.model import PaperId


class Ground(StrEnum):
    """By what a paper was found, the surest first."""

    ARXIV = "arxiv"
    DOI = "doi"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Match:
    paper: PaperId
    ground: Ground


def match(reference: Reference, papers: Iterable[Known]) -> tuple[Match, ...]:
    """The papers that *reference* is to, by identifier; an entry that names several works can be to several.

    By title at most one: the likest, and of those the first by identifier.
    """
    papers = sorted(papers, key=lambda paper: paper.id)
    if reference.arxiv:
        return tuple(Match(paper.id, Ground.ARXIV) for paper in papers if paper.id in reference.arxiv)
    by_doi = [paper.id for paper in papers if any(doi.lower() in reference.dois for doi in paper.dois)]
    if by_doi:
        return tuple(Match(paper, Ground.DOI) for paper in by_doi)
    found = [(agreement, paper.id) for paper in papers if (agreement := by_title(reference, paper)) is not None]
    best = min(found, key=lambda one: (tuple(-value for value in one[0]), one[1]), default=None)
    return (Match(best[1], Ground.TITLE),) if best else ()


def by_title(reference: Reference, paper: Known) -> tuple[float, ...] | None:
    """How well title, authors and year agree, to be compared with others; None where they do not."""
    title, main = _folded(paper.title)
    close = max(
        (likeness(end, title, main) for opening in reference.openings for end in ends(opening)), default=Likeness.OTHER
    )
    if close is Likeness.OTHER:
        return None
    names = _shared_names(reference.authors, paper.authors)
    gap = 0 if reference.year is None else reference.year - _first_year(paper)
    if not _is_enough(close, names, gap, sum(map(len, title))):
        return None
    return float(close), -1.0 if names is None else names, -float(abs(gap))


DISTINCTIVE: Final = 28
"""Letters of a title that may stand without authors."""

LEAST_SHARE: Final = 0.4
"""Of the family names told those that must be the paper's: one of several may be so by chance."""


def _is_enough(close: Likeness, names: float | None, gap: int, length: int) -> bool:
    """Whether the evidence allows a title that is so close. *names*: None where one side has none."""
    if close is Likeness.SAME:
        return names > 0 if names is not None else length >= DISTINCTIVE and -3 <= gap <= 8
    if names is None:
        return close is Likeness.SPELT and length >= 1.5 * DISTINCTIVE and -2 <= gap <= 4
    return names >= (1 if close is Likeness.SHORTER else 0.5) and -2 <= gap <= 6


def _shared_names(told: Sequence[str], authors: Sequence[str]) -> float | None:
    """The share of the *told* family names that are among the *authors*; one more where the first ones agree.

    0 where so few agree that it may be chance. None where there is nothing to compare. A name may be told in two ways
    (``Müller``, ``Mueller``).
    """
    mine = [forms for forms in map(_forms, told) if forms]
    theirs = {form for author in authors for form in _author_forms(author)}
    if not mine or not theirs:
        return None
    agreeing = sum(bool(forms & theirs) for forms in mine)
    share = agreeing / len(mine)
    if mine[0] & _author_forms(authors[0]):
        return 1 + share if share >= LEAST_SHARE or len(mine) <= 2 else 0.0
    return share if share >= LEAST_SHARE and agreeing > 1 else 0.0


@lru_cache(maxsize=4096)
def _author_forms(author: str) -> frozenset[str]:
    """Every word of a name that is no initial, and the last two as one, for it may be written in any order."""
    parts = [part for word in author.split() for part in [compact(words(word))] if len(part) > 1]
    joined = ["".join(parts[-2:])] if len(parts) > 1 else []
    return frozenset(form for part in (*parts, *joined) for form in (part, _unmarked(part)))


@lru_cache(maxsize=4096)
def _forms(name: str) -> frozenset[str]:
    folded = compact(words(name))
    return frozenset((folded, _unmarked(folded))) if len(folded) > 1 else frozenset()


def _unmarked(name: str) -> str:
    return name.replace("ue", "u").replace("oe", "o").replace("ae", "a")


@lru_cache(maxsize=8192)
def _folded(title: str) -> tuple[tuple[str, ...], str]:
    return tuple(words(title)), compact(words(main_title(title)))


def _first_year(paper: Known) -> int:
    """The year of its identifier, in which it was first announced."""
    yymm = paper.id.rpartition("/")[2][:4]
    return (1900 if yymm >= "9107" else 2000) + int(yymm[:2])
