"""What the reader did to his vault is in the catalogue after the next run, and his pages follow."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from digest import config
from digest.catalogue.store import Catalogue, PageKey
from digest.check import Kind, check
from digest.cli.session import instant
from digest.model import Opinion, Status
from digest.pipeline import commands
from digest.pipeline import feedback as stage
from digest.pipeline.commands import GOOD, SOME_FAILED
from digest.testing import demo
from digest.testing.fakes import QuickAssembly, vault_bytes
from digest.vault.notes import Reading

MONDAY, TUESDAY, WEDNESDAY = "2026-02-02", "2026-02-03", "2026-02-04"


@contextmanager
def catalogue(home: Path) -> Iterator[Catalogue]:
    with Catalogue(home / "state" / "catalogue.sqlite3") as found:
        yield found


def notes(home: Path) -> dict[str, Path]:
    """Papers' notes by identifier, wherever they are."""
    found = {}
    for path in (home / "vault").rglob("*.md"):
        if identifier := re.search(r'^arxiv_id: "(.*)"', path.read_text(encoding="utf-8"), re.MULTILINE):
            found[identifier[1]] = path
    return dict(sorted(found.items()))


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """As somebody who saved some hours ago; each edit at another time."""
    text = path.read_bytes().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_bytes(text.encode())
    backdate(path)


def backdate(path: Path) -> None:
    moment = time.time_ns() - 3600 * 10**9
    os.utime(path, ns=(moment, moment))


def properties(path: Path) -> str:
    return path.read_bytes().decode().partition("\n---\n")[0]


def day_page(home: Path, day: str) -> Path:
    return home / "vault" / "digests" / f"daily_digest_{day.replace('-', '')}.md"


def boxes(home: Path, day: str) -> list[str]:
    """The targets of the boxes on a day's page."""
    return re.findall(r"(?m)^- \[.\] \[\[([^|\]]+)", day_page(home, day).read_text(encoding="utf-8"))


# --- properties ------------------------------------------------------------------------------------------------------


def test_what_a_note_says_is_taken(run, home):
    """With the day of the run that found it; what is taken back is a change too."""
    run(MONDAY)
    (one, first), (other, second), *_ = notes(home).items()
    edit(first, ("status: unread", "status: reading"), ("rating:", "rating: 4"))
    edit(second, ("queue: false", "queue: true"))
    report = run(TUESDAY)
    assert report.reader.papers == 2
    with catalogue(home) as found:
        assert found.feedback.current([one, other]) == {
            one: Opinion(status=Status.READING, rating=4),
            other: Opinion(queue=True),
        }
        assert found.feedback.queue() == (other,)
        assert found.feedback.statuses() == {one: Status.READING}
        assert found.feedback.ratings() == {one: 4}
        assert found.feedback.counts() == {"queued": 1, "reading": 1, "read": 0, "skip": 0, "rated": 1}

    edit(first, ("rating: 4", "rating:"), ("status: reading", "status: read"))
    edit(second, ("status: unread", "status: read"))
    run(WEDNESDAY)
    with catalogue(home) as found:
        assert found.feedback.history(one) == [
            (date.fromisoformat(TUESDAY), Opinion(status=Status.READING, rating=4)),
            (date.fromisoformat(WEDNESDAY), Opinion(status=Status.READ)),
        ]
        assert found.feedback.queue() == (), "it is read"
        assert found.feedback.statuses() == {one: Status.READ, other: Status.READ}


def test_the_queue_has_the_last_announced_first(run, home):
    for day in (MONDAY, TUESDAY):
        run(day)
    for path in notes(home).values():
        edit(path, ("queue: false", "queue: true"))
    run(WEDNESDAY)
    with catalogue(home) as found:
        queue = found.feedback.queue()
        days = found.first_announced(queue)
        assert len(queue) > 3
        assert list(queue) == sorted(queue, key=lambda p: (-days[p].toordinal(), p))
        assert len(set(days.values())) > 1


