"""Whole texts from arXiv's HTML: which are asked for tonight, and what follows from those that came.

They are asked for when the night's pages are written, because each takes arXiv 15 seconds; and they are no part of a
day's conclusions, because nobody knows when arXiv has converted a paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.store import Catalogue, PageKey
from digest.document import Document
from digest.errors import SourceError
from digest.model import Paper, PaperId
from digest.pipeline import citations
from digest.pipeline.read import read_whole
from digest.pipeline.values import SourceOutcome, TextsRead

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

KIND = "text"
SOURCE = "html"


def follow(parts: Parts, day: date) -> TextsRead:
    """Read what of the night's share of whole texts is not read yet."""
    texts = parts.catalogue.texts
    due = texts.due(_wanted(parts), day)
    return read(parts, due[: max(0, parts.text_rules.nightly - texts.asked_on(day))], day)


def _wanted(parts: Parts) -> list[PaperId]:
    """The papers whose text the settings want, those in the reading queue first."""
    catalogue, mode = parts.catalogue, parts.text_rules.mode
    found = list(catalogue.feedback.queue())
    if mode in ("relevant", "all"):
        found += catalogue.texts.read_first()
    if mode == "all":
        found += catalogue.texts.newest()
    return list(dict.fromkeys(found))


def read(parts: Parts, papers: Sequence[PaperId], day: date) -> TextsRead:
    """Ask arXiv for the whole text of these papers, and draw the conclusions; *day* is the night's.

    A fault of arXiv's ends it: the rest is asked for another night.
    """
    catalogue, known = parts.catalogue, parts.catalogue.papers(papers)
    outcomes: Counter[str] = Counter()
    for number, paper in enumerate(papers):
        parts.progress("reading whole texts", number, len(papers))
        try:
            answer = parts.source.full_text(paper, known[paper].version)
        except SourceError as error:
            fault = SourceOutcome(source=SOURCE, verdict=error.verdict, detail=str(error))
            return TextsRead(outcomes=outcomes, unread=tuple(papers[number:]), fault=fault)
        outcomes[answer.outcome.value] += 1
        with catalogue.transaction():
            catalogue.texts.keep(
                paper,
                known[paper].version,
                answer.outcome,
                day=day,
                sha256=answer.sha256,
                modified=answer.modified,
                document=answer.document,
            )
            catalogue.mark(_conclude(parts, known[paper], answer.document))
    if papers:
        parts.progress("reading whole texts", len(papers), len(papers))
    return TextsRead(outcomes=outcomes)


def _conclude(parts: Parts, paper: Paper, document: Document | None) -> Iterable[PageKey]:
    """Draw what follows from a text; the pages that show it."""
    from digest.pipeline.settle import mentions
    from digest.pipeline.terms import weigh_anew

    catalogue = parts.catalogue
    pages = {PageKey("paper", paper.id)}
    if document is not None:
        _give_page(catalogue, paper.id)
        weigh_anew(parts, [paper.id])
        citations.take(catalogue, paper.id, document)
        read_whole(parts, [paper])
        pages |= mentions(catalogue, [paper], ())  # they show what it says
    return [page for page in pages if catalogue.path(page)]


def _give_page(catalogue: Catalogue, paper: PaperId) -> None:
    """Give the text of a paper with a note a page beside it, unless it has one."""
    from digest.pipeline.settle import place
    from digest.render.names import text_path

    note = catalogue.path(PageKey("paper", paper))
    if note is not None:
        place(catalogue, PageKey(KIND, paper), text_path(note), catalogue.first_announced([paper])[paper])
