"""Values of the model with plausible defaults, for tests: name only what the test is about.

Every builder takes the fields of its type as keywords. All persons, titles and abstracts are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from digest.model import (
    Announcement,
    AnnounceType,
    AuthorTopic,
    Block,
    Candidate,
    CategoryCount,
    CategoryTopic,
    CentralPaper,
    Change,
    Course,
    Day,
    DayCount,
    Entry,
    Hearsay,
    Home,
    KeyTerm,
    Keyword,
    KeywordCategory,
    KeywordCount,
    KeywordTopic,
    KeywordTrend,
    Landmark,
    Link,
    Neighbour,
    Note,
    NoteKeyword,
    Page,
    Paper,
    PaperId,
    RelatedPaper,
    Revision,
    Scores,
    Section,
    Space,
    Spell,
    Statement,
    Summary,
    Teller,
    TermCounts,
    Testimony,
    Trend,
)
from digest.periods import week_of

T = TypeVar("T")
DAY = date(2026, 2, 3)
ABSTRACT = (
    "Retrieval-augmented generation (RAG) answers questions from documents that a model has never seen. "
    "Its answers are often right for the wrong reason, because the passage that was found does not support them. "
    "We propose Harrow, a verifier that reads answer and passage together and rejects unsupported sentences. "
    "On four open-domain question answering benchmarks, Harrow lowers unsupported statements from 21% to 6%. "
    "The verifier has 110M parameters and adds 40 ms to an answer."
)


def _made(kind: type[T], defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> T:
    return kind(**{**defaults, **changes})


# --- what arXiv says -------------------------------------------------------------------------------------------------


def make_paper(**changes: Any) -> Paper:
    defaults = {
        "id": PaperId("2602.90001"),
        "version": 1,
        "title": "Harrow: Rejecting Unsupported Answers in Retrieval-Augmented Generation",
        "abstract": ABSTRACT,
        "authors": ("Ilse Marwick", "Tomasz Okonedo"),
        "categories": ("cs.CL", "cs.IR"),
        "submitted": datetime(2026, 2, 2, 9, 30, tzinfo=UTC),
        "updated": datetime(2026, 2, 2, 9, 30, tzinfo=UTC),
        "comment": "12 pages, 4 figures",
        "license": "http://creativecommons.org/licenses/by/4.0/",
    }
    return _made(Paper, defaults, changes)


def make_announcement(**changes: Any) -> Announcement:
    """An announcement; without ``paper`` of the paper of ``make_paper``."""
    return _made(Announcement, {"paper": make_paper(), "kind": AnnounceType.NEW, "day": DAY}, changes)


def make_category_count(**changes: Any) -> CategoryCount:
    return _made(CategoryCount, {"category": "cs.CL", "announced": 3, "new": 2, "cross": 1, "stored": 3}, changes)


def make_record(**changes: Any) -> dict[str, Any]:
    """A line of a papers file for the fake arXiv; what is not named is made up there."""
    defaults = {
        "id": "2602.90001",
        "title": "Harrow: Rejecting Unsupported Answers in Retrieval-Augmented Generation",
        "abstract": ABSTRACT,
        "authors": ["Ilse Marwick", "Tomasz Okonedo"],
        "categories": ["cs.CL", "cs.IR"],
        "first_seen": DAY.isoformat(),
    }
    return {**defaults, **changes}


# --- what the stages conclude ----------------------------------------------------------------------------------------


def make_candidate(**changes: Any) -> Candidate:
    defaults = {
        "canonical": "Retrieval-Augmented Generation",
        "surface": "retrieval-augmented generation",
        "aliases": ("RAG",),
        "salience": 0.3,
        "probability": 0.6,
        "words": 2,
    }
    return _made(Candidate, defaults, changes)


def make_key_term(**changes: Any) -> KeyTerm:
    defaults = {
        "name": "Retrieval-Augmented Generation",
        "weight": 0.5,
        "in_title": 1,
        "in_abstract": 2,
        "in_text": 0,
        "idf": 4.2,
        "termhood": 0.4,
    }
    return _made(KeyTerm, defaults, changes)


def make_term_counts(**changes: Any) -> TermCounts:
    defaults = {"background": 900, "background_recent": 500, "background_first": 2023, "catalogue": 2}
    return _made(TermCounts, defaults, changes)


def make_scores(**changes: Any) -> Scores:
    return _made(Scores, {"novelty": 0.4, "connectivity": 0.7, "specificity": 0.6, "link_intent": 0.65}, changes)


def make_keyword(**changes: Any) -> Keyword:
    defaults = {
        "canonical": "Retrieval-Augmented Generation",
        "surface": "retrieval-augmented generation",
        "aliases": ("RAG",),
        "category": KeywordCategory.SPECIFIC,
        "scores": make_scores(),
        "linked": True,
        "reason": "",
        "rationale": "In 900 of 117,218 background papers and in 2 papers here.",
    }
    return _made(Keyword, defaults, changes)


def make_neighbour(**changes: Any) -> Neighbour:
    return _made(Neighbour, {"id": PaperId("2602.90002"), "score": 0.41, "cosine": 0.62, "words": 0.2}, changes)


def make_summary(**changes: Any) -> Summary:
    defaults = {
        "tldr": "Harrow reads answer and passage together and rejects unsupported sentences.",
        "contribution": Statement(text="We train one reader for answers and passages."),
        "findings": (Statement(text="Unsupported statements fall from 21% to 6%.", where="4 Results"),),
        "limitations": (Statement(text="Harrow has been tried on English passages only.", where="6 Limitations"),),
        "key_points": (
            Statement(text="Answers are often right for the wrong reason."),
            Statement(text="A passage is read once for all questions.", where="3.2 Reading"),
        ),
    }
    return _made(Summary, defaults, changes)


# --- what pages show -------------------------------------------------------------------------------------------------


def make_link(**changes: Any) -> Link:
    defaults = {"path": "keywords/Retrieval-Augmented Generation", "text": "Retrieval-Augmented Generation"}
    return _made(Link, defaults, changes)


def make_related_paper(**changes: Any) -> RelatedPaper:
    link = make_link(path="2026-02-03/Gauging Passages (2602.90002)", text="Gauging Passages")
    return _made(RelatedPaper, {"link": link, "neighbour": make_neighbour()}, changes)


def make_note_keyword(**changes: Any) -> NoteKeyword:
    return _made(NoteKeyword, {"keyword": make_keyword(), "link": make_link()}, changes)


def make_revision(**changes: Any) -> Revision:
    defaults = {
        "version": 2,
        "announced": date(2026, 2, 5),
        "submitted": datetime(2026, 2, 4, 8, tzinfo=UTC),
        "changes": (Change.TITLE, Change.ABSTRACT),
    }
    return _made(Revision, defaults, changes)


def make_testimony(**changes: Any) -> Testimony:
    defaults = {
        "page": "https://www.semanticscholar.org/paper/649def34f8be52c8b66281af98ae884c09aef38b?utm_source=api",
        "citations": 12,
        "influential": 2,
        "reference_count": 45,
        "references": ("arxiv:1706.03762",),
        "venue": "ICLR",
        "tldr": "Rejecting unsupported sentences makes answers more faithful.",
    }
    return _made(Testimony, defaults, changes)


def make_hearsay(**changes: Any) -> Hearsay:
    defaults = {"teller": Teller.SEMANTIC_SCHOLAR, "since": date(2026, 2, 20), "said": make_testimony()}
    return _made(Hearsay, defaults, changes)


def make_note(**changes: Any) -> Note:
    defaults = {
        "path": "2026-02-03/Harrow - Rejecting Unsupported Answers (2602.90001)",
        "paper": make_paper(),
        "announced": DAY,
        "announced_estimated": False,
        "day": make_link(path="digests/daily_digest_20260203", text="2026-02-03"),
        "categories": (make_link(path="categories/cs.CL", text="cs.CL"),),
        "authors": {},
        "summary": make_summary(),
        "keywords": (make_note_keyword(),),
        "rejected": (make_keyword(canonical="Benchmark", surface="benchmarks", linked=False, reason="banned"),),
        "related": (make_related_paper(),),
        "related_cut": False,
        "revisions": (),
        "former_titles": (),
        "vocabulary_version": "1",
        "catalogue_size": 60,
    }
    return _made(Note, defaults, changes)


def make_entry(**changes: Any) -> Entry:
    defaults = {
        "link": make_link(path="2026-02-03/Harrow - Rejecting Unsupported Answers (2602.90001)", text="Harrow"),
        "id": PaperId("2602.90001"),
        "title": "Harrow: Rejecting Unsupported Answers in Retrieval-Augmented Generation",
        "tldr": "Harrow reads answer and passage together and rejects unsupported sentences.",
        "day": DAY,
        "category": "cs.CL",
    }
    return _made(Entry, defaults, changes)


def make_keyword_count(**changes: Any) -> KeywordCount:
    return _made(KeywordCount, {"link": make_link(), "count": 3}, changes)


def make_trend(**changes: Any) -> Trend:
    return _made(Trend, {"course": Course.RISING, "days": 30, "recent": 12, "expected": 3.5}, changes)


def make_keyword_trend(**changes: Any) -> KeywordTrend:
    return _made(KeywordTrend, {"link": make_keyword_count().link, "trend": make_trend()}, changes)


def make_section(**changes: Any) -> Section:
    link = make_link(path="categories/cs.CL", text="cs.CL")
    return _made(Section, {"category": "cs.CL", "link": link, "entries": (make_entry(),)}, changes)


def make_day(**changes: Any) -> Day:
    defaults = {
        "path": "digests/daily_digest_20260203",
        "day": DAY,
        "previous": make_link(path="digests/daily_digest_20260202", text="2026-02-02"),
        "following": None,
        "home": make_link(path="Home", text="Home"),
        "within": (make_link(path="digests/weekly_digest_2026-W06", text="2026-W06"),),
        "papers": 3,
        "counts": (make_category_count(),),
        "incomplete": (),
        "silent": (),
        "read_first": (make_entry(),),
        "keywords": (make_keyword_count(),),
        "fading": (),
        "sections": (make_section(),),
        "replaced": (),
        "withdrawn": (),
    }
    return _made(Day, defaults, changes)


def make_spell(**changes: Any) -> Spell:
    day = DayCount(link=make_link(path="digests/daily_digest_20260203", text="2026-02-03"), day=DAY, papers=3)
    defaults = {
        "path": "digests/weekly_digest_2026-W06",
        "period": week_of(DAY),
        "previous": make_link(path="digests/weekly_digest_2026-W05", text="2026-W05"),
        "following": None,
        "home": make_link(path="Home", text="Home"),
        "within": (make_link(path="digests/monthly_digest_202602", text="2026-02"),),
        "days": (day,),
        "papers": 3,
        "categories": (make_keyword_count(link=make_link(path="categories/cs.CL", text="cs.CL")),),
        "fresh": (make_keyword_count(fresh=True),),
        "rising": (make_keyword_trend(),),
        "fading": (),
        "central": (CentralPaper(entry=make_entry(), papers=4),),
        "sections": (make_section(),),
        "places": {PaperId("2602.90001"): (400, 250)},
        "landmarks": (Landmark(link=make_link(), papers=(PaperId("2602.90001"),)),),
    }
    return _made(Spell, defaults, changes)


def make_keyword_topic(**changes: Any) -> KeywordTopic:
    defaults = {
        "path": "keywords/Retrieval-Augmented Generation",
        "name": "Retrieval-Augmented Generation",
        "aliases": ("RAG",),
        "papers": 2,
        "first": date(2026, 2, 2),
        "last": DAY,
        "related": (make_keyword_count(),),
        "trend": None,
        "definition": None,
        "history": ((date(2026, 2, 2), 1), (DAY, 1)),
        "latest": (make_entry(),),
        "home": make_link(path="Home", text="Home"),
    }
    return _made(KeywordTopic, defaults, changes)


def make_author_topic(**changes: Any) -> AuthorTopic:
    defaults = {
        "path": "authors/Ilse Marwick",
        "name": "Ilse Marwick",
        "papers": 2,
        "first": date(2026, 2, 2),
        "last": DAY,
        "keywords": (make_keyword_count(),),
        "others": (make_keyword_count(link=make_link(path="authors/Tomasz Okonedo", text="Tomasz Okonedo")),),
        "history": ((date(2026, 2, 2), 1), (DAY, 1)),
        "latest": (make_entry(),),
        "home": make_link(path="Home", text="Home"),
    }
    return _made(AuthorTopic, defaults, changes)


def make_category_topic(**changes: Any) -> CategoryTopic:
    defaults = {
        "path": "categories/cs.CL",
        "category": "cs.CL",
        "papers": 2,
        "latest_day": make_link(path="digests/daily_digest_20260203", text="2026-02-03"),
        "rising": (make_keyword_trend(),),
        "fading": (),
        "history": ((date(2026, 2, 2), 1), (DAY, 1)),
        "latest": (make_entry(),),
        "home": make_link(path="Home", text="Home"),
    }
    return _made(CategoryTopic, defaults, changes)


def make_home(**changes: Any) -> Home:
    day = DayCount(link=make_link(path="digests/daily_digest_20260203", text="2026-02-03"), day=DAY, papers=3)
    category = make_keyword_count(link=make_link(path="categories/cs.CL", text="cs.CL"))
    defaults = {
        "path": "Home",
        "papers": 3,
        "days": (day,),
        "rising": (make_keyword_trend(),),
        "fading": (),
        "categories": (category,),
        "spells": (make_link(path="digests/weekly_digest_2026-W06", text="2026-W06"),),
        "about": make_link(path="About the scores", text="About the scores"),
    }
    return _made(Home, defaults, changes)


# --- what is written -------------------------------------------------------------------------------------------------


def make_page(**changes: Any) -> Page:
    defaults = {
        "path": "2026-02-03/Harrow (2602.90001).md",
        "properties": {"title": "Harrow", "arxiv_id": "2602.90001", "tags": ["paper"]},
        "parts": (Block(name="header", text="# Harrow"), Space(text="\n## Notes\n\n")),
    }
    return _made(Page, defaults, changes)
