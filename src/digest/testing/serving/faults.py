"""Everything that can go wrong between arXiv and a reader, by name.

A fault is written ``WHERE:NAME``, optionally with an argument, a number of times and a day::

    WHERE:NAME[=ARGUMENT][:TIMES][@DAY]

    feed:429:2              the first two requests for the feed are answered with 429
    oai:503=120:2           OAI twice says 503 with "Retry-After: 120", then answers
    any:stall=5@2026-02-03  on that (Eastern) day every request hangs for five seconds
    api:empty-page,oai:cut  several at once, separated by commas

WHERE is one of ``feed``, ``oai``, ``api``, ``list``, ``catchup``, ``abs``, ``html``, or ``site`` for the last four, or
``any``. Without TIMES a fault lasts. The same as JSON is a list of objects with ``where``, ``name`` and optionally
``argument``, ``times``, ``day``.

How an answer is carried (any WHERE; of several that apply to a request the first is played):

    400 … 599        that status; ARGUMENT is Retry-After: seconds, "date" (two seconds ahead), "absurd", "garbage".
                     429 says "Rate exceeded."
    rate-200         "Rate exceeded." with status 200
    redirect         301 to the same question at another address, which answers
    redirect-loop    301 to itself
    stall            silence for ARGUMENT seconds (3600), then the connection is closed
    stall-body       half the answer, then the same silence
    drip             the answer, one byte every ARGUMENT seconds (0.05)
    reset            the connection is closed without a word
    cut              half the answer, with the length of the half: HTTP is content, XML is not
    cut-short        half the answer, with the length of the whole
    empty-body       status 200, nothing in it
    outage           an HTML page saying sorry, with status 200
    bomb             a gzip body that unpacks to ARGUMENT megabytes (200)
    random           with probability ARGUMENT ("0.2/7": 0.2 from seed 7) one of RANDOM_FAULTS

What an interface says (all that apply are played together):

    feed   error          400 with a feed that says "Invalid archive or subject class"
           empty          no items, as on a weekend
           stale          the mailing before today's under today's date
           lag            right items, but every date of the feed is a day behind
           cap            at most ARGUMENT items instead of 2000
    list   stale, empty   as of the feed;    catchup   empty
    oai    no-records     noRecordsMatch, whatever is there
           bad-token      every resumption token is refused
           empty-token    the list ends after its first page, as if it were complete
           duplicate-page a token leads to the page that gave it
           lost           one record between two pages is lost
           page-500       500 for every page but the first
    api    empty-page     no entry although totalResults is not 0
           short-page     the last entry of a page is missing
           old-error      the error feed with status 200, as before November 2025
    html   none           404, as for a paper without HTML
           stub           the same with status 200
           fatal          the banner of a conversion that ended with a fatal error, and half the paper
           huge           25 MB
    any    behind         the state of ARGUMENT hours ago (24)
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from digest.testing.serving.answer import Answer, Request, Twist, Twists, eastern_day

PLACES = ("feed", "oai", "api", "list", "catchup", "abs", "html")
SITE = ("list", "catchup", "abs", "html")

TWISTS: Mapping[str, tuple[str, ...]] = {
    "feed": ("error", "empty", "stale", "lag", "cap", "behind"),
    "list": ("stale", "empty", "behind"),
    "catchup": ("empty", "behind"),
    "oai": ("no-records", "bad-token", "empty-token", "duplicate-page", "lost", "page-500", "behind"),
    "api": ("empty-page", "short-page", "old-error", "behind"),
    "abs": ("behind",),
    "html": ("none", "stub", "fatal", "huge", "behind"),
}
ON_TOKEN = frozenset(("bad-token", "duplicate-page", "lost", "page-500"))
"""Faults of OAI that concern only requests with a resumption token."""

CARRIAGE = (
    "rate-200",
    "redirect",
    "redirect-loop",
    "stall",
    "stall-body",
    "drip",
    "reset",
    "cut",
    "cut-short",
    "empty-body",
    "outage",
    "bomb",
    "random",
)

RANDOM_FAULTS = ("429", "500", "502", "503", "503=1", "rate-200", "reset", "cut", "cut-short", "empty-body", "outage")
"""What ``random`` plays: faults that a reader can see in the answer itself, and that end at once."""

MOVED = "/_moved"
SILENCE = 3600.0

OUTAGE = b"""<!DOCTYPE html>
<html><head><title>arXiv is temporarily unavailable</title></head>
<body><h1>We are sorry</h1><p>arXiv is down for maintenance. Please try again later.</p></body></html>
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong. ``times`` None: for ever. ``day`` is an Eastern calendar day."""

    where: str
    name: str
    argument: str = ""
    times: int | None = None
    day: date | None = None

    def __post_init__(self) -> None:
        places = places_of(self.where)
        if self.name not in CARRIAGE and not re.fullmatch("[45][0-9][0-9]", self.name):
            strangers = [place for place in places if self.name not in TWISTS[place]]
            if strangers:
                raise ValueError(f"no fault {self.name!r} for {strangers[0]!r}; see digest.testing.serving.faults")
        if self.times is not None and self.times < 1:
            raise ValueError(f"{self.name}: times must be at least 1")

    @property
    def is_twist(self) -> bool:
        return self.name not in CARRIAGE and not self.name.isdigit()


def places_of(where: str) -> tuple[str, ...]:
    if where == "any":
        return PLACES
    if where == "site":
        return SITE
    if where in PLACES:
        return (where,)
    raise ValueError(f"no such place: {where!r}; one of any, site, {', '.join(PLACES)}")


_FAULT = re.compile(
    r"(?P<where>[a-z]+):(?P<name>[a-z0-9-]+)(?:=(?P<argument>[^:@]+))?(?::(?P<times>\d+))?(?:@(?P<day>\d{4}-\d\d-\d\d))?"
)


def parse_faults(told: str | Iterable[str | Fault | Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Read faults from text, JSON, or any mixture of both; ValueError names what cannot be read."""
    if isinstance(told, str):
        stripped = told.strip()
        told = json.loads(stripped) if stripped.startswith("[") else [one for one in stripped.split(",") if one.strip()]
    return tuple(one if isinstance(one, Fault) else _fault(one) for one in told)


