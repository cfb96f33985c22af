"""Entries of a bibliography, read: what each says of the work that it stands for.

Bibliographies are written in hundreds of styles, so that where a title begins and ends is a guess. The guesses are kept
(``openings``), likeliest first; ``digest.citations.matching`` judges by comparing them with the titles of papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from digest import identifiers
from digest.document import Item
from digest.errors import IdentifierError
from digest.model import PaperId


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one entry of a bibliography says. All text is foreign."""

    text: str  # on one line
    label: str = ""  # as printed: ``[12]``
    arxiv: tuple[PaperId, ...] = ()  # canonical, without versions, in their order; an entry may name several works
    dois: tuple[str, ...] = ()  # lower case, in their order; arXiv's own are in ``arxiv``; short ones are ``10/…``
    title: str = ""  # the likeliest guess, "" where none is seen
    openings: tuple[str, ...] = ()  # texts that may begin with the title, likeliest first, each to the end of its part
    authors: tuple[str, ...] = ()  # family names, in their order; those that are told
    year: int | None = None


MOST = 4
"""Openings that are kept."""

LONGEST = 4000
"""Characters of an entry that are read; what is longer is no reference."""


def read(item: Item) -> Reference:
    """Never raises, whatever the text."""
    parts = tuple(part for part in (" ".join(part.split()) for part in item.parts) if part)
    text = " ".join(parts)[:LONGEST]
    arxiv, dois = _identifiers(text, item.links)
    start, openings = _openings(text, parts)
    return Reference(
        text=text,
        label=" ".join(item.label.split()),
        arxiv=arxiv,
        dois=dois,
        title=_bounded(openings[0]) if openings else "",
        openings=openings,
        authors=family_names(text[:start]),
        year=_year(text, item.label),
    )


def told(work: str) -> Reference:
    """What a source outside says of one reference: ``arxiv:2509.18690`` or ``doi:10.1145/…`` (``Testimony.references``)."""
    kind, _, name = work.partition(":")
    return Reference(
        text=work,
        arxiv=(PaperId(name),) if kind == "arxiv" else (),
        dois=(name.lower(),) if kind == "doi" else (),
    )


# --- identifiers -----------------------------------------------------------------------------------------------------

_NEW: Final = re.compile(r"(?<![\d.])\d{4}\.\s?\d{4,5}(?:v\d+)?(?![\d/])(?!\.\d)", re.IGNORECASE)
_OLD: Final = re.compile(r"(?<![\w-])[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2}(?:-[a-z]+)?)?/\d{7}(?:v\d+)?(?!\d)", re.IGNORECASE)
_SAYS_ARXIV: Final = re.compile(r"arxiv|abs/|pdf/|corr\b|e-?prints?\b", re.IGNORECASE)
_CLASS: Final = re.compile(r"\s*\[[a-z]{2,}(?:-[a-z]+)?(?:\.[a-z-]+)?[\],]", re.IGNORECASE)
_NEAR: Final = 48  # characters before a number in which it must be said that it is arXiv's

# A slash of its own may be percent-coded; LaTeX escapes the underscore.
_DOI: Final = re.compile(r"\b10\.\d{4,9}(?:\.\d+)*/[^\s\"“”‘’|{}^\\]+", re.IGNORECASE)
_GLUED: Final = re.compile(r"(?:\.?url\b:?|https?:|[.,]?\s?arxiv:|,?10\.\d{4,9}/|[,;](?=\d{4}\b)).*$", re.IGNORECASE)
_ARXIV_DOI: Final = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_PAGE_OF_DOI: Final = re.compile(r"(?:/(?:full|pdf|epdf|abstract|meta|summary|html|fulltext)|\.pdf)+$")
_SHORT_DOI: Final = re.compile(r"/?(10/[a-z0-9]{3,12})/?")


def _identifiers(text: str, links: Sequence[str]) -> tuple[tuple[PaperId, ...], tuple[str, ...]]:
    arxiv: list[PaperId] = []
    dois: list[str] = []
    rest = _DOI.sub(lambda match: _took(match[0], arxiv, dois), text.replace("\\_", "_").replace("%2F", "/"))
    arxiv += _arxiv_ids(rest)
    for link in links:
        _read_link(link, arxiv, dois)
    return tuple(dict.fromkeys(arxiv)), tuple(dict.fromkeys(dois))


def _took(found: str, arxiv: list[PaperId], dois: list[str]) -> str:
    """Keep a DOI; what is left in its place, that no number in it is taken for one of arXiv's."""
    if _ARXIV_DOI.match(found):
        arxiv += _arxiv_ids(f"arXiv:{_ARXIV_DOI.sub('', found)}")
        return " "
    doi = _GLUED.sub("", found[8:])
    dois.append(_trimmed(found[:8] + doi).lower())
    return " " + _DOI.sub(lambda match: _took(match[0], arxiv, dois), found[8 + len(doi) :])


def _trimmed(doi: str) -> str:
    """Without the punctuation of the sentence around it; brackets of its own are in pairs."""
    while doi and (doi[-1] in ".,;:'*>&" or (doi[-1] in ")]" and not _paired(doi))):
        if doi[-1] == ">" and "<" in doi:
            break
        doi = doi[:-1]
    return doi


def _paired(text: str) -> bool:
    return text.count("(") >= text.count(")") if text[-1] == ")" else text.count("[") >= text.count("]")


def _arxiv_ids(text: str) -> Iterator[PaperId]:
    found = [(match.start(), match[0]) for match in _OLD.finditer(text)]
    for match in _NEW.finditer(text):
        said = _SAYS_ARXIV.search(text, max(0, match.start() - _NEAR), match.start())
        if said or _CLASS.match(text, match.end()):
            found.append((match.start(), match[0].replace(" ", "")))
    for _, name in sorted(found):
        try:
            yield identifiers.parse(name).id
        except IdentifierError:
            continue


def _read_link(link: str, arxiv: list[PaperId], dois: list[str]) -> None:
    try:
        parts = urlsplit(link)
    except ValueError:
        return
    address = unquote(link).replace("\\_", "_")
    if (parts.hostname or "").endswith("arxiv.org"):
        arxiv += _arxiv_ids(address)
    elif match := _DOI.search(" ".join(unquote(link.split("#")[0].split("?")[0]).replace("\\_", "_").split())):
        _took(_PAGE_OF_DOI.sub("", match[0]), arxiv, dois)
    elif (parts.hostname or "").endswith("doi.org") and (short := _SHORT_DOI.fullmatch(parts.path.lower())):
        dois.append(short[1])
    elif match := _DOI.search(address):
        _took(match[0], arxiv, dois)


# --- the year --------------------------------------------------------------------------------------------------------

_YEAR: Final = re.compile(r"(?<![\d./:–-])((?:18|19|20)\d\d)(?=[a-z]?(?![\w/–-]))(?!\.\d)")
_BRACKETED: Final = re.compile(r"\((?:[^()]{0,30}[\s,])?((?:18|19|20)\d\d)[a-z]?(?:,[^()]{0,20})?\)")
_NO_YEAR: Final = re.compile(
    r"https?://\S+|10\.\d{4,9}/\S+|\b(?:pp?|pages?|vol|volume|no|article)\b\.?\s*\d[\d–-]*", re.I
)
_ACCESSED: Final = re.compile(r"\b(?:accessed|retrieved|visited|last access)\b.*", re.IGNORECASE)


def _year(text: str, label: str) -> int | None:
    """The label's, else the last one in brackets, else the last one."""
    told = _ACCESSED.sub("", _NO_YEAR.sub(" ", text))
    for found in (_YEAR.findall(label), _BRACKETED.findall(told), _YEAR.findall(told)):
        if found:
            return int(found[-1])
    return None


# --- names -----------------------------------------------------------------------------------------------------------

_PARTICLES: Final = frozenset(
    "al d da das de del della den der des di dos du e el la le les los of ten ter the van von y zu".split()
)
_INITIALS: Final = re.compile(
    r"(?:[^\W\d_a-z]{1,3}|[^\W\d_][\u0300-\u036f]*\.|(?:(?:[^\W\d_]|Yu|Ya|Ju|Ch|Th|Ph|Zh|Kh|Sh|St)\.-?)+|[^\W\d_]\.?-[^\W\d_]\.?)"
)
_GENERATION: Final = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\s*[,;&]\s*(?:and\b|&)?\s*|\s+(?:and|und|et(?!\s+al))\s+|\s*\\&\s*")
_ET_AL: Final = re.compile(r"[,\s]*\b(?:et\.?\s+al\b\.?|and\s+others\b|…).*$|\(?\beds?\b\.?\)?", re.IGNORECASE)


def family_names(text: str) -> tuple[str, ...]:
    """The family names of a list of authors, in its order, each once: ``Smith, J. A. and van Rossum, Guido``.

    Names in full with the family name last, or with initials before or behind it. Where given names stand in full
    behind a comma, they are told from family names by every name being so written.
    """
    text = re.sub(r"\([^()]*\)|\d+", " ", _ET_AL.sub("", text)).strip(' .,;:“"‘`')
    if turned := _turned(text):
        return turned
    found = (_family(chunk) for chunk in _BETWEEN.split(text))
    return tuple(dict.fromkeys(name for name in found if name))[:200]


