"""A vault that digest made, its web copy, a server for it and a browser to look at it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.site import build
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home

NASTY = demo.SAMPLE.with_name("nasty_papers.jsonl")
NIGHTS = ("2026-02-02", "2026-02-03")


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of sample and hostile papers."""
    home = make_home(tmp_path_factory.mktemp("workspace") / "home")
    with pytest.MonkeyPatch.context() as patch, FakeArxiv([*load_papers(demo.SAMPLE), *load_papers(NASTY)]) as arxiv:
        patch.setenv("XDG_STATE_HOME", str(home / "user-state"))
        for night in NIGHTS:
            arxiv.as_of = moment = f"{night}T07:00:00Z"
            with QuickAssembly(home, config.load(home, demo.settings(arxiv.url))) as assembly:
                assert commands.run(assembly, instant(moment)).exit_status == 0
    return home / "vault"


@pytest.fixture(scope="session")
def site(vault: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("web") / "site"
    build(vault, out)
    return out


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def serving(folder: Path) -> Iterator[str]:
    """The address of a server for *folder* on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    yield from serving(site)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of the system; no browser is downloaded."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine; apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium has no sandbox for root
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if root else [])
        yield started
        started.close()
