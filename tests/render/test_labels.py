"""Each language says everything, in its own way of counting, dating and writing numbers; what it lacks is English."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.pofile import read_po
from bidi import get_display

from digest.model import KeywordCategory, Link, Page
from digest.render import escape, labels
from digest.render.renderer import Renderer
from digest.vault.layout import fresh

from . import views
from .oracle import READER, shown
from .test_pages import PAGES

DAY = date(2025, 9, 24)
LANGUAGES = labels.languages()
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
ENGLISH: dict[str, Any] = tomllib.loads(labels.ENGLISH.read_text(encoding="utf-8"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """What ``make messages`` runs."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import messages
    finally:
        sys.path.pop(0)
    assert isinstance(messages, ModuleType)
    return messages


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: ModuleType) -> Iterator[Path]:
    """A copy of the texts and catalogues that a test may change."""
    copy = tmp_path / "locales"
    shutil.copytree(labels.LOCALES, copy)
    for module in (labels, messages):
        monkeypatch.setattr(module, "LOCALES", copy)
        monkeypatch.setattr(module, "ENGLISH", copy / "en.toml")
    labels.load.cache_clear()
    yield copy
    labels.load.cache_clear()


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def pairs(language: str) -> Iterator[tuple[str, str, str]]:
    """Key, English and translation of each message, its plural forms one by one."""
    for message in read_po(BytesIO((labels.LOCALES / language / "LC_MESSAGES" / "digest.po").read_bytes()), language):
        if isinstance(message.id, tuple):
            yield from ((str(message.context), message.id[1], form) for form in message.string)
        elif message.id:
            yield str(message.context), message.id, str(message.string)


# --- the texts -------------------------------------------------------------------------------------------------------


def test_the_languages_are_those_that_are_promised() -> None:
    assert LANGUAGES == ("de", "en", "ja", "ko", "zh")


def test_every_category_of_keywords_has_a_word() -> None:
    assert {category.value for category in KeywordCategory} <= ENGLISH["words"].keys()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_lacks_no_word(language: str, messages: ModuleType) -> None:
    """Neither is there a translation that awaits review."""
    catalogue = read_po(BytesIO(messages.path(language).read_bytes()), language)
    assert messages.untranslated(catalogue) == []


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_blanks_of_its_english(language: str) -> None:
    found = list(pairs(language))
    assert len(found) > 100
    assert [key for key, english, text in found if fields(text) != fields(english)] == []


