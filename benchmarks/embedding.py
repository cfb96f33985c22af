"""``python -m benchmarks.embedding --papers FILE``: runtimes of the embedding model, side by side in one run.

Texts a second are the median of rounds in which all take their turn on the same texts; neighbours are those among all the
papers' abstracts, and are held against float32's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import read
from digest.backends import machine
from digest.backends.choose import agreement
from digest.backends.exports import INTEGERS
from digest.backends.openvino_runtime import OpenvinoEmbedder
from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder, bundled_folder

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
REFERENCE, EXACT = "SentenceTransformer.encode", "openvino float32"


@dataclass(frozen=True)
class Row:
    runtime: str
    texts_per_second: float
    ratio: float  # to SentenceTransformer.encode with its defaults
    load_seconds: float
    agreement: float  # share of float32's five nearest that are found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--papers", type=Path, required=True, help="papers in the fake arXiv's form, plain or gzipped")
    parser.add_argument("--count", type=int, default=1000, help="papers among which neighbours are sought")
    parser.add_argument("--timed", type=int, default=128, help="papers that are timed, of these")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    texts = [f"{paper['title']}\n\n{paper['abstract']}" for paper in read(arguments.papers)[: arguments.count]]
    rows = compare(texts, texts[: arguments.timed], arguments.rounds)
    if arguments.json:
        print(json.dumps({"texts": len(texts), "cores": machine.cores(), "runtimes": [asdict(row) for row in rows]}))
        return 0
    print(f"{len(texts)} texts, {machine.cores()} cores, {machine.cpu()}\n")
    print(f"{'':<30} {'texts/s':>8} {'ratio':>6} {'load s':>7} {'top 5':>7}")
    for row in rows:
        print(
            f"{row.runtime:<30} {row.texts_per_second:>8.1f} {row.ratio:>6.2f} {row.load_seconds:>7.2f} {row.agreement:>7.4f}"
        )
    return 0


def compare(texts: Sequence[str], timed: Sequence[str], rounds: int) -> list[Row]:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    with tempfile.TemporaryDirectory() as folder:
        loaders = runtimes(Path(folder))
        made, loads = {}, {}
        for name, load in loaders.items():
            load()(timed[:1])  # what is made once is not loading
            made[name] = encode = load()
            loads[name] = seconds(lambda encode=encode: encode(timed[:1]))  # type: ignore[misc]
        spent: dict[str, list[float]] = {name: [] for name in made}
        for _ in range(rounds):
            for name, encode in made.items():
                spent[name].append(seconds(lambda encode=encode: encode(timed)))  # type: ignore[misc]
        vectors = {name: encode(texts) for name, encode in made.items()}
    speeds = {name: len(timed) / statistics.median(values) for name, values in spent.items()}
    return [
        Row(
            name,
            round(speeds[name], 2),
            round(speeds[name] / speeds[REFERENCE], 3),
            round(loads[name], 3),
            round(agreement(vectors[EXACT], vectors[name]), 4),
        )
        for name in made
    ]


def runtimes(cache: Path) -> dict[str, Callable[[], Encode]]:
    def reference() -> Encode:
        from sentence_transformers import SentenceTransformer

        model: list[Any] = []

        def encode(texts: Sequence[str]) -> NDArray[np.float32]:
            if not model:
                model.append(SentenceTransformer(str(bundled_folder()), device="cpu", local_files_only=True))
            return np.asarray(model[0].encode(list(texts)), dtype=np.float32)

        return encode

    return {
        REFERENCE: reference,
        "sentence-transformers, ours": lambda: SentenceTransformerEmbedder(BUNDLED_MODEL).embed,
        EXACT: lambda: OpenvinoEmbedder("float32", cache).embed,
        "openvino int8": lambda: OpenvinoEmbedder(INTEGERS, cache).embed,
    }


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
