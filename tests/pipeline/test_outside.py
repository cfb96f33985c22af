"""Nights with sources outside arXiv: whom they ask, what becomes of the answers, and that no fault of theirs matters."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest import config
from digest.catalogue.outside import Cause, Silence
from digest.cli.session import instant, prose
from digest.errors import ConfigError
from digest.model import Teller, Verdict
from digest.pipeline import commands
from digest.pipeline.commands import GOOD
from digest.pipeline.outside import again, consult, silent
from digest.pipeline.publish import publish
from digest.pipeline.values import Consulted
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fake_sources import FakeSources, hub_paper, openalex_work, scholar_record
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes

MONDAY, TUESDAY, THURSDAY, FRIDAY = "2026-02-02", "2026-02-03", "2026-02-05", "2026-02-06"
SECRET = "s3cret-k3y"


@dataclass
class Elsewhere:
    """The four sources on one loopback host, and the environment in which digest asks them."""

    sources: FakeSources
    url: str
    faults: dict[str, Response] = field(default_factory=dict)  # path → what is answered there instead

    def switched_on(self, *names: str, **more: str) -> dict[str, str]:
        urls = {f"DIGEST_OUTSIDE__{name.upper()}_URL": self.url for name in Teller}
        return {f"DIGEST_OUTSIDE__{name.upper()}": "true" for name in names} | urls | more


@pytest.fixture
def elsewhere(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    for name in ("S2_API_KEY", "OPENALEX_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    one = Elsewhere(FakeSources(), httpserver.url_for(""))

    def answer(request: Request) -> Response:
        if request.path in one.faults:
            return one.faults[request.path]
        status, value = one.sources.answer(request.path, request.args, request.get_data(), request.headers)
        return Response(json.dumps(value), status, content_type="application/json")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return one


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a first night, in which nobody outside was asked."""
    folder = make_home(tmp_path_factory.mktemp("first") / "home")
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "user-state"))
        arxiv.as_of = moment = f"{MONDAY}T07:00:00Z"
        with QuickAssembly(folder, config.load(folder, demo.settings(arxiv.url))) as assembly:
            commands.run(assembly, instant(moment))
    return folder


@pytest.fixture
def monday(home: Path, first_night: Path) -> list[str]:
    """Let the first night have been; its papers, in the order in which they are asked for."""
    shutil.copytree(first_night, home, dirs_exist_ok=True)
    return _rows(home, "SELECT id FROM papers WHERE noted AND settled ORDER BY announced DESC, id")


Ask = Callable[..., tuple[Consulted, ...]]


@pytest.fixture
def ask(home: Path) -> Ask:
    """What a night asks outside, and the notes that follow from it; arXiv is not asked."""

    def once(day: str, **environment: str) -> tuple[Consulted, ...]:
        followed = {"DIGEST_ARXIV__CATEGORIES": demo.CATEGORIES}
        with QuickAssembly(home, config.load(home, followed | environment)) as assembly:
            consulted = consult(assembly, date.fromisoformat(day))
            publish(assembly)
        return consulted

    return once


def _rows(home: Path, sql: str) -> list[str]:
    with sqlite3.connect(home / "state" / "catalogue.sqlite3") as connection:
        found = [row[0] for row in connection.execute(sql)]
    connection.close()
    return found


def _note(home: Path, paper: str) -> str:
    (path,) = (home / "vault").rglob(f"*({paper}).md")
    return path.read_text(encoding="utf-8")


# --- switched off, switched on ---------------------------------------------------------------------------------------


def test_nobody_is_asked_and_nothing_imported_unless_switched_on(home, arxiv, monday, elsewhere):
    """The defaults ask no source, even when addresses and keys are there, and cost a night no import."""
    arxiv.as_of = moment = f"{TUESDAY}T07:00:00Z"
    code = (
        "import sys; from pathlib import Path; from digest import config; from digest.pipeline import commands\n"
        "from digest.cli.session import instant; from digest.testing.fakes import QuickAssembly\n"
        "import os; home = Path(sys.argv[1]); assembly = QuickAssembly(home, config.load(home, os.environ))\n"
        "assert commands.run(assembly, instant(sys.argv[2])).outside == ()\n"
        "print([m for m in sys.modules if 'enrichers' in m or m == 'digest.pipeline.outside'])"
    )
    told = subprocess.check_output(
        [sys.executable, "-c", code, str(home), moment],
        text=True,
        env=os.environ | demo.settings(arxiv.url) | elsewhere.switched_on() | {"S2_API_KEY": SECRET},
    )
    assert (told.strip(), elsewhere.sources.asked) == ("[]", [])


