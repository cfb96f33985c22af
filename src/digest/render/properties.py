"""The front matter of each kind of page, as plain values in the order in which they are written."""

from __future__ import annotations

from collections.abc import Mapping

from digest.model import AuthorTopic, CategoryTopic, Change, Day, KeywordTopic, Link, Note, Spell, TextNote
from digest.render import tex
from digest.render.escape import property_link, property_text, tag

ONCE = frozenset({"status", "queue", "rating"})
SHARED = frozenset({"aliases", "tags", "cssclasses"})
ALIAS_BYTES = 200  # some readers of a vault write one file per alias

Properties = Mapping[str, object]


def of_note(note: Note) -> Properties:
    paper = note.paper
    title = property_text(tex.plain(paper.title))
    pages = {link.text: link for link in note.categories}
    categories = [_category(category, pages) for category in paper.categories]
    found: dict[str, object] = {
        "title": title,
        "aliases": [_alias(title), f"arXiv:{paper.id}", *_former(note)],
        "tags": ["paper", *dict.fromkeys(map(tag, paper.categories))],
        "cssclasses": ["digest-paper"],
        "arxiv_id": str(paper.id),
        "arxiv_version": paper.version,
        "authors": [property_text(tex.plain(author)) for author in paper.authors],
        "category": categories[0] if categories else None,
        "categories": categories if len(categories) > 1 else None,
        "keywords": [property_link(keyword.link) for keyword in note.keywords if keyword.link],
        "digest": property_link(note.day) if note.day else None,
        "submitted": paper.submitted.date() if paper.submitted else None,
        "announced": note.announced,
        "updated": paper.updated.date() if paper.updated and paper.version > 1 else None,
        "withdrawn": _withdrawn(note),
        "url": abs_url(paper.id),
        "pdf": pdf_url(paper.id),
    }
    return _known(found) | {"status": "unread", "queue": False, "rating": None}


def _known(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if value is not None}


def _former(note: Note) -> list[str]:
    """The titles under which a reader may have known the paper."""
    found = dict.fromkeys(_alias(property_text(tex.plain(title))) for title in note.former_titles)
    return [alias for alias in found if alias and alias != _alias(property_text(tex.plain(note.paper.title)))]


def _withdrawn(note: Note) -> bool | None:
    """None where it never was; False, because the reader's file may still say True, where it was and is no more."""
    once = any(Change.WITHDRAWN in revision.changes for revision in note.revisions)
    return note.paper.withdrawn if note.paper.withdrawn or once else None


def _category(category: str, pages: Mapping[str, Link]) -> str:
    link = pages.get(category)
    return property_link(link) if link else property_text(category)


def _alias(text: str) -> str:
    return text if len(text.encode()) <= ALIAS_BYTES else text.encode()[:ALIAS_BYTES].decode(errors="ignore").rstrip()


def abs_url(paper_id: str) -> str:
    return f"https://arxiv.org/abs/{paper_id}"


def pdf_url(paper_id: str) -> str:
    return f"https://arxiv.org/pdf/{paper_id}"


def html_url(paper_id: str, version: int) -> str:
    return f"https://arxiv.org/html/{paper_id}v{version}"


def of_text(text: TextNote) -> Properties:
    found: dict[str, object] = {
        "tags": ["fulltext"],
        "cssclasses": ["digest-text"],
        "paper": property_link(text.note) if text.note else None,
        "version": text.version,
        "damaged": round(text.document.lost, 4),  # share of its characters
        "license": property_text(text.license) or None,
        "publish": None if text.may_be_republished else False,  # what Obsidian's own service goes by, too
    }
    return _known(found)


def of_day(day: Day, alias: str) -> Properties:
    return {
        "aliases": [alias],
        "tags": ["digest"],
        "cssclasses": ["digest-day"],
        "date": day.day,
        "papers": day.papers,
    }


def of_spell(spell: Spell, alias: str) -> Properties:
    return {
        "aliases": [alias],
        "tags": ["digest"],
        "cssclasses": [f"digest-{spell.period.kind}"],
        "date": spell.period.first,
        "until": spell.period.last,
        "papers": spell.papers,
    }


def of_keyword(topic: KeywordTopic) -> Properties:
    own = property_text(topic.name)
    aliases = dict.fromkeys(_alias(property_text(alias)) for alias in topic.aliases)
    # The title is an alias too where the file's name could not say it, as for C# and its page C-sharp.
    named = [own] if own != topic.path.rpartition("/")[2] else []
    return {
        "aliases": [*named, *(alias for alias in aliases if alias and alias != own)],
        "tags": ["keyword"],
        "cssclasses": ["digest-keyword"],
        "papers": topic.papers,
        "first_seen": topic.first,
        "last_seen": topic.last,
        "related": [property_link(other.link) for other in topic.related],
    }


def of_author(topic: AuthorTopic) -> Properties:
    own = property_text(topic.name)
    return {
        "aliases": [own] if own != topic.path.rpartition("/")[2] else [],
        "tags": ["author"],
        "cssclasses": ["digest-author"],
        "papers": topic.papers,
        "first_seen": topic.first,
        "last_seen": topic.last,
    }


def of_former() -> Properties:
    return {"aliases": [], "tags": ["keyword"], "cssclasses": ["digest-keyword"], "papers": 0, "related": []}


def of_category(topic: CategoryTopic, name: str) -> Properties:
    found: dict[str, object] = {
        "aliases": [name] if name and name != topic.category else [],
        "tags": ["category"],
        "cssclasses": ["digest-category"],
        "papers": topic.papers,
    }
    return found


def of_home() -> Properties:
    return {"tags": ["moc"], "cssclasses": ["digest-home"]}


def of_about(title: str) -> Properties:
    return {"aliases": [title], "tags": ["moc"], "cssclasses": ["digest-home"]}
