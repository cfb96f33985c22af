"""The vectors of topics' names, kept between runs."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digest.ports import Embedder

CHUNK = 64


def kept(file: Path, names: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """Unit rows, one a name, in their order; read from *file* where they are there, else made and written."""
    key = hashlib.sha256("\n".join((embedder.name, *names)).encode()).hexdigest()
    found = _read(file, key)
    if found is None:
        chunks = [embedder.embed(names[start : start + CHUNK]) for start in range(0, len(names), CHUNK)]
        found = np.concatenate(chunks).astype(np.float32)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp.npz")
        np.savez(temporary, key=np.array(key), vectors=found)
        temporary.replace(file)
    return found


def _read(file: Path, key: str) -> NDArray[np.float32] | None:
    """None where there is no such file, it is damaged, or it holds others: it is made again."""
    try:
        with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as saved:
            return np.asarray(saved["vectors"], dtype=np.float32) if str(saved["key"]) == key else None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
