"""Tonight's feed before it is read: asking for it, and knowing it again. A night with nothing new needs no more."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from digest.arxiv.session import Answer, Session

SOURCE: Final = "feed"

_RENDER_TIME: Final = re.compile(rb"<(updated|lastBuildDate)>[^<]*</\1>")


def ask(session: Session, base_url: str, categories: Sequence[str], *, known: str = "") -> Answer:
    """Ask for today's feed of *categories*; again while the answer is cut, throttled or no feed.

    An answer with the fingerprint *known* is believed: it was proven when it was first read. Raises SourceError, as
    the session does and as ``digest.arxiv.feed.prove`` does.
    """

    def check(answer: Answer) -> None:
        if fingerprint(answer.body) != known:
            from digest.arxiv import feed  # and with it the parsers

            feed.prove(answer.body, answer.status, answer.content_type)

    return session.get(f"{base_url.rstrip('/')}/atom/{'+'.join(categories)}", source=SOURCE, check=check)


def fingerprint(body: bytes) -> str:
    """The SHA-256 of a feed without the times at which it was rendered: equal for the same batch asked for twice."""
    return hashlib.sha256(_RENDER_TIME.sub(b"", body)).hexdigest()
