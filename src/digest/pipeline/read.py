"""What concerns one paper alone: read once from its text, and kept by the text's hash and the recipe of the reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from digest.catalogue.rows import dump, text_hash
from digest.document import Document
from digest.model import Paper

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

CHUNK = 512
"""Papers read again between two commits."""

SAID = "summaries"
"""The watermark that says by which recipe all papers are summarised."""

ASSIGNED = "topics"
"""The watermark that says by which recipe all papers have their topics."""

SUMMARISING = "summarising"

Reading = Callable[[Paper], str]


def read(parts: Parts, papers: Sequence[Paper]) -> None:
    """Keyword candidates and summaries of papers that have none of the present recipe."""
    extractor = parts.extractor
    keep(
        parts,
        lacking(parts, papers, extractor.name),
        extractor.name,
        "extracting keywords",
        lambda paper: dump(extractor.candidates(paper.title, paper.abstract)),
    )
    _summarise(parts, papers)


def lacking(parts: Parts, papers: Iterable[Paper], recipe: str) -> dict[str, Paper]:
    """By the hash of their text, those of *papers* that have no reading of this recipe."""
    by_text = {text_hash(paper): paper for paper in papers}
    done = parts.catalogue.readings(by_text, recipe)
    return {key: paper for key, paper in by_text.items() if key not in done}


def keep(parts: Parts, papers: Mapping[str, Paper], recipe: str, doing: str, reading: Reading) -> None:
    """Read *papers*, by what their readings are kept by."""
    found = {}
    for number, (key, paper) in enumerate(papers.items(), 1):
        found[key] = reading(paper)
        parts.progress(doing, number, len(papers))
    parts.catalogue.add_readings(recipe, found)


def _summarise(parts: Parts, papers: Sequence[Paper]) -> None:
    recipe = parts.summariser.name
    keep(parts, lacking(parts, papers, recipe), recipe, SUMMARISING, lambda paper: _summary(parts, paper, None))


def read_whole(parts: Parts, papers: Sequence[Paper]) -> None:
    """Summaries of those of *papers* whose whole text is here, from that."""
    catalogue, recipe = parts.catalogue, parts.summariser.name
    by_id = {paper.id: paper for paper in papers}
    contents = {key: by_id[paper] for paper, key in catalogue.texts.contents(by_id).items()}
    done = catalogue.readings(contents, recipe)
    missing = {key: paper for key, paper in contents.items() if key not in done}
    keep(parts, missing, recipe, SUMMARISING, lambda paper: _summary(parts, paper, catalogue.texts.document(paper.id)))


def _summary(parts: Parts, paper: Paper, document: Document | None) -> str:
    found = parts.summariser.summarise(paper.title, paper.abstract, key_points=parts.key_points, document=document)
    return dump(found)


def follow(parts: Parts) -> None:
    """Read all papers anew where the last time was by another recipe: every page may show any of them."""
    from digest.pipeline import topics

    def summarise(papers: Sequence[Paper]) -> None:
        _summarise(parts, papers)
        read_whole(parts, papers)

    def assign(papers: Sequence[Paper]) -> None:
        read(parts, papers)
        topics.assign(parts, papers)

    _follow(parts, SAID, parts.summariser.name, summarise)
    if parts.topics is not None:
        _follow(parts, ASSIGNED, parts.topics.name, assign)


def _follow(parts: Parts, watermark: str, recipe: str, reading: Callable[[Sequence[Paper]], None]) -> None:
    catalogue = parts.catalogue
    if catalogue.watermark(watermark) == recipe:
        return
    ids = catalogue.relations.settled()
    for start in range(0, len(ids), CHUNK):
        reading(list(catalogue.papers(ids[start : start + CHUNK]).values()))
    with catalogue.transaction():
        catalogue.set_watermark(watermark, recipe)
