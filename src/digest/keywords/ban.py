"""Terms that are no keyword of any paper."""

from __future__ import annotations

from functools import cache

from digest.keywords.canonical import canonical
from digest.keywords.tables import read_text


@cache
def banned_terms() -> frozenset[str]:
    """Canonical forms of the shipped ban list (``data/ban.txt``: one term a line, ``#`` begins a comment)."""
    lines = (line.partition("#")[0].strip() for line in read_text("ban.txt").splitlines())
    return frozenset(canonical(line, {}) for line in lines if line)
