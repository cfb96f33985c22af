"""arXiv's search API, for papers asked by identifier; the nightly run does not use it.

By the ``arxiv`` package, with our session in place of its own: the package has no timeout, ignores Retry-After, and
takes "Rate exceeded.", an outage page, half an answer and an empty one for "no such paper". So each answer is proven
before the package sees it, and what was asked is compared with what came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import arxiv

from digest import identifiers
from digest.arxiv import text, wellformed
from digest.arxiv.session import Answer, Session
from digest.errors import IdentifierError, SourceError
from digest.identifiers import Identifier
from digest.model import Paper, Verdict

SOURCE: Final = "api"
MOST_AT_ONCE: Final = 100
MOST_QUESTIONS: Final = 40
"""Asked about 100 identifiers at most: two bad ones among them are found with half as many."""

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_SEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"
_ROOTS: Final = (f"{_ATOM}feed",)
_LONGEST_QUOTE: Final = 200


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found, in the order asked, and what arXiv does not have or cannot tell."""

    papers: Mapping[Identifier, Paper]
    missing: tuple[Identifier, ...]


class _ErrorFeed(Exception):
    """arXiv refuses the whole question because of one identifier."""


def lookup(session: Session, base_url: str, ids: Sequence[Identifier]) -> Lookup:
    """Ask for papers by identifier, at most 100 at once; a version that is named is the version that comes.

    An error of arXiv's about one identifier costs the others nothing: the question is narrowed down until it is
    found. Raises SourceError: EMPTY_UNEXPECTED or CUT_SHORT for fewer papers than arXiv itself counts; MALFORMED, for
    questions that are refused for another reason than an identifier too; and what the session raises.
    """
    asked = tuple(dict.fromkeys(ids))
    found: dict[Identifier, Paper] = {}
    for start in range(0, len(asked), MOST_AT_ONCE):
        chunk = asked[start : start + MOST_AT_ONCE]
        papers = _Inquiry(session, base_url).papers(chunk)
        found |= {identifier: paper for identifier in chunk if (paper := _match(identifier, papers)) is not None}
    return Lookup(found, tuple(identifier for identifier in asked if identifier not in found))


def _match(identifier: Identifier, papers: Sequence[Paper]) -> Paper | None:
    fitting = [paper for paper in papers if paper.id == identifier.id and identifier.version in (None, paper.version)]
    return max(fitting, key=lambda paper: paper.version, default=None)


class _Inquiry:
    """Asks for a chunk of identifiers, and again without those that arXiv refuses."""

    def __init__(self, session: Session, base_url: str) -> None:
        self._session = session
        self._base_url = base_url
        self._questions = 0
        self._answered = False
        self._unexplained = ""  # a refusal that names no identifier

    def papers(self, ids: Sequence[Identifier]) -> list[Paper]:
        """The papers of *ids* that arXiv has.

        Raises SourceError, MALFORMED, when it refuses whatever it is asked for a reason that names no identifier.
        """
        papers = self._narrow(ids)
        if self._unexplained and not self._answered:
            raise self._refusal()
        return papers

    def _narrow(self, ids: Sequence[Identifier]) -> list[Paper]:
        """The papers of *ids*; when arXiv refuses them together, those without the one it names, or of each half."""
        if not ids:
            return []
        try:
            papers = self._ask(ids)
        except _ErrorFeed as error:
            words = set(str(error).split())
            others = [identifier for identifier in ids if str(identifier) not in words]
            if len(others) < len(ids):
                return self._narrow(others)
            self._unexplained = str(error)
            half = len(ids) // 2
            return [*self._narrow(ids[:half]), *self._narrow(ids[half:])] if half else []
        self._answered = True
        return papers

    def _ask(self, ids: Sequence[Identifier]) -> list[Paper]:
        self._questions += 1
        if self._questions > MOST_QUESTIONS:
            raise self._refusal()
        client = arxiv.Client(page_size=len(ids), delay_seconds=0.0, num_retries=0)
        client.query_url_format = f"{self._base_url}?{{}}"
        client._session = _Proven(self._session, expected=len(ids))
        search = arxiv.Search(id_list=[str(identifier) for identifier in ids], max_results=len(ids))
        return [_paper(result) for result in client.results(search)]

    def _refusal(self) -> SourceError:
        return SourceError(SOURCE, Verdict.MALFORMED, f"arXiv refuses the question: {self._unexplained}")


