"""The names that a text alone gives, in the light of the catalogue: what the reader ruled, and what papers agree on.

A thesaurus has preferred terms, which name pages, and the other forms that lead to them (ISO 25964-1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from digest.keywords.canonical import canonical, key
from digest.model import Candidate, Ruling, Verb


class Thesaurus:
    """*rulings* in the order in which they were said, *acronyms* with the canonical names of what they stand for; ""
    where papers do not agree, so that only a text that defines the acronym can say what it means.
    """

    def __init__(self, rulings: Iterable[Ruling] = (), acronyms: Mapping[str, str] | None = None) -> None:
        self.rulings = tuple(rulings)
        self._acronyms = {short: long for short, long in (acronyms or {}).items() if long}
        self._unclear = {short for short, long in (acronyms or {}).items() if not long}
        self._leads: dict[str, Ruling] = {}
        self._splits: dict[str, Ruling] = {}
        self._judged: dict[str, Ruling] = {}
        for ruling in self.rulings:
            if ruling.verb is Verb.SPLIT:
                self._splits[ruling.term.casefold()] = ruling
            elif ruling.verb in (Verb.BAN, Verb.ALLOW):
                self._judged[key(ruling.term)] = ruling
            else:
                self._leads[key(ruling.term)] = ruling

    # --- names ---

    def name(self, term: str) -> str:
        """The preferred term for a canonical name."""
        return self._led(self._expanded(term))[0]

    def steps(self, term: str) -> list[str | Ruling]:
        """Why ``name(term)`` is what it is: acronyms of the catalogue's that were written out, then rulings."""
        return [*self._read_as(term), *self._led(self._expanded(term))[1]]

    def _read_as(self, term: str) -> list[str]:
        words = (*term.split(), *term.replace("-", " ").split()) if self._acronyms else ()
        return [word for word in dict.fromkeys(words) if word in self._acronyms]

    def _expanded(self, term: str) -> str:
        return canonical(term, self._acronyms) if self._read_as(term) else term

    def _led(self, term: str) -> tuple[str, list[Ruling]]:
        """Where rulings lead from a term, however many one after the other."""
        passed: list[Ruling] = []
        while (ruling := self._leads.get(key(term))) is not None and ruling not in passed:
            passed.append(ruling)
            term = ruling.other
        return term, passed

    # --- candidates ---

    def resolve(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The candidates of a paper under their preferred terms, each term once; by falling probability, then name.

        What is written in several ways in one paper is one candidate: the likelier one's figures, all forms. A form that
        the reader split off is a term by itself in the papers that mainly write it so.
        """
        found: dict[str, Candidate] = {}
        for candidate in map(self._resolved, candidates):
            other = found.get(candidate.canonical)
            found[candidate.canonical] = candidate if other is None else _united(other, candidate)
        return tuple(sorted(found.values(), key=lambda one: (-one.probability, one.canonical)))

    def _resolved(self, candidate: Candidate) -> Candidate:
        split = self._splits.get(candidate.surface.casefold())
        if split is not None:
            own = self._led(split.term)[0]
            return replace(candidate, canonical=own, words=_words(own), aliases=(), acronyms=())
        name = self.name(candidate.canonical)
        aliases = tuple(form for form in candidate.aliases if form.casefold() not in self._splits)
        if name == candidate.canonical and aliases == candidate.aliases:
            return candidate
        return replace(candidate, canonical=name, words=_words(name), aliases=aliases)

    def is_unclear(self, term: str) -> bool:
        """Whether a term is an acronym that papers define in several ways, and the reader did not say what it is."""
        return term in self._unclear and term.casefold() not in self._splits and self.judgement(term) is None

    # --- bans ---

    def is_banned(self, term: str, shipped: Collection[str]) -> bool:
        """Whether a preferred term is no keyword; *shipped* holds the keys of what is banned for all."""
        judged = self._judged.get(key(term))
        return judged.verb is Verb.BAN if judged else key(term) in shipped

    def judgement(self, term: str) -> Ruling | None:
        """The ban or the permission that holds for a preferred term."""
        return self._judged.get(key(term))

    # --- versions ---

    def version(self, candidates: Sequence[Candidate]) -> str:
        """Eight digits that change when something here changes what becomes of *candidates*; "" when nothing here does.

        A ruling so leaves the notes that it does not concern as they are.
        """
        reasons = sorted({reason for candidate in candidates for reason in self._reasons(candidate)})
        return hashlib.sha256("\n".join(reasons).encode()).hexdigest()[:8] if reasons else ""

    def _reasons(self, candidate: Candidate) -> Iterable[str]:
        for form in (candidate.surface, *candidate.aliases):
            if split := self._splits.get(form.casefold()):
                yield _said(split)
        for step in self.steps(candidate.canonical):
            yield _said(step) if isinstance(step, Ruling) else f"{step} = {self._acronyms[step]}"
        if candidate.canonical in self._unclear:
            yield f"{candidate.canonical} is unclear"
        if judged := self._judged.get(key(self._resolved(candidate).canonical)):
            yield _said(judged)


def _said(ruling: Ruling) -> str:
    return f"{ruling.verb.value} {ruling.term} > {ruling.other}"


def _words(name: str) -> int:
    return max(len(key(name).split()), 1)


def _united(one: Candidate, other: Candidate) -> Candidate:
    """Two candidates of a paper that are one term."""
    first, second = (one, other) if one.probability >= other.probability else (other, one)
    seen = {first.surface.casefold(), first.canonical.casefold()}
    aliases = list(first.aliases)
    seen.update(map(str.casefold, aliases))
    for form in (second.surface, *second.aliases):
        if form.casefold() not in seen:
            seen.add(form.casefold())
            aliases.append(form)
    return replace(
        first,
        aliases=tuple(aliases),
        acronyms=tuple(dict.fromkeys((*first.acronyms, *second.acronyms))),
        salience=max(first.salience, second.salience),
        coined=first.coined or second.coined,
        stands_alone=first.stands_alone or second.stands_alone,
    )
