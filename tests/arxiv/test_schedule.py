"""When arXiv announces."""

import gzip
import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.arxiv.schedule import NO_MAILING, announcement_day, feed_day, is_announcement_day, last_announcement_day

EASTERN = ZoneInfo("America/New_York")
PAPERS = Path(__file__).resolve().parents[2] / "../shared/data/arxiv"
instants = st.datetimes(datetime(2023, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def nights() -> Counter[date]:
    """How many papers were first seen on each day."""
    if not PAPERS.is_dir():
        pytest.skip("real announcement days are not beside this checkout")
    found: Counter[date] = Counter()
    for name in ("corpus.jsonl.gz", "days.jsonl.gz"):
        with gzip.open(PAPERS / name, "rt", encoding="utf-8") as lines:
            told = (re.search(r'"first_seen": ?"(2025-0[4-9]|2025-1|2026)([-0-9]+)"', line) for line in lines)
            found.update(date.fromisoformat(match[1] + match[2]) for match in told if match)
    return found


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("submitted", "label"),
    [
        pytest.param(datetime.fromisoformat("2025-09-23T06:16:39Z"), date(2025, 9, 24), id="before Tuesday's freeze"),
        pytest.param(eastern("2026-02-05T13:59:59"), date(2026, 2, 6), id="Thursday before 14:00: Friday"),
        pytest.param(eastern("2026-02-05T14:00:00"), date(2026, 2, 9), id="Thursday at 14:00: Monday"),
        pytest.param(eastern("2026-02-06T14:00:00"), date(2026, 2, 10), id="Friday at 14:00: Tuesday"),
        pytest.param(eastern("2026-02-08T03:00:00"), date(2026, 2, 10), id="Sunday: Tuesday"),
        pytest.param(eastern("2026-01-19T09:00:00"), date(2026, 1, 21), id="a holiday Monday rolls on"),
        pytest.param(eastern("2026-07-02T15:00:00"), date(2026, 7, 7), id="a holiday Friday rolls past Monday"),
        pytest.param(eastern("2026-12-30T15:00:00"), date(2027, 1, 4), id="over a holiday into the next year"),
        pytest.param(eastern("2026-03-08T01:30:00"), date(2026, 3, 10), id="the night clocks go forward"),
        pytest.param(eastern("2026-11-01T01:30:00"), date(2026, 11, 3), id="the night clocks go back"),
    ],
)
def test_the_label_of_a_submission(submitted, label):
    assert announcement_day(submitted) == label


@pytest.mark.parametrize(
    "day",
    [
        date(2025, 1, 2),
        date(2025, 1, 21),
        date(2025, 6, 20),
        date(2025, 7, 7),
        date(2025, 9, 2),
        date(2025, 11, 28),
        date(2025, 12, 26),
        date(2025, 12, 31),
        date(2026, 1, 2),
        date(2026, 1, 20),
        date(2026, 6, 22),
        date(2026, 7, 6),
        date(2026, 9, 8),
        date(2026, 11, 27),
        date(2026, 12, 28),
        date(2026, 12, 30),
        date(2027, 1, 1),
    ],
)
def test_a_day_without_mailing_takes_the_next_weekdays_label(day):
    assert not is_announcement_day(day)


@pytest.mark.parametrize(("year", "weekdays", "holidays"), [(2025, 261, 8), (2026, 261, 9)])
def test_each_holiday_takes_one_label(year, weekdays, holidays):
    """A year's labels are its weekdays less its holidays; that of New Year's Eve is the next year's."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    known = [day for day in NO_MAILING if day.year == year]
    assert len(known) == holidays
    assert all(day.weekday() < 5 for day in known)
    assert sum(map(is_announcement_day, days)) == weekdays - holidays + (date(year, 12, 31) in NO_MAILING)
    assert is_announcement_day(date(year, 1, 1)), "its label is of the evening before"


def test_days_on_which_papers_were_announced_agree(nights):
    """Of eleven months of real announcement days, no paper has a label that the schedule denies, but for stragglers.

    What one archive noted on 2025-11-28, 25 papers of a day that arXiv's list leaves out, is Thursday's remainder.
    """
    span = [date(2025, 4, 1) + timedelta(days=n) for n in range((date(2026, 3, 31) - date(2025, 4, 1)).days + 1)]
    denied = {day for day in span if day.weekday() < 5 and not is_announcement_day(day)}
    assert {day: nights[day] for day in denied if nights[day]} == {date(2025, 11, 28): 25}
    silent = {day for day in span if day.weekday() < 5 and not nights[day]}
    assert silent - denied == {date(2025, 11, 4)}, "a night that the archive itself has missed"


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-02-03T04:59:59Z", date(2026, 2, 2)),
        ("2026-02-03T05:00:00Z", date(2026, 2, 3)),
        ("2026-08-03T03:59:59Z", date(2026, 8, 2)),
        ("2026-08-03T04:00:00Z", date(2026, 8, 3)),
        ("2026-03-09T03:59:59Z", date(2026, 3, 8)),  # clocks went forward that morning
        ("2026-11-02T04:30:00Z", date(2026, 11, 1)),  # clocks went back that morning
    ],
)
def test_the_feed_turns_at_eastern_midnight(instant, day):
    assert feed_day(datetime.fromisoformat(instant)) == day


def test_the_clock_of_seoul_tells_the_same():
    instant = datetime.fromisoformat("2026-02-03T13:00:00+09:00")
    assert feed_day(instant) == feed_day(instant.astimezone(UTC)) == date(2026, 2, 2)


def test_an_instant_without_zone_is_a_bug():
    with pytest.raises(ValueError, match="time zone"):
        feed_day(datetime(2026, 2, 3))


@given(instants)
@example(datetime(2026, 12, 31, 20, tzinfo=UTC))
def test_a_submission_is_announced_at_the_next_label_after_its_freeze(submitted):
    """The label is an announcement day, after the submission's own day, and no earlier label had a later freeze."""
    label = announcement_day(submitted)
    local = submitted.astimezone(EASTERN)
    assert is_announcement_day(label)
    assert timedelta(days=1) <= label - local.date() <= timedelta(days=6)
    for day in (local.date() + timedelta(days=n) for n in range(1, (label - local.date()).days)):
        if is_announcement_day(day):
            freeze = max(d for d in (day - timedelta(days=n) for n in range(1, 4)) if d.weekday() < 5)
            assert local >= datetime.combine(freeze, time(14), EASTERN)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_submits_later_is_announced_no_earlier(submitted, later):
    assert announcement_day(submitted) <= announcement_day(submitted + later)


@given(instants)
def test_the_last_label_is_no_later_than_the_feed(instant):
    day = last_announcement_day(instant)
    assert is_announcement_day(day)
    assert day <= feed_day(instant)
    between = (feed_day(instant) - day).days
    assert not any(is_announcement_day(day + timedelta(days=n)) for n in range(1, between + 1))