@pytest.mark.parametrize(
    ("properties", "said", "told"),
    [
        pytest.param({}, Opinion(), (), id="deleted"),
        pytest.param({"status": None, "queue": None, "rating": None}, Opinion(), (), id="empty"),
        pytest.param({"status": " Read "}, Opinion(status=Status.READ), (), id="capitals"),
        pytest.param({"rating": 7}, Opinion(rating=7), (), id="any scale"),
        pytest.param({"rating": "4.5"}, Opinion(rating=4.5), (), id="a number as text"),
        pytest.param({"rating": "high"}, Opinion(rating=2), ("its rating “high” is no number; not taken",), id="word"),
        pytest.param({"rating": True}, Opinion(rating=2), ("its rating “True” is no number; not taken",), id="box"),
        pytest.param({"rating": [5], "status": ["read"]}, Opinion(status=Status.READ, rating=5), (), id="lists of one"),
        pytest.param(
            {"rating": [5, 6]}, Opinion(rating=2), ("its rating “[5, 6]” is no number; not taken",), id="list"
        ),
        pytest.param(
            {"rating": float("nan")}, Opinion(rating=2), ("its rating “nan” is no number; not taken",), id="nan"
        ),
        pytest.param(
            {"queue": "soon"},
            Opinion(queue=True),
            ("its queue “soon” is neither true nor false; not taken",),
            id="soon",
        ),
        pytest.param(
            {"status": "done"},
            Opinion(status=Status.SKIP),
            ("its status “done” is none of unread, reading, read, skip; not taken",),
            id="other status",
        ),
        pytest.param(
            {"status": ["read", "skip"]},
            Opinion(status=Status.SKIP),
            ("its status “['read', 'skip']” is none of unread, reading, read, skip; not taken",),
            id="list of status",
        ),
    ],
)
def test_what_a_property_is_taken_for(properties, said, told):
    """What is of no use stays in the note and is told; what was said before stands then."""
    before = Opinion(status=Status.SKIP, queue=True, rating=2)
    expected = {name: getattr(before, name) for name in ("status", "queue", "rating")}
    for name in ("status", "queue", "rating"):
        expected[name] = getattr(said, name) if name in properties or not properties else getattr(Opinion(), name)
    found = stage.opinion(Reading(properties=properties), before, is_ticked=False)
    assert found == (Opinion(**expected), told)


def test_a_note_that_cannot_be_read_is_told_and_what_it_said_stands(run, home):
    run(MONDAY)
    paper, path = next(iter(notes(home).items()))
    edit(path, ("status: unread", "status: read"))
    run(TUESDAY)
    edit(path, ("status: read", "status: unread\nx: [1"))
    broken = path.read_bytes()
    report = run(WEDNESDAY)
    name = path.relative_to(home / "vault").as_posix()
    assert report.exit_status == GOOD
    read, written = (why for where, why in report.left_alone if where == name)
    assert read.startswith("its properties are not valid YAML")
    assert written.startswith("left alone")
    assert path.read_bytes() == broken
    with catalogue(home) as found:
        assert found.feedback.current([paper])[paper].status is Status.READ
        assert name in dict(found.feedback.left_alone())
    edit(path, ("\nx: [1", ""))
    run("2026-02-05")
    with catalogue(home) as found:
        assert found.feedback.current([paper])[paper].status is Status.UNREAD
        assert name not in dict(found.feedback.left_alone())


def test_only_files_that_changed_are_read(run, home, monkeypatch):
    """And a quiet night reads none."""
    for day in (MONDAY, TUESDAY):
        run(day)
    run(TUESDAY)
    from digest.vault import Vault

    read, seen = Vault.read, []
    monkeypatch.setattr(Vault, "read", lambda self, path, known="": seen.append(path) or read(self, path, known))
    run(TUESDAY)
    assert seen == []
    path = next(iter(notes(home).values()))
    edit(path, ("queue: false", "queue: true"))
    run(TUESDAY)
    assert seen == [path.relative_to(home / "vault").as_posix()]


# --- boxes -----------------------------------------------------------------------------------------------------------


