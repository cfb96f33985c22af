"""What is known of a paper → the catalogue, and what is to be settled and shown of it. All inside transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.catalogue.store import HOME, Catalogue, PageKey
from digest.model import Announcement, AnnounceType, Paper, PaperId
from digest.pipeline import authors

if TYPE_CHECKING:
    from digest.arxiv.oai import OaiRecord


@dataclass(frozen=True, slots=True)
class Recorded:
    """What has been recorded so far tonight; the one value here that grows."""

    fates: dict[PaperId, decide.Fate] = field(default_factory=dict)  # what each paper was when it first came up
    listed: set[tuple[date, PaperId]] = field(default_factory=set)  # told of by arXiv's listings, replacements left out

    def counts(self) -> dict[str, int]:
        return dict(Counter(fate.value for fate in self.fates.values()))


def store(catalogue: Catalogue, announcement: Announcement, categories: Sequence[str]) -> decide.Fate:
    """Record what feed or harvest say of a paper, in the followed *categories*. Inside a transaction."""
    paper, day = announcement.paper, announcement.day
    told = decide.told_in(announcement, categories, catalogue.announced_before(paper.id, day))
    fate = keep(catalogue, announcement, told_in=told)
    # Where arXiv's listing of this day and category was whole, it has told of all that there is.
    news = [
        catalogue.announce(day, category, paper, kind, estimated=announcement.estimated)
        for category, kind in told.items()
        if not catalogue.is_listed(day, category)
    ]
    if any(news):
        catalogue.mark(catalogue.pages_of([day]))
    return fate


def keep(
    catalogue: Catalogue,
    announcement: Announcement,
    *,
    told_in: Collection[str] = (),
    noted_on: date | None = None,
) -> decide.Fate:
    """Store a paper and plan its note, to be settled with the day *noted_on*, or with the day of the announcement.

    *told_in*: the categories in which it is announced.
    """
    paper, day = announcement.paper, announcement.day
    seen = catalogue.papers([paper.id]).get(paper.id)
    wants_note = not announcement.kind.is_replacement
    fate = decide.judge(paper, seen)
    if seen is None:
        catalogue.add_paper(paper, announced=day, estimated=announcement.estimated, noted=wants_note, noted_on=noted_on)
    else:
        if paper.version < seen.version:
            catalogue.add_version(paper)
            catalogue.mark(_pages_naming(catalogue, paper.id))
        _revise(catalogue, decide.merge(paper, seen), seen)
    if not announcement.estimated and catalogue.tell_version(paper.id, paper.version, day):
        catalogue.mark(_pages_naming(catalogue, paper.id))
    if paper.updated is not None:
        _date_versions(catalogue, paper.id, [(paper.version, paper.updated)])
    if wants_note:
        estimated = announcement.estimated
        catalogue.promise_note(paper.id, announced=day, estimated=estimated, noted_on=noted_on or day)
    if not announcement.estimated and (wants_note or not catalogue.noted([paper.id])):
        joining = told_in if announcement.kind is AnnounceType.CROSS else ()
        _move(catalogue, paper, day, lambda: catalogue.tell_day(paper.id, day, joining=joining))
    catalogue.agenda.plan([paper.id])
    return fate


def antedate(catalogue: Catalogue, paper: Paper, day: date) -> None:
    """A paper of which a later cross-list is known was announced before, on about *day*. Inside a transaction."""
    if _move(catalogue, paper, day, lambda: catalogue.antedate(paper.id, day)):
        catalogue.agenda.plan([paper.id])


def _move(catalogue: Catalogue, paper: Paper, day: date, move: Callable[[], bool]) -> bool:
    """Have what shows a paper under its former day follow the *move* to *day*, if there is one; whether there is."""

    note = PageKey("paper", paper.id)
    if catalogue.path(note) is None:
        return move()
    from digest.pipeline.settle import mentions

    is_elsewhere = catalogue.first_announced([paper.id]).get(paper.id) != day
    showing = mentions(catalogue, [paper], ()) if is_elsewhere else set()
    if not (moved := move()):
        return False
    home = {HOME} if catalogue.path(HOME) else set()
    catalogue.mark({note, *home, *showing, *mentions(catalogue, [paper], ())})
    return moved


def _revise(catalogue: Catalogue, paper: Paper, seen: Paper) -> None:
    """Store what has changed about a known paper, and have its note follow."""
    if paper == seen:
        return
    catalogue.update_paper(paper)
    catalogue.mark(_pages_naming(catalogue, paper.id))
    if (paper.title, paper.authors) != (seen.title, seen.authors):
        catalogue.mark_linking([paper.id])
        authors.keep_pages(catalogue, {*paper.authors, *seen.authors}, catalogue.agenda.last_day)
    if catalogue.path(PageKey("paper", paper.id)):
        catalogue.mark(_pages_of_joined(catalogue, paper, seen))


def _pages_naming(catalogue: Catalogue, paper_id: PaperId) -> list[PageKey]:
    """A paper's own note, and the pages of the times that tell of it, or of one that was near it; those that there are."""
    note = PageKey("paper", paper_id)
    telling = catalogue.days_of({paper_id, *catalogue.chronicle.tied_to([paper_id])})
    return [*([note] if catalogue.path(note) else []), *catalogue.pages_of(telling)]


def _pages_of_joined(catalogue: Catalogue, paper: Paper, seen: Paper) -> list[PageKey]:
    """The pages of the categories that a paper with a note newly joins, and of those that count its papers."""
    from digest.pipeline.settle import make_category_pages

    if set(paper.categories) <= set(seen.categories):
        return []
    make_category_pages(catalogue, [paper])
    return [HOME, *(PageKey("category", category) for category in paper.categories)]


def complete(catalogue: Catalogue, records: Sequence[OaiRecord]) -> None:
    """Add what only the harvest tells of papers that we have: submission dates, comments, licences, later versions."""
    seen = catalogue.papers(item.paper.id for item in records)
    for item in records:
        if (known := seen.get(item.paper.id)) is None:
            continue
        _revise(catalogue, decide.merge(item.paper, known), known)
        _date_versions(catalogue, item.paper.id, item.versions)
        if item.paper.version > known.version:
            # its text may be another: it is settled anew with the day on which arXiv wrote it
            catalogue.tell_version(item.paper.id, item.paper.version, item.datestamp)
            catalogue.agenda.plan([item.paper.id])


def _date_versions(catalogue: Catalogue, paper_id: PaperId, versions: Iterable[tuple[int, datetime]]) -> None:
    """When versions were submitted, and so the first day on which each can have been announced."""
    if catalogue.date_versions(paper_id, [(n, moment, schedule.announcement_day(moment)) for n, moment in versions]):
        catalogue.agenda.plan([paper_id])


def announced_days(versions: Sequence[tuple[int, datetime]]) -> list[tuple[int, date]]:
    """Versions with the days on which they can have been announced."""
    return [(number, schedule.announcement_day(moment)) for number, moment in versions]
