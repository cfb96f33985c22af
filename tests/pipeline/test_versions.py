"""What becomes of a paper after its first day: later versions, cross-lists, a withdrawal, and old papers that come up."""

from __future__ import annotations

import json
import re
from pathlib import Path

import frontmatter
import pytest

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing import demo, storms
from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import QuickAssembly, vault_bytes
from digest.testing.histories import make_history

MONDAY, TUESDAY, WEDNESDAY = "2026-02-02", "2026-02-03", "2026-02-04"
THURSDAY, FRIDAY, NEXT_MONDAY = "2026-02-05", "2026-02-06", "2026-02-09"
OLD_TITLE, NEW_TITLE = "Harrow: A First Draft", "Harrow: Rejecting Unsupported Answers"
PAPER = make_record(first_seen=TUESDAY, title=OLD_TITLE, categories=["cs.CL"], comment="12 pages")
OTHERS = [
    make_record(id=f"2602.{90100 + n}", title=f"On Day {n}", abstract="We count days.", first_seen=day)
    for n, day in enumerate([MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, NEXT_MONDAY])
]
"""One paper a day, so that there is a mailing."""


@pytest.fixture
def arxiv():
    with FakeArxiv(OTHERS) as server:
        yield server


def note(home: Path, paper: str = PAPER["id"]) -> tuple[Path, frontmatter.Post]:
    """The one note of a paper."""
    found = [
        (path, post)
        for path in sorted((home / "vault").rglob("*.md"))
        if (post := frontmatter.load(path)).get("arxiv_id") == paper
    ]
    (only,) = found
    return only


def changed(post: frontmatter.Post) -> list[str]:
    return re.findall(r"^- \*\*Changed\*\*: (.*)$", post.content, re.MULTILINE)


def listed(home: Path, day: str, heading: str) -> list[str]:
    """The lines below a heading of a day page."""
    text = (home / "vault" / "digests" / f"daily_digest_{day.replace('-', '')}.md").read_text(encoding="utf-8")
    _, _, below = text.partition(f"## {heading}\n")
    return re.findall(r"^- (.*)$", below.partition("\n## ")[0], re.MULTILINE)


def assert_settled(run, home: Path, arxiv: FakeArxiv, day: str) -> None:
    """The last night again, and everything rendered again, change no byte."""
    before = vault_bytes(home / "vault")
    assert run(day).as_dict()["files_written"] == 0
    assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
    with assembly:
        report = commands.render(assembly, instant(f"{day}T07:00:00Z"), everything=True)
    assert report.as_dict()["files_written"] == 0
    assert vault_bytes(home / "vault") == before


def test_a_new_version_changes_the_same_note_and_says_what_changed(run, home, arxiv):
    """New title and authors: the path stays, the old title is another name of the note, and the day says it too."""
    arxiv.add([PAPER])
    run(TUESDAY)
    path, _ = note(home)
    version = {"version": 2, "announced": THURSDAY, "title": NEW_TITLE}
    arxiv.add([{**PAPER, "authors": ["Ilse Marwick", "Åsa Ødegård"], "versions": [version]}])
    run(THURSDAY)
    after, post = note(home)
    assert after == path
    assert (post["title"], post["arxiv_version"], post["authors"][1]) == (NEW_TITLE, 2, "Åsa Ødegård")
    assert post["aliases"] == [NEW_TITLE, f"arXiv:{PAPER['id']}", OLD_TITLE]
    assert changed(post) == ["v2 (2026-02-05): title, authors"]
    assert str(post["announced"]) == TUESDAY
    (line,) = listed(home, THURSDAY, "Replaced")
    assert line.endswith(f"|{NEW_TITLE}]] — v2: title, authors")
    assert_settled(run, home, arxiv, THURSDAY)


def test_a_version_that_changes_none_of_these_says_so(run, home, arxiv):
    arxiv.add([{**PAPER, "versions": [{"version": 2, "announced": THURSDAY, "comment": "13 pages"}]}])
    run(TUESDAY)
    run(THURSDAY)
    _, post = note(home)
    nothing = "no change in title, abstract, authors or categories"
    assert changed(post) == [f"v2 (2026-02-05): {nothing}"]
    assert "- **Comment**: 13 pages\n" in post.content
    assert listed(home, THURSDAY, "Replaced")[0].endswith(f" — v2: {nothing}")
    assert_settled(run, home, arxiv, THURSDAY)


