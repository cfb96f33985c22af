"""What is mended, what is left, and that mending keeps all other bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from digest.check import Kind, Plan, check, plan
from digest.check.links import Resolver
from digest.check.repair import mended
from digest.testing.fakes import make_home
from digest.vault import QUIET, Vault
from digest.vault.disk import OPEN
from digest.vault.layout import checksum
from digest.vault.merge import block_spans

FILES = ["Home.md", "a/Note.md", "b/c/Note.md", "a/é.md", "x/Twin.md", "y/Twin.md", "assets/A Plot.svg", "d/n.md"]


BLOCK = f"%% digest:begin x %%\n[[home]]\n%% digest:end x {checksum('[[home]]')} %%\n"


def mend(text: str, path: str = "d/n.md") -> str:
    return mended(path, text.encode(), Resolver(FILES), block_spans)[0].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("go [[home]] now", "go [[Home|home]] now", id="case; it shows what it showed"),
        pytest.param("[[home|x]] [[HOME#A b]]", "[[Home|x]] [[Home#A b|HOME > A b]]", id="display text and heading"),
        pytest.param("[[home.md]] ![[home]]", "[[Home.md|home.md]] ![[Home]]", id="ending; embeds show no name"),
        pytest.param("[[A/NOTE|n]]", "[[a/Note|n]]", id="whole path"),
        pytest.param("[[/home|n]] [[../home|n]]", "[[/Home|n]] [[../Home|n]]", id="from the root, from here"),
        pytest.param("[[a/e\u0301]]", "[[a/é]]", id="Unicode form, which looks the same"),
        pytest.param("[[ home |n]]", "[[ Home |n]]", id="spaces"),
        pytest.param("[h](../home.md) [h](<../home.md>)", "[h](../Home.md) [h](<../Home.md>)", id="Markdown"),
        pytest.param("![p](../assets/a%20plot.SVG#x)", "![p](../assets/A%20Plot.svg#x)", id="encoded"),
        pytest.param("[[note]]", "[[a/Note|note]]", id="ambiguous: the shortest path, as Obsidian has it"),
        pytest.param("| [[home]] | x |\n| - | - |", "| [[Home\\|home]] | x |\n| - | - |", id="in a table"),
        pytest.param("| [[home\\|h]] |\n", "| [[Home\\|h]] |\n", id="escaped bar"),
        pytest.param("---\nup: '[[home]]'\n---\n", "---\nup: '[[Home|home]]'\n---\n", id="property"),
        pytest.param('---\nup:\n  - "[[home|x]]"\n---\n', '---\nup:\n  - "[[Home|x]]"\n---\n', id="list of links"),
        pytest.param(
            "---\narxiv_id: 2509.18690\n---\n", '---\narxiv_id: "2509.18690"\n---\n', id="id; the text has its zero yet"
        ),
        pytest.param("---\narxiv_id:  0704.0001 # x\n---\n", '---\narxiv_id:  "0704.0001" # x\n---\n', id="old id"),
        pytest.param("---\ntags: x\n---\n", "---\ntags:\n  - x\n---\n", id="tags"),
        pytest.param('---\naliases: "A: b" \n---\n', '---\naliases:\n  - "A: b" \n---\n', id="alias in quotes"),
        pytest.param("---\ncssclasses: wide\nb: 1\n---\n", "---\ncssclasses:\n  - wide\nb: 1\n---\n", id="cssclasses"),
        pytest.param("---\nup: [[Home]]\n---\n", '---\nup: "[[Home]]"\n---\n', id="link without quotes"),
        pytest.param(
            BLOCK.replace("[[home]]", "[[home]]!"), BLOCK.replace("[[home]]", "[[Home|home]]!"), id="an edited block"
        ),
        pytest.param("\n \n---\na: 1\n---\nx", "---\na: 1\n---\nx", id="empty lines before properties"),
        pytest.param("<!-- c -->\n---\na: 1\n---\nx", "---\na: 1\n---\n<!-- c -->\nx", id="comment before properties"),
        pytest.param("\n---\na: 1\n---", "---\na: 1\n---", id="no text after them"),
        pytest.param(
            "\n---\narxiv_id: 2509.18690\nup: [[home]]\n---\n",
            '---\narxiv_id: "2509.18690"\nup: "[[Home|home]]"\n---\n',
            id="what one mend brings to light, the next one mends",
        ),
    ],
)
def test_mended(text, expected):
    assert mend(text) == expected
    assert mend(expected) == expected
    crlf = text.replace("\n", "\r\n")
    assert mend("\ufeff" + crlf) == "\ufeff" + expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[[gone]] [[Home]] [x](gone.md) [[Home#gone]]", id="dead, or right"),
        pytest.param("[[twin]]", id="two paths of one length: which one Obsidian takes is not known"),
        pytest.param("[t](twin.md) [n](Note.md)", id="an ambiguous Markdown link"),
        pytest.param("a | [[home]]", id="perhaps a table"),
        pytest.param("`[[home]]` %% [[home]] %% $[[home]]$", id="no links"),
        pytest.param(BLOCK, id="in our block"),
        pytest.param("%% digest:begin x %%\n[[home]]", id="whose text is not known"),
        pytest.param("---\narxiv_id: 2509.1869\n---\n", id="a zero that is lost"),
        pytest.param("---\narxiv_id: 1234\n---\n", id="no id"),
        pytest.param("---\narxiv_id: 2513.18690\n---\n", id="no month"),
        pytest.param("---\ntags: a, b\naliases: a, b\n---\n", id="perhaps several"),
        pytest.param("---\ntags: a b\ncssclasses: a b\n---\n", id="several words"),
        pytest.param("---\ntags: cs.AI\n---\n", id="no tag"),
        pytest.param("---\naliases: |\n  a\n---\n", id="block of text"),
        pytest.param("---\nup: [[Home]], [[a/Note]]\n---\n", id="no YAML"),
        pytest.param("---\nup:\n  - [[Home]]\n  - [[a, b]]\n---\n", id="perhaps a list of lists"),
        pytest.param("---\na: 1\na: 2\ntags: x\n---\n", id="a property twice"),
        pytest.param("\n---\na: b: c\n---\n", id="no properties before the first line either"),
        pytest.param("words\n\n---\na: 1\n---\n", id="words before properties"),
        pytest.param("%% digest:begin x %%\n---\na: 1\n---\n%% digest:end x 12345678 %%", id="our block before"),
    ],
)
def test_left_as_it_is(text):
    assert mend(text) == text


def test_a_file_in_another_encoding_is_left():
    assert mended("n.md", b"caf\xe9 [[home]]", Resolver(FILES), block_spans) == (b"caf\xe9 [[home]]", ())


@pytest.mark.parametrize(
    "text", ["[[home]] ", "[[home]] | ", "[[home]]\n", "[h](../home.md) ", "| [[note]] ", "\n---\n", " "]
)
def test_hostile_text_is_mended_in_time(text):
    """No step is quadratic enough to matter."""
    many = text * (100_000 // len(text))
    begun = time.monotonic()
    for note in (many, f"---\n{many}\n---\n", f"---\naliases: a{many}b\n---\n", f"---\nup:{many}[[Home]] x\n---\n"):
        mend(note)

    assert time.monotonic() - begun < 10


pieces = st.lists(
    st.sampled_from(
        [
            "[[home]]", "[[Home]]", "[[note|n]]", "![[NOTE]]", "[[twin]]", "[[gone]]", "[h](../home.md)", "[[a/e\u0301]]",
            "\n", "\r\n", "\n\n", "|", "| ", "`", "```\n", "%%", "<!--", "-->", "$", "---\n", "---\r\n", "# h\n", " ", "w ",
            "arxiv_id: 2509.18690\n", "arxiv_id: 2509.1869\n", "tags: x\n", "tags: a, b\n", "aliases: b c\n",
            "up: [[home]]\n", 'up: "[[home]]"\n', "x: '[[NOTE]]'\n", "  - [[home]]\n", "a:\n", "\\", "é", "[[", "]]",
            "%% digest:begin x %%\n", "%% digest:end x 12345678 %%\n", BLOCK, "> ", "\ufeff",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(pieces, st.booleans())
def test_mending_twice_is_mending_once(tmp_path_factory, text, fenced):
    """Whatever stands in a note: no fault comes of it, what is called fixable goes, and nothing is left to mend."""
    text = f"---\n{text}\n---\n" if fenced else text
    root = tmp_path_factory.mktemp("v")
    for path in FILES:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("[[d/n]]\n")
    note = root / "d" / "n.md"
    note.write_bytes(text.encode())
    report = check(root, blocks=block_spans)
    fix(root, plan(root, report, blocks=block_spans))
    after = check(root, blocks=block_spans)

    assert plan(root, after, blocks=block_spans) == Plan()
    assert not after.fixable
    gone = {(f.kind, f.detail, f.generated) for f in report.findings if f.fixable}
    assert gone.isdisjoint((f.kind, f.detail, f.generated) for f in after.findings)
    if Kind.SHADOWED_PROPERTIES not in {kind for kind, _, _ in gone}:  # which brings others to light
        assert after.faults <= report.faults
    if not gone:
        assert note.read_bytes() == text.encode()


def fix(root: Path, found: Plan) -> list[str]:
    vault = Vault(root)
    written = list(vault.edit({rewrite.path: (rewrite.before, rewrite.after) for rewrite in found.rewrites}))
    assert all(vault.rename(path, other) for path, other in found.renames)
    return [remark for one in written for remark in one.remarks]


# --- files -----------------------------------------------------------------------------------------------------------


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    return root


NFD = "Re\u0301sume\u0301.md"


def test_a_decomposed_name_is_composed(tmp_path):
    """And links that look the same lead to it."""
    write(tmp_path, {NFD: "[[Home]]", "Home.md": "[[Résumé]]"})
    fix(tmp_path, plan(tmp_path, check(tmp_path)))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["Home.md", "Résumé.md"]
    assert check(tmp_path).findings == ()


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({NFD: "", "Home.md": f"[[{NFD}]]"}, id="links are spelled as it is"),
        pytest.param({NFD: "", "Résumé.md": "", "Home.md": ""}, id="the name is taken"),
        pytest.param({NFD: "", "RÉSUMÉ.md": "", "Home.md": ""}, id="the name is taken where case does not count"),
        pytest.param({f"{NFD}/x.md": "", "Home.md": ""}, id="a folder"),
    ],
)
def test_a_decomposed_name_stays(tmp_path, files):
    assert plan(tmp_path, check(write(tmp_path, files))).renames == ()


def test_a_file_that_changed_since_it_was_read_is_not_touched(tmp_path):
    write(tmp_path, {"Home.md": "[[n]]", "n.md": "[[home]]", "m.md": "[[home]]"})
    found = plan(tmp_path, check(tmp_path))
    (tmp_path / "n.md").write_text("[[home]] and more")

    assert fix(tmp_path, found) == ["changed since it was read; left alone"]
    assert (tmp_path / "n.md").read_text() == "[[home]] and more"
    assert (tmp_path / "m.md").read_text() == "[[Home|home]]"


def test_what_cannot_be_written_is_told(tmp_path):
    """A write-protected note and a symbolic link are left, the others are mended; no name of ours is left behind."""
    write(tmp_path, {"Home.md": "", "p.md": "[[home]]", "q.md": "[[home]]", "else/x": "[[home]]"})
    (tmp_path / "p.md").chmod(0o444)
    (tmp_path / "s.md").symlink_to(tmp_path / "else" / "x")
    remarks = fix(tmp_path, plan(tmp_path, check(tmp_path)))

    assert remarks == ["write-protected; left alone", "a symbolic link; left alone"]
    assert (tmp_path / "q.md").read_text() == "[[Home|home]]"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Home.md", "else", "p.md", "q.md", "s.md"]


def test_other_files_keep_their_times(tmp_path):
    write(tmp_path, {"Home.md": "[[n]] [[m]]", "n.md": "[[home]]", "m.md": "[[Home]] [[twin]] [[gone]]"})
    for path in tmp_path.iterdir():
        os.utime(path, (1, 1))
    fix(tmp_path, plan(tmp_path, check(tmp_path)))

    assert {path.name for path in tmp_path.iterdir() if path.stat().st_mtime > 1} == {"n.md"}


# --- the command -----------------------------------------------------------------------------------------------------


def digest(*arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digest", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=stdin, check=False, timeout=60)


@pytest.fixture
def vault(tmp_path):
    return write(tmp_path / "v", {"Home.md": "[[n]]", "n.md": "[[home]] [[gone]]"})


def test_without_a_terminal_nothing_is_changed(vault):
    """What would be is shown, and how to have it done."""
    found = digest("check", str(vault), "--fix")

    assert found.returncode == 1
    assert "n.md\n  [[home]] → [[Home|home]]\nNothing was changed; 1 file can be mended" in found.stdout
    assert (vault / "n.md").read_text() == "[[home]] [[gone]]"


def test_yes(vault):
    """It is done, and what is left is told."""
    found = digest("--json", "check", str(vault), "--fix", "--yes")
    told = json.loads(found.stdout)

    assert found.returncode == 1
    assert (vault / "n.md").read_text() == "[[Home|home]] [[gone]]"
    assert told["fix"] == {
        "done": True,
        "rewrites": [{"path": "n.md", "changes": [
            {"kind": "link spelled otherwise than its file", "before": "[[home]]", "after": "[[Home|home]]"}
        ]}],
        "renames": [],
        "left": [],
    }  # fmt: skip
    assert [finding["detail"] for finding in told["findings"]] == ["gone"]
    again = digest("check", str(vault), "--fix", "--yes")
    assert "Nothing can be mended without guessing." in again.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("answer", "done"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_at_a_terminal_it_asks(vault, answer, done):
    import pty

    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        found = digest("check", str(vault), "--fix", stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)

    assert "n.md\n  [[home]] → [[Home|home]]\nDo this?" in found.stderr
    assert ((vault / "n.md").read_text() != "[[home]] [[gone]]") is done


def test_a_note_that_was_changed_a_moment_ago_is_mended_when_it_is_left_in_peace(vault):
    """The command waits as long as an editor takes to save again, and no longer."""
    begin = time.time()
    os.utime(vault / "n.md", (begin, begin))
    assert "1 file mended." in digest("check", str(vault), "--fix", "--yes").stdout
    assert (vault / "n.md").read_text() == "[[Home|home]] [[gone]]"
    assert (vault / "n.md").stat().st_mtime > begin + QUIET - 0.1


def test_a_note_that_is_open_in_an_editor_is_left(vault):
    """Neither its text nor its name is changed under the editor; both are told."""
    write(vault, {".n.md.swp": "", f".{NFD}.swp": "", NFD: "[[home]]", "m.md": "[[home]]"})
    found = digest("--json", "check", str(vault), "--fix", "--yes")

    left = [(one["path"], one["why"]) for one in json.loads(found.stdout)["fix"]["left"]]
    assert left == [
        (NFD, OPEN.format(f".{NFD}.swp")),
        ("n.md", OPEN.format(".n.md.swp")),
        (NFD, OPEN.format(f".{NFD}.swp")),
    ]
    assert (vault / "n.md").read_text() == "[[home]] [[gone]]"
    assert (vault / NFD).read_text() == "[[home]]"
    assert (vault / "m.md").read_text() == "[[Home|home]]"


def test_a_name_is_changed_with_the_text(vault):
    """What the command has just written itself is nobody else's work under way."""
    write(vault, {NFD: "[[home]]"})
    assert "left alone" not in digest("check", str(vault), "--fix", "--yes").stdout
    assert (vault / "Résumé.md").read_text() == "[[Home|home]]"


def test_no_run_writes_meanwhile(tmp_path, monkeypatch):
    """In a workspace's own vault, named or not, mending waits for nobody and takes turns with runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    home = make_home(tmp_path / "home")
    write(home / "vault", {"Home.md": "[[n]]", "n.md": "[[home]]"})
    (home / "state").mkdir()
    with FileLock(home / "state" / "run.lock"):
        for vault in ([], [str(home / "vault")]):
            assert digest("--home", str(home), "check", *vault, "--fix", "--yes").returncode == 3
    assert (home / "vault" / "n.md").read_text() == "[[home]]"
    assert digest("--home", str(home), "check", "--fix", "--yes").returncode == 0
    assert (home / "vault" / "n.md").read_text() == "[[Home|home]]"


def test_hints_do_not_make_it_fail(tmp_path):
    write(tmp_path, {"a.md": "[[b]]", "b.md": ""})
    found = digest("check", str(tmp_path))

    assert found.returncode == 0
    assert "orphan note: 1 (a hint)" in found.stdout
