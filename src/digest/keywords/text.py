"""From a title or an abstract, with its TeX, to words and the breaks between them."""

from __future__ import annotations

import re
from unicodedata import normalize

BREAK = ""
"""The token that stands for anything over which no phrase reaches: punctuation, a formula, a link, a citation."""

MAX_TEXT = 20_000
"""Characters of a text that are looked at: three times the longest abstract that arXiv takes."""

_SINGLE = re.compile(r"\$\s*\\?(?:mathcal|mathbb|mathrm|textit|text)?\s*\{?([A-Za-z0-9])\}?\s*\$(?=-\w)")
_FORMULA = re.compile(r"\$\$[^$]*\$\$|\$[^$]{0,400}\$|\\\(.{0,400}?\\\)|\\\[.{0,400}?\\\]", re.DOTALL)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\\(?:url|href|cite[a-z]*|ref|label)\{[^{}]*\}")
_EMPTIED = re.compile(r"\(\s*;\s*\)")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*(?=\{)|\\[a-zA-Z]+\*?|\\.")
_DASHES = str.maketrans({"‐": "-", "‑": "-", "’": "'", "‘": "'", "ʼ": "'", "­": None, "​": None})
_TOKEN = re.compile(r"[^\W_]+(?:[-'.+][^\W_]+)*\+{0,2}|[^\s\w{}~\"“”«»]+|_+")
_RANGE = re.compile(r"--+")


def plain(text: str) -> str:
    """*text* in NFC without TeX: formulas become breaks, commands vanish, their arguments stay."""
    text = normalize("NFC", text[:MAX_TEXT]).translate(_DASHES)
    if "$" in text or "\\" in text:
        text = _LINK.sub(" ; ", text)
        text = _FORMULA.sub(" ; ", _SINGLE.sub(r"\1", text))
        text = _COMMAND.sub(" ", _EMPTIED.sub(" ", text).replace("\\-", "").replace("\\&", "&"))
    elif "http" in text or "www." in text:
        text = _LINK.sub(" ; ", text)
    return _RANGE.sub(" ; ", text)


def tokens(text: str) -> list[str]:
    """Words of a plain text in order, with ``BREAK`` wherever a phrase must end; never two breaks in a row."""
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if token[0].isalnum():
            found.append(token[:-2] if token.endswith("'s") else token)
        elif found and found[-1]:
            found.append(BREAK)
    return found


def is_shouted(text: str) -> bool:
    """Whether a title is set in capitals throughout, so that its case tells nothing."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 20 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
