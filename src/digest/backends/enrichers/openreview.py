"""OpenReview's second interface (https://docs.openreview.net/reference/api-v2): venue, decision and ratings.

It knows no arXiv identifiers, so papers are looked for by title. A submission is the paper where the title is the same
but for case, accents and signs, and an author has the same last name; one whose authors are hidden, where its title is
long and no other submission has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from digest.backends.enrichers import fields
from digest.backends.enrichers.http import JsonSource, Web
from digest.errors import SourceError
from digest.model import Paper, PaperId, Teller, Testimony, Verdict

TELLING: Final = 6
"""Words of a title that is hardly anybody else's."""

RATINGS: Final = ("rating", "overall_recommendation", "recommendation", "overall_assessment", "overall_score")
"""What venues call it."""

_COPIES: Final = re.compile(r"dblp\.org|OpenReview\.net/(?:Archive|Public_Article)", re.IGNORECASE)
"""Of papers that were published elsewhere."""


class OpenReview(JsonSource):
    teller = Teller.OPENREVIEW
    batch = 1
    first_after = 7

    def __init__(self, web: Web, url: str) -> None:
        super().__init__(web, url, {}, asks="questions of those who are not signed in")
        self._is_open = True  # whether it shows the reviews of a submission to anybody

    def ask(self, papers: Sequence[Paper]) -> Mapping[PaperId, Testimony | None]:
        """See ``digest.ports.Enricher``. Of several submissions the last one counts."""
        return {paper.id: self._ask(paper) for paper in papers}

    def _ask(self, paper: Paper) -> Testimony | None:
        words = title_words(paper.title)
        if not words:
            return None
        told = self._get(
            "/notes/search",
            {"term": " ".join(words)[:300], "type": "terms", "content": "title", "source": "forum", "limit": "25"},
        )
        found = fields.table(told).get("notes")
        if not isinstance(found, list):
            raise SourceError(self.teller, Verdict.MALFORMED, f"names no notes ({self._url})")
        submission = same_paper(paper, [fields.table(note) for note in found[:25]])
        return self._statement(submission) if submission else None

    def _statement(self, submission: Mapping[str, Any]) -> Testimony:
        forum = str(submission["id"])
        replies = self._replies(forum)
        ratings = [
            rating for reply in replies if _is(reply, "Official_Review") and (rating := _rating(reply)) is not None
        ]
        decisions = [_said(reply, "decision") for reply in replies if _is(reply, "Decision")]
        return Testimony(
            page=f"https://openreview.net/forum?id={forum}",
            venue=_said(submission, "venue"),
            decision=next(filter(None, decisions), ""),
            ratings=tuple(sorted(ratings, reverse=True)),
        )

    def _replies(self, forum: str) -> list[Mapping[str, Any]]:
        """What was said to a submission; nothing where OpenReview tells it only to those who are signed in."""
        if not self._is_open:
            return []
        try:
            told = self._get("/notes", {"forum": forum, "limit": "200"})
        except SourceError as error:
            if error.verdict is not Verdict.BLOCKED:
                raise
            self._is_open = False
            return []
        return [fields.table(one) for one in fields.items(fields.table(told).get("notes"), 200)]


def title_words(title: str) -> tuple[str, ...]:
    """A title's words, without case, accents, signs and TeX's braces."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    return tuple(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


def same_paper(paper: Paper, submissions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The last submission that is *paper*; None where none is, or it cannot be told."""
    words = title_words(paper.title)
    named = [one for one in submissions if _is_submission(one) and title_words(_said(one, "title", 500)) == words]
    names = {_last_name(author) for author in paper.authors} - {""}
    signed = [one for one in named if names & {_last_name(author) for author in _authors(one)}]
    if signed:
        return max(signed, key=lambda one: (_made(one), str(one["id"])))
    if len(named) == 1 and not _authors(named[0]) and len(words) >= TELLING:
        return named[0]
    return None


def _made(note: Mapping[str, Any]) -> int:
    """When, in milliseconds of Unix time; 0 where it does not tell."""
    told = note.get("cdate")
    return told if type(told) is int else 0


def _is_submission(note: Mapping[str, Any]) -> bool:
    """Whether it begins a thread of its own, and is no copy of what is known from elsewhere."""
    told = note.get("id")
    if not isinstance(told, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", told) or note.get("forum", told) != told:
        return False
    origins = [*_invitations(note), _said(note, "venueid")]
    return not any(_COPIES.match(origin) for origin in origins)


def _invitations(note: Mapping[str, Any]) -> list[str]:
    return [one for one in fields.items(note.get("invitations"), 20) if isinstance(one, str)]


def _is(note: Mapping[str, Any], kind: str) -> bool:
    return any(one.endswith(f"/-/{kind}") for one in _invitations(note))


def _value(note: Mapping[str, Any], name: str) -> object:
    return fields.table(fields.table(note.get("content")).get(name)).get("value")


def _said(note: Mapping[str, Any], name: str, most: int = 200) -> str:
    return fields.text(_value(note, name), most)


def _authors(note: Mapping[str, Any]) -> list[str]:
    return [one for one in fields.items(_value(note, "authors"), 5000) if isinstance(one, str)]


def _last_name(author: str) -> str:
    words = title_words(author)
    return words[-1] if words else ""


def _rating(review: Mapping[str, Any]) -> float | None:
    found = (fields.number(_value(review, name)) for name in RATINGS)
    return next((rating for rating in found if rating is not None), None)
