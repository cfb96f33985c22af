"""Workspaces on the fake arXiv."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home

Run = Callable[..., commands.Report]


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """The sample papers, as arXiv would serve them."""
    with FakeArxiv(load_papers(demo.SAMPLE)) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace; the user's own state folder is elsewhere than the developer's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    return make_home(tmp_path / "home")


@pytest.fixture
def run(arxiv: FakeArxiv, home: Path) -> Run:
    """One ``digest run`` on a day at seven o'clock UTC, in *home*."""

    def once(day: str, folder: Path = home, **environment: str) -> commands.Report:
        arxiv.as_of = moment = day if "T" in day else f"{day}T07:00:00Z"
        assembly = QuickAssembly(folder, config.load(folder, demo.settings(arxiv.url) | environment))
        with assembly:
            return commands.run(assembly, instant(moment))

    return once
