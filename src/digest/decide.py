"""Pure decisions: values in, verdict out; no clock, disk or network, so that a table can test them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from digest.model import Announcement, AnnounceType, Change, Course, Paper, Trend, Verdict


class Fate(StrEnum):
    """What an announced paper means to a catalogue that may know it already."""

    NEW = "new"
    REVISED = "revised"  # what its note is made from has changed
    COMPLETED = "completed"  # only details were added that the first source did not tell
    CURRENT = "current"
    OLDER = "older"  # a stale cache handed out a version before ours


def judge(paper: Paper, seen: Paper | None) -> Fate:
    """Compare what a source says now with what the catalogue has."""
    if seen is None:
        return Fate.NEW
    if paper.version < seen.version:
        return Fate.OLDER
    known = merge(paper, seen)
    if known == seen:
        return Fate.CURRENT
    if (known.title, known.abstract) != (seen.title, seen.abstract):
        return Fate.REVISED
    return Fate.COMPLETED


def merge(paper: Paper, seen: Paper) -> Paper:
    """*paper* with what only *seen* knows: no source tells everything, and silence deletes nothing.

    What arXiv tells of one version alone (its date, comment, licence, withdrawal) is not taken over from the one before.
    A version before the one we have adds nothing but the first submission's date. Of the same version, what we have
    stays as it is: the spellings of two sources must not take turns.
    """
    if paper.version < seen.version:
        return replace(seen, submitted=seen.submitted or paper.submitted)
    same = paper.version == seen.version
    if same:
        paper, seen = seen, paper
    return replace(
        paper,
        categories=paper.categories + tuple(c for c in seen.categories if c not in paper.categories),
        authors=paper.authors or seen.authors,
        submitted=paper.submitted or seen.submitted,
        updated=paper.updated or (seen.updated if same else None),
        comment=paper.comment or (seen.comment if same else ""),
        journal_ref=paper.journal_ref or seen.journal_ref,
        dois=paper.dois or seen.dois,
        license=paper.license or (seen.license if same else ""),
        withdrawn=paper.withdrawn or (seen.withdrawn and same),
    )


def changes(paper: Paper, before: Paper, *, joined: bool = False) -> tuple[Change, ...]:
    """What a version says otherwise than the one *before*, in the order of ``Change``; a line broken elsewhere is none.

    *joined*: the paper was announced in further categories together with this version. A withdrawal is told of every
    version that is one, whatever the one before was.
    """
    differs = {
        Change.TITLE: paper.title.split() != before.title.split(),
        Change.ABSTRACT: paper.abstract.split() != before.abstract.split(),
        Change.AUTHORS: paper.authors != before.authors,
        Change.CATEGORIES: joined,
        Change.WITHDRAWN: paper.withdrawn,
    }
    return tuple(change for change, is_so in differs.items() if is_so)


def told_in(
    announcement: Announcement, followed: Collection[str], before: Collection[str] = ()
) -> dict[str, AnnounceType]:
    """In which of the *followed* categories a paper is announced, and as what: arXiv's one word is for them together.

    *before*: the categories in which it was announced on an earlier day. A cross-list is told of in the categories
    that it newly joins, and never in its primary one. A paper in no followed category counts for its primary one.
    """
    categories = announcement.paper.categories
    own = [c for c in categories if c in followed] or [categories[0]]
    if announcement.kind.is_replacement:
        return {c: kind_in(c, announcement.paper, announcement.kind) for c in own}
    if announcement.kind is AnnounceType.CROSS:
        joined = [c for c in own if c != categories[0]] or own
        return dict.fromkeys([c for c in joined if c not in before] or joined, AnnounceType.CROSS)
    return {c: AnnounceType.NEW if c == categories[0] else AnnounceType.CROSS for c in own}


def kind_in(category: str, paper: Paper, kind: AnnounceType) -> AnnounceType:
    """What a category's listing means by *kind*: a replacement is another word where the category is not the primary."""
    if not kind.is_replacement:
        return kind
    return AnnounceType.REPLACE if category == paper.categories[0] else AnnounceType.REPLACE_CROSS


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedFacts:
    """What there is to know of a feed when its worth is judged."""

    expected: date  # the day whose announcements the feed should have now
    scheduled: bool  # whether arXiv announces on that day, by its calendar
    unknown_day: date | None  # an earlier day of which not all is known, and of which the feed may still be
    ids: Collection[str]
    known: Collection[str]  # of these ids, those announced on an earlier day and not on the expected one
    repeated: Collection[str]  # of those that the feed calls new, those announced as new on an earlier day


