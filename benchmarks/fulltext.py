"""``python -m benchmarks.fulltext``: what it costs to read a paper's HTML and to write its text as Markdown.

Beside each part what BeautifulSoup with lxml alone takes to parse the same page, in the same process, as a ratio. The
page is one that the fake arXiv serves, its body repeated until it has a megabyte; with ``--pages``, pages from files.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from benchmarks.tables import show
from digest.arxiv import latexml
from digest.render import fulltext
from digest.testing import demo
from digest.testing.fake_arxiv import load_papers
from digest.testing.serving import papers
from digest.testing.serving.archive import Archive

NOW = datetime(2026, 2, 6, 12, tzinfo=UTC)
SIZE = 1_200_000  # bytes
ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="HTML files, plain or gzipped")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [measured(name, page) for name, page in pages(arguments.pages)]
    show(rows, as_json=arguments.json)
    return 0


def pages(files: list[Path]) -> Iterator[tuple[str, bytes]]:
    yield "made up", made_up()
    for file in files:
        content = file.read_bytes()
        yield file.name, gzip.decompress(content) if file.suffix == ".gz" else content


def made_up() -> bytes:
    """A page of the fake arXiv whose sections are repeated up to ``SIZE``."""
    archive = Archive(load_papers(demo.SAMPLE))
    view = next(iter(archive.at(NOW).by_id.values()))
    page = papers.page(archive, view, view.current)
    head, sections, tail = page.partition('<section id="S2"')
    body, bibliography, end = tail.partition('<section id="bib"')
    times = (SIZE - len(page)) // len(body) + 1
    return (head + (sections + body) * times + bibliography + end).encode()


def measured(name: str, page: bytes) -> dict[str, Any]:
    parsed = _seconds(lambda: BeautifulSoup(page, "lxml"))
    read = _seconds(lambda: latexml.read(page, base="https://arxiv.org/html/1", floor=0.05))
    document = latexml.read(page, base="https://arxiv.org/html/1", floor=0.05)
    written = _seconds(lambda: fulltext.body(document))
    return {
        "": name,
        "kB": len(page) // 1000,
        "parse alone, s": round(parsed, 3),
        "read": f"{read / parsed:.2f}",
        "write": f"{written / parsed:.2f}",
        "both": f"{(read + written) / parsed:.2f}",
    }


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of some rounds; what others left is cleared away before each."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


if __name__ == "__main__":
    raise SystemExit(main())
