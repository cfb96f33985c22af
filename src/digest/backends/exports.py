"""The bundled model's 8-bit weights: made once from the installed ones, kept in the user's cache, checked at each load."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from digest.backends.sentence_transformer import BUNDLED_MODEL, BUNDLED_SHA256, bundled_folder
from digest.errors import ModelError

if TYPE_CHECKING:
    from digest.backends.bert_graph import Array, Integers, Seen, Shape

Precision = Literal["float32", "int8-2"]
"""Goes into the embedder's name; another way of making integers, or of taking their products, gets another number."""

INTEGERS: Precision = "int8-2"

GRAPH = 2
"""Of the graph's make; another number, and each workspace's runtime is proven again."""


@dataclass(frozen=True)
class Export:
    """The integers in *cache*, and beside them the SHA-256 that they must have."""

    cache: Path

    @property
    def file(self) -> Path:
        return self.cache / f"{BUNDLED_MODEL}-{BUNDLED_SHA256[:12]}-{INTEGERS}.safetensors"

    @property
    def note(self) -> Path:
        return self.file.with_suffix(".sha256")

    def load(self) -> Integers:
        """The integers by name, made when there are none or when they are damaged.

        Raises ModelError when the weights are not the published ones or the file cannot be written.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            return load(self._intact() or self._made())
        except SafetensorError as error:
            raise ModelError(f"{self.file}: cannot be read: {error}") from error

    def _intact(self) -> bytes | None:
        try:
            content, wanted = self.file.read_bytes(), self.note.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return content if hashlib.sha256(content).hexdigest() == wanted else None

    def _made(self) -> bytes:
        content = made()
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            # Two processes may make the same file at a time: they make the same bytes.
            write_whole(self.file, content)
            write_whole(self.note, f"{hashlib.sha256(content).hexdigest()}\n".encode())
        except OSError as error:
            raise ModelError(f"{self.file}: cannot be written: {error}") from error
        return content


def bundled_weights() -> tuple[dict[str, Array], Shape]:
    """The installed weights and their shape. Raises ModelError when they are missing or not the published ones."""
    from safetensors.numpy import load_file

    from digest.backends.bert_graph import Shape

    folder = bundled_folder()
    return load_file(folder / "model.safetensors"), Shape.read(folder)


def made() -> bytes:
    """The integers as a safetensors file, the same whenever they are made. Raises ModelError as ``bundled_weights`` does."""
    from safetensors.numpy import save

    from digest.backends import bert_graph

    weights, shape = bundled_weights()
    return save(bert_graph.quantised(weights, shape, observed(weights, shape)))


def observed(weights: dict[str, Array], shape: Shape) -> dict[str, Seen]:
    """What the activations are over the sample's texts, by name."""
    from digest.backends import bert_graph
    from digest.backends.openvino_runtime import compiled, load_tokenizer
    from digest.backends.sentence_transformer import model_folder

    model = compiled(bert_graph.observer(weights, shape), "float32")
    seen: dict[str, Seen] = {}
    for encoding in load_tokenizer(model_folder()).encode_batch_fast(sample_texts()):
        outputs = model({0: np.array([encoding.ids], dtype=np.int32)})
        for number, name in enumerate(bert_graph.activations(shape)):
            here = bert_graph.Seen.of(outputs[number][0])
            seen[name] = seen[name] + here if name in seen else here
    return seen


def sample_texts() -> list[str]:
    """Titles and abstracts of the invented papers that come with digest."""
    lines = resources.files("digest").joinpath("testing", "sample_papers.jsonl").read_text(encoding="utf-8")
    papers = [json.loads(line) for line in lines.splitlines() if line]
    return [f"{paper['title']}\n\n{paper['abstract']}" for paper in papers]


def write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing, whatever happens."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
