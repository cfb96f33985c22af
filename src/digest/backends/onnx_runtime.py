"""Embeddings by ONNX Runtime: the bundled model without torch, in float32 or with 8-bit products."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digest.backends import machine
from digest.backends.exports import Export, Precision
from digest.backends.sentence_transformer import BUNDLED_DIMENSIONS, BUNDLED_MODEL, model_folder
from digest.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

PIECES = 256
"""Word pieces of a text that are read, as in the model's ``sentence_bert_config.json``."""

PACKAGES = ("onnxruntime", "onnx", "tokenizers", "safetensors")


def missing_packages() -> list[str]:
    """Which of the packages that this runtime needs are not installed; none of them is loaded."""
    return [package for package in PACKAGES if importlib.util.find_spec(package) is None]


class OnnxEmbedder:
    """The bundled model, exported once into *cache*.

    A run takes one text, without padding, and one thread; as many runs as the machine has cores go on at a time. So a
    vector depends on its text alone: in a batch, the ranges by which activations become integers would be the batch's.
    """

    def __init__(self, precision: Precision, cache: Path, *, threads: int | None = None) -> None:
        self.export = Export(precision, cache)
        self.threads = threads or machine.cores()

    @property
    def name(self) -> str:
        return f"{BUNDLED_MODEL}/{self.export.precision}"

    @property
    def dimensions(self) -> int:
        return BUNDLED_DIMENSIONS

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector per text, in order: shape (texts, dimensions).

        Raises ModelError when the model cannot be exported or loaded.
        """
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        vectors = np.empty((len(pieces), self.dimensions), dtype=np.float32)

        def run(number: int) -> None:
            ids = np.array([pieces[number]], dtype=np.int32)
            vectors[number] = self._session.run(None, {"ids": ids})[0][0]

        # The longest first: the threads end together.
        order = sorted(range(len(pieces)), key=lambda number: -len(pieces[number]))
        with ThreadPoolExecutor(self.threads) as pool:
            for done in [pool.submit(run, number) for number in order]:
                done.result()
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return load_tokenizer(model_folder())

    @cached_property
    def _session(self) -> InferenceSession:
        return load_session(self.export.path())


def load_tokenizer(folder: Path) -> Tokenizer:
    """Texts → word pieces as sentence-transformers makes them, without padding."""
    from tokenizers import Tokenizer

    file = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: cannot be read: {error}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(PIECES)
    return tokenizer


def load_session(model: Path | bytes) -> InferenceSession:
    """One run, one thread: what a run gives does not depend on how many cores there are.

    Raises ModelError when this onnxruntime cannot run the graph, as on a machine for which it lacks an operator.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Our graphs are fused already; more of it would bring back SkipLayerNormalization, see bert_graph.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except (
        state.Fail,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NotImplemented,
        state.RuntimeException,
    ) as error:
        raise ModelError(f"onnxruntime {onnxruntime.__version__} cannot run the exported model: {error}") from error
