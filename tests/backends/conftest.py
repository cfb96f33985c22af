"""One cache of exported models for all tests of a session: an export takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.backends.onnx_runtime import OnnxEmbedder


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def eight_bits(model_cache: Path) -> OnnxEmbedder:
    return OnnxEmbedder("int8-1", model_cache, threads=3)


@pytest.fixture(scope="session")
def exact(model_cache: Path) -> OnnxEmbedder:
    return OnnxEmbedder("float32", model_cache, threads=2)
