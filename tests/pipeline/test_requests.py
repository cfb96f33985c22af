"""What digest asks for, and whom: a quiet night costs one request a channel, and no other host is ever asked."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from werkzeug import Request, Response

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.pipeline.commands import GOOD
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = "2026-02-02", "2026-02-03", "2026-02-04", "2026-02-06"
SATURDAY, SUNDAY = "2026-02-07", "2026-02-08"

SELECTIONS = [
    pytest.param(["cs.CL"], {"cs:cs:CL"}, id="one category"),
    pytest.param(["cs.CL", "cs.LG", "cs.CV"], {"cs"}, id="one archive"),
    pytest.param(["cs.CL", "cs.LG", "stat.ML", "math.CO"], {"cs", "math:math:CO", "stat:stat:ML"}, id="three archives"),
    pytest.param(["astro-ph.GA", "cs.AI"], {"physics:astro-ph:GA", "cs:cs:AI"}, id="an archive of the physics group"),
    pytest.param(["cs.IT", "math.IT"], {"cs:cs:IT"}, id="two names of one category"),
    pytest.param(["math.IT", "cs.IT", "cs.CL"], {"cs"}, id="two names of one category, and another"),
]


@pytest.fixture(scope="module")
def arxiv() -> Iterator[FakeArxiv]:
    """The sample papers; and what the sample lacks: one of cs.IT a day, and one of cs.SC on Monday alone."""
    rare = {**coded(2), "id": "2602.98001", "categories": ["cs.SC"]}
    with FakeArxiv([*load_papers(demo.SAMPLE), *map(coded, range(2, 7)), rare]) as server:
        yield server


def coded(day: int) -> dict[str, object]:
    text = {"title": f"Polar Codes, Part {day}", "abstract": "We study polar codes."}
    categories = ["cs.IT", "math.IT"]
    return {"id": f"2602.9900{day}", "first_seen": f"2026-02-0{day}", "categories": categories, **text}


class Reader:
    """A workspace that follows some categories, and what each of its commands asks."""

    def __init__(self, arxiv: FakeArxiv, home: Path, categories: Sequence[str]) -> None:
        self.arxiv = arxiv
        self.home = home
        self.environment = demo.settings(arxiv.url, json.dumps(categories))

    def night(self, day: str, *, dry: bool = False) -> Counter[str]:
        """Run at seven; requests by what was asked: ``feed``, the sets of OAI, or else the path."""
        before = len(self.arxiv.requests)
        report = self.run(day, dry=dry)
        assert report.exit_status == GOOD
        asked = self.arxiv.requests[before:]
        assert report.requests == len(asked)
        return Counter(_channel(one.path, dict(one.query)) for one in asked)

    def run(self, day: str, *, dry: bool = False) -> commands.Report:
        self.arxiv.as_of = f"{day}T07:00:00Z"
        assembly = QuickAssembly(self.home, config.load(self.home, self.environment))
        with assembly:
            return (commands.preview if dry else commands.run)(assembly, instant(f"{day}T07:00:00Z"))


def _channel(path: str, query: dict[str, str]) -> str:
    if path.startswith("/atom/"):
        return "feed"
    return query.get("set", "another page") if path == "/oai" else path


@pytest.fixture
def reader(request: pytest.FixtureRequest, arxiv: FakeArxiv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    return Reader(arxiv, make_home(tmp_path / "home"), request.param)


@pytest.mark.parametrize(("reader", "sets"), SELECTIONS, indirect=["reader"])
def test_a_night_asks_the_feed_once_and_each_archive_once(reader, sets):
    """The first night and the next: no listing, and no paper by itself."""
    once = Counter({"feed": 1, **dict.fromkeys(sets, 1)})
    assert reader.night(MONDAY) == once
    assert reader.night(TUESDAY) == once


@pytest.mark.parametrize(("reader", "sets"), SELECTIONS, indirect=["reader"])
def test_the_same_day_again_asks_the_feed_alone(reader, sets):
    """The harvest of that day was complete."""
    reader.night(MONDAY)
    assert reader.night(MONDAY) == {"feed": 1}


@pytest.mark.parametrize(("reader", "sets"), SELECTIONS, indirect=["reader"])
def test_a_weekend_asks_no_more_than_a_weekday(reader, sets):
    once = Counter({"feed": 1, **dict.fromkeys(sets, 1)})
    reader.night(FRIDAY)
    assert reader.night(SATURDAY) <= once
    assert reader.night(SUNDAY) <= once


@pytest.mark.parametrize(("reader", "sets"), SELECTIONS, indirect=["reader"])
@pytest.mark.parametrize("day", [MONDAY, TUESDAY, SATURDAY])
def test_a_dry_run_asks_no_more_than_a_run(reader, sets, day):
    reader.night(MONDAY)
    dry = reader.night(day, dry=True)
    assert dry <= reader.night(day)


@pytest.mark.parametrize("reader", [["cs.CL", "stat.ML"]], indirect=True)
def test_a_page_of_oai_more_is_a_request_more(reader):
    """A harvest is as many requests as it has pages."""
    reader.arxiv.page_size = 3
    try:
        asked = reader.night(MONDAY)
    finally:
        reader.arxiv.page_size = 2500
    assert asked["another page"] > 0
    assert asked - Counter({"another page": 1000}) == {"feed": 1, "cs:cs:CL": 1, "stat:stat:ML": 1}


@pytest.mark.parametrize("reader", [["cs.SC"], ["cs.CL", "cs.SC"]], indirect=True)
def test_a_weekday_without_a_paper_in_a_small_category_costs_a_listing_at_most(reader):
    """And no night after it asks again."""
    reader.night(MONDAY)
    quiet = reader.night(TUESDAY)
    assert sum(quiet.values()) <= 3
    assert sum(reader.night(WEDNESDAY).values()) <= 3
    assert reader.night(WEDNESDAY).total() <= 2


# --- who is asked ----------------------------------------------------------------------------------------------------

LISTENER = """
import os, sys

