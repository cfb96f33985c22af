"""``digest check``: dead links, bad names, bad properties; in any vault, ours or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.session import Session
from digest.errors import VaultError

if TYPE_CHECKING:
    from digest.check import Report

EXAMPLES = 10


def add_to(app: typer.Typer) -> None:
    app.command("check", help="Find dead links, bad names, bad properties.")(check)


def check(
    context: typer.Context,
    vault: Annotated[Path | None, typer.Argument(help="A vault; else the workspace's own.")] = None,
) -> None:
    from digest.check import check as check_vault

    session: Session = context.obj
    root = vault if vault is not None else _own_vault(session)
    if not root.is_dir():
        raise VaultError(root, "is no folder; name a vault, or run digest run first")
    report = check_vault(root)
    session.answer(facts(report), "\n".join(prose(report)))
    raise typer.Exit(1 if report.findings else 0)


def _own_vault(session: Session) -> Path:
    import os

    from digest import config

    home = session.find_home()
    return home / config.load(home, os.environ).vault.path


def facts(report: Report) -> dict[str, Any]:
    return {
        "notes": report.notes,
        "links": report.links,
        "findings": [
            {"kind": str(f.kind), "path": f.path, "detail": f.detail, "remedy": f.remedy} for f in report.findings
        ],
    }


def prose(report: Report) -> Iterator[str]:
    yield f"{report.notes} notes, {report.links} links: {len(report.findings)} findings"
    for kind, findings in report.by_kind().items():
        yield f"{kind}: {len(findings)}. {findings[0].remedy}"
        for finding in findings[:EXAMPLES]:
            yield f"  {finding.path}: {finding.detail}"
        if len(findings) > EXAMPLES:
            yield f"  … and {len(findings) - EXAMPLES} more (--json lists all)"
