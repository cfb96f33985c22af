"""A fake arXiv on loopback: what arXiv would serve at one instant, from a list of papers, and what can go wrong.

::

    python -m digest.testing.fake_arxiv PAPERS.jsonl[.gz] [--port N] [--as-of T] [--faults SPEC] [--page-size N]

It serves ``/rss/<cats>``, ``/atom/<cats>``, ``/feed/status``, ``/oai``, ``/api/query``, ``/list/<cat>/new``,
``/catchup/<cat>/<date>``, ``/abs/<id>`` and ``/html/<id>``. A reader is led to it by::

    DIGEST_ARXIV__FEED_URL=http://127.0.0.1:PORT
    DIGEST_ARXIV__OAI_URL=http://127.0.0.1:PORT/oai
    DIGEST_ARXIV__API_URL=http://127.0.0.1:PORT/api/query
    DIGEST_ARXIV__SITE_URL=http://127.0.0.1:PORT

A papers file has one JSON object a line: ``id``, ``title``, ``authors`` (a list, or arXiv's one line), ``abstract``,
``categories`` (primary first), ``first_seen`` (the label of its mailing); and if wanted ``comment``, ``journal_ref``,
``doi``, ``license``, ``submitter``, ``published`` (when version 1 was submitted), ``versions`` (each with ``version``,
``announced``, ``date`` and optionally its own ``title``, ``abstract``, ``comment``), ``crosses`` (``category``,
``announced``), ``withdrawn`` (``announced``, ``comment``) and ``html`` (the page under ``/html/``). What is absent is
made up from the identifier, always the same; give ``""`` for a field that the paper shall not have.

A paper is public from the moment at which its mailing goes out: the mailing with the label D at 20:00 Eastern time on
the evening before D. A feed shows the mailing whose label is today's Eastern date.

It leaves out: OAI's ListSets and ListMetadataFormats (answered as unknown verbs), holidays (a day without papers is a day
without a mailing), and the hours by which OAI follows the announcement (``--faults oai:behind=3`` plays them).

While it runs: ``GET /_log`` returns the requests so far as JSON, ``POST /_control`` takes
``{"as_of": T, "faults": SPEC, "papers": [...]}``, any of them; ``"as_of": null`` is the real clock. In Python the same
is ``FakeArxiv(papers)`` with ``as_of``, ``faults``, ``add`` and ``requests``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from digest.testing.serving import api, feed, oai, pages
from digest.testing.serving import faults as played
from digest.testing.serving.answer import Answer, Request, Twists
from digest.testing.serving.archive import Archive, instant
from digest.testing.serving.faults import Delivery, Fault, Faults, parse_faults, random_faults

__all__ = ["FakeArxiv", "Fault", "Logged", "load_papers", "main", "parse_faults", "random_faults"]

_PREFIXES = (
    ("/rss/", "feed"),
    ("/atom/", "feed"),
    ("/oai", "oai"),
    ("/api/query", "api"),
    ("/list/", "list"),
    ("/catchup/", "catchup"),
    ("/abs/", "abs"),
    ("/html/", "html"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """A request as it came; ``time`` is seconds of a clock that only goes forward, ``fault`` what was played on it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    time: float
    status: int  # 0: the connection was closed without an answer
    fault: str = ""
    user_agent: str = ""


