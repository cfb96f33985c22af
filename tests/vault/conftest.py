"""Pages as the renderer would make them, all invented, and a vault to write them into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.model import Block, Page, Space
from digest.vault import Vault

NOTE = "2026-02-03/A Lantern for Sparse Models (2602.00017).md"
COMMENT = '<!-- KEYWORD_LINKING_METADATA:\n{{"vocabulary_version": "{}"}}\n-->'


def make_page(
    *,
    path: str = NOTE,
    header: str = "# A Lantern for Sparse Models\n\n- **PDF**: [Download](https://arxiv.org/pdf/2602.00017)",
    body: str = "## Abstract\n\nWe light a lantern.",
    space: str = "## My notes\n\n",
    metadata: str = COMMENT.format("a"),
    **properties: Any,
) -> Page:
    values: dict[str, object] = {
        "title": "A Lantern for Sparse Models",
        "aliases": ["A Lantern for Sparse Models", "arXiv:2602.00017"],
        "tags": ["paper", "arxiv/cs-LG"],
        "arxiv_id": "2602.00017",
        "arxiv_version": 1,
        "authors": ["Ada Fictional", "Bo Invented"],
        "keywords": ["[[keywords/Lantern|Lantern]]"],
        "announced": date(2026, 2, 3),
        "status": "unread",
        "queue": False,
        "rating": None,
    }
    return Page(
        path=path,
        properties={name: value for name, value in (values | properties).items() if value is not ...},
        once=frozenset({"status", "queue", "rating"}),
        shared=frozenset({"aliases", "tags"}),
        parts=(Block(name="header", text=header), Space(text=space), Block(name="body", text=body)),
        metadata=metadata,
    )


def make_hub(*, path: str = "keywords/Lantern.md", text: str = "# Lantern\n\n3 papers") -> Page:
    return Page(
        path=path,
        properties={"tags": ["keyword"], "papers": 3},
        shared=frozenset({"tags"}),
        parts=(Block(name="header", text=text), Space(text="## My notes\n\n")),
    )


class Night:
    """Writes one item the way the pipeline does: what was told last time is handed back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[str, str] = {}

    def __call__(self, item):
        (written,) = Vault(self.root).write([item], self.known)
        self.known[written.path] = written.sha256
        return written

    def edit(self, path: str, change: Callable[[str], str]) -> bytes:
        """Change a file as the reader would; its bytes afterwards."""
        file = self.root / path
        before = file.read_bytes().decode()
        after = change(before)
        assert after != before, "the test changes nothing"
        file.write_bytes(after.encode())
        return after.encode()

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path / "vault")
