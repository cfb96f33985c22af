"""Everything that can go wrong on arXiv's side, by its name: the verdict, what the reader is told, and that it mends.

Monday is a clean night. Then the fault is played through the whole next night; then it stops and the same night runs
again. ``/abs`` and ``/html`` are no part of this: no command asks for them.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from digest import config, identifiers
from digest.arxiv.raw import RecordingSession
from digest.arxiv.session import PoliteSession, Session
from digest.check import check
from digest.cli.session import instant, prose
from digest.model import Verdict
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.render import labels
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers, parse_faults
from digest.testing.fakes import QuickAssembly, make_home
from digest.testing.serving.faults import CARRIAGE, TWISTS

MONDAY, TUESDAY, WEDNESDAY = "2026-02-02", "2026-02-03", "2026-02-04"
FETCHED = ("2602.90015", "2602.90022")
"""Two papers of Tuesday."""

PAGE = 15
"""Records on a page of OAI: the harvest of ``cs`` has two pages, all others one."""

SLOW = re.compile(r":(stall|drip)")
PYTHON = re.compile(r"\w+(Error|Disconnected|Read|Exception)\(|<string>|Traceback")


# --- the nights ------------------------------------------------------------------------------------------------------


class Impatient(QuickAssembly):
    """Waits for an answer a moment, where the real one waits two minutes."""

    @cached_property
    def session(self) -> Session:
        polite = PoliteSession(
            user_agent="digest/test",
            state_dir=self.home / "user-state",
            request_interval=0,
            page_interval=0,
            timeouts=(5.0, 0.15),
            deadline=0.5,
        )
        return RecordingSession(polite, self.answers, self.catalogue.next_run())


@dataclass(frozen=True, kw_only=True)
class Week:
    """Monday's workspace to be copied, and what the nights after it announce when nothing fails."""

    arxiv: FakeArxiv
    monday: Path
    calm: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)  # day → announcements so far
    notes: dict[str, list[str]] = field(default_factory=dict)  # day → notes' paths so far

    def night(self, home: Path, day: str, faults: str = "") -> commands.Report:
        return self._command(home, day, faults, commands.run)

    def fetch(self, home: Path, day: str, faults: str = "") -> commands.Report:
        asked = [identifiers.parse(text) for text in FETCHED]
        return self._command(home, day, faults, lambda parts, as_of: commands.fetch(parts, asked, (), as_of))

    def _command(self, home: Path, day: str, faults: str, command: Callable[..., commands.Report]) -> commands.Report:
        self.arxiv.as_of, self.arxiv.faults = f"{day}T07:00:00Z", faults
        kind = Impatient if SLOW.search(faults) else QuickAssembly
        assembly = kind(home, config.load(home, demo.settings(self.arxiv.url)))
        with assembly:
            return command(assembly, instant(f"{day}T07:00:00Z"))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    folder = tmp_path_factory.mktemp("week")
    with pytest.MonkeyPatch.context() as patch, FakeArxiv(load_papers(demo.SAMPLE), page_size=PAGE) as arxiv:
        patch.setenv("XDG_STATE_HOME", str(folder / "user-state"))
        week = Week(arxiv=arxiv, monday=make_home(folder / "monday"))
        assert week.night(week.monday, MONDAY).exit_status == GOOD
        calm = shutil.copytree(week.monday, folder / "calm")
        for day in (TUESDAY, WEDNESDAY):
            assert week.night(calm, day).exit_status == GOOD
            week.calm[day], week.notes[day] = announcements(calm), notes(calm)
        yield week


@pytest.fixture
def home(week: Week, tmp_path: Path) -> Path:
    return shutil.copytree(week.monday, tmp_path / "home")


def announcements(home: Path) -> list[tuple[str, ...]]:
    """Every announcement in the catalogue: day, category, paper, kind."""
    with sqlite3.connect(home / "state" / "catalogue.sqlite3") as connection:
        return connection.execute("SELECT day, category, paper_id, kind FROM announcements ORDER BY 1, 2, 3").fetchall()


def notes(home: Path) -> list[str]:
    vault = home / "vault"
    return sorted(path.relative_to(vault).as_posix() for path in vault.glob("2026-*/*.md"))


