"""Weeks and months, authors and settings on the fake arXiv: what their pages say, and when they are made again."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from digest import config
from digest.catalogue.store import PageKey
from digest.check import check
from digest.cli.session import instant
from digest.pipeline import commands
from digest.render.obsidian import TYPES
from digest.testing import demo
from digest.testing.fakes import QuickAssembly, vault_bytes

WEEK = ["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06"]


@pytest.fixture
def week(run, home):
    for day in WEEK:
        run(day, **{"DIGEST_VAULT__CANVAS": "true"})
    return home / "vault"


def properties(text: str) -> set[str]:
    return set(re.findall(r"^(\w+):", text.split("---")[1], re.M))


def test_a_week_lists_each_of_its_papers_once_and_a_month_its_weeks(week) -> None:
    text = (week / "digests" / "weekly_digest_2026-W06.md").read_text()
    listed = re.findall(r"^> - \[\[2026-[^|]*\((\d{4}\.\d{5})\)\|", text.split("## Papers\n")[1], re.M)
    sample = [json.loads(line) for line in demo.SAMPLE.read_text().splitlines() if line]
    assert Counter(listed) == Counter(p["id"] for p in sample if "2026-02-02" <= p["first_seen"] <= "2026-02-08")
    assert all(f"daily_digest_{day.replace('-', '')}|" in text for day in WEEK)
    month = (week / "digests" / "monthly_digest_202602.md").read_text()
    assert "[[digests/weekly_digest_2026-W06|Week 6 of 2026]]" in month
    assert "[[digests/monthly_digest_202602|February 2026]]" in text


def test_a_map_has_a_dot_for_each_paper_and_the_canvas_cards_that_are_there(week) -> None:
    drawn = (week / "assets" / "digests" / "weekly_digest_2026-W06-map.svg").read_text()
    text = (week / "digests" / "weekly_digest_2026-W06.md").read_text()
    papers = int(re.search(r"^papers: (\d+)", text, re.M)[1])
    assert drawn.count("<title>") == 1 + papers
    canvas = json.loads((week / "digests" / "weekly_digest_2026-W06.canvas").read_text())
    assert canvas["nodes"]
    assert all((week / node["file"]).is_file() for node in canvas["nodes"])


def test_a_paper_to_be_read_first_tells_what_it_is_near(week) -> None:
    text = (week / "digests" / "daily_digest_20260206.md").read_text()
    first = text.split("## Read first")[1].split("\n## ")[0]
    ticks = re.findall(r"^- \[ \] \[\[(2026-02-06/[^|]*)\|", first, re.M)
    near = re.findall(r"^\t- near \[\[([^|]*)\|", first, re.M)
    assert 1 <= len(ticks) <= 5
    assert len(near) == len(ticks)
    assert all((week / f"{path}.md").is_file() for path in near)


def test_a_day_that_is_whole_says_so_and_a_gap_is_explained(run, home) -> None:
    run("2026-02-02")
    run("2026-02-04")
    text = (home / "vault" / "digests" / "daily_digest_20260204.md").read_text()
    assert "Complete: all" in text
    assert "is not proven complete" not in text


def test_every_page_s_properties_have_a_type_that_obsidian_is_told(week) -> None:
    told = json.loads((week / ".obsidian" / "types.json").read_text())["types"]
    assert told == TYPES
    for page in week.rglob("*.md"):
        assert properties(page.read_text()) <= told.keys()


def test_settings_that_the_reader_takes_out_stay_out(run, home) -> None:
    run("2026-02-02")
    graph = home / "vault" / ".obsidian" / "graph.json"
    graph.write_text("{}")
    (home / "vault" / ".obsidian" / "snippets" / "digest.css").unlink()
    run("2026-02-03")
    assert graph.read_text() == "{}"
    assert not (home / "vault" / ".obsidian" / "snippets" / "digest.css").exists()


def test_settings_are_not_made_where_they_are_not_wanted(run, home) -> None:
    run("2026-02-02", **{"DIGEST_VAULT__OBSIDIAN_SETTINGS": "false"})
    assert not (home / "vault" / ".obsidian").exists()


AUTHORS = {"DIGEST_VAULT__AUTHOR_PAGES": "true"}


def authors_of(home) -> dict[str, int]:
    """Authors' pages with the papers they tell of."""
    pages = (home / "vault" / "authors").glob("*.md")
    return {page.stem: int(re.search(r"^papers: (\d+)", page.read_text(), re.M)[1]) for page in pages}


def test_authors_of_two_papers_have_a_page_linked_from_both(run, home) -> None:
    for day in WEEK:
        run(day, **AUTHORS)
    counts = Counter(
        a for p in map(json.loads, filter(None, demo.SAMPLE.read_text().splitlines())) for a in set(p["authors"])
    )
    wanted = {name: n for name, n in counts.items() if n > 1}
    assert wanted
    assert authors_of(home) == wanted
    assert check(home / "vault").findings == ()
    some = min(wanted)
    linking = [p for p in (home / "vault").glob("2026-*/*.md") if f"[[authors/{some}|" in p.read_text()]
    assert len(linking) == wanted[some]


def test_authors_pages_come_and_go_with_the_setting(run, home, arxiv) -> None:
    for day in WEEK:
        run(day)
    plain = vault_bytes(home / "vault")

    def render(**environment: str) -> commands.Report:
        with QuickAssembly(home, config.load(home, demo.settings(arxiv.url) | environment)) as assembly:
            return commands.render(assembly, instant("2026-02-06T07:00:00Z"), everything=False)

    render(**AUTHORS)
    assert authors_of(home)
    assert check(home / "vault").findings == ()
    render()
    assert vault_bytes(home / "vault") == plain


def test_a_week_without_days_has_no_page(run, home, arxiv) -> None:
    """Its page goes with the last of its days, and the neighbours' links with it."""
    from digest.pipeline import chronicle

    for day in (*WEEK, "2026-02-09"):
        run(day)
    with QuickAssembly(home, config.load(home, demo.settings(arxiv.url))) as assembly:
        catalogue = assembly.catalogue
        days = [page for page in catalogue.pages_of_kind("day") if page.key < "2026-02-09"]
        assert catalogue.path(PageKey("week", "2026-W06"))
        with catalogue.transaction():
            for page in days:
                catalogue.take_page(page)
            from datetime import date

            concerned = chronicle.make_pages(catalogue, [date.fromisoformat(page.key) for page in days])
        assert catalogue.path(PageKey("week", "2026-W06")) is None
        assert PageKey("month", "2026-02") in concerned or not catalogue.pages_of_kind("day")