def structure(text: str) -> tuple[list[str], list[str], Counter[str]]:
    """What each line is, what is code, and the signs of emphasis, formulas and arrows."""
    starts = [match[0] if (match := re.match(r"#+ |- |> ", line)) else "" for line in text.split("\n")]
    return starts, sorted(re.findall(r"`[^`]*`", text)), Counter(re.findall(r"[*_·−√σ²₂^←→]", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_markdown_of_its_english(language: str) -> None:
    assert [key for key, english, text in pairs(language) if structure(text) != structure(english)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_formulas_that_fill_a_line_are_the_same_in_every_language(language: str) -> None:
    """Up to words: ``ln(``, signs and figures stay."""
    english = {
        line for _, text, _ in pairs(language) for line in text.split("\n") if line.startswith(("0.70", "- idf"))
    }
    found = "\n".join(text for _, _, text in pairs(language))
    assert len(english) == 3
    assert [line for line in english if re.split("[;.] | is ", line)[0] not in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_makes_a_link_a_tag_or_a_direction(language: str) -> None:
    """Nor an HTML element, an Obsidian comment or an invisible character."""
    for key, text in labels.load(language).words.items():
        assert escape.clean(text.replace("\n", "")) == " ".join(text.replace("\n", "").split()), key
        assert not re.search(r"\[\[|\]\]|\]\(|%%|==|<[A-Za-z/!]|(?<!\S)#[^\s#]", text), key
        assert not any(unicodedata.category(character) == "Cf" for character in text), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_view_names_can_stand_in_an_embed(language: str) -> None:
    """A Base's view is embedded as ``![[Papers.base#View]]``; no two views have one name."""
    words = labels.load(language).words
    views_named = [words[key] for key in words if key.startswith("view_")]
    assert len(set(views_named)) == len(views_named) >= 4
    assert not any(set("#|[]^\\%:/*\"'`") & set(name) for name in views_named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_emphasis_of_labels_is_read_as_emphasis(language: str) -> None:
    """Which letters may stand beside an asterisk differs by script."""
    for key, text in labels.load(language).words.items():
        assert "*" not in "".join(
            child.content for token in READER.parse(text) for child in token.children or [] if child.type == "text"
        ), key


# --- languages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((language, language) for language in LANGUAGES),
        *[("de-AT", "de"), ("de_CH", "de"), ("DE", "de"), ("zh-CN", "zh"), ("zh_Hans", "zh"), ("zh-Hans-SG", "zh")],
        *[("ko-KR", "ko"), ("ja_JP", "ja"), ("en-US", "en"), ("de-XX", "de")],
        *[("tlh", None), ("xx", None), ("", None), ("german", None), ("d", None), ("de/../ko", None), ("fr-CA", None)],
    ],
)
def test_the_nearest_language(tag: str, language: str | None) -> None:
    assert labels.nearest(tag) == language
    assert labels.load(tag).language == (language or "en")


def test_an_unknown_language_is_english_in_all() -> None:
    unknown, english = labels.load("ar"), labels.load("en")
    assert unknown.words == english.words
    assert (unknown.long(DAY), unknown.number(1234)) == (english.long(DAY), "1,234")
    assert unknown.count("papers", 1) == "1 paper"


# --- counts, dates, numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "none", "one", "many"),
    [
        ("en", "0 papers", "1 paper", "1,234 papers"),
        ("de", "0 Arbeiten", "1 Arbeit", "1.234 Arbeiten"),
        ("ja", "論文0件", "論文1件", "論文1,234件"),
        ("ko", "논문 0편", "논문 1편", "논문 1,234편"),
        ("zh", "0 篇论文", "1 篇论文", "1,234 篇论文"),
    ],
)
def test_counts(language: str, none: str, one: str, many: str) -> None:
    words = labels.load(language)
    assert [words.count("papers", number) for number in (0, 1, 1234)] == [none, one, many]


@pytest.mark.parametrize(
    ("tag", "long", "full", "short", "month"),
    [
        ("en", "Wednesday, 24 September 2025", "24 September 2025", "24 Sep", "September 2025"),
        ("en-US", "Wednesday, September 24, 2025", "September 24, 2025", "Sep 24", "September 2025"),
        ("de", "Mittwoch, 24. September 2025", "24. September 2025", "24. Sept.", "September 2025"),
        ("ja", "2025年9月24日水曜日", "2025年9月24日", "9月24日", "2025年9月"),
        ("ko", "2025년 9월 24일 수요일", "2025년 9월 24일", "9월 24일", "2025년 9월"),
        ("zh", "2025年9月24日星期三", "2025年9月24日", "9月24日", "2025年9月"),
    ],
)
def test_dates(tag: str, long: str, full: str, short: str, month: str) -> None:
    words = labels.load(tag)
    assert (words.long(DAY), words.full(DAY), words.short(DAY), words.month(DAY)) == (long, full, short, month)


def test_a_region_has_its_own_names() -> None:
    assert labels.load("de-AT").full(date(2026, 1, 5)) == "5. Jänner 2026"
    assert labels.load("de").full(date(2026, 1, 5)) == "5. Januar 2026"
    assert labels.load("de-XX").full(date(2026, 1, 5)) == "5. Januar 2026"


@pytest.mark.parametrize(
    ("tag", "number", "decimal", "percent"),
    [
        *((tag, "1,234,567", "1,234.0", "88.7%") for tag in ("en", "ko", "zh", "ja")),
        ("de", "1.234.567", "1.234,0", "88,7\xa0%"),
        ("de-CH", "1’234’567", "1’234.0", "88.7%"),
    ],
)
def test_numbers(tag: str, number: str, decimal: str, percent: str) -> None:
    words = labels.load(tag)
    assert (words.number(1234567), words.decimal(1234.04), words.percent(0.8871)) == (number, decimal, percent)


def test_english_numbers_are_those_of_python() -> None:
    """Also where the two would round a half otherwise."""
    english = labels.load("en")
    for step in range(0, 20_000, 7):
        share = step / 20_000
        assert english.percent(share) == f"{100 * share:.1f}%"
        assert english.decimal(step / 8) == f"{step / 8:,.1f}"
        assert english.number(step) == f"{step:,}"


def test_korean_keeps_the_headings_of_older_vaults() -> None:
    korean = labels.load("ko")
    headings = ("metadata", "similar", "keywords", "authors", "abstract", "summary", "key_points")
    assert [korean.words[key] for key in headings] == [
        "📋 메타데이터",
        "🔗 유사한 논문",
        "🏷️ 카테고리화된 키워드",
        "📋 저자 정보",
        "📄 Abstract (원문)",
        "📝 요약",
        "🎯 주요 포인트",
    ]


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [*TRANSLATED, "de-AT"])
def test_every_page_is_rendered_without_a_word_of_english(language: str, template_folder: Path) -> None:
    """Of ours: no English label that has another translation stands as a heading, a label or a sentence."""
    renderer = Renderer(templates=[template_folder], language=language)
    translated = labels.load(language).words
    ours = {text for key, text in ENGLISH["words"].items() if translated[key] != text and "{" not in text}
    texts = [fresh(item).decode() for make in PAGES.values() for item in make(renderer) if isinstance(item, Page)]
    lines = [re.sub(r"^[#>\-*\s\[!\]a-z]*(?<=[#>\-*\]\s])", "", line) for text in texts for line in text.split("\n")]
    assert len(texts) == len(PAGES) - 1  # the Base is no page
    assert not {line.strip() for line in lines} & ours
    assert not {bold for text in texts for bold in re.findall(r"\*\*(.+?)\*\*", text)} & ours
    assert not [name for text in texts for name in re.findall(r"\{\w+\}", text.partition("<!-- KEYWORD")[0])]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_embedded_view_is_in_the_base(language: str, template_folder: Path) -> None:
    renderer = Renderer(templates=[template_folder], language=language)
    (base,) = renderer.papers_base()
    embedded = {
        name
        for make in PAGES.values()
        for item in make(renderer)
        if isinstance(item, Page)
        for name in re.findall(r"!\[\[Papers\.base#(.+?)\]\]", fresh(item).decode())
    }
    assert len(embedded) == 3
    assert all(f'name: "{name}"' in base.content for name in embedded)


def test_the_recipe_follows_the_catalogue(elsewhere: Path, template_folder: Path) -> None:
    """So pages are rendered again in another language, and when a translation changes."""

    def recipe(tag: str) -> str:
        labels.load.cache_clear()
        return Renderer(templates=[template_folder], language=tag).recipe

    before = {tag: recipe(tag) for tag in ("en", "de", "de-AT", "ko")}
    assert len(set(before.values())) == 4
    assert recipe("xx") == before["en"]
    replace(elsewhere / "de" / "LC_MESSAGES" / "digest.po", "Leseliste", "Lesestoff")
    assert (recipe("de") != before["de"], recipe("ko") == before["ko"]) == (True, True)


# --- text direction --------------------------------------------------------------------------------------------------

TITLES = ["מודל שפה", "دراسة النماذج"]
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def visual(line: str, title: str) -> str:
    """A line as it is seen from left to right (UAX 9), the title in its logical order."""
    seen = get_display(line, base_dir="L").translate(ISOLATES)
    assert isinstance(seen, str)
    return seen.replace(title[::-1], title)


@pytest.mark.parametrize("title", TITLES)
def test_without_isolates_a_date_would_change_places(title: str) -> None:
    """What the next test would not see otherwise."""
    line = f"{title} · 2026-02-03"
    assert visual(line, title) != line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("title", TITLES)
def test_a_title_of_the_other_direction_leaves_the_line_in_order(
    title: str, language: str, template_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands before and after it on every page is seen where it is written."""
    monkeypatch.setattr(views, "TITLES", dict.fromkeys(views.TITLES, title))
    renderer = Renderer(templates=[template_folder], language=language)
    lines = 0
    for make in PAGES.values():
        for item in make(renderer):
            if not isinstance(item, Page):
                continue
            for line in fresh(item).decode().partition("<!-- KEYWORD")[0].splitlines():
                text = shown(re.sub(r"\[\[[^]]*?\|(.*?)\]\]", r"\1", line)).text
                if title in text:
                    lines += 1
                    assert visual(text, title) == text.translate(ISOLATES)
    assert lines > 10


def test_only_text_of_the_other_direction_is_isolated() -> None:
    link = Link(path="a", text="Größe 모델 模型 α, é")
    assert escape.wikilink(link) == "[[a|Größe 모델 模型 α, é]]"
    assert escape.wikilink(Link(path="a", text="On שלום")) == "[[a|\u2068On שלום\u2069]]"


# --- the catalogues --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogues_are_in_line_with_the_english_texts(language: str, messages: ModuleType) -> None:
    """When this fails: make messages."""
    before = messages.path(language).read_bytes()
    assert messages.written(messages.updated(before, language)) == before
    assert messages.written(messages.template()) == (labels.LOCALES / "digest.pot").read_bytes()


def test_a_changed_text_is_told_in_english_until_its_translation_is_reviewed(
    elsewhere: Path, messages: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """One paragraph of a long text is one message; the others stay translated. A second run changes nothing."""
    replace(elsewhere / "en.toml", 'key_points = "🎯 Key Points"', 'key_points = "🎯 The Key Points"  # at most five')
    replace(elsewhere / "en.toml", "tells all of this of one paper.", "tells all this of one paper.")
    replace(elsewhere / "en.toml", 'one = "{n} paper",', 'one = "{n} paper here",')
    replace(elsewhere / "en.toml", 'home = "Home"\n', 'home = "Home"\nbrand_new = "Quite another word"\n')
    messages.main([])
    assert "messages; to translate: key_points, about_scores, brand_new, papers\n" in capsys.readouterr().out
    german = labels.load("de")
    assert (german.words["key_points"], german.words["brand_new"]) == ("🎯 The Key Points", "Quite another word")
    assert german.words["about_scores"].endswith("\n\n`digest related ID` tells all this of one paper.")
    assert "## Spezifität" in german.words["about_scores"]
    assert (german.count("papers", 1), german.count("papers", 2000)) == ("1 paper here", "2.000 papers")
    assert german.words["home"] == "Startseite"
    catalogue = (elsewhere / "de" / "LC_MESSAGES" / "digest.po").read_text(encoding="utf-8")
    assert (
        "#. a paper's note\n#. at most five\n#, fuzzy\n"
        'msgctxt "key_points"\nmsgid "🎯 The Key Points"\nmsgstr "🎯 Kernaussagen"\n'
    ) in catalogue
    messages.main([])
    assert (elsewhere / "de" / "LC_MESSAGES" / "digest.po").read_text(encoding="utf-8") == catalogue


def test_a_new_language_starts_in_english(elsewhere: Path, messages: ModuleType) -> None:
    """And counts, dates and numbers as it should, for the plural forms are its own."""
    messages.main(["pl"])
    file = elsewhere / "pl" / "LC_MESSAGES" / "digest.po"
    polish = labels.load("pl-PL")
    assert polish.words == labels.load("en").words
    assert (polish.count("papers", 1), polish.count("papers", 5)) == ("1 paper", "5 papers")
    assert polish.full(DAY) == "24 września 2025"
    forms = 'msgid "{n} paper"\nmsgid_plural "{n} papers"\nmsgstr[0] "%s"\nmsgstr[1] "%s"\nmsgstr[2] "%s"\n'
    replace(file, forms % ("", "", ""), forms % ("{n} artykuł", "{n} artykuły", "{n} artykułów"))
    labels.load.cache_clear()
    counted = [labels.load("pl").count("papers", number) for number in (1, 2, 5, 22)]
    assert counted == ["1 artykuł", "2 artykuły", "5 artykułów", "22 artykuły"]


def test_babel_waits_until_a_language_is_loaded() -> None:
    """Nothing of it for ``import digest``, ``--help``, the nearest language, or a night that renders nothing."""
    code = (
        "import sys, digest.cli.app, digest.assemble, digest.pipeline.commands\n"
        "import digest.render.renderer\n"
        "from digest.render import labels\n"
        "labels.nearest('de-AT'), labels.nearest('xx')\n"
        "print([name for name in sys.modules if name.startswith('babel')])\n"
        "labels.load('de')\n"
        "print('babel.core' in sys.modules)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split("\n")[:2] == ["[]", "True"]
