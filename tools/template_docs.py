"""Writes docs/templates.md: what templates see, from the code that hands it to them.

python tools/template_docs.py
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from digest.render.renderer import TEMPLATES, VARIABLES, Renderer  # noqa: E402

TARGET = ROOT / "docs" / "templates.md"
SOURCES = (ROOT / "src/digest/model.py", ROOT / "src/digest/periods.py")

HEAD = """# Templates

<!-- Made by `make docs` from the code; a test holds it to that. -->

Each page of the vault is made of blocks, each block of one [Jinja](https://jinja.palletsprojects.com/) template. To change one, copy it from `templates/` into the `templates/` of your workspace and edit the copy: it is used instead. `digest render` then makes all pages again and writes those that differ; your words in them stay.

- `digest render --only day --stdout` prints the newest day's page and writes nothing. `--only keyword:"Graph Pruning"` names one page.
- A template that fails is told with file, line and page, and the vault stays as it was.

A template is layout. It sees objects (below), and words of the vault's language:

- `word.summary`: a word, heading or paragraph; `say("tally", announced=…)`: a sentence with blanks; `count("papers", 3)`: a number with its noun. The keys are those of `src/digest/render/locales/en.toml`.

Nothing that comes from arXiv can be printed as it is: text without a filter is an error that names the file and the line. So are macros, `~` and `|join`, which make plain text again; use a loop, or `{% include %}`. Whole numbers print as they are.
"""


def main() -> None:
    TARGET.write_text(text(), encoding="utf-8")


def text() -> str:
    return "\n".join([HEAD, *_templates(), *_filters(), *_objects()])


def _templates() -> list[str]:
    lines = ["## What each template sees", "", "| template | sees |", "| :-- | :-- |"]
    lines += [f"| `{name}` | {', '.join(f'`{seen}`' for seen in sees)} |" for name, sees in TEMPLATES.items()]
    lines += ["", "| name | type | what it is |", "| :-- | :-- | :-- |"]
    return [*lines, *(f"| `{name}` | {_typed(kind)} | {says} |" for name, (kind, says) in VARIABLES.items()), ""]


def _filters() -> list[str]:
    found = Renderer(templates=[ROOT / "templates"]).filters
    rows = [f"| `{name}` | {says} |" for name, says in found.items()]
    return ["## Filters", "", "| filter | for |", "| :-- | :-- |", *rows, ""]


def _objects() -> list[str]:
    """Every class that a template can come to from what it sees, each after the first that leads to it."""
    classes = {name: found for source in SOURCES for name, found in _classes(source).items()}
    wanted = [name for kind, _ in VARIABLES.values() for name in re.findall(r"\w+", kind) if name in classes]
    lines, done = (
        ["## Objects", "", "`Link | None` is a link or none; `tuple[Entry, ...]` is any number of them.", ""],
        set(),
    )
    while wanted:
        name = wanted.pop(0)
        if name in done:
            continue
        done.add(name)
        said, rows = classes[name]
        wanted += [other for _, kind, _ in rows for other in re.findall(r"\w+", kind) if other in classes]
        lines += [f"### {name}", "", *([said, ""] if said else [])]
        if any(kind for _, kind, _ in rows):
            lines += ["| field | type | |", "| :-- | :-- | :-- |"]
            lines += [f"| `{field}` | {_typed(kind)} | {comment} |" for field, kind, comment in rows]
        else:
            lines += [f"- `{field}` {comment}".rstrip() for field, _, comment in rows]
        lines.append("")
    return lines


def _typed(kind: str) -> str:
    return "`" + kind.replace("|", "\\|") + "`"


def _classes(source: Path) -> dict[str, tuple[str, list[tuple[str, str, str]]]]:
    """Classes by name: what is said of them, and their fields (or members) with type and comment."""
    code = source.read_text(encoding="utf-8")
    lines = code.splitlines()
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.ClassDef):
            said = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
            found[node.name] = said, [row for part in node.body if (row := _field(part, code, lines))]
    return found


def _field(part: ast.stmt, code: str, lines: list[str]) -> tuple[str, str, str] | None:
    end = part.end_lineno or part.lineno
    comments = [comment.strip() for line in lines[part.lineno - 1 : end] if (comment := line.partition("  # ")[2])]
    above = part.lineno - 2
    while lines[above].strip().startswith("# ") and not lines[above].strip().startswith("# ---"):
        comments.insert(0, lines[above].strip("# "))
        above -= 1
    comment = " ".join(comments).replace("|", "\\|")
    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
        return part.target.id, " ".join((ast.get_source_segment(code, part.annotation) or "").split()), comment
    if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant) and isinstance(part.targets[0], ast.Name):
        return str(part.value.value), "", comment
    return None


if __name__ == "__main__":
    main()
