"""Raw answers: kept, damaged, expired, and played again."""

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from digest.arxiv import feed, listing, oai
from digest.arxiv.raw import Expired, Kept, RawStore, RecordingSession, ReplaySession
from digest.arxiv.session import Answer, ServerFault
from digest.errors import ConfigError, SourceError
from digest.model import Verdict
from digest.testing.fake_arxiv import FakeArxiv

NOW = datetime(2026, 2, 3, 6, tzinfo=UTC)

questions = st.builds(
    Kept,
    url=st.sampled_from(["https://oaipmh.arxiv.org/oai", "https://rss.arxiv.org/atom/cs.AI"]),
    params=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
    source=st.sampled_from(["feed", "oai"]),
    answered_by=st.just("https://oaipmh.arxiv.org/oai"),
    status=st.sampled_from([0, 200, 500]),
    headers=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
    sha256=st.sampled_from(["", "ab" * 32]),
    time=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    verdict=st.sampled_from([None, *Verdict]),
    message=st.text(max_size=20),
)
BASE = Kept(url="http://x/", params={}, source="feed", headers={}, time=NOW)


@pytest.fixture
def store(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "raw")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- bodies ----------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_a_body_comes_back_as_it_was(store, body):
    assert store.body(store.put(body)) == body


def test_the_same_body_is_one_small_file_written_once(store, tmp_path):
    body = b"We invent. " * 10_000
    name = store.put(body)
    (path,) = (tmp_path / "raw").rglob("*.gz")
    before = path.stat()
    assert store.put(body) == name
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert before.st_size < len(body) / 50
    assert gzip.decompress(path.read_bytes()) == body, "any tool can read it"
    assert list(files(tmp_path)) == [f"raw/bodies/{name[:2]}/{name}.gz"], "no draft is left"


def test_a_body_that_is_gone_is_told(store, tmp_path):
    name = store.put(b"body")
    next((tmp_path / "raw").rglob("*.gz")).unlink()
    with pytest.raises(SourceError, match="is gone") as caught:
        store.body(name)
    assert caught.value.verdict is Verdict.UNREACHABLE
    assert name in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_body_that_is_cut_or_changed_is_never_handed_out(store, tmp_path, data):
    """Whatever became of the file: the body as it was, or an error that names the file."""
    body = b"We invent planets and their weather."
    name = store.put(body)
    path = tmp_path / "raw" / "bodies" / name[:2] / f"{name}.gz"
    whole = gzip.compress(body, mtime=0)
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :], b""]))
    path.write_bytes(damaged)
    told: bytes | SourceError
    try:
        told = store.body(name)
    except SourceError as error:
        told = error
    if isinstance(told, SourceError):
        assert told.verdict is Verdict.MALFORMED
        assert str(path) in str(told)
    else:
        assert told == body, "a byte of gzip's header can change without harm"
    path.write_bytes(whole)


def test_a_body_under_anothers_name_is_damaged(store, tmp_path):
    name, other = store.put(b"one"), store.put(b"two")
    paths = {path.stem: path for path in (tmp_path / "raw").rglob("*.gz")}
    paths[name].write_bytes(paths[other].read_bytes())
    with pytest.raises(SourceError, match="damaged"):
        store.body(name)


# --- indexes ---------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(kept=st.lists(questions, min_size=1, max_size=4), more=questions, data=st.data())
def test_an_index_that_a_crash_has_cut_anywhere_keeps_all_whole_lines_and_goes_on(tmp_path_factory, kept, more, data):
    """What was written before the crash is there, in order; the cut line is as if it had never been."""
    folder = tmp_path_factory.mktemp("raw")
    store = RawStore(folder)
    for one in kept:
        store.append(7, one)
    assert store.kept(7) == tuple(kept)
    (path,) = (folder / "runs").iterdir()
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:at])
    survivors = whole[:at].count(b"\n")
    assert store.kept(7) == tuple(kept[:survivors])
    store.append(7, more)
    assert store.kept(7) == (*kept[:survivors], more)


def test_a_whole_line_that_cannot_be_read_is_told_with_its_number(store, tmp_path):
    store.append(7, BASE)
    store.append(7, BASE)
    (path,) = (tmp_path / "raw" / "runs").iterdir()
    for bad in (b"{}\n", b"\0\0\0\n", b"[1]\n", b'{"url": 1}\n'):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(lines[0] + bad)
        with pytest.raises(SourceError, match="line 2: damaged") as caught:
            store.kept(7)
        assert caught.value.verdict is Verdict.MALFORMED


