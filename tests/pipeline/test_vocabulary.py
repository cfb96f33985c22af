"""The reader rules the vocabulary: by command and by the aliases of a keyword's page."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import frontmatter
import pytest

from digest import config
from digest.check import check
from digest.cli.session import instant
from digest.errors import VocabularyError
from digest.model import Verb
from digest.pipeline import commands, lookup, vocabulary
from digest.pipeline.commands import GOOD
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home, vault_bytes

NOW = instant("2026-02-06T09:00:00Z")
SETTINGS = demo.settings("http://127.0.0.1:9")


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> Path:
    """A workspace after a week."""
    folder = tmp_path_factory.mktemp("week")
    os.environ["XDG_STATE_HOME"] = str(folder / "user-state")
    home = make_home(folder / "home")
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        for day in range(2, 7):
            arxiv.as_of = moment = f"2026-02-0{day}T07:00:00Z"
            assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
            with assembly:
                commands.run(assembly, instant(moment))
    return home


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(lived, tmp_path / "home"))


def assembled(home: Path) -> QuickAssembly:
    return QuickAssembly(home, config.load(home, SETTINGS))


def amend(home: Path, verb: str, *terms: str) -> commands.Report:
    change = partial(vocabulary.rule, verb=Verb(verb), term=terms[0], other="".join(terms[1:]))
    with assembled(home) as assembly:
        return commands.amend(assembly, change, f"keywords {verb}", NOW)


def undo(home: Path, number: int | None = None) -> commands.Report:
    with assembled(home) as assembly:
        return commands.amend(assembly, partial(vocabulary.undo, number=number), "keywords undo", NOW)


def listen(home: Path) -> tuple[str, ...]:
    """What the next run hears; the run itself changes nothing more, because arXiv is out of reach."""
    with assembled(home) as assembly:
        heard = vocabulary.listen(assembly)
        commands._settle_and_publish(assembly, commands._Clock())
    return heard


def ask(home: Path, question, *arguments):
    with assembled(home) as assembly:
        return question(assembly, *arguments)


def is_whole(home: Path) -> bool:
    """No link is dead, and every page is what the catalogue makes of it now."""
    assert check(home / "vault").faults == 0
    with assembled(home) as assembly:
        return commands.render(assembly, NOW, everything=True).as_dict()["files_written"] == 0


def changed(before: dict[str, bytes], home: Path) -> set[str]:
    after = vault_bytes(home / "vault")
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}


def keywords(home: Path) -> dict[str, list[str]]:
    """Names of linked keywords' pages by arXiv identifier, as the notes' properties say."""
    found = {}
    for path in (home / "vault").rglob("*.md"):
        post = frontmatter.load(path)
        if "arxiv_id" in post:
            found[post["arxiv_id"]] = [re.sub(r"\[\[keywords/(.*)\|.*", r"\1", link) for link in post["keywords"]]
    return found


def page(home: Path, name: str) -> Path:
    return home / "vault" / "keywords" / f"{name}.md"


def write_in(path: Path, words: str) -> None:
    """As a reader does: below the heading of his own."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("## My notes\n", f"## My notes\n\n{words}\n"), encoding="utf-8")


def set_aliases(path: Path, change) -> None:
    post = frontmatter.load(path)
    old = path.read_text(encoding="utf-8")
    aliases = change(list(post["aliases"]))
    block = "aliases:\n" + "".join(f"  - {alias}\n" for alias in aliases) if aliases else "aliases: []\n"
    path.write_text(re.sub(r"aliases:(?: \[\])?\n(?:  - .*\n)*", block, old, count=1), encoding="utf-8")


# --- by command ------------------------------------------------------------------------------------------------------


def test_a_merge_is_one_page_and_all_links_lead_to_it(home):
    having = {paper for paper, names in keywords(home).items() if "Low-Rank Update" in names}
    before = vault_bytes(home / "vault")
    assert amend(home, "merge", "low-rank updates", "LoRA").exit_status == GOOD
    assert having
    assert not page(home, "Low-Rank Update").exists()
    assert "Low-Rank Updates" in frontmatter.load(page(home, "LoRA"))["aliases"]
    assert all("LoRA" in names for paper, names in keywords(home).items() if paper in having)
    assert is_whole(home)
    touched = {p for p in changed(before, home) if re.search(r"\(\d{4}\.\d{5}\)", p)}
    assert {re.search(r"\((\d{4}\.\d{5})\)", p)[1] for p in touched} == having