_PERSONS: Final = re.compile(r"\s*;\s*(?:and\b|&)?\s*|\s*,?\s+(?:and|&)\s+")


def _turned(text: str) -> tuple[str, ...]:
    """Family names where each person is written ``Last, First``, told apart by "and" or semicolons; else nothing."""
    persons = [person.split(",") for person in _PERSONS.split(text)]
    if len(persons) > 1 and all(
        len(person) == 2 and all(map(str.strip, person)) and not _is_initials(person[0].split(maxsplit=1)[0])
        for person in persons
    ):
        return tuple(dict.fromkeys(name for name in (_family(person[0]) for person in persons) if name))
    return ()


def _family(chunk: str) -> str:
    """The last word of a name that is no initial; "" where there is none."""
    words = [
        word.strip(".,:()[]") for word in chunk.split() if not _is_initials(word) and not _GENERATION.fullmatch(word)
    ]
    kept = [word for word in words if any(char.isalpha() for char in word)]
    return kept[-1] if kept and len(kept) <= 6 and kept[-1] not in _PARTICLES else ""


@lru_cache(maxsize=1 << 13)
def _is_initials(word: str) -> bool:
    return _INITIALS.fullmatch(word.rstrip(",;:")) is not None


# --- where titles may begin ------------------------------------------------------------------------------------------

_QUOTED: Final = re.compile(
    r"(?:^|[.,:;)\]]\s*|\s)[“\"]((?:[^“”\"]|[“][^“”]*[”])+)[”\"]|(?:^|[.,:;)]\s+)(?:``|‘)(.{12,}?)(?:''|[,.]’)"
)
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_AFTER_YEAR: Final = re.compile(
    rf"\(?\b(?:18|19|20)\d\d[a-z]?(?:,\s*{_MONTH}(?:\s\d+)?(?=[).,:;]))?\)?\s*[.,:;]?\s+(?=\S)"
)
_AFTER_INITIALS: Final = re.compile(
    r"(?<=[^\W\d_]{2}\s)(?<!\band\s)[^\W\d_a-z]{1,3}\.\s+(?=\S)(?![\w-]+[.,])"
)  # Zhou TK. A title
_LAST_AUTHOR: Final = re.compile(
    r"(?:,?\s(?:and|und)|,?\s*&)\s(?:[^,.:;()]|\.(?=[ -]?\w\.)|(?<=\b\w)\.)+?(?:[,:]|(?<=\w\w)\.)\s+"
)
_ET_AL_END: Final = re.compile(r"\b(?:et\.?\s+al\b|and\s+others\b)[.,:;]*\s+|\beds?\.\)?[.,:]\s+")
_SENTENCE: Final = re.compile(r"(?<=[^\W\d_]{3})\.\s+(?=\S)|(?<=[^\W\d_]{2}\))\.?\s+")
_COMMA: Final = re.compile(r"[,;:]\s+|(?<=[^\W\d_]{2})\.\s+")
_YEAR_ONLY: Final = re.compile(r"\W*(?:(?:18|19|20)\d\d[a-z]?|n\.\s?d|in press|to appear)\W*", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^\s*(?:\[[^\]]{1,30}\]|\(\d+\)|\d{1,3}\.)\s+")


