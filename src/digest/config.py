"""Settings: TOML and environment → frozen values. Read once; an unknown key is an error naming the nearest valid one."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from digest.errors import ConfigError
from digest.model import Teller

CONFIG_FILE = Path("config") / "digest.toml"
ENVIRONMENT_PREFIX = "DIGEST_"
POLITE_INTERVAL = 3.0
"""Seconds between two requests that arXiv's terms of use ask for at least."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; its fields are the only valid keys."""


class ArxivSettings(Section, frozen=True):
    categories: tuple[str, ...] = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
    contact: str = ""
    request_interval: float = POLITE_INTERVAL
    page_interval: float = 15.0
    keep_answers: int = 14
    feed_url: str = "https://rss.arxiv.org"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    api_url: str = "https://export.arxiv.org/api/query"
    site_url: str = "https://arxiv.org"


class VaultSettings(Section, frozen=True):
    path: str = "vault"
    language: str = "en"
    preset: Literal["default", "seed"] = "default"
    notes: Literal["all"] = "all"
    keyword_metadata: Literal["comment", "sidecar", "off"] = "comment"
    obsidian_settings: bool = True
    canvas: bool = False
    author_pages: bool = False


class KeywordSettings(Section, frozen=True):
    budget: int = 5
    max_broad: int = 2
    max_orphans: int = 1
    threshold: float = 0.30
    ban: tuple[str, ...] = ()


class EmbeddingSettings(Section, frozen=True):
    model: str = "all-MiniLM-L6-v2"
    runtime: Literal["auto", "sentence-transformers", "openvino"] = "auto"


class RelatedSettings(Section, frozen=True):
    limit: int = 5
    shown: int = 10
    floor: float = 0.95
    index: Literal["file", "postgres"] = "file"
    index_url: str = ""


class SummarySettings(Section, frozen=True):
    key_points: int = 5


class TopicsSettings(Section, frozen=True):
    taxonomy: str = "default"
    threshold: float = 0.3
    limit: int = 5


class FulltextSettings(Section, frozen=True):
    mode: Literal["off", "queued", "relevant", "all"] = "off"
    nightly: int = 40
    floor: float = 0.05


class OutsideSettings(Section, frozen=True):
    semantic_scholar: bool = False
    openalex: bool = False
    huggingface: bool = False
    openreview: bool = False
    nightly: int = 300
    seconds: float = 120.0
    semantic_scholar_key: str = "S2_API_KEY"
    openalex_key: str = "OPENALEX_API_KEY"
    huggingface_key: str = "HF_TOKEN"
    semantic_scholar_url: str = "https://api.semanticscholar.org"
    openalex_url: str = "https://api.openalex.org"
    huggingface_url: str = "https://huggingface.co"
    openreview_url: str = "https://api2.openreview.net"


class LlmSettings(Section, frozen=True):
    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    tasks: tuple[Literal["summaries", "keywords"], ...] = ("summaries", "keywords")
    language: str = ""
    timeout: float = 60.0
    nightly_minutes: float = 30.0
    nightly_tokens: int = 1_000_000
    nightly_cost: float = 0.0
    price_prompt: float = 0.0
    price_answer: float = 0.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    arxiv: ArxivSettings = ArxivSettings()
    vault: VaultSettings = VaultSettings()
    keywords: KeywordSettings = KeywordSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    related: RelatedSettings = RelatedSettings()
    summary: SummarySettings = SummarySettings()
    topics: TopicsSettings = TopicsSettings()
    fulltext: FulltextSettings = FulltextSettings()
    outside: OutsideSettings = OutsideSettings()
    llm: LlmSettings = LlmSettings()


SECTIONS: Mapping[str, type[Section]] = {
    "arxiv": ArxivSettings,
    "vault": VaultSettings,
    "keywords": KeywordSettings,
    "embedding": EmbeddingSettings,
    "related": RelatedSettings,
    "summary": SummarySettings,
    "topics": TopicsSettings,
    "fulltext": FulltextSettings,
    "outside": OutsideSettings,
    "llm": LlmSettings,
}


def load(home: Path, environment: Mapping[str, str]) -> Settings:
    """Read *home*'s ``config/digest.toml`` and let ``DIGEST_<SECTION>__<KEY>`` override it.

    Raises ConfigError when the file is missing or is no TOML, and for an unknown key or a value of the wrong kind.
    """
    file = home / CONFIG_FILE
    tables = _read(file)
    _refuse_unknown(tables, str(file))
    origin = {(section, key): str(file) for section, table in tables.items() for key in table}
    for name, section, key, value in _overrides(environment):
        tables.setdefault(section, {})[key] = value
        origin[section, key] = name
    try:
        settings = msgspec.convert(tables, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(error, origin, str(file))) from error
    _judge(settings, home)
    return settings


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: no such file; make a workspace with: digest init {file.parent.parent}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error


def _refuse_unknown(tables: Mapping[str, Any], where: str) -> None:
    for section, table in tables.items():
        if section not in SECTIONS:
            raise ConfigError(f"{where}: unknown section [{section}]{_nearest(section, SECTIONS)}")
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {section} must be a section: [{section}]")
        for key in table:
            _known(section, key, where)


def _known(section: str, key: str, where: str) -> None:
    valid = SECTIONS[section].__struct_fields__
    if key not in valid:
        raise ConfigError(f"{where}: unknown key {key!r} in [{section}]{_nearest(key, valid)}")


def _nearest(word: str, valid: Any) -> str:
    found = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else f"; valid are: {', '.join(sorted(valid))}"


