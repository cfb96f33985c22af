"""Settings → concrete parts; the only place that names classes. A part is made when it is first asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import digest
from digest import taxonomy
from digest.catalogue.store import Catalogue
from digest.config import Settings, is_loopback, taxonomy_file
from digest.errors import SourceError
from digest.model import PaperId, Teller, Topic, Verdict
from digest.pipeline.values import FeedAnswer, FeedMark, KeywordRules, RelatedRules, TextRules, WriterRules

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digest.arxiv.api import Lookup
    from digest.arxiv.html import HtmlAnswer
    from digest.arxiv.listing import Listing
    from digest.arxiv.oai import OaiPage
    from digest.arxiv.raw import RawStore
    from digest.arxiv.session import PoliteSession, Session
    from digest.catalogue.views import Views
    from digest.identifiers import Identifier
    from digest.keywords.background import Background
    from digest.keywords.extract import Extractor
    from digest.pipeline.parts import Topics
    from digest.ports import Embedder, Enricher, Progress, VectorIndex, Writer
    from digest.render.names import Preset
    from digest.render.renderer import Renderer
    from digest.summary.choose import Summariser
    from digest.topics.taxonomy import Taxonomy
    from digest.vault import Vault


def quiet(doing: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, kw_only=True)
class Arxiv:
    """arXiv by our polite session; see ``digest.pipeline.parts.Source``."""

    settings: Settings
    session: Session
    categories: tuple[str, ...]

    def feed(self, *, unless: FeedMark) -> FeedAnswer:
        from digest.arxiv import batch

        url, known = self.settings.arxiv.feed_url, unless.fingerprint
        answer = batch.ask(self.session, url, self.categories, known=known, validators=unless.validators)
        if answer.unchanged:
            return FeedAnswer(mark=unless, feed=None)
        mark = FeedMark(fingerprint=batch.fingerprint(answer.body), validators=answer.validators)
        if mark.fingerprint == known:
            return FeedAnswer(mark=mark, feed=None)
        from digest.arxiv import feed

        return FeedAnswer(mark=mark, feed=feed.read(answer, self.categories))

    def harvest(self, since: date, *, witnessed: Collection[str]) -> Iterator[OaiPage]:
        faults: list[SourceError] = []
        for oai_set in taxonomy.oai_sets(self.categories):
            try:
                yield from self.records(oai_set, since)
            except SourceError as error:
                if error.verdict is not Verdict.EMPTY_UNEXPECTED or taxonomy.within(oai_set, self.categories) & set(
                    witnessed
                ):
                    faults.append(error)
        if faults:
            raise faults[0]

    def records(self, oai_set: str, since: date) -> Iterator[OaiPage]:
        from digest.arxiv import oai

        yield from oai.harvest(self.session, self.settings.arxiv.oai_url, oai_set=oai_set, since=since)

    def listing(self, category: str, day: date | None) -> Listing:
        from digest.arxiv import listing

        site = self.settings.arxiv.site_url
        return (
            listing.new(self.session, site, category)
            if day is None
            else listing.catchup(self.session, site, category, day)
        )

    def lookup(self, ids: Sequence[Identifier]) -> Lookup:
        from digest.arxiv import api

        return api.lookup(self.session, self.settings.arxiv.api_url, ids)

    def full_text(self, paper: PaperId, version: int) -> HtmlAnswer:
        from digest.arxiv import html

        site, floor = self.settings.arxiv.site_url, self.settings.fulltext.floor
        return html.fetch(self.session, site, paper, version, floor=floor)

    @property
    def requests_made(self) -> int:
        return self.session.requests_made


class Assembly:
    """The parts of one workspace; see ``digest.pipeline.parts.Parts``."""

    def __init__(
        self, home: Path, settings: Settings, progress: Progress = quiet, *, replay: int | None = None
    ) -> None:
        """With *replay*, the answers that were kept of that run stand in for arXiv."""
        self.home = home
        self.settings = settings
        self.progress = progress
        self.replay = replay

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what was opened."""
        for name in ("index", "catalogue"):
            if name in self.__dict__:
                getattr(self, name).close()

    @property
    def vault_root(self) -> Path:
        return (self.home / self.settings.vault.path).resolve()

    @property
    def state(self) -> Path:
        return self.home / "state"

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(taxonomy.canonical(category) for category in self.settings.arxiv.categories))

    @property
    def key_points(self) -> int:
        return self.settings.summary.key_points

    @cached_property
    def keyword_rules(self) -> KeywordRules:
        from digest.keywords.ban import banned_terms
        from digest.keywords.canonical import key

        rules = self.settings.keywords
        return KeywordRules(
            budget=rules.budget,
            max_broad=rules.max_broad,
            max_orphans=rules.max_orphans,
            threshold=rules.threshold,
            banned=frozenset(map(key, {*banned_terms(), *rules.ban})),
        )

    @property
    def preset(self) -> Preset:
        return self.settings.vault.preset

    @property
    def author_pages(self) -> bool:
        return self.settings.vault.author_pages

    @property
    def related_rules(self) -> RelatedRules:
        rules = self.settings.related
        return RelatedRules(limit=rules.limit, floor=rules.floor, shown=rules.shown)

    @property
    def text_rules(self) -> TextRules:
        return TextRules(mode=self.settings.fulltext.mode, nightly=self.settings.fulltext.nightly)

    @cached_property
    def source(self) -> Arxiv:
        return Arxiv(settings=self.settings, session=self.session, categories=self.categories)

    @cached_property
    def session(self) -> Session:
        """The one connection to arXiv, every answer of which is kept; or a recording in its place."""
        from digest.arxiv.raw import RecordingSession, ReplaySession

        if self.replay is not None:
            return ReplaySession(self.answers, self.replay)
        return RecordingSession(self._polite_session(), self.answers, self.catalogue.next_run())

    @cached_property
    def answers(self) -> RawStore:
        from digest.arxiv.raw import RawStore

        return RawStore(self.state / "answers")

    def _polite_session(self) -> PoliteSession:
        from digest.arxiv.session import PoliteSession

        arxiv = self.settings.arxiv
        return PoliteSession(
            user_agent=self._user_agent,
            state_dir=self._user_state,
            request_interval=arxiv.request_interval,
            page_interval=arxiv.request_interval if is_loopback(arxiv.site_url) else arxiv.page_interval,
            on_wait=lambda message: self.progress(message, 0, 0),
        )

    @property
    def _user_agent(self) -> str:
        contact = f"; +mailto:{self.settings.arxiv.contact}" if self.settings.arxiv.contact else ""
        return f"digest/{digest.__version__} (arXiv for Obsidian{contact})"

    @property
    def _user_state(self) -> Path:
        import platformdirs

        return Path(platformdirs.user_state_dir("digest"))

    @property
    def enrichers(self) -> Mapping[Teller, Callable[[], Enricher]]:
        if self.replay is not None:
            return {}
        return {teller: partial(self._enricher, teller) for teller in Teller if getattr(self.settings.outside, teller)}

    @property
    def nightly(self) -> int:
        return self.settings.outside.nightly

    def _enricher(self, teller: Teller) -> Enricher:
        from digest.arxiv.session import OTHERS, PoliteSession
        from digest.backends.enrichers import enricher

        outside = self.settings.outside
        interval = 0.0 if is_loopback(getattr(outside, f"{teller}_url")) else OTHERS.floor
        web = PoliteSession(
            user_agent=self._user_agent,
            state_dir=self._user_state,
            request_interval=interval,
            page_interval=interval,
            on_wait=lambda message: self.progress(message, 0, 0),
            attempts=3,
            deadline=outside.seconds,
            timeouts=(10.0, 60.0),
            manners=OTHERS,
            budget=outside.seconds,
        )
        key = os.environ.get(getattr(outside, f"{teller}_key", ""), "").strip()
        return enricher(teller, web, getattr(outside, f"{teller}_url"), key)

    def expire_answers(self, now: datetime) -> None:
        """Delete kept answers that are older than the settings want; under the workspace's lock."""
        self.answers.expire(self.settings.arxiv.keep_answers, now)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.state / "catalogue.sqlite3")

    @cached_property
    def extractor(self) -> Extractor:
        from digest.keywords.extract import Extractor

        return Extractor.load()

    @cached_property
    def background(self) -> Background:
        from digest.keywords.background import Background

        return Background.load()

    @cached_property
    def summariser(self) -> Summariser:
        from digest.summary.choose import Summariser

        return Summariser.load()

    @cached_property
    def writer(self) -> Writer | None:
        llm = self.settings.llm
        if not llm.base_url or not llm.tasks:
            return None
        from digest.backends.llm import ChatServer

        return ChatServer(
            base_url=llm.base_url,
            model=llm.model,
            key=os.environ.get(llm.api_key_env, "").strip() if llm.api_key_env else "",
            proxied=not is_loopback(llm.base_url),
            timeout=llm.timeout,
        )

    @cached_property
    def writer_rules(self) -> WriterRules:
        llm = self.settings.llm
        return WriterRules(
            tasks=frozenset(llm.tasks),
            language=llm.language,
            named=_language_name(llm.language),
            minutes=llm.nightly_minutes,
            tokens=llm.nightly_tokens,
            cost=llm.nightly_cost,
            price_prompt=llm.price_prompt,
            price_answer=llm.price_answer,
        )

    @cached_property
    def topics(self) -> Topics | None:
        """What the settings ask for. Raises ConfigError when a reader's taxonomy cannot be read."""
        if self.settings.topics.taxonomy == "off":
            return None
        own = taxonomy_file(self.settings, self.home)
        if own is None:
            from digest.topics.assign import ShippedTopics

            return ShippedTopics.load()
        from digest.topics.named import NamedTopics
        from digest.topics.taxonomy import load

        taxonomy = load(own)
        return NamedTopics(taxonomy, partial(self._name_vectors, taxonomy), self.embedder.embed, self.embedder.name)

    def _name_vectors(self, taxonomy: Taxonomy) -> NDArray[np.float32]:
        """The vectors of the topics' names, kept in the state folder; others than these are made anew."""
        from digest.topics.named import names_of
        from digest.topics.vectors import kept

        return kept(self.state / "topics.npz", names_of(taxonomy), self.embedder)

    def _shown_topics(self, found: Sequence[Topic], listed: Collection[str]) -> tuple[Topic, ...]:
        from digest.topics.assign import shown

        rules = self.settings.topics
        return shown(found, listed, threshold=rules.threshold, limit=rules.limit)

    @cached_property
    def embedder(self) -> Embedder:
        from digest.backends.embedder import embedder

        wanted = self.settings.embedding
        return embedder(wanted.model, wanted.runtime, self.state, self.progress)

    @property
    def text_recipe(self) -> str:
        from digest.related import lexical

        return f"{self.embedder.name} {lexical.RECIPE}"

    @property
    def link_recipe(self) -> str:
        from digest.related import score

        rules = self.related_rules
        return f"{self.text_recipe} {score.RECIPE} {rules.limit} {rules.floor:g} {rules.shown}"

    @cached_property
    def index(self) -> VectorIndex:
        from digest.related import lexical

        recipe, dimensions, width = self.text_recipe, self.embedder.dimensions, lexical.WIDTH
        if self.settings.related.index == "postgres":
            from digest.backends.postgres import PostgresIndex

            return PostgresIndex(self.settings.related.index_url, recipe=recipe, dimensions=dimensions, width=width)
        from digest.backends.vector_file import VectorFile

        return VectorFile(
            self.state / f"{re.sub(r'[^A-Za-z0-9.]+', '-', recipe)}.vectors",
            recipe=recipe,
            dimensions=dimensions,
            width=width,
            select=self.catalogue.relations.select,
        )

    @cached_property
    def views(self) -> Views:
        from digest.arxiv.schedule import is_announcement_day
        from digest.catalogue.views import Views
        from digest.pipeline.lately import trends_of
        from digest.pipeline.llm import accounts
        from digest.related.spread import Shares
        from digest.summary.definitions import definition

        return Views(
            self.catalogue,
            summary_recipe=lambda: self.summariser.name,
            topics_recipe=lambda: self.topics.name if self.topics else "",
            topics=self._shown_topics,
            categories=self.categories,
            shares=lambda counts: Shares(counts).share,
            trends=partial(trends_of, self.catalogue),
            layout=self._layout,
            define=definition,
            is_scheduled=is_announcement_day,
            accounts=partial(accounts, self),
        )

    def _layout(self, papers: Sequence[PaperId]) -> dict[PaperId, tuple[int, int]]:
        from digest.pipeline.relate import places

        return places(self, papers)

    @cached_property
    def renderer(self) -> Renderer:
        from digest.render.renderer import Renderer

        preset = (shipped("templates") / "seed",) if self.preset == "seed" else ()
        return Renderer(
            templates=(self.home / "templates", *preset, shipped("templates")),
            language=self.settings.vault.language,
            keyword_metadata=self.settings.vault.keyword_metadata,
            furnished=self.settings.vault.obsidian_settings,
            canvas=self.settings.vault.canvas,
        )

    @cached_property
    def vault(self) -> Vault:
        from digest.vault import QUIET, Vault

        return Vault(self.vault_root, lambda: self.catalogue.feedback.former_paths(), quiet=QUIET)


def _language_name(tag: str) -> str:
    """A language's name in English, for who is told to write it."""
    if not tag:
        return ""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def shipped(name: str) -> Path:
    """A folder that ships with digest: inside the wheel, or at the top of a checkout."""
    package = Path(digest.__file__).parent
    inside = package / "workspace" / name
    return inside if inside.is_dir() else package.parents[1] / name
