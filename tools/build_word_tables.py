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
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import log10
from pathlib import Path

from nltk.stem import PorterStemmer  # textblob, on which digest depends, brings it

OUT = Path(__file__).resolve().parents[1] / "src" / "digest" / "keywords" / "data"
sys.path.insert(0, str(OUT.parents[2]))

from digest.keywords.acronyms import definitions  # noqa: E402
from digest.keywords.canonical import SMALL, forget_tables, normal_words  # noqa: E402
from digest.keywords.tagger import lexicon  # noqa: E402
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
    "electroencephalography": "eeg",
    "electroencephalogram": "eeg",
    "multiple input multiple output": "mimo",
    "multi input multi output": "mimo",
    "SNe": "supernova",
    "sn": "supernova",
    "qa": "question answering",
    "genai": "generative ai",
}
"""Acronyms that are the name although the count misses them: spelled out in several ways, or defined too seldom."""

FACES = frozenset({"LoRa", "SNe"})
"""Forms that differ from another word by their capitals alone, and are too rare to be counted: a radio, supernovae."""

_SYMBOLS = frozenset("al au ca cu fe he mg mn na ne ni pc si ti kpc mpc".split())
"""Chemical elements and units that are also acronyms in capitals: iron and finite elements."""

_IONS = frozenset(
    (element, number) for element in "al c ca fe h he mg n na ne o".split() for number in ("ii", "iii", "iv", "vi")
) | {("h", "i"), ("he", "i"), ("na", "i")}

_PREPOSITIONS = frozenset("by for from of on via with".split())
_stem = cache(PorterStemmer().stem)

_PREFIXES = frozenset("bi co de re un".split())


class Tally:
    """Counts of papers (not of occurrences) for everything that the tables are made of."""

    def __init__(self) -> None:
        self.forms: dict[str, Counter[str]] = {}
        self.occurrences: Counter[str] = Counter()
        self.hyphenated: Counter[tuple[str, str]] = Counter()
        self.spaced: Counter[tuple[str, str]] = Counter()
        self.leading: Counter[tuple[str, str]] = Counter()
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
            # Of time-to-first-token, "first token" is no compound.
            bound = not SMALL.isdisjoint(lowered)
            hyphenated.update(pair for pair in pairwise(lowered) if not bound or not SMALL.isdisjoint(pair))
            if len(lowered) == 2 and lowered[0] in SMALL:
                self.leading[lowered[0], lowered[1]] += 1
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

    A form with capitals of a word that is also an ordinary one stands for itself: a clip is not CLIP, to mimic is not
    MIMIC, and iron is not the finite element method.
    """
    found = {form: form for form in FACES}
    for word, forms in tally.forms.items():
        form, count = forms.most_common(1)[0]
        other = max((n for written, n in forms.items() if not _has_inner_capital(written)), default=0)
        if (word in lexicon() and forms[word] >= 0.03 * forms.total()) or (word in _SYMBOLS and other >= 4):
            faces = (face for face, n in forms.items() if n >= 8 and n >= 0.1 * forms.total())
            found.update({face: face for face in faces if _has_inner_capital(face)})
        elif count >= 4 and count >= 0.7 * forms.total() and form not in (word, word.capitalize()) and len(word) > 1:
            found[word] = form
    return found


def _has_inner_capital(form: str) -> bool:
    return form[1:] != form[1:].lower()


def papers(tally: Tally, word: str) -> int:
    return tally.forms[word].total() if word in tally.forms else 0


def hyphens(tally: Tally) -> dict[tuple[str, str], str]:
    """Pairs that are more often hyphenated than spaced."""
    return {
        pair: "-"
        for pair, count in tally.hyphenated.items()
        if count >= 4 and count > tally.spaced[pair] and all(len(w) > 1 or w.isalpha() for w in pair)
    }


def leads(tally: Tally) -> set[tuple[str, str]]:
    """Pairs of a small word and another that are a compound by themselves: in-context, on-device."""
    return {
        pair
        for pair, count in tally.leading.items()
        if count >= 4 and 2 * count > tally.hyphenated[pair] and pair[1] not in SMALL
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
    for first, second in _IONS:  # H II and HII
        one, two = first + second, f"{first} {second}"
        joined, separate = papers(tally, one), tally.spaced[first, second] + tally.hyphenated[first, second]
        if min(joined, separate) >= 2:
            found |= {two: one} if joined >= separate else {one: two}
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
    (re.compile(r"^(after|back|down|east|for|home|in|north|on|out|south|to|up|west)wards$"), r"\1ward"),
)


def spelling(tally: Tally) -> dict[str, str]:
    """British to US, where the US form is the commoner and both are really written.

    And of a name with an accent or an apostrophe and the same without, the rarer to the commoner.
    """
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
    for word in tally.forms:
        bare = _bare(word)
        if bare != word and len(bare) >= 4 and min(papers(tally, word), papers(tally, bare)) >= 2:
            rarer, commoner = sorted((word, bare), key=lambda form: papers(tally, form))
            if rarer != bare or bare not in lexicon():  # a holder is not Hölder
                found[rarer] = commoner
    return found


def _bare(word: str) -> str:
    """Without accents, and without an apostrophe inside a long name: Fréchet, Zel'dovich; "don't" as it is."""
    letters = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return bare.replace("'", "") if len(bare) >= 9 and not bare.endswith(("'s", "'t")) and "'" in bare[:-2] else bare


