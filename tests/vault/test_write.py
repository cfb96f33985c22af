"""Who owns a file, when it is touched, and what a crash or a bad disk leaves."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from digest.errors import VaultError
from digest.model import Asset, PageState, Written
from digest.vault import Vault, fresh
from tests.vault.conftest import NOTE, make_hub, make_page

NEW = make_page(body="## Abstract\n\nWe light two lanterns.")
PLOT = Asset(path="assets/home.svg", content="<svg xmlns='http://www.w3.org/2000/svg'></svg>\n")
PLOT2 = Asset(path="assets/home.svg", content="<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>\n")
BASE = Asset(path="Papers.base", content="views:\n  - type: table\n    name: New\n")
BASE2 = Asset(path="Papers.base", content="views:\n  - type: cards\n    name: New\n")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in sorted(root.rglob("*"))}


# --- an untouched vault ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [make_page(), make_hub(), PLOT, BASE])
def test_first_write_creates(night, item):
    written = night(item)

    assert written.state is PageState.CREATED
    assert written.path == item.path
    assert written.sha256 == sha((night.root / item.path).read_bytes())
    assert not written.remarks
    assert not written.failed


def test_a_note_is_its_fresh_rendering(night):
    night(make_page())

    assert (night.root / NOTE).read_bytes() == fresh(make_page())


@pytest.mark.parametrize("known", ["as told", "lost"])
@pytest.mark.parametrize("item", [make_page(), make_hub(), PLOT, BASE])
def test_second_write_touches_nothing(night, item, known):
    """Neither the file nor its folder, whether or not the catalogue remembers the first."""
    first = night(item)
    before = stamps(night.root)
    if known == "lost":
        night.known = {}
    second = night(item)

    assert (second.state, second.sha256) == (PageState.UNCHANGED, first.sha256)
    assert stamps(night.root) == before


@pytest.mark.parametrize(
    ("old", "new"), [(make_page(), NEW), (make_hub(), make_hub(text="4 papers")), (PLOT, PLOT2), (BASE, BASE2)]
)
@pytest.mark.parametrize("known", ["as told", "lost"])
def test_what_the_reader_did_not_change_is_replaced(night, old, new, known):
    """Also when a crash lost our record of it: the file itself tells that it is as we left it."""
    night(old)
    if known == "lost":
        night.known = {}

    assert night(new).state is PageState.UPDATED
    assert night.known[new.path] == sha((night.root / new.path).read_bytes())
    assert night(new).state is PageState.UNCHANGED


def test_another_template_reaches_untouched_notes(night):
    """Blocks and properties that are new, or gone, in a note that is as we left it."""
    night(make_page())
    new = make_hub(path=NOTE)

    assert night(new).state is PageState.UPDATED
    assert (night.root / NOTE).read_bytes() == fresh(new)


def test_order(tmp_path):
    """Results come in the order given, across batches, a path that comes twice among them."""
    items = [make_hub(path=f"keywords/{n:04d}.md") for n in range(600)] + [make_hub(path="keywords/0000.md", text="x")]

    told = list(Vault(tmp_path).write(items, {}))

    assert [written.path for written in told] == [item.path for item in items]
    assert [written.state for written in told] == [PageState.CREATED] * 600 + [PageState.UPDATED]


def test_nothing_to_write(tmp_path):
    assert list(Vault(tmp_path / "none").write([], {})) == []
    assert not (tmp_path / "none").exists()


# --- the reader's changes --------------------------------------------------------------------------------------------


def test_words_of_the_readers_survive_many_nights(night):
    """
    A note that was merged once is never taken for ours as a whole, though the hash of what we last wrote is known.
    """
    night(make_page())
    night.edit(NOTE, lambda text: text.replace("## My notes\n", "## My notes\n\nRead with Dana.\n"))

    for version in range(2, 5):
        written = night(make_page(arxiv_version=version))
        assert written.state is PageState.UPDATED
        assert written.sha256 == "~" + sha((night.root / NOTE).read_bytes())
        assert "Read with Dana." in night.read(NOTE)
        assert f"arxiv_version: {version}" in night.read(NOTE)
        assert night(make_page(arxiv_version=version)).state is PageState.UNCHANGED


def test_a_status_is_a_word_of_the_readers(night):
    night(make_page())
    night.edit(NOTE, lambda text: text.replace("status: unread", "status: read"))
    night(NEW)
    night(make_page())

    assert "status: read\n" in night.read(NOTE)


def test_what_the_reader_took_back_is_ours_again(night):
    first = night(make_page())
    night.edit(NOTE, lambda text: text.replace("unread", "read"))
    night(NEW)
    night.edit(NOTE, lambda text: text.replace("status: read", "status: unread"))

    assert night(make_page()).sha256 == first.sha256


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        pytest.param(lambda t: t.replace("a lantern", "a lamp"), "block “body” was edited", id="edited"),
        pytest.param(lambda t: t.replace("---\ntitle", "---\nx: [\ntitle"), "not valid YAML", id="YAML"),
        pytest.param(lambda t: t.replace("%% digest:begin body %%", ""), "broken", id="marker"),
        pytest.param(lambda _: "# Mine\n", "none of our blocks", id="all"),
        pytest.param(lambda _: "", "none of our blocks", id="emptied"),
    ],
)
def test_what_stands_against_us_is_kept_and_told(night, change, remark):
    """Every night again, and never overwritten."""
    night(make_page())
    data = night.edit(NOTE, change)

    for _ in range(2):
        written = night(make_page(body="## Abstract\n\nWe light two lanterns."))
        assert written.state is PageState.KEPT
        assert remark in written.remarks[0]
        assert not written.failed
        assert (night.root / NOTE).read_bytes() == data


def test_kept_in_part(night):
    """An update that had to leave a block alone is an update, with a remark; once done, it is the reader's that stays."""
    night(make_page())
    night.edit(NOTE, lambda text: text.replace("a lantern", "a lamp"))

    assert night(make_page(arxiv_version=2)).state is PageState.UPDATED
    assert night(make_page(arxiv_version=2)).state is PageState.KEPT


