"""Living through a history while things go wrong, and telling what is left of it.

A *storm* says for each night what arXiv does (``digest.testing.serving.faults``) and when the process is killed. A kill
is a real one: the night runs in a forked process that sends itself SIGKILL before the n-th thing it does that reaches
the disk (a statement of the catalogue, a file opened for writing, a rename …), so that nothing is cleaned up.

    python -m digest.testing.storms SEED [--weather NAME] [--minimise]

lives one history twice, in the storm and in calm, and prints what differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from digest import config
from digest.arxiv.session import PoliteSession
from digest.assemble import shipped
from digest.catalogue.store import Catalogue
from digest.keywords.background import Background
from digest.keywords.extract import Extractor
from digest.pipeline import commands
from digest.render.renderer import Renderer
from digest.summary.choose import Summariser
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, random_faults
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes
from digest.testing.histories import History, make_history
from digest.testing.serving.faults import Fault, parse_faults

PAGE_SIZE = 5
"""Records on a page of OAI: a harvest has to turn pages."""

BUG = 70
"""The exit status of a forked night that ended in a traceback."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """SIGKILL before the *number*-th effect of the kind *at*: ``sql``, ``commit``, ``file``, ``rename``, ``ask``."""

    at: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """What goes wrong on one night: it is begun once for each kill and, unless *abandoned*, once more with the faults.

    With *again* it is then run without faults at the same moment.
    """

    faults: tuple[Fault, ...] = ()
    kills: tuple[Kill, ...] = ()
    abandoned: bool = False
    again: bool = False


EFFECTS = {
    "os.rename": ("file", "rename"),
    "os.remove": ("file",),
    "os.mkdir": ("file",),
    "socket.connect": ("ask",),
}
"""Python's audit events, beside a file opened for writing, and the kinds of effects that they are."""

Rows = Mapping[tuple[Any, ...], Mapping[str, Any]]
"""A table's rows by primary key."""

Storm = Mapping[datetime, Trouble]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather:
    """What a storm is made of; *from_night* spares the nights before."""

    faults: tuple[str, ...] = ()  # named faults to choose from
    random: bool = False  # and answers that fail at random
    kills: bool = False
    abandons: bool = False  # a killed night may be left at that
    again: bool = True  # a night with faults is run once more when they are over
    from_night: int = 0


VISIBLE = (
    *("any:429", "any:500", "any:503", "any:reset", "any:cut", "any:cut-short", "any:empty-body", "any:outage"),
    *("any:rate-200", "any:403", "feed:503", "feed:cut", "feed:error", "oai:503", "oai:cut", "oai:429"),
    *("oai:bad-token", "oai:page-500", "api:empty-page", "api:short-page", "api:old-error", "api:503"),
    *("list:503", "list:outage", "catchup:503", "catchup:cut", "site:403"),
)
"""Faults that show in the answer itself."""

DOUBTFUL = ("feed:empty", "feed:stale", "feed:lag", "list:stale", "oai:no-records", "oai:duplicate-page")
"""Answers in good order that the calendar, the catalogue or another witness contradicts."""

LIES = ("feed:behind", "oai:behind", "oai:empty-token", "oai:lost", "list:empty", "catchup:empty", "feed:cap=2")
"""Answers in good order that nothing in them contradicts."""


def make_storm(history: History, weather: Weather) -> Storm:
    """The same for a history's seed; the last night is always calm."""
    dice = random.Random(f"storm {history.seed}")
    return {night: _trouble(dice, weather) for night in history.nights[weather.from_night : -1]}


