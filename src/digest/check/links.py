"""Links of a note, and where Obsidian would have them lead.

Resolving follows what was measured on Obsidian 1.13.7: the exact path from the root, then the note's own folder, then
the shortest path that ends so; upper and lower case count as one; an alias is never a target.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

from digest.check.names import key
from digest.nesting import is_too_deep

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# One pass: code, comments and mathematics are consumed so that no link is seen in them. Every alternative begins with
# a literal character, which lets the engine skip to the next candidate at the speed of memchr.
_SCAN = re.compile(
    r"\\."
    r"|`(?<=[\n\t >]`)``(`*)[^`\n]*(?:\n[\s\S]*?)??(?:\n[ \t>]*```\1`*[ \t]*(?![^\n])|\Z)"
    r"|~(?<=[\n\t >]~)~~(~*)[^\n]*(?:\n[\s\S]*?)??(?:\n[ \t>]*~~~\2~*[ \t]*(?![^\n])|\Z)"
    r"|`(?<!``)(`*)(?!`)(?:[^\n]|\n(?![ \t>]*\n))+?(?<!`)`\3(?!`)"
    r"|%%[\s\S]*?%%"
    r"|<!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z)"
    r"|\$\$[\s\S]*?\$\$"
    r"|\$(?![\s$])(?:\\.|[^$\n\\])*?(?<!\s)\$(?!\d)"
    r"|\[\[((?:(?!\]\]|\[\[)[^\n])+)\]\]"
    r"|\[(?:\\.|[^\[\]\n\\]|\[[^\[\]\n]*\])*\]\((<[^<>\n]*>|[^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)(?:\s+\"[^\"\n]*\")?\)"
)
_WIKI, _MARKDOWN = 4, 5  # groups
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_WIKILINK = re.compile(r"\s*!?\[\[([^\n\[\]]+)\]\]\s*")
# A line of properties that is one link between quotes, with nothing in it that YAML would read otherwise.
_PROPERTY_LINK = re.compile(r"^[^\n\"']*([\"'])!?\[\[([^\n\[\]\"'\\]+)\]\]\1[ \t]*\r?$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t>]*#{1,6}[ \t]+(.+?)[ \t#]*\r?$", re.MULTILINE)
_SETEXT = re.compile(r"^(?![ \t>]*[-=]+[ \t]*\r?$)[ \t>]*(\S.*?)[ \t]*\r?\n[ \t>]*(?:=+|-+)[ \t]*\r?$", re.MULTILINE)
_BLOCK = re.compile(r"(?:^|[ \t])\^([A-Za-z0-9-]+)[ \t]*\r?$", re.MULTILINE)
_WORD = re.compile(r"\w+")


class Link(NamedTuple):
    target: str  # a path, or the end of one; "" is the note itself
    anchor: str  # what follows "#"


class Place(NamedTuple):
    """A link as it is written: what stands between its brackets is ``text[start:end]``."""

    start: int
    end: int
    is_wiki: bool
    link: Link


class Found(NamedTuple):
    """Where a link leads."""

    path: str | None  # None: nowhere
    spelled: bool = True  # as the file is, letter for letter
    others: tuple[str, ...] = ()  # what the link could as well mean


def links_in(body: str) -> Iterator[Place]:
    """Wiki and Markdown links and embeds in the text of a note, in order; those to the web left out."""
    # The pattern asks what stands before a fence, so something must.
    for match in _SCAN.finditer("\n" + body):
        group = match.lastindex
        if group == _WIKI:
            start, end = match.span(_WIKI)
            yield Place(start - 1, end - 1, True, wikilink(match[_WIKI]))
        elif group == _MARKDOWN:
            target = match[_MARKDOWN].strip("<>")
            if target and not _SCHEME.match(target):
                start, end = match.span(_MARKDOWN)
                yield Place(start - 1, end - 1, False, wikilink(unquote(target).replace("|", " ")))


def places_in_properties(front: str) -> Iterator[Place]:
    """The links in lines of properties that can be rewritten where they stand."""
    for match in _PROPERTY_LINK.finditer(front):
        yield Place(*match.span(2), True, wikilink(match[2]))


def link_in_property(text: str) -> Link | None:
    """A property is a link when it is nothing else."""
    match = _WIKILINK.fullmatch(text) if "[[" in text else None
    return wikilink(match[1]) if match else None


def links_in_canvas(text: str) -> list[Link]:
    """The files on a canvas (JSON Canvas 1.0); links in its text cards lead nowhere in Obsidian's graph.

    Raises ``ValueError`` for what is no canvas; an empty file is an empty one.
    """
    try:
        nodes = json.loads(text)["nodes"] if text.strip(" \r\n\t{}") else []
        files = [(node["file"], node.get("subpath", "")) for node in nodes if node["type"] == "file"]
        return [Link(file, subpath.removeprefix("#")) for file, subpath in files]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("is no canvas") from error


@lru_cache(maxsize=1 << 16)
def wikilink(inner: str) -> Link:
    """What stands between the brackets; in a table the bar is written ``\\|``."""
    target, bar, _ = inner.partition("|")
    path, _, anchor = (target.removesuffix("\\") if bar else target).partition("#")
    return Link(path.strip(), anchor.strip())


class Resolver:
    """Knows every file of the vault."""

    def __init__(self, paths: Iterable[str]) -> None:
        # Most links are whole paths: those need neither cases nor endings.
        files = {path: Found(path) for path in paths}
        self._whole = {path.removesuffix(".md"): found for path, found in files.items() if path.endswith(".md")} | files
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(files, key=lambda path: (len(path), path)):
            self._by_key[key(path)].append(path)
            self._by_name[key(path.rpartition("/")[2])].append(path)

    def resolve(self, target: str, source: str) -> Found:
        """*target* from the note *source*, both from the vault's root."""
        if whole := self._whole.get(target):
            return whole
        folder = source.rpartition("/")[0]
        if target.startswith(("./", "../")):
            return self._at(_joined(folder, target)) or Found(None)
        target = target.lstrip("/")
        return self._at(target) or self._at(f"{folder}/{target}") or self._ending(target)

    def _at(self, path: str) -> Found | None:
        for wanted in (path, f"{path}.md"):
            if matches := self._by_key.get(key(wanted)):
                return Found(wanted) if wanted in matches else Found(matches[0], False, tuple(matches[1:]))
        return None

    def _ending(self, target: str) -> Found:
        for wanted in (target, f"{target}.md"):
            ending = "/" + key(wanted)
            named = self._by_name.get(ending.rpartition("/")[2], ())
            if matches := [path for path in named if key(path).endswith(ending)]:
                return Found(matches[0], matches[0].endswith("/" + wanted), tuple(matches[1:]))
        return Found(None)