def told(report: commands.Report) -> str:
    """What the user reads."""
    return "\n".join(prose(report))


def day_page(home: Path, day: str) -> str:
    return (home / "vault" / "digests" / f"daily_digest_{day.replace('-', '')}.md").read_text(encoding="utf-8")


def doubt(source: str, verdict: Verdict) -> str:
    """The words of a page's line on a source that failed."""
    words = labels.load("en").words
    return f"> - {words[f'source_{source}']} {words['verdict_' + verdict.replace(' ', '_')]}"


def outcome(report: commands.Report, source: str) -> Verdict:
    (found,) = [s.verdict for s in report.sources if s.source == source]
    return found


# --- the table -------------------------------------------------------------------------------------------------------


def row(faults: str, verdict: Verdict, *words: str, status: int = GOOD) -> Any:
    """A fault; the verdict on the source of the last of *faults*; words of the sentence on it; the exit status."""
    return pytest.param(faults, verdict, words, status, id=faults)


OK, BLOCKED, THROTTLED, UNREACHABLE = Verdict.OK, Verdict.BLOCKED, Verdict.THROTTLED, Verdict.UNREACHABLE
CUT, MALFORMED, EMPTY = Verdict.CUT_SHORT, Verdict.MALFORMED, Verdict.EMPTY_UNEXPECTED


def carried(where: str, lacking: int, *, blocked: int | None = None, first: str = "") -> list[Any]:
    """What can happen to any answer on its way, to the last try.

    *lacking* is the status of a night without this source, *blocked* that of one that is refused; *first* is a fault
    that must be for this source to be asked.
    """

    def at(name: str, verdict: Verdict, *words: str, status: int = lacking) -> Any:
        return row(f"{first}{where}:{name}", verdict, *words, status=status)

    return [
        at("403", BLOCKED, "HTTP 403", "ask arXiv before trying again", status=lacking if blocked is None else blocked),
        at("406", THROTTLED, "HTTP 406"),
        at("429", THROTTLED, "HTTP 429"),
        at("429=absurd", THROTTLED, "asks to wait for 99999999999 s; run again later"),
        at("503", UNREACHABLE, "HTTP 503"),
        at("rate-200", THROTTLED, "was told 'Rate exceeded.'"),
        at("redirect", OK, status=GOOD),
        at("redirect-loop", MALFORMED, "redirects to", "not followed"),
        at("stall", UNREACHABLE, "gives no answer in time"),
        at("stall-body", UNREACHABLE, "stalled after", "bytes"),
        at("drip", UNREACHABLE, "still coming after"),
        at("reset", UNREACHABLE, "the connection broke"),
        at("cut", CUT, "ends early", "try again later"),
        at("cut-short", CUT, "broke off after", "bytes"),
        at("empty-body", CUT, "is empty", "try again later"),
        at("outage", MALFORMED, "a web page titled 'arXiv is temporarily unavailable'"),
        at("bomb=70", MALFORMED, "larger than", "bytes"),
        at("random=0.3/1", OK, status=GOOD),
    ]


def overcome(where: str) -> list[Any]:
    """What another try brings over. All sources are asked by the same session, so it is not asked of each."""
    names = ["406:1", "429:2", "429=date:1", "503:2", "rate-200:1", "stall:1", "reset:2", "cut:1", "cut-short:1"]
    return [row(f"{where}:{name}", OK) for name in names]


# All of arXiv is one host here: a 403 for the feed stops the questions to OAI too.
FEED = [
    *carried("feed", GOOD, blocked=NOTHING_POSSIBLE),
    *overcome("feed"),
    row("feed:400", MALFORMED, "HTTP 400"),
    row("feed:404", MALFORMED, "HTTP 404"),
    row("feed:500", UNREACHABLE, "HTTP 500"),
    row("feed:429=garbage", THROTTLED, "HTTP 429"),
    row("feed:503=absurd", THROTTLED, "HTTP 503", "asks to wait"),
    row("feed:error", MALFORMED, "arXiv says: Invalid archive or subject class"),
    row("feed:empty", EMPTY, "the feed is empty", "expects papers on 2026-02-03"),
    row("feed:stale", Verdict.STALE, "still shows an earlier day's papers"),
    row("feed:behind", Verdict.STALE, "still shows an earlier day's papers"),
    row("feed:lag", OK),
    row("feed:cap=5", CUT, "are missing from the feed of 2026-02-03"),
]

