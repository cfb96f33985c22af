"""What waits between being made and being used, however much it is: in memory while it is little, else in a file."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Generic, Self, TypeVar

from digest.errors import VaultError

IN_MEMORY = 16 * 2**20
"""Bytes that are kept in memory; with more, all go to the disk."""

Item = TypeVar("Item")


class Spool(Generic[Item]):
    """Items that are put one after the other, and then taken in that order, each once.

    The file is in *folder* and has no name: a killed run leaves none. Raises VaultError where it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder))  # noqa: SIM115  closed by __exit__
        self._items = 0
        self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._told():
            self._file.close()

    def put(self, item: Item) -> None:
        with self._told():
            pickle.dump(item, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._items += 1

    def take(self) -> Item | None:
        """The next one; None when there is none any more."""
        if self._taken == self._items:
            return None
        if not self._taken:
            with self._told():
                self._file.seek(0)
        self._taken += 1
        item: Item = pickle.load(self._file)
        return item

    def clear(self) -> None:
        """What has not been taken is not wanted any more."""
        self._taken = self._items

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = f"what is to be written could not be kept there ({error.strerror}); see to the disk"
            raise VaultError(self._folder, why) from error
