r"""Foreign text made harmless for the place where it stands.

Each function is for one context and returns ``Safe``: what the templates may print. Nothing returned here can make a
link, tag, heading, code, comment, block id or HTML, and Markdown shows exactly the characters of the text. Only what
Markdown would take for markup is escaped, because Obsidian searches the raw file: ``snake_case`` must be found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from urllib.parse import quote
from xml.sax.saxutils import escape as _xml

import msgspec

from digest.model import Link
from digest.render import tex


class Safe(str):
    """Text that may stand in a page as it is. Joining or cutting one gives a plain ``str`` again: unsafe."""

    __slots__ = ()


_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """One line, NFC, single spaces; without control, bidirectional and invisible characters."""
    if not text.isprintable():  # the few texts that hold anything but letters, signs and plain spaces
        text = _INVISIBLE.sub("", _BREAKS.sub(" ", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


# --- Markdown --------------------------------------------------------------------------------------------------------

_SUSPECT = re.compile(r"[\\`*$~_#^\[\]<&%=>:]")  # one set, so that the search for it is fast
_SCHEME = r"(?i:(?<=javascript)|(?<=vbscript)|(?<=obsidian)|(?<=\bdata)):"
_MARKUP = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|\Z)            # a backslash that would escape what follows
      | [`*$]
      | (?<![^\W_])\#                       # tags; C# is none
      | (?<!\S)\^ | \^(?=\[)                # block ids, inline footnotes
      | \[(?=[\[^!]|[ xX/-]\]|\Z) | (?<=\[)\[ | \A\[
      | \](?=[(\[:\]]|\Z) | (?<=\])\]
      | <(?=[A-Za-z/!?]|\Z)
      | &(?=\#?\w+;)
      | (?<=[<%])%                          # Templater's <%, Obsidian's %%
      | (?<==)=
      | (?<=--)>
      | (?<!http)(?<!https):(?=//) | """
    + _SCHEME,
    re.VERBOSE,
)
_LINE_START = re.compile(r"(\d{1,9})([.)])(?=\s|\Z)|[-+](?=[\s-]|\Z)|:(?=-)|[>|=]")


_LINK_OPENING = re.compile(r"\[(?=\[)")


def parted(text: str) -> str:
    """``[[`` as ``[ [``: link checkers that read the rendered text know no escape."""
    return _LINK_OPENING.sub("[ ", text) if "[[" in text else text


def literal(text: str) -> Safe:
    """Markdown that shows exactly the characters of ``parted(clean(text))``, wherever on a line it stands."""
    return Safe(at_line_start(_SUSPECT.sub(_escaped, parted(clean(text)))))


def _escaped(match: re.Match[str]) -> str:
    token, text = match[0], match.string
    if token == "_":
        return "_" if _is_within_word(text, match.start()) else "\\_"
    if token == "~":
        return "~" if _is_user_in_address(text, match.start()) else "\\~"
    if not _MARKUP.match(text, match.start()):
        return token
    # Not \\<, for programs that look for tags in the raw file do not know the backslash.
    return "&lt;" if token == "<" else "\\" + token


def _is_within_word(text: str, position: int) -> bool:
    """Whether one underscore has a letter or digit on both sides; of several in a row, none does."""
    return position > 0 and text[position - 1].isalnum() and text[position + 1 : position + 2].isalnum()


_FOLDER = re.compile(r"[(<]?https?://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d+)?/(?:\S*/)?")


def _is_user_in_address(text: str, position: int) -> bool:
    """Whether a tilde is that of ``https://example.org/~user``; others strike text, for some readers by themselves."""
    before = text[text.rfind(" ", 0, position) + 1 : position]
    return bool(_FOLDER.fullmatch(before)) and text[position + 1 : position + 2].isalnum()


def at_line_start(text: str) -> str:
    """*text* so that its first characters make no block when a line begins with them."""
    match = _LINE_START.match(text)
    if match is None:
        return text
    return f"{match[1]}\\{text[match.end(1) :]}" if match[1] else "\\" + text


def inline(text: str) -> Safe:
    """*text* on one line: TeX of the prose turned into characters, ``$…$`` kept for MathJax, all else literal."""
    if "$" not in text and "\\" not in text:
        return literal(tex.prose(clean(text)))
    parts: list[str] = []
    for span in printable(tex.spans(clean(text))):
        parts.append(f"${span.text}$" if span.is_math else _SUSPECT.sub(_escaped, parted(tex.prose(span.text))))
    return Safe(at_line_start("".join(parts).strip()))


