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
) -> None:
    from digest.pipeline import commands

    session: Session = context.obj
    with session.assembly() as assembly:
        finish(session, assembly, commands.render(assembly, instant(None), everything=everything))
