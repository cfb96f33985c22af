"""Which names the terms of papers have, and which of them are their keywords, with the rest of the catalogue in view.

A paper's keywords are chosen when it is settled, and anew when a ruling of the reader's or an acronym of the catalogue's
gives one of its terms another name. They are looked at again when the papers with one of its terms, which its authors may
have chosen (``LIKELY``), have come to be 2, 8, 32, 128 …; then the note stays as it is, unless a keyword comes in or a
score of that term, which it links, has moved by ``STEP``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.rows import text_hash
from digest.catalogue.store import Catalogue, PageKey
from digest.model import Candidate, Judgement, Keyword, Paper, PaperId, Ruling, Scores, TermCounts, Verb
from digest.pipeline import llm
from digest.pipeline.lately import lately

if TYPE_CHECKING:
    from digest.keywords.thesaurus import Thesaurus
    from digest.pipeline.parts import Parts

Candidates = Mapping[PaperId, Sequence[Candidate]]

LEVEL = 4
"""How many times as many papers must have a term, before the papers that have it are looked at again."""

LIKELY = 0.05
"""The probability from which on a paper is looked at again for a term; 3 % of linked keywords have less."""

STEP = 0.1
"""What a score of a linked keyword must move by, for a note that gains none to be decided anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What was decided."""

    papers: frozenset[PaperId] = field(default=frozenset())  # whose keywords were chosen, again or for the first time
    touched: frozenset[str] = field(default=frozenset())  # keywords that they had or have

    def __or__(self, other: Drawn) -> Drawn:
        return Drawn(papers=self.papers | other.papers, touched=self.touched | other.touched)


def thesaurus(catalogue: Catalogue) -> Thesaurus:
    """The names in force: what the conclusions follow."""
    from digest.keywords.thesaurus import Thesaurus

    return Thesaurus(catalogue.terms.followed(), catalogue.terms.acronyms())


def draw(parts: Parts, day: date, papers: Sequence[Paper]) -> Drawn:
    """Choose the keywords of these papers, settled on *day*, and of older ones for which they change something."""
    catalogue, before = parts.catalogue, thesaurus(parts.catalogue)
    read = catalogue.candidates(papers, parts.extractor.name)
    texts = {paper.id: text_hash(paper) for paper in papers}
    judged = llm.judged(parts, texts, texts)
    found = {paper: llm.with_missed(read[text], judged.get(paper)) for paper, text in texts.items()}
    former = catalogue.terms.define({paper: _definitions(terms) for paper, terms in found.items()})
    misread = _misread(parts, former, found.keys())
    return _draw(parts, day, found | misread, kept=_kept(catalogue, misread, before), texts=texts)


def follow(parts: Parts, day: date) -> Drawn:
    """Let the conclusions follow the reader's rulings, in the papers that those concern which have changed."""
    catalogue, terms = parts.catalogue, parts.catalogue.terms
    if terms.are_followed():
        return Drawn()
    before, rulings = thesaurus(catalogue), terms.rulings()
    terms.follow(rulings)
    after, shipped = thesaurus(catalogue), parts.keyword_rules.banned
    changed = set(before.rulings) ^ set(rulings)
    names = {before.name(name) for ruling in changed for name in concerned(catalogue, ruling)}
    having = {paper for papers in terms.papers_with(names).values() for paper in papers}
    found = {p: c for p, c in candidates(parts, having).items() if before.version(c) != after.version(c)}
    freed = {ruling.term for ruling in changed if before.is_banned(ruling.term, shipped)}
    return _draw(parts, day, found, kept=_kept(catalogue, found, before), favoured=freed)


def _draw(
    parts: Parts,
    day: date,
    found: Candidates,
    *,
    kept: Mapping[PaperId, Collection[str]],
    favoured: Collection[str] = (),
    texts: Mapping[PaperId, str] | None = None,
) -> Drawn:
    """Choose keywords of papers, and of others which have a term that has come to be common by that.

    *texts*: of papers that are not settled yet, or with another text, its hash.
    """
    catalogue, names = parts.catalogue, thesaurus(parts.catalogue)
    grown = _set_terms(catalogue, {paper: names.resolve(terms) for paper, terms in found.items()})
    drawn = _decide(parts, day, names, found, kept=kept, favoured=favoured, texts=texts or {})
    _weigh(parts, names, found)
    having = catalogue.terms.papers_with(grown, least=LIKELY)
    again = {paper for papers in having.values() for paper in papers} - found.keys()
    former = catalogue.decisions(again)
    kept = {paper: set(_linked(keywords)) for paper, keywords in former.items()}
    return drawn | _decide(parts, day, names, candidates(parts, again), kept=kept, former=former, grown=grown)


