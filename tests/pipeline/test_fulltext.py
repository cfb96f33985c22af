"""Whole texts and what follows from them, from the fake arXiv's HTML to the notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import frontmatter
import pytest

from digest import config, identifiers
from digest.check import check
from digest.cli.session import instant, prose
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, SOME_FAILED
from digest.site import build
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, parse_faults
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes

MONDAY, TUESDAY, WEDNESDAY = "2026-02-02", "2026-02-03", "2026-02-04"
ALL = {"DIGEST_FULLTEXT__MODE": "all"}
LINK = re.compile(r"\[\[([^\]|]+)")

Run = Callable[..., commands.Report]


@pytest.fixture
def fetch(arxiv: FakeArxiv, home: Path):
    def once(*ids: str, day: str = WEDNESDAY, **environment: str) -> commands.Report:
        arxiv.as_of = moment = f"{day}T12:00:00Z"
        with QuickAssembly(home, config.load(home, demo.settings(arxiv.url) | environment)) as assembly:
            wanted = [identifiers.parse(text) for text in ids]
            return commands.fetch(assembly, wanted, (), instant(moment), full_text=True)

    return once


def texts(home: Path) -> dict[str, str]:
    """The notes of whole texts, by the paper's note."""
    return {path.stem.removesuffix(" text"): path.read_text() for path in (home / "vault").rglob("* text.md")}


def notes(home: Path) -> dict[str, str]:
    return {p.stem: p.read_text() for p in (home / "vault").glob("2026-*/*.md") if not p.stem.endswith(" text")}


def links_under(text: str, heading: str) -> set[str]:
    """Names of the notes that are linked between a bold line and the next."""
    part = text.partition(f"**{heading}**")[2].split("\n**")[0].split("\n## ")[0]
    return {target.rpartition("/")[2] for target in LINK.findall(part)}


def test_by_default_nobody_asks_for_texts(run: Run, arxiv: FakeArxiv, home: Path):
    run(MONDAY)
    assert not [request for request in arxiv.requests if "/html/" in str(request)]
    assert texts(home) == {}


def test_a_text_stands_beside_its_paper_and_each_leads_to_the_other(run: Run, home: Path):
    run(MONDAY, **ALL)
    papers, found = notes(home), texts(home)
    assert found.keys() == papers.keys()
    for name, text in found.items():
        assert any(target.endswith(f"/{name}") for target in LINK.findall(text.partition("%% digest:end")[0]))
        assert f"/{name} text|" in papers[name]
        assert "## 1 Introduction" in text
        assert "arxiv_id" not in frontmatter.loads(text).metadata
    assert check(home / "vault").findings == ()


def test_who_cites_whom_stands_on_both_notes(run: Run, home: Path):
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        run(day, **ALL)
    papers = notes(home)
    cites = {(name, other) for name, text in papers.items() for other in links_under(text, "Cites")}
    cited = {(other, name) for name, text in papers.items() for other in links_under(text, "Cited by")}
    assert len(cites) > len(papers)
    assert cites == cited
    coupled = {
        (name, other)
        for name, text in papers.items()
        for other in links_under(text, "Cites much the same, or is cited together with it")
    }
    assert coupled
    assert coupled == {(other, name) for name, other in coupled}
    for name, text in texts(home).items():
        linked = {target.rpartition("/")[2] for target in LINK.findall(text.partition("## References")[2])}
        assert linked == {other for citing, other in cites if citing == name}


def test_the_network_is_the_same_in_whatever_order_texts_come(run: Run, arxiv: FakeArxiv, home: Path, tmp_path: Path):
    for day in (MONDAY, TUESDAY):
        run(day, **ALL)
    other = make_home(tmp_path / "other")
    for day in (MONDAY, TUESDAY, TUESDAY, TUESDAY):
        run(day, other, **ALL, DIGEST_FULLTEXT__NIGHTLY="40")
        run(day, other, **ALL, DIGEST_FULLTEXT__NIGHTLY="40")

    def network(folder: Path) -> set[tuple[str, str]]:
        return {(name, one) for name, text in notes(folder).items() for one in links_under(text, "Cites")}

    assert network(home) == network(other)


def test_a_second_equal_run_asks_and_writes_nothing(run: Run, arxiv: FakeArxiv, home: Path):
    run(MONDAY, **ALL)
    before, asked = vault_bytes(home / "vault"), len(arxiv.requests)
    report = run(MONDAY, **ALL)
    assert vault_bytes(home / "vault") == before
    assert not [request for request in arxiv.requests[asked:] if "/html/" in str(request)]
    assert report.texts.outcomes == {}


def test_a_night_reads_so_many_and_the_next_goes_on(run: Run, home: Path):
    run(MONDAY, **ALL, DIGEST_FULLTEXT__NIGHTLY="3")
    assert len(texts(home)) == 3
    run(MONDAY, **ALL, DIGEST_FULLTEXT__NIGHTLY="3")
    assert len(texts(home)) == 3, "the night has had its share"
    run(TUESDAY, **ALL, DIGEST_FULLTEXT__NIGHTLY="3")
    assert len(texts(home)) == 6


def test_relevant_are_the_papers_that_a_day_says_to_read_first(run: Run, home: Path):
    run(MONDAY, DIGEST_FULLTEXT__MODE="relevant")
    day = next((home / "vault" / "digests").glob("daily*")).read_text()
    first = day.partition("Read first")[2].split("\n## ")[0]
    assert texts(home).keys() == {target.rpartition("/")[2] for target in re.findall(r"- \[.\] \[\[([^\]|]+)", first)}


