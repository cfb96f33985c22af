"""arXiv's own pages of a mailing, the third witness: ``/list/<category>/new`` and ``/catchup/<category>/<day>``.

A page says how many entries it has and how many it shows. What is read from it is counted against both, because a
page that is cut, or one that changes while its other pages are asked for, looks like a smaller day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bs4 import BeautifulSoup

from digest import identifiers
from digest.arxiv import wellformed
from digest.arxiv.session import Answer, Session
from digest.errors import IdentifierError, SourceError
from digest.model import AnnounceType, PaperId, Verdict

NEW, CATCHUP = "list", "catchup"
"""The two sources, as errors name them."""

PAGE: Final = 2000
"""Entries on a page, at most."""

CATCHUP_DAYS: Final = 90
"""How many days back arXiv tells a mailing."""

LIMIT_BYTES: Final = 32 * 1024 * 1024
_MOST_PAGES: Final = 20
_LONGEST_QUOTE: Final = 200

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KINDS: Final = {"New": AnnounceType.NEW, "Cross": AnnounceType.CROSS, "Replacement": AnnounceType.REPLACE}
_HEADINGS: Final = {
    NEW: re.compile(r"Showing new listings for (.+)"),
    CATCHUP: re.compile(r"Catchup results for .* on (.+)"),
}
_DATE: Final = re.compile(r"(?:[A-Za-z]+, )?(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})")
_SECTION: Final = re.compile(r"(New|Cross|Replacement) submissions\b")
_SHOWN: Final = re.compile(r"\((?:continued, )?showing (?:first |last )?([\d,]+) of ([\d,]+) entries ?\)")
_TOTAL: Final = re.compile(r"\bTotal of ([\d,]+) entries\b")
_NOTHING: Final = re.compile(r"\bNo (?:further )?updates (?:today|for)\b")
_ABSTRACT_PAGE: Final = re.compile(r"/abs/([^?#]+)")
_CATCHUP_PAGE: Final = re.compile(r"/catchup/[^/]+/(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper on a listing, and the section that it is in: NEW, CROSS, or REPLACE for replacements of both kinds."""

    id: PaperId
    section: AnnounceType


@dataclass(frozen=True, slots=True)
class Listing:
    """What arXiv's page says was announced in one category, in the page's order, each paper once."""

    day: date | None  # the label of the mailing; None when an empty page does not tell it
    entries: tuple[Listed, ...]
    announced: Mapping[AnnounceType, int]  # entries of a section as its heading counts them; no key: no such section
    complete: bool  # all that is counted was read
    next_day: date | None  # the next day that a catch-up page leads to
    faults: tuple[str, ...] = ()  # a sentence for each entry that was refused


@dataclass(frozen=True, slots=True)
class _Page:
    """One page, counted against its own headings."""

    day: date | None
    lines: tuple[Listed, ...]  # as they stand
    announced: Mapping[AnnounceType, int]
    total: int | None  # of the whole mailing, where it is told
    next_day: date | None
    faults: tuple[str, ...]


def new(session: Session, site_url: str, category: str) -> Listing:
    """Ask for the last mailing of *category*, all of its pages.

    Raises SourceError: CUT_SHORT for a page that ends early or shows fewer entries than it counts, and when the pages
    do not belong together; MALFORMED for a page that is no listing, or another status than 200; and what the session
    raises.
    """

    def ask(before: Sequence[_Page]) -> _Page:
        seen = sum(len(page.lines) + len(page.faults) for page in before)
        params = {"skip": str(seen), "show": str(PAGE)}
        return _ask(session, f"{site_url.rstrip('/')}/list/{category}/new", params, NEW, category)

    return _join(_all_pages(ask, NEW, category))


def catchup(session: Session, site_url: str, category: str, day: date) -> Listing:
    """Ask for the mailing *day* of *category*, all of its pages; *day* is at most ``CATCHUP_DAYS`` back.

    A day without a mailing has a complete listing without entries. Raises SourceError as ``new`` does, and MALFORMED
    for a page of another day.
    """

    def ask(before: Sequence[_Page]) -> _Page:
        params = {"abs": "True", "page": str(len(before) + 1)}
        return _ask(session, f"{site_url.rstrip('/')}/catchup/{category}/{day}", params, CATCHUP, category, day)

    return _join(_all_pages(ask, CATCHUP, category))


def parse_new(body: bytes, *, category: str) -> Listing:
    """Read one page of ``/list/<category>/new``; ``complete`` only when it shows the whole mailing.

    Raises SourceError as ``new`` does, and THROTTLED for "Rate exceeded.".
    """
    return _join([_page(body, NEW, category)])


