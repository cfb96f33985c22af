"""Ten thousand hostile papers: whole notes, read by programs that nobody here wrote.

markdown-it-py (with mathematics) and marko (without: it is asked about texts that have none) say what a note shows and
what of it is markup; PyYAML and ruamel.yaml, which read YAML 1.1 and 1.2, what its properties are; ``digest check``'s
reader, which is held to other link checkers, where its links lead.
"""

from __future__ import annotations

import gzip
import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from marko import Markdown
from marko.ext.gfm import GFM
from ruamel.yaml import YAML

from digest.check.links import links_in
from digest.model import Page
from digest.render import escape, tex
from digest.render.renderer import Renderer
from digest.vault.layout import fresh

from .nasty import NASTY, nasty_text
from .oracle import RAW, READER, shown
from .test_pages import ALLOWED, hostile, page_of, structure, wikilinks

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "arxiv"
OTHER = Markdown(extensions=[GFM])
YAML_12 = YAML(typ="safe", pure=True)

SIGNS = r"\`*_{}[]()#+-.!|<>~$%^&=:\"'@/?"


@cache
def _tame(folder: Path) -> tuple[Renderer, Page]:
    one = Renderer(templates=[folder])
    return one, page_of(one.note(hostile("harmless")))


def judge(folder: Path, text: str) -> None:
    """Everything that is promised of a note in which *text* stands wherever foreign text can."""
    renderer, tame = _tame(folder)
    page = page_of(renderer.note(hostile(text)))
    front, _, body = fresh(page).decode().removeprefix("---\n").partition("\n---\n")
    harmless = fresh(tame).decode().removeprefix("---\n").partition("\n---\n")[2]
    _properties(front, page)
    comment = body.index("<!--")
    body, harmless = body[:comment], harmless[: harmless.index("<!--")]
    _structure(body, harmless)
    _text(body, text)
    if not any(span.is_math for span in tex.spans(escape.clean(text))):
        _other_reader(body, harmless, text)
    assert [one.link.target for one in links_in(body)] == [one.link.target for one in links_in(harmless)]
    assert wikilinks(body) == wikilinks(harmless)
    assert body.count("%% digest:") == harmless.count("%% digest:")
    assert _raw(body) == _raw(harmless)


_LINK = re.compile(r"\[\[[^\[\]\n]*\]\]|\[[^\[\]\n]*\]\(https://[^()\s]*\)")


def _raw(body: str) -> list[str]:
    """What a search of the raw text would take for markup, beside links: where those lead is looked at by itself."""
    return RAW.findall(_LINK.sub("", body))


def _properties(front: str, page: Page) -> None:
    """Both YAMLs read the values that were meant, and the title is one line of text that makes no link."""
    wanted = {key: list(value) if isinstance(value, tuple) else value for key, value in page.properties.items()}
    for read in (yaml.safe_load, YAML_12.load):
        found = read(front)
        assert found == wanted
        assert type(found["title"]) is str
        assert type(found["arxiv_id"]) is str
        assert type(found["announced"]) is date
        assert "[[" not in found["title"]
        assert "\n" not in found["title"]


def _structure(body: str, harmless: str) -> None:
    assert structure(body) == structure(harmless)
    links = [c.attrGet("href") for t in READER.parse(body) for c in t.children or [] if c.type == "link_open"]
    assert all(link in ALLOWED or str(link).startswith(("https://arxiv.org/", "https://doi.org/")) for link in links)
    kinds = {c.type for t in READER.parse(body) for c in t.children or []}
    assert not kinds & {"image", "html_inline", "code_inline", "footnote_ref", "s_open"}


def _text(body: str, text: str) -> None:
    """Title and abstract are shown with the very characters that they have."""
    tokens = READER.parse(body)
    title = next(tokens[n + 1] for n, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h1")
    assert shown(title.content) == (shown(escape.inline(text)).text, [])
    lines = [line for line in map(_read, text.split("\n")) if line]
    section = body.partition("## 📄 Abstract (Original)\n\n")[2].partition("\n## ")[0]
    assert [shown(paragraph).text for paragraph in section.strip().split("\n\n")] == (lines or ["*arXiv has none.*"])


def _read(line: str) -> str:
    """What a reader should see of one line: prose without its TeX, and formulas as they are printed."""
    spans = escape.printable(tex.spans(escape.clean(line)))
    parts = (f"${span.text}$" if span.is_math else escape.parted(tex.prose(span.text)) for span in spans)
    return "".join(parts).strip()


def _other_reader(body: str, harmless: str, text: str) -> None:
    page, tame = (BeautifulSoup(OTHER.convert(source), "lxml") for source in (body, harmless))
    # A bare address is a link in GFM, whoever wrote it.
    for link in page.find_all("a"):
        address, shown_as = unquote(str(link["href"])), unquote(link.get_text())
        if address in (shown_as, f"http://{shown_as}", f"mailto:{shown_as}"):
            link.unwrap()
    tags = [tag.name for tag in page.find_all(True) if tag.name not in ("p", "br")]
    assert tags == [tag.name for tag in tame.find_all(True) if tag.name not in ("p", "br")]
    heading = page.find("h1")
    assert heading is not None
    assert " ".join(heading.get_text().split()) == " ".join(_read(escape.clean(text)).split())


texts = nasty_text | st.lists(st.sampled_from([*NASTY, *SIGNS, "\n", " ", "word"]), min_size=1, max_size=12).map(
    "".join
)

papers = texts.filter(lambda text: escape.inline(text) != "")
"""Of what shows nothing, such as control characters alone, there is no paper."""


@settings(max_examples=60)
@given(papers)
def test_a_hostile_paper_is_only_text(template_folder: Path, text: str) -> None:
    """
    It is shown as it is, and makes no link, tag, property, heading, code block, HTML element or query of its own.
    """
    judge(template_folder, text)


@pytest.mark.long
@settings(max_examples=10_000)
@given(papers)
def test_ten_thousand_hostile_papers_are_only_text(template_folder: Path, text: str) -> None:
    """
    The same at length.
    """
    judge(template_folder, text)


@pytest.mark.long
def test_the_nastiest_real_papers_are_only_text(template_folder: Path) -> None:
    """The titles and abstracts of the corpus with the most signs that mean something to a reader of Markdown."""
    if not CORPUS.is_dir():
        pytest.skip("the real papers are not beside this checkout")
    texts: set[str] = set()
    for name in ("days.jsonl.gz", "corpus.jsonl.gz"):
        with gzip.open(CORPUS / name, "rt", encoding="utf-8") as file:
            for line in file:
                paper = json.loads(line)
                texts |= {paper["title"], paper["abstract"]}
    ranked = sorted(texts, key=lambda text: (-len(re.findall(r"[\\`*_\[\]#|<>~$%^=]", text)) / (20 + len(text)), text))
    for text in ranked[:2000]:
        judge(template_folder, text)
