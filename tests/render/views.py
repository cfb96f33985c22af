"""Views for whole pages: an invented night, with everything that a page can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from digest.model import (
    About,
    CategoryTopic,
    CentralPaper,
    Course,
    Day,
    DayCount,
    Definition,
    Doubt,
    Entry,
    FormerTopic,
    GivenTopic,
    Hearsay,
    Home,
    KeywordCategory,
    KeywordCount,
    KeywordTopic,
    KeywordTrend,
    Landmark,
    Link,
    Note,
    NoteTerm,
    PaperId,
    RelatedPaper,
    Silence,
    Spell,
    Summary,
    Teller,
    Testimony,
    Topic,
    Verdict,
)
from digest.periods import Period, month_of, week_of
from digest.render import names
from digest.testing.builders import (
    make_category_count,
    make_category_topic,
    make_day,
    make_entry,
    make_hearsay,
    make_home,
    make_key_term,
    make_keyword,
    make_keyword_topic,
    make_neighbour,
    make_note,
    make_note_keyword,
    make_paper,
    make_revision,
    make_scores,
    make_section,
    make_spell,
    make_summary,
    make_testimony,
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


def counted(name: str, count: int, **changes: object) -> KeywordCount:
    return replace(KeywordCount(link=keyword_link(name), count=count), **changes)


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
        authors={"Tomasz Okonedo": Link(path="authors/Tomasz Okonedo", text="Tomasz Okonedo")},
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
        topics=(
            Topic(
                name="Passage Retrieval",
                path=("Computer Science", "Information Retrieval"),
                confidence=0.6612,
            ),
            Topic(name="Topic [[of]] $my$ own", path=(), confidence=0.41),
        ),
        terms=(
            NoteTerm(
                term=make_key_term(name="Passage Retrieval", weight=0.6123), link=keyword_link("Passage Retrieval")
            ),
            NoteTerm(term=make_key_term(name="Unsupported [[Answer]]", weight=0.0712), link=None),
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
        outside=hearsay(),
    )


def hearsay(text: str = "") -> tuple[Hearsay, ...]:
    """Something of each source; *text*, where it is given, stands wherever their words may."""
    topics = [("Topic Modeling", 0.9987), ("Speech & Dialogue", 0.5)]
    return (
        make_hearsay(said=make_testimony(venue=text or "ICLR", tldr=text or "Unsupported $k$ sentences are rejected.")),
        make_hearsay(
            teller=Teller.OPENALEX,
            said=Testimony(
                page="https://openalex.org/W4414521234",
                citations=1,
                topics=tuple(GivenTopic(id="T1", name=text or name, score=score) for name, score in topics),
                retracted=True,
            ),
        ),
        make_hearsay(
            teller=Teller.HUGGINGFACE,
            since=date(2026, 2, 5),
            said=Testimony(
                page="https://huggingface.co/papers/2602.90001",
                tldr=text or "Harrow checks each sentence.",
                upvotes=31,
                code="https://github.com/example/har_row",
                stars=1204,
                project="https://example.github.io/harrow",
                models=1,
                datasets=2,
            ),
        ),
        make_hearsay(
            teller=Teller.OPENREVIEW,
            said=Testimony(
                page="https://openreview.net/forum?id=LzPWWPAdY4",
                venue=text or "ICLR 2026 Poster",
                decision=text or "Accept (poster)",
                ratings=(8.0, 6.0, 5.5),
            ),
        ),
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
        summary=Summary(),
        keywords=(),
        rejected=(),
        related=(),
    )


def full_day() -> Day:
    return make_day(
        path=names.day_path(DAY),
        previous=Link(path=names.day_path(date(2026, 1, 30)), text="2026-01-30"),
        following=Link(path=names.day_path(date(2026, 2, 4)), text="2026-02-04"),
        within=spell_links(week_of(DAY), month_of(DAY)),
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
        silent=(Silence(day=date(2026, 2, 2), scheduled=True),),
        read_first=(
            entry(
                "2602.90001",
                "Harrow rejects what $k$ passages do not support.",
                near=(note_link("2602.90002"), note_link("2602.90003")),
                keywords=(keyword_link("Answer Verification"), keyword_link("Passage Retrieval")),
            ),
            entry("2602.90003", near=(note_link("2602.90001"),)),
            entry("2602.90004", keywords=(keyword_link("Passage Retrieval"),)),
        ),
        keywords=(
            counted("Retrieval-Augmented Generation", 3, trend=make_trend(days=1, recent=3, expected=0.25)),
            counted("Answer Verification", 2, trend=make_trend(course=Course.STEADY, days=1, recent=2, expected=1.5)),
            counted("Passage Retrieval", 1, fresh=True),
        ),
        fading=(moving("Harrow", 0, 6.2),),
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


def whole_day() -> Day:
    """One that is proven complete, early in a vault's life: nothing to compare with."""
    days = (date(2026, 1, 19), date(2026, 1, 20))
    return make_day(
        silent=tuple(Silence(day=day, scheduled=day.day == 19) for day in days),
        keywords=(counted("Passage Retrieval", 2), counted("Harrow", 1)),
        read_first=(),
    )


