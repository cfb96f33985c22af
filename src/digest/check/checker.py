"""Read a vault once, and say what is wrong in it.

Kept of each note are its links and what concerns other notes, never its text. Notes that something can be mended in,
and those that a link leads into at a heading, are read a second time.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from digest.check import properties, repair
from digest.check.links import Resolver, anchors_in, leads, views_in
from digest.check.names import bad_names, collisions, key
from digest.check.near import Singular, near
from digest.check.note import Blocks, Note, Tie, link_fault, no_blocks, read_canvas, read_note, ties
from digest.check.report import Finding, Kind, Report
from digest.errors import VaultError

STRICT_TYPES = frozenset({"number", "checkbox", "date"})
"""Types of which Obsidian says that a value of another one does not fit."""

SHORT = 6
"""Letters below which a name may be an acronym or a symbol that another one differs from by case alone."""


def as_written(word: str, known: Container[str]) -> str:  # noqa: ARG001 - of a language that nobody knows
    return word


def check(vault: Path, *, blocks: Blocks = no_blocks, singular: Singular = as_written) -> Report:
    """Everything that is wrong or odd in *vault*, by path; what begins with a dot is not looked at.

    *blocks* finds a generator's own text in a note: that is not to be mended by hand. *singular* lets keywords that differ
    by a plural be found. Raises ``VaultError`` when *vault* is no folder.
    """
    if not vault.is_dir():
        raise VaultError(vault, "is no folder; name the folder of a vault")
    files, folders = walk(vault)
    resolver = Resolver(files)
    notes = list(_notes(vault, files, blocks))
    tied = [tie for note in notes for tie in ties(note, resolver)]
    views, unreadable = _views(vault, files)
    findings = [
        *bad_names([*folders, *files]),
        *collisions([*folders, *files]),
        *(fault for note in notes for fault in note.faults),
        *unreadable,
        *_twice(Kind.DUPLICATE_PAPER, ((note.paper, note.path) for note in notes)),
        *_twice(Kind.DUPLICATE_DAY, ((note.day, note.path) for note in notes)),
        *(fault for tie in tied if (fault := link_fault(tie))),
        *_anchor_faults(vault, tied, views),
        *_near(notes, singular),
        *_one_way(notes, tied),
        *_orphans(notes, tied),
        *_mixed_types(notes),
    ]
    found = sorted(dict.fromkeys(findings), key=lambda f: (f.path, f.kind, f.detail, f.generated))
    renames = repair.renames(found, files, tied)
    return Report(
        findings=tuple(_marked(vault, found, files, renames, blocks)),
        notes=sum(path.endswith(".md") for path in files),
        links=len(tied),
    )


def plan(vault: Path, report: Report, *, blocks: Blocks = no_blocks) -> repair.Plan:
    """How what *report* calls fixable is mended; files that cannot be read any more are left out."""
    return repair.plan(vault, report.findings, walk(vault)[0], blocks)


def walk(vault: Path) -> tuple[list[str], list[str]]:
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


def _notes(vault: Path, files: Iterable[str], blocks: Blocks) -> Iterator[Note]:
    for path in files:
        if not path.endswith((".md", ".canvas")):
            continue
        try:
            data = (vault / path).read_bytes()
        except OSError as error:
            yield Note(path, faults=(Finding(Kind.NOT_UTF8, path, f"cannot be read ({error.strerror})"),))
        else:
            yield read_note(path, data, blocks) if path.endswith(".md") else read_canvas(path, data)


def _views(vault: Path, files: Iterable[str]) -> tuple[dict[str, set[str]], list[Finding]]:
    """The names of the views in each Base, and the Bases that are none."""
    views: dict[str, set[str]] = {}
    unreadable = []
    for path in files:
        if path.endswith(".base"):
            try:
                views[path] = views_in((vault / path).read_bytes().decode("utf-8-sig"))
            except (OSError, yaml.YAMLError, ValueError) as error:
                unreadable.append(Finding(Kind.UNREADABLE, path, properties.reason(error)))
    return views, unreadable


# --- between notes ---------------------------------------------------------------------------------------------------


def _twice(kind: Kind, named: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Every path but the first that has the same name; “x” comes before its copy “x 1”."""
    first: dict[str, str] = {}
    for name, path in sorted(named, key=lambda pair: pair[1].removesuffix(".md")):
        if name and (other := first.setdefault(name, path)) != path:
            yield Finding(kind, path, f"{name} is also “{other}”")


def _anchor_faults(vault: Path, tied: Iterable[Tie], views: Mapping[str, set[str]]) -> Iterator[Finding]:
    wanted: dict[str, list[Tie]] = defaultdict(list)
    for tie in tied:
        if tie.link.anchor and tie.found.path and (tie.found.path.endswith(".md") or tie.found.path in views):
            wanted[tie.found.path].append(tie)
    for path, into in wanted.items():
        anchors = views[path] if path in views else _anchors(vault / path)
        for tie in into:
            if not (tie.link.anchor in anchors if path in views else leads(tie.link.anchor, anchors)):
                yield Finding(Kind.DEAD_ANCHOR, tie.source, f"{tie.link.target}#{tie.link.anchor}", tie.generated)


