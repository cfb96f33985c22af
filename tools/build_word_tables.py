"""Makes the word tables of ``src/digest/keywords/data`` from abstracts: how words are written, joined and spelled.

    python tools/build_word_tables.py DATA

DATA is the folder with ``arxiv/corpus.jsonl.gz``. Writes casing.tsv, hyphens.tsv, joins.tsv, spelling.tsv, words.tsv.gz
and acronyms.tsv; what each holds is told in the README.md beside them. Nothing of the texts is kept but figures and
single words or pairs that many papers share. Takes about five minutes on one core.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import log10
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "digest" / "keywords" / "data"
sys.path.insert(0, str(OUT.parents[2]))

from digest.keywords.acronyms import definitions  # noqa: E402
from digest.keywords.canonical import forget_tables, normal_words  # noqa: E402
from digest.keywords.text import BREAK, plain, tokens  # noqa: E402

_PLURAL_ACRONYM = re.compile(r"(.*[A-Z0-9])s$")
_SMALL = frozenset("a an and as at by for from in into is it nor of on or out over per the to up via vs with".split())

SHORTER = 2.0
"""How many times commoner an acronym must be than its long form to be the name."""

BY_HAND = {
    "graphic processing unit": "gpu",
    "graphical processing unit": "gpu",
    "graphics processing unit": "gpu",
    "low rank adaptation": "lora",
    "low rank adapter": "lora",
    "global positioning system": "gps",
    "neural radiance field": "nerf",
}
"""Acronyms that are the name although the count misses them: spelled out in several ways, or defined too seldom."""

_PREFIXES = frozenset("bi co de re un".split())


class Tally:
    """Counts of papers (not of occurrences) for everything that the tables are made of."""

    def __init__(self) -> None:
        self.forms: dict[str, Counter[str]] = {}
        self.occurrences: Counter[str] = Counter()
        self.hyphenated: Counter[tuple[str, str]] = Counter()
        self.spaced: Counter[tuple[str, str]] = Counter()
        self.definitions: dict[str, Counter[str]] = {}
        self.alone: Counter[str] = Counter()

    def add(self, abstract: str) -> None:
        words = tokens(plain(abstract))
        forms, hyphenated, spaced = set(), set(), set()
        previous = BREAK
        for token in words:
            parts = token.split("-")
            lowered = [part.lower() for part in parts]
            self.occurrences.update(part for part in lowered if part)
            if previous:  # the first word of a sentence has a capital that means nothing
                forms.update(parts[:1])
                spaced.add((previous.rsplit("-", 1)[-1].lower(), lowered[0]))
            forms.update(parts[1:])
            hyphenated.update(pairwise(lowered))
            previous = token
        for form in forms:
            form = _PLURAL_ACRONYM.sub(r"\1", form)
            self.forms.setdefault(form.lower(), Counter())[form] += 1
        self.hyphenated.update(hyphenated)
        self.spaced.update(spaced)
        for short, long in definitions(abstract).items():
            self.definitions.setdefault(short, Counter())[long] += 1


def read(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def casing(tally: Tally) -> dict[str, str]:
    """Words whose commonest written form is neither lower case nor plain title case: GPU, LoRA, 3D.

    Not "clip", which is CLIP only when it stands alone (see names.tsv).
    """
    found = {}
    for word, forms in tally.forms.items():
        form, count = forms.most_common(1)[0]
        if count >= 4 and count >= 0.7 * forms.total() and form not in (word, word.capitalize()) and len(word) > 1:
            found[word] = form
    return found


def papers(tally: Tally, word: str) -> int:
    return tally.forms[word].total() if word in tally.forms else 0


def hyphens(tally: Tally) -> dict[tuple[str, str], str]:
    """Pairs that are more often hyphenated than spaced."""
    return {
        pair: "-"
        for pair, count in tally.hyphenated.items()
        if count >= 4 and count > tally.spaced[pair] and all(len(w) > 1 or w.isalpha() for w in pair)
    }


def joins(tally: Tally) -> dict[str, str]:
    """Written as one word and as two: each to the commoner, where a hyphenated form shows that they are the same."""
    found = {}
    for (first, second), count in tally.hyphenated.items():
        one, two = first + second, f"{first} {second}"
        joined, separate = papers(tally, one), count + tally.spaced[first, second]
        if count < 3 or joined < 5 or min(len(first), len(second)) < 2 or {first, second} & _SMALL:
            continue
        if not one.isalpha() or len(one) < 6:
            continue
        if joined < separate and min(len(first), len(second)) < 3 and first not in _PREFIXES:
            continue
        if joined >= separate:
            found[two] = one
        else:
            found[one] = two
    return found


_SPELLINGS = (
    (re.compile(r"is(e|ed|er|ers|es|ing|ation|ations|able|ational)$"), r"iz\1"),
    (re.compile(r"ys(e|ed|er|ers|es|ing)$"), r"yz\1"),
    (re.compile(r"our(s|ed|ing|al|able|ful|hood|hoods|ly|less|ization|ized)?$"), r"or\1"),
    (re.compile(r"ll(ing|ed|er|ers)$"), r"l\1"),
    (re.compile(r"([tb])re(s|d)?$"), r"\1er\2"),
    (re.compile(r"^(def|off|lic|pret)ence(s)?$"), r"\1ense\2"),
    (re.compile(r"ogue(s)?$"), r"og\1"),
    (re.compile(r"^grey"), "gray"),
    (re.compile(r"^(an|isch|h|orthop|p|gyn|encyclop|c|leuk)ae(.+)$"), r"\1e\2"),
    (re.compile(r"amme(s)?$"), r"am\1"),
    (re.compile(r"^artefact"), "artifact"),
    (re.compile(r"wards$"), "ward"),
)


def spelling(tally: Tally) -> dict[str, str]:
    """British to US, where the US form is the commoner and both are really written."""
    found = {}
    for word in tally.forms:
        mine = papers(tally, word)
        if mine < 2 or not word.isalpha() or len(word) < 5:
            continue
        for pattern, replacement in _SPELLINGS:
            other = pattern.sub(replacement, word)
            if other != word and papers(tally, other) > mine:
                found[word] = other
                break
    return found


def zipf(tally: Tally) -> dict[str, int]:
    """A hundred times the Zipf frequency (log10 of occurrences in a thousand million words)."""
    total = tally.occurrences.total()
    return {
        word: round(100 * log10(count / total * 1e9))
        for word, count in tally.occurrences.items()
        if count >= 15 and word.isalpha()
    }


def acronyms(tally: Tally) -> dict[str, str]:
    """Acronym key to long key, where one long form has five definitions and 80 % of the acronym's.

    Only acronyms that are hardly ever an ordinary word, so that "map" stays a map.
    """
    merged: dict[str, Counter[str]] = {}
    for short, longs in tally.definitions.items():
        for long, count in longs.items():
            merged.setdefault(short.lower(), Counter())[" ".join(normal_words(long))] += count
    found = {}
    for short, keys in merged.items():
        long, count = keys.most_common(1)[0]
        forms = tally.forms.get(short, Counter())
        capitals = sum(c for form, c in forms.items() if sum(map(str.isupper, form)) >= 2)
        ordinary = forms.total() and capitals < 0.9 * forms.total()
        if count >= 5 and count >= 0.8 * keys.total() and not ordinary and len(normal_words(short)) == 1:
            found[short] = f"{long}\t{count}"
    return found


def renames(path: Path, meanings: dict[str, str]) -> dict[str, str]:
    """Acronym to long form, or long form to acronym where the acronym is by far the commoner name (GPU).

    Counted in papers that have the one or the other anywhere.
    """
    long_of = {short: row.partition("\t")[0] for short, row in meanings.items()}
    longs = {long: len(long.split()) for long in long_of.values()}
    starts = {long.split()[0] for long in longs}
    seen: Counter[str] = Counter()
    for paper in read(path):
        words = [w for token in tokens(plain(paper["abstract"])) for w in normal_words(token.replace("-", " "))]
        found = set(words) & long_of.keys()
        for at, word in enumerate(words):
            if word in starts:
                found.update(w for n in range(1, 8) if (w := " ".join(words[at : at + n])) in longs)
        seen.update(found)
    table = dict(BY_HAND)
    for short, long in long_of.items():
        if short in BY_HAND.values():
            continue
        if seen[short] >= 20 and seen[short] >= SHORTER * seen[long]:
            table[long] = short
        elif not set(long.split()) & long_of.keys():  # a long form with an acronym in it would need a second step
            table[short] = long
    return {source: target for source, target in table.items() if target not in table}


def write(name: str, comment: str, rows: dict[str, object]) -> None:
    text = f"# {comment}\n" + "".join(f"{key}\t{value}\n" for key, value in sorted(rows.items()))
    data = text.encode("utf-8")
    (OUT / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)
    print(f"{name}: {len(rows)} rows, {(OUT / name).stat().st_size / 1024:.0f} KiB", file=sys.stderr)


def main(data: Path) -> None:
    tally = Tally()
    for paper in read(data / "arxiv" / "corpus.jsonl.gz"):
        tally.add(paper["abstract"])
    write("casing.tsv", "word, how it is written", dict(casing(tally)))
    pairs = {f"{a} {b}": sign for (a, b), sign in hyphens(tally).items()}
    write("hyphens.tsv.gz", "pair of words that is mostly hyphenated", dict(pairs))
    write("joins.tsv", "written form, commoner written form", dict(joins(tally)))
    write("spelling.tsv", "spelling, US spelling", dict(spelling(tally)))
    write("words.tsv.gz", "word, 100 times its Zipf frequency in abstracts", dict(zipf(tally)))
    forget_tables()
    meanings = acronyms(tally)
    write("acronyms.tsv", "acronym, long form, papers that define it so", dict(meanings))
    table = renames(data / "arxiv" / "corpus.jsonl.gz", meanings)
    write("renames.tsv", "key of a name, key of the commoner name of the same thing", dict(table))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
