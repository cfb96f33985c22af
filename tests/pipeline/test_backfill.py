"""``digest backfill``: history on the fake arXiv, of which nobody has seen a night."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest import config
from digest.arxiv import schedule
from digest.check import check
from digest.errors import ConfigError
from digest.model import Verdict
from digest.pipeline import backfill as backfills
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.render import labels
from digest.testing import demo, histories, mailings, storms
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import make_home

ENGLISH = Path(labels.__file__).with_name("locales") / "en.toml"
HISTORY = histories.make_mailings(11, mailings=95, papers=3)
FOLLOWED = HISTORY.categories
MORNING = next(night for night in reversed(HISTORY.nights[:-5]) if night.weekday() == 2)  # the first night's
LATER = [night for night in HISTORY.nights if night > MORNING]
TODAY = MORNING.date()
LAST = TODAY - timedelta(days=1)
REACH = TODAY - timedelta(days=90)
FIRST = REACH - timedelta(days=28)
TRUTH = mailings.announced(HISTORY.papers, FOLLOWED)
PAPERS = {paper["id"]: paper for paper in HISTORY.papers}


def assembly(
    home: Path, arxiv: FakeArxiv, *, attempts: int = 5, followed: tuple[str, ...] = FOLLOWED
) -> storms.HastyAssembly:
    made = storms.HastyAssembly(home, config.load(home, demo.settings(arxiv.url, json.dumps(list(followed)))))
    made.attempts = attempts
    return made


def backfill(
    home: Path,
    arxiv: FakeArxiv,
    since: date = FIRST,
    until: date | None = None,
    *,
    at: datetime = MORNING,
    **options: Any,
) -> commands.Report:
    arxiv.as_of = at
    parts = assembly(home, arxiv, **options)
    with parts:
        catalogue = parts.catalogue
        report = commands.backfill(parts, backfills.course(catalogue, since, until, at), at)
        catalogue.add_run("backfill", at.isoformat(), report.exit_status, "{}")
    return report


def run(home: Path, arxiv: FakeArxiv, at: datetime) -> commands.Report:
    arxiv.as_of = at
    parts = assembly(home, arxiv)
    with parts:
        catalogue = parts.catalogue
        report = commands.run(parts, at)
        catalogue.add_run("run", at.isoformat(), report.exit_status, "{}")
    return report


def rerender(home: Path, arxiv: FakeArxiv) -> int:
    """Files that are written when every page is made again."""
    parts = assembly(home, arxiv)
    with parts:
        return commands.render(parts, MORNING, everything=True).as_dict()["files_written"]


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "state" / "catalogue.sqlite3")) as connection:
        return connection.execute(sql).fetchall()


def noted(home: Path) -> dict[str, tuple[date, bool]]:
    """Of papers with a note, the announced day and whether it is an estimate."""
    rows = ask(home, "SELECT id, announced, announced_estimated FROM papers WHERE noted")
    return {one: (date.fromisoformat(day), bool(estimated)) for one, day, estimated in rows}


def watermark(home: Path) -> str | None:
    rows = ask(home, "SELECT value FROM watermarks WHERE source = 'backfill'")
    return rows[0][0] if rows else None


def told(paper_id: str) -> date | None:
    """The day on which a paper was first announced in a followed category, up to the first night."""
    days = [day for day, _, one, kind in TRUTH if one == paper_id and kind in ("new", "cross") and day <= str(TODAY)]
    return date.fromisoformat(min(days)) if days else None


def expected(paper_id: str) -> date:
    """The day on which it would have been announced if nothing had held it up."""
    paper = PAPERS[paper_id]
    moment = paper.get("published")
    return (
        schedule.announcement_day(datetime.fromisoformat(moment)) if moment else date.fromisoformat(paper["first_seen"])
    )


def changed(paper: Mapping[str, Any]) -> bool:
    """Whether anything became of a paper after its announcement, up to the first night."""
    later = [*paper.get("versions", ()), *paper.get("crosses", ()), *filter(None, [paper.get("withdrawn")])]
    return any(change["announced"] <= str(TODAY) for change in later)


def none_later(found: dict[str, tuple[date, bool]], before: dict[str, tuple[date, bool]]) -> bool:
    """Whether all papers are there still, none under a later day: history can tell of an earlier one."""
    return found.keys() >= before.keys() and all(found[one][0] <= day for one, (day, _) in before.items())


@pytest.fixture
def arxiv():
    with FakeArxiv(HISTORY.papers, page_size=40) as server:
        yield server


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    return make_home(tmp_path / "home")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A backfill that nothing disturbed, in a new workspace."""
    home = make_home(tmp_path_factory.mktemp("filled") / "home")
    with FakeArxiv(HISTORY.papers, page_size=40) as arxiv:
        report = backfill(home, arxiv)
        yield home, arxiv, report


