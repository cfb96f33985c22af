"""When arXiv announces."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.arxiv.schedule import NO_MAILING, announcement_day, feed_day, is_announcement_day, last_announcement_day

EASTERN = ZoneInfo("America/New_York")
instants = st.datetimes(datetime(2023, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


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


def test_each_holiday_takes_one_label():
    """2026 has 261 weekdays; nine are holidays of arXiv, and the last one's label is 2027-01-01's."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert len(NO_MAILING) == 9
    assert sum(map(is_announcement_day, days)) == 261 - 8
    assert is_announcement_day(date(2026, 1, 1)), "its label is of the evening before"


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
