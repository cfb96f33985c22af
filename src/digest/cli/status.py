"""``digest status``: the last runs, the verdict on each source and day, what is pending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.session import Session, tally, told_left_alone

if TYPE_CHECKING:
    from digest.assemble import Assembly

RUNS = 5


def add_to(app: typer.Typer) -> None:
    app.command("status", help="The last runs, verdicts, and what is pending.")(status)


def status(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", help="How many days to show.")] = 7,
) -> None:
    session: Session = context.obj
    with session.assembly() as assembly:
        found = facts(assembly, days)
    session.answer(found, "\n".join(prose(found, verbose=session.verbosity > 0)))


def facts(assembly: Assembly, days: int) -> dict[str, Any]:
    from digest.pipeline.commands import day_report

    catalogue = assembly.catalogue
    return {
        "home": str(assembly.home),
        "vault": str(assembly.vault_root),
        "papers": catalogue.count_noted(),
        "reader": catalogue.feedback.counts(),
        "left_alone": [{"path": path, "why": why} for path, why in catalogue.feedback.left_alone()],
        "outside": catalogue.outside.counts(),
        "pending_pages": len(catalogue.pending()),
        "queued_days": [day.isoformat() for day in catalogue.agenda.days()],
        "days": [
            {
                "day": day.isoformat(),
                "complete": catalogue.is_proven(day) and not catalogue.open_verdicts(day),
                "sources": [v for v in catalogue.verdicts(day) if not v["category"]],
                "categories": [{"category": c} | told for c, told in day_report(assembly, day).as_dict().items()],
            }
            for day in catalogue.judged_days(days)
        ],
        "runs": [
            {key: run[key] for key in ("id", "command", "as_of", "exit_status")}
            | {"files_written": (run["report"] or {}).get("files_written", 0)}
            for run in catalogue.last_runs(RUNS)
        ],
    }


def prose(found: dict[str, Any], *, verbose: bool = False) -> Iterator[str]:
    yield f"{found['papers']} papers in {found['vault']}"
    reader = found["reader"]
    yield ", ".join(f"{reader[key]} {key}" for key in ("queued", "reading", "read", "skip", "rated"))
    yield f"pending: {found['pending_pages']} pages" + (
        f", papers of {', '.join(found['queued_days'])}" if found["queued_days"] else ""
    )
    for day in found["days"]:
        words = ", ".join(
            f"{s['source']} {s['verdict']}" + (f" ({s['detail']})" if s["detail"] and not day["complete"] else "")
            for s in day["sources"]
        )
        yield f"{day['day']}: {'complete' if day['complete'] else 'not proven complete, asked about again'}: {words}"
        for c in day["categories"]:
            counts = (c[key] for key in ("category", "announced", "stored", "new", "cross", "replaced"))
            open_verdict = "" if day["complete"] or c["verdict"] is None else f" ({c['verdict']})"
            yield f"  {tally(*counts)}{open_verdict}"
    yield from told_left_alone([(one["path"], one["why"]) for one in found["left_alone"]], verbose=verbose)
    for source, causes in found["outside"].items():
        yield f"{source}: " + ", ".join(f"{papers} papers {cause}" for cause, papers in causes.items())
    for run in found["runs"]:
        yield f"run {run['id']}: {run['command']} as of {run['as_of']}: exit {run['exit_status']}, {run['files_written']} files written"
