"""Questions about the vocabulary: what is known of a term and why it is named so, what was ruled, what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from digest.catalogue.store import PageKey
from digest.model import KeywordCategory, PaperId, Ruling
from digest.pipeline import terms
from digest.pipeline.vocabulary import Desk, said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digest.keywords.thesaurus import Thesaurus
    from digest.pipeline.parts import Parts

NEAR = 0.9
"""Cosine from which two names are proposed as one; at 0.95 and above nearly all were, between them about half."""

SHARED = 0.6
BEGINNING = 4
"""Share of words, and letters of each, that two names need in common before their vectors are compared."""

EXAMPLES = 3


def rulings(parts: Parts) -> dict[str, Any]:
    """What the reader has ruled, in order."""
    return {"rulings": [_ruling(ruling) for ruling in parts.catalogue.terms.rulings()]}


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {"number": ruling.id, "ruling": said(ruling), "by": ruling.source}


def term(parts: Parts, text: str) -> dict[str, Any]:
    """What is known of the term that the reader means by *text*, and why each written form of it is one of it.

    Raises VocabularyError when no page could have such a name.
    """
    catalogue, desk = parts.catalogue, Desk(parts, "command")
    name = desk.find(text)
    everywhere, recent, since = parts.background.counts(name)
    linking = catalogue.papers_with([name]).get(name, [])
    days = catalogue.terms.by_day(name)
    decided = (
        next((k for k in catalogue.decisions(linking[-1:]).get(linking[-1], ()) if k.canonical == name), None)
        if linking
        else None
    )
    return {
        "term": name,
        "page": catalogue.path(PageKey("keyword", name)),
        "banned": _banned(parts, desk.names, name),
        "ambiguous": {long: len(papers) for long, papers in desk.terms.definitions(name).items()}
        if desk.names.is_unclear(name)
        else {},
        "papers": {
            "with it": catalogue.terms.counts([name]).get(name, 0),
            "linking it": len(linking),
            "here": catalogue.count_noted(),
            "first": days[0][0].isoformat() if days else None,
            "last": days[-1][0].isoformat() if days else None,
            "examples": linking[-EXAMPLES:],
        },
        "background": {"papers": everywhere, "of": parts.background.size, "last year": recent, "since": since or None},
        "category": decided.category.value if decided else None,
        "scores": asdict(decided.scores) if decided else None,
        "forms": [
            {"form": form, "papers": papers, "reasons": _reasons(desk, form, name)}
            for form, papers, _ in catalogue.forms(name)
        ],
        "rulings": [_ruling(r) for r in desk.terms.rulings() if name in (r.other, r.term, desk.names.name(r.term))],
    }


def _banned(parts: Parts, names: Thesaurus, name: str) -> str:
    """By whom a term is banned; "" where it is not."""
    if not names.is_banned(name, parts.keyword_rules.banned):
        return ""
    return "by a ruling" if names.judgement(name) else "by the list that comes with digest, or by the settings"


def _reasons(desk: Desk, form: str, name: str) -> list[str]:
    """The steps from a written form to the name of its term."""
    from digest.keywords.canonical import explain

    steps = explain(form, {})
    read = steps[-1].after if steps else form
    if desk.names.name(read) == name:
        return [f"{step.rule.value}: {step.before} → {step.after}" for step in steps] + _led(desk, read)
    for long, papers in desk.terms.definitions(form).items():
        if desk.names.name(long) == name:
            told = "1 paper defines" if len(papers) == 1 else f"{len(papers)} papers define"
            return [f"acronym: {told} {form} as {long}, the first {papers[0]}", *_led(desk, long)]
    split = next((r for r in desk.terms.rulings() if r.term.casefold() == form.casefold()), None)
    return [said(split)] if split else ["a definition in the text that has it", *_led(desk, read)]


def _led(desk: Desk, name: str) -> list[str]:
    """What the catalogue and the reader's rulings make of a name that a text alone gives."""
    told = []
    for step in desk.names.steps(name):
        if isinstance(step, Ruling):
            told.append(f"ruling {step.id}: {said(step)}")
        else:
            long = desk.terms.acronyms()[step]
            papers = len(desk.terms.definitions(step).get(long, ()))
            told.append(f"acronym of the catalogue's: {papers} papers define {step} as {long}")
    return told


# --- review ----------------------------------------------------------------------------------------------------------


def review(parts: Parts, limit: int) -> dict[str, Any]:
    """Pairs of keywords that may be one, the likeliest first, and terms that are too common to connect.

    A pair shares most of its words, and the vectors of the two names have a cosine of at least ``NEAR``; one of which the
    reader has said that it is a term by itself is not proposed. A proposal is never followed by itself: at 0.90 to 0.95
    about half of such pairs are two things.
    """
    catalogue = parts.catalogue
    ruled = {ruling.term for ruling in catalogue.terms.rulings()}
    pairs = _near(parts, [name for name in catalogue.keyword_pages() if name not in ruled])[:limit]
    return {
        "pairs": [_evidence(parts, one, other, cosine) for one, other, cosine in pairs],
        "too common": too_common(parts)[:limit],
    }


def too_common(parts: Parts) -> list[dict[str, Any]]:
    """Terms in so many papers here that they connect none, and that are not banned; the commonest first."""
    from digest.keywords.scores import hub_papers

    size = parts.catalogue.count_noted()
    names = terms.thesaurus(parts.catalogue)
    return [
        {"term": name, "papers": papers, "of": size}
        for name, papers in parts.catalogue.terms.common(hub_papers(size))
        if not names.is_banned(name, parts.keyword_rules.banned)
    ]


