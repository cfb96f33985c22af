"""The third witness: arXiv's own pages of a mailing, asked only for days that the feed has not proven.

A page tells, for one category and day, which papers were new, cross-listed and replaced. What it tells of is recorded
with the text that it had on that day, looked up where neither the harvest nor the catalogue has it. A day that is told
wholly is proven, whatever became of its feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.arxiv.session import ServerFault
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

MOST_FAILURES = 3
"""So many pages in a row that arXiv's server cannot make are taken for an outage."""

LAST_ANNOUNCED = 5
"""arXiv announces no replacement beyond the fifth version."""

OUT_OF_REACH = (Verdict.UNREACHABLE, Verdict.BLOCKED, Verdict.THROTTLED)

Question = tuple[date, str]
"""A day and a category."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Testimony:
    """What the pages of a day said, and what they or the lookups could not tell."""

    day: date
    listings: Mapping[str, Listing] = field(default_factory=dict)  # by category
    faults: Mapping[str, SourceError] = field(default_factory=dict)
    told: Sequence[tuple[str, Announcement]] = ()  # category and announcement, by category and place on the page


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The verdicts on what was asked."""

    verdicts: Sequence[tuple[Verdict, str]] = ()  # with a sentence where it is bad
    told: int = 0
    changed: bool = False  # something else is known of the day than before


def outcome(judgements: Sequence[Judgement]) -> SourceOutcome | None:
    """The first bad verdict, or that all is well; None when nothing was asked."""
    verdicts = [verdict for judgement in judgements for verdict in judgement.verdicts]
    if not verdicts:
        return None
    for verdict, detail in verdicts:
        if not verdict.is_complete:
            return SourceOutcome(source=LIST, verdict=verdict, detail=detail)
    return SourceOutcome(source=LIST, verdict=Verdict.OK, papers=sum(judgement.told for judgement in judgements))


def can_tell(day: date, today: date) -> bool:
    """Whether arXiv still has its pages of *day*."""
    return today - REACH <= day <= today


def disputed(catalogue: Catalogue, first: date, last: date) -> list[date]:
    """The announcement days from *first* to *last*, oldest first, that are not proven and of which there are pages."""
    first = max(first, last - REACH)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if schedule.is_announcement_day(day) and not catalogue.is_proven(day)]


# --- asking ----------------------------------------------------------------------------------------------------------


class Witness:
    """Asks for the pages of one day after the other, until arXiv is out of reach."""

    def __init__(self, parts: Parts, today: date, records: Sequence[OaiRecord]) -> None:
        self._parts = parts
        self._today = today
        self._records = records
        self._questions = self._asked = 0
        self._failures = 0  # in a row
        self._given_up: SourceError | None = None

    def expect(self, questions: int) -> None:
        """So many more questions will come: for the progress that is shown."""
        self._questions += questions

    def ask(self, day: date, categories: Sequence[str]) -> Testimony:
        """Ask for the categories of a day, and for the papers told that neither catalogue nor harvest have.

        A fault is a value; when arXiv is out of reach, no more is asked.
        """
        listings: dict[str, Listing] = {}
        faults: dict[str, SourceError] = {}
        for category in categories:
            self._parts.progress("asking arXiv's listings", self._asked, self._questions)
            self._asked += 1
            found = self._given_up or self._page(day, category)
            if isinstance(found, SourceError):
                faults[category] = found
            else:
                listings[category] = found
        if not listings:
            return Testimony(day=day, faults=faults)
        texts = _Texts(self._parts, self._records)
        fault = texts.look_up([(day, e.id, e.section) for found in listings.values() for e in found.entries])
        if fault is not None:
            lacking = [c for c, found in listings.items() if any(not texts.paper(day, e.id) for e in found.entries)]
            faults |= dict.fromkeys(lacking, fault)
        return Testimony(day=day, listings=listings, faults=faults, told=list(_told(day, listings, texts)))

    def _page(self, day: date, category: str) -> Listing | SourceError:
        try:
            found = _listing(self._parts, day, category, self._today)
        except SourceError as error:
            if error.verdict in OUT_OF_REACH:
                self._failures += 1
                # One page may be beyond arXiv's server, whenever it is asked for, and the next one not.
                if self._failures == MOST_FAILURES or not isinstance(error, ServerFault):
                    self._given_up = error
            return error
        self._failures = 0
        return found


