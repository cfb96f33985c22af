"""How like two texts are in their words."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from hashlib import blake2b
from importlib.resources import files
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.related import lexical
from digest.related.lexical import KEPT, WIDTH, likeness, pack, words

vocabulary = st.sampled_from(
    "graph neural dark matter galaxy attention lora qwen the of zero-shot 3d 2024 Ökonomie".split()
)
prose = st.one_of(st.lists(vocabulary, max_size=120).map(" ".join), st.text(max_size=300))
HOSTILE = [
    "",
    " ",
    "the of and",
    "12 34 5",
    "\u200b\u200d",
    "שלום עולם",
    "深度学习 模型",
    "\x00\x01",
    "x" * 100_000,
    "🙂 🙃",
    "İ ß ﬁ",
]


def alike(a: str, b: str) -> float:
    one, other = pack([a, b])
    return float(likeness(one, other[None])[0])


def contents(payload: np.ndarray) -> dict[int, int]:
    """Hash → weight of the places in use."""
    hashes, weights = payload[: KEPT * 4].view("<u4").tolist(), payload[KEPT * 4 :].tolist()
    return {number: weight for number, weight in zip(hashes, weights, strict=True) if weight}


def hash_of(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "little")


@pytest.fixture(scope="module")
def table() -> tuple[int, int, dict[str, int]]:
    """Papers, floor, and papers by word, read without the module."""
    raw = gzip.decompress(files("digest.related").joinpath("data", "idf.tsv.gz").read_bytes()).decode()
    rows = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")]
    return int(rows[0][0]), int(rows[0][1]), {word: int(count) for word, count in rows[1:]}


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Zero-shot 3D detection", "zero shot 3d detection", id="hyphens part, case goes"),
        pytest.param("achieves 27.6% on the LAE-80C in 2024", "achieves on the lae 80c in", id="numbers go"),
        pytest.param("the $\\Lambda$CDM_model", "the lambda cdm model", id="TeX and underscores part"),
        pytest.param("\\textbf{DinoBloom} in $\\mathcal{O}(nm)$", "dinobloom in nm", id="TeX's formatting goes"),
        pytest.param(
            "at https://github.com/group/name, GitHub.com/group or www.x.org now", "at or now", id="addresses go"
        ),
        pytest.param("a b see", "see", id="single characters go"),
        pytest.param("eﬃcient ＬＬＭ", "efficient llm", id="ligatures and wide letters are letters"),
        pytest.param("naïve Schrödinger", "naïve schrödinger", id="accents stay"),
    ],
)
def test_words(text, expected):
    assert words(text) == expected.split()


# --- worked examples -------------------------------------------------------------------------------------------------


def test_weights_worked_by_hand(table):
    """Root of the rarity × saturated count, relative to the heaviest word, of 255; a mention in the title is three."""
    papers, floor, count = table
    assert "qwzx" not in count
    weights = {
        "qwzx": sqrt(log(papers / floor)) * 1 / 2.2,  # not in the table: the rarest
        "galaxy": sqrt(log(papers / count["galaxy"])) * 4 / 5.2,
        "graph": sqrt(log(papers / count["graph"])) * 2 / 3.2,
    }
    top = max(weights.values())
    expected = {hash_of(word): round(255 * weight / top) for word, weight in weights.items()}
    assert contents(pack(["Galaxy\n\ngraph qwzx graph\n\ngalaxy"])[0]) == expected


def test_cosine_worked_by_hand():
    """Of one shared word and one other each: the weights' product over the lengths' product."""
    first, second = contents(pack(["galaxy graph"])[0]), contents(pack(["galaxy neural"])[0])
    galaxy, graph, neural = map(hash_of, ("galaxy", "graph", "neural"))
    expected = (first[galaxy] * second[galaxy]) / (
        sqrt(first[galaxy] ** 2 + first[graph] ** 2) * sqrt(second[galaxy] ** 2 + second[neural] ** 2)
    )
    assert alike("galaxy graph", "galaxy neural") == round(expected, 6)


def test_rare_words_tell_more_than_common_ones():
    """Two texts that share a method's name are nearer than two that share a word of every second abstract."""
    assert alike("results of qwzx", "a study with qwzx") > alike("results of qwzx", "results of other study") + 0.3


