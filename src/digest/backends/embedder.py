"""The embedder that the settings ask for."""

from __future__ import annotations

from pathlib import Path

from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder
from digest.errors import ModelError
from digest.ports import Embedder, Progress


def embedder(model: str, runtime: str, state: Path, progress: Progress) -> Embedder:
    """*runtime* is "auto", "sentence-transformers" or "openvino"; *state* is where a choice is kept.

    Raises ModelError when OpenVINO is asked for and is not installed, or for another model than the bundled one.
    """
    if runtime == "sentence-transformers" or (runtime == "auto" and model != BUNDLED_MODEL):
        return SentenceTransformerEmbedder(model)
    import platformdirs

    from digest.backends.choose import ChosenEmbedder
    from digest.backends.exports import INTEGERS
    from digest.backends.openvino_runtime import OpenvinoEmbedder, missing_packages

    cache = platformdirs.user_cache_path("digest")
    if runtime == "auto":
        return ChosenEmbedder(state, cache, progress)
    if model != BUNDLED_MODEL:
        raise ModelError(
            f"[embedding] runtime: {runtime!r} runs {BUNDLED_MODEL} only, and model is {model!r}; "
            "set runtime to 'sentence-transformers'"
        )
    if missing := missing_packages():
        raise ModelError(
            f"[embedding] runtime: {runtime!r} needs what is not installed; try: pip install {' '.join(missing)}"
        )
    return OpenvinoEmbedder(INTEGERS, cache)