_MATH_UNSAFE = re.compile(r"<(?=[A-Za-z/!?%])|\[(?=\[)|\](?=\])|=(?==)|~(?=~)|`|(?<!\\)[%#]|\\\$|(?<=--)>|" + _SCHEME)
_MATH_REPLACED = {
    **{"<": r"\lt ", ">": r"\gt ", "[": "[ ", "]": "] ", "=": "= ", "~": "~ ", ":": "{:}"},
    **{"`": "‘", "%": r"\%", "#": r"\#", r"\$": r"\unicode{x24}"},
}


def printable(found: Iterable[tex.Span]) -> list[tex.Span]:
    """Mathematics made printable: neighbours are one formula and digits after it are its own.

    ``$_3$$^{13}$`` would open a display formula, and a closing dollar before a digit closes nothing.
    """
    result: list[tex.Span] = []
    for span in found:
        previous = result[-1] if result else None
        if not span.is_math:
            digits = re.match(r"\d+", span.text) if previous and previous.is_math else None
            if previous and digits:
                result[-1] = tex.Span(f"{previous.text}{{{digits[0]}}}", True)
                span = tex.Span(span.text[digits.end() :], False)
            if span.text:
                result.append(span)
            continue
        formula = _MATH_UNSAFE.sub(lambda m: _MATH_REPLACED[m[0]], span.text)
        if previous and previous.is_math:
            result[-1] = tex.Span(f"{previous.text}{{}}{formula}", True)
        else:
            result.append(tex.Span(formula, True))
    return result


def within(found: Iterable[tex.Span]) -> str:
    """Words and formulas that stand within a line, told apart already; white space at either end stays.

    A formula that MathJax should not be given is shown as its TeX. Whoever puts the line together looks after its start.
    """
    together: list[tex.Span] = []
    for is_math, spans in groupby(found, lambda span: span.is_math and tex.is_harmless(span.text)):
        if is_math:
            together += spans
        else:
            together.append(tex.Span("".join(span.text for span in spans), False))
    parts = (f"${span.text}$" if span.is_math else _words_within(span.text) for span in printable(together))
    return "".join(parts)


def _words_within(text: str) -> str:
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    words = _SUSPECT.sub(_escaped, parted(clean(text)))
    return f"{before}{words}{after}" if words else before or after


def display(formula: str, number: str = "") -> Safe:
    """``$$…$$`` on one line, with its printed number; TeX that MathJax should not be given as text."""
    formula = clean(formula)
    if not formula or not tex.is_harmless(formula):
        return literal(f"{formula} ({number})" if number else formula)
    printed = _MATH_UNSAFE.sub(lambda m: _MATH_REPLACED[m[0]], formula)
    tagged = number and re.fullmatch(r"[\w.'*† -]{1,20}", number) and "\\tag" not in printed
    tag = f" \\tag{{{number}}}" if tagged else ""
    return Safe(f"$${printed}{tag}$$")


# No start of a query of Dataview (= $=), of a button or an input of Meta Bind and Buttons, nothing that ends the span.
_PLAIN_CODE = re.compile(r"(?!button-|=)[\w./:@+,()'\"=*<>!?&;{}-][\w ./:@+,()'\"=*<>!?&;{}#-]*")


def code(text: str) -> Safe:
    """A piece of code within a line; as text when a program could take it for more than that."""
    line = clean(text)
    if not _PLAIN_CODE.fullmatch(line) or _RAW_MARKUP.search(line):
        return Safe(_SUSPECT.sub(_escaped, parted(line)))
    return Safe(f"`{line}`")


_RAW_MARKUP = re.compile(r"==|<[A-Za-z/!?%]|-->|::|(?<![^\s(])\#\w|" + _SCHEME)
_CODE_PAIRS = re.compile(r"\[(?=\[)|\](?=\])|%(?=%)|<(?=%)")


def fenced(text: str) -> Safe:
    """A block of code of no language, which no program runs; line ends and indentation stay.

    ``[[``, ``]]``, ``%%`` and ``<%`` get a space within: programs that search the raw file would take them for links,
    comments and commands.
    """
    lines = (_INVISIBLE.sub("", line).replace("\t", "    ").rstrip() for line in text.splitlines())
    inside = _CODE_PAIRS.sub(r"\g<0> ", unicodedata.normalize("NFC", "\n".join(lines)).strip("\n"))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", inside)), 3)
    return Safe(f"{fence}text\n{inside}\n{fence}")


_RULE = re.compile(r"[\s|:-]*\|[\s|:-]*")


def body(text: str) -> Safe:
    """Paragraphs, one for each line of *text*; otherwise as ``inline``."""
    if "\n" not in text:
        return inline(text)
    return Safe("\n\n".join(line for line in map(inline, text.split("\n")) if line))


