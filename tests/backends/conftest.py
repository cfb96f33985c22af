"""Vector indexes of both kinds, a real Postgres server for one of them, and exported models, made once a session."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from digest.backends.openvino_runtime import OpenvinoEmbedder
from digest.backends.postgres import PostgresIndex
from digest.backends.vector_file import VectorFile
from digest.ports import Facts, Filter, VectorIndex
from digest.testing.postgres import NoServer, postgres_server

DIMENSIONS, WIDTH = 8, 5


def key(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def unit(number: int, *, seed: int = 0, dimensions: int = DIMENSIONS) -> np.ndarray:
    """Unit vectors, shape (number, dimensions), half of them in one corner so that some are near."""
    vectors = np.random.default_rng(seed).normal(size=(number, dimensions))
    vectors[::2] += 1.5
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def payloads(number: int, *, seed: int = 0, width: int = WIDTH) -> np.ndarray:
    """Payloads, shape (number, width), every other one of zeros: what a file has where nothing was written."""
    told = np.random.default_rng(seed).integers(0, 256, size=(number, width), dtype=np.uint8)
    told[1::2] = 0
    return told


@dataclass
class Told:
    """What filters go by, as a catalogue beside a vector file knows it."""

    facts: dict[bytes, Facts] = field(default_factory=dict)

    def tell(self, facts: Iterable[Facts]) -> list[Facts]:
        told = list(facts)
        self.facts |= {fact.key: fact for fact in told}
        return told

    def select(self, among: Filter) -> Iterator[bytes]:
        return (fact.key for fact in self.facts.values() if fits(fact, among))


def fits(fact: Facts, among: Filter) -> bool:
    return (
        (not among.categories or bool(set(among.categories) & set(fact.categories)))
        and (among.since is None or fact.announced >= among.since)
        and (among.until is None or fact.announced <= among.until)
    )


@dataclass
class Library:
    """One index, which can be closed and opened again."""

    make: Callable[[Told], VectorIndex]
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.index = self.make(self.told)

    def describe(self, facts: Iterable[Facts]) -> None:
        self.index.describe(self.told.tell(facts))

    def reopen(self) -> None:
        self.close()
        self.index = self.make(self.told)

    def close(self) -> None:
        self.index.close()


def file_library(path: Path, *, recipe: str = "test/1", block_rows: int = 4) -> Library:
    def make(told: Told) -> VectorIndex:
        return VectorFile(
            path, recipe=recipe, dimensions=DIMENSIONS, width=WIDTH, select=told.select, block_rows=block_rows
        )

    return Library(make)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real server of its own, once a session."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = postgres_server({"fsync": "off"})  # its durability is Postgres' own, and not what we test
    try:
        url = server.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    yield url
    server.__exit__(None, None, None)


def postgres_library(url: str, *, recipe: str) -> Library:
    def make(told: Told) -> VectorIndex:
        return PostgresIndex(url, recipe=recipe, dimensions=DIMENSIONS, width=WIDTH)

    return Library(make)


@pytest.fixture(params=["file", "postgres"])
def fresh_library(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractContextManager[Library]]:
    """Opens an index of nothing, as often as called."""
    number = count()
    if request.param == "file":
        return lambda: closing(file_library(tmp_path / f"{next(number)}.vectors"))
    url = request.getfixturevalue("postgres_url")
    return lambda: closing(postgres_library(url, recipe=f"{tmp_path}/{next(number)}"))


# --- models ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests: an export takes seconds."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def eight_bits(model_cache: Path) -> OpenvinoEmbedder:
    return OpenvinoEmbedder("int8-2", model_cache, threads=3)


@pytest.fixture(scope="session")
def exact(model_cache: Path) -> OpenvinoEmbedder:
    return OpenvinoEmbedder("float32", model_cache, threads=2)