OAI = [
    *carried("oai", SOME_FAILED),
    row("oai:503:2", OK),
    row("oai:no-records", EMPTY, "noRecordsMatch", status=SOME_FAILED),
    row("oai:bad-token", CUT, "badResumptionToken", status=SOME_FAILED),
    row("oai:duplicate-page", OK),  # what came twice is taken once
    row("oai:page-500", OK),  # asked for category by category, it comes whole
    row("oai:lost", OK),  # no reader can see it; the next harvest goes back three days
    row("oai:behind", OK),  # arXiv's own habit: the harvest follows the announcement by hours
    row("oai:empty-token", CUT, "the list of cs from", "was cut", status=SOME_FAILED),
]

LISTING = [
    *carried("list", SOME_FAILED, first="feed:empty,"),
    row("feed:empty,list:503:2", OK),
    row("feed:empty,list:stale", Verdict.WAITING, "still that of 2026-02-02", status=SOME_FAILED),
    row("feed:empty,list:behind", Verdict.WAITING, "still that of 2026-02-02", status=SOME_FAILED),
    row("feed:empty,list:empty", EMPTY, "others have told of papers", status=SOME_FAILED),
]

# Asked for Tuesday on Wednesday, after a night without a run.
CATCH_UP = [
    *carried("catchup", SOME_FAILED),
    row("catchup:behind", OK),  # a day behind, it still has Tuesday
    row("catchup:empty", EMPTY, "others have told of papers", status=SOME_FAILED),
]

LOOKUP = [
    row("feed:empty,oai:no-records,api:503", UNREACHABLE, "api: HTTP 503", status=SOME_FAILED),
    row("feed:empty,oai:no-records,api:403", BLOCKED, "api: HTTP 403", status=SOME_FAILED),
    row("feed:empty,oai:no-records,api:empty-page", EMPTY, "0 papers came of 12", status=SOME_FAILED),
    row("feed:empty,oai:no-records,api:short-page", CUT, "11 papers came of 12", status=SOME_FAILED),
]

API = [
    *carried("api", NOTHING_POSSIBLE),
    row("api:empty-page", EMPTY, "0 papers came of 2", status=NOTHING_POSSIBLE),
    row("api:short-page", CUT, "1 papers came of 2", status=NOTHING_POSSIBLE),
    row("api:old-error", MALFORMED, "arXiv refuses the question", status=NOTHING_POSSIBLE),
    row("api:behind", OK, "arXiv has no such paper", status=NOTHING_POSSIBLE),
]


def judging(faults: str) -> str:
    """The source whose verdict tells of the last of *faults*; what the pages say, and what is looked up for them, is one."""
    last = parse_faults(faults)[-1].where
    return last if last in ("feed", "oai") else "list"


@pytest.mark.parametrize(("faults", "verdict", "words", "status"), [*FEED, *OAI, *LISTING, *CATCH_UP, *LOOKUP])
def test_a_night_with_a_fault_says_so_and_the_next_run_mends_it(week, home, faults, verdict, words, status):
    """The verdict is right; a night that calls itself good lacks nothing, another says what is wrong in the report and on
    the day's page; nothing is made up; one more run, and every announcement and note is there, once.
    """
    night = WEDNESDAY if faults.startswith("catchup") else TUESDAY
    source = judging(faults)

    report = week.night(home, night, faults)

    assert (outcome(report, source), report.exit_status) == (verdict, status)
    assert_tells(report, source, verdict, words)
    assert set(announcements(home)) <= set(week.calm[night])
    if status == GOOD:
        assert announcements(home) == week.calm[night]
    if status == SOME_FAILED:
        assert doubt(source, verdict) in day_page(home, TUESDAY)
    mended = week.night(home, night)
    assert (mended.exit_status, mended.failures) == (GOOD, ())
    assert announcements(home) == week.calm[night]
    assert notes(home) == week.notes[night]
    assert check(home / "vault").findings == ()
    assert "[!warning]" not in day_page(home, TUESDAY)


