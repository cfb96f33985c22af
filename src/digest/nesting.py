"""A guard for YAML that others wrote: libyaml's composer recurses in C, so brackets alone could end the process."""

from __future__ import annotations

from typing import Any

import yaml

LIMIT = 100
"""Levels. Obsidian's properties have two; nobody writes a hundred by hand."""


def is_too_deep(text: str) -> bool:
    """Whether *text* has more than ``LIMIT`` levels of lists and mappings, up to its first fault if it has one."""
    return _may_be_deep(text) and _is_deep(text)


def _may_be_deep(text: str) -> bool:
    """A cheap look: levels come from brackets, from several markers on a line, or from indentation."""
    if text.count("[") + text.count("{") > LIMIT:
        return True
    return any(
        line.count("- ") + line.count("? ") + line.count(": ") > LIMIT or not line[:LIMIT].strip()
        for line in text.split("\n")
        if len(line) > LIMIT
    )


def _is_deep(text: str) -> bool:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > LIMIT:
                return True
    except (yaml.YAMLError, ValueError) as error:
        return "nesting" in str(error)  # newer libyaml has a limit of its own, and meets it while looking ahead
    return False