def test_a_ticked_box_queues_the_paper_and_an_empty_one_takes_it_back(run, home):
    """In the catalogue and in the note, where the Base finds it; the box stays as the reader left it."""
    run(MONDAY)
    target = boxes(home, MONDAY)[0]
    note, page = home / "vault" / f"{target}.md", day_page(home, MONDAY)
    before = note.read_bytes()
    edit(page, (f"- [ ] [[{target}|", f"- [x] [[{target}|"))
    run(MONDAY)
    assert note.read_bytes() == before.replace(b"queue: false", b"queue: true")
    assert f"- [x] [[{target}|" in page.read_text()
    with catalogue(home) as found:
        assert [found.path(PageKey("paper", paper)) for paper in found.feedback.queue()] == [target]

    edit(page, (f"- [x] [[{target}|", f"- [ ] [[{target}|"))
    run(WEDNESDAY)
    assert b"queue: false" in note.read_bytes()
    with catalogue(home) as found:
        assert found.feedback.queue() == ()
        assert [said.queue for _, said in found.feedback.history(next(iter(found.feedback.current(notes(home)))))] == [
            True,
            False,
        ]


def test_an_emptied_box_takes_back_only_what_the_tick_did(run, home):
    """The reader had queued the paper himself; and what he says in the note after he ticked counts."""
    run(MONDAY)
    mine, ticked, *_ = boxes(home, MONDAY)
    page = day_page(home, MONDAY)
    edit(home / "vault" / f"{mine}.md", ("queue: false", "queue: true"))
    edit(page, (f"- [ ] [[{mine}|", f"- [x] [[{mine}|"), (f"- [ ] [[{ticked}|", f"- [X] [[{ticked}|"))
    run(TUESDAY)
    edit(page, (f"- [x] [[{mine}|", f"- [ ] [[{mine}|"))
    edit(home / "vault" / f"{ticked}.md", ("queue: true", "queue: false"))
    run(WEDNESDAY)
    assert "queue: true" in (home / "vault" / f"{mine}.md").read_text()
    assert "queue: false" in (home / "vault" / f"{ticked}.md").read_text()
    with catalogue(home) as found:
        assert [found.path(PageKey("paper", paper)) for paper in found.feedback.queue()] == [mine]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("queue: false\n", ""), id="deleted"),
        pytest.param(("queue: false\n", "queue: false\nx: [\n"), id="invalid"),
    ],
)
def test_a_tick_counts_where_the_note_cannot_follow(run, home, change):
    """Its property was deleted, or none can be read: the note stays as it is, and the paper is queued."""
    run(MONDAY)
    target = boxes(home, MONDAY)[0]
    note = home / "vault" / f"{target}.md"
    edit(note, change)
    properties_before = properties(note)
    edit(day_page(home, MONDAY), (f"- [ ] [[{target}|", f"- [x] [[{target}|"))
    run(MONDAY)
    assert properties(note) == properties_before
    with catalogue(home) as found:
        assert [found.path(PageKey("paper", paper)) for paper in found.feedback.queue()] == [target]


def test_a_note_that_is_open_follows_its_box_the_next_night(run, home):
    run(MONDAY)
    target = boxes(home, MONDAY)[0]
    note = home / "vault" / f"{target}.md"
    lock = note.with_name(f".{note.name}.swp")
    lock.touch()
    edit(day_page(home, MONDAY), (f"- [ ] [[{target}|", f"- [x] [[{target}|"))
    run(MONDAY)
    assert "queue: false" in note.read_text()
    lock.unlink()
    run(MONDAY)
    assert "queue: true" in note.read_text()


def test_the_home_page_waits_to_be_rendered_when_the_queue_changes(run, home, monkeypatch):
    run(MONDAY)
    run(MONDAY)
    marked = []
    mark = Catalogue.mark
    monkeypatch.setattr(Catalogue, "mark", lambda self, pages: mark(self, marked.extend(found := list(pages)) or found))
    first, second, *_ = notes(home).values()
    edit(first, ("rating:", "rating: 3"))
    run(MONDAY)
    assert stage.HOME not in marked
    edit(second, ("queue: false", "queue: true"))
    run(MONDAY)
    assert stage.HOME in marked


# --- notes that are elsewhere ----------------------------------------------------------------------------------------


