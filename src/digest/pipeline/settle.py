"""From a day's new papers to what follows: keywords, neighbours, pages to be made or made again.

First what concerns one paper alone and is kept by the hash of its text; then, in one transaction, what depends on the
others. Days are settled in order, so that an outage of any length ends with the same catalogue as no outage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from digest.catalogue.store import ABOUT, BASE, HOME, Catalogue, PageKey
from digest.model import Paper, PaperId
from digest.pipeline import authors, chronicle, relate, terms, topics
from digest.pipeline.lately import trends_of
from digest.pipeline.read import read
from digest.pipeline.terms import Drawn
from digest.pipeline.values import Settled

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

Stage = Callable[[str], AbstractContextManager[None]]

Ask = Callable[[date, Sequence[Paper]], None]
"""Called with a day and its papers, which have their candidates, before conclusions are drawn."""


def settle(parts: Parts, day: date, stage: Stage, ask: Ask | None = None) -> Settled:
    """Draw the conclusions from the papers that are queued for *day*; *stage* times what happens inside it.

    *ask* has a language model judge the papers, where one is to be asked.
    """
    papers = parts.catalogue.agenda.papers(day)
    with stage("read"):
        read(parts, papers)
    if ask is not None:
        with stage("language model"):
            ask(day, papers)
    with stage("embed"):
        embedded = relate.embed(parts, papers)
    with stage("topics"):
        topics.assign(parts, papers)
    with stage("conclude"):
        settled = conclude(parts, day, papers, embedded)
        parts.index.describe(parts.catalogue.relations.facts(day))
        return settled


# --- what depends on the others ---


def conclude(parts: Parts, day: date, papers: Sequence[Paper], embedded: int) -> Settled:
    catalogue = parts.catalogue
    with catalogue.transaction(), catalogue.agenda.recording(day):
        drawn = terms.follow(parts, day) | terms.draw(parts, day, papers)
        made = make_pages(parts, day, papers)
        relinked = relate.relink(parts, day, papers)
        catalogue.agenda.settle(day)
        promoted = keep_keyword_pages(parts, day, drawn)
        chronicle.write(catalogue, day)
        authors.keep_pages(catalogue, (name for paper in papers for name in paper.authors), day)
        catalogue.mark(PageKey("paper", paper) for paper in {paper.id for paper in papers} | relinked)
        catalogue.mark(mentions(catalogue, papers, promoted))
        catalogue.mark(_day_pages(catalogue, day, made))
        catalogue.mark(chronicle.make_pages(catalogue, [day]))
        if papers:
            catalogue.mark([HOME, BASE])
    return Settled(
        papers=len(papers),
        embedded=embedded,
        relinked=len(relinked),
        redrawn=len(drawn.papers - {paper.id for paper in papers}),
        promoted=len(promoted),
    )


def follow_rulings(parts: Parts) -> Settled:
    """Let what was concluded follow the reader's rulings, and mark the pages that they concern."""
    catalogue = parts.catalogue
    day = catalogue.agenda.last_day
    with catalogue.transaction(), catalogue.agenda.recording(day):
        drawn = terms.follow(parts, day)
        promoted = keep_keyword_pages(parts, day, drawn)
        if drawn.papers:
            catalogue.mark([HOME])
    return Settled(redrawn=len(drawn.papers), promoted=len(promoted))


def make_pages(parts: Parts, day: date, papers: Sequence[Paper]) -> bool:
    """Give new papers, their categories and their day a place in the vault; whether the day's page is new."""
    from digest.render import names

    catalogue = parts.catalogue
    announced = catalogue.first_announced(paper.id for paper in papers)
    first = catalogue.first_settled(paper.id for paper in papers)
    for paper in papers:
        wanted = names.note_path(paper.title, paper.id, announced[paper.id], parts.preset)
        if not place(catalogue, PageKey("paper", paper.id), wanted, announced[paper.id]) and first.get(paper.id) == day:
            _rehome(parts, paper.id, wanted)
    make_category_pages(catalogue, papers)
    if papers:
        _make_own_pages(catalogue, day)
    is_day = any(announced[paper.id] == day for paper in papers) and catalogue.was_announced(day)
    return is_day and place(catalogue, PageKey("day", day.isoformat()), names.day_path(day), day)


def _make_own_pages(catalogue: Catalogue, day: date) -> None:
    """The pages that every vault has once."""
    place(catalogue, HOME, "Home", day)
    place(catalogue, BASE, "Papers.base", day)
    if place(catalogue, ABOUT, "About the scores", day):
        catalogue.mark([ABOUT])


def _rehome(parts: Parts, paper_id: PaperId, wanted: str) -> None:
    """Give a note that was made before we knew the day and title of its first announcement the path that is due to it,
    and the note of its whole text the one beside it.
    """
    from digest.render import names

    path = parts.catalogue.path(PageKey("paper", paper_id))
    if path is None or not names.is_our_note_path(path, paper_id):
        return
    _move(parts, PageKey("paper", paper_id), path, wanted)
    _move(parts, PageKey("text", paper_id), names.text_path(path), names.text_path(wanted))


def _move(parts: Parts, page: PageKey, path: str, wanted: str) -> None:
    """Move a page that is at *path*, and its file."""
    from digest.render import names

    catalogue = parts.catalogue
    if path == wanted or catalogue.path(page) != path:
        return
    sha256 = catalogue.files([f"{path}.md"]).get(f"{path}.md")
    if sha256 is None or parts.vault.rename(f"{path}.md", f"{wanted}.md", sha256):
        catalogue.move_page(page, wanted, names.collision_key(wanted))
        catalogue.rename_file(f"{path}.md", f"{wanted}.md")


