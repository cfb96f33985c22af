"""The sentences that stand for a paper."""

from __future__ import annotations

import gzip
import json
import random
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.document import Block, Document, Heading, List, Paragraph, Span
from digest.model import Statement, Summary
from digest.summary.choose import Summariser
from digest.summary.compress import compressed
from digest.summary.reading import plain
from digest.summary.roles import ROLES, RoleModel
from digest.summary.sentences import split

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside this checkout")

GLACIERS = (
    "Glacier outlines are needed for every estimate of sea-level rise. "
    "Existing methods fail where debris covers the ice, and labels are scarce. "
    "In this paper, we propose MoraineNet, a network that outlines debris-covered glaciers from elevation change alone. "
    "It is trained on simulated surfaces and uses no optical image. "
    "A second head predicts how sure the outline is. "
    "Experiments on three mountain ranges show that MoraineNet halves the outline error of the best optical method. "
    "Our code is available at https://example.org/moraine."
)


@cache
def summariser() -> Summariser:
    return Summariser.load()


def said(summary: Summary) -> tuple[str, ...]:
    """All that is shown beside the TL;DR."""
    one = (summary.contribution,) if summary.contribution else ()
    return tuple(s.text for s in (*one, *summary.findings, *summary.limitations, *summary.key_points))


def test_a_paper_is_summed_up_by_what_it_proposes_and_by_its_result() -> None:
    summary = summariser().summarise("MoraineNet: Outlining Debris-Covered Glaciers from Elevation Change", GLACIERS)

    assert summary == Summary(
        tldr="We propose MoraineNet, a network that outlines debris-covered glaciers from elevation change alone.",
        findings=(
            Statement(
                text="Experiments on three mountain ranges show that MoraineNet halves the outline error of the best "
                "optical method."
            ),
        ),
        key_points=(
            Statement(text="It is trained on simulated surfaces and uses no optical image."),
            Statement(text="A second head predicts how sure the outline is."),
        ),
    )


@pytest.mark.parametrize(
    ("title", "abstract", "tldr"),
    [
        pytest.param(
            "A Survey of Tide Models",
            "Tides have been modelled for two centuries. Learned models have become popular in recent years. "
            "This survey reviews forty learned tide models and sorts them by what they assume about the coast. "
            "Open questions are discussed at the end.",
            "This survey reviews forty learned tide models and sorts them by what they assume about the coast.",
            id="survey",
        ),
        pytest.param(
            "Counting Spanning Caterpillars",
            "Caterpillars are trees with a dominating path. For planar graphs, we show that spanning caterpillars can "
            "be counted in time $O(n^{1.5})$. The case of general graphs remains open.",
            "For planar graphs, we show that spanning caterpillars can be counted in time $O(n^{1.5})$.",
            id="what limits the claim stays",
        ),
        pytest.param(
            "On Wool",
            "We study the elasticity of wool.",
            "We study the elasticity of wool.",
            id="one sentence",
        ),
        pytest.param(
            "Dust in the Ring",
            "Rings of dust are common around young stars. The formation of such rings is poorly understood. "
            r"\emph{Here we present} ``slow'' images at 5\% noise of the ring around a nearby star. "
            "The ring is twice as wide as models predict.",
            "We present “slow” images at 5% noise of the ring around a nearby star.",
            id="reading form",
        ),
    ],
)
def test_the_sentence_shown_is_about_the_paper(title: str, abstract: str, tldr: str) -> None:
    assert summariser().summarise(title, abstract).tldr == tldr


def test_a_paper_without_an_abstract_has_no_summary() -> None:
    """Nor has one whose abstract has nothing to read."""
    assert summariser().summarise("Title", "") == Summary()
    assert summariser().summarise("", " \n {} \\cite{a}").key_points == ()


def test_background_is_shown_when_there_is_nothing_else() -> None:
    summary = summariser().summarise("Bees", "Bees are important pollinators. Many crops depend on them.")

    assert summary.tldr in ("Bees are important pollinators.", "Many crops depend on them.")


@pytest.mark.parametrize(("asked", "given_"), [(0, 0), (1, 1), (2, 2), (5, 2)])
def test_beside_the_summary_half_of_the_sentences_are_shown_key_points_last(asked: int, given_: int) -> None:
    assert len(summariser().summarise("MoraineNet", GLACIERS, key_points=asked).key_points) == given_


def test_fewer_key_points_are_some_of_the_more() -> None:
    """A smaller number drops the least worthy, it does not choose others."""
    few, more = (summariser().summarise("MoraineNet", GLACIERS, key_points=n).key_points for n in (1, 3))

    assert set(few) < set(more)


