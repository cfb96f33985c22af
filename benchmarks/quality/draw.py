"""Draw what a person is to judge by reading, from a workspace that ``benchmarks.quality connections --home`` has left.

    python -m benchmarks.quality.draw merges HOME [--seed N] [--number N]
    python -m benchmarks.quality.draw keywords HOME [--seed N] [--number N]

``merges``: pairs of a written form and the keyword's page that it leads to, which differ by more than letter case, with a
paper that has it, the rules, and the form's place in the text. ``keywords``: linked keywords of whole notes, with the
paper's title. The same seed draws the same of the same workspace.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, connect

AROUND = 60
"""Characters shown on each side of a form."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.draw",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("merges", "keywords"))
    parser.add_argument("home", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=200)
    args = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    with closing(connect(args.home / "state" / "catalogue.sqlite3")) as connection:
        lines = (merges if args.what == "merges" else keywords)(connection, random.Random(args.seed), args.number)
        for line in lines:
            print(line)
    return 0


def merges(connection: Connection, dice: random.Random, number: int) -> Iterator[str]:
    from digest.keywords.acronyms import definitions
    from digest.keywords.canonical import explain

    rows = connection.execute(
        "SELECT form, name, paper_id, title, abstract FROM keyword_forms JOIN papers ON id = paper_id "
        "WHERE name IN (SELECT key FROM pages WHERE kind = 'keyword') ORDER BY form, name, paper_id"
    )
    pairs: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for form, name, *paper in rows:
        if form.casefold() != name.casefold():
            pairs.setdefault((form, name), []).append((paper[0], paper[1], paper[2]))
    yield f"# {len(pairs)} pairs"
    for form, name in dice.sample(sorted(pairs), min(number, len(pairs))):
        paper, title, abstract = dice.choice(pairs[form, name])
        steps = explain(form, definitions(f"{title} ; {abstract}"))
        rules = ", ".join(dict.fromkeys(step.rule.value for step in steps))
        led = "" if (steps[-1].after if steps else form) == name else " (by the catalogue)"
        yield f"{form} | {name} | {rules}{led} | {paper} | {_place(form, f'{title} | {abstract}')}"


def _place(form: str, text: str) -> str:
    found = re.search(re.escape(form).replace(r"\ ", r"[\s-]+"), text, re.IGNORECASE)
    if found is None:
        return text[: 2 * AROUND]
    return text[max(0, found.start() - AROUND) : found.end() + AROUND].replace("\n", " ")


def keywords(connection: Connection, dice: random.Random, number: int) -> Iterator[str]:
    papers = [row[0] for row in connection.execute("SELECT DISTINCT paper_id FROM keywords ORDER BY paper_id")]
    dice.shuffle(papers)
    told = 0
    for paper in papers:
        if told >= number:
            return
        rows = connection.execute("SELECT name FROM keywords WHERE paper_id = ? ORDER BY rank", (paper,)).fetchall()
        (title,) = connection.execute("SELECT title FROM papers WHERE id = ?", (paper,)).fetchone()
        yield f"{paper} | {title} | " + "; ".join(row[0] for row in rows[: number - told])
        told += len(rows)


if __name__ == "__main__":
    raise SystemExit(main())