def parse_catchup(body: bytes, *, category: str, day: date) -> Listing:
    """Read one page of ``/catchup/<category>/<day>``; ``complete`` only when it shows the whole mailing.

    Raises SourceError as ``catchup`` does, and THROTTLED for "Rate exceeded.".
    """
    return _join([_page(body, CATCHUP, category, day)])


# --- pages -----------------------------------------------------------------------------------------------------------


def _ask(
    session: Session, url: str, params: Mapping[str, str], source: str, category: str, day: date | None = None
) -> _Page:
    """Ask for a page, again while it cannot be believed; it is read once, by the session's check."""
    pages: list[_Page] = []

    def check(answer: Answer) -> None:
        pages.append(_page(answer.body, source, category, day, content_type=answer.content_type))

    answer = session.get(url, params, source=source, limit_bytes=LIMIT_BYTES, check=check)
    if answer.status != 200 or not pages:
        message = f"{category}: HTTP {answer.status}; arXiv says: {_reason(answer.body)}"
        raise SourceError(source, Verdict.MALFORMED, message)
    return pages[-1]


def _all_pages(ask: Callable[[Sequence[_Page]], _Page], source: str, category: str) -> list[_Page]:
    """All pages of a mailing; *ask* is given those before. Raises SourceError, CUT_SHORT, when they do not add up."""
    pages = [ask(())]
    while (seen := len(_told(pages))) < _total(pages):
        page = ask(pages)
        if not _belongs(page, pages[-1]):
            message = f"{category}: a new mailing came out while its pages were read; ask again"
            raise SourceError(source, Verdict.CUT_SHORT, message)
        pages.append(page)
        if len(_told(pages)) == seen or len(pages) > _MOST_PAGES:
            message = f"{category}: {seen} entries of {_total(pages)} that arXiv counts; page {len(pages)} has no more"
            raise SourceError(source, Verdict.CUT_SHORT, message)
    return pages


def _belongs(page: _Page, before: _Page) -> bool:
    """Say whether two pages can be of one mailing: they have one day, one total, and count their sections alike."""
    common = page.announced.keys() & before.announced.keys()
    alike = all(page.announced[section] == before.announced[section] for section in common)
    return alike and (page.day, page.total) == (before.day, before.total)


def _told(pages: Sequence[_Page]) -> set[tuple[str, str]]:
    """The different lines of *pages*, those that were refused among them."""
    lines = {(line.id, line.section) for page in pages for line in page.lines}
    return lines | {(fault, "") for page in pages for fault in page.faults}


def _total(pages: Sequence[_Page]) -> int:
    told = pages[0].total
    return sum(_announced(pages).values()) if told is None else told


def _announced(pages: Sequence[_Page]) -> dict[AnnounceType, int]:
    return {kind: count for page in pages for kind, count in page.announced.items()}


def _join(pages: Sequence[_Page]) -> Listing:
    faults = tuple(fault for page in pages for fault in page.faults)
    entries = {line.id: line for page in reversed(pages) for line in reversed(page.lines)}
    # Without a total, later sections could begin on a page that is not here.
    known = pages[0].total is not None or len(_told(pages[-1:])) < PAGE
    return Listing(
        day=pages[0].day,
        entries=tuple(reversed(entries.values())),
        announced=_announced(pages),
        complete=known and not faults and len(_told(pages)) == _total(pages),
        next_day=pages[0].next_day,
        faults=faults,
    )


# --- one page --------------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The page cannot be believed; the second argument is the verdict."""


def _page(body: bytes, source: str, category: str, day: date | None = None, *, content_type: str = "") -> _Page:
    try:
        text = _whole(body)
        if not wellformed.is_web_page(content_type):
            raise _Refused(f"the answer calls itself {content_type}, not a web page", Verdict.MALFORMED)
        return _read(text, source, day)
    except _Refused as refusal:
        message, verdict = refusal.args
        raise SourceError(source, verdict, f"{category}: {message}") from refusal


def _whole(body: bytes) -> str:
    """The text of a web page that ends as it should: a parser of HTML would close what was cut."""
    text = body.decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not text:
        raise _Refused("the page is empty; try again later", Verdict.CUT_SHORT)
    if not text.startswith("<"):
        verdict = Verdict.THROTTLED if "rate exceeded" in text[:_LONGEST_QUOTE].casefold() else Verdict.MALFORMED
        raise _Refused(f"expected a web page, was told {text[:_LONGEST_QUOTE]!r}", verdict)
    if not re.match(r"<(?:!doctype\s+html|html)\b", text, re.IGNORECASE) and not "<!doctype html".startswith(
        text.lower()
    ):
        raise _Refused(f"expected a web page, got {text[:_LONGEST_QUOTE]!r}", Verdict.MALFORMED)
    if not re.search(r"</html\s*>", text[-_LONGEST_QUOTE:], re.IGNORECASE):
        raise _Refused("the page ends early; try again later", Verdict.CUT_SHORT)
    return text


