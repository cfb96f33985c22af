"""Bring our part of a note up to date where the reader wrote in it too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.model import Block, Page
from digest.vault import boxes, properties
from digest.vault.layout import COMMENT, COMMENT_OPENS, MARK, MARKER, checksum, end_marker, inside
from digest.vault.properties import Unmergeable

_BOM = "\ufeff"
_FENCE = re.compile(r"---[ \t]*\r?\n")
_CLOSE = re.compile(r"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)

Edit = tuple[int, int, str]
"""From, to, and the text that comes there."""


@dataclass(frozen=True, slots=True)
class Merged:
    data: bytes
    remarks: tuple[str, ...]  # what of ours was not brought in, and why


@dataclass(frozen=True, slots=True)
class Region:
    """A block as it stands in a file, offsets into the text."""

    name: str
    start: int  # of the text between the markers' lines
    end: int
    stop: int  # after the end marker
    seal: str  # the checksum in the end marker; "" when it has none
    eol: str

    def text(self, body: str) -> str:
        return body[self.start : self.end].replace("\r\n", "\n").strip("\n")


Former = Mapping[str, Sequence[str]]
"""Where moved notes are → where they were, oldest first; all without ``.md``."""


def merge(current: bytes, page: Page, former: Former | None = None) -> Merged:
    """The reader's file with our blocks and properties brought up to date.

    Every byte outside our blocks, our properties and the metadata comment is kept. A block whose text is not what its
    end marker was computed from was edited, and is kept; one whose markers are gone was deleted, and stays so. Boxes
    that the reader ticked stay ticked in a block that is replaced, and links that lead to where a note was moved to
    (*former*) are no edit: Obsidian changes them. A file that cannot be understood comes back as it is, with one remark.
    """
    try:
        return _merge(current, page, former or {})
    except UnicodeDecodeError:
        return Merged(current, ("left alone: it is not UTF-8",))
    except Unmergeable as error:
        return Merged(current, (f"left alone: {error}",))


def _merge(current: bytes, page: Page, former: Former) -> Merged:
    text = current.decode("utf-8")
    bom = _BOM if text.startswith(_BOM) else ""
    opening, front, rest = split(text[len(bom) :])
    remarks: list[str] = []
    if opening:
        _same_paper(front, page)
        front = properties.merge(front, page) if front.strip() else front
    elif page.properties:
        remarks.append("its properties were deleted; not brought back")
    edits = list(_edits(rest, page, former, remarks))
    body = _apply(rest, edits)
    return Merged((bom + opening + front + body).encode("utf-8"), tuple(remarks))


def split(text: str) -> tuple[str, str, str]:
    """The opening fence, the lines of properties, and the rest from the closing fence on; two empty without fences."""
    fence = _FENCE.match(text)
    if not fence:
        return "", "", text
    close = _CLOSE.search(text, fence.end())
    if not close:
        raise Unmergeable("its properties begin with “---” and never end")
    return fence[0], text[fence.end() : close.start()], text[close.start() :]


def _same_paper(front: str, page: Page) -> None:
    found = properties.read_value(front, "arxiv_id")
    if isinstance(found, str) and found != page.properties.get("arxiv_id"):
        raise Unmergeable(f"it is the note of another paper, {found}")


def _edits(body: str, page: Page, former: Former, remarks: list[str]) -> Iterator[Edit]:
    comment = _comment_span(body)
    regions = {region.name: region for region in find_regions(body, comment)}
    blocks = {part.name: part for part in page.parts if isinstance(part, Block)}
    if regions and blocks and not regions.keys() & blocks.keys():
        raise Unmergeable("it holds another page of digest")
    for name, block in blocks.items():
        if name not in regions:
            remarks.append(f"block “{name}” was deleted; not brought back")
        else:
            yield from _block_edits(body, regions[name], block, former, remarks)
    remarks += [f"block “{name}” is made no more; left as it is" for name in regions if name not in blocks]
    yield from _comment_edits(body, comment, page.metadata.strip("\n"), remarks)


def _block_edits(body: str, region: Region, block: Block, former: Former, remarks: list[str]) -> Iterator[Edit]:
    present, wanted = region.text(body), block.text.strip("\n")
    current, sealed = boxes.blank(present) == boxes.blank(wanted), checksum(present) == region.seal
    if current and not sealed:  # the reader's edit has become our text: ours again
        yield region.end, region.stop, end_marker(block)
    elif not current and (sealed or _is_led_on(present, region.seal, former)):
        new = Block(name=block.name, text=boxes.carried(present, wanted, former))
        yield region.start, region.stop, (inside(new) + end_marker(new)).replace("\n", region.eol)
    elif not current:
        remarks.append(f"block “{block.name}” was edited; kept as it is")


def _is_led_on(present: str, seal: str, former: Former) -> bool:
    """Whether a block is as we left it, but for links that lead to where notes were moved to."""
    ages = range(max(map(len, former.values()), default=0))
    return any(checksum(boxes.led_back(present, former, age)) == seal for age in ages)


def block_spans(body: str) -> list[tuple[int, int, bool]]:
    """Where the texts of our blocks stand in a note, in order, and whether they are as we left them.

    Raises ``Unmergeable`` as ``find_regions``.
    """
    try:
        regions = find_regions(body)
    except Unmergeable:
        regions = find_regions(body, _comment_span(body))  # which is long, and seldom holds what looks like a marker
    return [(region.start, region.end, checksum(region.text(body)) == region.seal) for region in regions]


def find_regions(body: str, comment: tuple[int, int] | None = None) -> list[Region]:
    """The blocks in *body*, in order. Raises ``Unmergeable`` when markers are broken, unpaired, nested or doubled."""
    markers = list(_markers(body))
    elsewhere = body[comment[0] : comment[1]].count(MARK) if comment else 0
    if body.count(MARK) - elsewhere != len(markers) or len(markers) % 2:
        raise Unmergeable("a marker of its blocks is broken")
    regions = [_region(begin, end) for begin, end in zip(markers[::2], markers[1::2], strict=True)]
    names = [region.name for region in regions]
    if len(set(names)) != len(names):
        raise Unmergeable("one of its blocks stands there twice")
    return regions


def _markers(body: str) -> Iterator[re.Match[str]]:
    at = body.find(MARK)
    while at >= 0:
        if marker := MARKER.match(body, at):
            yield marker
        at = body.find(MARK, at + len(MARK))


def _region(begin: re.Match[str], end: re.Match[str]) -> Region:
    if (begin[1], end[1]) != ("begin", "end") or begin[2] != end[2] or begin[3]:
        raise Unmergeable("the markers of its blocks are not in pairs")
    start = begin.end() - begin[0].endswith("\r")
    stop = end.end() - end[0].endswith("\r")
    return Region(begin[2], start, end.start(), stop, end[3] or "", "\r\n" if begin[0].endswith("\r") else "\n")


def _comment_span(body: str) -> tuple[int, int] | None:
    """Where the last metadata comment stands."""
    spans = [match.span() for match in COMMENT.finditer(body)]
    if not spans and COMMENT_OPENS in body:
        raise Unmergeable("its metadata comment never ends")
    return spans[-1] if spans else None


def _comment_edits(body: str, span: tuple[int, int] | None, metadata: str, remarks: list[str]) -> Iterator[Edit]:
    if span is None:
        if metadata:
            remarks.append("it has no metadata comment; none was added")
        return
    start, end = span
    if not _is_json(body[start:end]):
        remarks.append("its metadata comment was edited; kept as it is")
        return
    eol = "\r\n" if "\r\n" in body[start:end] else "\n"
    new = metadata.replace("\n", eol)
    if not metadata:  # take the empty line before it along
        start = len(body[:start].rstrip("\r\n")) if not body[end:].strip() else start
    if body[start:end] != new:
        yield start, end, new


def _is_json(comment: str) -> bool:
    """Whether a metadata comment is still the machine's: a word that somebody wrote into it breaks its syntax."""
    try:
        json.loads(comment.removeprefix(COMMENT_OPENS).removesuffix("-->"))
    except (ValueError, RecursionError):
        return False
    return True


def _apply(text: str, edits: list[Edit]) -> str:
    parts, at = [], 0
    for start, end, new in sorted(edits):
        if start < at:
            raise Unmergeable("its metadata comment stands inside a block")
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def set_value(data: bytes, name: str, before: object, after: object) -> bytes:
    """A note with another value of one property, if it is *before* now; else as it is.

    Raises ``Unmergeable`` when the properties cannot be changed safely, and ``UnicodeDecodeError``.
    """
    text = data.decode("utf-8")
    bom = _BOM if text.startswith(_BOM) else ""
    opening, front, rest = split(text[len(bom) :])
    return (bom + opening + properties.set_value(front, name, before, after) + rest).encode("utf-8")
