"""The one connection to arXiv: polite, patient, and bounded in time and bytes.

arXiv's terms: at most one request in three seconds and one connection, for all machines of a user together; its
robots.txt asks for 15 s between pages of its site. What all processes of a user share is a file (``pace``). With other
``Manners`` the same session asks hosts that are not arXiv's.
"""

from __future__ import annotations

import ipaddress
import math
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions as faults
from urllib3.exceptions import NewConnectionError

from digest.arxiv.pace import LONGEST_HOLD, Pace, Turn
from digest.errors import ConfigError, SourceError
from digest.model import Verdict
from digest.web.faults import retry_after, why, why_not_secure
from digest.web.transfer import Incomplete, TooLarge, TooSlow, read_body
from digest.web.watchdog import Watchdog

POLITE_INTERVAL: Final = 3.0
"""Seconds between requests to any host that is not a loopback, whatever the settings say."""

LIMIT_BYTES: Final = 64 * 1024 * 1024
DEADLINE: Final = 600.0
TIMEOUTS: Final = (10.0, 120.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """What the operators of hosts ask of their callers."""

    floor: float  # seconds between two requests, whatever the settings say; a loopback host has none
    lane: str = ""  # what shares the intervals and is asked by one process at a time; "": each host has its own
    domain: str = ""  # whose hosts may lead to each other by redirects; "": a host may lead to itself alone
    is_refusal_final: bool = False  # a 403 ends the work with a host; else it is an answer as any other


ARXIV: Final = Manners(floor=POLITE_INTERVAL, lane="arXiv", domain="arxiv.org", is_refusal_final=True)
OTHERS: Final = Manners(floor=1.0)
"""Of hosts that publish an interface for programs: what the strictest of them asks for."""

_BACKOFF_BASE, _BACKOFF_CAP = 5.0, 300.0
_UNREACHABLE_PAUSES: Final = (4.0, 8.0)
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS: Final = 5
_PAGES: Final = ("/list/", "/catchup/", "/html/", "/abs/", "/pdf/")
_OFTEN: Final = 1_000_000
_VALIDATORS: Final = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said in the end: any status that is not worth another try, and the whole body, decompressed."""

    url: str
    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    @property
    def unchanged(self) -> bool:
        """Whether the host says that its answer is the one whose validators were sent."""
        return self.status == 304

    @property
    def validators(self) -> dict[str, str]:
        """What to ask with the next time, so that a host may say 304; empty when it gave nothing to go by."""
        told = {name: self.headers.get(header, "") for name, header in _VALIDATORS.items()}
        return {name: value for name, value in told.items() if value}


Check = Callable[[Answer], object]
"""Raises SourceError for an answer with status 200 that cannot be believed and may be better the next time."""


class ServerFault(SourceError):
    """The host answers one question with a 5xx *status* whenever it is asked; another question may do better."""

    def __init__(self, source: str, verdict: Verdict, message: str, status: int) -> None:
        super().__init__(source, verdict, message)
        self.status = status


class RefusedAnswer(SourceError):
    """The last of several answers, and why the check of the one who asked refused it."""

    def __init__(self, source: str, verdict: Verdict, message: str, answer: Answer) -> None:
        super().__init__(source, verdict, message)
        self.answer = answer


class Session(Protocol):
    """Whoever answers for a host: ``PoliteSession``, or one of ``raw`` that records or replays it."""

    @property
    def requests_made(self) -> int: ...

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        source: str,
        limit_bytes: int = LIMIT_BYTES,
        check: Check | None = None,
        validators: Mapping[str, str] | None = None,
    ) -> Answer:
        """As ``PoliteSession.get``."""


class _Trouble(Exception):
    """A try that failed and is worth another; ``kind`` is counted, ``tries`` bounds it."""

    def __init__(
        self,
        kind: str,
        verdict: Verdict,
        message: str,
        *,
        tries: int = _OFTEN,
        pause: float | None = None,
        refused: Answer | None = None,
    ) -> None:
        super().__init__(message)
        self.refused = refused
        self.kind = kind
        self.verdict = verdict
        self.tries = tries
        self.pause = pause  # seconds that the host asked for


class _OutOfTime(Exception):
    """The session's budget is spent, or would be by a wait."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None  # None: a GET; else what is posted

    @property
    def method(self) -> str:
        return "GET" if self.content is None else "POST"


class PoliteSession:
    """Asks arXiv, or hosts with other *manners*, one request at a time; see ``get``.

    *request_interval* and *page_interval* are seconds between requests to an API and to pages of the site; only a
    loopback host is asked faster than ``POLITE_INTERVAL``. *state_dir* holds what all processes of the user share.
    *on_wait* is told, in a sentence, of every wait of more than a few seconds. *attempts* bounds the tries of one
    ``get``, *deadline* the seconds that one answer may take, *timeouts* those to connect and between packets, *budget*
    the seconds from the making of the session to the end of its last answer, waits included.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        state_dir: Path,
        request_interval: float,
        page_interval: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[str], None] | None = None,
        attempts: int = 5,
        deadline: float = DEADLINE,
        timeouts: tuple[float, float] = TIMEOUTS,
        manners: Manners = ARXIV,
        budget: float = math.inf,
    ) -> None:
        self.requests_made = 0
        self._manners = manners
        self._budget = budget
        self._sleep = sleep
        self._request_interval = request_interval
        self._page_interval = page_interval
        self._clock = clock
        self._attempts = attempts
        self._deadline = deadline
        self._timeouts = timeouts
        self._pace = Pace(state_dir, clock=clock, sleep=self._wait, on_wait=on_wait or _tell_nobody)
        self._blocked: set[str] = set()
        self._began = clock()
        self._watchdog = Watchdog()
        self._http = requests.Session()
        self._watchdog.watch(self._http)
        self._http.headers["User-Agent"] = user_agent

    def __enter__(self) -> PoliteSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        source: str,
        limit_bytes: int = LIMIT_BYTES,
        check: Check | None = None,
        validators: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for *url*, again when it may be better the next time; *source* names who is asked in errors.

        With *validators*, those of an earlier answer, an answer may be a 304 without a body: nothing has changed.
        arXiv need not honour them. *headers* go along, and are told in no error.

        Asked again: timeouts, broken connections and bodies, 429, 5xx, 406 once, and what *check* refuses with status
        200. Any other status is an answer. Raises SourceError: BLOCKED for a 403, after which neither this session nor
        any other of the user that is at work asks that host again, where the manners make it final; THROTTLED when told to
        wait for more than an hour or too often, and when the budget is spent; UNREACHABLE; CUT_SHORT; MALFORMED for
        more than *limit_bytes* or a redirect that leads elsewhere; or what *check* raised last. A ServerFault is one for a 5xx to the last, a RefusedAnswer one for what *check* refused to the last. Raises ConfigError for an address that is none.
        """
        held = {name: value for name, value in (validators or {}).items() if value and name in _VALIDATORS}
        question = _Question(url=_address(url, params), headers=held | dict(headers or {}))
        return self._answer(question, source, limit_bytes, check)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        content: bytes,
        source: str,
        limit_bytes: int = LIMIT_BYTES,
        check: Check | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """As ``get``, with *content*: for questions that are too long for an address. No redirect is followed."""
        question = _Question(url=_address(url, params), headers=dict(headers or {}), content=content)
        return self._answer(question, source, limit_bytes, check)

    def _answer(self, question: _Question, source: str, limit_bytes: int, check: Check | None) -> Answer:
        try:
            return self._insist(question, source, limit_bytes, check)
        except _OutOfTime as error:
            raise SourceError(source, Verdict.THROTTLED, f"{error} ({question.url})") from error

    def _insist(self, question: _Question, source: str, limit_bytes: int, check: Check | None) -> Answer:
        """Ask until there is an answer, or no use in it."""
        tries: Counter[str] = Counter()
        waited = 0.0
        url = question.url
        while True:
            try:
                return self._ask(question, source, limit_bytes, check)
            except _Trouble as trouble:
                tries[trouble.kind] += 1
                told = _told(trouble, source, url)
                if tries.total() >= self._attempts or tries[trouble.kind] >= trouble.tries:
                    raise told from trouble
                pause = self._pause(url, trouble, tries)
                waited += pause
                if waited > LONGEST_HOLD:
                    message = f"{trouble}, and asks to wait for {waited:.0f} s; run again later ({url})"
                    raise SourceError(source, Verdict.THROTTLED, message) from trouble
                if trouble.pause is None:  # else every process was told when the host said it
                    self._pace.hold_off(_host(url), pause, because=str(told))

    @property
    def seconds_left(self) -> float:
        """Of the budget."""
        return self._budget - (self._clock() - self._began)

    def _wait(self, seconds: float) -> None:
        if seconds >= self.seconds_left:
            raise _OutOfTime(f"would have to wait for {seconds:.0f} s, and its {self._budget:.0f} s are spent by then")
        self._sleep(seconds)

    def _pause(self, url: str, trouble: _Trouble, tries: Counter[str]) -> float:
        """Seconds to leave the host alone: what it asked for, else full jitter under a doubling bound.

        A loopback host that is asked faster is also asked again faster.
        """
        if trouble.pause is not None:
            return trouble.pause
        haste = min(1.0, self._request_interval / POLITE_INTERVAL) if _is_loopback(url) else 1.0
        if trouble.kind == "unreachable":
            return haste * _UNREACHABLE_PAUSES[min(tries[trouble.kind], len(_UNREACHABLE_PAUSES)) - 1]
        return haste * random.uniform(0.0, min(_BACKOFF_CAP, _BACKOFF_BASE * 2 ** tries.total()))

    def _ask(self, question: _Question, source: str, limit_bytes: int, check: Check | None) -> Answer:
        """One try, redirects included."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._request(question, source, limit_bytes)
            if answer.status not in _REDIRECTS:
                return _believed(answer, check)
            question = replace(question, url=_redirected(answer, question, source, self._manners.domain))
        raise SourceError(source, Verdict.MALFORMED, f"redirects more than {_MOST_REDIRECTS} times ({question.url})")

    def _request(self, question: _Question, source: str, limit_bytes: int) -> Answer:
        """One exchange. What its status means for others is told them before any of them has its turn."""
        url = question.url
        host = _host(url)
        self._refuse_blocked(host, source)
        with self._pace.turn(self._turn(url)):
            self._refuse_blocked(host, source)  # by another process, while this one waited
            seconds = min(self._deadline, self.seconds_left)
            if seconds <= 0:
                raise _OutOfTime(f"its {self._budget:.0f} s are spent")
            self.requests_made += 1
            answer = self._exchange(question, source, limit_bytes, seconds)
            if answer.status == 403 and self._manners.is_refusal_final:
                self._blocked.add(host)
                self._pace.block(host)
                message = f"HTTP 403: {host} refuses this program; stop, and ask arXiv before trying again ({url})"
                raise SourceError(source, Verdict.BLOCKED, message)
            self._judge_status(answer)
        return answer

    def _refuse_blocked(self, host: str, source: str) -> None:
        """A 403 ends the work of all who are at it; who begins later may ask whether it still holds."""
        if host in self._blocked or self._pace.blocked_since(host, self._began):
            raise SourceError(source, Verdict.BLOCKED, f"{host} has refused this program; it is not asked again")

    def _exchange(self, question: _Question, source: str, limit_bytes: int, seconds: float) -> Answer:
        url = question.url
        try:
            with self._watchdog.bounded(seconds):
                return self._receive(question, limit_bytes, until=time.monotonic() + seconds)
        except TooLarge as error:
            raise SourceError(source, Verdict.MALFORMED, f"the answer {error} ({url})") from error
        except TooSlow as error:
            raise _Trouble("slow", Verdict.UNREACHABLE, f"the answer {error}", tries=2) from error
        except Incomplete as error:
            raise _Trouble("incomplete", Verdict.CUT_SHORT, f"the answer {error}") from error
        except (faults.InvalidURL, faults.InvalidSchema, faults.MissingSchema) as error:
            raise ConfigError(f"{url!r} is no address of the web") from error
        except faults.RequestException as error:
            raise _connection_trouble(error) from error

    def _receive(self, question: _Question, limit_bytes: int, *, until: float) -> Answer:
        url = question.url
        # A proxy of the environment is for the world outside.
        proxies = {"http": "", "https": ""} if _is_loopback(url) else None
        with self._http.request(
            question.method,
            url,
            headers=dict(question.headers),
            data=question.content,
            stream=True,
            allow_redirects=False,
            timeout=self._timeouts,
            proxies=proxies,
        ) as response:
            body = b"" if response.is_redirect else read_body(response, limit_bytes=limit_bytes, until=until)
            return Answer(url=url, status=response.status_code, headers=response.headers, body=body)

    def _judge_status(self, answer: Answer) -> None:
        status = answer.status
        if status not in (406, 429) and status < 500:
            return
        pause = retry_after(answer.headers.get("Retry-After", ""), self._clock())
        if pause is not None and pause <= LONGEST_HOLD:
            self._pace.hold_off(_host(answer.url), pause, because=f"HTTP {status} ({answer.url})")
        verdict = Verdict.UNREACHABLE if status >= 500 and pause is None else Verdict.THROTTLED
        raise _Trouble(str(status), verdict, f"HTTP {status}", tries=2 if status == 406 else _OFTEN, pause=pause)

    def _turn(self, url: str) -> Turn:
        loopback = _is_loopback(url)
        floor = 0.0 if loopback else self._manners.floor
        page = max(self._page_interval, floor) if urlsplit(url).path.startswith(_PAGES) else None
        return Turn(
            host=_host(url),
            lane=(not loopback and self._manners.lane) or _host(url),
            interval=max(self._request_interval, floor),
            page_interval=page,
            alone=bool(self._manners.lane) and not loopback,
        )


def _tell_nobody(message: str) -> None:
    """Nobody wants to know of waits."""


def _told(trouble: _Trouble, source: str, url: str) -> SourceError:
    message = f"{trouble} ({url})"
    if re.fullmatch("5[0-9][0-9]", trouble.kind):
        return ServerFault(source, trouble.verdict, message, int(trouble.kind))
    if trouble.refused is not None:
        return RefusedAnswer(source, trouble.verdict, message, trouble.refused)
    return SourceError(source, trouble.verdict, message)


def _address(url: str, params: Mapping[str, str] | None) -> str:
    try:
        address = requests.Request("GET", url, params=dict(params or {})).prepare().url or ""
    except (faults.RequestException, ValueError) as error:
        raise ConfigError(f"{url!r} is no address that begins with https://") from error
    if urlsplit(address).scheme not in ("http", "https"):
        raise ConfigError(f"{url!r} is no address that begins with https://")
    return address


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _is_loopback(url: str) -> bool:
    name = urlsplit(url).hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_within(url: str, domain: str) -> bool:
    """Whether the host of *url* is one of *domain*; none is of ""."""
    name = urlsplit(url).hostname or ""
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))


def _redirected(answer: Answer, question: _Question, source: str, domain: str) -> str:
    """Where a redirect leads: to the same host or one of *domain*, never from https to http, and never a POST."""
    target = urljoin(answer.url, answer.headers.get("Location", ""))
    here, there = urlsplit(answer.url), urlsplit(target)
    is_same = there.hostname == here.hostname and (there.port == here.port or _is_within(target, domain))
    secure = there.scheme == "https" or (there.scheme == "http" and here.scheme == "http")
    followed = (is_same or _is_within(target, domain)) and secure and question.content is None
    if not followed or target == answer.url:
        raise SourceError(source, Verdict.MALFORMED, f"{answer.url} redirects to {target}, which is not followed")
    return target


def _believed(answer: Answer, check: Check | None) -> Answer:
    if check is None or answer.status != 200:
        return answer
    try:
        check(answer)
    except SourceError as error:
        reason = str(error).removeprefix(f"{error.source}: ")
        raise _Trouble("refused", error.verdict, reason, refused=answer) from error
    return answer


def _connection_trouble(error: faults.RequestException) -> _Trouble:
    """What became of a connection, in our words: those of the libraries name their own objects."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, faults.SSLError):
        return _Trouble("tls", Verdict.UNREACHABLE, f"no secure connection: {why_not_secure(error)}", tries=1)
    if isinstance(error, faults.ProxyError):
        return _Trouble("unreachable", Verdict.UNREACHABLE, f"the proxy cannot be reached{why(error)}", tries=3)
    if isinstance(reason, NewConnectionError):
        return _Trouble("unreachable", Verdict.UNREACHABLE, f"cannot be reached{why(error)}", tries=3)
    if isinstance(error, faults.Timeout):
        return _Trouble("timeout", Verdict.UNREACHABLE, "gives no answer in time")
    return _Trouble("connection", Verdict.UNREACHABLE, f"the connection broke{why(error)}")