def test_a_sentence_said_twice_is_shown_once() -> None:
    again = "We propose a loom that weaves glass. " * 3 + "Results show that glass cloth is strong."

    summary = summariser().summarise("Weaving Glass", again)

    assert said(summary) == ("Results show that glass cloth is strong.",)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("In this paper, we prove it.", "We prove it."),
        ("In this work we prove it.", "We prove it."),
        ("Finally, in this paper, we prove it.", "We prove it."),
        ("To address this gap, we propose a loom.", "We propose a loom."),
        ("To this end, this paper proposes a loom.", "This paper proposes a loom."),
        ("Motivated by this, our study weaves.", "Our study weaves."),
        ("We further introduce a shuttle.", "We introduce a shuttle."),
        ("For planar graphs, we prove it.", "For planar graphs, we prove it."),
        ("Under mild conditions, we prove it.", "Under mild conditions, we prove it."),
        ("To address cold, we weave wool, our oldest cloth.", "We weave wool, our oldest cloth."),
        ("Aims: In this paper we prove it.", "We prove it."),
        ("In this paper, a loom is shown.", "In this paper, a loom is shown."),
        ("However, weaving is hard.", "However, weaving is hard."),
    ],
)
def test_only_clauses_that_merely_lead_are_taken_off(sentence: str, shown: str) -> None:
    assert compressed(sentence) == shown


def test_probabilities_of_roles_sum_to_one_and_follow_the_sentences() -> None:
    sentences = split(GLACIERS)
    found = RoleModel.load().probabilities(sentences)

    assert len(found) == len(sentences)
    assert [sum(one) for one in found] == pytest.approx([1] * len(found))
    assert RoleModel.load().probabilities([]) == ()


def test_the_obvious_roles_are_seen() -> None:
    roles = RoleModel.load().roles(split(GLACIERS))

    assert roles[0] == "background"
    assert roles[5] == "result"
    assert set(roles) <= set(ROLES)


PIECES = st.sampled_from(
    ["We propose ", "This paper ", "results show ", "e.g. ", ". ", "? ", "\n\n", "$x$ ", "$", "\\", "{", "}", "(", "[[", "<b>", "\x00", "\u202e", "A ", "b "]
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=150, deadline=None)
@given(title=HOSTILE, abstract=HOSTILE, key_points=st.integers(0, 6))
def test_whatever_the_text_every_sentence_shown_is_one_of_it(title: str, abstract: str, key_points: int) -> None:
    summary = summariser().summarise(title, abstract, key_points=key_points)

    sentences = [plain(sentence) for sentence in split(abstract)]
    assert summary == summariser().summarise(title, abstract, key_points=key_points)
    assert summary.tldr in [compressed(sentence) for sentence in sentences] or summary.tldr == ""
    places = map(compressed, sentences)
    assert all(point.text in places for point in summary.key_points), "key points are sentences in the abstract's order"
    assert len(summary.key_points) <= key_points
    assert len({*said(summary), summary.tldr}) == len(said(summary)) + 1, "none is shown twice"
    assert len(said(summary)) <= len(sentences) // 2


