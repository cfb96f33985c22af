"""``python -m benchmarks.speed``: how long a day takes, as tables of ratios measured in one run.

Three tables: a day of 500 papers from feed to vault by stage, the network's waiting left out; start-up; a run with
nothing new. ``--papers FILE`` takes papers in the fake arXiv's form; without it they are made up from words.
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
        quiet = a_quiet_run(home, environment, arxiv.url, arguments.repeat)
    tables = {"day": night, "start": start_up(arguments.repeat), "quiet": quiet}
    if arguments.json:
        print(json.dumps(tables))
        return 0
    for title, rows in (
        (f"A day of {len(papers)} papers, feed to vault", night_rows(night)),
        ("Start-up", start_rows(tables["start"])),
        ("A run with nothing new", quiet_rows(quiet, tables["start"])),
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


def a_quiet_run(home: Path, environment: dict[str, str], url: str, repeat: int) -> dict[str, float]:
    import urllib.request

    def again() -> None:
        digest("--home", str(home), "--json", "--quiet", "run", "--as-of", MOMENT, environment=environment)

    def feed() -> None:
        urllib.request.urlopen(f"{url}/atom/{'+'.join(json.loads(CATEGORIES))}").read()

    again()
    return {"run": median(again, repeat), "feed": median(feed, repeat)}


def start_up(repeat: int) -> dict[str, float]:
    found: dict[str, list[float]] = {"typer": [], "help": []}
    for _ in range(repeat):  # in turn, so that a slow moment of the machine falls on both
        found["typer"].append(seconds(lambda: python("-c", "import typer")))
        found["help"].append(seconds(lambda: python("-m", "digest", "--help")))
    return {name: statistics.median(values) for name, values in found.items()}


def python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def median(action: Callable[[], object], repeat: int) -> float:
    return statistics.median(seconds(action) for _ in range(repeat))


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


def start_rows(start: dict[str, float]) -> list[Row]:
    ratio = start["help"] / start["typer"]
    return [
        ("python -c 'import typer'", f"{start['typer'] * 1000:.0f} ms", ""),
        ("digest --help", f"{start['help'] * 1000:.0f} ms", f"{ratio:.2f} times that (wanted: < 2)"),
    ]


def quiet_rows(quiet: dict[str, float], start: dict[str, float]) -> list[Row]:
    ratio = (quiet["run"] - quiet["feed"]) / start["help"]
    return [
        ("the feed's answer", f"{quiet['feed'] * 1000:.0f} ms", ""),
        ("digest run", f"{quiet['run'] * 1000:.0f} ms", f"{ratio:.2f} times --help, plus the feed (wanted: < 3)"),
    ]


if __name__ == "__main__":
    sys.exit(main())