def _listing(parts: Parts, day: date, category: str, today: date) -> Listing:
    found = parts.source.listing(category, None if day == today else day)
    if day == today and found.day is not None and found.day > today:
        found = parts.source.listing(category, day)  # the next mailing is out already
    if day == today and found.day is not None and found.day < today:
        raise SourceError(LIST, Verdict.WAITING, f"{category}: arXiv's listing is still that of {found.day}")
    if not found.complete:
        raise SourceError(LIST, Verdict.CUT_SHORT, f"{category}: the listing of {day} does not show all that it counts")
    return found


def _told(day: date, listings: Mapping[str, Listing], texts: _Texts) -> Iterator[tuple[str, Announcement]]:
    for category, listing in sorted(listings.items()):
        for entry in listing.entries:
            if (paper := texts.paper(day, entry.id)) is not None:
                kind = decide.kind_in(category, paper, entry.section)
                yield category, Announcement(paper=paper, kind=kind, day=day)


class _Texts:
    """Papers as they were on a day: from the harvest, the catalogue, or looked up."""

    def __init__(self, parts: Parts, records: Sequence[OaiRecord]) -> None:
        self._parts = parts
        self._records = {item.paper.id: item for item in records}
        self._papers: dict[tuple[PaperId, int], Paper] = {}
        self._versions: dict[PaperId, list[tuple[int, date]]] = {}
        self._unsure: set[PaperId] = set()  # whose newest version is not known

    def paper(self, day: date, paper_id: PaperId) -> Paper | None:
        if paper_id in self._unsure:
            return None
        number = self._version_on(day, paper_id)
        return self._papers.get((paper_id, number)) if number is not None else None

    def look_up(self, wanted: Sequence[tuple[date, PaperId, AnnounceType]]) -> SourceError | None:
        """Find the papers of *wanted*, each as it was on a day, and as what it was told; the fault that kept some away."""
        ids = {paper_id for _, paper_id, _ in wanted}
        self._recall(ids)
        # Of an older paper that no record tells of, what we have may be the version before.
        older = {paper_id for _, paper_id, kind in wanted if kind is not AnnounceType.NEW}
        self._unsure = {one for one in ids - self._records.keys() if one in older or not self._is_dated(one)}
        try:
            self._ask({(paper_id, None) for paper_id in self._unsure})
            self._unsure = set()
            self._ask({(paper_id, number) for paper_id in ids for number in self._undated(paper_id)})
            self._ask({(paper_id, self._version_on(day, paper_id)) for day, paper_id, _ in wanted})
        except SourceError as error:
            return error
        return None

    def _recall(self, ids: set[PaperId]) -> None:
        """What the catalogue and the harvest know of these papers."""
        catalogue = self._parts.catalogue
        known = list(catalogue.papers(ids).values()) + catalogue.former_versions(ids)
        records = {one: self._records[one] for one in ids if one in self._records}
        for paper in (*known, *(record.paper for record in records.values())):
            self._papers.setdefault((paper.id, paper.version), paper)
        moments = {**catalogue.versions(ids), **{one: record.versions for one, record in records.items()}}
        for paper_id, dated in moments.items():
            self._versions[paper_id] = [(number, schedule.announcement_day(moment)) for number, moment in dated]

    def _version_on(self, day: date, paper_id: PaperId) -> int | None:
        if versions := self._versions.get(paper_id):
            return decide.version_on(day, versions)
        return max((version for one, version in self._papers if one == paper_id), default=None)

    def _is_dated(self, paper_id: PaperId) -> bool:
        """Whether we know the days of the first version and of the last that we have."""
        days = dict(self._versions.get(paper_id, ()))
        return 1 in days and max(number for one, number in self._papers if one == paper_id) in days

    def _undated(self, paper_id: PaperId) -> list[int]:
        """Versions between those whose day we know, of which any could be the one that a day told of."""
        known = {number for number, _ in self._versions.get(paper_id, ())}
        return [number for number in range(max(known, default=1) - 1, 1, -1) if number not in known][:LAST_ANNOUNCED]

    def _ask(self, wanted: Iterable[tuple[PaperId, int | None]]) -> None:
        from digest.identifiers import Identifier

        missing = [Identifier(*one) for one in sorted(wanted, key=str) if one not in self._papers]
        if not missing:
            return
        for paper in self._parts.source.lookup(missing).papers.values():
            self._papers[paper.id, paper.version] = paper
            known = dict(self._versions.get(paper.id, ()))
            for number, moment in ((1, paper.submitted), (paper.version, paper.updated)):
                if moment is not None:
                    known.setdefault(number, schedule.announcement_day(moment))
            self._versions[paper.id] = sorted(known.items())


