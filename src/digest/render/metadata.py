"""The machine-readable part of a note: which terms were considered, with what scores, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping

from digest.model import Keyword, Note, RelatedPaper, Scores
from digest.render.escape import Safe, comment_json

METHOD = "candidates_scored_against_catalogue"
JUDGED = "AI_prompt_based"  # as older vaults call it, where a language model had its say
EXPLAINED = 10  # of those not chosen, how many are told with their figures; all with the reason


def record(note: Note) -> dict[str, object]:
    """The decisions on one note, under the keys that readers of such notes know; the same for the same note."""
    chosen = [keyword.keyword for keyword in note.keywords]
    everything = (*chosen, *note.rejected)
    scored = [(keyword, _scores(keyword.scores)) for keyword in everything]
    return {
        "processed_timestamp": note.announced.isoformat(),
        "vocabulary_version": note.vocabulary_version,
        "catalogue_size": note.catalogue_size,
        "selected_keywords": [keyword.canonical for keyword in chosen],
        "rejected_keywords": [keyword.canonical for keyword in note.rejected],
        "similarity_scores": {keyword.canonical: scores["link_intent"] for keyword, scores in scored[: len(chosen)]},
        "related_papers": [_related(related) for related in note.related],
        "extraction_method": JUDGED if any(keyword.judge for keyword in everything) else METHOD,
        "budget_applied": True,
        "candidates_json": {
            "candidates": [_candidate(*one) for one in scored[: len(chosen) + EXPLAINED]],
            "ban_list_suggestions": [keyword.canonical for keyword in everything if _is_too_common(keyword)],
        },
        "decisions": [_decision(*one) for one in scored],
    }


def _related(related: RelatedPaper) -> dict[str, object]:
    near = related.neighbour
    found: dict[str, object] = {
        "id": near.id,
        "score": near.score,
        "cosine": near.cosine,
        "words": near.words,
        "less_similar_pairs": None if related.share is None else round(related.share, 5),
        "own": related.own,
    }
    return found | ({"shared_keywords": list(related.keywords)} if related.keywords else {})


def _is_too_common(keyword: Keyword) -> bool:
    """Whether the term is in too many papers to connect any, here or anywhere, and nobody has banned it yet."""
    return (keyword.hub and keyword.reason != "banned") or keyword.reason == "generic single word"


def _candidate(keyword: Keyword, scores: Mapping[str, float]) -> dict[str, object]:
    return {
        "surface": keyword.surface,
        "canonical": keyword.canonical,
        "aliases": list(keyword.aliases),
        "category": keyword.category.value,
        "rationale": keyword.rationale,
    } | {f"{name}_score": value for name, value in scores.items()}


def _decision(keyword: Keyword, scores: Mapping[str, float]) -> dict[str, object]:
    decided: dict[str, object] = {
        "candidate_surface": keyword.surface,
        "resolved_canonical": keyword.canonical,
        "decision": "linked" if keyword.linked else "rejected",
        "scores": scores,
    }
    return decided if keyword.linked else decided | {"reason": keyword.reason}


def _scores(scores: Scores) -> dict[str, float]:
    return {
        "novelty": round(scores.novelty, 4),
        "connectivity": round(scores.connectivity, 4),
        "specificity": round(scores.specificity, 4),
        "link_intent": round(scores.link_intent, 4),
    }


def comment(note: Note) -> Safe:
    return Safe(f"<!-- KEYWORD_LINKING_METADATA:\n{comment_json(record(note))}\n-->")
