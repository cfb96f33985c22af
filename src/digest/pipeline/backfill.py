"""History: what arXiv announced on days that no nightly run has seen, into the catalogue, a page at a time.

First arXiv's listings of the days that they go back to, which tell exactly; then OAI-PMH, set by set, which tells of the
days before and completes the rest. OAI-PMH lists records by the day of their last change: a paper that was announced
then and revised yesterday stands under yesterday. So all that changed since the first day is read, in its order, and
where the reading stopped is written down together with each page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest import taxonomy
from digest.arxiv import schedule
from digest.arxiv.session import ServerFault
from digest.catalogue.store import Catalogue
from digest.errors import ConfigError, SourceError
from digest.model import Announcement, AnnounceType, Verdict
from digest.pipeline import gather, hearing, record, witness
from digest.pipeline.hearing import OAI
from digest.pipeline.values import SourceOutcome

if TYPE_CHECKING:
    from digest.arxiv.oai import OaiPage, OaiRecord
    from digest.pipeline.parts import Parts

BACKFILL = "backfill"
"""The watermark that says which backfill is under way, and how far it has come."""

EARLIEST = date(2005, 9, 16)
"""The first day of which OAI-PMH has records."""

QUIET = timedelta(days=31)
"""No archive is without a change for so long: an answer that says so is not believed."""

LONGEST = 100
"""Pages that are read of one list, before a new one begins where it stopped: what is remembered of a list is bounded."""

PAGE = 2500
"""Records on a page of arXiv's OAI-PMH."""

A_DAY = {"cs": 700, "math": 200, "physics": 90}
A_DAY_ELSEWHERE = 40
"""Records that change a day in an archive of a group, roughly, on an average over years."""

