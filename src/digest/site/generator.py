"""The pages as a site of MkDocs with the theme Material: menu, table of contents, search, light and dark.

MkDocs makes the site around the pages; their text is HTML by then, for Python-Markdown reads escapes otherwise than
Obsidian does. Every page forbids the browser to run any script but the theme's and to ask any other host for anything.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

# Material's authors advertise their next generator at every build.
os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

import material  # noqa: F401 - MkDocs takes the theme by its name; that it is missing should be told like the rest
from jinja2 import Environment
from mkdocs.commands.build import build
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as SitePage
from mkdocs.structure.toc import AnchorLink, TableOfContents

from digest.errors import DigestError
from digest.render.labels import nearest
from digest.site.markdown import Heading
from digest.site.pages import HOME, Page

_THEME = Path(__file__).with_name("theme")
_POLICY = "digest-content-security-policy"
_BETWEEN_WORDS = r"""[\s\-–—,:;!?=\[\](){}"“”'’/]+|\.(?!\d)|&(?:lt|gt|amp);"""
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def generate(pages: Sequence[Page], files: Mapping[str, Path], into: Path, *, name: str, language: str) -> None:
    """Write the site into *into*, which is emptied first; *files* are copied, by their addresses."""
    logging.getLogger("mkdocs").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as nothing:
        config = _config(pages, Path(nothing), into, name=name, language=language)
        config.plugins["digest"] = _Pages(pages, files)
        build(config)


def _config(pages: Sequence[Page], docs: Path, into: Path, *, name: str, language: str) -> MkDocsConfig:
    config = MkDocsConfig()
    config.load_dict(
        {
            "site_name": escape(name),
            "docs_dir": str(docs),
            "site_dir": str(into),
            "use_directory_urls": False,
            "nav": [{escape(page.title): _source(page.address)} for page in _menu(pages)],
            "theme": {
                "name": "material",
                "custom_dir": str(_THEME),
                "language": nearest(language) or "en",
                "font": False,
                "features": ["navigation.top", "search.highlight", "search.suggest", "toc.follow"],
                "palette": [
                    _palette("(prefers-color-scheme: light)", "default", "weather-sunny", "Dark"),
                    _palette("(prefers-color-scheme: dark)", "slate", "weather-night", "Light"),
                ],
            },
            "extra": {"generator": False},
            "extra_css": ["digest.css"],
            # Papers are English whatever the headings are.
            "plugins": [{"search": {"lang": "en", "separator": _BETWEEN_WORDS}}],
            "validation": {"omitted_files": "ignore", "not_found": "ignore", "unrecognized_links": "ignore"},
        }
    )
    errors, _ = config.validate()
    if errors:
        raise DigestError(f"MkDocs refuses its settings: {errors}; this is a bug of digest")
    return config


def _palette(media: str, scheme: str, icon: str, other: str) -> dict[str, Any]:
    toggle = {"icon": f"material/{icon}", "name": other}
    return {"media": media, "scheme": scheme, "primary": "blue grey", "accent": "blue", "toggle": toggle}


def _menu(pages: Iterable[Page]) -> list[Page]:
    """Home, the lists of the folders, the other pages at the root."""
    return sorted(
        (page for page in pages if page.in_menu),
        key=lambda page: (page.address != HOME, "/" not in page.address, page.title),
    )


def _source(address: str) -> str:
    """MkDocs takes for pages what is called ``.md``."""
    return address.removesuffix(".html") + ".md"


class _NoOptions(Config):  # type: ignore[no-untyped-call]
    pass


class _Pages(BasePlugin[_NoOptions]):  # type: ignore[no-untyped-call]
    """Hands MkDocs pages that are HTML already."""

    def __init__(self, pages: Iterable[Page], files: Mapping[str, Path]) -> None:
        self._pages = {_source(page.address): page for page in pages}
        self._files = files

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        for source, page in self._pages.items():
            file = File.generated(config, source, content="")
            file.dest_uri = page.address
            files.append(file)
        for address, path in self._files.items():
            files.append(File.generated(config, address, abs_src_path=str(path)))
        return files

    def on_env(self, env: Environment, *, config: MkDocsConfig, **_: Any) -> Environment:
        config.theme.static_templates = set()  # a sitemap tells addresses and dates, an error page where the site lies
        return env

    def on_page_content(self, html: str, *, page: SitePage, **_: Any) -> str:  # noqa: ARG002 - there is none yet
        own = self._pages[page.file.src_uri]
        page.meta = {"title": escape(own.title), "search": {"exclude": True}}
        page.toc = TableOfContents(_nested(own.headings))
        return own.html

    def on_post_page(self, output: str, *, page: SitePage, **_: Any) -> str:
        theme = output.replace(page.content or "", "")
        hashes = {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in _SCRIPT.findall(theme)}
        allowed = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in sorted(hashes))])
        return output.replace(_POLICY, allowed, 1)

    @event_priority(50)  # before the search plugin writes its index
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """One entry a page: the theme would make one of each heading, a dozen for each paper."""
        search: Any = config.plugins["material/search"]
        search.search_index.entries = [
            {
                "location": page.address,
                "title": escape(page.title, quote=False),
                "text": escape(page.words, quote=False),
            }
            for page in self._pages.values()
        ]


def _nested(headings: Iterable[Heading]) -> list[AnchorLink]:
    roots: list[AnchorLink] = []
    open_: list[AnchorLink] = []
    for heading in headings:
        link = AnchorLink(escape(heading.text), heading.slug, heading.level)
        while open_ and open_[-1].level >= link.level:
            open_.pop()
        (open_[-1].children if open_ else roots).append(link)
        open_.append(link)
    return roots
