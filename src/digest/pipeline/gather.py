"""What arXiv announced → the catalogue: one transaction, after everything was asked and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.catalogue.store import Catalogue, PageKey
from digest.errors import SourceError
from digest.model import Announcement, AnnounceType, Paper, Verdict
from digest.pipeline import witness
from digest.pipeline.values import SourceOutcome

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
class Gathered:
    """What was asked and what became of it."""

    day: date  # the day that the feed should show
    sources: tuple[SourceOutcome, ...]
    fates: dict[str, int] = field(default_factory=dict)  # decide.Fate → papers
    faults: tuple[str, ...] = ()  # entries that were refused, a sentence each
    unproven: tuple[date, ...] = ()  # days that are to be asked about again

    @property
    def reached(self) -> bool:
        return any(s.verdict not in witness.OUT_OF_REACH for s in self.sources)

    @property
    def is_complete(self) -> bool:
        """Every day is proven, by whichever witness, and the harvest was whole."""
        harvest = [s.verdict.is_complete for s in self.sources if s.source == OAI]
        return not self.unproven and all(harvest)


def gather(parts: Parts, as_of: datetime, *, keep_records: bool = True) -> Gathered:
    """Ask arXiv what is new at the instant *as_of* and record it; with *keep_records* False only say what would be."""
    catalogue = parts.catalogue
    today = schedule.feed_day(as_of)
    started = catalogue.watermark("start")
    start = date.fromisoformat(started) if started else schedule.last_announcement_day(as_of)
    answer, feed_outcome = _ask_feed(parts, today)
    feed = answer.feed if answer else None
    records, oai_outcome = _ask_oai(parts, today, start, feed)
    told = _announcements(catalogue, feed, today) if feed else ()
    known = {a.paper.id for a in told} | catalogue.papers(item.paper.id for item in records).keys()
    unseen = [item for item in records if item.paper.id not in known]
    by_oai = _missed(unseen, parts.categories, start=start, until=today)
    outcomes = [outcome for outcome in (feed_outcome, oai_outcome) if outcome is not None]
    hears = keep_records and any(outcome.verdict not in witness.OUT_OF_REACH for outcome in outcomes)
    past = _doubts(parts, start, today - timedelta(days=1), by_oai) if hears else {}
    testimony = witness.ask(parts, today, past, records)
    with catalogue.transaction(keep=keep_records):
        missed = record(catalogue, by_oai, parts.categories)
        # Days in their order: what a paper's cross-list of today joins depends on where it was announced before.
        _believe(catalogue, testimony, past, parts.categories)
        by_feed = record(catalogue, told, parts.categories)
        _complete(catalogue, records, today)
        _record_verdicts(catalogue, today, feed_outcome, oai_outcome, by_feed.told)
        if started is None and (feed_outcome.verdict.is_complete or told or by_oai):
            catalogue.set_watermark("start", start.isoformat())
        if oai_outcome is not None and oai_outcome.verdict.is_complete:
            catalogue.set_watermark(OAI, as_of.isoformat())
        if answer is not None and feed_outcome.verdict.is_complete:
            catalogue.set_watermark(FEED, f"{today} {answer.fingerprint}")
    outcomes += [testimony.outcome] if testimony.outcome else []
    if hears and (present := _doubts(parts, today, today, by_oai)):
        testimony = witness.ask(parts, today, present, records)
        with catalogue.transaction():
            _believe(catalogue, testimony, present, parts.categories)
        outcomes += [testimony.outcome] if testimony.outcome else []
    fates = {fate: by_feed.fates.get(fate, 0) + missed.fates.get(fate, 0) for fate in by_feed.fates | missed.fates}
    is_judged = keep_records or not feed_outcome.verdict.is_complete
    return Gathered(
        day=today,
        sources=tuple(outcomes),
        fates=fates,
        faults=feed.faults if feed else (),
        unproven=tuple(witness.disputed(catalogue, start, today, parts.categories, ())) if is_judged else (),
    )


def _doubts(parts: Parts, first: date, last: date, by_oai: Sequence[Announcement]) -> dict[date, list[str]]:
    """Days on which the feed says nothing that can be believed, or less than the harvest."""
    contradicted = [a for a in by_oai if not a.estimated]
    return witness.disputed(parts.catalogue, first, last, parts.categories, contradicted)


def _believe(
    catalogue: Catalogue, testimony: witness.Testimony, days: witness.Disputed, categories: Sequence[str]
) -> None:
    """Record what the third witness says of *days*. Inside a transaction."""
    seen = catalogue.papers(testimony.papers)
    for category, told in witness.announcements(testimony):
        known = seen.get(told.paper.id)
        keep(catalogue, told, known, queue_on=told.day)
        seen[told.paper.id] = decide.merge(told.paper, known) if known else told.paper
        catalogue.announce(told.day, category, told.paper, told.kind)
        if told.kind is AnnounceType.NEW:
            catalogue.tell_day(told.paper.id, told.day)
    for day in witness.judge(catalogue, testimony, days, categories):
        catalogue.mark(_day_page(catalogue, day))


def _ask_feed(parts: Parts, today: date) -> tuple[FeedAnswer | None, SourceOutcome]:
    last = (parts.catalogue.watermark(FEED) or "").removeprefix(f"{today} ")
    try:
        answer = parts.source.feed(unless=last)
    except SourceError as error:
        return None, SourceOutcome(source=FEED, verdict=error.verdict, detail=str(error))
    if answer.feed is None:
        return answer, SourceOutcome(source=FEED, verdict=Verdict.OK, detail="the same papers as at the last run")
    found = {a.paper.id: a.paper.version for a in answer.feed.announcements}
    mine, earlier = parts.catalogue.announced(found.items(), on=today)
    facts = decide.FeedFacts(
        expected=today, scheduled=schedule.is_announcement_day(today), ids=found, recorded=mine, known=earlier
    )
    verdict, detail = decide.judge_feed(facts)
    if verdict is Verdict.OK and len(found) >= NEAR_CAP:
        verdict, detail = (
            Verdict.CUT_SHORT,
            f"{len(found)} papers, and arXiv cuts a feed at 2,000; follow fewer categories",
        )
    elif verdict is Verdict.OK and answer.feed.faults:
        verdict, detail = Verdict.MALFORMED, f"{len(answer.feed.faults)} of its entries were refused"
    return answer, SourceOutcome(source=FEED, verdict=verdict, detail=detail, papers=len(found))


def _ask_oai(
    parts: Parts, today: date, start: date, feed: FeedDay | None
) -> tuple[list[OaiRecord], SourceOutcome | None]:
    """Harvest what changed since the last complete harvest; nothing when this day's was complete already."""
    last = parts.catalogue.watermark(OAI)
    harvested = schedule.feed_day(datetime.fromisoformat(last)) if last else None
    if harvested == today and not parts.catalogue.undated():
        return [], None
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
    return [record for page in pages for record in page.records], outcome