# --- what it brings ---


def test_it_is_through_and_says_what_came(filled):
    home, _, report = filled
    assert (report.exit_status, report.failures) == (GOOD, ())
    assert watermark(home) is None
    found = report.as_dict()
    assert (found["command"], found["from"], found["until"]) == ("backfill", str(FIRST), str(LAST))
    assert found["papers"]["new"] > 150
    assert found["notes"]["created"] == len(noted(home))


def test_of_days_within_reach_every_announcement_is_there_and_no_other(filled):
    """Cross-lists and replacements too, and papers that arXiv held back for up to two weeks."""
    home, _, _ = filled
    rows, _ = mailings.recorded(home)
    assert {row for row in rows if row[0] >= str(REACH)} == {row for row in TRUTH if str(REACH) <= row[0] <= str(LAST)}


def test_every_paper_within_reach_has_its_own_day_and_no_estimate(filled):
    home, _, _ = filled
    found = noted(home)
    exact = {one: day for one in PAPERS if (day := told(one)) and REACH <= day <= LAST}
    assert len(exact) > 120
    assert {one: found.get(one) for one in exact} == {one: (day, False) for one, day in exact.items()}


def test_of_earlier_days_each_paper_has_the_day_that_its_submission_leads_to(filled):
    """And says so, unless its record proves the day: papers with later versions, held, cross-listed or withdrawn since."""
    home, _, _ = filled
    found = noted(home)
    earlier = {one: expected(one) for one in PAPERS if FIRST <= expected(one) < REACH and told(one)}
    earlier = {one: day for one, day in earlier.items() if told(one) < REACH}
    assert len(earlier) > 40
    assert {one: found[one][0] for one in earlier} == earlier
    untouched = {one for one in earlier if not changed(PAPERS[one])}
    exact = {one for one in untouched if told(one) == expected(one)}
    assert {one for one in earlier if not found[one][1]} == exact
    assert earlier.keys() - exact
    (word,) = re.findall(r'^estimated = "(.*)"$', ENGLISH.read_text(encoding="utf-8"), re.M)
    saying = {
        note.stem[-11:-1] for note in (home / "vault").glob("20*/*.md") if f" {word}\n" in note.read_text("utf-8")
    }
    assert saying == {one for one, (_, estimated) in found.items() if estimated}


def test_nothing_of_other_days_has_a_note(filled):
    home, _, _ = filled
    strange = {one for one in noted(home) if not (FIRST <= expected(one) < REACH or REACH <= told(one) <= LAST)}
    assert strange == set()
    assert all(FIRST <= day <= LAST for day, _ in noted(home).values())


def test_the_vault_is_what_the_catalogue_says_and_nothing_in_it_is_dead(filled):
    home, arxiv, _ = filled
    assert check(home / "vault").findings == ()
    assert rerender(home, arxiv) == 0


def test_what_is_needed_to_take_history_back_is_not_kept(filled):
    home, _, _ = filled
    assert ask(home, f"SELECT count(*) FROM undo WHERE day <= '{LAST}'") == [(0,)]
    assert ask(home, "SELECT count(*) FROM queue") == [(0,)]


