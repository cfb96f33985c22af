"""A note in which somebody is writing is not raced; and a vault that is not there is not taken for one of deleted notes."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from digest.model import PageState
from digest.vault import Vault, fresh
from digest.vault.disk import BUSY
from tests.vault.conftest import NOTE, make_page

NEW = make_page(body="## Abstract\n\nWe light two lanterns.")
LATER = make_page(body="## Abstract\n\nWe light three lanterns.")


def write(vault: Vault, page, known):
    (written,) = vault.write([page], known)
    return written


def edit(file: Path, *, seconds_ago: float) -> None:
    file.write_bytes(file.read_bytes() + b"\nmine\n")
    moment = time.time() - seconds_ago
    os.utime(file, (moment, moment))


@pytest.mark.parametrize(
    ("seconds_ago", "busy"),
    [
        pytest.param(0, True, id="just now"),
        pytest.param(30, False, id="a while ago"),
        pytest.param(-3600, False, id="by another clock"),
    ],
)
def test_what_was_changed_a_moment_ago_waits(night, seconds_ago, busy):
    """An editor that saves every two seconds has more to save."""
    night(make_page())
    edit(night.root / NOTE, seconds_ago=seconds_ago)
    before = (night.root / NOTE).read_bytes()

    written = write(Vault(night.root, quiet=2.5), NEW, night.known)

    assert (written.busy, written.failed) == (busy, False)
    assert written.remarks == ((BUSY,) if busy else ())
    assert ((night.root / NOTE).read_bytes() == before) is busy


def test_after_a_pause_it_is_written(night):
    """The pause is as long as it must be."""
    night(make_page())
    edit(night.root / NOTE, seconds_ago=0)
    vault = Vault(night.root, quiet=0.3)
    assert write(vault, NEW, night.known).busy
    begin = time.monotonic()
    vault.pause()
    assert time.monotonic() - begin < 0.35
    written = write(vault, NEW, night.known)
    assert written.state is PageState.UPDATED
    assert {b"mine", b"two lanterns"} == {
        w for w in (b"mine", b"two lanterns") if w in (night.root / NOTE).read_bytes()
    }


def test_what_we_wrote_ourselves_does_not_wait(night):
    """Also where it holds the reader's words: they are older."""
    night(make_page())
    edit(night.root / NOTE, seconds_ago=30)
    vault = Vault(night.root, quiet=2.5)
    first = write(vault, NEW, night.known)
    assert write(vault, LATER, {NOTE: first.sha256}).state is PageState.UPDATED


def test_nothing_to_write_is_nothing_to_wait_for(night):
    night(make_page())
    edit(night.root / NOTE, seconds_ago=0)
    assert not write(Vault(night.root, quiet=2.5), make_page(), night.known).busy


@pytest.mark.parametrize("lock", [".{}.swp", ".#{}", ".~lock.{}#"])
def test_an_editor_s_lock_is_respected(night, lock):
    """Whatever the hour of the last change, and though the file be as we wrote it."""
    night(make_page())
    beside = (night.root / NOTE).with_name(lock.format(Path(NOTE).name))
    beside.symlink_to("user@host.1234")  # as Emacs does; it leads nowhere
    before = (night.root / NOTE).read_bytes()
    written = write(Vault(night.root), NEW, night.known)
    assert (written.state, written.busy, written.sha256) == (PageState.KEPT, True, night.known[NOTE])
    assert beside.name in written.remarks[0]
    assert (night.root / NOTE).read_bytes() == before
    beside.unlink()
    assert write(Vault(night.root), NEW, night.known).state is PageState.UPDATED


@pytest.mark.parametrize("has_links", [True, False])
def test_saved_in_the_last_moment(night, monkeypatch, has_links):
    """After our last look and before the rename: what the rename replaced is put back, where the disk has hard links."""
    night(make_page())
    rename = Path.replace

    def save_first(self, target):
        monkeypatch.setattr(Path, "replace", rename)
        with (night.root / NOTE).open("ab") as file:
            file.write(b"\nin the last moment\n")
        return rename(self, target)

    def refused(self, target):
        raise NotImplementedError

    monkeypatch.setattr(Path, "replace", save_first)
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", refused)
    written = write(Vault(night.root), NEW, night.known)

    assert list(night.root.rglob(".digest-tmp*")) == []
    if has_links:
        assert (written.state, written.busy) == (PageState.KEPT, True)
        assert (night.root / NOTE).read_bytes() == fresh(make_page()) + b"\nin the last moment\n"
    else:
        assert written.state is PageState.UPDATED


def test_a_vault_that_lost_everything_is_made_again(night, tmp_path):
    """Where we are told so: nobody has deleted the notes."""
    night(make_page())
    vault = Vault(tmp_path / "other")
    vault.lose()
    written = write(vault, NEW, night.known)
    assert written.state is PageState.CREATED
    assert (tmp_path / "other" / NOTE).read_bytes() == fresh(NEW)


def test_a_note_of_one_paper_at_the_place_of_another_page_is_left_alone(night):
    """The reader moved a note over the page of a keyword."""
    night(make_page())
    before = (night.root / NOTE).read_bytes()
    hub = replace(make_page(path=NOTE, body="another"), properties={"tags": ["keyword"]})
    written = write(Vault(night.root), hub, {NOTE: "~"})
    assert written.remarks == ("left alone: it is the note of another paper, 2602.00017",)
    assert (night.root / NOTE).read_bytes() == before


def test_a_word_in_the_machine_s_data_keeps_it(night):
    """The comment is ours and has no seal, but what breaks its syntax was written by somebody."""
    night(make_page())
    night.edit(NOTE, lambda text: text.replace('{"vocabulary', '{ hm "vocabulary'))
    written = night(replace(NEW, metadata=NEW.metadata.replace('"a"', '"b"')))
    assert written.remarks == ("its metadata comment was edited; kept as it is",)
    assert '{ hm "vocabulary_version": "a"}' in night.read(NOTE)
    assert "two lanterns" in night.read(NOTE)
