"""What a host or the operating system says of an exchange that failed, in words and numbers that can be acted on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime


def why(error: BaseException) -> str:
    """What the operating system says of the fault, in parentheses; nothing when it was not asked."""
    told = (one for one in _causes(error) if isinstance(one, OSError) and not isinstance(one, ssl.SSLError))
    reason = next((one.strerror for one in told if one.errno is not None and one.strerror), "")
    return f" ({reason[0].lower()}{reason[1:]})" if reason else ""


def why_not_secure(error: BaseException) -> str:
    refused = (cause for cause in _causes(error) if isinstance(cause, ssl.SSLCertVerificationError))
    certificate = next(refused, None)
    if certificate is None:
        return "the host does not speak TLS as it should"
    return f"its certificate is not accepted ({certificate.verify_message})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def retry_after(told: str, now: float) -> float | None:
    """Seconds from *now* that a Retry-After header asks for, written as a number or as a date; None when neither."""
    if told.strip().isdecimal():
        return float(told)
    try:
        when = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now)
