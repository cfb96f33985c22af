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


def test_a_new_version_does_not_inherit_licence_or_withdrawal():
    merged = decide.merge(replace(BARE, version=3), replace(PAPER, withdrawn=True))
    assert (merged.license, merged.withdrawn, merged.comment) == ("", False, "12 pages")


def test_a_cross_list_joins_the_categories():
    merged = decide.merge(replace(PAPER, categories=("cs.AI", "stat.ML")), PAPER)
    assert merged.categories == ("cs.AI", "stat.ML", "cs.CL")


@pytest.mark.parametrize(
    ("kind", "category", "expected"),
    [
        (AnnounceType.NEW, "cs.AI", AnnounceType.NEW),
        (AnnounceType.NEW, "cs.CL", AnnounceType.CROSS),
        (AnnounceType.CROSS, "cs.CL", AnnounceType.CROSS),
        (AnnounceType.REPLACE, "cs.AI", AnnounceType.REPLACE),
        (AnnounceType.REPLACE, "cs.CL", AnnounceType.REPLACE_CROSS),
        (AnnounceType.REPLACE_CROSS, "cs.CL", AnnounceType.REPLACE_CROSS),
    ],
)
def test_kind_in(kind, category, expected):
    """arXiv's word is relative to all categories that were asked for; ours to one."""
    announcement = Announcement(paper=PAPER, kind=kind, day=date(2026, 2, 2))
    assert decide.kind_in(announcement, category) is expected


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
