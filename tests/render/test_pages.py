"""Whole pages, as the vault's writer lays them out, against files that a person has read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from digest.model import Asset, Block, Change, Link, Note, Page, Space, Statement, Summary, Teller, Testimony
from digest.render.renderer import Renderer
from digest.testing.builders import (
    make_author_topic,
    make_entry,
    make_hearsay,
    make_keyword,
    make_note,
    make_note_keyword,
    make_paper,
    make_revision,
)
from digest.vault.layout import fresh

from . import views
from .nasty import NASTY, nasty_text
from .oracle import READER

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
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
    "day-whole": lambda renderer: renderer.day(views.whole_day()),
    "week": lambda renderer: renderer.spell(views.week()),
    "month": lambda renderer: renderer.spell(views.month()),
    "day-empty": lambda renderer: renderer.day(views.empty_day()),
    "keyword": lambda renderer: renderer.keyword(views.keyword_topic()),
    "author": lambda renderer: renderer.author(make_author_topic()),
    "category": lambda renderer: renderer.category(views.category_topic()),
    "home": lambda renderer: renderer.home(views.home()),
    "about": lambda renderer: renderer.about(views.about()),
    "former": lambda renderer: renderer.former(views.former_topic(views.keyword_link("Passage Retrieval"))),
    "former-gone": lambda renderer: renderer.former(views.former_topic(None)),
    "papers": lambda renderer: renderer.papers_base(),
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", PAGES)
def test_golden(name: str, language: str, renderer: Renderer, korean: Renderer, golden: Golden) -> None:
    for item in PAGES[name]({"en": renderer, "ko": korean}[language]):
        if isinstance(item, Page):
            golden(GOLDEN / language / f"{name}.md", fresh(item).decode())
        else:
            path = Path(item.path)
            golden(
                GOLDEN / language / f"{name}{'-map' if path.stem.endswith('-map') else ''}{path.suffix}", item.content
            )


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


@pytest.mark.parametrize(
    ("language", "changes", "words"),
    [
        pytest.param("en", tuple(Change), "title, abstract, authors, categories, withdrawn", id="all in English"),
        pytest.param("en", (), "no change in title, abstract, authors or categories", id="nothing in English"),
        pytest.param("ko", tuple(Change), "제목, 초록, 저자, 분야, 철회", id="all in Korean"),
        pytest.param("ko", (), "제목, 초록, 저자, 분야 변경 없음", id="nothing in Korean"),
    ],
)
def test_note_and_day_say_in_the_same_words_what_changed(
    language: str, changes: tuple[Change, ...], words: str, renderer: Renderer, korean: Renderer
) -> None:
    one = {"en": renderer, "ko": korean}[language]
    revision = make_revision(changes=changes)
    note = page_of(one.note(replace(views.full_note(), revisions=(revision,))))
    day = page_of(one.day(replace(views.full_day(), replaced=(make_entry(revision=revision),))))
    assert f"**: v2 (2026-02-05): {words}\n" in text_of(note)
    assert f"|Harrow]] — v2: {words}\n" in text_of(day)


@pytest.mark.parametrize(
    ("announced", "submitted", "told"),
    [
        pytest.param(date(2026, 2, 5), datetime(2026, 2, 4, 8, tzinfo=UTC), "v2 (2026-02-05): ", id="announced"),
        pytest.param(None, datetime(2026, 2, 4, 8, tzinfo=UTC), "v2 (2026-02-04): ", id="only submitted"),
        pytest.param(None, None, "v2: ", id="neither is known"),
    ],
)
def test_a_version_has_the_day_that_is_known(
    announced: date | None, submitted: datetime | None, told: str, renderer: Renderer
) -> None:
    revision = make_revision(announced=announced, submitted=submitted)
    note = page_of(renderer.note(replace(views.full_note(), revisions=(revision,))))
    assert f"- **Changed**: {told}title, abstract\n" in text_of(note)


def test_a_former_title_is_an_alias_once(renderer: Renderer) -> None:
    """As plain text, like the present one; not where the two read the same."""
    former = (
        r"Harrow: An $\alpha$ Draft",
        "Harrow: An α Draft",
        "[[x]] %% #tag",
        views.TITLES["2602.90001"] + " ",
        "$$",
    )
    page = page_of(renderer.note(replace(views.full_note(), former_titles=former)))
    aliases = page.properties["aliases"]
    assert isinstance(aliases, list)
    assert aliases[2:3] == ["Harrow: An α Draft"]
    assert len(aliases) == len(set(aliases))
    assert not any("[[" in alias or not alias.strip() for alias in aliases)


@pytest.mark.parametrize(
    ("withdrawn", "once", "told"),
    [
        pytest.param(False, False, None, id="never"),
        pytest.param(True, True, True, id="now"),
        pytest.param(False, True, False, id="once and no more"),
    ],
)
def test_a_withdrawn_paper_has_a_property_that_says_so(
    withdrawn: bool, once: bool, told: bool | None, renderer: Renderer
) -> None:
    revisions = (make_revision(changes=(Change.WITHDRAWN,)),) if once else ()
    note = replace(views.full_note(), paper=make_paper(withdrawn=withdrawn), revisions=revisions)
    assert page_of(renderer.note(note)).properties.get("withdrawn") is told


def test_the_reason_of_a_withdrawal_is_text_within_its_callout(renderer: Renderer) -> None:
    """Whatever it holds: it breaks no line of the callout and makes no link."""
    paper = make_paper(withdrawn=True, comment="Lemma 2\n# is [[wrong]]\n> [!danger] <b>x</b>")
    text = text_of(page_of(renderer.note(replace(views.full_note(), paper=paper))))
    callout = text.partition("> [!warning] Withdrawn\n")[2].partition("\n\n")[0]
    assert callout.startswith("> arXiv marks this paper as withdrawn. Its comment there: Lemma 2")
    assert "\n" not in callout
    assert "[[" not in callout


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


def test_every_rejection_is_told_with_its_reason_and_the_best_with_their_figures(renderer: Renderer) -> None:
    rejected = tuple(make_keyword(canonical=f"Term {n}", linked=False, reason="budget") for n in range(30))
    found = metadata_of(page_of(renderer.note(make_note(keywords=(), rejected=rejected))))
    assert found["rejected_keywords"] == [f"Term {n}" for n in range(30)]
    assert [decision["reason"] for decision in found["decisions"]] == ["budget"] * 30
    assert len(found["candidates_json"]["candidates"]) == 10


def test_terms_that_are_too_common_to_connect_are_suggested_for_the_ban_list(renderer: Renderer) -> None:
    rejected = (
        make_keyword(canonical="Everywhere Here", linked=False, reason="budget", hub=True),
        make_keyword(canonical="Everywhere", linked=False, reason="generic single word"),
        make_keyword(canonical="Paper", linked=False, reason="banned", hub=True),
        make_keyword(canonical="Rare", linked=False, reason="budget"),
    )
    found = metadata_of(page_of(renderer.note(make_note(keywords=(), rejected=rejected))))
    assert found["candidates_json"]["ban_list_suggestions"] == ["Everywhere Here", "Everywhere"]


SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "keyword-metadata.schema.json").read_text())


@pytest.mark.parametrize("note", [views.full_note, views.bare_note])
def test_the_decisions_are_as_the_schema_says(renderer: Renderer, note: Callable[[], Note]) -> None:
    jsonschema.validate(metadata_of(page_of(renderer.note(note()))), SCHEMA)


def test_the_schema_takes_the_decisions_of_an_older_vault() -> None:
    seed = next(iter(SEEDS.glob("000_*")), None)
    if seed is None:
        pytest.skip("the seed documents are not beside this checkout")
    text = seed.read_text(encoding="utf-8", errors="replace")
    block = re.search(r"KEYWORD_LINKING_METADATA:(.*?)-->", text, re.DOTALL)
    assert block is not None
    jsonschema.validate(json.loads(block[1]), SCHEMA)


@pytest.mark.parametrize(
    "broken", [{"decisions": [{"decision": "rejected"}]}, {"catalogue_size": -1}, {"similarity_scores": {"A": 1.5}}]
)
def test_the_schema_refuses_what_is_no_decision(renderer: Renderer, broken: dict[str, object]) -> None:
    found = metadata_of(page_of(renderer.note(views.full_note())))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found | broken, SCHEMA)


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


def test_a_day_with_withdrawals_alone_does_not_say_that_nothing_was_announced(renderer: Renderer) -> None:
    day = replace(views.empty_day(), incomplete=(), withdrawn=(make_entry(),))
    assert "announced nothing" not in text_of(page_of(renderer.day(day)))


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
        summary=Summary(
            tldr=text,
            tldr_where=text,
            contribution=Statement(text=text, where=text),
            findings=(Statement(text=text, where=text), Statement(text=text)),
            limitations=(Statement(text=text, where=text),),
            key_points=(Statement(text=text, where=text), Statement(text=text)),
        ),
        keywords=(make_note_keyword(keyword=keyword, link=link), make_note_keyword(keyword=keyword, link=None)),
        rejected=(keyword,),
        related=(replace(views.full_note().related[0], link=link),),
        former_titles=(text,),
        outside=views.hearsay(text),
    )


ALLOWED = {
    "https://arxiv.org/pdf/2602.90001",
    "https://arxiv.org/abs/2602.90001",
    *(one.said.page for one in views.hearsay()),
    *(address for one in views.hearsay() for address in (one.said.code, one.said.project) if address),
}


def structure(text: str) -> list[str]:
    """All but paragraphs: an abstract may have any number of them."""
    return [t.type for t in READER.parse(text) if t.block and t.type != "inline" and "paragraph" not in t.type]


def wikilinks(text: str) -> list[str]:
    return re.findall(r"\[\[([^|\]]*)\|", text)


def test_a_source_that_says_nothing_else_knows_the_paper(renderer: Renderer) -> None:
    """And zero is something that it says, of citations and upvotes."""
    page = "https://huggingface.co/papers/2602.90001"

    def said(**more: int) -> str:
        hearsay = make_hearsay(teller=Teller.HUGGINGFACE, said=Testimony(page=page, **more))
        return text_of(page_of(renderer.note(make_note(outside=(hearsay,)))))

    start = f"- **[Hugging Face]({page})**, 2026-02-20: "
    assert said().endswith(f"{start}the paper is known there")
    zeros = said(citations=0, influential=0, upvotes=0, models=0, datasets=0)
    assert zeros.endswith(f"{start}cited 0 times · 0 upvotes")


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
