"""How often terms occur lately, against their own past: the catalogue's counts, as ``digest.keywords.trends`` wants them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from digest.catalogue.store import Catalogue
from digest.catalogue.terms import ALL
from digest.keywords import trends
from digest.model import Trend
from digest.periods import Period


@dataclass(frozen=True, slots=True)
class Lately:
    """Papers with terms in the last *days* up to a day and in the year before them, by primary category."""

    days: int
    recent: Mapping[str, Mapping[str, int]]
    past: Mapping[str, Mapping[str, int]]

    def observed(self, name: str) -> int:
        return trends.observed(self.recent.get(name, {}), self.past.get(ALL, {}), self.recent.get(ALL, {}))

    def expected(self, name: str) -> float:
        return trends.expected(self.past.get(name, {}), self.past.get(ALL, {}), self.recent.get(ALL, {}))

    def trend(self, name: str) -> Trend | None:
        """None without a past to compare with."""
        windows = trends.windows(self.past.get(ALL, {}), self.recent.get(ALL, {}))
        if not windows:
            return None
        recent, expected = self.observed(name), self.expected(name)
        course = trends.course(recent, expected, windows=windows)
        return Trend(course=course, days=self.days, recent=recent, expected=round(expected, 1))

    def within(self, category: str) -> Lately:
        """The same of one category alone."""

        def only(counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
            return {name: {category: of[category]} for name, of in counts.items() if category in of}

        return Lately(self.days, only(self.recent), only(self.past))


def lately(catalogue: Catalogue, day: date, names: Iterable[str], category: str = "") -> Lately:
    """The last days of all categories, or of one primary category alone, beside the year before them."""
    first = catalogue.terms.first_day(category)
    days = trends.recent_days((day - first).days + 1 if first else 0)
    found = _counted(catalogue, names, until=day, days=days, past=trends.PAST_DAYS)
    return found.within(category) if category else found


def _counted(catalogue: Catalogue, names: Iterable[str], *, until: date, days: int, past: int) -> Lately:
    wanted, middle = [*names, ALL], until - timedelta(days=days)
    return Lately(
        days=days,
        recent=catalogue.terms.by_category(wanted, after=middle, until=until),
        past=catalogue.terms.by_category(wanted, after=middle - timedelta(days=past), until=middle),
    )


def trends_within(catalogue: Catalogue, when: Period, names: Collection[str], *, past: int) -> dict[str, Trend]:
    """Terms with their trends in a time, against the *past* days before it; without a past none."""
    found = _counted(catalogue, names, until=when.last, days=when.days, past=past)
    return {name: trend for name in names if (trend := found.trend(name)) is not None}


def trends_of(catalogue: Catalogue, day: date, names: Collection[str], category: str = "") -> dict[str, Trend]:
    """Terms with their trends on a day, within one primary category or in all; without a past none."""
    found = lately(catalogue, day, names, category)
    return {name: trend for name in names if (trend := found.trend(name)) is not None}
