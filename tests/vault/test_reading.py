"""What digest reads of the reader's files: lists of properties, links, and what a file holds elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from digest.vault import Vault
from tests.vault.conftest import make_hub

PAGE, OTHER = "keywords/Lantern.md", "keywords/Lamp.md"


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "keywords").mkdir()
    return Vault(tmp_path)


def write(vault: Vault, text: str, path: str = PAGE) -> str:
    (vault.root / path).write_text(text, encoding="utf-8")
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
