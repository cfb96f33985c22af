"""What arXiv announced → the catalogue: one transaction, after everything was asked and judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.catalogue.store import Catalogue, PageKey
from digest.errors import SourceError
from digest.model import Announcement, AnnounceType, Paper, PaperId, Verdict
from digest.pipeline import witness
from digest.pipeline.values import FeedMark, SourceOutcome

if TYPE_CHECKING:
    from digest.arxiv.feed import FeedDay
    from digest.arxiv.oai import OaiPage, OaiRecord
    from digest.pipeline.parts import Parts
    from digest.pipeline.values import FeedAnswer

OVERLAP = timedelta(days=3)
"""How far each harvest reaches back behind the last: a record that moves while one pages is lost to that pass."""

UNDOABLE = timedelta(days=30)
"""For how long the conclusions from a day that is not proven can be taken back."""

NEAR_CAP = 1900
"""A feed with so many papers may have lost new ones to arXiv's cap of 2,000."""

FEED, OAI = "feed", "oai"

CLOSED = "closed"
"""The watermark that says of which days nothing more is expected: those before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What was asked and what became of it."""

    day: date  # the day that the feed should show
    sources: tuple[SourceOutcome, ...]
    fates: dict[str, int] = field(default_factory=dict)  # decide.Fate → papers
    faults: tuple[str, ...] = ()  # entries that were refused, a sentence each
    heard_of: tuple[date, ...] = ()  # earlier days of which papers were told tonight
    unproven: tuple[date, ...] = ()  # days that are to be asked about again
    reached: bool  # arXiv has answered something

    @property
    def is_complete(self) -> bool:
        """Every day is proven, by whichever witness, and the harvest was whole."""
        harvest = [s.verdict.is_complete for s in self.sources if s.source == OAI]
        return not self.unproven and all(harvest)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Heard:
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What has been recorded so far tonight; the one value here that grows."""

    fates: dict[PaperId, decide.Fate] = field(default_factory=dict)  # what each paper was when it first came up
    listed: set[tuple[date, PaperId]] = field(default_factory=set)  # told of by arXiv's listings, replacements left out

    def counts(self) -> dict[str, int]:
        return dict(Counter(fate.value for fate in self.fates.values()))


def gather(parts: Parts, as_of: datetime, *, keep_records: bool = True) -> Gathered:
    """Ask arXiv what is new at the instant *as_of* and record it; with *keep_records* False only say what would be."""
    catalogue = parts.catalogue
    heard = _listen(parts, as_of)
    witnessed = witness.Witness(parts, heard.today, heard.records)
    recorded = Recorded()
    judgements: list[witness.Judgement] = []
    if keep_records and heard.reached:
        judgements += _ask_witness(parts, heard, witnessed, _past_doubts(parts, heard), recorded)
        heard = _weighed(parts, heard)  # the feed may still be that of a day of which the listings have told now
        judgements += _ask_witness(parts, heard, witnessed, _doubts_of_today(parts, heard), recorded)
    with catalogue.transaction(keep=keep_records):
        heard = _corrected(catalogue, heard, recorded)
        _record_channels(catalogue, heard, parts.categories, recorded)
        complete(catalogue, heard.records)
        _record_verdicts(catalogue, heard)
        unproven = tuple(witness.disputed(catalogue, heard.start, heard.today))
        _move_watermarks(catalogue, heard, as_of, parts.categories, unproven)
    if keep_records:
        _put_texts_right(parts, heard)
    is_judged = keep_records or not heard.feed.verdict.is_complete
    outcome = witness.outcome(judgements)
    return Gathered(
        day=heard.today,
        sources=(*heard.outcomes, *([outcome] if outcome else [])),
        fates=recorded.counts(),
        faults=heard.answer.feed.faults if heard.answer and heard.answer.feed else (),
        heard_of=tuple(sorted({day for day, _ in recorded.listed if day != heard.today})),
        unproven=unproven if is_judged else (),
        reached=heard.reached,
    )


# --- asking ----------------------------------------------------------------------------------------------------------


def _listen(parts: Parts, as_of: datetime) -> _Heard:
    catalogue = parts.catalogue
    today = schedule.feed_day(as_of)
    started = catalogue.watermark("start")
    start = date.fromisoformat(started) if started else schedule.last_announcement_day(as_of)
    answer, feed = _ask_feed(parts, today)
    harvest, oai = _ask_oai(parts, today, start, answer.feed if answer else None)
    heard = _Heard(
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
    return _weighed(parts, heard)


def _weighed(parts: Parts, heard: _Heard) -> _Heard:
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
    return replace(heard, suspects=tuple(suspect for suspect in suspects if heard.start <= suspect.expected))


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


def _judge_feed(catalogue: Catalogue, feed: FeedDay, heard: _Heard) -> tuple[Verdict, str]:
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


def _unknown_day(catalogue: Catalogue, feed: FeedDay, new: Sequence[PaperId], heard: _Heard) -> date | None:
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


def _past_doubts(parts: Parts, heard: _Heard) -> dict[date, list[str]]:
    """Earlier days that nothing has proven, those of which the harvest tells papers that the feed has not, and those that
    have a cross-list of today; and for each the categories that are to be asked about.
    """
    yesterday = heard.today - timedelta(days=1)
    days = set(witness.disputed(parts.catalogue, heard.start, yesterday))
    days |= {day for suspect in heard.suspects for day in suspect.days if day <= yesterday}
    days |= _told_early(parts, heard)
    return _unlisted(parts, days, heard.today)


def _told_early(parts: Parts, heard: _Heard) -> set[date]:
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


def _doubts_of_today(parts: Parts, heard: _Heard) -> dict[date, list[str]]:
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


def _ask_witness(
    parts: Parts,
    heard: _Heard,
    witnessed: witness.Witness,
    doubts: Mapping[date, Sequence[str]],
    recorded: Recorded,
) -> list[witness.Judgement]:
    """Ask arXiv's listings and record what they say, a day at a time: after a long outage it takes hours."""
    witnessed.expect(sum(map(len, doubts.values())))
    judgements = []
    for day, categories in doubts.items():
        testimony = witnessed.ask(day, categories)
        with parts.catalogue.transaction():
            judgements.append(
                hear_witness(parts.catalogue, testimony, parts.categories, recorded, _told_by_others(heard))
            )
    return judgements