def keep_day_pages(parts: Parts, unproven: Sequence[date]) -> None:
    """Give each day that is not proven complete a page that says so, and take it from one that has turned out empty."""
    from digest.render import names

    catalogue = parts.catalogue
    wanting = [day for day in unproven if catalogue.path(PageKey("day", day.isoformat())) is None]
    empty = [day for day in catalogue.days_without_papers() if day not in unproven]
    if not wanting and not empty:
        return
    with catalogue.transaction():
        _make_own_pages(catalogue, min((*wanting, *empty)))
        for day in wanting:
            place(catalogue, PageKey("day", day.isoformat()), names.day_path(day), day)
            catalogue.mark(_day_pages(catalogue, day, made=True))
        for day in empty:
            catalogue.mark(_day_pages(catalogue, day, made=True))
            catalogue.take_page(PageKey("day", day.isoformat()))
        catalogue.mark(chronicle.make_pages(catalogue, [*wanting, *empty]))
        catalogue.mark([HOME, BASE])


def make_category_pages(catalogue: Catalogue, papers: Sequence[Paper]) -> None:
    """Give the categories of these papers a place in the vault, since the first of them was announced."""
    from digest.render import names

    announced = catalogue.first_announced(paper.id for paper in papers)
    for paper in sorted(papers, key=lambda paper: (announced[paper.id], paper.id)):
        for category in paper.categories:
            place(catalogue, PageKey("category", category), names.category_path(category), announced[paper.id])


def place(catalogue: Catalogue, page: PageKey, wanted: str, day: date) -> bool:
    """Freeze the path of a page that has none; whether it had none."""
    from digest.render import names

    if catalogue.path(page) is not None or (page.kind == "paper" and catalogue.is_dismissed(page.key)):
        return False
    if page.kind == "keyword" and catalogue.path(former := PageKey("former", page.key)):
        catalogue.drop_page(former)
    path = names.distinct(wanted, lambda candidate: catalogue.is_taken(names.collision_key(candidate)))
    catalogue.add_page(page, path, names.collision_key(path), since=day)
    return True


def keep_keyword_pages(parts: Parts, day: date, drawn: Drawn) -> set[str]:
    """Give a page to each keyword that a second paper links, and take it from one that fewer link than two; mark what
    that changes. Those that got a page.
    """
    from digest.render import names

    catalogue = parts.catalogue
    having = catalogue.papers_with(drawn.touched)
    papers, promoted = set(drawn.papers), set()
    before = catalogue.keyword_pages_since(drawn.touched)
    for name in sorted(drawn.touched):
        page, linking = PageKey("keyword", name), having.get(name, [])
        if len(linking) > 1 and place(catalogue, page, names.keyword_path(name), _second_day(catalogue, linking)):
            promoted.add(name)
            papers.update(linking)
        elif len(linking) < 2 and catalogue.path(page) is not None:
            catalogue.take_page(page)
            papers.update(linking)
    shared = [name for name, linking in having.items() if len(linking) > 1]
    catalogue.terms.set_trends(drawn.touched, trends_of(catalogue, day, shared))
    changed = dict(before.items() ^ catalogue.keyword_pages_since(drawn.touched).items())
    telling = {when.first for when in catalogue.chronicle.telling_of(changed)}
    catalogue.mark(catalogue.pages_of({*changed.values(), *telling}))
    catalogue.mark(_keyword_mentions(catalogue, papers, drawn.touched))
    # A link tells the keywords that both papers have.
    catalogue.mark_linking(drawn.papers)
    return promoted


def _second_day(catalogue: Catalogue, papers: Collection[PaperId]) -> date:
    """The first day by which two of these papers were announced."""
    return sorted(catalogue.first_announced(papers).values())[1]


def _keyword_mentions(catalogue: Catalogue, papers: Collection[PaperId], touched: Collection[str]) -> set[PageKey]:
    """Pages that show which keywords these papers have."""
    keywords = {*touched, *catalogue.keywords_on(papers)}
    pages = {PageKey("paper", paper) for paper in papers} | {PageKey("keyword", name) for name in keywords}
    pages |= {PageKey("category", c) for paper in catalogue.papers(papers).values() for c in paper.categories}
    pages |= catalogue.pages_of(catalogue.first_announced(papers).values())
    return {page for page in pages if catalogue.path(page)}


def mentions(catalogue: Catalogue, papers: Sequence[Paper], promoted: Collection[str]) -> set[PageKey]:
    """Pages that show these papers, or could now show these keywords, beside the papers' own notes."""
    ids = {paper.id for paper in papers}
    wider = ids | {paper for having in catalogue.papers_with(promoted).values() for paper in having}
    pages = _keyword_mentions(catalogue, wider, ())
    pages |= {PageKey("paper", other) for other in catalogue.relations.partners(ids)}
    pages |= {PageKey(kind, paper) for kind in ("paper", "text") for paper in ids | catalogue.citations.around(ids)}
    pages |= catalogue.pages_of(catalogue.days_of(ids | catalogue.chronicle.tied_to(ids)))
    return {page for page in pages if catalogue.path(page)}


def _day_pages(catalogue: Catalogue, day: date, made: bool) -> set[PageKey]:
    """The day's page; when it is new also its neighbours', and the notes of its papers, which now have a day to link."""
    page = PageKey("day", day.isoformat())
    pages = {page}
    if made:
        pages |= {other for other in catalogue.beside(page) if other}
        pages |= {PageKey("paper", paper) for paper in catalogue.announced_on(day)}
    return {page for page in pages if catalogue.path(page)}
