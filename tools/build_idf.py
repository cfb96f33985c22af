"""Counts the papers with each word for ``src/digest/related/data``.

    python tools/build_idf.py DATA

DATA is the folder with ``arxiv/corpus.jsonl.gz``. Writes idf.tsv.gz, the same bytes each time. Takes a minute on one core.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "digest" / "related" / "data"
sys.path[:0] = [str(ROOT / "src")]

from digest.related.lexical import FILE, words  # noqa: E402

FLOOR = 5
"""Papers that a word needs to be kept: what fewer share is nearer to a text than to a figure."""


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for paper in map(json.loads, lines):
            yield f"{paper['title']}\n\n{paper['abstract']}"


def main(data: Path) -> None:
    papers, counts = 0, Counter[str]()
    for text in texts(data / "arxiv" / "corpus.jsonl.gz"):
        papers += 1
        counts.update(set(words(text)))
    rows = [f"{word}\t{count}" for word, count in sorted(counts.items()) if count >= FLOOR]
    head = ["# papers, floor; then a row a word: word, papers with it", f"{papers}\t{FLOOR}"]
    out = OUT / FILE
    out.write_bytes(gzip.compress("\n".join([*head, *rows, ""]).encode("utf-8"), 9, mtime=0))
    print(f"{out.name}: {papers} papers, {len(rows)} words, {out.stat().st_size / 1024:.0f} KiB", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