def test_what_is_said_comes_into_the_notes_with_its_day(run, home, elsewhere, monday):
    """Papers that are old enough are asked for, all in one question; the notes of those that are known change."""
    first, today = monday[0], "2026-02-05"
    elsewhere.sources.scholar[first] = scholar_record(first, tldr={"text": "A <script>alert(1)</script> [[x]] #tag"})
    report = run(today, **elsewhere.switched_on("semantic_scholar"))
    (told,) = report.outside
    (question,) = elsewhere.sources.asked
    wanted = {f"ARXIV:{paper}" for paper in monday}
    assert {*question[1].split()} == wanted
    assert (told.asked, told.found, told.unknown, told.news, told.left) == (len(wanted), 1, len(wanted) - 1, 1, 0)
    assert (told.verdict, told.requests, report.exit_status) == (Verdict.OK, 1, GOOD)
    assert report.as_dict()["outside"][0]["source"] == "semantic_scholar"
    note = _note(home, first)
    assert "**[Semantic Scholar](https://www.semanticscholar.org/paper/649def34f8be52c8b66281af98ae884c09aef38b" in note
    assert ")**, 2026-02-05: cited 12 times (2 influential) · 3 references · venue: International Conference" in note
    assert r"TL;DR: A &lt;script>alert(1)&lt;/script> [ \[x\]\] \#tag" in note
    assert all("Elsewhere" not in _note(home, paper) for paper in monday[1:])


def test_the_same_again_writes_nothing(run, ask, home, elsewhere, monday):
    """Neither a second run of the day, which asks nobody, nor one a week later, which hears the same."""
    today = "2026-02-05"
    elsewhere.sources.scholar[monday[0]] = scholar_record(monday[0])
    environment = elsewhere.switched_on("semantic_scholar")
    run(today, **environment)
    before = vault_bytes(home / "vault")
    again = run(f"{today}T09:00:00Z", **environment)
    assert (again.outside[0].asked, again.published.pages, len(elsewhere.sources.asked)) == (0, 0, 1)
    (later,) = ask("2026-02-12", **environment)
    assert later.asked >= len(monday)
    assert later.news == 0
    assert vault_bytes(home / "vault") == before
    elsewhere.sources.scholar[monday[0]]["citationCount"] = 13
    assert ask("2026-02-19", **environment)[0].news == 1
    assert "2026-02-19: cited 13 times" in _note(home, monday[0])
    with QuickAssembly(home, config.load(home, {"DIGEST_ARXIV__CATEGORIES": demo.CATEGORIES})) as assembly:
        report = commands.render(assembly, instant("2026-02-19T09:00:00Z"), everything=True)
    assert {*report.published.states} == {"unchanged"}, "all else is as a page made anew"


def test_what_was_said_stays_when_a_source_is_switched_off(ask, home, elsewhere, monday):
    elsewhere.sources.openalex[monday[0]] = openalex_work(monday[0])
    ask("2026-02-09", **elsewhere.switched_on("openalex"))
    assert "Topics: Topic Modeling (99.9%)" in _note(home, monday[0])
    elsewhere.sources.asked.clear()
    assert ask("2026-02-16") == ()
    assert "Topics: Topic Modeling (99.9%)" in _note(home, monday[0])
    assert elsewhere.sources.asked == []


def test_a_night_asks_for_so_many_papers_the_newest_first(ask, elsewhere, monday):
    environment = elsewhere.switched_on("semantic_scholar", DIGEST_OUTSIDE__NIGHTLY="2")
    (told,) = ask(FRIDAY, **environment)
    assert (told.asked, told.left) == (2, len(monday) - 2)
    assert elsewhere.sources.asked[0][1] == " ".join(f"ARXIV:{paper}" for paper in monday[:2])
    ask(FRIDAY, **environment)
    assert elsewhere.sources.asked[1][1] == " ".join(f"ARXIV:{paper}" for paper in monday[2:4])


