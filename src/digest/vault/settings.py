"""Obsidian's own settings in the vault: what the reader has not set is set, and what he has set stays."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from digest.errors import VaultError
from digest.model import Furnishing

FOLDER = ".obsidian"


def furnish(root: Path, furnishings: Iterable[Furnishing]) -> tuple[tuple[str, str], ...]:
    """Bring settings into the vault; which files were left alone, and why.

    A JSON file gets the keys that it lacks, in tables within it too; any other file is made only where there is none. A
    file with nothing to add is not touched, and one that is no JSON object is left alone. A vault that is a folder of a
    larger one, which has settings of its own, gets none. Raises VaultError when the disk is full or read-only.
    """
    if any((parent / FOLDER).is_dir() for parent in root.parents):
        return ()
    remarks = []
    for wanted in furnishings:
        path = root / wanted.path
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else None
            after = _merged(before, wanted)
            if after is not None and after != before:
                _write(path, after)
        except ValueError as error:
            remarks.append((wanted.path, f"left alone: it is no JSON that settings can be added to ({error})"))
        except OSError as error:
            raise VaultError(path, f"cannot be written: {error.strerror}") from error
    return tuple(remarks)


def _merged(before: str | None, wanted: Furnishing) -> str | None:
    """The file's new text; None: it stays as it is."""
    if isinstance(wanted.content, str):
        return wanted.content if before is None else None
    own = {} if before is None or not before.strip() else json.loads(before)
    if not isinstance(own, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - the reader's file, no bug
    merged = _with(own, wanted.content)
    return None if merged == own else json.dumps(merged, ensure_ascii=False, indent=2) + "\n"


def _with(own: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """What is there, and of what is wanted the keys that are not."""
    merged = dict(own)
    for key, value in wanted.items():
        there = own.get(key)
        if key not in own:
            merged[key] = value
        elif isinstance(value, Mapping) and isinstance(there, dict):
            merged[key] = _with(there, value)
    return merged


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".digest-tmp-{secrets.token_hex(8)}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
