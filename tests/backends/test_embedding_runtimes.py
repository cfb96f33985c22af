"""The real model in its runtimes: the same vectors, or nearly, and each text's its own."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from digest.backends import exports
from digest.backends.choose import agreement
from digest.backends.exports import Export, sample_texts
from digest.backends.openvino_runtime import PIECES, OpenvinoEmbedder, load_tokenizer
from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder, model_folder

SUBJECTS = ("galaxies", "proteins", "language models", "knots", "markets", "glaciers")
VERBS = ("We measure how {} change under slow heating.", "A proof about {} that needs no choice.",
         "Twelve errors that people make with {}.", "Sampling {} with a budget of three questions.")  # fmt: skip
TEXTS = [f"{verb.format(subject)}\n\nOn {subject}, with data." for subject in SUBJECTS for verb in VERBS]
ODD = ["", "é ü 漢字 ∑", "word " * 700, "$\\alpha$-stable\n\nx", "a"]


def test_float32_is_the_reference(exact: OpenvinoEmbedder):
    """The graph that is built from the weights computes what sentence-transformers computes."""
    texts = TEXTS[:6] + ODD

    vectors = SentenceTransformerEmbedder(BUNDLED_MODEL).embed(texts)

    assert np.abs(exact.embed(texts) - vectors).max() < 2e-6
    assert exact.name == f"{BUNDLED_MODEL}/float32" == SentenceTransformerEmbedder(BUNDLED_MODEL).name


def test_word_pieces_are_the_references():
    """Texts are cut into the same pieces, at the same length."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder()), device="cpu", local_files_only=True)
    tokenizer = load_tokenizer(model_folder())

    for text in [*sample_texts(), *ODD]:
        wanted = model.tokenize([text])["input_ids"][0].tolist() if text else [101, 102]
        assert tokenizer.encode(text).ids == wanted
    assert model.max_seq_length == PIECES


def test_eight_bits_find_the_same_neighbours(exact: OpenvinoEmbedder, eight_bits: OpenvinoEmbedder):
    """Cosines are off by little, and nineteen of twenty neighbours are the same among texts that it was not fitted to."""
    ours, theirs = eight_bits.embed(TEXTS), exact.embed(TEXTS)

    assert np.abs(ours @ ours.T - theirs @ theirs.T).max() < 0.03
    assert agreement(theirs, ours) >= 0.95
    assert eight_bits.name == f"{BUNDLED_MODEL}/int8-2"


@pytest.mark.parametrize("runtime", ["exact", "eight_bits"])
def test_a_vector_depends_on_its_text_alone(runtime: str, request: pytest.FixtureRequest, model_cache: Path):
    """Bit for bit, whatever is embedded beside it, in whatever order, by however many threads."""
    embedder: OpenvinoEmbedder = request.getfixturevalue(runtime)
    texts = [*TEXTS, *ODD, *sample_texts()[:6]]
    alone = {text: embedder.embed([text])[0].tobytes() for text in texts}

    for seed in range(3):
        shuffled = random.Random(seed).sample(texts, len(texts))
        other = OpenvinoEmbedder(embedder.precision, model_cache, threads=seed + 1)
        vectors = other.embed(shuffled)

        assert [vector.tobytes() for vector in vectors] == [alone[text] for text in shuffled]
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6


def test_no_texts(eight_bits: OpenvinoEmbedder):
    assert eight_bits.embed([]).shape == (0, 384)


def test_torch_stays_out(eight_bits: OpenvinoEmbedder, model_cache: Path):
    """Where the integers are made, a text is embedded without torch or transformers, and OpenVINO reports to nobody."""
    eight_bits.embed(["made by now"])
    program = (
        "import socket, sys; from pathlib import Path\n"
        "def refuse(*asked): raise SystemExit(f'asked the network for {asked}')\n"
        "socket.getaddrinfo = socket.socket.connect = refuse\n"
        "from digest.backends.openvino_runtime import OpenvinoEmbedder\n"
        f"OpenvinoEmbedder('int8-2', Path({str(model_cache)!r})).embed(['a text'])\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules), sys.modules['openvino_telemetry'])"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True)

    assert found.stdout.strip() == "set() None"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda export: export.file.write_bytes(export.file.read_bytes()[:-1] + b"!"), id="a byte"),
        pytest.param(lambda export: export.file.write_bytes(b""), id="empty"),
        pytest.param(lambda export: export.file.unlink(), id="gone"),
        pytest.param(lambda export: export.note.unlink(), id="no note"),
        pytest.param(lambda export: export.note.write_bytes(b"\xff"), id="note damaged"),
    ],
)
def test_a_damaged_export_is_made_again(damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With what is made anew; a sound one is left as it is."""
    content = save({"a": np.arange(3)})
    monkeypatch.setattr(exports, "made", lambda: content)  # making the real ones takes seconds
    export = Export(tmp_path)
    export.load()
    damage(export)

    assert export.load()["a"].tolist() == [0, 1, 2]
    before = export.file.stat().st_mtime_ns
    assert export.load()["a"].tolist() == [0, 1, 2]
    assert export.file.read_bytes() == content
    assert export.file.stat().st_mtime_ns == before
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".safetensors", ".sha256"]


@pytest.mark.long
def test_the_same_integers_whenever_they_are_made(eight_bits: OpenvinoEmbedder):
    eight_bits.embed(["made by now"])

    assert Export(eight_bits.cache).file.read_bytes() == exports.made()
