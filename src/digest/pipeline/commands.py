"""The commands that make or change pages, as the order of stages, and the report that they give."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from digest.arxiv import schedule
from digest.catalogue.store import Catalogue, PageKey
from digest.errors import SourceError, UnknownPage
from digest.model import Announcement, AnnounceType, CategoryCount, PaperId, Verdict
from digest.pipeline import authors, feedback, gather, record, witness
from digest.pipeline import backfill as backfills
from digest.pipeline.gather import Gathered
from digest.pipeline.hearing import FEED
from digest.pipeline.values import (
    Consulted,
    Heard,
    Published,
    Questioned,
    Remarks,
    Settled,
    SourceOutcome,
    TextsRead,
    added,
)
from digest.pipeline.vocabulary import listen

if TYPE_CHECKING:
    from digest.arxiv.api import Lookup
    from digest.identifiers import Identifier
    from digest.pipeline.llm import Night
    from digest.pipeline.parts import Parts

GOOD, SOME_FAILED, NOTHING_POSSIBLE, LOCKED = 0, 1, 2, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class DayReport:
    """What arXiv announced on a day, and what became of it."""

    day: date
    counts: tuple[CategoryCount, ...]
    verdicts: Mapping[str, Verdict]  # by category: the listing's, where it was asked, else the feed's

    def as_dict(self) -> dict[str, Any]:
        verdicts = {category: verdict.value for category, verdict in self.verdicts.items()}
        return {c.category: {"verdict": verdicts.get(c.category)} | _numbers(c) for c in self.counts}


def _numbers(count: CategoryCount) -> dict[str, int]:
    return {
        "announced": count.announced,
        "stored": count.stored,
        "new": count.new,
        "cross": count.cross,
        "replaced": count.replaced,
        "excluded": 0,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a run did; ``as_dict`` is what ``--json`` prints and the catalogue keeps."""

    command: str
    as_of: datetime
    exit_status: int
    day: date | None = None
    span: tuple[date, date] | None = None  # of a backfill, both included
    sources: tuple[SourceOutcome, ...] = ()
    days: tuple[DayReport, ...] = ()  # what arXiv announced on the days that were heard of, oldest first
    unproven: tuple[date, ...] = ()  # days that are asked about again at the next run
    counts: tuple[CategoryCount, ...] = ()  # of a backfill: what was announced on all its days together
    papers: dict[str, int] = field(default_factory=dict)  # fate → papers
    settled: Settled = field(default_factory=Settled)
    questioned: Questioned = field(default_factory=Questioned)  # what a language model was asked; no fault of the run's
    published: Published = field(default_factory=Published)
    texts: TextsRead = field(default_factory=TextsRead)
    reader: Heard = field(default_factory=Heard)  # what the reader did to the vault since the last run
    rulings: tuple[str, ...] = ()  # what the reader said about keywords, in sentences
    outside: tuple[Consulted, ...] = ()  # sources outside arXiv; they change no exit status
    failures: tuple[tuple[str, str], ...] = ()  # what failed, and why
    seconds: dict[str, float] = field(default_factory=dict)
    requests: int = 0

    @property
    def left_alone(self) -> Remarks:
        """Files that stayed as they are, wholly or in part, and why; each once."""
        return tuple(dict.fromkeys((*self.reader.remarks, *self.published.remarks)))

    def as_dict(self) -> dict[str, Any]:
        published = self.published
        return {
            "command": self.command,
            "as_of": self.as_of.isoformat(),
            "exit_status": self.exit_status,
            "day": self.day and self.day.isoformat(),
            **({"from": self.span[0].isoformat(), "until": self.span[1].isoformat()} if self.span else {}),
            "sources": [
                {"source": s.source, "verdict": s.verdict.value, "detail": s.detail, "papers": s.papers}
                for s in self.sources
            ],
            "categories": next((d.as_dict() for d in self.days if d.day == self.day), {})
            | {count.category: _numbers(count) for count in self.counts},
            "days": {d.day.isoformat(): d.as_dict() for d in self.days},
            "unproven": [day.isoformat() for day in self.unproven],
            "papers": self.papers,
            "notes": {state: published.notes.get(state, 0) for state in ("created", "updated", "unchanged", "kept")},
            "files_written": sum(published.states.get(state, 0) for state in ("created", "updated")),
            "embedded": self.settled.embedded,
            "keywords_promoted": self.settled.promoted,
            "reader": {"papers": self.reader.papers, "moved": self.reader.moved, "deleted": self.reader.deleted},
            "rulings": list(self.rulings),
            "texts": dict(self.texts.outcomes),
            "outside": [one.as_dict() for one in self.outside],
            "keywords_redrawn": self.settled.redrawn,
            **({"llm": self.questioned.as_dict()} if self.questioned.model else {}),
            "failed": [{"what": what, "why": why} for what, why in self.failures],
            "left_alone": [{"path": path, "why": why} for path, why in self.left_alone],
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
            "requests": self.requests,
        }


