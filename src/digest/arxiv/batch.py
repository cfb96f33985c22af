"""Tonight's feed before it is read: asking for it, and knowing it again. A night with nothing new needs no more."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.model import Verdict

if TYPE_CHECKING:
    from digest.arxiv.session import Answer, Session

SOURCE: Final = "feed"

_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_RENDER_TIME: Final = re.compile(rb"<(updated|lastBuildDate)>[^<]*</\1>")


def ask(
    session: Session,
    base_url: str,
    categories: Sequence[str],
    *,
    known: str = "",
    validators: Mapping[str, str] | None = None,
) -> Answer:
    """Ask for today's feed of *categories*; again while the answer is cut, throttled or no feed.

    An answer with the fingerprint *known* is believed: it was proven when it was first read. With *validators*, those
    of an earlier answer, this one may be ``unchanged``: the same as that one, and without a body; every other has one.
    Raises SourceError, as the session does and as ``digest.arxiv.feed.prove`` does; MALFORMED for no body, and so for
    an unchanged answer to who sent no validators.
    """
    sent = {name: value for name, value in (validators or {}).items() if value and name in _CONDITIONS}

    def check(answer: Answer) -> None:
        if not answer.body or fingerprint(answer.body) != known:
            from digest.arxiv import feed  # and with it the parsers

            feed.prove(answer.body, answer.status, answer.content_type)

    url = f"{base_url.rstrip('/')}/atom/{'+'.join(categories)}"
    answer = session.get(url, source=SOURCE, check=check, validators=sent)
    if answer.body or (answer.unchanged and sent):
        return answer
    reason = "it was asked about no earlier answer" if answer.unchanged else "no feed"
    raise SourceError(SOURCE, Verdict.MALFORMED, f"HTTP {answer.status} without a body, and {reason} ({url})")


def fingerprint(body: bytes) -> str:
    """The SHA-256 of a feed without the times at which it was rendered: equal for the same batch asked for twice.

    Raises ValueError for no body: it is no feed, and all answers without one would be alike.
    """
    if not body:
        raise ValueError("an answer without a body has no fingerprint")
    return hashlib.sha256(_RENDER_TIME.sub(b"", body)).hexdigest()
