"""What is to be settled and when; and that what was settled can be taken back, whatever it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.catalogue.store import Catalogue, PageKey
from digest.model import Paper, PaperId

ID = PaperId("2602.90001")
V1 = Paper(
    id=ID, version=1, title="One", abstract="We count.", authors=("Ada Example",), categories=("cs.AI", "math.CO")
)
V2, V3 = replace(V1, version=2, title="Two"), replace(V1, version=3, title="Three")


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    with Catalogue(Path(":memory:")) as opened:
        yield opened


def on(day: int) -> date:
    return date(2026, 2, day)


# --- what a paper wants ----------------------------------------------------------------------------------------------

Step = Callable[[Catalogue], object]


def new(paper: Paper, day: int, **more: Any) -> Step:
    """The paper is known since a day."""
    return lambda c: c.add_paper(paper, announced=on(day), **{"estimated": False, "noted": True} | more)


def replaced(paper: Paper, day: int | None) -> Step:
    """A version follows, told on a day or by a source that knows no day."""

    def step(c: Catalogue) -> None:
        c.update_paper(paper)
        if day is not None:
            c.tell_version(ID, paper.version, on(day))

    return step


def learnt(paper: Paper, day: int) -> Step:
    """A version before the one we have is told, with the paper's first day."""

    def step(c: Catalogue) -> None:
        c.add_version(paper)
        c.tell_version(ID, paper.version, on(day))
        c.tell_day(ID, on(day))

    return step


def told(version: int, day: int) -> Step:
    return lambda c: c.tell_version(ID, version, on(day))


def earliest(version: int, day: int) -> Step:
    """A version can have been announced on this day at the earliest."""
    return lambda c: c.date_versions(ID, [(version, datetime(2026, 2, day, tzinfo=UTC), on(day))])


def floor(day: int) -> Step:
    return lambda c: c.agenda.raise_floor(on(day))


def settled(c: Catalogue) -> None:
    """All that is queued is settled, day by day."""
    c.agenda.plan([ID])
    for day in c.agenda.days():
        with c.transaction(), c.agenda.recording(day):
            c.agenda.settle(day)