def _trouble(dice: random.Random, weather: Weather) -> Trouble:
    faults: list[Fault] = []
    if weather.random and dice.random() < 0.35:
        faults += random_faults(dice.randrange(10**6), dice.choice((0.2, 0.5, 0.9)))
    if weather.faults and dice.random() < 0.35:
        named = dice.sample(weather.faults, dice.choice((1, 1, 2, 3)))
        faults += parse_faults([name + dice.choice(("", "", ":1", ":3", ":8")) for name in named])
    kills = [_kill(dice) for _ in range(dice.choice((0, 0, 1, 1, 2)) if weather.kills else 0)]
    return Trouble(
        faults=tuple(faults),
        kills=tuple(kills),
        abandoned=bool(kills) and weather.abandons and dice.random() < 0.3,
        again=bool(faults) and weather.again,
    )


def _kill(dice: random.Random) -> Kill:
    at, most = dice.choice((("sql", 3000), ("commit", 14), ("file", 200), ("rename", 60), ("ask", 6)))
    return Kill(at=at, number=round(most ** dice.random()))


# --- living through it -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Life:
    """What happened beside what is left."""

    statuses: list[int] = field(default_factory=list)  # of nights that came to an end
    killed: int = 0
    requests: int = 0
    failed: int = 0  # requests on which a fault was played


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What is left of a history: the vault's bytes by path, the catalogue's tables by name."""

    vault: Mapping[str, bytes]
    catalogue: Mapping[str, Rows]


_extractor = cache(Extractor.load)
_summariser = cache(Summariser.load)
_background = cache(Background.load)


@cache
def _renderer() -> Renderer:
    return Renderer(templates=(shipped("templates"),))


class HastyAssembly(QuickAssembly):
    """A workspace's parts that never sleep, however long arXiv asks to wait, and do not wait for the disk: SIGKILL takes
    nothing from a file that was written. What is the same for all workspaces is loaded once in this process.
    """

    @cached_property
    def extractor(self) -> Extractor:
        return _extractor()

    @cached_property
    def summariser(self) -> Summariser:
        return _summariser()

    @cached_property
    def background(self) -> Background:
        return _background()

    @cached_property
    def renderer(self) -> Renderer:
        return _renderer()

    @cached_property
    def catalogue(self) -> Catalogue:
        catalogue = Catalogue(self.state / "catalogue.sqlite3")
        catalogue.connection.execute("PRAGMA synchronous = OFF")
        return catalogue

    attempts = 5
    """After so many a question is given up."""

    def _polite_session(self) -> PoliteSession:
        return PoliteSession(
            user_agent="digest (a test)",
            state_dir=self.home / "user",
            request_interval=0,
            page_interval=0,
            sleep=lambda _: None,
            attempts=self.attempts,
        )


def live(history: History, storm: Storm, home: Path) -> tuple[Left, Life]:
    """Run every night of *history* in the new workspace *home*, with what *storm* has for it."""
    life = Life()
    make_home(home)
    with FakeArxiv(history.papers, page_size=PAGE_SIZE) as arxiv:
        environment = demo.settings(arxiv.url, json.dumps(history.categories))
        for night in history.nights:
            arxiv.as_of = night
            _live_night(arxiv, home, environment, night, storm.get(night, Trouble()), life)
        life.requests = len(arxiv.requests)
        life.failed = sum(bool(one.fault) for one in arxiv.requests)
    return left(home), life


def _live_night(
    arxiv: FakeArxiv, home: Path, environment: Mapping[str, str], night: datetime, trouble: Trouble, life: Life
) -> None:
    arxiv.faults = trouble.faults
    for kill in trouble.kills:
        if not _killed(home, environment, night, kill):
            break
        life.killed += 1
    if not trouble.abandoned:
        life.statuses.append(run_night(home, environment, night))
    arxiv.faults = ()
    if trouble.again:
        life.statuses.append(run_night(home, environment, night))


def run_night(home: Path, environment: Mapping[str, str], night: datetime) -> int:
    """One ``digest run`` in this process; its exit status."""
    assembly = HastyAssembly(home, config.load(home, environment))
    with assembly:
        catalogue = assembly.catalogue
        report = commands.run(assembly, night)
        catalogue.add_run(report.command, night.isoformat(), report.exit_status, json.dumps(report.as_dict()))
    return report.exit_status


def _killed(home: Path, environment: Mapping[str, str], night: datetime, kill: Kill) -> bool:
    """Run a night in a process that is killed; False when it came to its end before that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: the fake arXiv stays behind
        child = os.fork()
    if not child:
        _die(lambda: run_night(home, environment, night), kill)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status) not in (commands.GOOD, commands.SOME_FAILED, commands.NOTHING_POSSIBLE):
        raise RuntimeError(f"the night {night} with {kill} ended in a traceback (on standard error)")
    return False


