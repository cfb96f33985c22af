"""The few Protocols between the pipeline and the parts that touch the world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digest.model import Paper, PaperId, Teller, Testimony

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Part of the cache key: another model, or the same in another precision, means other vectors."""

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector per text, in order: shape (texts, dimensions)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which papers a search is among; what is empty or None asks for nothing."""

    categories: tuple[str, ...] = ()  # the paper is in one of these at least
    since: date | None = None  # announced on this day or later
    until: date | None = None  # announced on this day or earlier

    def __bool__(self) -> bool:
        return bool(self.categories or self.since or self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What filters ask about the paper (or the papers) with a text."""

    key: bytes
    categories: tuple[str, ...]
    announced: date


class VectorIndex(Protocol):
    """Texts by a content key of 32 bytes, each with a unit vector and a payload of fixed width.

    A key has one row, which never changes and never goes. Rows have numbers, good for as long as the index is open;
    shapes below name q queries, n rows, d dimensions and w bytes of payload. Methods raise IndexFault when the index
    cannot be reached or is damaged.
    """

    @property
    def count(self) -> int:
        """Of rows."""

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of *keys* that have no row."""

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32], payloads: NDArray[np.uint8]) -> None:
        """Give each key a row, shapes (n, d) and (n, w); what is there stays as it is. It lasts when this returns."""

    def rows(self, keys: Sequence[bytes]) -> NDArray[np.int64]:
        """The row numbers of keys, in their order, shape (n,). Raises KeyError when one has none."""

    def keys(self, rows: NDArray[np.int64]) -> list[bytes]:
        """The keys of rows, in their order."""

    def read(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Vectors and payloads of rows, in their order, shapes (n, d) and (n, w)."""

    def near(
        self, vectors: NDArray[np.float32], floor: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """All pairs of a query and a row whose cosine is at or above *floor*: numbers of queries and of rows, and cosines.

        Each (pairs,), by rising query, then row. A cosine may be wrong by 1e-5, and a pair so near to the floor may be
        there or not: who needs it exact reads the rows.
        """

    def nearest(
        self, vectors: NDArray[np.float32], limit: int, among: Filter | None = None
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """For each query the rows of the highest cosine and these, at most *limit*, the highest first, ties by row.

        With a filter, only rows of which ``describe`` has told facts that fit.
        """

    def describe(self, facts: Iterable[Facts]) -> None:
        """What filters go by: for each key, what was told last. Keys without a row are told for later."""


class Enricher(Protocol):
    """A source outside arXiv that says something of papers. It is made when its work of a night begins."""

    @property
    def teller(self) -> Teller: ...

    @property
    def batch(self) -> int:
        """Papers that one call of ``ask`` may be given."""

    @property
    def first_after(self) -> int:
        """Days after its announcement before which there is no use in asking for a paper."""

    @property
    def seconds_left(self) -> float:
        """Of the time that it has in all."""

    @property
    def requests_made(self) -> int: ...

    def ask(self, papers: Sequence[Paper]) -> Mapping[PaperId, Testimony | None]:
        """What the source says of each paper: None where it does not know it.

        A paper of which it says what cannot be believed is left out. Raises SourceError when it says nothing at all,
        and when its time is spent.
        """

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a language model is asked, and the form of its answer."""

    name: str  # of the form, in letters and underscores
    system: str  # what it is to do: our words alone
    user: str  # what it is to judge: foreign text, marked as such
    schema: Mapping[str, Any]  # JSON Schema of the answer, within what constrained decoders know
    max_tokens: int  # of the answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a language model said: foreign text, of which nothing is believed yet."""

    text: str
    prompt_tokens: int | None = None  # None: the server did not say
    completion_tokens: int | None = None
    complaint: str = ""  # why it is no answer, as ``cut short``; then the text is not to be used


class Writer(Protocol):
    """A language model that judges what it is shown."""

    @property
    def name(self) -> str:
        """Part of the cache key: another model gives other answers."""

    def ask(self, question: Question, *, seconds: float) -> Reply:
        """Ask once; it takes at most *seconds*. The answer need not keep to the schema. Raises WriterFault."""
