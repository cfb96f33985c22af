"""A language model behind the chat protocol that OpenAI's, llama.cpp's, Ollama's and vLLM's servers speak.

https://platform.openai.com/docs/api-reference/chat: one POST a question, ``{base_url}/chat/completions``. What such
servers differ in is told by a refusal (HTTP 400 or 422): then the same is asked in a plainer manner.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from requests import exceptions as faults

from digest.errors import WriterFault
from digest.ports import Question, Reply
from digest.web.faults import retry_after, why, why_not_secure
from digest.web.transfer import Incomplete, TooLarge, TooSlow, read_body
from digest.web.watchdog import Watchdog

LIMIT_BYTES: Final = 1024 * 1024
CONNECT: Final = 10.0
"""Seconds to reach the host."""

LONGEST_WAIT: Final = 60.0
"""Seconds that a server may ask to wait; one that asks for more is not asked again."""

_PAUSE: Final = 2.0
_TRIES: Final = 3
_SEED: Final = 20260203
_LASTING: Final = {
    401: ("key refused", "HTTP 401: the key is not accepted; look at [llm] api_key_env"),
    402: ("not paid", "HTTP 402: the account has no money left"),
    403: ("key refused", "HTTP 403: the key may not ask this model; look at [llm] api_key_env and model"),
    404: ("not found", "HTTP 404: no such model or address; look at [llm] base_url and model"),
    405: ("not found", "HTTP 405: this address takes no questions; look at [llm] base_url"),
}
_STRICT, _REASONING, _FREE = range(3)
"""Manners of asking: by a strict schema; the same for models that think first and let nobody choose a temperature; and
without a schema, for servers that have never heard of one."""


class _Bearer(requests.auth.AuthBase):
    """The key, in its header and nowhere else; being there it keeps requests from looking for a password in ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Refused(Exception):
    """The server does not understand this manner of asking."""


class _Busy(Exception):
    """Another try may do better, after *pause* seconds."""

    def __init__(self, fault: WriterFault, pause: float) -> None:
        self.fault = fault
        self.pause = pause


class ChatServer:
    """Asks one model of one server; see ``digest.ports.Writer``.

    *base_url* is what precedes ``/chat/completions``. *key* is sent to that host alone: redirects are not followed.
    With *proxied* the proxies of the environment are used. *timeout* bounds the seconds that one question may take, its
    second try and waits included.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        key: str = "",
        proxied: bool = True,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._model = model
        self._timeout = timeout
        self._sleep = sleep
        self._manner = _STRICT
        self._watchdog = Watchdog()
        self._http = requests.Session()
        self._http.trust_env = proxied
        self._http.auth = _Bearer(key)
        self._watchdog.watch(self._http)

    @property
    def name(self) -> str:
        return self._model

    def close(self) -> None:
        self._http.close()

    def ask(self, question: Question, *, seconds: float) -> Reply:
        """Ask, in a plainer manner where the server refuses one, and again where it is busy.

        Raises WriterFault: lasting where the key, the model or the address is wrong, where the server leads elsewhere
        or asks to wait for more than a minute.
        """
        until = time.monotonic() + min(seconds, self._timeout)
        for manner in range(self._manner, _FREE + 1):
            try:
                body = self._patiently(self._body(question, manner), until)
            except _Refused:
                continue
            self._manner = manner
            return self._reply(body)
        raise self._fault("question refused", "HTTP 400: this question is refused in every form")

    def _body(self, question: Question, manner: int) -> dict[str, Any]:
        form = {"name": question.name, "strict": True, "schema": question.schema}
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
        }
        if manner != _FREE:
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if manner == _REASONING:
            return body | {"max_completion_tokens": question.max_tokens}
        return body | {"max_tokens": question.max_tokens, "temperature": 0, "seed": _SEED}

    def _patiently(self, body: Mapping[str, Any], until: float) -> bytes:
        tries = 0
        while True:
            try:
                return self._post(body, until)
            except _Busy as busy:
                tries += 1
                if tries == _TRIES or time.monotonic() + busy.pause >= until:
                    raise busy.fault from busy
                self._sleep(busy.pause)

    def _post(self, body: Mapping[str, Any], until: float) -> bytes:
        try:
            with self._watchdog.bounded(max(until - time.monotonic(), 0.001)):
                return self._receive(body, until)
        except TooLarge as error:
            raise self._fault("not in the protocol", f"the answer {error}") from error
        except (TooSlow, faults.ReadTimeout) as error:
            raise self._fault("too slow", f"no whole answer within {self._timeout:g} s") from error
        except Incomplete as error:
            raise self._fault("broken off", f"the answer {error}") from error
        except faults.SSLError as error:
            message = f"no secure connection: {why_not_secure(error)}"
            raise self._fault("unreachable", message, lasting=True) from error
        except faults.RequestException as error:
            raise self._fault("unreachable", f"cannot be reached{why(error)}") from error

    def _receive(self, body: Mapping[str, Any], until: float) -> bytes:
        left = max(until - time.monotonic(), 0.001)
        with self._http.post(
            f"{self._base}/chat/completions",
            json=body,
            stream=True,
            allow_redirects=False,
            timeout=(min(CONNECT, left), left),
        ) as response:
            self._judge(response)
            return read_body(response, limit_bytes=LIMIT_BYTES, until=until)

    def _judge(self, response: requests.Response) -> None:
        """Raises for a status that is no answer. What the server says beside it is not told on: it may name the key."""
        status = response.status_code
        if status in (400, 422):
            raise _Refused
        if status in _LASTING:
            raise self._fault(*_LASTING[status], lasting=True)
        if 300 <= status < 400:
            raise self._fault("redirected", f"HTTP {status}: leads elsewhere, which is not followed", lasting=True)
        if status == 429 or status >= 500:
            raise self._busy(status, retry_after(response.headers.get("Retry-After", ""), time.time()))
        if status != 200:
            raise self._fault("not in the protocol", f"HTTP {status}")

    def _busy(self, status: int, asked: float | None) -> Exception:
        reason = "throttled" if status == 429 else "server error"
        if asked is not None and asked > LONGEST_WAIT:
            return self._fault(reason, f"HTTP {status}: asks to wait for {asked:.0f} s", lasting=True)
        pause = asked if asked is not None else random.uniform(_PAUSE / 2, _PAUSE)
        return _Busy(self._fault(reason, f"HTTP {status}"), pause)

    def _reply(self, body: bytes) -> Reply:
        try:
            found = json.loads(body)
            choice = found["choices"][0]
            message = choice["message"]
            content, refusal = message.get("content"), message.get("refusal")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise self._fault("not in the protocol", "the answer is none of the chat protocol") from error
        if content is not None and not isinstance(content, str):
            raise self._fault("not in the protocol", "the answer is none of the chat protocol")
        usage = found.get("usage")
        return Reply(
            text=content or "",
            prompt_tokens=_count(usage, "prompt_tokens"),
            completion_tokens=_count(usage, "completion_tokens"),
            complaint=_complaint(choice.get("finish_reason"), refusal, content),
        )

    def _fault(self, reason: str, message: str, *, lasting: bool = False) -> WriterFault:
        return WriterFault(self._base, reason, message, lasting=lasting)


def _complaint(finish: object, refusal: object, content: str | None) -> str:
    if refusal or finish == "content_filter":
        return "declined"
    if finish == "length":
        return "cut short"
    return "" if content and content.strip() else "empty"


def _count(usage: object, name: str) -> int | None:
    number = usage.get(name) if isinstance(usage, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None
