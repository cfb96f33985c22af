"""What a day has brought to itself, its week and its month, written down when it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from digest import decide
from digest.catalogue.store import Catalogue, PageKey
from digest.model import Course, Trend
from digest.periods import Kind, Period, day_of, month_of, of_days, week_of
from digest.pipeline.lately import trends_within

PAST: Mapping[Kind, int] = {"day": 30, "week": 84, "month": 365}
"""Days before a time with which it is compared."""

LEAST: Mapping[Kind, int] = {"day": 1, "week": 3, "month": 3}
"""Papers that link a keyword: with fewer none rises."""

LOOKED_AT = 500
"""Keywords of a time that are compared with their past; of all times, three fifths as many are looked at for fading."""

TOLD = 20
"""Keywords told of on each side."""


def write(catalogue: Catalogue, day: date) -> None:
    """Write down the news of *day*, its week and its month, and which of their papers most others are near."""
    for when in (day_of(day), week_of(day), month_of(day)):
        catalogue.chronicle.set_news(when, _news(catalogue, when))
        if when.kind != "day":
            catalogue.chronicle.rank_central(when, TOLD)


def _news(catalogue: Catalogue, when: Period) -> dict[str, Trend]:
    """The keywords that rise and fade, the furthest from their past first; of a day, also those of most papers."""
    own = catalogue.chronicle.frequent(when, least=LEAST[when.kind], limit=LOOKED_AT)
    common = catalogue.chronicle.common(LOOKED_AT * 3 // 5)
    found = trends_within(catalogue, when, list(dict.fromkeys([*own, *common])), past=PAST[when.kind])
    told = own[:TOLD] if when.kind == "day" else []
    for course in (Course.RISING, Course.FADING):
        told += decide.furthest(found, course)[:TOLD]
    return {name: found[name] for name in told if name in found}


def make_pages(catalogue: Catalogue, days: Iterable[date]) -> set[PageKey]:
    """Give each week and month of *days* that has a day page one of its own, and take it from one that has none.

    The pages that this concerns: theirs, and where one has come or gone, those beside it and of its months or weeks.
    """
    from digest.pipeline.settle import place
    from digest.render import names

    concerned: set[PageKey] = set()
    for when in sorted(of_days(days), key=lambda when: (when.kind, when.key)):
        page = PageKey(when.kind, when.key)
        if when.kind == "day":
            continue
        if catalogue.days_within(when):
            is_other = place(catalogue, page, names.period_path(when), when.first)
            concerned.add(page)
        elif is_other := catalogue.path(page) is not None:
            catalogue.take_page(page)
        if is_other:
            concerned |= {other for other in catalogue.beside(page) if other}
            concerned |= {other for other in catalogue.pages_of(when) if other.kind != "day"}
    return {page for page in concerned if catalogue.path(page)}
