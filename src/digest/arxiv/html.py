"""``/html/<id>v<n>``: the whole text of one version of a paper, as arXiv converts it from TeX.

Not every paper has one: those without TeX, withdrawn versions, conversions that failed, the very fresh. What arXiv has
not is an outcome; only an answer that may be better the next time is an error.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from digest.arxiv import latexml, wellformed
from digest.arxiv.session import Answer, RefusedAnswer, Session
from digest.document import Document, Outcome
from digest.errors import SourceError
from digest.model import PaperId, Verdict
from digest.web.transfer import TooLarge

SOURCE: Final = "html"
"""The source, as errors name it."""

SITE: Final = "https://arxiv.org"
"""Where pictures are, whichever host was asked for the page."""

FLOOR: Final = 0.05

_ENDS: Final = re.compile(rb"</html\s*>\s*(?:<!--[^<>]*-->\s*)*\Z", re.IGNORECASE)
_IS_PAGE: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|!--)", re.IGNORECASE)
_OUTAGE: Final = re.compile(rb"temporarily unavailable|down for maintenance|try again later", re.IGNORECASE)
_LONGEST_QUOTE: Final = 160


@dataclass(frozen=True, slots=True)
class HtmlAnswer:
    """What arXiv has of a paper's text."""

    outcome: Outcome
    document: Document | None  # where ``outcome.has_text``
    sha256: str  # of the page, "" when there is none; the same page may be made anew at any time
    modified: str  # as arXiv tells it, "" when it does not


def fetch(session: Session, site_url: str, paper_id: PaperId, version: int, *, floor: float = FLOOR) -> HtmlAnswer:
    """Ask for the text of version *version* of *paper_id*; a text that has lost more than *floor*, a share, is DAMAGED.

    A page that ends early is asked for again; one that does so to the last is CUT_SHORT. Raises SourceError: what the
    session raises, THROTTLED for "Rate exceeded.", CUT_SHORT for an empty answer, UNREACHABLE for a page that tells of
    an outage, MALFORMED for what is no web page and for a status that says neither that there is a page nor that there
    is none.
    """
    name = f"{paper_id}v{version}"
    try:
        answer = session.get(
            f"{site_url.rstrip('/')}/html/{name}", source=SOURCE, limit_bytes=latexml.LIMIT_BYTES, check=_check
        )
    except RefusedAnswer as error:
        if error.verdict is not Verdict.CUT_SHORT or not error.answer.body.strip():
            raise
        answer = error.answer
    except SourceError as error:
        if isinstance(error.__cause__, TooLarge):
            return HtmlAnswer(Outcome.TOO_LARGE, None, "", "")
        raise
    if answer.status in (404, 410):
        return HtmlAnswer(Outcome.NONE, None, "", "")
    if answer.status != 200:
        raise SourceError(SOURCE, Verdict.MALFORMED, f"{name}: HTTP {answer.status}")
    return _read(answer, name, floor)


def _check(answer: Answer) -> None:
    """Refuse what is not a whole page of arXiv's."""
    body = answer.body
    if not body.strip():
        raise SourceError(SOURCE, Verdict.CUT_SHORT, "the page is empty")
    if not _IS_PAGE.match(body):
        told = body[:_LONGEST_QUOTE].decode("utf-8", "replace")
        verdict = Verdict.THROTTLED if "rate exceeded" in told.casefold() else Verdict.MALFORMED
        raise SourceError(SOURCE, verdict, f"expected a web page, was told {told!r}")
    if not wellformed.is_web_page(answer.content_type):
        raise SourceError(SOURCE, Verdict.MALFORMED, f"the answer calls itself {answer.content_type}, not a web page")
    if not _ENDS.search(body[-2000:]):
        raise SourceError(SOURCE, Verdict.CUT_SHORT, "the page ends early")
    if b"ltx_document" not in body and _OUTAGE.search(body[:20_000]):
        raise SourceError(SOURCE, Verdict.UNREACHABLE, "the page tells of an outage")


def _read(answer: Answer, name: str, floor: float) -> HtmlAnswer:
    document = latexml.read(answer.body, base=f"{SITE}/html/{name}", floor=floor)
    return HtmlAnswer(
        outcome=document.outcome,
        document=document if document.outcome.has_text else None,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        modified=answer.headers.get("Last-Modified", ""),
    )