def as_they_were(
    parts: Parts, wanted: Sequence[tuple[date, PaperId, AnnounceType]], records: Sequence[OaiRecord]
) -> dict[tuple[date, PaperId], Paper]:
    """Papers with the text that they were announced with on a day; without those that cannot be told now."""
    texts = _Texts(parts, records)
    texts.look_up(wanted)
    found = {(day, paper_id): texts.paper(day, paper_id) for day, paper_id, _ in wanted}
    return {key: paper for key, paper in found.items() if paper is not None}


# --- judging ---------------------------------------------------------------------------------------------------------


def judge(
    catalogue: Catalogue, testimony: Testimony, categories: Sequence[str], by_others: Collection[Question]
) -> Judgement:
    """Record the verdict on each category asked about, and on the day when that makes it whole.

    *by_others*: days and categories in which another source tells of papers. Where an empty page is one of these, or of
    those in which the catalogue has announcements, no empty page of the day is believed.
    """
    day = testimony.day
    empty = [category for category, listing in testimony.listings.items() if not listing.entries]
    is_strange = any((day, c) in by_others or catalogue.was_announced(day, c) for c in empty)
    asked = (*testimony.listings, *(c for c in testimony.faults if c not in testimony.listings))
    verdicts = {category: _verdict(testimony, category, is_empty_strange=is_strange) for category in asked}
    changed = [_record(catalogue, testimony, category, *verdict) for category, verdict in verdicts.items()]
    changed.append(_judge_day(catalogue, day, categories))
    told = sum(len(listing.entries) for listing in testimony.listings.values())
    return Judgement(verdicts=list(verdicts.values()), told=told, changed=any(changed))


def doubt_empty(catalogue: Catalogue, day: date, categories: Collection[str]) -> None:
    """A paper turns out to have been announced in *categories* on a day: where a page of these was empty, no empty page
    of the day is believed any more.
    """
    words = [word for word in catalogue.verdicts(day) if word["source"] == LIST and word["category"]]
    empty = [word["category"] for word in words if word["verdict"] == Verdict.EMPTY_BY_SCHEDULE]
    if not {*empty} & {*categories}:
        return
    for category in empty:
        catalogue.put_verdict(LIST, category, day, Verdict.EMPTY_UNEXPECTED, _strangely_empty(category, day))
    catalogue.put_verdict(LIST, "", day, Verdict.EMPTY_UNEXPECTED, _strangely_empty(empty[0], day))


def _strangely_empty(category: str, day: date) -> str:
    return f"{category}: the listing of {day} is empty, and others have told of papers"


def _verdict(testimony: Testimony, category: str, *, is_empty_strange: bool) -> tuple[Verdict, str]:
    fault = testimony.faults.get(category)
    if fault is not None:
        return fault.verdict, str(fault)
    if testimony.listings[category].entries:
        return Verdict.OK, ""
    if is_empty_strange:
        return Verdict.EMPTY_UNEXPECTED, _strangely_empty(category, testimony.day)
    return Verdict.EMPTY_BY_SCHEDULE, ""


def _record(catalogue: Catalogue, testimony: Testimony, category: str, verdict: Verdict, detail: str) -> bool:
    """Record a verdict, and that a whole page tells of no other papers; whether the verdict is news."""
    entries = testimony.listings[category].entries if verdict is Verdict.OK else ()
    if verdict.is_complete:
        catalogue.retract(testimony.day, category, keep=[entry.id for entry in entries])
    return catalogue.put_verdict(LIST, category, testimony.day, verdict, detail, len(entries))


def _judge_day(catalogue: Catalogue, day: date, categories: Sequence[str]) -> bool:
    """A day is whole when all its categories are; one of them is enough for it to have had a mailing.

    Nothing is said of a day while a followed category was not asked for; whether the verdict is news.
    """
    words = [v for v in catalogue.verdicts(day) if v["source"] == LIST and v["category"]]
    if not set(categories) <= {v["category"] for v in words}:
        return False
    bad = next((v for v in words if not Verdict(v["verdict"]).is_complete), None)
    if bad is not None:
        return catalogue.put_verdict(LIST, "", day, Verdict(bad["verdict"]), bad["detail"])
    told = any(v["verdict"] == Verdict.OK for v in words)
    return catalogue.put_verdict(LIST, "", day, Verdict.OK if told else Verdict.EMPTY_BY_SCHEDULE)