def queued(c: Catalogue) -> dict[int, str]:
    """Day of the month → the title with which the paper is to be settled then; "" where it is not, any more."""
    return {day.day: "".join(paper.title for paper in c.agenda.papers(day)) for day in c.agenda.days()}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([new(V1, 3)], {3: "One"}, id="its note's day"),
        pytest.param([new(V1, 3, noted=False)], {}, id="no note"),
        pytest.param([new(V1, 3, estimated=True, noted_on=on(6))], {6: "One"}, id="asked for by hand"),
        pytest.param([new(V1, 3), replaced(V2, 5)], {3: "One", 5: "Two"}, id="a later version with another text"),
        pytest.param([new(V1, 3), replaced(replace(V1, version=2), 5)], {3: "One"}, id="a version with the same text"),
        pytest.param(
            [new(V1, 3), replaced(V2, 5), replaced(replace(V1, version=3), 9)],
            {3: "One", 5: "Two", 9: "One"},
            id="back to the first text",
        ),
        pytest.param([new(V2, 5), learnt(V1, 3)], {3: "One", 5: "Two"}, id="the second version was learnt first"),
        pytest.param([new(V1, 3), replaced(V2, 5), replaced(V3, 5)], {3: "One", 5: "Three"}, id="two on one day"),
        pytest.param([new(V1, 3), replaced(V2, 3)], {3: "Two"}, id="a version on its note's day"),
        pytest.param([new(V1, 3), replaced(V2, None)], {3: "Two"}, id="a version of which nobody told the day"),
        pytest.param([new(V1, 3), replaced(V2, None), told(2, 5)], {3: "One", 5: "Two"}, id="its day is told later"),
        pytest.param([new(V1, 3), replaced(V2, 5), told(2, 4)], {3: "One", 4: "Two"}, id="an earlier day is told"),
        pytest.param([new(V1, 3), replaced(V2, 4), told(2, 5)], {3: "One", 4: "Two"}, id="a later day is told"),
        pytest.param(
            [new(V1, 3), replaced(V2, 4), earliest(2, 5)],
            {3: "One", 5: "Two"},
            id="the feed shows a version some hours before its mailing",
        ),
        pytest.param(
            [new(V1, 3), replaced(V2, 5), earliest(2, 4)], {3: "One", 5: "Two"}, id="a version that arXiv held back"
        ),
        pytest.param(
            [new(V1, 3), earliest(2, 4), replaced(V3, 5)], {3: "One", 5: "Three"}, id="a version that we never saw"
        ),
        pytest.param(
            [new(V2, 5), lambda c: c.tell_day(ID, on(3))], {3: "Two"}, id="the first version's text is not known"
        ),
        pytest.param(
            [new(V1, 3), replaced(V2, 5), lambda c: c.settle_anew(ID, on(6))], {6: "Two"}, id="its note is made again"
        ),
        # what was done before
        pytest.param([new(V1, 3), settled], {}, id="settled"),
        pytest.param([new(V1, 3), settled, replaced(V2, 5)], {5: "Two"}, id="settled, and replaced"),
        pytest.param([new(V1, 3), settled, replaced(V2, 3)], {3: "Two"}, id="settled with another text"),
        pytest.param([new(V2, 5), settled, learnt(V1, 3)], {3: "One"}, id="settled, and its first version is learnt"),
        pytest.param(
            [new(V1, 3), replaced(V2, 4), settled, earliest(2, 5)],
            {4: "", 5: "Two"},
            id="settled on a day that was not the version's",
        ),
        # told too late
        pytest.param([floor(4), new(V1, 3)], {4: "One"}, id="told below the floor"),
        pytest.param([new(V1, 3), floor(4)], {4: "One"}, id="the floor rose before it was settled"),
        pytest.param([new(V1, 3), settled, floor(4)], {}, id="settled below the floor"),
        pytest.param([floor(4), new(V1, 3), settled], {}, id="told below the floor and settled on it"),
        pytest.param([floor(4), new(V1, 3), settled, floor(6)], {}, id="and the floor rose again"),
        pytest.param([new(V1, 3), settled, floor(6), replaced(V2, 5)], {6: "Two"}, id="replaced below the floor"),
        pytest.param([floor(6), new(V1, 3), replaced(V2, 5)], {6: "Two"}, id="two versions below the floor"),
        pytest.param(
            [floor(6), new(V1, 3), replaced(V2, 5), settled, floor(9)], {}, id="two below the floor, settled as one"
        ),
        pytest.param(
            [new(V2, 5), settled, floor(6), learnt(V1, 3)], {}, id="a first version is learnt when it is too late"
        ),
        pytest.param(
            [floor(6), new(V1, 3), replaced(V2, 6)], {6: "Two"}, id="a version on the floor, one below and too late"
        ),
        pytest.param([floor(6), new(V1, 3), replaced(V2, 9)], {6: "One", 9: "Two"}, id="one below, one above"),
    ],
)
def test_what_is_queued(catalogue, steps, expected):
    for step in steps:
        step(catalogue)
    catalogue.agenda.plan([ID])
    assert queued(catalogue) == expected
    catalogue.agenda.plan([ID])
    assert queued(catalogue) == expected, "planning is no news"


def test_what_is_settled_is_queued_no_more_and_known(catalogue):
    new(V1, 3)(catalogue)
    assert catalogue.count_noted() == 0
    settled(catalogue)
    assert catalogue.agenda.days() == []
    assert catalogue.count_noted() == 1
    assert catalogue.agenda.is_settled_from(on(3))
    assert not catalogue.agenda.is_settled_from(on(4))


# --- taking back -----------------------------------------------------------------------------------------------------

