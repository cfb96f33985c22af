"""Each kind of fault is found where it was planted, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from digest.check import Finding, Kind, Report, Severity, check
from digest.errors import VaultError
from digest.keywords.plurals import singular

SOUND = {
    "Home.md": "---\ntags:\n  - moc\n---\n\n[[2026-02-03/A Lantern (2602.00017)|A Lantern]] · [[keywords/Lantern]] ![[Papers.base#New]]\n",
    "Papers.base": "views:\n  - type: table\n    name: New\n",
    "assets/home.svg": "<svg/>",
    "keywords/Lantern.md": "# Lantern\n\n![[assets/home.svg]] [[Home]] [[2026-02-03/A Lamp (2602.00018)#Notes|notes]]\n",
    "2026-02-03/A Lantern (2602.00017).md": (
        '---\ntitle: "A: Lantern"\narxiv_id: "2602.00017"\nauthors:\n  - Ada Fictional\n'
        'keywords:\n  - "[[keywords/Lantern|Lantern]]"\nrating:\n---\n\n- [[2026-02-03/A Lamp (2602.00018)|A Lamp]] (88.7% similar)\n'
    ),
    "2026-02-03/A Lamp (2602.00018).md": (
        '---\narxiv_id: "2602.00018"\nauthors:\n  - Bo Invented\n---\n\n## Notes\n\n- x ^b1\n\n[[Home#Home|up]]\n\n# Home\n'
    ).replace("[[Home#Home|up]]", "[[Home|up]] [[#Notes]] [[#^b1]] [[2026-02-03/A Lantern (2602.00017)]]"),
}


def make(root: Path, *changes: dict[str, str | bytes | None]) -> Path:
    """A sound vault with some files changed, added, or (None) taken away."""
    files: dict[str, str | bytes | None] = {**SOUND}
    for change in changes:
        files |= change
    for path, content in files.items():
        if content is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def found(root: Path) -> list[tuple[Kind, str, str]]:
    """Its faults and hints, but for orphans: what is planted below is seldom linked to."""
    report = check(root, singular=singular)
    return [(f.kind, f.path, f.detail) for f in report.findings if f.kind is not Kind.ORPHAN]


def test_a_sound_vault(tmp_path):
    """No finding; and what is counted."""
    report = check(make(tmp_path))

    assert report == Report(findings=(), notes=4, links=12)
    assert report.by_kind() == {}


def test_no_folder(tmp_path):
    with pytest.raises(VaultError, match="no folder"):
        check(tmp_path / "none")


CANVAS = '{"nodes": [{"type": "file", "file": "%s"}, {"type": "text", "text": "[[gone]]"}]}'
DAY = "---\ntags:\n  - digest\ndate: 2026-02-03\n---\n"
KEYWORD = "---\ntags:\n  - keyword\n---\n"
BASE = "line 2: mapping values are not allowed in this context"
LAMP = "2026-02-03/A Lamp (2602.00018).md"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"n.md": "[[gone]]"}, (Kind.DEAD_LINK, "n.md", "gone"), id="dead"),
        pytest.param({"n.md": "[[1,2],[3,4]]"}, (Kind.DEAD_LINK, "n.md", "1,2],[3,4"), id="a matrix"),
        pytest.param({"n.md": "![[gone.png|100]]"}, (Kind.DEAD_LINK, "n.md", "gone.png"), id="dead embed"),
        pytest.param({"n.md": "![[Gone.base#View]]"}, (Kind.DEAD_LINK, "n.md", "Gone.base"), id="dead Base"),
        pytest.param({"n.md": "[x](gone%20too.md)"}, (Kind.DEAD_LINK, "n.md", "gone too.md"), id="dead Markdown link"),
        pytest.param(
            {"n.md": '---\na: "[[gone|G]]"\n---\n'}, (Kind.DEAD_LINK, "n.md", "gone"), id="dead in properties"
        ),
        pytest.param(
            {"n.md": "---\na:\n  - x\n  - '[[gone]]'\nb: |\n  t\n---\n"},
            (Kind.DEAD_LINK, "n.md", "gone"),
            id="dead in a list",
        ),
        pytest.param({"n.md": "| [[gone\\|G]] |\n| - |\n"}, (Kind.DEAD_LINK, "n.md", "gone"), id="dead in a table"),
        pytest.param(
            {"n.md": "[[A Lamp (2602.00018)#None]]"},
            (Kind.DEAD_ANCHOR, "n.md", "A Lamp (2602.00018)#None"),
            id="heading",
        ),
        pytest.param(
            {"n.md": "[[A Lamp (2602.00018)#^b2]]"}, (Kind.DEAD_ANCHOR, "n.md", "A Lamp (2602.00018)#^b2"), id="block"
        ),
        pytest.param({"n.md": "[[#None]]"}, (Kind.DEAD_ANCHOR, "n.md", "#None"), id="own heading"),
        pytest.param({"n.md": "[[home]]"}, (Kind.SPELLING, "n.md", "home: “Home.md”"), id="case"),
        pytest.param(
            {"n.md": "[[lantern]]"}, (Kind.SPELLING, "n.md", "lantern: “keywords/Lantern.md”"), id="case, short"
        ),
        pytest.param(
            {"d/é.md": "x", "n.md": "[[d/e\u0301]]"}, (Kind.SPELLING, "n.md", "d/e\u0301: “d/é.md”"), id="Unicode form"
        ),
        pytest.param(
            {"a/x.md": "", "b/x.md": "", "n.md": "[[x]]"},
            (Kind.AMBIGUOUS, "n.md", "x: “a/x.md”, “b/x.md”"),
            id="ambiguous",
        ),
        pytest.param(
            {"a?.md": ""}, (Kind.BAD_NAME, "a?.md", "“?” cannot be in a name on Windows and Android"), id="question"
        ),
        pytest.param({"a#b.md": ""}, (Kind.BAD_NAME, "a#b.md", "“#” ends or breaks a link to it"), id="hash"),
        pytest.param({"con.md": ""}, (Kind.BAD_NAME, "con.md", "is a reserved name on Windows"), id="reserved"),
        pytest.param(
            {"d./x.md": ""}, (Kind.BAD_NAME, "d.", "ends in a dot or a space, which Windows drops"), id="folder's dot"
        ),
        pytest.param(
            {"x .md": ""},
            (Kind.BAD_NAME, "x .md", "ends in a dot or a space, which Windows drops"),
            id="trailing space",
        ),
        pytest.param(
            {" x.md": ""}, (Kind.BAD_NAME, " x.md", "begins with a space, which some systems drop"), id="leading space"
        ),
        pytest.param(
            {"a\u202eb.md": ""}, (Kind.BAD_NAME, "a\u202eb.md", "has an invisible character (U+202E)"), id="bidi"
        ),
        pytest.param(
            {"README.md.md": ""},
            (Kind.BAD_NAME, "README.md.md", "its name without “.md” looks like another file's"),
            id="README.md",
        ),
        pytest.param(
            {"한" * 80 + "x.md": ""}, (Kind.BAD_NAME, "한" * 80 + "x.md", "is longer than 240 bytes"), id="bytes"
        ),
        pytest.param(
            {"d/" * 79 + "x.md": ""},
            (Kind.BAD_NAME, "d/" * 79 + "x.md", "a path of 162 characters is too long for Windows"),
            id="path",
        ),
        pytest.param(
            {"e\u0301.md": ""},
            (
                Kind.BAD_NAME,
                "e\u0301.md",
                "is in decomposed Unicode (NFD), so links that look the same do not lead to it",
            ),
            id="NFD",
        ),
        pytest.param(
            {"home.md": ""},
            (Kind.COLLISION, "home.md", "the same as “Home.md” but for case or Unicode form"),
            id="collision",
        ),
        pytest.param(
            {"Keywords/x.md": ""},
            (Kind.COLLISION, "keywords", "the same as “Keywords” but for case or Unicode form"),
            id="folders collide",
        ),
        pytest.param(
            {"n.md": "---\na: b: c\n---\n"},
            (Kind.BAD_PROPERTIES, "n.md", "line 2: mapping values are not allowed in this context"),
            id="YAML",
        ),
        pytest.param(
            {"n.md": "---\n- a\n---\n"}, (Kind.BAD_PROPERTIES, "n.md", "not a list of “name: value” lines"), id="a list"
        ),
        pytest.param(
            {"n.md": "---\nup: [[Home]]\n---\n"},
            (Kind.BAD_PROPERTIES, "n.md", "“up” has a link without quotes, which is a list in a list"),
            id="bare link",
        ),
        pytest.param(
            {"n.md": "<!-- KEYWORD_LINKING_METADATA:\n{}\n-->\n---\ntitle: x\n---\n"},
            (Kind.SHADOWED_PROPERTIES, "n.md", "something stands before the properties, so they are none"),
            id="comment before",
        ),
        pytest.param(
            {"n.md": "\n---\ntitle: x\n---\n"},
            (Kind.SHADOWED_PROPERTIES, "n.md", "something stands before the properties, so they are none"),
            id="empty line before",
        ),
        pytest.param({"n.md": "---\na: 1\nb: 1\na: 2\n---\n"}, (Kind.DUPLICATE_PROPERTY, "n.md", "a"), id="twice"),
        pytest.param({"n.md": "---\na: {x: 1}\na: 2\n---\n"}, (Kind.DUPLICATE_PROPERTY, "n.md", "a"), id="twice, YAML"),
        pytest.param(
            {"n.md": '---\narxiv_id: "2602.00018"\n---\n'},
            (Kind.DUPLICATE_PAPER, "n.md", f"2602.00018 is also “{LAMP}”"),
            id="paper twice",
        ),
        pytest.param({"n.md": "---\narxiv_id: 2602.00019\n---\n"}, (Kind.ID_NOT_TEXT, "n.md", "arxiv_id"), id="number"),
        pytest.param(
            {"n.md": "---\nx: {a: b}\narxiv_id: 2602.1\n---\n"},
            (Kind.ID_NOT_TEXT, "n.md", "arxiv_id"),
            id="number, YAML",
        ),
        pytest.param(
            {"n.md": "---\nauthors:\nb: 1\n---\n"}, (Kind.NO_AUTHORS, "n.md", "authors is empty"), id="no authors"
        ),
        pytest.param(
            {"n.md": "---\nauthors: []\n---\n"}, (Kind.NO_AUTHORS, "n.md", "authors is empty"), id="empty list"
        ),
        pytest.param(
            {"n.md": "---\nx: {a: b}\nauthors: []\n---\n"},
            (Kind.NO_AUTHORS, "n.md", "authors is empty"),
            id="YAML list",
        ),
        pytest.param(
            {"n.md": "---\nauthors:\n  -\n---\n"}, (Kind.NO_AUTHORS, "n.md", "authors is empty"), id="list of nothing"
        ),
        pytest.param({"n.md": "![[Papers.base#Old]]"}, (Kind.DEAD_ANCHOR, "n.md", "Papers.base#Old"), id="view"),
        pytest.param({"X.base": "a: b: c"}, (Kind.UNREADABLE, "X.base", BASE), id="Base"),
        pytest.param({"X.base": "- a"}, (Kind.UNREADABLE, "X.base", "is no Base"), id="Base that is a list"),
        pytest.param({"x.canvas": "[]"}, (Kind.UNREADABLE, "x.canvas", "is no canvas"), id="canvas"),
        pytest.param({"x.canvas": CANVAS % "gone.md"}, (Kind.DEAD_LINK, "x.canvas", "gone.md"), id="dead in a canvas"),
        pytest.param(
            {"n.md": "[[.obsidian/x]]", ".obsidian/x.md": ""}, (Kind.DEAD_LINK, "n.md", ".obsidian/x"), id="dot folder"
        ),
        pytest.param(
            {"a.md": DAY, "b.md": DAY}, (Kind.DUPLICATE_DAY, "b.md", "2026-02-03 is also “a.md”"), id="day twice"
        ),
        pytest.param(
            {"n.md": '---\narxiv_id: "arXiv:2602.00018v3"\n---\n'},
            (Kind.DUPLICATE_PAPER, "n.md", f"2602.00018 is also “{LAMP}”"),
            id="another version",
        ),
        pytest.param(
            {"keywords/Lanterns.md": "---\ntags:\n  - keyword\n---\n", "keywords/Lantern.md": KEYWORD},
            (
                Kind.NEAR_KEYWORD,
                "keywords/Lanterns.md",
                "“keywords/Lantern.md”: the same but for case, hyphens, plural or spelling",
            ),
            id="near",
        ),
        pytest.param(
            {"keywords/Lamp.md": "---\ntags: [keyword]\naliases: [lantern]\n---\n", "keywords/Lantern.md": KEYWORD},
            (Kind.NEAR_KEYWORD, "keywords/Lamp.md", "“keywords/Lantern.md”: “lantern” is an alias here"),
            id="alias",
        ),
        pytest.param(
            {"n.md": f'---\narxiv_id: "2602.00019"\n---\n[[{LAMP}]]'},
            (Kind.ONE_WAY, "n.md", f"“{LAMP}” does not link back"),
            id="one way",
        ),
        pytest.param({"n.md": "---\ntags: x\n---\n"}, (Kind.NOT_A_LIST, "n.md", "tags"), id="no list"),
        pytest.param(
            {"n.md": "---\nalias: x\n---\n"}, (Kind.DEAD_PROPERTY, "n.md", "alias: it is aliases now"), id="old"
        ),
        pytest.param({"n.md": "---\ntags:\n  - cs.AI\n---\n"}, (Kind.BAD_TAG, "n.md", "cs.AI"), id="tag with a dot"),
        pytest.param({"n.md": '---\ntags:\n  - "1984"\n---\n'}, (Kind.BAD_TAG, "n.md", "1984"), id="tag of digits"),
        pytest.param(
            {name: f"---\nrating: {value}\n---\n" for name, value in (("a.md", 1), ("b.md", 2), ("c.md", "good"))},
            (Kind.MIXED_TYPE, "c.md", "rating is text here and number in 2 notes"),
            id="another type",
        ),
        pytest.param({"n.md": b"caf\xe9"}, (Kind.NOT_UTF8, "n.md", "byte 3 begins no character"), id="Latin-1"),
    ],
)
def test_a_planted_fault_is_found_exactly(tmp_path, change, expected):
    assert found(make(tmp_path, change)) == [expected]


def test_an_orphan_is_what_nothing_else_links_to(tmp_path):
    """A note's links to itself do not count, those of a canvas do; it is a hint."""
    (finding,) = check(
        make(tmp_path, {"n.md": "[[n]] [[Home]]", "m.md": "", "README.md": "", "x.canvas": CANVAS % "m.md"})
    ).findings

    assert (finding.kind, finding.path, finding.severity) == (Kind.ORPHAN, "n.md", Severity.HINT)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"n.md": '---\ntags:\n  - a/b_c-d\n  - "#y1984"\n  - 키워드\n  -\n---\n'}, id="tags"),
        pytest.param({"n.md": "---\ntags:\naliases: []\ncssclasses:\n---\n"}, id="empty lists"),
        pytest.param({"n.md": "---\ntitle: 1984\n---\n", "m.md": "---\ntitle: x\n---\n"}, id="text may be a number"),
        pytest.param(
            {
                f"{n}.md": f'---\narxiv_id: "{text}"\n---\n'
                for n, text in enumerate(("2602.1", "2602.2", "hep-th/9901001"))
            },
            id="text that looks like a number",
        ),
        pytest.param({"n.md": "---\nrating: 1\n---\n", "m.md": "---\nrating:\n---\n"}, id="empty value"),
        pytest.param(
            {
                f"{n}.md": f"---\ndue: {due}\nrating: {rating}\n---\n"
                for n, (due, rating) in enumerate(
                    [("2026-02-03", 1), ("2026-02-04", 2.5), ("2026-02-03T10:30", "'3'"), ("'2026-02-03'", -1)]
                )
            },
            id="a date in quotes, a time without seconds",
        ),
        pytest.param({"x.base": "", "y.canvas": "", "z.canvas": "{}"}, id="empty files"),
        pytest.param({"a.md": "---\ndate: 2026-02-03\n---\n", "b.md": DAY}, id="a date is no day page"),
        pytest.param({"keywords/Lanterns.md": KEYWORD}, id="one page alone"),
        pytest.param(
            {"keywords/Lantern.md": KEYWORD, "keywords/Lanterns.md": "---\ntags:\n  - keyword\npapers: 0\n---\n"},
            id="page of a former keyword",
        ),
        pytest.param(
            {"a.md": DAY, "b.md": DAY.replace("date:", "until: 2026-02-08\ndate:")}, id="the week that begins on a day"
        ),
        pytest.param(
            {"keywords/Lamp.md": "---\ntags: [keyword]\naliases: [FE]\n---\n", "keywords/Fe.md": KEYWORD},
            id="short alias of other case",
        ),
        pytest.param({"n.md": "\n---\nNote: something\n\nand more\n\n- - -\n"}, id="a rule"),
    ],
)
def test_no_false_alarm(tmp_path, files):
    assert found(make(tmp_path, files)) == []


