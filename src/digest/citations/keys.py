"""By what papers and references are looked up: short strings, of which one that both have makes them candidates.

=======  ==============================================================================================================
``a:``   an arXiv identifier, canonical
``d:``   a DOI, lower case
``p:``   the first ``PART`` letters of a folded title, or of what may be one, without articles; all of a shorter one
``q:``   the last ``PART`` letters of a longer one
``t:``   a hash of a whole folded title: of references only
``v:``   first author, year, volume and page: of references without a title only
=======  ==============================================================================================================

An ``a:`` or ``d:`` in common decides, a ``p:`` or ``q:`` asks for a judgement. All but these two say which work a
reference is of, so that two papers' references to one work that is not here are known to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Protocol

from digest.citations.folding import ARTICLES, compact, words
from digest.citations.references import Reference
from digest.citations.titles import ends, main_title
from digest.model import PaperId


class Known(Protocol):
    """What a paper is known by in references; a ``Paper`` has it."""

    @property
    def id(self) -> PaperId: ...
    @property
    def title(self) -> str: ...
    @property
    def authors(self) -> Sequence[str]: ...
    @property
    def dois(self) -> Sequence[str]: ...


PART: Final = 24

LONG: Final = 36
"""Letters from which a title is looked up by its end too: its beginning can be damaged."""

LONG_ENDS: Final = 3
"""Ends at which a title may end, beyond ``PART`` letters, that are looked up."""

SHORTEST: Final = 6
"""Letters of a title that can be looked up."""

TELLING: Final = 16
"""Letters of a title that alone says which work a reference is of."""


def of_paper(paper: Known) -> tuple[str, ...]:
    """What a paper may be found by, sorted."""
    whole, main = _lean(words(paper.title)), _lean(words(main_title(paper.title)))
    titles = {*_keys(whole), f"p:{main[:PART]}"} if len(main) >= SHORTEST else _keys(whole)
    return tuple(sorted({f"a:{paper.id}", *(f"d:{doi.lower()}" for doi in paper.dois), *titles}))


def of_reference(reference: Reference) -> tuple[str, ...]:
    """What a reference may be found by, sorted."""
    return tuple(sorted({*works(reference), *_titles(reference)}))


def _lean(folded: Sequence[str]) -> str:
    return "".join(word for word in folded if word not in ARTICLES)


def _keys(letters: str) -> set[str]:
    """By what a title of these letters is looked up."""
    if len(letters) < SHORTEST:
        return set()
    return {f"p:{letters[:PART]}"} | ({f"q:{letters[-PART:]}"} if len(letters) > LONG else set())


def works(reference: Reference) -> set[str]:
    """Of the keys those that say which work it is of."""
    found = {f"a:{id}" for id in reference.arxiv} | {f"d:{doi}" for doi in reference.dois}
    title = compact(words(reference.title))
    if len(title) >= TELLING:
        found.add(f"t:{blake2b(title.encode(), digest_size=8).hexdigest()}")
    elif not title and (place := _place(reference)):
        found.add(f"v:{place}")
    return found


def _titles(reference: Reference) -> set[str]:
    """The keys of an opening up to where the title may end; of the longer ones only the first ``LONG_ENDS``."""
    if reference.arxiv:
        return set()  # every paper here has an identifier: no other can be meant
    found: set[str] = set()
    for opening in reference.openings:
        long = 0
        for end in ends(opening):
            letters = _lean(end.words)
            if not end.goes_on or len(letters) < PART:
                found |= _keys(letters)
                long += len(letters) >= PART
            if long == LONG_ENDS:
                break
    return found


_NUMBERS: Final = re.compile(r"(?<![\w.])[A-Z]?(\d{1,7})(?![\w]*\.\d)")


def _place(reference: Reference) -> str:
    """``meier 2007 56 757``; "" where a part is missing. Of pages the first."""
    if not reference.authors or not reference.year:
        return ""
    rest = reference.text.split(reference.authors[-1])[-1]
    numbers = [number for number in _NUMBERS.findall(rest) if number != str(reference.year)]
    if len(numbers) < 2:
        return ""
    return f"{compact(words(reference.authors[0]))} {reference.year} {numbers[0]} {numbers[1]}"