@pytest.mark.parametrize("item", [make_page(), make_hub(), PLOT, BASE])
@pytest.mark.parametrize("content", [b"# A note of mine\n", b"", b"\xff\xfe\x00"])
def test_a_strangers_file_is_never_touched(night, item, content):
    """Nor does it count as ours the next night."""
    file = night.root / item.path
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    for _ in range(2):
        written = night(item)
        assert (written.state, written.sha256, written.remarks) == (PageState.KEPT, "", ("not ours; left alone",))
        assert file.read_bytes() == content


@pytest.mark.parametrize(("old", "new"), [(PLOT, PLOT2), (BASE, BASE2)])
def test_an_asset_that_the_reader_changed_is_kept(night, old, new):
    """A Base with views of the reader's own; deleting it is the way to have ours back."""
    night(old)
    data = night.edit(old.path, lambda text: text.replace("New", "Mine").replace("<svg", "<svg id='mine'"))

    for _ in range(2):
        written = night(new)
        assert written.state is PageState.KEPT
        assert written.remarks == ("changed by the reader; delete it to have it drawn again",)
        assert (night.root / old.path).read_bytes() == data
    (night.root / old.path).unlink()
    assert night(new).state is PageState.CREATED


def test_machine_files_are_ours_alone(night):
    item = Asset(path=".digest/2602.00017.json", content="{}\n")
    night(item)
    night.edit(item.path, lambda text: text + " ")
    night(Asset(path=item.path, content='{"a": 1}\n'))

    assert night.read(item.path) == '{"a": 1}\n'


