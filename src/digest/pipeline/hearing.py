"""What arXiv's two channels said tonight, and what of it is believed, doubted, or held against the other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.catalogue.store import Catalogue
from digest.errors import SourceError
from digest.model import Announcement, AnnounceType, PaperId, Verdict
from digest.pipeline import record, witness
from digest.pipeline.values import FeedMark, SourceOutcome

if TYPE_CHECKING:
    from digest.arxiv.feed import FeedDay
    from digest.arxiv.oai import OaiPage, OaiRecord
    from digest.pipeline.parts import Parts
    from digest.pipeline.values import FeedAnswer


OVERLAP = timedelta(days=3)
"""How far each harvest reaches back behind the last: a record that moves while one pages is lost to that pass."""


NEAR_CAP = 1900
"""A feed with so many papers may have lost new ones to arXiv's cap of 2,000."""


FEED, OAI = "feed", "oai"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What the two channels said tonight."""

    today: date
    start: date  # the catalogue's first day
    answer: FeedAnswer | None
    feed: SourceOutcome
    ids: frozenset[PaperId]  # in the feed, where it is today's
    told: tuple[Announcement, ...]  # by the feed, as today's, and not of the next mailing
    harvest: tuple[OaiRecord, ...]
    oai: SourceOutcome | None  # None: this day's harvest was whole already
    suspects: tuple[decide.Suspect, ...]  # papers that only the harvest tells of

    @property
    def outcomes(self) -> tuple[SourceOutcome, ...]:
        return tuple(outcome for outcome in (self.feed, self.oai) if outcome is not None)

    @property
    def records(self) -> list[OaiRecord]:
        """The harvest but for what is of a later mailing than the feed's: that waits for it."""
        return [item for item in self.harvest if item.datestamp <= self.today]

    @property
    def reached(self) -> bool:
        return bool(self.harvest) or any(o.verdict not in witness.OUT_OF_REACH for o in self.outcomes)


def listen(parts: Parts, as_of: datetime) -> Heard:
    catalogue = parts.catalogue
    today = schedule.feed_day(as_of)
    started = catalogue.watermark("start")
    start = date.fromisoformat(started) if started else schedule.last_announcement_day(as_of)
    answer, feed = _ask_feed(parts, today)
    harvest, oai = _ask_oai(parts, today, start, answer.feed if answer else None)
    heard = Heard(
        today=today,
        start=start,
        answer=answer,
        feed=feed,
        ids=frozenset(),
        told=(),
        harvest=harvest,
        oai=oai,
        suspects=(),
    )
    return weighed(parts, heard)


def weighed(parts: Parts, heard: Heard) -> Heard:
    """What was heard, judged by what the catalogue knows now."""
    catalogue, feed = parts.catalogue, heard.answer.feed if heard.answer else None
    if feed is not None:
        verdict, detail = _judge_feed(catalogue, feed, heard)
        outcome = SourceOutcome(source=FEED, verdict=verdict, detail=detail, papers=len(feed.announcements))
        todays = () if verdict is Verdict.STALE else feed.announcements
        told = tuple(_todays(catalogue, todays, heard.today))
        heard = replace(heard, feed=outcome, told=told, ids=frozenset(a.paper.id for a in todays))
    known = heard.ids | catalogue.papers(item.paper.id for item in heard.records).keys()
    unknown = (item for item in heard.records if item.paper.id not in known)
    suspects = [suspect(item) for item in unknown if set(item.paper.categories) & set(parts.categories)]
    return replace(heard, suspects=tuple(one for one in suspects if heard.start <= one.expected))


def suspect(item: OaiRecord) -> decide.Suspect:
    """What a record says of the day on which its paper was first announced."""
    expected = schedule.announcement_day(item.versions[0][1])
    return decide.suspect(item.paper, versions=len(item.versions), expected=expected, datestamp=item.datestamp)


def _ask_feed(parts: Parts, today: date) -> tuple[FeedAnswer | None, SourceOutcome]:
    try:
        answer = parts.source.feed(unless=_known_feed(parts, today))
    except SourceError as error:
        return None, SourceOutcome(source=FEED, verdict=error.verdict, detail=str(error))
    if answer.feed is None:
        return answer, SourceOutcome(source=FEED, verdict=Verdict.OK, detail="the same papers as at the last run")
    return answer, SourceOutcome(source=FEED, verdict=Verdict.OK)  # until it is weighed