def test_a_replay_asks_nobody(run, home, elsewhere):
    from digest.assemble import Assembly

    settings = config.load(home, elsewhere.switched_on("openalex"))
    assert list(Assembly(home, settings).enrichers) == ["openalex"]
    assert Assembly(home, settings, replay=1).enrichers == {}


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Response("down", 503), id="down"),
        pytest.param(Response("<html>", 200), id="a page"),
        pytest.param(Response("no", 403), id="refused"),
        pytest.param(Response("wait", 429, headers={"Retry-After": "7200"}), id="wait for two hours"),
        pytest.param(Response("x", 302, headers={"Location": "https://elsewhere.example/"}), id="led astray"),
        pytest.param(Response('{"error": "x"}', 400), id="not understood"),
    ],
)
def test_a_fault_costs_a_source_s_night_and_nothing_else(ask, home, elsewhere, monday, fault):
    """The other source is heard."""
    elsewhere.sources.hub[monday[0]] = hub_paper(monday[0])
    elsewhere.faults["/graph/v1/paper/batch"] = fault
    scholar, hub = ask(FRIDAY, **elsewhere.switched_on("semantic_scholar", "huggingface"))
    assert (scholar.asked, scholar.verdict.is_complete, bool(scholar.detail)) == (0, False, True)
    assert (hub.found, hub.detail) == (1, "")
    assert "31 upvotes" in _note(home, monday[0])


def test_a_run_ends_well_whatever_the_sources_do(run, elsewhere, monday):
    """The fault stands in the report, and is told in a sentence."""
    elsewhere.faults["/graph/v1/paper/batch"] = Response("no", 401)
    report = run(TUESDAY, **elsewhere.switched_on("semantic_scholar", DIGEST_OUTSIDE__NIGHTLY="5"))
    assert report.outside[0].asked == 0, "nothing is due yet"
    report = run(THURSDAY, **elsewhere.switched_on("semantic_scholar"))
    assert (report.exit_status, report.as_dict()["outside"][0]["verdict"]) == (GOOD, "blocked")
    (line,) = (line for line in prose(report) if line.startswith("semantic_scholar: "))
    assert line.startswith("semantic_scholar: blocked: HTTP 401: refuses questions without a key (http://localhost")
    assert line.endswith(f"; {len(monday)} papers are left for other nights")


def test_nobody_is_asked_while_arxiv_is_out_of_reach(run, elsewhere, monday):
    environment = elsewhere.switched_on("huggingface")
    dead = dict.fromkeys(("FEED_URL", "OAI_URL", "API_URL", "SITE_URL"), "http://127.0.0.1:9")
    report = run(FRIDAY, **environment, **{f"DIGEST_ARXIV__{name}": url for name, url in dead.items()})
    assert (report.outside, elsewhere.sources.asked) == ((), [])


def test_what_was_heard_before_a_fault_is_kept(ask, home, elsewhere, monday):
    """And a source that answered at least once tonight is asked again tomorrow."""
    elsewhere.sources.hub[monday[0]] = hub_paper(monday[0])
    elsewhere.faults[f"/api/papers/{monday[1]}"] = Response("no", 403)
    (told,) = ask(FRIDAY, **elsewhere.switched_on("huggingface"))
    assert (told.asked, told.found, told.verdict, told.left) == (1, 1, Verdict.BLOCKED, len(monday) - 1)
    assert "31 upvotes" in _note(home, monday[0])
    assert _rows(home, "SELECT source FROM silent_sources") == []


def test_what_a_killed_night_has_heard_is_written_by_the_next(ask, home, elsewhere, monday):
    """It is heard and marked in one step; nobody is asked for it again."""
    elsewhere.sources.scholar[monday[0]] = scholar_record(monday[0])
    environment = elsewhere.switched_on("semantic_scholar")
    with QuickAssembly(home, config.load(home, environment)) as assembly:
        consult(assembly, date.fromisoformat(FRIDAY))
    assert "Elsewhere" not in _note(home, monday[0])
    ask(FRIDAY, **environment)
    assert "cited 12 times" in _note(home, monday[0])
    assert len(elsewhere.sources.asked) == 1


def test_a_source_that_stays_silent_is_asked_less_and_less_often(ask, home, elsewhere, monday):
    """One question a night, then every other night …; the first answer ends it."""
    elsewhere.faults["/graph/v1/paper/batch"] = Response("no", 403)
    environment = elsewhere.switched_on("semantic_scholar")
    asked = []
    for day in range(6, 20):
        (told,) = ask(f"2026-02-{day:02}", **environment)
        asked += [day] * told.requests
        assert told.asked == 0
        assert (told.rests_until is None) == (told.requests == 1)
    assert asked == [6, 7, 9, 13]
    elsewhere.faults.clear()
    (told,) = ask("2026-02-21", **environment)
    assert told.asked == len(monday)
    assert _rows(home, "SELECT source FROM silent_sources") == []