def _near(parts: Parts, names: Sequence[str]) -> list[tuple[str, str, float]]:
    """Pairs of *names* that share most of their words and have nearly the same vector, the nearest first."""
    pairs = _akin(names)
    vectors = _vectors(parts, sorted({name for pair in pairs for name in pair}))
    found = [(one, other, round(float(vectors[one] @ vectors[other]), 3)) for one, other in pairs]
    return sorted((pair for pair in found if pair[2] >= NEAR), key=lambda pair: (-pair[2], pair[0], pair[1]))


def _akin(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of *names* that share ``SHARED`` of their words by the first letters, and neither is a part of the other.

    A longer name is a narrower term, and no twin.
    """
    from digest.keywords.canonical import key

    words = {name: frozenset(key(name).split()) for name in names}
    begins = {name: frozenset(word[:BEGINNING].casefold() for word in of) for name, of in words.items()}
    having: dict[str, list[str]] = {}
    for name, of in begins.items():
        for begin in of:
            having.setdefault(begin, []).append(name)
    found = []
    for one, of in begins.items():
        shared = Counter(other for begin in of for other in having[begin] if one < other)
        for other, number in shared.items():
            nested = words[one] <= words[other] or words[other] <= words[one]
            if number >= SHARED * len(of | begins[other]) and not nested:
                found.append((one, other))
    return sorted(found)


def _vectors(parts: Parts, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Unit vectors of names, kept from one review to the next."""
    from digest.pipeline import relate

    relate.embed_texts(parts, names)
    vectors, _ = parts.index.read(parts.index.rows([relate.key_of(name) for name in names]))
    return dict(zip(names, vectors, strict=True))


def _evidence(parts: Parts, one: str, other: str, cosine: float) -> dict[str, Any]:
    having = parts.catalogue.papers_with([one, other])
    papers = {name: having.get(name, []) for name in (one, other)}
    fewer, more = sorted((one, other), key=lambda name: (len(papers[name]), name))
    return {
        "cosine": cosine,
        "terms": [
            {
                "term": name,
                "papers": len(papers[name]),
                "forms": [form for form, _, _ in parts.catalogue.forms(name)][:EXAMPLES],
                "titles": _titles(parts, papers[name][-1:]),
            }
            for name in (fewer, more)
        ],
        "papers with both": len(set(papers[one]) & set(papers[other])),
        "to join": f'digest keywords merge "{fewer}" "{more}"',
        "to keep apart": f'digest keywords split "{fewer}"',
    }


def _titles(parts: Parts, papers: Collection[PaperId]) -> list[str]:
    return [paper.title for paper in parts.catalogue.papers(papers).values()]


# --- prose -----------------------------------------------------------------------------------------------------------


def prose(found: Mapping[str, Any]) -> Iterator[str]:
    """An answer of this module in lines."""
    if "pairs" in found:
        yield from _review_prose(found)
    elif "term" in found:
        yield from _term_prose(found)
    else:
        yield from (f"{r['number']}. {r['ruling']} (by {r['by']})" for r in found["rulings"])
        if not found["rulings"]:
            yield "nothing was ruled yet"


def _term_prose(found: Mapping[str, Any]) -> Iterator[str]:
    papers, background = found["papers"], found["background"]
    yield f"{found['term']}: " + (f"page {found['page']}.md" if found["page"] else "no page")
    yield (
        f"{papers['with it']} of {papers['here']} papers here have it, {papers['linking it']} link it"
        + (f"; first {papers['first']}, last {papers['last']}" if papers["first"] else "")
    )
    yield (
        f"{background['papers']} of {background['of']} background papers, {background['last year']} in its last year"
        + (f", since {background['since']}" if background["since"] else "")
    )
    if found["banned"]:
        yield f"banned {found['banned']}"
    if found["ambiguous"]:
        meanings = ", ".join(f"{long} ({papers})" for long, papers in found["ambiguous"].items())
        yield f"ambiguous acronym, no keyword by itself: {meanings}"
    if found["scores"]:
        shown = ", ".join(f"{name} {value:.2f}" for name, value in found["scores"].items())
        yield f"{KeywordCategory(found['category']).value}: {shown} (in {papers['examples'][-1]})"
    for form in found["forms"]:
        yield f"  “{form['form']}” ({form['papers']}): " + ("; ".join(form["reasons"]) or "as it is named")
    for ruling in found["rulings"]:
        yield f"  ruling {ruling['number']}: {ruling['ruling']}"


def _review_prose(found: Mapping[str, Any]) -> Iterator[str]:
    for pair in found["pairs"]:
        fewer, more = pair["terms"]
        yield (
            f"“{fewer['term']}” ({fewer['papers']}) and “{more['term']}” ({more['papers']}): cosine {pair['cosine']:.2f}, "
            f"{pair['papers with both']} papers with both"
        )
        for one in pair["terms"]:
            yield f"    {', '.join(one['forms'])}: {'; '.join(one['titles'])}"
        yield f"    {pair['to join']}   or   {pair['to keep apart']}"
    for common in found["too common"]:
        yield f"“{common['term']}” is in {common['papers']} of {common['of']} papers: too common to connect any"
        yield f'    digest keywords ban "{common["term"]}"'
    if not found["pairs"] and not found["too common"]:
        yield "nothing to review"
