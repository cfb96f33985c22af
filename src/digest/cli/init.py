"""``digest init``: a new workspace."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.session import Session


def add_to(app: typer.Typer) -> None:
    app.command("init", help="Make a new workspace with a commented config.")(init)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; this folder by default.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
) -> None:
    from digest import taxonomy
    from digest.assemble import shipped
    from digest.config import CONFIG_FILE, ArxivSettings

    session: Session = context.obj
    file = folder / CONFIG_FILE
    made = not file.exists()
    if made:
        categories, contact = ArxivSettings().categories, ""
        if not yes and sys.stdin.isatty():
            asked = typer.prompt("arXiv categories", default=" ".join(categories), err=True)
            categories = tuple(taxonomy.canonical(word) for word in re.split(r"[\s,]+", asked.strip()))
            contact = typer.prompt("Your e-mail, for arXiv's operators (may be empty)", default="", err=True)
        text = (shipped("config") / "digest.toml").read_text(encoding="utf-8")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(filled(text, categories, contact.strip()), encoding="utf-8")
        if not contact.strip():
            session.say("hint: set [arxiv] contact to your e-mail, so that arXiv's operators can reach you")
    for name in ("vault", "templates"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    session.say(f"{'made' if made else 'left as it is:'} {file}; next: digest --home {folder} run")
    if session.as_json:
        typer.echo(json.dumps({"home": str(folder.resolve()), "config": str(file.resolve()), "made": made}))


def filled(text: str, categories: tuple[str, ...], contact: str) -> str:
    """The commented config with these two answers in it."""
    text = re.sub(r"(?m)^categories = .*$", lambda _: f"categories = {json.dumps(list(categories))}", text, count=1)
    return re.sub(r"(?m)^contact = .*$", lambda _: f"contact = {json.dumps(contact)}", text, count=1)
