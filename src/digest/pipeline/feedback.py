"""What the reader did to the vault since the last run: into the catalogue, before anything is written.

    notes moved, renamed, deleted ──► paths of pages, links to them
    other pages deleted ──► made again
    files that are not as they were left ──► looked at when pages are written: it may be an old copy that is back
    boxes on day pages ──► property ``queue`` of the notes
    status, queue, rating ──► log of what the reader said

Only files whose time or size has changed are read; keywords' pages by ``digest.pipeline.vocabulary``. Invalid properties
are told, and what was read before stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.feedback import Place
from digest.catalogue.store import BASE, HOME, PageKey
from digest.model import Opinion, PageState, PaperId, Status
from digest.pipeline.values import Heard, Remarks

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts
    from digest.vault.notes import Reading

OF_A_PAPER = frozenset({"paper", "text"})
"""Kinds of pages that are about one paper: what the reader deletes of them stays away."""

LOST = (
    "the vault",
    "nothing of what was written is in its folder: nothing is taken for deleted, and nothing is written. Bring the folder "
    "back; or have all pages made again: digest render --all",
)
TAKEN = "stands where another page of digest belongs, so nothing links to it and it is not kept up to date any more"
_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?\s*")


def hear(parts: Parts, day: date) -> Heard:
    """Take in what the reader did; *day* is the night's, under which it is written down."""
    catalogue, vault = parts.catalogue, parts.vault
    _take_back_deletions(parts)
    places = catalogue.feedback.places()
    if not places:
        return Heard()
    stamps, assets = vault.stamps(places), catalogue.feedback.assets()
    drawn = vault.stamps(assets)
    if not stamps and not drawn:
        vault.lose()
        return Heard(remarks=(LOST,))
    _mark_wanting(parts, places, stamps, set(assets) - drawn.keys())
    changed = _read(parts, places, stamps)
    lost = _lost(places, stamps, changed)
    moved, deleted, remarks = follow(parts, vault.moved(lost), lost) if lost else (0, 0, ())
    if _follow_texts(parts, day, places, stamps) or moved or deleted:
        places = catalogue.feedback.places()
        stamps = vault.stamps(places)
        changed = _read(parts, places, stamps)
    if not changed:
        return Heard(moved=moved, deleted=deleted, remarks=remarks)
    edited = [PageKey(places[path].kind, places[path].key) for path, reading in changed.items() if not reading.is_left]
    waiting = _take_boxes(parts, places, changed, stamps)
    with catalogue.transaction():
        said, told = _take_properties(parts, day, places, changed)
        catalogue.mark(edited)
        catalogue.set_looks({path: stamps[path] for path in changed if path in stamps and path not in waiting})
    return Heard(papers=said, moved=moved, deleted=deleted, remarks=(*remarks, *told))


def _mark_wanting(parts: Parts, places: Mapping[str, Place], stamps: Mapping[str, str], gone: AbstractSet[str]) -> None:
    """Pages that are not about one paper, and the plots that are *gone*, are made again: other pages link to them."""
    pages = [PageKey(p.kind, p.key) for path, p in places.items() if path not in stamps and p.kind not in OF_A_PAPER]
    if gone:
        from digest.render.names import drawings, network_path

        def drawn(path: str, page: Place) -> tuple[str, ...]:
            return (network_path(page.key),) if page.kind == "paper" else drawings(path[:-3])

        pages += [PageKey(p.kind, p.key) for path, p in places.items() if gone & {*drawn(path, p)}]
        pages += [page for page in (HOME, BASE) if parts.catalogue.path(page)]
    if pages:
        with parts.catalogue.transaction():
            parts.catalogue.mark(pages)


def _read(parts: Parts, places: Mapping[str, Place], stamps: Mapping[str, str]) -> dict[str, Reading]:
    """The files that have changed since they were last looked at."""
    paths = [p for p, place in places.items() if place.kind != "keyword" and stamps.get(p, place.stamp) != place.stamp]
    return {path: parts.vault.read(path, places[path].sha256) for path in sorted(paths)}


