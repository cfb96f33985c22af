"""The list of keywords with which some abstracts end."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_LIST = 1000
"""Characters of a list: what is longer is running text that only begins like one."""

MAX_ITEM = 120

_HEADING = re.compile(
    r"(?:^|(?<=[.!?:;>)\]}\"”])\s+|\n\s*)\{?(?:author\s+)?(?:key[ -]?words?(?:\s+and\s+(?:key)?phrases)?|index[ -]terms)"
    r"\s*(?:[:;—–]|\.\s|\s-|-\s|(?<=s)-)[\s—–}-]*",
    re.IGNORECASE,
)
_COMMAS = re.compile(r"[,;•·∙|]|\s-\s")
_POINTS = re.compile(r"[•·∙|\n]|\.\s")
_END = re.compile(r"(?:(?<=[^\W_][^\W_])|(?<=[)\]]))\.\s+(?=[^\W_])")
_EITHER = re.compile(r"[^\W_][\w-]+(?:/[^\W_][\w-]+)+")
_EDGE = " \t\n\"'“”‘’,.;:–—-*"


def keyword_list(text: str) -> tuple[str, tuple[str, ...]]:
    """*text* without its keyword list, and the list's items as written, in order; no items when it has no list.

    *text* is plain (no TeX). "Keywords: a, b", "Index Terms—a; b", "Key words and phrases. a . b": at the beginning of
    a sentence, two items at least. Words after the list's full stop belong to the text.
    """
    for heading in reversed(list(_HEADING.finditer(text))):
        rest = text[heading.end() :]
        has_commas = bool(re.search(r"[,;]", rest))
        end = _END.search(rest) if has_commas else None
        listed, after = (rest[: end.start()], rest[end.end() :]) if end else (rest, "")
        items = tuple(_items(listed, _COMMAS if has_commas else _POINTS))
        if len(listed) <= MAX_LIST and len(items) > 1 and all(len(item) <= MAX_ITEM for item in items):
            return f"{text[: heading.start()]} {after}".strip(), items
    return text, ()


def _items(listed: str, separator: re.Pattern[str]) -> Iterator[str]:
    for item in separator.split(listed):
        yield from alternatives(item)


def alternatives(item: str) -> Iterator[str]:
    """The terms of one item: "LLM/VLM" names two, "human/AI teaming" one."""
    item = " ".join(item.split()).strip(_EDGE).removeprefix("and ")
    if _EITHER.fullmatch(item):
        yield from item.split("/")
    elif item:
        yield item
