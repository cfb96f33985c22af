"""Ask sources outside arXiv what they say of papers: each on its own, within its time, as often as it is worth it.

A fault costs a source's night and nothing else. One that has been silent for nights is asked less and less often, at
the cost of one question each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from digest.catalogue.outside import Cause, Due, Silence
from digest.catalogue.store import PageKey
from digest.errors import SourceError
from digest.model import Teller, Testimony
from digest.pipeline.values import Consulted

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts
    from digest.ports import Enricher

YOUNG: Final = 90
"""Days for which a paper's citations are asked for weekly."""

WEEK, MONTH = 7, 30

FRESH: Final = 21
"""Days in which a paper that a source does not know yet may well come to be known."""

YEAR: Final = 365
"""Days after which a paper that a source does not know is not asked for any more."""

LONGEST_REST: Final = 7
"""Nights in a row in which a silent source is not asked."""

LAST: Final = 3.0
"""Seconds that are too few for one more question."""


def again(today: date, announced: date, cause: Cause) -> date | None:
    """When to ask for a paper once more; None: never.

    Weekly while it is young, then monthly. Where the source does not know it, twice a week in its first weeks, and not
    any more after a year.
    """
    age = (today - announced).days
    if cause is Cause.UNKNOWN and age > YEAR:
        return None
    if cause is Cause.UNKNOWN and age <= FRESH:
        return today + timedelta(days=WEEK // 2)
    return today + timedelta(days=WEEK if age <= YOUNG or cause is Cause.UNREADABLE else MONTH)


def silent(today: date, before: Silence | None, why: str) -> Silence:
    """What follows from a night without an answer: after the first the source is asked in the next night as ever,
    then after 1, 3 and 7 nights of rest, and each week from there.
    """
    nights = (before.nights if before else 0) + 1
    rest = min(2 ** min(nights - 1, LONGEST_REST) - 1, LONGEST_REST)
    return Silence(nights=nights, until=today + timedelta(days=1 + rest), why=why)


def consult(parts: Parts, today: date) -> tuple[Consulted, ...]:
    """Ask all sources that are switched on, and mark the notes of which they say news."""
    return tuple(_consult(parts, teller, make, today) for teller, make in parts.enrichers.items())


def _consult(parts: Parts, teller: Teller, make: Callable[[], Enricher], today: date) -> Consulted:
    outside = parts.catalogue.outside
    silence = outside.silence(teller)
    if silence and today < silence.until:
        return Consulted(source=teller, detail=silence.why, rests_until=silence.until)
    night = _Night(parts, today)
    try:
        with closing(make()) as enricher:
            night.ask(enricher)
    except SourceError as error:
        night.told = replace(night.told, verdict=error.verdict, detail=_bare(error))
    told = replace(night.told, source=teller)
    with parts.catalogue.transaction():
        if told.detail and not told.asked:
            outside.set_silence(teller, silent(today, silence, told.detail))
        elif told.asked and silence:
            outside.set_silence(teller, None)
    return told


@dataclass
class _Night:
    """The work with one source; ``told`` grows with each answer, so that a fault loses none of what was heard."""

    parts: Parts
    today: date
    told: Consulted = field(default_factory=lambda: Consulted(source=""))

    def ask(self, enricher: Enricher) -> None:
        """Ask batch by batch, each kept before the next is asked for. Raises SourceError."""
        since = self.today - timedelta(days=enricher.first_after)
        wanted, due = self.parts.catalogue.outside.due(
            enricher.teller, self.today, announced_until=since, limit=self.parts.nightly
        )
        self.told = replace(self.told, left=due)
        try:
            for start in range(0, len(wanted), enricher.batch):
                if enricher.seconds_left < LAST:
                    break
                self.parts.progress(f"asking {enricher.teller}", start, len(wanted))
                self._take(enricher, wanted[start : start + enricher.batch])
        finally:
            self.told = replace(self.told, requests=enricher.requests_made)
            self.parts.progress(f"asking {enricher.teller}", len(wanted), len(wanted))

    def _take(self, enricher: Enricher, batch: Sequence[Due]) -> None:
        catalogue, told = self.parts.catalogue, self.told
        papers = catalogue.papers(one.paper for one in batch)
        said = enricher.ask([papers[one.paper] for one in batch])
        with catalogue.transaction():
            for one in batch:
                cause = _cause(said.get(one.paper, Testimony()))
                when = again(self.today, one.announced, cause)
                is_news = catalogue.outside.record(
                    enricher.teller, one.paper, said.get(one.paper), cause, today=self.today, again=when
                )
                page = PageKey("paper", one.paper)
                if is_news and catalogue.path(page):
                    catalogue.mark([page])
                told = replace(
                    told,
                    asked=told.asked + 1,
                    found=told.found + (cause is Cause.FOUND),
                    unknown=told.unknown + (cause is Cause.UNKNOWN),
                    unreadable=told.unreadable + (cause is Cause.UNREADABLE),
                    news=told.news + is_news,
                    left=told.left - 1,
                )
        self.told = told


def _cause(said: Testimony | None) -> Cause:
    if said is None:
        return Cause.UNKNOWN
    return Cause.FOUND if said.page else Cause.UNREADABLE


def _bare(error: SourceError) -> str:
    """The message without the source that leads it."""
    return str(error).removeprefix(f"{error.source}: ")