# --- notes that are elsewhere ----------------------------------------------------------------------------------------


def _take_back_deletions(parts: Parts) -> None:
    """A note that was deleted and is where it was again, out of a bin or because a disk has come back, is ours again."""
    from digest.render.names import collision_key

    catalogue, vault = parts.catalogue, parts.vault
    deleted = catalogue.feedback.deleted()
    there = vault.stamps(deleted) if deleted else {}
    back = {path: deleted[path] for path in there if vault.is_note_of(path, deleted[path])}
    if not back:
        return
    from digest.pipeline.settle import mentions

    with catalogue.transaction():
        announced = catalogue.first_announced(back.values())
        for path, paper in back.items():
            place = path.removesuffix(".md")
            if catalogue.page_at(collision_key(place)) is None:
                catalogue.recall(paper)
                catalogue.add_page(PageKey("paper", paper), place, collision_key(place), since=announced[paper])
                catalogue.set_files({path: "~"})
        catalogue.mark(mentions(catalogue, list(catalogue.papers(back.values()).values()), ()))
        if catalogue.path(HOME):
            catalogue.mark([HOME])


def _lost(places: Mapping[str, Place], stamps: Mapping[str, str], changed: Mapping[str, Reading]) -> dict[str, str]:
    """Papers whose notes are not at their path, where there is no file or another paper's note; with that path."""
    papers = {place.key for place in places.values() if place.kind == "paper"}
    found = {}
    for path, place in places.items():
        there = (changed[path].paper if path in changed else "") or place.key
        if place.kind == "paper" and (path not in stamps or (there != place.key and there in papers)):
            found[place.key] = path
    return found


def _follow_texts(parts: Parts, day: date, places: Mapping[str, Place], stamps: Mapping[str, str]) -> bool:
    """Whole texts that are not where they were: the reader has moved them along with their papers' notes, or deleted
    them; whether there are any.
    """
    from digest.pipeline.settle import mentions
    from digest.render.names import collision_key

    catalogue = parts.catalogue
    lost = {place.key: path for path, place in places.items() if place.kind == "text" and path not in stamps}
    lost = {paper: path for paper, path in lost.items() if catalogue.path(PageKey("text", paper))}
    if not lost:
        return False
    beside = {paper: _beside(catalogue.path(PageKey("paper", paper)), path) for paper, path in lost.items()}
    there = parts.vault.stamps(beside.values())
    free = {
        paper: path
        for paper, path in beside.items()
        if path in there and catalogue.page_at(collision_key(path[:-3])) is None
    }
    with catalogue.transaction():
        for paper, path in free.items():
            catalogue.move_page(PageKey("text", paper), path[:-3], collision_key(path[:-3]))
            catalogue.rename_file(lost[paper], path)
        deleted = sorted(lost.keys() - free.keys())
        for paper in deleted:
            catalogue.texts.forget(PaperId(paper), day)
            catalogue.drop_page(PageKey("text", paper))
        catalogue.forget_files(lost[paper] for paper in deleted)
        catalogue.mark(mentions(catalogue, list(catalogue.papers(lost).values()), ()))
    return True


def _beside(note: str | None, text: str) -> str:
    """Where a text is, if it was moved along with its paper's note."""
    folder, slash, _ = (note or "").rpartition("/")
    return f"{folder}{slash}{text.rpartition('/')[2]}"


