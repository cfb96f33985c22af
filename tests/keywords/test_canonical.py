from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.keywords.canonical import Rule, canonical, explain, generality, key
from digest.keywords.plurals import singular
from digest.keywords.tables import read_lines, read_pairs

WORDS = st.sampled_from(
    """graph Graphs neural network networks LLM LLMs large language model models GPU gpus BERT LoRA Sim to Real off line
    offline policy policies auto encoder Autoencoders colour optimisation self-supervised Self Supervised learning of
    from InstructAV instructav data sets dataset k-means k means analysis analyses (GNN) bias 3D GPT-4 state-of-the-art
    AI RAG CoT in and the Alzheimer's U-Net mixture experts UAVs matrices""".split()
)
PHRASES = st.lists(WORDS, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("large language models", "Large Language Model"),
        ("LLMs", "Large Language Model"),
        ("medical LLMs", "Medical Large Language Model"),
        ("graphics processing units", "GPU"),
        ("GPUs", "GPU"),
        ("BERT", "BERT"),
        ("lora", "LoRA"),
        ("low-rank adaptation", "LoRA"),
        ("Retrieval-Augmented Generation (RAG)", "Retrieval-Augmented Generation"),
        ("optimisation", "Optimization"),
        ("colour constancy", "Color Constancy"),
        ("data sets", "Dataset"),
        ("Auto-Encoders", "Autoencoder"),
        ("multi-modal learning", "Multimodal Learning"),
        ("sim-to-real", "Sim-to-Real"),
        ("mixture of experts", "Mixture of Experts"),
        ("Alzheimer's disease", "Alzheimer's Disease"),
        ("Alzheimer’s disease", "Alzheimer's Disease"),
        ("InstructAV", "InstructAV"),
        ("3d gaussian splatting", "3D Gaussian Splatting"),
        ("CIFAR-10", "CIFAR-10"),
        ("Naive Bayes", "Naive Bayes"),
        ("game analyses", "Game Analysis"),
        ("HII regions", "HII Region"),
        ("H II region", "HII Region"),
        ("Zeldovich approximation", "Zel'dovich Approximation"),
        ("circumgalactic media", "Circumgalactic Medium"),
        ("social media", "Social Media"),
        ("bird's-eye-view perception", "Bird's-Eye View Perception"),
        ("Alzheimer's disease detection", "Alzheimer's Disease Detection"),
        ("MoE layers", "Mixture of Experts Layer"),
        ("mixture-of-experts layer", "Mixture of Experts Layer"),
        ("visual in-context learning", "Visual In-Context Learning"),
        ("structure from motion", "Structure from Motion"),
        ("time-to-first-token", "Time to First Token"),
        ("rotary positional embedding", "Rotary Position Embedding"),
        ("type Ia SNe", "Type Ia Supernova"),
        ("", ""),
        ("(((", ""),
    ],
)
def test_canonical(written: str, name: str) -> None:
    assert canonical(written, {}) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vision Transformer", "Transformer"),
        ("sim-to-real", "real-to-sim"),
        ("off-policy", "offline policy"),
        ("semi-supervised learning", "self-supervised learning"),
        ("bias", "bia"),
        ("GPS", "GPs"),
        ("VLMS", "VLMs"),
        ("robotics", "robotic"),
        ("statistics", "statistic"),
        ("model", "modeling"),
        ("lens", "len"),
        ("news", "new"),
        ("GPT-3", "GPT-4"),
        ("InstructAV", "InstructVA"),
        ("unsupervised learning", "supervised learning"),
        ("GaN", "GAN"),
        ("LoRa", "LoRA"),
        ("CLIP", "video clip"),
        ("CLIP", "clips"),
        ("MIMIC", "mimic"),
        ("MPC", "Mpc"),
        ("FE method", "Fe"),
        ("mT", "MT"),
        ("MT", "machine translation"),
        ("question-and-answer", "question answering"),
        ("dialect", "dialectic"),
        ("action recognition", "activity recognition"),
        ("Galaxy Cluster", "Galaxy Clustering"),
        ("Agent System", "Agentic System"),
        ("generative agent", "general agent"),
        ("Video Language Model", "Visual Language Model"),
        ("language modeling", "language model"),
        ("software engineer", "software engineering"),
        ("knowledge-based", "knowledge base"),
        ("star formation", "star-forming"),
        ("social media", "social medium"),
        ("Geolocation", "Geo-Localization"),
    ],
)
def test_different_things_keep_different_names(one: str, other: str) -> None:
    """Merging two things is worse than a twin."""
    assert key(one) != key(other)
    assert canonical(one, {}) != canonical(other, {})


def test_the_papers_own_definition_wins() -> None:
    """SSL is what the paper says, whatever it is elsewhere; a plural and a compound follow it."""
    semi = {"SSL": "semi-supervised learning"}
    assert canonical("SSL", semi) == "Semi-Supervised Learning"
    assert canonical("SSL methods", semi) == "Semi-Supervised Learning Method"
    assert canonical("GANs", {"GAN": "graph attention network"}) == "Graph Attention Network"


def test_a_plural_long_form_is_singular_inside_a_compound() -> None:
    models = {"LLM": "large language models"}
    assert canonical("LLM agents", models) == canonical("large language model agent", {})


