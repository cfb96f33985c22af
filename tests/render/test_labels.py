"""Each language says everything, in its own way of counting and dating."""

from __future__ import annotations

import string
from datetime import date

import pytest

from digest.errors import ConfigError
from digest.model import KeywordCategory
from digest.render import labels

DAY = date(2025, 9, 24)


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", labels.languages())
def test_every_language_has_the_same_words_with_the_same_blanks(language: str) -> None:
    english, other = labels.load("en"), labels.load(language)
    assert {k: blanks(v) for k, v in other.words.items()} == {k: blanks(v) for k, v in english.words.items()}
    assert other.plurals.keys() == english.plurals.keys()
    assert all("other" in forms for forms in other.plurals.values())
    assert (len(other.months), len(other.abbreviations), len(other.weekdays)) == (12, 12, 7)
    assert all(category.value in other.words for category in KeywordCategory)


def test_english_counts_and_dates() -> None:
    english = labels.load("en")
    assert (english.count("papers", 1), english.count("papers", 1234)) == ("1 paper", "1,234 papers")
    assert (english.long(DAY), english.short(DAY)) == ("Wednesday, 24 September 2025", "24 Sep")


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
    assert korean.long(DAY) == "2025년 9월 24일 수요일"
    assert korean.count("papers", 1) == "논문 1편"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'fr' is not known; known are: en, ko"):
        labels.load("fr")


def test_view_names_can_stand_in_an_embed() -> None:
    """A Base's view is embedded as ``![[Papers.base#View]]``."""
    for language in labels.languages():
        words = labels.load(language).words
        assert not any(set("#|[]^\\%") & set(words[key]) for key in words if key.startswith("view_"))