def _joined(folder: str, target: str) -> str:
    parts = folder.split("/") if folder else []
    for part in target.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    return "/".join(parts)


def anchors_in(body: str) -> set[str]:
    """Headings (their words) and block ids (with their ``^``) that a link may lead to, in lower case."""
    headings = {_words(match[1]) for pattern in (_HEADING, _SETEXT) for match in pattern.finditer(body)}
    return headings | {f"^{match[1].casefold()}" for match in _BLOCK.finditer(body)}


def leads(anchor: str, anchors: set[str]) -> bool:
    """Whether ``Heading``, ``Heading#Heading below`` or ``^block`` is there; punctuation does not count."""
    if anchor.startswith("^"):
        return anchor.casefold() in anchors
    return all(_words(part) in anchors for part in anchor.split("#") if part.strip())


def _words(text: str) -> str:
    return " ".join(_WORD.findall(key(text)))


def views_in(base: str) -> set[str]:
    """The names of a Base's views. Raises ``yaml.YAMLError`` or ``ValueError`` for what is no Base."""
    if is_too_deep(base):
        raise ValueError("nested too deep")
    found = yaml.load(base, Loader=_Loader)
    views = found.get("views") if isinstance(found, dict) else []
    if not isinstance(found, dict | None) or not isinstance(views, list | None):
        raise ValueError("is no Base")  # noqa: TRY004 - the reader's YAML, no bug
    return {str(view.get("name")) for view in views or () if isinstance(view, dict)}
