"""The bundled model as an ONNX file: made once from the installed weights, kept in the user's cache, checked at each load."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from digest.backends.sentence_transformer import BUNDLED_MODEL, BUNDLED_SHA256, bundled_folder
from digest.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto

    from digest.backends.bert_graph import Seen

Precision = Literal["float32", "int8-1"]
"""Goes into the embedder's name; another way of making integers gets another number."""

GRAPH = 1
"""Of the graphs' make in both precisions; another number, and what is cached is made anew."""


@dataclass(frozen=True)
class Export:
    """One precision of the model in *cache*: the graph, and beside it the SHA-256 that it must have."""

    precision: Precision
    cache: Path

    @property
    def file(self) -> Path:
        return self.cache / f"{BUNDLED_MODEL}-{BUNDLED_SHA256[:12]}-{self.precision}-{GRAPH}.onnx"

    @property
    def note(self) -> Path:
        return self.file.with_suffix(".sha256")

    def path(self) -> Path:
        """The file, made when there is none or when it is damaged.

        Raises ModelError when the weights are not the published ones or the file cannot be written.
        """
        if not self._intact():
            self._make()
        return self.file

    def _intact(self) -> bool:
        try:
            wanted = self.note.read_text(encoding="ascii").strip()
            with self.file.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == wanted
        except (OSError, UnicodeDecodeError):
            return False

    def _make(self) -> None:
        content = made(self.precision)
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            # Two processes may make the same file at a time: they make the same bytes.
            write_whole(self.file, content)
            write_whole(self.note, f"{hashlib.sha256(content).hexdigest()}\n".encode())
        except OSError as error:
            raise ModelError(f"{self.file}: cannot be written: {error}") from error


def made(precision: Precision) -> bytes:
    """The graph's bytes, the same whenever they are made. Raises ModelError when the weights are missing or not the published ones."""
    from safetensors.numpy import load_file

    from digest.backends import bert_graph

    folder = bundled_folder()
    weights, shape = load_file(folder / "model.safetensors"), bert_graph.Shape.read(folder)
    graph = bert_graph.float_graph(weights, shape)
    if precision != "float32":
        graph = bert_graph.quantised_graph(weights, shape, observed(graph, bert_graph.activations(shape), folder))
    return bytes(graph.SerializeToString(deterministic=True))


def observed(graph: ModelProto, names: Sequence[str], folder: Path) -> Seen:
    """What these activations are over every second piece of the sample's texts: half, since all are half a gigabyte."""
    from digest.backends import bert_graph
    from digest.backends.onnx_runtime import load_session, load_tokenizer

    session = load_session(bert_graph.with_outputs(graph, names).SerializeToString())
    runs = [
        session.run(list(names), {bert_graph.INPUT: np.array([encoding.ids], dtype=np.int32)})
        for encoding in load_tokenizer(folder).encode_batch_fast(sample_texts())
    ]
    return {name: np.concatenate([run[n][0][::2] for run in runs]) for n, name in enumerate(names)}


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