def test_links_follow_a_moved_note_at_once(run, home):
    """Though nothing else is new that night; and what the reader says there is heard."""
    run(MONDAY)
    root = home / "vault"
    paper, path = next(iter(notes(home).items()))
    target = root / "Reading" / "Mine.md"
    target.parent.mkdir()
    path.rename(target)
    edit(target, ("status: unread", "status: read"))
    report = run(MONDAY)
    assert (report.reader.moved, report.reader.deleted) == (1, 0)
    assert "[[Reading/Mine|" in day_page(home, MONDAY).read_text()
    assert [f for f in check(root).findings if f.kind is Kind.DEAD_LINK] == []
    with catalogue(home) as found:
        assert found.path(PageKey("paper", paper)) == "Reading/Mine"
        assert found.feedback.current([paper])[paper].status is Status.READ
        assert found.feedback.former_paths() == {"Reading/Mine": [path.relative_to(root).with_suffix("").as_posix()]}
    before = {name: (root / name).stat().st_mtime_ns for name in vault_bytes(root)}
    run(MONDAY)
    assert {name: (root / name).stat().st_mtime_ns for name in vault_bytes(root)} == before


def test_two_notes_may_change_places(run, home):
    """Names tell nothing; what each note is about tells its ``arxiv_id``."""
    run(MONDAY)
    (one, first), (other, second), *_ = notes(home).items()
    before = {one: first.read_bytes(), other: second.read_bytes()}
    aside = first.with_name("aside.md")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
    for path in (first, second):
        backdate(path)
    report = run(MONDAY)
    assert report.reader.moved == 2
    assert {one: second.read_bytes(), other: first.read_bytes()}.keys() == before.keys()
    with catalogue(home) as found:
        assert home / "vault" / f"{found.path(PageKey('paper', one))}.md" == second
        assert home / "vault" / f"{found.path(PageKey('paper', other))}.md" == first


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data + "Größe".encode("latin-1"), id="not UTF-8"),
        pytest.param(lambda data: data.replace(b"\nqueue:", b"\nx: [1\nqueue:"), id="broken properties"),
    ],
)
def test_of_two_notes_that_change_places_one_need_not_be_readable(run, home, spoil):
    """Whose note a file is can be told where its other properties, or its text, cannot be read."""
    run(MONDAY)
    (one, first), (other, second), *_ = notes(home).items()
    first.write_bytes(spoil(first.read_bytes()))
    aside = first.with_name("aside.md")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
    for path in (first, second):
        backdate(path)
    assert run(MONDAY).reader.moved == 2
    with catalogue(home) as found:
        assert home / "vault" / f"{found.path(PageKey('paper', one))}.md" == second
        assert home / "vault" / f"{found.path(PageKey('paper', other))}.md" == first


@pytest.mark.parametrize("kind", ["paper", "keyword", "category", "day"])
def test_an_old_copy_that_is_back_is_brought_up_to_date(run, home, kind):
    """A sync that lets the last writer win, a backup, two of the reader's own that he swaps: its links may have died. And
    his words in it stay.
    """
    run(MONDAY)
    with catalogue(home) as found:
        page = PageKey("paper", next(iter(notes(home)))) if kind == "paper" else found.pages_of_kind(kind)[0]
        path = home / "vault" / f"{found.path(page)}.md"
    old = path.read_bytes()
    for note in {*notes(home).values()} - {path}:
        note.rename(note.with_name(f"Moved {note.name}"))
    run(MONDAY)
    new = path.read_bytes()
    path.write_bytes(old + b"\nmine\n")
    backdate(path)
    assert new != old
    run(MONDAY)
    assert path.read_bytes() == new + b"\nmine\n"
    assert not [one for one in check(home / "vault").findings if one.kind is Kind.DEAD_LINK]


def test_pages_that_change_places_are_told_and_come_again_when_deleted(run, home):
    """A page that is not about one paper does not say whose file it is; its blocks do."""
    run(MONDAY)
    one, other = home / "vault" / "Home.md", day_page(home, MONDAY)
    edit(other, ("## My notes", "## My notes\n\nmine"))
    swapped = other.read_bytes(), one.read_bytes()
    one.write_bytes(swapped[0])
    other.write_bytes(swapped[1])
    for path in (one, other):
        backdate(path)
    told = dict(run(TUESDAY).left_alone)
    assert (one.read_bytes(), other.read_bytes()) == swapped
    for path in (one, other):
        assert told[path.relative_to(home / "vault").as_posix()].startswith("left alone: it holds another page")
        path.unlink()
    assert run(TUESDAY).left_alone == ()
    assert (b"begin home" in one.read_bytes(), b"begin papers" in other.read_bytes()) == (True, True)


