"""Keyphrase methods to compare with; none of them has seen a keyword.

Each is made from the papers that will be judged, before any time is measured, and then ranks the phrases of one paper,
best first. One that needs a package which is not installed raises ``ModuleNotFoundError`` when it is made. All
embeddings are by the model that digest itself uses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.matching import stems


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper with the keys that people chose for it."""

    title: str
    abstract: str
    keys: tuple[str, ...]
    fold: int = 0  # the part of a cross-validation in which it is judged

    @property
    def text(self) -> str:
        return f"{self.title}. {self.abstract}" if self.title else self.abstract


Rank = Callable[[Paper], Sequence[str]]
Maker = Callable[[Sequence[Paper]], Rank]

_STOP_WORDS = """a about above after again all also an and any are as at be because been before being between both but by
can could did do does during each few for from further had has have here how however i if in into is it its itself
many may more most much must no nor not of on once only or other our out over own same several should show shows so
some such than that the their them then there these they this those through thus to too under until up use used
using very via was we were what when where whether which while who whom why will with within without would you""".split()

DEPTH = 20
"""Phrases asked of a method that wants a number; more than are judged, since some may have the same stems."""


def yake(_: Sequence[Paper]) -> Rank:
    """YAKE (Campos et al. 2020), the package's defaults: up to three words."""
    from yake import KeywordExtractor

    extractor = KeywordExtractor(n=3, top=DEPTH)
    return lambda paper: [phrase for phrase, _ in extractor.extract_keywords(paper.text)]


def rake(_: Sequence[Paper]) -> Rank:
    """RAKE (Rose et al. 2010): runs of words between stop words, by the sum of their words' degree over frequency.

    Our own, since the package downloads its stop words.
    """
    stop = re.compile(rf"[^\w\s'-]+|(?<!-)\b(?:{'|'.join(_STOP_WORDS)})\b(?!-)")

    def rank(paper: Paper) -> list[str]:
        runs = [run.split() for run in stop.sub("\n", paper.text.lower()).split("\n")]
        phrases = [run for run in runs if 0 < len(run) <= 5]
        frequency, degree = Counter[str](), Counter[str]()
        for phrase in phrases:
            for word in phrase:
                frequency[word] += 1
                degree[word] += len(phrase)
        weight = {" ".join(phrase): sum(degree[word] / frequency[word] for word in phrase) for phrase in phrases}
        return sorted(weight, key=lambda phrase: (-weight[phrase], phrase))

    return rank


def keybert(_: Sequence[Paper]) -> Rank:
    """KeyBERT (Grootendorst 2020) with its own candidates: one to three words, no stop words."""
    model = _keybert()

    def rank(paper: Paper) -> list[str]:
        found = model.extract_keywords(paper.text, keyphrase_ngram_range=(1, 3), stop_words="english", top_n=DEPTH)
        return [phrase for phrase, _ in found]

    return rank


def keybert_on_phrases(_: Sequence[Paper]) -> Rank:
    """KeyBERT with our maximal noun phrases as candidates.

    They come in by a vectoriser, which is how phrases by part of speech are given to it: its ``candidates`` argument
    looks for them in its own tokens, and so finds none that has a hyphen.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    model = _keybert()

    def rank(paper: Paper) -> list[str]:
        phrases = noun_phrases(paper)
        if not phrases:
            return []
        vectoriser = CountVectorizer(analyzer=lambda _: phrases)
        found = model.extract_keywords(paper.text, vectorizer=vectoriser, top_n=DEPTH)
        return [phrase for phrase, _ in found]

    return rank


def embedding_rank(papers: Sequence[Paper], *, relevance: float = 0.7) -> Rank:
    """EmbedRank++ (Bennani-Smires et al. 2018): noun phrases by cosine to the text, thinned by marginal relevance.

    *relevance* weighs likeness to the text against likeness to what was taken already (MMR's λ). The vectors are made
    beforehand.
    """
    vectors = _vectors({text for paper in papers for text in (paper.text, *noun_phrases(paper))})

    def rank(paper: Paper) -> list[str]:
        phrases = noun_phrases(paper)
        if not phrases:
            return []
        rows = np.stack([vectors[phrase] for phrase in phrases])
        return [phrases[at] for at in marginal(rows @ vectors[paper.text], rows @ rows.T, relevance, DEPTH)]

    return rank


def marginal(to_text: NDArray[np.float32], between: NDArray[np.float32], relevance: float, limit: int) -> Iterator[int]:
    """Indices in the order of maximal marginal relevance (Carbonell and Goldstein 1998); ties by index."""
    left = list(range(len(to_text)))
    likest = np.zeros(len(to_text))
    for _ in range(min(limit, len(left))):
        best = max(left, key=lambda at: (relevance * to_text[at] - (1 - relevance) * likest[at], -at))
        left.remove(best)
        likest = np.maximum(likest, between[best])
        yield best


def tf_idf(papers: Sequence[Paper]) -> Rank:
    """Maximal noun phrases by tf-idf within the judged file itself."""
    df: Counter[str] = Counter()
    for paper in papers:
        df.update({stems(phrase) for phrase in noun_phrases(paper)})

    def rank(paper: Paper) -> list[str]:
        phrases = _occurrences(paper)
        tf = Counter(map(stems, phrases))
        weight = {phrase: tf[stems(phrase)] * log((len(papers) + 1) / (df[stems(phrase)] + 0.5)) for phrase in phrases}
        return sorted(weight, key=lambda phrase: (-weight[phrase], phrase))

    return rank


def first_phrases(_: Sequence[Paper]) -> Rank:
    """Maximal noun phrases by place."""
    return noun_phrases


def noun_phrases(paper: Paper) -> list[str]:
    """Maximal noun phrases in lower case, each once, by place; by the same tagger as ours."""
    return list(dict.fromkeys(phrase.lower() for phrase in _occurrences(paper)))


def _occurrences(paper: Paper) -> list[str]:
    from digest.keywords.phrases import noun_phrases as phrases
    from digest.keywords.text import plain, tokens

    return [phrase.surface for phrase in phrases(tokens(plain(paper.text))) if phrase.maximal]


@cache
def _keybert() -> Any:
    from keybert import KeyBERT

    return KeyBERT(model=_model())


@cache
def _model() -> Any:
    """The bundled embedding model, on one core; nothing is asked of a network."""
    import torch
    from sentence_transformers import SentenceTransformer

    from digest.backends.sentence_transformer import bundled_folder

    torch.set_num_threads(1)
    return SentenceTransformer(str(bundled_folder()), device="cpu", local_files_only=True)


def _vectors(texts: Iterable[str]) -> Mapping[str, NDArray[np.float32]]:
    """One unit vector a text."""
    ordered = sorted(texts, key=lambda text: (len(text), text))  # texts of one length need no padding
    vectors = _model().encode(ordered, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    return dict(zip(ordered, np.asarray(vectors, dtype=np.float32), strict=True))


MAKERS: Mapping[str, Maker] = {
    "yake": yake,
    "rake": rake,
    "keybert": keybert,
    "keybert on noun phrases": keybert_on_phrases,
    "embedding rank, MMR 0.7": embedding_rank,
    "noun phrases by tf-idf": tf_idf,
    "first noun phrases": first_phrases,
}
