"""Odd papers, odd days and odd clocks, each through whole nights: what arXiv does, and what the reader finds.

``test_faults`` has what goes wrong on the way; here all of arXiv works, and what it tells is unusual.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import frontmatter
import pytest

from digest.check import check
from digest.cli.session import instant
from digest.pipeline import commands
from digest.pipeline.commands import GOOD, SOME_FAILED
from digest.testing import demo, mailings
from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import make_home, vault_bytes
from digest.testing.mailings import Row

FOLLOWED = tuple(json.loads(demo.CATEGORIES))
MONDAY, TUESDAY, WEDNESDAY = "2026-02-02", "2026-02-03", "2026-02-04"
THURSDAY, FRIDAY = "2026-02-05", "2026-02-06"
WEEK = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
EASTERN = ZoneInfo("America/New_York")
ODD = "2602.90001"
ALL_OK = {"feed": "ok", "oai": "ok"}

Record = dict[str, Any]


@pytest.fixture
def arxiv() -> Iterable[FakeArxiv]:
    with FakeArxiv() as server:
        yield server


def day_s(day: str, number: int = 0, **more: Any) -> Record:
    """A paper of one day; it is there so that the day has a mailing."""
    identifier = f"{day[2:4]}{day[5:7]}.8{day[8:]}{number:02}"
    return make_record(id=identifier, title=f"On {day}, {number}", abstract="We count.", first_seen=day, **more)


CROWD = [day_s(day, categories=["cs.CL"]) for day in WEEK]


# --- what a night left -----------------------------------------------------------------------------------------------


def rows(home: Path, paper: str | None = None) -> list[Row]:
    """The catalogue's announcements, of one paper or of all."""
    return sorted(row for row in mailings.recorded(home)[0] if paper in (None, row[2]))


def announced(papers: Iterable[Record], last: str, first: str = "") -> list[Row]:
    """What arXiv has told of *papers* from the day *first* to the day *last*."""
    return sorted(row for row in mailings.announced(list(papers), FOLLOWED) if first <= row[0] <= last)


def notes(home: Path) -> list[tuple[str, frontmatter.Post]]:
    """Every paper's note, by its path in the vault."""
    vault = home / "vault"
    posts = [(path.relative_to(vault).as_posix(), frontmatter.load(path)) for path in sorted(vault.rglob("*.md"))]
    return [(path, post) for path, post in posts if "arxiv_id" in post]


def note(home: Path, paper: str) -> tuple[str, frontmatter.Post]:
    """The one note of a paper."""
    (only,) = [(path, post) for path, post in notes(home) if post["arxiv_id"] == paper]
    return only


def verdicts(report: commands.Report) -> dict[str, str]:
    return {source["source"]: source["verdict"] for source in report.as_dict()["sources"]}


def assert_each_has_one_note(home: Path) -> None:
    """Every paper that was new or cross-listed has one note, and no other paper has any."""
    told = Counter({paper: 1 for _, _, paper, kind in rows(home) if kind in ("new", "cross")})
    assert Counter(post["arxiv_id"] for _, post in notes(home)) == told


def assert_counts_add_up(report: commands.Report, home: Path) -> None:
    """What the report counts in each category of each of its days is what the catalogue has."""
    words = {"new": "new", "cross": "cross", "replace": "replaced", "replace-cross": "replaced"}
    found = rows(home)
    for day, categories in report.as_dict()["days"].items():
        for category, counted in categories.items():
            kinds = Counter(words[kind] for one, where, _, kind in found if (one, where) == (day, category))
            assert {word: counted[word] for word in ("new", "cross", "replaced")} == {
                word: kinds[word] for word in ("new", "cross", "replaced")
            }, (day, category)
            assert counted["announced"] == counted["stored"] == kinds.total(), (day, category)


def assert_again_writes_nothing(run, home: Path, moment: str) -> None:
    before, found = vault_bytes(home / "vault"), rows(home)
    report = run(moment)
    assert (report.exit_status, report.as_dict()["files_written"]) == (GOOD, 0)
    assert (vault_bytes(home / "vault"), rows(home)) == (before, found)


# --- odd papers ------------------------------------------------------------------------------------------------------


def odd(
    name: str,
    record: Record,
    told: Sequence[tuple[str, str, str]],
    properties: Mapping[str, Any],
    has: Sequence[str] = (),
    lacks: Sequence[str] = (),
) -> Any:
    """What arXiv does; the paper's announcements (day, category, kind); properties of its note; what the note's text
    has, and what it has not.
    """
    return pytest.param(record, told, properties, has, lacks, id=name)


