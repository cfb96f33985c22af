"""The client of the chat protocol: what a server may do, and what becomes of it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.backends.llm import LIMIT_BYTES, ChatServer
from digest.errors import WriterFault
from digest.ports import Question

KEY = "sk-a-secret-that-nobody-may-see"
PATH = "/v1/chat/completions"
QUESTION = Question(
    name="account",
    system="You judge.",
    user="1: a^sentence",
    schema={"type": "object", "properties": {"tldr": {"type": "integer"}}, "required": ["tldr"]},
    max_tokens=50,
)


def answer(content: object = '{"tldr": 1}', **changes: object) -> dict[str, object]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 40, "completion_tokens": 7, "total_tokens": 47}
    return {"choices": [choice | changes], "usage": usage}


Client = Callable[..., ChatServer]


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[Client]:
    made = []

    def make(**changes: object) -> ChatServer:
        given = {"base_url": httpserver.url_for("/v1"), "model": "small", "key": KEY, "proxied": False, "timeout": 5.0}
        made.append(ChatServer(**(given | {"sleep": lambda seconds: None} | changes)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def fault_of(writer: ChatServer, seconds: float = 5.0) -> WriterFault:
    with pytest.raises(WriterFault) as caught:
        writer.ask(QUESTION, seconds=seconds)
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value.__cause__)
    return caught.value


def test_a_question_is_one_post_with_a_strict_schema(httpserver, client):
    """The temperature is 0, the seed fixed, and the answer bounded; the key is in its header alone."""
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(json.dumps(answer()), content_type="application/json")

    httpserver.expect_request(PATH, method="POST").respond_with_handler(handler)
    reply = client().ask(QUESTION, seconds=5)
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens, reply.complaint) == ('{"tldr": 1}', 40, 7, "")
    body = seen[0].json
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("small", 0, 50)
    assert isinstance(body["seed"], int)
    form = body["response_format"]["json_schema"]
    assert (body["response_format"]["type"], form["strict"], form["schema"]) == ("json_schema", True, QUESTION.schema)
    assert seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(body)


def test_without_a_key_none_is_sent_and_no_password_file_is_asked(httpserver, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password mine\nmachine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen = []

    def handler(request: Request) -> Response:
        seen.append(request.headers.get("Authorization"))
        return Response(json.dumps(answer()))

    httpserver.expect_request(PATH).respond_with_handler(handler)
    client(key="", proxied=True).ask(QUESTION, seconds=5)
    client(proxied=True).ask(QUESTION, seconds=5)
    assert seen == [None, f"Bearer {KEY}"]


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(httpserver, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    httpserver.expect_request(PATH).respond_with_json(answer())
    assert client(proxied=False).ask(QUESTION, seconds=5).text
    assert fault_of(client(proxied=True)).reason == "unreachable"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "key refused"), (402, "not paid"), (403, "key refused"), (404, "not found"), (405, "not found")],
)
def test_a_wrong_key_or_address_is_lasting_and_not_asked_again(httpserver, client, status, reason):
    httpserver.expect_request(PATH).respond_with_json({"error": {"message": f"bad key {KEY}"}}, status=status)
    fault = fault_of(client())
    assert (fault.reason, fault.lasting) == (reason, True)
    assert "[llm]" in str(fault) or status == 402
    assert len(httpserver.log) == 1


def test_a_busy_server_is_asked_again_when_it_says(httpserver, client):
    waits: list[float] = []
    httpserver.expect_ordered_request(PATH).respond_with_data("", status=429, headers={"Retry-After": "3"})
    httpserver.expect_ordered_request(PATH).respond_with_data("", status=503)
    httpserver.expect_ordered_request(PATH).respond_with_json(answer())
    assert client(sleep=waits.append).ask(QUESTION, seconds=5).text
    assert waits[0] == 3
    assert 1 <= waits[1] <= 2


@pytest.mark.parametrize(
    ("status", "after", "reason", "lasting", "requests"),
    [
        pytest.param(429, "3600", "throttled", True, 1, id="an hour is too long"),
        pytest.param(429, "30", "throttled", False, 1, id="longer than the question may take"),
        pytest.param(429, "0", "throttled", False, 3, id="again and again"),
        pytest.param(500, "0", "server error", False, 3, id="a fault each time"),
        pytest.param(418, "", "not in the protocol", False, 1, id="no status of a server that answers"),
    ],
)
def test_a_server_that_stays_busy_is_a_fault(httpserver, client, status, after, reason, lasting, requests):
    httpserver.expect_request(PATH).respond_with_data("", status=status, headers={"Retry-After": after})
    fault = fault_of(client())
    assert (fault.reason, fault.lasting, len(httpserver.log)) == (reason, lasting, requests)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"<!DOCTYPE html><title>Sign in</title>", "not in the protocol", id="a web page"),
        pytest.param(b'{"choices": [{"message": {"con', "not in the protocol", id="cut JSON"),
        pytest.param(b'{"choices": []}', "not in the protocol", id="no choice"),
        pytest.param(b'{"choices": "none"}', "not in the protocol", id="choices of another kind"),
        pytest.param(b'{"choices": [{"message": null}]}', "not in the protocol", id="no message"),
        pytest.param(
            b'{"choices": [{"message": {"content": 7}}]}', "not in the protocol", id="content of another kind"
        ),
        pytest.param(b"[]", "not in the protocol", id="a list"),
        pytest.param(b"\xff\xfe\x00", "not in the protocol", id="no text"),
        pytest.param(b"[" * 200_000, "not in the protocol", id="nested without end"),
        pytest.param(b" " * (LIMIT_BYTES + 1), "not in the protocol", id="huge"),
    ],
)
def test_an_answer_of_another_kind_is_a_fault(httpserver, client, body, reason):
    httpserver.expect_request(PATH).respond_with_data(body, content_type="application/json")
    assert fault_of(client()).reason == reason


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        pytest.param({"finish_reason": "length"}, "cut short", id="length"),
        pytest.param({"finish_reason": "content_filter"}, "declined", id="filter"),
        pytest.param({"message": {"content": None, "refusal": "I cannot"}}, "declined", id="refusal"),
        pytest.param({"message": {"content": None}}, "empty", id="nothing"),
        pytest.param({"message": {"content": "  "}}, "empty", id="blanks"),
        pytest.param({"finish_reason": None}, "", id="no reason"),
    ],
)
def test_what_a_model_says_of_its_answer_is_told(httpserver, client, choice, complaint):
    httpserver.expect_request(PATH).respond_with_json(answer(**choice))
    assert client().ask(QUESTION, seconds=5).complaint == complaint


@pytest.mark.parametrize(
    "usage", [None, {}, [], {"prompt_tokens": -1}, {"prompt_tokens": True}, {"prompt_tokens": "9"}]
)
def test_tokens_that_are_no_number_are_not_believed(httpserver, client, usage):
    httpserver.expect_request(PATH).respond_with_json(answer() | {"usage": usage})
    reply = client().ask(QUESTION, seconds=5)
    assert (reply.prompt_tokens, reply.completion_tokens) == (None, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_key(httpserver, client, status):
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request(PATH).respond_with_data("", status=status, headers={"Location": elsewhere})
    httpserver.expect_request("/elsewhere").respond_with_json(answer())
    fault = fault_of(client())
    assert (fault.reason, fault.lasting) == ("redirected", True)
    assert [request.path for request, _ in httpserver.log] == [PATH]


def test_a_server_that_knows_no_schema_is_asked_without_one_from_then_on(httpserver, client):
    """Models that think first take another bound and no temperature: that is tried before the schema is given up."""
    bodies = []

    def handler(request: Request) -> Response:
        bodies.append(request.json)
        if "response_format" in request.json:
            return Response('{"error": "unknown field response_format"}', status=400)
        return Response(json.dumps(answer()))

    httpserver.expect_request(PATH).respond_with_handler(handler)
    writer = client()
    assert writer.ask(QUESTION, seconds=5).text
    assert writer.ask(QUESTION, seconds=5).text
    formats = ["response_format" in body for body in bodies]
    assert formats == [True, True, False, False]
    assert "max_completion_tokens" in bodies[1]
    assert "temperature" not in bodies[1]


def test_one_question_that_is_refused_in_every_form_changes_nothing_for_the_next(httpserver, client):
    """It may be too long for the model."""
    for _ in range(3):
        httpserver.expect_ordered_request(PATH).respond_with_data("", status=422)
    httpserver.expect_ordered_request(PATH).respond_with_json(answer())
    writer = client()
    fault = fault_of(writer)
    assert (fault.reason, fault.lasting) == ("question refused", False)
    assert writer.ask(QUESTION, seconds=5).text
    assert "response_format" in httpserver.log[-1][0].json


def test_nobody_listens(client):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    fault = fault_of(client(base_url=f"http://127.0.0.1:{port}/v1"))
    assert (fault.reason, fault.lasting) == ("unreachable", False)
    assert "connection refused" in str(fault)
    assert "object at" not in str(fault)


@contextmanager
def dripping(piece: bytes) -> Iterator[str]:
    """A server that sends *piece* ten times a second, and never ends."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
            while not over.wait(0.1):
                try:
                    line.sendall(piece)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        over.set()
        thread.join()


@pytest.mark.parametrize("piece", [pytest.param(b" ", id="drips"), pytest.param(b"", id="is silent")])
def test_a_slow_server_is_left_when_the_time_is_up(client, piece):
    with dripping(piece) as url:
        begin = time.monotonic()
        fault = fault_of(client(base_url=url, timeout=0.5))
        assert (fault.reason, fault.lasting) == ("too slow", False)
        assert time.monotonic() - begin < 4


def test_the_nights_end_bounds_a_question_too(client):
    with dripping(b" ") as url:
        begin = time.monotonic()
        assert fault_of(client(base_url=url, timeout=60), seconds=0.5).reason == "too slow"
        assert time.monotonic() - begin < 4


def test_an_answer_that_ends_early_is_a_fault(client):
    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        fault = fault_of(client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}/v1"))
        thread.join()
    assert fault.reason == "broken off"