def _read(text: str, source: str, asked: date | None) -> _Page:
    soup = BeautifulSoup(text, "lxml")
    for description in soup.find_all("dd"):  # what authors wrote; it could say anything
        description.decompose()
    beside = _words_of(soup)
    is_empty = _NOTHING.search(beside) is not None
    day = _day(soup, source)
    if day is None and not (is_empty and asked is None):
        raise _Refused(f"a web page{_title(soup)} that is no listing", Verdict.MALFORMED)
    if asked is not None and day != asked:
        raise _Refused(f"asked for {asked}, got the page of {day}", Verdict.MALFORMED)
    lines, announced, faults = _sections(soup)
    total = _number(told[1]) if (told := _TOTAL.search(beside)) else None
    if total is not None and sum(announced.values()) > total:
        raise _Refused(f"{sum(announced.values())} entries in sections, of {total} in all", Verdict.MALFORMED)
    if not announced and not is_empty and total != 0:
        raise _Refused("the page has neither entries nor a word that there are none", Verdict.MALFORMED)
    return _Page(day, lines, announced, total, _next_day(soup, day), faults)


def _day(soup: BeautifulSoup, source: str) -> date | None:
    """The day that the page's heading names."""
    for heading in soup.find_all(["h1", "h3"]):
        if (match := _HEADINGS[source].search(_words_of(heading))) and (told := _DATE.fullmatch(match[1])):
            try:
                return date(int(told[3]), _MONTHS.index(told[2].lower()) + 1, int(told[1]))
            except ValueError as error:
                raise _Refused(f"{match[1]!r} is no date", Verdict.MALFORMED) from error
    return None


def _next_day(soup: BeautifulSoup, day: date | None) -> date | None:
    """The nearest later day that a link leads to; its words have changed over the years, its address has not."""
    told = (_CATCHUP_PAGE.search(str(link["href"])) for link in soup.find_all("a", href=_CATCHUP_PAGE))
    days = {date.fromisoformat(match[1]) for match in told if match and _is_date(match[1])}
    return min((one for one in days if day is not None and one > day), default=None)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _sections(soup: BeautifulSoup) -> tuple[tuple[Listed, ...], dict[AnnounceType, int], tuple[str, ...]]:
    """The lines, what each section's heading counts in all, and a sentence for each line that was refused.

    Raises _Refused when a section has not as many lines as its heading says that it shows.
    """
    lines: list[Listed] = []
    faults: list[str] = []
    shown: dict[AnnounceType, int] = {}
    announced: dict[AnnounceType, int] = {}
    found: Counter[AnnounceType] = Counter()
    section: AnnounceType | None = None
    for node in soup.find_all(["h3", "dt"]):
        if node.name == "h3":
            if heading := _SECTION.match(_words_of(node)):
                section = _KINDS[heading[1]]
                shown[section], announced[section] = _counts(_words_of(node))
            continue
        if section is None:
            raise _Refused("an entry before the first section", Verdict.MALFORMED)
        found[section] += 1
        try:
            lines.append(Listed(_id(node), section))
        except IdentifierError as error:
            faults.append(f"{_words_of(node)[:_LONGEST_QUOTE]}: {error}")
    _compare(shown, found)
    return tuple(lines), announced, tuple(faults)


def _counts(heading: str) -> tuple[int, int]:
    """How many entries a section shows, and of how many."""
    told = _SHOWN.search(heading)
    if told is None or _number(told[1]) > _number(told[2]):
        raise _Refused(f"the counts in {heading[:_LONGEST_QUOTE]!r} cannot be read", Verdict.MALFORMED)
    return _number(told[1]), _number(told[2])


def _compare(shown: Mapping[AnnounceType, int], found: Mapping[AnnounceType, int]) -> None:
    for section, count in shown.items():
        if found[section] != count:
            verdict = Verdict.CUT_SHORT if found[section] < count else Verdict.MALFORMED
            raise _Refused(f"{found[section]} entries in section {section}, which says that it shows {count}", verdict)


def _id(node: Any) -> PaperId:
    link = node.find("a", href=_ABSTRACT_PAGE)
    match = _ABSTRACT_PAGE.search(str(link["href"])) if link else None
    return identifiers.parse(match[1] if match else "").id


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


def _words_of(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


def _title(soup: BeautifulSoup) -> str:
    title = _words_of(soup.title)[:_LONGEST_QUOTE] if soup.title else ""
    return f" titled {title!r}" if title else ""


def _reason(body: bytes) -> str:
    """What a page that is no listing tells a reader."""
    return _words_of(BeautifulSoup(body.decode("utf-8", "replace"), "lxml"))[:_LONGEST_QUOTE] or "no reason"