def _fault(told: str | Mapping[str, Any]) -> Fault:
    if isinstance(told, str):
        match = _FAULT.fullmatch(told.strip())
        if not match:
            raise ValueError(f"cannot read the fault {told!r}; it is written WHERE:NAME[=ARGUMENT][:TIMES][@DAY]")
        told = {key: value for key, value in match.groupdict().items() if value is not None}
    day, times = told.get("day"), told.get("times")
    return Fault(
        where=told["where"],
        name=str(told["name"]),
        argument=str(told.get("argument", "")),
        times=None if times is None else int(times),
        day=date.fromisoformat(day) if day else None,
    )


def random_faults(seed: int, rate: float, *, where: str = "any") -> tuple[Fault, ...]:
    """Let the fraction *rate* of all requests fail in one of the ways of RANDOM_FAULTS; the same for a *seed*."""
    return (Fault(where=where, name="random", argument=f"{rate}/{seed}"),)


class Faults:
    """The faults of one server; counts how often each was played. Not thread-safe: the server holds its lock."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._left = [fault.times for fault in faults]
        self._faults = tuple(faults)
        self._dice = {
            number: random.Random(fault.argument.partition("/")[2] or "0")
            for number, fault in enumerate(faults)
            if fault.name == "random"
        }

    def drawn(self, place: str, request: Request, now: datetime) -> tuple[Twists, Fault | None]:
        """The twists and the carriage for one request; each drawn fault has one time less to go."""
        twists: list[Twist] = []
        carriage: Fault | None = None
        for number, fault in enumerate(self._faults):
            if not self._applies(number, fault, place, request, now):
                continue
            if fault.is_twist:
                twists.append(Twist(name=fault.name, argument=fault.argument))
            elif carriage is not None or (carriage := self._thrown(number, fault)) is None:
                continue
            left = self._left[number]
            self._left[number] = None if left is None else left - 1
        return Twists(tuple(twists)), carriage

    def _applies(self, number: int, fault: Fault, place: str, request: Request, now: datetime) -> bool:
        if self._left[number] == 0 or place not in places_of(fault.where):
            return False
        if fault.day is not None and eastern_day(now) != fault.day:
            return False
        if fault.name == "empty-token" and request.get("resumptionToken"):
            return False
        return fault.name not in ON_TOKEN or bool(request.get("resumptionToken"))

    def _thrown(self, number: int, fault: Fault) -> Fault | None:
        if fault.name != "random":
            return fault
        dice = self._dice[number]
        # both are thrown every time, so that one request's fate does not depend on the rate of another
        fails, chosen = dice.random() < float(fault.argument.partition("/")[0]), dice.choice(RANDOM_FAULTS)
        name, _, argument = chosen.partition("=")
        return replace(fault, name=name, argument=argument) if fails else None


# --- how an answer is carried ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How bytes go out: *length* is what Content-Length says, *pace* seconds before each byte, *silence* at the end."""

    answer: Answer | None  # None: close without a word
    length: int | None = None  # None: the true one
    pace: float = 0.0
    silence: float = 0.0
    silent: bool = False  # nothing but silence
    extra: tuple[tuple[str, str], ...] = field(default=())


