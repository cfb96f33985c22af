"""Questions about papers: which are near one of them, and which say what a text says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from digest import decide
from digest.catalogue.search import with_words
from digest.catalogue.store import PageKey
from digest.errors import UnknownPaper
from digest.model import PaperId
from digest.pipeline import relate

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts
    from digest.ports import Filter

POOL = 200
"""Papers that each of the two ways of searching may propose."""

RANK_CONSTANT = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): how little the very first places count more."""


def related(parts: Parts, paper_id: PaperId, limit: int, among: Filter) -> dict[str, Any]:
    """The papers nearest to one of the catalogue, by the rule that notes go by, at most *limit*, the nearest first.

    Raises UnknownPaper when the catalogue does not have it.
    """
    catalogue = parts.catalogue
    paper = catalogue.papers([paper_id]).get(paper_id)
    if paper is None:
        raise UnknownPaper(f"{paper_id}: not in this catalogue; get it with: digest fetch --id {paper_id}")
    found = relate.nearest(parts, paper, limit, among)
    shown = catalogue.relations.linked([paper_id]).get(paper_id, set())
    keywords = catalogue.decisions([paper_id, *(n.id for n in found)])
    others = catalogue.papers(n.id for n in found)
    share = relate.shares(parts).share
    return {
        "paper": _told(parts, [paper_id])[0],
        "related": [
            told
            | {
                "score": near.score,
                "cosine": near.cosine,
                "words": near.words,
                "less_similar_pairs": share(near.cosine),
                "shared_keywords": list(decide.shared_keywords(keywords.get(paper_id, ()), keywords.get(near.id, ()))),
                "shared_authors": list(decide.shared_authors(paper.authors, others[near.id].authors)),
                "on_note": near.id in shown,
            }
            for near, told in zip(found, _told(parts, [n.id for n in found]), strict=True)
        ],
    }


def search(parts: Parts, text: str, limit: int, among: Filter) -> dict[str, Any]:
    """Papers with the words of *text* or its meaning, at most *limit*; the best by both ranks first, ties by identifier."""
    words = with_words(parts.catalogue.connection, text, POOL, among)
    meaning = relate.like_text(parts, text, POOL, among)
    ranks = [{paper: rank for rank, paper in enumerate(one, 1)} for one in (words, list(meaning))]
    scores = {
        paper: sum(1 / (RANK_CONSTANT + rank[paper]) for rank in ranks if paper in rank) for paper in {*words, *meaning}
    }
    found = sorted(scores, key=lambda paper: (-scores[paper], paper))[:limit]
    return {
        "query": text,
        "papers": [
            told
            | {
                "score": round(scores[paper], 6),
                "words_rank": ranks[0].get(paper),
                "meaning_rank": ranks[1].get(paper),
                "cosine": meaning.get(paper),
            }
            for paper, told in zip(found, _told(parts, found), strict=True)
        ],
    }


def _told(parts: Parts, ids: Sequence[PaperId]) -> list[dict[str, Any]]:
    """What is said of each of these papers, in their order."""
    papers, announced = parts.catalogue.papers(ids), parts.catalogue.first_announced(ids)
    return [
        {
            "id": paper_id,
            "title": papers[paper_id].title,
            "announced": announced[paper_id].isoformat() if paper_id in announced else None,
            "category": papers[paper_id].categories[0],
            "note": parts.catalogue.path(PageKey("paper", paper_id)),
        }
        for paper_id in ids
    ]


def prose(found: dict[str, Any]) -> Iterator[str]:
    """What ``related`` or ``search`` found, in lines."""
    rows = found.get("related", found.get("papers", []))
    if not rows:
        yield (
            "No paper here is near enough." if "related" in found else "No paper here has these words or this meaning."
        )
    for number, row in enumerate(rows, 1):
        yield f"{number:>3}  {row['title']}"
        yield f"     {row['id']} · {row['category']} · {row['announced']} · {' · '.join(_reasons(row))}"


def _reasons(row: dict[str, Any]) -> Iterator[str]:
    if "less_similar_pairs" not in row:
        if row["words_rank"]:
            yield f"words: number {row['words_rank']}"
        if row["meaning_rank"]:
            yield f"meaning: number {row['meaning_rank']} ({row['cosine']:.1%} similar)"
        return
    share = row["less_similar_pairs"]
    yield f"{row['cosine']:.1%} similar" + ("" if share is None else f", nearer than {share:.2%} of random pairs")
    if row["shared_keywords"]:
        yield "both: " + ", ".join(row["shared_keywords"])
    if row["shared_authors"]:
        yield "also by " + ", ".join(row["shared_authors"][: decide.SHARED])
