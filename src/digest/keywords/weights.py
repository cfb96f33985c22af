"""A paper's key terms with weights: how much of it each stands for.

weight = tf · idf · termhood, over the length of the vector of the paper's key terms, so that their squares sum to 1
(Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988).

- tf = ln(1 + 3 · title + abstract + 0.1 · text): occurrences, each counted for the longest term at its place only; in a
  logarithm, for a second one tells less than the first.
- idf = ln(1 / p), p = (vdf + 500 · q) / (V + 500), q = (df + 1) / (N + 1): of the catalogue's V papers vdf have the
  term, of the shipped background's N df. So a young catalogue has the background's figures, an old one its own.
- termhood = √(probability · salience): that authors would choose the term as a keyword, and that an indexer would mark
  it; 0.1 for a term of the full text alone, of which neither is known. It holds down what is rare and no term.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from digest import document as full
from digest.keywords import document
from digest.keywords.acronyms import definitions
from digest.keywords.canonical import key
from digest.keywords.features import Figures
from digest.keywords.phrases import Linked
from digest.keywords.scores import BROAD_ANYWHERE
from digest.keywords.text import plain, tokens
from digest.model import Candidate, KeyTerm

RECIPE = "tf-idf-termhood-1"

IN_TITLE = 3.0
IN_TEXT = 0.1
"""What an occurrence counts against one in the abstract; a whole text has some fifty times its words."""

BACKED = 500
"""Papers for which the background's share counts beside the catalogue's own."""

OF_TEXT_ALONE = 0.1
OFTEN = 5
"""A term that the abstract does not have is a key term where the full text has it so often, and other papers have it."""

LIMIT = 20
LEAST = 0.05
"""A weight below which a term stands for next to nothing: a four-hundredth of the paper."""

ALIKE = 0.9
"""Of two terms, one inside the other, the longer stays where the lesser weight is so much of the greater. (Their
occurrences are others: each place counts for one term.)"""

NOTHING = 1e-9
"""A product of tf, idf and termhood below which a term stands for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrences:
    """How often one paper has a term, and how good a term it is."""

    in_title: int
    in_abstract: int
    in_text: int
    termhood: float

    @property
    def tf(self) -> float:
        return log(1 + IN_TITLE * self.in_title + self.in_abstract + IN_TEXT * self.in_text)

    def __add__(self, other: Occurrences) -> Occurrences:
        """Two ways of writing one term."""
        return Occurrences(
            in_title=self.in_title + other.in_title,
            in_abstract=self.in_abstract + other.in_abstract,
            in_text=self.in_text + other.in_text,
            termhood=max(self.termhood, other.termhood),
        )


def occurrences(
    candidates: Sequence[Candidate],
    text: Mapping[str, int],
    *,
    preferred: Callable[[Candidate], str] = lambda candidate: candidate.canonical,
    named: Callable[[str], str] = lambda name: name,
    is_excluded: Callable[[str], bool] = lambda _: False,
) -> dict[str, Occurrences]:
    """A paper's terms by preferred name: its *candidates*, and what ``in_full_text`` has counted in its *text*.

    *preferred* and *named* give the catalogue's name for a candidate and for a term of the text alone; names for
    which *is_excluded* holds are no key terms. What never stands alone, and what is a generic single word, is none either.
    """
    own = {candidate.canonical for candidate in candidates}
    rows = [
        (
            preferred(candidate),
            Occurrences(
                in_title=candidate.in_title,
                in_abstract=candidate.in_abstract,
                in_text=text.get(candidate.canonical, 0),
                termhood=round(sqrt(candidate.probability * candidate.salience), 4),
            ),
        )
        for candidate in candidates
        if candidate.stands_alone
        and (candidate.in_title + candidate.in_abstract or text.get(candidate.canonical, 0) >= OFTEN)
    ]
    rows += [
        (named(name), Occurrences(in_title=0, in_abstract=0, in_text=count, termhood=OF_TEXT_ALONE))
        for name, count in text.items()
        if name not in own
    ]
    found: dict[str, Occurrences] = {}
    for name, counted in rows:
        if counted.termhood and not is_excluded(name):
            found[name] = found[name] + counted if name in found else counted
    return found