def test_the_same_again_changes_nothing_and_asks_no_listing(home, arxiv):
    backfill(home, arxiv)
    before = storms.left(home)
    arxiv.forget()
    report = backfill(home, arxiv)
    assert (report.exit_status, report.as_dict()["files_written"]) == (GOOD, 0)
    assert storms.differences(storms.left(home), before) == []
    assert {request.path for request in arxiv.requests} == {"/oai"}


# --- beside the nights ---


def test_a_night_after_it_is_as_it_would_have_been(home, arxiv, tmp_path):
    """The same verdicts and counts, whether history came before the first night or after it, or not at all."""
    plain = make_home(tmp_path / "plain")
    after = make_home(tmp_path / "after")
    backfill(home, arxiv)
    for folder in (home, plain, after):
        for night in (MORNING, *LATER[:2]):
            report = run(folder, arxiv, night)
            assert (report.exit_status, report.failures) == (GOOD, ())
            if folder is after and night == MORNING:
                assert backfill(folder, arxiv).exit_status == GOOD
    words = f"SELECT * FROM verdicts WHERE day >= '{TODAY}' ORDER BY 1, 2, 3"
    rows = f"SELECT * FROM announcements WHERE day >= '{TODAY}' ORDER BY 1, 2, 3"
    for sql in (words, rows):
        assert ask(home, sql) == ask(plain, sql) == ask(after, sql)
    assert noted(home) == noted(after)
    assert none_later(noted(home), noted(plain))
    assert rerender(home, arxiv) == rerender(after, arxiv) == 0
    assert check(after / "vault").findings == ()


def test_a_backfill_after_many_nights_brings_what_was_before_them(home, arxiv):
    """Papers that were known as replacements only get their notes."""
    nights = HISTORY.nights[-25:]
    for night in nights:
        assert run(home, arxiv, night).exit_status == GOOD
    start, reach = nights[0].date(), nights[-1].date() - timedelta(days=90)
    before = noted(home)
    assert backfill(home, arxiv, reach, at=nights[-1]).exit_status == GOOD
    found = noted(home)
    assert none_later(found, before)
    days = {row[2]: row[0] for row in sorted(TRUTH, reverse=True) if row[3] in ("new", "cross")}
    wanted = {one for one, day in days.items() if str(reach) <= day < str(start)}
    assert {one: str(found[one][0]) for one in wanted} == {one: days[one] for one in wanted}
    assert rerender(home, arxiv) == 0
    assert check(home / "vault").findings == ()


def test_the_days_before_the_first_night_are_no_concern_of_a_night(home, arxiv):
    """Not even those that a backfill could not prove."""
    run(home, arxiv, MORNING)
    arxiv.faults = "catchup:503"
    assert backfill(home, arxiv, LAST - timedelta(days=10), attempts=1).exit_status == SOME_FAILED
    arxiv.faults = ""
    arxiv.forget()
    assert run(home, arxiv, LATER[0]).exit_status == GOOD
    assert not any(request.path.startswith("/catchup") for request in arxiv.requests)


def test_a_category_that_is_followed_since_gets_its_history(home, arxiv):
    """Days that are proven for the others are asked about for it."""
    few = FOLLOWED[:2]
    backfill(home, arxiv, REACH, followed=few)
    assert backfill(home, arxiv, REACH, LAST).exit_status == GOOD
    rows, _ = mailings.recorded(home)
    assert rows == {row for row in TRUTH if str(REACH) <= row[0] <= str(LAST)}


def test_a_paper_that_was_fetched_by_hand_is_announced_like_any_other(home, arxiv):
    from digest import identifiers

    one = next(one for one in PAPERS if told(one) and REACH <= told(one) <= LAST and told(one) != expected(one))
    arxiv.as_of = MORNING
    parts = assembly(home, arxiv)
    with parts:
        assert commands.fetch(parts, [identifiers.parse(one)], [], MORNING).exit_status == GOOD
    assert backfill(home, arxiv, REACH).exit_status == GOOD
    assert noted(home)[one] == (told(one), False)
    assert rerender(home, arxiv) == 0