def test_a_merge_that_is_undone_leaves_pages_and_links_as_they_were(home):
    before, links = vault_bytes(home / "vault"), keywords(home)
    amend(home, "merge", "Low-Rank Update", "LoRA")
    assert undo(home).rulings == ("taken back: “Low-Rank Update” is another way of writing “LoRA”",)
    assert keywords(home) == links
    assert is_whole(home)
    assert all(re.search(r"\(\d{4}\.\d{5}\)", path) for path in changed(before, home)), "the figures in notes are newer"


def test_a_renamed_keyword_takes_the_reader_s_words_along(home):
    write_in(page(home, "Stellar Stream"), "Ask Ada about streams.")
    amend(home, "rename", "Stellar Stream", "Tidal Stream")
    assert not page(home, "Stellar Stream").exists()
    assert "Ask Ada about streams." in page(home, "Tidal Stream").read_text()
    assert any("Tidal Stream" in names for names in keywords(home).values())
    assert is_whole(home)


def test_a_rename_back_takes_the_ruling_back(home):
    amend(home, "rename", "Stellar Stream", "Tidal Stream")
    amend(home, "rename", "Tidal Stream", "Stellar Stream")
    assert page(home, "Stellar Stream").exists()
    assert ask(home, lookup.rulings) == {"rulings": []}
    assert is_whole(home)


def test_a_banned_term_is_nobody_s_keyword_and_says_so(home):
    links = keywords(home)
    amend(home, "ban", "Optimal Transport")
    assert not any("Optimal Transport" in names for names in keywords(home).values())
    assert not page(home, "Optimal Transport").exists()
    assert ask(home, lookup.term, "optimal transport")["banned"] == "by a ruling"
    assert is_whole(home)
    amend(home, "allow", "Optimal Transport")
    assert keywords(home) == links
    assert is_whole(home)


def test_what_is_banned_for_all_can_be_allowed(home):
    found = ask(home, lookup.term, "State of the Art")
    assert found["banned"] == "by the list that comes with digest, or by the settings"
    amend(home, "allow", "State of the Art")
    assert ask(home, lookup.term, "State of the Art")["banned"] == ""
    with pytest.raises(VocabularyError, match="not banned"):
        amend(home, "allow", "State of the Art")
    undo(home)
    assert ask(home, lookup.term, "State of the Art")["banned"]


def test_a_form_that_is_split_off_is_a_term_by_itself(home):
    forms = {form["form"]: form["papers"] for form in ask(home, lookup.term, "Large Language Model")["forms"]}
    assert forms["LLM"] > 1
    amend(home, "split", "LLM")
    assert "LLM" not in frontmatter.load(page(home, "Large Language Model"))["aliases"]
    found = ask(home, lookup.term, "LLM")
    assert {ruling["ruling"] for ruling in found["rulings"]} == {"“LLM” is a term by itself"}
    assert is_whole(home)
    undo(home)
    assert "LLM" in frontmatter.load(page(home, "Large Language Model"))["aliases"]
    assert is_whole(home)


@pytest.mark.parametrize(
    ("verb", "terms", "message"),
    [
        ("merge", ("LoRA", "low-rank adaptation"), "are “LoRA” already"),
        ("rename", ("LoRA", "Diffusion Model"), "is another keyword"),
        ("rename", ("LoRA", "a/b"), "cannot name a page"),
        ("rename", ("LoRA", "[[x]]"), "cannot name a page"),
        ("rename", ("LoRA", "LoRA"), "is its name already"),
        ("ban", ("State of the Art",), "is banned already"),
        ("split", ("x" * 90,), "cannot name a page"),
    ],
)
def test_a_ruling_that_cannot_be_followed_changes_nothing(home, verb, terms, message):
    before = vault_bytes(home / "vault")
    with pytest.raises(VocabularyError, match=message):
        amend(home, verb, *terms)
    assert changed(before, home) == set()
    assert ask(home, lookup.rulings) == {"rulings": []}