class _Clock:
    """Seconds by stage; for the report alone, never for a page."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


def run(parts: Parts, as_of: datetime) -> Report:
    """The nightly job at the instant *as_of*: finish what a killed run left, then gather, settle and publish."""
    clock, night = _Clock(), _night(parts, as_of)
    reader, heard = _listen(parts, clock, as_of)
    late, finished = _finish(parts, clock, night)
    with clock.stage("gather"):
        gathered = gather.gather(parts, as_of)
    unproven = gathered.unproven if gathered.reached else None
    settled, published = _settle_and_publish(parts, clock, night, unproven=unproven, is_last=False)
    settled = _sum(late, settled)
    # When the night's own pages are written: what is beyond the feed takes its time.
    texts = _read_texts(parts, clock, as_of)
    consulted = _consult(parts, clock, as_of) if gathered.reached else ()
    _, enriched = _settle_and_publish(parts, clock, night)
    return Report(
        command="run",
        as_of=as_of,
        exit_status=_exit_status(gathered, settled, finished.failed + published.failed + enriched.failed),
        day=gathered.day,
        sources=_with(gathered.sources, texts),
        days=tuple(day_report(parts, day) for day in sorted({gathered.day, *gathered.heard_of})),
        unproven=gathered.unproven,
        papers=gathered.fates,
        settled=settled,
        published=added(added(finished, published), enriched),
        texts=texts,
        questioned=night.told() if night else Questioned(),
        reader=reader,
        rulings=heard,
        outside=consulted,
        failures=tuple(("feed", fault) for fault in gathered.faults)
        + tuple((str(error.paper_id), str(error)) for error in settled.failures),
        seconds=clock.seconds,
        requests=parts.source.requests_made,
    )


def _night(parts: Parts, as_of: datetime) -> Night | None:
    """Who asks a language model, where there is one to ask."""
    if parts.writer is None:
        return None
    from digest.pipeline.llm import Night

    return Night(parts, as_of)


def _read_texts(parts: Parts, clock: _Clock, as_of: datetime, papers: Sequence[PaperId] | None = None) -> TextsRead:
    """Read the night's share of whole texts, or those of *papers*, and mark the pages that they change."""
    if papers is None and parts.text_rules.mode == "off":
        return TextsRead()
    from digest.pipeline import fulltext

    day = as_of.astimezone(UTC).date()
    with clock.stage("texts"):
        return fulltext.follow(parts, day) if papers is None else fulltext.read(parts, papers, day)


def _with(sources: tuple[SourceOutcome, ...], texts: TextsRead) -> tuple[SourceOutcome, ...]:
    return (*sources, texts.fault) if texts.fault else sources


def _consult(parts: Parts, clock: _Clock, as_of: datetime) -> tuple[Consulted, ...]:
    """Hear what others say, and mark the notes of which they say news."""
    if not parts.enrichers:
        return ()
    from digest.pipeline.outside import consult

    with clock.stage("outside"):
        return consult(parts, as_of.astimezone(UTC).date())


def day_report(parts: Parts, day: date) -> DayReport:
    """What the catalogue knows of what arXiv announced on a day."""
    verdicts = parts.catalogue.verdicts(day)
    by_feed = next((v["verdict"] for v in verdicts if v["source"] == FEED and not v["category"]), None)
    told = {v["category"]: Verdict(v["verdict"]) for v in verdicts if v["source"] == witness.LIST and v["category"]}
    others = dict.fromkeys(parts.categories, Verdict(by_feed)) if by_feed else {}
    return DayReport(day=day, counts=parts.catalogue.counts(day, parts.categories), verdicts=others | told)


def _listen(parts: Parts, clock: _Clock, as_of: datetime) -> tuple[Heard, tuple[str, ...]]:
    """Take in what the reader did to the vault, in notes and on keywords' pages, before anything else is decided."""
    with clock.stage("feedback"):
        return feedback.hear(parts, as_of.astimezone(UTC).date()), listen(parts)


