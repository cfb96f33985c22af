"""Related papers, night by night: the lists of a search from nothing, links on both notes, and no note without news."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from math import fsum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import config
from digest.catalogue.rows import text_of
from digest.model import Neighbour, Paper, PaperId
from digest.pipeline import relate, search
from digest.pipeline.parts import Parts
from digest.ports import Filter
from digest.related import lexical, spread
from digest.related.score import combined
from digest.testing.builders import make_paper
from digest.testing.fakes import HashingEmbedder, QuickAssembly, make_home, vault_bytes
from digest.testing.histories import TERMS
from digest.testing.postgres import NoServer, postgres_server

FIRST = date(2026, 2, 2)
WEEK = [(FIRST + timedelta(days=n)).isoformat() for n in range(5)]
LIMIT, ROOM = 3, 5
RULES = {"DIGEST_RELATED__LIMIT": str(LIMIT), "DIGEST_RELATED__SHOWN": str(ROOM), "DIGEST_RELATED__FLOOR": "0.8"}


@contextmanager
def small() -> Iterator[None]:
    """Random pairs are measured in catalogues of a few papers, and few are searched at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "LEVELS", (8, 16, 32))
        patch.setattr(relate, "QUERIES", 7)
        yield


def opened(home: Path, **environment: str) -> QuickAssembly:
    return QuickAssembly(home, config.load(home, RULES | environment))


# --- by brute force --------------------------------------------------------------------------------------------------


def cosine(one: list[float], other: list[float]) -> float:
    return round(fsum(a * b for a, b in zip(one, other, strict=True)), 6)


def lists_from_nothing(papers: Mapping[PaperId, Paper], embedder: HashingEmbedder, floor: float) -> dict[str, Any]:
    """Every pair by the definition, one after the other."""
    texts = {paper: text_of(found) for paper, found in papers.items()}
    vectors = {paper: [float(x) for x in embedder.embed([text])[0]] for paper, text in texts.items()}
    words = {paper: lexical.pack([text])[0] for paper, text in texts.items()}
    found = {}
    for one in papers:
        near = []
        for other in papers:
            meaning = cosine(vectors[one], vectors[other])
            if other != one and meaning >= floor:
                shared = lexical.likeness(words[one], words[other][None, :])
                score = float(combined(relate.np.array([meaning]), shared)[0])
                near.append(Neighbour(id=other, score=score, cosine=meaning, words=float(shared[0])))
        found[one] = tuple(sorted(near, key=lambda n: (-n.score, n.id))[:LIMIT])
    return found


def links_from_nothing(lists: Mapping[PaperId, tuple[Neighbour, ...]]) -> dict[PaperId, set[PaperId]]:
    def room(paper: PaperId) -> list[PaperId]:
        mine = {n.id: n.score for n in lists[paper]}
        theirs = {other: n.score for other, near in lists.items() for n in near if n.id == paper}
        ranked = sorted(
            {**theirs, **mine}.items(),
            key=lambda item: (not (item[0] in mine and item[0] in theirs), item[0] not in mine, -item[1], item[0]),
        )
        return [other for other, _ in ranked[:ROOM]]

    has_room = {paper: room(paper) for paper in lists}
    return {paper: {other for other in others if paper in has_room[other]} for paper, others in has_room.items()}


def check_all(parts: Parts, papers: Mapping[PaperId, Paper]) -> None:
    """What the catalogue has is what a search of everything finds."""
    relations = parts.catalogue.relations
    floor = relate.shares(parts).floor(parts.related_rules.floor)
    lists = lists_from_nothing(papers, HashingEmbedder(), floor)
    assert {paper: relations.neighbours().get(paper, ()) for paper in papers} == lists
    linked = relations.linked(papers)
    assert {paper: linked.get(paper, set()) for paper in papers} == links_from_nothing(lists)


def invented(seed: int, number: int) -> list[Paper]:
    """Papers of a few dozen words, some of them with the same text."""
    dice = random.Random(seed)
    texts = [(" ".join(dice.sample(TERMS, 2)), ". ".join(dice.sample(TERMS, 4))) for _ in range(number)]
    texts = [dice.choice(texts) if dice.random() < 0.1 else text for text in texts]
    return [
        make_paper(id=PaperId(f"2602.{n + 1:05}"), title=title, abstract=abstract, version=1, categories=("cs.CL",))
        for n, (title, abstract) in enumerate(texts)
    ]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), nights=st.lists(st.integers(1, 12), min_size=2, max_size=4), data=st.data())
