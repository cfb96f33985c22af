"""Task boxes before links in our blocks, ``- [ ] [[path|title]]``: the text is ours, whether it is ticked the reader's.

Beside them the links themselves, which Obsidian changes in all notes when the reader moves one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_BOX = re.compile(r"(?m)^([ \t>]*[-*+] \[)([^\n\]])(\] \[\[([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\])")
_LINK = re.compile(r"\[\[([^\[\]|\n\\]+)")

TICKED = frozenset("xX")


def blank(text: str) -> str:
    """*text* with all boxes empty."""
    return _BOX.sub(r"\1 \3", text) if "] [[" in text else text


def read(text: str) -> list[tuple[str, bool]]:
    """The target of the link after each box, without ``.md``, and whether the box is ticked; in order."""
    return [(_path(box[4]), box[2] in TICKED) for box in _BOX.finditer(text)]


def carried(present: str, wanted: str, former: Mapping[str, Sequence[str]]) -> str:
    """*wanted* with the boxes of *present*, each before the link to the same note."""
    if "] [[" not in present:
        return wanted
    marks = {_path(box[4]): box[2] for box in _BOX.finditer(led_back(present, former, 0))}

    def mark(box: re.Match[str]) -> str:
        path = _path(box[4])
        return box[1] + next((marks[p] for p in (path, *former.get(path, ())) if p in marks), box[2]) + box[3]

    return _BOX.sub(mark, wanted)


def led_back(text: str, former: Mapping[str, Sequence[str]], age: int) -> str:
    """*text* with links to moved notes as they were, *age* moves ago; whole paths, and names that are one note's."""
    names: dict[str, list[str]] = {}
    for path in former:
        names.setdefault(path.rpartition("/")[2], []).append(path)

    def place(link: re.Match[str]) -> str:
        target = _path(link[1])
        paths = [target] if target in former else names.get(target, [])
        return f"[[{former[paths[0]][max(0, len(former[paths[0]]) - 1 - age)]}" if len(paths) == 1 else link[0]

    return _LINK.sub(place, text)


def _path(target: str) -> str:
    return target.strip().removesuffix(".md")
