"""Many nights in which many requests fail: nothing is missed, nothing is there twice, and every report adds up.

A life is lived once for all the tests of it. Its figures are printed with ``-s``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digest.model import Verdict
from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.testing import mailings, storms
from digest.testing.fake_arxiv import load_papers
from digest.testing.histories import make_mailings
from digest.testing.mailings import Life, Night, Record, Weather

SMALLER = (
    "astro-ph.GA",
    "astro-ph.CO",
    "astro-ph.IM",
    "astro-ph.HE",
    "astro-ph.SR",
    "cs.IT",
    "cs.GT",
    "cs.GR",
    "gr-qc",
)
LARGE = ("cs.CV", "cs.CL", "cs.AI", *SMALLER, "astro-ph.EP", "cs.CE", "hep-ph")

SOMETIMES = Weather(rate=0.3)
HASTY = Weather(rate=0.3, attempts=1)
CONTRADICTORY = Weather(rate=0.3, attempts=2, named=(*storms.VISIBLE, *storms.DOUBTFUL))


@dataclass(frozen=True, kw_only=True)
class World:
    papers: Sequence[Record]
    followed: Sequence[str]
    nights: Sequence[date]


def invented() -> World:
    """Eight mailings of some fifty papers, and one more."""
    history = make_mailings(3, mailings=9, papers=50)
    return World(papers=history.papers, followed=history.categories, nights=[night.date() for night in history.nights])


def real(followed: Sequence[str]) -> Callable[[], World]:
    """Forty mailings as they were and one more, with later versions and cross-lists put in; every day is a night."""

    def world() -> World:
        file = Path(__file__).resolve().parents[3] / "shared" / "data" / "arxiv" / "days.jsonl.gz"
        if not file.is_file():
            pytest.skip("the announcement days are not beside this checkout")
        # Six papers stand under a Saturday or Sunday, on which arXiv announces nothing.
        papers = [paper for paper in load_papers(file) if date.fromisoformat(paper["first_seen"]).weekday() < 5]
        days = sorted({date.fromisoformat(paper["first_seen"]) for paper in papers})[:41]
        told = mailings.enriched([p for p in papers if p["first_seen"] <= days[-1].isoformat()], followed)
        nights = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
        return World(papers=told, followed=followed, nights=nights)

    return world


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((invented, SOMETIMES, 1), id="8 nights, 30 % fail"),
        pytest.param((invented, HASTY, 13), id="8 nights, 30 % fail and nothing is asked twice"),
        pytest.param((invented, CONTRADICTORY, 12), id="8 nights, 30 % fail and others say what is not so"),
        pytest.param((real(LARGE), SOMETIMES, 2), id="40 nights, 30 % fail", marks=pytest.mark.long),
        pytest.param((real(SMALLER), HASTY, 3), id="40 nights, nothing is asked twice", marks=pytest.mark.long),
        pytest.param(
            (real(SMALLER), CONTRADICTORY, 4), id="40 nights, others say what is not so", marks=pytest.mark.long
        ),
    ],
)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    make, weather, seed = request.param
    world: World = make()
    home = tmp_path_factory.mktemp("nights") / "home"
    lived = mailings.live(world.papers, world.followed, world.nights, weather, home, seed=seed)
    print(f"\n{lived}")  # noqa: T201
    return lived


def test_no_announcement_is_missed_and_none_is_made_up(life):
    """The catalogue ends with every announcement of every mailing, under its day, and no other."""
    assert (life.missed, life.made_up) == ([], [])


def test_every_paper_has_one_note_and_its_right_day(life):
    """A paper's day is the first on which it was new or cross-listed; one that was only replaced has no note."""
    assert sorted(notes(life.home)) == sorted(first_days(life).items())
    assert mailings.announced_days(life.home) == first_days(life)


def first_days(life: Life) -> dict[str, str]:
    """Paper → the first day on which it was new or cross-listed."""
    days: dict[str, str] = {}
    for day, _, paper, kind in sorted(life.expected):
        if kind in ("new", "cross"):
            days.setdefault(paper, day)
    return days


def notes(home: Path) -> Iterator[tuple[str, str]]:
    """Identifier and announced day of every note of a paper."""
    for path in (home / "vault").rglob("*.md"):
        head = path.read_text(encoding="utf-8").partition("\n---\n")[0]
        told = dict(re.findall(r"^(arxiv_id|announced): ['\"]?(.+?)['\"]?$", head, re.M))
        if "arxiv_id" in told:
            yield told["arxiv_id"], told["announced"]