def _finish(parts: Parts, clock: _Clock, night: Night | None = None) -> tuple[Settled, Published]:
    """Settle and write what a killed run has left, before anything new is decided."""
    if parts.catalogue.pending() or parts.catalogue.agenda.days():
        parts.vault.sweep()
    return _settle_and_publish(parts, clock, night, is_last=False)


def preview(parts: Parts, as_of: datetime) -> Report:
    """What ``run`` would find at the instant *as_of*; nothing is kept and no page is made."""
    gathered = gather.gather(parts, as_of, keep_records=False)
    return Report(
        command="run --dry-run",
        as_of=as_of,
        exit_status=_exit_status(gathered, Settled(), 0),
        day=gathered.day,
        sources=gathered.sources,
        papers=gathered.fates,
        failures=tuple(("feed", fault) for fault in gathered.faults),
        requests=parts.source.requests_made,
    )


def _exit_status(gathered: Gathered, settled: Settled, refused: int) -> int:
    if not gathered.reached:
        return NOTHING_POSSIBLE
    return (
        GOOD if gathered.is_complete and not gathered.faults and not settled.failures and not refused else SOME_FAILED
    )


def fetch(
    parts: Parts,
    identifiers: Sequence[Identifier],
    refused: Sequence[tuple[str, str]],
    as_of: datetime,
    *,
    full_text: bool = False,
) -> Report:
    """Papers now, by identifier, with their whole text where it is wanted; *refused* are the inputs that were no
    identifiers, with the reason.
    """
    clock, night = _Clock(), _night(parts, as_of)
    reader, heard = _listen(parts, clock, as_of)
    late, finished = _finish(parts, clock, night)
    failures = list(refused)
    found: Lookup | None = None
    outcome = SourceOutcome(source="api", verdict=Verdict.OK)
    with clock.stage("gather"):
        if identifiers:
            try:
                found = parts.source.lookup(identifiers)
            except SourceError as error:
                outcome = SourceOutcome(source="api", verdict=error.verdict, detail=str(error))
                failures += [(str(identifier.id), str(error)) for identifier in identifiers]
        if found is not None:
            failures += [(_told(missing), "arXiv has no such paper") for missing in found.missing]
            outcome = SourceOutcome(source="api", verdict=Verdict.OK, papers=len(found.papers))
            fates = _take(parts, found, as_of)
        else:
            fates = {}
    has_texts = full_text and found is not None
    settled, published = _settle_and_publish(parts, clock, night, is_last=not has_texts)
    settled = _sum(late, settled)
    texts = TextsRead()
    if found is not None and has_texts:
        texts = _read_texts(parts, clock, as_of, sorted({paper.id for paper in found.papers.values()}))
        published = added(published, _settle_and_publish(parts, clock, night)[1])
        failures += [(paper, texts.fault.detail) for paper in texts.unread if texts.fault]
    worked = found is not None and bool(found.papers)
    return Report(
        command="fetch",
        as_of=as_of,
        exit_status=GOOD if not failures else SOME_FAILED if worked else NOTHING_POSSIBLE,
        sources=(outcome,) if identifiers else (),
        papers=fates,
        settled=settled,
        questioned=night.told() if night else Questioned(),
        published=added(finished, published),
        texts=texts,
        reader=reader,
        rulings=heard,
        failures=tuple(failures),
        seconds=clock.seconds,
        requests=parts.source.requests_made,
    )


def _told(identifier: Identifier) -> str:
    return identifier.id if identifier.version is None else f"{identifier.id}v{identifier.version}"


def _take(parts: Parts, found: Lookup, as_of: datetime) -> dict[str, int]:
    """Store papers that were asked for; their announcement day is estimated unless it is known."""
    catalogue = parts.catalogue
    pages = [PageKey("paper", paper.id) for paper in found.papers.values()]
    with catalogue.transaction():
        catalogue.mark(page for page in pages if catalogue.path(page))
    from digest.pipeline.publish import publish

    publish(parts, is_last=False)  # finds the notes that the reader has deleted, and has now asked for again
    today = schedule.feed_day(as_of)
    fates: dict[str, int] = {}
    with catalogue.transaction():
        for paper in sorted(found.papers.values(), key=lambda paper: paper.id):
            catalogue.recall(paper.id)
            day = min(schedule.announcement_day(paper.submitted), today) if paper.submitted else today
            asked = Announcement(paper=paper, kind=AnnounceType.NEW, day=day, estimated=True)
            # with the day after: what was drawn from today's announcements does not wait for what is asked for by hand
            tomorrow = today + timedelta(days=1)
            fate = record.keep(catalogue, asked, noted_on=tomorrow)
            if catalogue.path(PageKey("paper", paper.id)) is None:
                catalogue.settle_anew(paper.id, tomorrow)
            fates[fate] = fates.get(fate, 0) + 1
    return fates


