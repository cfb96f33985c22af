"""arXiv's recorded answers, where there are any beside this checkout, and a session whose time is made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from digest.arxiv.session import PoliteSession

WIRE = Path(__file__).resolve().parents[2] / "../shared/data/wire"


@pytest.fixture(scope="session")
def wire() -> Path:
    """The folder of recorded answers."""
    if not WIRE.is_dir():
        pytest.skip("recorded answers of arXiv are not beside this checkout")
    return WIRE.resolve()


@dataclass
class Time:
    """A clock that only moves when somebody sleeps; it remembers for how long."""

    now: float = 1_790_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def make_session(tmp_path: Path, time: Time) -> Iterator[Callable[..., PoliteSession]]:
    """Sessions that share a state folder and the made-up time; any argument of the class can be given."""
    made: list[PoliteSession] = []

    def make(**changes: object) -> PoliteSession:
        arguments: dict[str, object] = {
            "user_agent": "digest-tests/1",
            "state_dir": tmp_path / "state",
            "request_interval": 0.0,
            "page_interval": 0.0,
            "clock": time,
            "sleep": time.sleep,
        }
        made.append(PoliteSession(**(arguments | changes)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture
def session(make_session: Callable[..., PoliteSession]) -> PoliteSession:
    return make_session()
