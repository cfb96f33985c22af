"""What the pipeline works with, as types; made by ``digest.assemble``, by need and one by one, so that a quiet night is quick."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digest import ports
from digest.catalogue.store import Catalogue
from digest.catalogue.views import Views
from digest.document import Document
from digest.model import (
    About,
    Asset,
    AuthorTopic,
    Candidate,
    CategoryTopic,
    Day,
    FormerTopic,
    Furnishing,
    Home,
    KeywordTopic,
    Note,
    Page,
    PaperId,
    Spell,
    Summary,
    Teller,
    TextNote,
    Topic,
    Written,
)
from digest.pipeline.values import FeedAnswer, FeedMark, KeywordRules, RelatedRules, TextRules, WriterRules
from digest.ports import Embedder, Enricher, Progress, VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digest.arxiv.api import Lookup
    from digest.arxiv.html import HtmlAnswer
    from digest.arxiv.listing import Listing
    from digest.arxiv.oai import OaiPage
    from digest.identifiers import Identifier
    from digest.render.names import Preset
    from digest.vault.notes import Reading


class Source(Protocol):
    """What arXiv says. All methods raise SourceError."""

    def feed(self, *, unless: FeedMark) -> FeedAnswer:
        """Today's feed of the followed categories, not parsed when it is the one of *unless*."""

    def harvest(self, since: date, *, witnessed: Collection[str]) -> Iterator[OaiPage]:
        """Every record changed since a day, page by page, of all archives of the followed categories.

        A fault of one archive is raised when the others are through. An archive that answers "no records" has a fault
        only where one of its categories is *witnessed* to have had papers: a small one may be quiet for days.
        """

    def records(self, oai_set: str, since: date) -> Iterator[OaiPage]:
        """Every record of one of ``taxonomy.oai_sets`` changed since a day, page by page, as ``oai.harvest`` has it."""

    def listing(self, category: str, day: date | None) -> Listing:
        """arXiv's page of a mailing of one category: of a day, or of the last one where *day* is None."""

    def full_text(self, paper: PaperId, version: int) -> HtmlAnswer:
        """One version of a paper as arXiv's HTML has it."""

    def lookup(self, ids: Sequence[Identifier]) -> Lookup:
        """Single papers by identifier."""

    @property
    def requests_made(self) -> int: ...


class Extractor(Protocol):
    @property
    def name(self) -> str: ...

    def candidates(self, title: str, abstract: str) -> tuple[Candidate, ...]: ...

    def in_text(self, text: Document, candidates: Sequence[Candidate]) -> dict[str, int]: ...


class Summariser(Protocol):
    @property
    def name(self) -> str: ...

    def summarise(self, title: str, abstract: str, *, key_points: int, document: Document | None = None) -> Summary: ...


class Topics(Protocol):
    """Which topics a paper is about."""

    @property
    def name(self) -> str: ...

    @property
    def needs_vector(self) -> bool: ...

    def assign(
        self, title: str, abstract: str, candidates: Sequence[Candidate], vector: NDArray[np.float32] | None, /
    ) -> tuple[Topic, ...]: ...


class Background(Protocol):
    @property
    def size(self) -> int: ...

    def counts(self, canonical: str) -> tuple[int, int, int]: ...

    def ratio(self, canonical: str) -> float: ...

    def age(self, day: date) -> float: ...


class Renderer(Protocol):
    @property
    def recipe(self) -> str: ...

    def note(self, note: Note) -> tuple[Page | Asset, ...]: ...

    def text(self, text: TextNote) -> tuple[Page | Asset, ...]: ...

    def day(self, day: Day) -> tuple[Page | Asset, ...]: ...

    def spell(self, spell: Spell) -> tuple[Page | Asset, ...]: ...

    def keyword(self, topic: KeywordTopic) -> tuple[Page | Asset, ...]: ...

    def former(self, topic: FormerTopic) -> tuple[Page | Asset, ...]: ...

    def author(self, topic: AuthorTopic) -> tuple[Page | Asset, ...]: ...

    def category(self, topic: CategoryTopic) -> tuple[Page | Asset, ...]: ...

    def home(self, home: Home) -> tuple[Page | Asset, ...]: ...

    def about(self, about: About) -> tuple[Page | Asset, ...]: ...

    def papers_base(self) -> tuple[Page | Asset, ...]: ...

    def furnishings(self) -> tuple[Furnishing, ...]: ...


class Writer(Protocol):
    """The vault."""

    def write(self, items: Sequence[Page | Asset], known: Mapping[str, str]) -> Iterator[Written]: ...

    def remove(self, known: Mapping[str, str]) -> Iterator[Written]: ...

    def rename(self, path: str, other: str, sha256: str | None = None) -> bool: ...

    def copy(self, path: str, other: str, sha256: str) -> tuple[str, str] | None: ...

    def linked(self, known: Mapping[str, str]) -> set[str]: ...

    def stamps(self, paths: Iterable[str]) -> dict[str, str]: ...

    def listed(self, path: str, name: str) -> list[str] | None: ...

    def furnish(self, furnishings: Sequence[Furnishing]) -> tuple[tuple[str, str], ...]: ...
    @property
    def is_lost(self) -> bool: ...

    def lose(self) -> None: ...

    def is_note_of(self, path: str, paper_id: str) -> bool: ...

    def read(self, path: str, known: str = "") -> Reading: ...

    def moved(self, paper_ids: Iterable[str]) -> Mapping[str, str]: ...

    def amend(self, path: str, known: str, name: str, before: object, after: object) -> Written: ...

    def pause(self) -> None: ...

    def sweep(self) -> None: ...


class Parts(Protocol):
    """A part is made when it is first asked for."""

    @property
    def state(self) -> Path:
        """The folder of what is kept outside the vault."""

    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def key_points(self) -> int: ...
    @property
    def author_pages(self) -> bool: ...
    @property
    def preset(self) -> Preset: ...
    @property
    def keyword_rules(self) -> KeywordRules: ...
    @property
    def related_rules(self) -> RelatedRules: ...
    @property
    def text_rules(self) -> TextRules: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def source(self) -> Source: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def extractor(self) -> Extractor: ...
    @property
    def background(self) -> Background: ...
    @property
    def summariser(self) -> Summariser: ...
    @property
    def writer(self) -> ports.Writer | None:
        """The language model; None where none is to be asked."""

    @property
    def writer_rules(self) -> WriterRules: ...
    @property
    def topics(self) -> Topics | None:
        """None where none are wanted."""

    @property
    def embedder(self) -> Embedder: ...
    @property
    def text_recipe(self) -> str:
        """By what texts are compared: another one, and all vectors and words are made anew."""

    @property
    def link_recipe(self) -> str:
        """By what links are made: another one, and all are made anew."""

    @property
    def index(self) -> VectorIndex: ...
    @property
    def views(self) -> Views: ...
    @property
    def enrichers(self) -> Mapping[Teller, Callable[[], Enricher]]:
        """What makes the sources outside arXiv that are switched on; none where arXiv's answers are replayed."""

    @property
    def nightly(self) -> int:
        """Papers that each of these sources may be asked for in a night."""

    @property
    def renderer(self) -> Renderer: ...
    @property
    def vault(self) -> Writer: ...
