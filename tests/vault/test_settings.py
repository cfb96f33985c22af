"""Settings of Obsidian's: only what the reader has not set."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import VaultError
from digest.model import Furnishing
from digest.vault.settings import furnish

TYPES = Furnishing(path=".obsidian/types.json", content={"types": {"rating": "number", "queue": "checkbox"}})
STYLE = Furnishing(path=".obsidian/snippets/digest.css", content=".x { }\n")


def put(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_vault_without_settings_gets_all(tmp_path: Path) -> None:
    assert furnish(tmp_path, [TYPES, STYLE]) == ()
    assert json.loads((tmp_path / TYPES.path).read_text()) == TYPES.content
    assert (tmp_path / STYLE.path).read_text() == ".x { }\n"
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".digest-tmp")]


def test_what_the_reader_has_set_stays_and_what_lacks_is_added(tmp_path: Path) -> None:
    own = {"types": {"rating": "text", "mine": "date"}, "other": [1, {"a": None}]}
    file = put(tmp_path, TYPES.path, json.dumps(own))
    style = put(tmp_path, STYLE.path, "/* mine */")
    assert furnish(tmp_path, [TYPES, STYLE]) == ()
    expected = {"types": {"rating": "text", "mine": "date", "queue": "checkbox"}, "other": [1, {"a": None}]}
    assert json.loads(file.read_text()) == expected
    assert style.read_text() == "/* mine */"


def test_a_file_with_nothing_to_add_is_not_touched(tmp_path: Path) -> None:
    text = '{"types":{"queue":"text",   "rating":"text"}}'
    file = put(tmp_path, TYPES.path, text)
    os.utime(file, ns=(1, 1))
    furnish(tmp_path, [TYPES])
    assert (file.read_text(), file.stat().st_mtime_ns) == (text, 1)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "nonsense"])
def test_what_is_no_object_is_left_alone_and_told(tmp_path: Path, text: str) -> None:
    file = put(tmp_path, TYPES.path, text)
    ((path, why),) = furnish(tmp_path, [TYPES])
    assert (path, file.read_text()) == (TYPES.path, text)
    assert "left alone" in why


def test_a_folder_of_a_larger_vault_gets_none(tmp_path: Path) -> None:
    put(tmp_path, ".obsidian/app.json", "{}")
    root = tmp_path / "papers" / "arxiv"
    root.mkdir(parents=True)
    assert furnish(root, [TYPES]) == ()
    assert not list(root.iterdir())


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    put(tmp_path, ".obsidian", "no folder")
    with pytest.raises(VaultError, match="cannot be written"):
        furnish(tmp_path, [TYPES])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4)


def holds(merged: object, own: object) -> bool:
    """Whether all that is in *own* is in *merged*, with the same values."""
    if isinstance(own, dict) and isinstance(merged, dict):
        return all(key in merged and holds(merged[key], value) for key, value in own.items())
    return merged == own


@settings(max_examples=150)
@given(OBJECTS, OBJECTS)
def test_nothing_of_the_reader_s_is_lost_and_a_second_time_changes_nothing(tmp_path_factory, own, wanted) -> None:
    root = tmp_path_factory.mktemp("vault")
    file = put(root, ".obsidian/x.json", json.dumps(own))
    furnishing = Furnishing(path=".obsidian/x.json", content=wanted)
    furnish(root, [furnishing])
    once = file.read_bytes()
    merged = json.loads(once)
    assert holds(merged, own)
    assert wanted.keys() <= merged.keys()
    furnish(root, [furnishing])
    assert file.read_bytes() == once
