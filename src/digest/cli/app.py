"""The commands together, and the options that all of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import digest
from digest.cli import backfill, check, fetch, init, keywords, related, render, run, search, site, status
from digest.cli.session import Session

app = typer.Typer(
    name="digest",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Turn each night's arXiv announcements into an Obsidian vault.",
)
for command in (init, run, fetch, backfill, render, related, search, keywords, site, check, status):
    command.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"digest {digest.__version__}")
        raise typer.Exit


@app.callback()
def general(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", metavar="DIR", help="The workspace; else $DIGEST_HOME, else the nearest parent with one."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON report on standard output.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on standard error.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    version: Annotated[  # noqa: ARG001 - the callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Session(home=home, as_json=json, verbosity=int(verbose) - int(quiet))
