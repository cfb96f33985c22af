"""From texts, their terms and their vectors to topics, kept by the hash of the text and the recipe as summaries are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from digest.catalogue.rows import dump, text_hash, text_of
from digest.model import Paper, PaperId
from digest.pipeline.read import keep, lacking
from digest.pipeline.relate import embed_texts, key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digest.pipeline.parts import Parts


def assign(parts: Parts, papers: Sequence[Paper]) -> None:
    """Give topics to those of *papers* that have none of the present recipe; their terms are read."""
    assigner = parts.topics
    if assigner is None:
        return
    missing = lacking(parts, papers, assigner.name)
    candidates = parts.catalogue.candidates(missing.values(), parts.extractor.name)
    vectors = _vectors(parts, missing.values()) if assigner.needs_vector else {}

    def assigned(paper: Paper) -> str:
        found = assigner.assign(paper.title, paper.abstract, candidates[text_hash(paper)], vectors.get(paper.id))
        return dump(found)

    keep(parts, missing, assigner.name, "assigning topics", assigned)


def _vectors(parts: Parts, papers: Collection[Paper]) -> dict[PaperId, NDArray[np.float32]]:
    texts = [text_of(paper) for paper in papers]
    embed_texts(parts, texts)
    vectors, _ = parts.index.read(parts.index.rows([key_of(text) for text in texts]))
    return {paper.id: vector for paper, vector in zip(papers, vectors, strict=True)}
