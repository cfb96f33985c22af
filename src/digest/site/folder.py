"""Bring a site that was made aside to the folder where it lives: only what changed is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from digest.errors import VaultError

MANIFEST = ".digest-site"
"""Names the files that are ours, one a line: others in the folder (a host's settings, a repository) stay."""


class Brought(NamedTuple):
    written: int
    removed: int
    unchanged: int


def check_place(out: Path, vault: Path) -> None:
    """Raises ``VaultError`` when *out* is no place for a site: it has other things in it, or the vault and it overlap."""
    there, notes = out.resolve(), vault.resolve()
    if there == notes or notes in there.parents or there in notes.parents:
        raise VaultError(out, f"and the vault {vault} lie in one another; name another folder with --out")
    if out.exists() and not out.is_dir():
        raise VaultError(out, "is no folder; name another with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise VaultError(out, "holds files that digest site did not write; name another folder with --out, or empty it")


def bring(made: Path, out: Path) -> Brought:
    """Make *out* hold what *made* holds, byte for byte; files that were ours and are no more are removed."""
    files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    before = set(_listed(out))
    out.mkdir(parents=True, exist_ok=True)
    # Whatever happens from here on, each file that may be ours is listed.
    _write(out / MANIFEST, "".join(f"{name}\n" for name in sorted(before.union(files))).encode())
    written = sum(_bring_one(made / name, out / name) for name in files)
    gone = before.difference(files)
    for name in sorted(gone):
        _remove(out, name)
    _write(out / MANIFEST, "".join(f"{name}\n" for name in files).encode())
    return Brought(written, len(gone), len(files) - written)


def _listed(out: Path) -> list[str]:
    try:
        names = (out / MANIFEST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [name for name in names if ".." not in name.split("/") and not name.startswith("/")]


def _bring_one(source: Path, target: Path) -> bool:
    data = source.read_bytes()
    try:
        if target.read_bytes() == data:
            return False
    except OSError:
        pass
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, data)
    return True


def _write(target: Path, data: bytes) -> None:
    """Whoever reads the site meanwhile sees the old file or the new."""
    temporary = target.with_name(f".{os.getpid()}.digest-tmp")
    temporary.write_bytes(data)
    temporary.replace(target)


def _remove(out: Path, name: str) -> None:
    file = out / name
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == out or any(folder.iterdir()):
            return
        folder.rmdir()