def test_each_day_tells_of_the_version_announced_on_it(run, home, arxiv):
    """A later version adds a line on top of the note, and changes none that was said before."""
    versions = [
        {"version": 2, "announced": THURSDAY, "abstract": "We count supported answers."},
        {"version": 3, "announced": FRIDAY, "title": NEW_TITLE},
        {"version": 4, "announced": NEXT_MONDAY, "comment": "13 pages"},
    ]
    arxiv.add([{**PAPER, "versions": versions}])
    for day in (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, NEXT_MONDAY):
        run(day)
    _, post = note(home)
    nothing = "no change in title, abstract, authors or categories"
    lines = [f"v4 (2026-02-09): {nothing}", "v3 (2026-02-06): title", "v2 (2026-02-05): abstract"]
    assert changed(post) == lines
    told = {day: listed(home, day, "Replaced")[0].partition(" — ")[2] for day in (THURSDAY, FRIDAY, NEXT_MONDAY)}
    assert told == {THURSDAY: "v2: abstract", FRIDAY: "v3: title", NEXT_MONDAY: f"v4: {nothing}"}
    assert_settled(run, home, arxiv, NEXT_MONDAY)


def test_a_version_of_a_missed_night_is_told_on_its_own_day(run, home, arxiv):
    """Nobody runs when v2 comes: it is looked up, and v3 is compared with it."""
    versions = [
        {"version": 2, "announced": WEDNESDAY, "title": NEW_TITLE},
        {"version": 3, "announced": FRIDAY, "abstract": "We count supported answers."},
    ]
    arxiv.add([{**PAPER, "versions": versions}])
    run(TUESDAY)
    run(FRIDAY)
    _, post = note(home)
    assert changed(post) == ["v3 (2026-02-06): abstract", "v2 (2026-02-04): title"]
    assert listed(home, FRIDAY, "Replaced")[0].endswith(" — v3: abstract")
    assert any(line.endswith(" — v2: title") for line in listed(home, WEDNESDAY, "Replaced"))
    assert_settled(run, home, arxiv, FRIDAY)


def test_a_cross_list_joins_the_categories_of_the_first_note(run, home, arxiv):
    """Whether they have pages yet or not. It is no version: nothing is said to have changed."""
    crosses = [{"category": category, "announced": THURSDAY} for category in ("stat.ML", "cs.IR")]
    arxiv.add([{**PAPER, "crosses": crosses}])
    run(TUESDAY)
    path, before = note(home)
    assert "categories" not in before
    run(THURSDAY)
    after, post = note(home)
    assert after == path
    assert [link.partition("|")[2] for link in post["categories"]] == ["cs.CL]]", "stat.ML]]", "cs.IR]]"]
    assert (changed(post), post["arxiv_version"]) == ([], 1)
    assert_settled(run, home, arxiv, THURSDAY)


def test_a_withdrawn_paper_keeps_its_note_marked_with_the_reason(run, home, arxiv):
    reason = "Withdrawn: lemma 2 is wrong"
    arxiv.add([{**PAPER, "withdrawn": {"announced": THURSDAY, "comment": reason}}])
    run(TUESDAY)
    path, before = note(home)
    assert "withdrawn" not in before
    run(THURSDAY)
    after, post = note(home)
    assert after == path
    assert post["withdrawn"] is True
    callout = post.content.partition("> [!warning] Withdrawn\n")[2].partition("\n\n")[0]
    assert callout == f"> arXiv marks this paper as withdrawn. Its comment there: {reason}"
    assert changed(post) == ["v2 (2026-02-05): withdrawn"]
    assert (len(listed(home, THURSDAY, "Withdrawn")), listed(home, THURSDAY, "Replaced")) == (1, [])
    assert_settled(run, home, arxiv, THURSDAY)


