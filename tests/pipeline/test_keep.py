"""What becomes of one announcement, given what is known of its paper: small cases, on an empty catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.catalogue.store import Catalogue, PageKey
from digest.decide import Fate
from digest.model import Announcement, AnnounceType, Paper, PaperId
from digest.pipeline import record

DAY, LATER = date(2026, 2, 3), date(2026, 2, 5)
PAPER = Paper(
    id=PaperId("2602.90001"),
    version=1,
    title="Graphs",
    abstract="We count.",
    authors=("Ada Example",),
    categories=("cs.AI", "math.CO"),
)
SECOND = replace(PAPER, version=2, title="Trees", updated=datetime(2026, 2, 4, 9, tzinfo=UTC))
NOTE = PageKey("paper", PAPER.id)
NEW, CROSS, REPLACE = AnnounceType.NEW, AnnounceType.CROSS, AnnounceType.REPLACE


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    with Catalogue(Path(":memory:")) as opened:
        yield opened


def keep(c: Catalogue, paper: Paper, kind: AnnounceType, day: date, *, by_hand: bool = False) -> Fate:
    announcement = Announcement(paper=paper, kind=kind, day=day, estimated=by_hand)
    return record.keep(c, announcement, noted_on=date(2026, 2, 9) if by_hand else None)


def queued(c: Catalogue) -> dict[int, str]:
    """Day of the month → the title with which the paper is to be settled then."""
    return {day.day: paper.title for day in c.agenda.days() for paper in c.agenda.papers(day)}


def with_note(c: Catalogue) -> Catalogue:
    c.add_page(NOTE, "A Note", "a note", since=DAY)
    return c


@pytest.mark.parametrize(
    ("told", "fates", "wanted"),
    [
        pytest.param([(PAPER, NEW, DAY)], "new", {3: "Graphs"}, id="new"),
        pytest.param([(PAPER, CROSS, DAY)], "new", {3: "Graphs"}, id="cross-listed"),
        pytest.param([(SECOND, REPLACE, LATER)], "new", {}, id="only known as a replacement"),
        pytest.param(
            [(SECOND, REPLACE, LATER), (PAPER, NEW, DAY)],
            "new older",
            {3: "Graphs", 5: "Trees"},
            id="its first day after",
        ),
        pytest.param(
            [(PAPER, NEW, DAY), (SECOND, REPLACE, LATER)], "new revised", {3: "Graphs", 5: "Trees"}, id="replaced"
        ),
        pytest.param(
            [(PAPER, NEW, DAY), (SECOND, REPLACE, DAY)],
            "new revised",
            {3: "Graphs", 5: "Trees"},
            id="replaced before that can have been announced",
        ),
        pytest.param([(PAPER, NEW, DAY), (PAPER, NEW, DAY)], "new current", {3: "Graphs"}, id="told twice"),
        pytest.param(
            [(PAPER, CROSS, LATER), (PAPER, NEW, DAY)], "new current", {3: "Graphs"}, id="the first day counts"
        ),
        pytest.param(
            [(PAPER, NEW, DAY), (PAPER, CROSS, LATER)], "new current", {3: "Graphs"}, id="whichever comes first"
        ),
    ],
)
def test_what_is_settled_when(catalogue, told, fates, wanted):
    assert [keep(catalogue, paper, kind, day) for paper, kind, day in told] == fates.split()
    assert queued(catalogue) == wanted


def test_a_note_follows_when_the_day_of_its_version_is_told(catalogue):
    """Once; a later day of the same version is no news."""
    keep(with_note(catalogue), PAPER, NEW, DAY)
    catalogue.update_paper(SECOND)
    catalogue.rendered(catalogue.pending(), "recipe")
    keep(catalogue, SECOND, REPLACE, LATER)
    assert catalogue.pending() == [NOTE]
    catalogue.rendered([NOTE], "recipe")
    keep(catalogue, SECOND, REPLACE, date(2026, 2, 6))
    assert catalogue.pending() == []


def test_the_pages_that_name_a_paper_follow_what_it_is_now(catalogue):
    """Those of all days on which it was announced, so far as there are such pages."""
    keep(with_note(catalogue), PAPER, NEW, DAY)
    catalogue.announce(DAY, "cs.AI", PAPER, NEW)
    page = PageKey("day", DAY.isoformat())
    catalogue.add_page(page, "digests/d", "digests/d", since=DAY)
    catalogue.rendered(catalogue.pending(), "recipe")
    keep(catalogue, SECOND, REPLACE, LATER)
    assert catalogue.pending() == [page, NOTE]


def test_a_version_before_ours_adds_its_text_and_changes_nothing_else(catalogue):
    keep(with_note(catalogue), SECOND, NEW, LATER)
    catalogue.rendered(catalogue.pending(), "recipe")
    assert keep(catalogue, PAPER, NEW, DAY) is Fate.OLDER
    assert catalogue.papers([PAPER.id]) == {PAPER.id: SECOND}
    assert [paper.title for paper in catalogue.former_versions([PAPER.id])] == ["Graphs"]
    assert catalogue.first_announced([PAPER.id]) == {PAPER.id: DAY}
    assert catalogue.pending() == [NOTE]


def estimated(c: Catalogue) -> tuple[str, int]:
    ((day, is_estimated),) = c.connection.execute("SELECT announced, announced_estimated FROM papers")
    return day, is_estimated


def test_the_day_of_a_paper_asked_for_by_hand_is_an_estimate_until_it_is_told(catalogue):
    """It is settled with the day on which it was asked for; when its own is told, it stays there."""
    keep(catalogue, PAPER, NEW, LATER, by_hand=True)
    assert estimated(catalogue) == ("2026-02-05", 1)
    assert queued(catalogue) == {9: "Graphs"}
    keep(catalogue, PAPER, NEW, DAY)
    assert estimated(catalogue) == ("2026-02-03", 0)
    assert queued(catalogue) == {9: "Graphs"}


def test_also_of_one_that_was_only_known_as_a_replacement(catalogue):
    keep(catalogue, SECOND, REPLACE, LATER)
    keep(catalogue, SECOND, NEW, DAY, by_hand=True)
    assert estimated(catalogue) == ("2026-02-03", 1)
    assert queued(catalogue) == {9: "Trees"}
