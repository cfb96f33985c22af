"""The polite session, on real sockets and made-up time."""

import contextlib
import gc
import gzip
import itertools
import random
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time as clock
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.arxiv.session import OTHERS, Answer, PoliteSession, RefusedAnswer, ServerFault
from digest.errors import ConfigError, SourceError
from digest.model import Verdict


def refusal(session: PoliteSession, url: str, **more: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        session.get(url, source="feed", **more)
    assert caught.value.source == "feed"
    return caught.value


@pytest.fixture
def raw_server():
    """Servers that say exactly the bytes they are given, and then what *then* does with the connection."""
    made: list[socket.socket] = []

    def serve(*answers: bytes, then=lambda connection: None) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        made.append(listener)

        def run() -> None:
            for answer in answers:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)
                    then(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/x"

    yield serve
    for listener in made:
        listener.close()


# --- what an answer is -----------------------------------------------------------------------------------------------


def test_an_answer_is_told_whole(httpserver, session):
    httpserver.expect_request("/api", query_string={"id_list": "hep-th/9901001,2602.00001", "x": "a b+c"}).respond_with_data(
        "body", content_type="application/atom+xml"
    )  # fmt: skip
    answer = session.get(
        httpserver.url_for("/api"), {"id_list": "hep-th/9901001,2602.00001", "x": "a b+c"}, source="api"
    )
    assert (answer.status, answer.body, answer.content_type) == (200, b"body", "application/atom+xml")
    assert answer.headers["content-LENGTH"] == "4"
    assert session.requests_made == 1
    assert httpserver.log[0][0].headers["User-Agent"] == "digest-tests/1"


@pytest.mark.parametrize("status", [400, 404, 410, 204, 304])
def test_statuses_that_stay_are_answers(httpserver, session, status):
    httpserver.expect_request("/x").respond_with_data("" if status in (204, 304) else "why", status=status)
    assert session.get(httpserver.url_for("/x"), source="feed").status == status
    assert session.requests_made == 1


def test_bodies_come_decompressed(httpserver, session):
    body = b"text " * 1000
    httpserver.expect_request("/x").respond_with_data(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    assert session.get(httpserver.url_for("/x"), source="feed").body == body


def test_chunked_bodies_are_read(httpserver, session):
    httpserver.expect_request("/x").respond_with_handler(lambda _: Response(iter([b"one ", b"two"])))
    assert session.get(httpserver.url_for("/x"), source="feed").body == b"one two"


@pytest.mark.parametrize("url", ["ftp://arxiv.org/x", "arxiv.org/x", "", "http://", "file:///etc/passwd"])
def test_what_is_no_address_is_a_fault_of_the_settings(session, url):
    with pytest.raises(ConfigError, match="no address"):
        session.get(url, source="feed")
    assert session.requests_made == 0


# --- trying again ----------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_twice_is_asked_three_times(httpserver, session):
    for status in (500, 503):
        httpserver.expect_ordered_request("/x").respond_with_data("down", status=status)
    httpserver.expect_ordered_request("/x").respond_with_data("up")
    assert session.get(httpserver.url_for("/x"), source="feed").body == b"up"
    assert session.requests_made == 3


@pytest.mark.parametrize(
    ("status", "verdict", "requests"),
    [(500, Verdict.UNREACHABLE, 5), (503, Verdict.UNREACHABLE, 5), (429, Verdict.THROTTLED, 5), (406, Verdict.THROTTLED, 2)],
)  # fmt: skip
def test_who_stays_down_is_given_up(httpserver, session, status, verdict, requests):
    httpserver.expect_request("/x").respond_with_data("no", status=status)
    error = refusal(session, httpserver.url_for("/x"))
    assert error.verdict is verdict
    assert str(status) in str(error)
    assert session.requests_made == requests
    assert isinstance(error, ServerFault) == (status >= 500)


def http_date(now: float, seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("60", 60), (" 7 ", 7), ("0", 0), (lambda now: http_date(now, 90), 90), (lambda now: http_date(now, -90), 0)],
    ids=["seconds", "blanks", "nought", "date", "a date gone by"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(httpserver, session, time, told, seconds, status):
    told = told if isinstance(told, str) else told(time.now)
    httpserver.expect_ordered_request("/x").respond_with_data("", status=status, headers={"Retry-After": told})
    httpserver.expect_ordered_request("/x").respond_with_data("up")
    session.get(httpserver.url_for("/x"), source="feed")
    assert sum(time.slept) == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("told", ["soon", "", "-5", "1e9", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_as_none(httpserver, make_session, time, told):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": told})
    httpserver.expect_ordered_request("/x").respond_with_data("up")
    assert make_session(request_interval=3.0).get(httpserver.url_for("/x"), source="feed").body == b"up"
    assert sum(time.slept) <= 10


@pytest.mark.parametrize("told", ["3601", "99999999", "9" * 400])
def test_who_asks_for_more_than_an_hour_is_left_alone_at_once(httpserver, session, time, told):
    httpserver.expect_request("/x").respond_with_data("", status=429, headers={"Retry-After": told})
    assert refusal(session, httpserver.url_for("/x")).verdict is Verdict.THROTTLED
    assert (session.requests_made, time.slept) == (1, [])


def test_waits_add_up_to_no_more_than_an_hour(httpserver, session, time):
    httpserver.expect_request("/x").respond_with_data("", status=429, headers={"Retry-After": "1500"})
    assert refusal(session, httpserver.url_for("/x")).verdict is Verdict.THROTTLED
    assert session.requests_made == 3
    assert sum(time.slept) == pytest.approx(3000)


def test_another_session_of_the_user_keeps_to_the_same_retry_after(httpserver, make_session, time):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "60"})
    httpserver.expect_ordered_request("/x").respond_with_data("", status=500)
    httpserver.expect_ordered_request("/x").respond_with_data("up")
    url = httpserver.url_for("/x")
    refusal(make_session(attempts=2), url)
    assert time.slept == [60]
    make_session(clock=lambda: time.now - 30).get(url, source="feed")
    assert time.slept == [60, 30], "the other's clock is still within the minute"


def test_pauses_grow_under_a_bound(httpserver, make_session, time, monkeypatch):
    """Full jitter: at most 10, 20, 40, 80 s, and never less than the interval."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    httpserver.expect_request("/x").respond_with_data("", status=500)
    refusal(make_session(request_interval=3.0), httpserver.url_for("/x"))
    assert time.slept == [10, 20, 40, 80]


def test_a_loopback_host_that_is_asked_without_pause_is_retried_without(httpserver, session, time):
    httpserver.expect_request("/x").respond_with_data("", status=500)
    refusal(session, httpserver.url_for("/x"))
    assert time.slept == []


def test_an_answer_that_is_refused_is_asked_for_again(httpserver, session):
    for body in ("bad", "good"):
        httpserver.expect_ordered_request("/x").respond_with_data(body)

    def check(answer: Answer) -> None:
        if answer.body != b"good":
            raise SourceError("feed", Verdict.MALFORMED, "not good")

    assert session.get(httpserver.url_for("/x"), source="feed", check=check).body == b"good"
    httpserver.expect_request("/y").respond_with_data("bad")
    error = refusal(session, httpserver.url_for("/y"), check=check)
    assert error.verdict is Verdict.MALFORMED
    assert str(error).startswith("feed: not good")
    assert isinstance(error, RefusedAnswer)
    assert error.answer.body == b"bad"


def test_a_host_that_says_403_is_not_asked_again(httpserver, session, make_session):
    httpserver.expect_request("/x").respond_with_data("stop", status=403)
    for _ in range(2):
        assert refusal(session, httpserver.url_for("/x")).verdict is Verdict.BLOCKED
    assert refusal(session, httpserver.url_for("/another")).verdict is Verdict.BLOCKED
    assert session.requests_made == 1
    assert refusal(make_session(), httpserver.url_for("/x")).verdict is Verdict.BLOCKED
    assert len(httpserver.log) == 2, "the next session asks once"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_who_does_not_listen_is_given_up_within_fifteen_seconds(make_session, time):
    session = make_session(request_interval=3.0)
    error = refusal(session, f"http://127.0.0.1:{free_port()}/x")
    assert error.verdict is Verdict.UNREACHABLE
    assert session.requests_made == 3
    assert sum(time.slept) <= 15


def test_a_broken_connection_is_tried_again(raw_server, session):
    url = raw_server(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    assert session.get(url, source="feed").body == b"ok"
    assert session.requests_made == 2


PYTHON = re.compile(
    r"[A-Za-z]+(Error|Exception|Disconnected|Read|Pool|Connection)\b|<[a-z]+>|[Ee]rrno|_ssl|urllib3|\[SSL"
)


def torn(connection: socket.socket) -> None:
    """Close with a reset, as a host that crashes does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("answer", "then", "scheme", "words"),
    [
        pytest.param(b"", lambda _: None, "http", "the connection broke", id="closed without a word"),
        pytest.param(b"", torn, "http", "the connection broke (connection reset by peer)", id="reset"),
        pytest.param(b"nonsense\r\n\r\n", lambda _: None, "http", "the connection broke", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", lambda _: None, "http", "broke off after 4 bytes", id="half a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", lambda _: None, "http", "broke off after", id="half a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", lambda _: None, "http", "broke off after 0 bytes", id="no chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf", lambda _: None, "http", "broke off after 0 bytes", id="no gzip"),
        pytest.param(b"HTTP/1.1 400 No\r\n\r\n", lambda _: None, "https", "no secure connection: the host does not speak TLS", id="no TLS"),
    ],
)  # fmt: skip
def test_what_breaks_is_told_in_plain_words_and_its_cause_is_kept(
    raw_server, make_session, answer, then, scheme, words
):
    """Nothing of how libraries name their objects; who debugs finds the library's exception behind ours."""
    url = raw_server(answer, then=then).replace("http:", f"{scheme}:")
    error = refusal(make_session(attempts=1), url)
    assert words in str(error)
    assert not PYTHON.search(str(error))
    assert isinstance(error.__cause__.__cause__, Exception)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (lambda: f"http://127.0.0.1:{free_port()}/x", "cannot be reached (connection refused)"),
        (lambda: "http://nowhere.invalid/x", "cannot be reached"),
    ],
    ids=["nobody listens", "no such host"],
)
def test_who_cannot_be_reached_is_told_in_plain_words(make_session, url, words, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    error = refusal(make_session(attempts=1), url())
    assert words in str(error)
    assert not PYTHON.search(str(error))


@pytest.fixture
def self_signed(tmp_path):
    """The address of a host whose certificate nobody vouches for."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("there is no openssl here to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run([openssl, *make.split()], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/x").respond_with_data("ok")
        yield server.url_for("/x")


def test_a_certificate_of_nobody_is_told_in_plain_words(self_signed, make_session):
    session = make_session()
    error = refusal(session, self_signed)
    assert "its certificate is not accepted (self" in str(error)
    assert not PYTHON.search(str(error))
    assert session.requests_made == 1, "it will not be another at the next try"


# --- the body --------------------------------------------------------------------------------------------------------

SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\nhalf of it"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n"


@pytest.mark.parametrize("answer", [SHORT, CHUNKED], ids=["shorter than told", "chunks without an end"])
def test_half_a_body_is_no_body(raw_server, make_session, answer):
    session = make_session(attempts=2)
    assert refusal(session, raw_server(answer, answer)).verdict is Verdict.CUT_SHORT
    assert session.requests_made == 2


def test_a_body_that_drips_is_given_up_at_the_deadline(raw_server, make_session):
    """Each byte comes in time for the socket; all of them together do not."""

    def drip(connection: socket.socket) -> None:
        try:
            for _ in range(100):
                connection.sendall(b".")
                clock.sleep(0.05)
        except OSError:
            pass

    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    session = make_session(deadline=0.3)
    start = clock.monotonic()
    error = refusal(session, raw_server(answer, answer, then=drip))
    assert error.verdict is Verdict.UNREACHABLE
    assert session.requests_made == 2
    assert clock.monotonic() - start < 3


def drips(*, each: bytes = b".", pause: float = 0.05):
    """Send *each* again and again, each time soon enough for a socket's timeout."""

    def send(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for _ in range(200):
                connection.sendall(each)
                clock.sleep(pause)

    return send


@pytest.mark.parametrize(
    ("answer", "each"),
    [
        pytest.param(b"HTTP/1.1 200 OK", b".", id="status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Drip: ", b".", id="header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;", b".", id="chunk's size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", id="trailers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b".", id="body without a length"),
    ],
)
def test_whatever_drips_is_given_up_at_the_deadline(raw_server, make_session, answer, each):
    """The deadline is for the whole exchange; what came until then is not taken for an answer."""
    session = make_session(deadline=0.3)
    start = clock.monotonic()
    error = refusal(session, raw_server(answer, answer, then=drips(each=each)))
    assert error.verdict is Verdict.UNREACHABLE
    assert "still coming" in str(error)
    assert session.requests_made == 2
    assert clock.monotonic() - start < 3


def test_a_handshake_that_drips_is_given_up_at_the_deadline(raw_server, make_session):
    session = make_session(deadline=0.3)
    start = clock.monotonic()
    hello = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"
    url = raw_server(hello, hello, then=drips()).replace("http://", "https://")
    error = refusal(session, url)
    assert error.verdict is Verdict.UNREACHABLE
    assert "still coming" in str(error)
    assert clock.monotonic() - start < 3


def test_a_connection_that_is_kept_is_watched_at_its_next_request_too(make_session):
    """The first answer is whole; on the same connection the second drips."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[int] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                accepted.append(1)
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    connection.recv(65536)
                    drips()(connection)

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    with listener:
        session = make_session(deadline=0.4, attempts=1)
        assert session.get(url, source="feed").body == b"ok"
        start = clock.monotonic()
        assert "still coming" in str(refusal(session, url))
        assert clock.monotonic() - start < 2
        assert accepted == [1], "the second request went over the first connection"


def test_a_watched_connection_is_kept(httpserver, make_session):
    """Twenty requests leave no more handles open than one."""
    httpserver.expect_request("/x").respond_with_data("ok")
    url = httpserver.url_for("/x")
    session = make_session()
    session.get(url, source="feed")
    before = len(session._watchdog._lines)
    for _ in range(20):
        session.get(url, source="feed")
    gc.collect()
    assert before <= 1
    assert len(session._watchdog._lines) <= 1
    assert threading.active_count() < 10, "no timer is left behind"


def test_silence_is_given_up(raw_server, make_session):
    session = make_session(timeouts=(1.0, 0.1), attempts=2)
    error = refusal(session, raw_server(b"", b"", then=lambda _: clock.sleep(0.5)))
    assert error.verdict is Verdict.UNREACHABLE
    assert session.requests_made == 2


def test_too_large_a_body_is_refused_at_once(httpserver, session):
    httpserver.expect_request("/x").respond_with_data(b"x" * 200_000)
    error = refusal(session, httpserver.url_for("/x"), limit_bytes=100_000)
    assert error.verdict is Verdict.MALFORMED
    assert session.requests_made == 1


def test_a_bomb_is_not_unpacked(httpserver, session):
    """A hundred megabytes in a hundred kilobytes; the bound is on what comes out."""
    bomb = gzip.compress(b"\0" * 100_000_000)
    httpserver.expect_request("/x").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    start = clock.process_time()
    assert refusal(session, httpserver.url_for("/x"), limit_bytes=1_000_000).verdict is Verdict.MALFORMED
    assert clock.process_time() - start < 2


# --- conditional requests --------------------------------------------------------------------------------------------


def test_an_answer_tells_what_to_ask_with_the_next_time(httpserver, session):
    """arXiv's ETag has no quotes; it is handed back as it came."""
    headers = {"ETag": "abc123", "Last-Modified": "Tue, 03 Feb 2026 05:00:00 GMT", "X-Else": "y"}
    httpserver.expect_request("/x").respond_with_data("body", headers=headers)
    httpserver.expect_request("/bare").respond_with_data("body")
    answer = session.get(httpserver.url_for("/x"), source="feed")
    assert answer.validators == {"If-None-Match": "abc123", "If-Modified-Since": "Tue, 03 Feb 2026 05:00:00 GMT"}
    assert session.get(httpserver.url_for("/bare"), source="feed").validators == {}


def test_an_answer_that_has_not_changed_is_a_304_which_no_check_sees(httpserver, session):
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == "abc123":
            return Response(status=304)
        return Response("body", headers={"ETag": "abc123"})

    def check(answer: Answer) -> None:
        assert answer.body == b"body"

    httpserver.expect_request("/x").respond_with_handler(answer)
    url = httpserver.url_for("/x")
    first = session.get(url, source="feed", check=check)
    again = session.get(url, source="feed", check=check, validators=first.validators)
    assert (again.status, again.body) == (304, b"")
    assert session.get(url, source="feed", check=check).status == 200, "nothing is remembered from one to the next"


def test_nothing_but_validators_is_sent(httpserver, session):
    httpserver.expect_request("/x").respond_with_data("body")
    told = {"If-Modified-Since": "Tue, 03 Feb 2026 05:00:00 GMT", "User-Agent": "somebody else", "Cookie": "x=y"}
    session.get(httpserver.url_for("/x"), source="feed", validators=told)
    sent = httpserver.log[0][0].headers
    assert sent["If-Modified-Since"] == told["If-Modified-Since"]
    assert sent["User-Agent"] == "digest-tests/1"
    assert "Cookie" not in sent


# --- redirects -------------------------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed(httpserver, session):
    httpserver.expect_request("/x").respond_with_data("", status=301, headers={"Location": "/y?q=1"})
    httpserver.expect_request("/y").respond_with_data("here")
    answer = session.get(httpserver.url_for("/x"), source="feed")
    assert (answer.body, answer.url) == (b"here", httpserver.url_for("/y?q=1"))
    assert session.requests_made == 2


@pytest.mark.parametrize(
    "target",
    [
        "http://example.org/",
        "https://arxiv.org.example.org/",
        "file:///etc/passwd",
        "http://127.0.0.1:1/x",
        "/x",
        "javascript:alert(1)",
        "http://localhost/x",
    ],
)
def test_a_redirect_away_from_arxiv_is_refused(httpserver, session, target):
    httpserver.expect_request("/x").respond_with_data("", status=302, headers={"Location": target})
    error = refusal(session, httpserver.url_for("/x"))
    assert error.verdict is Verdict.MALFORMED
    assert "not followed" in str(error)
    assert session.requests_made == 1


def test_redirects_without_end_end(httpserver, session):
    def onward(request: Request) -> Response:
        return Response(status=302, headers={"Location": request.path + "x"})

    httpserver.expect_request(re.compile("/x+")).respond_with_handler(onward)
    assert refusal(session, httpserver.url_for("/x")).verdict is Verdict.MALFORMED
    assert session.requests_made == 6


# --- pace ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_proxy(httpserver, monkeypatch):
    """Whatever host is asked by plain HTTP, this server answers."""
    monkeypatch.setenv("http_proxy", httpserver.url_for(""))
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return httpserver


def test_no_setting_makes_arxiv_be_asked_faster_than_in_three_seconds(as_proxy, session, time):
    as_proxy.expect_request("/api/query").respond_with_data("ok")
    as_proxy.expect_request("/oai").respond_with_data("ok")
    session.get("http://export.arxiv.org/api/query", source="api")
    session.get("http://oaipmh.arxiv.org/oai", source="oai")
    session.get("http://export.arxiv.org/api/query", source="api")
    assert time.slept == [3.0, 3.0], "its hosts are asked as one"


def test_pages_of_the_site_are_asked_slower(as_proxy, make_session, time):
    as_proxy.expect_request("/list/cs.AI/new").respond_with_data("ok")
    as_proxy.expect_request("/html/2602.00001v1").respond_with_data("ok")
    as_proxy.expect_request("/oai").respond_with_data("ok")
    session = make_session(request_interval=4.0, page_interval=15.0)
    for path in ("list/cs.AI/new", "oai", "html/2602.00001v1", "oai"):
        session.get(f"http://arxiv.org/{path}", source="list")
    assert time.slept == [4.0, 11.0, 4.0]


def test_arxiv_may_redirect_to_itself_and_each_step_is_timed(as_proxy, session, time):
    as_proxy.expect_request("/oai2").respond_with_data(
        "", status=301, headers={"Location": "http://oaipmh.arxiv.org/oai"}
    )
    as_proxy.expect_request("/oai").respond_with_data("ok")
    assert session.get("http://export.arxiv.org/oai2", source="oai").url == "http://oaipmh.arxiv.org/oai"
    assert time.slept == [3.0]


def test_hosts_that_are_not_arxiv_s_wait_for_themselves_alone(as_proxy, make_session, time):
    as_proxy.expect_request("/works").respond_with_data("ok")
    session = make_session(manners=OTHERS)
    for host in ("one.example", "another.example", "one.example"):
        session.get(f"http://{host}/works", source="works")
    assert time.slept == [1.0]


def test_a_budget_bounds_waits_and_all(as_proxy, make_session, time):
    """The third question would have to wait for a second that is not there."""
    as_proxy.expect_request("/works").respond_with_data("ok")
    session = make_session(manners=OTHERS, budget=1.5)
    for _ in range(2):
        session.get("http://one.example/works", source="works")
    assert refusal(session, "http://one.example/works").verdict is Verdict.THROTTLED
    assert (time.slept, session.requests_made, session.seconds_left) == ([1.0], 2, 0.5)


def test_an_answer_takes_no_longer_than_the_budget(raw_server, make_session):
    """A body that never ends is cut off, and there is no time to ask again."""
    url = raw_server(b"HTTP/1.1 200 OK\r\n\r\nx", then=lambda connection: clock.sleep(2))
    began = clock.monotonic()
    session = make_session(manners=OTHERS, budget=0.5, clock=clock.time, sleep=clock.sleep)
    assert refusal(session, url).verdict in (Verdict.THROTTLED, Verdict.UNREACHABLE)
    assert clock.monotonic() - began < 1.5


def test_what_is_posted_arrives_with_its_headers_and_again_when_the_server_is_down(httpserver, make_session):
    httpserver.expect_ordered_request("/x", method="POST").respond_with_data("", status=503)
    httpserver.expect_ordered_request(
        "/x", method="POST", query_string={"fields": "a,b"}, data='{"ids":["1"]}', headers={"x-api-key": "k"}
    ).respond_with_data("ok")
    session = make_session(manners=OTHERS)
    answer = session.post(
        httpserver.url_for("/x"), {"fields": "a,b"}, content=b'{"ids":["1"]}', source="x", headers={"x-api-key": "k"}
    )
    assert (answer.body, session.requests_made) == (b"ok", 2)


def test_a_403_of_another_host_is_an_answer(httpserver, make_session):
    """It may be for one question, or one key; what follows is for who asked to say."""
    httpserver.expect_request("/x").respond_with_data("no", status=403)
    session = make_session(manners=OTHERS)
    assert [session.get(httpserver.url_for("/x"), source="x").status for _ in range(2)] == [403, 403]


def test_a_redirect_into_this_machine_is_refused(as_proxy, session):
    as_proxy.expect_request("/x").respond_with_data("", status=302, headers={"Location": as_proxy.url_for("/secret")})
    assert refusal(session, "http://arxiv.org/x").verdict is Verdict.MALFORMED


def test_long_waits_are_told(as_proxy, make_session):
    told: list[str] = []
    as_proxy.expect_ordered_request("/oai").respond_with_data("", status=503, headers={"Retry-After": "60"})
    as_proxy.expect_ordered_request("/oai").respond_with_data("ok")
    make_session(on_wait=told.append).get("http://oaipmh.arxiv.org/oai", source="oai")
    (message,) = told
    assert "60 s" in message
    assert "HTTP 503" in message


def test_a_clock_that_was_set_back_stops_nobody(as_proxy, make_session, time):
    as_proxy.expect_request("/oai").respond_with_data("ok")
    session = make_session()
    session.get("http://arxiv.org/oai", source="oai")
    time.now -= 100_000
    session.get("http://arxiv.org/oai", source="oai")
    assert time.slept == [3.0]


def test_a_damaged_file_of_times_is_begun_anew(as_proxy, make_session, time, tmp_path):
    as_proxy.expect_request("/oai").respond_with_data("ok")
    state = tmp_path / "state"
    state.mkdir()
    for content in ("", "[]", '{"any:arXiv": "x"}', "\0", '{"any:arXiv": NaN}', '{"any:arXiv": 1e999}'):
        (state / "pace.json").write_text(content)
        make_session().get("http://arxiv.org/oai", source="oai")
    assert time.slept == []


def test_a_folder_that_cannot_be_made_is_told(make_session, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "pace.lock").mkdir(parents=True)
    for folder in (tmp_path / "file" / "state", tmp_path / "taken"):
        with pytest.raises(ConfigError, match="cannot be written"):
            make_session(state_dir=folder).get("http://127.0.0.1:1/", source="feed")


def test_a_proxy_of_the_environment_is_not_for_this_machine(httpserver, session, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    httpserver.expect_request("/x").respond_with_data("ok")
    assert session.get(httpserver.url_for("/x"), source="feed").body == b"ok"


SCRIPT = """
import sys
from pathlib import Path
from digest.arxiv.session import PoliteSession
with PoliteSession(user_agent=sys.argv[3], state_dir=Path(sys.argv[2]), request_interval=0.3, page_interval=0.3) as session:
    for _ in range(3):
        session.get(sys.argv[1], source="feed")
"""


def test_two_processes_share_the_interval(httpserver, tmp_path):
    """Six requests of two processes are as far apart as those of one."""
    times: list[float] = []

    def note(_: Request) -> Response:
        times.append(clock.monotonic())
        return Response("ok")

    httpserver.expect_request("/x").respond_with_handler(note)
    command = [sys.executable, "-c", SCRIPT, httpserver.url_for("/x"), str(tmp_path)]
    processes = [subprocess.Popen([*command, name]) for name in ("one", "two")]
    assert [process.wait(timeout=30) for process in processes] == [0, 0]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == 6
    assert min(gaps) > 0.2, gaps
    agents = {request.headers["User-Agent"] for request, _ in httpserver.log}
    assert agents == {"one", "two"}


ASK = """
import sys
from pathlib import Path
from digest.arxiv.session import PoliteSession
from digest.errors import SourceError
folder, name, attempts = sys.argv[1:]
session = PoliteSession(
    user_agent=name, state_dir=Path(folder), request_interval=0.2, page_interval=0.2, attempts=int(attempts)
)
with session:
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            print(session.get(line.strip(), source="feed").status, flush=True)
        except SourceError as error:
            print(error.verdict.value, flush=True)
"""


@pytest.fixture
def process(tmp_path):
    """Processes of digest that share a folder; each asks for what it is told to, a line at a time, and says what came."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, attempts: int = 1) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", ASK, str(tmp_path), name, str(attempts)]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "ready\n"
        return started[-1]

    yield start
    for one in started:
        one.stdin.close()
        one.wait(timeout=30)
        one.stdout.close()


def ask(process: subprocess.Popen[str], url: str) -> None:
    process.stdin.write(f"{url}\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip()


def test_another_process_keeps_to_a_retry_after(httpserver, process):
    """Also one that was waiting for its turn when the first was told to wait; and the first gave up at once."""
    times: list[float] = []

    def busy(_: Request) -> Response:
        times.append(clock.monotonic())
        if len(times) == 1:
            clock.sleep(0.1)  # the other takes its place in the queue meanwhile
            return Response("", status=429, headers={"Retry-After": "2"})
        return Response("ok")

    httpserver.expect_request("/x").respond_with_handler(busy)
    first, second = process("first"), process("second")
    ask(first, httpserver.url_for("/x"))
    clock.sleep(0.05)
    ask(second, httpserver.url_for("/x"))
    assert (said(first), said(second)) == ("throttled", "200")
    assert times[1] - times[0] >= 1.9


def test_a_403_stops_every_process_that_is_at_work(httpserver, process):
    """One that begins later asks once, because the user may have been heard meanwhile."""
    httpserver.expect_request("/no").respond_with_data("stop", status=403)
    httpserver.expect_request("/x").respond_with_data("ok")
    first, second = process("first"), process("second")
    ask(first, httpserver.url_for("/no"))
    assert said(first) == "blocked"
    ask(second, httpserver.url_for("/x"))
    assert said(second) == "blocked"
    assert len(httpserver.log) == 1
    third = process("third")
    ask(third, httpserver.url_for("/x"))
    assert said(third) == "200"


def test_a_process_that_is_killed_holds_nobody_up(httpserver, process):
    """The system lets go of its lock."""
    asked = threading.Event()

    def hang(_: Request) -> Response:
        if not asked.is_set():
            asked.set()
            clock.sleep(0.5)
        return Response("ok")

    httpserver.expect_request("/x").respond_with_handler(hang)
    first, second = process("first"), process("second")
    ask(first, httpserver.url_for("/x"))
    assert asked.wait(10)
    first.kill()
    ask(second, httpserver.url_for("/x"))
    assert said(second) == "200"


def test_the_last_of_several_tries_leaves_its_retry_after_to_the_next_run(httpserver, make_session, time):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "60"})
    httpserver.expect_ordered_request("/x").respond_with_data("ok")
    refusal(make_session(attempts=1), httpserver.url_for("/x"))
    assert time.slept == []
    make_session().get(httpserver.url_for("/x"), source="feed")
    assert time.slept == [60]


def test_a_refusal_from_the_future_blocks_nobody(httpserver, make_session, time):
    """The clock was set back since."""
    httpserver.expect_request("/no").respond_with_data("stop", status=403)
    httpserver.expect_request("/x").respond_with_data("ok")
    time.now += 1000
    refusal(make_session(), httpserver.url_for("/no"))
    time.now -= 1000
    assert make_session().get(httpserver.url_for("/x"), source="feed").status == 200


def test_arxiv_sees_one_connection_of_two_sessions(as_proxy, make_session):
    """A second session waits until the first has its whole answer."""
    running: list[int] = []
    most: list[int] = []

    def slow(_: Request) -> Response:
        running.append(1)
        most.append(len(running))
        clock.sleep(0.2)
        running.pop()
        return Response("ok")

    as_proxy.expect_request("/oai").respond_with_handler(slow)
    sessions = [make_session(), make_session()]
    threads = [
        threading.Thread(target=s.get, args=("http://arxiv.org/oai",), kwargs={"source": "oai"}) for s in sessions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]