def test_runs_are_told_in_their_order(store):
    assert (store.runs(), store.kept(3)) == ((), ())
    for run in (10, 9, 1_234_567):
        store.append(run, BASE)
    assert store.runs() == (9, 10, 1_234_567)


SCRIPT = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from digest.arxiv.raw import Kept, RawStore
store = RawStore(Path(sys.argv[1]))
for number in range(10_000):
    body = f"answer {number}".encode() * 200
    store.append(1, Kept(url=f"http://x/{number}", params={}, source="feed", headers={}, status=200, sha256=store.put(body), time=datetime.now(UTC)))
    print(number, flush=True)
"""


@pytest.mark.parametrize("told", [0, 3, 11])
def test_a_kill_leaves_every_answer_that_was_told_with_its_body(tmp_path, told):
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(told + 1):
            process.stdout.readline()
        process.kill()
    store = RawStore(tmp_path)
    kept = store.kept(1)
    assert len(kept) > told
    assert [one.url for one in kept] == [f"http://x/{number}" for number in range(len(kept))]
    for number, one in enumerate(kept):
        assert store.body(one.sha256) == f"answer {number}".encode() * 200


# --- expiring --------------------------------------------------------------------------------------------------------


def test_what_is_old_goes_and_what_a_kept_run_needs_stays(store, tmp_path):
    old, both, young = store.put(b"old"), store.put(b"both"), store.put(b"young")
    long_ago = NOW - timedelta(days=31)
    for run, time, names in ((1, long_ago, (old, both)), (2, NOW - timedelta(days=30), (both,)), (3, NOW, (young,))):
        for name in names:
            store.append(run, replace(BASE, time=time, sha256=name))
    (tmp_path / "raw" / "bodies" / old[:2] / f"{old}.gz.123.part").write_bytes(b"half")
    assert store.expire(30, NOW) == Expired(runs=1, bodies=1)
    assert store.runs() == (2, 3)
    assert (store.body(both), store.body(young)) == (b"both", b"young")
    assert not [name for name in files(tmp_path) if old in name]
    before = files(tmp_path)
    assert store.expire(30, NOW) == Expired(runs=0, bodies=0)
    assert files(tmp_path) == before


def test_a_run_is_as_old_as_its_last_question(store):
    store.append(1, replace(BASE, time=NOW - timedelta(days=40)))
    store.append(1, replace(BASE, time=NOW))
    assert store.expire(30, NOW) == Expired(0, 0)


def test_a_damaged_line_does_not_cost_the_other_lines_their_bodies(store, tmp_path):
    name = store.put(b"body")
    store.append(1, replace(BASE, sha256=name))
    with (tmp_path / "raw" / "runs" / "000001.jsonl").open("ab") as file:
        file.write(b"garbage\n")
    assert store.expire(30, NOW) == Expired(0, 0)
    assert store.body(name) == b"body"


def test_nothing_kept_is_nothing_to_expire(store, tmp_path):
    assert store.expire(0, NOW) == Expired(0, 0)
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60), st.binary(max_size=2)), max_size=8), st.integers(0, 60)
)
def test_after_expiring_every_kept_answer_has_its_body_and_no_other_body_is_there(tmp_path_factory, told, days):
    folder = tmp_path_factory.mktemp("raw")
    store = RawStore(folder)
    for run, age, body in sorted(told, key=lambda one: -one[1]):
        store.append(run, replace(BASE, time=NOW - timedelta(days=age), sha256=store.put(body)))
    store.expire(days, NOW)
    names = {one.sha256 for run in store.runs() for one in store.kept(run)}
    assert {path.stem for path in folder.rglob("*.gz")} == names
    ages = {run: min(age for other, age, _ in told if other == run) for run, _, _ in told}
    assert set(store.runs()) == {run for run, age in ages.items() if age <= days}


# --- recording and replaying -----------------------------------------------------------------------------------------


@pytest.fixture
def recording(session, store, time):
    return RecordingSession(session, store, 1, clock=time)


def test_an_answer_is_kept_with_what_was_asked_and_when(httpserver, recording, session, store, time):
    headers = {"ETag": "abc", "Set-Cookie": "secret=1", "Content-Type": "text/plain"}
    httpserver.expect_request("/x").respond_with_data("body", headers=headers)
    answer = recording.get(httpserver.url_for("/x"), {"b": "2", "a": "1"}, source="feed")
    assert recording.requests_made == session.requests_made == 1
    (kept,) = store.kept(1)
    assert (kept.method, kept.url, kept.params, kept.source) == ("GET", httpserver.url_for("/x"), {"b": "2", "a": "1"}, "feed")  # fmt: skip
    assert (kept.status, kept.answered_by, kept.verdict) == (200, answer.url, None)
    assert kept.time == datetime.fromtimestamp(time.now, UTC)
    assert store.body(kept.sha256) == b"body"
    assert (kept.headers["ETag"], kept.headers["Content-Type"]) == ("abc", "text/plain")
    assert "Set-Cookie" not in kept.headers


def test_a_replay_answers_as_the_run_was_answered_without_asking(httpserver, recording, store):
    numbers = iter(range(100))
    httpserver.expect_request("/x").respond_with_handler(lambda _: Response(f"answer {next(numbers)}"))
    httpserver.expect_request("/gone").respond_with_data("no such", status=404)
    url, gone = httpserver.url_for("/x"), httpserver.url_for("/gone")
    told = [recording.get(url, {"q": q}, source="feed") for q in ("one", "two", "one")]
    recording.get(gone, source="feed")
    asked = len(httpserver.log)
    replay = ReplaySession(store, 1)
    again = [replay.get(url, {"q": q}, source="feed") for q in ("two", "one", "one", "one")]
    assert [answer.body for answer in again] == [b"answer 1", b"answer 0", b"answer 2", b"answer 2"]
    assert again[0].headers["content-TYPE"] == told[1].headers["Content-Type"], "names in any case"
    assert again[0].url == told[1].url
    assert replay.get(gone, source="feed").status == 404
    assert (len(httpserver.log), replay.requests_made) == (asked, 0)


def test_parameters_are_the_same_in_any_order(httpserver, recording, store):
    httpserver.expect_request("/x").respond_with_data("body")
    recording.get(httpserver.url_for("/x"), {"a": "1", "b": "2"}, source="feed")
    assert ReplaySession(store, 1).get(httpserver.url_for("/x"), {"b": "2", "a": "1"}, source="feed").body == b"body"


def test_what_was_not_asked_in_the_run_is_unreachable(httpserver, recording, store):
    httpserver.expect_request("/x").respond_with_data("body")
    recording.get(httpserver.url_for("/x"), source="feed")
    replay = ReplaySession(store, 1)
    for params in (None, {"a": "1"}):
        with pytest.raises(SourceError, match="not in the recording of run 1") as caught:
            replay.get(httpserver.url_for("/y"), params, source="oai")
        assert (caught.value.verdict, caught.value.source) == (Verdict.UNREACHABLE, "oai")


def test_a_run_of_which_nothing_is_kept_is_a_fault_of_the_command(store):
    store.append(4, BASE)
    with pytest.raises(ConfigError, match="nothing of run 5 is kept; kept are: 4"):
        ReplaySession(store, 5)


def test_a_body_that_is_gone_is_told_with_the_run(httpserver, recording, store, tmp_path):
    httpserver.expect_request("/x").respond_with_data("body")
    recording.get(httpserver.url_for("/x"), source="feed")
    next((tmp_path / "raw").rglob("*.gz")).unlink()
    with pytest.raises(SourceError, match="run 1 cannot be replayed") as caught:
        ReplaySession(store, 1).get(httpserver.url_for("/x"), source="feed")
    assert (caught.value.source, caught.value.verdict) == ("feed", Verdict.UNREACHABLE)


def refuse(answer: Answer) -> None:
    raise SourceError("feed", Verdict.MALFORMED, f"{len(answer.body)} bytes are no feed")


def test_an_error_of_the_run_is_the_error_of_its_replay(httpserver, recording, store):
    """A server's fault stays one, because a harvest goes on after it; a throttled host stays throttled."""
    httpserver.expect_request("/500").respond_with_data("down", status=500)
    httpserver.expect_request("/429").respond_with_data("", status=429, headers={"Retry-After": "9999"})
    first: dict[str, SourceError] = {}
    for path in ("/500", "/429"):
        with pytest.raises(SourceError) as caught:
            recording.get(httpserver.url_for(path), source="feed")
        first[path] = caught.value
    asked = len(httpserver.log)
    replay = ReplaySession(store, 1)
    for path, before in first.items():
        with pytest.raises(SourceError) as caught:
            replay.get(httpserver.url_for(path), source="feed")
        assert (type(caught.value), caught.value.verdict, str(caught.value)) == (
            type(before),
            before.verdict,
            str(before),
        )
    assert isinstance(first["/500"], ServerFault)
    assert len(httpserver.log) == asked