# --- promises --------------------------------------------------------------------------------------------------------


@given(a=prose, b=prose)
def test_the_same_both_ways_and_in_range(a, b):
    one, other = pack([a, b])
    there, back = likeness(one, other[None]), likeness(other, one[None])
    assert there.tolist() == back.tolist()
    assert 0.0 <= there[0] <= 1.0


@given(text=prose)
@example(text="İ ß")
def test_a_text_is_wholly_like_itself_if_it_has_words(text):
    assert alike(text, text) == (1.0 if contents(pack([text])[0]) else 0.0)


@given(one=prose, others=st.lists(prose, max_size=12))
def test_a_likeness_is_its_own_pairs_affair(one, others):
    """What else is packed or compared in the same call changes nothing."""
    together = pack([one, *others])
    assert together.shape == (1 + len(others), WIDTH)
    assert together.dtype == np.uint8
    assert all(np.array_equal(row, pack([text])[0]) for row, text in zip(together, [one, *others], strict=True))
    found = likeness(together[0], together[1:])
    assert found.tolist() == [alike(one, other) for other in others]


@given(text=st.lists(vocabulary, max_size=60), seed=st.randoms(use_true_random=False))
def test_the_order_of_words_is_nothing(text, seed):
    shuffled = list(text)
    seed.shuffle(shuffled)
    assert np.array_equal(*pack([" ".join(text), " ".join(shuffled)]))


@settings(max_examples=40)
@given(counts=st.lists(st.integers(1, 9), min_size=KEPT + 1, max_size=KEPT + 60))
def test_what_is_cut_off_is_the_lightest(counts):
    """KEPT words stay; none that goes is heavier than one that stays, and of equals the lower hashes stay."""
    named = {f"qzxxx{place}": count for place, count in enumerate(counts)}  # all unknown: the count decides
    kept = contents(pack(["\n\n" + " ".join(word for word, count in named.items() for _ in range(count))])[0])
    ranked = sorted(named, key=lambda word: (-named[word], hash_of(word)))
    assert set(kept) == {hash_of(word) for word in ranked[:KEPT]}


@given(text=prose)
def test_hashes_ascend_and_unused_places_are_zero(text):
    hashes, weights = pack([text])[0][: KEPT * 4].view("<u4"), pack([text])[0][KEPT * 4 :]
    assert np.all(np.diff(hashes.astype(np.int64)) >= 0)
    assert not hashes[weights == 0].any()
    assert len(contents(pack([text])[0])) == np.count_nonzero(weights)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts(text):
    """Whatever a text is, it has a payload that can be compared."""
    found = likeness(pack([text])[0], pack([*HOSTILE, "galaxy"]))
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_a_hundred_thousand_words():
    """A long text is cut to its heaviest words."""
    assert len(contents(pack([" ".join(f"w{n}" for n in range(100_000))])[0])) == KEPT


def test_no_texts_and_no_others():
    assert pack([]).shape == (0, WIDTH)
    assert likeness(pack(["galaxy"])[0], pack([])).shape == (0,)


def test_words_of_one_hash_are_one_word(monkeypatch):
    """A collision adds two weights and harms nothing."""
    monkeypatch.setattr(lexical, "_known", lambda word: (7, 1.0))
    assert contents(pack(["galaxy graph"])[0]) == {7: 255}
    assert alike("galaxy graph", "neural") == 1.0


def test_the_same_in_another_process():
    """Payloads do not depend on Python's own hash."""
    text = "Qwen graph attention over dark matter galaxies with LoRA, zero-shot"
    script = f"from digest.related.lexical import pack; print(pack([{text!r}]).tobytes().hex())"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == pack([text]).tobytes().hex()