def versions(*days: str, **last: Any) -> list[Record]:
    """Versions from the second on, by the days on which they are announced; *last* is said of the last."""
    found = [{"version": number, "announced": day} for number, day in enumerate(days, 2)]
    return [*found[:-1], {**found[-1], **last}]


NEW_ON_TUESDAY = [(TUESDAY, "cs.CL", "new")]
REPLACED_ON_THURSDAY = [*NEW_ON_TUESDAY, (THURSDAY, "cs.CL", "replace")]

PAPERS = [
    odd(
        "`new` with v2, which came before the freeze",
        make_record(
            first_seen=TUESDAY,
            published="2026-01-30T20:00:00Z",
            title="A First Draft",
            versions=versions(TUESDAY, date="2026-02-02T18:30:00Z", title="Mended before the Freeze"),
        ),
        NEW_ON_TUESDAY,
        {"arxiv_version": 2, "title": "Mended before the Freeze", "submitted": "2026-01-30", "updated": "2026-02-02"},
        has=["(v2)"],
        lacks=["**Changed**", "A First Draft"],
    ),
    odd(
        "a paper of 2012 is cross-listed now",
        make_record(
            id="1203.4567",
            published="2012-03-20T10:00:00Z",
            first_seen="2012-03-21",
            categories=["math.NT"],
            crosses=[{"category": "cs.CL", "announced": TUESDAY}],
        ),
        [(TUESDAY, "cs.CL", "cross")],
        {"announced": TUESDAY, "submitted": "2012-03-20", "category": "[[categories/math.NT|math.NT]]"},
        has=["**Category**: math.NT, cs.CL", "**Submitted**: 2012-03-20", "**Published**: 2026-02-03"],
    ),
    odd(
        "the same, with an identifier of 1999",
        make_record(
            id="hep-th/9901001",
            published="1999-01-01T10:00:00Z",
            first_seen="1999-01-04",
            categories=["hep-th"],
            crosses=[{"category": "math.CO", "announced": TUESDAY}],
        ),
        [(TUESDAY, "math.CO", "cross")],
        {"submitted": "1999-01-01", "url": "https://arxiv.org/abs/hep-th/9901001"},
        has=["[hep-th/9901001](https://arxiv.org/abs/hep-th/9901001) (v1)"],
    ),
    odd(
        "an identifier of 2006 with its subject class, which is no part of its name",
        make_record(
            id="math.CA/0611800",
            published="2006-11-26T10:00:00Z",
            first_seen="2006-11-28",
            categories=["math.CA"],
            crosses=[{"category": "math.CO", "announced": TUESDAY}],
        ),
        [(TUESDAY, "math.CO", "cross")],
        {"arxiv_id": "math/0611800", "submitted": "2006-11-26", "pdf": "https://arxiv.org/pdf/math/0611800"},
        has=["[math/0611800](https://arxiv.org/abs/math/0611800) (v1)"],
        lacks=["math.CA/"],
    ),
    odd(
        "v6, which the feed leaves out and the harvest tells",
        make_record(
            id="2511.01234",
            first_seen="2025-11-04",
            categories=["math.NT"],
            crosses=[{"category": "cs.CL", "announced": TUESDAY}],
            versions=versions(
                *("2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04", THURSDAY),
                title="Sixth Thoughts",
                abstract="We count sixth thoughts.",
            ),
        ),
        [(TUESDAY, "cs.CL", "cross")],
        {"arxiv_version": 6, "title": "Sixth Thoughts", "announced": TUESDAY},
        has=["# Sixth Thoughts", "> We count sixth thoughts.", "**Changed**: v6 (2026-02-05): title, abstract"],
    ),
    odd(
        "an empty author line",
        make_record(first_seen=TUESDAY, authors=""),
        NEW_ON_TUESDAY,
        {"authors": []},
        has=["## 📋 Metadata"],
    ),
    odd(
        "affiliations with commas and with parentheses in parentheses",
        make_record(
            first_seen=TUESDAY,
            authors="Jane Doe (MIT, Cambridge, INFN (Pisa, Italy)), John Roe Jr. (Paris), LIGO Scientific Collaboration",
        ),
        NEW_ON_TUESDAY,
        {"authors": ["Jane Doe", "John Roe Jr.", "LIGO Scientific Collaboration"]},
        lacks=["Cambridge", "Pisa", "Paris"],
    ),
    odd(
        "TeX accents in names and title",
        make_record(
            first_seen=TUESDAY,
            title=r"On Erd\H{o}s--R\'enyi Graphs by $k$-\v{C}ech",
            authors=[r"Paul Erd\H{o}s", r"Bart{\l}omiej \v{C}ern\'y"],
        ),
        NEW_ON_TUESDAY,
        {"authors": ["Paul Erdős", "Bartłomiej Černý"], "title": "On Erdős–Rényi Graphs by k-Čech"},
        has=["# On Erdős–Rényi Graphs by $k$-Čech"],
        lacks=["\\H", "\\v", "\\l}"],
    ),
    odd(
        "`<` and `$a<b$` in the abstract",
        make_record(first_seen=TUESDAY, abstract="We show <b>p < 0.05</b> & $a<b$, a<b and $x_1 < y^2$."),
        NEW_ON_TUESDAY,
        {"arxiv_id": ODD},
        has=[r"We show &lt;b>p < 0.05&lt;/b> & $a\lt b$, a&lt;b and $x_1 < y^2$."],
        lacks=["<b>", "</b>", "a<b"],
    ),
    odd(
        "two DOIs in one element",
        make_record(first_seen=TUESDAY, doi="10.1103/PhysRevD.1.1 10.1016/0550-3213(74)90355-6"),
        NEW_ON_TUESDAY,
        {"arxiv_id": ODD},
        has=[
            "**DOI**: [10.1103/PhysRevD.1.1](https://doi.org/10.1103/PhysRevD.1.1)\n",
            "**DOI**: [10.1016/0550-3213(74)90355-6](https://doi.org/10.1016/0550-3213%2874%2990355-6)\n",
        ],
    ),
    odd(
        "withdrawn by its source type I, and the comment does not say so",
        make_record(first_seen=TUESDAY, withdrawn={"announced": THURSDAY, "comment": "Lemma 2 is wrong"}),
        REPLACED_ON_THURSDAY,
        {"withdrawn": True, "arxiv_version": 2, "announced": TUESDAY},
        has=["> [!warning] Withdrawn\n", "Its comment there: Lemma 2 is wrong", "v2 (2026-02-05): withdrawn"],
    ),
    odd(
        "withdrawn by its comment only",
        make_record(
            first_seen=TUESDAY,
            versions=versions(THURSDAY, comment="This paper has been withdrawn by the authors", source_type="D"),
        ),
        REPLACED_ON_THURSDAY,
        {"withdrawn": True, "arxiv_version": 2},
        has=["> [!warning] Withdrawn\n", "v2 (2026-02-05): withdrawn"],
    ),
    odd(
        "announced 13 days after it was submitted",
        make_record(first_seen=WEDNESDAY, published="2026-01-22T10:00:00Z"),
        [(WEDNESDAY, "cs.CL", "new")],
        {"announced": WEDNESDAY, "submitted": "2026-01-22", "arxiv_version": 1},
        has=["**Published**: 2026-02-04", "**Submitted**: 2026-01-22"],
    ),
    odd(
        "cross-listed three times, on three days",
        make_record(
            first_seen=MONDAY,
            categories=["cs.CL"],
            crosses=[
                {"category": "cs.CV", "announced": TUESDAY},
                {"category": "stat.ML", "announced": THURSDAY},
                {"category": "cs.LG", "announced": FRIDAY},
            ],
        ),
        [
            (MONDAY, "cs.CL", "new"),
            (TUESDAY, "cs.CV", "cross"),
            (THURSDAY, "stat.ML", "cross"),
            (FRIDAY, "cs.LG", "cross"),
        ],
        {"announced": MONDAY, "arxiv_version": 1},
        has=["**Category**: cs.CL, cs.CV, stat.ML, cs.LG\n"],
        lacks=["**Changed**"],
    ),
    odd(
        "a title that changes with v2",
        make_record(first_seen=TUESDAY, title="A Draft", versions=versions(THURSDAY, title="The Whole")),
        REPLACED_ON_THURSDAY,
        {"title": "The Whole", "aliases": ["The Whole", f"arXiv:{ODD}", "A Draft"]},
        has=["# The Whole", "**Changed**: v2 (2026-02-05): title"],
    ),
]


