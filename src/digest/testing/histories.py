"""Random histories of arXiv: what is announced over one to four weeks, and the nights on which somebody asks.

``make_history(seed)`` gives the same history for a seed, for ever: papers in followed and other categories; later
versions with another title, abstract or comment; cross-lists announced later; withdrawals; old papers that come up
again under their old identifiers; holds of up to two weeks; weekends, arXiv's holidays, both clock changes of 2026,
month and year ends; a day on which nothing is announced although the calendar expects it. The texts are made of a few
dozen words, so that keywords recur and papers are related.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from digest.testing.serving.schedule import submission_for

Record = Mapping[str, Any]
"""A paper as the fake arXiv takes it."""

DAY = timedelta(days=1)

UNLABELLED = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-12-26", "2025-12-31", "2026-01-02", "2026-01-20", "2026-06-22", "2026-07-06", "2026-09-08"),
        *("2026-11-27", "2026-12-28", "2026-12-30", "2027-01-01"),
    )
)
"""Weekdays under which arXiv announces nothing: each the weekday after a holiday. Written down here once more, so that
a mistake of ``digest.arxiv.schedule`` does not agree with itself."""

STARTS = (
    date(2025, 12, 15),  # the year's end and its holidays
    date(2026, 1, 12),
    date(2026, 2, 24),  # a month of 28 days; the clocks change on 8 March
    date(2026, 6, 8),
    date(2026, 6, 24),
    date(2026, 8, 28),
    date(2026, 10, 19),  # the clocks change on 1 November
    date(2026, 11, 16),
    date(2026, 12, 14),
)

FOLLOWED = ("cs.CL", "cs.LG", "stat.ML", "math.CO", "cs.IT", "astro-ph.GA")
OTHERS = ("cs.AI", "cs.CR", "eess.SP", "math.NT", "hep-th", "q-bio.NC")
ALIAS = {"cs.IT": "math.IT"}
"""A category that always comes with its other name."""

OLD_IDS = ("math/0309136", "hep-th/9901001", "cs/0112017", "astro-ph/0411275", "1203.4471", "0704.0009", "2107.12345")

TERMS = (
    *("sparse attention", "graph pruning", "spectral clustering", "token routing", "contrastive pretraining"),
    *("low-rank adaptation", "retrieval augmentation", "knowledge distillation", "tensor decomposition"),
    *("random walks", "extremal graphs", "polar codes", "rate distortion", "dark matter haloes", "stellar streams"),
    *("causal discovery", "variational inference", "speculative decoding", "prompt compression", "optimal transport"),
)
COINED = ("Harrow", "Tessel", "Quillon", "Marrow", "Lantern", "Sedge", "Pivotal", "Ombra")
SENTENCES = (
    "We study {a} and its relation to {b}.",
    "Existing methods for {a} fail when {b} is used at scale.",
    "We propose {name}, which combines {a} with {b} in one model.",
    "Experiments on {n} benchmarks show that {name} improves {a} by {n} percent.",
    "A proof shows that {a} bounds {b} up to a constant factor.",
    "Our analysis explains why {a} helps, and when {b} does not.",
    "Code and data for {a} are released.",
)
PEOPLE = ("Ilse Marwick", "Tomasz Okonedo", "Bérénice Adlam", "Jun Hatori", "Ravi Colm", "Zoë Tarn", "Émile Vast")


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """*nights* are aware UTC and rise; the last of them is the one more run, after everything was announced."""

    seed: int
    categories: tuple[str, ...]  # those that are followed
    papers: tuple[Record, ...]
    nights: tuple[datetime, ...]


def make_history(seed: int, *, weeks: int = 4, outages: bool = True) -> History:
    """The history of *seed*, at most *weeks* long; without *outages*, somebody asks at least every day."""
    dice = random.Random(seed)
    first = dice.choice((*STARTS, date(2026, 1, 5) + DAY * dice.randrange(340)))
    last = first + DAY * dice.randrange(6, 7 * weeks)
    categories = tuple(dice.sample(FOLLOWED, dice.randint(1, 4)))
    mailings = [day for day in _days(first - 7 * DAY, last + 7 * DAY) if _is_label(day) and dice.random() > 0.04]
    labels = [day for day in mailings if first <= day <= last]
    papers = (*_new_papers(dice, labels, categories), *_old_papers(dice, labels, categories), *_elsewhere(mailings))
    nights = _nights(dice, first, last, outages=outages)
    return History(seed=seed, categories=categories, papers=papers, nights=nights)


def make_mailings(seed: int, *, mailings: int, papers: int) -> History:
    """A history of so many days with a mailing, each of some *papers*, and somebody who asks every morning.

    No paper is replaced before it is cross-listed, or with it: a feed has one word for both, and arXiv's catch-up pages
    tell of a replacement in all the categories that the paper has today.
    """
    dice = random.Random(f"mailings {seed}")
    first = date(2026, 2, 24)
    labels = [day for day in _days(first, first + 2 * mailings * DAY) if _is_label(day)][:mailings]
    categories = tuple(FOLLOWED)
    about = range(papers * 4 // 5, papers * 6 // 5 + 1)
    found = (*_new_papers(dice, labels, categories, a_day=about), *_old_papers(dice, labels, categories))
    nights = [datetime.combine(day, time(7), UTC) for day in _days(labels[0], labels[-1])]
    plain = tuple(paper for paper in found if max(_crossing(paper), default="") < min(_changing(paper), default="A"))
    return History(seed=seed, categories=categories, papers=plain, nights=tuple(nights))


def _crossing(paper: Record) -> set[str]:
    return {cross["announced"] for cross in paper.get("crosses", ())}


def _changing(paper: Record) -> set[str]:
    withdrawal = [paper["withdrawn"]] if "withdrawn" in paper else []
    return {change["announced"] for change in (*paper.get("versions", ()), *withdrawal)}


def _days(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


def _is_label(day: date) -> bool:
    return day.weekday() < 5 and day not in UNLABELLED


# --- papers ----------------------------------------------------------------------------------------------------------


def _new_papers(
    dice: random.Random, labels: Sequence[date], followed: Sequence[str], *, a_day: Sequence[int] = (1, 1, 2, 3, 4)
) -> Iterator[Record]:
    number = 0
    for place, label in enumerate(labels):
        for _ in range(dice.choice(a_day)):
            number += 1
            held = dice.randint(1, 14) if dice.random() < 0.12 else 0
            submitted = submission_for(label, str(number)) - DAY * held
            categories = _categories(dice, followed)
            yield {
                "id": f"{submitted:%y%m}.{10000 + 7 * number:05}",
                "first_seen": label.isoformat(),
                "published": submitted.isoformat(),
                **_text(dice),
                "authors": dice.sample(PEOPLE, dice.randint(1, 4)),
                "categories": categories,
                **_fates(dice, labels[place + 1 :], [c for c in (*followed, *OTHERS) if c not in categories]),
            }


def _old_papers(dice: random.Random, labels: Sequence[date], followed: Sequence[str]) -> Iterator[Record]:
    """Papers of long ago, of most of which something is announced again."""
    for identifier in dice.sample(OLD_IDS, dice.randint(0, 3)):
        archive = identifier.partition("/")[0] if "/" in identifier else ""
        primary = {"math": "math.CO", "cs": "cs.CL", "astro-ph": "astro-ph.GA"}.get(archive, archive)
        categories = [primary] if primary else _categories(dice, followed)
        yield {
            "id": identifier,
            "first_seen": "2012-03-21",
            **_text(dice),
            "authors": dice.sample(PEOPLE, 2),
            "categories": categories,
            **_fates(dice, labels, [c for c in (*followed, *OTHERS) if c not in categories], likely=3.0),
        }


def _elsewhere(mailings: Sequence[date]) -> Iterator[Record]:
    """What makes each day a day with a mailing, whatever is in the categories of the history."""
    for number, label in enumerate(mailings):
        yield {
            "id": f"{submission_for(label, 'x'):%y%m}.{5000 + number:05}",
            "first_seen": label.isoformat(),
            "title": "Lattice Sums",
            "abstract": "We compute lattice sums.",
            "authors": [PEOPLE[0]],
            "categories": ["hep-lat"],
        }


def _text(dice: random.Random) -> dict[str, str]:
    a, b = dice.sample(TERMS, 2)
    name = dice.choice(COINED)
    title = dice.choice(("{name}: {a} for {b}", "On {a}", "{a} Meets {b}", "{name}: Faster {a}")).format(
        name=name, a=a.title(), b=b.title()
    )
    chosen = dice.sample(SENTENCES, dice.randint(2, 4))
    pairs = [dice.sample((a, b, dice.choice(TERMS)), 2) for _ in chosen]
    told = [s.format(a=x, b=y, name=name, n=dice.randint(2, 9)) for s, (x, y) in zip(chosen, pairs, strict=True)]
    return {"title": title, "abstract": " ".join(sentence[0].upper() + sentence[1:] for sentence in told)}


def _categories(dice: random.Random, followed: Sequence[str]) -> list[str]:
    """Most papers are in a followed category, some only beside another."""
    others = [c for c in (*FOLLOWED, *OTHERS) if c not in followed]
    chosen = dice.sample(others, dice.randint(0, 2))
    if dice.random() < 0.8:
        chosen.insert(dice.choice((0, 0, len(chosen))), dice.choice(followed))
    return [name for c in chosen or [others[0]] for name in (c, ALIAS.get(c)) if name]


def _fates(
    dice: random.Random, later: Sequence[date], strange: Sequence[str], *, likely: float = 1.0
) -> dict[str, Any]:
    """What becomes of a paper on *later* days: a cross-list to one of *strange*, versions, a withdrawal.

    The cross-list comes before the others: arXiv's pages of an earlier day show a replacement in the categories that the
    paper has joined since, and its feed has one word where a paper is replaced and cross-listed on one day.
    """
    found: dict[str, Any] = {}
    if later and dice.random() < 0.15 * likely:
        category = dice.choice([c for c in strange if c not in ALIAS])
        crossed = dice.choice(later)
        found["crosses"] = [{"category": category, "announced": crossed.isoformat()}]
        later = [day for day in later if day > crossed]
    if later and dice.random() < 0.2 * likely:
        days = sorted(dice.sample(later, min(len(later), dice.choice((1, 1, 2)))))
        found["versions"] = [_version(dice, number, day) for number, day in enumerate(days, 2)]
    after = [day for day in later if all(day.isoformat() > v["announced"] for v in found.get("versions", ()))]
    if after and dice.random() < 0.06 * likely:
        found["withdrawn"] = {"announced": dice.choice(after).isoformat(), "comment": "Withdrawn: lemma 2 is wrong"}
    return found


def _version(dice: random.Random, number: int, day: date) -> dict[str, Any]:
    changed = dice.choice((("title", "abstract"), ("abstract",), ("title",), ("comment",), ()))
    text = {**_text(dice), "comment": f"version {number}, {dice.randint(5, 40)} pages"}
    return {"version": number, "announced": day.isoformat(), **{key: text[key] for key in changed}}


# --- nights ----------------------------------------------------------------------------------------------------------


def _nights(dice: random.Random, first: date, last: date, *, outages: bool) -> tuple[datetime, ...]:
    """A moment on each day, at one hour or at any; some are missing, one or up to ten in a row."""
    usual = dice.randrange(24 * 60) if dice.random() < 0.5 else None
    nights, missing = [], 0
    for day in _days(first, last):
        if outages and dice.random() < 0.08:
            missing = max(missing, dice.choice((1, 1, 2, 3, 10)))
        if missing and day > first:
            missing -= 1
            continue
        minute = usual if usual is not None else dice.randrange(24 * 60)
        nights.append(datetime.combine(day, time(), UTC) + timedelta(minutes=minute))
    end = datetime.combine(last + DAY * dice.randint(2, 4), time(12), UTC)
    return (*nights, end)