def test_a_note_may_be_renamed_in_case_only(run, home):
    run(MONDAY)
    paper, path = next(iter(notes(home).items()))
    target = path.with_name(path.name.upper().removesuffix(".MD") + ".md")
    path.rename(target)
    run(MONDAY)
    with catalogue(home) as found:
        assert found.path(PageKey("paper", paper)) == target.relative_to(home / "vault").with_suffix("").as_posix()
    assert [f for f in check(home / "vault").findings if f.kind in (Kind.DEAD_LINK, Kind.SPELLING)] == []


def test_a_deleted_note_is_gone_from_all_pages_at_once(run, home):
    """It stays away, and is no part of the queue; a copy of another note is no reason to bring it back."""
    run(MONDAY)
    (paper, path), (_, other), *_ = notes(home).items()
    edit(path, ("queue: false", "queue: true"))
    run(MONDAY)
    path.unlink()
    shutil.copy(other, other.with_name("copy.md"))
    report = run(MONDAY)
    assert report.reader.deleted == 1
    assert paper not in notes(home)
    assert path.stem not in day_page(home, MONDAY).read_text()
    with catalogue(home) as found:
        assert found.feedback.queue() == ()
        assert len(found.feedback.history(paper)) == 1, "what he said is not forgotten"
    run(TUESDAY)
    assert paper not in notes(home)


def test_a_deletion_may_be_taken_back(run, home, tmp_path):
    """Out of the bin, to where the note was: it is linked and kept up to date again, with the reader's words."""
    run(MONDAY)
    paper, path = next(iter(notes(home).items()))
    edit(path, ("## My notes\n", "## My notes\n\nMine.\n"), ("status: unread", "status: read"))
    path.rename(tmp_path / "bin.md")
    assert run(TUESDAY).reader.deleted == 1
    assert path.stem not in day_page(home, MONDAY).read_text()
    (tmp_path / "bin.md").rename(path)
    run(WEDNESDAY)
    assert path.stem in day_page(home, MONDAY).read_text()
    assert "Mine." in path.read_text()
    with catalogue(home) as found:
        assert found.feedback.current([paper])[paper].status is Status.READ
        assert not found.is_dismissed(paper)
    assert [f for f in check(home / "vault").findings if f.kind is Kind.DEAD_LINK] == []


def test_another_note_where_a_deleted_one_was_changes_nothing(run, home):
    """One of the reader's own on the same paper, too."""
    run(MONDAY)
    paper, path = next(iter(notes(home).items()))
    path.write_text(f'---\narxiv_id: "{paper}"\n---\nMine.\n')
    aside = path.with_name("aside.md")
    path.rename(aside)
    run(TUESDAY)
    aside.rename(path)
    run(WEDNESDAY)
    assert path.read_text() == f'---\narxiv_id: "{paper}"\n---\nMine.\n'
    with catalogue(home) as found:
        assert found.is_dismissed(paper)


def test_a_note_moved_over_another_page_is_left_to_the_reader(run, home):
    """It is told, nothing links to it, and the other page is not written over it."""
    run(MONDAY)
    paper, path = next(iter(notes(home).items()))
    page = day_page(home, MONDAY)
    path.replace(page)
    backdate(page)
    words = page.read_bytes()
    report = run(MONDAY)
    assert stage.TAKEN in [why for _, why in report.left_alone]
    run(TUESDAY)
    assert page.read_bytes() == words
    with catalogue(home) as found:
        assert found.path(PageKey("paper", paper)) is None


