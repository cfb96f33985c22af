"""Which related papers a note shows."""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Neighbour


def shown(own: Sequence[Neighbour], naming: Sequence[Neighbour], *, limit: int) -> tuple[tuple[Neighbour, bool], ...]:
    """A paper's own nearest, and then the papers that it is nearest to, while there is room for *limit* in all.

    So a link is on both notes, but where one side is full. Nearest first, ties by identifier; with each, whether it is
    among the paper's own nearest.
    """
    mine = {n.id for n in own}
    others = sorted((n for n in naming if n.id not in mine), key=lambda n: (-n.cosine, n.id))
    room = max(0, limit - len(own))
    chosen = [(n, True) for n in own] + [(n, False) for n in others[:room]]
    return tuple(sorted(chosen, key=lambda pair: (-pair[0].cosine, pair[0].id)))
