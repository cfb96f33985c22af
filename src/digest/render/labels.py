"""The words that pages show, by language; a language is one file in ``locales``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from digest.errors import ConfigError

LOCALES = Path(__file__).with_name("locales")


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """One language. Our own words only: what they are filled with is escaped by who fills them in."""

    language: str
    source: str  # the file's text, from which all the rest is read
    words: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]
    dates: Mapping[str, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    abbreviations: tuple[str, ...]

    def say(self, key: str, **values: object) -> str:
        return self.words[key].format(**values)

    def count(self, key: str, number: int) -> str:
        forms = self.plurals[key]
        form = "one" if number == 1 and "one" in forms else "other"
        return forms[form].format(n=f"{number:,}")

    def long(self, day: date) -> str:
        """With the weekday, for a title."""
        return self._date("long", day)

    def full(self, day: date) -> str:
        return self._date("full", day)

    def short(self, day: date) -> str:
        """Without the year."""
        return self._date("short", day)

    def month(self, day: date) -> str:
        """The month alone, with the year."""
        return self._date("month", day)

    def _date(self, form: str, day: date) -> str:
        return self.dates[form].format(
            weekday=self.weekdays[day.weekday()],
            day=day.day,
            month=self.months[day.month - 1],
            abbreviated=self.abbreviations[day.month - 1],
            year=day.year,
        )


def languages() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in LOCALES.glob("*.toml")))


@cache
def load(language: str) -> Labels:
    """Raise ConfigError, naming the known ones, for a language that has no file."""
    if language not in languages():
        raise ConfigError(f"[vault] language: {language!r} is not known; known are: {', '.join(languages())}")
    source = (LOCALES / f"{language}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    dates = table["dates"]
    return Labels(
        language=language,
        source=source,
        words=table["words"],
        plurals=table["plurals"],
        dates={form: dates[form] for form in ("long", "full", "short", "month")},
        weekdays=tuple(dates["weekdays"]),
        months=tuple(dates["months"]),
        abbreviations=tuple(dates["abbreviations"]),
    )
