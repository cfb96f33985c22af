"""``digest backfill``: what arXiv announced before the first night."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.session import Session, finish, instant
from digest.errors import ConfigError

if TYPE_CHECKING:
    from digest.assemble import Assembly
    from digest.pipeline.backfill import Course


def add_to(app: typer.Typer) -> None:
    app.command("backfill", help="History: what arXiv announced before the first night; goes on where it stopped.")(
        backfill
    )


def backfill(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", metavar="D", help="The first announcement day: 2026-01-05")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="D", help="The last; else the day before digest's first.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="T", help="Run as if it were this instant.")] = None,
) -> None:
    from digest.pipeline import backfill as backfills
    from digest.pipeline import commands

    session: Session = context.obj
    moment, first = instant(as_of), day("--from", since)
    last = None if until is None else day("--until", until)
    with session.assembly() as assembly:
        course = backfills.course(assembly.catalogue, first, last, moment)
        session.say(outlook(assembly, course))
        finish(session, assembly, commands.backfill(assembly, course, moment))


def day(option: str, text: str) -> date:
    """Raises ConfigError when *text* is no ISO day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option} {text}: not a day; an example: 2026-01-05") from error


def outlook(assembly: Assembly, course: Course) -> str:
    """What is about to be asked and how long that takes, about, at the polite rate."""
    from digest.pipeline.backfill import estimate

    arxiv, found = assembly.settings.arxiv, estimate(assembly, course)
    seconds = found.seconds(arxiv.request_interval, arxiv.page_interval)
    verb = "going on with" if course.is_resumed else "asking for"
    return (
        f"{verb} {course.since} to {course.until}: an estimated {found.requests} requests and {found.pages} pages of "
        f"arXiv's listings, {spoken(seconds)} at the polite rate; stop it when you like, the same command goes on"
    )


def spoken(seconds: float) -> str:
    """A length of time, as one says it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 100:
        return "about a minute" if minutes == 1 else f"about {minutes} minutes"
    return f"about {round(minutes / 60)} hours"
