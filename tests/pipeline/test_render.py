"""``digest render``: pages of a kind, pages that are only printed, templates that fail, and the other preset."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from digest import config
from digest.catalogue.store import PageKey
from digest.check import check
from digest.cli.session import instant
from digest.errors import TemplateError, UnknownPage, VaultError
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes

NOW = instant("2026-02-06T07:00:00Z")


@pytest.fixture
def workspace(run, home, arxiv):
    """A workspace of two days, with its own templates folder, and how to open it."""
    run("2026-02-02")
    run("2026-02-03")

    def opened() -> QuickAssembly:
        return QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))

    return home, opened


def test_only_the_pages_that_are_named_are_made_again(workspace) -> None:
    home, opened = workspace
    (home / "templates").mkdir(exist_ok=True)
    for name in ("day.header.md.j2", "home.home.md.j2"):
        (home / "templates" / name).write_text("# Mine\n", encoding="utf-8")
    with opened() as assembly:
        pages = commands.wanted_pages(assembly.catalogue, ["day:2026-02-03"])
        commands.render(assembly, NOW, everything=False, only=pages)
    vault = home / "vault"
    assert "# Mine" in (vault / "digests" / "daily_digest_20260203.md").read_text()
    assert "# Mine" not in (vault / "digests" / "daily_digest_20260202.md").read_text()
    assert "# Mine" not in (vault / "Home.md").read_text()


def test_what_is_printed_is_what_is_written_and_writes_nothing(workspace) -> None:
    home, opened = workspace
    before = vault_bytes(home / "vault")
    with opened() as assembly:
        for kind in assembly.catalogue.kinds():
            pages = commands.wanted_pages(assembly.catalogue, [kind])
            for path, text in commands.texts(assembly, pages):
                assert before[path].decode().startswith(text)  # what is sealed ends with its seal
    assert vault_bytes(home / "vault") == before


def test_a_kind_or_a_page_that_is_not_there_is_refused_with_those_that_are(workspace) -> None:
    _, opened = workspace
    with opened() as assembly:
        with pytest.raises(UnknownPage, match="there are about, base, category, day, home"):
            commands.wanted_pages(assembly.catalogue, ["days"])
        with pytest.raises(UnknownPage, match="such as 2026-02-03"):
            commands.wanted_pages(assembly.catalogue, ["day:2026-02-04"])
        assert commands.wanted_pages(assembly.catalogue, ["home"]) == [PageKey("home", "Home")]


def test_a_template_that_fails_on_the_last_page_leaves_the_vault_as_it_was(workspace, monkeypatch) -> None:
    """And nothing else is lost: with the template mended, all is written."""
    from digest.pipeline import publish

    monkeypatch.setattr(publish, "CHUNK", 7)
    home, opened = workspace
    before = vault_bytes(home / "vault")
    own = home / "templates"
    own.mkdir(exist_ok=True)
    (own / "day.header.md.j2").write_text("# Another day\n", encoding="utf-8")
    (own / "paper.body.md.j2").write_text("{{ note.related[99].link | wikilink }}\n", encoding="utf-8")
    with opened() as assembly, pytest.raises(TemplateError, match=r"paper\.body\.md\.j2, line 1, for 2026-02-0"):
        commands.render(assembly, NOW, everything=False)
    assert vault_bytes(home / "vault") == before
    (own / "paper.body.md.j2").unlink()
    with opened() as assembly:
        commands.render(assembly, NOW, everything=False)
    assert "# Another day" in (home / "vault" / "digests" / "daily_digest_20260202.md").read_text()
    assert check(home / "vault").findings == ()


@pytest.fixture
def little_memory(monkeypatch) -> None:
    """What is rendered waits on the disk."""
    from digest.pipeline import publish, spool

    monkeypatch.setattr(publish, "CHUNK", 5)
    monkeypatch.setattr(spool, "IN_MEMORY", 1)


def test_what_waits_on_the_disk_is_what_waits_in_memory(run, home, tmp_path, request) -> None:
    """And nothing of it is left there."""
    other = make_home(tmp_path / "other")
    for day in ("2026-02-02", "2026-02-03"):
        run(day)
    request.getfixturevalue("little_memory")
    for day in ("2026-02-02", "2026-02-03"):
        run(day, other)
    assert vault_bytes(other / "vault") == vault_bytes(home / "vault")
    assert sorted(path.name for path in (other / "state").iterdir()) == sorted(
        path.name for path in (home / "state").iterdir()
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_is_told_before_anything_is_written(workspace, little_memory, monkeypatch) -> None:
    from digest.pipeline import spool

    home, opened = workspace
    before = vault_bytes(home / "vault")
    monkeypatch.setattr(spool, "SpooledTemporaryFile", lambda **_: io.BufferedWriter(io.FileIO("/dev/full", "w")))
    with opened() as assembly, pytest.raises(VaultError, match=r"state: .*No space left on device.*see to the disk"):
        commands.render(assembly, NOW, everything=True)
    assert vault_bytes(home / "vault") == before


SEED = {"DIGEST_VAULT__PRESET": "seed", "DIGEST_VAULT__LANGUAGE": "ko"}


def test_the_seed_preset_names_notes_by_title_and_day_and_has_the_summary_last(run, home) -> None:
    for day in ("2026-02-02", "2026-02-03", "2026-02-04"):
        run(day, **SEED)
    vault = home / "vault"
    notes = sorted(vault.glob("2026-*/*.md"))
    assert notes
    for note in notes:
        assert re.search(rf"_{note.parent.name.replace('-', '')}( \d+)?$", note.stem)
        headings = re.findall(r"^## (.*)", note.read_text(), re.M)
        wanted = ["📋 메타데이터", "🔗 유사한 논문", "🏷️ 카테고리화된 키워드"]
        assert [heading for heading in headings if heading in wanted] == wanted
        if "📝 요약" in headings:
            assert headings.index("📝 요약") > headings.index(wanted[-1])
    assert check(vault).findings == ()
