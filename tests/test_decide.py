"""Pure decisions, by table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest import decide
from digest.decide import Fate
from digest.model import Announcement, AnnounceType, Paper, PaperId, Verdict

PAPER = Paper(
    id=PaperId("2602.90001"),
    version=2,
    title="A Title",
    abstract="An abstract.",
    authors=("Ada Example",),
    categories=("cs.AI", "cs.CL"),
    submitted=datetime(2026, 1, 30, 12, tzinfo=UTC),
    comment="12 pages",
    license="http://creativecommons.org/licenses/by/4.0/",
)
BARE = replace(PAPER, submitted=None, comment="", license="")


@pytest.mark.parametrize(
    ("paper", "seen", "fate"),
    [
        pytest.param(PAPER, None, Fate.NEW, id="never seen"),
        pytest.param(PAPER, PAPER, Fate.CURRENT, id="nothing changed"),
        pytest.param(BARE, PAPER, Fate.CURRENT, id="the feed's silence deletes nothing"),
        pytest.param(PAPER, BARE, Fate.COMPLETED, id="the harvest adds the date"),
        pytest.param(replace(PAPER, version=1), PAPER, Fate.OLDER, id="a stale cache serves an old version"),
        pytest.param(replace(PAPER, version=3, title="B"), PAPER, Fate.REVISED, id="a new title"),
        pytest.param(replace(PAPER, version=3), PAPER, Fate.COMPLETED, id="a new version with the same text"),
    ],
)
def test_judge(paper, seen, fate):
    assert decide.judge(paper, seen) is fate


def test_of_one_version_what_we_have_stays():
    """Two sources spell the same text each in its way: they must not take turns."""
    other = replace(PAPER, title="A  Title", abstract="C", authors=("A. Example",), comment="12 pp.", license="other")
    assert decide.merge(other, PAPER) == PAPER
    assert decide.judge(other, PAPER) is Fate.CURRENT


def test_of_one_version_what_we_lack_is_added():
    assert decide.merge(replace(PAPER, withdrawn=True), replace(BARE, authors=())) == replace(PAPER, withdrawn=True)


def test_merging_an_older_version_adds_only_the_first_date():
    older = replace(PAPER, version=1, title="Old", comment="old")
    assert decide.merge(older, replace(PAPER, submitted=None)) == PAPER


def test_a_new_version_does_not_inherit_licence_comment_or_withdrawal():
    """A withdrawal's comment is its reason: the one before would stand in its place."""
    merged = decide.merge(replace(BARE, version=3), replace(PAPER, withdrawn=True))
    assert (merged.license, merged.withdrawn, merged.comment) == ("", False, "")


NEXT = replace(PAPER, version=3)


@pytest.mark.parametrize(
    ("paper", "joined", "changes"),
    [
        pytest.param(NEXT, False, [], id="nothing of these"),
        pytest.param(replace(NEXT, comment="13 pages", dois=("10.1/x",)), False, [], id="details are not told"),
        pytest.param(replace(NEXT, title="B"), False, ["title"], id="the title"),
        pytest.param(replace(NEXT, abstract="Another abstract."), False, ["abstract"], id="the abstract"),
        pytest.param(
            replace(NEXT, title="A  Title", abstract="An\nabstract."), False, [], id="a line broken elsewhere"
        ),
        pytest.param(replace(NEXT, authors=("Bo Invented", "Ada Example")), False, ["authors"], id="an author more"),
        pytest.param(
            replace(NEXT, categories=("cs.AI", "cs.CL", "stat.ML")), True, ["categories"], id="a category joined"
        ),
        pytest.param(
            replace(NEXT, categories=("cs.AI", "cs.CL", "stat.ML")), False, [], id="a category joined on another day"
        ),
        pytest.param(replace(NEXT, categories=("cs.CL", "cs.AI")), False, [], id="categories in a new order"),
        pytest.param(replace(NEXT, categories=("cs.AI",)), False, [], id="a category fewer"),
        pytest.param(replace(NEXT, withdrawn=True), False, ["withdrawn"], id="a withdrawal"),
        pytest.param(
            replace(NEXT, title="B", abstract="C", authors=(), categories=("cs.LG",), withdrawn=True),
            True,
            ["title", "abstract", "authors", "categories", "withdrawn"],
            id="all of them, in this order",
        ),
        pytest.param(
            replace(PAPER, withdrawn=True), False, ["withdrawn"], id="one source knows that it is a withdrawal"
        ),
    ],
)
def test_changes(paper, joined, changes):
    assert decide.changes(paper, PAPER, joined=joined) == tuple(changes)