def _kept(catalogue: Catalogue, found: Candidates, before: Thesaurus) -> dict[PaperId, set[str]]:
    """What these papers link by names of *before*, under the names that it has now."""
    after = thesaurus(catalogue)
    former = catalogue.decisions(found)

    def now(paper: PaperId, terms: Sequence[Candidate]) -> set[str]:
        linked = _linked(former.get(paper, ()))
        return {after.resolve([term])[0].canonical for term in terms if before.resolve([term])[0].canonical in linked}

    return {paper: now(paper, terms) for paper, terms in found.items()}


def concerned(catalogue: Catalogue, ruling: Ruling) -> set[str]:
    """Canonical names under which a ruling's term is found in texts."""
    from digest.keywords.canonical import canonical

    names = {ruling.term, canonical(ruling.term, {})}
    if ruling.verb is Verb.SPLIT:
        names |= catalogue.names_written(ruling.term) | catalogue.terms.definitions(ruling.term).keys()
    return names


def candidates(parts: Parts, papers: Collection[PaperId]) -> dict[PaperId, tuple[Candidate, ...]]:
    """Of settled papers, what their texts alone give; read anew where the recipe has changed since."""
    from digest.pipeline.read import read

    catalogue, recipe = parts.catalogue, parts.extractor.name
    found = catalogue.settled_candidates(papers, recipe)
    if missing := [paper for paper in papers if paper not in found]:
        read(parts, catalogue.agenda.settled(missing))
        found |= catalogue.settled_candidates(missing, recipe)
    judged = llm.judged(parts, {}, found)
    return {paper: llm.with_missed(terms, judged.get(paper)) for paper, terms in sorted(found.items())}


def _definitions(terms: Iterable[Candidate]) -> list[tuple[str, str]]:
    return [(short, term.canonical) for term in terms for short in term.acronyms]


def _misread(
    parts: Parts, former: Mapping[str, str | None], settled: Collection[PaperId]
) -> dict[PaperId, tuple[Candidate, ...]]:
    """Candidates of older papers in which an acronym means another thing now; *former*: what it meant till now."""
    if not former:
        return {}
    terms, names = parts.catalogue.terms, thesaurus(parts.catalogue)
    having = terms.papers_with(terms.names_with({*former, *filter(None, former.values())}))
    older = {paper for papers in having.values() for paper in papers} - set(settled)
    present = terms.of(older)
    found = candidates(parts, older)
    bare = {paper for short in former for paper in having.get(short, ())}  # where it may be a keyword no more, or again
    return {
        paper: terms
        for paper, terms in found.items()
        if paper in bare or present[paper] != {term.canonical for term in names.resolve(terms)}
    }


def _set_terms(catalogue: Catalogue, resolved: Candidates) -> set[str]:
    """Count the papers' terms; those that so many papers have by now that the older ones are looked at again."""
    wanted = {paper: {term.canonical: term.probability for term in found} for paper, found in resolved.items()}
    names = {name for found in wanted.values() for name in found}
    before = catalogue.terms.counts(names)
    catalogue.terms.put(wanted)
    after = catalogue.terms.counts(names)
    return {name for name in names if _level(after.get(name, 0)) > _level(before.get(name, 0))}


def _level(papers: int) -> int:
    """How often a count has been 2 and then ``LEVEL`` times as many."""
    level = 0
    while papers >= 2 * LEVEL**level:
        level += 1
    return level


def _decide(
    parts: Parts,
    day: date,
    names: Thesaurus,
    found: Candidates,
    *,
    kept: Mapping[PaperId, Collection[str]],
    favoured: Collection[str] = (),
    former: Mapping[PaperId, Sequence[Keyword]] | None = None,
    grown: Collection[str] = (),
    texts: Mapping[PaperId, str] | None = None,
) -> Drawn:
    """Choose keywords among the candidates *found* in papers; where there are *former* decisions, only those papers for
    which it matters that *grown* terms are more common.
    """
    from digest.keywords.choose import choose

    catalogue, rules, background = parts.catalogue, parts.keyword_rules, parts.background
    resolved = {paper: names.resolve(terms) for paper, terms in sorted(found.items())}
    terms = {term.canonical for candidates in resolved.values() for term in candidates}
    counts = _counts(parts, day, terms)
    banned = {name for name in terms if names.is_banned(name, rules.banned)}
    unclear = {name for name in terms if names.is_unclear(name)}
    size = catalogue.count_noted(including=resolved)
    judged = llm.judged(parts, texts or {}, found)
    drawn, touched = set(), set()
    for paper, candidates in resolved.items():
        keywords = choose(
            candidates,
            counts,
            background_size=background.size,
            catalogue_size=size,
            budget=rules.budget,
            max_broad=rules.max_broad,
            max_orphans=rules.max_orphans,
            threshold=rules.threshold,
            banned=banned,
            unclear=unclear,
            kept=kept.get(paper, ()),
            favoured=favoured,
            year=day.year,
            background_age=background.age(day),
            judged=_named(names, found[paper], llm.judgements(judged.get(paper))),
            judge=parts.writer.name if parts.writer else "",
        )
        if former is not None and not _matters(former.get(paper, ()), keywords, grown):
            continue
        version = ":".join(filter(None, (parts.extractor.name, names.version(found[paper]))))
        touched |= catalogue.set_keywords(paper, keywords, catalogue_size=size, vocabulary=version)
        drawn.add(paper)
    return Drawn(papers=frozenset(drawn), touched=frozenset(touched))


