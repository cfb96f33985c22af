"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Bar:
    """Called as ``digest.ports.Progress``; a line for each thing that is done, begun anew when it is done again.

    rich is loaded when shown.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._progress: RichProgress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, doing: str, done: int, total: int) -> None:
        if not self._shown:
            return
        progress = self._started()
        if doing not in self._tasks:
            self._tasks[doing] = progress.add_task(doing, total=total or None, speed="")
        elif done < self._done[doing]:
            progress.reset(self._tasks[doing])
        self._done[doing] = done
        task = self._tasks[doing]
        progress.update(task, completed=done, total=total or None)
        progress.update(task, speed=per_second(self._speed(task)) if total else "")

    def _speed(self, task: TaskID) -> float | None:
        """Of the last half minute; over the whole once all is done."""
        found = next(each for each in self._started().tasks if each.id == task)
        return found.finished_speed or found.speed

    def _started(self) -> RichProgress:
        if self._progress is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}"),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=Console(stderr=True))
            self._progress.start()
        return self._progress


def per_second(speed: float | None) -> str:
    """How many a second, or a minute where it takes longer; nothing while that is not known."""
    if not speed:
        return ""
    return f"{speed:.1f}/s" if speed >= 1 else f"{60 * speed:.0f}/min"