def zipf(tally: Tally) -> dict[str, int]:
    """A hundred times the Zipf frequency (log10 of occurrences in a thousand million words)."""
    total = tally.occurrences.total()
    return {
        word: round(100 * log10(count / total * 1e9))
        for word, count in tally.occurrences.items()
        if count >= 15 and word.isalpha()
    }


def long_forms(tally: Tally) -> dict[str, Counter[str]]:
    """Acronym key to its long keys, with the papers that define it so."""
    merged: dict[str, Counter[str]] = {}
    for short, longs in tally.definitions.items():
        (key, *more) = normal_words(short) or [""]
        if not more and key:
            for long, count in longs.items():
                merged.setdefault(key, Counter())[" ".join(normal_words(long))] += count
    return merged


def acronyms(tally: Tally) -> dict[str, str]:
    """Acronym key to long key, where one long form has five definitions and 80 % of the acronym's.

    Only acronyms that are hardly ever an ordinary word, so that "map" stays a map. Two letters mean so many things that
    they need 93 %: MT is mostly machine translation, and a product of M and T elsewhere.
    """
    found = {}
    for short, keys in long_forms(tally).items():
        long, count = keys.most_common(1)[0]
        forms = tally.forms.get(short, Counter())
        capitals = sum(c for form, c in forms.items() if sum(map(str.isupper, form)) >= 2)
        ordinary = forms.total() and capitals < 0.9 * forms.total()
        share = 0.93 if len(short) == 2 else 0.8
        if count >= 5 and count >= share * keys.total() and not ordinary:
            found[short] = f"{long}\t{count}"
    return found


def variants(tally: Tally) -> dict[str, str]:
    """Long forms of one acronym that say the same in other words: the rarer to the commonest.

    "Rotary positional embedding" and "rotary position embedding" are both RoPE, "learning with verifiable rewards" and
    "learning from verifiable rewards" both RLVR. A language model and language modeling are two things; so the last
    word must be the same.
    """
    found: dict[str, str] = {}
    for longs in long_forms(tally).values():
        ordered = [long for long, _ in longs.most_common() if len(long.split()) > 2]
        for at, main in enumerate(ordered):
            if longs[main] < 5:
                break
            found.update({o: main for o in ordered[at + 1 :] if longs[o] < longs[main] and _say_the_same(o, main)})
    return {other: main for other, main in found.items() if main not in found}


def _say_the_same(one: str, other: str) -> bool:
    """Same words but for endings (position, positional), the preposition, or an "and"; two adjectives are never same."""
    first, second = one.split(), other.split()
    if len(first) != len(second):
        first, second = ([word for word in words if word not in ("and", "the")] for words in (first, second))
    if len(first) != len(second) or first[-1] != second[-1]:
        return False
    return all(a == b or {a, b} <= _PREPOSITIONS or _is_same_stem(a, b) for a, b in zip(first, second, strict=True))


def _is_same_stem(one: str, other: str) -> bool:
    adjectives = all(lexicon().get(word, "NN").startswith("JJ") for word in (one, other))
    return not adjectives and "based" not in (one, other) and _stem(one) == _stem(other)


def media(tally: Tally) -> dict[str, str]:
    """Plurals of "medium", told from the media that are read and watched by the commoner singular."""
    return {
        f"{first} media": f"{first} medium"
        for (first, second), count in tally.spaced.items()
        if second == "media"
        and count >= 2
        and first not in SMALL
        and tally.spaced[first, "medium"] >= max(20, 5 * count)
    }


def renames(path: Path, meanings: dict[str, str], same: dict[str, str]) -> dict[str, str]:
    """Acronym to long form, or long form to acronym where the acronym is by far the commoner name (GPU).

    Counted in papers that have the one or the other anywhere. And what is the *same* by other evidence to its name.
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
        elif not set(long.split()) & long_of.keys():
            table[short] = long
    for other, main in same.items():
        table.setdefault(other, main)
    return settled(table)


def settled(table: dict[str, str]) -> dict[str, str]:
    """*table* with every target under its own commonest name: GenAI is "generative AI", since AI is the name of that.

    Without the rows that lead back to where they came from.
    """
    longest = max(len(source.split()) for source in table)

    def renamed(words: list[str]) -> list[str]:
        for at in range(len(words)):
            for size in range(min(longest, len(words) - at), 0, -1):
                target = table.get(" ".join(words[at : at + size]))
                if target is not None:
                    return [*words[:at], *target.split(), *renamed(words[at + size :])]
        return words

    found = {}
    for source, target in table.items():
        words = target.split()
        for _ in range(3):
            words = renamed(words)
        if renamed(words) == words and f" {source} " not in f" {' '.join(words)} ":
            found[source] = " ".join(words)
    return found


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
    pairs |= {f"^{a} {b}": "-" for a, b in leads(tally)}
    write("hyphens.tsv.gz", "pair of words that is mostly hyphenated", dict(pairs))
    write("joins.tsv", "written form, commoner written form", dict(joins(tally)))
    write("spelling.tsv", "spelling, US spelling", dict(spelling(tally)))
    write("words.tsv.gz", "word, 100 times its Zipf frequency in abstracts", dict(zipf(tally)))
    forget_tables()
    meanings = acronyms(tally)
    write("acronyms.tsv", "acronym, long form, papers that define it so", dict(meanings))
    table = renames(data / "arxiv" / "corpus.jsonl.gz", meanings, variants(tally) | media(tally))
    write("renames.tsv", "key of a name, key of the commoner name of the same thing", dict(table))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