def test_a_refused_answer_is_kept_and_judged_anew(httpserver, make_session, store):
    """Whoever mends a check can run the night again that it has refused."""
    httpserver.expect_request("/x").respond_with_data("odd body")
    url = httpserver.url_for("/x")
    with pytest.raises(SourceError):
        RecordingSession(make_session(attempts=2), store, 1).get(url, source="feed", check=refuse)
    (kept,) = store.kept(1)
    assert (kept.verdict, kept.status, store.body(kept.sha256)) == (Verdict.MALFORMED, 200, b"odd body")
    with pytest.raises(SourceError, match="8 bytes are no feed"):
        ReplaySession(store, 1).get(url, source="feed", check=refuse)
    assert ReplaySession(store, 1).get(url, source="feed", check=lambda _: None).body == b"odd body"
    with pytest.raises(SourceError, match="8 bytes are no feed"):
        ReplaySession(store, 1).get(url, source="feed")


def test_checks_are_run_on_what_was_believed_too(httpserver, recording, store):
    httpserver.expect_request("/x").respond_with_data("body")
    recording.get(httpserver.url_for("/x"), source="feed")
    with pytest.raises(SourceError, match="4 bytes"):
        ReplaySession(store, 1).get(httpserver.url_for("/x"), source="feed", check=refuse)
    with pytest.raises(SourceError, match="larger than 3 bytes"):
        ReplaySession(store, 1).get(httpserver.url_for("/x"), source="feed", limit_bytes=3)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_the_recording_and_not_the_night(httpserver, recording, store, tmp_path):
    httpserver.expect_request("/x").respond_with_data("body")
    tmp_path.chmod(0o500)
    try:
        assert recording.get(httpserver.url_for("/x"), source="feed").body == b"body"
    finally:
        tmp_path.chmod(0o700)
    (fault,) = recording.faults
    assert "feed" in fault