KEYS = {
    "settlements": ("day", "paper_id"),
    "papers": ("id",),
    "paper_terms": ("paper_id", "name"),
    "terms": ("name",),
    "decisions": ("paper_id",),
    "keywords": ("name", "paper_id"),
    "keyword_forms": ("name", "form", "paper_id"),
    "neighbours": ("paper_id", "rank"),
    "links": ("paper_id", "other_id"),
    "spread": ("id",),
    "pages": ("kind", "key"),
}
PAPERS = [f"2602.9000{n}" for n in range(3)]
texts = st.sampled_from(
    ["it's", 'a "b"', "'); --", "two\nlines\r", "Bäume", "\U0001f333", "", "NULL", "1e5"]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
names = st.sampled_from(["Graph", "O'Graph", "graph\n", "Ünion"])
papers = st.sampled_from(PAPERS)
numbers = st.integers(0, 3) | st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
COLUMNS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "settlements": {"day": names, "paper_id": papers, "text_hash": texts},
    "papers": {"settled": st.integers(0, 1), "settled_hash": texts, "tie": floats},
    "paper_terms": {"paper_id": papers, "name": names},
    "terms": {"name": names, "papers": numbers},
    "decisions": {"paper_id": papers, "catalogue_size": numbers, "value": texts},
    "keywords": {"name": names, "paper_id": papers, "rank": numbers},
    "keyword_forms": {"name": names, "form": texts, "paper_id": papers},
    "neighbours": {
        "paper_id": papers,
        "rank": st.integers(0, 3),
        "other_id": papers,
        "score": floats,
        "cosine": floats,
        "words": floats,
    },
    "links": {"paper_id": papers, "rank": numbers, "other_id": papers},
    "spread": {"id": st.just(1), "recipe": texts, "papers": numbers, "counts": texts},
    "pages": {
        "kind": st.sampled_from(["day", "keyword"]),
        "key": names,
        "path": texts,
        "collision_key": texts,
        "since": texts,
        "recipe": texts,
    },
}
VERBS = ("INSERT OR IGNORE", "INSERT OR REPLACE", "UPSERT", "UPDATE OR IGNORE", "UPDATE OR REPLACE", "DELETE")


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """One statement that changes one table that conclusions are written to."""
    table = draw(st.sampled_from(sorted(COLUMNS)))
    verb = "UPDATE OR IGNORE" if table == "papers" else draw(st.sampled_from(VERBS))
    columns, values = list(COLUMNS[table]), [draw(strategy) for strategy in COLUMNS[table].values()]
    if verb == "DELETE":
        column = draw(st.sampled_from(columns))
        return f"DELETE FROM {table} WHERE {column} = ?", [values[columns.index(column)]]
    if verb.startswith("UPDATE"):
        column = draw(st.sampled_from(columns))
        key = KEYS[table][-1]
        wanted = draw(papers if key == "id" else COLUMNS[table][key])
        return f"{verb} {table} SET {column} = ? WHERE {key} = ?", [values[columns.index(column)], wanted]
    marks = ", ".join("?" * len(columns))
    if verb == "UPSERT":
        free = [column for column in columns if column not in (*KEYS[table], "path", "collision_key")]
        sets = ", ".join(f"{column} = excluded.{column}" for column in free)
        on_conflict = f"({', '.join(KEYS[table])}) DO UPDATE SET {sets}" if free else "DO NOTHING"
        into = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        return f"{into} ON CONFLICT {on_conflict}", values
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({marks})", values


def rows(c: Catalogue) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that conclusions are written to, each value with its type."""

    def typed(row: Any) -> tuple[Any, ...]:
        return tuple((type(value).__name__, value) for value in row)

    return {table: sorted(map(typed, c.connection.execute(f"SELECT * FROM {table}"))) for table in KEYS}


def with_papers(c: Catalogue) -> Catalogue:
    for paper_id in PAPERS:
        c.add_paper(replace(V1, id=PaperId(paper_id)), announced=on(1), estimated=False, noted=False)
    return c


@given(
    before=st.lists(changes(), max_size=4),
    days=st.lists(st.lists(changes(), max_size=8), min_size=1, max_size=4),
    data=st.data(),
)
def test_taking_days_back_leaves_what_was_before_them(before, days, data):
    """Whatever was written on which days: every table is, row for row and bit for bit, as it was; and a floor that has
    risen takes away nothing that a later day needs.
    """
    with with_papers(Catalogue(Path(":memory:"))) as c:
        for statement, values in before:
            c.connection.execute(statement, values)
        states = {}
        for day, statements in enumerate(days, 1):
            states[day] = rows(c)
            with c.transaction(), c.agenda.recording(on(day)):
                for statement, values in statements:
                    c.connection.execute(statement, values)
        lowest = data.draw(st.integers(1, len(days)), label="floor")
        c.agenda.raise_floor(on(lowest))
        for day in sorted(
            data.draw(st.sets(st.integers(lowest, len(days)), min_size=1), label="back to"), reverse=True
        ):
            with c.transaction():
                c.agenda.rewind(on(day))
            assert rows(c) == states[day]
            assert not c.agenda.is_settled_from(on(day))


def conclude(c: Catalogue, day: int, *pages: str) -> None:
    """A day on which keywords get their pages, and the catalogue's one paper is settled."""
    with c.transaction(), c.agenda.recording(on(day)):
        for name in pages:
            if c.path(PageKey("keyword", name)) is None:
                c.add_page(PageKey("keyword", name), f"keywords/{name}", f"keywords/{name.lower()}", since=on(day))
        c.mark(PageKey("keyword", name) for name in pages)
        c.agenda.settle(on(day))


def rewind(c: Catalogue, day: int) -> None:
    with c.transaction():
        c.agenda.rewind(on(day))


def publish(c: Catalogue) -> None:
    c.rendered(c.pending(), "recipe")


