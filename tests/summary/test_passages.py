"""Which paragraphs of a whole paper are read for what it says, and how."""

from __future__ import annotations

import pytest

from digest.document import Block, Document, Figure, Formula, Heading, Line, List, Paragraph, Quote, Span, Style
from digest.summary.passages import Part, Passage, part_of, passages, reading


def line(text: str) -> Line:
    return (Span(text),)


def heading(number: str, text: str, depth: int = 1) -> Heading:
    return Heading(number=number, line=line(text), depth=depth)


def paragraph(text: str) -> Paragraph:
    return Paragraph(line=line(text))


def read(*blocks: Block) -> list[Passage]:
    return list(passages(Document(blocks=blocks)))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Introduction", Part.INTRODUCTION),
        ("INTRODUCTION", Part.INTRODUCTION),
        ("Our Contributions", Part.INTRODUCTION),
        ("Experimental Results", Part.RESULTS),
        ("Results and Discussion", Part.RESULTS),
        ("Discussion", Part.DISCUSSION),
        ("Discussion and Limitations", Part.LIMITATIONS),
        ("Limitations and Future Work", Part.LIMITATIONS),
        ("Threats to Validity", Part.LIMITATIONS),
        ("Conclusions and Outlook", Part.CONCLUSION),
        ("Concluding remarks", Part.CONCLUSION),
        ("Summary", Part.CONCLUSION),
        ("Related Work", Part.ELSEWHERE),
        ("Experimental Setup", Part.ELSEWHERE),
        ("CRediT author contributions", Part.ELSEWHERE),
        ("Acknowledgements", Part.ELSEWHERE),
        ("Supplementary results", Part.ELSEWHERE),
        ("The Loom", None),
        ("Summary statistics of the survey", None),
    ],
)
def test_a_section_is_known_by_its_heading(text: str, part: Part | None) -> None:
    assert part_of(text) is part


def test_a_passage_stands_under_the_innermost_heading_as_printed() -> None:
    """A heading that says nothing belongs to the section around it; a new section ends the one before."""
    found = read(
        paragraph("Above all headings."),
        heading("4", "Results"),
        paragraph("First. Second."),
        heading("4.1", "Wool", 2),
        paragraph("Third."),
        heading("5", "The Loom"),
        paragraph("Fourth."),
        heading("", "Limitations.", 2),
        paragraph("Fifth."),
        heading("5.1", "Results with Silk", 2),
        heading("", "", 3),
        paragraph("Sixth."),
        heading("B", "Further Notes"),
        heading("B.1", "Results with Glass", 2),
        paragraph("Seventh."),
    )

    assert found == [
        Passage(Part.RESULTS, "4 Results", ("First.", "Second.")),
        Passage(Part.RESULTS, "4.1 Wool", ("Third.",)),
        Passage(Part.LIMITATIONS, "Limitations.", ("Fifth.",)),
        Passage(Part.RESULTS, "5.1 Results with Silk", ("Sixth.",)),
    ]


def test_items_under_an_announcement_are_contributions() -> None:
    items = List(ordered=False, items=((paragraph("We weave."),), (paragraph("We dye. It holds."),)))

    found = read(
        heading("1", "Introduction"),
        paragraph("Our contributions are as follows:"),
        items,
        paragraph("There are two looms:"),
        items,
    )

    assert [passage.sentences for passage in found if passage.lists_contributions] == [
        ("We weave.",),
        ("We dye.", "It holds."),
    ]


def test_captions_and_formulas_are_no_sentences_of_the_text() -> None:
    found = read(
        heading("1", "Introduction"),
        Figure(caption=line("We see a loom."), blocks=(paragraph("Inside."),)),
        Formula(tex="x"),
        Quote(blocks=(paragraph("Quoted."),)),
    )

    assert [passage.sentences for passage in found] == [("Quoted.",)]


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        pytest.param(
            (Span("Looms "), Span("["), Span("3", Style.CITATION, "b3"), Span(", "), Span("4", Style.CITATION, "b4"), Span("] weave.")),
            "Looms weave.",
            id="numbers in brackets",
        ),
        pytest.param(
            (Span("Looms (see "), Span("Ada, 2001", Style.CITATION, "b1"), Span("; "), Span("Bo, 2002", Style.CITATION, "b2"), Span(").")),
            "Looms.",
            id="names in parentheses",
        ),
        pytest.param((Span("Following "), Span("Ada (2001)", Style.CITATION, "b1"), Span(", we weave.")), "Following Ada (2001), we weave.", id="named in the sentence"),
        pytest.param((Span("At "), Span("z=0", Style.MATHEMATICS), Span(" , wool [soft] (grey)\n holds .")), "At $z=0$, wool [soft] (grey) holds.", id="mathematics, other brackets"),
        pytest.param((Span("\ue005a\ue006\ue007b"),), "ab", id="no mark of a stranger's"),
    ],
)  # fmt: skip
def test_a_line_is_read_without_its_bracketed_citations(spans: Line, text: str) -> None:
    assert reading(spans) == text


def test_a_sentence_that_refers_elsewhere_is_left_out() -> None:
    refers = (Span("We win. As "), Span("Table 2", Style.REFERENCE, "T2"), Span(" shows, wool wins. Silk loses."))

    (found,) = read(heading("3", "Results"), Paragraph(line=refers))

    assert found.sentences == ("We win.", "Silk loses.")
