"""An answer's JSON: what it is asked to be, and how it is read, with distrust."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

LONGEST: Final = 20_000
_THOUGHT: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED: Final = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)


class Refused(Exception):
    """An answer that cannot be used; the message is a short reason in our words."""


class Dropped(Counter[str]):
    """What was left out of an answer that can be used, and how often: reason → times."""


def record(properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def objected(text: str) -> Mapping[str, Any]:
    """The JSON object that *text* is, or that stands in it after thoughts or between fences.

    Raises Refused for anything else: a key that comes twice, numbers that JSON does not know.
    """
    bare = _THOUGHT.sub("", text)
    bare = fenced[1] if (fenced := _FENCED.match(bare)) else bare
    if len(bare) > LONGEST:
        raise Refused("too long")
    try:
        found = json.loads(bare, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("no JSON") from error
    if not isinstance(found, dict):
        raise Refused("no JSON object")
    return found


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def whole(value: object, least: int, most: int) -> int | None:
    """*value* where it is a whole number within the bounds, both included; else None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value <= most else None
