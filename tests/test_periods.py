"""Weeks and months as spans of days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.periods import day_of, month_of, of_days, period, week_of


@given(st.dates(date(1991, 1, 1), date(2100, 1, 1)))
def test_a_day_is_in_its_times_and_a_key_tells_which(day: date) -> None:
    for when in (day_of(day), week_of(day), month_of(day)):
        assert when.first <= day <= when.last
        assert period(when.kind, when.key) == when
        assert list(when) == [when.first + timedelta(days=n) for n in range(when.days)]
    assert week_of(day).first.weekday() == 0
    assert week_of(day).days == 7
    assert month_of(day).last.month != (month_of(day).last + timedelta(days=1)).month


@given(st.lists(st.dates(date(1991, 1, 1), date(2100, 1, 1)), min_size=2, max_size=9, unique=True))
def test_keys_of_a_kind_sort_by_time(days: list[date]) -> None:
    for make in (day_of, week_of, month_of):
        assert sorted(days, key=lambda day: (make(day).key, day)) == sorted(days)


def test_the_week_of_a_year_s_first_days_may_be_the_old_year_s() -> None:
    assert week_of(date(2027, 1, 1)).key == "2026-W53"
    assert {when.key for when in of_days([date(2027, 1, 1)])} == {"2027-01-01", "2026-W53", "2027-01"}


@pytest.mark.parametrize(("kind", "key"), [("week", "2026-W60"), ("month", "2026-13"), ("day", "2026-02-30")])
def test_a_key_that_is_none_is_refused(kind, key) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        period(kind, key)
