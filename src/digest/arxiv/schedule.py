"""When arXiv announces: an expectation from its published schedule, never a truth.

arXiv freezes the day's submissions at 14:00 Eastern Time, Monday to Friday. What was frozen from Monday to Thursday is
announced the same evening at 20:00, what was frozen on Friday on Sunday at 20:00; the announcement carries the date of
the day after it, its *label*, Monday to Friday. A label therefore belongs to the freeze of the weekday before.

A no-mailing day takes away its own freeze, and with it the label of the next weekday: no mailing on Monday 2026-01-19
means no label Tuesday 2026-01-20; no mailing on Friday 2026-07-03 means no label Monday 2026-07-06. The announcement
days of 2025 and 2026 agree: there is no label on 2025-06-20, 2025-07-07, 2025-09-02, 2025-12-26, 2025-12-31, 2026-01-02
and 2026-01-20, each the weekday after a day without a mailing.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

NO_MAILING: Final = frozenset(
    date(year, month, day)
    for year, days in {
        2025: ((1, 1), (1, 20), (6, 19), (7, 4), (9, 1), (11, 27), (12, 25), (12, 30)),
        2026: ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31)),
    }.items()
    for month, day in days
)
"""Weekdays that are expected to have no freeze; before 2025 and after 2026 none is known.

2026 is arXiv's own list. 2025 is its list of that year, where it names the Sunday after Friday 4 July, which is the
same; its two days of December were not yet in it and are those after which no announcement was seen. Lists are edited
each year and deferred at short notice: whoever finds a day with or without a mailing must believe that, not this.
"""

DEADLINE: Final = time(14)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def feed_day(instant: datetime) -> date:
    """Return the Eastern date whose feed is served at *instant* (aware): the feed turns at midnight there."""
    return _eastern(instant).date()


def is_announcement_day(day: date) -> bool:
    """Say whether arXiv is expected to announce under the label *day*."""
    return day.weekday() < _SATURDAY and _weekday_before(day) not in NO_MAILING


def last_announcement_day(instant: datetime) -> date:
    """Return the newest label at or before the feed day of *instant*."""
    day = feed_day(instant)
    while not is_announcement_day(day):
        day -= _DAY
    return day


def announcement_day_before(day: date) -> date:
    """Return the newest label before *day*."""
    day -= _DAY
    while not is_announcement_day(day):
        day -= _DAY
    return day


def announcement_day(submitted: datetime) -> date:
    """Return the label under which a paper submitted at *submitted* (aware) is announced when nothing holds it up.

    A submission at 14:00 sharp waits for the next freeze.
    """
    local = _eastern(submitted)
    day = local.date() if local.time() < DEADLINE else local.date() + _DAY
    while not _freezes(day):
        day += _DAY
    return _weekday_after(day)


@cache
def eastern() -> ZoneInfo:
    """Return arXiv's time zone; read once, because the table is a file."""
    return ZoneInfo("America/New_York")


def _eastern(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(eastern())


def _freezes(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in NO_MAILING


def _weekday_before(day: date) -> date:
    day -= _DAY
    while day.weekday() >= _SATURDAY:
        day -= _DAY
    return day


def _weekday_after(day: date) -> date:
    day += _DAY
    while day.weekday() >= _SATURDAY:
        day += _DAY
    return day
