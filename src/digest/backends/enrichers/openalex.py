"""OpenAlex (https://developers.openalex.org), works by arXiv's own DOIs, many a question. Its data is CC0."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from digest.backends.enrichers import fields
from digest.backends.enrichers.http import JsonSource, Web, asks, bearer
from digest.errors import SourceError
from digest.model import GivenTopic, Paper, PaperId, Teller, Testimony, Verdict

SELECT: Final = "id,doi,cited_by_count,referenced_works_count,is_retracted,topics"
TOPICS: Final = 5
_RESOLVER: Final = "https://doi.org/"


class OpenAlex(JsonSource):
    """The key is sent as a header, which OpenAlex takes too. Raises SourceError for a key that cannot be one."""

    teller = Teller.OPENALEX
    batch = 50  # 100 are allowed; an address of fifty is two kilobytes
    first_after = 7

    def __init__(self, web: Web, url: str, key: str = "") -> None:
        super().__init__(web, url, bearer(key, self.teller), asks=asks(key))

    def ask(self, papers: Sequence[Paper]) -> Mapping[PaperId, Testimony | None]:
        """See ``digest.ports.Enricher``. Of several works with one DOI, the most cited counts, then the older."""
        wanted = {fields.arxiv_doi(paper.id): paper.id for paper in papers}
        told = self._get("/works", {"filter": f"doi:{'|'.join(wanted)}", "select": SELECT, "per_page": "100"})
        works = fields.table(told).get("results")
        if not isinstance(works, list):
            raise SourceError(self.teller, Verdict.MALFORMED, f"names no results ({self._url})")
        found: dict[PaperId, Testimony] = {}
        strange: set[PaperId] = set()
        for work in map(fields.table, works[:200]):
            doi = fields.text(work.get("doi")).lower().removeprefix(_RESOLVER)
            if doi not in wanted:
                continue
            statement, paper = _statement(work), wanted[doi]
            if statement == Testimony():
                strange.add(paper)
            elif paper not in found or _rank(statement) < _rank(found[paper]):
                found[paper] = statement
        return {paper.id: found.get(paper.id) for paper in papers if paper.id in found or paper.id not in strange}


def _rank(statement: Testimony) -> tuple[int, int, str]:
    return -(statement.citations or 0), len(statement.page), statement.page


def _statement(work: Mapping[str, object]) -> Testimony:
    """Without anything where it is no record."""
    page = work.get("id")
    if not isinstance(page, str) or not re.fullmatch(r"https://openalex\.org/W\d{1,15}", page):
        return Testimony()
    topics = [topic for told in fields.items(work.get("topics"), TOPICS) if (topic := _topic(fields.table(told)))]
    return Testimony(
        page=page,
        citations=fields.count(work.get("cited_by_count")),
        reference_count=fields.count(work.get("referenced_works_count")) or None,  # 0 where it read none
        topics=tuple(sorted(topics, key=lambda topic: (-topic.score, topic.id))),
        retracted=work.get("is_retracted") is True,
    )


def _topic(told: Mapping[str, object]) -> GivenTopic | None:
    match = re.fullmatch(r"https://openalex\.org/(T\d{1,9})", fields.text(told.get("id")))
    name = fields.text(told.get("display_name"))
    if not match or not name:
        return None
    within = {level: fields.text(fields.table(told.get(level)).get("display_name")) for level in _LEVELS}
    return GivenTopic(id=match[1], name=name, score=round(fields.share(told.get("score")), 4), **within)


_LEVELS: Final = ("subfield", "field", "domain")
