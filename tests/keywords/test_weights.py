"""Key terms: what a weight is made of, and what no list of key terms has."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.document import Document, Figure, Formula, Heading, List, Paragraph, Span, Style
from digest.keywords import weights
from digest.keywords.canonical import key
from digest.keywords.extract import Extractor
from digest.keywords.weights import Occurrences, idf, occurrences, weigh
from digest.model import KeyTerm
from digest.testing.builders import make_candidate

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
TITLE = "TideFormer: Sea-Level Forecasting with Graph Neural Networks"
ABSTRACT = (
    "Coastal cities need sea-level forecasting. We present TideFormer, a graph neural network (GNN) over tide gauges. "
    "The GNN lowers the error of sea-level forecasting, and a neural network without a graph does not."
)


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def key_terms(extractor: Extractor, title: str, abstract: str, text: Document | None = None) -> tuple[KeyTerm, ...]:
    """As an empty catalogue would have them."""
    candidates = extractor.candidates(title, abstract)
    found = occurrences(candidates, extractor.in_text(text, candidates) if text else {})
    background = extractor.figures.background
    return weigh(
        found,
        {
            name: idf(papers=0, size=0, background=background.counts(name)[0], background_size=background.size)
            for name in found
        },
    )


def occurring(**counts: tuple[int, int, int, float]) -> dict[str, Occurrences]:
    return {
        name.replace("_", " "): Occurrences(in_title=title, in_abstract=abstract, in_text=text, termhood=termhood)
        for name, (title, abstract, text, termhood) in counts.items()
    }


def paragraph(text: str) -> Paragraph:
    return Paragraph(line=(Span(text),))


def test_a_weight_can_be_computed_by_hand():
    found = weigh(occurring(Alpha=(1, 2, 10, 0.5), Beta=(0, 1, 0, 0.8)), {"Alpha": 4.0, "Beta": 5.0})
    alpha, beta = math.log(1 + 3 + 2 + 1) * 4 * 0.5, math.log(2) * 5 * 0.8
    assert [term.name for term in found] == ["Alpha", "Beta"]
    assert found[0].weight == pytest.approx(alpha / math.hypot(alpha, beta), abs=1e-4)
    assert found[1].weight == pytest.approx(beta / math.hypot(alpha, beta), abs=1e-4)


def test_idf_goes_from_the_background_s_figures_to_the_catalogue_s():
    """A term of one in a hundred background papers, and of one in ten here."""
    share = {
        size: math.exp(-idf(papers=size // 10, size=size, background=99, background_size=9_999))
        for size in (0, 500, 500_000)
    }
    assert share[0] == pytest.approx(0.01)
    assert share[500] == pytest.approx(0.055)
    assert share[500_000] == pytest.approx(0.1, rel=1e-2)


def test_of_nested_terms_of_like_weight_the_longer_stays():
    idfs = {"Graph Network": 5.0, "Graph": 5.0, "Other Graph": 5.0}
    near = weigh(occurring(Graph_Network=(0, 4, 0, 0.49), Graph=(0, 4, 0, 0.5)), idfs)
    assert [term.name for term in near] == ["Graph Network"]
    far = weigh(occurring(Graph_Network=(0, 1, 0, 0.2), Graph=(1, 9, 0, 0.9)), idfs)
    assert [term.name for term in far] == ["Graph", "Graph Network"]


def test_key_terms_of_a_paper_without_words():
    assert weigh({}, {}) == ()


@given(
    st.dictionaries(
        st.text("abc ", min_size=1, max_size=6).map(str.strip).filter(bool),
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 300), st.floats(0.001, 1), st.floats(0, 12)),
        max_size=40,
    )
)
def test_squares_sum_to_one_and_none_says_what_another_says(rows):
    found = weigh(
        {name: Occurrences(in_title=t, in_abstract=a, in_text=x, termhood=h) for name, (t, a, x, h, _) in rows.items()},
        {name: row[4] for name, row in rows.items()},
    )
    assert len(found) <= weights.LIMIT
    assert list(found) == sorted(found, key=lambda term: -term.weight)
    if found:
        assert sum(term.weight**2 for term in found) == pytest.approx(1, abs=5e-3)
    for at, term in enumerate(found):
        for other in found[:at]:
            if key(term.name) != key(other.name) and f" {key(term.name)} " in f" {key(other.name)} ":
                assert term.weight < weights.ALIKE * other.weight + 2e-4


def test_each_place_counts_for_the_longest_term(extractor):
    """ "Graph neural network" twice with its acronym; its parts only where they stand by themselves."""
    found = {term.name: term for term in key_terms(extractor, TITLE, ABSTRACT)}
    assert (found["Graph Neural Network"].in_title, found["Graph Neural Network"].in_abstract) == (1, 3)
    by_itself = {c.canonical: c.in_abstract for c in extractor.candidates(TITLE, ABSTRACT)}
    assert by_itself["Neural Network"] == 1


def test_words_that_met_once_are_no_term(extractor):
    """ "Categorizes medical large language models": no other paper has that, and this one only once."""
    abstract = "This survey categorizes medical large language models. It sorts medical large language models."
    assert "Medical Large Language Model" in [term.name for term in key_terms(extractor, "A survey", abstract)]
    assert not [term.name for term in key_terms(extractor, "A survey", abstract) if "Categorizes" in term.name]


def test_what_is_excluded_or_never_stands_alone_is_none():
    candidates = [
        make_candidate(canonical="Kept", in_abstract=1),
        make_candidate(canonical="Banned", in_abstract=1),
        make_candidate(canonical="Bound", in_abstract=1, stands_alone=False),
        make_candidate(canonical="Swallowed"),
    ]
    assert set(occurrences(candidates, {}, is_excluded={"Banned"}.__contains__)) == {"Kept"}


def test_names_that_lead_to_one_are_counted_together():
    candidates = [
        make_candidate(canonical="AE", in_abstract=1, probability=0.25, salience=0.16),
        make_candidate(canonical="Autoencoder", in_title=1, probability=0.01, salience=0.01),
    ]
    found = occurrences(candidates, {"AE": 5, "Auto-Encoder": 7}, preferred=lambda _: "X", named=lambda _: "X")
    assert found == {"X": Occurrences(in_title=1, in_abstract=1, in_text=12, termhood=0.2)}


def test_the_full_text_raises_what_it_repeats_and_adds_what_others_know(extractor):
    text = Document(
        blocks=(
            Heading(depth=1, number="1", line=(Span("Introduction"),)),
            *[paragraph("Coastal cities are read by metric learning, and metric learning needs few labels.")] * 4,
            List(ordered=False, items=((paragraph("A coastal city fails; a strange flibbertigibbet occurs."),),) * 6),
            Figure(caption=(Span("Coastal cities"),)),
            Formula(tex="x"),
        )
    )
    counted = extractor.in_text(text, extractor.candidates(TITLE, ABSTRACT))
    assert counted["Coastal City"] == 4 + 6 + 1
    assert "City" not in counted, "each place counts for the longest term"
    assert counted["Metric Learning"] == 8
    weightier = Document(blocks=text.blocks * 5)
    found = {term.name: term for term in key_terms(extractor, TITLE, ABSTRACT, weightier)}
    assert found["Metric Learning"].in_text == 40
    assert (found["Metric Learning"].in_title, found["Metric Learning"].in_abstract) == (0, 0)
    assert not any("libbertigibbet" in name for name in counted), "no other paper has it"


def test_no_term_reaches_over_mathematics_or_a_citation(extractor):
    line = (Span("coastal "), Span("x", Style.MATHEMATICS), Span("city"))
    candidates = extractor.candidates(TITLE, ABSTRACT)
    assert "Coastal City" in extractor.in_text(Document(blocks=(paragraph("coastal city"),)), candidates)
    assert "Coastal City" not in extractor.in_text(Document(blocks=(Paragraph(line=line),)), candidates)


def test_the_seed_s_paper(extractor):
    """Better than the seed's own list: "models llms", "choose", "fewer", "covers"."""
    if not SEEDS.is_dir():
        pytest.skip("the seed documents are not beside this checkout")
    page = next(SEEDS.glob("001_*")).read_text(encoding="utf-8")
    abstract = re.search(r"^- Abstract: (.*)$", page, re.M)[1]
    found = [term.name for term in key_terms(extractor, page.splitlines()[0], abstract)]
    assert found[:2] == ["Large Language Model", "Medical Large Language Model"]
    assert {"Medicine", "Medical Field", "Healthcare Setting"} <= set(found[:6])
    assert len(found) <= weights.LIMIT
