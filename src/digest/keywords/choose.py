"""Which candidates of a paper become its keywords; every other one with the reason why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from digest.keywords import scores
from digest.keywords.canonical import generality, key
from digest.model import Candidate, Judgement, Keyword, KeywordCategory, Scores, TermCounts

NOTHING_KNOWN = TermCounts(background=0, background_recent=0, background_first=0, catalogue=0)

BACKGROUND_YEAR = 2026
"""The year in which the shipped background ends; a test holds it to the file."""

GENERIC_PROBABILITY = 0.25
"""A plain single word that is broad, and that authors choose less than once in four times, names no topic."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What counts are measured against; see ``choose``."""

    background: int
    catalogue: int
    year: int
    background_age: float


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    counts: TermCounts
    scores: Scores
    category: KeywordCategory
    banned: bool
    unclear: bool
    generic: bool
    key: str
    judgement: Judgement | None = None


def choose(
    candidates: Sequence[Candidate],
    counts: Mapping[str, TermCounts],
    *,
    background_size: int,
    catalogue_size: int,
    budget: int = 5,
    max_broad: int = 2,
    max_orphans: int = 1,
    threshold: float = 0.30,
    banned: Collection[str] = (),
    unclear: Collection[str] = (),
    kept: Collection[str] = (),
    favoured: Collection[str] = (),
    year: int = BACKGROUND_YEAR,
    background_age: float = 0.0,
    judged: Mapping[str, Judgement] | None = None,
    judge: str = "",
) -> tuple[Keyword, ...]:
    """Every candidate, scored and decided: the linked ones by falling link_intent, then the rejected by the same.

    At most *budget* are linked, of them at most *max_broad* in the broad category and at most *max_orphans* which no
    other paper of the catalogue has. Ties break by canonical name. *counts* is by canonical name (a term that is not
    in it was never seen); *banned* holds canonical names, *unclear* acronyms that mean several things. *year* is that of the day at hand (as it stands: the one in
    which the background ends), *background_age* the years from the background's end until that day (``Background.age``).

    *kept* names stay linked whatever the threshold and the quotas say, unless they are banned, generic or never stand
    alone: a note that is decided anew because counts have moved gains keywords and loses none. *favoured* names come
    with them where they reach the threshold. Of both together the budget takes the best.

    *judged* is what the language model *judge* thinks, by canonical name: novelty and specificity are then its own, and
    so is the category, unless counts show that the term is broad; link_intent is the mean of its and ours; connectivity
    is ours, for only the catalogue knows it. Banned, generic and ambiguous terms, threshold and quotas are no matter of
    its opinion.

    Reasons, the first that holds: banned, ambiguous acronym, generic single word, never stands alone, below threshold,
    nested in a chosen one, broad quota, orphan quota, budget.
    """
    banned_keys = frozenset(map(key, banned))
    sizes = _Sizes(background_size, catalogue_size, year, background_age)
    scored = _score_all(candidates, counts, sizes, banned_keys, unclear, judged or {})
    first = [item for item in scored if _is_first(item, kept, favoured, threshold)]
    linked = first[:budget]
    keywords = [_keyword(item, "", sizes, judge) for item in linked]
    for item in scored:
        if item in linked:
            continue
        reason = _unfit(item, threshold) or _crowded_out(item, linked, budget, max_broad, max_orphans)
        if not reason:
            linked.append(item)
        keywords.append(_keyword(item, reason, sizes, judge))
    return tuple(sorted(keywords, key=lambda k: (not k.linked, -k.scores.link_intent, k.canonical)))


def _score_all(
    candidates: Sequence[Candidate],
    counts: Mapping[str, TermCounts],
    sizes: _Sizes,
    banned: Collection[str],
    unclear: Collection[str],
    judged: Mapping[str, Judgement],
) -> list[_Scored]:
    def known(candidate: Candidate) -> TermCounts:
        return counts.get(candidate.canonical, NOTHING_KNOWN)

    def broad(candidate: Candidate) -> bool:
        return scores.is_broad(known(candidate), background_size=sizes.background, catalogue_size=sizes.catalogue)

    def score(candidate: Candidate) -> _Scored:
        term = known(candidate)
        novelty = scores.novelty(
            term,
            year=sizes.year,
            background_age=sizes.background_age,
        )
        is_banned = key(candidate.canonical) in banned
        category = scores.category(
            term,
            broad=broad(candidate),
            coined=candidate.coined,
            novelty=novelty,
            extends_broad=any(_nested(part, key(candidate.canonical)) for part in broad_keys),
            year=sizes.year,
        )
        judgement = judged.get(candidate.canonical)
        figures = _scores(candidate, term, novelty, sizes, is_banned)
        return _Scored(
            candidate,
            term,
            _blended(figures, judgement) if judgement else figures,
            judgement.category if judgement and category is not KeywordCategory.BROAD else category,
            is_banned,
            candidate.canonical in unclear,
            _is_generic(candidate, term, sizes.background),
            key(candidate.canonical),
            judgement,
        )

    broad_keys = [key(candidate.canonical) for candidate in candidates if broad(candidate)]
    found = [score(candidate) for candidate in candidates]
    return sorted(found, key=lambda item: (-item.scores.link_intent, item.candidate.canonical))


