"""Find a paper's note by its ``arxiv_id`` property, wherever the reader moved it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import frontmatter
import yaml

from digest.nesting import is_too_deep
from digest.vault.layout import MARK

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

HEAD = 8192
"""Bytes read of each note; properties that are longer are read whole."""

_ID = re.compile(rb"^(?:arxiv_id|\"arxiv_id\"|'arxiv_id')[ \t]*:", re.MULTILINE)
# As we write it, and Obsidian too; without quotes, YAML would take it for a number and lose its last zeros.
_TEXT = re.compile(rb"^arxiv_id: (\"?)([\w.-]+(?:/\d+)?)\1[ \t]*\r?$", re.MULTILINE)
_CLOSE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"


def find_notes(root: Path) -> dict[str, str]:
    """Each paper's note as a vault path, by arXiv id. Of several, one with blocks of ours, and then the first by path."""
    found: dict[str, tuple[bool, str]] = {}
    for path in note_paths(root):
        head = _head(path)
        if paper_id := _paper_id(head):
            name = path.relative_to(root).as_posix()
            rank = (MARK.encode() not in head, name)
            found[paper_id] = min(found.get(paper_id, rank), rank)
    return {paper_id: name for paper_id, (_, name) in found.items()}


def note_paths(root: Path) -> Iterator[Path]:
    """Every ``.md`` file; folders whose name begins with a dot are Obsidian's (its bin is one) or hidden from it."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in files if name.endswith(".md") and not name.startswith("."))


def _head(path: Path) -> bytes:
    """The properties of a note and the beginning of its text; nothing when there are none or it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).removeprefix(_BOM)
            if not head.startswith(b"---"):
                return b""
            return head if _CLOSE.search(head, 4) else head + file.read()
    except OSError:
        return b""


def note_of(data: bytes) -> str:
    """The paper that a file is about, by its ``arxiv_id`` property; "" when it has none."""
    text = data.removeprefix(_BOM)
    return _paper_id(text) if text.startswith(b"---") else ""


def _paper_id(head: bytes) -> str:
    close = _CLOSE.search(head, 4)
    if not close or not _ID.search(head, 0, close.start()):
        return ""
    if plain := _TEXT.search(head, 0, close.start()):
        return plain[2].decode()
    try:
        front = head[: close.end()].decode("utf-8") + "\n"
        value = None if is_too_deep(front[4:]) else frontmatter.loads(front).get("arxiv_id")
    except (yaml.YAMLError, ValueError):
        return ""
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a file says, as far as the reader may have changed it."""

    sha256: str = ""
    is_left: bool = False  # as it was when it was last written
    paper: str = ""  # whose note it is, also where the other properties cannot be read; "" when it is none
    properties: Mapping[str, object] = field(default_factory=dict)  # dates are text
    boxes: tuple[tuple[str, bool], ...] = ()  # in our blocks: the link's target without ``.md``, and whether ticked
    reason: str = ""  # why the properties could not be read


class _PlainLoader(_Loader):  # type: ignore[misc]
    """Takes no text for a date: a month 13 in a property of the reader's would spoil all others."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


class _Handler(frontmatter.YAMLHandler):  # type: ignore[misc]
    def load(self, fm: str, **_: object) -> Any:
        return yaml.load(fm, Loader=_PlainLoader)


def read_properties(text: str) -> dict[str, object]:
    """The properties of a note with LF; none where it does not begin with a fence. Raises ``ValueError`` saying why they
    cannot be read.
    """
    if not re.match(r"---[ \t]*\n", text):
        return {}
    front, close, _ = text[3:].partition("\n---")
    if not close:
        raise ValueError("its properties begin with “---” and never end")
    if is_too_deep(front):
        raise ValueError("its properties are nested too deep")
    try:
        return dict(frontmatter.loads(text, handler=_Handler()).metadata)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        where = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"its properties are not valid YAML ({where}{problem})") from error
    except (TypeError, ValueError) as error:
        raise ValueError("its properties are not valid YAML") from error


_WIKILINK = re.compile(r"\[\[([^\[\]|#^\n]+)")
_MARKDOWN_LINK = re.compile(r"\]\(<?([^()<>\s:]+)[>)#]")


def linked(root: Path, paths: Collection[str], leaving: Collection[str]) -> set[str]:
    """Those of *paths* (from the root, without ``.md``) that some note links to, by path or by name.

    A link of a page to itself does not count, nor does any of the pages that are *leaving*.
    """
    wanted = {form.casefold(): path for path in paths for form in (path, path.rpartition("/")[2])}
    found: set[str] = set()
    for note in note_paths(root) if paths else ():
        own = note.relative_to(root).with_suffix("").as_posix()
        if own in leaving:
            continue
        try:
            text = note.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        targets = [*_WIKILINK.findall(text), *map(unquote, _MARKDOWN_LINK.findall(text))]
        forms = {target.strip().removesuffix(".md").casefold() for target in targets}
        found |= {wanted[form] for form in forms & wanted.keys()} - {own}
    return found
