"""``digest fetch``: papers now, by identifier."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.session import Session, finish, instant


def add_to(app: typer.Typer) -> None:
    app.command("fetch", help="Fetch papers now, by identifier or arXiv address.")(fetch)


def fetch(
    context: typer.Context,
    ids: Annotated[
        list[str],
        typer.Option(
            "--id", metavar="ID", help="2509.18690, arXiv:2509.18690v2, hep-th/9901001, an abs, pdf or html address."
        ),
    ],
    full_text: Annotated[
        bool, typer.Option("--full-text", help="Also read the whole text, from arXiv's HTML, into a note of its own.")
    ] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="T", help="Run as if it were this instant.")] = None,
) -> None:
    from digest import identifiers
    from digest.errors import IdentifierError
    from digest.pipeline import commands

    session: Session = context.obj
    moment = instant(as_of)
    good, refused = [], []
    for text in ids:
        try:
            good.append(identifiers.parse(text))
        except IdentifierError as error:
            refused.append((text, str(error)))
    with session.assembly() as assembly:
        finish(
            session, assembly, commands.fetch(assembly, list(dict.fromkeys(good)), refused, moment, full_text=full_text)
        )