def empty_day() -> Day:
    return make_day(papers=0, previous=None, within=(), counts=(), read_first=(), keywords=(), sections=())


def spell_links(*found: Period) -> tuple[Link, ...]:
    return tuple(Link(path=names.period_path(when), text=when.key) for when in found)


def week() -> Spell:
    days = [date(2026, 2, 2) + timedelta(days=n) for n in range(3)]
    sections = full_day().sections
    return make_spell(
        following=spell_links(week_of(date(2026, 2, 9)))[0],
        days=tuple(
            DayCount(link=Link(path=names.day_path(day), text=day.isoformat()), day=day, papers=day.day) for day in days
        ),
        papers=9,
        categories=(
            KeywordCount(link=Link(path="categories/cs.CL", text="cs.CL"), count=6),
            KeywordCount(link=Link(path="", text="cs.IR"), count=3),
        ),
        fresh=(counted("Passage Retrieval", 4, fresh=True),),
        rising=(moving("Passage Retrieval", 12, 3.5),),
        fading=(moving("Answer Verification", 1, 9.1),),
        central=(
            CentralPaper(entry=entry("2602.90001"), papers=9),
            CentralPaper(entry=entry("2602.90004", link=None), papers=2),
        ),
        sections=sections,
        places={e.id: (300 * n, 1000 - 250 * n) for n, e in enumerate(e for s in sections for e in s.entries)},
        landmarks=(
            Landmark(
                link=keyword_link("Passage Retrieval"),
                papers=tuple(map(PaperId, ("2602.90001", "2602.90002", "2602.90003", "2602.90004"))),
            ),
        ),
    )


def month() -> Spell:
    return replace(
        week(),
        path=names.period_path(month_of(DAY)),
        period=month_of(DAY),
        previous=spell_links(month_of(date(2026, 1, 5)))[0],
        following=None,
        within=spell_links(week_of(date(2026, 2, 1)), week_of(DAY)),
        sections=(),
        places={},
        landmarks=(),
    )


def keyword_topic() -> KeywordTopic:
    return make_keyword_topic(
        papers=41,
        first=date(2025, 11, 3),
        aliases=("RAG", "retrieval augmented generation", "Retrieval-Augmented Generation"),
        related=(counted("Passage Retrieval", 7), counted("Answer Verification", 2)),
        definition=Definition(
            text="Retrieval-augmented generation (RAG) is a way to answer from $k$ passages that a retriever has found.",
            source=entry("2602.90002"),
        ),
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
        spells=spell_links(week_of(DAY), month_of(DAY)),
    )


def about() -> About:
    return About(path="About the scores", home=Link(path="Home", text="Home"))


def former_topic(successor: Link | None) -> FormerTopic:
    home = Link(path="Home", text="Home")
    return FormerTopic(path="keywords/Document Search", name="Document Search", successor=successor, home=home)
