"""The command line: parse, call, print. One file a command; heavy parts are imported by the command that needs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from digest.errors import DigestError, LockHeld

EXIT_STATUS: tuple[tuple[type[DigestError], int], ...] = ((LockHeld, 3), (DigestError, 2))

_SWITCHES = {"--json", "--quiet", "-q", "--verbose", "-v"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run digest; ends the process with the status that ``DESIGN`` promises: 0, 1, 2 or 3."""
    from digest.cli.app import app

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(hoisted(given), prog_name="digest")
    except DigestError as error:
        print(f"digest: {error}", file=sys.stderr)  # noqa: T201 - the one place where a fault is told
        sys.exit(next(status for kind, status in EXIT_STATUS if isinstance(error, kind)))


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Let the general options stand after the command, too: ``digest run --json`` is what fingers type."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _SWITCHES or word.startswith("--home="):
            front.append(word)
        elif word == "--home":
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest
