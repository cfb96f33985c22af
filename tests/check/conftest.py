"""A vault that the real pipeline and renderer made, from invented papers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home


@pytest.fixture(scope="session")
def _nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("check") / "home")
    with pytest.MonkeyPatch.context() as patch, FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        patch.setenv("XDG_STATE_HOME", str(home / "user-state"))
        for day in ("2026-02-02", "2026-02-03"):
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            with QuickAssembly(home, config.load(home, os.environ | demo.settings(arxiv.url))) as assembly:
                assert commands.run(assembly, instant(moment)).exit_status == 0
    return home / "vault"


@pytest.fixture
def nights(_nights: Path, tmp_path: Path) -> Callable[[], Path]:
    """Copies of a vault of two nights."""

    def copy() -> Path:
        folder = tmp_path / f"nights-{len(list(tmp_path.iterdir()))}"
        return Path(shutil.copytree(_nights, folder))

    return copy
