"""``digest fetch``: papers by hand."""

from __future__ import annotations

import subprocess
import sys

import frontmatter
import pytest

from digest import config, identifiers
from digest.check import check
from digest.cli.session import instant
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, NOTHING_POSSIBLE, SOME_FAILED
from digest.testing import demo
from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import QuickAssembly, vault_bytes

PAPERS = [
    make_record(id="2509.18690", title="A Survey of Models", first_seen="2025-09-24", published="2025-09-23T06:16:39Z"),
    make_record(id="hep-th/9901001", title="Strings", first_seen="1999-01-04", categories=["hep-th"]),
    make_record(id="math/0309136", title="Knots", first_seen="2003-09-09", categories=["math.GT"]),
]
NOW = "2026-02-02T12:00:00Z"


@pytest.fixture
def arxiv():
    with FakeArxiv(PAPERS, as_of=NOW) as server:
        yield server


@pytest.fixture
def fetch(arxiv, home):
    def once(*ids: str, refused=()) -> commands.Report:
        assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
        with assembly:
            return commands.fetch(assembly, [identifiers.parse(text) for text in ids], refused, instant(NOW))

    return once


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2509.18690", "2509.18690"),
        ("arXiv:2509.18690v1", "2509.18690"),
        ("https://arxiv.org/pdf/2509.18690v1.pdf", "2509.18690"),
        ("arxiv.org/html/2509.18690", "2509.18690"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
    ],
)
def test_any_form_of_an_identifier(fetch, home, written, stored):
    assert fetch(written).exit_status == GOOD
    (path,) = (home / "vault").glob("[0-9]*/*.md")
    assert frontmatter.load(str(path))["arxiv_id"] == stored
    assert check(home / "vault").findings == ()


def test_several_at_once_in_one_question(fetch, arxiv, home):
    report = fetch("2509.18690", "hep-th/9901001", "math.GT/0309136")
    assert (report.exit_status, report.requests) == (GOOD, 1)
    assert len(list((home / "vault").glob("[0-9]*/*.md"))) == 3


def test_one_that_does_not_exist_is_named_and_the_others_come(fetch):
    report = fetch("2509.18690", "2509.99999")
    assert report.exit_status == SOME_FAILED
    ((what, why),) = report.failures
    assert what == "2509.99999"
    assert "no such paper" in why


def test_none_that_exists_is_status_2(fetch, home):
    assert fetch("2509.99999").exit_status == NOTHING_POSSIBLE
    assert not list(home.glob("vault/*/*.md"))


def test_what_is_no_identifier_is_named(arxiv, home):
    found = subprocess.run(
        [sys.executable, "-m", "digest", "--home", str(home), "fetch", "--id", "2513.00001", "--id", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == NOTHING_POSSIBLE
    assert "2513.00001" in found.stderr
    assert "nonsense" in found.stderr


def test_fetched_again_nothing_changes(fetch, home):
    fetch("2509.18690")
    before = vault_bytes(home / "vault")
    report = fetch("2509.18690")
    assert report.as_dict()["files_written"] == 0
    assert vault_bytes(home / "vault") == before


def test_a_note_that_was_deleted_comes_back_when_it_is_asked_for(fetch, home):
    fetch("2509.18690")
    (path,) = (home / "vault").glob("2025-09-24/*.md")
    path.unlink()
    fetch("hep-th/9901001")
    assert not path.exists()
    fetch("2509.18690")
    assert path.exists()


def test_a_later_version_becomes_the_same_note(fetch, arxiv, home):
    fetch("2509.18690")
    arxiv.add([{**PAPERS[0], "title": "A Better Survey", "versions": [
        {"version": 1, "date": "2025-09-23T06:16:39Z", "announced": "2025-09-24"},
        {"version": 2, "date": "2025-10-01T06:00:00Z", "announced": "2025-10-02"},
    ]}])  # fmt: skip
    report = fetch("2509.18690")
    assert report.papers == {"revised": 1}
    (path,) = (home / "vault").glob("2025-09-24/*.md")
    post = frontmatter.load(str(path))
    assert (post["title"], post["arxiv_version"]) == ("A Better Survey", 2)
