"""Read a vault once, and say what is wrong in it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from digest.check import properties
from digest.check.links import Found, Link, Resolver, anchors_in, leads, links_in, links_in_property
from digest.check.names import bad_names, collisions
from digest.check.report import Finding, Kind, Report
from digest.errors import VaultError


@dataclass(frozen=True, slots=True)
class _Note:
    path: str
    links: tuple[Link, ...]
    faults: tuple[Finding, ...]
    arxiv_id: str | None


class _Tie(NamedTuple):
    """A link and where it leads."""

    source: str
    link: Link
    found: Found


def check(vault: Path) -> Report:
    """Every fault in *vault*, by path; folders and files whose name begins with a dot are not looked at.

    Raises ``VaultError`` when *vault* is no folder.
    """
    if not vault.is_dir():
        raise VaultError(vault, "is no folder; name the folder of a vault")
    files, folders = _walk(vault)
    resolver = Resolver(files)
    notes = [_read(vault, path) for path in files if path.endswith(".md")]
    ties = [_Tie(n.path, link, _resolve(resolver, link, n.path)) for n in notes for link in n.links]
    findings = [
        *bad_names([*folders, *files]),
        *collisions([*folders, *files]),
        *(fault for note in notes for fault in note.faults),
        *_duplicates(notes),
        *(fault for tie in ties if (fault := _link_fault(tie))),
        *_anchor_faults(vault, ties),
    ]
    return Report(
        findings=tuple(sorted(dict.fromkeys(findings), key=lambda f: (f.path, f.kind, f.detail))),
        notes=len(notes),
        links=len(ties),
        orphans=len({note.path for note in notes} - {tie.found.path for tie in ties if tie.found.path != tie.source}),
        one_way=_one_way(notes, ties),
    )


def _walk(vault: Path) -> tuple[list[str], list[str]]:
    """Files and folders from the root, sorted."""
    files: list[str] = []
    folders: list[str] = []
    for at, inner, names in os.walk(vault):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        prefix = Path(at).relative_to(vault).as_posix() + "/"
        prefix = "" if prefix == "./" else prefix
        folders += [prefix + name for name in inner]
        files += [prefix + name for name in names if not name.startswith(".")]
    return sorted(files), sorted(folders)


# --- one note --------------------------------------------------------------------------------------------------------


def _read(vault: Path, path: str) -> _Note:
    faults: list[Finding] = []
    try:
        data = (vault / path).read_bytes()
    except OSError as error:
        return _Note(path, (), (Finding(Kind.NOT_UTF8, path, f"cannot be read ({error.strerror})"),), None)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        faults.append(Finding(Kind.NOT_UTF8, path, f"byte {error.start} begins no character"))
        text = data.decode("utf-8", "replace")
    front, body = properties.split(text)
    found = _properties(front or "")
    faults += properties.faults(path, text, front, found)
    own = found if isinstance(found, properties.Properties) else properties.Properties()
    links = [link for value in own.texts for link in links_in_property(value)]
    return _Note(path, (*links, *links_in(body)), tuple(faults), own.arxiv_id)


def _properties(front: str) -> properties.Properties | Exception:
    try:
        return properties.read(front)
    except (yaml.YAMLError, ValueError) as error:
        return error


# --- between notes ---------------------------------------------------------------------------------------------------


def _duplicates(notes: Iterable[_Note]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for note in notes:
        if note.arxiv_id:
            other = first.setdefault(note.arxiv_id, note.path)
            if other != note.path:
                yield Finding(Kind.DUPLICATE_PAPER, note.path, f"{note.arxiv_id} is also “{other}”")


def _resolve(resolver: Resolver, link: Link, source: str) -> Found:
    return resolver.resolve(link.target, source) if link.target else Found(source)


def _link_fault(tie: _Tie) -> Finding | None:
    target, found = tie.link.target, tie.found
    if found.path is None:
        return Finding(Kind.DEAD_LINK, tie.source, target)
    if found.others:
        meant = "”, “".join((found.path, *found.others))
        return Finding(Kind.AMBIGUOUS, tie.source, f"{target}: “{meant}”")
    if not found.spelled:
        return Finding(Kind.SPELLING, tie.source, f"{target}: “{found.path}”")
    return None


def _anchor_faults(vault: Path, ties: Iterable[_Tie]) -> Iterator[Finding]:
    """Only notes that some link leads into are read again."""
    wanted: dict[str, list[_Tie]] = defaultdict(list)
    for tie in ties:
        if tie.link.anchor and tie.found.path and tie.found.path.endswith(".md"):
            wanted[tie.found.path].append(tie)
    for path, into in wanted.items():
        anchors = anchors_in(properties.split((vault / path).read_text("utf-8", "replace"))[1])
        for tie in into:
            if not leads(tie.link.anchor, anchors):
                yield Finding(Kind.DEAD_ANCHOR, tie.source, f"{tie.link.target}#{tie.link.anchor}")


def _one_way(notes: Iterable[_Note], ties: Iterable[_Tie]) -> int:
    papers = {note.path for note in notes if note.arxiv_id}
    pairs = {(t.source, t.found.path) for t in ties if t.source in papers and t.found.path in papers}
    return sum((there, here) not in pairs for here, there in pairs)