def test_night_by_night_equals_a_search_from_nothing(tmp_path_factory, seed, nights, data):
    """However papers arrive, are revised and are deleted, and whatever levels are passed: lists and links are the same."""
    papers = invented(seed, sum(nights))
    arrived: dict[PaperId, Paper] = {}
    parts = opened(make_home(tmp_path_factory.mktemp("related") / "home"))
    with small(), parts:
        catalogue = parts.catalogue
        for number, size in enumerate(nights):
            day, begin = FIRST + timedelta(days=number), len(arrived)
            new = papers[begin : begin + size]
            for paper in new:
                catalogue.add_paper(paper, announced=day, estimated=False, noted=True)
            revised = data.draw(st.lists(st.sampled_from(sorted(arrived)), max_size=2, unique=True)) if arrived else []
            for paper_id in revised:
                changed = replace(
                    arrived[paper_id], version=arrived[paper_id].version + 1, abstract=papers[-1].abstract
                )
                catalogue.update_paper(changed)
                catalogue.tell_version(paper_id, changed.version, day)
                arrived[paper_id] = changed
            arrived |= {paper.id: paper for paper in new}
            catalogue.agenda.plan([*(paper.id for paper in new), *revised])
            queued = catalogue.agenda.papers(day)
            relate.embed(parts, queued)
            relate.relink(parts, day, queued)
            catalogue.agenda.settle(day)
            check_all(parts, arrived)


def test_a_deleted_note_leaves_the_lists(home):
    """At the next night with papers, those that had it among their nearest are searched anew."""
    papers = invented(5, 24)
    parts = opened(home)
    with small(), parts:
        catalogue = parts.catalogue
        for number, part in enumerate((papers[:20], papers[20:])):
            day = FIRST + timedelta(days=number)
            for paper in part:
                catalogue.add_paper(paper, announced=day, estimated=False, noted=True)
            catalogue.agenda.plan([paper.id for paper in part])
            queued = catalogue.agenda.papers(day)
            relate.embed(parts, queued)
            relate.relink(parts, day, queued)
            catalogue.agenda.settle(day)
            if number == 0:
                hub = max(catalogue.relations.naming([p.id for p in papers]).items(), key=lambda item: len(item[1]))[0]
                catalogue.dismiss(hub)
        check_all(parts, {paper.id: paper for paper in papers if paper.id != hub})


# --- whole nights ----------------------------------------------------------------------------------------------------


def similar(vault: Path) -> dict[str, str]:
    """Path of a note → its section of similar papers."""
    return {
        path.name: path.read_text(encoding="utf-8").partition("Similar Papers\n")[2].partition("\n## ")[0]
        for path in vault.rglob("*.md")
        if "Similar Papers" in path.read_text(encoding="utf-8")
    }


def test_another_model_makes_everything_anew(run, home, monkeypatch):
    """A vault that changes its model ends with the links of one that had it from the beginning."""
    other = home.with_name("other")
    shutil.copytree(home, other)
    for day in WEEK[:-1]:
        run(day)
    before = similar(home / "vault")
    monkeypatch.setattr(HashingEmbedder, "dimensions", 64)
    monkeypatch.setattr(HashingEmbedder, "name", "hashing/64")
    run(WEEK[-1])
    for day in WEEK:
        run(day, folder=other)
    after = similar(home / "vault")
    assert any(before[name] != after[name] for name in before)
    assert after == similar(other / "vault")


def test_an_index_that_was_lost_is_made_again(run, home):
    """The index is a cache: without it a night ends with the same vault."""
    other = home.with_name("other")
    shutil.copytree(home, other)
    for day in WEEK:
        for file in (other / "state").glob("*.vectors"):
            file.unlink()
        run(day)
        run(day, folder=other)
    assert vault_bytes(home / "vault") == vault_bytes(other / "vault")


def test_only_notes_with_other_links_are_written(run, home):
    """Of older notes, a night writes those whose similar papers, keywords or pages around them have changed."""
    for day in WEEK[:-1]:
        run(day)
    before, files = similar(home / "vault"), vault_bytes(home / "vault")
    report = run(WEEK[-1])
    after, written = similar(home / "vault"), vault_bytes(home / "vault")
    changed = {name for name in before if before[name] != after[name]}
    rewritten = {Path(path).name for path in files if files[path] != written[path]} & before.keys()
    assert changed
    assert changed <= rewritten
    assert report.settled.relinked >= len(changed)


def test_a_note_says_what_its_neighbours_share(run, home):
    for day in WEEK:
        run(day)
    lines = [
        line for section in similar(home / "vault").values() for line in section.splitlines() if "similar)" in line
    ]
    assert lines
    assert any(" · " in line for line in lines), "shared keywords or authors"
    assert all("[[" not in line.partition("similar)")[2] for line in lines)


def test_a_server_for_the_vectors_makes_the_same_vault(run, home):
    """Postgres with pgvector in place of the file, from the settings on: links and searches are the same."""
    other = home.with_name("other")
    shutil.copytree(home, other)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres_server())
        except NoServer as reason:
            pytest.skip(str(reason))
        server = {"DIGEST_RELATED__INDEX": "postgres", "DIGEST_RELATED__INDEX_URL": url}
        for day in WEEK[:3]:
            run(day)
            run(day, folder=other, **server)
        assert vault_bytes(home / "vault") == vault_bytes(other / "vault")
        assert not list((other / "state").glob("*.vectors"))
        among = Filter(categories=("cs.CL",), since=date.fromisoformat(WEEK[1]))
        answers = []
        for folder, environment in ((home, {}), (other, server)):
            parts = QuickAssembly(folder, config.load(folder, environment))
            with parts:
                answers.append(search.search(parts, "retrieval of passages", 10, among))
        assert answers[0] == answers[1]
        assert answers[0]["papers"]
