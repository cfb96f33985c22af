"""What keywords do to a vault: nights are lived through the whole pipeline, and the catalogue is counted.

Names of figures: ``connected`` is the share of notes that share a keyword with another note, keywords in more than 8 % of
notes left out; ``twins`` counts pairs of pages that differ only in case, plural, hyphen or space (by a key that knows
nothing of ours), or of which one is an acronym that a paper defines as the other; ``sd_…`` are standard deviations
over the linked keywords of all notes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from sqlite3 import Connection, connect
from statistics import mean, median, pstdev
from typing import Any

from benchmarks.quality.lines import read

HUB = 0.08
SCORES = ("novelty", "connectivity", "specificity", "link_intent")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="JSON lines of papers with first_seen, gzipped")
    parser.add_argument("--nights", type=int, default=40)
    parser.add_argument("--home", type=Path, default=None, help="keep the workspace in this new folder")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Live the first nights of a file: ``{"task", "data", "n", "methods": {"ours": {figure: value}}}``."""
    with tempfile.TemporaryDirectory() as folder:
        home = args.home or Path(folder)
        redrawn = live(home, args.data, args.nights)
        with closing(connect(home / "state" / "catalogue.sqlite3")) as connection:
            found = figures(connection) | {"redrawn_a_night": redrawn}
    return {"task": "connections", "data": str(args.data), "n": int(found["notes"]), "methods": {"ours": found}}


def live(home: Path, data: Path, nights: int) -> float:
    """Run the first *nights* of a file in a new workspace; older notes whose keywords are decided anew a night, in
    the second half."""
    from digest import config
    from digest.pipeline import commands
    from digest.testing import demo
    from digest.testing.fake_arxiv import FakeArxiv
    from digest.testing.fakes import QuickAssembly, make_home

    papers = weekdays(data)
    days = sorted({paper["first_seen"] for paper in papers})[:nights]
    followed = Counter(paper["categories"][0] for paper in papers if paper["first_seen"] <= days[-1])
    make_home(home)
    redrawn = []
    with FakeArxiv(papers) as arxiv:
        settings = demo.settings(arxiv.url, json.dumps(sorted(c for c, n in followed.items() if n >= nights)))
        settings["XDG_STATE_HOME"] = str(home / "user")
        os.environ["XDG_STATE_HOME"] = settings["XDG_STATE_HOME"]
        for number, day in enumerate(days, 1):
            moment = datetime.combine(date.fromisoformat(day), time(7), UTC)
            arxiv.as_of = moment.isoformat()
            assembly = QuickAssembly(home, config.load(home, settings))
            with assembly:
                found = commands.run(assembly, moment).as_dict()
            redrawn.append(found["keywords_redrawn"])
            print(
                f"{day} ({number} of {len(days)}): {found['notes']}, redrawn {found['keywords_redrawn']}, "
                f"promoted {found['keywords_promoted']}, seconds {found['seconds']}",
                file=sys.stderr,
            )
    return float(round(mean(redrawn[len(redrawn) // 2 :]), 1))


def weekdays(data: Path) -> list[dict[str, Any]]:
    """The papers of a file but for those under a Saturday or Sunday, on which arXiv announces nothing."""
    return [paper for paper in read(data) if date.fromisoformat(paper["first_seen"][:10]).weekday() < 5]


def figures(connection: Connection) -> dict[str, float]:
    """Of a catalogue; see the module for their names."""
    (notes,) = connection.execute("SELECT count(*) FROM papers WHERE noted AND settled").fetchone()
    linked: dict[str, list[str]] = {}
    for name, paper in connection.execute("SELECT name, paper_id FROM keywords ORDER BY name, paper_id"):
        linked.setdefault(name, []).append(paper)
    pages = [row[0] for row in connection.execute("SELECT key FROM pages WHERE kind = 'keyword' ORDER BY key")]
    hubs = [name for name, papers in linked.items() if len(papers) > HUB * notes]
    connected = {paper for name, papers in linked.items() if name not in hubs and len(papers) > 1 for paper in papers}
    sizes = [len(linked.get(name, ())) for name in pages]
    return {
        "notes": notes,
        "connected": round(len(connected) / max(notes, 1), 4),
        "linked_a_note": round(sum(sizes) / max(notes, 1), 2),
        "keywords": len(linked),
        "used_once": round(mean(len(papers) == 1 for papers in linked.values()), 4),
        "pages": len(pages),
        "smallest_page": min(sizes, default=0),
        "median_page": median(sizes or [0]),
        "pages_of_3": round(mean(size >= 3 for size in sizes or [0]), 4),
        "hubs": len(hubs),
        "twins": len(twins(connection, pages)),
        **deviations(connection),
    }


def twins(connection: Connection, pages: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of pages that are one term by an independent key, or by a paper's definition of an acronym."""
    found: set[tuple[str, str]] = set()
    by_key: dict[str, list[str]] = {}
    for name in pages:
        bare = "".join(re.sub(r"(?<=[^s])e?s$", "", word) for word in re.findall(r"[^\W_]+", name.casefold()))
        by_key.setdefault(bare, []).append(name)
    for names in by_key.values():
        found |= {(one, other) for one in names for other in names if one < other}
    known = set(pages)
    for short, long in connection.execute("SELECT DISTINCT short, long FROM definitions"):
        if short in known and long in known and short != long:
            found.add((short, long))
    return sorted(found)


def deviations(connection: Connection) -> Mapping[str, float]:
    scores: dict[str, list[float]] = {name: [] for name in SCORES}
    for (value,) in connection.execute("SELECT value FROM decisions"):
        for keyword in json.loads(value):
            if keyword["linked"]:
                for name in SCORES:
                    scores[name].append(keyword["scores"][name])
    return {f"sd_{name}": round(pstdev(values or [0.0]), 4) for name, values in scores.items()}
