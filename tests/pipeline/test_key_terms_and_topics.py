"""Key terms and topics through whole nights: in notes, kept as they were, and following the reader."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from digest import config
from digest.catalogue.store import Catalogue, PageKey
from digest.cli.session import instant
from digest.document import Document, Outcome, Paragraph, Span
from digest.errors import ConfigError
from digest.model import PaperId, Verb
from digest.pipeline import commands, terms, vocabulary
from digest.testing import demo
from digest.testing.fakes import QuickAssembly, vault_bytes

QUIET = demo.settings("http://127.0.0.1:9")


def weighed(home: Path) -> dict[str, str]:
    with Catalogue(home / "state" / "catalogue.sqlite3") as catalogue:
        return dict(catalogue.connection.execute("SELECT paper_id, value FROM key_terms").fetchall())


def section(home: Path, heading: str) -> dict[str, str]:
    """Of each note that has it, the text below a heading."""
    found = {}
    for path in sorted((home / "vault").glob("20*/*.md")):
        if match := re.search(rf"^## {heading}\n\n(.*?)\n\n(?=##|%%)", path.read_text(encoding="utf-8"), re.M | re.S):
            found[path.stem] = match[1]
    return found


def assembled(home: Path, **environment: str) -> QuickAssembly:
    return QuickAssembly(home, config.load(home, QUIET | environment))


def test_notes_tell_key_terms_and_topics(home, run):
    run("2026-02-03")
    notes = list((home / "vault").glob("20*/*.md"))
    terms_of, topics_of = section(home, "🔑 Key Terms"), section(home, "🧭 Topics")
    assert len(terms_of) == len(notes) > 0
    assert topics_of
    for text in terms_of.values():
        weights = [float(found) for found in re.findall(r"\((\d\.\d\d)\)", text)]
        assert 0 < len(weights) <= 20
        assert weights == sorted(weights, reverse=True)
    for text in topics_of.values():
        assert all(re.fullmatch(r"- (?:.+ › )*\*\*.+\*\* \(\d+\.\d%\)", line) for line in text.split("\n"))
        assert all(float(sure) >= 30 for sure in re.findall(r"\((\d+\.\d)%\)", text))
    before = vault_bytes(home / "vault")
    run("2026-02-03")
    assert vault_bytes(home / "vault") == before


def test_later_papers_leave_the_weights_of_older_ones(home, run):
    run("2026-02-03")
    before = weighed(home)
    for day in ("2026-02-04", "2026-02-05"):
        run(day)
    after = weighed(home)
    assert len(after) > len(before) > 0
    assert {paper: after[paper] for paper in before} == before


def test_a_key_term_links_only_its_paper_s_own_keyword_pages(home, run):
    for day in ("2026-02-03", "2026-02-04", "2026-02-05"):
        run(day)
    linked = [re.findall(r"\[\[(keywords/[^|\]]+)", text) for text in section(home, "🔑 Key Terms").values()]
    assert any(linked)
    assert all((home / "vault" / f"{path}.md").is_file() for paths in linked for path in paths)


def test_a_ruling_renames_a_key_term(home, run):
    run("2026-02-03")
    with assembled(home) as assembly:
        rows = assembly.catalogue.terms.weighed(weighed(home))
        paper, name = next((p, found[0].name) for p, found in sorted(rows.items()))
        change = partial(vocabulary.rule, verb=Verb.RENAME, term=name, other="Quite Another Name")
        commands.amend(assembly, change, "keywords rename", instant("2026-02-03T09:00:00Z"))
        names = [term.name for term in assembly.catalogue.terms.weighed([paper])[paper]]
    assert name not in names
    assert "Quite Another Name" in names
    assert any("Quite Another Name" in text for text in section(home, "🔑 Key Terms").values())


def test_a_full_text_weighs_its_paper_anew(home, run):
    run("2026-02-03")
    with assembled(home) as assembly:
        catalogue = assembly.catalogue
        paper, found = next(
            (p, found) for p, found in sorted(catalogue.terms.weighed(weighed(home)).items()) if len(found) > 2
        )
        lightest = found[-1]
        repeated = Document(blocks=(Paragraph(line=(Span(f"We study {lightest.name.lower()}."),)),) * 200)
        with catalogue.transaction():
            catalogue.texts.keep(
                paper, 1, Outcome.WHOLE, day=date(2026, 2, 3), sha256="0", modified="", document=repeated
            )
            terms.weigh_anew(assembly, [paper, PaperId("9999.00001")])
        again = {term.name: term for term in catalogue.terms.weighed([paper])[paper]}
        assert again[lightest.name].in_text == 200
        assert again[lightest.name].weight > lightest.weight
        assert catalogue.pending() == [PageKey("paper", paper)]


def test_topics_of_a_reader_s_own_taxonomy(home, run):
    (home / "mine.tsv").write_text("L\tLanguage\nR\tRetrieval of Passages\tL\nX\tVolcanoes\n", encoding="utf-8")
    run("2026-02-03", DIGEST_TOPICS__TAXONOMY="mine.tsv", DIGEST_TOPICS__THRESHOLD="0")
    found = "\n".join(section(home, "🧭 Topics").values())
    assert "- Language › **Retrieval of Passages** (" in found
    assert (home / "state" / "topics.npz").is_file()


def test_no_topics_are_wanted(home, run):
    run("2026-02-03", DIGEST_TOPICS__TAXONOMY="off")
    assert section(home, "🧭 Topics") == {}


def test_a_taxonomy_that_is_not_there(home, run):
    with pytest.raises(ConfigError, match=r"\[topics\] taxonomy: .*none\.tsv: no such file"):
        run("2026-02-03", DIGEST_TOPICS__TAXONOMY="none.tsv")