def test_a_withdrawn_version_is_told_to_be_one_whatever_was_before():
    """So the set does not depend on which of two sources told the version first, and what it knew."""
    assert decide.changes(replace(NEXT, withdrawn=True), replace(PAPER, withdrawn=True)) == ("withdrawn",)
    assert decide.changes(NEXT, replace(PAPER, withdrawn=True)) == ()


def test_a_cross_list_joins_the_categories():
    """Of one version behind those that we have, in our order; of a new version before those that only the last had."""
    crossed = replace(PAPER, categories=("cs.AI", "stat.ML"))
    assert decide.merge(crossed, PAPER).categories == ("cs.AI", "cs.CL", "stat.ML")
    assert decide.merge(replace(crossed, version=3), PAPER).categories == ("cs.AI", "stat.ML", "cs.CL")


@pytest.mark.parametrize(
    ("kind", "followed", "before", "expected"),
    [
        pytest.param("new", ["cs.AI", "cs.CL"], [], {"cs.AI": "new", "cs.CL": "cross"}, id="new in one, cross in one"),
        pytest.param("cross", ["cs.CL"], [], {"cs.CL": "cross"}, id="its primary category is not followed"),
        pytest.param("cross", ["cs.AI", "cs.CL"], [], {"cs.CL": "cross"}, id="never in its primary category"),
        pytest.param("cross", ["cs.AI", "cs.CL", "stat.ML"], ["cs.CL"], {"stat.ML": "cross"}, id="newly joined"),
        pytest.param("replace", ["cs.AI", "cs.CL"], [], {"cs.AI": "replace", "cs.CL": "replace-cross"}, id="replaced"),
        pytest.param("replace-cross", ["cs.CL"], [], {"cs.CL": "replace-cross"}, id="replaced elsewhere"),
        pytest.param("new", ["math.CO"], [], {"cs.AI": "new"}, id="in no followed category"),
    ],
)
def test_told_in(kind, followed, before, expected):
    """arXiv's word is relative to all categories that were asked for; ours to one."""
    paper = replace(PAPER, categories=("cs.AI", "cs.CL", "stat.ML"))
    announcement = Announcement(paper=paper, kind=AnnounceType(kind), day=date(2026, 2, 2))
    assert decide.told_in(announcement, followed, before) == expected


@pytest.mark.parametrize(
    ("category", "kind", "expected"),
    [
        pytest.param("cs.AI", "new", "new", id="new"),
        pytest.param("cs.CL", "cross", "cross", id="a cross-list"),
        pytest.param("cs.AI", "replace", "replace", id="replaced, in its primary category"),
        pytest.param("cs.CL", "replace", "replace-cross", id="replaced, elsewhere"),
        pytest.param("cs.AI", "replace-cross", "replace", id="told in the other's word"),
        pytest.param("math.CO", "replace", "replace-cross", id="in a category that its record lacks"),
    ],
)
def test_kind_in(category, kind, expected):
    assert decide.kind_in(category, PAPER, AnnounceType(kind)) == expected


# --- feeds -----------------------------------------------------------------------------------------------------------

MONDAY, TUESDAY = date(2026, 2, 2), date(2026, 2, 3)


