"""Fields of foreign JSON, one by one: what is of another kind than it should be is as good as not there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

MOST: Final = 10**9
_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9.-]+(?:/[!#-;=?-Z\\^_a-z~%]*)?")
_DOI: Final = re.compile(r"10\.\d{4,9}/[!-~]{1,200}")
_ARXIV: Final = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?")
_ARXIV_DOI: Final = "10.48550/arxiv."


def table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: object, most: int) -> list[Any]:
    """The first *most* of a list."""
    return value[:most] if isinstance(value, list) else []


def text(value: object, most: int = 200) -> str:
    """One line of at most *most* characters; what is longer ends in "…"."""
    if not isinstance(value, str):
        return ""
    line = " ".join(value[: 2 * most].encode("utf-8", "ignore").decode().replace("\0", "").split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < MOST else None


def number(value: object) -> float | None:
    """Any finite number of a human size, also where a text begins with it: ``8: accept``."""
    if isinstance(value, str) and (match := re.match(r"\s*(-?\d{1,3}(?:\.\d{1,3})?)(?![\d.])", value)):
        value = float(match[1])
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        return None
    return float(value) if abs(value) <= 1000 else None  # type: ignore[arg-type]


def share(value: object) -> float:
    """A number in [0, 1]; 0 where it is none."""
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else 0.0


def address(value: object) -> str:
    """A plain address of the web by TLS, without a user's name and without anything that Markdown could end it by."""
    if not isinstance(value, str) or len(value) > 300 or not _ADDRESS.fullmatch(value):
        return ""
    try:
        return value if "." in (urlsplit(value).hostname or "") else ""
    except ValueError:
        return ""


def reference(arxiv: object, doi: object) -> str:
    """A cited paper by what it is known again by, as ``Testimony.references`` has it; "" where there is nothing."""
    if isinstance(arxiv, str) and (match := _ARXIV.fullmatch(arxiv)):
        return f"arxiv:{match[1]}"
    if not isinstance(doi, str) or not _DOI.fullmatch(doi):
        return ""
    found = doi.lower()
    match = _ARXIV.fullmatch(found.removeprefix(_ARXIV_DOI))
    return f"arxiv:{match[1]}" if match and found.startswith(_ARXIV_DOI) else f"doi:{found}"


def arxiv_doi(paper: str) -> str:
    """The DOI that arXiv registers for a paper, in small letters."""
    return f"{_ARXIV_DOI}{paper.lower()}"
