"""In a vault of digest's own with a reader's notes in it, exactly what was planted is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.check import Kind, Severity, check, plan
from digest.keywords.plurals import singular
from digest.vault import Vault
from digest.vault.merge import block_spans

READER = {
    "Reading list.md": "---\ntags:\n  - moc\nrating: 3\n---\n\nFrom [[Home]], see [[Thoughts]] and [a day](digests/daily_digest_20260203.md).\n",
    "Thoughts.md": "# Thoughts\n\nBack to [[Reading list#^x|the list]]. `[[no link]]`\n".replace("#^x", ""),
    "projects/Thesis.md": "---\naliases:\n  - PhD\nup: '[[Reading list]]'\nrating: 5\n---\n[[Thoughts#Thoughts]] ![[Papers.base#New]]\n",
    "projects/plan.canvas": '{"nodes":[{"id":"a","type":"file","file":"projects/Thesis.md","x":0,"y":0,"width":9,"height":9}],"edges":[]}',
}


def inhabited(root: Path) -> Path:
    """The vault with what a reader adds to it: notes, a canvas, words in notes of ours."""
    for path, text in READER.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    paper = papers(root)[0]
    text = paper.read_bytes().replace(b"## My notes\n", b"## My notes\n\nRead with [[Reading list]]: $x$, #thesis.\n")
    paper.write_bytes(text)
    return root


def papers(root: Path) -> list[Path]:
    return sorted(root.glob("2026-*/*.md"))


def findings(root: Path) -> list[tuple[Kind, str]]:
    return [(f.kind, f.path) for f in check(root, blocks=block_spans, singular=singular).findings]


def name(path: Path) -> str:
    return path.parent.name + "/" + path.name


def test_nothing_is_wrong_with_ours_nor_with_a_readers(nights):
    assert findings(nights()) == []
    assert findings(inhabited(nights())) == []


Plant = Callable[[Path], list[tuple[Kind, str]]]
"""Spoils a vault; what is to be found then."""


def replaced(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, count).encode())


def deleted_note(root: Path) -> list[tuple[Kind, str]]:
    """All that link to it have a dead link, and nobody else."""
    target = papers(root)[3]
    linking = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.md")
        if path != target and f"[[{name(target).removesuffix('.md')}" in path.read_text("utf-8")
    ]
    assert linking
    target.unlink()
    return sorted((Kind.DEAD_LINK, path) for path in linking)


def dead_embed(root: Path) -> list[tuple[Kind, str]]:
    (root / "assets" / "home-30-days.svg").unlink()
    return [(Kind.DEAD_LINK, "Home.md")]


def lost_view(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "Papers.base", '"Reading queue"', '"To read"')
    return [(Kind.DEAD_ANCHOR, "Home.md")]


def broken_base(root: Path) -> list[tuple[Kind, str]]:
    (root / "Other.base").write_text("views: [")
    return [(Kind.UNREADABLE, "Other.base")]


def ambiguous(root: Path) -> list[tuple[Kind, str]]:
    (root / "projects" / "Thoughts.md").write_text("[[Home]]")
    replaced(root / "Reading list.md", "[[Thoughts]]", "[[Thoughts]] [[projects/Thoughts]]")
    (root / "archive").mkdir()
    (root / "archive" / "Note.md").write_text("[[Thesis]]")
    (root / "archive" / "Thesis.md").write_text("")
    (root / "archive" / "Other.md").write_text(
        "[[archive/Note]] [[archive/Other]] [[archive/Thesis]] [[projects/Thesis]]"
    )
    replaced(root / "Thoughts.md", "Back to", "[[archive/Other]] [[Thesis]] Back to")
    return [(Kind.AMBIGUOUS, "Thoughts.md")]


def reader_case(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "Thoughts.md", "[[Reading list", "[[reading list")
    return [(Kind.SPELLING, "Thoughts.md")]


def bad_name(root: Path) -> list[tuple[Kind, str]]:
    (root / "Why?.md").write_text("[[Home]]")
    replaced(root / "Thoughts.md", "Back", "[[Why?]] Back")
    return [(Kind.BAD_NAME, "Why?.md")]


def decomposed_name(root: Path) -> list[tuple[Kind, str]]:
    (root / "Re\u0301sume\u0301.md").write_text("[[Home]]")
    replaced(root / "Thoughts.md", "Back", "[[Résumé]] Back")
    return [(Kind.BAD_NAME, "Re\u0301sume\u0301.md"), (Kind.SPELLING, "Thoughts.md")]


def colliding(root: Path) -> list[tuple[Kind, str]]:
    keyword = sorted((root / "keywords").glob("*.md"))[0]
    twin = keyword.with_name(keyword.name.upper().replace(".MD", ".md"))
    twin.write_bytes(keyword.read_bytes())
    replaced(root / "Thoughts.md", "Back", f"[[keywords/{twin.stem}]] Back")
    return [(Kind.COLLISION, max(f"keywords/{keyword.name}", f"keywords/{twin.name}"))]


def near_keyword(root: Path) -> list[tuple[Kind, str]]:
    keyword = sorted((root / "keywords").glob("*[a-rt-x].md"))[0]
    twin = keyword.with_name(keyword.stem.replace(" ", "-") + "s.md")
    twin.write_text("---\ntags:\n  - keyword\n---\n[[Home]]")
    replaced(root / "Thoughts.md", "Back", f"[[keywords/{twin.stem}]] Back")
    return [(Kind.NEAR_KEYWORD, max(f"keywords/{keyword.name}", f"keywords/{twin.name}"))]


def bad_yaml(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "projects" / "Thesis.md", "up: ", "up: a: ")
    return [(Kind.BAD_PROPERTIES, "projects/Thesis.md")]


def bare_link(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "projects" / "Thesis.md", "'[[Reading list]]'", "[[Reading list]]")
    return [(Kind.BAD_PROPERTIES, "projects/Thesis.md")]


def shadowed(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "projects" / "Thesis.md", "---\n", "<!-- mine -->\n---\n")
    return [(Kind.SHADOWED_PROPERTIES, "projects/Thesis.md")]


def twice(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "projects" / "Thesis.md", "rating: 5\n", "rating: 5\nrating: 4\n")
    return [(Kind.DUPLICATE_PROPERTY, "projects/Thesis.md")]


def same_paper(root: Path) -> list[tuple[Kind, str]]:
    paper = papers(root)[1]
    copy = paper.with_name(paper.stem + " 1.md")
    copy.write_bytes(paper.read_bytes())
    replaced(root / "Thoughts.md", "Back", f"[[{name(copy)}]] Back")
    related = len(set(re.findall(r"^- \[\[(2026-.*?)\|", copy.read_text("utf-8"), re.MULTILINE)))
    return [(Kind.DUPLICATE_PAPER, name(copy)), *[(Kind.ONE_WAY, name(copy))] * related]


def same_day(root: Path) -> list[tuple[Kind, str]]:
    page = root / "digests" / "daily_digest_20260203.md"
    (root / "digests" / "daily_digest_20260203 (conflict).md").write_bytes(page.read_bytes())
    replaced(root / "Thoughts.md", "Back", "[[daily_digest_20260203 (conflict)]] Back")
    return [(Kind.DUPLICATE_DAY, "digests/daily_digest_20260203 (conflict).md")]


def number(root: Path) -> list[tuple[Kind, str]]:
    paper = papers(root)[2]
    paper.write_text(re.sub(r'arxiv_id: "(.*)"', r"arxiv_id: \1", paper.read_text("utf-8")), "utf-8")
    return [(Kind.ID_NOT_TEXT, name(paper))]


def nobody(root: Path) -> list[tuple[Kind, str]]:
    paper = papers(root)[2]
    paper.write_text(re.sub(r"authors:\n(  - .*\n)+", "authors: []\n", paper.read_text("utf-8")), "utf-8")
    return [(Kind.NO_AUTHORS, name(paper))]


def other_encoding(root: Path) -> list[tuple[Kind, str]]:
    (root / "Thoughts.md").write_bytes("# Thoughts\n[[Home]] é".encode("latin-1"))
    return [(Kind.NOT_UTF8, "Thoughts.md")]


def lost_marker(root: Path) -> list[tuple[Kind, str]]:
    paper = papers(root)[2]
    paper.write_text(re.sub(r"%% digest:end header .*\n", "", paper.read_text("utf-8")), "utf-8")
    return [(Kind.BROKEN_BLOCKS, name(paper))]


def orphan(root: Path) -> list[tuple[Kind, str]]:
    (root / "Alone.md").write_text("[[Home]]")
    return [(Kind.ORPHAN, "Alone.md")]


def one_way(root: Path) -> list[tuple[Kind, str]]:
    """A related link that the reader took out of one of the two lists."""
    for paper in papers(root):
        text = paper.read_text("utf-8")
        if link := re.search(r"^- \[\[(2026-.*?)\|.*\n", text, re.MULTILINE):
            paper.write_text(text.replace(link[0], ""), "utf-8")
            return [(Kind.ONE_WAY, f"{link[1]}.md")]
    raise AssertionError("no related papers")


def old_tags(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "Reading list.md", "tags:\n  - moc\n", "tags: moc\ntag: x\ncssclasses:\n  - a\n")
    return [(Kind.NOT_A_LIST, "Reading list.md"), (Kind.DEAD_PROPERTY, "Reading list.md")]


def dotted_tag(root: Path) -> list[tuple[Kind, str]]:
    replaced(root / "Reading list.md", "- moc\n", "- moc\n  - cs.AI\n")
    return [(Kind.BAD_TAG, "Reading list.md")]


def another_type(root: Path) -> list[tuple[Kind, str]]:
    replaced(papers(root)[4], "queue: false", "queue: later")
    return [(Kind.MIXED_TYPE, name(papers(root)[4]))]


PLANTS: list[Plant] = [
    deleted_note, dead_embed, lost_view, broken_base, ambiguous, reader_case, bad_name, decomposed_name, colliding,
    near_keyword, bad_yaml, bare_link, shadowed, twice, same_paper, same_day, number, nobody, other_encoding, lost_marker,
    orphan, one_way, old_tags, dotted_tag, another_type,
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_exactly_what_was_planted_is_found(nights, plant):
    root = inhabited(nights())
    expected = plant(root)

    assert sorted(findings(root)) == sorted(expected)


def test_every_kind_is_planted(nights):
    planted = {kind for plant in PLANTS for kind, _ in plant(inhabited(nights()))}

    assert planted == set(Kind)


def test_all_of_it_at_once_is_mended_where_nothing_is_guessed(nights):
    """After a fix what could be mended is gone, the rest is as it was, and a second fix has nothing to do."""
    root = inhabited(nights())
    for plant in (
        reader_case,
        decomposed_name,
        bare_link,
        number,
        old_tags,
        near_keyword,
        orphan,
        dead_embed,
        another_type,
    ):
        plant(root)
    report = check(root, blocks=block_spans, singular=singular)
    found = plan(root, report, blocks=block_spans)
    vault = Vault(root)
    list(vault.edit({rewrite.path: (rewrite.before, rewrite.after) for rewrite in found.rewrites}))
    assert all(vault.rename(path, other) for path, other in found.renames)
    after = check(root, blocks=block_spans, singular=singular)

    assert report.fixable == 6
    assert after.findings == tuple(f for f in report.findings if not f.fixable)
    assert plan(root, after, blocks=block_spans) == type(found)()
    assert (after.faults, after.hints) == (1, 4)
    assert {f.kind for f in after.of(Severity.FAULT)} == {Kind.DEAD_LINK}


def test_our_blocks_are_left_to_us(nights):
    """A link in them is told as ours and not mended: changed text there would count as the reader's."""
    root = inhabited(nights())
    (root / "categories" / "cs.CL.md").rename(root / "categories" / "CS.cl.md")
    report = check(root, blocks=block_spans, singular=singular)
    ours = [finding for finding in report.findings if finding.generated]

    assert {(finding.kind, finding.fixable) for finding in ours} == {(Kind.SPELLING, False)}
    assert "Home.md" in {finding.path for finding in ours}
    assert all("digest render" in finding.remedy for finding in ours)
    assert plan(root, report, blocks=block_spans).rewrites == ()


def test_a_block_that_was_edited_is_the_readers(nights):
    """digest leaves it alone, so mending it does no harm; here it makes the block ours again."""
    root = inhabited(nights())
    home = (root / "Home.md").read_bytes()
    replaced(root / "Home.md", "[[categories/", "[[Categories/")
    report = check(root, blocks=block_spans, singular=singular)
    (rewrite,) = plan(root, report, blocks=block_spans).rewrites

    assert [(finding.kind, finding.fixable) for finding in report.findings] == [(Kind.SPELLING, True)]
    assert rewrite.after == home
