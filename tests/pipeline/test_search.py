"""Questions about papers: which are near one, and which say what a text says."""

from __future__ import annotations

from datetime import date

import pytest

from digest import config
from digest.errors import UnknownPaper
from digest.model import PaperId
from digest.pipeline import search
from digest.ports import Filter
from digest.testing.fakes import QuickAssembly

WEEK = ["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06"]
ALL = Filter()


@pytest.fixture
def parts(run, home):
    """A week of nights, and the workspace's parts."""
    for day in WEEK:
        run(day)
    with QuickAssembly(home, config.load(home, {})) as assembly:
        yield assembly


def ids(found, kind="papers"):
    return [row["id"] for row in found[kind]]


def some_linked(parts) -> PaperId:
    """The paper with the most links."""
    linked = parts.catalogue.relations.linked(parts.catalogue.relations.settled())
    return max(linked, key=lambda paper: (len(linked[paper]), paper))


def test_related_begins_with_the_paper_s_own_nearest(parts):
    """By the rule that notes go by, and on beyond the note's own list."""
    paper = some_linked(parts)
    own = [n.id for n in parts.catalogue.relations.neighbours([paper])[paper]]
    found = search.related(parts, paper, 50, ALL)
    assert ids(found, "related")[: len(own)] == own
    assert len(found["related"]) > len(own)
    assert all(row["cosine"] >= 0.5 for row in found["related"])
    assert {row["id"] for row in found["related"] if row["on_note"]} == parts.catalogue.relations.linked([paper])[paper]
    assert found["paper"]["id"] == paper


def test_related_is_a_question_of_texts_not_of_lists(parts):
    """A paper whose note the reader has deleted still has near ones, and is near to none."""
    paper = some_linked(parts)
    before = ids(search.related(parts, paper, 50, ALL), "related")
    parts.catalogue.dismiss(paper)
    assert ids(search.related(parts, paper, 50, ALL), "related") == before
    assert paper not in ids(search.related(parts, PaperId(before[0]), 50, ALL), "related")


def test_related_among(parts):
    paper = some_linked(parts)
    among = Filter(since=date(2026, 2, 4), until=date(2026, 2, 5))
    everything = search.related(parts, paper, 50, ALL)["related"]
    expected = [row["id"] for row in everything if row["announced"] in ("2026-02-04", "2026-02-05")]
    assert ids(search.related(parts, paper, 50, among), "related") == expected


def test_related_to_nobody(parts):
    with pytest.raises(UnknownPaper, match=r"2602\.99999: not in this catalogue; .* digest fetch --id 2602\.99999"):
        search.related(parts, PaperId("2602.99999"), 5, ALL)


def test_a_title_finds_its_paper(parts):
    """By its words as they stand, by its words in disorder, and by its meaning."""
    paper = parts.catalogue.papers([some_linked(parts)]).popitem()[1]
    shuffled = " ".join(sorted(paper.title.split()))
    for text in (paper.title, shuffled, f"{paper.title} {paper.abstract}"):
        found = search.search(parts, text, 5, ALL)["papers"][0]
        assert found["id"] == paper.id
        assert found["meaning_rank"] is not None
        assert found["note"] == parts.catalogue.path(search.PageKey("paper", paper.id))


def test_search_joins_both_ways(parts):
    """The score is the sum of both reciprocal ranks; best first; what only one way knows is there, too."""
    found = search.search(parts, "language models", 100, ALL)["papers"]
    for row in found:
        ranks = [rank for rank in (row["words_rank"], row["meaning_rank"]) if rank]
        assert row["score"] == pytest.approx(sum(1 / (60 + rank) for rank in ranks), abs=1e-6)
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    assert any(row["words_rank"] is None for row in found)
    assert len(search.search(parts, "language models", 3, ALL)["papers"]) == 3


@pytest.mark.parametrize("among", [Filter(categories=("math.CO",)), Filter(until=date(2026, 2, 2))])
def test_search_among(parts, among):
    found = search.search(parts, "language models", 100, among)["papers"]
    papers = parts.catalogue.papers(row["id"] for row in found)
    assert found
    for row in found:
        if among.categories:
            assert set(papers[row["id"]].categories) & set(among.categories)
        if among.until:
            assert row["announced"] <= among.until.isoformat()


def test_prose(parts):
    paper = some_linked(parts)
    lines = list(search.prose(search.related(parts, paper, 2, ALL)))
    assert len(lines) == 4
    assert "% similar" in lines[1]
    lines = list(search.prose(search.search(parts, "language models", 1, ALL)))
    assert "words: number 1" in lines[1]
    assert list(search.prose(search.search(parts, "x", 5, Filter(since=date(2030, 1, 1))))) == [
        "No paper here has these words or this meaning."
    ]
