"""Boxes in our blocks: the line is ours, the tick the reader's. And links that Obsidian changed when a note was moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.vault import Vault, boxes, fresh
from digest.vault.merge import merge
from tests.vault.conftest import NOTE, make_page

SIGNS = st.sampled_from(" xX-/>?")
PATHS = st.lists(
    st.sampled_from([f"2026-02-0{day}/Paper {name}" for day in range(1, 4) for name in "ABC"]), unique=True
)


def lines(paths, signs=None, words="because"):
    signs = signs or {}
    return "\n\n".join(f"- [{signs.get(path, ' ')}] [[{path}|A title]] — {words}" for path in paths)


def page(paths, words="because"):
    return make_page(body=f"## Read first\n\n{lines(paths, words=words)}\n\nEnd: {words}.")


def ticked(text: str, signs) -> str:
    for path, sign in signs.items():
        text = text.replace(f"- [ ] [[{path}|", f"- [{sign}] [[{path}|")
    return text


@given(before=PATHS, after=PATHS, signs=st.dictionaries(st.integers(0, 8), SIGNS), eol=st.sampled_from(["\n", "\r\n"]))
def test_a_box_stays_with_its_link(before, after, signs, eol):
    """Whatever stands before and after it on the list, and however often the block is written anew; a tick is no edit."""
    signs = {path: signs[number] for number, path in enumerate(before) if number in signs}
    text = ticked(fresh(page(before)).decode(), signs).replace("\n", eol)

    result = merge(text.encode(), page(after, "it is new"))

    kept = {path: sign for path, sign in signs.items() if path in after}
    assert result.remarks == ()
    assert result.data.decode() == ticked(fresh(page(after, "it is new")).decode(), kept).replace("\n", eol)
    assert merge(result.data, page(after, "it is new")).data == result.data


@given(paths=PATHS, sign=SIGNS)
def test_a_tick_alone_changes_nothing(paths, sign):
    """The block is as we would write it, so nothing is written."""
    text = ticked(fresh(page(paths)).decode(), dict.fromkeys(paths, sign)).encode()
    assert merge(text, page(paths)).data == text
    assert merge(text, page(paths)).remarks == ()


def test_a_tick_and_a_word_are_an_edit():
    text = fresh(page(["2026-02-01/Paper A"])).decode()
    edited = text.replace("- [ ] [[", "- [x] [[").replace("because", "because I say so", 1)
    result = merge(edited.encode(), page(["2026-02-02/Paper B"]))
    assert result.data.decode() == edited
    assert result.remarks == ("block “body” was edited; kept as it is",)


def test_a_sign_elsewhere_is_a_word():
    """Only before a link is it a box of ours; in any other line it is text that somebody changed."""
    old, new = make_page(body="- [ ] call Ada\n- [a] list"), make_page(body="- [ ] call Bo")
    text = fresh(old).decode().replace("- [a]", "- [b]")
    assert merge(text.encode(), new).remarks == ("block “body” was edited; kept as it is",)


def test_an_untouched_file_with_a_tick_is_not_replaced_as_a_whole(night):
    """Nor after a night that wrote it and told its hash."""
    a, b = "2026-02-01/Paper A", "2026-02-02/Paper B"
    night(page([a]))
    night.edit(NOTE, lambda text: text.replace("- [ ]", "- [x]"))
    for words in ("one", "two", "three"):
        assert night(page([b, a], words)).remarks == ()
        assert f"- [x] [[{a}|" in night.read(NOTE)
        assert f"- [ ] [[{b}|" in night.read(NOTE)


def test_what_is_ticked_is_read(tmp_path):
    """By link, from our blocks alone: what the reader lists himself is his."""
    text = fresh(page(["a/One", "a/Two", "Three"])).decode()
    text = ticked(text, {"a/One": "x", "Three": "-"}).replace("## My notes\n", "## My notes\n\n- [x] [[a/Mine]]\n")
    (tmp_path / "n.md").write_bytes(text.replace("\n", "\r\n").encode())
    assert Vault(tmp_path).read("n.md").boxes == (("a/One", True), ("a/Two", False), ("Three", False))


# --- links that follow ---

FORMER = {"Reading/New name": ["a/Old", "b/Older (2)"], "Other/X": ["a/X"]}


@pytest.mark.parametrize("form", ["Reading/New name", "New name"])
@pytest.mark.parametrize("sealed_with", ["a/Old", "b/Older (2)"])
def test_links_that_obsidian_changed_are_no_edit(form, sealed_with):
    """A note was moved, and Obsidian led the links on: the block is still brought up to date, also after a second move."""
    body = "- [ ] [[{0}|Title]] and [[a/Y|Y]]\n\n| [[{0}\\|T]] |"
    old = fresh(make_page(body=body.format(sealed_with))).decode()
    seen = old.replace(f"[[{sealed_with}", f"[[{form}").replace("- [ ]", "- [x]").encode()
    new = make_page(body=body.format("Reading/New name") + "\n\nNew.")

    result = merge(seen, new, FORMER)

    assert result.remarks == ()
    assert result.data == fresh(new).replace(b"- [ ]", b"- [x]")
    assert merge(seen, new).remarks == ("block “body” was edited; kept as it is",)


def test_a_link_that_the_reader_changed_is_an_edit():
    old = fresh(make_page(body="[[a/Old|Title]]")).replace(b"a/Old", b"a/Another")
    assert merge(old, make_page(body="new"), FORMER).remarks == ("block “body” was edited; kept as it is",)


def test_a_name_that_two_moved_notes_share_leads_nowhere_back():
    former = {"a/N": ["x/1"], "b/N": ["x/2"]}
    assert boxes.led_back("[[N]] [[a/N]] [[b/N.md|t]]", former, 0) == "[[N]] [[x/1]] [[x/2|t]]"
