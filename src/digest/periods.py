"""Days, weeks and months as spans of days, each with the key under which its page is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Kind = Literal["day", "week", "month"]
KINDS: Final[tuple[Kind, ...]] = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """*first* and *last* are both included."""

    kind: Kind
    key: str  # 2026-02-03, 2026-W06 (ISO 8601) or 2026-02: within a kind they sort by time
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        """Its days, oldest first."""
        return (self.first + timedelta(days=number) for number in range(self.days))


def day_of(day: date) -> Period:
    return Period("day", day.isoformat(), day, day)


def week_of(day: date) -> Period:
    """The ISO week of *day*, from Monday to Sunday."""
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Period("week", f"{year:04}-W{week:02}", monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period("month", f"{first:%Y-%m}", first, last)


def period(kind: Kind, key: str) -> Period:
    """The period of a page's key. Raises ValueError for a key that is none of its kind."""
    if kind == "day":
        return day_of(date.fromisoformat(key))
    return week_of(date.fromisoformat(key)) if kind == "week" else month_of(date.fromisoformat(f"{key}-01"))


def of_days(days: Iterable[date]) -> set[Period]:
    """These days, and the weeks and months that they are in."""
    return {found for day in days for found in (day_of(day), week_of(day), month_of(day))}
