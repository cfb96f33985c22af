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
from math import log2
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "digest" / "keywords" / "data"
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.quality.fields import Fields, adjusted, expected_recent, level_ratio  # noqa: E402
from digest.keywords import document, vocabulary  # noqa: E402
from digest.keywords.acronyms import definitions  # noqa: E402
from digest.keywords.background import STEPS  # noqa: E402
from digest.keywords.canonical import canonical, key  # noqa: E402
from digest.keywords.document import is_nameable  # noqa: E402
from digest.keywords.phrases import Linked, linked_keys  # noqa: E402
from digest.keywords.vocabulary import Vocabulary  # noqa: E402

FLOOR = 5
"""Papers that a term needs to be kept: what fewer share is nearer to a text than to a figure."""


Cell = tuple[str, str, bool]
"""What a paper counts to: its field, its year, and whether it is of the background's last twelve months."""


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
    papers = list(read(path))
    keywords = [author_keywords(paper) for paper in papers]
    linked = linked_keys(Vocabulary.of((names, ()) for names in keywords).shared)
    terms = [document.read(paper["title"], paper["abstract"], linked).terms.keys() for paper in papers]
    counted = Vocabulary.of(zip(keywords, terms, strict=True))
    kept = counted.chosen.keys() | {name for name, count in counted.seen.items() if count >= FLOOR}
    rows = (f"{name}\t{counted.chosen.get(name, 0)}\t{counted.seen.get(name, 0)}\n" for name in sorted(kept))
    write(vocabulary.FILE, "# canonical name, papers whose authors chose it, papers that have it\n" + "".join(rows))
    return counted


def build_background(path: Path, linked: Linked) -> None:
    papers = sorted(read(path), key=lambda p: (day_of(p), p["title"]))
    last = max(p["first_seen"] for p in papers)[:10]
    since = (date.fromisoformat(last) - timedelta(days=365)).isoformat()
    field_of = Fields(papers)
    cells = Counter[Cell]()
    found: dict[str, Counter[Cell]] = {}  # papers with the term
    alone = Counter[str]()
    for paper in papers:
        day = day_of(paper)
        cell = field_of(paper), day[:4], day > since
        terms = document.read(paper["title"], paper["abstract"], linked).terms
        cells[cell] += 1
        alone.update(name for name, term in terms.items() if any(phrase.maximal for phrase in term.phrases))
        for name in terms:
            found.setdefault(name, Counter())[cell] += 1
    fields, years, recent_fields = margins(cells)
    size, recent_size = fields.total(), recent_fields.total()
    share = {field: recent_fields[field] / fields[field] for field in fields}
    rows = []
    for name, own in sorted(found.items()):
        if (total := own.total()) >= FLOOR:
            df, by_year, recent = margins(own)
            seen = adjusted(total, recent.total(), expected_recent(df, share), recent_size / size)
            rise = round(STEPS * log2(level_ratio(df, recent, share)))
            rows.append((name, seen, rise, alone[name], *(by_year[year] for year in sorted(years))))
    lines = [
        "# papers, recent, day of the last, floor; papers of each year; then a row a term:",
        f"# name, recent, rise ({STEPS} log2 of the recent level against the past), alone, papers of each year",
        f"{size}\t{recent_size}\t{last}\t{FLOOR}",
        "\t".join(f"{year}:{papers}" for year, papers in sorted(years.items())),
        *("\t".join(map(str, row)) for row in rows),
    ]
    write("background.tsv.gz", "\n".join(lines) + "\n")
    print({field: (fields[field], round(share[field], 2)) for field in fields}, file=sys.stderr)


def margins(cells: Counter[Cell]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Papers by field, papers by year, and recent papers by field."""
    fields, years, recent = Counter[str](), Counter[str](), Counter[str]()
    for (field, year, is_recent), papers in cells.items():
        fields[field] += papers
        years[year] += papers
        recent[field] += papers * is_recent
    return fields, years, recent


def day_of(paper: dict) -> str:
    """The day of submission where it is known, else the one on which the paper was first seen."""
    return (paper.get("published") or paper["first_seen"])[:10]


def main(data: Path) -> None:
    counted = build_vocabulary(data / "keyphrases" / "author_train.jsonl.gz")
    build_background(data / "arxiv" / "corpus.jsonl.gz", linked_keys(counted.shared))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
