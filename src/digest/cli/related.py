"""``digest related``: the papers nearest to one."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.search import Category, Limit, Since, Until, filter_of
from digest.cli.session import Session


def add_to(app: typer.Typer) -> None:
    app.command("related", help="The papers here that are nearest to one of them, and why.")(related)


def related(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="2509.18690, or an arXiv address.")],
    limit: Limit = 10,
    category: Category = None,
    since: Since = None,
    until: Until = None,
) -> None:
    from digest import identifiers
    from digest.pipeline import search

    session: Session = context.obj
    identifier = identifiers.parse(paper)
    among = filter_of(category, since, until)
    with session.reading() as assembly:
        found = search.related(assembly, identifier.id, limit, among)
        session.answer(found, "\n".join(search.prose(found)))
