"""Counts terms in abstracts for ``src/digest/keywords/data``: the authors' vocabulary, then the background.

    python tools/build_background.py DATA

DATA is the folder with ``keyphrases/author_train.jsonl.gz`` and ``arxiv/corpus.jsonl.gz``. Writes vocabulary.tsv.gz and
background.tsv.gz: canonical names that several papers share, with figures. Run after ``build_word_tables.py``, since
names are made with its tables. Takes about five minutes on one core.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "digest" / "keywords" / "data"
sys.path.insert(0, str(OUT.parents[2]))

from digest.keywords import document, vocabulary  # noqa: E402
from digest.keywords.acronyms import definitions  # noqa: E402
from digest.keywords.canonical import canonical, key  # noqa: E402
from digest.keywords.document import is_nameable  # noqa: E402
from digest.keywords.phrases import linked_keys  # noqa: E402
from digest.keywords.vocabulary import Vocabulary  # noqa: E402

FLOOR = 5
"""Papers that a term needs to be kept: what fewer share is nearer to a text than to a figure."""


def read(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def write(name: str, text: str) -> None:
    (OUT / name).write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(f"{name}: {text.count(chr(10))} rows, {(OUT / name).stat().st_size / 1024:.0f} KiB", file=sys.stderr)


def author_keywords(paper: dict) -> set[str]:
    """The canonical names of a paper's keywords, in the light of what its abstract defines."""
    acronyms = definitions(paper["abstract"])
    names = {canonical(written, acronyms) for written in paper["keys"]}
    return {name for name in names if is_nameable(name, len(key(name).split()))}


def build_vocabulary(path: Path) -> Vocabulary:
    counted = Vocabulary.of(author_keywords(paper) for paper in read(path))
    rows = sorted(counted.chosen.items())
    text = f"\t{counted.papers}\n" + "".join(f"{name}\t{count}\n" for name, count in rows)
    write(vocabulary.FILE, "# canonical name, papers whose authors chose it; first row: papers in all\n" + text)
    return counted


def build_background(path: Path, linked: object) -> None:
    df, recent, alone, third, size, recent_size = Counter(), Counter(), Counter(), {}, 0, 0
    papers = sorted(read(path), key=lambda p: (p.get("published") or p["first_seen"], p["title"]))
    last = max(p["first_seen"] for p in papers)
    since = (date.fromisoformat(last[:10]) - timedelta(days=365)).isoformat()
    for paper in papers:
        day = (paper.get("published") or paper["first_seen"])[:10]
        terms = document.read(paper["title"], paper["abstract"], linked).terms
        size += 1
        recent_size += day > since
        df.update(terms.keys())
        alone.update(name for name, term in terms.items() if any(phrase.maximal for phrase in term.phrases))
        if day > since:
            recent.update(terms.keys())
        for name in terms:
            if df[name] == 3:
                third[name] = day[:4]
    kept = sorted(name for name, count in df.items() if count >= FLOOR)
    rows = "".join(f"{n}\t{df[n]}\t{recent[n]}\t{third[n]}\t{alone[n]}\n" for n in kept)
    head = "# papers, of the last 12 months, year in which they end, floor; then: name, papers, recent, year of third, alone\n"
    write("background.tsv.gz", f"{head}{size}\t{recent_size}\t{last[:4]}\t{FLOOR}\n{rows}")


def main(data: Path) -> None:
    counted = build_vocabulary(data / "keyphrases" / "author_train.jsonl.gz")
    build_background(data / "arxiv" / "corpus.jsonl.gz", linked_keys(counted.chosen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
