"""Pending pages → the vault. A page leaves the list when its file is as it should be, and not before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.rows import hash_of
from digest.catalogue.store import HOME, Catalogue, PageKey
from digest.model import Asset, Page, PageState, PaperId, Written
from digest.periods import KINDS, period
from digest.pipeline.spool import Spool
from digest.pipeline.values import Published, added

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

CHUNK = 256
"""Pages rendered and written between two commits."""

DRAWN = frozenset({"keyword", "author", "category", *KINDS})
"""Kinds of pages that have plots of their own."""

FURNISHED = "furnished"
"""The watermark that says with which settings for Obsidian the vault was furnished."""

Rendered = tuple[PageKey, tuple[Page | Asset, ...]]


def publish(parts: Parts, *, is_last: bool = True, anew: bool = False) -> Published:
    """Render and write all pending pages, and those that have to follow a note that the reader moved.

    A page that the disk refused stays pending, for the next run to try again; and so does one in which somebody is
    writing, after a second try where this round is the last one of the run. Into a vault that has lost all that was
    written nothing is written, unless all is to be made *anew*: its disk may come back.
    """
    if parts.vault.is_lost and not anew:
        return Published(failed=1)
    _copy_renamed(parts)
    put_off: set[PageKey] = set()
    published = _publish_pending(parts, put_off, is_last=is_last)
    removed = _remove_vanished(parts)
    furnished = _furnish(parts)
    # pages of former keywords, which could not be removed
    published = added(published, _publish_pending(parts, put_off, is_last=is_last))
    return added(
        published,
        Published(
            failed=sum(written.failed for written in removed),
            states=Counter(written.state for written in removed),
            remarks=(*((w.path, remark) for w in removed for remark in w.remarks), *furnished),
        ),
    )


def _furnish(parts: Parts) -> tuple[tuple[str, str], ...]:
    """Bring settings for Obsidian into the vault, once: what the reader takes out of them later stays out."""
    catalogue, wanted = parts.catalogue, parts.renderer.furnishings()
    recipe = hash_of(repr(wanted))
    done = catalogue.watermark(FURNISHED) == recipe and not parts.vault.is_lost
    if not wanted or done or catalogue.path(HOME) is None:
        return ()
    remarks = parts.vault.furnish(wanted)
    with catalogue.transaction():
        catalogue.set_watermark(FURNISHED, recipe)
    return remarks


Told = tuple[PageKey, Written]


def _publish_pending(parts: Parts, put_off: set[PageKey], *, is_last: bool) -> Published:
    """All pending pages but those that were *put_off*, to which those are added that could not be written now."""
    told: list[Told] = []
    done = 0
    while pending := [page for page in parts.catalogue.pending() if page not in put_off]:
        chunks = [pending[start : start + CHUNK] for start in range(0, len(pending), CHUNK)]
        with Spool[list[Rendered]](parts.state) as rendered:
            # Everything before anything is written: a template that fails leaves the vault as it was.
            for number, chunk in enumerate(chunks):
                parts.progress("rendering pages", number * CHUNK, len(pending))
                rendered.put(list(render(parts, chunk)))
            for number, chunk in enumerate(chunks):
                parts.progress("writing pages", done, done + sum(map(len, chunks[number:])))
                found, is_other = _publish_chunk(parts, chunk, rendered.take())
                if is_other:
                    rendered.clear()  # a note that was moved or deleted is linked otherwise from now on
                put_off |= {key for key, written in found if written.failed or written.busy}
                told += found
                done += len(chunk)
    if any(written.busy for _, written in told):
        told = _tried_again(parts, told) if is_last else [one for one in told if not one[1].busy]
    notes = [written for key, written in told if key.kind == "paper" and written.path.endswith(".md")]
    return Published(
        pages=done,
        failed=len({key for key, written in told if written.failed}),
        states=Counter(written.state for _, written in told),
        notes=Counter(written.state for written in notes),
        remarks=tuple((written.path, remark) for _, written in told for remark in written.remarks),
    )


def _tried_again(parts: Parts, told: Sequence[Told]) -> list[Told]:
    """What became of all files, when those that were busy have been tried a second time."""
    busy = {written.path: key for key, written in told if written.busy}
    parts.vault.pause()
    again, _ = _publish_chunk(parts, sorted(set(busy.values()), key=lambda key: (key.kind, key.key)), None)
    return [*(one for one in told if not one[1].busy), *(one for one in again if one[1].path in busy)]


def _publish_chunk(parts: Parts, keys: Sequence[PageKey], held: list[Rendered] | None) -> tuple[list[Told], bool]:
    """What became of each file, and whether a note is no longer where it was; *held* is what was rendered before."""
    catalogue = parts.catalogue
    rendered = _with_written(catalogue, render(parts, keys) if held is None else held)
    items = [item for _, made in rendered for item in made]
    owners = [key for key, made in rendered for _ in made]
    known = catalogue.files(item.path for item in items)
    results = list(zip(owners, items, parts.vault.write(items, known), strict=True))
    undrawn = _undrawn(catalogue, rendered)
    removed = list(parts.vault.remove(undrawn)) if undrawn else []
    with catalogue.transaction():
        catalogue.forget_files(written.path for written in removed if written.state is PageState.REMOVED)
        put_off = {key for key, _, written in results if written.failed or written.busy}
        catalogue.rendered([key for key in keys if key not in put_off], parts.renderer.recipe)
        catalogue.set_files({w.path: w.sha256 for _, _, w in results if w.state is not PageState.KEPT and w.sha256})
        catalogue.set_aliases(
            {
                item.path: item.properties["aliases"]
                for key, item, written in results
                if key.kind == "keyword" and isinstance(item, Page) and written.state is not PageState.KEPT
            }
        )
        catalogue.feedback.leave_alone("write", {written.path: written.remarks for _, _, written in results})
        notes = [row for row in results if row[0].kind == "paper" and isinstance(row[1], Page)]
        is_other = sum(_follow(parts, key, item, written) for key, item, written in notes) > 0
    return [(key, written) for key, _, written in results], is_other


def _with_written(catalogue: Catalogue, rendered: Iterable[Rendered]) -> list[Rendered]:
    """Tell the vault which aliases of a keyword's page were ours, so that the reader's are told apart."""
    found = list(rendered)
    written = catalogue.written_aliases(item.path for _, items in found for item in items)

    def told(item: Page | Asset) -> Page | Asset:
        if not isinstance(item, Page) or item.path not in written:
            return item
        return replace(item, written={"aliases": written[item.path]})

    return [(key, tuple(map(told, items))) for key, items in found] if written else found


def _copy_renamed(parts: Parts) -> None:
    """Bring what stands on keywords' pages to where the pages that take their place will be, with the reader's words.

    The old files go when nothing links to them any more.
    """
    from digest.pipeline.terms import thesaurus
    from digest.render import names

    catalogue = parts.catalogue
    vanished = catalogue.agenda.vanished()
    preferred = thesaurus(catalogue) if vanished else None
    for path, (kind, name) in vanished.items():
        successor = preferred.name(name) if preferred and kind == "keyword" else name
        other = catalogue.path(PageKey("keyword", successor)) if successor != name else None
        if other is None:
            continue
        old, new = f"{path}.md", f"{other}.md"
        known = catalogue.files([old]).get(old, "")
        with catalogue.transaction():
            if names.collision_key(path) == names.collision_key(other):  # one file, where case counts for nothing
                if parts.vault.rename(old, new):
                    catalogue.rename_file(old, new)
            elif both := parts.vault.copy(old, new, known):
                catalogue.set_files(dict(zip((old, new), both, strict=True)))


def _remove_vanished(parts: Parts) -> list[Written]:
    """Remove the files of pages that are no more. A keyword's that the reader has written in, or links to, becomes the
    page of a former keyword; other files that he has changed stay as they are.

    What the disk refused is tried again by the next run.
    """
    from digest.render import names

    catalogue = parts.catalogue
    vanished = catalogue.agenda.vanished()
    if not vanished:
        return []
    files = catalogue.files(f for path in vanished for f in (f"{path}.md", *names.drawings(path)))
    keywords = [f"{path}.md" for path, (kind, _) in vanished.items() if kind == "keyword"]
    linked = parts.vault.linked({file: files.get(file, "") for file in keywords})
    removed = list(parts.vault.remove({file: known for file, known in files.items() if file[:-3] not in linked}))
    with catalogue.transaction():
        catalogue.forget_files(written.path for written in removed if written.state is PageState.REMOVED)
        stuck = {written.path for written in removed if written.failed}
        kept = linked | {w.path[:-3] for w in removed if w.state is PageState.KEPT and not w.failed}
        former = sorted(path for path in kept & vanished.keys() if vanished[path][0] == "keyword")
        for path in former:
            page = PageKey("former", vanished[path][1])
            if catalogue.path(page) is None:
                catalogue.add_page(page, path, names.collision_key(path), since=catalogue.agenda.last_day)
                catalogue.mark([page])
        catalogue.agenda.forget_vanished(p for p in vanished if not {f"{p}.md", *names.drawings(p)} & stuck)
    told = {f"{path}.md" for path in former}  # by the page itself
    return [written for written in removed if written.path not in told]


def _undrawn(catalogue: Catalogue, rendered: Sequence[Rendered]) -> dict[str, str]:
    """Plots that pages had and have no more, with the hash of what we wrote."""
    from digest.render import names

    made = {item.path for _, items in rendered for item in items}
    paths = [path for key, _ in rendered if key.kind in DRAWN and (path := catalogue.path(key))]
    plots = [plot for path in paths for plot in names.drawings(path)]
    plots += [names.network_path(key.key) for key, _ in rendered if key.kind == "paper"]
    return catalogue.files(plot for plot in plots if plot not in made)


def _follow(parts: Parts, key: PageKey, page: Page | Asset, written: Written) -> bool:
    """Have the other pages follow a note that its reader has moved or deleted since the run began; whether he did."""
    if written.path == page.path and (written.sha256 or written.state is not PageState.KEPT):
        return False
    from digest.pipeline.feedback import follow

    moved = {key.key: written.path} if written.path != page.path else {}
    follow(parts, moved, [key.key], written=[written.path] if written.state is not PageState.KEPT else [])
    return True


def render(parts: Parts, keys: Sequence[PageKey]) -> Iterator[Rendered]:
    """Each page's files, in the order of *keys*; a page that shows nothing any more has none."""
    from digest.pipeline.terms import thesaurus

    views, renderer, preferred = parts.views, parts.renderer, thesaurus(parts.catalogue)
    notes = views.notes([PaperId(key.key) for key in keys if key.kind == "paper"])
    makers: dict[str, Callable[[str], tuple[Page | Asset, ...]]] = {
        "paper": lambda key: renderer.note(notes[PaperId(key)]) if PaperId(key) in notes else (),
        "text": lambda key: renderer.text(text) if (text := views.text(PaperId(key))) else (),
        "day": lambda key: renderer.day(views.day(date.fromisoformat(key))),
        "week": lambda key: renderer.spell(views.spell(period("week", key))),
        "month": lambda key: renderer.spell(views.spell(period("month", key))),
        "keyword": lambda key: renderer.keyword(topic) if (topic := views.keyword(key)) else (),
        "former": lambda key: renderer.former(views.former(key, preferred.name(key))),
        "author": lambda key: renderer.author(topic) if (topic := views.author(key)) else (),
        "category": lambda key: renderer.category(views.category(key)),
        "home": lambda _: renderer.home(views.home()),
        "about": lambda _: renderer.about(views.about()),
        "base": lambda _: renderer.papers_base(),
    }
    there = parts.catalogue.paths(keys)
    for key in keys:
        # a page that is taken back has no place any more
        yield key, makers[key.kind](key.key) if key in there else ()
