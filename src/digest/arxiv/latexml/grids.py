"""Rows of cells that may span several → a grid in which every cell has its row and its column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bs4 import Tag

from digest.arxiv.latexml.flow import flat
from digest.arxiv.latexml.markup import elements, is_a
from digest.document import Block, Cell, Code, Figure, List, Table

LARGEST: Final = 200_000
"""Cells of one table; in a larger one none spans another."""

_ROWS: Final = ("ltx_tr", "ltx_eqn_row")
_GROUPS: Final = ("ltx_thead", "ltx_tbody", "ltx_tfoot")
_EMPTY: Final = Cell(())


class Given(NamedTuple):
    """A cell as the markup has it."""

    blocks: tuple[Block, ...]
    is_header: bool
    heads_column: bool
    rows: int
    columns: int


class Row(NamedTuple):
    cells: list[Given]
    in_head: bool


def rows_of(table: Tag) -> Iterator[tuple[Tag, bool]]:
    """Its rows in order, those of tables inside it left out; and whether each is in the table's head."""
    for child in elements(table):
        if _is_row(child):
            yield child, False
        elif child.name in ("thead", "tbody", "tfoot") or is_a(child, *_GROUPS):
            in_head = child.name == "thead" or is_a(child, "ltx_thead")
            yield from ((row, in_head) for row in elements(child) if _is_row(row))


def _is_row(element: Tag) -> bool:
    return element.name == "tr" or is_a(element, *_ROWS)


def is_cell(element: Tag) -> bool:
    return element.name in ("td", "th") or is_a(element, "ltx_td", "ltx_th", "ltx_eqn_cell")


def is_layout(rows: Sequence[Row]) -> bool:
    """Whether a table only puts things beside or above each other that are no cells: tables, lists, code."""
    single = len(rows) == 1 or all(len(row.cells) <= 1 for row in rows)
    return single and any(_is_rich(block) for row in rows for cell in row.cells for block in cell.blocks)


def _is_rich(block: Block) -> bool:
    if isinstance(block, Table):
        return len(block.rows) > 1 and len(block.rows[0]) > 1
    return isinstance(block, List | Code) or (isinstance(block, Figure) and bool(block.label or block.blocks))


def grid(rows: Sequence[Row]) -> tuple[tuple[Cell, ...], ...]:
    """A grid by HTML's rules: a cell stands in the first free column of its row; what it spans repeats it."""
    asked = sum(min(cell.rows, len(rows)) * cell.columns for row in rows for cell in row.cells)
    taken: list[dict[int, Cell]] = [{} for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for given in row.cells:
            while column in taken[number]:
                column += 1
            cell = Cell(flat(given.blocks), given.is_header)
            copy = Cell(cell.line, cell.header, True)
            down, across = (given.rows, given.columns) if asked <= LARGEST else (1, 1)
            for below in range(number, min(number + down, len(rows))):
                for beside in range(column, column + across):
                    taken[below].setdefault(beside, copy)
            taken[number][column] = cell
            column += across
    width = max((max(row, default=-1) + 1 for row in taken), default=0)
    return tuple(tuple(row.get(column, _EMPTY) for column in range(width)) for row in taken)


def headers(rows: Sequence[Row]) -> int:
    """How many leading rows are headers: those of the head, and those in which all that is said heads a column."""
    count = 0
    while count < len(rows) - 1 and (rows[count].in_head or _heads(rows[count])):
        count += 1
    return count


def _heads(row: Row) -> bool:
    said = [cell for cell in row.cells if cell.blocks]
    return bool(said) and all(cell.heads_column for cell in said)
