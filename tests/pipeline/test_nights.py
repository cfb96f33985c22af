"""Nights on the fake arXiv: what a reader finds in the morning."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import frontmatter
import pytest

from digest import config
from digest.check import check
from digest.check.report import Kind
from digest.cli.session import instant
from digest.model import Verdict
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes

WEEK = ["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06"]


def notes(home: Path) -> dict[str, frontmatter.Post]:
    """Papers' notes by identifier."""
    found = {}
    for path in (home / "vault").rglob("*.md"):
        post = frontmatter.load(path)
        if "arxiv_id" in post:
            found[post["arxiv_id"]] = post
    return found


def rerender(home: Path, arxiv: FakeArxiv) -> commands.Report:
    assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
    with assembly:
        return commands.render(assembly, instant("2026-02-06T07:00:00Z"), everything=True)


@pytest.fixture
def week(run, home):
    for day in WEEK:
        report = run(day)
        assert (report.exit_status, report.failures) == (GOOD, ())
    return home


def test_every_announced_paper_has_a_note_with_authors_and_both_dates(week):
    announced = {p["id"]: p for p in map(json.loads, demo.SAMPLE.read_text().splitlines()) if p}
    found = notes(week)
    assert found.keys() == announced.keys()
    for paper_id, post in found.items():
        assert len(post["authors"]) == len(announced[paper_id]["authors"])
        assert not any("\\" in name for name in post["authors"]), "accents are letters, not TeX"
        assert str(post["announced"]) == announced[paper_id]["first_seen"]
        assert post["submitted"] < post["announced"]
        assert "Announce Type" not in post.content


def test_no_link_is_dead_and_no_name_is_bad(week):
    report = check(week / "vault")
    assert report.findings == ()
    assert report.links > 500


def test_a_related_link_is_on_both_notes(week):
    related = {}
    for paper_id, post in notes(week).items():
        lines = re.findall(r"^- \[\[[^|\]]*\((\d{4}\.\d{5})\)\|.*\]\] \(\d+\.\d% similar\)", post.content, re.M)
        related[paper_id] = lines
    shown = config.RelatedSettings().shown
    assert sum(map(len, related.values())) > 60
    for paper, others in related.items():
        assert len(others) <= shown
        assert all(paper in related[other] for other in others)


def test_the_last_day_again_changes_nothing(week, run):
    before = {p: p.stat().st_mtime_ns for p in (week / "vault").rglob("*")}
    content = vault_bytes(week / "vault")
    report = run(WEEK[-1])
    found = report.as_dict()
    assert (report.exit_status, found["files_written"], found["embedded"]) == (GOOD, 0, 0)
    assert vault_bytes(week / "vault") == content
    assert {p: p.stat().st_mtime_ns for p in (week / "vault").rglob("*")} == before


def test_pages_made_night_by_night_are_those_made_at_once(week, arxiv):
    """What each night marks as changed is all that has changed: rendering everything again changes nothing."""
    found = rerender(week, arxiv).as_dict()
    assert (found["files_written"], found["notes"]["updated"]) == (0, 0)


def test_a_template_of_the_workspace_overrides_ours(week, arxiv):
    template = next(Path("templates").glob("paper.header*")).name
    (week / "templates").mkdir()
    ours = (Path("templates") / template).read_text()
    (week / "templates" / template).write_text(ours + "\nA line of my own.\n")
    assembly = QuickAssembly(week, config.load(week, demo.settings(arxiv.url)))
    with assembly:
        found = commands.render(assembly, instant("2026-02-06T07:00:00Z"), everything=False).as_dict()
    everything = notes(week)
    assert found["notes"]["updated"] == len(everything)
    assert all("A line of my own." in post.content for post in everything.values())


def test_a_missed_night_is_caught_up_with_its_own_day(run, home, arxiv):
    """Nobody runs on Wednesday: on Thursday its papers come, under Wednesday."""
    for day in ("2026-02-02", "2026-02-03", "2026-02-05"):
        run(day)
    papers = map(json.loads, demo.SAMPLE.read_text().splitlines())
    wednesday = {p["id"] for p in papers if p["first_seen"] == WEEK[2] and not p.get("crosses")}
    found = notes(home)
    assert wednesday <= found.keys()
    assert {str(found[paper]["announced"]) for paper in wednesday} == {WEEK[2]}
    assert check(home / "vault").findings == ()