# --- moved and deleted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["Read/My name for it.md", "2026-02-03/b.md", "deep/er/still/x (2602.00018).md"])
@pytest.mark.parametrize("touched", [False, True])
def test_a_moved_note_is_found_by_its_id(night, to, touched):
    """Written where it is now, and not made again where it was."""
    night(make_page())
    target = night.root / to
    target.parent.mkdir(parents=True, exist_ok=True)
    (night.root / NOTE).rename(target)
    if touched:
        night.edit(to, lambda text: text.replace('"2602.00017"', "'2602.00017'  # the id").replace("unread", "read"))

    written = night(NEW)

    assert (written.path, written.state) == (to, PageState.UPDATED)
    assert "We light two lanterns." in night.read(to)
    assert ("status: read\n" in night.read(to)) == touched
    assert not (night.root / NOTE).exists()


@pytest.mark.parametrize("bin", [None, ".trash/A Lantern.md"])
def test_a_deleted_note_stays_deleted(night, bin):
    """Nor is it brought back from Obsidian's bin; what was told hands back nothing to forget it by."""
    night(make_page())
    if bin:
        (night.root / bin).parent.mkdir()
        (night.root / NOTE).rename(night.root / bin)
    else:
        (night.root / NOTE).unlink()
    known = dict(night.known)

    for _ in range(2):
        (written,) = Vault(night.root).write([NEW], known)
        assert (written.state, written.sha256) == (PageState.KEPT, "")
        assert written.remarks == ("deleted by the reader; not brought back",)
        assert not (night.root / NOTE).exists()


def test_a_note_of_the_readers_on_the_same_paper_is_not_ours(night):
    night(make_page())
    (night.root / NOTE).unlink()
    mine = night.root / "mine.md"
    mine.write_bytes(b'---\narxiv_id: "2602.00017"\n---\n\nMy own.\n')

    assert night(NEW).remarks == ("deleted by the reader; not brought back",)
    assert mine.read_bytes() == b'---\narxiv_id: "2602.00017"\n---\n\nMy own.\n'


@pytest.mark.parametrize("item", [make_hub(), PLOT, BASE])
def test_other_pages_are_made_again(night, item):
    night(item)
    (night.root / item.path).unlink()

    assert night(item).state is PageState.CREATED


def test_find(tmp_path):
    """By the property alone, in any style of YAML, also as a number; of two, the one with our blocks."""
    files = {
        "a/moved.md": fresh(make_page()),
        "a/also.md": b'---\narxiv_id: "2602.00017"\n---\n',
        "b.md": "\ufeff---\r\nmine: 1\r\narxiv_id: 'hep-th/9901001' # old\r\n---\r\n".encode(),
        "c.md": b'---\nlong: "' + b"x" * 20000 + b'"\narxiv_id: "2602.00001"\n---\n',
        "number.md": b"---\narxiv_id: 2602.00002\n---\n",
        "body.md": b'---\na: 1\n---\narxiv_id: "2602.00003"\n',
        "late.md": b'\n---\narxiv_id: "2602.00004"\n---\n',
        "bad.md": b"---\narxiv_id: [\n---\n",
        ".trash/d.md": b'---\narxiv_id: "2602.00005"\n---\n',
        "e.txt": b'---\narxiv_id: "2602.00006"\n---\n',
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    ids = ["2602.00017", "hep-th/9901001", *(f"2602.{n:05d}" for n in range(1, 8))]

    assert Vault(tmp_path).find(ids) == {
        "2602.00017": "a/moved.md",
        "hep-th/9901001": "b.md",
        "2602.00001": "c.md",
        "2602.00002": "number.md",
    }


# --- removed and renamed by us ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [make_page(), make_hub(), PLOT, BASE])
def test_what_is_wholly_ours_is_removed(night, item):
    night(item)
    (written,) = Vault(night.root).remove(night.known)

    assert written == Written(path=item.path, state=PageState.REMOVED, sha256="")
    assert not (night.root / item.path).exists()


@pytest.mark.parametrize("merged", [False, True], ids=["since we wrote it", "and merged by us"])
@pytest.mark.parametrize("item", [make_page(), make_hub()])
def test_what_the_reader_wrote_in_is_not_removed(night, item, merged):
    night(item)
    data = night.edit(item.path, lambda text: text.replace("## My notes\n", "## My notes\n\nRead with Dana.\n"))
    if merged:
        night(item)
    (written,) = Vault(night.root).remove(night.known)

    assert (written.state, written.failed) == (PageState.KEPT, False)
    assert written.sha256 == "~" + sha(data)
    assert written.remarks == ("what it was made for is no more; it holds words that are not ours, so it stays",)
    assert (night.root / item.path).read_bytes() == data


def test_a_file_that_is_not_there_counts_as_removed(night, tmp_path):
    """As after a run that was killed: also where its folder is gone, or something else stands in its place."""
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "file").write_bytes(b"mine")
    known = dict.fromkeys(["a.md", "none/a.md", "file/a.md"], sha(b""))

    assert [one.state for one in Vault(night.root).remove(known)] == [PageState.REMOVED] * 3
    assert [path.name for path in night.root.rglob("*")] == ["file"]