@pytest.mark.parametrize("there", [None, "Mine.md", ".obsidian/app.json"])
def test_a_vault_that_is_not_there_is_not_taken_for_deleted_notes(run, home, there):
    """A disk that is not mounted, another path in the settings: it is told, nothing is written, and the next night, when
    the vault is back, nothing is missing.
    """
    run(MONDAY)
    root, aside = home / "vault", home / "aside"
    before = vault_bytes(root)
    root.rename(aside)
    if there:
        (root / there).parent.mkdir(parents=True)
        (root / there).write_text("Mine.")
    report = run(TUESDAY)
    assert (report.exit_status, report.left_alone) == (SOME_FAILED, (stage.LOST,))
    assert list(vault_bytes(root)) == ([there] if there else [])
    shutil.rmtree(root, ignore_errors=True)
    aside.rename(root)
    report = run(TUESDAY)
    assert (report.exit_status, report.reader.deleted, report.left_alone) == (GOOD, 0, ())
    assert before.keys() < vault_bytes(root).keys()


def test_a_vault_whose_only_pages_were_moved_is_not_lost(run, home):
    """After a night without papers there are few; what else was written is still where it was."""
    run(MONDAY)
    root = home / "vault"
    for path in [path for path in root.rglob("*.md") if path.name != "Home.md"]:
        path.unlink()
    (root / "Home.md").rename(root / "Mine.md")
    report = run(TUESDAY)
    assert stage.LOST not in report.left_alone
    assert {"Home.md", "Mine.md", "About the scores.md"} <= vault_bytes(root).keys()


def test_a_vault_that_is_lost_is_made_again_when_asked(run, home, arxiv):
    for day in (MONDAY, TUESDAY):
        run(day)
    before = vault_bytes(home / "vault")
    shutil.rmtree(home / "vault")
    with QuickAssembly(home, config.load(home, demo.settings(arxiv.url))) as assembly:
        report = commands.render(assembly, instant(None), everything=True)
    assert report.exit_status == GOOD
    assert vault_bytes(home / "vault") == before
    assert run(TUESDAY).left_alone == ()


@pytest.mark.parametrize("name", ["digests/daily_digest_20260202.md", "assets/2026-02-02-categories.svg", "Home.md"])
def test_pages_and_plots_that_others_link_to_are_made_again(run, home, name):
    """At once, with no other news."""
    run(MONDAY)
    before = vault_bytes(home / "vault")
    (home / "vault" / name).unlink()
    run(MONDAY)
    assert vault_bytes(home / "vault") == before


# --- somebody is writing ---------------------------------------------------------------------------------------------


def test_a_note_changed_a_moment_ago_is_written_at_the_end_of_the_run(run, home, monkeypatch):
    """Or, while somebody goes on writing, by a later run; it is no failure."""
    run(MONDAY)
    page = day_page(home, MONDAY)
    from digest.vault import Vault

    def type_on(self):
        page.write_bytes(page.read_bytes() + b"more\n")

    page.write_bytes(page.read_bytes() + b"words\n")
    moved = next(iter(notes(home).values()))
    moved.rename(moved.with_name("moved.md"))
    monkeypatch.setattr(Vault, "pause", type_on)
    report = run(MONDAY)
    assert report.exit_status == GOOD
    assert any("a moment ago" in why for _, why in report.left_alone)
    assert "/moved|" not in page.read_text()
    assert page.read_text().endswith("words\nmore\n")
    with catalogue(home) as found:
        assert found.pending() == [PageKey("day", MONDAY)]
    monkeypatch.undo()
    run(MONDAY)
    assert "/moved|" in page.read_text()
    assert page.read_text().endswith("words\nmore\n")


@pytest.mark.long
def test_twenty_thousand_notes_are_looked_at_quickly(tmp_path):
    """A look at each file, and no more: as many times the cost of listing them as it takes to compare (printed with -s)."""
    from digest.vault import Vault

    names = [f"2026-{n // 100:04}/A note of some length about a paper ({n:05}).md" for n in range(20000)]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    begin = time.perf_counter()
    listed = sum(1 for folder in tmp_path.iterdir() for file in folder.iterdir() if file.lstat())
    plain = time.perf_counter() - begin
    begin = time.perf_counter()
    stamps = Vault(tmp_path).stamps(names)
    spent = time.perf_counter() - begin
    assert len(stamps) == listed == 20000
    print(f"\n{spent:.2f} s for 20,000 notes; {spent / plain:.1f} times a plain walk with lstat")  # noqa: T201
    assert spent < 5 * plain + timedelta(seconds=1).total_seconds()
