"""What the fake arXiv holds: papers with their versions, and what of them is public at an instant.

Everything that a paper's record does not say is made up from its identifier, so it is the same in every run. The
groups of archives and the aliases are written down here a second time on purpose: a fake that shared them with
``digest.taxonomy`` would agree with its mistakes.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from digest.testing.serving.people import name_of, split_authors
from digest.testing.serving.schedule import announcement, label, made_up, submission_for

LICENSES = (
    "http://creativecommons.org/licenses/by/4.0/",
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "http://creativecommons.org/licenses/by-nc-sa/4.0/",
    "http://creativecommons.org/publicdomain/zero/1.0/",
)

PHYSICS = frozenset(
    (
        "astro-ph",
        "cond-mat",
        "gr-qc",
        "hep-ex",
        "hep-lat",
        "hep-ph",
        "hep-th",
        "math-ph",
        "nlin",
        "nucl-ex",
        "nucl-th",
        "physics",
        "quant-ph",
    )
)
"""Archives of arXiv's group ``physics``; every other archive is a group of its own."""

SUBSUMED = {
    "acc-phys": "physics.acc-ph",
    "adap-org": "nlin.AO",
    "alg-geom": "math.AG",
    "ao-sci": "physics.ao-ph",
    "atom-ph": "physics.atom-ph",
    "bayes-an": "physics.data-an",
    "chao-dyn": "nlin.CD",
    "chem-ph": "physics.chem-ph",
    "cmp-lg": "cs.CL",
    "comp-gas": "nlin.CG",
    "dg-ga": "math.DG",
    "funct-an": "math.FA",
    "mtrl-th": "cond-mat.mtrl-sci",
    "patt-sol": "nlin.PS",
    "plasm-ph": "physics.plasm-ph",
    "q-alg": "math.QA",
    "solv-int": "nlin.SI",
    "supr-con": "cond-mat.supr-con",
}

_PAIRS = (
    ("cs.IT", "math.IT"),
    ("cs.NA", "math.NA"),
    ("cs.SY", "eess.SY"),
    ("econ.GN", "q-fin.EC"),
    ("math-ph", "math.MP"),
    ("math.ST", "stat.TH"),
)
ALIASES = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


# --- categories ------------------------------------------------------------------------------------------------------


def archive_of(category: str) -> str:
    return category.partition(".")[0]


def group_of(category: str) -> str:
    archive = archive_of(category)
    return "physics" if archive in PHYSICS else archive


def with_alias(category: str) -> tuple[str, ...]:
    """The category and, where arXiv has two names for it, the other."""
    return (category, ALIASES[category]) if category in ALIASES else (category,)


def set_specs(categories: Iterable[str]) -> tuple[str, ...]:
    """OAI's sets of a paper, ``group[:archive[:CATEGORY]]``, in the order of its categories, each once."""
    specs: dict[str, None] = {}
    for category in categories:
        for name in with_alias(SUBSUMED.get(category, category)):
            specs[":".join((group_of(name), *name.split(".", 1)))] = None
    return tuple(specs)


# --- papers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version as submitted; times are aware UTC."""

    number: int
    submitted: datetime
    announced: date
    title: str
    abstract: str
    comment: str
    kilobytes: int
    source_type: str  # arXiv's flag: "D" made of TeX and more, "I" withdrawn, "" plain TeX

    @property
    def is_withdrawal(self) -> bool:
        return self.source_type == "I"


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """Everything that arXiv will ever say about one paper."""

    id: str
    authors: tuple[str, ...]  # as on the abstract page, an affiliation in parentheses behind the name
    author_line: str
    submitter: str
    categories: tuple[str, ...]  # primary first, later crosses included
    crosses: Mapping[str, date]  # categories that it got after it was announced
    versions: tuple[Version, ...]
    journal_ref: str
    doi: str
    license: str
    classes: Mapping[str, str]  # OAI's seldom fields: proxy, report-no, msc-class, acm-class
    html: str | bool  # the page; True: one is made up, "" or False: it has none

    @property
    def first_seen(self) -> date:
        return self.versions[0].announced

    def days(self) -> set[date]:
        """The labels of all mailings that mention it."""
        return {version.announced for version in self.versions} | set(self.crosses.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A paper as it is public at some instant."""

    article: Article
    versions: tuple[Version, ...]  # those announced, oldest first
    categories: tuple[str, ...]  # those it has by then
    modified: datetime  # when the last change was announced, UTC

    @property
    def id(self) -> str:
        return self.article.id

    @property
    def current(self) -> Version:
        return self.versions[-1]

    @property
    def published(self) -> datetime:
        return self.versions[0].submitted

    @property
    def order(self) -> tuple[datetime, str]:
        return self.modified, self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A paper as a line of one day's mailing, for one question."""

    view: View
    kind: str  # new, cross, replace, replace-cross: relative to the categories asked for


def article(record: Mapping[str, Any]) -> Article:
    """Make an article of one record (a line of a papers file); ValueError says what is wrong with it."""
    identifier = record.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise ValueError("a paper needs an id")
    try:
        return _article(identifier, record)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"paper {identifier}: {type(error).__name__}: {error}") from error


