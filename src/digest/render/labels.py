"""The words that pages show, by language, and how that language writes dates and numbers.

English is ``locales/en.toml``: a text by key. Every other language is a gettext catalogue beside it, in which the key
is the context and the English text the message, one message a paragraph; what has no translation, or one that awaits
review (fuzzy), is told in English. ``make messages`` brings the catalogues in line with the English texts.

Babel is imported when a language is loaded and not before: a night that renders nothing has no use for it.
"""

from __future__ import annotations

import gettext
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

LOCALES = Path(__file__).with_name("locales")
ENGLISH = LOCALES / "en.toml"
FALLBACK = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """One language. Our own words only: what they are filled with is escaped by who fills them in."""

    language: str
    source: str  # all that the rest is made from
    words: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]  # of one and of several, in English
    dates: Mapping[str, str]  # patterns of the CLDR
    translations: gettext.NullTranslations
    locale: Locale

    def say(self, key: str, **values: object) -> str:
        return self.words[key].format(**values)

    def count(self, key: str, number: int) -> str:
        return self.translations.npgettext(key, *self.plurals[key], number).format(n=self.number(number))

    def number(self, number: int) -> str:
        """Grouped: ``1,234``."""
        return _decimal(str(number), self.locale)

    def decimal(self, number: float, places: int = 1) -> str:
        """Grouped, with one decimal or so many *places*: ``1,234.5``."""
        return _decimal(f"{number:.{places}f}", self.locale)

    def percent(self, share: float) -> str:
        """With one decimal: 0.887 as ``88.7%``."""
        return _percent(f"{100 * share:.1f}", self.locale)

    def long(self, day: date) -> str:
        """With the weekday, for a title."""
        return self._date("long", day)

    def full(self, day: date) -> str:
        return self._date("full", day)

    def short(self, day: date) -> str:
        """Without the year."""
        return self._date("short", day)

    def month(self, day: date) -> str:
        """The month and the year."""
        return self._date("month", day)

    def _date(self, form: str, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, self.dates[form], locale=self.locale)


def languages() -> tuple[str, ...]:
    return tuple(sorted((FALLBACK, *(file.parts[-3] for file in LOCALES.glob("*/LC_MESSAGES/digest.po")))))


def nearest(tag: str) -> str | None:
    """The language here for a tag such as ``de-AT`` or ``zh_Hans``, by RFC 4647's lookup; None when there is none."""
    here = {language.lower(): language for language in languages()}
    parts = re.split("[-_]", tag.lower())
    shorter = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((here[name] for name in shorter if name in here), None)


@cache
def load(tag: str) -> Labels:
    """The labels of the language nearest to *tag*, dates and numbers as its region has them; English for an unknown."""
    import babel

    language = nearest(tag)
    source = ENGLISH.read_text(encoding="utf-8")
    table = tomllib.loads(source)
    translations, locale = gettext.NullTranslations(), babel.Locale(FALLBACK)
    if language is not None:
        locale = _locale(tag, language)
    if language not in (None, FALLBACK):
        catalogue = (LOCALES / language / "LC_MESSAGES" / "digest.po").read_bytes()
        source += catalogue.decode()
        translations = _translations(catalogue)
    return Labels(
        language=language or FALLBACK,
        source=f"{source}\0{locale}\0{babel.__version__}",  # dates and numbers are Babel's
        words={key: _translated(translations, key, text) for key, text in table["words"].items()},
        plurals={key: (forms["one"], forms["other"]) for key, forms in table["plurals"].items()},
        dates=_patterns(locale, table["dates"]),
        translations=translations,
        locale=locale,
    )


def paragraphs(text: str) -> list[str]:
    """What a long text is translated by, so that a change leaves the rest of it translated."""
    return text.split("\n\n")


def _translated(translations: gettext.NullTranslations, key: str, text: str) -> str:
    return "\n\n".join(translations.pgettext(key, paragraph) for paragraph in paragraphs(text))


def _translations(catalogue: bytes) -> gettext.GNUTranslations:
    """Of a ``.po`` file's bytes, those that are no longer in doubt."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue)))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _locale(tag: str, language: str) -> Locale:
    """Of the tag when the CLDR knows its region, else of the language alone."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(language)


def _patterns(locale: Locale, english: Mapping[str, str]) -> Mapping[str, str]:
    if str(locale) == FALLBACK:  # the CLDR's English without a region is American
        return english
    skeletons: Mapping[str, Any] = locale.datetime_skeletons
    return {
        "long": locale.date_formats["full"].pattern,
        "full": locale.date_formats["long"].pattern,
        "short": skeletons["MMMd"].pattern,
        "month": skeletons["yMMMM"].pattern,
    }


@lru_cache(maxsize=4096)  # the same small numbers stand on every page
def _decimal(number: str, locale: Locale) -> str:
    return _patterned(Decimal(number), locale.decimal_formats[None], len(number.partition(".")[2]), locale)


@lru_cache(maxsize=4096)
def _percent(number: str, locale: Locale) -> str:
    return _patterned(Decimal(number) / 100, locale.percent_formats[None], 1, locale)


def _patterned(number: Decimal, usual: NumberPattern, places: int, locale: Locale) -> str:
    from babel.numbers import parse_pattern

    pattern = parse_pattern(usual.pattern)  # a copy
    pattern.frac_prec = (places, places)
    written: str = pattern.apply(number, locale)
    return written
