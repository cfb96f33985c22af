"""``digest check``: what is wrong or odd in a vault, ours or not; with ``--fix``, what needs no guessing is mended."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.session import Session
from digest.errors import ConfigError, VaultError

if TYPE_CHECKING:
    from digest.check import Finding, Plan, Report

EXAMPLES = 10
SHOWN = 200
"""Characters of a line that is shown; links can be as long as somebody likes."""


def add_to(app: typer.Typer) -> None:
    app.command(
        "check", help="Find dead links, bad names, bad properties in any vault, and mend what needs no guessing."
    )(check)


def check(
    context: typer.Context,
    vault: Annotated[Path | None, typer.Argument(help="A vault; else the workspace's own.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what needs no guessing; show it first, and ask.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: ask nothing.")] = False,
) -> None:
    session: Session = context.obj
    root = vault if vault is not None else _own_vault(session)
    if not root.is_dir():
        raise VaultError(root, "is no folder; name a vault, or run digest run first")
    report = _checked(root)
    told: dict[str, Any] = {}
    lines: list[str] = []
    if fix:
        plan = _planned(root, report)
        told, lines = facts(plan), list(steps(plan))
        if lines and (yes or _asked(lines)):
            with session.assembly() if _is_own(session, root) else nullcontext():  # no run writes meanwhile
                told |= {"done": True, "left": [{"path": path, "why": why} for path, why in _carried_out(root, plan)]}
            report = _checked(root)
        lines = [*([] if _is_asking(yes) else lines), *outcome(told)]
    answer = report.to_json() | ({"fix": told} if fix else {})
    session.answer(answer, "\n".join([*lines, *prose(report, hint=not fix)]))
    raise typer.Exit(1 if report.faults else 0)


def _own_vault(session: Session) -> Path:
    import os

    from digest import config

    home = session.find_home()
    return home / config.load(home, os.environ).vault.path


def _is_own(session: Session, root: Path) -> bool:
    try:
        return _own_vault(session).resolve() == root.resolve()
    except ConfigError:  # no workspace here
        return False


def _checked(root: Path) -> Report:
    from digest import check
    from digest.keywords.plurals import singular
    from digest.vault.merge import block_spans

    return check.check(root, blocks=block_spans, singular=singular)


def _planned(root: Path, report: Report) -> Plan:
    from digest import check
    from digest.vault.merge import block_spans

    return check.plan(root, report, blocks=block_spans)


def _is_asking(yes: bool) -> bool:
    return not yes and sys.stdin.isatty()


def _asked(lines: list[str]) -> bool:
    """Show what would be done, and ask; nobody can be asked without a terminal."""
    if not sys.stdin.isatty():
        return False
    typer.echo("\n".join(lines), err=True)
    return typer.confirm("Do this?", err=True)


def _carried_out(root: Path, plan: Plan) -> Iterator[tuple[str, str]]:
    """Do it; what was left alone, and why. Files in which somebody may be writing are tried twice."""
    from digest.model import PageState
    from digest.vault import QUIET, Vault

    disk = Vault(root, quiet=QUIET)
    changes = {rewrite.path: (rewrite.before, rewrite.after) for rewrite in plan.rewrites}
    told = {written.path: written for written in disk.edit(changes)}

    def busy() -> dict[str, str]:
        ours = {path: written.sha256 for path, written in told.items() if written.state is PageState.UPDATED}
        return disk.busy({path: ours.get(path, "") for path, _ in plan.renames})

    waiting = {path: changes[path] for path, written in told.items() if written.busy}
    if waiting or busy():
        disk.pause()
        told |= {written.path: written for written in disk.edit(waiting)}
    for path, written in told.items():
        if written.state is not PageState.UPDATED:
            yield path, "; ".join(written.remarks)
    reasons = busy()
    for path, other in plan.renames:
        if path in reasons or not disk.rename(path, other):
            yield path, reasons.get(path, "could not be renamed; left alone")


# --- what is told ----------------------------------------------------------------------------------------------------


def facts(plan: Plan) -> dict[str, Any]:
    """The plan as plain values; ``done`` and ``left`` say what became of it."""
    return {
        "done": False,
        "rewrites": [
            {
                "path": rewrite.path,
                "changes": [
                    {"kind": str(change.kind), "before": change.before, "after": change.after}
                    for change in rewrite.changes
                ],
            }
            for rewrite in plan.rewrites
        ],
        "renames": [{"path": path, "to": other} for path, other in plan.renames],
        "left": [],
    }


def steps(plan: Plan) -> Iterator[str]:
    """Every change, file by file."""
    for rewrite in plan.rewrites:
        yield rewrite.path
        for change in rewrite.changes:
            yield shortened(f"  {change.before} → {change.after}")
    for path, other in plan.renames:
        yield f"{path} → {other} (in composed Unicode)"


def outcome(told: dict[str, Any]) -> Iterator[str]:
    files = len(told["rewrites"]) + len(told["renames"])
    if not files:
        yield "Nothing can be mended without guessing."
    elif not told["done"]:
        yield f"Nothing was changed; {count('file', files)} can be mended (without a terminal: --fix --yes)."
    else:
        for left in told["left"]:
            yield f"left alone: {left['path']}: {left['why']}"
        yield f"{count('file', files - len(told['left']))} mended."


def prose(report: Report, *, hint: bool = True) -> Iterator[str]:
    """The findings by kind, faults first, each kind with its remedy and the first of it."""
    from digest.check import Severity

    counts = (count("note", report.notes), count("link", report.links))
    yield f"{', '.join(counts)}: {count('fault', report.faults)}, {count('hint', report.hints)}"
    for kind, findings in report.by_kind().items():
        mark = " (a hint)" if findings[0].severity is Severity.HINT else ""
        yield f"\n{kind}: {len(findings)}{mark}"
        for remedy in dict.fromkeys(finding.remedy for finding in findings):
            yield f"  {remedy}"
        yield from (shortened(f"  - {line(finding)}") for finding in findings[:EXAMPLES])
        if len(findings) > EXAMPLES:
            yield f"  … and {len(findings) - EXAMPLES} more (--json lists all)"
    if report.hints and not report.faults:
        yield "\nHints are yours to judge; they do not make the check fail."
    if hint and report.fixable:
        yield f"\n{report.fixable} of these can be mended without guessing: digest check --fix"


def line(finding: Finding) -> str:
    return f"{finding.path}: {finding.detail}"


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def count(word: str, number: int) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