def _announcements(catalogue: Catalogue, feed: FeedDay, today: date) -> tuple[Announcement, ...]:
    """The feed's papers under their right day: a feed's own date has been seen to lag a day behind its papers."""
    if feed.day is None or feed.day == today:
        return feed.announcements
    mine, _ = catalogue.announced(((a.paper.id, a.paper.version) for a in feed.announcements), on=feed.day)
    lags = bool(catalogue.verdicts(feed.day)) and not mine
    day = today if lags else feed.day
    return tuple(Announcement(paper=a.paper, kind=a.kind, day=day) for a in feed.announcements)


def _missed(unseen: Iterable[OaiRecord], categories: Sequence[str], *, start: date, until: date) -> list[Announcement]:
    """Papers that only the harvest has told of: first announced from *start* to *until*."""
    found = []
    for item in unseen:
        if not set(item.paper.categories) & set(categories):
            continue
        expected = schedule.announcement_day(item.versions[0][1])
        day, estimated = _announced_day(item, expected)
        if start <= expected and start <= day <= until:
            primary = item.paper.categories[0] in categories
            kind = AnnounceType.NEW if primary else AnnounceType.CROSS
            found.append(Announcement(paper=item.paper, kind=kind, day=day, estimated=estimated))
    return found


def _announced_day(item: OaiRecord, expected: date) -> tuple[date, bool]:
    """A first version's record was last written when it was announced; a later version's tells nothing of the first."""
    if len(item.versions) == 1 and schedule.is_announcement_day(item.datestamp) and item.datestamp >= expected:
        return item.datestamp, False
    return expected, True


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    fates: dict[str, int]  # decide.Fate → papers
    told: dict[tuple[date, str], int]  # day and category → papers announced there


