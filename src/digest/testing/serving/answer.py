"""What every interface of the fake gives back, before faults touch it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from digest import taxonomy
from digest.testing.serving.archive import SUBSUMED, archive_of
from digest.testing.serving.schedule import EASTERN


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer; *headers* do not hold the length, which faults may change."""

    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked; ``query`` has the parameters of the address and of a form, in order, repeats included."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    raw: str  # path and query as sent
    host: str

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)


@dataclass(frozen=True, kw_only=True, slots=True)
class Twist:
    """A fault that changes what an interface says rather than how it is carried; see ``faults``."""

    name: str
    argument: str = ""


class Twists:
    """The twists in force for one request."""

    def __init__(self, twists: tuple[Twist, ...] = ()) -> None:
        self._arguments = {twist.name: twist.argument for twist in twists}

    def __contains__(self, name: str) -> bool:
        return name in self._arguments

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._arguments)

    def number(self, name: str, default: int) -> int:
        return int(self._arguments.get(name) or default)


def eastern_day(now: datetime) -> date:
    return now.astimezone(EASTERN).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=EASTERN)


def stamp(when: datetime) -> str:
    """``2026-02-03T06:00:00Z``"""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def archives() -> dict[str, list[str]]:
    """Archives with their categories; an archive that is its own category holds itself."""
    found: dict[str, list[str]] = {}
    for category in taxonomy.CATEGORIES:
        found.setdefault(archive_of(category), []).append(category)
    return found


def category_name(category: str) -> str:
    """``Artificial Intelligence (cs.AI)``"""
    return f"{taxonomy.CATEGORIES.get(SUBSUMED.get(category, category), category)} ({category})"