def _known_feed(parts: Parts, today: date) -> FeedMark:
    """What today's feed of these categories is known again by, if it was read before."""
    kept = json.loads(parts.catalogue.watermark(FEED) or "{}")
    if (kept.get("day"), kept.get("categories")) != (today.isoformat(), list(parts.categories)):
        return FeedMark()
    return FeedMark(fingerprint=kept["fingerprint"], validators=kept["validators"])


def _judge_feed(catalogue: Catalogue, feed: FeedDay, heard: Heard) -> tuple[Verdict, str]:
    found = {a.paper.id: a.paper.version for a in feed.announcements}
    earlier = catalogue.announced(found.items(), on=heard.today)[1]
    new = [a.paper.id for a in feed.announcements if a.kind is AnnounceType.NEW]
    facts = decide.FeedFacts(
        expected=heard.today,
        scheduled=schedule.is_announcement_day(heard.today),
        unknown_day=_unknown_day(catalogue, feed, new, heard),
        ids=found,
        known=earlier,
        repeated=catalogue.announced_as_new(new, before=heard.today),
    )
    verdict, detail = decide.judge_feed(facts)
    if verdict is Verdict.OK and len(found) >= NEAR_CAP:
        return Verdict.CUT_SHORT, f"{len(found)} papers, and arXiv cuts a feed at 2,000; follow fewer categories"
    if verdict is Verdict.OK and feed.faults:
        return Verdict.MALFORMED, f"{len(feed.faults)} of its entries were refused"
    return verdict, detail


def _unknown_day(catalogue: Catalogue, feed: FeedDay, new: Sequence[PaperId], heard: Heard) -> date | None:
    """The earlier day of which the feed may still be, when not all of that day is known.

    It is of today when the harvest has records of today of papers that it calls *new*, whatever date it tells.
    """
    written_today = {item.paper.id for item in heard.harvest if item.datestamp == heard.today}
    day = schedule.announcement_day_before(heard.today)
    if feed.day is not None and feed.day < heard.today:
        day = feed.day
    if day < heard.start or catalogue.is_proven(day) or written_today & set(new):
        return None
    return day


def _todays(catalogue: Catalogue, told: Sequence[Announcement], today: date) -> list[Announcement]:
    """What the feed tells, under today: its own dates have been seen to lag a day behind its papers.

    When it comes again and tells otherwise of a paper, that is the next mailing, which it shows some hours early.
    """
    if not catalogue.is_whole(FEED, today):
        return [Announcement(paper=a.paper, kind=a.kind, day=today) for a in told]
    before = catalogue.announced([(a.paper.id, a.paper.version) for a in told], on=today)[0]
    return [Announcement(paper=a.paper, kind=a.kind, day=today) for a in told if a.paper.id not in before]


def _ask_oai(
    parts: Parts, today: date, start: date, feed: FeedDay | None
) -> tuple[tuple[OaiRecord, ...], SourceOutcome | None]:
    """Harvest what changed since the last complete harvest; nothing when this day's was complete already."""
    last = parts.catalogue.watermark(OAI)
    harvested = schedule.feed_day(datetime.fromisoformat(last)) if last else None
    if harvested == today and not parts.catalogue.undated():
        return (), None
    since = min(harvested, today) - OVERLAP if harvested else start - OVERLAP
    witnessed = parts.catalogue.categories_announced(since) | {
        category for a in (feed.announcements if feed else ()) for category in a.paper.categories
    }
    pages: list[OaiPage] = []
    try:
        for page in parts.source.harvest(since, witnessed=witnessed):
            pages.append(page)
            parts.progress("asking OAI-PMH", sum(len(p.records) for p in pages), 0)
    except SourceError as error:
        outcome = SourceOutcome(source=OAI, verdict=error.verdict, detail=str(error))
    else:
        outcome = SourceOutcome(source=OAI, verdict=Verdict.OK, papers=sum(len(page.records) for page in pages))
    return tuple(record for page in pages for record in page.records), outcome


# --- what is to be asked of arXiv's listings ---------------------------------------------------------------------------