def judge_feed(facts: FeedFacts) -> tuple[Verdict, str]:
    """Tell a quiet day from a missing one; the second value is a sentence for the reader, "" when all is well."""
    if not facts.ids:
        if not facts.scheduled:
            return Verdict.EMPTY_BY_SCHEDULE, ""
        return Verdict.EMPTY_UNEXPECTED, f"the feed is empty, and arXiv's calendar expects papers on {facts.expected}"
    if len(facts.known) == len(facts.ids) or facts.repeated:
        return Verdict.STALE, f"the feed still shows an earlier day's papers, and none of {facts.expected}"
    if facts.unknown_day is not None:
        return Verdict.STALE, f"whether the feed's papers are of {facts.unknown_day} or of {facts.expected} is open"
    return Verdict.OK, ""


# --- papers that one channel does not tell of ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A paper that the harvest tells of and that must have been announced without the feed's telling us."""

    paper: Paper
    expected: date  # when it was announced if nothing held it up
    proven: date | None  # when it was announced, where the record leaves no doubt
    days: tuple[date, ...]  # whose listings can tell, rising


def suspect(paper: Paper, *, versions: int, expected: date, datestamp: date) -> Suspect:
    """Judge the record of a paper that should be known and is not.

    *datestamp* is the day of the record's last change. It is the day of the announcement where nothing has changed
    since: where the record has one version and is as old as expected. A later record is of a paper that arXiv held
    back, or of one that was changed in some detail.
    """
    proven = datestamp if versions == 1 and datestamp == expected else None
    return Suspect(paper=paper, expected=expected, proven=proven, days=tuple(sorted({expected, datestamp})))


def version_on(day: date, versions: Sequence[tuple[int, date]]) -> int:
    """The number of the version that the mailing *day* told of; the first where none was out yet.

    *versions* are numbers and the days on which they were announced, rising.
    """
    out = [number for number, announced in versions if announced <= day]
    return out[-1] if out else versions[0][0]


SPARE = ("budget", "broad quota", "orphan quota")
"""Reasons for which a keyword was not linked that speak of the note, and not against the keyword."""

SHARED = 3
"""Keywords, and authors, that are told as the reason why two papers are near."""


class Decided(Protocol):
    """What was decided on a keyword of a paper; a ``Keyword`` without its figures."""

    @property
    def canonical(self) -> str: ...
    @property
    def linked(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def hub(self) -> bool: ...


def shared_keywords(own: Sequence[Decided], other: Sequence[Decided]) -> tuple[str, ...]:
    """At most ``SHARED`` keywords that say why two papers are near: those of both, in the order in which *own* has them.

    Linked, or left out for want of room; none that is in so many papers that it connects none, and none that is a part
    of another one told.
    """
    theirs = {keyword.canonical for keyword in other if _tells(keyword)}
    found: list[str] = []
    for keyword in own:
        name = keyword.canonical
        if name in theirs and _tells(keyword) and not any(f" {name} ".lower() in f" {one} ".lower() for one in found):
            found.append(name)
    return tuple(found[:SHARED])


def _tells(keyword: Decided) -> bool:
    return not keyword.hub and (keyword.linked or keyword.reason in SPARE)


def shared_authors(own: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Names on both papers, in the order of *own*; spelled alike, which may be two persons where a name is common."""
    theirs = {name.casefold() for name in other}
    return tuple(name for name in own if name.casefold() in theirs)


def furthest(trends: Mapping[str, Trend], course: Course) -> list[str]:
    """The terms that rise, or those that fade: the furthest from their past first, then by name."""
    sign = -1 if course is Course.RISING else 1
    moving = [name for name, trend in trends.items() if trend.course is course]
    return sorted(moving, key=lambda name: (sign * _level(trends[name]), name))


def _level(trend: Trend) -> float:
    return (trend.recent + 1) / (trend.expected + 1)


def may_be_republished(license: str) -> bool:
    """Whether a licence, by its address, lets anybody publish a changed copy: CC0, CC BY and CC BY-SA do.

    Those that forbid changes or commercial use are left out, and so is arXiv's own, which lets arXiv alone distribute.
    """
    return re.search(r"creativecommons\.org/(?:licenses/by(?:-sa)?/|publicdomain/zero/)", license) is not None
