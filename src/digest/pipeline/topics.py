"""From texts, their terms and their vectors to topics, kept by the hash of the text and the recipe as summaries are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from digest.catalogue.rows import dump, text_hash, text_of
from digest.model import Paper
from digest.pipeline.relate import embed_texts, key_of

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts


def assign(parts: Parts, papers: Sequence[Paper]) -> None:
    """Give topics to those of *papers* that have none of the present recipe; their terms are read."""
    assigner = parts.topics
    if assigner is None:
        return
    catalogue = parts.catalogue
    done = catalogue.readings(map(text_hash, papers), assigner.name)
    missing = {h: paper for paper in papers if (h := text_hash(paper)) not in done}
    if missing and assigner.needs_vector:
        embed_texts(parts, map(text_of, missing.values()))
    candidates = catalogue.candidates(missing.values(), parts.extractor.name)
    found = {}
    for number, (key, paper) in enumerate(missing.items(), 1):
        vector = None
        if assigner.needs_vector:
            vectors, _ = parts.index.read(parts.index.rows([key_of(text_of(paper))]))
            vector = vectors[0]
        found[key] = dump(assigner.assign(paper.title, paper.abstract, candidates[key], vector))
        parts.progress("assigning topics", number, len(missing))
    catalogue.add_readings(assigner.name, found)
