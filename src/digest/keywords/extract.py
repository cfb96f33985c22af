"""Candidates of one paper: the terms that an author would choose as its keywords, or that an indexer would mark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from operator import mul

from digest import document as full
from digest.keywords import document, features, weights
from digest.keywords.background import FILE as BACKGROUND
from digest.keywords.background import Background
from digest.keywords.canonical import key
from digest.keywords.document import Document, Term
from digest.keywords.features import Figures
from digest.keywords.phrases import Linked, linked_keys
from digest.keywords.tables import fingerprint, read_text
from digest.keywords.vocabulary import FILE as VOCABULARY
from digest.keywords.vocabulary import Vocabulary
from digest.model import Candidate

RECIPE = "noun-phrases+regression-4"
WEIGHTS = "weights.json"
LIMIT = 25
"""Kept of a paper by probability; on KDD's papers they hold 86 % of the authors' keywords that are candidates at all."""

SALIENT = 15
"""Kept by salience besides, so that the terms that describe a paper best are there although no author chooses them."""

COMPOUND_CHOSEN = 3
"""Authors who must have chosen a compound adjective ("sim-to-real") before it counts as a term by itself."""

_BOUND = frozenset({
    "band", "box", "branch", "camera", "class", "dataset", "domain", "end", "energy", "fidelity", "field", "form",
    "forward", "free", "frequency", "generation", "hop", "horizon", "image", "label", "latency", "layer", "level",
    "metallicity", "modal", "order", "precision", "rate", "redshift", "resolution", "resource", "scale", "sensor",
    "sequence", "shot", "source", "stage", "step", "subject", "task", "term", "time", "view", "way",
})  # fmt: skip
"""Ends of compounds that say how, not what: few-step, million-scale, training-free."""

_FILES = (
    WEIGHTS, BACKGROUND, VOCABULARY, "casing.tsv", "hyphens.tsv.gz", "joins.tsv", "spelling.tsv", "words.tsv.gz",
    "names.tsv", "acronyms.tsv", "renames.tsv", "stop.txt",
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """A logistic regression over ``features.NAMES``."""

    intercept: float
    weights: Mapping[str, float]  # by feature, for the feature as it is (not standardised)

    def __call__(self, values: Sequence[float]) -> float:
        """The probability for one candidate, from its features in the order of ``features.NAMES``; six digits."""
        total = self.intercept + sum(map(mul, self._ordered, values))
        return round(1 / (1 + exp(-max(min(total, 30.0), -30.0))), 6)

    @cached_property
    def _ordered(self) -> tuple[float, ...]:
        return tuple(self.weights[name] for name in features.NAMES)


@dataclass(frozen=True)
class Extractor:
    """Finds candidates with two models of the same features; pure in its input, so one serves all papers."""

    figures: Figures
    probability: Head  # that an author would choose the term
    salience: Head  # that an indexer would mark it
    name: str  # recipe and data: another name means other candidates

    @classmethod
    def load(cls) -> Extractor:
        """The shipped models and statistics; about 0.2 s and 40 MB."""
        heads = json.loads(read_text(WEIGHTS))
        return cls(
            figures=Figures(Background.load(), Vocabulary.load()),
            probability=Head(**heads["probability"]),
            salience=Head(**heads["salience"]),
            name=f"{RECIPE}:{fingerprint(_FILES)}",
        )

    def candidates(self, title: str, abstract: str, keywords: Sequence[str] = ()) -> tuple[Candidate, ...]:
        """The most probable first, ties by canonical name; none of an empty paper.

        *keywords* are those of the full text's own list, as written. They, and those of a list with which the abstract
        ends, are what the authors chose: their probability is 1.

        They are the ``LIMIT`` most probable and the ``SALIENT`` most salient, together at most ``LIMIT + SALIENT``.

        A canonical name has 2 to 60 characters and 1 to 6 words, begins with a letter or a digit, and has none of
        ``[]|#^<>{}`"%$`` nor control characters. Any text is taken; beyond 20,000 characters it is not looked at.
        """
        read = document.read(title, abstract, self._linked, keywords)
        scored = [
            (1.0 if term.name in read.own else self.probability(values), self.salience(values), term)
            for term, values in features.features(read, self.figures)
        ]
        scored.sort(key=lambda row: (-row[0], row[2].name))
        salient = {row[2].name for row in sorted(scored, key=lambda row: -row[1])[:SALIENT]}
        kept = [row for at, row in enumerate(scored) if at < LIMIT or row[2].name in salient]
        places = document.longest(term for _, _, term in kept if self._is_common(term, read))
        return tuple(
            self._candidate(term, probability, salience, read, places.get(term.name, ()))
            for probability, salience, term in kept
        )

    def in_text(self, text: full.Document, candidates: Sequence[Candidate]) -> dict[str, int]:
        """How often a full text has the paper's *candidates* and what else are its terms; see ``weights.in_full_text``."""
        return weights.in_full_text(text, candidates, self.figures, self._linked)

    def _candidate(
        self, term: Term, probability: float, salience: float, read: Document, places: Sequence[int]
    ) -> Candidate:
        surface, *others = term.surfaces
        acronyms = read.shorts.get(term.name, ())
        return Candidate(
            canonical=term.name,
            surface=surface,
            aliases=_aliases(term.name, surface, (*others, *acronyms)),
            acronyms=acronyms,
            probability=probability,
            salience=salience,
            words=term.words,
            coined=term.name == read.coined,
            stands_alone=self._stands_alone(term),
            in_title=sum(place < read.title_words for place in places),
            in_abstract=sum(place >= read.title_words for place in places),
        )

    def _is_common(self, term: Term, read: Document) -> bool:
        """Whether a term is more than words that met once: known of other papers, used again here, or coined here."""
        known = self.figures.background.counts(term.name)[0] or self.figures.vocabulary.chosen.get(term.name)
        return bool(known) or len(term.phrases) > 1 or term.name == read.coined or term.name in read.own

    def _stands_alone(self, term: Term) -> bool:
        """Whether the term is ever more than a part of longer phrases: here, or in one of twenty papers that have it."""
        chosen = self.figures.vocabulary.chosen.get(term.name, 0)
        df, _, _, alone = self.figures.background.figures(term.name)
        here = any(phrase.maximal for phrase in term.phrases)
        if all(phrase.tags[-1] == "H" for phrase in term.phrases):  # "long-horizon", of planning
            bound = term.name.rsplit("-", 1)[-1].lower() in _BOUND
            return chosen >= COMPOUND_CHOSEN or (here and alone > 0.5 * df and not bound)
        return here or chosen > 0 or alone > 0.05 * df

    @cached_property
    def _linked(self) -> Linked:
        return linked_keys(self.figures.vocabulary.shared)


def describing(candidates: Iterable[Candidate], limit: int) -> tuple[Candidate, ...]:
    """At most *limit* candidates that tell what the paper is about, the most salient first, ties by canonical name.

    None is a run of whole words of another: of two such, the more salient stays.
    """
    found: list[tuple[str, Candidate]] = []
    for candidate in sorted(candidates, key=lambda c: (-c.salience, c.canonical)):
        if len(found) >= limit:
            break
        words = f" {key(candidate.canonical)} "
        if not any(words in other or other in words for other, _ in found):
            found.append((words, candidate))
    return tuple(candidate for _, candidate in found)


def _aliases(name: str, surface: str, forms: Sequence[str]) -> tuple[str, ...]:
    """The *forms* that are neither the name nor the surface; each once, whatever its case."""
    seen = {name.casefold(), surface.casefold()}
    found = []
    for form in forms:
        if form.casefold() not in seen:
            seen.add(form.casefold())
            found.append(form)
    return tuple(found)