# --- faults, and going on ---


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        pytest.param("oai:503:3", SOME_FAILED, id="the harvest is down for a while"),
        pytest.param("oai:cut:2", SOME_FAILED, id="a page of the harvest is cut"),
        pytest.param("oai:no-records:1", SOME_FAILED, id="an archive says that it has nothing"),
        pytest.param("catchup:503", SOME_FAILED, id="the listings are down"),
        pytest.param("catchup:cut:2", SOME_FAILED, id="two of the listings are cut"),
        pytest.param("api:503", SOME_FAILED, id="papers cannot be looked up"),
        pytest.param("any:503", NOTHING_POSSIBLE, id="arXiv is down"),
    ],
)
def test_a_fault_ends_it_with_what_came_and_the_next_goes_on(home, arxiv, filled, faults, status):
    arxiv.faults = faults
    assert backfill(home, arxiv, attempts=1).exit_status == status
    assert watermark(home) is not None
    arxiv.faults = ""
    report = backfill(home, arxiv)
    assert (report.exit_status, watermark(home)) == (GOOD, None)
    assert noted(home) == noted(filled[0])
    assert mailings.recorded(home)[0] == mailings.recorded(filled[0])[0]
    assert rerender(home, arxiv) == 0
    assert check(home / "vault").findings == ()


def test_an_empty_listing_is_not_believed_against_a_record(home, arxiv):
    """Papers of which nothing has changed since prove the day of their announcement; that day is asked about again."""
    arxiv.faults = "catchup:empty:60"
    assert backfill(home, arxiv).exit_status == SOME_FAILED
    doubted = {
        day for (day,) in ask(home, "SELECT day FROM verdicts WHERE category = '' AND verdict = 'empty unexpectedly'")
    }
    assert doubted
    arxiv.faults = ""
    assert backfill(home, arxiv).exit_status == GOOD
    rows, _ = mailings.recorded(home)
    assert {row for row in rows if row[0] in doubted} == {row for row in TRUTH if row[0] in doubted}


def test_it_goes_on_where_it_stopped(home, arxiv):
    """The pages that were read are not asked for again, and no day that was told."""
    since = REACH - timedelta(days=28)
    arxiv.faults = "oai:bad-token:1"
    assert backfill(home, arxiv, since, attempts=1).exit_status == SOME_FAILED
    whole = len([r for r in arxiv.requests if r.path == "/oai"])
    kept = json.loads(watermark(home))
    arxiv.faults = ""
    arxiv.forget()
    assert backfill(home, arxiv, since).exit_status == GOOD
    asked = [dict(r.query) for r in arxiv.requests if r.path == "/oai" and dict(r.query).get("from")]
    assert {r.path for r in arxiv.requests} == {"/oai"}
    (begun,) = [one for one in kept["where"] if one not in kept["done"]]
    assert [one["from"] for one in asked if one["set"] == begun] == [kept["where"][begun]]
    assert len(asked) < whole


def test_a_part_of_a_list_that_is_read_by_itself_moves_nothing(home, arxiv, filled):
    """Where arXiv's server cannot make a page, categories are asked for one by one, each from the first day on."""
    arxiv.faults = "oai:page-500"
    report = backfill(home, arxiv, attempts=1)
    arxiv.faults = ""
    assert report.exit_status in (GOOD, SOME_FAILED)
    assert backfill(home, arxiv).exit_status == GOOD
    assert noted(home) == noted(filled[0])


def test_long_lists_are_read_in_several(home, arxiv, filled, monkeypatch):
    monkeypatch.setattr(backfills, "LONGEST", 2)
    assert backfill(home, arxiv).exit_status == GOOD
    assert storms.differences(storms.left(home), storms.left(filled[0])) == []