def _corrected(catalogue: Catalogue, heard: _Heard, recorded: Recorded) -> _Heard:
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
            catalogue.mark(_day_pages(catalogue, [day]))
    if heard.feed.verdict is not Verdict.OK or not lacking[heard.today] or not heard.ids:
        return heard
    detail = _lacks(heard.today, lacking[heard.today])
    return replace(heard, feed=replace(heard.feed, verdict=Verdict.CUT_SHORT, detail=detail))


def _lacks(day: date, papers: int) -> str:
    return f"papers of which arXiv tells elsewhere are missing from the feed of {day}: {papers}"


def _told_by_others(heard: _Heard) -> set[witness.Question]:
    """Days and categories in which the feed or the harvest tells of papers."""
    by_feed = {(a.day, category) for a in heard.told for category in a.paper.categories}
    return by_feed | {(s.proven, category) for s in heard.suspects if s.proven for category in s.paper.categories}


# --- recording -------------------------------------------------------------------------------------------------------


def hear_witness(
    catalogue: Catalogue,
    testimony: witness.Testimony,
    categories: Sequence[str],
    recorded: Recorded,
    by_others: Collection[witness.Question] = (),
) -> witness.Judgement:
    """Record what arXiv's listings say of a day; *by_others* as for ``witness.judge``. Inside a transaction."""
    judgement = witness.judge(catalogue, testimony, categories, by_others)
    for category, announcement in testimony.told:
        paper, day = announcement.paper, announcement.day
        recorded.fates.setdefault(paper.id, keep(catalogue, announcement, told_in=[category]))
        if not announcement.kind.is_replacement:
            recorded.listed.add((day, paper.id))
        catalogue.announce(day, category, paper, announcement.kind)
    if judgement.changed:
        catalogue.mark(_day_pages(catalogue, [testimony.day]))
    return judgement


def _record_channels(catalogue: Catalogue, heard: _Heard, categories: Sequence[str], recorded: Recorded) -> None:
    """Record what feed and harvest say, in the order of days: what a cross-list joins depends on where a paper was."""
    listed = {paper_id for _, paper_id in recorded.listed}
    unlisted = (suspect for suspect in heard.suspects if suspect.paper.id not in listed)
    harvested = [a for suspect in unlisted if (a := _as_harvested(catalogue, suspect, heard.today, categories))]
    for announcement in sorted((*harvested, *heard.told), key=lambda a: (a.day, a.paper.id)):
        recorded.fates.setdefault(announcement.paper.id, store(catalogue, announcement, categories))


def _as_harvested(
    catalogue: Catalogue, suspect: decide.Suspect, today: date, categories: Sequence[str]
) -> Announcement | None:
    """A paper that only the harvest tells of, under the day that its record proves; under the one expected where arXiv's
    listings can tell no more; and not yet, while they can.
    """
    own = [category for category in suspect.paper.categories if category in categories]
    kind = AnnounceType.NEW if suspect.paper.categories[0] in own else AnnounceType.CROSS

    def is_told(day: date) -> bool:
        return not witness.can_tell(day, today) or all(catalogue.is_listed(day, category) for category in own)

    if suspect.proven is not None and not is_told(suspect.proven):
        return Announcement(paper=suspect.paper, kind=kind, day=suspect.proven)
    if all(is_told(day) for day in suspect.days):
        return Announcement(paper=suspect.paper, kind=kind, day=suspect.expected, estimated=True)
    return None


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
        catalogue.mark(_day_pages(catalogue, [day]))
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
        _move(catalogue, paper, lambda: catalogue.tell_day(paper.id, day, joining=joining))
    catalogue.agenda.plan([paper.id])
    return fate


