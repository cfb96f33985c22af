"""What sources outside arXiv said, in the catalogue: since when, and when they are asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from digest.catalogue.outside import Cause, Due, Silence
from digest.catalogue.store import Catalogue
from digest.citations import references
from digest.model import GivenTopic, Hearsay, Opinion, PaperId, Teller, Testimony
from digest.testing.builders import make_paper, make_testimony

DAY = date(2026, 2, 3)
ONE, TWO = PaperId("2602.90001"), PaperId("2602.90002")
SCHOLAR, OPENALEX = Teller.SEMANTIC_SCHOLAR, Teller.OPENALEX
SAID = make_testimony()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "catalogue.sqlite3") as opened:
        add(opened, ONE, DAY)
        add(opened, TWO, DAY + timedelta(days=1))
        yield opened


def add(catalogue: Catalogue, paper: PaperId, day: date, *, settled: bool = True) -> None:
    catalogue.add_paper(make_paper(id=paper), announced=day, estimated=False, noted=True)
    if settled:
        catalogue.connection.execute("UPDATE papers SET settled = 1 WHERE id = ?", (paper,))


def record(catalogue: Catalogue, said: Testimony | None, days: int = 0, **changes) -> bool:
    arguments = {"teller": SCHOLAR, "paper": ONE, "cause": Cause.FOUND if said else Cause.UNKNOWN, "again": None}
    today = DAY + timedelta(days=days)
    arguments |= changes
    return catalogue.outside.record(arguments.pop("teller"), arguments.pop("paper"), said, today=today, **arguments)


def due(catalogue: Catalogue, days: int, first_after: int = 3, teller: Teller = SCHOLAR) -> list[PaperId]:
    today = DAY + timedelta(days=days)
    found, total = catalogue.outside.due(teller, today, announced_until=today - timedelta(days=first_after), limit=9)
    assert total == len(found)
    return [one.paper for one in found]


def test_a_paper_waits_until_it_is_worth_asking_for(catalogue):
    """The last announced first."""
    assert [due(catalogue, days) for days in (0, 2, 3, 4)] == [[], [], [ONE], [TWO, ONE]]
    found = catalogue.outside.due(SCHOLAR, DAY, announced_until=DAY, limit=9)
    assert found == ([Due(paper=ONE, announced=DAY)], 1)


def test_the_reading_queue_comes_first(catalogue):
    """What is left for other nights is counted."""
    catalogue.feedback.record(DAY, {ONE: Opinion(queue=True)})
    found = catalogue.outside.due(SCHOLAR, DAY, announced_until=date.max, limit=1)
    assert found == ([Due(paper=ONE, announced=DAY)], 2)
    catalogue.feedback.record(DAY, {ONE: Opinion(queue=False), TWO: Opinion(queue=True)})
    assert due(catalogue, 10) == [TWO, ONE]


def test_what_was_asked_for_is_due_on_its_day_and_not_before(catalogue):
    record(catalogue, SAID, days=4, again=DAY + timedelta(days=11))
    record(catalogue, None, days=4, paper=TWO)
    assert [due(catalogue, days) for days in (5, 10, 11, 400)] == [[], [], [ONE], [ONE]]
    assert due(catalogue, 5, teller=OPENALEX) == [TWO, ONE], "each source has its own days"


def test_only_papers_with_a_note_are_asked_for(catalogue):
    """Not those that the reader has deleted, nor those that wait to be settled."""
    catalogue.dismiss(ONE)
    add(catalogue, PaperId("2602.90003"), DAY, settled=False)
    assert due(catalogue, 10) == [TWO]


def test_what_is_said_is_read_again_as_it_was(catalogue):
    topic = GivenTopic(id="T1", name="Räume", subfield="a", field="b", domain="c", score=0.5)
    other = Testimony(page="https://openalex.org/W1", topics=(topic,), retracted=True, ratings=(8.0, 6.5), upvotes=0)
    record(catalogue, other, teller=OPENALEX)
    record(catalogue, SAID)
    assert catalogue.outside.hearsay([ONE, TWO]) == {
        ONE: (
            Hearsay(teller=SCHOLAR, since=DAY, said=SAID),
            Hearsay(teller=OPENALEX, since=DAY, said=other),
        )
    }


def test_the_day_is_that_on_which_it_was_first_heard_so(catalogue):
    """Asking again and hearing the same changes nothing that a note shows; references it does not show."""

    def since() -> date:
        return catalogue.outside.hearsay([ONE])[ONE][0].since

    more = replace(SAID, references=("arxiv:1706.03762", "doi:10.1/x"))
    assert record(catalogue, SAID)
    assert not record(catalogue, SAID, days=7)
    assert not record(catalogue, more, days=14)
    assert since() == DAY
    assert catalogue.outside.hearsay([ONE])[ONE][0].said.references == more.references
    assert record(catalogue, replace(more, citations=13), days=21)
    assert since() == DAY + timedelta(days=21)


def test_what_cannot_be_read_leaves_what_was_said(catalogue):
    record(catalogue, SAID)
    assert not record(catalogue, None, days=7, cause=Cause.UNREADABLE)
    assert catalogue.outside.hearsay([ONE])[ONE] == (Hearsay(teller=SCHOLAR, since=DAY, said=SAID),)
    assert catalogue.outside.counts() == {"semantic_scholar": {"unreadable": 1}}


def test_what_a_source_does_not_know_any_more_is_not_said_any_more(catalogue):
    assert not record(catalogue, None)
    assert record(catalogue, SAID, days=3)
    assert record(catalogue, None, days=7)
    assert catalogue.outside.hearsay([ONE]) == {}
    assert catalogue.outside.counts() == {"semantic_scholar": {"unknown": 1}}


def test_silence_is_remembered_until_it_is_over(catalogue):
    silence = Silence(nights=2, until=DAY, why="gives no answer in time")
    assert catalogue.outside.silence(SCHOLAR) is None
    catalogue.outside.set_silence(SCHOLAR, silence)
    assert catalogue.outside.silence(SCHOLAR) == silence
    assert catalogue.outside.silence(OPENALEX) is None
    catalogue.outside.set_silence(SCHOLAR, None)
    assert catalogue.outside.silence(SCHOLAR) is None


def test_references_are_told_of_papers_that_have_none_of_their_own(catalogue):
    record(catalogue, replace(SAID, references=("arxiv:2602.90002", "doi:10.1/X")))
    record(catalogue, replace(SAID, references=()), paper=TWO)
    record(catalogue, replace(SAID, references=("arxiv:2602.90001",)), paper=TWO, teller=OPENALEX)
    told = catalogue.outside.references(SCHOLAR)
    assert told == {ONE: ("arxiv:2602.90002", "doi:10.1/X")}
    catalogue.citations.set_papers(catalogue.papers([ONE, TWO]).values())
    assert catalogue.citations.set_bibliography(ONE, [references.told(one) for one in told[ONE]]) == {ONE, TWO}
    assert catalogue.citations.cites([ONE]) == {ONE: [TWO]}
    assert catalogue.outside.references(SCHOLAR) == {}
