"""Which names of keywords are taken for one; a wrong alarm costs more than a missed pair."""

from __future__ import annotations

import pytest

from digest.check.near import near
from digest.keywords.plurals import singular


def is_near(one: str, two: str) -> bool:
    return bool(list(near({"a": one, "b": two}, singular)))


SAME = [
    ("GAN", "GANs"),
    ("LLM", "LLMs"),
    ("Vision Transformer", "Vision Transformers"),
    ("Large Language Models", "large-language model"),
    ("Graph Neural Network", "Graph neural-networks"),
    ("Matrix", "Matrices"),
    ("Hypothesis", "Hypotheses"),
    ("Ontology", "Ontologies"),
    ("Cache", "Caches"),
    ("Dataset", "Data Sets"),
    ("k-means", "K Means"),
    ("U-Net", "UNet"),
    ("Word2Vec", "word2vec"),
    ("AutoML", "Auto-ML"),
    ("Zero-Shot Learning", "Zero Shot Learning"),
    ("Multi-Agent System", "Multiagent Systems"),
    ("Non-linear Control", "Nonlinear Control"),
    ("F1 Score", "F-1 Score"),
    ("Parkinson's Disease", "Parkinsons Disease"),
    ("Schrödinger Bridge", "Schrodinger Bridge"),
    ("Tokenization", "Tokenisation"),
    ("Data Visualizations", "Data Visualisation"),
    ("Generalized Linear Model", "Generalised Linear Models"),
    ("Human Behavior", "Human Behaviour"),
    ("Color Constancy", "Colour Constancy"),
    ("Topic Modeling", "Topic Modelling"),
    ("Labeled Data", "Labelled Data"),
    ("Cluster Center", "Cluster Centre"),
    ("Catalog", "Catalogue"),
    ("Convolutional Network", "Convolutonal Network"),
    ("Transformer Architectures", "Transformer Architecutre"),
    ("Heterogeneous Graph", "Heterogenous Graphs"),
]

DIFFERENT = [
    ("GPT-3", "GPT-4"),
    ("GPT-4", "GPT-4o"),
    ("Llama 2", "Llama 3"),
    ("Llama 3.1 8B", "Llama 3 1.8B"),
    ("GPT-3.5", "GPT-35"),
    ("Type I error", "Type II error"),
    ("supervised learning", "unsupervised learning"),
    ("Symmetric Cryptography", "Asymmetric Cryptography"),
    ("Symmetric", "Asymmetric"),
    ("C", "C++"),
    ("C", "C#"),
    ("A Search", "A* Search"),
    ("GP", "GPS"),
    ("CAM", "CAMS"),
    ("PO", "POS"),
    ("News Recommendation", "New Recommendation"),
    ("Physics", "Physic"),
    ("Bias", "Bia"),
    ("Lens", "Len"),
    ("Causal Inference", "Casual Inference"),
    ("Macroscopic Model", "Microscopic Model"),
    ("Interclass Variance", "Intraclass Variance"),
    ("Hyperthermia", "Hypothermia"),
    ("Prediction", "Predication"),
    ("Regression", "Repression"),
    ("Attention", "Retention"),
    ("Recommender", "Recommended"),
    ("Reconstruction", "Deconstruction"),
    ("Complementary Sensor", "Complimentary Sensor"),
    ("Encoder", "Decoder"),
    ("Neural Network", "Neural Networking"),
    ("Diffusion Model", "Diffusion Models Survey"),
    ("Image Classification", "Image Clarification"),
    ("Graph", "Graphic"),
    ("2D Detection", "3D Detection"),
    ("Precision", "Prevision"),
    ("Four", "For"),
    ("Filing", "Filling"),
    ("기계 학습", "기계 학술"),
    ("強化学習", "教師あり学習"),
    ("…", "!"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_near(one, two):
    assert is_near(one, two)
    assert is_near(two, one)


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_not_near(one, two):
    assert not is_near(one, two)
    assert not is_near(two, one)


def test_a_group_is_told_against_its_first():
    """Three spellings are two findings."""
    pairs = near({"k/LLM.md": "LLM", "k/LLMs.md": "LLMs", "k/llm2.md": "L-L-M"}, singular)

    assert [(pair.path, pair.other) for pair in pairs] == [("k/LLMs.md", "k/LLM.md"), ("k/llm2.md", "k/LLM.md")]


def test_thousands_of_names_are_compared_in_time():
    """Every pair of them would be fifty million comparisons."""
    names = {f"{n}": f"Convolutional{'abcdefghij'[n % 10]} Representation{n}" for n in range(10_000)}

    assert list(near(names, singular)) == []