def test_a_dead_link_is_told_once_a_note(tmp_path):
    assert found(make(tmp_path, {"n.md": "[[gone]] [[gone|again]] [[Gone]]"})) == [
        (Kind.DEAD_LINK, "n.md", "Gone"),
        (Kind.DEAD_LINK, "n.md", "gone"),
    ]


def test_a_deleted_note_leaves_its_links_dead(tmp_path):
    """All of them, each in its own note."""
    paths = [path for _, path, _ in found(make(tmp_path, {LAMP: None}))]

    assert paths == ["2026-02-03/A Lantern (2602.00017).md", "keywords/Lantern.md"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("`[[gone]]` and ``a ` [[gone]]``", id="inline code"),
        pytest.param("```\n[[gone]]\n```\n", id="fence"),
        pytest.param("> ```dataview\n> [[gone]]\n> ```\n", id="quoted fence"),
        pytest.param("~~~~\n[[gone]]\n~~~\n[[gone]]\n~~~~\n", id="tildes"),
        pytest.param("```\n[[gone]]\n", id="fence without end"),
        pytest.param("%% [[gone]] %%", id="comment"),
        pytest.param("%%\n[[gone]]\n%%", id="comment of lines"),
        pytest.param("<!-- [[gone]]\n[x](gone.md) -->", id="HTML comment"),
        pytest.param("$a[[gone]]$ and $$\n[[gone]]\n$$", id="mathematics"),
        pytest.param("\\[[gone]] \\[x](gone.md)", id="escaped"),
        pytest.param("[x](https://example.org/gone.md) <https://a.b> [m](mailto:a@b.c) [y](//a.b/c)", id="the web"),
        pytest.param("[ [gone] ] [[]] [gone] (gone)", id="no links"),
    ],
)
def test_what_is_no_link(tmp_path, text):
    """And what follows it still is one."""
    assert found(make(tmp_path / "a", {"n.md": text})) == []
    if text != "```\n[[gone]]\n":  # which runs to the end of the note
        assert found(make(tmp_path / "b", {"n.md": f"{text}\n\n[[dead]]"})) == [(Kind.DEAD_LINK, "n.md", "dead")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[[Home]] [[Home.md]] [[/Home]] [[Home|x]] [[ Home ]]", id="from the root"),
        pytest.param("[[Lantern]] [[keywords/Lantern]]", id="shortest"),
        pytest.param("[[near]] [[d/near]] [n](near.md) [n](./near.md) [n](<near.md>) [h](../Home.md)", id="own folder"),
        pytest.param("[[home.svg]] ![[assets/home.svg|200]] ![x](assets/home.svg)", id="files"),
        pytest.param("[l](2026-02-03/A%20Lamp%20(2602.00018).md#Notes) [[A Lamp (2602.00018)#^B1]]", id="encoded"),
        pytest.param("[[A Lamp (2602.00018)#Home]] [[A Lamp (2602.00018)#notes#home]]", id="headings"),
        pytest.param("costs $5 and [[Home]] for $6, ` one [[Home]]", id="lone dollars"),
    ],
)
def test_what_is_found(tmp_path, text):
    assert found(make(tmp_path, {"d/n.md": text, "d/near.md": "x"})) == []


