"""A vector index in one file: rows that are only appended, and exact search by products of blocks.

The file is a header and blocks of ``ROWS`` rows. A block has three regions: entries (key, and a CRC-32 over the row's
number, key, vector and payload), vectors (float32, little-endian) and payloads. A region begins at a multiple of
``GRANULE``, so that a block is mapped by itself on any system and its vectors go to BLAS without a copy; at most one block
is mapped at a time, which bounds resident memory whatever the file's size.

A row is there when its CRC holds: whatever part of an append reached the disk, and in whatever order, no half row counts.
A block is begun only once the one before is synced, so that opening looks at the last block alone. The first row whose CRC
fails ends the file. What is behind it was never promised; the next writer cuts it, a reader leaves it alone.

One process writes at a time (its caller's lock sees to that); others may read meanwhile, and see the rows of when they
opened the file.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from itertools import islice, pairwise
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from digest.backends import product
from digest.backends.product import KEY_BYTES, Bytes, Piece, Rows, Vectors, checked_rows, checked_vectors, key_array
from digest.errors import IndexFault
from digest.ports import Facts, Filter

ROWS = 4096
"""Of a block. A block's vectors of 384 dimensions are 6 MB: large enough for BLAS, small enough for a cache."""

KEYS = 1 << 18
"""Of a filter's that are looked up at a time."""

GRANULE = 1 << 16  # what Windows asks of the offset of a mapping; a multiple of any page
MAGIC = b"digestVF"
VERSION = 1
_HEADER = struct.Struct("<8s5I")  # magic, version, dimensions, width, rows of a block, bytes of the recipe that follows
_CRC = struct.Struct("<I")
_ENTRY = np.dtype([("key", "u1", (KEY_BYTES,)), ("check", "<u4")])
_FLOAT = np.dtype("<f4")


