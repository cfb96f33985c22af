"""What one source tells too late, too early or only in part: small cases in which a day, a row or a count can go wrong.

Nights are at seven, a question is asked once, and two categories are followed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.testing import mailings
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import make_home
from digest.testing.mailings import Night

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, NEXT = (
    *("2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06", "2026-02-07", "2026-02-09"),
)
FOLLOWED = ("cs.CL", "math.CO")


def paper(number: int, first_seen: str, *categories: str, **more: Any) -> dict[str, Any]:
    text = {"title": f"Sparse Attention, Part {number}", "abstract": f"We study {number} kinds of sparse attention."}
    return {"id": f"2602.{number:05}", "first_seen": first_seen, "categories": categories or ("cs.CL",), **text, **more}


def every_day() -> list[dict[str, Any]]:
    """Two papers of each category a day, so that no day is without a mailing."""
    days = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, NEXT)
    return [
        paper(1000 + 10 * n + m, day, category)
        for n, day in enumerate(days)
        for m, category in enumerate((*FOLLOWED, *FOLLOWED))
    ]


def live(
    home: Path, papers: list[dict[str, Any]], *nights: tuple[str, str], followed: tuple[str, ...] = FOLLOWED
) -> tuple[list[Night], dict[str, str]]:
    """Days with their faults; what each night left, and the papers' announced days at the end."""
    make_home(home)
    found = []
    with FakeArxiv([*every_day(), *papers]) as arxiv:
        for day, faults in nights:
            arxiv.faults = faults
            span = (date.fromisoformat(nights[0][0]), date.fromisoformat(day))
            found.append(mailings.night(arxiv, home, followed, span, attempts=1))
    return found, mailings.announced_days(home)


def rows_of(night: Night, identifier: str) -> list[tuple[str, str, str]]:
    return sorted((day, category, kind) for day, category, one, kind in night.rows if one == identifier)


def test_a_paper_that_was_cross_listed_since_keeps_the_day_that_the_listing_tells(tmp_path):
    """A cross-list writes its record anew, so that the record's own day is that of the cross-list."""
    late = paper(1, TUESDAY, "cs.CL", crosses=[{"category": "hep-th", "announced": WEDNESDAY}])
    nights, days = live(tmp_path / "home", [late], (MONDAY, ""), (TUESDAY, "any:503"), (WEDNESDAY, ""))
    assert nights[-1].status == GOOD
    assert rows_of(nights[-1], late["id"]) == [(TUESDAY, "cs.CL", "new")]
    assert days[late["id"]] == TUESDAY


def test_an_empty_page_is_believed_against_a_day_that_was_only_worked_out(tmp_path):
    """Nobody runs on Tuesday and Wednesday. In stat.ML there was one paper, on Tuesday; its record was written anew on
    Wednesday, for a cross-list elsewhere, and Wednesday's page of stat.ML is empty.
    """
    lone = paper(1, TUESDAY, "hep-th", "stat.ML", crosses=[{"category": "hep-ph", "announced": WEDNESDAY}])
    nights, days = live(
        tmp_path / "home", [lone], (MONDAY, ""), (THURSDAY, ""), (FRIDAY, ""), followed=(*FOLLOWED, "stat.ML")
    )
    assert [(night.status, night.unproven) for night in nights] == [(GOOD, ())] * 3
    assert rows_of(nights[-1], lone["id"]) == [(TUESDAY, "stat.ML", "cross")]
    assert days[lone["id"]] == TUESDAY


def test_a_cross_list_told_before_the_announcement_is_put_right_when_that_comes(tmp_path):
    """On Wednesday only the cross-list into cs.CL is known; Tuesday's listing, read on Thursday, tells of math.CO."""
    late = paper(1, TUESDAY, "hep-th", "math.CO", crosses=[{"category": "cs.CL", "announced": WEDNESDAY}])
    faults = (TUESDAY, "any:503"), (WEDNESDAY, "catchup:503")
    nights, days = live(tmp_path / "home", [late], (MONDAY, ""), *faults, (THURSDAY, ""))
    assert nights[-1].status == GOOD
    assert rows_of(nights[-1], late["id"]) == [(TUESDAY, "math.CO", "cross"), (WEDNESDAY, "cs.CL", "cross")]
    assert days[late["id"]] == TUESDAY


