"""Papers on the Hugging Face Hub (https://huggingface.co/docs/hub/api), one a question: it has no other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from digest.backends.enrichers import fields
from digest.backends.enrichers.http import JsonSource, Web, asks, bearer
from digest.model import Paper, PaperId, Teller, Testimony


class HuggingFace(JsonSource):
    """Raises SourceError for a key that cannot be one."""

    teller = Teller.HUGGINGFACE
    batch = 1
    first_after = 2

    def __init__(self, web: Web, url: str, key: str = "") -> None:
        super().__init__(web, url, bearer(key, self.teller), asks=asks(key))

    def ask(self, papers: Sequence[Paper]) -> Mapping[PaperId, Testimony | None]:
        """See ``digest.ports.Enricher``. Papers from before April 2007 are not asked for: none is there."""
        read = {paper.id: self._ask(paper.id) for paper in papers}
        return {paper: statement for paper, statement in read.items() if statement != Testimony()}

    def _ask(self, paper: PaperId) -> Testimony | None:
        if not re.fullmatch(r"\d{4}\.\d{4,5}", paper):
            return None
        told = self._get(f"/api/papers/{paper}")
        return None if told is None else _statement(paper, fields.table(told))


def _statement(paper: PaperId, told: Mapping[str, object]) -> Testimony:
    """Without anything where it is no record, or one of another paper."""
    if told.get("id") != paper:
        return Testimony()
    code = fields.address(told.get("githubRepo"))
    return Testimony(
        page=f"https://huggingface.co/papers/{paper}",
        tldr=fields.text(told.get("ai_summary"), 1000),
        upvotes=fields.count(told.get("upvotes")),
        code=code,
        stars=fields.count(told.get("githubStars")) if code else None,
        project=fields.address(told.get("projectPage")),
        models=fields.count(told.get("numTotalModels")),
        datasets=fields.count(told.get("numTotalDatasets")),
    )
