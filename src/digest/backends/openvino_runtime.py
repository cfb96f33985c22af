"""Embeddings by OpenVINO: the bundled model without torch, in float32 or with 8-bit weights."""

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
from digest.backends.exports import Export, Precision, bundled_weights
from digest.backends.sentence_transformer import BUNDLED_DIMENSIONS, BUNDLED_MODEL, model_folder
from digest.errors import ModelError

if TYPE_CHECKING:
    from openvino import CompiledModel, Model
    from tokenizers import Tokenizer

PIECES = 256
"""Word pieces of a text that are read, as in the model's ``sentence_bert_config.json``."""

PACKAGES = ("openvino", "tokenizers", "safetensors")


def missing_packages() -> list[str]:
    """Which of the packages that this runtime needs are not installed; none of them is loaded."""
    return [package for package in PACKAGES if importlib.util.find_spec(package) is None]


class OpenvinoEmbedder:
    """The bundled model; its 8-bit weights are made once, into *cache*.

    A run takes one text, without padding, and one thread; as many runs as the machine has cores go on at a time. So a
    vector depends on its text alone: not on what a batch is padded to, nor on how a product is shared out.
    """

    def __init__(self, precision: Precision, cache: Path, *, threads: int | None = None) -> None:
        self.precision = precision
        self.cache = cache
        self.threads = threads or machine.cores()

    @property
    def name(self) -> str:
        return f"{BUNDLED_MODEL}/{self.precision}"

    @property
    def dimensions(self) -> int:
        return BUNDLED_DIMENSIONS

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector per text, in order: shape (texts, dimensions).

        Raises ModelError when the model cannot be made or loaded.
        """
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        vectors = np.empty((len(pieces), self.dimensions), dtype=np.float32)
        # The longest first: the threads end together.
        order = iter(sorted(range(len(pieces)), key=lambda number: -len(pieces[number])))
        model = self._compiled

        # Not AsyncInferQueue, whose threads come back to Python: when it is ending, they abort the process.
        def work(_thread: int) -> None:
            request = model.create_infer_request()
            for number in order:
                vectors[number] = request.infer({0: np.array([pieces[number]], dtype=np.int32)})[0][0]

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, range(self.threads)))
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return load_tokenizer(model_folder())

    @cached_property
    def _compiled(self) -> CompiledModel:
        from digest.backends import bert_graph

        integers = None if self.precision == "float32" else Export(self.cache).load()
        return compiled(bert_graph.encoder(*bundled_weights(), integers), self.precision, self.threads)


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


def compiled(model: Model, precision: Precision, threads: int = 1) -> CompiledModel:
    """*threads* runs at a time, one thread each: what a run gives does not depend on how many there are.

    Raises ModelError when this OpenVINO cannot run the model on this machine.
    """
    from digest.backends.bert_graph import GROUP
    from digest.backends.openvino_quietly import openvino

    exact = precision == "float32"
    settings = {
        "NUM_STREAMS": str(threads),
        "INFERENCE_NUM_THREADS": str(threads),
        "ENABLE_CPU_PINNING": "NO",  # where others work, too, a thread must be able to move
        "INFERENCE_PRECISION_HINT": "f32" if exact else "bf16",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0" if exact else str(GROUP),
    }
    try:
        return openvino.Core().compile_model(model, "CPU", settings)
    except RuntimeError as error:
        raise ModelError(f"OpenVINO {openvino.get_version()} cannot run the model: {error}") from error