def test_the_day_of_an_earlier_version_knows_nothing_of_the_withdrawal(run, home, arxiv):
    version = {"version": 2, "announced": THURSDAY, "title": NEW_TITLE}
    arxiv.add([{**PAPER, "versions": [version], "withdrawn": {"announced": FRIDAY, "comment": "Withdrawn"}}])
    for day in (TUESDAY, THURSDAY, FRIDAY):
        run(day)
    assert (len(listed(home, THURSDAY, "Replaced")), listed(home, THURSDAY, "Withdrawn")) == (1, [])
    assert (listed(home, FRIDAY, "Replaced"), len(listed(home, FRIDAY, "Withdrawn"))) == ([], 1)
    assert_settled(run, home, arxiv, FRIDAY)


def test_a_reinstated_paper_is_not_marked_any_more(run, home, arxiv):
    """Also where the reader has written into the file, from which no property is ever taken away."""
    withdrawn = {**PAPER, "withdrawn": {"announced": THURSDAY, "comment": "Withdrawn"}}
    arxiv.add([withdrawn])
    run(TUESDAY)
    run(THURSDAY)
    path, _ = note(home)
    path.write_text(path.read_text().replace("## My notes\n", "## My notes\n\nA pity.\n"))
    versions = [
        {"version": 2, "announced": THURSDAY, "comment": "Withdrawn", "source_type": "I", "kilobytes": 0},
        {"version": 3, "announced": FRIDAY, "comment": "Lemma 2 is mended"},
    ]
    arxiv.add([{**PAPER, "versions": versions}])
    run(FRIDAY)
    _, post = note(home)
    assert post["withdrawn"] is False
    assert "[!warning]" not in post.content
    assert "A pity." in post.content
    assert len(listed(home, THURSDAY, "Withdrawn")) == 1


def test_an_old_paper_that_is_newly_cross_listed_gets_a_note_with_its_true_submission_date(run, home, arxiv):
    old = make_record(
        id="2107.12345",
        categories=["math.NT"],
        first_seen="2021-07-28",
        published="2021-07-26T08:00:00Z",
        versions=[{"version": 2, "announced": "2022-03-02"}],
        crosses=[{"category": "cs.CL", "announced": THURSDAY}],
    )
    arxiv.add([old])
    run(WEDNESDAY)
    run(THURSDAY)
    _, post = note(home, "2107.12345")
    assert (str(post["submitted"]), str(post["announced"])) == ("2021-07-26", THURSDAY)
    assert (post["arxiv_version"], changed(post)) == (2, [])
    assert_settled(run, home, arxiv, THURSDAY)


def test_a_replacement_of_a_paper_without_a_note_stays_on_its_day_when_it_gets_one(run, home, arxiv):
    """There it leads to arXiv, and to the note from the day on which a cross-list makes one."""
    old = make_record(
        id="2107.12345",
        first_seen="2021-07-28",
        categories=["cs.CL"],
        versions=[{"version": 2, "announced": WEDNESDAY}],
        crosses=[{"category": "stat.ML", "announced": FRIDAY}],
    )
    arxiv.add([old])
    run(WEDNESDAY)
    (line,) = listed(home, WEDNESDAY, "Replaced")
    assert line.endswith("(https://arxiv.org/abs/2107.12345)")
    run(FRIDAY)
    path, _ = note(home, "2107.12345")
    (line,) = listed(home, WEDNESDAY, "Replaced")
    assert line.startswith(f"[[{FRIDAY}/{path.stem}|")
    assert_settled(run, home, arxiv, FRIDAY)


@pytest.mark.parametrize("seed", range(15), ids="seed {}".format)
def test_after_any_history_everything_rendered_again_writes_nothing(tmp_path, seed):
    """Each night has marked every page that its versions, cross-lists and withdrawals concern."""
    history, home = make_history(seed, weeks=3), tmp_path / "home"
    left, _ = storms.live(history, {}, home)
    nowhere = demo.settings("http://127.0.0.1:9", json.dumps(history.categories))
    assembly = storms.HastyAssembly(home, config.load(home, nowhere))
    with assembly:
        commands.render(assembly, history.nights[-1], everything=True)
    after = vault_bytes(home / "vault")
    assert [path for path in after if after[path] != left.vault.get(path)] == []
