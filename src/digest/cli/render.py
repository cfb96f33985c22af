"""``digest render``: pages again, from the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.session import Session, finish, instant


def add_to(app: typer.Typer) -> None:
    app.command("render", help="Make pages again; write only those that differ.")(render)


def render(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="All pages, not only those of other templates or settings.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[:KEY]", help="Only these: day, week:2026-W06, keyword:'Graph Pruning' … Repeat for more."
        ),
    ] = None,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Print the pages instead, of each kind the newest; nothing is written.")
    ] = False,
) -> None:
    from digest.pipeline import commands

    session: Session = context.obj
    if not stdout:
        with session.assembly() as assembly:
            pages = commands.wanted_pages(assembly.catalogue, only or ())
            finish(session, assembly, commands.render(assembly, instant(None), everything=everything, only=pages))
    if not only:
        raise typer.BadParameter("--stdout prints pages of a kind: name one, as in --only day")
    with session.reading() as assembly:
        pages = [commands.wanted_pages(assembly.catalogue, [name])[-1] for name in only]
        found = list(commands.texts(assembly, pages))
        prose = "\n".join(text for path, text in found if len(found) == 1 or path.endswith(".md"))
        session.answer([{"path": path, "text": text} for path, text in found], prose.rstrip("\n"))
