"""Pages of authors, where the settings want them: of each name that two papers with notes have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.store import Catalogue, PageKey

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

KIND = "author"
WANTED = "author pages"
"""The watermark that is there as long as authors have pages."""


def is_followed(parts: Parts) -> bool:
    """Whether the vault has authors' pages, or has none, as the settings want it."""
    return (parts.catalogue.watermark(WANTED) is not None) == parts.author_pages


def follow(parts: Parts) -> None:
    """Give authors their pages, or take all, where the settings have changed."""
    catalogue = parts.catalogue
    if is_followed(parts):
        return
    with catalogue.transaction():
        if parts.author_pages:
            catalogue.set_watermark(WANTED, "yes")
            keep_pages(catalogue, catalogue.author_names(), catalogue.agenda.last_day)
            return
        catalogue.forget_watermark(WANTED)
        for page in catalogue.pages_of_kind(KIND):
            catalogue.mark(_notes(catalogue, page.key))
            catalogue.take_page(page)


def keep_pages(catalogue: Catalogue, names: Iterable[str], day: date) -> None:
    """Give each of these authors with two papers a page since *day*, take it from one with fewer, and mark what shows it."""
    from digest.pipeline.settle import place
    from digest.render.names import author_path

    if catalogue.watermark(WANTED) is None:
        return
    for name in sorted(set(names)):
        page, papers = PageKey(KIND, name), catalogue.papers_by(name)
        if len(papers) > 1:
            if place(catalogue, page, author_path(name), day):
                catalogue.mark(_notes(catalogue, name))
            catalogue.mark([page])
        elif catalogue.path(page) is not None:
            catalogue.take_page(page)
            catalogue.mark(_notes(catalogue, name))


def _notes(catalogue: Catalogue, name: str) -> list[PageKey]:
    """The notes of an author's papers, and the pages of those who wrote with him."""
    papers = catalogue.papers(catalogue.papers_by(name))
    pages = [PageKey("paper", paper) for paper in papers]
    pages += [
        PageKey(KIND, other) for other in sorted({a for paper in papers.values() for a in paper.authors} - {name})
    ]
    return [page for page in pages if catalogue.path(page)]
