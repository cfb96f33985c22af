"""Views for whole pages: an invented night, with everything that a page can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from digest.model import (
    About,
    CategoryTopic,
    Day,
    DayCount,
    Doubt,
    Entry,
    FormerTopic,
    Home,
    KeywordCategory,
    KeywordCount,
    KeywordTopic,
    KeywordTrend,
    Link,
    Note,
    PaperId,
    RelatedPaper,
    Verdict,
)
from digest.render import names
from digest.testing.builders import (
    make_category_count,
    make_category_topic,
    make_day,
    make_entry,
    make_home,
    make_keyword,
    make_keyword_topic,
    make_neighbour,
    make_note,
    make_note_keyword,
    make_paper,
    make_revision,
    make_scores,
    make_section,
    make_summary,
    make_trend,
)

DAY = date(2026, 2, 3)
TITLES = {
    "2602.90001": r"Harrow: Rejecting Unsupported Answers in $k$-Passage Retrieval",
    "2602.90002": "Gauging Passages [Re]visited: What Is a Citation Worth?",
    "2602.90003": r"$\alpha$-Tempered Verifiers for Long Answers",
    "2602.90004": "C# Agents That Read /etc/passwd: A Cautionary Benchmark",
}
KEYWORDS = {
    "Retrieval-Augmented Generation": KeywordCategory.BROAD,
    "Passage Retrieval": KeywordCategory.SPECIFIC,
    "Answer Verification": KeywordCategory.SPECIFIC,
    "Harrow": KeywordCategory.UNIQUE,
    "Self-Citing Models": KeywordCategory.EVOLVED,
}


def note_link(paper_id: str) -> Link:
    return Link(path=names.note_path(TITLES[paper_id], paper_id, DAY), text=TITLES[paper_id])


def keyword_link(name: str) -> Link:
    return Link(path=names.keyword_path(name), text=name)


def entry(paper_id: str, tldr: str = "", **changes: object) -> Entry:
    link = note_link(paper_id)
    return replace(make_entry(link=link, id=PaperId(paper_id), title=link.text, tldr=tldr, day=DAY), **changes)


def counted(name: str, count: int, before: int) -> KeywordCount:
    return KeywordCount(link=keyword_link(name), count=count, before=before)


def moving(name: str, recent: int, expected: float) -> KeywordTrend:
    return KeywordTrend(link=keyword_link(name), trend=make_trend(recent=recent, expected=expected))


def full_note() -> Note:
    paper = make_paper(
        title=TITLES["2602.90001"],
        version=3,
        abstract=(
            r"We ask whether an answer follows from its passages. \emph{Harrow} reads $k \le 8$ passages at once, "
            r"costs \$0.02 a question, and rejects what is not supported; errors fall from 21\% to 6\%, by "
            r"$\Delta = 15$ points, on data of~\cite{nobody2025}. Code: https://example.org/har_row."
        ),
        authors=("Ilse Marwick", "Tomasz Okonedo", "Åsa Ødegård"),
        categories=("cs.CL", "cs.IR", "stat.ML"),
        updated=datetime(2026, 2, 20, 8, tzinfo=UTC),
        comment="12 pages, 4 figures; accepted at a workshop",
        journal_ref="Journal of Invented Results 7 (2026) 1-12",
        dois=("10.5555/harrow.2026(7)",),
    )
    keywords = tuple(
        make_note_keyword(
            keyword=make_keyword(canonical=name, surface=name.lower(), category=category, aliases=()),
            link=keyword_link(name) if category is not KeywordCategory.UNIQUE else None,
        )
        for name, category in KEYWORDS.items()
    )
    return make_note(
        path=note_link("2602.90001").path,
        paper=paper,
        day=Link(path=names.day_path(DAY), text="20260203"),
        categories=(Link(path="categories/cs.CL", text="cs.CL"), Link(path="categories/cs.IR", text="cs.IR")),
        summary=make_summary(tldr="Harrow reads $k$ passages at once and rejects what they do not support."),
        keywords=keywords,
        rejected=(
            make_keyword(
                canonical="Benchmark",
                surface="benchmarks",
                linked=False,
                reason="banned",
                scores=make_scores(link_intent=0.1234567),
            ),
        ),
        related=(
            RelatedPaper(
                link=note_link("2602.90002"),
                neighbour=make_neighbour(score=0.64, cosine=0.8871, words=0.3929),
                share=0.99974,
                keywords=("Answer Verification", "Passage $k$"),
                authors=("Ada Example",),
            ),
            RelatedPaper(
                link=note_link("2602.90003"),
                neighbour=make_neighbour(id=PaperId("2602.90003"), score=0.4, cosine=0.7, words=0.1),
                own=False,
            ),
        ),
        related_cut=True,
        revisions=(
            make_revision(version=3, announced=None, submitted=datetime(2026, 2, 20, 8, tzinfo=UTC), changes=()),
            make_revision(),
        ),
        former_titles=("Harrow: Rejecting Wrong Answers in $k$-Passage Retrieval",),
    )


def bare_note() -> Note:
    """What a feed may give at the least: no authors, no dates, no neighbours, nothing linked."""
    paper = make_paper(
        id=PaperId("hep-th/9901001"),
        title="On Nothing",
        authors=(),
        abstract="",
        categories=("hep-th",),
        submitted=None,
        updated=None,
        comment="",
        license="",
        withdrawn=True,
    )
    return make_note(
        path=names.note_path("On Nothing", paper.id, DAY),
        paper=paper,
        announced_estimated=True,
        day=None,
        categories=(),
        summary=make_summary(tldr="", key_points=()),
        keywords=(),
        rejected=(),
        related=(),
    )


def full_day() -> Day:
    return make_day(
        path=names.day_path(DAY),
        previous=Link(path=names.day_path(date(2026, 2, 2)), text="2026-02-02"),
        following=Link(path=names.day_path(date(2026, 2, 4)), text="2026-02-04"),
        papers=4,
        counts=(
            make_category_count(category="cs.CL", announced=212, new=140, cross=51, replaced=21, stored=212),
            make_category_count(category="cs.IR", announced=31, new=20, cross=1, replaced=10, stored=30),
            make_category_count(category="stat.ML", announced=0, new=0, cross=0, replaced=0, stored=0),
        ),
        incomplete=(
            Doubt(source="list", verdict=Verdict.CUT_SHORT, detail="cs.IR: 30 entries of 31; page `2` has [[no]] more"),
            Doubt(source="oai", verdict=Verdict.UNREACHABLE, detail=""),
        ),
        read_first=(entry("2602.90001", "Harrow rejects what $k$ passages do not support."),),
        keywords=(counted("Retrieval-Augmented Generation", 3, 9), counted("Passage Retrieval", 1, 1)),
        sections=(
            make_section(
                entries=(entry("2602.90001", "1. It rejects unsupported answers."), entry("2602.90002")),
            ),
            make_section(
                category="cs.IR",
                link=None,
                entries=(entry("2602.90003", "A temperature for verifiers."), entry("2602.90004", link=None)),
            ),
        ),
        replaced=(
            entry("2602.90002", revision=make_revision(version=4)),
            entry("2602.90003", revision=make_revision(changes=())),
            entry("2602.90004", link=None, title="An Older Paper, Second Version"),
        ),
        withdrawn=(entry("2602.90003"),),
    )


def empty_day() -> Day:
    return make_day(papers=0, previous=None, counts=(), read_first=(), keywords=(), sections=())


def keyword_topic() -> KeywordTopic:
    return make_keyword_topic(
        papers=41,
        first=date(2025, 11, 3),
        aliases=("RAG", "retrieval augmented generation", "Retrieval-Augmented Generation"),
        related=(counted("Passage Retrieval", 7, 0), counted("Answer Verification", 2, 0)),
        trend=make_trend(recent=9),
        history=tuple((date(2025, 11, 3) + timedelta(days=9 * n), n % 5 + 1) for n in range(10)),
        latest=(entry("2602.90001"), entry("2602.90003", day=None)),
    )


def category_topic() -> CategoryTopic:
    return make_category_topic(
        papers=900,
        latest_day=Link(path=names.day_path(DAY), text="2026-02-03"),
        rising=(moving("Passage Retrieval", 12, 3.5), moving("Harrow", 2, 0.0)),
        history=tuple((date(2026, 2, 2) + timedelta(days=n), 30 + n) for n in range(3)),
        latest=(entry("2602.90001"), entry("2602.90002")),
    )


def home() -> Home:
    days = tuple(date(2026, 2, 3) - timedelta(days=n) for n in range(8))
    return make_home(
        papers=12_247,
        days=tuple(
            DayCount(link=Link(path=names.day_path(day), text=day.isoformat()), day=day, papers=200 + 13 * n % 70)
            for n, day in enumerate(days)
        ),
        rising=(moving("Passage Retrieval", 12, 3.5), moving("Harrow", 2, 0.0)),
        fading=(moving("Answer Verification", 1, 9.1),),
        categories=(
            KeywordCount(link=Link(path="categories/cs.CL", text="cs.CL"), count=8_000),
            KeywordCount(link=Link(path="categories/cs.IR", text="cs.IR"), count=4_247),
        ),
    )


def about() -> About:
    return About(path="About the scores", home=Link(path="Home", text="Home"))


def former_topic(successor: Link | None) -> FormerTopic:
    home = Link(path="Home", text="Home")
    return FormerTopic(path="keywords/Document Search", name="Document Search", successor=successor, home=home)
