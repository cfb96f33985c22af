"""How much two papers share of what they cite, and of those who cite them.

Bibliographic coupling is the number of references in common (Kessler 1963, "Bibliographic coupling between scientific
papers", American Documentation 14); co-citation the number of papers that cite both (Small 1973, "Co-citation in the
scientific literature", JASIS 24). Each is divided by the geometric mean of what the two have, which is Salton's cosine
(Salton and McGill 1983): a long bibliography shares something with everyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from math import sqrt
from typing import Final

from digest.model import PaperId

LEAST: Final = 2
"""Shared references, or papers that cite both, from which they count: one alone may be chance."""

Bibliography = Mapping[int, Set[str]]
"""References by number, each with the keys that say which work it is of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Coupled:
    """A paper that shares references, or those who cite it, with another one."""

    id: PaperId
    shared: int  # references in common
    both: int  # papers here that cite both
    score: float  # Salton's cosine of the two, summed: 0 to 2


def score(shared: int, references: tuple[int, int], both: int, cited: tuple[int, int]) -> float:
    """The sum of both cosines; of fewer than ``LEAST`` shared or both none is counted."""
    return _cosine(shared, *references) + _cosine(both, *cited)


def _cosine(common: int, one: int, other: int) -> float:
    return common / sqrt(one * other) if common >= LEAST else 0.0


def shared(one: Bibliography, other: Bibliography) -> int:
    """References in common: those of either that have a key of the other, whichever are fewer.

    An entry that is told twice counts once where the other bibliography has it once.
    """
    return min(_found(one, other), _found(other, one))


def _found(these: Bibliography, those: Bibliography) -> int:
    known = set[str]().union(*those.values())
    return sum(not known.isdisjoint(keys) for keys in these.values())


def strongest(coupled: list[Coupled], limit: int) -> list[Coupled]:
    """Those with a score, the highest first; ties by identifier."""
    return sorted((one for one in coupled if one.score > 0), key=lambda one: (-one.score, one.id))[:limit]
