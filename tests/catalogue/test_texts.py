"""Whole texts in the catalogue: which are due, how often arXiv is asked again, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from digest.catalogue.store import Catalogue, PageKey
from digest.document import Cell, Document, Formula, Heading, Item, List, Outcome, Paragraph, Span, Style, Table
from digest.model import PaperId
from digest.testing.builders import make_paper

DAY = date(2026, 2, 3)
ID = PaperId("2602.90001")
TEXT = Document(
    blocks=(
        Heading(depth=1, number="1", line=(Span("Introduction"),), anchor="S1"),
        Paragraph(line=(Span("As "), Span("Marwick", Style.CITATION, "bib.bib1"), Span(" showed."))),
        List(ordered=True, items=((Formula(tex="a < b", number="1"),),), marks=("(a)",)),
        Table(rows=((Cell((Span("x"),), header=True), Cell((Span("x"),), spanned=True)),), headers=1, label="Table 1"),
    ),
    footnotes=((Span("A note."),),),
    bibliography=(Item(anchor="bib.bib1", label="[1]", parts=("I. Marwick", "Harrow")),),
    keywords=("retrieval",),
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "catalogue.sqlite3") as found:
        yield found


def add(catalogue: Catalogue, paper_id: str = ID, *, has_note: bool = True, **changes: object) -> PaperId:
    paper = make_paper(id=PaperId(paper_id), **changes)
    catalogue.add_paper(paper, announced=DAY, estimated=False, noted=True)
    catalogue.connection.execute("UPDATE papers SET settled = 1 WHERE id = ?", (paper_id,))
    if has_note:
        catalogue.add_page(PageKey("paper", paper_id), f"notes/{paper_id}", f"notes/{paper_id}", since=DAY)
    return paper.id


def keep(catalogue: Catalogue, outcome: Outcome, day: date, *, version: int = 1, paper: PaperId = ID) -> None:
    document = TEXT if outcome.has_text else None
    catalogue.texts.keep(paper, version, outcome, day=day, sha256=outcome.value, modified="", document=document)


def nights_asked(catalogue: Catalogue, outcome: Outcome, nights: int) -> list[int]:
    """On which of so many nights the paper is asked for, when each answer is *outcome*."""
    found = []
    for night in range(nights):
        if catalogue.texts.due([ID], DAY + timedelta(days=night)):
            keep(catalogue, outcome, DAY + timedelta(days=night))
            found.append(night)
    return found


def test_a_text_comes_back_as_it_was_kept(catalogue: Catalogue):
    add(catalogue)
    keep(catalogue, Outcome.WHOLE, DAY)
    assert catalogue.texts.document(ID) == TEXT


@pytest.mark.parametrize(
    ("outcome", "nights"),
    [
        (Outcome.WHOLE, [0]),
        (Outcome.TOO_LARGE, [0]),
        (Outcome.NONE, [0, 1, 4, 11]),
        (Outcome.UNREADABLE, [0, 1, 4, 11]),
        (Outcome.CUT_SHORT, [0, 1, 8, 38, 128]),
        (Outcome.DAMAGED, [0, 30, 120]),
    ],
)
def test_how_often_a_version_is_asked_for(catalogue: Catalogue, outcome: Outcome, nights: list[int]):
    add(catalogue)
    assert nights_asked(catalogue, outcome, 400) == nights


def test_a_new_version_is_asked_for_anew(catalogue: Catalogue):
    add(catalogue)
    assert nights_asked(catalogue, Outcome.NONE, 50) == [0, 1, 4, 11]
    catalogue.update_paper(make_paper(id=ID, version=2))
    assert catalogue.texts.due([ID], DAY + timedelta(days=60)) == [ID]
    keep(catalogue, Outcome.NONE, DAY + timedelta(days=60), version=2)
    assert catalogue.texts.due([ID], DAY + timedelta(days=61)) == [ID], "its retries begin anew"


def test_a_text_stays_where_a_later_answer_has_none(catalogue: Catalogue):
    add(catalogue)
    keep(catalogue, Outcome.WHOLE, DAY)
    before = catalogue.texts.contents([ID])
    keep(catalogue, Outcome.NONE, DAY + timedelta(days=9), version=2)
    assert catalogue.texts.document(ID) == TEXT
    assert catalogue.texts.contents([ID]) == before


@pytest.mark.parametrize("changes", [{"withdrawn": True}, {"has_note": False}])
def test_what_is_never_asked_for(catalogue: Catalogue, changes: dict[str, bool]):
    add(catalogue, **changes)
    assert catalogue.texts.due([ID], DAY) == []


def test_due_papers_keep_the_order_that_was_given(catalogue: Catalogue):
    ids = [add(catalogue, f"2602.9000{n}") for n in (3, 1, 2)]
    assert catalogue.texts.due(ids, DAY) == ids


def test_a_night_knows_how_many_it_has_asked_for(catalogue: Catalogue):
    for number in range(3):
        keep(catalogue, Outcome.NONE, DAY, paper=add(catalogue, f"2602.9000{number}"))
    assert (catalogue.texts.asked_on(DAY), catalogue.texts.asked_on(DAY + timedelta(days=1))) == (3, 0)


def test_a_text_that_the_reader_threw_away_is_not_asked_for_again(catalogue: Catalogue):
    add(catalogue)
    keep(catalogue, Outcome.WHOLE, DAY)
    catalogue.texts.forget(ID, DAY)
    assert catalogue.texts.document(ID) is None
    assert catalogue.texts.due([ID], DAY + timedelta(days=400)) == []


def test_with_the_note_goes_the_text(catalogue: Catalogue):
    add(catalogue)
    catalogue.add_page(PageKey("text", ID), "notes/text", "notes/text", since=DAY)
    catalogue.dismiss(ID)
    assert catalogue.path(PageKey("text", ID)) is None
    assert catalogue.agenda.vanished() == {"notes/text": ("text", ID)}
