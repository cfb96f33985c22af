"""When arXiv announces what was submitted when.

Written down here a second time on purpose: a fake that shared the schedule with ``digest.arxiv`` would agree with its
mistakes.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")


@lru_cache(maxsize=8192)
def announcement(day: date) -> datetime:
    """The instant (UTC) at which the mailing with the label *day* goes out: 20:00 ET on the evening before."""
    return datetime.combine(day - timedelta(days=1), time(20), EASTERN).astimezone(UTC)


@lru_cache(maxsize=8192)
def deadline(day: date) -> datetime:
    """The last instant (UTC) of submission for the mailing with the label *day*: 14:00 ET on a weekday."""
    closing = day - timedelta(days=1)
    while closing.weekday() >= 5:
        closing -= timedelta(days=1)
    return datetime.combine(closing, time(14), EASTERN).astimezone(UTC)


def label(submitted: datetime) -> date:
    """The label of the mailing that announces what was *submitted* then, if nothing is held back."""
    local = submitted.astimezone(EASTERN)
    closing = local.date() + timedelta(days=local.time() >= time(14))
    while closing.weekday() >= 5:
        closing += timedelta(days=1)
    return closing + timedelta(days=3 if closing.weekday() == 4 else 1)


@lru_cache(maxsize=8192)
def _window(day: date) -> tuple[datetime, int]:
    """Deadline of *day* and the seconds between it and the deadline before."""
    last = deadline(day)
    return last, int((last - deadline(last.astimezone(EASTERN).date())).total_seconds())


def submission_for(day: date, key: str) -> datetime:
    """A time of submission that leads to the mailing *day*, always the same for *key*."""
    last, seconds = _window(day)
    return last - timedelta(seconds=60 + made_up(key, seconds - 120))


def made_up(key: str, below: int) -> int:
    """A number in [0, *below*), always the same for *key*."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) % below
