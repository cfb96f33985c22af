"""One-sentence summaries judged by ROUGE against experts' (SciTLDR): stemmed, each metric by its best reference.

Ours and the baselines read the abstract as one text, split by our rules; only the oracle knows the references.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.quality.lines import read

Method = Callable[[str, str], str]
METRICS = {"rouge1": "rouge1", "rouge2": "rouge2", "rougeL": "rougeL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines {title, source, target}, plain or gzipped")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {rouge1, rouge2, rougeL, items_per_second}}}``."""
    papers = list(read(args.data))
    methods: dict[str, Method] = {"ours": _ours(), "lead-1": _lead, "title": _title, "LexRank": _lexrank}
    found = {name: _judge(method, papers) for name, method in methods.items()}
    found["oracle sentence"] = _mean([_oracle(paper) for paper in papers])
    return {"task": "tldr", "data": str(args.data), "n": len(papers), "methods": found}


def _judge(method: Method, papers: Sequence[dict[str, Any]]) -> dict[str, float]:
    texts = [" ".join(paper["source"]) for paper in papers]
    for paper, text in zip(papers[:1], texts, strict=False):
        method(paper["title"], text)  # tables are read outside the measured time
    start = time.perf_counter()
    answers = [method(paper["title"], text) for paper, text in zip(papers, texts, strict=True)]
    seconds = time.perf_counter() - start
    scores = _mean([_rouge(paper["target"], answer) for paper, answer in zip(papers, answers, strict=True)])
    return {**scores, "items_per_second": round(len(papers) / max(seconds, 1e-9))}


def _mean(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    return {metric: round(fmean(one[metric] for one in scores), 4) if scores else 0.0 for metric in METRICS}


def _rouge(references: Sequence[str], answer: str) -> dict[str, float]:
    scored = _scorer().score_multi(list(references), answer)
    return {metric: float(scored[metric].fmeasure) for metric in METRICS}


def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(METRICS), use_stemmer=True)


# --- methods ---------------------------------------------------------------------------------------------------------


def _ours() -> Method:
    from digest.summary.choose import Summariser

    summariser = Summariser.load()
    return lambda title, abstract: summariser.summarise(title, abstract).tldr


def _sentences(abstract: str) -> tuple[str, ...]:
    from digest.summary.sentences import split

    return split(abstract) or ("",)


def _lead(_title: str, abstract: str) -> str:
    return _sentences(abstract)[0]


def _title(title: str, _abstract: str) -> str:
    return title


def _lexrank(_title: str, abstract: str) -> str:
    """Continuous LexRank (Erkan and Radev 2004): the stationary walk over cosines of tf-idf; idf within the abstract."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    sentences = _sentences(abstract)
    try:
        rows = TfidfVectorizer(token_pattern=r"\w+").fit_transform(sentences)
    except ValueError:  # no words at all
        return sentences[0]
    steps = (rows @ rows.T).toarray() + 1e-9
    steps /= steps.sum(axis=1, keepdims=True)
    weight = np.full(len(sentences), 1 / len(sentences))
    for _ in range(50):
        weight = 0.15 / len(sentences) + 0.85 * (weight @ steps)
    return sentences[int(weight.argmax())]


def _oracle(paper: dict[str, Any]) -> dict[str, float]:
    """The scores of the sentence of the abstract with the best mean of the three."""
    scores = [_rouge(paper["target"], sentence) for sentence in _sentences(" ".join(paper["source"]))]
    return max(scores, key=lambda one: fmean(one.values()))