def weigh_anew(parts: Parts, papers: Collection[PaperId]) -> None:
    """Weigh the key terms of papers anew, whose whole texts have come, and have their notes follow."""
    catalogue = parts.catalogue
    found = candidates(parts, [paper for paper in papers if catalogue.path(PageKey("paper", paper))])
    _weigh(parts, thesaurus(catalogue), found)
    catalogue.mark(PageKey("paper", paper) for paper in found)


def _weigh(parts: Parts, names: Thesaurus, found: Candidates) -> None:
    """Weigh what these papers stand for, each by the figures of its own day: whatever papers come later, and whenever its
    whole text does, it stays so.
    """
    from digest.keywords import weights

    terms, background, shipped = parts.catalogue.terms, parts.background, parts.keyword_rules.banned

    def occurrences(paper: PaperId) -> dict[str, weights.Occurrences]:
        document = parts.catalogue.texts.document(paper)
        counted = parts.extractor.in_text(document, found[paper]) if document else {}
        return weights.occurrences(
            found[paper],
            counted,
            preferred=lambda candidate: names.resolve([candidate])[0].canonical,
            named=names.name,
            is_excluded=lambda name: names.is_banned(name, shipped) or names.is_unclear(name),
        )

    having = {paper: occurrences(paper) for paper in found}
    days: dict[date, list[PaperId]] = {}
    for paper, day in parts.catalogue.first_announced(found).items():
        days.setdefault(day, []).append(paper)
    for day, papers in sorted(days.items()):
        wanted = {name for paper in papers for name in having[paper]}
        counts, size = terms.counts_until(wanted, day)
        idfs = {
            name: weights.idf(
                papers=counts.get(name, 0),
                size=size,
                background=background.counts(name)[0],
                background_size=background.size,
            )
            for name in wanted
        }
        terms.weigh({paper: weights.weigh(having[paper], idfs) for paper in papers}, size=size)


def _named(names: Thesaurus, terms: Sequence[Candidate], judgements: Mapping[str, Judgement]) -> dict[str, Judgement]:
    """Judgements of the terms of a text, under the names that are in force."""
    judged = (term for term in terms if term.canonical in judgements)
    return {names.resolve([term])[0].canonical: judgements[term.canonical] for term in judged}


def _matters(before: Sequence[Keyword], after: Sequence[Keyword], grown: Collection[str]) -> bool:
    old, new = _linked(before), _linked(after)
    moved = (name for name in new if name in grown and _distance(old[name].scores, new[name].scores) >= STEP)
    return old.keys() != new.keys() or any(moved)


def _linked(keywords: Sequence[Keyword]) -> dict[str, Keyword]:
    return {keyword.canonical: keyword for keyword in keywords if keyword.linked}


def _distance(one: Scores, other: Scores) -> float:
    return max(
        abs(one.novelty - other.novelty),
        abs(one.connectivity - other.connectivity),
        abs(one.specificity - other.specificity),
        abs(one.link_intent - other.link_intent),
    )


def _counts(parts: Parts, day: date, names: Collection[str]) -> dict[str, TermCounts]:
    """What scores are computed from, as of *day*."""
    own = parts.catalogue.terms.counts(names)
    first = parts.catalogue.terms.known_since(name for name in names if not parts.background.counts(name)[2])
    recent = lately(parts.catalogue, day, names)
    counts = {}
    for name in names:
        everywhere, last_year, since = parts.background.counts(name)
        counts[name] = TermCounts(
            background=everywhere,
            background_recent=last_year,
            background_first=since,
            background_ratio=parts.background.ratio(name),
            catalogue=own.get(name, 0),
            first=first.get(name, 0),
            recent=recent.observed(name),
            expected=recent.expected(name),
        )
    return counts