def _overrides(environment: Mapping[str, str]) -> list[tuple[str, str, str, Any]]:
    found = []
    for name, text in sorted(environment.items()):
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).partition("__")
        if not name.startswith(ENVIRONMENT_PREFIX) or not separator:
            continue
        section, key = section.lower(), key.lower()
        if section not in SECTIONS:
            raise ConfigError(f"environment variable {name}: unknown section{_nearest(section, SECTIONS)}")
        _known(section, key, f"environment variable {name}")
        found.append((name, section, key, _value(name, section, key, text)))
    return found


def _value(name: str, section: str, key: str, text: str) -> Any:
    """Take text as it is for a text setting, as JSON for any other."""
    default = getattr(SECTIONS[section](), key)
    if isinstance(default, str):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        example = '["cs.AI", "cs.CL"]' if isinstance(default, tuple) else json.dumps(default)
        raise ConfigError(f"environment variable {name}: {text!r} is not JSON; an example: {example}") from error


def _explain(error: msgspec.ValidationError, origin: Mapping[tuple[str, str], str], file: str) -> str:
    what, _, path = str(error).partition(" - at `$.")
    section, _, key = path.rstrip("`").partition(".")
    key = key.partition("[")[0]
    return f"{origin.get((section, key), file)}: [{section}] {key}: {what}"


def _judge(settings: Settings, home: Path) -> None:
    arxiv = settings.arxiv
    if not arxiv.categories:
        raise ConfigError("[arxiv] categories: name at least one category, as in categories = ['cs.AI']")
    hosts = [arxiv.feed_url, arxiv.oai_url, arxiv.api_url, arxiv.site_url]
    if arxiv.request_interval < POLITE_INTERVAL and not any(is_loopback(url) for url in hosts):
        raise ConfigError(
            f"[arxiv] request_interval: {arxiv.request_interval:g} s is faster than arXiv allows "
            f"({POLITE_INTERVAL:g} s); only a loopback host may be asked faster"
        )
    for name, value in (("limit", settings.related.limit), ("shown", settings.related.shown)):
        if value < 0:
            raise ConfigError(f"[related] {name}: must not be below 0")
    if not 0 <= settings.related.floor <= 1:
        raise ConfigError("[related] floor: must be a share between 0 and 1, as 0.95")
    if not 0 <= settings.topics.threshold <= 1:
        raise ConfigError("[topics] threshold: must be a probability between 0 and 1, as 0.3")
    own = taxonomy_file(settings, home)
    if own is not None and not own.is_file():
        raise ConfigError(f"[topics] taxonomy: {own}: no such file; name one, or take 'default' or 'off'")
    if settings.topics.limit < 0:
        raise ConfigError("[topics] limit: must not be below 0")
    if settings.related.index == "postgres" and not settings.related.index_url:
        raise ConfigError("[related] index_url: names no server; an example: postgresql://digest@localhost/digest")
    if settings.related.shown < settings.related.limit:
        raise ConfigError("[related] shown: must not be below limit")
    if "\n" in arxiv.contact or "\r" in arxiv.contact:
        raise ConfigError("[arxiv] contact: must be one line")
    _judge_outside(settings.outside)
    _judge_llm(settings.llm)


def _judge_outside(outside: OutsideSettings) -> None:
    for name in Teller:
        url = getattr(outside, f"{name}_url")
        if urlsplit(url).scheme != "https" and not is_loopback(url):
            raise ConfigError(f"[outside] {name}_url: must begin with https://, so that nobody between reads the key")
        variable = getattr(outside, f"{name}_key", "")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*|", variable):  # it may be the key: not to be told
            raise ConfigError(f"[outside] {name}_key: must be the name of an environment variable, not the key itself")
    if outside.nightly < 0 or outside.seconds <= 0:
        raise ConfigError("[outside] nightly must not be below 0, and seconds must be above it")


def _judge_llm(llm: LlmSettings) -> None:
    if not llm.base_url:
        return
    url = urlsplit(llm.base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise ConfigError("[llm] base_url: is no address; an example: http://127.0.0.1:8080/v1")
    if url.username is not None or url.password is not None:
        raise ConfigError("[llm] base_url: must not hold a password; name a variable in api_key_env")
    if not llm.model:
        raise ConfigError("[llm] model: names no model of the server")
    if llm.api_key_env and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", llm.api_key_env):
        # what stands there may be the key itself: it is not told
        raise ConfigError("[llm] api_key_env: must be the name of an environment variable, as OPENAI_API_KEY")
    if llm.api_key_env and url.scheme != "https" and not is_loopback(llm.base_url):
        raise ConfigError("[llm] base_url: a key is sent by https alone, or to this machine")
    for name in ("timeout", "nightly_minutes"):
        if not getattr(llm, name) > 0:
            raise ConfigError(f"[llm] {name}: must be above 0")
    for name in ("nightly_tokens", "nightly_cost", "price_prompt", "price_answer"):
        if not getattr(llm, name) >= 0:
            raise ConfigError(f"[llm] {name}: must not be below 0")
    if llm.nightly_cost and not llm.price_prompt + llm.price_answer:
        raise ConfigError("[llm] nightly_cost: needs price_prompt and price_answer, in money a million tokens")
    if llm.language and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", llm.language):
        raise ConfigError("[llm] language: must be a language's tag, as ko or pt-BR")


def taxonomy_file(settings: Settings, home: Path) -> Path | None:
    """The reader's own taxonomy; None where none is wanted, or the shipped one."""
    wanted = settings.topics.taxonomy
    return None if wanted in ("default", "off") else (home / Path(wanted).expanduser()).resolve()


def is_loopback(url: str) -> bool:
    """Whether a URL's host can only be this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    return re.fullmatch(r"localhost|127(\.\d{1,3}){3}|::1", urlsplit(url).hostname or "") is not None
