"""What digest reads of the reader's files: lists of properties, links, and what a file holds elsewhere."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import replace

import pytest

from digest.model import PageState
from digest.vault import Vault
from tests.vault.conftest import make_hub

PAGE, OTHER = "keywords/Lantern.md", "keywords/Lamp.md"


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "keywords").mkdir()
    return Vault(tmp_path)


def write(vault: Vault, text: str, path: str = PAGE) -> str:
    (vault.root / path).write_text(text, encoding="utf-8", newline="")
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("aliases:\n  - A\n  - b c\n", ["A", "b c"]),
        ("aliases: [A, 'B']\n", ["A", "B"]),
        ("aliases: []\n", []),
        ("aliases:\n", []),
        ("aliases: A\n", ["A"]),
        ("aliases:\n  - A\n  - 3\n", ["A"]),
        ("tags: [a]\n", None),
        ("aliases: [A\n", None),
    ],
)
def test_a_list_is_read_as_the_reader_left_it(vault, front, found):
    write(vault, f"---\n{front}---\n\nText\n")
    assert vault.listed(PAGE, "aliases") == found


def test_no_list_is_read_where_there_is_none(vault):
    assert vault.listed(PAGE, "aliases") is None
    write(vault, "Text\n")
    assert vault.listed(PAGE, "aliases") is None
    (vault.root / PAGE).write_bytes(b"---\naliases: [\xff]\n---\n")
    assert vault.listed(PAGE, "aliases") is None


def test_a_stamp_changes_with_the_file(vault):
    write(vault, "one")
    before = vault.stamps([PAGE, OTHER])
    assert before.keys() == {PAGE}
    write(vault, "three")
    assert vault.stamps([PAGE]) != before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See [[Lantern]].", True),
        ("See [[keywords/Lantern|the lamp]] now.", True),
        ("See [[keywords/Lantern#Papers]] and ![[lantern^x]].", True),
        ("See [lamp](keywords/Lantern.md), or [this](<Lantern.md>).", True),
        ("See [lamp](keywords/Lantern%2Emd).", True),
        ("See [[Lanterns]], Lantern, [Lantern](https://x.org/Lantern).", False),
        ("See [[other/Lantern Two]].", False),
    ],
)
def test_a_page_that_a_note_links_to_is_found(vault, text, found):
    write(vault, text, "mine.md")
    write(vault, "[[Lantern]] itself")
    assert vault.linked({PAGE: "", OTHER: ""}) == ({"keywords/Lantern"} if found else set())
    assert vault.linked({}) == set()


def test_pages_that_go_together_keep_each_other_only_where_the_reader_wrote(vault):
    known = {PAGE: write(vault, "[[Lamp]]"), OTHER: write(vault, "[[Lantern]]", OTHER)}
    assert vault.linked(known) == set()
    write(vault, "[[Lantern]], as I say", OTHER)
    assert vault.linked(known) == {"keywords/Lantern"}


def test_a_copy_keeps_the_reader_s_words_and_the_original_can_be_removed(vault):
    sha = write(vault, "ours and mine")
    known = vault.copy(PAGE, OTHER, "another")
    assert known == (sha, f"~{sha}")
    assert (vault.root / OTHER).read_text() == (vault.root / PAGE).read_text()
    assert vault.copy(PAGE, OTHER, sha) == (sha, sha), "a run that was killed may have made it"
    assert [w.state.value for w in vault.remove({PAGE: known[0]})] == ["removed"]


def test_nothing_is_copied_from_nowhere_or_onto_another_file(vault):
    assert vault.copy(PAGE, OTHER, "") is None
    sha = write(vault, "one")
    write(vault, "two", OTHER)
    assert vault.copy(PAGE, OTHER, sha) is None
    assert (vault.root / OTHER).read_text() == "two"


def test_what_was_ours_in_a_list_goes_and_what_is_the_reader_s_stays(vault):
    page = replace(make_hub(), properties={"aliases": ["A", "B"]}, shared=frozenset({"aliases"}))
    (written,) = vault.write([page], {})
    text = (vault.root / PAGE).read_text().replace("  - B\n", "  - B\n  - mine\n")
    write(vault, text)
    later = replace(page, properties={"aliases": ["A"]}, written={"aliases": ["A", "B"]})
    list(vault.write([later], {PAGE: written.sha256}))
    assert vault.listed(PAGE, "aliases") == ["A", "mine"]


# --- notes ---


@pytest.mark.parametrize(
    ("front", "found"),
    [
        pytest.param(
            "status: read\nqueue: true\nrating: 4\n", {"status": "read", "queue": True, "rating": 4}, id="plain"
        ),
        pytest.param("status: read\nwhen: 2026-13-45\n", {"status": "read", "when": "2026-13-45"}, id="no date"),
        pytest.param("rating:\n", {"rating": None}, id="empty"),
        pytest.param("", {}, id="nothing"),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_properties_are_read(vault, front, found, eol, mark):
    write(vault, f"{mark}---\n{front}---\n\nText.\n".replace("\n", eol))
    reading = vault.read(PAGE)
    assert (dict(reading.properties), reading.reason) == (found, "")


def test_no_properties(vault):
    write(vault, "Only text.\n---\nstatus: read\n---\n")
    assert vault.read(PAGE).properties == {}
    assert vault.read("nowhere.md").properties == {}


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        pytest.param("status: [\n", "not valid YAML (line ", id="bracket"),
        pytest.param("a: b: c\n", "not valid YAML (line 2: mapping values", id="colon"),
        pytest.param("x: !!python/object:os.system y\n", "not valid YAML", id="tag"),
        pytest.param("x: " + "[" * 20000 + "\n", "nested too deep", id="deep"),
        pytest.param("{[a]: b}: c\n", "not valid YAML", id="key"),
    ],
)
def test_what_cannot_be_read_says_why(vault, front, reason):
    write(vault, f"---\n{front}---\n")
    assert reason in vault.read(PAGE).reason


def test_another_encoding_says_so(vault):
    (vault.root / PAGE).parent.mkdir(exist_ok=True)
    (vault.root / PAGE).write_bytes("---\nstatus: read\n---\nGröße".encode("latin-1"))
    assert vault.read(PAGE).reason == "it is not UTF-8"


# --- one property ---


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_property_is_amended_and_nothing_else(vault, eol):
    text = "---\nmine: 'x'   # why\n# soon\nqueue: false\nrating: 4.50\n---\n\n- [ ] mine\n".replace("\n", eol)
    write(vault, text)
    told = vault.amend(PAGE, "", "queue", False, True)
    assert told.state is PageState.UPDATED
    assert told.sha256.startswith("~")
    assert (vault.root / PAGE).read_bytes().decode() == text.replace("queue: false", "queue: true")
    assert vault.amend(PAGE, "", "queue", False, True).state is PageState.UNCHANGED
    assert vault.amend(PAGE, "", "queue", True, False).state is PageState.UPDATED
    assert (vault.root / PAGE).read_bytes().decode() == text


@pytest.mark.parametrize("front", ["queue: 0\n", 'queue: "false"\n', "queue:\n", "other: 1\n", ""])
def test_another_value_is_the_reader_s(vault, front):
    write(vault, f"---\n{front}---\n")
    assert vault.amend(PAGE, "", "queue", False, True).state is PageState.UNCHANGED
    assert (vault.root / PAGE).read_text() == f"---\n{front}---\n"


@pytest.mark.parametrize("text", ["---\nqueue: false\nx: [\n---\n", "---\nqueue: false\nqueue: false\n---\n"])
def test_what_cannot_be_amended_is_told(vault, text):
    write(vault, text)
    told = vault.amend(PAGE, "", "queue", False, True)
    assert (told.state, told.failed, told.busy) == (PageState.KEPT, False, False)
    assert told.remarks[0].startswith("left alone: ")
    assert (vault.root / PAGE).read_text() == text


# --- where notes are ---


def test_a_stamp_needs_a_file_and_not_its_spelling(vault, monkeypatch):
    """Some disks hand names back in another form than they were given."""
    write(vault, "x")
    assert vault.stamps([PAGE, f"{PAGE}x", f"{PAGE}/x.md", "nowhere/x.md"]).keys() == {PAGE}
    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext(iter(())))
    assert vault.stamps([PAGE]).keys() == {PAGE}
