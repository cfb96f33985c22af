"""One source that answers in JSON: asked politely, believed only where its answer is whole.

Pace, patience, deadlines and the bound on bytes are those of who asks (``Web``). A key goes along as a header, never in
an address, so that no error, log or file can tell it; and ``Web`` follows no redirect to another host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from digest.errors import SourceError
from digest.model import Teller, Verdict

LIMIT_BYTES: Final = 16 * 1024 * 1024


class Reply(Protocol):
    """Any answer that is not worth another try."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


Check = Callable[[Reply], object]


class Web(Protocol):
    """Whoever asks hosts; see ``digest.arxiv.session.PoliteSession``. All but ``close`` raise SourceError."""

    @property
    def requests_made(self) -> int: ...
    @property
    def seconds_left(self) -> float: ...

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        source: str,
        limit_bytes: int,
        check: Check,
        headers: Mapping[str, str],
    ) -> Reply: ...

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        content: bytes,
        source: str,
        limit_bytes: int,
        check: Check,
        headers: Mapping[str, str],
    ) -> Reply: ...

    def close(self) -> None: ...


class JsonSource:
    """What the sources share. *headers* go along with each question; *asks* says what one is when it is refused."""

    teller: Teller

    def __init__(self, web: Web, url: str, headers: Mapping[str, str], *, asks: str) -> None:
        self._web = web
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._asks = asks

    @property
    def requests_made(self) -> int:
        return self._web.requests_made

    @property
    def seconds_left(self) -> float:
        return self._web.seconds_left

    def close(self) -> None:
        self._web.close()

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> object:
        """The answer's JSON; None where the source has nothing at *path*. Raises SourceError."""
        reply = self._web.get(
            self._url + path,
            params,
            source=self.teller,
            limit_bytes=LIMIT_BYTES,
            check=self._check,
            headers=self._headers,
        )
        return None if reply.status == 404 else self._read(reply)

    def _post(self, path: str, params: Mapping[str, str], value: object) -> Reply:
        return self._web.post(
            self._url + path,
            params,
            content=msgspec.json.encode(value),
            source=self.teller,
            limit_bytes=LIMIT_BYTES,
            check=self._check,
            headers=self._headers | {"Content-Type": "application/json"},
        )

    def _read(self, reply: Reply) -> object:
        """Raises SourceError: BLOCKED for who is refused, MALFORMED for any other status, and for what is no JSON."""
        if reply.status in (401, 403):
            raise SourceError(self.teller, Verdict.BLOCKED, f"HTTP {reply.status}: refuses {self._asks} ({self._url})")
        if reply.status != 200:
            raise SourceError(self.teller, Verdict.MALFORMED, f"HTTP {reply.status} ({self._url})")
        return self._check(reply)

    def _check(self, reply: Reply) -> object:
        try:
            return msgspec.json.decode(reply.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise SourceError(self.teller, Verdict.MALFORMED, f"the answer is no JSON ({self._url})") from error


def asks(key: str) -> str:
    """What a question is that is asked with *key*, or without any."""
    return "the key that was sent" if key else "questions without a key"


def bearer(key: str, teller: Teller) -> dict[str, str]:
    """The header of RFC 6750; none without a key. Raises SourceError as ``checked`` does."""
    return {"Authorization": f"Bearer {checked(key, teller)}"} if key else {}


def checked(key: str, teller: Teller) -> str:
    """*key*, where it can be a header's value. Raises SourceError, which does not tell it."""
    if not re.fullmatch(r"[!-~]+", key):
        raise SourceError(
            teller, Verdict.BLOCKED, "the key holds blanks or letters that none has; look at its variable"
        )
    return key