A_SHARE = 6
"""One category of an archive has about so small a part of its records."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """A backfill and how far it has come."""

    since: date  # announcement days, both included
    until: date
    began: date  # on that day; what listings could tell then depends on it
    today: date
    where: Mapping[str, date] = field(default_factory=dict)  # set → the day up to which its records are read
    done: tuple[str, ...] = ()  # sets that are read to their end
    is_resumed: bool = False

    def at(self, oai_set: str, page: OaiPage) -> Course:
        """After a page is read. Of a part of a list nothing follows: the other parts can tell of earlier days."""
        if page.apart or not page.records:
            return self
        last = min(max(record.datestamp for record in page.records), self.today)
        return replace(self, where={**self.where, oai_set: max(last, self.where.get(oai_set, last))})

    def days_done(self, sets: Sequence[str]) -> int:
        """Days of change that are read, of ``days_total`` for each set."""
        begun = sum((self.where[one] - self.since).days for one in sets if one in self.where and one not in self.done)
        return begun + self.days_total * len({*self.done} & {*sets})

    @property
    def days(self) -> Iterator[date]:
        return (self.since + _DAY * n for n in range((self.until - self.since).days + 1))

    @property
    def days_total(self) -> int:
        return (self.today - self.since).days + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What is still to be asked, about."""

    requests: int  # to arXiv's interfaces
    pages: int  # of arXiv's listings, which are to be asked for more slowly

    def seconds(self, request_interval: float, page_interval: float) -> float:
        return self.requests * request_interval + self.pages * page_interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What was asked and what became of it."""

    sources: tuple[SourceOutcome, ...]
    fates: Mapping[str, int]  # decide.Fate → papers
    faults: tuple[str, ...]  # records that were refused, a sentence each
    unproven: tuple[date, ...]  # days of which a listing is still to be read
    reached: bool  # arXiv has answered something

    @property
    def is_through(self) -> bool:
        return not self.unproven and all(source.verdict.is_complete for source in self.sources)


# --- the course ------------------------------------------------------------------------------------------------------


def begun(catalogue: Catalogue) -> Course | None:
    """The backfill that is under way, as of the day on which it began."""
    kept = json.loads(catalogue.watermark(BACKFILL) or "null")
    if kept is None:
        return None
    since, until, began = (date.fromisoformat(kept[key]) for key in ("from", "until", "began"))
    where = {one: date.fromisoformat(day) for one, day in kept["where"].items()}
    done = tuple(kept["done"])
    return Course(since=since, until=until, began=began, today=began, where=where, done=done, is_resumed=True)


def course(catalogue: Catalogue, since: date, until: date | None, as_of: datetime) -> Course:
    """The backfill of the days from *since* to *until*: the one that is under way, or a new one.

    Without *until*, all days before the catalogue's first. Raises ConfigError when there are no such days.
    """
    today = schedule.feed_day(as_of)
    under_way = begun(catalogue)
    if under_way is not None and (under_way.since, under_way.until) == (since, until or under_way.until):
        resumed = replace(under_way, today=today)
        if not _left_behind(catalogue, resumed):
            return resumed
        until = under_way.until
    start = catalogue.watermark("start")
    last = until or (date.fromisoformat(start) if start else today) - _DAY
    _check(since, last, today, is_given=until is not None)
    return Course(since=since, until=last, began=today, today=today)


def _check(since: date, until: date, today: date, *, is_given: bool) -> None:
    if since < EARLIEST:
        raise ConfigError(f"--from {since}: arXiv's records begin with {EARLIEST}; give that day or a later one")
    if until > today:
        raise ConfigError(f"--until {until}: that day is still to come; give one up to {today}")
    if since > until and is_given:
        raise ConfigError(f"--from {since} is after --until {until}; give them the other way round")
    if since > until:
        raise ConfigError(
            f"--from {since}: digest run tells of the days from {until + _DAY} on; "
            "give an earlier day, or with --until the last day that you want again"
        )


def _left_behind(catalogue: Catalogue, course: Course) -> bool:
    """Whether papers of a day were left to its listing, which arXiv has no more: then all is read anew."""
    left = [day for day in course.days if course.began - witness.REACH <= day < course.today - witness.REACH]
    unproven = (day for day in left if schedule.is_announcement_day(day) and not catalogue.is_proven(day))
    return bool(course.where or course.done) and any(unproven)


def keep(catalogue: Catalogue, course: Course) -> None:
    """Write down how far it has come. Inside a transaction."""
    kept = {"from": course.since, "until": course.until, "began": course.began, "where": course.where}
    catalogue.set_watermark(BACKFILL, json.dumps({**kept, "done": course.done}, default=str))


def _open(catalogue: Catalogue, course: Course) -> None:
    """Have what comes settled with its own days. Inside a transaction."""
    keep(catalogue, course)
    catalogue.agenda.open_history(course.since)
    if catalogue.watermark(gather.CLOSED) is None:
        # Before the first night nothing else says so: of days before these no more is told but by another backfill.
        catalogue.agenda.raise_floor(min(course.until + _DAY, course.today))


def close(catalogue: Catalogue) -> None:
    """It is through, and all that it told is settled. Inside a transaction."""
    catalogue.forget_watermark(BACKFILL)
    catalogue.agenda.close_history()


def estimate(parts: Parts, course: Course) -> Estimate:
    pages = sum(map(len, _questions(parts.catalogue, course, parts.categories).values()))
    requests = pages  # each page leads to about one look-up of a hundred papers
    for oai_set in taxonomy.oai_sets(parts.categories):
        if oai_set not in course.done:
            days = (course.today - course.where.get(oai_set, course.since)).days + 1
            requests += 1 + days * _a_day(oai_set) // PAGE
    return Estimate(requests=requests, pages=pages)


def _a_day(oai_set: str) -> int:
    """Records that change a day, about."""
    group, *inner = oai_set.split(":")
    return A_DAY.get(group, A_DAY_ELSEWHERE) // (A_SHARE if len(inner) > 1 else 1)


# --- asking and recording --------------------------------------------------------------------------------------------


def backfill(parts: Parts, course: Course) -> Told:
    """Record what arXiv announced on the days of *course*, each answer in a transaction of its own."""
    with parts.catalogue.transaction():
        _open(parts.catalogue, course)
    recorded = record.Recorded()
    judgements = list(_hear_listings(parts, course, recorded))
    harvest = _Harvest(parts, course, recorded)
    harvest.read()
    outcome = witness.outcome(judgements)
    return Told(
        sources=(*([outcome] if outcome else []), harvest.outcome),
        fates=recorded.counts(),
        faults=tuple(harvest.refused),
        unproven=tuple(_questions(parts.catalogue, course, parts.categories)),
        reached=harvest.reached or any(v.is_complete for judgement in judgements for v, _ in judgement.verdicts),
    )


def _questions(catalogue: Catalogue, course: Course, categories: Sequence[str]) -> dict[date, list[str]]:
    """The days that arXiv's listings can tell, rising, with the categories of which nobody has told all yet."""
    first = course.today - witness.REACH
    wanted = {
        day: [category for category in categories if not catalogue.is_told(day, category)]
        for day in course.days
        if day >= first and schedule.is_announcement_day(day)
    }
    return {day: asked for day, asked in wanted.items() if asked}


def _hear_listings(parts: Parts, course: Course, recorded: record.Recorded) -> Iterator[witness.Judgement]:
    catalogue = parts.catalogue
    wanted = _questions(catalogue, course, parts.categories)
    witnessed = witness.Witness(parts, course.today, ())
    witnessed.expect(sum(map(len, wanted.values())))
    for day, categories in wanted.items():
        testimony = witnessed.ask(day, categories)
        with catalogue.transaction():
            yield gather.hear_witness(catalogue, testimony, parts.categories, recorded)