def test_the_pages_of_days_that_are_taken_back_are_made_again(catalogue):
    """Those that the day concerned, and no others; what is rendered in between changes nothing about that."""
    conclude(catalogue, 3, "A", "B")
    conclude(catalogue, 4, "B", "C")
    conclude(catalogue, 5, "D")
    publish(catalogue)
    rewind(catalogue, 4)
    assert [page.key for page in catalogue.pending()] == ["B", "C", "D"]
    publish(catalogue)
    rewind(catalogue, 4)
    assert catalogue.pending() == []


def test_files_of_pages_that_are_no_more_are_told_until_they_are_forgotten(catalogue):
    conclude(catalogue, 3, "A")
    conclude(catalogue, 4, "B", "C")
    rewind(catalogue, 4)
    assert list(catalogue.agenda.vanished()) == ["keywords/B", "keywords/C"]
    catalogue.agenda.forget_vanished(["keywords/B"])
    assert list(catalogue.agenda.vanished()) == ["keywords/C"]


def test_a_page_that_comes_back_is_no_vanished_one(catalogue):
    """Neither when it is made in the next conclusions, nor when it is taken back a second time and made again."""
    conclude(catalogue, 4, "B", "C")
    rewind(catalogue, 4)
    conclude(catalogue, 4, "B")
    assert list(catalogue.agenda.vanished()) == ["keywords/C"]
    rewind(catalogue, 4)
    assert list(catalogue.agenda.vanished()) == ["keywords/B", "keywords/C"]
    conclude(catalogue, 4, "B", "C")
    assert list(catalogue.agenda.vanished()) == []
    catalogue.agenda.forget_vanished([])
    catalogue.connection.execute("DELETE FROM pages")
    assert list(catalogue.agenda.vanished()) == [], "they are forgotten, not hidden"


def test_a_note_keeps_its_place(catalogue):
    """Its path is frozen, and the reader may have written in it: a note that is taken back is made again there."""
    note = PageKey("paper", ID)
    with catalogue.transaction(), catalogue.agenda.recording(on(3)):
        catalogue.add_page(note, "A Note", "a note", since=on(3))
        catalogue.mark([note])
    publish(catalogue)
    rewind(catalogue, 3)
    assert catalogue.path(note) == "A Note"
    assert (catalogue.agenda.vanished(), catalogue.pending()) == ({}, [])


def test_papers_of_days_that_are_taken_back_are_queued_anew(catalogue):
    for step in (new(V1, 3), replaced(V2, 5), settled):
        step(catalogue)
    rewind(catalogue, 5)
    assert queued(catalogue) == {5: "Two"}
    rewind(catalogue, 3)
    assert queued(catalogue) == {3: "One", 5: "Two"}
    assert catalogue.count_noted() == 0
    settled(catalogue)
    assert (queued(catalogue), catalogue.count_noted()) == ({}, 1)


def test_what_a_failed_transaction_took_back_is_there_again(catalogue):
    for step in (new(V1, 3), settled):
        step(catalogue)
    conclude(catalogue, 4, "A")
    publish(catalogue)
    tables = [row[0] for row in catalogue.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]

    def all_rows() -> dict[str, list[tuple[Any, ...]]]:
        return {name: [tuple(row) for row in catalogue.connection.execute(f"SELECT * FROM {name}")] for name in tables}

    before = all_rows()
    with catalogue.transaction(keep=False):
        catalogue.agenda.rewind(on(3))
        assert all_rows() != before
    assert all_rows() == before


def test_conclusions_that_fail_leave_nothing_and_end_the_recording(catalogue):
    new(V1, 3)(catalogue)
    catalogue.agenda.plan([ID])

    def fail() -> None:
        with catalogue.transaction(), catalogue.agenda.recording(on(3)):
            catalogue.agenda.settle(on(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert queued(catalogue) == {3: "One"}
    catalogue.terms.put({ID: {"Graph": 0.5}})
    assert not catalogue.agenda.is_settled_from(date.min)


def test_the_floor_never_falls(catalogue):
    assert catalogue.agenda.floor == date.min
    catalogue.agenda.raise_floor(on(5))
    catalogue.agenda.raise_floor(on(3))
    assert catalogue.agenda.floor == on(5)


def test_below_the_floor_nothing_is_taken_back(catalogue):
    conclude(catalogue, 3, "A")
    conclude(catalogue, 4, "B")
    catalogue.agenda.raise_floor(on(4))
    assert catalogue.agenda.is_settled_from(on(4))
    rewind(catalogue, 3)
    assert catalogue.path(PageKey("keyword", "A")) == "keywords/A"
    assert catalogue.path(PageKey("keyword", "B")) is None