def test_the_weekend_is_quiet_and_a_first_run_there_starts_at_friday(run, home):
    report = run("2026-02-07")
    assert report.exit_status == GOOD
    assert next(s.verdict for s in report.sources) is Verdict.EMPTY_BY_SCHEDULE
    assert {str(post["announced"]) for post in notes(home).values()} == {"2026-02-06"}


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        pytest.param(["feed:cut"], GOOD, id="the feed is cut short, and the listing tells all"),
        pytest.param(["feed:empty"], GOOD, id="the feed is empty on a weekday, and the listing is not"),
        pytest.param(["feed:503"], GOOD, id="the feed is down, and the listing tells all"),
        pytest.param(["oai:503"], SOME_FAILED, id="the harvest is down"),
        pytest.param(["feed:cut", "list:503"], SOME_FAILED, id="the feed is cut short and the listing is down"),
        pytest.param(["feed:503", "oai:503"], NOTHING_POSSIBLE, id="arXiv is down"),
    ],
)
def test_what_one_source_lacks_another_tells_or_the_next_run_mends(run, home, arxiv, faults, status):
    """Whatever fails, the next run ends with the catalogue of a week in which nothing failed."""
    run(WEEK[0])
    arxiv.faults = faults
    assert run(WEEK[1]).exit_status == status
    arxiv.faults = []
    assert run(WEEK[1]).exit_status == GOOD
    assert announcements(home) == announcements_of(arxiv, home.parent / "calm", WEEK[:2])


def announcements(home: Path) -> list[tuple[str, ...]]:
    """Every announcement in the catalogue: day, category, paper, kind."""
    with sqlite3.connect(home / "state" / "catalogue.sqlite3") as connection:
        return connection.execute("SELECT day, category, paper_id, kind FROM announcements ORDER BY 1, 2, 3").fetchall()


def announcements_of(arxiv: FakeArxiv, folder: Path, days: list[str]) -> list[tuple[str, ...]]:
    """Those of a workspace that ran every one of *days*, and nothing failed."""
    home = make_home(folder)
    for day in days:
        arxiv.as_of = f"{day}T07:00:00Z"
        assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
        with assembly:
            assert commands.run(assembly, instant(f"{day}T07:00:00Z")).exit_status == GOOD
    return announcements(home)


def test_an_outage_ends_with_the_announcements_of_a_week_without_one(run, home, arxiv):
    """Nobody runs from Tuesday to Thursday: on Friday every announcement comes, cross-lists and replacements too."""
    run(WEEK[0])
    report = run(WEEK[4])
    assert (report.exit_status, report.failures) == (GOOD, ())
    assert announcements(home) == announcements_of(arxiv, home.parent / "calm", WEEK)
    assert check(home / "vault").findings == ()


def test_a_night_is_replayed_from_its_kept_answers(run, home, arxiv, tmp_path):
    """With the network gone, the answers of a run give a new workspace the same vault."""
    report = run(WEEK[0])
    second = make_home(tmp_path / "second")
    shutil.copytree(home / "state" / "answers", second / "state" / "answers")
    settings = demo.settings(arxiv.url)
    arxiv.stop()
    replayed = QuickAssembly(second, config.load(second, settings), replay=1)
    with replayed:
        again = commands.run(replayed, instant(f"{WEEK[0]}T07:00:00Z"))
    assert (again.exit_status, again.papers, again.requests) == (GOOD, report.papers, 0)
    assert vault_bytes(second / "vault") == vault_bytes(home / "vault")


def test_the_reader_s_words_survive_the_week(run, home):
    run(WEEK[0])
    path = next(p for p in (home / "vault" / WEEK[0]).glob("*.md"))
    text = path.read_text()
    path.write_text(text.replace("## My notes\n", "## My notes\n\nI doubt figure 3.\n").replace("unread", "reading"))
    for day in WEEK[1:]:
        run(day)
    after = path.read_text()
    assert "I doubt figure 3." in after
    assert frontmatter.loads(after)["status"] == "reading"


def test_a_moved_note_is_followed_and_a_deleted_one_stays_deleted(run, home, arxiv):
    run(WEEK[0])
    first, second, *_ = sorted((home / "vault" / WEEK[0]).glob("*.md"))
    moved = home / "vault" / "mine" / "A name of my own.md"
    moved.parent.mkdir()
    first.rename(moved)
    second.unlink()
    rerender(home, arxiv)
    assert moved.exists()
    assert not first.exists()
    assert not second.exists()
    assert check(home / "vault").findings == ()