@dataclass(frozen=True, slots=True)
class _Response:
    """What the package reads of an answer."""

    status_code: int
    content: bytes


class _Proven:
    """Stands where the package has its ``requests.Session``: polite, and only for answers that can be believed."""

    def __init__(self, session: Session, *, expected: int) -> None:
        self._session = session
        self._expected = expected

    def get(self, url: str, **_: object) -> _Response:
        """Ask with our own headers, not with the package's. Raises SourceError and _ErrorFeed."""
        answer = self._session.get(url, source=SOURCE, check=self._check)
        root = _proven(answer)
        if reason := _error(root):
            raise _ErrorFeed(reason)
        if answer.status != 200:
            raise SourceError(SOURCE, Verdict.MALFORMED, f"HTTP {answer.status} without a reason ({url})")
        return _Response(answer.status, answer.body)

    def _check(self, answer: Answer) -> None:
        root = _proven(answer)
        if not _error(root):
            _check_count(root, self._expected)
            for entry in root.iterfind(f"{_ATOM}entry"):
                _check_entry(entry)


def _proven(answer: Answer) -> Any:
    return wellformed.prove(answer.body, source=SOURCE, roots=_ROOTS, content_type=answer.content_type)


def _error(root: Any) -> str:
    """arXiv's reason when *root* is an error, under whatever status: an entry named ``…/api/errors#…``."""
    for entry in root.iterfind(f"{_ATOM}entry"):
        if "/api/errors" in entry.findtext(f"{_ATOM}id", ""):
            return " ".join(entry.findtext(f"{_ATOM}summary", "").split())[:_LONGEST_QUOTE] or "no reason"
    return ""


def _check_count(root: Any, expected: int) -> None:
    told = root.findtext(f"{_SEARCH}totalResults", "").strip()
    if not told.isdecimal():
        raise SourceError(SOURCE, Verdict.MALFORMED, f"the answer counts {told!r} papers")
    entries, counted = len(root.findall(f"{_ATOM}entry")), min(int(told), expected)
    if entries < counted:
        verdict = Verdict.CUT_SHORT if entries else Verdict.EMPTY_UNEXPECTED
        raise SourceError(SOURCE, verdict, f"{entries} papers came of {counted} that arXiv counts")


def _check_entry(entry: Any) -> None:
    """The package drops an entry without its dates, and ends at one whose dates it cannot read."""
    try:
        identifiers.parse(entry.findtext(f"{_ATOM}id", ""))
        for name in ("published", "updated"):
            datetime.fromisoformat(entry.findtext(f"{_ATOM}{name}", "").strip())
    except IdentifierError as error:
        raise SourceError(SOURCE, Verdict.MALFORMED, f"an entry cannot be read: {error}") from error
    except ValueError as error:
        raise SourceError(SOURCE, Verdict.MALFORMED, "an entry has a date that cannot be read") from error


def _paper(result: arxiv.Result) -> Paper:
    identifier = identifiers.parse(result.entry_id)
    comment, abstract = text.plain(result.comment or ""), text.abstract(result.summary)
    categories = (result.primary_category, *result.categories)
    return Paper(
        id=identifier.id,
        version=identifier.version or 1,
        title=text.plain(result.title),
        abstract=abstract,
        authors=tuple(name for author in result.authors if (name := text.plain(author.name))),
        categories=tuple(dict.fromkeys(category for category in categories if category)),
        submitted=result.published.astimezone(UTC),
        updated=result.updated.astimezone(UTC),
        comment=comment,
        journal_ref=text.plain(result.journal_ref or ""),
        dois=text.dois(result.doi or ""),
        withdrawn=text.says_withdrawn(comment) or text.says_withdrawn(abstract),
    )
