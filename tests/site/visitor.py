"""A browser tab that remembers all that should not have happened in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote


@dataclass
class Visitor:
    """A tab, and everything that happened in it that should not."""

    tab: Any
    address: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text))
        self.tab.on("pageerror", lambda error: self.faults.append(str(error)))
        self.tab.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.tab.on("requestfailed", self._failed)
        self.tab.on("request", self._asked)
        self.tab.on("response", lambda answer: answer.status >= 400 and self.faults.append(answer.url))

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the tab went on to another page
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"another host: {request.url}")

    def open(self, name: str) -> Any:
        self.tab.goto(self.address + quote(name), wait_until="load")
        return self.tab


def pages(site: Path) -> list[str]:
    return sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))


def visit_all(visitor: Visitor, names: Iterable[str]) -> None:
    for name in names:
        tab = visitor.open(name)
        assert tab.locator("article h1").count() == 1, name
        assert not visitor.faults, name
