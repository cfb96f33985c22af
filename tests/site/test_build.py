"""From a vault that digest made to a site."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from digest.errors import VaultError
from digest.site import build
from digest.testing.fakes import vault_bytes
from tests.site.crawl import crawl


@pytest.fixture
def mine(vault: Path, tmp_path: Path) -> Path:
    """The vault for a test that changes it."""
    return Path(shutil.copytree(vault, tmp_path / "vault"))


def page(site: Path, name: str) -> html.HtmlElement:
    return html.parse(str(site / name)).find(".//article")


def note_of(vault: Path, paper: str) -> Path:
    return next(vault.glob(f"*/*({paper}).md"))


def test_every_link_leads_somewhere_and_every_page_is_reached(address, site):
    found = crawl(address)
    assert {where: status for where, status in found.items() if status != 200} == {}
    reached = {unquote(urlsplit(where).path).lstrip("/") or "index.html" for where in found}
    assert {name for name in vault_bytes(site) if name.endswith((".html", ".svg"))} <= reached


def test_every_fragment_is_on_its_page(site):
    for file in site.rglob("*.html"):
        root = html.parse(str(file)).getroot()
        ids = set(root.xpath("//@id"))
        for href in root.xpath("//article//a/@href | //nav//a/@href"):
            if href.startswith("#") and len(href) > 1:
                assert href[1:] in ids, f"{file}: {href}"


def test_the_vault_is_only_read_and_the_same_vault_gives_the_same_bytes(vault, site, tmp_path):
    before = vault_bytes(vault)
    build(vault, tmp_path / "again")
    assert vault_bytes(vault) == before
    assert vault_bytes(tmp_path / "again") == vault_bytes(site)


def test_a_second_build_writes_nothing_and_a_change_writes_its_page(mine, tmp_path):
    out = tmp_path / "out"
    first = build(mine, out)
    assert build(mine, out).written == 0
    note = note_of(mine, "2602.90002")
    note.unlink()
    second = build(mine, out)
    assert second.removed == 1
    assert 0 < second.written < first.written / 2


def test_pages_stand_alone(site):
    """No address of another host in the text of any page, but for links that a reader may follow."""
    for name, data in vault_bytes(site).items():
        if name.endswith(".html"):
            loading = re.findall(rb"<(?:link|script|img|iframe|source)\b[^>]*?(?:src|href)=\"?([^\" >]+)", data)
            assert not [address for address in loading if re.match(rb"(?:https?:)?//", address)], name


def test_what_digest_wrote_is_there(vault, site):
    paper = page(site, note_of(vault, "2602.90013").relative_to(vault).with_suffix(".html").as_posix())
    assert paper.findtext("h1") == "Conflicting Evidence: What Language Models Do when Passages Disagree"
    assert "retrieved passages sometimes contradict each other" in paper.text_content()
    assert "KEYWORD_LINKING_METADATA" not in html.tostring(paper, encoding="unicode")
    assert "unread" not in paper.text_content()
    home = page(site, "index.html")
    assert home.findtext("h1") == "Home"
    assert home.xpath(".//img/@src")
    assert not home.xpath(".//h2[.='To read']")


def test_the_readers_words_and_files_stay(mine, tmp_path):
    note = note_of(mine, "2602.90013")
    note.write_text(note.read_text().replace("## My notes\n", "## My notes\n\nNot convinced. [[Diary]]\n", 1))
    (mine / "Diary.md").write_text("Secret. ![[private.svg]] [[Home]]")
    (mine / "private.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    built = build(mine, tmp_path / "out")
    assert built.edition.own == 1
    out = b"".join(vault_bytes(tmp_path / "out").values())
    assert b"Not convinced" not in out
    assert b"Secret" not in out
    assert not (tmp_path / "out" / "private.svg").exists()


def test_with_notes_they_go_out(mine, tmp_path):
    note = note_of(mine, "2602.90013")
    note.write_text(note.read_text().replace("## My notes\n", "## My notes\n\nNot convinced. [[Diary]]\n", 1))
    (mine / "Diary.md").write_text("Secret. ![[private.svg]] [[tool.html]] [[Home]] %%but not this%%")
    (mine / "private.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (mine / "tool.html").write_text("<script>alert(1)</script>")
    (mine / "Unlinked.pdf").write_text("x")
    build(mine, tmp_path / "out", with_notes=True)
    diary = page(tmp_path / "out", "Diary.html")
    assert "Secret" in diary.text_content()
    assert "but not this" not in diary.text_content()
    assert diary.xpath(".//a/@href")[-1] == "./index.html"
    assert (tmp_path / "out" / "private.svg").is_file()
    assert not (tmp_path / "out" / "tool.html").exists()
    assert not (tmp_path / "out" / "Unlinked.pdf").exists()
    paper = page(tmp_path / "out", note.relative_to(mine).with_suffix(".html").as_posix())
    assert paper.xpath(".//p[starts-with(., 'Not convinced')]/a/@href") == ["../Diary.html"]


def test_a_note_that_is_not_to_be_published_leaves_text_where_it_was_linked(mine, tmp_path):
    note = note_of(mine, "2602.90013")
    note.write_text(note.read_text().replace("---\n", "---\npublish: false\n", 1))
    built = build(mine, tmp_path / "out")
    assert built.edition.unpublished == 1
    assert not (tmp_path / "out" / note.relative_to(mine).with_suffix(".html")).exists()
    day = page(tmp_path / "out", "digests/daily_digest_20260203.html")
    assert "Conflicting Evidence" in day.text_content()
    assert not day.xpath(".//a[contains(., 'Conflicting Evidence')]")
    assert b"retrieved passages sometimes contradict" not in b"".join(vault_bytes(tmp_path / "out").values())


def test_an_edited_picture_is_the_readers(mine, tmp_path):
    picture = next((mine / "assets").glob("home-*.svg"))
    picture.write_text(picture.read_text().replace("</svg>", "<script>alert(1)</script></svg>"))
    build(mine, tmp_path / "out")
    assert not page(tmp_path / "out", "index.html").xpath(".//img")
    assert not (tmp_path / "out" / picture.relative_to(mine)).exists()


def test_a_page_lists_all_papers_that_link_to_it_when_its_text_does_not(vault, site):
    """What the Base shows in Obsidian, where the page itself links the latest only."""
    papers = [note for note in vault.glob("2026-*/*.md") if "[[categories/cs.LG|" in note.read_text()]
    category = page(site, "categories/cs.LG.html")
    rows = category.xpath(".//table[@class='papers']//tr")
    assert len(rows) == len(papers) > len(category.xpath(".//li/a"))
    days = [row[1].text for row in rows]
    assert days == sorted(days, reverse=True)
    assert not page(site, "categories/math.CO.html").xpath(".//table[@class='papers']")


def test_search_knows_every_page_once(vault, site):
    index = json.loads((site / "search" / "search_index.json").read_text())
    entries = {entry["location"]: entry for entry in index["docs"]}
    assert len(entries) == len(index["docs"])
    assert set(entries) == {name for name in vault_bytes(site) if name.endswith(".html")}
    paper = note_of(vault, "2602.90013").relative_to(vault).with_suffix(".html").as_posix()
    assert "retrieved passages sometimes contradict" in entries[paper]["text"]
    assert "Retrieval-Augmented Generation" in entries[paper]["text"]
    assert "<" not in "".join(entry["title"] + entry["text"] for entry in entries.values())


def test_every_page_allows_its_own_scripts_only(site):
    for file in site.rglob("*.html"):
        policy = html.parse(str(file)).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert len(policy) == 1
        scripts = re.search(r"script-src ([^;]*);", policy[0])
        assert re.fullmatch(r"'self'(?: 'sha256-[\w+/=]{44}')+", scripts[1])
        assert policy[0].startswith("default-src 'none'; ")


def test_a_vault_without_a_home_gets_a_list_of_its_pages(tmp_path):
    vault = tmp_path / "vault"
    (vault / "People").mkdir(parents=True)
    (vault / "README.md").write_text("read [[People/Ada]]")
    (vault / "People" / "Ada.md").write_text("# Ada\n\n[[readme]]")
    (vault / "People" / "ada.md").write_text("another")
    build(vault, tmp_path / "out", with_notes=True)
    names = {name for name in vault_bytes(tmp_path / "out") if name.endswith(".html")}
    assert names == {"index.html", "README.html", "People/Ada.html", "People/ada-2.html", "People/index.html"}
    assert len(page(tmp_path / "out", "index.html").xpath(".//li/a")) == 3


@pytest.mark.parametrize(("language", "shown"), [("de-AT", "de"), ("ko", "ko"), ("tlh", "en")])
def test_the_theme_speaks_the_vaults_language(tmp_path, language, shown):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "Home.md").write_text("x")
    build(tmp_path / "vault", tmp_path / "out", with_notes=True, language=language)
    assert html.parse(str(tmp_path / "out" / "index.html")).getroot().get("lang") == shown


def test_nothing_to_publish_is_told(tmp_path):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "Diary.md").write_text("Secret.")
    with pytest.raises(VaultError, match="--with-notes"):
        build(tmp_path / "vault", tmp_path / "out")
    with pytest.raises(VaultError, match="no folder"):
        build(tmp_path / "nowhere", tmp_path / "out")


def digest(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "digest", *arguments], cwd=cwd, env=dict(os.environ), capture_output=True, text=True
    )


def test_the_command_says_where_the_site_is(vault):
    home = vault.parent
    found = digest("site", "--name", "Group <b> digest", cwd=home)
    assert (found.returncode, found.stderr) == (0, "")
    assert f"python -m http.server -d {home / 'site'}" in found.stdout
    title = html.parse(str(home / "site" / "index.html")).findtext(".//title")
    assert title == "Home - Group <b> digest"
    again = digest("site", "--json", "--name", "Group <b> digest", cwd=home)
    assert json.loads(again.stdout)["files"]["written"] == 0


def test_a_mkdocs_file_in_the_current_folder_changes_nothing(vault, tmp_path):
    (tmp_path / "mkdocs.yml").write_text("site_name: other\nplugins: [nonsense]\n")
    found = digest("site", str(vault), cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "site" / "index.html").is_file()


def test_without_the_optional_packages_the_remedy_is_told(vault, tmp_path):
    (tmp_path / "hidden").mkdir()
    code = (
        "import sys; sys.modules['mkdocs'] = None; from digest.cli import main; "
        f"sys.argv = ['digest', 'site', {str(vault)!r}]; main()"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 2
    assert "pip install 'digest[site]'" in found.stderr
    assert "Traceback" not in found.stderr