@pytest.mark.parametrize(
    ("facts", "verdict", "sentence"),
    [
        pytest.param({}, Verdict.OK, "", id="unseen papers"),
        pytest.param({"known": "ab"}, Verdict.OK, "", id="some of them new"),
        pytest.param({"known": "abc"}, Verdict.STALE, "an earlier day's papers", id="yesterday's batch again"),
        pytest.param(
            {"repeated": "a"}, Verdict.STALE, "an earlier day's papers", id="what was new yesterday is new again"
        ),
        pytest.param({"unknown_day": MONDAY}, Verdict.STALE, "of 2026-02-02 or of", id="of which day they are is open"),
        pytest.param({"known": "ab", "unknown_day": MONDAY}, Verdict.STALE, "is open", id="open, also of some of them"),
        pytest.param({"known": "abc", "unknown_day": MONDAY}, Verdict.STALE, "an earlier", id="surely yesterday's"),
        pytest.param({"ids": ""}, Verdict.EMPTY_UNEXPECTED, "expects papers on 2026-02-03", id="nothing on a weekday"),
        pytest.param({"ids": "", "scheduled": False}, Verdict.EMPTY_BY_SCHEDULE, "", id="nothing on a Sunday"),
        pytest.param({"scheduled": False}, Verdict.OK, "", id="papers on a Sunday"),
        pytest.param(
            {"ids": "", "unknown_day": MONDAY},
            Verdict.EMPTY_UNEXPECTED,
            "is empty",
            id="empty, of whatever day",
        ),
    ],
)
def test_judge_feed(facts, verdict, sentence):
    usual = {"ids": "abc", "known": "", "repeated": ""} | facts
    sets = {name: set(usual.pop(name)) for name in ("ids", "known", "repeated")}
    days = {"expected": TUESDAY, "scheduled": True, "unknown_day": None}
    found, told = decide.judge_feed(decide.FeedFacts(**days | usual, **sets))
    assert found is verdict
    assert sentence in told
    assert bool(told) == (not verdict.is_complete)


# --- papers that the feed lacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "datestamp", "proven", "days"),
    [
        pytest.param(1, 3, 3, [3], id="one version, untouched since it was expected"),
        pytest.param(2, 3, None, [3], id="replaced on the day it was expected"),
        pytest.param(1, 5, None, [3, 5], id="held back by arXiv, or changed in some detail"),
        pytest.param(3, 9, None, [3, 9], id="replaced later"),
        pytest.param(1, 2, None, [2, 3], id="written before it was expected"),
    ],
)
def test_suspect(versions, datestamp, proven, days):
    found = decide.suspect(PAPER, versions=versions, expected=TUESDAY, datestamp=date(2026, 2, datestamp))
    assert found.proven == (proven and date(2026, 2, proven))
    assert found.days == tuple(date(2026, 2, day) for day in days)
    assert (found.paper, found.expected) == (PAPER, TUESDAY)


@pytest.mark.parametrize(
    ("day", "versions", "number"),
    [
        pytest.param(3, {1: 3}, 1, id="the only one"),
        pytest.param(2, {1: 3, 2: 5}, 1, id="none was out yet"),
        pytest.param(3, {1: 3, 2: 5}, 1, id="on the day of the first"),
        pytest.param(4, {1: 3, 2: 5}, 1, id="between two"),
        pytest.param(5, {1: 3, 2: 5}, 2, id="on the day of the second"),
        pytest.param(9, {1: 3, 2: 5, 4: 6}, 4, id="after the last; one is unknown"),
        pytest.param(5, {1: 3, 2: 5, 3: 5}, 3, id="two on one day"),
        pytest.param(2, {2: 5, 3: 6}, 2, id="none was out yet, and the first is unknown"),
    ],
)
def test_version_on(day, versions, number):
    dated = [(version, date(2026, 2, announced)) for version, announced in versions.items()]
    assert decide.version_on(date(2026, 2, day), dated) == number