def _article(identifier: str, record: Mapping[str, Any]) -> Article:
    authors, line = _authors(identifier, record.get("authors"))
    categories = tuple(record.get("categories") or ("cs.LG",))
    crosses = {cross["category"]: _day(cross["announced"]) for cross in record.get("crosses", ())}
    license_uri = record.get("license")
    if license_uri is None:
        license_uri = LICENSES[made_up(identifier + " license", 10) % len(LICENSES)]
    return Article(
        id=identifier,
        authors=authors,
        author_line=line,
        submitter=record.get("submitter") or (authors and name_of(authors[0])) or "arXiv Admin",
        categories=tuple(dict.fromkeys((*categories, *crosses))),
        crosses=crosses,
        versions=_versions(identifier, record),
        journal_ref=record.get("journal_ref") or "",
        doi=record.get("doi") or "",
        license=license_uri,
        classes=record.get("classes") or {},
        html=record.get("html", True) or "",
    )


def _authors(identifier: str, told: object) -> tuple[tuple[str, ...], str]:
    """The authors and their line; a line may be given, as OAI has it, or a list, as the feeds have it."""
    if told is None:
        given, family = ("Ada", "Bram", "Cleo", "Dion", "Esra", "Finn"), ("Aldermoor", "Brightwater", "Castellow")
        number = made_up(identifier + " author", len(given) * len(family))
        told = [f"{given[number % len(given)]} {family[number // len(given)]}"]
    if isinstance(told, str):
        return tuple(split_authors(told)), told
    if not isinstance(told, Sequence):
        raise TypeError(f"authors must be a list or a line, not {told!r}")
    return tuple(told), ", ".join(told)


def _versions(identifier: str, record: Mapping[str, Any]) -> tuple[Version, ...]:
    told = sorted(record.get("versions", ()), key=lambda version: int(version["version"]))
    if not told or int(told[0]["version"]) != 1:
        told.insert(0, {"version": 1})
    first = {"date": record.get("published"), "announced": record.get("first_seen")}
    told[0] = {**first, **told[0]}
    withdrawn = record.get("withdrawn")
    if withdrawn and not (len(told) > 1 and _day(told[-1].get("announced")) == _day(withdrawn["announced"])):
        told.append({"version": int(told[-1]["version"]) + 1, "announced": withdrawn["announced"]})
    if withdrawn:
        told[-1] = {"comment": withdrawn.get("comment", ""), **told[-1], "source_type": "I", "kilobytes": 0}
    versions: list[Version] = []
    text = {"title": record["title"], "abstract": record["abstract"], "comment": record.get("comment") or ""}
    for version in told:
        text = {key: version.get(key, value) for key, value in text.items()}
        versions.append(_version(identifier, version, text))
    return tuple(versions)


def _version(identifier: str, told: Mapping[str, Any], text: Mapping[str, str]) -> Version:
    number = int(told["version"])
    key = f"{identifier}v{number}"
    if not told.get("announced") and not told.get("date"):
        raise ValueError(f"version {number} has neither a date nor an announced day")
    day = _day(told["announced"]) if told.get("announced") else label(instant(told["date"]))
    return Version(
        number=number,
        submitted=instant(told["date"]) if told.get("date") else submission_for(day, key),
        announced=day,
        kilobytes=int(told.get("kilobytes", 40 + made_up(key + " size", 9000))),
        source_type=told.get("source_type", "D" if made_up(key + " type", 4) else ""),
        **text,
    )


def _day(told: str | date) -> date:
    return told if isinstance(told, date) else date.fromisoformat(told)


def instant(told: str | datetime) -> datetime:
    """An instant as aware UTC; without a zone it is taken for UTC."""
    parsed = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


# --- the archive -----------------------------------------------------------------------------------------------------


