"""What can be mended without guessing, and how; nothing is written here.

A link gets the spelling or the whole path of the file that Obsidian has it lead to today, and goes on showing what it
showed. An unquoted arXiv id gets its quotes, a property that must be a list becomes one, properties go to the first
line, a decomposed file name is composed. Blocks that are as a generator left them are left alone: text that is changed
there would count as the reader's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from digest.check import properties
from digest.check.links import Found, Place, Resolver, links_in, places_in_properties
from digest.check.names import bad_names, key
from digest.check.note import Blocks, Tie, is_generated, read_properties
from digest.check.properties import Properties, Value
from digest.check.report import Finding, Kind

KINDS = frozenset(
    {
        Kind.SPELLING,
        Kind.AMBIGUOUS,
        Kind.BAD_PROPERTIES,
        Kind.SHADOWED_PROPERTIES,
        Kind.ID_NOT_TEXT,
        Kind.NOT_A_LIST,
    }
)
"""What may be mended within a note."""

_ROUNDS = 9  # what one mend brings to light, as properties that were none, the next may mend
# arXiv's own rule: four digits after the dot until 2014, five since; a zero that YAML took cannot be told.
_ID_LINE = re.compile(
    r"^arxiv_id:[ \t]+((?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{4}|(?:1[5-9]|[2-8][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5})(?=[ \t]*(?:[ \t]#.*)?\r?$)",
    re.MULTILINE,
)
_BARE_LINK = re.compile(
    r"^[ \t]*+(?:-|\w[\w -]*:)[ \t]+(\[\[[^\[\]\n\"'\\,]+\]\])(?=[ \t]*(?:[ \t]#.*)?\r?$)", re.MULTILINE
)
_LINK = re.compile(r"\[\[[^\[\]\n]*\]\]")
_UP = ("", ".", "..")


@dataclass(frozen=True, slots=True)
class Change:
    kind: Kind
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewrite:
    """A file, what was read in it, and what is to be."""

    path: str
    before: bytes
    after: bytes
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    rewrites: tuple[Rewrite, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()  # after the rewrites


class _Edit(NamedTuple):
    start: int
    end: int
    new: str
    change: Change


def plan(vault: Path, findings: Iterable[Finding], files: Iterable[str], blocks: Blocks) -> Plan:
    """How those of *findings* that are fixable are mended; *files* are all of the vault's.

    A file that cannot be read any more is left out.
    """
    fixable = [finding for finding in findings if finding.fixable]
    renamed = {f.path: composed(f.path) for f in fixable if f.kind is Kind.BAD_NAME}
    resolver = Resolver(renamed.get(path, path) for path in files)
    rewrites = []
    for path in sorted({finding.path for finding in fixable if finding.kind in KINDS}):
        try:
            before = (vault / path).read_bytes()
        except OSError:
            continue
        after, changes = mended(renamed.get(path, path), before, resolver, blocks)
        if after != before:
            rewrites.append(Rewrite(path=path, before=before, after=after, changes=changes))
    return Plan(rewrites=tuple(rewrites), renames=tuple(sorted(renamed.items())))


def renames(findings: Iterable[Finding], files: Iterable[str], ties: Iterable[Tie]) -> dict[str, str]:
    """Files with decomposed names → composed, where no other file has that name and no link is spelled as the file is."""
    suspects = {
        f.path for f in findings if f.kind is Kind.BAD_NAME and not unicodedata.is_normalized("NFC", _name(f.path))
    }
    if not suspects:
        return {}
    keys: dict[str, int] = {}
    for path in files:
        keys[key(path)] = keys.get(key(path), 0) + 1
    as_is = {tie.found.path for tie in ties if not unicodedata.is_normalized("NFC", tie.link.target)}
    return {
        path: composed(path)
        for path in sorted(suspects & set(files))  # no folders: what is in them would move, too
        if keys[key(path)] == 1 and path not in as_is and not list(bad_names([composed(path)]))
    }


def composed(path: str) -> str:
    """*path* with its last part in NFC."""
    folder, slash, name = path.rpartition("/")
    return folder + slash + unicodedata.normalize("NFC", name)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def mended(path: str, data: bytes, resolver: Resolver, blocks: Blocks) -> tuple[bytes, tuple[Change, ...]]:
    """A note's bytes with everything mended that can be, and how; a file that is not UTF-8 is left as it is.

    Mending what was mended changes nothing. Line ends, the byte order mark and all other text are kept.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data, ()
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(bom)
    changes: list[Change] = []
    for _ in range(_ROUNDS):
        steps = (_unshadowed(text, blocks), _in_properties(text), _links(path, text, resolver, blocks))
        edits = next((found for step in steps if (found := sorted(step))), [])
        if not edits:
            break
        changes += [edit.change for edit in edits]
        text = _applied(text, edits)
    return (bom + text).encode("utf-8"), tuple(changes)


