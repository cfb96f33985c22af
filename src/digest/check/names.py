"""Names that some file system, or a link, cannot hold.

After the list in Obsidian's own help and the rules of its importer (obsidian-importer, ``sanitizeFileName``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from digest.check.report import Finding, Kind

NAME_BYTES = 240
PATH_CHARACTERS = 160  # of Windows' 260, about 100 go to the vault's own place

_WINDOWS = re.compile(r'[*"\\<>:|?]')
_LINK = re.compile(r"[#^\[\]]|%%")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_DOUBLE = re.compile(r"\.(?:md|canvas|base)\.md$", re.IGNORECASE)


def key(path: str) -> str:
    """Two paths with the same key are one file on macOS, Windows and most phones."""
    return unicodedata.normalize("NFC", path).casefold()


def bad_names(paths: Iterable[str]) -> Iterator[Finding]:
    """*paths* are files and folders from the vault's root; a folder's name is judged once."""
    for path in paths:
        fault = _fault(path.rpartition("/")[2])
        if fault is None and len(path) > PATH_CHARACTERS:
            fault = f"a path of {len(path)} characters is too long for Windows"
        if fault:
            yield Finding(Kind.BAD_NAME, path, fault)


def _fault(name: str) -> str | None:
    """What is wrong with one file's or folder's name."""
    if name.isascii() and not _SUSPECT.search(name):
        return None
    stem = name.rpartition(".")[0] or name
    if found := _WINDOWS.search(name):
        return f"“{found[0]}” cannot be in a name on Windows and Android"
    if found := _LINK.search(name):
        return f"“{found[0]}” ends or breaks a link to it"
    if found := _HIDDEN.search(name):
        return f"has an invisible character (U+{ord(found[0]):04X})"
    if _RESERVED.match(name):
        return "is a reserved name on Windows"
    if name[-1] in ". " or stem[-1] in " ":
        return "ends in a dot or a space, which Windows drops"
    if name.startswith(" "):
        return "begins with a space, which some systems drop"
    if _DOUBLE.search(name):
        return "its name without “.md” looks like another file's"
    return _measure(name)


_SUSPECT = re.compile(
    r'[*"\\<>:|?#^\[\]\x00-\x1f\x7f]|%%|[. ]$| \.\w+$|^ |.{241}|(?i:\.(?:md|canvas|base)\.md$|^(?:con|prn|aux|nul|com|lpt))'
)


def _measure(name: str) -> str | None:
    if len(name.encode("utf-8", "surrogateescape")) > NAME_BYTES:
        return f"is longer than {NAME_BYTES} bytes"
    if not unicodedata.is_normalized("NFC", name):
        return "is in decomposed Unicode (NFD), so links that look the same do not lead to it"
    return None


def collisions(paths: Iterable[str]) -> Iterator[Finding]:
    """Every path but the first of those that are one file elsewhere."""
    first: dict[str, str] = {}
    for path in sorted(paths):
        other = first.setdefault(key(path), path)
        if other != path:
            yield Finding(Kind.COLLISION, path, f"the same as “{other}” but for case or Unicode form")
