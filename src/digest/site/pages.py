"""The notes that go out as pages that lead to one another."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import yaml

from digest.check.links import Resolver, link_in_property, links_in
from digest.site.drawing import pointed_at
from digest.site.markdown import Heading, Row, relative, show
from digest.site.notes import Edition, Note
from digest.vault.layout import is_intact

HOME = "index.html"
HOME_NOTE = "Home.md"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STAYING = (".base", ".canvas", ".html", ".htm", ".xhtml", ".js", ".mjs")
"""What only Obsidian can show, and what a browser would run."""

_LINKED_HERE = {"and": ["file.hasLink(this.file)"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    address: str  # from the site's root
    title: str  # plain text
    html: str
    headings: tuple[Heading, ...] = ()
    words: str = ""  # what a search looks in
    in_menu: bool = False


class Copy:
    """All that goes out: knows where each link leads. Only reads the vault."""

    def __init__(self, vault: Path, edition: Edition, *, with_notes: bool) -> None:
        self._vault = vault
        self._with_notes = with_notes
        self._notes = {note.path: note for note in edition.notes}
        self._resolver = Resolver(_files(vault))
        self._addresses = _addresses(edition.notes)
        self._links = {note.path: tuple(self._links_of(note)) for note in edition.notes}
        self._papers_to = self._linking_papers()
        self.files: dict[str, Path] = {}
        """Pictures and other files that the pages made so far show or lead to, by address."""

    def pages(self) -> Iterator[Page]:
        """One page a note, then one a folder that is no day's, which a reader without Obsidian's list of files needs."""
        for note in self._notes.values():
            yield self._page(note)
        yield from self._contents()

    # --- what a page asks --------------------------------------------------------------------------------------------

    def address(self, target: str, source: str) -> str | None:
        path = self._resolver.resolve(target, source).path
        if path is None:
            return None
        return self._addresses.get(path) if path.endswith(".md") else self._file(path)

    def drawing(self, target: str, source: str) -> str | None:
        path = self._resolver.resolve(target, source).path
        if path is None or not path.endswith(".svg") or not self._goes_out(path):
            return None
        return pointed_at((self._vault / path).read_bytes())

    def listing(self, base: str, view: str, source: str) -> Sequence[Row]:
        """The view “papers that link here”, unless the page links all of them itself; views of what the reader reads
        (his queue, what is new to him) mean nothing to others.
        """
        path = self._resolver.resolve(base, source).path
        found = _view(self._vault / path, view) if path else None
        if not found or found.get("filters") != _LINKED_HERE:
            return ()
        papers = self._papers_to.get(source, [])
        if set(papers) <= set(self._links[source]):
            return ()
        notes = sorted((self._notes[paper] for paper in papers), key=lambda note: note.path)
        notes.sort(key=Note.day, reverse=True)
        limit = found.get("limit") if isinstance(found.get("limit"), int) else len(notes)
        rows = [Row(self._addresses[note.path], note.title, note.day()) for note in notes[:limit]]
        return rows + ([Row("", f"… +{len(notes) - len(rows)}", "")] if len(notes) > len(rows) else [])

    def _file(self, path: str) -> str | None:
        if path not in self.files:
            if not self._goes_out(path):
                return None
            self.files[path] = self._vault / path
        return path

    def _goes_out(self, path: str) -> bool:
        """By default only pictures of digest's own, as it left them: the reader's files are his."""
        if path.casefold().endswith(_STAYING):
            return False
        return self._with_notes or (path.endswith(".svg") and is_intact((self._vault / path).read_bytes()))

    # --- links -------------------------------------------------------------------------------------------------------

    def _links_of(self, note: Note) -> Iterator[str]:
        values = (
            item for value in note.properties.values() for item in (value if isinstance(value, list) else [value])
        )
        named = (link for value in values if isinstance(value, str) and (link := link_in_property(value)))
        for link in (*(place.link for place in links_in(note.text)), *named):
            if link.target and (path := self._resolver.resolve(link.target, note.path).path) in self._notes:
                yield path

    def _linking_papers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, links in self._links.items():
            if self._notes[path].has_tag("paper"):
                for target in dict.fromkeys(links):
                    found[target].append(path)
        return found

    # --- pages -------------------------------------------------------------------------------------------------------

    def _page(self, note: Note) -> Page:
        address = self._addresses[note.path]
        shown = show(note.text, source=note.path, here=address, site=self)
        titled = (
            shown.html if any(heading.level == 1 for heading in shown.headings) else _title(note.title) + shown.html
        )
        return Page(
            address=address,
            title=note.title,
            html=titled,
            headings=shown.headings,
            words=shown.words,
            in_menu="/" not in address,
        )

    def _contents(self) -> Iterator[Page]:
        folders: dict[str, list[Note]] = defaultdict(list)
        for note in self._notes.values():
            if not note.has_tag("paper") and "/" in note.path:
                folders[note.path.rpartition("/")[0]].append(note)
        taken = set(self._addresses.values())
        for folder, notes in sorted(folders.items()):
            if f"{folder}/index.html" not in taken:
                yield self._list(f"{folder}/index.html", folder.rpartition("/")[2], notes)
        if HOME not in taken:
            yield self._list(HOME, "Contents", [note for note in self._notes.values() if not note.has_tag("paper")])

    def _list(self, address: str, name: str, notes: Iterable[Note]) -> Page:
        ordered = sorted(notes, key=lambda note: (note.title.casefold(), note.path))
        ordered.sort(key=lambda note: note.day() if "date" in note.properties else "", reverse=True)
        title = name[:1].upper() + name[1:]
        items = (
            f'<li><a href="{escape(relative(self._addresses[note.path], address))}">{escape(note.title)}</a></li>'
            for note in ordered
        )
        html = f'{_title(title)}<ul class="contents">{"".join(items)}</ul>'
        return Page(address=address, title=title, html=html, in_menu=True)


def _title(text: str) -> str:
    return f"<h1>{escape(text)}</h1>\n"


def _files(vault: Path) -> list[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(vault):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name).relative_to(vault).as_posix() for name in names if not name.startswith(".")]
    return found


def _addresses(notes: Iterable[Note]) -> dict[str, str]:
    """An address for each note, by path; different ones also where a file system takes upper for lower case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for note in sorted(notes, key=lambda note: (note.path != HOME_NOTE, note.path)):
        stem = "index" if note.path == HOME_NOTE else note.path.removesuffix(".md")
        address, number = f"{stem}.html", 1
        while address.casefold() in taken:
            number += 1
            address = f"{stem}-{number}.html"
        taken.add(address.casefold())
        found[note.path] = address
    return found


@lru_cache(maxsize=64)
def _view(base: Path, name: str) -> dict[str, Any] | None:
    """The view *name* of a Base, its first without a name; ``None`` when it has none such or cannot be read."""
    try:
        found = yaml.load(base.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    views = found.get("views") if isinstance(found, dict) else None
    named = [view for view in views or () if isinstance(view, dict) and name in ("", view.get("name"))]
    return named[0] if named else None