def test_the_choice_does_not_depend_on_the_order_of_hashes() -> None:
    """Python's string hashes differ from process to process; the log-odds may not."""
    program = (
        "import sys; from digest.summary.roles import RoleModel; from digest.summary.sentences import split;"
        "print(RoleModel.load().probabilities(split(sys.argv[1])))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, GLACIERS], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_summaries_need_no_heavy_library() -> None:
    program = (
        "import sys; from digest.summary.choose import Summariser; Summariser.load().summarise('A', 'We see. So.');"
        "sys.exit(bool({'numpy', 'sklearn', 'torch', 'lxml', 'bs4', 'nltk'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_name_changes_with_the_weights() -> None:
    assert re.fullmatch(r"telling-\d+-[0-9a-f]{8}", summariser().name)
    assert summariser().name == Summariser.load().name


@needs_shared
def test_the_seed_paper_is_summed_up_by_the_sentence_its_page_shows() -> None:
    seed = next((SHARED / "seeds").glob("001_*")).read_text(encoding="utf-8")
    title = re.search(r"^- Title: (.*)$", seed, re.MULTILINE)
    abstract = re.search(r"^- Abstract: (.*)$", seed, re.MULTILINE)
    assert title
    assert abstract

    assert summariser().summarise(title[1], abstract[1]).tldr.startswith("This paper systematically reviews")


@needs_shared
def test_real_abstracts_are_seldom_summed_up_by_anything_but_the_papers_own_work() -> None:
    """Of 400 announced papers, 95 in 100 get a sentence with "we", "our" or "this paper" in it."""
    with gzip.open(SHARED / "arxiv/days.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = random.Random(11).sample([json.loads(line) for line in lines], 400)
    own = re.compile(r"\b(?:we|our|I|this (?:paper|work|study|article|letter|survey|report))\b", re.IGNORECASE)

    shown = [summariser().summarise(paper["title"], paper["abstract"]).tldr for paper in papers]

    assert sum(own.search(tldr) is not None for tldr in shown) >= 380


# --- with the whole text ---


def section(number: str, text: str, *paragraphs: str) -> list[Block]:
    return [Heading(number=number, line=(Span(text),), depth=1), *(Paragraph(line=(Span(p),)) for p in paragraphs)]


def contributions(*items: str) -> List:
    return List(ordered=False, items=tuple((Paragraph(line=(Span(item),)),) for item in items))


WHOLE = Document(
    blocks=(
        *section("1", "Introduction", "Glaciers matter to everybody who lives near them.", "Our contributions are as follows:"),
        contributions(
            "We publish simulated surfaces of four thousand debris-covered glaciers.",
            "We propose a loss for outlines whose labels are late.",
        ),
        *section("4", "Results", "As Table 2 shows, our network wins. We find that our outlines move less than 5 m a year."),
        *section("5", "Limitations", "Glaciers are large. Our network has been tried on land-terminating glaciers only."),
        *section("6", "Conclusion", "We conclude that thick debris moves the line more than clouds do."),
        *section("", "Acknowledgements", "We find that our sponsors have shown great patience."),
    )
)  # fmt: skip


def test_the_whole_text_adds_what_the_abstract_does_not_say() -> None:
    """Each part says where it stands; the TL;DR stays the abstract's."""
    title = "MoraineNet: Outlining Debris-Covered Glaciers from Elevation Change"
    alone, whole = summariser().summarise(title, GLACIERS), summariser().summarise(title, GLACIERS, document=WHOLE)

    assert whole == Summary(
        tldr=alone.tldr,
        contribution=Statement(
            text="We publish simulated surfaces of four thousand debris-covered glaciers.", where="1 Introduction"
        ),
        findings=(
            *alone.findings,
            Statement(text="We find that our outlines move less than 5 m a year.", where="4 Results"),
            Statement(
                text="We conclude that thick debris moves the line more than clouds do.",
                where="6 Conclusion",
            ),
        ),
        limitations=(
            Statement(
                text="Our network has been tried on land-terminating glaciers only.",
                where="5 Limitations",
            ),
        ),
        key_points=(
            *alone.key_points,
            Statement(text="We propose a loss for outlines whose labels are late.", where="1 Introduction"),
        ),
    )


def test_a_paper_whose_abstract_tells_nothing_is_summed_up_by_its_text() -> None:
    document = Document(
        blocks=tuple(section("1", "Introduction", "Wool is old.", "In this paper, we study how wool ages in light."))
    )

    found = summariser().summarise("On Wool", "Wool is an important material.", document=document)

    assert (found.tldr, found.tldr_where) == ("We study how wool ages in light.", "1 Introduction")


def test_a_limitation_in_the_abstract_is_shown_as_one() -> None:
    abstract = GLACIERS + " Our evaluation is limited to glaciers that end on land."

    found = summariser().summarise("MoraineNet", abstract)

    assert [limit.text for limit in found.limitations] == ["Our evaluation is limited to glaciers that end on land."]


def test_what_others_may_do_is_neither_found_nor_a_key_point() -> None:
    abstract = GLACIERS + " Future work could show how snow changes the outline."

    assert all("Future" not in text for text in said(summariser().summarise("MoraineNet", abstract)))


SENTENCES = st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=20).map(" ".join)
HEADINGS = st.sampled_from(["Introduction", "Results", "Limitations", "Conclusion", "Methods", ""])


@settings(max_examples=100, deadline=None)
@given(abstract=HOSTILE, sections=st.lists(st.tuples(HEADINGS, SENTENCES), max_size=6))
def test_whatever_the_document_nothing_is_said_twice(abstract: str, sections: list[tuple[str, str]]) -> None:
    document = Document(blocks=tuple(block for head, text in sections for block in section("1", head, text)))

    found = summariser().summarise("Looms", abstract, document=document)

    assert found == summariser().summarise("Looms", abstract, document=document)
    assert len({*said(found), found.tldr}) == len(said(found)) + 1
    assert len(found.findings) <= 3
    assert len(found.limitations) <= 2
    assert len(found.key_points) <= 5
    assert all(one.where for one in found.limitations if one.text not in map(compressed, map(plain, split(abstract))))