class FakeArxiv:
    """A fake arXiv that listens on loopback from ``with`` (or ``start``) to its end.

    *as_of* is the instant at which it is asked, None for the real clock; *faults* is what ``parse_faults`` takes.
    """

    def __init__(
        self,
        papers: Iterable[Mapping[str, Any]] = (),
        *,
        port: int = 0,
        as_of: datetime | str | None = None,
        faults: str | Iterable[str | Fault | Mapping[str, Any]] = (),
        page_size: int = 2500,
    ) -> None:
        self.archive = Archive(papers)
        self.page_size = page_size
        self.requests: list[Logged] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.as_of = as_of
        self.faults = faults
        self._server = _Server(("127.0.0.1", port), self)
        self._thread: threading.Thread | None = None

    # --- state -------------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead digest here."""
        return {
            "DIGEST_ARXIV__FEED_URL": self.url,
            "DIGEST_ARXIV__OAI_URL": f"{self.url}/oai",
            "DIGEST_ARXIV__API_URL": f"{self.url}/api/query",
            "DIGEST_ARXIV__SITE_URL": self.url,
        }

    @property
    def now(self) -> datetime:
        """The instant that it pretends, aware UTC."""
        return self._as_of or datetime.now(UTC)

    @property
    def as_of(self) -> datetime | None:
        return self._as_of

    @as_of.setter
    def as_of(self, value: datetime | str | None) -> None:
        self._as_of = None if value is None else instant(value)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._told

    @faults.setter
    def faults(self, value: str | Iterable[str | Fault | Mapping[str, Any]]) -> None:
        told = parse_faults(value)
        with self._lock:
            self._told, self._faults = told, Faults(told)

    def add(self, papers: Iterable[Mapping[str, Any]]) -> None:
        """Add papers, or replace those that it knows by their identifier."""
        with self._lock:
            self.archive.add(papers)

    def forget(self) -> None:
        """Empty the log of requests."""
        self.requests.clear()

    # --- life --------------------------------------------------------------------------------------------------------

    def start(self) -> FakeArxiv:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop; whoever is being kept waiting by a fault is cut off."""
        self._stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> FakeArxiv:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- answering ---------------------------------------------------------------------------------------------------

    def deliver(self, request: Request, body: bytes, user_agent: str) -> Delivery:
        """Answer one request: with the truth, or with the fault that is due."""
        if request.path.startswith("/_") and not request.path.startswith(played.MOVED):
            return Delivery(answer=self._control(request, body))
        with self._lock:
            delivery, fault = self._delivery(request)
            self.requests.append(
                Logged(
                    method=request.method,
                    path=request.path,
                    query=request.query,
                    time=time.monotonic(),
                    status=delivery.answer.status if delivery.answer else 0,
                    fault=fault,
                    user_agent=user_agent,
                )
            )
        return delivery

    def _delivery(self, request: Request) -> tuple[Delivery, str]:
        moved = request.path.startswith(played.MOVED)
        path = request.path.removeprefix(played.MOVED)
        asked = Request(method=request.method, path=path, query=request.query, raw=request.raw, host=request.host)
        place = next((place for prefix, place in _PREFIXES if path.startswith(prefix)), "")
        if not place or moved:
            return Delivery(answer=self._truth(place, asked, Twists())), ""
        twists, carriage = self._faults.drawn(place, asked, self.now)
        names = " ".join((*twists.names, *((carriage.name,) if carriage else ())))
        return played.carried(self._truth(place, asked, twists), carriage, asked), names

    def _truth(self, place: str, request: Request, twists: Twists) -> Answer:
        now = self.now
        if "behind" in twists:
            now -= timedelta(hours=twists.number("behind", 24))
        match place:
            case "feed":
                return feed.answer(self.archive, request, now, twists)
            case "oai":
                return oai.answer(self.archive, request, now, self.page_size, twists)
            case "api":
                return api.answer(self.archive, request, now, twists)
            case "list":
                return pages.listing(self.archive, request, now, twists)
            case "catchup":
                return pages.catchup(self.archive, request, now, twists)
            case "abs":
                return pages.abstract(self.archive, request, now)
            case "html":
                return pages.full_text(self.archive, request, now, twists)
        if request.path == "/feed/status":
            return Answer(content_type="text/html; charset=utf-8", body=b"Status: GOOD Version: 1.1")
        return Answer(status=404, content_type="text/html; charset=utf-8", body=b"<h1>Not Found</h1>")

    def _control(self, request: Request, body: bytes) -> Answer:
        if (request.method, request.path) == ("GET", "/_log"):
            return _json([asdict(one) for one in list(self.requests)])
        if (request.method, request.path) != ("POST", "/_control"):
            return Answer(status=404, body=b"GET /_log or POST /_control")
        try:
            told = json.loads(body or b"{}")
            self._obey(told)
        except (ValueError, TypeError, KeyError) as error:
            return Answer(status=400, body=f"{type(error).__name__}: {error}".encode())
        return _json({"as_of": self.now.isoformat(), "papers": len(self.archive), "requests": len(self.requests)})

    def _obey(self, told: Mapping[str, Any]) -> None:
        if unknown := set(told) - {"as_of", "faults", "papers"}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if "as_of" in told:
            self.as_of = told["as_of"]
        if "faults" in told:
            self.faults = told["faults"]
        if "papers" in told:
            self.add(told["papers"])


def _json(value: object) -> Answer:
    return Answer(content_type="application/json", body=json.dumps(value).encode())


# --- HTTP ------------------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], fake: FakeArxiv) -> None:
        self.fake = fake
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # a reader that gave up is what many faults are about; anything else is a bug and shows
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def version_string(self) -> str:
        return "Varnish"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        query = parse_qsl(split.query, keep_blank_values=True)
        if self.command == "POST" and not split.path.startswith("/_"):
            query += parse_qsl(body.decode(), keep_blank_values=True)
        request = Request(
            method=self.command,
            path=unquote(split.path),
            query=tuple(query),
            raw=self.path,
            host=self.headers.get("Host", ""),
        )
        self._send(self.server.fake.deliver(request, body, self.headers.get("User-Agent", "")))

    def _send(self, delivery: Delivery) -> None:
        if delivery.answer is None:
            self._be_silent(delivery.silence)
            return
        answer = delivery.answer
        self.send_response(answer.status)
        headers = (("Content-Type", answer.content_type), *answer.headers, *delivery.extra)
        length = len(answer.body) if delivery.length is None else delivery.length
        for name, value in (*headers, ("Content-Length", str(length))):
            self.send_header(name, value)
        self.end_headers()
        self._send_body(answer.body, delivery.pace)
        if delivery.length is not None:
            self._be_silent(delivery.silence)

    def _send_body(self, body: bytes, pace: float) -> None:
        if not pace:
            self.wfile.write(body)
            return
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            self.wfile.flush()
            if self.server.fake._stopping.wait(pace):
                self.close_connection = True
                return

    def _be_silent(self, seconds: float) -> None:
        self.close_connection = True
        self.wfile.flush()
        if seconds:
            self.server.fake._stopping.wait(seconds)


# --- the command line ------------------------------------------------------------------------------------------------


def load_papers(path: Path | str) -> list[dict[str, Any]]:
    """Read a papers file, plain or gzipped; ValueError names the line that cannot be read."""
    opener = gzip.open if str(path).endswith(".gz") else open
    papers = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                papers.append(json.loads(line))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from error
    return papers


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    try:
        papers = [paper for path in options.papers for paper in load_papers(path)]
        fake = FakeArxiv(
            papers, port=options.port, as_of=options.as_of, faults=options.faults, page_size=options.page_size
        )
    except (OSError, ValueError) as error:
        print(f"fake arXiv: {error}", file=sys.stderr)
        return 2
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with fake:
        print(f"fake arXiv at {fake.url} as of {fake.now.isoformat()}: {len(fake.archive)} papers", flush=True)
        done.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m digest.testing.fake_arxiv",
        description=__doc__,
        epilog=played.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("papers", nargs="+", type=Path, help="papers files, one JSON object a line, plain or gzipped")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--as-of", help="ISO instant, as in 2026-02-03T07:00:00Z; default: the real clock")
    parser.add_argument("--faults", default="", help="as described below")
    parser.add_argument("--page-size", type=int, default=2500, help="records on a page of OAI")
    return parser


if __name__ == "__main__":
    sys.exit(main())
