"""``python -m benchmarks.citations --papers FILE``: what bibliographies and a night's papers cost in a full catalogue.

The papers of the file (arXiv's own, JSON lines) are put into a catalogue, all but two nights of 400. Bibliographies of 50
references are drawn from them as ``benchmarks.quality.references`` writes references: two thirds to papers of the file,
one third to none. Times are of one run, in seconds of the processor and as multiples of those that SQLite takes to write the same rows
(references, keys, citations) and nothing else. Last, what a night costs against twice as many references.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.quality.lines import read as read_lines
from benchmarks.quality.references import paper_of, reference_of, written
from digest.catalogue.citations import Citations
from digest.catalogue.store import Catalogue
from digest.citations.references import Reference
from digest.model import Paper

NIGHT, LENGTH, TEXTS = 400, 50, 1000
TABLES = ("bibliographies", "reference_keys", "citations", "paper_keys")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--papers", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=TEXTS, help="bibliographies, twice")
    arguments = parser.parse_args()
    papers = [paper_of(line) for line in read_lines(arguments.papers)]
    with tempfile.TemporaryDirectory() as folder, Catalogue(Path(folder) / "catalogue.sqlite3") as catalogue:
        measure(catalogue, papers, arguments.texts)
    return 0


def measure(catalogue: Catalogue, papers: list[Paper], texts: int) -> None:
    rng = random.Random(0)
    rng.shuffle(papers)
    nights, rest = (papers[:NIGHT], papers[NIGHT : 2 * NIGHT]), papers[2 * NIGHT :]
    add(catalogue, rest)
    citations = Citations(catalogue.connection)
    print(f"{len(rest):,} papers, bibliographies of {LENGTH} references\n")
    print("| what | items | seconds | × writing the rows |\n| --- | ---: | ---: | ---: |")
    row(catalogue, "keys of the papers", len(rest), lambda: each(citations.set_papers, rest, 1000))
    citing = rng.sample([paper for paper in rest if paper.authors], 2 * texts)
    authored = [paper for paper in papers if paper.authors]
    drawn = [[written(other(rng, authored), rng, truth=None, kind="") for _ in range(LENGTH)] for _ in citing]
    started = time.process_time()
    references = [[reference_of(case) for case in one] for one in drawn]
    print(f"| references read | {2 * texts * LENGTH:,} | {time.process_time() - started:.1f} | – |", flush=True)
    spent = []
    for half, night in enumerate(nights):
        pairs = list(zip(citing, references, strict=True))[half * texts : (half + 1) * texts]
        row(catalogue, "bibliographies", texts, lambda pairs=pairs: tell(citations, pairs))  # type: ignore[misc]
        add(catalogue, night)
        name = f"a night's papers against {(half + 1) * texts * LENGTH:,} references"
        spent.append(row(catalogue, name, NIGHT, lambda night=night: each(citations.set_papers, night, NIGHT)))  # type: ignore[misc]
    row(
        catalogue,
        "coupled papers of a night's",
        NIGHT,
        lambda: citations.coupled([one.id for one in citing[:NIGHT]], 10),
    )
    found = catalogue.connection.execute("SELECT count(*) FROM citations").fetchone()[0]
    print(f"\n{found:,} citations; a night against twice the references takes {spent[1] / spent[0]:.2f} times as long")


def other(rng: random.Random, papers: Sequence[Paper]) -> Paper:
    """A paper to be cited; every third time one that nobody has: its words stand in another order."""
    paper = rng.choice(papers)
    return (
        paper
        if rng.random() < 2 / 3
        else replace(paper, title=" ".join(rng.sample(told := paper.title.split(), len(told))))
    )


def add(catalogue: Catalogue, papers: Sequence[Paper]) -> None:
    with catalogue.transaction():
        for paper in papers:
            catalogue.add_paper(paper, announced=date(2026, 2, 3), estimated=False, noted=True)


def each(step: Callable[[Sequence[Paper]], object], papers: Sequence[Paper], size: int) -> None:
    for start in range(0, len(papers), size):
        step(papers[start : start + size])


def tell(citations: Citations, pairs: Sequence[tuple[Paper, list[Reference]]]) -> None:
    for paper, references in pairs:
        citations.set_bibliography(paper.id, references)


def row(catalogue: Catalogue, name: str, items: int, step: Callable[[], object]) -> float:
    """Print what a step takes, and how often the rows that it adds could be written meanwhile."""
    before = {table: count(catalogue.connection, table) for table in TABLES}
    started = time.process_time()
    with catalogue.transaction():
        step()
    spent = time.process_time() - started
    added = {table: count(catalogue.connection, table) - had for table, had in before.items()}
    floor = writing(catalogue.connection, {table: n for table, n in added.items() if n > 0})
    print(f"| {name} | {items:,} | {spent:.1f} | {f'{spent / floor:.1f}' if floor else '–'} |", flush=True)
    return spent


def count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def writing(connection: sqlite3.Connection, added: dict[str, int]) -> float:
    """Seconds to write so many rows of these tables once more, one by one, into a file of its own; 0 where there are none."""
    spent = 0.0
    for table, rows in added.items():
        told = [tuple(one) for one in connection.execute(f"SELECT * FROM {table} LIMIT ?", (rows,))]
        with fresh(connection, table) as copy:
            started = time.process_time()
            with copy:
                copy.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(told[0]))})", told)
            spent += time.process_time() - started
    return spent


@contextmanager
def fresh(connection: sqlite3.Connection, table: str) -> Iterator[sqlite3.Connection]:
    """An empty database with this table and its indexes."""
    statements = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql <> '' ORDER BY type DESC", (table,)
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = sqlite3.connect(Path(folder) / "copy.sqlite3")
        for statement in statements.fetchall():
            copy.execute(statement[0])
        yield copy
        copy.close()


if __name__ == "__main__":
    raise SystemExit(main())
