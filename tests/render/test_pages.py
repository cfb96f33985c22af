"""Whole pages, as the vault's writer lays them out, against files that a person has read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from digest.model import Asset, Block, Link, Note, Page, Space
from digest.render.renderer import Renderer
from digest.testing.builders import make_entry, make_keyword, make_note, make_note_keyword, make_paper, make_summary
from digest.vault.layout import fresh

from . import views
from .nasty import NASTY, nasty_text
from .oracle import READER

GOLDEN = Path(__file__).with_name("golden")
Golden = Callable[[Path, str], None]


@pytest.fixture(scope="session")
def renderer(template_folder: Path) -> Renderer:
    return Renderer(templates=[template_folder])


@pytest.fixture(scope="session")
def korean(template_folder: Path) -> Renderer:
    return Renderer(templates=[template_folder], language="ko")


PAGES = {
    "note": lambda renderer: renderer.note(views.full_note()),
    "note-bare": lambda renderer: renderer.note(views.bare_note()),
    "day": lambda renderer: renderer.day(views.full_day()),
    "day-empty": lambda renderer: renderer.day(views.empty_day()),
    "keyword": lambda renderer: renderer.keyword(views.keyword_topic()),
    "category": lambda renderer: renderer.category(views.category_topic()),
    "home": lambda renderer: renderer.home(views.home()),
    "papers": lambda renderer: renderer.papers_base(),
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", PAGES)
def test_golden(name: str, language: str, renderer: Renderer, korean: Renderer, golden: Golden) -> None:
    for item in PAGES[name]({"en": renderer, "ko": korean}[language]):
        if isinstance(item, Page):
            golden(GOLDEN / language / f"{name}.md", fresh(item).decode())
        else:
            golden(GOLDEN / language / f"{name}{Path(item.path).suffix}", item.content)


def page_of(items: tuple[Page | Asset, ...]) -> Page:
    page = items[0]
    assert isinstance(page, Page)
    return page


def text_of(page: Page) -> str:
    return "\n\n".join(part.text for part in page.parts)


# --- a note ----------------------------------------------------------------------------------------------------------


def test_a_note_has_every_block_of_the_older_vault(korean: Renderer) -> None:
    """Title, metadata, similar papers, keywords, authors, abstract, summary, key points, decisions."""
    page = page_of(korean.note(views.full_note()))
    headings = re.findall(r"^## (.*)$", text_of(page), re.MULTILINE)
    assert {"📋 메타데이터", "🔗 유사한 논문", "🏷️ 카테고리화된 키워드", "📋 저자 정보", "📄 Abstract (원문)"} < {
        *headings
    }
    assert {"📝 요약", "🎯 주요 포인트"} < {*headings}
    assert page.metadata.startswith("<!-- KEYWORD_LINKING_METADATA:\n{")


def test_the_properties_of_a_note(renderer: Renderer) -> None:
    page = page_of(renderer.note(views.full_note()))
    assert list(page.properties) == [
        *("title", "aliases", "tags", "cssclasses", "arxiv_id", "arxiv_version", "authors", "category", "categories"),
        *("keywords", "digest", "submitted", "announced", "updated", "url", "pdf", "status", "queue", "rating"),
    ]
    found = page.properties
    assert found["title"] == "Harrow: Rejecting Unsupported Answers in k-Passage Retrieval"
    assert found["tags"] == ["paper", "arxiv/cs-CL", "arxiv/cs-IR", "arxiv/stat-ML"]
    assert found["category"] == "[[categories/cs.CL|cs.CL]]"
    assert found["categories"] == ["[[categories/cs.CL|cs.CL]]", "[[categories/cs.IR|cs.IR]]", "stat.ML"]
    assert "[[keywords/Passage Retrieval|Passage Retrieval]]" in found["keywords"]
    assert not any("Harrow" in link for link in found["keywords"])  # it has no page
    dates = [found[name] for name in ("submitted", "announced", "updated")]
    assert dates == [date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 20)]
    assert not any(isinstance(day, datetime) for day in dates)
    assert (page.once, page.shared) == ({"status", "queue", "rating"}, {"aliases", "tags", "cssclasses"})


def test_what_is_not_known_is_left_out(renderer: Renderer) -> None:
    found = page_of(renderer.note(views.bare_note())).properties
    assert not {"categories", "digest", "submitted", "updated"} & found.keys()
    assert found["category"] == "hep-th"
    assert found["url"] == "https://arxiv.org/abs/hep-th/9901001"


def test_the_reader_has_a_space_between_the_blocks(renderer: Renderer) -> None:
    kinds = [type(part) for part in page_of(renderer.note(views.full_note())).parts]
    assert kinds == [Block, Space, Block]


def test_no_page_tells_the_time(renderer: Renderer) -> None:
    """The same view gives the same bytes; the day in the decisions is the announced one."""
    note = views.full_note()
    assert renderer.note(note) == renderer.note(note)
    assert metadata_of(page_of(renderer.note(note)))["processed_timestamp"] == "2026-02-03"


def metadata_of(page: Page) -> dict[str, object]:
    text = page.metadata.removeprefix("<!-- KEYWORD_LINKING_METADATA:\n").removesuffix("\n-->")
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_the_decisions_have_the_keys_of_the_older_vault(renderer: Renderer) -> None:
    found = metadata_of(page_of(renderer.note(views.full_note())))
    assert {
        *("processed_timestamp", "vocabulary_version", "selected_keywords", "rejected_keywords", "similarity_scores"),
        *("extraction_method", "budget_applied", "candidates_json", "decisions"),
    } <= found.keys()
    assert found["similarity_scores"]["Harrow"] == 0.65
    candidate = found["candidates_json"]["candidates"][0]
    assert candidate.keys() == {
        *("surface", "canonical", "aliases", "category", "rationale"),
        *("novelty_score", "connectivity_score", "specificity_score", "link_intent_score"),
    }
    assert found["decisions"][0]["decision"] == "linked"
    assert found["decisions"][-1] == {
        "candidate_surface": "benchmarks",
        "resolved_canonical": "Benchmark",
        "decision": "rejected",
        "scores": {"novelty": 0.4, "connectivity": 0.7, "specificity": 0.6, "link_intent": 0.1235},
        "reason": "banned",
    }


def test_the_decisions_stay_small(renderer: Renderer) -> None:
    """Of hundreds of rejected terms the best ten are told."""
    rejected = tuple(make_keyword(canonical=f"Term {n}", linked=False, reason="budget") for n in range(300))
    page = page_of(renderer.note(make_note(rejected=rejected)))
    assert metadata_of(page)["rejected_keywords"] == [f"Term {n}" for n in range(10)]


def test_the_decisions_can_be_a_file_of_their_own_or_absent(template_folder: Path) -> None:
    note = replace(views.full_note(), paper=make_paper(id="hep-th/9901001"))
    beside = Renderer(templates=[template_folder], keyword_metadata="sidecar").note(note)
    assert page_of(beside).metadata == ""
    assert isinstance(beside[1], Asset)
    assert beside[1].path == ".digest/hep-th-9901001.json"
    assert json.loads(beside[1].content)["selected_keywords"]
    (alone,) = Renderer(templates=[template_folder], keyword_metadata="off").note(note)
    assert page_of((alone,)).metadata == ""


# --- other pages -----------------------------------------------------------------------------------------------------


def test_every_figure_of_a_plot_is_text_in_its_page(renderer: Renderer) -> None:
    page, plot = renderer.day(views.full_day())
    assert f"![[{plot.path}]]" in text_of(page_of((page,)))
    assert "212 announced, 212 stored: 140 new, 51 cross-lists, 21 replacements" in text_of(page_of((page,)))
    page, plot = renderer.home(views.home())
    for row in views.home().days:
        assert f"]]: {row.papers}" in text_of(page_of((page,)))


def test_an_incomplete_day_says_so_before_all_else(renderer: Renderer) -> None:
    header = page_of(renderer.day(views.full_day())).parts[0].text
    assert header.index("[!warning]") < header.index("![[")


def test_a_paper_without_a_note_leads_to_arxiv(renderer: Renderer) -> None:
    day = replace(views.full_day(), replaced=(make_entry(link=None, title="An [Old] Paper"),))
    assert "- [An (Old) Paper](https://arxiv.org/abs/2602.90001)" in text_of(page_of(renderer.day(day)))


def test_home_thanks_arxiv(renderer: Renderer, korean: Renderer) -> None:
    for one in (renderer, korean):
        text = text_of(page_of(one.home(views.home())))
        assert "Thank you to arXiv for use of its open access interoperability." in text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_embedded_view_is_in_the_base(language: str, renderer: Renderer, korean: Renderer) -> None:
    one = {"en": renderer, "ko": korean}[language]
    base = yaml.safe_load(one.papers_base()[0].content)
    views_there = {view["name"] for view in base["views"]}
    pages = [page_of(PAGES[name](one)) for name in ("day", "keyword", "category", "home")]
    embedded = {name for page in pages for name in re.findall(r"!\[\[Papers\.base#(.*?)\]\]", text_of(page))}
    assert embedded
    assert embedded <= views_there


def test_every_embedded_plot_comes_with_its_page(renderer: Renderer) -> None:
    for make in PAGES.values():
        items = make(renderer)
        text = "".join(text_of(item) for item in items if isinstance(item, Page))
        plots = {item.path for item in items if item.path.endswith(".svg")}
        assert {*re.findall(r"!\[\[(.*?\.svg)\]\]", text)} == plots


# --- hostile text ----------------------------------------------------------------------------------------------------


def hostile(text: str) -> Note:
    """The text wherever arXiv, a stage or the reader's renaming may put it."""
    keyword = make_keyword(canonical=text, surface=text, aliases=(text,), rationale=text, reason=text)
    link = Link(path="keywords/Fine", text=text)
    return replace(
        views.full_note(),
        paper=replace(
            views.full_note().paper,
            title=text,
            abstract=text,
            authors=(text, text),
            comment=text,
            journal_ref=text,
            dois=(text,),
            license=text,
            categories=(text,),
        ),
        categories=(replace(link, path="categories/cs.CL"),),
        summary=make_summary(tldr=text, key_points=(text, text)),
        keywords=(make_note_keyword(keyword=keyword, link=link), make_note_keyword(keyword=keyword, link=None)),
        rejected=(keyword,),
        related=(replace(views.full_note().related[0], link=link),),
    )