def follow(
    parts: Parts, moved: Mapping[str, str], lost: Iterable[str], *, written: Collection[str] = ()
) -> tuple[int, int, Remarks]:
    """Let the catalogue and all links follow notes that the reader *moved* (paper → path with ``.md``) or, of those that
    are *lost*, deleted; how many were moved, how many deleted, and what could not be followed.

    *written*: paths where something was written by now, whose hashes are known.
    """
    from digest.pipeline.settle import mentions

    catalogue = parts.catalogue
    gone = [paper for paper in lost if paper not in moved]
    with catalogue.transaction():
        pages = {paper: path for paper in (*gone, *moved) if (path := catalogue.path(PageKey("paper", paper)))}
        for paper in gone:
            catalogue.dismiss(paper)
            if paper in pages:
                catalogue.feedback.add_former_path(paper, pages[paper])
        places = _free(parts, moved)
        taken = {paper: path for paper, path in moved.items() if PageKey("paper", paper) not in places}
        for paper in taken:
            catalogue.dismiss(paper)
        catalogue.move_pages(places)
        _move_files(parts, {pages[page.key]: place for page, (place, _) in places.items()}, written)
        for page in places:
            catalogue.feedback.add_former_path(page.key, pages[page.key])
        concerned = {*gone, *moved}
        catalogue.mark(mentions(catalogue, list(catalogue.papers(concerned).values()), ()))
        catalogue.feedback.leave_alone("write", {f"{path}.md": () for path in pages.values()})
        catalogue.feedback.leave_alone("read", {f"{path}.md": () for path in pages.values()})
        if {*gone, *taken} and catalogue.path(HOME):
            catalogue.mark([HOME])  # they may have been in the reading queue
    return len(places), len(gone), tuple((path, TAKEN) for path in taken.values())


def _free(parts: Parts, moved: Mapping[str, str]) -> dict[PageKey, tuple[str, str]]:
    """Of notes that were moved, those that stand where no other page does: their paths and collision keys."""
    from digest.render import names

    places: dict[PageKey, tuple[str, str]] = {}
    for paper, path in sorted(moved.items()):
        place = path.removesuffix(".md")
        key = names.collision_key(place)
        other = parts.catalogue.page_at(key)
        stays = other is not None and not (other.kind == "paper" and other.key in moved)
        if other is not None and stays and parts.catalogue.path(other) == place:
            continue
        if stays or any(key == one for _, one in places.values()):
            key = f"{key}\n{paper}"  # one file to some systems: the reader's is not one of them
        places[PageKey("paper", paper)] = (place, key)
    return places


def _move_files(parts: Parts, moves: Mapping[str, str], written: Collection[str]) -> None:
    catalogue = parts.catalogue
    known = catalogue.files(f"{path}.md" for path in moves)
    catalogue.forget_files(path for path in known if path not in written)
    moved = {f"{new}.md": known[f"{old}.md"] for old, new in moves.items() if f"{old}.md" in known}
    catalogue.set_files({path: sha256 for path, sha256 in moved.items() if path not in written})


# --- boxes -----------------------------------------------------------------------------------------------------------


def _take_boxes(
    parts: Parts, places: Mapping[str, Place], changed: dict[str, Reading], stamps: dict[str, str]
) -> set[str]:
    """A box that was ticked on a day's page puts the paper into the queue, by the property of its note; unticked, it
    takes back what it did. Notes that this changes are read again.

    The pages of which a note could not be changed now: they are to be looked at again.
    """
    from digest.render.names import collision_key

    catalogue = parts.catalogue
    waiting: set[str] = set()
    notes = {place.key: path for path, place in places.items() if place.kind == "paper"}
    for path in [path for path in changed if places[path].kind == "day"]:
        page, boxes = places[path].key, dict(changed[path].boxes)
        papers = catalogue.feedback.papers_at(boxes, collision_key) if boxes else {}
        ticks = catalogue.feedback.ticks(page)
        for target, paper in papers.items():
            if boxes[target] is (paper in ticks) or paper not in notes:
                continue
            if not _queue(parts, notes[paper], page, paper, ticks):
                waiting.add(path)
            stamps |= parts.vault.stamps([notes[paper]])
            changed[notes[paper]] = parts.vault.read(notes[paper])
    return waiting