class _Harvest:
    """Reads set after set to its end; ``course`` is how far it has come."""

    def __init__(self, parts: Parts, course: Course, recorded: record.Recorded) -> None:
        self._parts = parts
        self._catalogue = parts.catalogue
        self._sets = taxonomy.oai_sets(parts.categories)
        self._recorded = recorded
        self._faults: list[SourceError] = []
        self._records = 0
        self._estimated = 0
        self.course = course
        self.reached = False
        self.refused: list[str] = []

    @property
    def outcome(self) -> SourceOutcome:
        if self._faults:
            return SourceOutcome(source=OAI, verdict=self._faults[0].verdict, detail=str(self._faults[0]))
        detail = (
            f"the announcement days of {self._estimated} papers are worked out from their submission"
            if self._estimated
            else ""
        )
        return SourceOutcome(source=OAI, verdict=Verdict.OK, detail=detail, papers=self._records)

    def read(self) -> None:
        """A fault of one set keeps no other from being read, unless arXiv is out of reach."""
        for oai_set in self._sets:
            try:
                while oai_set not in self.course.done:
                    self._read_list(oai_set)
            except SourceError as error:
                self._faults.append(error)
                if error.verdict in witness.OUT_OF_REACH and not isinstance(error, ServerFault):
                    return

    def _read_list(self, oai_set: str) -> None:
        """Read one list from where the set's reading stopped: to its end, or so far that another is better begun."""
        since = self.course.where.get(oai_set, self.course.since)
        try:
            for number, page in enumerate(self._parts.source.records(oai_set, since), 1):
                self._record(oai_set, page)
                if number >= LONGEST and self.course.where.get(oai_set, since) > since:
                    return
        except SourceError as error:
            if error.verdict is not Verdict.EMPTY_UNEXPECTED or not self._may_be_quiet(oai_set):
                raise
        self._keep(replace(self.course, done=(*self.course.done, oai_set)))

    def _may_be_quiet(self, oai_set: str) -> bool:
        """Whether a set without any record can be believed."""
        announced = self._catalogue.categories_announced(self.course.since)
        witnessed = taxonomy.within(oai_set, self._parts.categories) & announced
        return not witnessed and self.course.today - self.course.since < QUIET

    def _record(self, oai_set: str, page: OaiPage) -> None:
        """A page and where it ends, at once."""
        catalogue, today = self._catalogue, self.course.today
        joined = catalogue.joined(item.paper.id for item in page.records)
        with catalogue.transaction():
            for item in page.records:
                self._take(item, joined.get(item.paper.id, {}))
            # What is of a later mailing than today's waits for it.
            record.complete(catalogue, [item for item in page.records if item.datestamp <= today])
            course = self.course.at(oai_set, page)
            keep(catalogue, course)
        self.course = course
        self.reached = True
        self.refused += page.faults
        self._records += len(page.records)
        self._tell()

    def _keep(self, course: Course) -> None:
        with self._catalogue.transaction():
            keep(self._catalogue, course)
        self.course = course
        self._tell()

    def _tell(self) -> None:
        total = self.course.days_total * len(self._sets)
        self._parts.progress("reading arXiv's records, in days", self.course.days_done(self._sets), total)

    def _take(self, item: OaiRecord, joined: Mapping[str, date]) -> None:
        """Record in which categories a paper was announced beside those that it is known to have *joined*, and when; but
        for days of no concern, and for those whose listings are still to tell.
        """
        catalogue, categories, suspect = self._catalogue, item.paper.categories, hearing.suspect(item)
        untold = [c for c in categories if c in self._parts.categories and c not in joined]
        known = joined.get(categories[0])
        day = known or suspect.expected
        if not untold or not self.course.since <= day <= self.course.until:
            return
        is_proven = suspect.proven == day
        is_listed_wrong = is_proven or (not joined and self._is_blank(item, day))
        if is_listed_wrong:
            witness.doubt_empty(catalogue, day, untold)
        if all(catalogue.is_told(day, category) for category in untold):
            return  # it joined them, or arXiv announced it, on another day
        if not is_listed_wrong and witness.can_tell(day, self.course.today):
            return
        kind = AnnounceType.NEW if categories[0] in untold else AnnounceType.CROSS
        announcement = Announcement(paper=item.paper, kind=kind, day=day, estimated=not is_proven)
        self._recorded.fates.setdefault(item.paper.id, record.store(catalogue, announcement, untold))
        record.antedate(catalogue, item.paper, day)
        self._estimated += not is_proven

    def _is_blank(self, item: OaiRecord, day: date) -> bool:
        """Whether arXiv's listings of a day were empty in all categories, and this paper was not held back to a later one
        than the last.
        """
        words = [
            v["verdict"] for v in self._catalogue.verdicts(day) if (v["source"], v["category"]) == (witness.LIST, "")
        ]
        is_empty = words in ([Verdict.EMPTY_BY_SCHEDULE], [Verdict.EMPTY_UNEXPECTED])
        return is_empty and (len(item.versions) > 1 or item.datestamp <= self.course.until)
