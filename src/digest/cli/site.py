"""``digest site``: a copy of the vault for the web."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.site import Built

EXAMPLES = 10


def add_to(app: typer.Typer) -> None:
    app.command("site", help="Make a copy of the vault for the web, with search, for readers without Obsidian.")(site)


def site(
    context: typer.Context,
    vault: Annotated[Path | None, typer.Argument(help="A vault; else the workspace's own.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to; else the folder site of the workspace.")
    ] = None,
    with_notes: Annotated[
        bool,
        typer.Option("--with-notes", help="With all that you wrote yourself; else only what digest wrote goes out."),
    ] = False,
    name: Annotated[str, typer.Option("--name", help="The site's name, at the top of each page.")] = "digest",
) -> None:
    from digest import config
    from digest.site import build

    session: Session = context.obj
    language = "en"
    if vault is None:
        home = session.find_home()
        settings = config.load(home, os.environ).vault
        vault, language = home / settings.path, settings.language
        out = out or home / "site"
    built = build(vault, out or Path("site"), with_notes=with_notes, name=name, language=language)
    session.answer(facts(built), "\n".join(prose(built)))


def facts(built: Built) -> dict[str, Any]:
    return {
        "out": str(built.out),
        "pages": built.pages,
        "files": {"written": built.written, "removed": built.removed, "unchanged": built.unchanged},
        "kept_back": {
            "unpublished": built.edition.unpublished,
            "own": built.edition.own,
            "edited": list(built.edition.edited),
            "unread": [{"path": path, "reason": reason} for path, reason in built.edition.unread],
        },
    }


def prose(built: Built) -> Iterator[str]:
    edition = built.edition
    yield (
        f"{built.pages} pages in {built.out}: {built.written} files written, {built.removed} removed, "
        f"{built.unchanged} unchanged"
    )
    if edition.own:
        yield f"kept back: {edition.own} notes of your own (--with-notes takes them along)"
    if edition.unpublished:
        yield f"kept back: {edition.unpublished} notes with the property publish: false"
    for path in edition.edited[:EXAMPLES]:
        yield f"kept back: {path}: what you edited in digest's text (--with-notes takes it along)"
    if len(edition.edited) > EXAMPLES:
        yield f"kept back: … and {len(edition.edited) - EXAMPLES} more notes that you edited (--json lists all)"
    for path, reason in edition.unread:
        yield f"left out: {path}: {reason}"
    yield f"look at it: python -m http.server -d {built.out} --bind 127.0.0.1, then http://127.0.0.1:8000"
