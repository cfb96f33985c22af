"""``digest search``: papers by words and by meaning; and how ``digest related`` and it tell what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.backfill import day
from digest.cli.session import Session

if TYPE_CHECKING:
    from digest.ports import Filter

Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most so many papers.")]
Category = Annotated[list[str] | None, typer.Option("--category", metavar="CAT", help="In one of these: cs.CL")]
Since = Annotated[str | None, typer.Option("--since", metavar="D", help="Announced on this day or later.")]
Until = Annotated[str | None, typer.Option("--until", metavar="D", help="Announced on this day or earlier.")]


def add_to(app: typer.Typer) -> None:
    app.command(
        "search", help='Papers here that have the words of TEXT, or its meaning; "words in quotes" as they stand.'
    )(search)


def search(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", show_default=False)],
    limit: Limit = 10,
    category: Category = None,
    since: Since = None,
    until: Until = None,
) -> None:
    from digest.pipeline import search as searching

    session: Session = context.obj
    among = filter_of(category, since, until)
    with session.reading() as assembly:
        found = searching.search(assembly, " ".join(text), limit, among)
        session.answer(found, "\n".join(searching.prose(found)))


def filter_of(categories: list[str] | None, since: str | None, until: str | None) -> Filter:
    """Raises ConfigError when a day is no ISO day, or a category is none of arXiv's."""
    from digest import taxonomy
    from digest.ports import Filter

    return Filter(
        categories=tuple(taxonomy.canonical(category) for category in categories or ()),
        since=day("--since", since) if since else None,
        until=day("--until", until) if until else None,
    )