def test_a_ruling_is_remembered_by_later_nights(home):
    amend(home, "merge", "Hypergraph", "Graph Neural Network")
    papers = [*load_papers(demo.SAMPLE), *_hypergraphs()]
    with FakeArxiv(papers) as arxiv:
        arxiv.as_of = moment = "2026-02-09T07:00:00Z"
        assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
        with assembly:
            commands.run(assembly, instant(moment))
    found = keywords(home)
    assert "Graph Neural Network" in found["2602.91000"]
    assert not any("Hypergraph" in names for names in found.values())
    assert is_whole(home)


def _hypergraphs() -> list[dict[str, object]]:
    sample = next(iter(load_papers(demo.SAMPLE)))
    return [
        {
            "id": "2602.91000",
            "title": "Learning on Hypergraphs",
            "abstract": "Hypergraphs join many vertices at once. We study hypergraphs and their neural networks.",
            "authors": sample["authors"],
            "categories": ["cs.LG"],
            "first_seen": "2026-02-09",
        }
    ]


# --- by page ---------------------------------------------------------------------------------------------------------


def test_an_alias_that_is_added_merges_and_one_that_is_taken_away_again_does_not(home):
    links = keywords(home)
    set_aliases(page(home, "LoRA"), lambda aliases: [*aliases, "Low-Rank Updates"])
    assert listen(home) == ("keywords/LoRA.md: “Low-Rank Update” is another way of writing “LoRA”",)
    assert not page(home, "Low-Rank Update").exists()
    assert listen(home) == ()
    assert is_whole(home)
    set_aliases(page(home, "LoRA"), lambda aliases: [alias for alias in aliases if alias != "Low-Rank Updates"])
    assert listen(home) == ("keywords/LoRA.md: taken back: “Low-Rank Update” is another way of writing “LoRA”",)
    assert keywords(home) == links
    assert listen(home) == ()
    assert is_whole(home)


def test_an_alias_of_ours_that_is_taken_away_is_a_term_by_itself(home):
    set_aliases(page(home, "Large Language Model"), lambda aliases: [a for a in aliases if a != "LLM"])
    assert listen(home) == ("keywords/Large Language Model.md: “LLM” is a term by itself",)
    assert "LLM" not in frontmatter.load(page(home, "Large Language Model"))["aliases"]
    assert listen(home) == ()
    assert is_whole(home)


def test_other_words_on_a_page_rule_nothing(home):
    write_in(page(home, "LoRA"), "My own thoughts on aliases: none.")
    set_aliases(page(home, "Diffusion Model"), lambda aliases: [*aliases, "what I call it: “x” / y"])
    assert listen(home) == ()


def test_a_split_by_command_is_not_taken_back_by_the_page(home):
    """The reader's file keeps what he added, and not what was ours."""
    write_in(page(home, "Large Language Model"), "Mine.")
    listen(home)
    amend(home, "split", "LLM")
    assert "LLM" not in frontmatter.load(page(home, "Large Language Model"))["aliases"]
    assert listen(home) == ()
    assert is_whole(home)


# --- pages that lose their papers ------------------------------------------------------------------------------------


def test_a_page_with_the_reader_s_words_stays_and_says_so(home):
    write_in(page(home, "Optimal Transport"), "Ask Ada about transport.")
    listen(home)
    amend(home, "ban", "Optimal Transport")
    text = page(home, "Optimal Transport").read_text()
    assert "Ask Ada about transport." in text
    assert "No paper here has this keyword any more." in text
    assert frontmatter.load(page(home, "Optimal Transport"))["papers"] == 0
    assert is_whole(home)
    amend(home, "allow", "Optimal Transport")
    text = page(home, "Optimal Transport").read_text()
    assert "Ask Ada about transport." in text
    assert "No paper here" not in text
    assert not list((home / "vault" / "keywords").glob("Optimal Transport (*"))
    assert is_whole(home)


def test_a_plot_that_the_reader_changed_stays_when_its_page_goes(home):
    plot = home / "vault" / "assets" / "keywords" / "LoRA.svg"
    plot.write_text(plot.read_text().replace("</svg>", "<!-- mine --></svg>"))
    report = amend(home, "ban", "LoRA")
    assert not page(home, "LoRA").exists()
    assert "mine" in plot.read_text()
    assert [path for path, _ in report.published.remarks] == ["assets/keywords/LoRA.svg"]


