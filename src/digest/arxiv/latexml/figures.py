"""What is found in a figure → figures, tables and code with their captions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from digest.arxiv.latexml.flow import Caption
from digest.document import Block, Code, Figure, Table


def captioned(found: Sequence[Block | Caption]) -> list[tuple[Caption | None, list[Block]]]:
    """Each caption with its blocks; with several, captions stand all above what they tell of or all below it."""
    captions = sum(isinstance(one, Caption) for one in found)
    if captions < 2:
        caption = next((one for one in found if isinstance(one, Caption)), None)
        return [(caption, [one for one in found if not isinstance(one, Caption)])]
    above = isinstance(found[0], Caption)
    groups: list[tuple[Caption | None, list[Block]]] = []
    blocks: list[Block] = []
    for one in found:
        if not isinstance(one, Caption):
            blocks.append(one)
        elif above:
            blocks = []
            groups.append((one, blocks))
        else:
            groups.append((one, blocks))
            blocks = []
    if blocks and not above:
        groups.append((None, blocks))
    return groups


def figured(caption: Caption | None, blocks: list[Block], anchor: str) -> list[Block]:
    """A figure of what was found in one: its only table or code itself, else a figure around it."""
    label, line = (caption.label, caption.line) if caption else ("", ())
    whole = blocks[0] if len(blocks) == 1 else None
    if isinstance(whole, Table | Code) and not whole.label and not whole.caption:
        return [msgspec.structs.replace(whole, anchor=anchor or whole.anchor, label=label, caption=line)]
    pictures = [
        block for block in blocks if isinstance(block, Figure) and not (block.label or block.caption or block.blocks)
    ]
    if len(pictures) == len(blocks):
        images = tuple(image for block in pictures for image in block.images)
        if not (label or line or images):
            return []
        return [Figure(anchor=anchor, label=label, caption=line, images=images)]
    if isinstance(whole, Figure) and not (label or line):
        return [whole]
    return [Figure(anchor=anchor, label=label, caption=line, blocks=tuple(blocks))]
