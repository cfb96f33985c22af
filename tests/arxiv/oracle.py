"""What arXiv's text means, said a second time and in another way than ``digest.arxiv`` says it; tests compare the two.

Accents come from a table of written-out forms, authors from one walk over the letters. Nothing here is quick, and
nothing of it is used outside tests.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

MARKS = {
    "`": "GRAVE", "'": "ACUTE", "^": "CIRCUMFLEX", "~": "TILDE", '"': "DIAERESIS", "=": "MACRON", ".": "DOT ABOVE",
    "u": "BREVE", "v": "CARON", "H": "DOUBLE ACUTE", "c": "CEDILLA", "k": "OGONEK", "r": "RING ABOVE", "d": "DOT BELOW",
}  # fmt: skip
LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð",
    "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip
GREEK = re.compile(
    r"\\(alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|nu|pi|rho|sigma|tau|phi|chi|psi|omega)(?![A-Za-z])"
)


@cache
def spellings() -> dict[str, str]:
    """Every way in which arXiv's authors write a letter with an accent: ``\\'e``, ``\\'{e}``, ``{\\'e}``, ``\\v s`` …"""
    found = {}
    for mark, name in MARKS.items():
        for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
            case = "CAPITAL" if letter.isupper() else "SMALL"
            try:
                composed = unicodedata.lookup(f"LATIN {case} LETTER {letter.upper()} WITH {name}")
            except KeyError:
                continue
            bases = [letter, f"\\{letter}", f"{{\\{letter}}}"] if letter in "ij" else [letter]
            gap = " " if mark.isalpha() else ""
            for base in bases:
                for form in (f"\\{mark}{gap}{base}", f"\\{mark}{{{base}}}", f"\\{mark} {{{base}}}"):
                    found[form] = composed
    return found


@cache
def _spelled() -> re.Pattern[str]:
    forms = sorted(spellings(), key=len, reverse=True)
    return re.compile("|".join(f"{re.escape(form)}(?![A-Za-z])" if form[-1] in "ij" and form[-2] == "\\" else re.escape(form) for form in forms))  # fmt: skip


def title(raw: str) -> str:
    """One line; mathematics as it is, and around it what TeX would set. So are comments and journal references."""
    return _one_line("".join(part if kept else _set(part) for kept, part in _told_apart(raw)))


def abstract(raw: str) -> list[str]:
    """Its paragraphs: one begins after a blank line and with a line that is indented by two blanks."""
    paragraphs = [""]
    for line in raw.strip().splitlines():
        if not line.strip() or re.match(r" {2}|\t", line):
            paragraphs.append("")
        paragraphs[-1] += f"{line}\n"
    lines = (
        _one_line("".join(part if kept else _letters(part) for kept, part in _told_apart(one))) for one in paragraphs
    )
    return [line for line in lines if line]


def _told_apart(raw: str) -> Iterator[tuple[bool, str]]:
    """Mathematics and addresses, of which nothing changes, and what is around them."""
    parts = re.split(
        r"(\$\$[^$]+\$\$|(?<!\\)\$(?:\\.|[^$\\])+\$|\\\(.*?\\\)|\\\[.*?\\\]|https?://[^\s{}]+)", raw, flags=re.DOTALL
    )
    for number, part in enumerate(parts):
        yield number % 2 == 1, part


def _set(text: str) -> str:
    text = _letters(text)
    text = re.sub(r"(?<!-)---(?!-)", "—", text)
    text = re.sub(r"(?<=\S)(?<!-)--(?!-)(?=\S)|(?<=\s)--(?=\s)|(?<=[^\s-])--(?=\s|$)", "–", text)
    text = text.replace("``", "“").replace("''", "”")
    text = re.sub(r"(?<=[\w.,;:)])~(?=[\w($\\])", " ", text)
    text = re.sub(r"\\([&%#_])", r"\1", text).replace("\\-", "").replace("\\/", "").replace("\\ ", " ")
    text = GREEK.sub(lambda match: unicodedata.lookup(f"GREEK SMALL LETTER {match[1].upper()}"), text)
    return _without_bare_braces(text)


def _letters(text: str) -> str:
    text = re.sub(r"\\{2,3}(?=[`'^\"~=.]\{?\\?[A-Za-z])", r"\\", text)  # some old records have each backslash twice
    text = _spelled().sub(lambda match: spellings()[match[0]], text)
    text = re.sub(r"(?<=[^\W\d_])\\'(?=[a-z])", "'", text)  # what makes no letter is an apostrophe: Don\'t
    for name, letter in LETTERS.items():
        text = re.sub(rf"\\{name}(?![A-Za-z])(\{{\}}|\s+(?!and\b)(?=[a-z]))?", letter, text)
    return re.sub(r"\{([^\x00-\x7f])\}", r"\1", text)


def _without_bare_braces(text: str) -> str:
    """``{BERT}`` is BERT; the argument of a command stays in its braces, and so does what holds more than words."""
    out: list[str] = []
    at = 0
    for match in re.finditer(r"\{([^{}\\$]*)\}", text):
        words = all(char.isalpha() or char in " .-'’" or unicodedata.combining(char) for char in match[1])
        argument = re.search(r"\\[A-Za-z]+\s*(\{[^{}]*\})*$", text[: match.start()])
        if match[1] and words and not argument:
            out += [text[at : match.start()], match[1]]
            at = match.end()
    return "".join([*out, text[at:]])


def _one_line(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


# --- authors ---------------------------------------------------------------------------------------------------------

COLLABORATION = re.compile(
    r"(?:for\s+|on behalf of\s+|representing\s+)?(?:the\s+)?([^,;:()]*\b(?:collaborations?|consortium)\b[^,;()]*)", re.I
)
SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}


def authors(raw: str) -> list[str]:
    """arXiv's rules: commas, semicolons and "and" outside parentheses part names; what is in parentheses is no name.

    But a collaboration in parentheses is one, and a suffix after a comma belongs to the name before it.
    """
    line = re.sub(r"\$\s*\^?\s*\{?[\d\s,*†‡§]*\}?\s*\$", "", title(raw))
    names: list[str] = []
    for part in _parts(line):
        name = _bare(part)
        if name.lower() in SUFFIXES and names:
            names[-1] += f" {name}"
        elif any(char.isalpha() for char in name):
            names.append(name)
    return names


def _parts(line: str) -> Iterator[str]:
    depth, kept, inside = 0, "", ""
    words = re.split(r"([,;:()]|\s+(?:and|&)\s+)", line)
    for word in words:
        if word == "(":
            depth += 1
            inside = "" if depth == 1 else inside + word
        elif word == ")" and depth:
            depth -= 1
            if depth == 0 and (told := COLLABORATION.fullmatch(inside.strip())) and len(inside) <= 80:
                yield from (kept, told[1])
                kept = ""
            inside += word
        elif depth:
            inside += word
        elif word == ":" and not kept.strip().lower().endswith(("collaboration", "collaborations")):
            kept += word
        elif word in ",;:" or word.strip() in ("and", "&"):
            yield kept
            kept = ""
        else:
            kept += word
    yield kept


def _bare(part: str) -> str:
    name = re.sub(r"^(?:and|&)\s+", "", " ".join(part.split()))
    name = re.sub(r"(?:^|\s+)et\.?\s+al\.?$", "", name)
    if "ollaboration" in name:
        name = re.sub(r"^(?:(?:for|on behalf of|representing)\s+)?(?:the\s+)?", "", name)
    return name