@pytest.mark.parametrize(("record", "told", "properties", "has", "lacks"), PAPERS)
def test_an_odd_paper_through_a_week(run, home, arxiv, record, told, properties, has, lacks):
    """Feed and harvest agree every night, no page is asked for; what arXiv told is there once, and so is the note."""
    arxiv.add([*CROWD, record])
    paths = set()
    for day in WEEK:
        report = run(day)
        assert (report.exit_status, report.failures, verdicts(report)) == (GOOD, (), ALL_OK)
        assert report.as_dict()["unproven"] == []
        assert_counts_add_up(report, home)
        paths |= {path for path, post in notes(home) if not post["title"].startswith("On 2026")}
    paper = properties.get("arxiv_id", record["id"])
    path, post = note(home, paper)
    assert paths == {path}, "the note keeps its path"
    assert path.startswith(f"{told[0][0]}/")
    assert [(day, category, kind) for day, category, _, kind in rows(home, paper)] == sorted(told)
    assert len(rows(home)) == len(CROWD) + len(told)
    shown = {name: str(post[name]) if isinstance(post[name], date) else post[name] for name in properties}
    assert shown == properties
    assert [words for words in has if words not in post.content] == []
    assert [words for words in lacks if words in post.content] == []
    assert_each_has_one_note(home)
    nameless = [] if post["authors"] else [path]
    assert [finding.path for finding in check(home / "vault").findings] == nameless
    assert_again_writes_nothing(run, home, FRIDAY)


