"""Topics of a reader's own taxonomy, by the embeddings of their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from digest.testing.fakes import HashingEmbedder
from digest.topics.assign import shown
from digest.topics.named import NamedTopics, names_of, nearness
from digest.topics.taxonomy import Taxonomy, load
from digest.topics.vectors import kept

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TREE = Taxonomy(
    {"B": "Botany", "M": "Moss Growth", "G": "Glaciers", "V": "Volcanoes and Lava", "T": "Trains"}, {"M": "B"}
)


def named(taxonomy: Taxonomy = TREE) -> tuple[NamedTopics, HashingEmbedder]:
    embedder = HashingEmbedder()
    return NamedTopics(taxonomy, lambda: embedder.embed(names_of(taxonomy)), embedder.embed, embedder.name), embedder


def assigned(topics: NamedTopics, embedder, title: str, abstract: str = ""):
    return topics.assign(title, abstract, (), embedder.embed([f"{title}\n\n{abstract}"])[0])


def test_the_nearest_name_is_the_surest_topic():
    topics, embedder = named()
    first = assigned(topics, embedder, "Moss growth")[0]
    assert (first.name, first.path) == ("Moss Growth", ("Botany",))


def test_a_cosine_is_taken_against_those_of_the_same_paper():
    """A model whose cosines are all high says the same as one whose cosines are low."""
    cosines, others = (np.array(row, dtype=np.float32) for row in ([0.1, 0.2, 0.6], [0.0, 0.1, 0.1, 0.2]))
    found = nearness(cosines, others)
    assert found[0] == pytest.approx(0)
    assert nearness(0.5 * cosines + 0.4, 0.5 * others + 0.4) == pytest.approx(found, abs=1e-4)
    assert nearness(0 * cosines, 0 * others) == pytest.approx(np.zeros(3))


def test_another_taxonomy_or_model_is_another_recipe():
    other = Taxonomy({**TREE.names, "T": "Trams"}, TREE.broader)
    mine, embedder = named()
    recipes = {mine.name, named(other)[0].name, NamedTopics(TREE, mine.vectors, embedder.embed, "model").name}
    assert len(recipes) == 3


def test_vectors_of_names_are_kept(tmp_path):
    file, embedder = tmp_path / "state" / "topics.npz", HashingEmbedder()
    made = kept(file, names_of(TREE), embedder)
    assert kept(file, names_of(TREE), embedder) == pytest.approx(made)
    assert embedder.embedded == names_of(TREE), "read from the file"
    kept(file, ["Tea"], embedder)
    assert embedder.embedded[len(names_of(TREE)) :] == ["Tea"], "other names are other vectors"


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_made_again(tmp_path, damage):
    file, embedder = tmp_path / "topics.npz", HashingEmbedder()
    file.write_bytes(damage)
    names = ["Moss", "Lava"]
    assert kept(file, names, embedder).shape == (2, 128)
    assert kept(file, names, embedder).shape == (2, 128)
    assert embedder.embedded == names


def test_the_seed_s_topics():
    """With OpenAlex's names, the seed's paper has both topics of seed 003."""
    file = SHARED / "taxonomy" / "openalex_topics.tsv"
    if not file.is_file():
        pytest.skip("OpenAlex's topics are not beside this checkout")
    from digest.backends.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder

    page = next((SHARED / "seeds").glob("001_*")).read_text(encoding="utf-8")
    title, abstract = page.splitlines()[0], re.search(r"^- Abstract: (.*)$", page, re.M)[1]
    whole = load(file)
    wanted = ["Machine Learning in Healthcare", "Topic Modeling"]
    # every thirtieth name stands for the whole: all 4,516 take half a minute to embed, and more when others work
    keys: Sequence[str] = [t for n, t in enumerate(whole.names) if n % 30 == 0 or whole.names[t] in wanted]
    some = Taxonomy({t: whole.names[t] for t in keys}, {})
    embedder = SentenceTransformerEmbedder(BUNDLED_MODEL)
    topics = NamedTopics(some, lambda: embedder.embed(names_of(some)), embedder.embed, embedder.name)
    found = topics.assign(title, abstract, (), embedder.embed([f"{title}\n\n{abstract}"])[0])
    assert {topic.name for topic in shown(found, ["cs.AI"], threshold=0.3, limit=5)} >= set(wanted)
