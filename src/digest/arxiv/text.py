"""What arXiv writes → text that is safe to keep: one line a paragraph, NFC, nothing invisible.

Titles, authors, comments and journal references also lose their TeX outside ``$…$``; an abstract keeps all of its TeX
but the accents, because its maths is the reader's to see.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from digest.arxiv import tex

# --- characters ------------------------------------------------------------------------------------------------------

# Controls but tab and newline; surrogates; non-characters; soft hyphen, joiners, zero widths, directional controls,
# fillers, interlinear marks, tags, variation selectors: a reader sees none of them, and each can hide or reorder text.
_SUSPECT: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LINE_ENDS: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ASCII_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_JOINERS: Final = "\u200c\u200d"
_TEXT_STYLE, _EMOJI_STYLE = "\ufe0e", "\ufe0f"


def visible(text: str) -> str:
    """*text* without what cannot be seen, line ends as ``\n``; joiners stay where a script or an emoji needs them."""
    if text.isascii() and not _ASCII_CONTROL.search(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _SUSPECT.sub(lambda match: match[0] if _is_needed(text, match.start()) else "", text)


def _is_needed(text: str, at: int) -> bool:
    before = text[at - 1] if at else ""
    if text[at] in _JOINERS:
        # A variation selector may stand between an emoji and its joiner.
        before = text[at - 2] if before == _EMOJI_STYLE and at > 1 else before
        return _joins(before) and _joins(text[at + 1 : at + 2])
    return text[at] in (_TEXT_STYLE, _EMOJI_STYLE) and bool(before) and unicodedata.category(before) == "So"


def _joins(char: str) -> bool:
    """Say whether *char* can stand beside a joiner: a symbol, or a letter or mark from Arabic to Khmer."""
    if not char:
        return False
    return unicodedata.category(char) in ("So", "Sk") or "\u0600" <= char <= "\u18af"


# --- prose -----------------------------------------------------------------------------------------------------------

_BOILERPLATE: Final = re.compile(r"\s*arXiv:\S+[ \t]+Announce Type:[ \t]*\S+\s+Abstract:\s*")
_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n\s*|\n(?:[ ]{2,}|\t)\s*")
_WITHDRAWN: Final = re.compile(
    r"(?:(?:\s*(?:[Tt]h(?:is|e)|[Oo]ur)\b)?\s*(?:\w+\s+)?"
    r"(?:papers?|articles?|submission|manuscript|preprint|e-?print|work|note|letter|version)\s+"
    r"(?:(?:has|have|had)\s+been\s+|(?:is|was|are|were)\s+(?:being\s+)?)?(?:temporarily\s+|now\s+)?withdrawn"
    r"|\s*withdrawn)\b",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """One line of text: TeX outside ``$…$`` turned into Unicode, white space collapsed, NFC."""
    line = _line(text)
    converted = tex.ligatures(line)
    return line if converted is line else _line(converted)


def abstract(text: str) -> str:
    """An abstract: one line a paragraph, a blank line between paragraphs, TeX kept but for accents.

    The feed's preamble (``arXiv:… Announce Type: …`` and ``Abstract:``) goes. arXiv wraps lines, so that a line end
    is a space; a paragraph begins after a blank line or, by arXiv's convention, with a line indented by two spaces.
    """
    text = visible(text)
    if preamble := _BOILERPLATE.match(text):
        text = text[preamble.end() :]
    paragraphs = (_line(tex.accents(part)) for part in _PARAGRAPH.split(text.strip()))
    return "\n\n".join(part for part in paragraphs if part)


def says_withdrawn(text: str) -> bool:
    """Say whether a comment or an abstract begins by telling that its paper was withdrawn."""
    return _WITHDRAWN.match(text) is not None


def _line(text: str) -> str:
    line = " ".join(visible(text).split())
    return line if line.isascii() else unicodedata.normalize("NFC", line)


_DOI_BREAK: Final = re.compile(r"[\s,;]+(?=10\.)|\s+")


def dois(text: str) -> tuple[str, ...]:
    """The DOIs of a field that may hold several, in order, each once; commas and semicolons can be part of one."""
    found = (doi.strip(" ,;") for doi in _DOI_BREAK.split(_line(text)))
    return tuple(dict.fromkeys(doi for doi in found if doi))


# --- authors ---------------------------------------------------------------------------------------------------------

_AND: Final = re.compile(r"\s+(?:and|&)\s+")
_LEADING: Final = re.compile(
    r"(?:(?:and|&)\s+)?(?:et\.?\s+al\.?\s+)?(?:(?:for|[Oo]n behalf of|representing)\s+)?(?:the\s+(?=.*[Cc]ollab))?"
)
_TRAILING: Final = re.compile(
    r"(?:^|[\s,]+)(?:and\s+)?et\.?\s+al\b\.?$|\s+(?:for|on behalf of|representing)(?:\s+the)?$"
)
_SUFFIX: Final = re.compile(r"(?:Jr|Sr|II|III|IV)\.?", re.IGNORECASE)
_COLLABORATION: Final = re.compile(r"[^,;:()]*\b(?:collaborations?|consortium)\b[^,;:()]*", re.IGNORECASE)
_COLLABORATIONS: Final = re.compile(r"\bcollaborations\b", re.IGNORECASE)
_FOOTNOTE: Final = re.compile(r"\$\s*\^?\s*\{?[\d\s,*†‡§]*\}?\s*\$|(?<=\w)\s*\^\{?[\d,]+\}?")
_LONGEST_COLLABORATION: Final = 80


def split_authors(text: str) -> tuple[str, ...]:
    """The names of a raw author list, in order: ``A. Uthor (MIT, Cambridge), B. Uthor and the C Collaboration``.

    Names are told apart by commas and "and" outside parentheses. Affiliations go; a collaboration in parentheses is a
    name of its own, and ``Jr.``, ``III`` stay with the name before them. A parenthesis that is never closed ends at
    the next comma.
    """
    names: list[str] = []
    for part in re.split("[,;]", _without_affiliations(_FOOTNOTE.sub("", plain(text)))):
        for name in map(_trim, _told_apart(part)):
            if _SUFFIX.fullmatch(name) and names:
                names[-1] += f" {name}"
            elif any(char.isalpha() for char in name):
                names.append(name)
    return tuple(names)


def _trim(name: str) -> str:
    return " ".join(_TRAILING.sub("", _LEADING.sub("", name.strip(), count=1)).split())


def _told_apart(part: str) -> list[str]:
    """``A and B`` are two, ``The CMS and LHCb Collaborations`` one, and what a collaboration's colon leads is apart."""
    before, colon, after = part.partition(":")
    if colon and _COLLABORATION.fullmatch(before):
        return [before, *_told_apart(after)]
    return [part] if _COLLABORATIONS.search(part) else _AND.split(part)


def _without_affiliations(text: str) -> str:
    """Drop parentheses and what is in them; a collaboration in them becomes a part of its own."""
    if "(" not in text:
        return text.replace(")", " ")
    kept: list[str] = []
    closings = _closings(text)
    at = 0
    while (start := text.find("(", at)) >= 0:
        end = closings.get(start, _next_comma(text, start))
        inside = text[start + 1 : end]
        named = _COLLABORATION.fullmatch(inside) and len(inside) <= _LONGEST_COLLABORATION
        kept += [text[at:start], f", {inside}, " if named else " "]
        at = end + 1 if start in closings else end
    return "".join([*kept, text[at:]]).replace(")", " ")


def _closings(text: str) -> dict[int, int]:
    """Where each parenthesis that is closed is closed."""
    opened: list[int] = []
    closings: dict[int, int] = {}
    for match in re.finditer("[()]", text):
        if match[0] == "(":
            opened.append(match.start())
        elif opened:
            closings[opened.pop()] = match.start()
    return closings


def _next_comma(text: str, at: int) -> int:
    found = text.find(",", at)
    return len(text) if found < 0 else found