def test_queued_are_the_papers_in_the_readers_queue(run: Run, home: Path):
    run(MONDAY, DIGEST_FULLTEXT__MODE="queued")
    assert texts(home) == {}
    note = next((home / "vault").glob("2026-*/Quillpost*.md"))
    note.write_text(note.read_text().replace("queue: false", "queue: true"))
    run(TUESDAY, DIGEST_FULLTEXT__MODE="queued")
    assert list(texts(home)) == [note.stem]


def test_one_paper_by_hand(fetch, home: Path):
    report = fetch("2602.90001")
    assert report.exit_status == GOOD
    assert report.texts.outcomes == {"whole": 1}
    assert len(texts(home)) == 1
    assert "whole texts: 1 whole" in list(prose(report))


@pytest.mark.parametrize(
    ("fault", "outcome", "says"),
    [
        ("html:none", "none", "arXiv has no HTML of this version"),
        ("html:stub", "none", "arXiv has no HTML of this version"),
        ("html:huge", "too large", "arXiv's HTML of this version cannot be read"),
    ],
)
def test_a_paper_without_a_text_says_so(fetch, arxiv: FakeArxiv, home: Path, fault: str, outcome: str, says: str):
    arxiv.faults = parse_faults(fault)
    report = fetch("2602.90001")
    assert (report.exit_status, report.texts.outcomes) == (GOOD, {outcome: 1})
    assert texts(home) == {}
    assert says in next(iter(notes(home).values()))


def test_a_text_that_arxiv_cut_short_says_so(fetch, arxiv: FakeArxiv, home: Path):
    arxiv.faults = parse_faults("html:fatal")
    assert fetch("2602.90001").texts.outcomes == {"cut short": 1}
    assert "The text is cut short" in next(iter(texts(home).values()))


def test_a_fault_of_arxivs_costs_the_night_its_texts_and_nothing_else(run: Run, arxiv: FakeArxiv, home: Path):
    arxiv.faults = parse_faults("html:403")
    report = run(MONDAY, **ALL)
    assert report.exit_status == GOOD
    assert report.sources[-1].source == "html"
    assert texts(home) == {}
    assert len(notes(home)) == 12
    arxiv.faults = ()
    run(TUESDAY, **ALL)
    assert texts(home).keys() == notes(home).keys()


def test_who_asks_for_one_paper_is_told_of_the_fault(fetch, arxiv: FakeArxiv):
    arxiv.faults = parse_faults("html:403")
    report = fetch("2602.90001")
    assert report.exit_status == SOME_FAILED
    assert [what for what, _ in report.failures] == ["2602.90001"]


def test_a_text_that_the_reader_deletes_stays_away(run: Run, home: Path):
    run(MONDAY, **ALL)
    gone = next((home / "vault").rglob("* text.md"))
    gone.unlink()
    run(TUESDAY, **ALL)
    run(WEDNESDAY, **ALL)
    assert not gone.exists()
    note = gone.with_name(gone.name.replace(" text.md", ".md")).read_text()
    assert " text|" not in note
    assert check(home / "vault").findings == ()


def test_the_web_copy_leaves_out_what_may_not_be_republished(run: Run, home: Path, tmp_path: Path):
    run(MONDAY, **ALL)
    kept = {name for name, text in texts(home).items() if frontmatter.loads(text).get("publish") is False}
    assert kept
    assert kept != texts(home).keys()
    build(home / "vault", tmp_path / "site")
    pages = {path.stem.removesuffix(" text") for path in (tmp_path / "site").rglob("* text.html")}
    assert pages == texts(home).keys() - kept


def test_a_summary_tells_where_its_sentences_stand(run: Run, home: Path):
    run(MONDAY, **ALL)
    assert [text for text in notes(home).values() if re.search(r"\*\(\d [A-Z]\w+", text)]


def test_a_text_that_the_reader_moves_along_with_its_note_is_followed(run: Run, home: Path):
    run(MONDAY, **ALL)
    vault = home / "vault"
    (vault / "2026-02-02").rename(vault / "Read")
    run(TUESDAY, **ALL)
    assert not (vault / "2026-02-02").exists()
    for path in (vault / "Read").glob("* text.md"):
        note = path.with_name(path.name.replace(" text.md", ".md"))
        assert f"[[Read/{path.stem}|" in note.read_text()
        assert f"[[Read/{note.stem}|" in path.read_text()
    assert check(vault).findings == ()


def test_a_keywords_page_ranks_its_papers_by_who_cites_them(run: Run, home: Path):
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        run(day, **ALL)
    cited = {name: len(links_under(text, "Cited by")) for name, text in notes(home).items()}
    ranked = 0
    for page in (home / "vault" / "keywords").glob("*.md"):
        part = page.read_text().partition("## Most cited here")[2].split("\n## ")[0]
        told = re.findall(r"\[\[[^\]|]*/([^\]|/]+)\|[^\n]* cited by (\d+) papers here", part)
        assert told == sorted(told, key=lambda row: -int(row[1]))
        assert all(cited[name] == int(number) >= 2 for name, number in told)
        ranked += len(told)
    assert ranked > 0