def link(path: Path) -> None:
    path.rename(path.with_name("away.md"))
    path.symlink_to("away.md")


def dangle(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.md")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


IN_THE_WAY = [
    pytest.param(lambda path: path.chmod(0o444), "write-protected; left alone", id="write-protected"),
    pytest.param(link, "a symbolic link; left alone", id="a link"),
    pytest.param(dangle, "a symbolic link; left alone", id="a link to nothing"),
    pytest.param(folder, "not a file; left alone", id="a folder"),
]


@pytest.mark.parametrize(("change", "remark"), IN_THE_WAY)
def test_what_must_not_be_touched_is_not_removed(night, change, remark):
    night(make_page())
    change(night.root / NOTE)
    before = stamps_of_links(night.root)
    (written,) = Vault(night.root).remove(night.known)

    assert (written.state, written.sha256, written.remarks) == (PageState.KEPT, night.known[NOTE], (remark,))
    assert stamps_of_links(night.root) == before


def stamps_of_links(root: Path) -> dict[str, tuple[int, int]]:
    return {str(p): ((status := p.lstat()).st_mtime_ns, status.st_ino) for p in sorted(root.rglob("*"))}


def test_what_cannot_be_read_is_not_removed(night, monkeypatch):
    """It may hold the reader's words."""
    night(make_page())

    def fail(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", fail)
        (written,) = Vault(night.root).remove(night.known)

    assert (written.state, written.failed) == (PageState.KEPT, True)
    assert written.remarks == ("cannot be read (Permission denied); left alone",)
    assert (night.root / NOTE).read_bytes() == fresh(make_page())


def test_a_removal_that_the_disk_refuses_is_worth_another_try(night, monkeypatch):
    """One file's fault: the others are removed."""
    night(make_page())
    night(make_hub())
    unlink = Path.unlink

    def fail(path: Path, missing_ok: bool = False) -> None:
        if path.name == Path(NOTE).name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fail)
        told = list(Vault(night.root).remove(night.known))

    assert [(one.state, one.failed) for one in told] == [(PageState.KEPT, True), (PageState.REMOVED, False)]
    assert next(Vault(night.root).remove(night.known)).state is PageState.REMOVED


@pytest.mark.parametrize("path", ["../x.md", "/x.md", "a/../../x.md"])
def test_nothing_outside_is_removed_or_renamed(night, tmp_path, path):
    """Nor is what stands before it in the list."""
    night(make_page())
    (tmp_path / "x.md").write_bytes(b"x")
    vault = Vault(night.root)
    with pytest.raises(VaultError):
        list(vault.remove({**night.known, path: sha(b"x")}))
    with pytest.raises(VaultError):
        vault.rename(NOTE, path, night.known[NOTE])
    with pytest.raises(VaultError):
        vault.rename(path, "y.md", sha(b"x"))

    assert (tmp_path / "x.md").read_bytes() == b"x"
    assert (night.root / NOTE).read_bytes() == fresh(make_page())


OTHER = "2026-02-02/deeper/A Lantern (2602.00017).md"


def test_what_is_wholly_ours_is_renamed(night):
    """Folders are made for it; a run that was killed before it told so finds it done."""
    night(make_page())
    for _ in range(2):
        assert Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])
        assert (night.root / OTHER).read_bytes() == fresh(make_page())
        assert not (night.root / NOTE).exists()