def test_the_own_folder_comes_before_the_shortest_path(tmp_path):
    assert found(make(tmp_path, {"d/e/n.md": "[[x]]", "d/e/x.md": "", "a/x.md": ""})) == []


def test_an_alias_is_no_target(tmp_path):
    """Measured on Obsidian: such a link stays unresolved."""
    assert found(make(tmp_path, {"x.md": "---\naliases:\n  - AL\n---\n", "n.md": "[[AL]]"})) == [
        (Kind.DEAD_LINK, "n.md", "AL")
    ]


def test_dot_folders_are_not_looked_at(tmp_path):
    make(tmp_path, {".obsidian/a?.md": "[[gone]]", ".trash/x.md": "[[gone]]", ".hidden.md": "[[gone]]"})

    assert found(tmp_path) == []


def test_the_readers_line_ends_and_byte_order_mark_do_not_matter(tmp_path):
    changed = {path: "\ufeff" + text.replace("\n", "\r\n") for path, text in SOUND.items() if path.endswith(".md")}

    assert check(make(tmp_path / "a", changed)) == check(make(tmp_path / "b"))


def test_report(tmp_path):
    """Grouped by kind, with a remedy each; all of it plain JSON."""
    report = check(make(tmp_path, {"n.md": "[[gone]] [[home]]", "a?.md": "[[gone]] [[n]]"}))

    assert [(kind, len(group)) for kind, group in report.by_kind().items()] == [
        (Kind.DEAD_LINK, 2),
        (Kind.SPELLING, 1),
        (Kind.BAD_NAME, 1),
        (Kind.ORPHAN, 1),
    ]
    facts = json.loads(json.dumps(report.to_json()))
    assert facts["notes"] == 6
    assert (facts["faults"], facts["hints"], facts["fixable"]) == (4, 1, 1)
    assert facts["kinds"]["dead link"] == 2
    assert facts["findings"][1] == {
        "kind": "dead link",
        "severity": "fault",
        "path": "a?.md",
        "detail": "gone",
        "remedy": "Make the file, or correct or remove the link.",
        "fixable": False,
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_remedy(kind):
    assert Finding(kind, "a.md", "x").remedy.endswith(".")


HOSTILE = [
    "[",
    "[[",
    "[a",
    "[a](b(",
    "\\[",
    "$a ",
    "$$a",
    "$\\a",
    "`",
    "`a ``b ",
    "\n```a",
    "\n~~~`a",
    "~~~ ",
    "%%",
    "<!--",
]
HOSTILE += [" <!-- ", "a\n", " \n", "# ", "\n---\n", "x ^a ", "- ", "? ", "{", "- [", "&a [*a, "]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_in_time(tmp_path, text):
    """Nothing makes a pass over a note quadratic enough to matter, and nesting does not end the process."""
    many = text * (100_000 // len(text))
    make(tmp_path, {"n.md": many, "m.md": f"---\n{many}\n---\n", "o.md": f"---\na: {many}\n---\n[[n#x]] [[m#x]]"})
    begun = time.monotonic()
    check(tmp_path)

    assert time.monotonic() - begun < 10


CHECKERS = Path(__file__).resolve().parents[2].parent / "shared" / "vault_check" / "check.sh"
TOOLS = Path(os.environ.get("VAULT_CHECK_HOME", Path.home() / ".cache" / "digest-vault-check"))


@pytest.mark.long
@pytest.mark.skipif(not CHECKERS.exists(), reason="no shared/vault_check beside the checkout")
@pytest.mark.skipif(
    not (TOOLS / "node_modules").is_dir() or not shutil.which("node") or not (TOOLS / "venv").is_dir(),
    reason="foam-cli, markdown-vault-mcp and obsidiantools are not installed; run check.sh once",
)
@pytest.mark.parametrize("dead", [False, True])
def test_other_programs_agree(tmp_path, dead):
    """Three readers of vaults that nobody here wrote find what we find: nothing, and a planted dead link."""
    plain = {
        LAMP: SOUND[LAMP].replace("[[#Notes]] [[#^b1]]", "")
    }  # obsidiantools takes a link into its own note for dead
    make(tmp_path, plain, {"n.md": "[[gone/note|x]] [[Home]]"} if dead else {})
    result = subprocess.run(
        ["bash", str(CHECKERS), str(tmp_path)], capture_output=True, text=True, timeout=300, check=False
    )

    assert result.returncode == int(dead), result.stdout + result.stderr
    assert [kind for kind, _, _ in found(tmp_path)] == ([Kind.DEAD_LINK] if dead else [])
