"""What concerns one paper alone: read once from its text, and kept by the text's hash and the recipe of the reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from digest.catalogue.rows import dump, text_hash
from digest.document import Document
from digest.model import Paper, PaperId

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

CHUNK = 512
"""Papers read again between two commits."""

SAID = "summaries"
"""The watermark that says by which recipe all papers are summarised."""

ASSIGNED = "topics"
"""The watermark that says by which recipe all papers have their topics."""

Reading = Callable[[Paper], str]


def read(parts: Parts, papers: Sequence[Paper]) -> None:
    """Keyword candidates and summaries of papers that have none of the present recipe."""
    extractor = parts.extractor
    _read_missing(
        parts,
        papers,
        extractor.name,
        "extracting keywords",
        lambda paper: dump(extractor.candidates(paper.title, paper.abstract)),
    )
    _summarise(parts, papers)


def _summarise(parts: Parts, papers: Sequence[Paper]) -> None:
    _read_missing(parts, papers, parts.summariser.name, "summarising", lambda paper: _summary(parts, paper))


def _summary(parts: Parts, paper: Paper, document: Document | None = None) -> str:
    found = parts.summariser.summarise(paper.title, paper.abstract, key_points=parts.key_points, document=document)
    return dump(found)


def _read_missing(parts: Parts, papers: Sequence[Paper], recipe: str, doing: str, reading: Reading) -> None:
    done = parts.catalogue.readings(map(text_hash, papers), recipe)
    missing = {h: paper for paper in papers if (h := text_hash(paper)) not in done}
    found = {}
    for number, (key, paper) in enumerate(missing.items(), 1):
        found[key] = reading(paper)
        parts.progress(doing, number, len(missing))
    parts.catalogue.add_readings(recipe, found)


def read_whole(parts: Parts, papers: Mapping[str, Paper]) -> None:
    """Summaries of papers from their whole texts; *papers* by ``Texts.contents``."""
    catalogue, recipe = parts.catalogue, parts.summariser.name
    done = catalogue.readings(papers, recipe)
    missing = {key: paper for key, paper in papers.items() if key not in done}
    catalogue.add_readings(
        recipe, {key: _summary(parts, paper, catalogue.texts.document(paper.id)) for key, paper in missing.items()}
    )


def follow(parts: Parts) -> None:
    """Read all papers anew where the last time was by another recipe: every page may show any of them."""
    from digest.pipeline import topics

    def summarise(papers: Mapping[PaperId, Paper]) -> None:
        _summarise(parts, list(papers.values()))
        read_whole(parts, {key: papers[paper] for paper, key in parts.catalogue.texts.contents(papers).items()})

    def assign(papers: Mapping[PaperId, Paper]) -> None:
        read(parts, list(papers.values()))
        topics.assign(parts, list(papers.values()))

    _follow(parts, SAID, parts.summariser.name, summarise)
    if parts.topics is not None:
        _follow(parts, ASSIGNED, parts.topics.name, assign)


def _follow(parts: Parts, watermark: str, recipe: str, reading: Callable[[Mapping[PaperId, Paper]], None]) -> None:
    catalogue = parts.catalogue
    if catalogue.watermark(watermark) == recipe:
        return
    ids = catalogue.relations.settled()
    for start in range(0, len(ids), CHUNK):
        reading(catalogue.papers(ids[start : start + CHUNK]))
    with catalogue.transaction():
        catalogue.set_watermark(watermark, recipe)