def test_korean_labels(run, home):
    run(WEEK[0], DIGEST_VAULT__LANGUAGE="ko")
    text = next((home / "vault" / WEEK[0]).glob("*.md")).read_text()
    for heading in ("## 🔗 유사한 논문", "## 🏷️ 카테고리화된 키워드", "## 📝 요약", "## 🎯 주요 포인트"):
        assert heading in text


def test_nasty_papers_render_to_text_only(home):
    nasty = Path(demo.SAMPLE).with_name("nasty_papers.jsonl")
    with FakeArxiv(load_papers(nasty)) as arxiv:
        arxiv.as_of = "2026-02-03T07:00:00Z"
        assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
        with assembly:
            report = commands.run(assembly, instant("2026-02-03T07:00:00Z"))
    assert report.exit_status == GOOD, report.failures
    papers = [json.loads(line) for line in nasty.read_text(encoding="utf-8").splitlines() if line]
    assert notes(home).keys() == {paper["id"] for paper in papers}
    nameless = {paper["id"] for paper in papers if not any(name.strip() for name in paper["authors"])}
    findings = check(home / "vault").findings
    assert {f.kind for f in findings} <= {Kind.NO_AUTHORS}
    assert len(findings) == len(nameless) > 0
    assert not list(home.rglob("x.md")), "no path leads out of the vault"


# --- killed at any moment ---


def one_night(home: Path, url: str, moment: str, state: Path, texts: str, kill_after: float | None) -> bool:
    """Whether the night came to its end."""
    categories = json.dumps([*json.loads(demo.CATEGORIES), "cs.GT", "cs.IT", "cs.GR", "astro-ph.CO"])
    environment = {**os.environ, **demo.settings(url, categories), "XDG_STATE_HOME": str(state)}
    environment["DIGEST_FULLTEXT__MODE"] = texts
    process = subprocess.Popen([sys.executable, "-m", "digest.testing.night", str(home), moment], env=environment)
    try:
        process.wait(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    assert process.returncode == GOOD
    return True


def sample() -> list[dict[str, Any]]:
    return load_papers(demo.SAMPLE)


def real() -> list[dict[str, Any]]:
    """The same week as arXiv really announced it, some 1,290 papers."""
    file = Path(__file__).resolve().parents[3] / "shared" / "data" / "arxiv" / "days.jsonl.gz"
    if not file.is_file():
        pytest.skip("the announcement days are not beside this checkout")
    return [paper for paper in load_papers(file) if paper["first_seen"] <= WEEK[-1]]


def replay(
    home: Path, state: Path, papers: list[dict[str, Any]], texts: str, kills: list[float]
) -> tuple[dict[str, bytes], float]:
    """The week's runs, each killed up to as often as its share of *kills*, and the longest night in seconds."""
    share, longest = -(-len(kills) // len(WEEK)), 0.0
    with FakeArxiv(papers) as arxiv:
        for number, day in enumerate(WEEK):
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            left = kills[number * share : (number + 1) * share]
            begin = time.monotonic()
            while not one_night(home, arxiv.url, moment, state, texts, left.pop() if left else None):
                begin = time.monotonic()
            longest = max(longest, time.monotonic() - begin)
    return vault_bytes(home / "vault"), longest


@pytest.mark.parametrize(
    ("papers", "texts", "kills"),
    [
        pytest.param(sample, "off", 5, id="the sample, 5 kills"),
        pytest.param(sample, "all", 5, id="the sample with whole texts, 5 kills"),
        pytest.param(sample, "off", 30, id="the sample, 30 kills", marks=pytest.mark.long),
        pytest.param(sample, "all", 30, id="the sample with whole texts, 30 kills", marks=pytest.mark.long),
        pytest.param(real, "off", 30, id="real papers, 30 kills", marks=pytest.mark.long),
    ],
)
def test_a_killed_week_ends_with_the_same_bytes(tmp_path, papers, texts, kills):
    """SIGKILL at random moments, started again each time: the vault equals that of an undisturbed week."""
    state, dice = tmp_path / "state", random.Random(7)
    calm, longest = replay(make_home(tmp_path / "calm"), state, papers(), texts, [])
    moments = [dice.uniform(0.3, longest * 0.8) for _ in range(kills)]
    killed, _ = replay(make_home(tmp_path / "killed"), state, papers(), texts, moments)
    assert killed.keys() == calm.keys()
    assert [path for path in calm if killed[path] != calm[path]] == []
