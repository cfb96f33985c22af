"""Which runtime is taken, and that it stays."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

from digest.backends import choose, openvino_runtime
from digest.backends.choose import ChosenEmbedder, Figures
from digest.backends.embedder import embedder
from digest.backends.exports import Export
from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder
from digest.errors import ModelError

REFERENCE, FLOAT, INT = "sentence-transformers", "openvino/float32", "openvino/int8-2"


def quiet(doing: str, done: int, total: int) -> None: ...


def figures(floats: tuple[float, float], ints: tuple[float, float]) -> dict:
    pairs = {REFERENCE: (10.0, 1.0), FLOAT: floats, INT: ints}
    return {name: Figures(texts_per_second=speed, agreement=share) for name, (speed, share) in pairs.items()}


@pytest.mark.parametrize(
    ("measured", "kept", "chosen"),
    [
        pytest.param(figures((20, 1), (40, 0.98)), None, INT, id="fastest that agrees"),
        pytest.param(figures((20, 1), (40, 0.969)), None, FLOAT, id="fast, with other neighbours"),
        pytest.param(figures((20, 1), (15, 0.98)), None, FLOAT, id="integers are slow here"),
        pytest.param(figures((11.9, 1), (11, 0.99)), None, REFERENCE, id="hardly faster"),
        pytest.param(figures((20, 0), (40, 0)), None, REFERENCE, id="other vectors altogether"),
        pytest.param(figures((20, 1), (40, 0.98)), FLOAT, FLOAT, id="what is kept stays"),
        pytest.param(figures((20, 1), (40, 0.98)), REFERENCE, REFERENCE, id="the reference stays, too"),
        pytest.param(figures((20, 1), (5, 0.98)), INT, INT, id="kept though slow"),
        pytest.param(figures((20, 1), (40, 0.90)), INT, FLOAT, id="kept, but no longer the same neighbours"),
    ],
)
def test_choose(measured, kept, chosen):
    assert choose.choose(measured, kept) == chosen


@pytest.mark.long
def test_measured_once(tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch):
    """All runtimes are measured at the first need, with word of it; then the file answers, until the machine changes."""
    told = []
    state = tmp_path / "state"
    first = ChosenEmbedder(state, model_cache, lambda *progress: told.append(progress))
    name = first.name
    kept = json.loads((state / "embedding.json").read_text())

    assert set(kept["figures"]) == {REFERENCE, FLOAT, INT}
    assert kept["figures"][FLOAT]["agreement"] == 1.0
    assert kept["figures"][INT]["agreement"] >= 0.95
    assert name == choose.made(kept["runtime"], model_cache).name
    assert told[0] == ("measuring runtimes", 0, 3)
    assert told[-1] == ("measuring runtimes", 3, 3)

    again: list[tuple] = []
    assert ChosenEmbedder(state, model_cache, lambda *progress: again.append(progress)).name == name
    assert not again

    monkeypatch.setattr(choose.machine, "cpu", lambda: "another")
    monkeypatch.setattr(choose, "measure", lambda cache, progress: figures((20, 1), (99, 1)))
    moved = ChosenEmbedder(state, model_cache, quiet).choice()
    assert (moved.runtime, moved.machine["cpu"]) == (kept["runtime"], "another")


@pytest.mark.parametrize("damage", ["", "{", '{"runtime": "abacus", "machine": {}, "figures": {}}'])
def test_a_damaged_choice_is_made_again(damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(choose, "measure", lambda cache, progress: figures((20, 1), (40, 1)))
    (tmp_path / "embedding.json").write_text(damage)

    assert ChosenEmbedder(tmp_path, tmp_path, quiet).choice().runtime == INT
    assert json.loads((tmp_path / "embedding.json").read_text())["runtime"] == INT


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the look-up of the package is changed: what is left is as where it is not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        openvino_runtime.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "openvino" else find(name, *rest),
    )


def test_without_openvino(tmp_path: Path, without_openvino: None):
    """By itself digest does without; asked for it, digest says what is missing. Nothing is kept of it."""
    chosen = embedder(BUNDLED_MODEL, "auto", tmp_path, quiet)

    assert chosen.name == f"{BUNDLED_MODEL}/float32"
    assert chosen.embed(["a text"]).shape == (1, 384)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ModelError, match="pip install openvino"):
        embedder(BUNDLED_MODEL, "openvino", tmp_path, quiet)


def test_another_model(tmp_path: Path):
    """It runs in sentence-transformers, and is refused where OpenVINO is asked for."""
    assert isinstance(embedder("/a/model", "auto", tmp_path, quiet), SentenceTransformerEmbedder)
    with pytest.raises(ModelError, match=r"'/a/model'; set runtime to 'sentence-transformers'"):
        embedder("/a/model", "openvino", tmp_path, quiet)


def test_a_runtime_that_cannot_run_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Here the integers are none at all; what needs none of them is measured all the same."""
    monkeypatch.setattr(choose, "sample_texts", lambda: ["a text", "another", "a third"])
    (tmp_path / "cache").mkdir()
    export = Export(tmp_path / "cache")
    export.file.write_bytes(b"no integers")
    export.note.write_text(hashlib.sha256(b"no integers").hexdigest())

    assert set(choose.measure(tmp_path / "cache", quiet)) == {REFERENCE, FLOAT}
    with pytest.raises(ModelError, match="cannot be read"):
        choose.made(INT, tmp_path / "cache").embed(["a text"])
