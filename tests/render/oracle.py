"""A Markdown reader that nobody here wrote says what a page shows and what it takes for markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

READER = MarkdownIt("gfm-like", {"linkify": False, "html": True}).use(dollarmath_plugin).use(footnote_plugin)

# What programs that only search the raw text would take for markup: Obsidian's links, comments, marks, block ids and
# tags, Templater, dataview's code, HTML.
RAW = re.compile(
    r"\[\[|\]\]|%%|==|<%|```|~~~|<[A-Za-z/!?]|-->"
    r"|(?<![^\s(])\#[^\W_]|(?:^|\s)\^[A-Za-z0-9-]+$"
    r"|(?i:javascript|obsidian|vbscript):",
    re.MULTILINE,
)


class Shown(NamedTuple):
    text: str
    markup: list[str]  # whatever is neither text nor mathematics in a paragraph


def shown(source: str) -> Shown:
    text, markup = [], []
    for token in READER.parse(source):
        if token.type == "inline":
            for kind, content in _inline(token):
                text.append(content)
                if kind not in ("text", "text_special", "math_inline"):
                    markup.append(kind)
        elif token.type not in ("paragraph_open", "paragraph_close"):
            markup.append(token.type)
    return Shown("".join(text), markup)


def _inline(token: Token) -> Iterator[tuple[str, str]]:
    for child in token.children or []:
        yield child.type, f"${child.content}$" if child.type == "math_inline" else child.content