def test_a_page_that_the_reader_links_to_stays_and_leads_on(home):
    (home / "vault" / "Mine.md").write_text("See [[Low-Rank Update]] and [[keywords/Optimal Transport|OT]].\n")
    amend(home, "merge", "Low-Rank Update", "LoRA")
    text = page(home, "Low-Rank Update").read_text()
    assert "This keyword is now [[keywords/LoRA|LoRA]]." in text
    amend(home, "ban", "Optimal Transport")
    assert "No paper here has this keyword any more." in page(home, "Optimal Transport").read_text()
    assert is_whole(home)
    undo(home)
    undo(home)
    assert "This keyword is now" not in page(home, "Low-Rank Update").read_text()
    assert is_whole(home)


# --- questions -------------------------------------------------------------------------------------------------------


def test_every_written_form_has_its_reason(home):
    amend(home, "merge", "Low-Rank Update", "LoRA")
    forms = {form["form"]: form["reasons"] for form in ask(home, lookup.term, "lora")["forms"]}
    assert all(reasons for form, reasons in forms.items() if form != "LoRA")
    assert forms["Low-Rank Updates"][-1] == "ruling 1: “Low-Rank Update” is another way of writing “LoRA”"
    told = "\n".join(lookup.prose(ask(home, lookup.term, "lora")))
    assert "Low-Rank Updates" in told
    assert "page keywords/LoRA.md" in told


def test_a_review_proposes_names_that_are_near_and_share_words(home):
    found = ask(home, lookup.review, 50)
    assert all(pair["cosine"] >= lookup.NEAR for pair in found["pairs"])
    assert {common["term"] for common in found["too common"]} >= {"Large Language Model"}
    assert list(lookup.prose(found))


def test_names_are_compared_that_share_most_words_and_do_not_contain_each_other():
    names = [
        *("Recommendation System", "Recommender System", "Diffusion Model", "Diffusion Modeling"),
        *("Vision Transformer", "Transformer", "Language Model", "Large Language Model", "World Model"),
    ]
    assert lookup._akin(names) == [
        ("Diffusion Model", "Diffusion Modeling"),
        ("Recommendation System", "Recommender System"),
    ]


# --- never half ------------------------------------------------------------------------------------------------------

MERGE = """
import sys
from functools import partial
from pathlib import Path
from digest import config
from digest.cli.session import instant
from digest.model import Verb
from digest.pipeline import commands, vocabulary
from digest.testing import demo, storms
from digest.testing.fakes import QuickAssembly
home, at, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
storms.reap(storms.Kill(at=at, number=number))
assembly = QuickAssembly(home, config.load(home, demo.settings("http://127.0.0.1:9")))
change = partial(vocabulary.rule, verb=Verb.MERGE, term="Low-Rank Update", other="LoRA")
commands.amend(assembly, change, "keywords merge", instant("2026-02-06T09:00:00Z"))
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_ruling_that_is_killed_is_followed_wholly_or_not_at_all(home, tmp_path, seed):
    old = vault_bytes(home / "vault")
    other = Path(shutil.copytree(home, tmp_path / "other"))
    amend(other, "merge", "Low-Rank Update", "LoRA")
    new = vault_bytes(other / "vault")
    dice = random.Random(seed)
    at, most = dice.choice((("sql", 400), ("commit", 6), ("file", 20), ("rename", 14)))
    done = subprocess.run(
        [sys.executable, "-c", MERGE, str(home), at, str(round(most ** dice.random()))],
        check=False,
        capture_output=True,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    ruled = bool(ask(home, lookup.rulings)["rulings"])
    with assembled(home) as assembly:
        commands.render(assembly, NOW, everything=False)
    assert vault_bytes(home / "vault") == (new if ruled else old)


def test_the_command_line_rules_and_tells(home):
    digest = partial(
        subprocess.run, capture_output=True, text=True, check=False, env={**os.environ, **SETTINGS}, timeout=60
    )
    call = [sys.executable, "-m", "digest", "--home", str(home), "--json", "keywords"]
    told = digest([*call, "merge", "Low-Rank Update", "LoRA"])
    assert (told.returncode, json.loads(told.stdout)["rulings"]) == (
        0,
        ["“Low-Rank Update” is another way of writing “LoRA”"],
    )
    shown = json.loads(digest([*call, "show", "LoRA"]).stdout)
    assert shown["papers"]["linking it"] >= 8
    again = digest([*call, "merge", "Low-Rank Update", "LoRA"])
    assert again.returncode == 2
    assert "already" in again.stderr


# --- what the catalogue's papers make of it --------------------------------------------------------------------------


def _papers(texts: dict[str, tuple[str, str]], day: str) -> list[dict[str, object]]:
    """arXiv's papers of a day, by number: title and abstract."""
    return [
        {
            "id": f"2602.9{number}",
            "title": title,
            "abstract": abstract,
            "authors": ["Ada Example"],
            "categories": ["cs.LG"],
            "first_seen": day,
        }
        for number, (title, abstract) in texts.items()
    ]