def past_doubts(parts: Parts, heard: Heard) -> dict[date, list[str]]:
    """Earlier days that nothing has proven, those of which the harvest tells papers that the feed has not, and those that
    have a cross-list of today; and for each the categories that are to be asked about.
    """
    yesterday = heard.today - timedelta(days=1)
    days = set(witness.disputed(parts.catalogue, heard.start, yesterday))
    days |= {day for suspect in heard.suspects for day in suspect.days if day <= yesterday}
    days |= _told_early(parts, heard)
    return _unlisted(parts, days, heard.today)


def _told_early(parts: Parts, heard: Heard) -> set[date]:
    """The days on which a paper was put that joins a category today, and was recorded in all of its own before.

    In the evening, when the next mailing is out, the feed is still the day's and has its papers in the categories that
    they join tomorrow.
    """
    crossed = {a.paper.id: a.paper for a in heard.told if a.kind is AnnounceType.CROSS}
    rows = [
        row
        for row in parts.catalogue.announcements(crossed, since=parts.catalogue.agenda.floor)
        if row.day < heard.today and row.kind is AnnounceType.CROSS
    ]
    joined: dict[PaperId, set[str]] = {}
    for row in rows:
        joined.setdefault(row.paper_id, set()).add(row.category)
    whole = {id for id, had in joined.items() if set(crossed[id].categories[1:]) & set(parts.categories) <= had}
    return {row.day for row in rows if row.paper_id in whole}


def doubts_of_today(parts: Parts, heard: Heard) -> dict[date, list[str]]:
    today = heard.today
    is_open = not heard.feed.verdict.is_complete and not parts.catalogue.is_proven(today)
    is_contradicted = any(today in suspect.days for suspect in heard.suspects)
    is_doubtful = is_contradicted or (is_open and schedule.is_announcement_day(today))
    return _unlisted(parts, {today} if is_doubtful else set(), today)


def _unlisted(parts: Parts, days: Iterable[date], today: date) -> dict[date, list[str]]:
    doubts = {
        day: [category for category in parts.categories if not parts.catalogue.is_listed(day, category)]
        for day in sorted(days)
        if witness.can_tell(day, today)
    }
    return {day: categories for day, categories in doubts.items() if categories}


def corrected(catalogue: Catalogue, heard: Heard, recorded: record.Recorded) -> Heard:
    """A feed that looked whole, and lacks papers of which harvest or listings tell, was cut short: that is put right in
    the catalogue for earlier days, and in what is returned for today.
    """
    lacking: Counter[date] = Counter()
    for suspect in heard.suspects:
        days = [day for day in suspect.days if witness.can_tell(day, heard.today)]
        lacking.update(day for day in days if suspect.proven is not None or not catalogue.is_listed(day))
    told = {announcement.paper.id for announcement in heard.told}
    lacking.update(day for day, paper_id in recorded.listed if day == heard.today and paper_id not in heard.ids | told)
    for day in sorted(lacking.keys() - {heard.today}):
        if any(v["source"] == FEED and not v["category"] for v in catalogue.verdicts(day)):
            catalogue.put_verdict(FEED, "", day, Verdict.CUT_SHORT, _lacks(day, lacking[day]))
            catalogue.mark(catalogue.pages_of([day]))
    if heard.feed.verdict is not Verdict.OK or not lacking[heard.today] or not heard.ids:
        return heard
    detail = _lacks(heard.today, lacking[heard.today])
    return replace(heard, feed=replace(heard.feed, verdict=Verdict.CUT_SHORT, detail=detail))


def _lacks(day: date, papers: int) -> str:
    return f"papers of which arXiv tells elsewhere are missing from the feed of {day}: {papers}"


def told_by_others(heard: Heard) -> set[witness.Question]:
    """Days and categories in which the feed or the harvest tells of papers: a record whose newest version is as old as its
    last change was announced then, up to the fifth version.
    """
    by_feed = {(a.day, category) for a in heard.told for category in a.paper.categories}
    told = (item for item in heard.records if item.paper.version <= witness.LAST_ANNOUNCED)
    newest = ((schedule.announcement_day(item.versions[-1][1]), item) for item in told)
    return by_feed | {(day, c) for day, item in newest if day == item.datestamp for c in item.paper.categories}