def test_a_good_night_lacks_nothing(life):
    """A night that ends with 0 has every mailing so far proven, and every announcement of them in the catalogue."""
    for night in life.nights:
        if night.status == GOOD:
            lacking = [row for row in life.expected - night.rows if row[0] <= night.day.isoformat()]
            assert (str(night.day), night.unproven, sorted(lacking)) == (str(night.day), (), [])


def test_no_night_records_what_is_not_so(life):
    """Not even until the next night."""
    assert [(str(n.day), row) for n in life.nights for row in sorted(n.rows - life.expected)] == []


def test_a_night_that_brought_papers_is_not_called_one_on_which_nothing_was_possible(life):
    """Status 2 tells the reader that nothing was changed."""
    wrong = []
    for before, night in pairwise((first_of(life), *life.nights)):
        assert night.status in (GOOD, SOME_FAILED, NOTHING_POSSIBLE)
        if night.status == NOTHING_POSSIBLE and (night.rows, night.papers) != (before.rows, before.papers):
            wrong.append(f"{night.day}: {len(night.papers - before.papers)} papers came")
    assert wrong == []


def test_the_last_night_ends_well(life):
    assert life.nights[-1].status == GOOD


def test_every_count_adds_up(life):
    """In each report and category: what is stored is new, cross-listed or replaced; no more is stored than was announced,
    and when the day is proven no less; and it is what the catalogue has.
    """
    wrong = []
    for night in life.nights:
        for category, count in night.report["categories"].items():
            there = sum(day == night.day.isoformat() and where == category for day, where, *_ in night.rows)
            kinds = count["new"] + count["cross"] + count["replaced"]
            proven = night.day not in night.unproven
            numbers = [value for key, value in count.items() if key != "verdict"]
            good = kinds == count["stored"] == there <= count["announced"] and min(numbers) >= 0
            if not good or (proven and count["announced"] != kinds):
                wrong.append((str(night.day), category, count, there))
    assert wrong == []


def test_every_category_with_a_mailing_is_counted_on_a_proven_night(life):
    """And no category without one."""
    for night in life.nights:
        if night.day not in night.unproven:
            told = {where for day, where, *_ in life.expected if day == night.day.isoformat()}
            assert (str(night.day), set(night.report["categories"])) == (str(night.day), told)


def test_the_papers_of_a_report_are_those_that_the_night_brought(life):
    """As many are called new as the catalogue has more than the night before, whoever told of them; and each announcement
    that came this night belongs to one of the report's papers.
    """
    wrong = []
    for before, night in pairwise((first_of(life), *life.nights)):
        fates = night.report["papers"]
        came = {(day, paper) for day, _, paper, _ in night.rows - before.rows}
        fresh = len(night.papers) - len(before.papers)
        if fates.get("new", 0) != fresh or sum(fates.values()) < len(came) or min(fates.values(), default=0) < 0:
            wrong.append(f"{night.day}: {fresh} papers and {len(came)} announcements came, and it says {fates}")
    assert wrong == []


def first_of(life: Life) -> Night:
    """Before the first night."""
    first = life.nights[0]
    nothing: frozenset[str] = frozenset()
    return Night(day=first.day, report={}, rows=frozenset(), papers=nothing, unproven=(), faults=())


def test_a_fault_that_took_an_answer_away_is_told(life):
    """No source is called good on a night that ends with another status than 0 for want of an answer."""
    for night in life.nights:
        if night.status != GOOD:
            told = [Verdict(s["verdict"]) for s in night.report["sources"]]
            assert night.report["failed"] or not all(v.is_complete for v in told) or night.unproven


@pytest.mark.parametrize("missing", [1, 3, 10])
def test_an_outage_ends_with_every_announcement_and_every_paper_s_day(tmp_path, missing):
    """Nobody runs for some mailings; then one night brings all that they announced, each paper under its own day."""
    history = make_mailings(5, mailings=missing + 2, papers=12)
    nights = [history.nights[0].date(), history.nights[-1].date()]
    calm = Weather(rate=0)
    lived = mailings.live(history.papers, history.categories, nights, calm, tmp_path / "home", seed=0)
    assert [night.status for night in lived.nights] == [GOOD, GOOD]
    assert (lived.missed, lived.made_up) == ([], [])
    assert mailings.announced_days(lived.home) == first_days(lived)
