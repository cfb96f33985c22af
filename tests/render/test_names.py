"""Names that every file system, sync service and reader of a vault takes, and that a person can read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.render import names

from .nasty import NASTY, nasty_text

FORBIDDEN = re.compile(r'[/\\:*?"<>|#^\[\]%`$\x00-\x1f\x7f-\x9f\u202a-\u202e\u200b\ufeff]|==|~~|&\w+;|^[. ]|[. ]$')
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        pytest.param("SparseDoctor: Towards Efficient Chat", "SparseDoctor - Towards Efficient Chat", id="colon"),
        pytest.param("Ratio 3:1", "Ratio 3-1", id="colon within a word"),
        pytest.param("TCP/IP", "TCP-IP", id="slash"),
        pytest.param("[Re] P(x|y)?", "(Re) P(x-y)", id="brackets, bar, question mark"),
        pytest.param("A* search", "A∗ search", id="star"),
        pytest.param("When z>3", "When z›3", id="angle"),
        pytest.param("50% less", "50 percent less", id="percent"),
        pytest.param("C# and F#", "C-sharp and F-sharp", id="sharp"),
        pytest.param("#SAT is hard", "SAT is hard", id="tag"),
        pytest.param("_x_ in snake_case", "x in snake_case", id="underscores"),
        pytest.param("a__b", "a__b", id="underscores within a word"),
        pytest.param("AT&amp;T &lt;b&gt;", "AT&T ‹b›", id="entities"),
        pytest.param("CON", "CON-", id="Windows device"),
        pytest.param("aux.txt", "aux-txt", id="Windows device with a type"),
        pytest.param("Lpt1.2 port", "Lpt1-.2 port", id="Windows device with a dot"),
        pytest.param("README.md", "README-md", id="file type"),
        pytest.param("Papers.base", "Papers-base", id="Base"),
        pytest.param("Node.js", "Node.js", id="no file type of Obsidian's"),
        pytest.param("GPT-4.5", "GPT-4.5", id="dot"),
        pytest.param("...hidden...", "hidden", id="dots"),
        pytest.param("../../x", "-..-x", id="path"),
        pytest.param("Cafe\u0301", "Café", id="NFC"),
        pytest.param("right \u202eto left", "right to left", id="override"),
        pytest.param("🦙 LLaMA 👩‍🔬", "LLaMA", id="emoji"),
        pytest.param("می‌خواهم", "می‌خواهم", id="a joiner that letters need"),
        pytest.param("$\\alpha$-GAN", "α-GAN", id="TeX letter"),
        pytest.param("CH$_3$$^{13}$CN", "CH₃¹³CN", id="TeX scripts"),
        pytest.param("$\\mathcal{O}(n^2)$ sorting", "O(n²) sorting", id="TeX font"),
        pytest.param("Erd\\H{o}s graphs", "Erdős graphs", id="TeX accent"),
        pytest.param("%% digest:end header %%", "digest-end header", id="our own marker"),
        pytest.param("", "Untitled", id="nothing"),
        pytest.param("???", "Untitled", id="nothing left"),
    ],
)
def test_safe_name(title: str, name: str) -> None:
    assert names.safe_name(title, limit=100) == name


@settings(max_examples=2000)
@given(nasty_text, st.integers(20, 120))
@example("a. " * 40, 100)
@example("x" * 97 + ".md", 100)
@example("e\u0301" * 60, 100)
@example("&amp;amp;lt;", 20)
def test_a_name_keeps_every_rule(title: str, limit: int) -> None:
    """
    Never forbidden, never reserved, never too long, NFC, and the same when made safe again.
    """
    name = names.safe_name(title, limit=limit)
    assert name
    assert not FORBIDDEN.search(name)
    assert not RESERVED.match(name)
    assert not re.search(r"(?i)\.(md|base|canvas|png|pdf|svg)$", name)
    assert len(name.encode()) <= limit
    assert unicodedata.normalize("NFC", name) == name
    assert names.safe_name(name, limit=limit) == name


@given(st.text(alphabet="e\u0301\u0323가힣ᄀ\u1161 \u200dक\u094dष", min_size=30, max_size=90))
def test_a_cut_never_parts_a_letter_from_its_marks(title: str) -> None:
    whole, cut = names.safe_name(title, limit=10_000), names.safe_name(title, limit=40)
    assert whole.startswith(cut)
    rest = whole[len(cut) :]
    assert not rest or unicodedata.category(rest[0])[0] != "M"


def test_a_cut_falls_between_words() -> None:
    assert names.safe_name("considerable " * 20, limit=40) == "considerable considerable considerable"


@given(nasty_text)
@settings(max_examples=500)
def test_a_note_path_is_short_and_ends_in_the_identifier(title: str) -> None:
    path = names.note_path(title, "2509.18690", date(2025, 9, 24))
    folder, _, base = path.partition("/")
    assert folder == "2025-09-24"
    assert base.endswith(" (2509.18690)")
    assert "/" not in base
    assert len(base.encode()) <= 120
    assert len(path) <= 150


def test_an_old_identifier_has_no_slash_in_a_path() -> None:
    path = names.note_path("A Title", "hep-th/9901001", date(1999, 1, 4))
    assert path == "1999-01-04/A Title (hep-th-9901001)"


def test_paths_of_pages() -> None:
    assert names.keyword_path("Node.js") == "keywords/Node.js"
    assert names.category_path("cs.AI") == "categories/cs.AI"
    assert names.day_path(date(2025, 9, 24)) == "digests/daily_digest_20250924"
    assert names.day_of("sub/digests/daily_digest_20250924") == date(2025, 9, 24)
    assert names.day_of("Home") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("keywords/GAN", "keywords/Gan"),
        ("keywords/Café", "keywords/Cafe\u0301"),
        ("keywords/Straße", "keywords/STRASSE"),
    ],
)
def test_paths_that_would_be_one_file_share_a_key(one: str, other: str) -> None:
    assert names.collision_key(one) == names.collision_key(other)


def test_distinct_counts_up() -> None:
    taken = {"keywords/GAN", "keywords/GAN 2"}
    assert names.distinct("keywords/GAN", taken.__contains__) == "keywords/GAN 3"
    assert names.distinct("keywords/VAE", taken.__contains__) == "keywords/VAE"


@given(nasty_text, st.integers(1, 12))
def test_distinct_keeps_the_limits(title: str, tries: int) -> None:
    calls = iter(range(tries))
    path = names.distinct(names.keyword_path(title * 9), lambda _: next(calls, None) is not None)
    base = path.partition("/")[2]
    assert len(base.encode()) <= 120
    assert names.safe_name(base, limit=120) == base


def test_nasty_titles_get_different_notes() -> None:
    """The identifier keeps notes apart whatever becomes of their titles."""
    paths = {names.collision_key(names.note_path(t, f"2602.{i:05}", date(2026, 2, 3))) for i, t in enumerate(NASTY)}
    assert len(paths) == len(NASTY)
