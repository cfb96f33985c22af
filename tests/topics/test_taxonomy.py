"""Taxonomies: the shipped tree, and files that readers write."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import ConfigError
from digest.keywords.canonical import canonical
from digest.topics import taxonomy
from digest.topics.taxonomy import CONCEPTS, ROOT_CONCEPT, SUPPLEMENT, load, read_rows, shipped

OPENALEX = Path(__file__).resolve().parents[3] / "shared" / "data" / "taxonomy" / "openalex_topics.tsv"


def written(folder: Path, text: str) -> Path:
    file = folder / "topics.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_concepts_are_a_tree():
    found = shipped()
    assert len(found.names) > 1000
    for name in found.names:
        path = found.path(name)
        assert path[0] == ROOT_CONCEPT, path
        assert path[-1] == name
        assert len(set(path)) == len(path)


def test_a_concept_is_named_as_keywords_are():
    """A concept is found by its canonical name: one that is no canonical name is never found."""
    names = [name for name in shipped().names if name != ROOT_CONCEPT]
    assert [name for name in names if canonical(name, {}) != name] == []


def test_tables_hold_each_concept_once():
    for table in (CONCEPTS, SUPPLEMENT):
        names = [name for name, _ in read_rows(table)]
        assert len(set(names)) == len(names)


def test_a_reader_s_file(tmp_path):
    file = written(tmp_path, "# my fields\n\nA\tBiology\nB\tGenomics of Yeast\tA\nC\tAgar\n")
    found = load(file)
    assert found.names == {"A": "Biology", "B": "Genomics of Yeast", "C": "Agar"}
    assert found.path("B") == ("Biology", "Genomics of Yeast")
    assert found.path("C") == ("Agar",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("A\n", "line 1: not", id="no name"),
        pytest.param("A\tx\n\tBiology\n", "line 2: not", id="no identifier"),
        pytest.param("A\tx\tB\ty\n", "line 1: not", id="a cell too many"),
        pytest.param("A\tx\n\nA\ty\n", "line 3: the identifier 'A' comes twice", id="twice"),
        pytest.param("A\tx\tB\n", "'B', which is not there", id="broader is missing"),
        pytest.param("A\tx\tB\nB\ty\tA\n", "broader than itself", id="a circle"),
        pytest.param("A\tx\tA\n", "broader than itself", id="its own parent"),
        pytest.param("# none\n", "no topic", id="empty"),
    ],
)
def test_a_file_that_is_none(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"\[topics\] taxonomy: .*cannot be read"):
        load(tmp_path / "none.tsv")


def test_openalex_s_file_is_one():
    if not OPENALEX.is_file():
        pytest.skip("OpenAlex's topics are not beside this checkout")
    assert len(taxonomy.load(OPENALEX).names) == 4516