ALLOWED = {"https://arxiv.org/pdf/2602.90001", "https://arxiv.org/abs/2602.90001"}


def structure(text: str) -> list[str]:
    """All but paragraphs: an abstract may have any number of them."""
    return [t.type for t in READER.parse(text) if t.block and t.type != "inline" and "paragraph" not in t.type]


def wikilinks(text: str) -> list[str]:
    return re.findall(r"\[\[([^|\]]*)\|", text)


@settings(max_examples=150)
@given(nasty_text.filter(lambda text: text.split() != []))
def test_no_text_changes_the_structure_of_a_note(template_folder: Path, text: str) -> None:
    """
    Its blocks, headings, lists and links are those of the same note about a harmless word.
    """
    one, tame = _shared(template_folder)
    page = page_of(one.note(hostile(text)))
    assert structure(text_of(page)) == structure(text_of(tame))
    assert wikilinks(text_of(page)) == wikilinks(text_of(tame))
    links = [c.attrGet("href") for t in READER.parse(text_of(page)) for c in t.children or [] if c.type == "link_open"]
    assert all(str(link) in ALLOWED or str(link).startswith("https://doi.org/") for link in links)
    assert page.metadata.count("-->") == 1


@cache
def _shared(folder: Path) -> tuple[Renderer, Page]:
    one = Renderer(templates=[folder])
    return one, page_of(one.note(hostile("harmless")))


@pytest.mark.parametrize("text", NASTY)
def test_nasty_notes_can_be_laid_out(text: str, renderer: Renderer) -> None:
    """The writer refuses a page that holds its own markers; no text of arXiv's makes one."""
    page = page_of(renderer.note(hostile(text or "x")))
    front, _, rest = fresh(page).decode().removeprefix("---\n").partition("\n---\n")
    assert yaml.safe_load(front)["arxiv_id"] == "2602.90001"
    assert "[[" not in yaml.safe_load(front)["title"]
    assert rest.count("%% digest:") == 4
    assert "```" not in rest
    assert "<%" not in front + rest