def _openings(text: str, parts: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Where the authors end in *text*, and the openings."""
    candidates = [(start, _to_end(text, parts, start)) for start in dict.fromkeys(_starts(text, parts))]
    candidates = [(start, opening) for start, opening in candidates if not _AMID_NAMES.match(opening)]
    openings = [opening for _, opening in candidates if _may_be_title(opening)]
    return candidates[0][0] if candidates else 0, tuple(openings[:MOST])


def _starts(text: str, parts: Sequence[str]) -> Iterator[int]:
    """Offsets at which a title may begin, likeliest first; with nothing better, where the names end by their looks."""
    divided = [start for start in _starts_of_parts(parts) if _may_be_title(text[start:])] if len(parts) > 1 else []
    yield from divided
    if divided and _are_names(_LAST_YEAR.sub("", parts[0])):
        return
    begin = match.end() if (match := _NUMBERED.match(text)) else 0
    if match := _QUOTED.search(text):
        yield match.start(1) if match[1] else match.start(2)
    if (match := _ET_AL_END.search(text, begin)) and match.start() < 200 and not _AFTER_YEAR.match(text, match.end()):
        yield match.end()
    if (match := _AFTER_YEAR.search(text, begin)) and _are_names(text[begin : match.start()]):
        yield match.end()
    for sign in (_LAST_AUTHOR, _AFTER_INITIALS):
        match = sign.search(text, begin)
        if match and _are_names(text[begin : match.end()]):
            yield match.end()
    sentence, names = _SENTENCE.search(text, begin), _names_end(text, begin)
    if text[names - 2 : names - 1] == ":":
        yield names
    if sentence and sentence.start() > names:
        yield names
    yield from [sentence.end()] if sentence else []
    yield names


_LAST_YEAR: Final = re.compile(r"\s*\(?(?:18|19|20)\d\d[a-z]?\)?\W*$")


def _starts_of_parts(parts: Sequence[str]) -> Iterator[int]:
    """The first part that is neither authors nor a year; the first of all where it reads like no list of names."""
    offset = 0
    for number, part in enumerate(parts[:4]):
        if (number or not _are_names(_LAST_YEAR.sub("", part))) and not _YEAR_ONLY.fullmatch(part):
            if number or len(part.split()) > 3:
                yield offset
            if number:
                return
        offset += len(part) + 1


def _names_end(text: str, begin: int = 0) -> int:
    """Where the names at the beginning of *text* end, by their looks; a colon ends them, and initials are all's or none's."""
    at, initials = begin, None
    for match in _COMMA.finditer(text, begin):
        chunk = text[at : match.start()]
        has = any(map(_is_initials, chunk.split()))
        if not _are_names(chunk) or (initials and not has):
            break
        initials = has and not all(map(_is_initials, chunk.split())) if initials is None else initials
        at = match.end()
        if match[0][0] == ":":
            break
    return at


def _are_names(text: str) -> bool:
    """Whether *text* reads like names: capitals, initials and what joins them."""
    words = [word.strip(".,;:()[]’'“\"") for word in text.split() if not _is_initials(word)]
    words = [
        word for word in words if word and word.lower() not in _PARTICLES and word not in ("and", "&", "et", "others")
    ]
    if any(char.isdigit() for word in words for char in word):
        return False
    if not all(word[0].isupper() or not word[0].isalpha() for word in words):
        return False
    chunks = [chunk for chunk in _BETWEEN.split(text) if chunk.strip(" .")]
    return all(len(chunk.split()) <= 6 for chunk in chunks)


def _to_end(text: str, parts: Sequence[str], start: int) -> str:
    """From *start* to the end of its part, or of the quotation that it begins."""
    offset = 0
    for part in parts:
        if start < offset + len(part):
            opening = text[start : offset + len(part)]
            break
        offset += len(part) + 1
    else:
        opening = text[start:]
    quotes = {"“": "”", '"': '"', "`": "''", "‘": "’"}.get(text[start - 1 : start] or " ")
    return opening.partition(quotes)[0] if quotes else opening[:400]


def _may_be_title(opening: str) -> bool:
    letters = sum(char.isalpha() for char in opening[:80])
    return letters >= 4 and not _NO_TITLE.match(opening) and not _AMID_NAMES.match(opening)


_AMID_NAMES: Final = re.compile(r"(?:[“\"`‘]|[^\W\d_a-z]\.|\(?(?:18|19|20)\d\d[a-z]?\b\W|et al\b|and\b|&)")
_NO_TITLE: Final = re.compile(
    r"\W*(?i:(?:in(?!-)|arxiv|corr|proc\.?|proceedings|url|doi|https?|preprint|available|accessed)\b)"
    # A journal, a volume and a page: Phys. Rev. Lett. 78, 50
    r"|\W*[A-Z][\w&.'-]*(?:\s(?:of|and|in|the|[A-Z&][\w&.'-]*)){0,6}\s*,?\s*\d{1,4}\s*(?:\([^)]*\))?\s*[,:]\s*[A-Z]?\d"
)
_TRAILER: Final = re.compile(
    r"[.,;]?\s*\(?(?:18|19|20)\d\d[a-z]?\)?\W*$|[?!.]\s.*$|,\s+(?i:in|arxiv|corr|proc)\b.*$|,\s+[A-Z][\w.]*\.\s.*$"
    r"|,\s+[A-Z][\w&]*(?:\s(?:of|the|[A-Z&][\w&]*))*,?\s\d.*$"
)


def _bounded(opening: str) -> str:
    """The likeliest end of the title that *opening* begins with."""
    return _TRAILER.sub("", opening).strip(" .,;:“”\"'")
