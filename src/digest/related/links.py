"""Which related papers a note shows."""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Neighbour, PaperId


def accepted(own: Sequence[Neighbour], naming: Sequence[Neighbour], *, room: int) -> tuple[PaperId, ...]:
    """The papers that a note has room for, at most *room*, in this order.

    First those of its *own* nearest that have it among theirs too (they are in *naming*), then its other nearest, then
    the others that name it; each by falling score, ties by identifier. A link stands where both notes have room for it:
    so it is on both or on none, and no note is linked from more than *room*.
    """
    mine, theirs = {n.id for n in own}, {n.id for n in naming}

    def order(neighbour: Neighbour) -> tuple[bool, bool, float, PaperId]:
        return neighbour.id not in mine & theirs, neighbour.id not in mine, -neighbour.score, neighbour.id

    near = {neighbour.id: neighbour for neighbour in (*own, *naming)}
    return tuple(n.id for n in sorted(near.values(), key=order)[:room])