def _settle_and_publish(
    parts: Parts,
    clock: _Clock,
    night: Night | None = None,
    *,
    unproven: Sequence[date] | None = None,
    is_last: bool = True,
) -> tuple[Settled, Published]:
    """Day by day, oldest first: what follows from a day must not depend on when it was told, see ``Agenda``.

    *night*: who asks a language model, if anybody does. *unproven*: days that are not proven complete, where that is
    known. *is_last*: no other round follows in this run.
    """
    agenda = parts.catalogue.agenda
    is_idle = not agenda.days() and not parts.catalogue.pending() and not agenda.vanished()
    is_idle = is_idle and parts.catalogue.terms.are_followed() and authors.is_followed(parts)
    is_idle = is_idle and not (is_last and night is not None and night.has_late)
    if is_idle and (unproven is None or sorted(unproven) == parts.catalogue.days_without_papers()):
        return Settled(), Published()
    from digest.pipeline import citations
    from digest.pipeline import read as reading
    from digest.pipeline.publish import publish
    from digest.pipeline.settle import keep_day_pages

    settled = _settle(parts, clock, night)
    if is_last and night is not None and night.has_late:
        with clock.stage("language model"):
            night.ask_late()
    authors.follow(parts)
    reading.follow(parts)
    citations.follow(parts)
    if unproven is not None:
        keep_day_pages(parts, unproven)
    with clock.stage("publish"):
        published = publish(parts, is_last=is_last)
    if closed := parts.catalogue.watermark(gather.CLOSED):
        with parts.catalogue.transaction():
            agenda.raise_floor(date.fromisoformat(closed))
    return settled, published


def _settle(parts: Parts, clock: _Clock, night: Night | None = None) -> Settled:
    from digest.pipeline.settle import follow_rulings, settle

    agenda, number = parts.catalogue.agenda, 0
    settled = Settled() if parts.catalogue.terms.are_followed() else follow_rulings(parts)
    ask = night.ask if night is not None else None

    def tell(left: int) -> None:
        if number + left > 1:
            parts.progress("drawing conclusions, day by day", number, number + left)

    while days := agenda.days():
        if agenda.is_settled_from(days[0]):
            with parts.catalogue.transaction():
                agenda.rewind(days[0])
            continue
        tell(len(days))
        settled, number = _sum(settled, settle(parts, days[0], clock.stage, ask)), number + 1
    tell(0)
    return settled


def _sum(one: Settled, other: Settled) -> Settled:
    return Settled(
        papers=one.papers + other.papers,
        embedded=one.embedded + other.embedded,
        relinked=one.relinked + other.relinked,
        redrawn=one.redrawn + other.redrawn,
        promoted=one.promoted + other.promoted,
        failures=one.failures + other.failures,
    )


def backfill(parts: Parts, course: backfills.Course, as_of: datetime) -> Report:
    """History: what arXiv announced on the days of *course*, made pages of when all is told."""
    clock = _Clock()
    # Of a backfill under way nothing is concluded before the rest is told: it ends as one that was never killed.
    with clock.stage("feedback"):
        reader = feedback.hear(parts, as_of.astimezone(UTC).date())
    late, finished = (Settled(), Published()) if course.is_resumed else _finish(parts, clock)
    with clock.stage("gather"):
        told = backfills.backfill(parts, course)
    parts.vault.sweep()
    settled, published = _settle_and_publish(parts, clock)
    if told.is_through:
        with parts.catalogue.transaction():
            backfills.close(parts.catalogue)
    failures = [("oai", fault) for fault in told.faults] + [(str(e.paper_id), str(e)) for e in settled.failures]
    is_good = told.is_through and not failures and not finished.failed + published.failed
    return Report(
        command="backfill",
        as_of=as_of,
        exit_status=GOOD if is_good else SOME_FAILED if told.reached or told.is_through else NOTHING_POSSIBLE,
        span=(course.since, course.until),
        sources=told.sources,
        counts=_counts(parts, course),
        papers=dict(told.fates),
        settled=_sum(late, settled),
        published=added(finished, published),
        reader=reader,
        failures=tuple(failures),
        seconds=clock.seconds,
        requests=parts.source.requests_made,
    )