def record(catalogue: Catalogue, announcements: Iterable[Announcement], categories: Sequence[str]) -> Recorded:
    """Store announced papers and queue what their notes need. Inside a transaction."""
    announced = sorted(announcements, key=lambda a: (a.day, a.paper.id))
    seen = catalogue.papers(a.paper.id for a in announced)
    recorded = Recorded(fates={}, told={})
    for announcement in announced:
        known = seen.get(announcement.paper.id)
        fate, told = _store(catalogue, announcement, known, categories)
        seen[announcement.paper.id] = decide.merge(announcement.paper, known) if known else announcement.paper
        recorded.fates[fate] = recorded.fates.get(fate, 0) + 1
        for category in told:
            key = (announcement.day, category)
            recorded.told[key] = recorded.told.get(key, 0) + 1
    return recorded


def _store(
    catalogue: Catalogue, announcement: Announcement, seen: Paper | None, categories: Sequence[str]
) -> tuple[decide.Fate, Iterable[str]]:
    paper, day = announcement.paper, announcement.day
    fate = keep(catalogue, announcement, seen, queue_on=day)
    told = decide.told_in(announcement, categories, catalogue.announced_before(paper.id, day))
    news = [catalogue.announce(day, category, paper, kind) for category, kind in told.items()]
    if not announcement.estimated:
        catalogue.tell_day(paper.id, day)
    if any(news):
        catalogue.mark(_day_page(catalogue, day))
    return fate, told


def keep(catalogue: Catalogue, announcement: Announcement, seen: Paper | None, *, queue_on: date) -> decide.Fate:
    """Store a paper, and queue it for the day *queue_on* when its note is to be made or made anew."""
    paper = announcement.paper
    wants_note = not announcement.kind.is_replacement
    fate = decide.judge(paper, seen)
    if seen is None:
        catalogue.add_paper(paper, announced=announcement.day, estimated=announcement.estimated, noted=wants_note)
    else:
        revise(catalogue, decide.merge(paper, seen), seen, queue_on)
    if wants_note and catalogue.path(PageKey("paper", paper.id)) is None:
        catalogue.promise_note(paper.id, announced=announcement.day)
        catalogue.enqueue(queue_on, paper.id)
    return fate


def revise(catalogue: Catalogue, paper: Paper, seen: Paper, day: date) -> None:
    """Store what has changed about a known paper, and have its pages follow. Inside a transaction."""
    if paper == seen:
        return
    catalogue.update_paper(paper, changes=decide.changes(paper, seen))
    joined = [category for category in paper.categories if category not in seen.categories]
    if joined or (paper.title, paper.withdrawn) != (seen.title, seen.withdrawn):
        catalogue.mark(page for told in catalogue.days_of([paper.id]) for page in _day_page(catalogue, told))
    if not catalogue.noted([paper.id]):
        return
    if joined:
        from digest.pipeline.settle import join  # a night with nothing new does without

        join(catalogue, joined, day)
    if (paper.title, paper.abstract) != (seen.title, seen.abstract):
        catalogue.enqueue(day, paper.id)
    elif catalogue.path(PageKey("paper", paper.id)):
        catalogue.mark([PageKey("paper", paper.id)])


def _complete(catalogue: Catalogue, records: Sequence[OaiRecord], day: date) -> None:
    """Add what only the harvest tells of papers that we have: submission dates, comments, licences, later versions."""
    seen = catalogue.papers(item.paper.id for item in records)
    for item in records:
        if (known := seen.get(item.paper.id)) is not None:
            # Of the same version, what we have stays as it is: two sources' spellings must not take turns.
            same = item.paper.version == known.version
            revise(catalogue, decide.merge(known, item.paper) if same else decide.merge(item.paper, known), known, day)


def _record_verdicts(
    catalogue: Catalogue,
    today: date,
    feed: SourceOutcome,
    oai: SourceOutcome | None,
    told: Mapping[tuple[date, str], int],
) -> None:
    changed = [catalogue.put_verdict(FEED, "", today, feed.verdict, "" if feed.verdict.is_complete else feed.detail)]
    for (day, category), papers in told.items():
        if day == today:
            changed.append(catalogue.put_verdict(FEED, category, today, feed.verdict, "", papers))
    if oai is not None:
        changed.append(catalogue.put_verdict(OAI, "", today, oai.verdict, oai.detail))
    if oai is not None and oai.verdict.is_complete:
        for day in catalogue.mend_verdicts(OAI):  # a whole harvest makes up for those before it
            catalogue.mark(_day_page(catalogue, day))
    if any(changed):
        catalogue.mark(_day_page(catalogue, today))


def _day_page(catalogue: Catalogue, day: date) -> list[PageKey]:
    page = PageKey("day", day.isoformat())
    return [page] if catalogue.path(page) else []