heading = inline


def callout(text: str) -> Safe:
    """A line of a callout: as ``inline``, and no rule of a table below the callout's title."""
    shown = inline(text)
    return Safe(shown.replace("|", "\\|")) if _RULE.fullmatch(shown) else shown


def table_cell(text: str) -> Safe:
    """One cell of a table: as ``inline``, mathematics in characters, for a bar inside would end the cell."""
    return Safe(literal(tex.plain(text)).replace("|", "\\|"))


# --- links -----------------------------------------------------------------------------------------------------------

_LINK_TEXT = str.maketrans(
    {"[": "(", "]": ")", "|": "∣", "<": "‹", ">": "›", "#": "♯", "^": "ˆ", "`": "'", "~": "∼", "*": "∗", "$": "＄",
     "\\": "∖"}
)  # fmt: skip
_LINK_PAIRS = re.compile(r"([=%])(?=\1)")
_LINK_EDGE = re.compile(r"(?<!\w)_+|_++(?!\w)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_UNLINKABLE = re.compile(r"[\[\]|#^<>\\`$\n]|%%|==|\A\s*\Z")


@lru_cache(maxsize=8192)  # a title is linked from many pages
def link_text(text: str) -> Safe:
    """The text of a link. No escape works there in every reader, so what is special is replaced by its likeness."""
    shown = tex.plain(clean(text)).translate(_LINK_TEXT)
    shown = _ENTITY.sub("＆", _LINK_PAIRS.sub(r"\1 ", shown))
    return Safe(_isolated(_LINK_EDGE.sub(lambda m: "ˍ" * len(m[0]), shown)) or "…")


def _isolated(text: str) -> str:
    """Text with Arabic or Hebrew letters between U+2068 and U+2069, so that a date after it stays where it is written.

    All other text as it is: whoever searches the files for it finds it.
    """
    if text.isascii() or not any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return text
    return f"\u2068{text}\u2069"


def wikilink(link: Link) -> Safe:
    """``[[path|text]]``; the bare text when Obsidian has no way to write a link to that path."""
    if _UNLINKABLE.search(link.path):
        return inline(link.text)
    return Safe(f"[[{link.path}|{link_text(link.text)}]]")


def wikilink_cell(link: Link) -> Safe:
    """``wikilink`` within a table, where the bar is escaped."""
    if _UNLINKABLE.search(link.path):
        return table_cell(link.text)
    return Safe(f"[[{link.path}\\|{link_text(link.text)}]]")


def web_link(text: str, address: str) -> Safe:
    """``[text](address)``, the address percent-encoded; the bare text when it is no address of the web."""
    if not re.match(r"https?://[\w.-]+(?:/|\Z)", address):
        return inline(text)
    return Safe(f"[{link_text(text)}]({quote(address, safe='/:?=&;@,+~-._%')})")


# --- elsewhere -------------------------------------------------------------------------------------------------------


def property_text(text: str) -> str:
    """A value of the front matter: no link, no Templater command; quoting it for YAML is the writer's business."""
    return re.sub(r"\[(?=\[)|<(?=%)", r"\g<0> ", clean(text))


def property_link(link: Link) -> str:
    """A link as a value of the front matter, text when there can be none."""
    return property_text(link.text) if _UNLINKABLE.search(link.path) else str(wikilink(link))


def tag(category: str) -> str:
    """``cs.AI`` as the tag ``arxiv/cs-AI``: Obsidian takes no dot in a tag."""
    return "arxiv/" + re.sub(r"[^A-Za-z0-9_/-]+", "-", category)


def svg_text(text: str) -> Safe:
    return Safe(_xml(clean(text), {'"': "&quot;", "'": "&apos;"}))


_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[\[\]]")
_JSON_MARKUP = "<>#%`\x7f"
_JSON_UNSAFE = re.compile(f"[{_JSON_MARKUP}\x80-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def comment_json(data: object) -> Safe:
    """Compact JSON, the same data when read again, in which nothing ends a comment or makes a link or tag.

    Raises UnicodeEncodeError for half a character; the catalogue holds none.
    """
    text = msgspec.json.encode(data).decode()
    if not text.isascii() or any(sign in text for sign in _JSON_MARKUP):
        text = _JSON_UNSAFE.sub(_json_escape, text)  # none of these is JSON's own punctuation
    if "[[" in text or "]]" in text:
        text = _JSON_STRING.sub(lambda m: _BRACKETS.sub(_json_escape, m[0]), text)
        text = _BRACKETS.sub(lambda m: m[0] + " ", text)
    return Safe(text)


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