@pytest.mark.parametrize(
    "faults",
    [
        "feed:503",
        "feed:503,oai:503",
        "feed:403",
        "feed:empty,list:503",
        "feed:stale,list:stale",
        "feed:cut,oai:cut,list:cut",
        "feed:empty,oai:no-records,api:503",
        "feed:cap=5",
        "feed:empty,list:empty",
    ],
)
def test_the_next_night_makes_up_for_one_that_is_not_run_again(week, home, faults):
    """Nobody runs Tuesday again: with Wednesday's run come Tuesday's announcements, under Tuesday."""
    week.night(home, TUESDAY, faults)
    report = week.night(home, WEDNESDAY)
    assert (report.exit_status, report.failures) == (GOOD, ())
    assert announcements(home) == week.calm[WEDNESDAY]
    assert notes(home) == week.notes[WEDNESDAY]
    assert check(home / "vault").findings == ()


@pytest.mark.parametrize(("faults", "verdict", "words", "status"), API)
def test_papers_by_hand_say_what_failed_and_come_when_it_is_over(week, home, faults, verdict, words, status):
    """What fails is told of each paper; asked for again they come; and the night then announces them as ever, once."""
    report = week.fetch(home, TUESDAY, faults)

    assert (outcome(report, "api"), report.exit_status) == (verdict, status)
    assert_tells(report, "api", verdict, words)
    assert [what for what, _ in report.failures] == ([] if status == GOOD else list(FETCHED))
    assert week.fetch(home, TUESDAY).exit_status == GOOD
    assert week.night(home, TUESDAY).exit_status == GOOD
    assert announcements(home) == week.calm[TUESDAY]
    assert notes(home) == week.notes[TUESDAY]
    assert check(home / "vault").findings == ()


def assert_tells(report: commands.Report, source: str, verdict: Verdict, words: tuple[str, ...]) -> None:
    """A line on *source* with the verdict, where it is not good; and *words* somewhere."""
    lines = [line for line in told(report).splitlines() if line.startswith(f"{source}: ")]
    assert [line.startswith(f"{source}: {verdict.value}: ") for line in lines] == (
        [] if verdict.is_complete else [True]
    )
    for word in words:
        assert word in told(report)


@pytest.mark.parametrize("where", ["feed", "oai", "list", "catchup", "api"])
def test_the_table_has_every_fault(where):
    rows = [*FEED, *OAI, *LISTING, *CATCH_UP, *LOOKUP, *API]
    played = {fault.name for p in rows for fault in parse_faults(p.values[0]) if fault.where == where}
    assert {*CARRIAGE, *TWISTS[where], "403", "406", "429", "503"} <= played


# --- sentences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", ["feed:503,oai:503", "feed:reset,oai:reset", "feed:403"])
def test_a_night_without_arxiv_changes_nothing_and_says_so(week, home, faults):
    before, page = announcements(home), day_page(home, MONDAY)
    report = week.night(home, TUESDAY, faults)
    assert report.exit_status == NOTHING_POSSIBLE
    assert "arXiv is out of reach: nothing was changed" in told(report)
    assert (announcements(home), day_page(home, MONDAY)) == (before, page)


def test_who_is_refused_is_not_told_to_try_again(week, home):
    """The same report says "stop, and ask arXiv before trying again"."""
    assert "Run it again later" not in told(week.night(home, TUESDAY, "feed:403"))


def test_counts_of_an_earlier_day_are_not_told_as_tonight_s(week, home):
    assert not re.search(r"^\S+: \d+ announced", told(week.night(home, TUESDAY, "feed:503,oai:503")), re.M)


def test_what_was_stored_is_not_called_unannounced(week, home):
    """The listing has told of all of Tuesday's papers, and they are in the vault."""
    report = week.night(home, TUESDAY, "feed:stale")
    assert notes(home) == week.notes[TUESDAY]
    assert "are not out yet" not in told(report)


@pytest.mark.parametrize("fault", ["reset", "cut", "cut-short"])
def test_the_reader_is_told_no_python(week, home, fault):
    assert not PYTHON.search(told(week.night(home, TUESDAY, f"feed:{fault}")))