def antedate(catalogue: Catalogue, paper: Paper, day: date) -> None:
    """A paper of which a later cross-list is known was announced before, on about *day*. Inside a transaction."""
    if _move(catalogue, paper, lambda: catalogue.antedate(paper.id, day)):
        catalogue.agenda.plan([paper.id])


def _move(catalogue: Catalogue, paper: Paper, move: Callable[[], bool]) -> bool:
    """Have what shows a paper under the day before the *move* follow, if there is one; whether there is."""
    from digest.catalogue.views import HOME

    note = PageKey("paper", paper.id)
    if catalogue.path(note) is None:
        return move()
    from digest.pipeline.settle import mentions

    showing = mentions(catalogue, [paper], ())
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
    if catalogue.path(PageKey("paper", paper.id)):
        catalogue.mark(_pages_of_joined(catalogue, paper, seen))


def _pages_naming(catalogue: Catalogue, paper_id: PaperId) -> list[PageKey]:
    """A paper's own note, and the pages of the days that have told of it; those that there are."""
    note = PageKey("paper", paper_id)
    return [*([note] if catalogue.path(note) else []), *_day_pages(catalogue, catalogue.days_of([paper_id]))]


def _pages_of_joined(catalogue: Catalogue, paper: Paper, seen: Paper) -> list[PageKey]:
    """The pages of the categories that a paper with a note newly joins, and of those that count its papers."""
    from digest.catalogue.views import HOME
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


def _put_texts_right(parts: Parts, heard: _Heard) -> None:
    """Once the next mailing is out, the feed shows its papers in their newest versions: tell the text that was announced."""
    catalogue = parts.catalogue
    labels = {item.paper.id: _labels(item.versions) for item in heard.harvest if len(item.versions) > 1}
    told = [
        row
        for row in catalogue.announcements(labels, since=catalogue.agenda.floor)
        if schedule.is_announcement_day(row.day) and decide.version_on(row.day, labels[row.paper_id]) < row.version
    ]
    if not told:
        return
    papers = witness.as_they_were(parts, [(row.day, row.paper_id, row.kind) for row in told], heard.harvest)
    with catalogue.transaction():
        for row in told:
            if (paper := papers.get((row.day, row.paper_id))) is not None:
                keep(catalogue, Announcement(paper=paper, kind=row.kind, day=row.day))
                catalogue.announce(row.day, row.category, paper, row.kind)


def _labels(versions: Sequence[tuple[int, datetime]]) -> list[tuple[int, date]]:
    """Versions with the days on which they can have been announced."""
    return [(number, schedule.announcement_day(moment)) for number, moment in versions]


def _date_versions(catalogue: Catalogue, paper_id: PaperId, versions: Iterable[tuple[int, datetime]]) -> None:
    """When versions were submitted, and so the first day on which each can have been announced."""
    if catalogue.date_versions(paper_id, [(n, moment, schedule.announcement_day(moment)) for n, moment in versions]):
        catalogue.agenda.plan([paper_id])


def _record_verdicts(catalogue: Catalogue, heard: _Heard) -> None:
    feed, oai, today = heard.feed, heard.oai, heard.today
    changed = [catalogue.put_verdict(FEED, "", today, feed.verdict, "" if feed.verdict.is_complete else feed.detail)]
    announced = catalogue.count_announced(today, heard.ids)
    changed += [catalogue.put_verdict(FEED, c, today, feed.verdict, "", n) for c, n in announced.items()]
    if oai is not None:
        changed.append(catalogue.put_verdict(OAI, "", today, oai.verdict, oai.detail))
    if oai is not None and oai.verdict.is_complete:
        # a whole harvest makes up for those before it
        catalogue.mark(_day_pages(catalogue, catalogue.mend_verdicts(OAI)))
    if any(changed):
        catalogue.mark(_day_pages(catalogue, [today]))


def _move_watermarks(
    catalogue: Catalogue, heard: _Heard, as_of: datetime, categories: Sequence[str], unproven: Sequence[date]
) -> None:
    catalogue.set_watermark("start", heard.start.isoformat())
    if heard.oai is not None and heard.oai.verdict.is_complete:
        catalogue.set_watermark(OAI, as_of.isoformat())
    if heard.answer is not None and heard.feed.verdict.is_complete:
        mark = {"day": heard.today.isoformat(), "categories": list(categories)} | asdict(heard.answer.mark)
        catalogue.set_watermark(FEED, json.dumps(mark))
    harvested = catalogue.watermark(OAI)
    whole = schedule.feed_day(datetime.fromisoformat(harvested)) if harvested else heard.start
    # The next harvests reach back, and may tell of papers that the feed has not.
    can_change = min([heard.today - OVERLAP, whole - OVERLAP, *unproven])
    catalogue.set_watermark(CLOSED, max(can_change, heard.today - UNDOABLE).isoformat())


def _day_pages(catalogue: Catalogue, days: Iterable[date]) -> list[PageKey]:
    pages = [PageKey("day", day.isoformat()) for day in days]
    return [page for page in pages if catalogue.path(page)]