def test_an_expansion_too_long_for_a_name_is_not_made() -> None:
    long = {"XQZ": "exceedingly long winded name of some very special thing"}
    assert canonical("XQZ model", long) == canonical("XQZ model", {})


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("Graph Neural Network", []),
        ("graph neural networks", [Rule.CASE, Rule.SINGULAR]),
        ("sim to real", [Rule.PUNCTUATION, Rule.CASE]),
        ("LLMs", [Rule.SINGULAR, Rule.COMMONER]),
        ("SSL methods", [Rule.DEFINED, Rule.CASE, Rule.SINGULAR]),
        ("Graphics Processing Units (GPUs)", [Rule.PARENTHESIS, Rule.SINGULAR, Rule.COMMONER]),
        ("Colour Data Sets", [Rule.SPELLING, Rule.JOIN, Rule.SINGULAR]),
        ("Auto-Encoder", [Rule.JOIN]),
        ("Alzheimer disease", [Rule.CASE, Rule.BY_HAND]),
        ("(((", [Rule.PUNCTUATION]),
    ],
)
def test_each_step_to_the_name_has_its_rule(written: str, rules: list[Rule]) -> None:
    assert [step.rule for step in explain(written, {"SSL": "semi-supervised learning"})] == rules


@given(
    st.one_of(PHRASES, st.text(max_size=40)),
    st.dictionaries(st.sampled_from(["SSL", "GAN", "LLM", "AI", "K"]), PHRASES, max_size=2),
)
def test_the_steps_lead_from_the_written_form_to_the_name(written: str, acronyms: dict[str, str]) -> None:
    """Without a gap, each changing something."""
    steps = explain(written, acronyms)
    forms = [written, *(step.after for step in steps)]
    assert [step.before for step in steps] == forms[:-1]
    assert all(step.before != step.after for step in steps)
    assert forms[-1] == canonical(written, acronyms)


@given(PHRASES)
def test_a_name_and_its_key_agree(written: str) -> None:
    assert key(key(written)) == key(written)
    assert key(canonical(written, {})) == key(written)


@given(st.text(max_size=40))
def test_any_text_has_a_settled_key(written: str) -> None:
    assert key(key(written)) == key(written)
    assert key(canonical(written, {})) == key(written)


@given(PHRASES, st.dictionaries(st.sampled_from(["SSL", "GAN", "LLM", "AI", "K"]), PHRASES, max_size=2))
def test_canonical_is_idempotent(written: str, acronyms: dict[str, str]) -> None:
    name = canonical(written, acronyms)
    assert canonical(name, {}) == name


@given(PHRASES, PHRASES)
def test_equal_keys_are_one_name(one: str, other: str) -> None:
    assert (key(one) == key(other)) == (canonical(one, {}) == canonical(other, {}))


@given(PHRASES)
def test_case_hyphens_and_order_of_sight_do_not_matter(written: str) -> None:
    """For words that are known, capitals and hyphens make no other name."""
    if "InstructAV" in written or "(" in written:
        return
    assert canonical(written.replace("-", " "), {}) == canonical(written, {})


def test_the_shipped_names_have_the_keys_they_are_listed_under() -> None:
    for words, name in read_pairs("names.tsv").items():
        assert key(name) == words
    for word, form in read_pairs("casing.tsv").items():
        assert key(form) == key(word)


def test_the_shipped_renames_are_settled() -> None:
    """No chain and no circle: what is renamed is nobody's new name."""
    table = read_pairs("renames.tsv")
    assert len(table) > 500
    assert not set(table) & set(table.values())


def test_singulars_of_common_nouns() -> None:
    rows = [line.split() for line in SINGULARS.strip().splitlines()]
    words = frozenset(line.partition("\t")[0] for line in read_lines("words.tsv.gz"))
    wrong = {plural: singular(plural, words) for plural, one in rows if singular(plural, words) != one}
    assert not wrong


SINGULARS = """
models model
networks network
boxes box
classes class
losses loss
processes process
analyses analysis
hypotheses hypothesis
bases base
databases database
phases phase
caches cache
patches patch
branches branch
niches niche
queries query
policies policy
movies movie
series series
species species
physics physics
robotics robotics
semantics semantics
metrics metric
topics topic
heuristics heuristic
bias bias
biases bias
gas gas
atlas atlas
cameras camera
schemas schema
videos video
scenarios scenario
chaos chaos
heroes hero
echoes echo
matrices matrix
vertices vertex
indices index
criteria criterion
phenomena phenomenon
corpora corpus
stimuli stimulus
spectra spectrum
automata automaton
galaxies galaxy
supernovae supernova
nebulae nebula
halos halo
curves curve
leaves leaf
lives life
viruses virus
causes cause
clauses clause
responses response
lenses lens
axes axis
sizes size
quizzes quiz
children child
people people
data data
bayes bayes
diabetes diabetes
lens lens
news news
stokes stokes
kubernetes kubernetes
status status
consensus consensus
basis basis
synthesis synthesis
glass glass
business business
"""


@given(st.text(alphabet="abeiosuxyz", min_size=1, max_size=10))
def test_a_singular_has_no_singular(word: str) -> None:
    once = singular(word)
    assert singular(once) == once


@given(PHRASES)
def test_generality_is_a_share(written: str) -> None:
    assert 0 <= generality(written) <= 1


def test_common_words_are_more_general() -> None:
    assert generality("Model") > generality("Hyperbolic Embedding") > 0
