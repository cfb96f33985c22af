"""Small real implementations of the ports, for tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digest.assemble import Assembly
from digest.ports import Embedder


class HashingEmbedder:
    """Feature hashing of words (Weinberger et al. 2009) into *dimensions*: papers that share words are near."""

    name = "hashing/128"
    dimensions = 128

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimensions, 1e-3, dtype=np.float64)
        for word in re.findall(r"\w{4,}", text.lower()):
            digest = hashlib.sha256(word.encode()).digest()
            vector[digest[0] % self.dimensions] += 1.0
        return (vector / np.linalg.norm(vector)).astype(np.float32)


class QuickAssembly(Assembly):
    """A workspace's parts, all of them the real ones but the embedder, which needs no model."""

    @cached_property
    def embedder(self) -> Embedder:
        return HashingEmbedder()


def vault_bytes(root: Path) -> dict[str, bytes]:
    """Every file of a vault, by its path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def make_home(folder: Path) -> Path:
    """An empty workspace with all settings at their defaults."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "digest.toml").write_text("", encoding="utf-8")
    return folder
