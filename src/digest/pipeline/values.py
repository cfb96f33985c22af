"""Small values that the pipeline is given and gives; apart from the Protocols, which cost time to import and are for types alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from digest.model import PaperId, Verdict

if TYPE_CHECKING:
    from digest.arxiv.feed import FeedDay
    from digest.errors import PaperError


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedMark:
    """What a feed is known again by."""

    fingerprint: str = ""  # equal for two answers that tell the same
    validators: Mapping[str, str] = field(default_factory=dict)  # what to ask with, so that arXiv may say "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedAnswer:
    mark: FeedMark
    feed: FeedDay | None  # None: it is the one that was known


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOutcome:
    source: str
    verdict: Verdict
    detail: str = ""
    papers: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class KeywordRules:
    budget: int
    max_broad: int
    max_orphans: int
    threshold: float
    banned: frozenset[str]  # keys of names


@dataclass(frozen=True, kw_only=True, slots=True)
class RelatedRules:
    limit: int  # nearest papers of a paper
    floor: float  # the share of random pairs that must be less alike
    shown: int  # links that a note has room for


@dataclass(frozen=True, kw_only=True, slots=True)
class TextRules:
    """Whose whole text is read."""

    mode: Literal["off", "queued", "relevant", "all"]
    nightly: int  # papers asked for a night, at most


@dataclass(frozen=True, kw_only=True, slots=True)
class TextsRead:
    """What became of the whole texts that were asked for."""

    outcomes: Mapping[str, int] = field(default_factory=dict)  # Outcome → papers
    unread: tuple[PaperId, ...] = ()  # not asked for any more, for arXiv had a fault
    fault: SourceOutcome | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WriterRules:
    """What a language model is asked, and what a night may use."""

    tasks: frozenset[str]  # summaries, keywords
    language: str  # of summaries, a tag; "": the paper's own words
    named: str  # that language in English
    minutes: float
    tokens: int
    cost: float  # 0: any
    price_prompt: float  # of a million tokens
    price_answer: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Questioned:
    """What a language model was asked in a run, and what became of it."""

    model: str = ""  # "": none is asked
    questions: int = 0  # one a paper and task
    cached: int = 0  # of them, answered in an earlier run
    requests: int = 0  # a refused answer is asked for once more
    accepted: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)  # by reason: answers that could not be used
    dropped: Mapping[str, int] = field(default_factory=dict)  # by reason: parts of accepted answers
    unanswered: Mapping[str, int] = field(default_factory=dict)  # by reason: questions that got none
    withheld: int = 0  # sentences that speak to a model, and were not shown to it
    tokens: int = 0
    cost: float = 0.0
    faults: tuple[str, ...] = ()  # what the server did, in sentences

    def as_dict(self) -> dict[str, object]:
        return {
            "model": self.model,
            "questions": self.questions,
            "cached": self.cached,
            "requests": self.requests,
            "accepted": self.accepted,
            "refused": dict(self.refused),
            "dropped": dict(self.dropped),
            "unanswered": dict(self.unanswered),
            "withheld": self.withheld,
            "tokens": self.tokens,
            "cost": round(self.cost, 6),
            "faults": list(self.faults),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    papers: int = 0
    embedded: int = 0
    relinked: int = 0  # older notes whose related papers changed
    redrawn: int = 0  # older notes whose keywords were chosen anew
    promoted: int = 0  # keywords that got a page
    failures: tuple[PaperError, ...] = field(default=())


Remarks = tuple[tuple[str, str], ...]
"""Paths, and what was left alone there and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What the reader did to the vault since the last run."""

    papers: int = 0  # of which he said something new
    moved: int = 0  # notes that he moved or renamed
    deleted: int = 0
    remarks: Remarks = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    pages: int = 0
    failed: int = 0  # refused by the disk
    states: Mapping[str, int] = field(default_factory=dict)  # PageState → files
    notes: Mapping[str, int] = field(default_factory=dict)  # PageState → papers' notes
    remarks: Remarks = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Consulted:
    """What a night with one source outside arXiv came to."""

    source: str
    verdict: Verdict = Verdict.OK  # of its last answer
    detail: str = ""  # why it is not OK
    asked: int = 0  # papers
    found: int = 0  # that it knows
    unknown: int = 0
    unreadable: int = 0  # of which it says what cannot be believed
    news: int = 0  # of which a note shows something else now
    left: int = 0  # due, and not asked for in this night's time
    requests: int = 0
    rests_until: date | None = None  # it was silent for nights, and is not asked before this day

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "verdict": self.verdict.value,
            "detail": self.detail,
            **{name: getattr(self, name) for name in ("asked", "found", "unknown", "unreadable", "news", "left")},
            "requests": self.requests,
            "rests_until": self.rests_until and self.rests_until.isoformat(),
        }


def added(one: Published, other: Published) -> Published:
    """What two rounds of publishing did together."""

    def sums(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
        return {state: a.get(state, 0) + b.get(state, 0) for state in {**a, **b}}

    return Published(
        pages=one.pages + other.pages,
        failed=one.failed + other.failed,
        states=sums(one.states, other.states),
        notes=sums(one.notes, other.notes),
        remarks=one.remarks + other.remarks,
    )
