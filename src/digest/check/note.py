"""What a check knows of one note: where it links to, what is wrong in it, and what concerns other notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import yaml

from digest.check import properties
from digest.check.links import Found, Link, Resolver, link_in_property, links_in, links_in_canvas
from digest.check.properties import Properties
from digest.check.report import Finding, Kind

Spans = Sequence[tuple[int, int, bool]]
Blocks = Callable[[str], Spans]
"""Where in a note's text a generator's blocks stand, and whether they are as it left them: else they are the reader's.

Raises ``ValueError`` when their markers are broken.
"""

_VERSION = re.compile(r"^arxiv:|v[0-9]+$", re.IGNORECASE)


def no_blocks(text: str) -> Spans:  # noqa: ARG001 - of a vault that no generator writes in
    return ()


@dataclass(frozen=True, slots=True)
class Note:
    """A note or a canvas."""

    path: str
    links: tuple[Link, ...] = ()  # the reader's, and those in properties
    generated: tuple[Link, ...] = ()  # those in blocks as a generator left them
    faults: tuple[Finding, ...] = ()
    has_blocks: bool = False
    paper: str = ""  # its arXiv id, without version
    day: str = ""  # whose day page it is
    aliases: tuple[str, ...] | None = None  # of a keyword's page; None for other notes
    types: tuple[tuple[str, str, str], ...] = ()  # of properties that are not empty: name, type, what it looks like


class Tie(NamedTuple):
    """A link and where it leads."""

    source: str
    link: Link
    found: Found
    generated: bool


def read_note(path: str, data: bytes, blocks: Blocks) -> Note:
    faults: list[Finding] = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.append(Finding(Kind.NOT_UTF8, path, f"byte {error.start} begins no character"))
        text = data.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    front, body = properties.split(text)
    found = read_properties(front)
    faults += properties.faults(path, text, front, found)
    own = found if isinstance(found, Properties) else Properties()
    links = [link for value in own.texts if (link := link_in_property(value))]
    try:
        spans = blocks(body)
    except ValueError as error:
        faults.append(Finding(Kind.BROKEN_BLOCKS, path, str(error)))
        spans = ()
    generated: list[Link] = []
    for place in links_in(body):
        (generated if is_generated(place.start, spans) else links).append(place.link)
    return Note(
        path=path,
        links=tuple(links),
        generated=tuple(generated),
        faults=tuple(faults),
        has_blocks=bool(spans),
        paper=_VERSION.sub("", own.arxiv_id or ""),
        day=_day(own),
        aliases=own.items("aliases") if "keyword" in own.items("tags") and own.text("papers") != "0" else None,
        types=tuple((name, value.type, value.looks_like) for name, value in own.values.items() if not value.is_empty),
    )


def _day(own: Properties) -> str:
    """The day of a day's page; a page of more days says until when."""
    return own.text("date") if "digest" in own.items("tags") and "until" not in own.values else ""


def read_canvas(path: str, data: bytes) -> Note:
    try:
        return Note(path, tuple(links_in_canvas(data.decode("utf-8-sig"))))
    except ValueError as error:
        return Note(path, faults=(Finding(Kind.UNREADABLE, path, f"{error}"),))


def read_properties(front: str | None) -> Properties | Exception:
    try:
        return properties.read(front or "")
    except (yaml.YAMLError, ValueError) as error:
        return error


def is_generated(at: int, spans: Spans) -> bool:
    return any(start <= at < end and is_intact for start, end, is_intact in spans)


def ties(note: Note, resolver: Resolver) -> Iterator[Tie]:
    for links, generated in ((note.links, False), (note.generated, True)):
        for link in links:
            found = resolver.resolve(link.target, note.path) if link.target else Found(note.path)
            yield Tie(note.path, link, found, generated)


def link_fault(tie: Tie) -> Finding | None:
    source, target, found = tie.source, tie.link.target, tie.found
    if found.path is None:
        return Finding(Kind.DEAD_LINK, source, target, tie.generated)
    if found.others:
        meant = "”, “".join((found.path, *found.others))
        return Finding(Kind.AMBIGUOUS, source, f"{target}: “{meant}”", tie.generated)
    if not found.spelled:
        return Finding(Kind.SPELLING, source, f"{target}: “{found.path}”", tie.generated)
    return None