def carried(answer: Answer, fault: Fault | None, request: Request) -> Delivery:
    """Turn a right answer into what the wire makes of it."""
    if fault is None:
        return Delivery(answer=answer)
    if fault.name.isdigit():
        return Delivery(answer=_status(int(fault.name), fault.argument))
    half = replace(answer, body=answer.body[: len(answer.body) // 2])
    seconds = float(fault.argument or SILENCE) if fault.name.startswith("stall") else 0.0
    match fault.name:
        case "rate-200":
            return Delivery(answer=Answer(body=b"Rate exceeded."))
        case "redirect":
            return Delivery(answer=_redirect(request, MOVED + request.raw))
        case "redirect-loop":
            return Delivery(answer=_redirect(request, request.raw))
        case "stall":
            return Delivery(answer=None, silence=seconds, silent=True)
        case "stall-body":
            return Delivery(answer=half, length=len(answer.body), silence=seconds)
        case "drip":
            return Delivery(answer=answer, pace=float(fault.argument or 0.05))
        case "reset":
            return Delivery(answer=None)
        case "cut":
            return Delivery(answer=half)
        case "cut-short":
            return Delivery(answer=half, length=len(answer.body))
        case "empty-body":
            return Delivery(answer=replace(answer, body=b""))
        case "outage":
            return Delivery(answer=Answer(content_type="text/html; charset=utf-8", body=OUTAGE))
        case "bomb":
            body = _bomb(int(fault.argument or 200))
            return Delivery(answer=replace(answer, body=body), extra=(("Content-Encoding", "gzip"),))
    raise AssertionError(fault.name)


def _status(status: int, retry_after: str) -> Answer:
    body = b"Rate exceeded." if status == 429 else f"HTTP {status}".encode()
    match retry_after:
        case "":
            return Answer(status=status, body=body)
        case "date":
            retry_after = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        case "absurd":
            retry_after = "99999999999"
        case "garbage":
            retry_after = "soon"
    return Answer(status=status, body=body, headers=(("Retry-After", retry_after),))


def _redirect(request: Request, target: str) -> Answer:
    return Answer(status=301, headers=(("Location", f"http://{request.host}{target}"),))


@lru_cache(maxsize=4)
def _bomb(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0) as out:
        for _ in range(megabytes):
            out.write(b" " * 1_000_000)
    return packed.getvalue()
