"""What the walk asks of single elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from bs4 import NavigableString, Tag

_DOIBASE: Final = re.compile(r"(?:%5C|\\)doibase(?:%20|\s)*", re.IGNORECASE)
_SPAN: Final = {"rowspan": "ltx_rowspan_", "colspan": "ltx_colspan_"}


def classes(element: Tag) -> list[str]:
    """The element's classes in their order."""
    return attribute(element, "class").split()


def is_a(element: Tag, *names: str) -> bool:
    """Whether it has one of these classes."""
    return any(name in names for name in classes(element))


def attribute(element: Tag, name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else ""


def elements(element: Tag) -> Iterator[Tag]:
    """The children that are elements."""
    return (child for child in element.contents if isinstance(child, Tag))


def strings(element: Tag) -> str:
    """All text in it, white space as it is written; comments are none."""
    return "".join(child for child in element.descendants if type(child) is NavigableString)


def words(element: Tag) -> str:
    """All text in it on one line."""
    return " ".join(strings(element).split())


def within(element: Tag, *names: str) -> Iterator[Tag]:
    """The elements inside it, at any depth, that have one of these classes."""
    return (one for one in element.descendants if isinstance(one, Tag) and is_a(one, *names))


def taken(element: Tag, *names: str) -> Tag | None:
    """The first element within that has one of these classes, taken out of the tree."""
    found = next(within(element, *names), None)
    return found.extract() if found is not None else None


def taken_tag(element: Tag) -> Tag | None:
    """The printed number or name of a title or caption, taken out of the tree."""
    for one in element.descendants:
        if isinstance(one, Tag):
            if is_a(one, "ltx_note"):
                return None
            if is_a(one, "ltx_tag") and not is_a(one, "ltx_tag_ref", "ltx_tag_note"):
                return one.extract()
    return None


def spanned(cell: Tag, direction: str) -> int:
    """How many rows or columns (*direction* ``rowspan`` or ``colspan``) a cell takes, at least 1, at most 1000."""
    told = attribute(cell, direction)
    if not told:
        start = _SPAN[direction]
        told = next((name.removeprefix(start) for name in classes(cell) if name.startswith(start)), "")
    return min(max(int(told), 1), 1000) if told.isdecimal() and len(told) < 9 else 1


def fragment(element: Tag) -> str:
    """The anchor in this document that a link leads to, "" when it leads elsewhere."""
    href = attribute(element, "href")
    if href.startswith("#"):
        return href[1:]
    # Pages of some years name themselves in every link.
    if is_a(element, "ltx_ref") and not is_a(element, "ltx_url", "ltx_href"):
        return href.partition("#")[2]
    return ""


def address(base: str, href: str) -> str:
    """The absolute address on the web of what *href* names, "" when it is none."""
    if doi := _DOIBASE.search(href):  # REVTeX's macro for the resolver, which LaTeXML does not know
        return f"https://doi.org/{href[doi.end() :]}"
    try:
        found = urljoin(base, href.strip())
    except ValueError:
        return ""
    return found if found.startswith(("https://", "http://", "ftp://")) else ""