BARE = ("Scheduling with ZQF", "ZQF is a scheduling method. We study ZQF on clusters and show that ZQF is fast.")
DEFINED = (
    "Zonal queue fusion on clusters",
    "Zonal queue fusion (ZQF) is a scheduling method. We study zonal queue fusion on clusters.",
)


def _nights(home: Path, papers: list[dict[str, object]], days: list[str]) -> list[commands.Report]:
    reports = []
    with FakeArxiv(papers) as arxiv:
        for day in days:
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            assembly = QuickAssembly(home, config.load(home, demo.settings(arxiv.url)))
            with assembly:
                reports.append(commands.run(assembly, instant(moment)))
    return reports


def test_an_acronym_that_papers_agree_on_is_read_in_those_that_do_not_define_it(tmp_path):
    """Also in an older one, which is named so by what came later."""
    home = make_home(tmp_path / "home")
    first = _papers({"2000": BARE, **{f"200{n}": DEFINED for n in range(1, 5)}}, "2026-02-02")
    second = _papers({"2010": BARE, "2011": DEFINED}, "2026-02-03")
    _nights(home, [*first, *second], ["2026-02-02", "2026-02-03"])
    found = keywords(home)
    assert {paper for paper, names in found.items() if "Zonal Queue Fusion" in names} == found.keys()
    assert "ZQF" in frontmatter.load(page(home, "Zonal Queue Fusion"))["aliases"]
    reasons = {form["form"]: form["reasons"] for form in ask(home, lookup.term, "Zonal Queue Fusion")["forms"]}
    assert reasons["ZQF"] == ["acronym of the catalogue's: 5 papers define ZQF as Zonal Queue Fusion"]
    assert is_whole(home)


def test_a_keyword_that_a_later_paper_shares_comes_into_the_older_note_and_none_goes(tmp_path):
    home = make_home(tmp_path / "home")
    one = ("Banded lattice pruning and amber routing", "Banded lattice pruning meets amber routing in a mesh.")
    other = (
        "Banded lattice pruning",
        "Banded lattice pruning makes lattices small. We measure banded lattice pruning.",
    )
    papers = [*_papers({"3000": one}, "2026-02-02"), *_papers({"3001": other}, "2026-02-03")]
    _nights(home, papers, ["2026-02-02"])
    (before,) = ask(home, lambda parts: parts.catalogue.decisions(["2602.93000"])).values()
    _nights(home, papers, ["2026-02-03"])
    (after,) = ask(home, lambda parts: parts.catalogue.decisions(["2602.93000"])).values()
    linked = {k.canonical for k in before if k.linked}
    assert next(k for k in before if k.canonical == "Banded Lattice Pruning").reason == "orphan quota"
    assert {k.canonical for k in after if k.linked} == linked | {"Banded Lattice Pruning"}
    assert all(names == ["Banded Lattice Pruning"] for names in keywords(home).values())
    assert is_whole(home)


def test_a_night_leaves_the_notes_alone_whose_terms_it_does_not_share(home):
    before = vault_bytes(home / "vault")
    strange = ("Ostrich husbandry", "Ostrich husbandry in arid savannas needs shade.")
    papers = [*load_papers(demo.SAMPLE), *_papers({"4000": strange}, "2026-02-09")]
    (report,) = _nights(home, papers, ["2026-02-09"])
    assert report.settled.redrawn == 0
    notes = {path for path in changed(before, home) if re.search(r"\(\d{4}\.\d{5}\)", path)}
    metadata = [p for p in notes if p in before and _decided(before[p]) != _decided((home / "vault" / p).read_bytes())]
    assert metadata == []


def _decided(note: bytes) -> bytes:
    return note[note.index(b"KEYWORD_LINKING_METADATA") :]
