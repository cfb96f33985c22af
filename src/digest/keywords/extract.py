"""Candidates of one paper: the terms that an author would choose as its keywords, with that probability."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from operator import mul

from digest.keywords import document, features
from digest.keywords.background import FILE as BACKGROUND
from digest.keywords.background import Background
from digest.keywords.document import Document, Term
from digest.keywords.features import Figures
from digest.keywords.phrases import Linked, linked_keys
from digest.keywords.tables import fingerprint, read_text
from digest.keywords.vocabulary import FILE as VOCABULARY
from digest.keywords.vocabulary import Vocabulary
from digest.model import Candidate

RECIPE = "noun-phrases+regression-2"
WEIGHTS = "weights.json"
LIMIT = 25
"""Candidates kept of a paper; on KDD's papers they hold 86 % of the authors' keywords that are candidates at all."""

COMPOUND_CHOSEN = 3
"""Authors who must have chosen a compound adjective ("sim-to-real") before it counts as a term by itself."""

_BOUND = frozenset({
    "box", "domain", "end", "form", "frequency", "forward", "free", "hop", "horizon", "level", "modal", "order",
    "resolution", "resource", "scale", "shot", "source", "stage", "step", "task", "term", "time", "view", "way",
})  # fmt: skip
"""Ends of compounds that say how, not what: few-step, million-scale, training-free."""

_FILES = (
    WEIGHTS, BACKGROUND, VOCABULARY, "casing.tsv", "hyphens.tsv.gz", "joins.tsv", "spelling.tsv", "words.tsv.gz",
    "names.tsv", "acronyms.tsv", "renames.tsv", "stop.txt",
)  # fmt: skip


@dataclass(frozen=True)
class Extractor:
    """Finds candidates with the shipped model; pure in its input, so one serves all papers."""

    figures: Figures
    weights: Mapping[str, float]  # by feature, for the feature as it is (not standardised)
    intercept: float
    name: str  # recipe and data: another name means other candidates

    @classmethod
    def load(cls) -> Extractor:
        """The shipped model and statistics; about 0.2 s and 40 MB."""
        model = json.loads(read_text(WEIGHTS))
        return cls(
            figures=Figures(Background.load(), Vocabulary.load()),
            weights=model["weights"],
            intercept=model["intercept"],
            name=f"{RECIPE}:{fingerprint(_FILES)}",
        )

    def candidates(self, title: str, abstract: str) -> tuple[Candidate, ...]:
        """At most ``LIMIT`` candidates, the most probable first, ties by canonical name; none of an empty paper.

        A canonical name has 2 to 60 characters and 1 to 6 words, begins with a letter or a digit, and has none of
        ``[]|#^<>{}`"%$`` nor control characters. Any text is taken; beyond 20,000 characters it is not looked at.
        """
        read = document.read(title, abstract, self._linked)
        scored = [(self.probability(values), term) for term, values in features.features(read, self.figures)]
        scored.sort(key=lambda pair: (-pair[0], pair[1].name))
        return tuple(self._candidate(term, probability, read) for probability, term in scored[:LIMIT])

    def probability(self, values: Sequence[float]) -> float:
        """Of one candidate, from its features in the order of ``features.NAMES``; six digits."""
        total = self.intercept + sum(map(mul, self._ordered, values))
        return round(1 / (1 + exp(-max(min(total, 30.0), -30.0))), 6)

    def _candidate(self, term: Term, probability: float, read: Document) -> Candidate:
        surface, *others = term.surfaces
        acronyms = read.shorts.get(term.name, ())
        return Candidate(
            canonical=term.name,
            surface=surface,
            aliases=_aliases(term.name, surface, (*others, *acronyms)),
            acronyms=acronyms,
            probability=probability,
            words=term.words,
            coined=term.name == read.coined,
            stands_alone=self._stands_alone(term),
        )

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
    def _ordered(self) -> tuple[float, ...]:
        return tuple(self.weights[name] for name in features.NAMES)

    @cached_property
    def _linked(self) -> Linked:
        return linked_keys(self.figures.vocabulary.shared)


def _aliases(name: str, surface: str, forms: Sequence[str]) -> tuple[str, ...]:
    """The *forms* that are neither the name nor the surface; each once, whatever its case."""
    seen = {name.casefold(), surface.casefold()}
    found = []
    for form in forms:
        if form.casefold() not in seen:
            seen.add(form.casefold())
            found.append(form)
    return tuple(found)
