"""How like two texts are in their words: a cosine of weighted words, from the two texts and a shipped table alone.

BM25 made symmetric: a word's count is saturated, words of the title count more (Robertson, Zaragoza and Taylor 2004,
BM25F), and a shared word counts with its inverse document frequency (Spärck Jones 1972) once, each text giving the square
root of it. The documents are those of a fixed background and not of the catalogue: with the latter every score would
change each night. A text is packed into a row of fixed width, which is stored beside its embedding.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

RECIPE = "words-1"
"""Part of an index's name. Any change of the words, weights, table or layout is another recipe."""

KEPT = 64
"""Words of a text that are kept, those of the highest weight."""

WIDTH = KEPT * 5
"""Bytes of a payload: KEPT hashes (little-endian uint32, ascending, unused places 0), then KEPT weights (uint8)."""

DIGITS = 6
"""Cosines are kept to this many decimals."""

SATURATION = 1.2
"""BM25's k1: a word's second and third mention count for less than its first."""

TITLE = 3
"""Mentions in the abstract that one in the title is worth."""

FILE = "idf.tsv.gz"

_TOP = 255  # the heaviest word's weight

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = r"(?:https?://|www\.|github\.com/|huggingface\.co/)\S+"
_COMMAND = r"\\[a-z]+\*?(?=\{)"  # \textbf{ and \mathcal{, but not \alpha
_NO_WORDS = re.compile(f"{_ADDRESS}|{_COMMAND}")


def words(text: str) -> list[str]:
    """The words of a text in order: runs of letters and digits in lower case, without numbers and single characters.

    Web addresses are left out, since people share them and not topics, and so are TeX commands that take an argument.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    found = _WORD.findall(_NO_WORDS.sub(" ", text.lower()))
    return [word for word in found if len(word) > 1 and not word.isdecimal()]


def pack(texts: Sequence[str]) -> NDArray[np.uint8]:
    """The heaviest words of each text, shape (texts, WIDTH). What stands before a text's first blank line is its title.

    Weights are relative to the text's heaviest word; ties go to the lower hash. A text without words is all zeros.
    """
    return np.array([_packed(text) for text in texts], dtype=np.uint8).reshape(len(texts), WIDTH)


def likeness(one: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Cosines in [0, 1] of a payload and others, shapes (WIDTH,), (n, WIDTH) -> (n,), rounded to DIGITS.

    A cosine depends on its two payloads alone and is the same both ways: sums are of whole numbers, hence exact. One
    without words is like nothing, 0.
    """
    mine, weights = _hashes(one[None])[0], _weights_of(one[None])
    theirs, their_weights = _hashes(others), _weights_of(others)
    places = _perhaps_shared(mine, theirs)
    found = theirs.ravel()[places]
    own = np.minimum(np.searchsorted(mine, found), KEPT - 1)
    products = np.where(mine[own] == found, weights[0, own], 0) * their_weights.ravel()[places]
    dots = np.bincount(places // KEPT, weights=products, minlength=len(others))
    lengths = np.sqrt(_squares(weights) * _squares(their_weights))
    cosines: NDArray[np.float64] = np.divide(dots, lengths, out=np.zeros(len(others)), where=lengths > 0)
    return cosines.round(DIGITS)


# --- weights ---------------------------------------------------------------------------------------------------------


def _packed(text: str) -> NDArray[np.uint8]:
    weights = _heaviest(_weights(_counts(text)))
    top = max(weights.values(), default=0.0) or 1.0
    whole = {number: round(_TOP * weight / top) for number, weight in weights.items()}
    kept = sorted((number, weight) for number, weight in whole.items() if weight)
    row = np.zeros(WIDTH, dtype=np.uint8)
    row[: KEPT * 4].view("<u4")[KEPT - len(kept) :] = [number for number, _ in kept]
    row[KEPT * 4 :][KEPT - len(kept) :] = [weight for _, weight in kept]
    return row


def _counts(text: str) -> Counter[str]:
    title, _, abstract = text.partition("\n\n")
    counts = Counter(words(abstract))
    for word in words(title):
        counts[word] += TITLE
    return counts


def _weights(counts: Mapping[str, int]) -> dict[int, float]:
    """Hash → weight. Words that share a hash are one word from then on."""
    weights: dict[int, float] = {}
    for word, count in counts.items():
        number, rarity = _known(word)
        weights[number] = weights.get(number, 0.0) + rarity * count / (count + SATURATION)
    return weights


def _heaviest(weights: Mapping[int, float]) -> dict[int, float]:
    if len(weights) <= KEPT:
        return dict(weights)
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:KEPT])


@lru_cache(maxsize=1 << 18)
def _known(word: str) -> tuple[int, float]:
    """A word's hash, and the root of its inverse document frequency; a word that is not in the table is the rarest."""
    papers, floor, frequencies = _table()
    number = int.from_bytes(blake2b(word.encode("utf-8"), digest_size=4).digest(), "little")
    # 0 fills the unused places.
    return number or 1, sqrt(log(papers / frequencies.get(word, floor)))


@cache
def _table() -> tuple[int, int, dict[str, int]]:
    """The background's papers, the fewest papers that a word of the table has, and the papers of each word."""
    raw = gzip.decompress(files("digest.related").joinpath("data", FILE).read_bytes()).decode("utf-8")
    head, *rows = (line for line in raw.splitlines() if not line.startswith("# "))
    papers, floor = map(int, head.split("\t"))
    return papers, floor, dict(_pairs(rows))


def _pairs(rows: Iterable[str]) -> Iterable[tuple[str, int]]:
    for row in rows:
        word, count = row.split("\t")
        yield word, int(count)


# --- payloads --------------------------------------------------------------------------------------------------------


def _hashes(payloads: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Shape (n, KEPT), ascending."""
    return np.ascontiguousarray(payloads[:, : KEPT * 4]).view("<u4")


def _weights_of(payloads: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shape (n, KEPT): whole numbers of which float32 holds the products, and the sums of KEPT of them, exactly."""
    return payloads[:, KEPT * 4 :].astype(np.float32)


def _perhaps_shared(mine: NDArray[np.uint32], theirs: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Where, counted through all rows, a hash ends in the same 16 bits as one of *mine*: what is shared, and little else."""
    ends = np.zeros(1 << 16, dtype=np.bool_)
    ends[mine & 0xFFFF] = True
    return np.flatnonzero(ends[theirs.view("<u2").ravel()[::2]])


def _squares(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", weights, weights)
    return squares.astype(np.float64)
