"""What of a vault goes out.

By default only what digest itself wrote: the text of its blocks, as it wrote it. Notes of the reader's own, his words in
ours, blocks that he edited, his properties and the boxes that he ticked are his, and stay. With his notes included, all
goes out but comments. A note whose property ``publish`` is false stays in either case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from digest.nesting import is_too_deep
from digest.vault.layout import MARK, checksum
from digest.vault.merge import find_regions, split
from digest.vault.notes import note_paths
from digest.vault.properties import Unmergeable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TICKED = re.compile(r"^([ \t>]*(?:[-*+]|\d+[.)])[ \t]+)\[[^\]\n ]\](?=[ \t])", re.MULTILINE)
_BOX = re.compile(r"^([ \t>]*(?:[-*+]|\d+[.)])[ \t]+)\[.\][ \t]+", re.MULTILINE)
_IN_VAULT = re.compile(r"^[ \t>]*%% in-vault %%.*?%% /in-vault %%[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^# +(.+?) *#*\r?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note that goes out."""

    path: str  # from the vault's root
    title: str  # plain text
    text: str  # Markdown, LF
    properties: Mapping[str, Any]

    def has_tag(self, tag: str) -> bool:
        return tag in _texts(self.properties.get("tags"))

    def day(self) -> str:
        """The day that the note is of, in ISO form; empty when it tells none."""
        for name in ("announced", "date", "last_seen"):
            value = self.properties.get(name)
            if isinstance(value, date):
                return value.isoformat()[:10]
        return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """The notes that go out, by path, and how much was kept back."""

    notes: tuple[Note, ...]
    unpublished: int  # notes with ``publish: false``
    own: int  # notes without a text of digest's
    edited: tuple[str, ...]  # notes of which a block was edited and kept back
    unread: tuple[tuple[str, str], ...]  # files that could not be read, and why


def read(vault: Path, *, with_notes: bool) -> Edition:
    """Read every note of *vault*; folders whose name begins with a dot are hidden ones."""
    notes: list[Note] = []
    unpublished = own = 0
    edited: list[str] = []
    unread: list[tuple[str, str]] = []
    for file in sorted(note_paths(vault)):
        path = file.relative_to(vault).as_posix()
        try:
            front, body = _read(file)
            properties = _properties(front)
            text, was_edited = (_without_markers(body), False) if with_notes else generated(body)
        except (OSError, ValueError, yaml.YAMLError) as error:  # UnicodeDecodeError and Unmergeable are ValueErrors
            unread.append((path, " ".join(str(error).split())))
            continue
        if not _is_public(properties):
            unpublished += 1
            continue
        if was_edited:
            edited.append(path)
        if text:
            notes.append(Note(path=path, title=_title(path, properties, text), text=text, properties=properties))
        else:
            own += not was_edited
    return Edition(notes=tuple(notes), unpublished=unpublished, own=own, edited=tuple(edited), unread=tuple(unread))


def _read(file: Path) -> tuple[str, str]:
    """The lines of properties and the text below them, LF."""
    text = file.read_bytes().decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    opening, front, rest = split(text)
    return front, rest.partition("\n")[2] if opening else rest


def _properties(front: str) -> dict[str, Any]:
    if is_too_deep(front):
        raise Unmergeable("its properties are nested too deep")
    found = yaml.load(front, Loader=_Loader)
    return found if isinstance(found, dict) else {}


def generated(body: str) -> tuple[str, bool]:
    """The text of digest's blocks that nobody edited, without boxes to tick; and whether one was edited.

    Raises ``Unmergeable`` when the markers of blocks are broken: then nobody can tell whose words they are.
    """
    if MARK not in body:
        return "", False
    texts, edited = [], False
    for region in find_regions(body):
        text = region.text(body)
        if region.seal in (checksum(text), checksum(_TICKED.sub(r"\1[ ]", text))):
            texts.append(_BOX.sub(r"\1", without_advice(text)))
        else:
            edited = True
    return "\n\n".join(texts), edited


def without_advice(text: str) -> str:
    """*text* without what stands between ``%% in-vault %%`` and ``%% /in-vault %%``: how to use it in Obsidian."""
    return _IN_VAULT.sub("", text)


_MARKER_LINE = re.compile(r"^%% digest:[^\n]*%%[ \t]*\n?", re.MULTILINE)


def _without_markers(body: str) -> str:
    return without_advice(_MARKER_LINE.sub("", body)).strip("\n")


def _is_public(properties: Mapping[str, Any]) -> bool:
    return str(properties.get("publish", True)).strip().casefold() not in ("false", "no", "off", "0")


def _title(path: str, properties: Mapping[str, Any], text: str) -> str:
    """The property ``title``; else, for what no property names, the file's name."""
    given = properties.get("title")
    if isinstance(given, str) and given.strip():
        return " ".join(given.split())
    heading = _HEADING.search(text)
    plain = heading[1] if heading and not re.search(r"[\\\[\]$*`<&]", heading[1]) else ""
    return plain or path.rpartition("/")[2].removesuffix(".md")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.replace(",", " ").split()
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))
