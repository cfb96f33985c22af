r"""TeX in titles and abstracts: which parts are mathematics, and what the rest says in plain Unicode.

Outside of ``$…$`` authors write the TeX that they are used to (``\emph{x}``, ``Erd\H{o}s``, ``50\%``); a reader of
Markdown wants the characters. Inside, MathJax wants TeX, but file names and link texts want characters again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from digest.render.symbols import ACCENTS, LETTERS, SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS


class Span(NamedTuple):
    """A piece of a text; of mathematics, what stands between the dollars."""

    text: str
    is_math: bool


_ARGUMENT = r"\{((?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*\})*)\}"
_MATH = re.compile(
    r"""\\\$                                            # an escaped dollar is no delimiter
      | \$\$ (?P<display> (?:[^$\\]|\\.)+ ) \$\$
      | \$   (?P<inline>  (?:[^$\\]|\\.)+ ) \$
      | \\\( (?P<round>   (?:[^\\]|\\[^()])+? ) \\\)
      | \\\[ (?P<square>  (?:[^\\]|\\[^\[\]])+? ) \\\]
    """,
    re.VERBOSE | re.DOTALL,
)
# MathJax extensions that make links, styles or definitions: no abstract needs them, an attacker does.
_ACTIVE = re.compile(
    r"\\(?:href|url|class|cssId|style|require|(?:re)?newcommand|providecommand|newenvironment|DeclareMathOperator"
    r"|[egx]?def|let|gdef|html\w*|data|mmlToken|includegraphics|bbox|Tip|tooltip|texttip|mathtip|toggle|action|label|tag"
    r"|begingroup|catcode|csname|input|include|unicode\s*\{[^}]*[^}\w.][^}]*\})(?![a-zA-Z])"
)
_FONT_AROUND_MATH = re.compile(
    r"\\(?:emph|text(?:bf|it|tt|sc|rm|sf)|underline)\{((?:[^{}$\\]|\\.)*\$[^$]*\$(?:[^{}$\\]|\\.|\$[^$]*\$)*)\}"
)
_WORD = re.compile(r"(?<![\\{a-zA-Z])[a-z]{3,}(?![a-zA-Z}])")
_TWO_WORDS = re.compile(r"[a-z]{3,} [a-z]{3,}")


def spans(text: str) -> Iterator[Span]:
    """Cut *text* into prose and mathematics, in order; prose may still hold TeX commands.

    Dollars that are money stay prose: as in pandoc, an opening dollar has no space after it, a closing one none
    before it and no digit after it, unless what is between can be nothing but TeX.
    """
    if "$" not in text and "\\" not in text:
        yield Span(text, False)
        return
    text = _FONT_AROUND_MATH.sub(r"\1", text)
    start, position = 0, 0
    while match := _MATH.search(text, position):
        position = match.end()
        if match.lastgroup is None:
            continue
        content = match[match.lastgroup]
        if not _is_math(content, match.lastgroup, text[position : position + 1]):
            position = match.start() + (2 if match.lastgroup != "inline" else 1)
            continue
        if match.start() > start:
            yield Span(text[start : match.start()], False)
        yield Span(" ".join(content.split()), True)
        start = position
    if start < len(text):
        yield Span(text[start:], False)


def _is_math(content: str, kind: str, following: str) -> bool:
    if not content.strip() or not _balanced(content) or _ACTIVE.search(content) or _is_sentence(content):
        return False
    if kind != "inline":
        return True
    if any(c in content for c in "\\^_=") and not _TWO_WORDS.search(content):
        return True
    if following.isdigit():  # $-$2.3 and $z<$3, but no price after another
        return not content[0].isdigit() and not re.search(r"[A-Za-z0-9]{2}|\s", content)
    return not content[0].isspace() and not content[-1].isspace()


def is_harmless(formula: str) -> bool:
    """Whether MathJax may be given it: braces in pairs, and none of the commands that make links or definitions."""
    return (
        bool(formula.strip())
        and "$" not in formula.replace("\\$", "")
        and _balanced(formula)
        and not _ACTIVE.search(formula)
    )


def _is_sentence(content: str) -> bool:
    """Whether an odd dollar somewhere before has turned prose and mathematics around."""
    return "\\text" not in content and len(_WORD.findall(content)) > 5


def _balanced(content: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", content):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and not content.rstrip().endswith("\\")


_FONTS = re.compile(
    r"\\(?:emph|text(?:bf|it|tt|sc|rm|sf|sl|md|up|normal)?|underline|uline|mbox|hbox|fbox|boldsymbol|bm|ensuremath"
    r"|operatorname\*?|math(?:rm|bf|it|cal|bb|scr|frak|sf|tt|normal))(?![a-zA-Z])\s*" + _ARGUMENT
)
_COLOURED = re.compile(r"\\textcolor\s*(?:\[[^\]]*\])?\{[^{}]*\}\s*" + _ARGUMENT)
_RAISED = re.compile(r"\\text(super|sub)script\s*\{([^{}]*)\}")
_ION = re.compile(r"\\ion\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ENQUOTED = re.compile(r"\\enquote\s*" + _ARGUMENT)
_SWITCHES = re.compile(r"\{\s*\\(?:it|bf|em|sc|tt|rm|sf|sl|cal)(?![a-zA-Z])\s*((?:[^{}\\]|\\.)*)\}")
_LINK = re.compile(r"\\href\s*" + _ARGUMENT + r"\s*" + _ARGUMENT)
_URL = re.compile(r"\\url\s*" + _ARGUMENT)
_FOOTNOTE = re.compile(r"\s?\\footnote\s*" + _ARGUMENT)
_REFERENCE = re.compile(r"[~\s]?\\(?:cite[a-z]*\*?(?:\[[^\]]*\])*|ref|eqref|label)\s*" + _ARGUMENT)
_ACCENT = re.compile(
    r"""\{?\\(?:(?P<mark>[`'^"~=.]) | (?P<letter>[uvHcdbkrt])(?=[\s{]))\s*
        (?:\{\s*\\?(?P<braced>[A-Za-z])\s*\} | \\?(?P<bare>[A-Za-z])(?![a-zA-Z]*\{))(?P<close>\}?)""",
    re.VERBOSE,
)
_COMMAND = re.compile(r"\\([a-zA-Z]+)(?![a-zA-Z])(?:\{\}|\s+(?=[\w(])(?!$))?")
_SPACING = re.compile(r"\\[,;: ]|\\\\|\\(?:quad|qquad)(?![a-zA-Z])")
_ESCAPED = re.compile(r"\\([%&_#{}$])")
_TIE = re.compile(r"(?<=[\w.,)])~(?=[\w(\\])")
_QUOTED = re.compile(r"``([^`']+?)''")
_DASH = re.compile(r"(?<=[\w)\]])--(?=[\w(\[])|(?<=\s)--(?=\s)")
_LONG_DASH = re.compile(r"(?<![-<])---(?![->])(?!$)")


def prose(text: str) -> str:
    """What TeX outside of mathematics says; an unknown command stays as it is, for nobody knows what it says."""
    if "`" in text:
        text = _QUOTED.sub("“\\1”", text)
    if "--" in text:
        text = _DASH.sub("–", _LONG_DASH.sub("—", text))
    if "~" in text:
        text = " ".join(word if "://" in word else _TIE.sub(" ", word) for word in text.split(" "))
    return _commands(text) if "\\" in text else text


def _commands(text: str) -> str:
    text = _LINK.sub(lambda m: f"{m[2]} ({m[1]})", text)
    text = _REFERENCE.sub("", _FOOTNOTE.sub(r" (\1)", _URL.sub(r"\1", text)))
    text = _ACCENT.sub(_accent, text)
    text = _ION.sub(r"\1 \2", _ENQUOTED.sub("“\\1”", _COLOURED.sub(r"\1", text)))
    text = _RAISED.sub(lambda m: _raised(m[2], SUPERSCRIPTS if m[1] == "super" else SUBSCRIPTS, m[2]), text)
    for _ in range(4):  # fonts nest, seldom deeper
        before, text = text, _SWITCHES.sub(r"\1", _FONTS.sub(r"\1", text))
        if text == before:
            break
    text = _COMMAND.sub(_symbol, text)
    return _ESCAPED.sub(r"\1", _SPACING.sub(" ", text)).replace("\\!", "").replace("\\-", "")


def _accent(match: re.Match[str]) -> str:
    base = match["braced"] or match["bare"]
    mark = ACCENTS[match["mark"] or match["letter"]]
    opened = match[0].startswith("{")
    rest = "" if opened else match["close"]  # the brace belongs to something around us
    missing = "{" if opened and not match["close"] else ""
    return missing + unicodedata.normalize("NFC", base + mark) + rest


def _symbol(match: re.Match[str]) -> str:
    name = match[1]
    if (letter := LETTERS.get(name)) is not None:
        return letter
    if (symbol := SYMBOLS.get(name)) is not None:
        return symbol + (" " if match[0][-1].isspace() else "")
    return match[0].removesuffix("{}")


_NOISE = re.compile(
    r"\\(?:left|right|big|Big|bigg|Bigg|limits|nolimits|displaystyle|textstyle|rm|it|bf|cal|tt|sc|sf)"
    r"(?![a-zA-Z])\s*|\\!"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*" + _ARGUMENT + r"\s*" + _ARGUMENT)
_ROOT = re.compile(r"\\sqrt\s*" + _ARGUMENT)
_HAT = re.compile(r"\\(hat|widehat|bar|overline|tilde|widetilde|dot|ddot|vec)(?![a-zA-Z])\s*(?:\{\s*(\w)\s*\}|(\w))")
_HATS = {
    "hat": "̂",
    "widehat": "̂",
    "bar": "̄",
    "overline": "̄",
    "tilde": "̃",
    "widetilde": "̃",
    "dot": "̇",
    "ddot": "̈",
    "vec": "⃗",
}
_UNICODE = re.compile(r"\\unicode\s*\{\s*[xX]([0-9a-fA-F]{2,5})\s*\}")
_SCRIPT = re.compile(r"([_^])\s*(?:\{([^{}]*)\}|(\S))")
_MATH_COMMAND = re.compile(r"\\([a-zA-Z]+)(?![a-zA-Z])\s*")


def unicode_math(tex: str) -> str:
    r"""A line of characters for mathematics: ``\alpha`` is α, ``CH_3`` CH₃, ``\frac{a}{b}`` a/b; never raises."""
    tex = _NOISE.sub("", _UNICODE.sub(_code_point, tex))
    for _ in range(3):
        tex = _FONTS.sub(r"\1", tex)
    tex = _FRACTION.sub(r"\1/\2", _ROOT.sub(r"√\1", tex))
    tex = _HAT.sub(lambda m: unicodedata.normalize("NFC", (m[2] or m[3]) + _HATS[m[1]]), tex)
    tex = _MATH_COMMAND.sub(lambda m: _name(m[1]), tex)
    tex = _ESCAPED.sub(r"\1", _SPACING.sub(" ", tex))
    tex = _SCRIPT.sub(_script, tex)
    return " ".join(re.sub(r"[{}]", "", tex).replace("~", " ").split())


def _code_point(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number < 0x110000 else ""


def _name(command: str) -> str:
    return SYMBOLS.get(command) or LETTERS.get(command) or command


def _script(match: re.Match[str]) -> str:
    text = (match[2] if match[2] is not None else match[3]).strip()
    return _raised(text, SUBSCRIPTS if match[1] == "_" else SUPERSCRIPTS, f"{match[1]}{text}")


def _raised(text: str, table: Mapping[str, str], otherwise: str) -> str:
    return "".join(table[c] for c in text) if all(c in table for c in text) else otherwise


@lru_cache(maxsize=8192)  # a title is on its own note and on those of its neighbours
def plain(text: str) -> str:
    r"""*text* as one line without TeX, for file names, aliases and link texts: ``$\alpha$-GAN`` is ``α-GAN``."""
    text = " ".join(text.split())
    if "$" in text or "\\" in text:
        text = "".join(
            unicode_math(span.text) if span.is_math else _unknown_too(prose(span.text)) for span in spans(text)
        )
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _unknown_too(text: str) -> str:
    return re.sub(r"\\([a-zA-Z]+)(?:\{\})?", r"\1", text)
