"""Who cites whom here: references find papers, papers are found by references, whichever comes first.

Functions of the bibliographies and the papers that are here, and so no part of a day's conclusions.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from digest.catalogue.store import Catalogue, PageKey
from digest.citations import references
from digest.document import Document
from digest.model import PaperId, Teller

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

CHUNK = 512
"""Papers told between two commits."""


def follow(parts: Parts) -> None:
    """Let the references that are here find the papers that are new, or have another title, and mark what shows it.

    Of a paper whose text nobody has read, the references that Semantic Scholar tells stand in for its bibliography.
    """
    catalogue = parts.catalogue
    if told := catalogue.outside.references(Teller.SEMANTIC_SCHOLAR):
        with catalogue.transaction():
            changed = set[PaperId]()
            for paper, works in told.items():
                changed |= catalogue.citations.set_bibliography(paper, [references.told(work) for work in works])
            mark(catalogue, changed)
    if not catalogue.citations.has_any():
        return
    while papers := catalogue.citations.unkeyed(CHUNK):
        with catalogue.transaction():
            mark(catalogue, catalogue.citations.set_papers(catalogue.papers(papers).values()))


def take(catalogue: Catalogue, paper: PaperId, document: Document) -> None:
    """Let a whole text's references find the papers that are here, and mark what shows it."""
    found = [references.read(item) for item in document.bibliography]
    mark(catalogue, catalogue.citations.set_bibliography(paper, found))


def mark(catalogue: Catalogue, changed: Collection[PaperId]) -> None:
    """Mark the notes and texts of papers that cite or are cited otherwise, of those that cite much the same as they, and
    the pages of their keywords, which rank papers by who cites them.
    """
    if not changed:
        return
    concerned = {*changed, *catalogue.citations.couple(changed)}
    pages = {PageKey(kind, paper) for kind in ("paper", "text") for paper in concerned}
    pages |= {PageKey("keyword", name) for name in catalogue.keywords_on(changed)}
    catalogue.mark(page for page in pages if catalogue.path(page))
