"""Counts terms in abstracts for ``src/digest/keywords/data``: the authors' vocabulary, then the background.

    python tools/build_background.py DATA

DATA is the folder with ``keyphrases/author_train.jsonl.gz`` and ``arxiv/corpus.jsonl.gz``. Writes vocabulary.tsv.gz and
background.tsv.gz: canonical names that several papers share, with figures. Run after ``build_word_tables.py``, since
names are made with its tables. Takes about five minutes on one core.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import log
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "digest" / "keywords" / "data"
sys.path.insert(0, str(OUT.parents[2]))

from digest.keywords import document, vocabulary  # noqa: E402
from digest.keywords.acronyms import definitions  # noqa: E402
from digest.keywords.canonical import canonical, key  # noqa: E402
from digest.keywords.document import is_nameable  # noqa: E402
from digest.keywords.phrases import Linked, linked_keys  # noqa: E402
from digest.keywords.text import tokens  # noqa: E402
from digest.keywords.vocabulary import Vocabulary  # noqa: E402

FLOOR = 5
"""Papers that a term needs to be kept: what fewer share is nearer to a text than to a figure."""


def read(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def write(name: str, text: str) -> None:
    (OUT / name).write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(f"{name}: {text.count(chr(10))} rows, {(OUT / name).stat().st_size / 1024:.0f} KiB", file=sys.stderr)


def author_keywords(paper: dict) -> set[str]:
    """The canonical names of a paper's keywords, in the light of what its abstract defines."""
    acronyms = definitions(paper["abstract"])
    names = {canonical(written, acronyms) for written in paper["keys"]}
    return {name for name in names if is_nameable(name, len(key(name).split()))}


def build_vocabulary(path: Path) -> Vocabulary:
    papers = list(read(path))
    keywords = [author_keywords(paper) for paper in papers]
    linked = linked_keys(Vocabulary.of((names, ()) for names in keywords).shared)
    terms = [document.read(paper["title"], paper["abstract"], linked).terms.keys() for paper in papers]
    counted = Vocabulary.of(zip(keywords, terms, strict=True))
    kept = counted.chosen.keys() | {name for name, count in counted.seen.items() if count >= FLOOR}
    rows = (f"{name}\t{counted.chosen.get(name, 0)}\t{counted.seen.get(name, 0)}\n" for name in sorted(kept))
    write(vocabulary.FILE, "# canonical name, papers whose authors chose it, papers that have it\n" + "".join(rows))
    return counted


class Fields:
    """Tells the field of a paper from its words: multinomial naive Bayes, learned from the papers with a category.

    Needed since the older papers have none, and the mix of fields changes from year to year: without it all of
    astrophysics, which begins late here, would look new.
    """

    def __init__(self, papers: Iterable[dict]) -> None:
        counts: dict[str, Counter[str]] = {}
        for paper in papers:
            if paper.get("categories"):
                counts.setdefault(self.group(paper["categories"][0]), Counter()).update(self.words(paper))
        kept = {field: words for field, words in counts.items() if words.total() > 20_000}
        vocabulary = set().union(*kept.values())
        self.names = sorted(kept)
        floor = {field: log(words.total() + 0.5 * len(vocabulary)) for field, words in kept.items()}
        self.weights = {
            word: tuple(log(kept[field][word] + 0.5) - floor[field] for field in self.names) for word in vocabulary
        }

    @staticmethod
    def group(category: str) -> str:
        return category if category in ("cs.CV", "cs.CL", "cs.AI") else category.partition(".")[0]

    @staticmethod
    def words(paper: dict) -> list[str]:
        return [word.lower() for word in tokens(paper["title"]) + tokens(paper["abstract"]) if word]

    def __call__(self, paper: dict) -> str:
        rows = [self.weights[word] for word in self.words(paper)[:100] if word in self.weights]
        scores = [sum(column) for column in zip(*rows, strict=True)] or [0.0] * len(self.names)
        return self.names[scores.index(max(scores))]


def adjusted(df: Counter[str], recent: int, share: dict[str, float], overall: float) -> int:
    """Papers of the last year that the term would have in the background's overall mix: df by field, share by field.

    The ratios of what is seen to what its fields would make us expect, recent and past, applied to the overall share.
    """
    total = df.total()
    expected = sum(count * share[field] for field, count in df.items())
    now = (recent + 0.5) / (expected + 0.5) * overall
    past = (total - recent + 0.5) / (total - expected + 0.5) * (1 - overall)
    return round(total * now / (now + past))


def build_background(path: Path, linked: Linked) -> None:
    papers = sorted(read(path), key=lambda p: (p.get("published") or p["first_seen"], p["title"]))
    last = max(p["first_seen"] for p in papers)
    since = (date.fromisoformat(last[:10]) - timedelta(days=365)).isoformat()
    field_of = Fields(papers)
    fields, recent_fields = Counter[str](), Counter[str]()
    df: dict[str, Counter[str]] = {}
    recent, alone, third = Counter[str](), Counter[str](), dict[str, str]()
    for paper in papers:
        day, field = (paper.get("published") or paper["first_seen"])[:10], field_of(paper)
        terms = document.read(paper["title"], paper["abstract"], linked).terms
        fields[field] += 1
        recent_fields[field] += day > since
        alone.update(name for name, term in terms.items() if any(phrase.maximal for phrase in term.phrases))
        recent.update(terms.keys() if day > since else ())
        for name in terms:
            counter = df.setdefault(name, Counter())
            counter[field] += 1
            if counter.total() == 3:
                third[name] = day[:4]
    size, recent_size = fields.total(), recent_fields.total()
    share = {field: recent_fields[field] / fields[field] for field in fields}
    rows = "".join(
        f"{name}\t{count.total()}\t{adjusted(count, recent[name], share, recent_size / size)}\t{third[name]}\t{alone[name]}\n"
        for name, count in sorted(df.items())
        if count.total() >= FLOOR
    )
    head = "# papers, recent, year of the end, floor; then: name, papers, recent, year of the third, alone\n"
    write("background.tsv.gz", f"{head}{size}\t{recent_size}\t{last[:4]}\t{FLOOR}\n{rows}")
    print({field: (fields[field], round(share[field], 2)) for field in fields}, file=sys.stderr)


def main(data: Path) -> None:
    counted = build_vocabulary(data / "keyphrases" / "author_train.jsonl.gz")
    build_background(data / "arxiv" / "corpus.jsonl.gz", linked_keys(counted.shared))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