@pytest.mark.parametrize("merged", [False, True], ids=["since we wrote it", "and merged by us"])
def test_what_the_reader_wrote_in_is_not_renamed(night, merged):
    night(make_page())
    data = night.edit(NOTE, lambda text: text.replace("unread", "read"))
    if merged:
        night(make_page())

    assert not Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])
    assert (night.root / NOTE).read_bytes() == data
    assert not (night.root / OTHER).exists()


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(b"mine"), *(row.values[0] for row in IN_THE_WAY)])
def test_nothing_is_renamed_onto_what_is_there(night, change):
    night(make_page())
    (night.root / OTHER).parent.mkdir(parents=True)
    (night.root / OTHER).write_bytes(b"mine")
    change(night.root / OTHER)
    before = stamps_of_links(night.root)

    assert not Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])
    assert stamps_of_links(night.root) == before


@pytest.mark.parametrize("change", [row.values[0] for row in IN_THE_WAY])
def test_what_must_not_be_touched_is_not_renamed(night, change):
    night(make_page())
    change(night.root / NOTE)
    before = stamps_of_links(night.root)

    assert not Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])
    assert stamps_of_links(night.root) == before


def test_what_is_nowhere_is_not_renamed(night):
    """The reader moved or deleted it; a strange file at the other path is not taken for it."""
    night(make_page())
    (night.root / NOTE).unlink()
    assert not Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])
    (night.root / OTHER).parent.mkdir(parents=True)
    (night.root / OTHER).write_bytes(b"mine")
    assert not Vault(night.root).rename(NOTE, OTHER, night.known[NOTE])


def test_a_name_that_the_disk_refuses_is_not_renamed_to(night):
    night(make_page())

    assert not Vault(night.root).rename(NOTE, "x" * 300 + ".md", night.known[NOTE])
    assert (night.root / NOTE).read_bytes() == fresh(make_page())


# --- outside ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../x.md",
            "a/../../x.md",
            "/etc/x.md",
            "a//b.md",
            "./x.md",
            "",
            "..",
            "a/",
            "a\\..\\x.md",
            "C:/x.md",
            "C:x.md",
        ),
        *("a\x00.md", "a/./b.md"),
    ],
)
def test_no_path_leads_out_of_the_vault(tmp_path, path):
    """Not even those before it in the list are written: a path like this is a bug, and everything is in doubt."""
    with pytest.raises(VaultError, match="nothing was written"):
        list(Vault(tmp_path / "vault").write([make_hub(), Asset(path=path, content="x")], {}))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("outside", ["../elsewhere", "loop"])
def test_a_linked_folder_does_not_lead_out(tmp_path, outside):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "loop").symlink_to("loop")
    (tmp_path / "vault" / "keywords").symlink_to(outside)

    with pytest.raises(VaultError, match="symbolic link"):
        list(Vault(tmp_path / "vault").write([make_hub()], {}))

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_linked_folder_inside_is_the_readers_choice(tmp_path):
    (tmp_path / "topics").mkdir()
    (tmp_path / "keywords").symlink_to("topics")
    list(Vault(tmp_path).write([make_hub()], {}))

    assert (tmp_path / "topics" / "Lantern.md").is_file()


def test_a_linked_file_is_left_alone(night, tmp_path):
    """A rename would put a file in the link's place."""
    night(make_page())
    (night.root / NOTE).rename(tmp_path / "away.md")
    (night.root / NOTE).symlink_to(tmp_path / "away.md")

    assert night(NEW).remarks == ("a symbolic link; left alone",)
    assert (tmp_path / "away.md").read_bytes() == fresh(make_page())


