"""Exact words: papers whose title, abstract or authors have them, by SQLite's full-text index."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

from digest.catalogue.relations import LINKABLE, fitting
from digest.model import PaperId

if TYPE_CHECKING:
    from digest.ports import Filter

TITLE, ABSTRACT, AUTHORS = 4.0, 1.0, 2.0
"""What a word counts in each, for BM25."""

_PART = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+")


def with_words(connection: sqlite3.Connection, text: str, limit: int, among: Filter) -> list[PaperId]:
    """At most *limit* settled papers with the words of *text*, the best first (BM25), ties by identifier.

    Those with all words, and where there are none, those with any. Words are stemmed; what stands between double
    quotation marks must be there as it is, one word after the other.
    """
    phrases, words = parts_of(text)
    both = [*phrases, *words]
    if not both:
        return []
    found = _matching(connection, " AND ".join(both), limit, among)
    if found or phrases or len(words) < 2:
        return found
    return _matching(connection, " OR ".join(words), limit, among)


def parts_of(text: str) -> tuple[list[str], list[str]]:
    """Phrases and single words of a query, each as FTS5 wants a string: quoted, with nothing but words in it."""
    phrases, words = [], []
    for quoted, plain in _PART.findall(text):
        if quoted:
            phrases.append(" ".join(_WORD.findall(quoted)))
        else:
            words.append(" ".join(_WORD.findall(plain)))
    return [f'"{phrase}"' for phrase in phrases if phrase], [f'"{word}"' for word in dict.fromkeys(words) if word]


def _matching(connection: sqlite3.Connection, query: str, limit: int, among: Filter) -> list[PaperId]:
    where, parameters = fitting(among)
    rows = connection.execute(
        "SELECT id FROM search JOIN searched ON number = search.rowid JOIN papers ON id = paper_id "
        f"WHERE search MATCH ? AND settled AND {LINKABLE} AND {where} "
        f"ORDER BY bm25(search, {TITLE}, {ABSTRACT}, {AUTHORS}), id LIMIT ?",
        (query, *parameters, limit),
    )
    return [PaperId(row[0]) for row in rows]
