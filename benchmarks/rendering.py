"""``python -m benchmarks.rendering``: what it costs to make every page of a large vault again.

The vault is five nights of the sample papers, and copies of them a week apart each, until there are so many notes: the
catalogue is copied, the pages are rendered and written by digest itself. Then, each in a process of its own:

- nothing has changed: all is rendered and compared, nothing is written;
- one template is another (that of category pages): only their files are written;
- beside it, what any comparison must do at least: read every file of the vault.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.tables import show
from digest import config
from digest.catalogue.store import Catalogue
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home

NOW = "2026-02-06T07:00:00Z"
TEMPLATE = "category.header.md.j2"
TABLES = (
    "papers",
    "versions",
    "decisions",
    "keywords",
    "keyword_forms",
    "neighbours",
    "links",
    "announcements",
    "ties",
    "pages",
)
IDENTIFIERS = frozenset({"id", "paper_id", "other_id"})
DAYS = frozenset({"announced", "day", "noted_on", "since"})

Row = dict[str, float | int | str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where the vault is made; kept, and used again, when it is given")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=Path, metavar="HOME", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(rendered(arguments.one)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home = (arguments.folder or Path(folder)) / "workspace"
        rows = list(measured(home, arguments.notes))
    show(rows, as_json=arguments.json)
    return 0


def measured(home: Path, notes: int) -> list[Row]:
    if not home.exists():
        make(home, notes)
    first = _in_a_process(home)  # after a fresh copy everything is written; else nothing
    own = home / "templates" / TEMPLATE
    own.parent.mkdir(exist_ok=True)
    own.unlink(missing_ok=True)
    _in_a_process(home)
    reading = _seconds_to_read(home / "vault")
    unchanged = _in_a_process(home)
    own.write_text("{{ topic.home | wikilink }} · {{ topic.category | heading }}\n", encoding="utf-8")
    other = _in_a_process(home)
    rows = [("made at first, or again", first), ("nothing changed", unchanged), ("one other template", other)]
    read = {"seconds": round(reading, 1), "ratio": 1.0, "written": 0, "pages": "", "MB": ""}
    return [{"": name, **row, "ratio": round(row["seconds"] / reading, 1)} for name, row in rows] + [
        {"": "reading every file", **read}
    ]


def _in_a_process(home: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.rendering", "--one", str(home)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def rendered(home: Path) -> Row:
    """``digest render --all``."""
    begin = time.perf_counter()
    with QuickAssembly(home, config.load(home, {})) as assembly:
        report = commands.render(assembly, instant(NOW), everything=True)
    found = report.as_dict()
    return {
        "seconds": round(time.perf_counter() - begin, 1),
        "ratio": 0.0,
        "written": found["files_written"],
        "pages": report.published.pages,
        "MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _seconds_to_read(vault: Path) -> float:
    begin = time.perf_counter()
    for folder, _, files in os.walk(vault):
        for file in files:
            Path(folder, file).read_bytes()
    return time.perf_counter() - begin


# --- the vault -------------------------------------------------------------------------------------------------------


def make(home: Path, notes: int) -> None:
    """A workspace with that many papers, settled, of which no page is written but those of the first week."""
    home.parent.mkdir(parents=True, exist_ok=True)
    make_home(home)
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        for day in (demo.MONDAY + timedelta(days=n) for n in range(5)):
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            with QuickAssembly(home, config.load(home, demo.settings(arxiv.url))) as assembly:
                commands.run(assembly, instant(moment))
    with Catalogue(home / "state" / "catalogue.sqlite3") as catalogue:
        count = catalogue.count_noted()
        with catalogue.transaction():
            for number in range(1, -(-notes // count)):
                for table in TABLES:
                    _copy(catalogue, table, number)


def _copy(catalogue: Catalogue, table: str, number: int) -> None:
    """The rows of the sample's papers once more: other identifiers, *number* weeks later."""
    columns = [row["name"] for row in catalogue.connection.execute(f"PRAGMA table_info({table})")]
    where = {"pages": "kind IN ('paper', 'day')"}.get(table, "1")
    rows = catalogue.connection.execute(f"SELECT * FROM {table} WHERE {where} AND {_original(table)}").fetchall()
    made = [[_other(table, column, row[column], row, number) for column in columns] for row in rows]
    marks = ", ".join("?" * len(columns))
    catalogue.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", made)


def _original(table: str) -> str:
    column = {"papers": "id", "pages": "since"}.get(table, "paper_id")
    if column == "since":
        return f"since < '{demo.MONDAY + timedelta(days=7)}'"
    return f"{column} LIKE '2602.%'"


def _other(table: str, column: str, value: Any, row: Any, number: int) -> Any:
    if not isinstance(value, str):
        return value
    if column in IDENTIFIERS or (table == "pages" and column == "key" and row["kind"] == "paper"):
        return _identifier(value, number)
    if column in DAYS or (table == "pages" and column == "key"):
        return _later(value, number)
    if column in ("path", "collision_key"):
        value = re.sub(r"2602\.\d{5}", lambda match: _identifier(match[0], number), value)
        value = re.sub(r"2026-\d\d-\d\d", lambda match: _later(match[0], number), value)
        return re.sub(
            r"(?<=_)(2026)(\d\d)(\d\d)$", lambda m: _later("-".join(m.groups()), number).replace("-", ""), value
        )
    return value


def _identifier(paper: str, number: int) -> str:
    return f"{10 + number // 100:02}{number % 100:02}.{paper.partition('.')[2]}"


def _later(day: str, number: int) -> str:
    from datetime import date

    return (date.fromisoformat(day) + timedelta(weeks=number)).isoformat()


if __name__ == "__main__":
    sys.exit(main())