def test_of_v6_the_reader_is_told_no_announcement(run, home, arxiv):
    """On its day the day's page does not name it, whatever the paper's own note says."""
    (v6,) = [p.values[0] for p in PAPERS if str(p.id).startswith("v6")]
    arxiv.add([*CROWD, v6])
    for day in WEEK:
        run(day)
    page = (home / "vault" / "digests" / "daily_digest_20260205.md").read_text(encoding="utf-8")
    assert "2511.01234" not in page
    assert "On 2026-02-05, 0" in page


# --- odd days --------------------------------------------------------------------------------------------------------


def days(first: str, last: str) -> list[str]:
    start = date.fromisoformat(first)
    return [str(start + timedelta(days=n)) for n in range((date.fromisoformat(last) - start).days + 1)]


def eastern_day(moment: str) -> str:
    """The day in New York."""
    return str(instant(moment).astimezone(EASTERN).date())


def mailing(day: str, *, papers: int = 2, **more: Any) -> list[Record]:
    """The papers of one day, in two categories."""
    return [day_s(day, n, **{"categories": ["cs.CL", "math.CO"][:: 1 - 2 * (n % 2)], **more}) for n in range(papers)]


def assert_all_until(home: Path, papers: Sequence[Record], day: str, first: str = "") -> None:
    """What arXiv has announced until *day* is recorded, each paper under its own day, and nothing else."""
    assert rows(home) == announced(papers, day, first)
    assert_each_has_one_note(home)
    by_id = {paper["id"]: paper["first_seen"] for paper in papers}
    for path, post in notes(home):
        assert (str(post["announced"]), path[:10]) == (by_id[post["arxiv_id"]],) * 2


@pytest.mark.parametrize("is_run_on_tuesday", [True, False], ids=["run on both days", "not run on the empty day"])
def test_a_mailing_put_off_to_the_next_day(run, home, arxiv, is_run_on_tuesday):
    """The calendar expects one on Tuesday; there is none, and on Wednesday come the papers of both freezes. The empty day
    is open until arXiv's pages of it say so, which they do on Wednesday; then every paper is under Wednesday.
    """
    put_off = mailing(WEDNESDAY, published="2026-02-02T15:00:00Z")
    in_time = [{**paper, "id": f"2602.9{n:04}"} for n, paper in enumerate(mailing(WEDNESDAY, papers=3))]
    papers = [*mailing(MONDAY), *put_off, *in_time, *mailing(THURSDAY)]
    arxiv.add(papers)
    assert run(MONDAY).exit_status == GOOD
    if is_run_on_tuesday:
        report = run(TUESDAY)
        assert verdicts(report) == {"feed": "empty unexpectedly", "oai": "ok", "list": "waiting"}
        assert (report.exit_status, report.as_dict()["unproven"]) == (SOME_FAILED, [TUESDAY])
        assert_all_until(home, papers, TUESDAY)
    report = run(WEDNESDAY)
    assert (report.exit_status, report.failures, report.as_dict()["unproven"]) == (GOOD, (), [])
    assert verdicts(report) == ALL_OK | {"list": "ok"}
    assert_counts_add_up(report, home)
    assert_all_until(home, papers, WEDNESDAY)
    assert_again_writes_nothing(run, home, WEDNESDAY)
    report = run(THURSDAY)
    assert (report.exit_status, verdicts(report)) == (GOOD, ALL_OK)
    assert_all_until(home, papers, THURSDAY)
    assert check(home / "vault").findings == ()