def test_a_paper_that_was_held_back_is_not_put_on_a_day_that_has_been_told_whole(tmp_path):
    """Submitted for Monday, announced on Wednesday, replaced on Thursday, when the harvest alone tells of it; Monday's
    feed did not.
    """
    held = paper(
        1,
        WEDNESDAY,
        "cs.CL",
        published="2026-01-30T12:00:00Z",
        versions=[{"version": 2, "announced": THURSDAY, "title": "Dense Attention"}],
    )
    faults = (WEDNESDAY, "any:503"), (THURSDAY, "feed:503,site:503")
    nights, days = live(tmp_path / "home", [held], (MONDAY, ""), (TUESDAY, ""), *faults, (FRIDAY, ""))
    assert [row for night in nights for row in rows_of(night, held["id"]) if row[0] < WEDNESDAY] == []
    assert rows_of(nights[-1], held["id"]) == [(WEDNESDAY, "cs.CL", "new"), (THURSDAY, "cs.CL", "replace")]
    assert days[held["id"]] == WEDNESDAY


def test_friday_s_feed_on_a_saturday_is_stale_though_friday_was_not_read_whole(tmp_path):
    """One that the harvest could not place on Friday is in it; the others were announced as new on Friday."""
    held = paper(1, FRIDAY, "cs.CL", published="2026-01-12T12:00:00Z")
    faults = (FRIDAY, "feed:503,list:503"), (SATURDAY, "feed:stale,catchup:503")
    nights, days = live(tmp_path / "home", [held], (THURSDAY, ""), *faults, (NEXT, ""))
    assert [row for night in nights for row in night.rows if row[0] == SATURDAY] == []
    assert days[held["id"]] == FRIDAY


@pytest.mark.parametrize("faults", ["feed:503,oai:429:1", "feed:503,oai:429:1,site:503"])
def test_a_night_on_which_one_archive_of_two_was_read_is_not_called_one_without_arxiv(tmp_path, faults):
    nights, _ = live(tmp_path / "home", [], (MONDAY, ""), (TUESDAY, faults))
    assert nights[1].papers > nights[0].papers
    assert nights[1].status == SOME_FAILED


def test_a_night_without_any_answer_keeps_its_status(tmp_path):
    nights, _ = live(tmp_path / "home", [], (MONDAY, ""), (TUESDAY, "any:503"))
    assert (nights[1].status, nights[1].rows) == (NOTHING_POSSIBLE, nights[0].rows)


@pytest.mark.parametrize("faults", ["feed:503,oai:429:1", "feed:503,oai:no-records", "feed:empty", "feed:cap=2"])
def test_papers_that_a_listing_told_of_are_counted_in_the_report(tmp_path, faults):
    """The report says what became of every paper, whoever told of it."""
    nights, _ = live(tmp_path / "home", [], (MONDAY, ""), (TUESDAY, faults))
    assert nights[1].report["papers"].get("new", 0) == len(nights[1].papers - nights[0].papers) > 0


def test_one_page_that_arxiv_cannot_make_keeps_no_other_from_being_asked(tmp_path):
    """Nobody runs on Tuesday and Wednesday, and the first catch-up page ends with a 500 whenever it is asked for."""
    nights, _ = live(tmp_path / "home", [], (MONDAY, ""), (THURSDAY, "catchup:500:1"), (FRIDAY, "catchup:500:1"))
    assert {day for day, *_ in nights[1].rows} == {MONDAY, TUESDAY, WEDNESDAY, THURSDAY}
    assert [night.unproven for night in nights[1:]] == [(date.fromisoformat(TUESDAY),)] * 2


def test_a_page_that_has_told_all_is_not_asked_for_again(tmp_path):
    """Of Tuesday's two pages, one failed on Wednesday; on Thursday that one is asked for."""
    nights, _ = live(tmp_path / "home", [], (MONDAY, ""), (WEDNESDAY, "catchup:cut:1"), (THURSDAY, ""))
    assert nights[-1].status == GOOD
    assert nights[-1].report["requests"] <= 1 + len(FOLLOWED) + 1


def test_the_first_night_without_arxiv_does_not_lose_its_day(tmp_path):
    """Whoever begins on Monday wants Monday's papers, though arXiv was down on Monday."""
    nights, _ = live(tmp_path / "home", [], (MONDAY, "any:503"), (TUESDAY, ""))
    assert {day for day, *_ in nights[-1].rows} == {MONDAY, TUESDAY}