def _scores(candidate: Candidate, term: TermCounts, novelty: float, sizes: _Sizes, banned: bool) -> Scores:
    """The four scores, to four digits: what a note shows is what the order was made of."""
    connectivity = scores.connectivity(term.catalogue, catalogue_size=sizes.catalogue)
    specificity = scores.specificity(
        papers=term.background + term.catalogue,
        size=sizes.background + sizes.catalogue,
        words=candidate.words,
        generality=generality(candidate.canonical),
    )
    intent = scores.link_intent(
        probability=candidate.probability,
        connectivity=connectivity,
        specificity=specificity,
        banned=banned,
        plain=is_plain(candidate),
    )
    return Scores(
        novelty=round(novelty, 4),
        connectivity=round(connectivity, 4),
        specificity=round(specificity, 4),
        link_intent=round(intent, 4),
    )


def _blended(figures: Scores, judgement: Judgement) -> Scores:
    """Half of the link_intent stays ours: a model's own scores lie close together, and a lying one is not to rule alone."""
    return Scores(
        novelty=judgement.novelty,
        connectivity=figures.connectivity,
        specificity=judgement.specificity,
        link_intent=round((figures.link_intent + judgement.link_intent) / 2, 4),
    )


def is_plain(candidate: Candidate) -> bool:
    """Whether the term is one ordinary word: no acronym, no name with inner capitals or digits."""
    name = candidate.canonical
    return candidate.words == 1 and name.isalpha() and name[1:] == name[1:].lower()


def _is_generic(candidate: Candidate, term: TermCounts, background_size: int) -> bool:
    often = term.background >= scores.BROAD_ANYWHERE * max(background_size, 1)
    return is_plain(candidate) and often and candidate.probability < GENERIC_PROBABILITY


def _is_first(item: _Scored, kept: Collection[str], favoured: Collection[str], threshold: float) -> bool:
    name = item.candidate.canonical
    return (name in kept and not _unfit(item, 0.0)) or (name in favoured and not _unfit(item, threshold))


def _unfit(item: _Scored, threshold: float) -> str:
    """Why a candidate is no keyword whatever else the paper has; "" when nothing speaks against it."""
    if item.banned:
        return "banned"
    if item.unclear:
        return "ambiguous acronym"
    if item.generic:
        return "generic single word"
    if not item.candidate.stands_alone:
        return "never stands alone"
    return "below threshold" if item.scores.link_intent < threshold else ""


def _crowded_out(item: _Scored, linked: Sequence[_Scored], budget: int, max_broad: int, max_orphans: int) -> str:
    """Why the keywords already chosen leave no place for this one; "" when they do."""
    for other in linked:
        if _nested(item.key, other.key):
            return f"nested in {other.candidate.canonical}"
    if item.category is KeywordCategory.BROAD and _count(linked, broad=True) >= max_broad:
        return "broad quota"
    if item.counts.catalogue <= 1 and _count(linked, broad=False) >= max_orphans:
        return "orphan quota"
    return "budget" if len(linked) >= budget else ""


def _count(linked: Sequence[_Scored], *, broad: bool) -> int:
    if broad:
        return sum(item.category is KeywordCategory.BROAD for item in linked)
    return sum(item.counts.catalogue <= 1 for item in linked)


def _nested(inner: str, outer: str) -> bool:
    """Whether *inner* is a run of whole words of the longer *outer*; both are keys."""
    return inner != outer and f" {inner} " in f" {outer} "


def _keyword(item: _Scored, reason: str, sizes: _Sizes, judge: str) -> Keyword:
    return Keyword(
        canonical=item.candidate.canonical,
        surface=item.candidate.surface,
        aliases=item.candidate.aliases,
        category=item.category,
        scores=item.scores,
        linked=not reason,
        reason=reason,
        hub=scores.is_hub(item.counts, catalogue_size=sizes.catalogue),
        rationale=_rationale(item, sizes) + (_opinion(item.judgement, judge) if item.judgement else ""),
        judge=judge if item.judgement else "",
    )


def _rationale(item: _Scored, sizes: _Sizes) -> str:
    """One sentence with the figures that the scores come from."""
    counts = item.counts
    since = f" (since {counts.background_first})" if counts.background_first else ""
    lately = f", {counts.recent} lately where {counts.expected:.1f} were expected" if counts.recent else ""
    return (
        f"{counts.background} of {sizes.background} background papers{since}, "
        f"{counts.background_recent} in its last year; {counts.catalogue} of {sizes.catalogue} papers here{lately}; "
        f"an author would choose it with probability {item.candidate.probability:.2f}."
    )


def _opinion(judgement: Judgement, judge: str) -> str:
    """One sentence with what the model said, from which our half of link_intent can be had again."""
    where = f"sentence {judgement.sentence}" if judgement.sentence else "the title"
    return (
        f" {judge}, by {where}: novelty {judgement.novelty:.2f}, specificity {judgement.specificity:.2f}, "
        f"link_intent {judgement.link_intent:.2f}; the link_intent here is the mean of its and ours."
    )