def hook(event, told):
    if event == "socket.connect":
        heard = told[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        heard = told[:2]
    else:
        return
    with open(os.environ["HEARD"], "a") as file:
        file.write(f"{event} {heard!r}\\n")

sys.addaudithook(hook)
"""


@pytest.fixture
def ear(tmp_path: Path) -> dict[str, str]:
    """An environment in which Python writes down every address that it looks up or connects to."""
    folder = tmp_path / "ear"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LISTENER)
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "HEARD": str(tmp_path / "heard"),
        "XDG_STATE_HOME": str(tmp_path / "user"),
    }


@pytest.mark.parametrize(
    "proxy",
    [
        pytest.param({}, id="no proxy"),
        pytest.param({"http_proxy": "http://proxy.invalid:8080"}, id="a proxy", marks=pytest.mark.long),
    ],
)
def test_nobody_but_the_hosts_of_the_settings_is_asked(arxiv, ear, tmp_path, proxy):
    """With the real model, over all commands: each address that Python connects to or looks up is the fake's."""
    home = tmp_path / "home"
    ear |= {**demo.settings(arxiv.url, '["cs.CL", "stat.ML"]'), **proxy}

    def digest(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "digest", *arguments], env=ear, check=True, capture_output=True)

    digest("init", str(home), "--yes")
    for day in (MONDAY, MONDAY):
        arxiv.as_of = moment = f"{day}T07:00:00Z"
        digest("--home", str(home), "run", "--as-of", moment)
    arxiv.as_of = moment = f"{TUESDAY}T07:00:00Z"
    digest("--home", str(home), "fetch", "--id", "2602.90015", "--as-of", moment)
    assert set(heard(ear)) == {("127.0.0.1", arxiv.port)}
    (tmp_path / "heard").unlink()
    digest("--home", str(home), "run", "--replay", "1")
    for command in (["status"], ["render", "--all"], ["check"]):
        digest("--home", str(home), *command)
    assert heard(ear) == [], "what needs no answer asks nobody"


def heard(ear: dict[str, str]) -> list[tuple[str, int]]:
    """Host and port of every event."""
    file = Path(ear["HEARD"])
    lines = file.read_text().splitlines() if file.exists() else []
    return [ast.literal_eval(line.partition(" ")[2])[:2] for line in lines]


@pytest.mark.parametrize("reader", [["cs.CL", "cs.LG"]], indirect=True)
def test_a_cache_in_front_of_the_feed_may_say_that_nothing_has_changed(reader, arxiv, httpserver):
    """Asked again on one day, with what the feed gave us last; not on the next day, nor for other categories."""
    told: list[int] = []

    def cached(request: Request) -> Response:
        with urllib.request.urlopen(arxiv.url + request.path) as answer:
            tag = f'"{request.path} {arxiv.now:%F}"'
            told.append(304 if request.headers.get("If-None-Match") == tag else 200)
            if told[-1] == 304:
                return Response(status=304)
            return Response(answer.read(), content_type=answer.headers["Content-Type"], headers={"ETag": tag})

    httpserver.expect_request(re.compile("/atom/.*")).respond_with_handler(cached)
    reader.environment["DIGEST_ARXIV__FEED_URL"] = httpserver.url_for("").rstrip("/")
    reports = [reader.run(day) for day in (MONDAY, MONDAY, TUESDAY, TUESDAY)]
    assert told == [200, 304, 200, 304]
    assert [report.exit_status for report in reports] == [GOOD] * 4
    assert [sum(report.papers.values()) > 0 for report in reports] == [True, False, True, False]
    reader.environment["DIGEST_ARXIV__CATEGORIES"] = '["cs.CL"]'
    reader.run(TUESDAY)
    assert told[-1] == 200
