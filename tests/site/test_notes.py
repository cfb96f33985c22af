"""What of a vault goes out, and what stays."""

from __future__ import annotations

import pytest

from digest.model import Block, Space
from digest.site import notes
from digest.testing.builders import make_page
from digest.vault.layout import fresh

LIST = "- [ ] [[a|A]]\n- [ ] [[b|B]]\n\n1. [ ] one"


def written(**changes) -> str:
    return fresh(make_page(**changes)).decode()


def put(vault, path, text):
    file = vault / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


@pytest.fixture
def page() -> str:
    return written(parts=(Block(name="header", text="# Harrow"), Space(text="\n## My notes\n\nmine\n")))


def test_only_the_text_of_blocks_goes_out(tmp_path, page):
    put(tmp_path, "a.md", page)
    put(tmp_path, "own.md", "# A diary\n\nDear diary")
    edition = notes.read(tmp_path, with_notes=False)
    assert [(note.path, note.text) for note in edition.notes] == [("a.md", "# Harrow")]
    assert (edition.own, edition.edited) == (1, ())


def test_with_notes_everything_goes_out(tmp_path, page):
    put(tmp_path, "a.md", page)
    put(tmp_path, "own.md", "# A diary\n\nDear diary")
    texts = {note.path: note.text for note in notes.read(tmp_path, with_notes=True).notes}
    assert "mine" in texts["a.md"]
    assert "digest:begin" not in texts["a.md"]
    assert texts["own.md"] == "# A diary\n\nDear diary"


def test_a_block_that_the_reader_edited_holds_his_words_and_stays(tmp_path, page):
    put(tmp_path, "a.md", page.replace("# Harrow\n", "# Harrow, what nonsense\n"))
    edition = notes.read(tmp_path, with_notes=False)
    assert (edition.notes, edition.edited, edition.own) == ((), ("a.md",), 0)


def test_windows_line_ends_are_no_edit(tmp_path, page):
    put(tmp_path, "a.md", page.replace("\n", "\r\n"))
    assert [note.text for note in notes.read(tmp_path, with_notes=False).notes] == ["# Harrow"]


@pytest.mark.parametrize(
    "ticked", [pytest.param(LIST, id="as written"), pytest.param(LIST.replace("[ ] [[b", "[x] [[b"), id="one ticked")]
)
def test_what_the_reader_ticked_is_no_edit_and_not_told(tmp_path, ticked):
    text = written(parts=(Block(name="list", text=LIST),))
    put(tmp_path, "a.md", text.replace(LIST, ticked))
    (note,) = notes.read(tmp_path, with_notes=False).notes
    assert note.text == "- [[a|A]]\n- [[b|B]]\n\n1. one"


@pytest.mark.parametrize("with_notes", [False, True])
@pytest.mark.parametrize("value", ["false", '"false"', "no", "False", "off"])
def test_publish_false_keeps_a_note_back(tmp_path, page, value, with_notes):
    put(tmp_path, "a.md", page.replace("---\n", f"---\npublish: {value}\n", 1))
    edition = notes.read(tmp_path, with_notes=with_notes)
    assert (edition.notes, edition.unpublished) == ((), 1)


@pytest.mark.parametrize("value", ["true", "", "yes", "2026-01-01"])
def test_other_values_of_publish_do_not(tmp_path, page, value):
    put(tmp_path, "a.md", page.replace("---\n", f"---\npublish: {value}\n", 1))
    assert len(notes.read(tmp_path, with_notes=False).notes) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\xff\xfe", "utf-8", id="no UTF-8"),
        pytest.param(b"---\na: [\n---\n%% digest:begin x %%\n", "expected", id="no YAML"),
        pytest.param(b"---\na: 1\n---\n%% digest:begin x %%\n", "marker", id="a broken marker"),
        pytest.param(b"---\na: 1\n", "never end", id="properties without an end"),
        pytest.param(b"---\na: " + b"[" * 5000 + b"\n---\n", "deep", id="nested"),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_out_and_told(tmp_path, data, reason):
    (tmp_path / "a.md").write_bytes(data)
    edition = notes.read(tmp_path, with_notes=False)
    assert edition.notes == ()
    ((path, told),) = edition.unread
    assert path == "a.md"
    assert reason in told.casefold()


def test_hidden_folders_are_not_read(tmp_path, page):
    put(tmp_path, ".trash/a.md", page)
    assert notes.read(tmp_path, with_notes=True).notes == ()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: A $b$ <c>\n---\n# Other", "A $b$ <c>"),
        ("# From the heading", "From the heading"),
        ("# With \\*escapes\\*", "file"),
        ("nothing", "file"),
    ],
)
def test_the_title_is_the_property_else_a_plain_heading_else_the_file_name(tmp_path, text, title):
    put(tmp_path, "folder/file.md", text)
    assert [note.title for note in notes.read(tmp_path, with_notes=True).notes] == [title]


@pytest.mark.parametrize("with_notes", [False, True])
def test_advice_on_how_to_use_the_vault_stays_in_it(tmp_path, with_notes):
    text = "one\n\n%% in-vault %%\n\nTick it.\n\n%% /in-vault %%\n\ntwo\n\n%% in-vault %%\nx\n%% /in-vault %%"
    put(tmp_path, "a.md", written(parts=(Block(name="list", text=text),)))
    (note,) = notes.read(tmp_path, with_notes=with_notes).notes
    assert note.text.split() == ["one", "two"]
