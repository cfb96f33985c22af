"""What the commands share: the workspace, its lock, progress, and how answers are printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from digest.errors import ConfigError, LockHeld

if TYPE_CHECKING:
    from digest.assemble import Assembly
    from digest.cli.progress import Bar
    from digest.pipeline.commands import Report
    from digest.pipeline.values import Consulted, Questioned


@dataclass(frozen=True, kw_only=True)
class Session:
    """One call of the command line."""

    home: Path | None
    as_json: bool
    verbosity: int  # -1 quiet, 0, 1 verbose

    def find_home(self) -> Path:
        """The workspace. Raises ConfigError when there is none."""
        from digest.config import CONFIG_FILE

        given = self.home or (Path(os.environ["DIGEST_HOME"]) if os.environ.get("DIGEST_HOME") else None)
        if given is not None:
            return given.resolve()
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / CONFIG_FILE).is_file():
                return folder
        raise ConfigError(f"{here} is in no workspace (no {CONFIG_FILE} here or above); make one with: digest init")

    @contextmanager
    def assembly(self, *, replay: int | None = None) -> Iterator[Assembly]:
        """The parts of the workspace, with its lock held. Raises LockHeld when another run has it.

        With *replay*, what was kept of that run stands in for arXiv.
        """
        from filelock import FileLock, Timeout

        with self._parts(replay) as assembly:
            try:
                lock = FileLock(assembly.state / "run.lock").acquire(timeout=0)
            except Timeout as error:
                raise LockHeld(
                    f"{assembly.home}: another run of digest is at work in this workspace; try again later"
                ) from error
            with lock, assembly:
                yield assembly

    @contextmanager
    def reading(self) -> Iterator[Assembly]:
        """The parts of the workspace for questions, which need not wait for a run that is at work."""
        with self._parts() as assembly, assembly:
            yield assembly

    @contextmanager
    def _parts(self, replay: int | None = None) -> Iterator[Assembly]:
        from digest import config
        from digest.assemble import Assembly

        home = self.find_home()
        settings = config.load(home, os.environ)
        self._warn_of_language(settings.vault.language)
        with self.bar() as bar:
            assembly = Assembly(home, settings, bar, replay=replay)
            assembly.state.mkdir(parents=True, exist_ok=True)
            yield assembly

    def _warn_of_language(self, tag: str) -> None:
        from digest.render import labels

        if labels.nearest(tag) is None:
            self.say(
                f"warning: [vault] language: {tag!r} has no labels, so they are in English; "
                f"known are: {', '.join(labels.languages())}"
            )

    def bar(self) -> Bar:
        from digest.cli.progress import Bar

        return Bar(shown=self.verbosity >= 0 and sys.stderr.isatty())

    def say(self, text: str) -> None:
        """Prose, on standard error."""
        if self.verbosity >= 0:
            typer.echo(text, err=True)

    def answer(self, value: Any, prose: str) -> None:
        """What was asked for, on standard output: as JSON or as prose."""
        typer.echo(json.dumps(value, ensure_ascii=False) if self.as_json else prose)


def finish(session: Session, assembly: Assembly, report: Report) -> None:
    """Keep the report in the catalogue, print it, and end with its status."""
    found = report.as_dict()
    assembly.catalogue.add_run(
        report.command, report.as_of.isoformat(), report.exit_status, json.dumps(found, ensure_ascii=False)
    )
    if session.as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    for line in prose(report, verbose=session.verbosity > 0):
        session.say(line)
    raise typer.Exit(report.exit_status)


def prose(report: Report, *, verbose: bool = False) -> Iterator[str]:
    """The report in sentences."""
    from digest.model import Verdict
    from digest.pipeline.commands import NOTHING_POSSIBLE

    for source in report.sources:
        if source.detail or verbose:
            detail = source.detail.removeprefix(f"{source.source}: ")
            yield f"{source.source}: {source.verdict.value}" + (f": {detail}" if detail else "")
    if report.sources and report.exit_status == NOTHING_POSSIBLE and not report.failures:
        refused = any(source.verdict is Verdict.BLOCKED for source in report.sources)
        advice = "" if refused else ". Run it again later; the days missed are caught up then"
        yield f"arXiv is out of reach: nothing was changed{advice}"
    for day in report.days:
        when = "" if day.day == report.day else f"{day.day}, "
        for count in day.counts:
            yield when + tally(count.category, count.announced, count.stored, count.new, count.cross, count.replaced)
    for count in report.counts:
        yield tally(count.category, count.announced, count.stored, count.new, count.cross, count.replaced)
    for unproven in report.unproven:
        yield f"{unproven} is not proven complete; it is asked about again at the next run"
    yield from report.rulings
    yield from told_questioned(report.questioned)
    for what, why in report.failures:
        yield f"failed: {what}: {why}"
    yield from told_left_alone(report.left_alone, verbose=verbose)
    yield from (told_consulted(one) for one in report.outside if verbose or one.asked or one.detail)
    found = report.as_dict()
    notes, reader = found["notes"], found["reader"]
    if any(reader.values()):
        yield f"you: something new said of papers: {reader['papers']}, notes moved: {reader['moved']}, deleted: {reader['deleted']}"
    if report.texts.outcomes:
        yield "whole texts: " + ", ".join(f"{number} {outcome}" for outcome, number in report.texts.outcomes.items())
    yield (
        f"{notes['created']} notes made, {notes['updated']} updated, {notes['unchanged']} unchanged, "
        f"{notes['kept']} left alone; {found['files_written']} files written"
    )
    if verbose:
        yield "seconds: " + ", ".join(f"{stage} {spent:.1f}" for stage, spent in report.seconds.items())


def told_consulted(one: Consulted) -> str:
    """What a night with a source outside arXiv came to, in a sentence."""
    if one.rests_until:
        return f"{one.source}: silent, not asked before {one.rests_until}: {one.detail}"
    if one.detail and not one.asked:
        return f"{one.source}: {one.verdict.value}: {one.detail}; {one.left} papers are left for other nights"
    counts = f"asked for {one.asked} papers: {one.found} known, {one.unknown} not; news of {one.news}"
    unreadable = f"; {one.unreadable} not to be believed" if one.unreadable else ""
    left = f"; {one.left} left for other nights" if one.left else ""
    fault = f"; {one.verdict.value}: {one.detail}" if one.detail else ""
    return f"{one.source}: {counts}{unreadable}{left}{fault}"


def told_questioned(questioned: Questioned) -> Iterator[str]:
    """What a language model was asked, what became of it, and what to do where its server failed."""
    if not questioned.model or not questioned.questions:
        return

    def listed(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{reason} {number}" for reason, number in sorted(counts.items()))

    c = questioned
    known = f", {c.cached} known from earlier runs" if c.cached else ""
    money = f", cost {c.cost:.4f}" if c.cost else ""
    yield (
        f"language model {c.model}: {c.questions} questions{known}, {c.requests} requests, {c.accepted} answers accepted; "
        f"{c.tokens} tokens{money}"
    )
    if c.refused:
        yield f"language model: answers that could not be used: {listed(c.refused)}"
    if c.dropped:
        yield f"language model: dropped from answers: {listed(c.dropped)}"
    if c.withheld:
        yield f"language model: sentences that speak to a model, not shown to it: {c.withheld}"
    if c.unanswered:
        yield f"language model: questions without an answer, whose notes stay as figures have them: {listed(c.unanswered)}"
    for fault in c.faults:
        yield f"language model: {fault}"


SHOWN = 10


def told_left_alone(remarks: Sequence[tuple[str, str]], *, verbose: bool = False) -> Iterator[str]:
    """How many files stayed as they are, wholly or in part, and why; the first ones only, unless *verbose*."""
    if remarks:
        files = len({path for path, _ in remarks})
        yield f"left alone, wholly or in part: {files} {'file' if files == 1 else 'files'}"
    shown = remarks if verbose else remarks[:SHOWN]
    yield from (f"left alone: {path}: {why}" for path, why in shown)
    if len(shown) < len(remarks):
        yield f"left alone: and {len(remarks) - len(shown)} more; all of them with: digest -v status"


def tally(category: str, announced: int, stored: int, new: int, cross: int, replaced: int) -> str:
    """What became of a category's announcements of a day, in a sentence."""

    def counted(number: int, word: str) -> str:
        return f"{number} {word}" if number == 1 else f"{number} {word}s"

    told = f"{new} new, {counted(cross, 'cross-list')}, {counted(replaced, 'replacement')}"
    return f"{category}: {announced} announced, {stored} stored: {told}"


def instant(text: str | None) -> datetime:
    """``--as-of``, else now; aware. Raises ConfigError when it is no ISO instant."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text}: not an instant; an example: 2026-02-03T07:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