def test_a_folder_in_the_way(night):
    (night.root / NOTE).mkdir(parents=True)

    assert night(NEW).remarks == ("not a file; left alone",)


def test_a_pipe_in_the_way_does_not_hang(night):
    (night.root / NOTE).parent.mkdir(parents=True)
    os.mkfifo(night.root / NOTE)

    assert night(NEW).remarks == ("not a file; left alone",)


def test_a_file_where_a_folder_should_be(night):
    """One file's fault: the rest is written, and the fault is told as worth another try."""
    night.root.mkdir()
    (night.root / "keywords").write_bytes(b"mine")

    told = list(Vault(night.root).write([make_hub(), NEW], {}))

    assert told[0].failed
    assert told[0].state is PageState.KEPT
    assert "could not be written" in told[0].remarks[0]
    assert told[1].state is PageState.CREATED
    assert (night.root / "keywords").read_bytes() == b"mine"


def test_a_name_too_long_for_the_disk(night):
    """As above; nothing is left under a temporary name."""
    told = list(Vault(night.root).write([make_hub(path="keywords/" + "x" * 300 + ".md"), NEW], {}))

    assert [(one.failed, one.state) for one in told] == [(True, PageState.KEPT), (False, PageState.CREATED)]
    assert not list(night.root.rglob(".digest-tmp-*"))


def test_write_protection_is_respected(night):
    night(make_page())
    (night.root / NOTE).chmod(0o444)

    assert night(NEW).remarks == ("write-protected; left alone",)
    assert (night.root / NOTE).read_bytes() == fresh(make_page())


def test_permissions_are_kept(night):
    night(make_page())
    (night.root / NOTE).chmod(0o640)
    night(NEW)

    assert (night.root / NOTE).stat().st_mode & 0o777 == 0o640


def test_a_page_that_cannot_be_rendered_does_not_end_the_run(night):
    bad = make_hub(path="keywords/bad.md", text="%% digest:end header 01234567 %%")

    told = list(Vault(night.root).write([bad, NEW], {}))

    assert told[0].failed
    assert "bug of digest" in told[0].remarks[0]
    assert told[1].state is PageState.CREATED


# --- crashes and bad disks -------------------------------------------------------------------------------------------


class Stop(BaseException):
    """Nothing catches it: as good as a kill, but for what the process had in memory."""


def test_changed_while_it_was_written(night, monkeypatch):
    """An editor that saves between our look and our rename wins; the next night brings both together."""
    night(make_page())
    sync = os.fsync

    def save_meanwhile(descriptor: int) -> None:
        sync(descriptor)
        monkeypatch.undo()
        night.edit(NOTE, lambda text: text.replace("## My notes", "## My notes\n\nWritten just now."))

    monkeypatch.setattr(os, "fsync", save_meanwhile)
    written = night(NEW)

    assert written.state is PageState.KEPT
    assert written.failed
    assert "Written just now." in night.read(NOTE)
    assert "two lanterns" not in night.read(NOTE)
    assert not list(night.root.rglob(".digest-tmp-*"))
    night(NEW)
    assert "Written just now." in night.read(NOTE)
    assert "two lanterns" in night.read(NOTE)


