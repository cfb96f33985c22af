"""How a page is laid out in its file: properties, blocks of ours between markers, spaces of the reader's."""

from __future__ import annotations

import hashlib
import re

from digest.errors import VaultError
from digest.model import Asset, Block, Page, Space
from digest.vault import boxes, properties

MARK = "%% digest:"
MARKER = re.compile(r"^%% digest:(begin|end) ([a-z0-9-]+)(?: ([0-9a-f]{8}))? %%[ \t]*\r?$", re.MULTILINE)
COMMENT = re.compile(r"<!-- KEYWORD_LINKING_METADATA:.*?-->", re.DOTALL)
COMMENT_OPENS = "<!-- KEYWORD_LINKING_METADATA:"
_NAME = re.compile(r"[a-z0-9-]+")
_SEALS = {".svg": "<!-- digest:{} -->", ".base": "# digest:{}"}
_SEAL = re.compile(r"^(?:<!-- |# )digest:([0-9a-f]{8})(?: -->)?\s*\Z", re.MULTILINE)


def fresh(page: Page) -> bytes:
    """The whole page as we would write it into an empty vault: UTF-8, LF, one newline at the end.

    Raises ``VaultError`` when a text of the page holds a marker of ours, so that the file could not be read back.
    """
    parts = [_laid_out(page, part) for part in page.parts]
    if page.metadata:
        parts.append(_comment(page))
    body = "\n\n".join(part for part in parts if part).rstrip("\n")
    front = properties.emit(page.properties)
    text = f"---\n{front}---\n\n{body}\n" if front else f"{body}\n"
    return text.encode("utf-8", "replace")  # "replace": half a character has no bytes


def inside(block: Block) -> str:
    """What stands between the lines of a block's markers."""
    return f"\n\n{block.text.strip(chr(10))}\n\n"


def end_marker(block: Block) -> str:
    return f"%% digest:end {block.name} {checksum(block.text)} %%"


def checksum(text: str) -> str:
    """First 8 hex digits of the SHA-256 of a block's text, without the line ends around it and whatever their kind.

    Whether its boxes are ticked does not count: that is the reader's.
    """
    plain = boxes.blank(text.replace("\r\n", "\n").strip("\n"))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:8]


def _laid_out(page: Page, part: Block | Space) -> str:
    if MARK in part.text or COMMENT_OPENS in part.text:
        raise VaultError(page.path, "its text holds a marker of ours, so it was not written; this is a bug of digest")
    if isinstance(part, Space):
        return part.text
    if not _NAME.fullmatch(part.name):
        raise VaultError(page.path, f"{part.name!r} is no name for a block; use a-z, 0-9 and “-”")
    return f"%% digest:begin {part.name} %%{inside(part)}{end_marker(part)}"


def _comment(page: Page) -> str:
    comment = page.metadata.strip("\n")
    is_one = comment.startswith(COMMENT_OPENS) and comment.find("-->") == len(comment) - len("-->")
    if not is_one or (MARK in comment and MARKER.search(comment)):
        raise VaultError(
            page.path, "its metadata is not one HTML comment, so it was not written; this is a bug of digest"
        )
    return comment


def sealed(asset: Asset) -> bytes:
    """An asset's file: its content and, where the format has comments, a last line with the content's checksum.

    As with blocks, the file itself then tells whether it is as we left it, whatever became of our records.
    """
    seal = _SEALS.get(_suffix(asset.path))
    if seal is None:
        return asset.content.encode("utf-8", "replace")
    content = asset.content.rstrip("\n")
    return f"{content}\n{seal.format(checksum(content))}\n".encode("utf-8", "replace")


def is_intact(data: bytes) -> bool:
    """Whether an asset's file is as we wrote it, by its seal."""
    text = data.decode("utf-8", "replace")
    seal = _SEAL.search(text)
    return seal is not None and checksum(text[: seal.start()]) == seal[1]


def _suffix(path: str) -> str:
    return path[path.rfind(".") :] if "." in path else ""
