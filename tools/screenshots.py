"""``make screenshots``: what a vault looks like, as pictures of its web copy.

    python tools/screenshots.py VAULT FOLDER

makes the web copy of VAULT and takes, into FOLDER, a picture of one page of each kind (a kind is a class that digest
gives its pages, ``digest-day``) in light and in dark, and the home page as on a phone. Needs Chromium on this machine.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from digest.site import build

LAPTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 780}
SCHEMES = ("light", "dark")
COLOURS = 128
"""Of a picture's palette: text on a flat ground needs no more, and the file is a third."""

_CLASS = re.compile(r"^  - digest-([a-z-]+)$", re.MULTILINE)


def main(vault: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "site"
        build(vault, site)
        with _serving(site) as address, _browser() as browser:
            for kind, page in sorted(richest(vault, site).items()):
                for scheme in SCHEMES:
                    _take(browser, address + quote(page), folder / f"{kind}-{scheme}.png", scheme, LAPTOP)
            for scheme in SCHEMES:
                _take(browser, address, folder / f"phone-{scheme}.png", scheme, PHONE)


def richest(vault: Path, site: Path) -> dict[str, str]:
    """Of each kind the page with most in it, by the size of its text; of equals the first."""
    found: dict[str, tuple[int, str]] = {"home": (sys.maxsize, "index.html")}
    for note in sorted(vault.rglob("*.md")):
        text = note.read_text(encoding="utf-8")
        page = note.relative_to(vault).with_suffix(".html").as_posix()
        if (kind := _CLASS.search(text)) and (site / page).is_file():
            size = len(text.partition("<!-- KEYWORD_LINKING_METADATA")[0])
            found[kind[1]] = max(found.get(kind[1], (0, page)), (size, page), key=lambda one: one[0])
    return {kind: page for kind, (_, page) in found.items()}


def _take(browser: Any, address: str, file: Path, scheme: str, viewport: dict[str, int]) -> None:
    context = browser.new_context(color_scheme=scheme, viewport=viewport)
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    context.close()
    print(f"{file} {file.stat().st_size // 1024} kB")


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine; install it, as with: apt-get install chromium fonts-noto-color-emoji")
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if root else [])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