class Snapshot:
    """What is public at one instant; the same between two mailings."""

    def __init__(self, articles: Iterable[Article], now: datetime) -> None:
        self.now = now
        self.by_id = {view.id: view for view in (view_at(one, now) for one in articles) if view}
        self._by_change: list[View] | None = None

    @property
    def by_change(self) -> list[View]:
        """All that is public, in OAI's order: by last change, then by identifier."""
        if self._by_change is None:
            self._by_change = sorted(self.by_id.values(), key=lambda view: view.order)
        return self._by_change

    def changed(self, first: datetime, last: datetime) -> list[View]:
        """Those whose last change lies in [*first*, *last*], in OAI's order."""
        low = bisect.bisect_left(self.by_change, first, key=lambda view: view.modified)
        high = bisect.bisect_right(self.by_change, last, key=lambda view: view.modified)
        return self.by_change[low:high]


def view_at(one: Article, now: datetime) -> View | None:
    """*one* as it is public at *now*; None when it is not announced yet."""
    versions = tuple(version for version in one.versions if announcement(version.announced) <= now)
    if not versions:
        return None
    crossed = [day for day in one.crosses.values() if announcement(day) <= now]
    pending = {category for category, day in one.crosses.items() if announcement(day) > now}
    return View(
        article=one,
        versions=versions,
        categories=tuple(category for category in one.categories if category not in pending),
        modified=announcement(max([version.announced for version in versions] + crossed)),
    )


class Archive:
    """All papers that the fake arXiv knows, the future ones included."""

    def __init__(self, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self._articles: dict[str, Article] = {}
        self._mailings: defaultdict[date, dict[str, None]] = defaultdict(dict)
        self._snapshot: Snapshot | None = None
        self.add(records)

    def __len__(self) -> int:
        return len(self._articles)

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add papers; one that is known by its identifier is replaced."""
        for record in records:
            one = article(record)
            for mailing in self._mailings.values() if one.id in self._articles else ():
                mailing.pop(one.id, None)
            self._articles[one.id] = one
            for day in one.days():
                self._mailings[day][one.id] = None
        self._labels = sorted(day for day, mailing in self._mailings.items() if mailing)
        self._snapshot = None

    @property
    def articles(self) -> Iterable[Article]:
        """All papers, the future ones included."""
        return self._articles.values()

    def at(self, now: datetime) -> Snapshot:
        """What is public at *now*; asked again before the next mailing, the answer is not computed again."""
        known = self._snapshot
        if known is None or self.latest_label(known.now) != self.latest_label(now):
            known = self._snapshot = Snapshot(self._articles.values(), now)
        return known

    @property
    def labels(self) -> tuple[date, ...]:
        """The labels of all mailings, the future ones included, oldest first."""
        return tuple(self._labels)

    def latest_label(self, now: datetime) -> date | None:
        """The label of the last mailing that went out by *now*."""
        out = bisect.bisect_right(self._labels, now, key=announcement)
        return self._labels[out - 1] if out else None

    def label_after(self, day: date, now: datetime) -> date | None:
        """The label of the first mailing after *day* that went out by *now*."""
        later = [one for one in self._labels[bisect.bisect_right(self._labels, day) :] if announcement(one) <= now]
        return later[0] if later else None

    def mailing(self, day: date, categories: Iterable[str], now: datetime) -> list[Item]:
        """The lines of the mailing *day* for *categories*: new, cross, replace, replace-cross, each by identifier.

        Replacements from version 6 on are left out, as arXiv does.
        """
        asked = {name for category in categories for name in with_alias(category)}
        public = self.at(now).by_id
        views = (public[one] for one in self._mailings.get(day, ()) if one in public)
        items = [Item(view=view, kind=kind) for view in views if (kind := _kind(view, day, asked))]
        return sorted(items, key=lambda item: (KINDS.index(item.kind), item.view.id))


KINDS = ("new", "cross", "replace", "replace-cross")


def _kind(view: View, day: date, asked: set[str]) -> str | None:
    one = view.article
    primary = one.categories[0] in asked
    if asked.isdisjoint(view.categories):
        return None
    if one.first_seen == day:
        initial = (category for category in one.categories if one.crosses.get(category, day) <= day)
        return None if asked.isdisjoint(initial) else "new" if primary else "cross"
    if any(crossed == day and category in asked for category, crossed in one.crosses.items()):
        return "cross"
    if any(version.announced == day and 1 < version.number < 6 for version in view.versions):
        return "replace" if primary else "replace-cross"
    return None
