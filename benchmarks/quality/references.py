"""References matched with papers by their titles, on made-up references to real papers.

No collection of judged arXiv references is at hand, so references are made: a paper's title, authors and year, damaged as
bibliographies damage them (``DAMAGES``), written in a style of bibliographies (``STYLES``), without any identifier. The
catalogue is all papers of the file but those that references to absent papers were drawn from. Of the references half are
to papers of the catalogue, a quarter to absent ones, and a quarter to works that do not exist and are near misses of
papers that do: a content word, a number or "II" is another, most by the same authors; or the same title by others; and
to the absent half of pairs whose titles are nearly alike (in ``pairs``).

Rules were tuned on one half of the drawn papers (``--half tuning``), the other is reported.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.quality.lines import read as read_lines
from digest.citations import keys, matching
from digest.citations.folding import compact, words
from digest.citations.references import Reference, read
from digest.document import Item
from digest.model import Paper, PaperId

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A reference, and the paper that it is to; None where that is not in the catalogue."""

    parts: Parts
    truth: PaperId | None
    kind: str
    damages: tuple[str, ...] = ()
    style: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines {id, title, authors}, plain or gzipped")
    parser.add_argument("--references", type=int, default=12_000)
    parser.add_argument("--half", choices=("tuning", "judging"), default="judging")
    parser.add_argument("--wrong", type=int, default=0, help="print so many of the wrong answers, and of the missed")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"task", "data", "n", "methods": {name: {metric: value}}}``; n references.

    Precision is the share of right ones among all papers named, recall the share found of those that are there. ``ours,
    …`` are of the references of one kind, damage or style: for near misses and absent papers ``wrong`` is the share for
    which a paper was named.
    """
    papers = [paper_of(line) for line in read_lines(args.data)]
    cases, absent = draw(papers, args.references, args.half)
    catalogue = [paper for paper in papers if paper.id not in absent]
    index = indexed(catalogue)
    started = time.perf_counter()
    found = [ours(reference, index) for reference in map(reference_of, cases)]
    pace = {"items_per_second": len(cases) / (time.perf_counter() - started)}
    methods = {"ours": scores(cases, found) | pace}
    for name, method in (("title guessed, letter by letter", _letters), ("title anywhere in it", _anywhere(catalogue))):
        methods[name] = scores(cases, [method(reference_of(case), index) for case in cases])
    for name, chosen in _groups(cases):
        methods[f"ours, {name}"] = scores([cases[i] for i in chosen], [found[i] for i in chosen])
    _tell(cases, found, {p.id: p for p in papers}, args.wrong)
    return {"task": "references", "data": str(args.data), "n": len(cases), "methods": methods}


def paper_of(line: Mapping[str, Any]) -> Paper:
    return Paper(
        id=PaperId(line["id"]),
        version=1,
        title=line["title"],
        abstract="",
        authors=tuple(line.get("authors") or ()),
        categories=("cs.CL",),
    )


def reference_of(case: Case) -> Reference:
    return read(Item(anchor="", parts=case.parts))


# --- methods ---------------------------------------------------------------------------------------------------------

Index = Mapping[str, Sequence[Paper]]


def indexed(papers: Iterable[Paper]) -> Index:
    """Papers by their keys."""
    found: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        for key in keys.of_paper(paper):
            found[key].append(paper)
    return found


def ours(reference: Reference, index: Index) -> PaperId | None:
    near = {paper.id: paper for key in keys.of_reference(reference) for paper in index.get(key, ())}
    return next((match.paper for match in matching.match(reference, near.values())), None)


def _letters(reference: Reference, index: Index) -> PaperId | None:
    """The title as it is guessed, compared letter by letter but for case, white space and punctuation."""
    title = compact(words(reference.title))
    near = (paper for key in keys.of_reference(reference) for paper in index.get(key, ()))
    return min((paper.id for paper in near if compact(words(paper.title)) == title), default=None)


def _anywhere(papers: Sequence[Paper]) -> Callable[[Reference, Index], PaperId | None]:
    """The longest title of the catalogue that stands anywhere in the reference, of at least four words."""
    titles: dict[tuple[str, ...], PaperId] = {}
    for paper in reversed(papers):
        titles[tuple(words(paper.title))] = paper.id
    heads = {title[:4] for title in titles if len(title) >= 4}

    def find(reference: Reference, _: Index) -> PaperId | None:
        told = tuple(words(reference.text))
        starts = [i for i in range(len(told)) if told[i : i + 4] in heads]
        spans = [told[i:j] for i in starts for j in range(i + 4, len(told) + 1)]
        named = [(len(span), titles[span]) for span in spans if span in titles]
        return max(named)[1] if named else None

    return find


# --- judging ---------------------------------------------------------------------------------------------------------


def scores(cases: Sequence[Case], found: Sequence[PaperId | None]) -> dict[str, float]:
    right = sum(answer is not None and answer == case.truth for case, answer in zip(cases, found, strict=True))
    named, there = sum(answer is not None for answer in found), sum(case.truth is not None for case in cases)
    if not there:
        return {"wrong": named / len(cases), "references": float(len(cases))}
    return {"precision": right / max(1, named), "recall": right / there, "references": float(len(cases))}


def _groups(cases: Sequence[Case]) -> list[tuple[str, list[int]]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        if case.truth is None:
            found[case.kind].append(number)
        else:
            for name in (*case.damages, f"style {case.style}"):
                found[name].append(number)
    return sorted(found.items())


def _tell(cases: Sequence[Case], found: Sequence[PaperId | None], papers: Mapping[str, Paper], most: int) -> None:
    wrong = [(c, a) for c, a in zip(cases, found, strict=True) if a is not None and a != c.truth]
    missed = [(c, a) for c, a in zip(cases, found, strict=True) if a is None and c.truth is not None]
    for name, those in (("wrong", wrong), ("missed", missed)):
        for case, answer in those[:most]:
            near = papers[answer or case.truth or ""]
            print(
                f"{name}: {case.kind} {case.style} {case.damages}\n    {case.parts}\n    {near.title} | {near.authors[:3]}"
            )


# --- drawing ---------------------------------------------------------------------------------------------------------


def draw(papers: Sequence[Paper], number: int, half: str) -> tuple[list[Case], set[PaperId]]:
    """So many references, and the papers that are to be left out of the catalogue."""
    mine = [paper for paper in papers if paper.authors and len(words(paper.title)) >= 2 and _half(paper.id) == half]
    rng = random.Random(half)
    twins = _pairs(papers, half)
    rng.shuffle(mine)
    out, rest = mine[: number // 4], mine[number // 4 :]
    inside = rest[: number // 2]
    absent = {paper.id for paper in out} | {one.id for one, _ in twins}
    inside = [paper for paper in inside if paper.id not in absent]
    cases = [written(paper, rng, truth=paper.id, kind="here") for paper in inside]
    cases += [written(paper, rng, truth=None, kind="absent") for paper in out]
    cases += [written(one, rng, truth=None, kind="absent twin") for one, _ in twins]
    missed = [near_miss(paper, rng, mine) for paper in rest[number // 2 : number // 2 + number // 4]]
    return cases + [written(paper, rng, truth=None, kind=kind) for paper, kind in missed if paper], absent


def _half(id: str) -> str:
    return "tuning" if sha256(id.encode()).digest()[0] % 2 else "judging"


def _pairs(papers: Sequence[Paper], half: str) -> list[tuple[Paper, Paper]]:
    """Neighbours in the order of their titles, of either end, that are alike and not the same; the first is left out."""
    found: dict[PaperId, tuple[Paper, Paper]] = {}
    authored = [(compact(words(paper.title)), paper) for paper in papers if paper.authors]
    for turned in (False, True):
        ordered = sorted(authored, key=lambda one: (one[0][::-1] if turned else one[0], one[1].id))
        for (a, one), (b, other) in pairwise(ordered):
            if a[:18] != b[:18] and a[-18:] != b[-18:]:
                continue
            if a != b and SequenceMatcher(None, a, b, autojunk=False).ratio() > 0.8:
                pair = (one, other) if sha256(one.id.encode()).digest()[1] % 2 else (other, one)
                if _half(pair[0].id) == half and other.id not in found and one.id not in found:
                    found[pair[0].id] = pair
    return list(found.values())


Draw = random.Random

_WORDS = (
    "sparse dense robust causal linear spectral quantum multilingual federated hierarchical stochastic visual".split()
)


def near_miss(paper: Paper, rng: Draw, others: Sequence[Paper]) -> tuple[Paper | None, str]:
    """A work that does not exist, and that a careless reader takes for *paper*; by the same authors, or by others."""
    title = paper.title
    stem = title.rstrip(".?! ")
    kind = rng.choice(("word", "word", "word", "number", "part", "authors"))
    if kind == "authors":
        strangers = tuple(name for one in rng.sample(others, 2) for name in one.authors[:2])
        return replace(paper, authors=strangers), "near miss: authors"
    if kind == "part":
        return replace(
            paper, title=stem + rng.choice((" II", ": Part II", " 2", " revisited", ", Part 2"))
        ), "near miss: part"
    numbers = list(re.finditer(r"(?<![\w$^{])\d+", title))
    if kind == "number" and numbers:
        chosen = rng.choice(numbers)
        return replace(
            paper, title=f"{title[: chosen.start()]}{int(chosen[0]) + 1}{title[chosen.end() :]}"
        ), "near miss: number"
    content = [
        m
        for m in re.finditer(r"\b[A-Za-z]{4,}\b", title)
        if m[0].lower() not in ("with", "from", "using", "into", "towards", "toward")
    ]
    if not content or "$" in title:
        return None, ""
    chosen = rng.choice(content)
    other = rng.choice([word for word in _WORDS if word != chosen[0].lower()])
    other = other.capitalize() if chosen[0][0].isupper() else other
    return replace(paper, title=title[: chosen.start()] + other + title[chosen.end() :]), "near miss: word"


# --- damage ----------------------------------------------------------------------------------------------------------

_SPELLINGS = (
    ("ization", "isation"), ("izing", "ising"), ("ized", "ised"), ("ize", "ise"), ("yzing", "ysing"), ("yze", "yse"),
    ("Color", "Colour"), ("color", "colour"), ("ehavior", "ehaviour"), ("eighbor", "eighbour"), ("odeling", "odelling"),
    ("abeled", "abelled"), ("Center", "Centre"), ("center", "centre"), ("fiber", "fibre"), ("Defense", "Defence"),
    ("defense", "defence"), ("atalog ", "atalogue "), ("gray", "grey"), ("artifact", "artefact"), ("ulfur", "ulphur"),
)  # fmt: skip
_TEX = (
    ("α", r"$\alpha$"),
    ("β", r"$\beta$"),
    ("γ", r"$\gamma$"),
    ("é", r"\'{e}"),
    ("ö", r"\"{o}"),
    ("ü", r"\"u"),
    ("–", "--"),
)


def _case(title: str, rng: Draw) -> str:
    return rng.choice((str.upper, str.lower, str.title, lambda text: text[:1] + text[1:].lower()))(title)


def _punctuation(title: str, rng: Draw) -> str:
    changes = ((": ", rng.choice((" – ", " - ", " : ", ". "))), ("?", ""), ("'", "’"), (",", ""), ("!", ""), ("“", '"'))
    for old, new in changes:
        title = title.replace(old, new)
    return title


def _tex(title: str, rng: Draw) -> str:
    if "$" in title and rng.random() < 0.5:
        return re.sub(r"[${}]", "", re.sub(r"\\(?:mathcal|mathrm|mathbf|text|rm)\b", "", title)).replace("\\", "")
    for char, tex in _TEX:
        title = title.replace(char, tex)
    at = rng.randrange(len(title))
    return f"{{{title[:1]}}}{title[1:]}" if at % 2 else re.sub(r"\b([A-Z]{2,})\b", r"{\1}", title)


def _main_title(title: str, _: Draw) -> str:
    """Cut after a colon; what would be left of a short one says nothing, and stays."""
    main, colon, *_rest = title.partition(": ")
    return main if colon and len(main.split()) >= 3 else title


def _line_end(title: str, rng: Draw) -> str:
    told = title.split()
    return " ".join(told[: rng.randint(max(6, 2 * len(told) // 3), len(told))]) if len(told) > 8 else title


def _hyphens(title: str, rng: Draw) -> str:
    long = list(re.finditer(r"[a-z]{8,}", title))
    if "-" in title and rng.random() < 0.6:
        return title.replace("-", rng.choice(("", " ", "‐", "- ")))
    if not long:
        return title
    at = (chosen := rng.choice(long)).start() + rng.randint(3, len(chosen[0]) - 3)
    return f"{title[:at]}- {title[at:]}"


def _ligatures(title: str, _: Draw) -> str:
    for plain, joined in (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ")):
        title = title.replace(plain, joined)
    return title


def _spelling(title: str, _: Draw) -> str:
    for american, british in _SPELLINGS:
        title = title.replace(american, "\0").replace(british, american).replace("\0", british)
    return title


def _small_words(title: str, rng: Draw) -> str:
    told = title.split()
    small = [i for i, word in enumerate(told) if i and word.lower() in ("the", "a", "an")]
    if small:
        del told[rng.choice(small)]
    return " ".join(told)


def _slip(title: str, rng: Draw) -> str:
    long = list(re.finditer(r"[a-z]{8,}", title))
    if not long:
        return title
    at = (chosen := rng.choice(long)).start() + rng.randint(2, len(chosen[0]) - 2)
    return rng.choice(
        (title[:at] + title[at + 1 :], title[:at] + title[at] + title[at:], title[:at] + "e" + title[at + 1 :])
    )


DAMAGES: Mapping[str, Callable[[str, Draw], str]] = {
    "case": _case,
    "punctuation": _punctuation,
    "TeX": _tex,
    "cut after a colon": _main_title,
    "cut at a line end": _line_end,
    "hyphens": _hyphens,
    "ligatures": _ligatures,
    "British and American": _spelling,
    "small words": _small_words,
    "slip of the pen": _slip,
}
_SELDOM = ("cut after a colon", "cut at a line end", "slip of the pen", "small words")


# --- styles ----------------------------------------------------------------------------------------------------------

_VENUES = (
    ("Proceedings of the 40th International Conference on Machine Learning", "Proc. ICML"),
    ("Advances in Neural Information Processing Systems 36", "NeurIPS"),
    ("Physical Review D", "Phys. Rev. D"),
    ("Monthly Notices of the Royal Astronomical Society", "MNRAS"),
    ("Journal of Machine Learning Research", "J. Mach. Learn. Res."),
    ("IEEE Transactions on Information Theory", "IEEE Trans. Inf. Theory"),
    ("Findings of the Association for Computational Linguistics: EMNLP 2023", "Findings of EMNLP"),
    ("arXiv preprint", "arXiv"),
    ("SIAM Journal on Optimization", "SIAM J. Optim."),
)


@dataclass(frozen=True)
class Person:
    given: str
    family: str

    @property
    def initials(self) -> str:
        return " ".join(f"{part[0]}." for part in re.split(r"[\s-]+", self.given) if part)


@dataclass(frozen=True)
class Told:
    people: tuple[Person, ...]
    cut: bool  # et al. behind them
    title: str
    venue: str
    short: str
    year: int
    volume: int
    page: int


def person(name: str) -> Person:
    given, _, family = name.rpartition(" ")
    return Person(given or family, family)


def _listed(names: Sequence[str], cut: bool, last: str = ", and ") -> str:
    if cut:
        return ", ".join(names) + ", et al."
    if len(names) < 2:
        return names[0]
    return ", ".join(names[:-1]) + (last if len(names) > 2 else last.lstrip(",")) + names[-1]


def _end(title: str, sign: str = ".") -> str:
    return title if title.endswith(("?", "!")) else title + sign


def _natbib(t: Told) -> Parts:
    names = _listed([f"{p.given} {p.family}" for p in t.people], t.cut)
    return (_end(names), _end(t.title), f"In {t.venue}, pages {t.page}–{t.page + 9}, {t.year}.")


def _natbib_year(t: Told) -> Parts:
    return (f"{_listed([f'{p.given} {p.family}' for p in t.people], t.cut)}.", f"{t.title}, {t.year}.")


def _acl(t: Told) -> Parts:
    names = _listed([f"{p.given} {p.family}" for p in t.people], t.cut)
    return (f"{names}. {t.year}.", _end(t.title), f"{t.venue}, {t.volume}:{t.page}.")


def _acm(t: Told) -> Parts:
    names = _listed([f"{p.given} {p.family}" for p in t.people], t.cut)
    return (_end(names), f"{t.year}.", _end(t.title), f"{t.venue} {t.volume} ({t.year}), {t.page}.")


def _ieee(t: Told) -> Parts:
    names = _listed([f"{p.initials} {p.family}" for p in t.people], t.cut, " and ")
    return (f"{names}, “{_end(t.title, ',')}” in {t.short}, {t.year}, pp. {t.page}–{t.page + 8}.",)


def _lncs(t: Told) -> Parts:
    names = ", ".join(f"{p.family}, {p.initials}" for p in t.people) + (", et al." if t.cut else "")
    return (f"{names}: {_end(t.title)} In: {t.venue}, pp. {t.page}–{t.page + 8} ({t.year})",)


def _apa(t: Told) -> Parts:
    names = _listed([f"{p.family}, {p.initials}" for p in t.people], t.cut, ", & ")
    return (f"{names} ({t.year}). {_end(t.title)} {t.venue}, {t.volume}, {t.page}–{t.page + 20}.",)


def _elsevier(t: Told) -> Parts:
    names = ", ".join(f"{p.initials} {p.family}" for p in t.people) + (", et al." if t.cut else "")
    return (f"{names}, {_end(t.title, ',')} {t.short} {t.volume} ({t.year}) {t.page}.",)


def _physics(t: Told) -> Parts:
    names = _listed([f"{p.initials} {p.family}" for p in t.people], t.cut, " and ")
    return (f"{names}, {_end(t.title, ',')} {t.short} {t.volume}, {t.page} ({t.year}).",)


def _vancouver(t: Told) -> Parts:
    names = ", ".join(f"{p.family} {p.initials.replace('. ', '').replace('.', '')}" for p in t.people)
    return (
        f"{names}{', et al' if t.cut else ''}. {_end(t.title)} {t.short}. {t.year};{t.volume}:{t.page}–{t.page + 6}.",
    )


def _harvard(t: Told) -> Parts:
    names = ", ".join(f"{p.family} {p.initials}" for p in t.people) + (", et al." if t.cut else "")
    return (f"{names}, {t.year}, {_end(t.title, ',')} {t.short}, {t.volume}, {t.page}",)


def _chicago(t: Told) -> Parts:
    names = _listed(
        [f"{p.family}, {p.given}" if not i else f"{p.given} {p.family}" for i, p in enumerate(t.people)], t.cut
    )
    return (f"{_end(names)} {t.year}. “{_end(t.title)}” {t.venue} {t.volume}: {t.page}–{t.page + 12}.",)


def _biblatex(t: Told) -> Parts:
    names = " and ".join(f"{p.given} {p.family}" for p in t.people[:3]) + (
        " et al." if t.cut or len(t.people) > 3 else "."
    )
    return (f"{names} “{t.title}”. In: {t.venue} {t.volume} ({t.year}), pp. {t.page}–{t.page + 3}",)


def _ams(t: Told) -> Parts:
    names = _listed([f"{p.initials} {p.family}" for p in t.people], t.cut, ", and ")
    return (f"{names},", f"{t.title},", f"{t.short} {t.volume} ({t.year}), no. 2, {t.page}–{t.page + 30}.")


STYLES: Mapping[str, Callable[[Told], Parts]] = {
    "natbib": _natbib,
    "natbib with a year": _natbib_year,
    "ACL": _acl,
    "ACM": _acm,
    "IEEE": _ieee,
    "LNCS": _lncs,
    "APA": _apa,
    "Elsevier": _elsevier,
    "physics": _physics,
    "Vancouver": _vancouver,
    "Harvard": _harvard,
    "Chicago": _chicago,
    "biblatex": _biblatex,
    "AMS": _ams,
}


def written(paper: Paper, rng: Draw, *, truth: PaperId | None, kind: str) -> Case:
    """A reference to *paper* in a style of bibliographies, with up to three damages."""
    title, done = paper.title.rstrip("."), []
    # A cut may take away in what a near miss differs.
    allowed = [name for name in sorted(DAMAGES) if not (kind.startswith("near miss") and name.startswith("cut"))]
    for name in rng.sample(allowed, rng.choice((0, 1, 1, 2, 2, 3))):
        if name in _SELDOM and rng.random() < 0.5:
            continue
        damaged = DAMAGES[name](title, rng)
        if damaged != title:
            title = damaged
            done.append(name)
    people = tuple(person(name) for name in paper.authors)
    most = rng.choice((1, 3, 6, 20))
    venue, short = rng.choice(_VENUES)
    told = Told(
        people[:most],
        len(people) > most,
        title,
        venue,
        short,
        2000 + int(paper.id[:2]) + rng.choice((-1, 0, 0, 0, 1, 1, 2)),
        rng.randint(2, 140),
        rng.randint(1, 9000),
    )
    style = rng.choice(sorted(STYLES))
    return Case(STYLES[style](told), truth, kind, tuple(done), style)
