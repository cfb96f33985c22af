"""The third witness: arXiv's own pages of a mailing, asked only for days that the feed has not proven.

A page tells, for one category and day, which papers were new, cross-listed and replaced. What it tells of and the
catalogue does not have is looked up; a day that it tells wholly is proven, whatever became of that day's feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from digest.arxiv import schedule
from digest.catalogue.store import Catalogue
from digest.errors import SourceError
from digest.model import Announcement, AnnounceType, Paper, PaperId, Verdict
from digest.pipeline.values import SourceOutcome

if TYPE_CHECKING:
    from digest.arxiv.listing import Listing
    from digest.arxiv.oai import OaiRecord
    from digest.pipeline.parts import Parts

LIST = "list"
REACH = timedelta(days=90)
"""How far back arXiv's catch-up pages go."""

OUT_OF_REACH = (Verdict.UNREACHABLE, Verdict.BLOCKED, Verdict.THROTTLED)

Disputed = Mapping[date, Sequence[str]]
"""Days, and the categories that are to be asked about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Testimony:
    """What the pages said, and what is needed to believe it."""

    listings: Mapping[tuple[date, str], Listing] = field(default_factory=dict)
    faults: Mapping[tuple[date, str], SourceError] = field(default_factory=dict)
    papers: Mapping[PaperId, Paper] = field(default_factory=dict)  # of those told, with all that is known

    @property
    def outcome(self) -> SourceOutcome | None:
        """The worst of it; None when nothing was asked."""
        if self.faults:
            worst = next(iter(self.faults.values()))
            return SourceOutcome(source=LIST, verdict=worst.verdict, detail=str(worst))
        if not self.listings:
            return None
        told = sum(len(listing.entries) for listing in self.listings.values())
        return SourceOutcome(source=LIST, verdict=Verdict.OK, papers=told)


def disputed(
    catalogue: Catalogue, first: date, last: date, categories: Sequence[str], contradicted: Iterable[Announcement]
) -> dict[date, list[str]]:
    """The days from *first* to *last*, oldest first, that are not proven, with all categories; and those of which the
    harvest has told papers that the feed has not (*contradicted*), with these papers' categories.
    """
    first = max(first, last - REACH)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = {d: list(categories) for d in days if schedule.is_announcement_day(d) and not catalogue.is_proven(d)}
    for announcement in contradicted:
        if first <= announcement.day <= last and announcement.day not in found:
            found[announcement.day] = [c for c in categories if c in announcement.paper.categories]
    return dict(sorted(found.items()))


def ask(parts: Parts, today: date, days: Disputed, records: Sequence[OaiRecord]) -> Testimony:
    """Ask for each day and category, and for the papers told that neither the catalogue nor *records* have.

    A fault is a value; when arXiv is out of reach, no more is asked.
    """
    listings: dict[tuple[date, str], Listing] = {}
    faults: dict[tuple[date, str], SourceError] = {}
    questions = [(day, category) for day, categories in days.items() for category in categories]
    for number, (day, category) in enumerate(questions):
        parts.progress("asking arXiv's listings", number, len(questions))
        try:
            listings[day, category] = _listing(parts, day, category, today)
        except SourceError as error:
            faults[day, category] = error
            if error.verdict in OUT_OF_REACH:
                faults |= dict.fromkeys(questions[number:], error)
                break
    papers, fault = _papers(parts, listings, {item.paper.id: item.paper for item in records})
    if fault is not None:
        lacking = [key for key, found in listings.items() if any(e.id not in papers for e in found.entries)]
        faults |= dict.fromkeys(lacking, fault)
    return Testimony(listings=listings, faults=faults, papers=papers)


def _listing(parts: Parts, day: date, category: str, today: date) -> Listing:
    found = parts.source.listing(category, None if day == today else day)
    if day == today and found.day is not None and found.day < today:
        raise SourceError(LIST, Verdict.WAITING, f"{category}: arXiv's listing is still that of {found.day}")
    if not found.complete:
        raise SourceError(LIST, Verdict.CUT_SHORT, f"{category}: the listing of {day} does not show all that it counts")
    return found


def _papers(
    parts: Parts, listings: Mapping[tuple[date, str], Listing], at_hand: Mapping[PaperId, Paper]
) -> tuple[dict[PaperId, Paper], SourceError | None]:
    from digest.arxiv.identifiers import Identifier

    told = {entry.id for listing in listings.values() for entry in listing.entries}
    papers = {p: at_hand[p] for p in told if p in at_hand} | parts.catalogue.papers(told)
    missing = sorted(told - papers.keys())
    if not missing:
        return papers, None
    try:
        found = parts.source.lookup([Identifier(paper, None) for paper in missing])
    except SourceError as error:
        return papers, error
    return papers | {paper.id: paper for paper in found.papers.values()}, None


def announcements(testimony: Testimony) -> list[tuple[str, Announcement]]:
    """Category and announcement for every entry whose paper is known, by day, category and place on the page."""
    found = []
    for (day, category), listing in sorted(testimony.listings.items(), key=lambda item: item[0]):
        for entry in listing.entries:
            paper = testimony.papers.get(entry.id)
            if paper is not None:
                kind = entry.section
                if kind.is_replacement and paper.categories[0] != category:
                    kind = AnnounceType.REPLACE_CROSS
                found.append((category, Announcement(paper=paper, kind=kind, day=day)))
    return found


def judge(catalogue: Catalogue, testimony: Testimony, days: Disputed, categories: Sequence[str]) -> list[date]:
    """Record the verdict on each day and category asked about; the days on which the word has changed."""
    changed = []
    for day, asked in days.items():
        news = [_judge_category(catalogue, testimony, day, category) for category in asked]
        if set(asked) == set(categories):
            news.append(_judge_day(catalogue, day))
        if any(news):
            changed.append(day)
    return changed


def _judge_category(catalogue: Catalogue, testimony: Testimony, day: date, category: str) -> bool:
    fault = testimony.faults.get((day, category))
    if fault is not None:
        return catalogue.put_verdict(LIST, category, day, fault.verdict, str(fault))
    entries = testimony.listings[day, category].entries
    if not entries and catalogue.was_announced(day, category):
        # An empty page against papers that another source has told of: the page is not believed.
        detail = f"{category}: the listing of {day} is empty, and others have told of papers"
        return catalogue.put_verdict(LIST, category, day, Verdict.EMPTY_UNEXPECTED, detail)
    catalogue.retract(day, category, keep=[entry.id for entry in entries])
    return catalogue.put_verdict(
        LIST, category, day, Verdict.OK if entries else Verdict.EMPTY_BY_SCHEDULE, announced=len(entries)
    )


def _judge_day(catalogue: Catalogue, day: date) -> bool:
    """The day is as good as the worst of its categories; one of them is enough for it to have had a mailing."""
    words = [v for v in catalogue.verdicts(day) if v["source"] == LIST and v["category"]]
    worst = next((v for v in words if not Verdict(v["verdict"]).is_complete), None)
    if worst is not None:
        return catalogue.put_verdict(LIST, "", day, Verdict(worst["verdict"]), worst["detail"])
    told = any(v["verdict"] == Verdict.OK for v in words)
    return catalogue.put_verdict(LIST, "", day, Verdict.OK if told else Verdict.EMPTY_BY_SCHEDULE)
