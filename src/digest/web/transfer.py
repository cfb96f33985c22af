"""One answer's body: bounded in bytes and in time, and whole."""

from __future__ import annotations

import time
from typing import Final

import requests
import urllib3

_CHUNK: Final = 64 * 1024


class TransferError(Exception):
    """The body did not arrive as it should."""


class TooLarge(TransferError):
    pass


class TooSlow(TransferError):
    pass


class Incomplete(TransferError):
    pass


def read_body(response: requests.Response, *, limit_bytes: int, until: float) -> bytes:
    """Read the body of a streamed *response*, decompressed.

    *limit_bytes* bounds what comes out of decompression; *until*, in ``time.monotonic`` seconds, is asked after every
    packet, because a socket's timeout begins anew with every byte. urllib3 holds the body to its Content-Length. Raises
    TooLarge, TooSlow or Incomplete.
    """
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > limit_bytes:
                raise TooLarge(f"is larger than {limit_bytes:,} bytes")
            if time.monotonic() > until:
                raise TooSlow(f"was still coming after {size:,} bytes when its time was up")
    except urllib3.exceptions.ReadTimeoutError as error:
        raise TooSlow(f"stalled after {size:,} bytes") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Incomplete(f"broke off after {size:,} bytes") from error
    return b"".join(parts)