HOLIDAY = "2026-01-20"
"""After Monday 19 January, on which nothing is frozen: the calendar expects no mailing with this date."""


@pytest.mark.parametrize("published", ["2026-01-19T15:00:00Z", "2026-01-16T20:00:00Z"], ids="submitted {}".format)
@pytest.mark.parametrize("is_run_on_it", [True, False], ids=["run on it", "not run on it"])
def test_a_mailing_on_a_day_on_which_the_calendar_has_none(run, home, arxiv, is_run_on_it, published):
    """It is believed, and its papers are under its own day; where nobody ran on it, the listing of the day tells."""
    papers = [*mailing("2026-01-19"), *mailing(HOLIDAY, published=published), *mailing("2026-01-21")]
    arxiv.add(papers)
    assert run("2026-01-19").exit_status == GOOD
    if is_run_on_it:
        report = run(HOLIDAY)
        assert (report.exit_status, verdicts(report)) == (GOOD, ALL_OK)
        assert report.as_dict()["unproven"] == []
        assert_counts_add_up(report, home)
        assert_all_until(home, papers, HOLIDAY)
        assert_again_writes_nothing(run, home, HOLIDAY)
    report = run("2026-01-21")
    assert (report.exit_status, report.failures, report.as_dict()["unproven"]) == (GOOD, (), [])
    assert verdicts(report) == ALL_OK | ({} if is_run_on_it else {"list": "ok"})
    assert_counts_add_up(report, home)
    assert_all_until(home, papers, "2026-01-21")
    assert_again_writes_nothing(run, home, "2026-01-21")
    assert check(home / "vault").findings == ()


def test_the_holiday_is_quiet(run, home, arxiv):
    """As the calendar says: nothing is asked again, and the night is good."""
    papers = [*mailing("2026-01-19"), *mailing("2026-01-21")]
    arxiv.add(papers)
    run("2026-01-19")
    report = run(HOLIDAY)
    assert (report.exit_status, report.as_dict()["unproven"]) == (GOOD, [])
    assert verdicts(report) == {"feed": "empty by schedule", "oai": "ok"}
    assert_all_until(home, papers, HOLIDAY)
    assert run("2026-01-21").exit_status == GOOD
    assert_all_until(home, papers, "2026-01-21")


SPRING = ["2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10"]
AUTUMN = ["2026-10-29", "2026-10-30", "2026-11-02", "2026-11-03"]
NEW_YEAR = ["2025-12-29", "2025-12-30", "2026-01-01", "2026-01-05", "2026-01-06"]
"""The days of mailings: 31 December and 2 January have none, each after a day without a freeze."""
SPANS = {"8 March 2026": SPRING, "1 November 2026": AUTUMN, "the end of 2025": NEW_YEAR, "a week": list(WEEK)}


def everything(labels: Sequence[str]) -> list[Record]:
    """Two papers a day; the first is replaced on the next, and the second is cross-listed on the one after."""
    found = []
    for n, day in enumerate(labels):
        first, second = mailing(day)
        for replaced in labels[n + 1 : n + 2]:
            first |= {"versions": [{"version": 2, "announced": replaced, "comment": "Typos mended"}]}
        for crossed in labels[n + 2 : n + 3]:
            second |= {"crosses": [{"category": "cs.LG", "announced": crossed}]}
        found += [first, second]
    return found


def assert_nights(run, home: Path, papers: Sequence[Record], moments: Sequence[str]) -> None:
    """Each night is good and has all that the day in New York has, and no more; the last, run again, writes nothing."""
    first = eastern_day(moments[0])
    for moment in moments:
        report = run(moment)
        assert (report.exit_status, report.failures, report.as_dict()["unproven"]) == (GOOD, (), []), moment
        assert report.as_dict()["day"] == eastern_day(moment)
        assert set(verdicts(report).values()) <= {"ok", "empty by schedule"}, moment
        assert_counts_add_up(report, home)
        assert_all_until(home, papers, eastern_day(moment), first)
    assert_again_writes_nothing(run, home, moments[-1])
    assert check(home / "vault").findings == ()


