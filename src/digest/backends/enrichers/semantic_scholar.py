"""Semantic Scholar's Academic Graph (https://api.semanticscholar.org/api-docs/graph), many papers a question.

Its licence asks for its name and a link to it with ``utm_source=api`` where its data is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from digest.backends.enrichers import fields
from digest.backends.enrichers.http import JsonSource, Reply, Web, asks, checked
from digest.errors import SourceError
from digest.model import Paper, PaperId, Teller, Testimony, Verdict

FIELDS: Final = "externalIds,citationCount,influentialCitationCount,referenceCount,venue,tldr,references.externalIds"
REFERENCES: Final = 1000
"""Of one paper; more are left out."""

_NONE_KNOWN: Final = "No valid paper ids given"


class SemanticScholar(JsonSource):
    """Raises SourceError for a key that cannot be one."""

    teller = Teller.SEMANTIC_SCHOLAR
    batch = 100  # 500 are allowed, and 9,999 references together
    first_after = 3

    def __init__(self, web: Web, url: str, key: str = "") -> None:
        headers = {"x-api-key": checked(key, self.teller)} if key else {}
        super().__init__(web, url, headers, asks=asks(key))

    def ask(self, papers: Sequence[Paper]) -> Mapping[PaperId, Testimony | None]:
        """See ``digest.ports.Enricher``."""
        ids = [f"ARXIV:{paper.id}" for paper in papers]
        reply = self._post("/graph/v1/paper/batch", {"fields": FIELDS}, {"ids": ids})
        if _knows_none(reply):
            return {paper.id: None for paper in papers}
        told = self._read(reply)
        if not isinstance(told, list) or len(told) != len(papers):
            raise SourceError(self.teller, Verdict.MALFORMED, f"does not answer paper by paper ({self._url})")
        read = {
            paper.id: None if one is None else _statement(paper, one) for paper, one in zip(papers, told, strict=True)
        }
        return {paper: statement for paper, statement in read.items() if statement != Testimony()}


def _knows_none(reply: Reply) -> bool:
    """Where it knows no paper at all, it does not say null for each."""
    if reply.status != 400:
        return False
    try:
        return fields.table(msgspec.json.decode(reply.body)).get("error") == _NONE_KNOWN
    except (msgspec.DecodeError, RecursionError):
        return False


def _statement(paper: Paper, told: object) -> Testimony:
    """Without anything where it is no record, or one of another paper."""
    record = fields.table(told)
    identity = record.get("paperId")
    others = fields.table(record.get("externalIds"))
    is_it = fields.reference(others.get("ArXiv", str(paper.id)), None) == f"arxiv:{paper.id}"
    if not is_it or not isinstance(identity, str) or not re.fullmatch("[0-9a-f]{40}", identity):
        return Testimony()
    return Testimony(
        page=f"https://www.semanticscholar.org/paper/{identity}?utm_source=api",
        citations=fields.count(record.get("citationCount")),
        influential=fields.count(record.get("influentialCitationCount")),
        reference_count=fields.count(record.get("referenceCount")),
        references=_references(record.get("references")),
        venue=_venue(record.get("venue")),
        tldr=fields.text(fields.table(record.get("tldr")).get("text"), 1000),
    )


def _venue(told: object) -> str:
    """arXiv is no venue that a note need tell."""
    venue = fields.text(told)
    return "" if venue.lower() in ("arxiv", "arxiv.org") else venue


def _references(told: object) -> tuple[str, ...]:
    outside = (fields.table(fields.table(one).get("externalIds")) for one in fields.items(told, REFERENCES))
    found = (fields.reference(ids.get("ArXiv"), ids.get("DOI")) for ids in outside)
    return tuple(dict.fromkeys(one for one in found if one))
