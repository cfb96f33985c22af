"""Asking for a paper's HTML, from the fake arXiv: what there is, and what each fault becomes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.arxiv import html
from digest.arxiv.html import HtmlAnswer
from digest.arxiv.session import PoliteSession
from digest.document import Code, Figure, Formula, Heading, List, Outcome, Style, Table
from digest.errors import SourceError
from digest.model import PaperId, Verdict
from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv

Make = Callable[..., PoliteSession]
NOW = "2026-02-05T12:00:00Z"
ID = PaperId("2602.90001")


def papers() -> list[dict[str, object]]:
    others = [make_record(id=f"2602.9{n:04}", title=f"Paper {n} <b>bold</b>", doi=f"10.1000/{n}") for n in range(2, 30)]
    return [make_record(id=ID), make_record(id="2602.90099", first_seen="2026-02-05"), *others]


def ask(session: PoliteSession, faults: str = "", version: int = 1, **record: object) -> HtmlAnswer:
    found = [make_record(id=ID, **record)] if record else papers()
    with FakeArxiv(found, as_of=NOW, faults=faults) as fake:
        return html.fetch(session, fake.url, ID, version)


def test_a_whole_paper(session: PoliteSession) -> None:
    """
    Every kind of block is in the made-up page; its pictures are arXiv's, whichever host was asked.
    """
    answer = ask(session)
    document = answer.document
    assert answer.outcome is Outcome.WHOLE
    assert document is not None
    assert len(answer.sha256) == 64
    assert answer.modified == "Tue, 03 Feb 2026 01:00:00 GMT"
    assert {List, Formula, Code, Table, Figure, Heading} < {type(block) for block in document.blocks} | {List, Formula}
    titles = ["".join(span.text for span in one.line) for one in document.blocks if isinstance(one, Heading)]
    assert titles == [
        *("Introduction", "Method", "Experiments", "Results", "Limitations", "Conclusion", "Acknowledgements"),
        *("References", "Details"),
    ]
    (figure,) = (one for one in document.blocks if isinstance(one, Figure))
    assert figure.images == (f"https://arxiv.org/html/{ID}v1/x1.png",)
    assert document.license.startswith("http://")
    assert len(document.keywords) == 3
    assert document.generator == "LaTeXML oxide (version 0.7.5)"


def test_its_references_lead_to_papers_that_were_there(session: PoliteSession) -> None:
    """
    Told in different ways, cited each, none announced later than the paper.
    """
    document = ask(session).document
    assert document is not None
    text = "\n".join(" ".join((*item.parts, *item.links)) for item in document.bibliography)
    assert "arXiv:2602.9" in text
    assert "https://doi.org/10.1000/" in text
    assert "https://doi.org/10.1093/comjnl/27.2.97" in text
    assert "2602.90099" not in text
    cited = {
        span.target for block in document.blocks for span in getattr(block, "line", ()) if span.style is Style.CITATION
    }
    assert cited == {item.anchor for item in document.bibliography}


def test_the_same_version_is_the_same_page(make_session: Make) -> None:
    assert ask(make_session()) == ask(make_session())


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ("html:none", Outcome.NONE),
        ("html:stub", Outcome.NONE),
        ("html:fatal", Outcome.CUT_SHORT),
        ("html:cut", Outcome.CUT_SHORT),
        ("html:huge", Outcome.TOO_LARGE),
        ("html:503:1", Outcome.WHOLE),
        ("html:reset:1", Outcome.WHOLE),
        ("html:empty-body:1", Outcome.WHOLE),
    ],
)
def test_what_a_fault_becomes(session: PoliteSession, faults: str, outcome: Outcome) -> None:
    answer = ask(session, faults)
    assert answer.outcome is outcome
    assert (answer.document is not None) == outcome.has_text
    assert bool(answer.sha256) == (outcome.has_text or faults == "html:stub")


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({"html": ""}, Outcome.NONE),
        ({"html": "<html><body><h1>My own page</h1></body></html>"}, Outcome.UNREADABLE),
    ],
)
def test_papers_without_a_text(session: PoliteSession, record: dict[str, object], outcome: Outcome) -> None:
    assert ask(session, **record).outcome is outcome


def test_a_withdrawn_version_has_none(session: PoliteSession) -> None:
    withdrawn = {"announced": "2026-02-04", "comment": "withdrawn"}
    assert ask(session, version=2, withdrawn=withdrawn, first_seen="2026-02-03").outcome is Outcome.NONE


@pytest.mark.parametrize(
    ("faults", "verdict"),
    [
        ("html:403", Verdict.BLOCKED),
        ("html:500", Verdict.UNREACHABLE),
        ("html:rate-200", Verdict.THROTTLED),
        ("html:outage", Verdict.UNREACHABLE),
        ("html:empty-body", Verdict.CUT_SHORT),
        ("html:cut-short", Verdict.CUT_SHORT),
        ("html:400", Verdict.MALFORMED),
    ],
)
def test_what_may_be_better_the_next_time_is_an_error(session: PoliteSession, faults: str, verdict: Verdict) -> None:
    with pytest.raises(SourceError) as caught:
        ask(session, faults)
    assert caught.value.verdict is verdict
    assert caught.value.source == "html"
