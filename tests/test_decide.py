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


def test_merging_an_older_version_adds_only_the_first_date():
    older = replace(PAPER, version=1, title="Old", comment="old")
    assert decide.merge(older, replace(PAPER, submitted=None)) == PAPER


def test_a_new_version_does_not_inherit_licence_comment_or_withdrawal():
    """A withdrawal's comment is its reason: the one before would stand in its place."""
    merged = decide.merge(replace(BARE, version=3), replace(PAPER, withdrawn=True))
    assert (merged.license, merged.withdrawn, merged.comment) == ("", False, "")


NEXT = replace(PAPER, version=3)


@pytest.mark.parametrize(
    ("paper", "changes"),
    [
        pytest.param(NEXT, [], id="nothing of these"),
        pytest.param(replace(NEXT, comment="13 pages", dois=("10.1/x",)), [], id="details are not told"),
        pytest.param(replace(NEXT, title="B"), ["title"], id="the title"),
        pytest.param(replace(NEXT, abstract="Another abstract."), ["abstract"], id="the abstract"),
        pytest.param(replace(NEXT, abstract="An\nabstract."), [], id="a line broken elsewhere"),
        pytest.param(replace(NEXT, authors=("Bo Invented", "Ada Example")), ["authors"], id="an author more"),
        pytest.param(replace(NEXT, categories=("cs.AI", "cs.CL", "stat.ML")), ["categories"], id="a category joined"),
        pytest.param(replace(NEXT, categories=("cs.CL", "cs.AI")), [], id="categories in a new order"),
        pytest.param(replace(NEXT, categories=("cs.AI",)), [], id="a category fewer"),
        pytest.param(replace(NEXT, withdrawn=True), ["withdrawn"], id="a withdrawal"),
        pytest.param(
            replace(NEXT, title="B", abstract="C", authors=(), categories=("cs.LG",), withdrawn=True),
            ["title", "abstract", "authors", "categories", "withdrawn"],
            id="all of them, in this order",
        ),
        pytest.param(replace(PAPER, title="A  Title", abstract="C"), [], id="another source's spelling of one version"),
        pytest.param(replace(PAPER, withdrawn=True), ["withdrawn"], id="one source knows that it is a withdrawal"),
    ],
)
def test_changes(paper, changes):
    assert decide.changes(paper, PAPER) == tuple(changes)


def test_a_withdrawn_version_is_told_to_be_one_whatever_was_before():
    """So the set does not depend on which of two sources told the version first, and what it knew."""
    assert decide.changes(replace(NEXT, withdrawn=True), replace(PAPER, withdrawn=True)) == ("withdrawn",)
    assert decide.changes(NEXT, replace(PAPER, withdrawn=True)) == ()


def test_a_cross_list_joins_the_categories():
    merged = decide.merge(replace(PAPER, categories=("cs.AI", "stat.ML")), PAPER)
    assert merged.categories == ("cs.AI", "stat.ML", "cs.CL")


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
    ("scheduled", "ids", "recorded", "known", "verdict"),
    [
        pytest.param(True, "abc", "", "", Verdict.OK, id="unseen papers"),
        pytest.param(True, "abc", "abc", "", Verdict.OK, id="the same day again"),
        pytest.param(True, "abc", "", "ab", Verdict.OK, id="some of them new"),
        pytest.param(True, "abc", "", "abc", Verdict.STALE, id="yesterday's batch again"),
        pytest.param(True, "", "", "", Verdict.EMPTY_UNEXPECTED, id="nothing on a weekday"),
        pytest.param(False, "", "", "", Verdict.EMPTY_BY_SCHEDULE, id="nothing on a Sunday"),
    ],
)
def test_judge_feed(scheduled, ids, recorded, known, verdict):
    facts = decide.FeedFacts(
        expected=date(2026, 2, 3), scheduled=scheduled, ids=set(ids), recorded=set(recorded), known=set(known)
    )
    found, sentence = decide.judge_feed(facts)
    assert found is verdict
    assert bool(sentence) == (not verdict.is_complete)
