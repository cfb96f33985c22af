"""From a vault to a site."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from digest.errors import MissingExtra, VaultError
from digest.site.folder import bring, check_place
from digest.site.notes import Edition, read


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """What became of a build."""

    out: Path
    pages: int
    edition: Edition
    written: int  # files
    removed: int
    unchanged: int


def build(vault: Path, out: Path, *, with_notes: bool = False, name: str = "digest", language: str = "en") -> Built:
    """Make *out* the web copy of *vault*; nothing is written in the vault.

    The same vault gives the same bytes, and only files whose bytes differ are written. Raises ``VaultError`` when there
    is no vault, nothing in it that may go out, or *out* is no place for a site, and ``MissingExtra`` when the packages
    for it are not installed.
    """
    try:
        from digest.site.generator import generate
        from digest.site.pages import Copy
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("digest"):
            raise
        raise MissingExtra((error.name or "mkdocs").partition(".")[0], "site") from error

    if not vault.is_dir():
        raise VaultError(vault, "is no folder; name a vault, or run digest run first")
    check_place(out, vault)
    edition = read(vault, with_notes=with_notes)
    if not edition.notes:
        raise VaultError(vault, "has no page of digest's; run digest run first, or take all notes with --with-notes")
    copy = Copy(vault, edition, with_notes=with_notes)
    pages = list(copy.pages())
    with tempfile.TemporaryDirectory() as aside:
        generate(pages, copy.files, Path(aside), name=name, language=language)
        brought = bring(Path(aside), out)
    return Built(out=out, pages=len(pages), edition=edition, **brought._asdict())
