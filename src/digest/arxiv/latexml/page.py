"""A whole page: what it is, and what is read of it besides the paper's blocks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Final

from bs4 import BeautifulSoup, NavigableString, Tag, XMLParsedAsHTMLWarning
from bs4.exceptions import ParserRejectedMarkup

from digest.arxiv.latexml.flow import Flow
from digest.arxiv.latexml.markup import address, attribute, classes, elements, is_a, within, words
from digest.arxiv.latexml.walk import Walk
from digest.arxiv.text import visible
from digest.document import Document, Outcome

LIMIT_BYTES: Final = 20_000_000
LIMIT_TAGS: Final = 500_000
"""Beside those of formulas. BeautifulSoup takes about 1 kB and 10 µs for each."""

_GENERATOR: Final = re.compile(r"<!--\s*Generated\b[^<>]{0,80}?\bby\s+(LaTeXML[^<>]{0,60}?\(version [^()<>]{1,60}\))")
_FATAL: Final = re.compile(r"Conversion\s+to\s+HTML\s+had\s+a\s+(?:<[^<>]*>\s*)*Fatal\s+error", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"\A\s*(?:<\?xml[^>]*>\s*)")
_END: Final = re.compile(r"</html\s*>", re.IGNORECASE)
_IS_LICENSE: Final = re.compile(r"/licen[cs]es/|/publicdomain/")
_LICENSED: Final = re.compile(r"""id=["'](?:infobox|license-tr)["']|rel=["']license["']""")
_BEGIN: Final = re.compile(r"<html[\s>]", re.IGNORECASE)
_NO_PAPER: Final = re.compile(r"\bNo HTML (?:for|available|version)\b|HTML is not available", re.IGNORECASE)
_OPEN_MATH: Final = re.compile(r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_ALTTEXT: Final = re.compile(r"""\salttext\s*=\s*["'][^"']""")


def read(html: bytes, *, base: str, floor: float) -> Document:
    """Read the page of one version of a paper; relative addresses are those seen from *base*, the page's own.

    ``outcome`` says what became of it: DAMAGED when more than *floor*, a share, is lost. Whatever the bytes are, there
    is an answer, in time and memory proportional to ``LIMIT_BYTES`` at most.
    """
    if len(html) >= LIMIT_BYTES:
        return _nothing(Outcome.TOO_LARGE)
    text = _DECLARATION.sub("", html.decode("utf-8", "replace").lstrip("\ufeff").replace("\0", "\ufffd"))
    if "ltx_document" not in text:
        return _nothing(Outcome.NONE if _NO_PAPER.search(text) else Outcome.UNREADABLE)
    lean = without_mathml(text)
    if lean.count("<") > LIMIT_TAGS:
        return _nothing(Outcome.TOO_LARGE)
    soup = _soup(lean)
    root = next(within(soup, "ltx_document"), None) if soup is not None else None
    if soup is None or root is None:
        return _nothing(Outcome.UNREADABLE)
    is_cut = _FATAL.search(text) is not None or (bool(_BEGIN.search(text)) and not _END.search(text[-2000:]))
    where = _base(soup, base) if "<base" in text else base
    return _document(soup, root, where, floor, is_cut, text=lean)


def _nothing(outcome: Outcome) -> Document:
    return Document(blocks=(), outcome=outcome)


def without_mathml(text: str) -> str:
    """*text* without what is inside each ``math`` element that tells its TeX: most of a page's elements, read by nobody."""
    first, *rest = text.split("<math")
    parts = [first]
    for piece in rest:
        end = piece.find("</math>")
        if end >= 0 and "ltx_ERROR" not in piece[:end] and "<merror" not in piece[:end]:
            opening = _OPEN_MATH.match(piece)
            if opening is not None and opening.end() <= end and _ALTTEXT.search(opening[0]):
                piece = opening[0] + piece[end:]
        parts.append(piece)
    return "<math".join(parts)


def _soup(text: str) -> BeautifulSoup | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML is read as HTML on purpose
        try:
            # White space counts in listings, which are made of any elements.
            return BeautifulSoup(text, "lxml", preserve_whitespace_tags={"html"}, multi_valued_attributes=None)
        except ParserRejectedMarkup:
            return None


def _document(soup: BeautifulSoup, root: Tag, base: str, floor: float, is_cut: bool, *, text: str) -> Document:
    walk = Walk(base)
    flow = Flow()
    walk.nodes(_without_preamble(root), flow)
    blocks = flow.blocks()
    walk.finish()
    lost = min((walk.marked + text.count("\ufffd")) / max(walk.read + walk.marked, 1), 1.0)
    outcome = Outcome.CUT_SHORT if is_cut else Outcome.DAMAGED if lost > floor else Outcome.WHOLE
    if not blocks and not walk.items:
        outcome = Outcome.CUT_SHORT if is_cut else Outcome.UNREADABLE
    return Document(
        blocks=blocks,
        footnotes=tuple(walk.footnotes),
        bibliography=tuple(walk.items),
        keywords=_keywords(walk.keywords),
        outcome=outcome,
        lost=lost,
        generator=_generator(text),
        license=_license(soup, base) if _LICENSED.search(text) else "",
    )


def _without_preamble(root: Tag) -> list[Tag | NavigableString]:
    """What the root holds, without paragraphs before the title: TeX's front matter that was not understood."""
    found = [child for child in root.contents if isinstance(child, Tag | NavigableString)]
    titles = (n for n, child in enumerate(found) if isinstance(child, Tag) and is_a(child, "ltx_title_document"))
    title = next(titles, 0)
    return [
        child
        for number, child in enumerate(found)
        if number >= title or (isinstance(child, Tag) and not is_a(child, "ltx_para", "ltx_p"))
    ]


def _generator(text: str) -> str:
    found = _GENERATOR.search(text[:20_000])
    return " ".join(found[1].split()) if found else ""


def _base(soup: BeautifulSoup, base: str) -> str:
    told = soup.find("base", href=True)
    found = address(base, attribute(told, "href")) if isinstance(told, Tag) else ""
    return found if found.startswith(base[: base.find("/", 9) + 1] or base) else base


def _license(soup: BeautifulSoup, base: str) -> str:
    """The address of the paper's licence, where the page links it; arXiv's own help is none."""
    for link in (one for one in soup.descendants if isinstance(one, Tag) and one.name == "a"):
        of_page = attribute(link, "id") == "license-tr" or attribute(link, "rel") == "license"
        if of_page or (words(link).lower().startswith("license:") and link.find_parent(id="infobox") is not None):
            found = address(base, attribute(link, "href"))
            return found if _IS_LICENSE.search(found) else ""
    return ""


# --- keywords --------------------------------------------------------------------------------------------------------

_HEADED: Final = re.compile(r"\s*(?:key\s?-?words?(?:\s+and\s+phrases)?|index\s+terms)\s*[:.—–-]*\s*", re.IGNORECASE)
_SURE: Final = re.compile(r"[;,·•|∙]|\s[–—-]\s|—")
_MOST_WORDS: Final = 4


def _keywords(found: Iterable[Tag]) -> tuple[str, ...]:
    """The authors' own keywords, in order, each once.

    They are told apart by commas, semicolons, dots and dashes, by elements, and, where there is none of these, by
    line ends. One of more than four words says that what told them apart was lost: then all is kept as one text.
    """
    keywords: dict[str, None] = {}
    for element in found:
        keywords |= dict.fromkeys(_told_apart(element))
    return tuple(keywords)


def _told_apart(element: Tag) -> list[str]:
    title = next((one.extract() for one in list(elements(element)) if is_a(one, "ltx_title")), None)
    headed = words(title) if title is not None else ""
    text = _lines(element)
    if is_a(element, "ltx_classification") and not _HEADED.match(headed or text):
        return []  # PACS, MSC and their like
    text = text[match.end() :] if (match := _HEADED.match(text)) else text
    raw = " ".join(text.replace(_APART, " ").split())
    pattern = _SURE if _SURE.search(text) else re.compile(r"\n")
    parts = (part for line in text.split(_APART) for part in pattern.split(line))
    keywords = [word for part in parts if (word := " ".join(part.split()).strip(" .;,–—-"))]
    return [raw] if any(len(word.split()) > _MOST_WORDS for word in keywords) else keywords


_APART: Final = "\x1f"


def _lines(element: Tag) -> str:
    """Its text, with a mark where an element tells two keywords apart."""
    parts: list[str] = []
    for one in element.descendants:
        if type(one) is NavigableString:
            inside = any("ltx_ERROR" in classes(parent) for parent in one.parents if parent is not None)
            parts.append("" if inside else visible(one))
        elif isinstance(one, Tag) and (
            one.name in ("br", "p", "li", "div") or is_a(one, "ltx_ERROR", "ltx_p", "ltx_item")
        ):
            parts.append(_APART)
    return "".join(parts)
