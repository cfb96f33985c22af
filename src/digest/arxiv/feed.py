"""The feed of one Eastern day, ``rss.arxiv.org/atom/<categories>``: what arXiv announced tonight.

feedparser maps the entries; lxml has first proven that the answer is whole, because feedparser makes the best of a
cut one.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from digest import identifiers
from digest.arxiv import batch, schedule, text, wellformed
from digest.arxiv.batch import SOURCE
from digest.arxiv.session import Answer, Session
from digest.errors import IdentifierError, SourceError
from digest.model import Announcement, AnnounceType, Paper, Verdict

NEAR_CAP: Final = 1900
"""arXiv sends at most 2,000 items and drops new papers first, without a word."""

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_ROOTS: Final = (f"{_ATOM}feed", "rss")
_LONGEST_QUOTE: Final = 200


@dataclass(frozen=True, slots=True)
class FeedDay:
    """What one feed told: announcements in the feed's order, one for each paper."""

    day: date | None  # the newest Eastern date of an entry; None when there is none
    announcements: tuple[Announcement, ...]
    faults: tuple[str, ...]  # a sentence for each entry that was refused, and for a feed that may be cut by the cap


class _Refused(Exception):
    """One entry cannot be believed."""


def fetch_feed(session: Session, base_url: str, categories: Sequence[str]) -> FeedDay:
    """Ask for today's feed of *categories* and read it; see ``batch.ask`` and ``read``."""
    return read(batch.ask(session, base_url, categories), categories)


def read(answer: Answer, categories: Sequence[str]) -> FeedDay:
    """Read an answer; see ``parse_feed``."""
    return parse_feed(answer.body, status=answer.status, content_type=answer.content_type, categories=categories)


def parse_feed(body: bytes, *, status: int, content_type: str, categories: Sequence[str]) -> FeedDay:
    """Read the feed of *categories*, Atom or RSS. An entry that cannot be believed is a fault, never the end.

    Raises SourceError: MALFORMED for arXiv's error feed (with arXiv's reason), another status than 200, a web page,
    XML of another kind, or a feed without a single paper of *categories*; THROTTLED for "Rate exceeded."; CUT_SHORT for a feed that ends early.
    """
    root = prove(body, status, content_type)
    _refuse_error_feed(root, status, categories)
    nodes = root.findall(f"{_ATOM}entry") if root.tag != "rss" else root.findall("channel/item")
    import feedparser  # here: a feed that is known by its fingerprint is not parsed

    # A stream, because feedparser would open a file whose name it is given. The encoding is proven to be UTF-8. In RSS
    # it takes an abstract for HTML, and either of its passes over HTML alone loses maths between "<" and ">".
    headers = {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if len(parsed.entries) != len(nodes):
        raise SourceError(SOURCE, Verdict.MALFORMED, f"{len(nodes)} entries, of which {len(parsed.entries)} are read")
    told = _collect(parsed.entries)
    _refuse_feed_of_others(told, categories)
    return told


def prove(body: bytes, status: int, content_type: str) -> Any:
    """Return the root of a whole, well-formed feed. Raises SourceError, as ``wellformed.prove`` does."""
    try:
        return wellformed.prove(body, source=SOURCE, roots=_ROOTS, content_type=content_type)
    except SourceError as error:
        if status == 200:
            raise
        message = f"HTTP {status} with {content_type or 'no content type'} and no feed"
        raise SourceError(SOURCE, error.verdict, message) from error


def _refuse_error_feed(root: Any, status: int, categories: Sequence[str]) -> None:
    top = root.find("channel") if root.tag == "rss" else root
    space, subtitle = ("", "description") if root.tag == "rss" else (_ATOM, "subtitle")
    if top is None:
        raise SourceError(SOURCE, Verdict.MALFORMED, "an RSS feed without a channel")
    title = top.findtext(f"{space}title", "")
    if status == 200 and not title.startswith("Feed error"):
        return
    reason = " ".join(top.findtext(f"{space}{subtitle}", "").split())[:_LONGEST_QUOTE]
    asked = "+".join(categories)
    raise SourceError(SOURCE, Verdict.MALFORMED, f"HTTP {status} for {asked}; arXiv says: {reason or title}")


def _refuse_feed_of_others(told: FeedDay, categories: Sequence[str]) -> None:
    """A cache can hand out the feed of another address, in which there is no news of what was asked for."""
    asked = {category.casefold() for category in categories}
    found = {name.casefold() for one in told.announcements for name in one.paper.categories}
    if found and not asked & (found | {name.partition(".")[0] for name in found}):
        message = f"none of its {len(told.announcements)} papers is in {'+'.join(categories)}: it is another feed"
        raise SourceError(SOURCE, Verdict.MALFORMED, message)


def _collect(entries: Sequence[Mapping[str, Any]]) -> FeedDay:
    found: dict[str, Announcement] = {}
    faults: list[str] = []
    for entry in entries:
        try:
            announcement = _announcement(entry)
            if announcement.paper.id in found:
                raise _Refused("it is in the feed twice")
            found[announcement.paper.id] = announcement
        except _Refused as reason:
            faults.append(f"{_told(entry)}: {reason}")
    if len(entries) >= NEAR_CAP:
        faults.append(f"{len(entries):,} entries: the feed ends at 2,000, so that new papers may be missing from it")
    days = Counter(announcement.day for announcement in found.values())
    return FeedDay(max(days, default=None), tuple(found.values()), tuple(faults))


def _told(entry: Mapping[str, Any]) -> str:
    name = str(entry.get("id") or entry.get("title") or "an entry without a name")
    return text.plain(name)[:_LONGEST_QUOTE]


def _announcement(entry: Mapping[str, Any]) -> Announcement:
    return Announcement(paper=_paper(entry), kind=_kind(entry), day=_day(entry))


def _paper(entry: Mapping[str, Any]) -> Paper:
    try:
        identifier = identifiers.parse(entry.get("id", ""))
    except IdentifierError as error:
        raise _Refused(str(error)) from error
    if identifier.version is None:
        raise _Refused("its identifier has no version")
    title = text.plain(entry.get("title", ""))
    categories = tuple(dict.fromkeys(tag["term"] for tag in entry.get("tags", ()) if tag.get("term")))
    if not title or not categories:
        raise _Refused("it has no title" if not title else "it has no category")
    abstract = text.abstract(entry.get("summary", ""))
    return Paper(
        id=identifier.id,
        version=identifier.version,
        title=title,
        abstract=abstract,
        authors=text.split_authors(entry.get("author", "")),
        categories=categories,
        journal_ref=text.plain(entry.get("arxiv_journal_reference", "")),
        dois=text.dois(entry.get("arxiv_doi", "")),
        license=entry.get("rights", "").strip(),
        withdrawn=text.says_withdrawn(abstract),
    )


def _kind(entry: Mapping[str, Any]) -> AnnounceType:
    told = entry.get("arxiv_announce_type", "")
    try:
        return AnnounceType(told)
    except ValueError as error:
        raise _Refused(f"{told!r} is no kind of announcement") from error


def _day(entry: Mapping[str, Any]) -> date:
    """arXiv dates an entry with the Eastern midnight that begins the day of the announcement."""
    told = entry.get("published", "")
    try:
        when = datetime.fromisoformat(told) if told[10:11] == "T" else parsedate_to_datetime(told)
    except ValueError as error:
        raise _Refused(f"its date {told!r} cannot be read") from error
    if when.tzinfo is None:
        raise _Refused(f"its date {told!r} has no time zone")
    return when.astimezone(schedule.eastern()).date()