def _applied(text: str, edits: Iterable[_Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


# --- properties ------------------------------------------------------------------------------------------------------


def _unshadowed(text: str, blocks: Blocks) -> Iterator[_Edit]:
    found = properties.shadowed(text)
    if not found:
        return
    before, fenced = found
    front, rest = properties.split(fenced)
    if rest or not isinstance(read_properties(front), Properties) or not _is_free(before, blocks):
        return
    comment = before.strip()
    gap = "" if fenced.endswith("\n") else "\r\n" if "\r\n" in fenced else "\n"
    new = fenced + (gap + before.lstrip() if comment else "")
    shown = comment.partition("\n")[0] if comment else "empty lines before the properties"
    after = "below the properties" if comment else "none"
    yield _Edit(0, len(before) + len(found[1]), new, Change(Kind.SHADOWED_PROPERTIES, shown, after))


def _is_free(text: str, blocks: Blocks) -> bool:
    """Whether nothing of a generator's stands in *text*."""
    try:
        return not blocks(text)
    except ValueError:
        return False


def _in_properties(text: str) -> Iterator[_Edit]:
    front, _ = properties.split(text)
    found = read_properties(front)
    if not front or not isinstance(found, Properties) or found.twice:
        return
    start = text.index("\n") + 1
    lists = (_listed(front, name, found) for name in properties.LISTS)
    for step in (_quoted_id(front), *lists, _quoted_links(front)):
        edits = list(step)
        if edits and _is_proven(found, read_properties(_applied(front, edits)), edits[0].change.kind):
            yield from (edit._replace(start=edit.start + start, end=edit.end + start) for edit in edits)


def _quoted_id(front: str) -> Iterator[_Edit]:
    for line in _ID_LINE.finditer(front):
        change = Change(Kind.ID_NOT_TEXT, line[0], line[0].replace(line[1], f'"{line[1]}"'))
        yield _Edit(*line.span(1), f'"{line[1]}"', change)


def _listed(front: str, name: str, found: Properties) -> Iterator[_Edit]:
    """One word, or for an alias one without a comma: what was a list of several in old versions stays a question."""
    value = found.values.get(name, Value("null", ("",)))
    if value.type in ("list", "map", "null") or value.is_empty or "," in value.texts[0]:
        return
    if name != "aliases" and (" " in value.texts[0] or (name == "tags" and properties.is_bad_tag(value.texts[0]))):
        return
    for line in re.finditer(rf"^{name}:([ \t]+)([^\s|>&*!{{\[][^\r\n]*)(\r?)$", front, re.MULTILINE):
        change = Change(Kind.NOT_A_LIST, line[0].strip(), f"{name}: a list with {line[2].strip()}")
        yield _Edit(line.start(1), line.start(2), f"{line[3]}\n  - ", change)


def _quoted_links(front: str) -> Iterator[_Edit]:
    for line in _BARE_LINK.finditer(front):
        change = Change(Kind.BAD_PROPERTIES, line[0].strip(), line[0].strip().replace(line[1], f'"{line[1]}"'))
        yield _Edit(*line.span(1), f'"{line[1]}"', change)


def _is_proven(before: Properties, after: Properties | Exception, kind: Kind) -> bool:
    """Whether the properties say what they said, but for what was to be mended."""
    if not isinstance(after, Properties) or list(after.values) != list(before.values) or after.twice:
        return False
    changed = {name for name, value in before.values.items() if after.values[name] != value}
    if kind is Kind.ID_NOT_TEXT:
        return changed == {"arxiv_id"} and after.values["arxiv_id"] == Value("text", before.values["arxiv_id"].texts)
    if kind is Kind.NOT_A_LIST:
        return all(after.values[name] == Value("list", before.values[name].texts) for name in changed)
    return changed == set(before.bare_links) and not after.bare_links


# --- links -----------------------------------------------------------------------------------------------------------


def _links(path: str, text: str, resolver: Resolver, blocks: Blocks) -> Iterator[_Edit]:
    front, body = properties.split(text)
    try:
        spans = blocks(body)
    except ValueError:  # which text is whose cannot be told
        return
    if front and not spans:  # else properties with links are mostly the generator's
        start = text.index("\n") + 1
        for place in places_in_properties(front):
            yield from _link(path, text, place, start, resolver)
    start = len(text) - len(body)
    for place in links_in(body):
        if not is_generated(place.start, spans):
            yield from _link(path, text, place, start, resolver)


def _link(path: str, text: str, place: Place, offset: int, resolver: Resolver) -> Iterator[_Edit]:
    target = place.link.target
    found = resolver.resolve(target, path) if target else Found(path)
    if not found.path or (found.spelled and not found.others) or not unicodedata.is_normalized("NFC", found.path):
        return
    new = _whole(target, found) if found.others else _respelled(target, found.path)
    if new is None or resolver.resolve(new, path) != Found(found.path):
        return
    start, end = place.start + offset, place.end + offset
    inner = text[start:end]
    if place.is_wiki:
        written = _wikilink(text, start, end, new)
    else:
        written = None if found.others else _destination(inner, target, new)
    if written is not None:
        kind = Kind.AMBIGUOUS if found.others else Kind.SPELLING
        shape = "[[{}]]" if place.is_wiki else "({})"
        yield _Edit(start, end, written, Change(kind, shape.format(inner), shape.format(written)))


def _whole(target: str, found: Found) -> str | None:
    """The path that Obsidian takes, if its rule, the shortest one, tells."""
    path = found.path or ""
    if any(len(other) <= len(path) for other in found.others):
        return None
    return path if target.casefold().endswith(".md") else path.removesuffix(".md")


def _respelled(target: str, path: str) -> str | None:
    """*target* with the letters of the file's *path*; as long or short as it was."""
    parts = target.split("/")
    lead = next((n for n, part in enumerate(parts) if part not in _UP), len(parts))
    names = parts[lead:]
    if not names or any(part in _UP for part in names):
        return None
    whole = path if target.casefold().endswith(".md") else path.removesuffix(".md")
    new = "/".join([*parts[:lead], *whole.split("/")[-len(names) :]])
    return new if key(new) == key(target) else None


def _wikilink(text: str, start: int, end: int, new: str) -> str | None:
    """What comes between the brackets; where nothing said what to show, it goes on showing what it did."""
    inner = text[start:end]
    head, bar, shown = inner.partition("|")
    named, mark, anchor = head.removesuffix("\\" if bar else "").partition("#")
    old = named.strip()
    written = named.replace(old, new) + mark + anchor
    if bar:
        return written + ("\\|" if head.endswith("\\") else "|") + shown
    if text[start - 3 : start] == "![[" or unicodedata.normalize("NFC", old) == new:
        return written
    line = text[text.rfind("\n", 0, start) + 1 : (text.find("\n", end) + 1 or len(text) + 1) - 1]
    before = _bar(line)
    return before and f"{written}{before}{' > '.join([old, *filter(None, anchor.split('#'))])}"


@lru_cache(maxsize=8)
def _bar(line: str) -> str | None:
    """What stands before a link's display text in a line: in a table, and only there, the bar is escaped."""
    if "|" not in _LINK.sub("", line):
        return "|"
    return "\\|" if line.lstrip("> \t").startswith("|") else None


def _destination(inner: str, target: str, new: str) -> str | None:
    """A Markdown link's destination, encoded as it was."""
    brackets = inner.startswith("<")
    named, mark, anchor = inner.strip("<>").partition("#")
    if unquote(named).strip() != target:
        return None
    written = quote(new, safe="/()!~*'&=+$,;:@") if "%" in named else new
    return f"<{written}{mark}{anchor}>" if brackets else written + mark + anchor