def _counts(parts: Parts, course: backfills.Course) -> tuple[CategoryCount, ...]:
    """What was announced on all days of a backfill together."""
    found: dict[str, list[CategoryCount]] = {}
    for day in course.days:
        for count in parts.catalogue.counts(day, parts.categories):
            found.setdefault(count.category, []).append(count)
    return tuple(
        CategoryCount(
            category=category,
            announced=sum(count.announced for count in counts),
            new=sum(count.new for count in counts),
            cross=sum(count.cross for count in counts),
            replaced=sum(count.replaced for count in counts),
            stored=sum(count.stored for count in counts),
        )
        for category, counts in sorted(found.items())
    )


def amend(parts: Parts, change: Callable[[Parts], str], name: str, as_of: datetime) -> Report:
    """A ruling on keywords, with all that follows from it: decided in one step, and then written.

    *change* writes the ruling down, and says it in a sentence; *name* is the command's.
    """
    from digest.pipeline.settle import follow_rulings

    clock = _Clock()
    reader, heard = _listen(parts, clock, as_of)
    late, finished = _finish(parts, clock)
    with clock.stage("conclude"), parts.catalogue.transaction():
        told = change(parts)
        settled = follow_rulings(parts)
    _, published = _settle_and_publish(parts, clock)
    return Report(
        command=name,
        as_of=as_of,
        exit_status=SOME_FAILED if finished.failed + published.failed else GOOD,
        reader=reader,
        rulings=(*heard, told),
        settled=_sum(late, settled),
        published=added(finished, published),
        seconds=clock.seconds,
    )


def render(parts: Parts, as_of: datetime, *, everything: bool, only: Sequence[PageKey] = ()) -> Report:
    """Make pages again from the catalogue: *only* these, or those of another recipe, or all; files that differ are written."""
    from digest.pipeline import read as reading
    from digest.pipeline.publish import publish

    clock = _Clock()
    with clock.stage("feedback"):
        reader = feedback.hear(parts, as_of.astimezone(UTC).date())
    with clock.stage("publish"):
        if parts.catalogue.pending():
            parts.vault.sweep()  # a killed run has left them
        authors.follow(parts)
        reading.follow(parts)
        with parts.catalogue.transaction():
            if only:
                parts.catalogue.mark(only)
            else:
                parts.catalogue.mark_unrendered(None if everything else parts.renderer.recipe)
        published = publish(parts, anew=everything)
    status = SOME_FAILED if published.failed else GOOD
    return Report(
        command="render",
        as_of=as_of,
        exit_status=status,
        published=published,
        reader=reader,
        seconds=clock.seconds,
    )


def texts(parts: Parts, pages: Sequence[PageKey]) -> Iterator[tuple[str, str]]:
    """Path and text of pages as they would be made anew, with their assets; nothing is written."""
    from digest.model import Page
    from digest.pipeline.publish import render as rendered
    from digest.vault import fresh

    for _, items in rendered(parts, pages):
        for item in items:
            yield item.path, fresh(item).decode() if isinstance(item, Page) else item.content


def wanted_pages(catalogue: Catalogue, wanted: Sequence[str]) -> list[PageKey]:
    """Pages by what a user calls them: a kind (all of it, the newest last), or ``kind:key``, as ``day:2026-02-03``.

    Raises UnknownPage, naming the kinds there are, or keys that are near, for what the vault does not have.
    """
    kinds = catalogue.kinds()
    found = []
    for name in wanted:
        kind, colon, key = name.partition(":")
        if kind not in kinds:
            raise UnknownPage(f"{name!r}: no kind of page here; there are {', '.join(kinds)}")
        keys = [page.key for page in catalogue.pages_of_kind(kind)]
        if colon and key not in keys:
            near = get_close_matches(key, keys, n=3, cutoff=0.5) or keys[-3:]
            raise UnknownPage(f"{name!r}: no such page; there are {len(keys)} of its kind, such as {', '.join(near)}")
        found += [PageKey(kind, k) for k in ([key] if colon else keys)]
    return found
