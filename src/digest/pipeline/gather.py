"""What arXiv announced → the catalogue: asked and judged, and then recorded in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest import decide
from digest.arxiv import schedule
from digest.catalogue.store import Catalogue
from digest.model import Announcement, AnnounceType
from digest.pipeline import hearing, record, witness
from digest.pipeline.hearing import FEED, OAI, OVERLAP, Heard
from digest.pipeline.values import SourceOutcome

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts


UNDOABLE = timedelta(days=30)
"""For how long the conclusions from a day that is not proven can be taken back."""


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


def gather(parts: Parts, as_of: datetime, *, keep_records: bool = True) -> Gathered:
    """Ask arXiv what is new at the instant *as_of* and record it; with *keep_records* False only say what would be."""
    catalogue = parts.catalogue
    heard = hearing.listen(parts, as_of)
    witnessed = witness.Witness(parts, heard.today, heard.records)
    recorded = record.Recorded()
    judgements: list[witness.Judgement] = []
    if keep_records and heard.reached:
        judgements += _ask_witness(parts, heard, witnessed, hearing.past_doubts(parts, heard), recorded)
        heard = hearing.weighed(parts, heard)  # the feed may still be that of a day of which the listings have told now
        judgements += _ask_witness(parts, heard, witnessed, hearing.doubts_of_today(parts, heard), recorded)
    with catalogue.transaction(keep=keep_records):
        heard = hearing.corrected(catalogue, heard, recorded)
        _record_channels(catalogue, heard, parts.categories, recorded)
        record.complete(catalogue, heard.records)
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


def _ask_witness(
    parts: Parts,
    heard: Heard,
    witnessed: witness.Witness,
    doubts: Mapping[date, Sequence[str]],
    recorded: record.Recorded,
) -> list[witness.Judgement]:
    """Ask arXiv's listings and record what they say, a day at a time: after a long outage it takes hours."""
    witnessed.expect(sum(map(len, doubts.values())))
    judgements = []
    for day, categories in doubts.items():
        testimony = witnessed.ask(day, categories)
        with parts.catalogue.transaction():
            judgements.append(
                hear_witness(parts.catalogue, testimony, parts.categories, recorded, hearing.told_by_others(heard))
            )
    return judgements


def hear_witness(
    catalogue: Catalogue,
    testimony: witness.Testimony,
    categories: Sequence[str],
    recorded: record.Recorded,
    by_others: Collection[witness.Question] = (),
) -> witness.Judgement:
    """Record what arXiv's listings say of a day; *by_others* as for ``witness.judge``. Inside a transaction."""
    judgement = witness.judge(catalogue, testimony, categories, by_others)
    for category, announcement in testimony.told:
        paper, day = announcement.paper, announcement.day
        recorded.fates.setdefault(paper.id, record.keep(catalogue, announcement, told_in=[category]))
        if not announcement.kind.is_replacement:
            recorded.listed.add((day, paper.id))
        catalogue.announce(day, category, paper, announcement.kind)
    if judgement.changed:
        catalogue.mark(catalogue.pages_of([testimony.day]))
    return judgement


def _record_channels(catalogue: Catalogue, heard: Heard, categories: Sequence[str], recorded: record.Recorded) -> None:
    """Record what feed and harvest say, in the order of days: what a cross-list joins depends on where a paper was."""
    listed = {paper_id for _, paper_id in recorded.listed}
    unlisted = (suspect for suspect in heard.suspects if suspect.paper.id not in listed)
    harvested = [a for suspect in unlisted if (a := _as_harvested(catalogue, suspect, heard.today, categories))]
    for announcement in sorted((*harvested, *heard.told), key=lambda a: (a.day, a.paper.id)):
        recorded.fates.setdefault(announcement.paper.id, record.store(catalogue, announcement, categories))


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


def _put_texts_right(parts: Parts, heard: Heard) -> None:
    """Once the next mailing is out, the feed shows its papers in their newest versions: tell the text that was announced."""
    catalogue = parts.catalogue
    labels = {item.paper.id: record.announced_days(item.versions) for item in heard.harvest if len(item.versions) > 1}
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
                record.keep(catalogue, Announcement(paper=paper, kind=row.kind, day=row.day))
                catalogue.announce(row.day, row.category, paper, row.kind)


def _record_verdicts(catalogue: Catalogue, heard: Heard) -> None:
    feed, oai, today = heard.feed, heard.oai, heard.today
    changed = [catalogue.put_verdict(FEED, "", today, feed.verdict, "" if feed.verdict.is_complete else feed.detail)]
    announced = catalogue.count_announced(today, heard.ids)
    changed += [catalogue.put_verdict(FEED, c, today, feed.verdict, "", n) for c, n in announced.items()]
    if oai is not None:
        changed.append(catalogue.put_verdict(OAI, "", today, oai.verdict, oai.detail))
    if oai is not None and oai.verdict.is_complete:
        # a whole harvest makes up for those before it
        catalogue.mark(catalogue.pages_of(catalogue.mend_verdicts(OAI)))
    if any(changed):
        catalogue.mark(catalogue.pages_of([today]))


def _move_watermarks(
    catalogue: Catalogue, heard: Heard, as_of: datetime, categories: Sequence[str], unproven: Sequence[date]
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
