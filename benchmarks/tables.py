"""Figures as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print rows with the same columns, the first of which names the row: as Markdown, or as a JSON list."""
    if as_json:
        print(json.dumps(rows))
        return
    print("| | " + " | ".join(list(rows[0])[1:]) + " |\n| :-- |" + " --: |" * (len(rows[0]) - 1))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")
