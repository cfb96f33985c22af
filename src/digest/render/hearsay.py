"""What others say of a paper, in words: who says it, linked as their licences ask, and what, one phrase a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from digest.model import Hearsay, Teller, Testimony
from digest.render import escape
from digest.render.escape import Safe
from digest.render.labels import Labels

NAMES: Final[Mapping[Teller, str]] = {
    Teller.SEMANTIC_SCHOLAR: "Semantic Scholar",
    Teller.OPENALEX: "OpenAlex",
    Teller.HUGGINGFACE: "Hugging Face",
    Teller.OPENREVIEW: "OpenReview",
}


def teller(hearsay: Hearsay) -> Safe:
    """The source's name as a link to the paper there: Semantic Scholar's licence asks for it, others deserve it."""
    return escape.web_link(NAMES[hearsay.teller], hearsay.said.page)


def phrases(said: Testimony, words: Labels) -> list[Safe]:
    """All that can be said in a few words; a note that a source merely knows the paper where there is nothing else."""
    return list(_phrases(said, words)) or [Safe(words.words["outside_known"])]


def _phrases(said: Testimony, words: Labels) -> Iterator[Safe]:
    def fill(key: str, text: Safe) -> Safe:
        return Safe(words.say(key, value=text))

    def counted(key: str, number: int | None) -> Iterator[Safe]:
        if number:
            yield Safe(words.count(key, number))

    if said.retracted:
        yield Safe(words.words["outside_retracted"])
    if said.citations is not None:
        cited = words.count("outside_cited", said.citations)
        much = words.say("outside_influential", number=words.number(said.influential)) if said.influential else ""
        yield Safe(f"{cited} {much}".rstrip())
    yield from counted("outside_references", said.reference_count)
    if said.venue:
        yield fill("outside_venue", escape.inline(said.venue))
    if said.decision:
        yield fill("outside_decision", escape.inline(said.decision))
    if said.ratings:
        ratings = ", ".join(f"{rating:g}" for rating in said.ratings)
        mean = sum(said.ratings) / len(said.ratings)
        yield Safe(words.say("outside_ratings", ratings=ratings, mean=words.decimal(mean)))
    if said.upvotes is not None:
        yield Safe(words.count("outside_upvotes", said.upvotes))
    if said.code:
        stars = f" ({words.count('outside_stars', said.stars)})" if said.stars else ""
        yield Safe(escape.web_link(words.words["outside_code"], said.code) + stars)
    if said.project:
        yield escape.web_link(words.words["outside_project"], said.project)
    yield from counted("outside_models", said.models)
    yield from counted("outside_datasets", said.datasets)