def _anchors(file: Path) -> set[str]:
    try:
        return anchors_in(properties.split(file.read_text("utf-8", "replace"))[1])
    except OSError:  # told when it was read as a note
        return set()


def _near(notes: Iterable[Note], singular: Singular) -> Iterator[Finding]:
    """Keyword pages whose names seem to be one; those that are one file elsewhere are told as that."""
    pages = {note.path: note for note in notes if note.aliases is not None}
    names = {path: path.rpartition("/")[2].removesuffix(".md") for path in pages}
    colliding = {finding.path for finding in collisions(pages)}
    paired = set()
    for path, other, why in near(names, singular):
        if path not in colliding:
            paired.add(frozenset((path, other)))
            yield Finding(Kind.NEAR_KEYWORD, path, f"“{other}”: {why}")
    by_name = {_folded(name): path for path, name in sorted(names.items(), reverse=True)}
    for path, note in sorted(pages.items()):
        for alias in note.aliases or ():
            other = by_name.get(_folded(alias), path)
            if key(other) != key(path) and frozenset((path, other)) not in paired:
                yield Finding(Kind.NEAR_KEYWORD, path, f"“{other}”: “{alias}” is an alias here")


def _folded(name: str) -> str:
    """Case counts in short names: FE is not iron, and TESs are not TESS."""
    return name if len(name) < SHORT else name.casefold()


def _one_way(notes: Iterable[Note], tied: Iterable[Tie]) -> Iterator[Finding]:
    """Where digest writes a paper's related links only those count, not what the reader wrote; else all do."""
    papers = {note.path: note.has_blocks for note in notes if note.paper}
    pairs = {(t.source, t.found.path): t.generated for t in tied if t.source in papers and t.found.path in papers}
    related = {(t.source, t.found.path) for t in tied if t.generated == papers.get(t.source)}
    for here, there in pairs:
        if there and (here, there) in related and (there, here) not in pairs:
            yield Finding(Kind.ONE_WAY, here, f"“{there}” does not link back")


def _orphans(notes: Iterable[Note], tied: Iterable[Tie]) -> Iterator[Finding]:
    # A README at the root is for who looks at the folder from without.
    linked = {tie.found.path for tie in tied if tie.found.path != tie.source}
    for note in notes:
        if note.path.endswith(".md") and note.path not in linked and note.path != "README.md":
            yield Finding(Kind.ORPHAN, note.path, "nothing links to it")


def _mixed_types(notes: Sequence[Note]) -> Iterator[Finding]:
    """Values that do not fit the type that most notes give the property."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for note in notes:
        for name, type_, _ in note.types:
            counts[name][type_] += 1
    common = {name: count.most_common(1)[0] for name, count in counts.items() if len(count) > 1}
    strict = {
        name: (type_, many)
        for name, (type_, many) in common.items()
        if type_ in STRICT_TYPES and 2 * many > counts[name].total()
    }
    for note in notes if strict else ():
        for name, type_, like in note.types:
            if name in strict and strict[name][0] not in (type_, like):
                usual, many = strict[name]
                yield Finding(Kind.MIXED_TYPE, note.path, f"{name} is {type_} here and {usual} in {many} notes")


# --- what can be mended ----------------------------------------------------------------------------------------------


def _marked(
    vault: Path, found: Sequence[Finding], files: Iterable[str], renames: Mapping[str, str], blocks: Blocks
) -> Iterator[Finding]:
    """The findings, those marked that would be gone after everything was mended that can be."""
    after = Resolver(renames.get(path, path) for path in files)
    left: dict[str, set[tuple[Kind, str, bool]]] = {}
    for path in {finding.path for finding in found if finding.kind in repair.KINDS}:
        with_name = renames.get(path, path)
        try:
            data = repair.mended(with_name, (vault / path).read_bytes(), after, blocks)[0]
        except OSError:
            continue
        note = read_note(with_name, data, blocks)
        faults = [*note.faults, *(fault for tie in ties(note, after) if (fault := link_fault(tie)))]
        left[path] = {(fault.kind, fault.detail, fault.generated) for fault in faults}
    for finding in found:
        is_left = (finding.kind, finding.detail, finding.generated) in left.get(finding.path, ())
        if finding.kind is Kind.BAD_NAME:
            yield replace(finding, fixable=finding.path in renames)
        else:
            fixable = finding.kind in repair.KINDS and finding.path in left and not is_left
            yield replace(finding, fixable=True) if fixable else finding