class VectorFile:
    """See ``digest.ports.VectorIndex``. The file is made by the first ``add``.

    *recipe* names what makes the vectors; it is written in the file, and a file of another recipe, other *dimensions* or
    another *width* of payload is refused. *select* tells the keys that fit a filter, keys without a row among them or
    not: the catalogue beside the file knows, and ``describe`` has nothing to do.

    Rows that are read, and those that ``nearest`` names, are held against their CRC; a damaged one raises IndexFault.
    ``keys`` and ``near`` believe the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        recipe: str,
        dimensions: int,
        width: int,
        select: Callable[[Filter], Iterable[bytes]],
        block_rows: int = ROWS,
    ) -> None:
        """*block_rows* is for a new file; a file that exists says its own."""
        self._file: FileIO | None = None
        self.path = path
        self.recipe = recipe
        self.select = select
        self._layout = Layout(dimensions, width, block_rows)
        self._count = 0
        self._clean = False  # nothing is behind the rows, and the file is open for writing
        self._lookup: tuple[NDArray[np.uint64], Rows] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        if self._file:
            self._file.close()
        self._file, self._count, self._clean, self._lookup = None, 0, False, None

    @property
    def count(self) -> int:
        """Of rows."""
        self._open()
        return self._count

    # --- the port ---

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        asked = list(keys)
        return {key for key, row in zip(asked, self._find(key_array(asked)), strict=True) if row < 0}

    def add(self, keys: Sequence[bytes], vectors: Vectors, payloads: Bytes) -> None:
        """Raises ValueError for vectors that are no unit vectors, and for shapes that do not fit."""
        told = key_array(keys)
        vectors, payloads = checked_rows(keys, vectors, payloads, self._layout.dimensions, self._layout.width)
        fresh = np.flatnonzero(self._find(told) < 0)
        first = {keys[position]: position for position in fresh[::-1].tolist()}
        fresh = np.array(sorted(first.values()), dtype=np.int64)
        while len(fresh):
            count = self._writable()
            room = self._layout.rows - count % self._layout.rows
            now, fresh = fresh[:room], fresh[room:]
            self._append(told[now], vectors[now], payloads[now])

    def rows(self, keys: Sequence[bytes]) -> Rows:
        found = self._find(key_array(keys))
        if (found < 0).any():
            raise KeyError(keys[int(np.argmin(found))])
        return found

    def keys(self, rows: Rows) -> list[bytes]:
        joined = self._keys(self._known(rows)).tobytes()
        return [joined[start : start + KEY_BYTES] for start in range(0, len(joined), KEY_BYTES)]

    def read(self, rows: Rows) -> tuple[Vectors, Bytes]:
        rows = self._known(rows)
        vectors = np.empty((len(rows), self._layout.dimensions), dtype=np.float32)
        payloads = np.empty((len(rows), self._layout.width), dtype=np.uint8)
        for number, places in self._by_block(rows):
            block = self._block(number).take(rows[places] % self._layout.rows)
            damaged = np.flatnonzero(block.checks(rows[places]) != block.entries["check"])
            if len(damaged):
                raise self._damage(int(rows[places][damaged[0]]))
            vectors[places], payloads[places] = block.vectors, block.payloads
        return vectors, payloads

    def near(self, vectors: Vectors, floor: float) -> tuple[Rows, Rows, Vectors]:
        queries = checked_vectors(vectors, self._layout.dimensions)
        return product.near(self._pieces(None), queries, floor, self._damage)

    def nearest(self, vectors: Vectors, limit: int, among: Filter | None = None) -> list[tuple[Rows, Vectors]]:
        queries = checked_vectors(vectors, self._layout.dimensions)
        selected = self._selected(among) if among else None
        limit = max(0, min(limit, self.count if selected is None else len(selected)))
        answers = product.nearest(self._pieces(selected), queries, limit, self._damage)
        self._hold_against_their_checks(np.concatenate([np.empty(0, dtype=np.int64), *(rows for rows, _ in answers)]))
        return answers

    def describe(self, facts: Iterable[Facts]) -> None:
        """Nothing to do: ``select`` answers for the catalogue."""

    def verify(self) -> Rows:
        """The damaged rows, rising; the whole file is read. What to do about them: delete the file."""
        damaged = [np.empty(0, dtype=np.int64)]
        for number in range(-(-self.count // self._layout.rows)):
            block = self._block(number)
            rows = np.arange(len(block.entries)) + number * self._layout.rows
            damaged.append(rows[block.checks(rows) != block.entries["check"]])
        return np.concatenate(damaged)

    # --- rows by key ---

    def _find(self, keys: Bytes) -> Rows:
        """Rows of keys, shape (n, 32); -1 where there is none."""
        found = np.full(len(keys), -1, dtype=np.int64)
        prefixes, rows = self._prefixes()
        wanted = _prefixes_of(keys)
        at = np.searchsorted(prefixes, wanted)
        left = np.arange(len(keys))
        while True:
            left = left[at[left] < len(prefixes)]
            left = left[prefixes[at[left]] == wanted[left]]
            if not len(left):
                return found
            candidates = rows[at[left]]
            same = (self._keys(candidates) == keys[left]).all(axis=1)
            found[left[same]] = candidates[same]
            left = left[~same]
            at[left] += 1

    def _prefixes(self) -> tuple[NDArray[np.uint64], Rows]:
        """The first eight bytes of all keys, sorted, and their rows: 16 bytes a row, where whole keys would be 40."""
        if self._lookup is None:
            prefixes = np.empty(self.count, dtype=np.uint64)
            for number in range(-(-self.count // self._layout.rows)):
                keys = self._entries(number)["key"]
                start = number * self._layout.rows
                prefixes[start : start + len(keys)] = _prefixes_of(keys)
            order = np.argsort(prefixes, kind="stable")
            self._lookup = prefixes[order], order
        return self._lookup

    def _keys(self, rows: Rows) -> Bytes:
        keys = np.empty((len(rows), KEY_BYTES), dtype=np.uint8)
        for number, places in self._by_block(rows):
            keys[places] = self._entries(number)["key"][rows[places] % self._layout.rows]
        return keys

    def _selected(self, among: Filter) -> Rows:
        """The rows that fit a filter, rising."""
        keys, found = iter(self.select(among)), [np.empty(0, dtype=np.int64)]
        while some := list(islice(keys, KEYS)):
            rows = self._find(key_array(some))
            found.append(rows[rows >= 0])
        return np.unique(np.concatenate(found))

    def _known(self, rows: Rows) -> Rows:
        rows = np.asarray(rows, dtype=np.int64)
        if len(rows) and not (rows.min() >= 0 and rows.max() < self.count):
            raise IndexError(f"{self.path}: has rows 0 to {self.count - 1}, asked for {rows.min()} to {rows.max()}")
        return rows

    # --- search ---

    def _pieces(self, selected: Rows | None) -> Iterator[Piece]:
        if selected is None:
            for number in range(-(-self.count // self._layout.rows)):
                vectors = self._vectors(number, whole=True)
                yield Piece(np.arange(len(vectors)) + number * self._layout.rows, vectors)
        else:
            for number, places in self._by_block(selected):
                whole = len(places) > self._layout.rows // 8  # reading on then costs less than a fault for each page
                vectors = self._vectors(number, whole=whole)
                yield Piece(selected[places], vectors[selected[places] % self._layout.rows])

    def _hold_against_their_checks(self, rows: Rows) -> None:
        rows = np.unique(rows)
        for start in range(0, len(rows), ROWS):
            self.read(rows[start : start + ROWS])

    def _damage(self, row: int) -> IndexFault:
        return IndexFault(
            f"{self.path}: row {row} is damaged, the disk gave back other bytes than were written; "
            f"delete the file (all of it can be computed again) and look at the disk"
        )

    # --- the file ---

    def _open(self) -> FileIO | None:
        """The file at hand, or None when nobody made it yet."""
        if self._file is None and self.path.exists():
            try:
                self._file = FileIO(self.path, "rb")
                self._layout = self._read_header(self._file)
                self._count = self._end()
            except OSError as error:
                self.close()
                raise self._fault(error) from error
            except IndexFault:
                self.close()
                raise
        return self._file

    def _writable(self) -> int:
        """The number of rows, once the file is there, open for writing, and nothing is behind its rows."""
        if not self._clean:
            try:
                if self._open() is None:
                    self._make()
                self._for_writing()
                self._cut()
            except OSError as error:
                raise self._fault(error) from error
            self._clean = True
        return self._count

    def _make(self) -> None:
        """A file of no rows, whole or not there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(self.path.name + ".new")
        with FileIO(draft, "wb") as file:
            _write(file, 0, self._layout.header(self.recipe).ljust(GRANULE, b"\0"))
            _sync(file)
        draft.replace(self.path)
        if sys.platform != "win32":  # which brings new names to the disk by itself
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _for_writing(self) -> None:
        if self._file:
            self._file.close()
        self._file = FileIO(self.path, "r+b")

    def _cut(self) -> None:
        """Let nothing be behind the rows: entries there could come to count once a row before them is written."""
        file, layout = cast("FileIO", self._file), self._layout
        number, inside = divmod(self._count, layout.rows)
        if inside:
            behind = layout.at(number) + inside * _ENTRY.itemsize
            length = (layout.rows - inside) * _ENTRY.itemsize
            file.seek(behind)
            if any(file.read(length)):
                _write(file, behind, bytes(length))
        end = layout.at(number) + (layout.length(inside) if inside else 0)
        if os.fstat(file.fileno()).st_size > end:
            _truncate(file, end)
        _sync(file)

    def _append(self, keys: Bytes, vectors: Vectors, payloads: Bytes) -> None:
        """Rows into the last block, which has room for them."""
        file, layout = cast("FileIO", self._file), self._layout
        number, inside = divmod(self._count, layout.rows)
        rows = np.arange(len(keys)) + self._count
        block = Block(np.empty(len(keys), dtype=_ENTRY), vectors.astype(_FLOAT, copy=False), payloads)
        block.entries["key"] = keys
        block.entries["check"] = block.checks(rows)
        self._clean = False
        try:
            at = layout.at(number)
            _write(file, at + layout.vectors_at + inside * layout.vector_bytes, block.vectors.tobytes())
            _write(file, at + layout.payloads_at + inside * layout.width, payloads.tobytes())
            _write(file, at + inside * _ENTRY.itemsize, block.entries.tobytes())
            _sync(file)
        except OSError as error:
            raise self._fault(error) from error
        self._clean = True
        prefixes, known = self._prefixes()
        self._count += len(keys)
        added = _prefixes_of(keys)
        order = np.argsort(added, kind="stable")
        at_prefix = np.searchsorted(prefixes, added[order], side="right")
        self._lookup = np.insert(prefixes, at_prefix, added[order]), np.insert(known, at_prefix, rows[order])

    def _read_header(self, file: FileIO) -> Layout:
        head = file.read(GRANULE) or b""
        try:
            magic, version, dimensions, width, rows, length = _HEADER.unpack_from(head)
            end = _HEADER.size + length
            whole = crc32(head[:end]) == _CRC.unpack_from(head, end)[0] and magic == MAGIC and rows > 0
        except struct.error:
            whole = False
        if not whole or len(head) < GRANULE:
            raise IndexFault(f"{self.path}: is no vector file, or its beginning is damaged; delete it, or move it away")
        if version != VERSION:
            raise IndexFault(f"{self.path}: has format {version}, this digest knows {VERSION}; update digest")
        found = (head[_HEADER.size : end].decode("utf-8", "replace"), dimensions, width)
        wanted = (self.recipe, self._layout.dimensions, self._layout.width)
        if found != wanted:
            told = "{!r} ({} dimensions, {} bytes of payload)"
            raise IndexFault(
                f"{self.path}: holds vectors of {told.format(*found)}, wanted are those of {told.format(*wanted)}; "
                f"set the model back, or delete the file (what is needed is computed again)"
            )
        return Layout(dimensions, width, rows)

    def _end(self) -> int:
        """The number of rows up to the first whose CRC fails, in the last block that has any."""
        layout = self._layout
        size = os.fstat(cast("FileIO", self._file).fileno()).st_size
        for number in reversed(range(-(-(size - GRANULE) // layout.block))):
            block = self._block(number, layout.complete(size - layout.at(number)))
            rows = np.arange(len(block.entries)) + number * layout.rows
            if len(rows) and block.check_of(0, int(rows[0])) == block.entries["check"][0]:
                wrong = np.flatnonzero(block.checks(rows) != block.entries["check"])
                return int(rows[wrong[0]]) if len(wrong) else int(rows[-1]) + 1
        return 0

    def _by_block(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        """Numbers of blocks, rising, each with the places in *rows* of its rows."""
        order = np.argsort(rows, kind="stable")
        blocks = rows[order] // self._layout.rows
        bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(rows)] if len(rows) else [0]
        for begin, end in pairwise(bounds):
            yield int(blocks[begin]), order[begin:end]

    def _rows_of(self, number: int) -> int:
        return min(self._layout.rows, self._count - number * self._layout.rows)

    def _block(self, number: int, count: int | None = None) -> Block:
        layout, count = self._layout, self._rows_of(number) if count is None else count
        if not count:
            return Block(np.empty(0, _ENTRY), np.empty((0, layout.dimensions), _FLOAT), np.empty((0, 0), np.uint8))
        area = self._map(layout.at(number), layout.length(count))
        vectors = np.frombuffer(area, _FLOAT, count * layout.dimensions, layout.vectors_at)
        payloads = np.frombuffer(area, np.uint8, count * layout.width, layout.payloads_at if layout.width else 0)
        return Block(
            np.frombuffer(area, _ENTRY, count),
            vectors.reshape(count, layout.dimensions),
            payloads.reshape(count, layout.width),
        )

    def _entries(self, number: int) -> NDArray[np.void]:
        count = self._rows_of(number)
        return np.frombuffer(self._map(self._layout.at(number), count * _ENTRY.itemsize), _ENTRY, count)

    def _vectors(self, number: int, *, whole: bool) -> Vectors:
        layout, count = self._layout, self._rows_of(number)
        area = self._map(layout.at(number) + layout.vectors_at, count * layout.vector_bytes, whole=whole)
        return np.frombuffer(area, _FLOAT).reshape(count, layout.dimensions)

    def _map(self, offset: int, length: int, *, whole: bool = False) -> mmap.mmap:
        """A mapping that goes with the last array over it; *whole* when all of it will be read."""
        number = cast("FileIO", self._file).fileno()
        try:
            if whole and sys.platform == "linux":
                flags = mmap.MAP_SHARED | mmap.MAP_POPULATE  # one call in place of a fault for each few pages
                return mmap.mmap(number, length, flags=flags, prot=mmap.PROT_READ, offset=offset)
            return mmap.mmap(number, length, access=mmap.ACCESS_READ, offset=offset)
        except ValueError as error:
            raise IndexFault(f"{self.path}: became shorter while it was read; start again") from error
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: OSError) -> IndexFault:
        return IndexFault(f"{self.path}: {error.strerror or error}; what was added before is safe")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are, in bytes."""

    dimensions: int
    width: int
    rows: int

    @property
    def vector_bytes(self) -> int:
        return self.dimensions * _FLOAT.itemsize

    @property
    def vectors_at(self) -> int:
        return _aligned(self.rows * _ENTRY.itemsize)

    @property
    def payloads_at(self) -> int:
        return self.vectors_at + _aligned(self.rows * self.vector_bytes)

    @property
    def block(self) -> int:
        return self.payloads_at + _aligned(self.rows * self.width)

    def at(self, number: int) -> int:
        """Where a block begins in the file."""
        return GRANULE + number * self.block

    def length(self, count: int) -> int:
        """Of a block up to the end of its row *count*, all regions of it."""
        return self.payloads_at + count * self.width if self.width else self.vectors_at + count * self.vector_bytes

    def complete(self, length: int) -> int:
        """How many rows have all their bytes in the first *length* of a block."""
        if self.width:
            return max(0, min(self.rows, (length - self.payloads_at) // self.width))
        return max(0, min(self.rows, (length - self.vectors_at) // self.vector_bytes))

    def header(self, recipe: str) -> bytes:
        name = recipe.encode()
        head = _HEADER.pack(MAGIC, VERSION, self.dimensions, self.width, self.rows, len(name)) + name
        if len(head) + _CRC.size > GRANULE:
            raise ValueError(f"a recipe of {len(name)} bytes is too long for a header")
        return head + _CRC.pack(crc32(head))


class Block(NamedTuple):
    """Some rows of one block."""

    entries: NDArray[np.void]
    vectors: Vectors
    payloads: Bytes

    def take(self, places: Rows) -> Block:
        return Block(self.entries[places], self.vectors[places], self.payloads[places])

    def check_of(self, place: int, row: int) -> int:
        # With the row's number, bytes that are right but in another row's place do not count.
        check = crc32(self.entries["key"][place], crc32(row.to_bytes(8, "little")))
        return crc32(self.payloads[place], crc32(self.vectors[place], check))

    def checks(self, rows: Rows) -> NDArray[np.uint32]:
        checks = (self.check_of(place, row) for place, row in enumerate(rows.tolist()))
        return np.fromiter(checks, dtype=np.uint32, count=len(rows))


def _prefixes_of(keys: Bytes) -> NDArray[np.uint64]:
    return np.ascontiguousarray(keys[:, :8]).view("<u8")[:, 0].astype(np.uint64, copy=False)


def _write(file: FileIO, offset: int, data: bytes) -> None:
    file.seek(offset)
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _truncate(file: FileIO, length: int) -> None:
    file.truncate(length)


def _sync(file: FileIO) -> None:
    os.fsync(file.fileno())


def _aligned(length: int) -> int:
    return -(-length // GRANULE) * GRANULE
