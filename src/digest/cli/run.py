"""``digest run``: the nightly job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from digest.cli.session import Session, finish, instant


def add_to(app: typer.Typer) -> None:
    app.command("run", help="The nightly job: what arXiv announced, into the vault.")(run)


def run(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="Run as if it were this instant: 2026-02-03T07:00:00Z")
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option("--replay", metavar="RUN", help="Read the kept answers of an earlier run (digest status) again."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask arXiv and report, but change nothing.")] = False,
) -> None:
    from digest.pipeline import commands

    session: Session = context.obj
    moment = instant(as_of)
    with session.assembly(replay=replay) as assembly:
        if replay is not None and as_of is None:
            moment = instant(assembly.catalogue.as_of(replay))
        if dry_run:
            report = commands.preview(assembly, moment)
            session.answer(report.as_dict(), "\n".join(f"{fate}: {n}" for fate, n in sorted(report.papers.items())))
            raise typer.Exit(report.exit_status)
        report = commands.run(assembly, moment)
        if report.papers:
            assembly.expire_answers(datetime.now(UTC))
        finish(session, assembly, report)