def _die(night: Callable[[], int], kill: Kill) -> None:
    """In the forked process: live until the kill, and never return."""
    try:
        reap(kill)
        status = night()
    except BaseException:  # noqa: BLE001 - whatever it is, nothing of the parent may run here
        traceback.print_exc()
        status = BUG
    os._exit(status)


def reap(kill: Kill) -> None:
    """Count effects before they happen, in this process and for ever: in what reaches the disk and in SQL."""
    seen = 0
    connect = sqlite3.connect

    def count(*kinds: str) -> None:
        nonlocal seen
        seen += kill.at in kinds
        if seen >= kill.number:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(sql: str) -> None:
        count("sql", *(("commit",) if sql.startswith("COMMIT") else ()))

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(statement)
        return connection

    def hook(event: str, told: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(told[2], int) and told[2] & (os.O_WRONLY | os.O_RDWR):
            count("file")
        elif event in EFFECTS:
            count(*EFFECTS[event])

    sqlite3.connect = connected  # type: ignore[assignment]
    sys.addaudithook(hook)


# --- what is left ----------------------------------------------------------------------------------------------------

TABLES = (
    *("papers", "paper_categories", "versions", "announcements", "paper_terms", "terms", "decisions", "keywords"),
    *("keyword_forms", "neighbours", "links", "spread", "pages", "files", "queue", "pending"),
    *("definitions", "acronyms", "term_cells", "term_days", "trends", "followed", "page_aliases"),
)
"""What two lives are compared by; not what each has asked when, and what it was answered."""


def left(home: Path) -> Left:
    with closing(sqlite3.connect(home / "state" / "catalogue.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        rows = {table: _rows(connection, table) for table in TABLES}
    return Left(vault=vault_bytes(home / "vault"), catalogue=rows)


def _rows(connection: sqlite3.Connection, table: str) -> Rows:
    keys = [column["name"] for column in connection.execute(f"PRAGMA table_info({table})") if column["pk"]]
    found = {tuple(row[key] for key in keys): dict(row) for row in connection.execute(f"SELECT * FROM {table}")}
    for row in found.values():
        if table == "pages" and row["kind"] != "keyword":
            row["since"] = ""  # of no use but to keywords
    return found


def differences(stormy: Left, calm: Left, tables: Sequence[str] = TABLES, *, vault: bool = True) -> list[str]:
    """A line each for what only one of the two has or says, in the order of *tables*, then the vault's files."""
    found = [
        f"{table} {' '.join(map(str, key))}: {_unlike(stormy.catalogue[table].get(key), calm.catalogue[table].get(key))}"
        for table in tables
        for key in sorted({*stormy.catalogue[table], *calm.catalogue[table]})
        if stormy.catalogue[table].get(key) != calm.catalogue[table].get(key)
    ]
    return found + [f"{path}: {_unlike_files(stormy, calm, path)}" for path in _unequal(stormy, calm) if vault]


def _unlike(stormy: Mapping[str, Any] | None, calm: Mapping[str, Any] | None) -> str:
    if stormy is None or calm is None:
        return f"only in calm: {calm}" if stormy is None else f"only in the storm: {stormy}"
    return "; ".join(f"{c} is {stormy[c]!r}, in calm {calm[c]!r}" for c in calm if stormy[c] != calm[c])


def _unequal(stormy: Left, calm: Left) -> list[str]:
    return sorted(p for p in {*stormy.vault, *calm.vault} if stormy.vault.get(p) != calm.vault.get(p))


def _unlike_files(stormy: Left, calm: Left, path: str) -> str:
    if path not in calm.vault or path not in stormy.vault:
        return "only in the storm" if path in stormy.vault else "only in calm"
    one, other = stormy.vault[path].decode().splitlines(), calm.vault[path].decode().splitlines()
    mine, theirs = [x for x in one if x not in other], [x for x in other if x not in one]
    return f"{mine[:2]}, in calm {theirs[:2]}"


# --- a smaller history that shows the same ---------------------------------------------------------------------------


def minimise(history: History, storm: Storm, fails: Callable[[History, Storm], bool]) -> tuple[History, Storm]:
    """Leave out papers, nights and troubles, one at a time, while *fails* is true of what is left."""
    smaller = True
    while smaller:
        smaller = False
        for one, its in _reduced(history, storm):
            if fails(one, its):
                history, storm, smaller = one, its, True
                break
    return history, storm


def _reduced(history: History, storm: Storm) -> Iterator[tuple[History, Storm]]:
    for size in (16, 4, 1):
        for start in range(0, len(history.papers), size):
            yield replace(history, papers=history.papers[:start] + history.papers[start + size :]), storm
    for night in storm:
        yield history, {other: trouble for other, trouble in storm.items() if other != night}
    for night in history.nights[1:-1]:
        yield replace(history, nights=tuple(n for n in history.nights if n != night)), storm
    for night, trouble in storm.items():
        for part in ("faults", "kills"):
            told = getattr(trouble, part)
            for number in range(len(told)):
                yield history, {**storm, night: replace(trouble, **{part: told[:number] + told[number + 1 :]})}


# --- the command line ------------------------------------------------------------------------------------------------

WEATHERS = {
    "kills": Weather(kills=True),
    "faults": Weather(faults=(*VISIBLE, *DOUBTFUL), random=True, kills=True),
    "lies": Weather(faults=(*VISIBLE, *DOUBTFUL, *LIES), random=True, kills=True),
    # where the first night comes to nothing, the catalogue may begin with the second
    "unmended": Weather(
        faults=(*VISIBLE, *DOUBTFUL), random=True, kills=True, abandons=True, again=False, from_night=1
    ),
}
"""``faults`` and ``lies`` are run once more when they are over, each night; after ``unmended`` ones comes the next night."""


def compare(history: History, storm: Storm, folder: Path) -> tuple[list[str], Life]:
    """What differs between a life in the storm and one in calm, both in new workspaces below *folder*."""
    stormy, life = live(history, storm, folder / "storm")
    calm, _ = live(history, {}, folder / "calm")
    return differences(stormy, calm), life


def main(arguments: Sequence[str] | None = None) -> int:
    """Status 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="python -m digest.testing.storms", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--weather", choices=WEATHERS, default="kills")
    parser.add_argument("--weeks", type=int, default=4, help="of which a history is at most long")
    parser.add_argument("--minimise", action="store_true", help="print the smallest history that still differs")
    options = parser.parse_args(arguments)
    history = make_history(options.seed, weeks=options.weeks)
    storm = make_storm(history, WEATHERS[options.weather])
    if options.minimise:
        history, storm = minimise(history, storm, _differs)
        _say(*history.papers, *history.nights, *(f"{night}: {trouble}" for night, trouble in storm.items()))
    with tempfile.TemporaryDirectory() as folder:
        found, life = compare(history, storm, Path(folder))
    _say(*found, life)
    return int(bool(found))


def _differs(history: History, storm: Storm) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return bool(compare(history, storm, Path(folder))[0])


def _say(*lines: object) -> None:
    print(*lines, sep="\n")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
