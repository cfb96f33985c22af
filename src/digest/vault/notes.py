"""Find a paper's note by its ``arxiv_id`` property, wherever the reader moved it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote

import frontmatter
import yaml

from digest.nesting import is_too_deep
from digest.vault.layout import MARK

HEAD = 8192
"""Bytes read of each note; properties that are longer are read whole."""

_ID = re.compile(rb"^(?:arxiv_id|\"arxiv_id\"|'arxiv_id')[ \t]*:", re.MULTILINE)
_TEXT = re.compile(rb"^arxiv_id: \"([\w.-]+(?:/\d+)?)\"[ \t]*\r?$", re.MULTILINE)
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


def _paper_id(head: bytes) -> str:
    close = _CLOSE.search(head, 4)
    if not close or not _ID.search(head, 0, close.start()):
        return ""
    if plain := _TEXT.search(head, 0, close.start()):  # as we write it, and Obsidian too
        return plain[1].decode()
    try:
        front = head[: close.end()].decode("utf-8") + "\n"
        value = None if is_too_deep(front[4:]) else frontmatter.loads(front).get("arxiv_id")
    except (yaml.YAMLError, ValueError):
        return ""
    return value if isinstance(value, str) else ""


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
