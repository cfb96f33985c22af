"""``python -m benchmarks.checking``: what ``digest check`` costs against merely reading the same files.

The vault is one of invented papers that the pipeline made, or ``--vault``'s; its papers' notes are copied under other
names and ids until there are ``--notes`` notes, with their links led to the copies. The command is run in a process of
its own, start-up and printing included; beside it, the bytes of every file are read, one after the other, and dropped.
Both are repeated in turn, and the least counts; so files come from the system's memory.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ID = re.compile(r'^arxiv_id: ".*"$', re.MULTILINE)
LINK = re.compile(r"\[\[(?=\d{4}-\d{2}-\d{2}/)")

Row = dict[str, float | int]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--vault", type=Path, help="whose notes are copied; left as it is")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        if arguments.vault:
            shutil.copytree(arguments.vault, vault)
        else:
            nights(Path(folder) / "home").rename(vault)
        fill(vault, arguments.notes)
        row = measured(vault, arguments.repeat)
    if arguments.json:
        print(json.dumps(row))
    else:
        print("| " + " | ".join(row) + " |\n|" + " ---: |" * len(row))
        print("| " + " | ".join(f"{v:,.3g}" if isinstance(v, float) else f"{v:,}" for v in row.values()) + " |")
    return 0


def nights(home: Path) -> Path:
    """A vault of a week of invented papers."""
    make_home(home)
    with FakeArxiv(load_papers(demo.SAMPLE)) as arxiv:
        for day in ("2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06"):
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            with QuickAssembly(home, config.load(home, os.environ | demo.settings(arxiv.url))) as assembly:
                commands.run(assembly, instant(moment))
    return home / "vault"


def fill(vault: Path, notes: int) -> None:
    """Copy the papers' notes, and a page that links to them all, until the vault has *notes* notes or a few more."""
    papers = sorted(path for path in vault.rglob("*.md") if DAY.fullmatch(path.parent.name))
    texts = [(path.relative_to(vault).as_posix(), path.read_text(encoding="utf-8")) for path in papers]
    missing = notes - sum(1 for _ in vault.rglob("*.md"))
    home = vault / "Home.md"
    for copy in range(-(-missing // (len(texts) + 1))):
        for at, (name, text) in enumerate(texts):
            target = vault / f"c{copy}" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            number = copy * len(texts) + at
            text = ID.sub(f'arxiv_id: "{number // 99_999 + 7001:04}.{number % 99_999 + 1:05}"', text, count=1)
            target.write_text(LINK.sub(f"[[c{copy}/", text), encoding="utf-8")
        links = "".join(f"- [[c{copy}/{name.removesuffix('.md')}]]\n" for name, _ in texts)
        (vault / f"c{copy}.md").write_text(links, encoding="utf-8")
        home.write_text(f"{home.read_text(encoding='utf-8')}\n[[c{copy}]]\n", encoding="utf-8")


def measured(vault: Path, repeat: int) -> Row:
    spent: dict[str, list[float]] = {"check": [], "processor": [], "read": []}
    for _ in range(repeat):  # in turn, so that a slow moment of the machine falls on both
        begin, before = time.perf_counter(), processor()
        told = check(vault)
        spent["check"].append(time.perf_counter() - begin)
        spent["processor"].append(processor() - before)
        begin = time.perf_counter()
        size = sum(map(len, contents(vault)))
        spent["read"].append(time.perf_counter() - begin)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1e3 if sys.platform == "linux" else 1e6)
    least = {name: min(times) for name, times in spent.items()}
    return {
        "notes": told["notes"],
        "links": told["links"],
        "MB": size / 1e6,
        "faults": told["faults"],
        "hints": told["hints"],
        "check s": least["check"],
        "of a processor s": least["processor"],
        "read s": least["read"],
        "check / read": least["check"] / least["read"],
        "peak MB": memory,
    }


def processor() -> float:
    """Seconds that processes of ours took, their waiting left out."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check(vault: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "digest", "--json", "check", str(vault)]
    told: dict[str, int] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)
    return told


def contents(vault: Path) -> Iterator[bytes]:
    for folder, _, names in os.walk(vault):
        for name in names:
            with Path(folder, name).open("rb") as file:
                yield file.read()


if __name__ == "__main__":
    sys.exit(main())