def killed(night: Callable[[], int], kill: storms.Kill) -> bool:
    """Whether a forked process that does *night* was killed before its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        storms._die(night, kill)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == GOOD
    return False


@pytest.mark.parametrize("rounds", [3, pytest.param(25, marks=pytest.mark.long)])
def test_killed_at_any_moment_it_ends_with_the_same_bytes(tmp_path, monkeypatch, arxiv, filled, rounds):
    """Begun again each time, up to five times a workspace."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    dice, count = random.Random(5), 0
    arxiv.as_of = MORNING  # here, where it serves
    for number in range(rounds):
        home = make_home(tmp_path / f"home{number}")
        for _ in range(5):
            at, most = dice.choice((("sql", 40000), ("commit", 350), ("file", 900), ("rename", 400)))
            kill = storms.Kill(at=at, number=dice.choice((round(most ** dice.random()), dice.randint(1, most))))
            count += killed(lambda: backfill(home, arxiv).exit_status, kill)  # noqa: B023 - called at once
        assert backfill(home, arxiv).exit_status == GOOD
        assert watermark(home) is None
        assert storms.differences(storms.left(home), storms.left(filled[0])) == []
    assert count >= 2 * rounds


def test_a_night_between_two_parts_of_it_settles_what_has_come(home, arxiv):
    """Begun before the first night and ended after it."""
    arxiv.faults = "oai:bad-token:1"
    assert backfill(home, arxiv, attempts=1).exit_status == SOME_FAILED
    arxiv.faults = ""
    assert run(home, arxiv, MORNING).exit_status == GOOD
    assert backfill(home, arxiv).exit_status == GOOD
    assert rerender(home, arxiv) == 0
    assert check(home / "vault").findings == ()
    assert ask(home, "SELECT count(*) FROM queue") == [(0,)]


# --- which days ---


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        ("2026-03-10", "2026-03-09", "the other way round"),
        ("2026-03-10", "2027-03-09", "still to come"),
        ("2005-09-15", None, "begin with 2005-09-16"),
        (str(TODAY), None, "give an earlier day"),
    ],
)
def test_days_that_cannot_be_are_refused_with_what_to_do(home, arxiv, since, until, sentence):
    last = until and date.fromisoformat(until)
    with pytest.raises(ConfigError, match=sentence):
        backfill(home, arxiv, date.fromisoformat(since), last)


def test_without_a_last_day_it_is_the_one_before_the_first_night(home, arxiv):
    run(home, arxiv, MORNING)
    parts = assembly(home, arxiv)
    with parts:
        catalogue = parts.catalogue
        assert backfills.course(catalogue, FIRST, None, LATER[1]).until == LAST


def test_another_range_begins_anew(home, arxiv):
    arxiv.faults = "oai:bad-token:1"
    backfill(home, arxiv, attempts=1)
    parts = assembly(home, arxiv)
    with parts:
        catalogue = parts.catalogue
        assert backfills.course(catalogue, FIRST, None, MORNING).is_resumed
        other = backfills.course(catalogue, FIRST + timedelta(days=1), None, MORNING)
    assert (other.is_resumed, other.where, other.done) == (False, {}, ())


def test_a_day_whose_listing_went_out_of_reach_is_read_anew(home, arxiv):
    """Its papers were left to the listing."""
    arxiv.faults = "catchup:503"
    backfill(home, arxiv, REACH, attempts=1)
    arxiv.faults = ""
    parts = assembly(home, arxiv)
    with parts:
        catalogue = parts.catalogue
        assert backfills.course(catalogue, REACH, None, MORNING).where
        later = backfills.course(catalogue, REACH, None, MORNING + timedelta(days=7))
    assert (later.until, later.where) == (LAST, {})


def test_the_verdict_says_how_many_days_are_worked_out(filled):
    home, _, report = filled
    oai = next(source for source in report.sources if source.source == "oai")
    assert oai.verdict is Verdict.OK
    estimated = sum(estimated for _, estimated in noted(home).values())
    assert f"{estimated} papers" in oai.detail
