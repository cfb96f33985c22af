"""What arXiv has announced by a night, told from a papers file alone, and a life of many nights to compare with it.

Nothing here asks ``digest.arxiv`` or ``digest.decide``: who is announced where, when and as what is written down a second
time, so that a mistake there does not agree with itself.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from digest import config
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, random_faults
from digest.testing.fakes import make_home
from digest.testing.serving.faults import Fault, parse_faults
from digest.testing.storms import HastyAssembly

DAY = timedelta(days=1)

Row = tuple[str, str, str, str]
"""An announcement: day, category, paper, kind."""

Record = Mapping[str, Any]
"""A paper as the fake arXiv takes it."""


def announced(papers: Iterable[Record], followed: Collection[str]) -> frozenset[Row]:
    """Every announcement of *papers* in the *followed* categories; a withdrawal is a version more."""
    return frozenset(row for paper in papers for row in _rows(paper, followed))


def _rows(paper: Record, followed: Collection[str]) -> Iterator[Row]:
    one, primary, first = paper["id"], paper["categories"][0], paper["first_seen"]
    since: dict[str, str] = dict.fromkeys(paper["categories"], first) | {
        c["category"]: c["announced"] for c in paper.get("crosses", ())
    }
    for category in sorted(since.keys() & set(followed)):
        yield since[category], category, one, "new" if category == primary else "cross"
        for day in _replaced(paper):
            if day > since[category]:
                yield day, category, one, "replace" if category == primary else "replace-cross"


def _replaced(paper: Record) -> set[str]:
    """The days on which a version from the second to the fifth is announced; of later ones no feed tells."""
    days = sorted({version["announced"] for version in paper.get("versions", ())})
    return {*days[:4], *([paper["withdrawn"]["announced"]] if "withdrawn" in paper and len(days) < 4 else ())}


def enriched(papers: Sequence[Record], followed: Sequence[str]) -> list[Record]:
    """*papers* with what a file of first announcements lacks: every 9th is replaced later, and of the others every 13th
    joins another followed category later.
    """
    days = sorted({paper["first_seen"] for paper in papers})
    return [{**paper, **_later(number, paper, days, followed)} for number, paper in enumerate(papers)]


def _later(number: int, paper: Record, days: Sequence[str], followed: Sequence[str]) -> dict[str, Any]:
    after = days[days.index(paper["first_seen"]) + 1 :]
    strange = [category for category in followed if category not in paper["categories"]]
    found: dict[str, Any] = {}
    if number % 9 == 0 and len(after) > 1 + number % 5:
        changed = {"title": f"{paper['title']}, Revised"} if number % 2 else {"comment": "a second version"}
        found["versions"] = [{"version": 2, "announced": after[number % 5], **changed}]
    elif number % 13 == 0 and strange and len(after) > number % 7:
        category = strange[number % len(strange)]
        found["crosses"] = [{"category": category, "announced": after[number % 7]}]
    return found


# --- the nights ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather:
    """What each night's faults are made of; the same for a seed and night."""

    rate: float  # of requests that fail at random
    named: tuple[str, ...] = ()  # of these none to two beside that, all night long
    attempts: int = 5  # how often a question is asked before it is given up; 1: each fault is a question unanswered

    def faults(self, seed: int, night: date) -> tuple[Fault, ...]:
        dice = random.Random(f"{seed}, {night}")
        chosen = dice.sample(self.named, dice.choice((0, 0, 1, 2))) if self.named else []
        return (*parse_faults(chosen), *random_faults(dice.randrange(10**9), self.rate))


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """One run, and what the catalogue had after it."""

    day: date
    report: Mapping[str, Any]
    rows: frozenset[Row]
    papers: frozenset[str]
    unproven: tuple[date, ...]  # of the days with a mailing so far
    faults: tuple[str, ...]  # that were played, one a request

    @property
    def status(self) -> int:
        return int(self.report["exit_status"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """The last night is calm."""

    home: Path
    nights: tuple[Night, ...]
    expected: frozenset[Row]  # every announcement up to the last night
    requests: int
    seconds: float

    @property
    def missed(self) -> list[Row]:
        return sorted(self.expected - self.nights[-1].rows)

    @property
    def made_up(self) -> list[Row]:
        return sorted(self.nights[-1].rows - self.expected)

    def __str__(self) -> str:
        """The figures."""
        statuses = [night.status for night in self.nights]
        failed = sum(len(night.faults) for night in self.nights)
        return (
            f"{len(self.nights)} nights ({', '.join(f'{statuses.count(n)} ended with {n}' for n in (0, 1, 2))}); "
            f"{self.requests} requests, {failed} failed; {len(self.nights[-1].papers)} papers, "
            f"{len(self.expected)} announcements: {len(self.missed)} missed, {len(self.made_up)} made up; "
            f"{self.seconds:.0f} s"
        )


def live(
    papers: Sequence[Record],
    followed: Sequence[str],
    nights: Sequence[date],
    weather: Weather,
    home: Path,
    *,
    seed: int,
) -> Life:
    """Run ``digest run`` at 07:00Z of each of *nights* in the new workspace *home*; the last night is calm."""
    make_home(home)
    begin = time.monotonic()
    found: list[Night] = []
    with FakeArxiv(papers) as arxiv:
        for day in nights:
            arxiv.faults = weather.faults(seed, day) if day < nights[-1] else ()
            found.append(night(arxiv, home, followed, (nights[0], day), attempts=weather.attempts))
    first, last = nights[0].isoformat(), nights[-1].isoformat()
    rows = frozenset(row for row in announced(papers, followed) if first <= row[0] <= last)
    seconds = time.monotonic() - begin
    return Life(home=home, nights=tuple(found), expected=rows, requests=len(arxiv.requests), seconds=seconds)


def night(arxiv: FakeArxiv, home: Path, followed: Sequence[str], span: tuple[date, date], *, attempts: int) -> Night:
    """Run ``digest run`` at 07:00Z of the last day of *span*, which begins with the first night."""
    first, day = span
    moment = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    arxiv.as_of, before = moment, len(arxiv.requests)
    parts = HastyAssembly(home, config.load(home, demo.settings(arxiv.url, json.dumps(list(followed)))))
    parts.attempts = attempts
    with parts:
        catalogue = parts.catalogue
        report = commands.run(parts, moment)
        catalogue.add_run(report.command, moment.isoformat(), report.exit_status, json.dumps(report.as_dict()))
        mailings = [one for one in arxiv.archive.labels if first <= one <= day]
        unproven = tuple(one for one in mailings if not catalogue.is_proven(one))
    rows, known = recorded(home)
    faults = tuple(one.fault for one in arxiv.requests[before:] if one.fault)
    return Night(day=day, report=report.as_dict(), rows=rows, papers=known, unproven=unproven, faults=faults)


def recorded(home: Path) -> tuple[frozenset[Row], frozenset[str]]:
    """What a workspace's catalogue has: announcements, and papers."""
    with closing(sqlite3.connect(home / "state" / "catalogue.sqlite3")) as connection:
        rows = connection.execute("SELECT day, category, paper_id, kind FROM announcements").fetchall()
        papers = connection.execute("SELECT id FROM papers").fetchall()
    return frozenset(rows), frozenset(paper for (paper,) in papers)


def announced_days(home: Path) -> dict[str, str]:
    """The announced day of every paper with a note."""
    with closing(sqlite3.connect(home / "state" / "catalogue.sqlite3")) as connection:
        return dict(connection.execute("SELECT id, announced FROM papers WHERE noted"))
