"""What flows through digest: plain, frozen values; nothing here computes, reads or writes.

One type per moment: what arXiv says (``Paper``, ``Announcement``), what the stages conclude
(``Candidate``, ``Keyword``, ``Neighbour``, ``Summary``), what others say (``Hearsay``), what the reader says
(``Opinion``), what a page shows (``Note``, ``TextNote``, ``Day``, ``KeywordTopic``, ``CategoryTopic``, ``Spell``,
``Home``) and what is written (``Page``, ``Asset``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from digest.document import Document, Outcome
from digest.periods import Period

PaperId = NewType("PaperId", str)
"""An arXiv identifier without version, canonical: ``2509.18690``, ``hep-th/9901001``."""


# --- what arXiv says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """What arXiv says about one version of a paper; nothing we computed.

    ``title``, ``authors``, ``comment`` and ``journal_ref`` have TeX accents turned into Unicode and keep ``$…$``;
    ``abstract`` keeps its TeX, joined into one line a paragraph. All text is NFC.
    """

    id: PaperId
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]  # primary first
    submitted: datetime | None = None  # version 1, aware UTC; the feed does not tell it
    updated: datetime | None = None  # this version, aware UTC
    comment: str = ""
    journal_ref: str = ""
    dois: tuple[str, ...] = ()
    license: str = ""
    withdrawn: bool = False


class Change(StrEnum):
    """What may be different about a new version of a paper, in the order in which pages tell it."""

    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHORS = "authors"
    CATEGORIES = "categories"
    WITHDRAWN = "withdrawn"


class AnnounceType(StrEnum):
    """arXiv's own words for why a paper is in a feed; relative to the categories that were asked for."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def is_replacement(self) -> bool:
        return self in (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """One paper as announced on one day."""

    paper: Paper
    kind: AnnounceType
    day: date  # arXiv's listing day
    estimated: bool = False  # the day was computed from the schedule, not told by arXiv


class Verdict(StrEnum):
    """What an answer of a source is worth; never "an empty list"."""

    OK = "ok"
    EMPTY_BY_SCHEDULE = "empty by schedule"
    EMPTY_UNEXPECTED = "empty unexpectedly"
    WAITING = "waiting"
    STALE = "stale"
    CUT_SHORT = "cut short"
    MALFORMED = "malformed"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"

    @property
    def is_complete(self) -> bool:
        return self in (Verdict.OK, Verdict.EMPTY_BY_SCHEDULE)


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryCount:
    """What arXiv announced in one category on one day, and what became of it."""

    category: str
    announced: int = 0
    new: int = 0
    cross: int = 0
    replaced: int = 0
    stored: int = 0  # of those announced, how many are in the catalogue


# --- what the stages conclude ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A term of one paper, before the rest of the catalogue is looked at."""

    canonical: str  # the name a page would have
    surface: str  # as written in this paper (its most frequent form)
    aliases: tuple[str, ...]  # other written forms in this paper, acronyms among them
    probability: float  # that an author would choose it as a keyword: what connects the paper
    salience: float  # that an indexer would mark it: what describes the paper
    words: int
    acronyms: tuple[str, ...] = ()  # that this paper defines for it; they are among the aliases too
    coined: bool = False  # this paper names it (before the colon of its title)
    stands_alone: bool = True  # False: only ever a part of longer phrases, here and in other papers
    # Occurrences that are no part of a longer candidate's (``digest.keywords.weights``).
    in_title: int = 0
    in_abstract: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TermCounts:
    """How often a term occurs, from which scores are computed."""

    background: int  # df: papers of the background with the term
    background_recent: int  # of those, papers of the background's last year
    background_first: int  # year of the third paper that had it; 0 when never
    catalogue: int  # vdf: papers of this catalogue with the term, the one at hand included
    background_ratio: float = 1.0  # level in the background's last year against before (``Background.ratio``)
    first: int = 0  # year of the third paper of this catalogue that had it; 0 when never
    # Of the last days (30 at most), in the categories that have a past to compare with, the paper at hand included
    # (``keywords.trends.observed``); and what there would be if the term were as frequent as before (``expected``).
    recent: int = 0
    expected: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """All in [0, 1]; formulas in ``digest.keywords.scores``."""

    novelty: float
    connectivity: float
    specificity: float
    link_intent: float


class KeywordCategory(StrEnum):
    BROAD = "broad_technical"
    SPECIFIC = "specific_connectable"
    UNIQUE = "unique_technical"
    EVOLVED = "evolved_concepts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyword:
    """One candidate of one paper with its scores and what was decided, and why."""

    canonical: str
    surface: str
    aliases: tuple[str, ...]
    category: KeywordCategory
    scores: Scores
    linked: bool  # chosen within the budget
    reason: str  # "" when linked; else: budget, banned, below threshold, nested in …, …
    hub: bool = False  # in so many papers of this catalogue that it connects none of them
    rationale: str  # one sentence with the figures that the scores come from
    judge: str = ""  # the language model that had its say in category and scores; "": figures alone


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a language model thinks of one candidate of one paper; scores in [0, 1]."""

    category: KeywordCategory
    novelty: float
    specificity: float
    link_intent: float
    sentence: int  # of the abstract, from 1, that has the term and shows it best; 0: the title


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyTerm:
    """A term of one paper with how much of the paper it stands for, and the figures that tell (``digest.keywords.weights``)."""

    name: str  # canonical
    weight: float  # in (0, 1]; the squares of a paper's sum to 1
    in_title: int  # occurrences, none of them a part of a longer key term's
    in_abstract: int
    in_text: int  # of the full text, where it is known
    idf: float  # with the figures of the day on which the paper was settled
    termhood: float  # in (0, 1]: how good a term it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A topic of a taxonomy that a paper is about."""

    name: str
    path: tuple[str, ...]  # names of what is broader, the broadest first; without its own
    confidence: float  # in [0, 1]; what it is the probability of, ``digest.topics`` says
    category: str = ""  # of arXiv's, where it is one


class Course(StrEnum):
    """Where a term is going, against its own past."""

    RISING = "rising"
    STEADY = "steady"
    FADING = "fading"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """Papers with a term in the last days, and what its own past makes us expect (``digest.keywords.trends``)."""

    course: Course
    days: int  # of the recent window
    recent: int
    expected: float


class Verb(StrEnum):
    """What a reader can rule about a term."""

    MERGE = "merge"  # it is another way of writing the other
    RENAME = "rename"  # its page is named as the other
    BAN = "ban"  # it is no keyword of any paper
    ALLOW = "allow"  # it may be one, though it is banned for all
    SPLIT = "split"  # the written form is a term by itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """One thing that the reader has said about the vocabulary."""

    id: int  # in the order in which they were said
    verb: Verb
    term: str  # a canonical name; of a split the written form
    other: str = ""  # what a merge or a rename leads to
    source: str = "command"  # or "page": read from the aliases of a keyword's page


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """Another paper, and how like it is; all in [0, 1] but the cosine, which may be below 0."""

    id: PaperId
    score: float  # of meaning and words together: what neighbours are ordered by (``digest.related.score``)
    cosine: float  # of the texts' vectors: meaning
    words: float  # of the texts' weighed words (``digest.related.lexical``)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A sentence of the paper itself, in reading form."""

    text: str
    where: str = ""  # the heading that it stands under, as printed: ``5 Limitations``; "" for the abstract


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What the paper says of itself; nothing is invented, and no two of it say the same.

    Each part in the order of the paper, the abstract first.
    """

    tldr: str = ""  # a sentence, too, without clauses that only lead to it; "" where there is nothing to read
    tldr_where: str = ""  # as ``Statement.where``
    contribution: Statement | None = None  # what it offers, beside what the TL;DR says
    findings: tuple[Statement, ...] = ()  # up to three
    limitations: tuple[Statement, ...] = ()  # those that the paper states
    key_points: tuple[Statement, ...] = ()  # what else tells most


# --- what others say -------------------------------------------------------------------------------------------------


class Teller(StrEnum):
    """Sources outside arXiv, in the order in which pages tell them."""

    SEMANTIC_SCHOLAR = "semantic_scholar"
    OPENALEX = "openalex"
    HUGGINGFACE = "huggingface"
    OPENREVIEW = "openreview"


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenTopic:
    """A topic of OpenAlex's taxonomy that OpenAlex gives a paper, with what it is within."""

    id: str  # ``T10181``
    name: str
    subfield: str = ""
    field: str = ""
    domain: str = ""
    score: float = 0.0  # how strongly, in [0, 1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Testimony:
    """What one source says of one paper; None, empty or False where it says nothing.

    Numbers and addresses are checked, text is foreign and unescaped, bounded in length.
    """

    page: str = ""  # its address there
    citations: int | None = None
    influential: int | None = None  # citations in which the paper matters much, by Semantic Scholar's measure
    reference_count: int | None = None
    references: tuple[str, ...] = ()  # what it cites, in the source's order: ``arxiv:2509.18690`` or ``doi:10.1145/…``
    venue: str = ""
    tldr: str = ""
    topics: tuple[GivenTopic, ...] = ()  # the strongest first
    retracted: bool = False
    upvotes: int | None = None
    code: str = ""  # address of a repository
    stars: int | None = None  # of that repository
    project: str = ""  # address of a page on the paper's subject
    models: int | None = None  # that name the paper
    datasets: int | None = None  # that name the paper
    decision: str = ""  # of the venue
    ratings: tuple[float, ...] = ()  # of public reviews, on the venue's scale; the best first


@dataclass(frozen=True, kw_only=True, slots=True)
class Hearsay:
    """What a source outside arXiv says of a paper, and the day of the run that first heard it so."""

    teller: Teller
    since: date
    said: Testimony


class ClaimKind(StrEnum):
    TLDR = "tldr"
    CONTRIBUTION = "contribution"
    METHOD = "method"
    FINDING = "finding"
    LIMITATION = "limitation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One thing that a language model says that a paper says, with the sentence that it rests on."""

    kind: ClaimKind
    text: str  # foreign; the sentence itself where the account is in the paper's own words
    sentence: int  # of the abstract, from 1
    source: str  # that sentence, in reading form


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What a language model makes of an abstract: sentences that it chose, or claims in another language."""

    model: str  # its name, foreign
    language: str  # of the claims; "": the paper's own words
    claims: tuple[Claim, ...]  # the TL;DR first


# --- what the reader says --------------------------------------------------------------------------------------------


class Status(StrEnum):
    """How far the reader has come with a paper."""

    UNREAD = "unread"
    READING = "reading"
    READ = "read"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """What the reader says of a paper; the defaults are those of a note that he has not touched."""

    status: Status = Status.UNREAD
    queue: bool = False
    rating: float | None = None  # any number, as he gave it: the scale is his


# --- what pages show -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A link to a page of the vault that exists (or will, when this run ends)."""

    path: str  # from the vault's root, without ".md", as in ``keywords/Large Language Model``
    text: str  # foreign text, unescaped


@dataclass(frozen=True, kw_only=True, slots=True)
class RelatedPaper:
    link: Link
    neighbour: Neighbour
    share: float | None = (
        None  # of random pairs of this catalogue that have a lower cosine; None: too few papers to tell
    )
    keywords: tuple[str, ...] = ()  # that both papers have, those that say most of this one first
    authors: tuple[str, ...] = ()  # of both, in this paper's order
    own: bool = True  # among this paper's own nearest; False: this paper is among the other's nearest


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteKeyword:
    keyword: Keyword
    link: Link | None  # None until a second paper has the keyword and it gets a page


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteTerm:
    term: KeyTerm
    link: Link | None  # to the keyword's page, where it has one


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A later version of a paper, beside the one that was known before it."""

    version: int
    announced: date | None  # None: no replacement was announced in a followed category
    submitted: datetime | None  # aware UTC; the feed does not tell it
    changes: tuple[Change, ...]  # in the order of ``Change``; empty: nothing of these


@dataclass(frozen=True, kw_only=True, slots=True)
class CoupledPaper:
    """A paper that cites much the same as another, or is cited together with it."""

    link: Link
    shared: int  # references that both have
    both: int  # papers here that cite both


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """A paper among those here that it cites and that cite it."""

    references: int  # in its bibliography; 0 where that is not known
    cites: tuple[Entry, ...]  # the newest first
    cited_by: tuple[Entry, ...]  # the newest first
    coupled: tuple[CoupledPaper, ...]  # the strongest first; each has this paper among its own, too


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Everything that a paper's note shows."""

    path: str  # vault path without ".md", frozen at first write
    paper: Paper
    announced: date
    announced_estimated: bool
    day: Link | None  # its day page; None for a paper fetched by hand whose day has no page
    categories: tuple[Link, ...]  # of those with a page, in the paper's order
    authors: Mapping[str, Link]  # of the paper's authors, those with a page
    summary: Summary
    keywords: tuple[NoteKeyword, ...]  # linked ones, best first
    rejected: tuple[Keyword, ...]  # by falling link_intent
    related: tuple[RelatedPaper, ...]  # nearest first
    related_cut: bool  # more papers are near than both sides have room for
    revisions: tuple[Revision, ...]  # since the first version that was known, newest first
    former_titles: tuple[str, ...]  # of earlier versions, newest first; the present one is not among them
    vocabulary_version: str
    catalogue_size: int  # papers the keyword scores were computed against
    text: Link | None = None  # the note of its whole text
    terms: tuple[NoteTerm, ...] = ()  # the heaviest first
    outcome: Outcome | None = None  # of the whole text; None: nobody has asked for it
    network: Network | None = None  # None: it has no references that are known, and no paper here cites it
    outside: tuple[Hearsay, ...] = ()  # in the order of ``Teller``
    account: Account | None = None  # a language model's; None: none was asked, or it gave no answer that holds
    topics: tuple[Topic, ...] = ()  # that arXiv does not say itself, the surest first


@dataclass(frozen=True, kw_only=True, slots=True)
class TextNote:
    """Everything that the note of a paper's whole text shows."""

    path: str
    paper: Paper
    note: Link | None  # the paper's own
    version: int  # that was read
    document: Document
    cited: Mapping[str, Link]  # by the anchor of an item of the bibliography: the note of the paper that it is
    license: str  # its address; "" when it is not known
    may_be_republished: bool  # by that licence


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A paper as a line on another page."""

    link: Link | None  # None: no note here; then ``id`` leads to arXiv
    id: PaperId
    title: str
    tldr: str = ""
    day: date | None = None
    category: str = ""
    revision: Revision | None = None  # of a replaced paper: the version that was announced
    near: tuple[Link, ...] = ()  # of a paper to be read first: what it was nearest to when it came
    keywords: tuple[Link, ...] = ()  # of such a paper, those with a page


@dataclass(frozen=True, kw_only=True, slots=True)
class KeywordCount:
    """A keyword as a row on another page."""

    link: Link
    count: int  # papers in the page's own time: with it in title or abstract where there is a trend, else linking it
    trend: Trend | None = None  # within that time; None where there is no past to compare with
    fresh: bool = False  # got its page in that time


@dataclass(frozen=True, kw_only=True, slots=True)
class KeywordTrend:
    """A keyword that rises or fades, as a row on another page."""

    link: Link
    trend: Trend


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """The papers of one category on a day page, each under its primary category or its first followed one."""

    category: str
    link: Link | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Why a day is not proven complete: one source, and what its answer was worth."""

    source: str  # feed, oai or list
    verdict: Verdict
    detail: str  # foreign text; may be empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """Everything that a day page shows."""

    path: str
    day: date
    previous: Link | None  # the nearest earlier day with a page
    following: Link | None
    home: Link
    within: tuple[Link, ...]  # the week's page, the month's
    papers: int
    counts: tuple[CategoryCount, ...]  # a followed category each
    incomplete: tuple[Doubt, ...]  # empty when the day is complete
    silent: tuple[Silence, ...]  # since the day before, oldest first
    read_first: tuple[Entry, ...]
    keywords: tuple[KeywordCount, ...]  # of most of the day's papers first
    fading: tuple[KeywordTrend, ...]  # fewer than the 30 days before made us expect
    sections: tuple[Section, ...]
    replaced: tuple[Entry, ...]
    withdrawn: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A weekday on which arXiv announced nothing in the followed categories."""

    day: date
    scheduled: bool  # whether its schedule has a mailing then


@dataclass(frozen=True, kw_only=True, slots=True)
class CentralPaper:
    entry: Entry
    papers: int  # that have it among their nearest, or cite it


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmark:
    """A keyword on a map."""

    link: Link
    papers: tuple[PaperId, ...]  # of the map, that link it; by rising id


@dataclass(frozen=True, kw_only=True, slots=True)
class Spell:
    """Everything that the page of a week or a month shows."""

    path: str
    period: Period
    previous: Link | None  # the nearest earlier page of its kind
    following: Link | None
    home: Link
    within: tuple[Link, ...]  # of a week the months that it touches, of a month its weeks
    days: tuple[DayCount, ...]  # those with a page, oldest first
    papers: int
    categories: tuple[KeywordCount, ...]  # primary categories of its papers, the largest first
    fresh: tuple[KeywordCount, ...]  # keywords that got their page in it, those of most papers first; at most 20
    rising: tuple[KeywordTrend, ...]  # the furthest above its past first; at most 20
    fading: tuple[KeywordTrend, ...]  # the furthest below first
    central: tuple[CentralPaper, ...]  # those that most papers were near when it ended; at most 20
    sections: tuple[Section, ...]  # its papers; of a month none
    places: Mapping[PaperId, tuple[int, int]]  # on its map, x and y within 0 … 1000; alike is near; may be empty
    landmarks: tuple[Landmark, ...]  # keywords that some of these papers link, those of most first


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What a paper says that a keyword is."""

    text: str  # a sentence of its abstract, foreign
    source: Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class KeywordTopic:
    """Everything that a keyword page shows."""

    path: str
    name: str
    aliases: tuple[str, ...]
    papers: int
    first: date
    last: date
    related: tuple[KeywordCount, ...]  # keywords on the same notes, with the number of shared papers
    trend: Trend | None  # on the last day; None where there is no past to compare with
    definition: Definition | None
    history: tuple[tuple[date, int], ...]  # papers a day, days with any, oldest first
    latest: tuple[Entry, ...]  # at most 30, newest first
    home: Link
    cited: tuple[CentralPaper, ...] = ()  # its papers that most papers here cite, two at least; at most 5


@dataclass(frozen=True, kw_only=True, slots=True)
class FormerTopic:
    """A keyword that no paper has any more, whose page holds the reader's words or is linked from them."""

    path: str
    name: str
    successor: Link | None  # the keyword's page that stands for it now
    home: Link


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorTopic:
    """Everything that the page of an author's name shows."""

    path: str
    name: str
    papers: int
    first: date
    last: date
    keywords: tuple[KeywordCount, ...]  # those with a page, with the papers that link them
    others: tuple[KeywordCount, ...]  # names beside this one that have a page, with the papers of both
    history: tuple[tuple[date, int], ...]  # papers a day, days with any, oldest first
    latest: tuple[Entry, ...]  # at most 30, newest first
    home: Link


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryTopic:
    """Everything that a category page shows."""

    path: str
    category: str
    papers: int
    latest_day: Link | None
    rising: tuple[KeywordTrend, ...]  # within the category, the furthest above its past first; at most 20
    fading: tuple[KeywordTrend, ...]  # the furthest below first
    history: tuple[tuple[date, int], ...]
    latest: tuple[Entry, ...]  # at most 30, newest first
    home: Link


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCount:
    link: Link
    day: date
    papers: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    path: str
    papers: int
    days: tuple[DayCount, ...]  # at most 30, newest first
    rising: tuple[KeywordTrend, ...]  # the furthest above its past first; at most 20
    fading: tuple[KeywordTrend, ...]  # the furthest below first
    categories: tuple[KeywordCount, ...]  # those followed: link to the category page, papers in all
    spells: tuple[Link, ...]  # the newest week's page and the newest month's
    about: Link | None  # the page that says what the scores mean


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """The page that says what the scores mean."""

    path: str
    home: Link


# --- what is written -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A named region of a page that digest owns."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """Text put between blocks when a page is made, and the reader's from then on."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A Markdown page: properties, blocks of ours, spaces of the reader's."""

    path: str  # vault path with ".md", "/" between folders
    properties: Mapping[str, object]  # in the order in which they are written; str, int, float, bool, date, None, list
    once: frozenset[str] = frozenset()  # properties made with the page and the reader's from then on
    shared: frozenset[str] = frozenset()  # list properties to which the reader may add
    written: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # of those, what we wrote last; else the reader's
    parts: tuple[Block | Space, ...]
    metadata: str = ""  # the HTML comment that ends the page, complete; machine data, ours alone


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A file that is ours as a whole: a plot, a Base."""

    path: str
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Furnishing:
    """Settings of Obsidian's, for where the reader has none."""

    path: str
    content: Mapping[str, object] | str  # keys of a JSON object; or the whole file


class PageState(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    KEPT = "kept"  # left alone, wholly or in part: the reader's change stands


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of one page or asset."""

    path: str  # where it is now
    state: PageState
    # Of the file's bytes now, to be handed back as ``known``; led by "~" unless they are wholly ours, so that the
    # reader's words are merged and never replaced; "" when there is no file, or none of ours.
    sha256: str
    remarks: tuple[str, ...] = field(default=())  # what was left alone, and why
    failed: bool = False  # by a fault of the disk or of the page, not by the reader's will: worth another try
    busy: bool = False  # somebody is writing in it: worth another try in a moment
