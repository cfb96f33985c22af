"""The command line: what it promises, by running it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from digest.cli import hoisted
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import make_home

NOTHING_LISTENS = "http://127.0.0.1:9"


def digest(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "digest", *arguments],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    return make_home(tmp_path / "home")


@pytest.mark.parametrize("module", ["digest", "digest.cli.app"])
def test_start_up_loads_nothing_heavy(module):
    """``import digest`` and ``digest --help`` load no numbers and no parsers."""
    heavy = ("torch", "numpy", "sklearn", "bs4", "lxml", "feedparser", "requests", "jinja2", "rich", "sqlite3", "babel")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_quiet_night_loads_nothing_of_what_is_beyond_the_feed():
    unneeded = ("citations", "llm", "topics", "pipeline.fulltext", "catalogue.texts", "catalogue.outside")
    code = (
        "import sys, digest.assemble, digest.pipeline.commands; "
        f"print([m for m in sys.modules if m.startswith({tuple(f'digest.{name}' for name in unneeded)!r})])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_command_has_help_and_stands_in_the_readme():
    from digest.cli.app import app

    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.help
        assert f"digest {command.name}" in readme


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["run", "--json"], ["--json", "run"]),
        (["fetch", "--id", "1", "--home", "x", "-q"], ["--home", "x", "-q", "fetch", "--id", "1"]),
        (["check", "--", "--json"], ["check", "--", "--json"]),
    ],
)
def test_general_options_may_stand_anywhere(given, expected):
    assert hoisted(given) == expected


def test_init_makes_a_workspace_once_and_leaves_it_then(tmp_path):
    folder = tmp_path / "new"
    first = digest("init", str(folder))
    assert first.returncode == 0
    assert "contact" in first.stderr
    config = folder / "config" / "digest.toml"
    config.write_text(config.read_text().replace('"cs.AI", ', ""))
    mine = config.read_text()
    assert digest("init", str(folder)).returncode == 0
    assert config.read_text() == mine
    assert digest("status", cwd=folder / "vault").returncode == 0, "found from a folder below"


def test_no_workspace_is_told_with_the_remedy(tmp_path):
    found = digest("status", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "digest init" in found.stderr


@pytest.mark.parametrize(("language", "told"), [("tlh", True), ("de-AT", False), ("ko", False)])
def test_an_unknown_language_is_told_once_with_the_known_ones(home, language, told):
    found = digest("--home", str(home), "status", DIGEST_VAULT__LANGUAGE=language)
    assert found.returncode == 0
    assert ("known are: de, en, ja, ko, zh" in found.stderr) == told
    assert found.stderr.count("language") == told
    assert digest("--home", str(home), "-q", "status", DIGEST_VAULT__LANGUAGE=language).stderr == ""


def test_a_wrong_category_names_the_nearest(home):
    found = digest("--home", str(home), "run", DIGEST_ARXIV__CATEGORIES='["cs.IA"]', **nowhere())
    assert found.returncode == 2
    assert "cs.IA" in found.stderr
    assert "Traceback" not in found.stderr


def nowhere() -> dict[str, str]:
    settings = demo.settings(NOTHING_LISTENS)
    del settings["DIGEST_ARXIV__CATEGORIES"]
    return settings


def test_arxiv_out_of_reach_is_a_sentence_and_exit_2(home):
    found = digest("--home", str(home), "run", "--json", **nowhere())
    assert found.returncode == 2
    assert "unreachable" in found.stderr
    assert "arXiv is out of reach" in found.stderr
    assert "(host=" not in found.stderr, "no object's name in a sentence"
    assert "Traceback" not in found.stderr
    report = json.loads(found.stdout)
    assert {source["verdict"] for source in report["sources"]} == {"unreachable"}


def test_a_second_run_at_once_is_told(home):
    (home / "state").mkdir()
    with FileLock(home / "state" / "run.lock"):
        found = digest("--home", str(home), "run", **nowhere())
    assert (found.returncode, "another run" in found.stderr) == (3, True)


def test_dry_run_reports_and_keeps_nothing(home):
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        arxiv.as_of = moment = "2026-02-02T07:00:00Z"
        found = digest("--home", str(home), "--json", "run", "--dry-run", "--as-of", moment, **demo.settings(arxiv.url))
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["papers"]["new"] > 0
    assert json.loads(digest("--home", str(home), "--json", "status").stdout)["papers"] == 0
    assert not (home / "vault").exists()


def test_backfill_says_what_it_will_ask_and_reports(home):
    days = ("--from", "2026-02-02", "--until", "2026-02-03")
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        arxiv.as_of = moment = "2026-02-06T07:00:00Z"
        general = ("--home", str(home), "--json", "backfill", "--as-of", moment)
        found = digest(*general, *days, **demo.settings(arxiv.url))
        silent = digest(*general, "-q", *days, **demo.settings(arxiv.url))
    assert (found.returncode, silent.returncode, silent.stderr) == (0, 0, "")
    assert "2026-02-02 to 2026-02-03: an estimated" in found.stderr
    report = json.loads(found.stdout)
    assert (report["command"], report["from"], report["until"]) == ("backfill", "2026-02-02", "2026-02-03")
    assert report["papers"]["new"] > 10


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "1999-01-01", "2999-01-01"])
def test_backfill_from_a_day_that_cannot_be_is_refused(home, day):
    found = digest("--home", str(home), "backfill", "--from", day, **nowhere())
    assert (found.returncode, f"--from {day}" in found.stderr, "Traceback" in found.stderr) == (2, True, False)


def test_check_of_any_vault(tmp_path):
    (tmp_path / "a.md").write_text("[[b]] and [[nowhere]]")
    (tmp_path / "b.md").write_text("[[a]]")
    found = digest("--json", "check", str(tmp_path))
    assert found.returncode == 1
    (finding,) = json.loads(found.stdout)["findings"]
    assert finding["path"] == "a.md"
    assert "nowhere" in finding["detail"]
    (tmp_path / "a.md").write_text("[[b]]")
    assert digest("check", str(tmp_path)).returncode == 0


def test_questions_do_not_wait_for_a_run(home):
    """While a run is at work, papers can be searched; a day or category that is none is refused."""
    (home / "state").mkdir()
    with FileLock(home / "state" / "run.lock"):
        assert digest("--home", str(home), "run").returncode == 3
        found = digest("--home", str(home), "search", "no such thing", DIGEST_EMBEDDING__RUNTIME="openvino")
        assert (found.returncode, found.stdout) == (0, "No paper here has these words or this meaning.\n")
        found = digest("--home", str(home), "--json", "related", "arXiv:2602.90001v2")
        assert (found.returncode, found.stdout) == (2, "")
        assert "2602.90001: not in this catalogue" in found.stderr
    assert "not a day" in digest("--home", str(home), "search", "x", "--since", "yesterday").stderr
    assert "no arXiv category" in digest("--home", str(home), "search", "x", "--category", "cs.CK").stderr


def test_a_page_is_printed_and_nothing_is_written(home):
    with FakeArxiv(load_papers(demo.SAMPLE), as_of="2026-02-02T07:00:00Z") as arxiv:
        environment = demo.settings(arxiv.url) | {"DIGEST_EMBEDDING__RUNTIME": "openvino"}
        digest("--home", str(home), "run", "--as-of", "2026-02-02T07:00:00Z", **environment)
    (day,) = (home / "vault" / "digests").glob("daily*")
    before = day.read_text(encoding="utf-8")
    (home / "templates").mkdir()
    (home / "templates" / "day.header.md.j2").write_text("# My day\n", encoding="utf-8")
    shown = digest("--home", str(home), "render", "--only", "day", "--stdout")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "# My day" in shown.stdout
    assert day.read_text(encoding="utf-8") == before
    told = json.loads(digest("--home", str(home), "--json", "render", "--only", "home", "--stdout").stdout)
    assert [page["path"] for page in told] == ["Home.md", "assets/home-30-days.svg"]
    for arguments, said in ((("--only", "dya"), "there are about"), ((), "name one")):
        refused = digest("--home", str(home), "render", *arguments, "--stdout")
        assert refused.returncode == 2
        assert said in refused.stderr
