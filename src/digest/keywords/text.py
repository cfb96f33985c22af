"""From a title or an abstract, with its TeX, to words and the breaks between them."""

from __future__ import annotations

import re
from unicodedata import normalize

BREAK = ""
"""The token that stands for anything over which no phrase reaches: punctuation, a formula, a link, a citation."""

MAX_TEXT = 20_000
"""Characters of a text that are looked at: three times the longest abstract that arXiv takes."""

_SINGLE = re.compile(r"\$\s*\\?(?:mathcal|mathbb|mathrm|textit|text)?\s*\{?([A-Za-z0-9])\}?\s*\$(?=-\w)")
_INDEX = re.compile(r"(?<=[A-Za-z])\$\s*_\s*\{?\s*(?:\\(?:mathrm|rm|text)\s*\{?)?(\d{1,3})[\s}]*\$")
_ISOTOPE = re.compile(r"\$\s*(?:\{\})?\^\s*\{?(\d{1,3})\}?\s*\$(?=[A-Z])")
_LETTERS = {"Λ": "Λ", "Lambda": "Λ", "α": "alpha", "β": "beta", "γ": "gamma", "λ": "lambda"}
_GREEK = re.compile(
    r"(?<![A-Za-z$])\$\s*\\?(Lambda|alpha|beta|gamma|Λ|α|β|γ)\s*\$-?(?=[A-Za-z]{3})"
    r"|(?<=[A-Za-z])-?\$\s*\\?(alpha|beta|gamma|lambda|α|β|γ|λ)\s*\$(?![A-Za-z])"
)
"""A Greek letter that is a part of a word: of the cosmology, of a spectral line, of "$\\beta$-VAE"."""
_FORMULA = re.compile(r"\$\$[^$]*\$\$|\$[^$]{0,400}\$|\\\(.{0,400}?\\\)|\\\[.{0,400}?\\\]", re.DOTALL)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\\(?:url|href|cite[a-z]*|ref|label)\{[^{}]*\}")
_EMPTIED = re.compile(r"\(\s*;\s*\)")
_ACCENT = re.compile(
    r"\\(?:([`'^\"~=.])\s*|([uvHc])(?:\s+|(?=\{)))(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z])(?![A-Za-z]*\{))"
)
_COMBINING = dict(
    zip("`'^\"~=.uvHc", "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327", strict=True)
)
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*(?=\{)|\\[a-zA-Z]+\*?|\\.")
_DASHES = str.maketrans({"‐": "-", "‑": "-", "’": "'", "‘": "'", "ʼ": "'", "­": None, "​": None})
_TOKEN = re.compile(r"[^\W_]+(?:[-'.+][^\W_]+)*\+{0,2}|[^\s\w{}~\"“”«»]+|_+")
_NAMES = re.compile(r"(?<=[^\W\d_A-Z])(?:--|–)(?=[A-Z][^\W\d_A-Z])")
"""Between two surnames: Froggatt--Nielsen."""
_CLOSED = re.compile(r"(?<=[a-z][a-z])'(?=[A-Z])")
"""A quotation mark that closes where a space is missing: 'zero resource'Languages."""
_RANGE = re.compile(r"--+")


def plain(text: str) -> str:
    """*text* in NFC without TeX: formulas become breaks, commands vanish, their arguments stay."""
    text = normalize("NFC", text[:MAX_TEXT]).translate(_DASHES)
    if "$" in text or "\\" in text:
        text = normalize("NFC", _ACCENT.sub(_accented, _LINK.sub(" ; ", text)))
        text = _GREEK.sub(_letter, _ISOTOPE.sub(r"\1", _INDEX.sub(r"\1", text)))
        text = _FORMULA.sub(" ; ", _SINGLE.sub(r"\1", text))
        text = _COMMAND.sub(" ", _EMPTIED.sub(" ", text).replace("\\-", "").replace("\\&", "&"))
    elif "http" in text or "www." in text:
        text = _LINK.sub(" ; ", text)
    return _RANGE.sub(" ; ", _CLOSED.sub(" ; ", _NAMES.sub("-", text)))


def _accented(match: re.Match[str]) -> str:
    mark, named, braced, bare = match.groups()
    return f"{braced or bare}{_COMBINING[mark or named]}"


def _letter(match: re.Match[str]) -> str:
    """ΛCDM is a word, all others are compounds: beta-VAE, Ly-alpha."""
    before, after = match.groups()
    if after:
        return f"-{_LETTERS.get(after, after)}"
    letter = _LETTERS.get(before, before)
    return letter if letter == "Λ" else f"{letter}-"


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