def test_a_folder_that_is_a_file_costs_the_recording_and_not_the_night(httpserver, session, tmp_path):
    (tmp_path / "raw").write_text("")
    httpserver.expect_request("/x").respond_with_data("body")
    recording = RecordingSession(session, RawStore(tmp_path / "raw"), 1)
    assert recording.get(httpserver.url_for("/x"), source="feed").body == b"body"
    assert len(recording.faults) == 1


def paper(number: int) -> dict[str, object]:
    return {
        "id": f"2602.{number:05}",
        "title": f"On Invented Planet {number}",
        "authors": ["Ada Uthor"],
        "abstract": "We invent.",
        "categories": ["cs.AI"],
        "first_seen": "2026-02-03",
    }


def night(session, url: str) -> tuple[object, ...]:
    return (
        feed.fetch_feed(session, url, ["cs.AI"]),
        list(oai.harvest(session, f"{url}/oai", oai_set="cs:cs:AI", since=date(2026, 1, 31))),
        listing.new(session, url, "cs.AI"),
        listing.catchup(session, url, "cs.AI", date(2026, 2, 3)),
    )


def test_a_whole_night_is_replayed_from_its_recording(make_session, store):
    """Feed, three pages of OAI-PMH, listing and catch-up, some of them after faults that passed."""
    fake = FakeArxiv(
        map(paper, range(1, 8)), as_of="2026-02-03T07:00:00Z", page_size=3, faults="feed:500:1,oai:cut:1,list:429=1:1"
    )
    with fake:
        first = night(RecordingSession(make_session(), store, 12), fake.url)
        asked = len(fake.requests)
        assert night(ReplaySession(store, 12), fake.url) == first
        assert len(fake.requests) == asked
    assert len(first[1]) == 3
    assert [kept.source for kept in store.kept(12)] == ["feed", "oai", "oai", "oai", "list", "catchup"]
    assert night(ReplaySession(store, 12), fake.url) == first, "with the host gone"


def test_a_question_with_validators_is_kept_as_it_was_answered(httpserver, recording, store):
    def answer(request: Request) -> Response:
        return Response(status=304) if "If-None-Match" in request.headers else Response("body", headers={"ETag": "e"})

    httpserver.expect_request("/x").respond_with_handler(answer)
    url = httpserver.url_for("/x")
    first = recording.get(url, source="feed")
    recording.get(url, source="feed", validators=first.validators)
    replay = ReplaySession(store, 1)
    assert [replay.get(url, source="feed").status for _ in range(2)] == [200, 304]
