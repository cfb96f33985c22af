"""Draw what a vault's pages look like: Markdown to HTML in a plain imitation of Obsidian's reading view, then a PNG.

    python tools/picture.py VAULT docs/vault.png

Needs Debian's `chromium` (or CHROMIUM=/path). The picture is for the README; it is no test of Obsidian.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import frontmatter
from markdown_it import MarkdownIt

STYLE = """
body { margin: 0; display: flex; gap: 22px; padding: 22px; background: #e9e9ec; width: 1556px; height: 1050px;
       font: 14.5px/1.5 'Inter', 'Segoe UI', 'DejaVu Sans', 'Noto Color Emoji', sans-serif; color: #222; }
article { background: #fff; border-radius: 8px; padding: 14px 30px; width: 50%; height: 1008px; overflow: hidden;
          box-shadow: 0 1px 5px #0003; }
h1 { font-size: 23px; line-height: 1.25; margin: 8px 0 10px } h2 { font-size: 17px; margin: 16px 0 6px }
a { color: #6c4bd6; text-decoration: none } ul, ol { margin: 6px 0; padding-left: 22px } p { margin: 7px 0 }
table { border-collapse: collapse } td, th { border: 1px solid #ddd; padding: 2px 10px } img { max-width: 100% }
.properties { color: #555; border-bottom: 1px solid #eee; padding-bottom: 8px; font-size: 12.5px; columns: 2 } .properties div { white-space: nowrap; overflow: hidden }
.properties b { display: inline-block; width: 88px; color: #888; font-weight: normal }
blockquote { margin: 8px 0; padding: 7px 14px; background: #eef4ff; border-left: 4px solid #4a86e8; border-radius: 4px }
"""


def main(vault: Path, target: Path) -> None:
    note = max(
        vault.glob("20*/*.md"), key=lambda path: (path.read_text(encoding="utf-8").count("% similar"), path.name)
    )
    day = vault / "digests" / f"daily_digest_{note.parent.name.replace('-', '')}.md"
    page = f"<meta charset='utf-8'><style>{STYLE}</style>{article(note, vault)}{article(day, vault)}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        command = [os.environ.get("CHROMIUM", "chromium"), "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        command += ["--disable-sync", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        command += ["--window-size=1600,1094", f"--screenshot={target.resolve()}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def article(path: Path, vault: Path) -> str:
    post = frontmatter.load(str(path))
    text = re.sub(r"<!--.*?-->|%%.*?%%", "", post.content, flags=re.S)
    text = re.sub(r"^## My notes\n+", "", text, flags=re.M)
    text = re.sub(r"!\[\[([^\]|]+\.svg)\]\]", lambda m: f"<img src='{(vault / m[1]).resolve().as_uri()}'>", text)
    text = re.sub(r"!\[\[[^\]]*\]\]", "", text)
    text = re.sub(r"\[\[([^\]|]+?)\\?\|([^\]]+)\]\]", r"[\2](#)", text)
    text = re.sub(r"\[!\w+\] ?(.*)", r"**\1**\\", text)
    rows = "".join(
        f"<div><b>{k}</b> {html.escape(shown(v))}</div>" for k, v in post.metadata.items() if k not in HIDDEN
    )
    body = MarkdownIt("commonmark").enable("table").render(text)
    return f"<article><div class='properties'>{rows}</div>{body}</article>"


HIDDEN = {"title", "aliases", "cssclasses", "url", "pdf", "categories", "arxiv_version"}


def shown(value: object) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
    return re.sub(r"\[\[[^|\]]*\|([^\]]*)\]\]", r"\1", words)[:58]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