def test_a_source_is_left_when_its_time_is_spent(ask, elsewhere, monday):
    """Less than is needed for one more question is as none."""
    (told,) = ask(FRIDAY, **elsewhere.switched_on("huggingface", DIGEST_OUTSIDE__SECONDS="2.5"))
    assert (told.asked, told.left, told.detail, elsewhere.sources.asked) == (0, len(monday), "", [])


def test_a_host_that_never_ends_does_not_hold_the_night(ask, elsewhere, monday, httpserver):
    """Its answer is cut off when the source's time is over."""

    def drip(request: Request) -> Response:
        def body() -> Iterator[bytes]:
            while monotonic() - began < 20:
                sleep(0.2)
                yield b" "

        return Response(body(), content_type="application/json")

    httpserver.clear_all_handlers()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(drip)
    began = monotonic()
    (told,) = ask("2026-02-09", **elsewhere.switched_on("openalex", DIGEST_OUTSIDE__SECONDS="3.5"))
    assert (told.asked, told.verdict.is_complete, told.left) == (0, False, len(monday))
    assert monotonic() - began < 15


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_stands_in_no_file_and_no_report(run, home, elsewhere, monday, monkeypatch, httpserver):
    """Neither one that is taken nor one that is refused."""
    elsewhere.sources.keys = frozenset((SECRET,))
    elsewhere.sources.scholar[monday[0]] = scholar_record(monday[0])
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.setenv("WRONG_KEY", f"{SECRET}-not")
    monkeypatch.setenv("NO_KEY", f"{SECRET}\nx")
    keys = {
        "DIGEST_OUTSIDE__SEMANTIC_SCHOLAR_KEY": "MY_KEY",
        "DIGEST_OUTSIDE__OPENALEX_KEY": "WRONG_KEY",
        "DIGEST_OUTSIDE__HUGGINGFACE_KEY": "NO_KEY",
    }
    report = run("2026-02-09", **elsewhere.switched_on("semantic_scholar", "openalex", "huggingface", **keys))
    scholar, openalex, hub = report.outside
    assert (scholar.found, openalex.verdict, hub.verdict) == (1, Verdict.BLOCKED, Verdict.BLOCKED)
    assert SECRET not in json.dumps(report.as_dict())
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("catalogue") for path in files)
    assert all(SECRET.encode() not in path.read_bytes() for path in files)
    assert all(SECRET not in request.url for request, _ in httpserver.log)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OPENALEX_URL", "http://api.openalex.org", "must begin with https://"),
        ("OPENALEX_KEY", "abc-123", "the name of an environment variable"),
        ("NIGHTLY", "-1", "nightly"),
        ("SECONDS", "0", "seconds"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path, name, value, message):
    """A key in the place of its variable's name is not told."""
    with pytest.raises(ConfigError, match=message) as caught:
        config.load(make_home(tmp_path / "home"), {f"DIGEST_OUTSIDE__{name}": value})
    assert "abc-123" not in str(caught.value)


# --- rhythm ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "cause", "days"),
    [
        pytest.param(3, Cause.FOUND, 7, id="young: weekly"),
        pytest.param(90, Cause.FOUND, 7, id="still young"),
        pytest.param(91, Cause.FOUND, 30, id="then monthly"),
        pytest.param(4000, Cause.FOUND, 30, id="for ever"),
        pytest.param(3, Cause.UNKNOWN, 3, id="not there yet: twice a week"),
        pytest.param(22, Cause.UNKNOWN, 7, id="weekly"),
        pytest.param(91, Cause.UNKNOWN, 30, id="monthly"),
        pytest.param(366, Cause.UNKNOWN, None, id="never to be there"),
        pytest.param(4000, Cause.UNREADABLE, 7, id="unreadable: a week is no haste"),
    ],
)
def test_when_a_paper_is_asked_for_again(age, cause, days):
    today = date(2026, 2, 3)
    found = again(today, today - timedelta(days=age), cause)
    assert (found and (found - today).days) == days


def test_rests_of_a_silent_source_grow_to_a_week():
    today = date(2026, 2, 3)
    silence: Silence | None = None
    rests = []
    for _ in range(60):
        silence = silent(today, silence, "why")
        rests.append((silence.until - today).days - 1)
    assert rests[:6] == [0, 1, 3, 7, 7, 7]
    assert {*rests[6:]} == {7}
