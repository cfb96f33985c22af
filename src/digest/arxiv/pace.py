"""When the next request may go out: one clock for all processes of a user, kept in a small file under a lock."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from digest.errors import ConfigError

LONGEST_HOLD: Final = 3600.0
_WORTH_TELLING: Final = 5.0
_BUSY: Final = "waiting: another digest is asking arXiv"
_KEPT: Final = 2 * LONGEST_HOLD
_LONGEST_QUEUE: Final = 100

Stamps = dict[str, float]
"""Unix times by name: ``any:<lane>`` and ``page:<lane>`` of the last request, ``until:<host>`` of a hold-off's end,
``403:<host>`` of the last refusal."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a request must keep to: *lane* is what it shares its intervals with, all of arXiv or one loopback host."""

    host: str
    lane: str
    interval: float  # seconds since the lane's last request
    page_interval: float | None  # seconds since the lane's last page; None: this is no page
    alone: bool  # whether no other request of the user may run meanwhile


class Pace:
    """Lets requests go out one by one, each at its time.

    The state is a file in *directory*, so that two processes share it. A clock that was set back makes no request
    wait for longer than its interval.
    """

    def __init__(
        self,
        directory: Path,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        on_wait: Callable[[str], None],
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._sleep = sleep
        self._on_wait = on_wait
        self._reasons: dict[str, str] = {}

    @contextmanager
    def turn(self, turn: Turn) -> Iterator[None]:
        """Wait for the turn, then run the body; when *turn* is ``alone`` no other process of the user asks meanwhile.

        Raises ConfigError when the shared file cannot be written.
        """
        with self._held("arxiv", _BUSY) if turn.alone else nullcontext():
            while not self._has_waited(turn):
                continue
            yield

    def _has_waited(self, turn: Turn) -> bool:
        """Take a time and wait for it; False when the host has asked another process to wait meanwhile."""
        told = self._read().get(f"until:{turn.host}")
        seconds = self._reserve(turn)
        if seconds >= _WORTH_TELLING:
            because = self._reasons.get(turn.host, "arXiv's pace" if turn.alone else "its pace")
            self._on_wait(f"waiting {seconds:.0f} s before asking {turn.host} ({because})")
        if seconds <= 0:
            return True
        self._sleep(seconds)
        return self._read().get(f"until:{turn.host}") in (told, None)

    def hold_off(self, host: str, seconds: float, *, because: str) -> None:
        """Have every process leave *host* alone for *seconds*; *because* is told to who waits here."""
        self._reasons[host] = because
        with self._held("pace"):
            self._write(self._read() | {f"until:{host}": self._clock() + min(seconds, LONGEST_HOLD)})

    def block(self, host: str) -> None:
        """Have every process that is at work stop asking *host*."""
        with self._held("pace"):
            self._write(self._read() | {f"403:{host}": self._clock()})

    def blocked_since(self, host: str, when: float) -> bool:
        """Say whether *host* has refused any process after *when*, in Unix time."""
        return when < self._read().get(f"403:{host}", when) <= self._clock()

    def _reserve(self, turn: Turn) -> float:
        """Take the next free time of the lane and return how many seconds it is away."""
        with self._held("pace"):
            stamps, now = self._read(), self._clock()
            seconds = _due(turn, stamps, now)
            stamps[f"any:{turn.lane}"] = now + seconds
            if turn.page_interval is not None:
                stamps[f"page:{turn.lane}"] = now + seconds
            self._write(stamps)
        return seconds

    @contextmanager
    def _held(self, name: str, if_busy: str = "") -> Iterator[None]:
        """Hold the lock *name*; *if_busy* is told when another process has it."""
        lock = FileLock(self._directory / f"{name}.lock")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0 if if_busy else -1)
            except Timeout:
                self._on_wait(if_busy)
                lock.acquire()
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(f"{self._directory}: cannot be written ({error.strerror}); requests are timed there")

    @property
    def _file(self) -> Path:
        return self._directory / "pace.json"

    def _read(self) -> Stamps:
        try:
            told = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        if not isinstance(told, dict):
            return {}
        return {name: when for name, when in told.items() if isinstance(when, int | float) and math.isfinite(when)}

    def _write(self, stamps: Stamps) -> None:
        now = self._clock()
        kept = {name: when for name, when in stamps.items() if abs(when - now) < _KEPT}
        draft = self._file.with_suffix(".new")
        try:
            draft.write_text(json.dumps(kept, sort_keys=True))
            draft.replace(self._file)
        except OSError as error:
            raise self._unwritable(error) from error


def _due(turn: Turn, stamps: Stamps, now: float) -> float:
    """Seconds until the turn."""
    waits = [0.0, min(stamps.get(f"until:{turn.host}", now) - now, LONGEST_HOLD)]
    intervals = {"any": turn.interval, "page": turn.page_interval}
    for kind, interval in intervals.items():
        last = stamps.get(f"{kind}:{turn.lane}")
        if last is not None and interval is not None:
            # Who asks alone can find no later request than its own past; a queue of others can have been promised.
            waits.append(min(last + interval - now, interval if turn.alone else _LONGEST_QUEUE * interval))
    return max(waits)