def test_appeared_while_it_was_written(night, monkeypatch):
    sync = os.fsync

    def appear(descriptor: int) -> None:
        sync(descriptor)
        monkeypatch.undo()
        (night.root / NOTE).write_bytes(b"mine")

    monkeypatch.setattr(os, "fsync", appear)

    assert night(NEW).state is PageState.KEPT
    assert (night.root / NOTE).read_bytes() == b"mine"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_full_disk_ends_the_run(night, monkeypatch, number):
    """With the old files as they were, and nothing under temporary names."""
    night(make_page())
    before = stamps(night.root / "2026-02-03")

    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="see to the disk"):
        night(NEW)

    assert stamps(night.root / "2026-02-03") == before
    assert (night.root / NOTE).read_bytes() == fresh(make_page())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_write_that_the_disk_refuses(night, monkeypatch):
    """The refusal of a real device, in the middle of the bytes."""
    night(make_page())
    opened = os.open

    def open_full(path, flags, *mode):
        return opened("/dev/full" if ".digest-tmp-" in str(path) else path, flags & ~os.O_EXCL & ~os.O_CREAT, *mode)

    monkeypatch.setattr(os, "open", open_full)
    with pytest.raises(VaultError, match="No space left"):
        night(NEW)

    assert (night.root / NOTE).read_bytes() == fresh(make_page())


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "mkdir", "chmod"])
@pytest.mark.parametrize("number", range(6))
def test_stopped_anywhere(tmp_path, monkeypatch, call, number):
    """
    Stopped at any step, each file is the old or the new one, whole; the next run, with what was recorded or without,
    ends with the same bytes as a run that was never stopped.
    """
    old = [make_page(), make_hub(), PLOT, BASE]
    new = [NEW, make_hub(text="4 papers"), PLOT2, BASE2, make_hub(path="new/folder/x.md")]
    known = {written.path: written.sha256 for written in Vault(tmp_path / "a").write(old, {})}
    list(Vault(tmp_path / "b").write(old, {}))
    versions_of = {item.path: [(tmp_path / "b" / item.path).read_bytes()] for item in old}
    list(Vault(tmp_path / "b").write(new, known))
    for item in new:
        versions_of.setdefault(item.path, []).append((tmp_path / "b" / item.path).read_bytes())
    calls = iter(range(1000))
    target = os if call in ("open", "fsync") else Path
    real = getattr(target, call)

    def stop(*args, **options):
        if next(calls) == number:
            raise Stop
        return real(*args, **options)

    monkeypatch.setattr(target, call, stop)
    with suppress(Stop):
        list(Vault(tmp_path / "a").write(new, known))
    monkeypatch.undo()
    for path, versions in versions_of.items():
        assert (tmp_path / "a" / path).is_file() or len(versions) == 1
        assert not (tmp_path / "a" / path).is_file() or (tmp_path / "a" / path).read_bytes() in versions

    list(Vault(tmp_path / "a").write(new, known if number % 2 else {}))
    Vault(tmp_path / "a").sweep()

    assert all((tmp_path / "a" / path).read_bytes() == versions[-1] for path, versions in versions_of.items())
    assert not list((tmp_path / "a").rglob(".digest-tmp-*"))


KILLED = """
import sys
from pathlib import Path
from digest.vault import Vault
from tests.vault.conftest import make_hub
items = [make_hub(path=f"keywords/{n:04d}.md", text=sys.argv[2] * 2000) for n in range(3000)]
print("ready", flush=True)
for _ in Vault(Path(sys.argv[1])).write(items, {}):
    pass
print("done", flush=True)
"""


@pytest.mark.parametrize("after", [0.02, 0.15, 0.4])
def test_killed(tmp_path, after):
    """kill -9 in the midst of a batch: no file is cut short, and sweeping leaves no trace of the run."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), "x"], stdout=subprocess.PIPE, cwd=root)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    process.stdout.close()
    Vault(tmp_path).sweep()

    whole = fresh(make_hub(text="x" * 2000))
    assert all(path.read_bytes() == whole for path in tmp_path.rglob("*") if path.is_file())
    told = list(
        Vault(tmp_path).write([make_hub(path=f"keywords/{n:04d}.md", text="x" * 2000) for n in range(3000)], {})
    )
    assert {written.state for written in told} <= {PageState.CREATED, PageState.UNCHANGED}
    assert len(list(tmp_path.rglob("*.md"))) == 3000


def test_sweep_leaves_everything_else(tmp_path):
    names = [
        "a/.digest-tmp-0123",
        ".digest/.digest-tmp-x",
        ".digest-tmp-y",
        "a/note.md",
        ".obsidian/app.json",
        "a/.hidden",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    Vault(tmp_path).sweep()

    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"a/note.md", ".obsidian/app.json", "a/.hidden"}