def idf(*, papers: int, size: int, background: int, background_size: int) -> float:
    """How rare a term is: ln(1 / p), p of the module's formula; at least 0. *papers* of *size* have it here."""
    share = (background + 1) / (background_size + 1)
    return max(-log((papers + BACKED * share) / (size + BACKED)), 0.0)


def weigh(found: Mapping[str, Occurrences], idfs: Mapping[str, float], *, limit: int = LIMIT) -> tuple[KeyTerm, ...]:
    """At most *limit* key terms, the heaviest first, ties by name; their squared weights sum to 1, but for rounding.

    *idfs* has each term of *found*.
    """
    raw = {name: counted.tf * idfs[name] * counted.termhood for name, counted in found.items()}
    ranked = sorted((name for name in raw if raw[name] > NOTHING), key=lambda name: (-raw[name], name))
    kept = [name for name in ranked if not _is_repeated(name, raw)][:limit]
    length = sqrt(sum(raw[name] ** 2 for name in kept))
    kept = [name for name in kept if raw[name] >= LEAST * length]
    length = sqrt(sum(raw[name] ** 2 for name in kept))
    return tuple(
        KeyTerm(
            name=name,
            weight=round(raw[name] / length, 4),
            in_title=found[name].in_title,
            in_abstract=found[name].in_abstract,
            in_text=found[name].in_text,
            idf=round(idfs[name], 4),
            termhood=found[name].termhood,
        )
        for name in kept
    )


def _is_repeated(name: str, raw: Mapping[str, float]) -> bool:
    """Whether a longer term of like weight has this one inside."""
    mine = f" {key(name)} "
    return any(
        mine in f" {key(other)} " and other != name and ALIKE * max(raw[name], weight) <= min(raw[name], weight)
        for other, weight in raw.items()
    )


# --- the full text ---


def in_full_text(
    text: full.Document, candidates: Sequence[Candidate], figures: Figures, linked: Linked
) -> dict[str, int]:
    """How often the full text has each of the *candidates*, and each other term that it has ``OFTEN`` and that others know.

    By canonical name; each place counts for the longest term that stands there.
    """
    passages = [tokens(plain(passage)) for passage in text_of(text.blocks)]
    acronyms = {
        **definitions(" ; ".join(" ".join(words) for words in passages)),
        **{short: candidate.canonical for candidate in candidates for short in candidate.acronyms},
    }
    terms = [document.terms_in(words, linked, acronyms) for words in passages]
    counts = Counter[str]()
    for found in terms:
        counts.update({name: len(term.phrases) for name, term in found.items()})
    own = {c.canonical for c in candidates if c.stands_alone}
    known = own | {name for name, count in counts.items() if count >= OFTEN and _is_known(name, figures)}
    places = Counter[str]()
    for found in terms:
        shared = document.longest(term for name, term in found.items() if name in known)
        places.update({name: len(starts) for name, starts in shared.items()})
    return {name: count for name, count in sorted(places.items()) if name in own or count >= OFTEN}


def _is_known(name: str, figures: Figures) -> bool:
    """Whether a term of the text alone may be a key term: authors have chosen it, and it is not in every other paper."""
    df = figures.background.counts(name)[0]
    return bool(df) and df < BROAD_ANYWHERE * figures.background.size and figures.vocabulary.chosen.get(name, 0) > 0


def text_of(blocks: Iterable[full.Block]) -> Iterator[str]:
    """The running text of blocks, a string for each paragraph, caption or heading, without formulas and code."""
    for block in blocks:
        match block:
            case full.Heading() | full.Paragraph():
                yield _read(block.line)
            case full.List():
                for item in block.items:
                    yield from text_of(item)
            case full.Quote():
                yield from text_of(block.blocks)
            case full.Figure():
                yield _read(block.caption)
                yield from text_of(block.blocks)
            case full.Table() | full.Code():
                yield _read(block.caption)
            case full.Formula():
                pass


def _read(line: full.Line) -> str:
    """A line's words; over mathematics, code and references no phrase reaches."""
    words = (full.Style.PLAIN, full.Style.EMPHASIS, full.Style.STRONG)
    return "".join(span.text if span.style in words else " ; " for span in line)