@pytest.mark.parametrize("hour", ["04:30", "05:30", "07:00", "00:30", "01:30"], ids="at {}Z".format)
@pytest.mark.parametrize("labels", SPANS.values(), ids=SPANS.keys())
def test_every_night_over_a_change_of_clocks_or_year(run, home, arxiv, labels, hour):
    """At 04:30Z it is the evening before in New York in winter, and the same day in summer; at 00:30Z and 01:30Z the next
    mailing comes out, and waits for its day. Every paper is under its own day, every night is good.
    """
    papers = everything(labels)
    arxiv.add(papers)
    last = str(date.fromisoformat(labels[-1]) + timedelta(days=1))
    moments = [f"{day}T{hour}:00Z" for day in days(labels[0], last)]
    assert_nights(run, home, papers, [m for m in moments if labels[0] <= eastern_day(m) <= labels[-1]])
    assert rows(home) == announced(papers, labels[-1])


def test_identifiers_of_both_years(run, home, arxiv):
    """What was announced on 1 January has an identifier of December or of January; each is its own paper."""
    eve = [{**paper, "id": paper["id"].replace("2601.", "2512.")} for paper in mailing("2026-01-01")]
    papers = [
        *mailing("2025-12-30"),
        *eve,
        *mailing("2026-01-01"),
        *mailing("2026-01-05", published="2025-12-31T22:00:00Z"),
    ]
    arxiv.add(papers)
    assert_nights(run, home, papers, [f"{day}T07:00:00Z" for day in days("2025-12-30", "2026-01-05")])
    assert {paper for _, _, paper, _ in rows(home)} == {paper["id"] for paper in papers}


@pytest.mark.parametrize(
    "times",
    [("20:30",), ("23:30",), ("00:30",), ("20:30", "23:30"), ("00:30", "20:30", "23:30")],
    ids=lambda times: f"run at {', '.join(times)} in New York",
)
def test_a_run_between_the_mailing_and_midnight(run, home, arxiv, times):
    """The next mailing is out and the feed is still today's: what the harvest tells of tomorrow waits for tomorrow."""
    papers = everything(WEEK)
    arxiv.add(papers)
    local = [datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=EASTERN) for day in WEEK for hour in times]
    assert_nights(run, home, papers, [moment.isoformat() for moment in local])
    assert rows(home) == announced(papers, FRIDAY)


@pytest.mark.parametrize("time_of_day", ["20:30", "23:30"], ids="run at {} in New York".format)
def test_a_cross_list_that_the_evening_s_feed_shows_early_is_put_on_its_own_day(run, home, arxiv, time_of_day):
    """The evening's feed already has today's papers in the categories that they join tomorrow; tomorrow's feed tells that
    they join then, and today's listing that they had not.
    """
    joins = make_record(
        first_seen=TUESDAY, categories=["cs.CL"], crosses=[{"category": "cs.LG", "announced": WEDNESDAY}]
    )
    papers = [joins, *CROWD, *(day_s(day, 5, categories=["cs.LG"]) for day in WEEK)]
    arxiv.add(papers)
    for day in WEEK[:4]:
        moment = datetime.fromisoformat(f"{day}T{time_of_day}").replace(tzinfo=EASTERN).isoformat()
        report = run(moment)
        assert (report.exit_status, report.failures, report.as_dict()["unproven"]) == (GOOD, (), [])
    assert rows(home) == announced(papers, THURSDAY)
    assert_each_has_one_note(home)
    assert_counts_add_up(report, home)
    assert_again_writes_nothing(run, home, moment)


# --- odd clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed here")
@pytest.mark.parametrize("hour", ["05:30", "16:30"], ids="run at {}Z".format)
@pytest.mark.parametrize("zone", ["Asia/Seoul", "Pacific/Honolulu", "UTC"])
def test_the_reader_s_clock_changes_no_byte(run, home, arxiv, monkeypatch, zone, hour):
    """At 05:30Z it is yesterday in Honolulu, and at 16:30Z tomorrow in Seoul: the vault is that of New York."""
    arxiv.add(everything(WEEK))

    def vault(zone: str, home: Path) -> dict[str, bytes]:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            for day in WEEK:
                assert run(f"{day}T{hour}:00Z", home).exit_status == GOOD
        time.tzset()
        return vault_bytes(home / "vault")

    there = vault(zone, home)
    assert there == vault("America/New_York", make_home(home.parent / "new-york"))
    assert rows(home) == announced(everything(WEEK), FRIDAY)
