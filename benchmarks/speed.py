"""``python -m benchmarks.speed``: how long a day takes, as tables of ratios measured in one run.

Three tables: a day of 500 papers from feed to vault by stage, the network's waiting left out; start-up and a run with
nothing new; parsing. ``--papers FILE`` takes papers in the fake arXiv's form; without it they are made up from words.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv

DAY = "2026-02-03"
MOMENT = f"{DAY}T07:00:00Z"
CATEGORIES = '["cs.AI", "cs.CL", "cs.CV"]'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--papers", type=Path, help="papers in the fake arXiv's form, plain or gzipped")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=7, help="runs of each short command")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    papers = on_one_day(read(arguments.papers) if arguments.papers else invented(arguments.count), arguments.count)
    with tempfile.TemporaryDirectory() as folder, FakeArxiv(papers) as arxiv:
        arxiv.as_of = MOMENT
        home = Path(folder) / "home"
        environment = {**os.environ, **demo.settings(arxiv.url, CATEGORIES), "XDG_STATE_HOME": f"{folder}/state"}
        digest("init", str(home), "--yes", "--quiet", environment=environment)
        night = a_day(home, environment)
        short = in_turn(home, environment, arxiv.url, arguments.repeat)
    tables = {"day": night, "short": short, "parsing": parsing(papers, arguments.repeat)}
    if arguments.json:
        print(json.dumps(tables))
        return 0
    for title, rows in (
        (f"A day of {len(papers)} papers, feed to vault", night_rows(night)),
        ("Start-up, and a run with nothing new", short_rows(short)),
        ("Parsing", parsing_rows(tables["parsing"])),
    ):
        print(f"\n{title}")
        for name, value, remark in rows:
            print(f"  {name:<34} {value:>10}  {remark}")
    return 0


# --- papers ---


def read(file: Path) -> list[dict[str, Any]]:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def invented(count: int) -> list[dict[str, Any]]:
    """Papers of the demo's sentences, dealt anew: the right lengths and words, no sense."""
    sample = [json.loads(line) for line in demo.SAMPLE.read_text(encoding="utf-8").splitlines() if line]
    sentences = [s for paper in sample for s in paper["abstract"].split(". ")]
    titles = [word for paper in sample for word in paper["title"].split()]
    dice = random.Random(7)
    return [
        {
            "id": f"2602.{10_000 + n}",
            "title": " ".join(dice.sample(titles, 9)),
            "authors": [f"Author{dice.randrange(999)} Invented" for _ in range(4)],
            "abstract": ". ".join(dice.sample(sentences, 8)),
            "categories": [dice.choice(json.loads(CATEGORIES))],
        }
        for n in range(count)
    ]


def on_one_day(papers: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    followed = set(json.loads(CATEGORIES))
    fitting = [paper for paper in papers if followed & set(paper.get("categories", ()))]
    return [{**paper, "first_seen": DAY} for paper in fitting[:count]]


# --- measuring ---


def digest(*arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "digest", *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def a_day(home: Path, environment: dict[str, str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        digest("--home", str(home), "--json", "--quiet", "run", "--as-of", MOMENT, environment=environment)
    )
    return report


def in_turn(home: Path, environment: dict[str, str], url: str, repeat: int) -> dict[str, float]:
    """Medians of short commands, run in turn, so that a slow moment of the machine falls on all of them."""
    feed_url = f"{url}/atom/{'+'.join(json.loads(CATEGORIES))}"
    commands: dict[str, Callable[[], object]] = {
        "typer": lambda: python("-c", "import typer"),
        "help": lambda: python("-m", "digest", "--help"),
        "feed": lambda: urllib.request.urlopen(feed_url).read(),
        "run": lambda: digest(
            "--home", str(home), "--json", "--quiet", "run", "--as-of", MOMENT, environment=environment
        ),
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(repeat + 1):
        for name, command in commands.items():
            taken = seconds(command)
            if number:  # the first of each warms up
                spent[name].append(taken)
    return {name: statistics.median(values) for name, values in spent.items()}


def parsing(papers: Sequence[dict[str, Any]], repeat: int) -> dict[str, float]:
    """Medians of reading a full feed and a full harvest page, ours and feedparser alone."""
    import feedparser

    from digest.arxiv import feed, oai

    full = [{**paper, "id": f"2602.{10_000 + n}"} for n, paper in enumerate((list(papers) * 2500)[:2500])]
    with FakeArxiv(full) as arxiv:
        arxiv.as_of = MOMENT
        atom = urllib.request.urlopen(f"{arxiv.url}/atom/{'+'.join(json.loads(CATEGORIES))}").read()
        page = urllib.request.urlopen(f"{arxiv.url}/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs").read()
    categories = json.loads(CATEGORIES)
    actions: dict[str, Callable[[], object]] = {
        "feedparser": lambda: feedparser.parse(atom),
        "feed": lambda: feed.parse_feed(atom, status=200, content_type="application/atom+xml", categories=categories),
        "oai": lambda: oai.parse_page(page),
    }
    spent: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repeat):
        for name, action in actions.items():
            spent[name].append(seconds(action))
    counts = {"entries": float(atom.count(b"<entry>")), "records": float(page.count(b"<record>"))}
    return {name: statistics.median(values) for name, values in spent.items()} | counts


def python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


# --- tables ---

Row = tuple[str, str, str]


def night_rows(report: dict[str, Any]) -> list[Row]:
    spent = report["seconds"]
    embed = spent["embed"]
    rows = [(stage, f"{spent[stage]:.2f} s", f"{spent[stage] / embed:.3f} of embed") for stage in spent]
    others = sum(value for stage, value in spent.items() if stage not in ("embed", "waiting"))
    rows.append(("all but embed", f"{others:.2f} s", f"{others / embed:.3f} of embed (wanted: < 0.25)"))
    rows.append(("files written", str(report["files_written"]), ""))
    return rows


def short_rows(spent: dict[str, float]) -> list[Row]:
    start = spent["help"] / spent["typer"]
    quiet = (spent["run"] - spent["feed"]) / spent["help"]
    return [
        ("python -c 'import typer'", f"{spent['typer'] * 1000:.0f} ms", ""),
        ("digest --help", f"{spent['help'] * 1000:.0f} ms", f"{start:.2f} times that (wanted: < 2)"),
        ("the feed's answer", f"{spent['feed'] * 1000:.0f} ms", ""),
        (
            "digest run, nothing new",
            f"{spent['run'] * 1000:.0f} ms",
            f"{quiet:.2f} times --help, plus the feed (wanted: < 3)",
        ),
    ]


def parsing_rows(spent: dict[str, float]) -> list[Row]:
    ratio = spent["feed"] / spent["feedparser"]
    return [
        (
            f"feed, {spent['entries']:.0f} entries",
            f"{spent['feed']:.2f} s",
            f"{ratio:.2f} times feedparser (wanted: < 1.5)",
        ),
        (f"OAI-PMH, {spent['records']:.0f} records", f"{spent['oai']:.2f} s", "(wanted: < 1 s)"),
    ]


if __name__ == "__main__":
    sys.exit(main())