def _queue(parts: Parts, path: str, page: str, paper: PaperId, ticks: Mapping[PaperId, bool]) -> bool:
    """Let a note follow its box, which has changed; whether that was possible now."""
    catalogue, is_ticked = parts.catalogue, paper not in ticks
    has_written = False
    if is_ticked or ticks[paper]:
        known = catalogue.files([path]).get(path, "")
        written = parts.vault.amend(path, known, "queue", not is_ticked, is_ticked)
        if written.failed or written.busy:
            return False
        has_written = written.state is PageState.UPDATED
    with catalogue.transaction():
        if has_written:
            catalogue.set_files({path: written.sha256})
        if is_ticked:
            catalogue.feedback.tick(page, paper, wrote=has_written)
        else:
            catalogue.feedback.untick(page, paper)
    return True


# --- properties ------------------------------------------------------------------------------------------------------


def _take_properties(
    parts: Parts, day: date, places: Mapping[str, Place], changed: Mapping[str, Reading]
) -> tuple[int, Remarks]:
    """Write down what the reader says in the notes that have changed; of how many papers, and what was not taken."""
    feedback = parts.catalogue.feedback
    papers = {path: PaperId(places[path].key) for path in changed if places[path].kind == "paper"}
    before, ticked, queue = feedback.current(papers.values()), feedback.ticked(papers.values()), feedback.queue()
    opinions: dict[PaperId, Opinion] = {}
    told: dict[str, tuple[str, ...]] = {}
    for path, paper in papers.items():
        opinions[paper], told[path] = opinion(changed[path], before.get(paper, Opinion()), is_ticked=paper in ticked)
    said = feedback.record(day, opinions)
    feedback.leave_alone("read", told)
    if feedback.queue() != queue and parts.catalogue.path(HOME):
        parts.catalogue.mark([HOME])
    return said, tuple((path, why) for path, whys in told.items() for why in whys)


def opinion(reading: Reading, before: Opinion, *, is_ticked: bool) -> tuple[Opinion, tuple[str, ...]]:
    """What a note says, and what of it was not taken: there, what was said *before* stands.

    A property that is not there, or empty, is as in a note that nobody has touched; for the queue a box counts then. A
    list of one is the one: in the reader's vault a property of that name may be of another type.
    """
    if reading.reason:
        return (
            Opinion(status=before.status, queue=before.queue or is_ticked, rating=before.rating),
            (f"{reading.reason}; its status, queue and rating are not read",),
        )
    status, queue, rating = (_single(reading.properties.get(name)) for name in ("status", "queue", "rating"))
    told: list[str] = []
    said = Opinion(
        status=_status(status, before.status, told),
        queue=is_ticked if queue is None else _queued(queue, before.queue, told),
        rating=None if rating in (None, "") else _rating(rating, before.rating, told),
    )
    return said, tuple(told)


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _status(value: object, before: Status, told: list[str]) -> Status:
    words = {status.value: status for status in Status} | {"": Status.UNREAD}
    word = "" if value is None else value.strip().casefold() if isinstance(value, str) else None
    if word in words:
        return words[word]
    told.append(f"its status {_shown(value)} is none of {', '.join(Status)}; not taken")
    return before


def _queued(value: object, before: bool, told: list[str]) -> bool:
    if isinstance(value, bool):
        return value
    told.append(f"its queue {_shown(value)} is neither true nor false; not taken")
    return before


def _rating(value: object, before: float | None, told: list[str]) -> float | None:
    number = _number(value)
    if number is not None:
        return number
    told.append(f"its rating {_shown(value)} is no number; not taken")
    return before


def _number(value: object) -> float | None:
    """A number as the reader gave it, also where the property is one of text; None where it is none."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value.replace(",", "."))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def _shown(value: object) -> str:
    text = str(value)
    return f"“{text if len(text) <= 40 else text[:40] + '…'}”"
