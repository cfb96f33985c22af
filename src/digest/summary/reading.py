"""A sentence as it is read: TeX's marks for the typesetter turned into characters, mathematics left alone."""

from __future__ import annotations

import re
import unicodedata

from digest.summary.mathematics import MATHEMATICS

_ROUNDS = 4  # how deep commands may be nested; more is not prose

_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
}
_ACCENT = re.compile(
    r"\\(?:(['`^\"~=.])\s*|([uvHckr])(?:\s+|(?=\{)))(?:\{\s*\\?([A-Za-z])\s*\}|\\([ij])(?![A-Za-z])|([A-Za-z]))"
)

_SYMBOLS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "ldots": "…", "dots": "…", "textellipsis": "…", "S": "§", "textregistered": "®",
    "texttrademark": "™", "copyright": "©", "pounds": "£", "textendash": "–", "textemdash": "—", "textbackslash": "\\",
    "textquotedblleft": "“", "textquotedblright": "”", "textquoteleft": "‘", "textquoteright": "’", "textdegree": "°",
    "textasciitilde": "~", "textunderscore": "_", "textbar": "|", "textless": "<", "textgreater": ">", "par": " ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "lambda": "λ", "mu": "μ", "pi": "π",
    "sigma": "σ", "tau": "τ", "times": "×", "pm": "±", "sim": "∼", "approx": "≈", "to": "→", "rightarrow": "→",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "quad": " ", "qquad": " ", "newline": " ", "linebreak": " ",
    "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "etc": "etc.", "vs": "vs.", "wrt": "w.r.t.", "LaTeX": "LaTeX",
    "TeX": "TeX", "xspace": "", "noindent": "", "centering": "", "em": "", "it": "", "bf": "",
    "rm": "", "sc": "", "tt": "", "sf": "", "sl": "", "itshape": "", "bfseries": "", "scshape": "", "ttfamily": "",
    "sffamily": "", "small": "", "footnotesize": "", "protect": "", "item": "•",
}  # fmt: skip

_DROPPED = re.compile(
    r"[\s~]{0,9}\\(?:[A-Za-z]*cite[A-Za-z]*|label|footnote|thanks|vspace|hspace|input|bibliographystyle)\*?"
    r"(?:\s*\[[^\]]*\]){0,2}\s*\{(?:[^{}]|\{[^{}]*\})*\}"
)
_REFERRED = re.compile(r"\\(?:eq|auto|c|C|page|name)?ref\*?\s*\{[^{}]*\}")
_HREF = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_COLOURED = re.compile(r"\\(?:textcolor|colorbox)\s*\{[^{}]*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}|\\color\s*\{[^{}]*\}")
_COMMAND_WITH_TEXT = re.compile(r"\\[A-Za-z]+\*?\s*(?:\[[^\]]*\]\s*)?\{([^{}]+)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?(?:\{\}|\s+(?=[^\s\d(])|)")
_GROUP = re.compile(r"\{([^{}]*)\}")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_THIN_SPACE = re.compile(r"\\[,;:! ]|\\\\(?:\[[^\]]*\])?|\\$")
_QUOTED = re.compile(r"``(.{0,400}?)(?:''|\")", re.DOTALL)
_SINGLE_QUOTED = re.compile(r"(?<![\w`])`([^`'\n]{1,80})'(?!\w)")
_TIE = re.compile(r"(?<=[^\s~(\[])~+(?=[^\s~])")
_EM_DASH = re.compile(r"(?<!-)---(?!-)")
_EN_DASH = re.compile(r"(?<=[^\s-])--(?=[^\s-])|(?<=\s)--(?=\s)")
_SPACE_BEFORE_STOP = re.compile(r"(?<=\w)[^\S\n]+([.,;:])(?=\s|$)")

# Private characters that stand for something while the text around it is worked on.
_PRIVATE = re.compile("[\ue000-\ue004]")
_STAND_INS = {"{": "\ue000", "}": "\ue001", "$": "\ue002"}
_RESTORED = {ord(private): character for character, private in _STAND_INS.items()}
_FORMULA = re.compile("\ue003(\\d+)\ue004")


def plain(sentence: str) -> str:
    """*sentence* for reading, on one line.

    Emphasis and fonts give their text, citations and labels are dropped, quotes, dashes, ties, accents and escaped
    characters become characters. Mathematics is untouched but for its marks: ``\\(…\\)`` and ``\\[…\\]`` become ``$…$``.
    What is not understood stays.
    """
    formulas: list[str] = []

    def put_aside(span: re.Match[str]) -> str:
        formulas.append(_in_dollars(span[0]))
        return f"\ue003{len(formulas) - 1}\ue004"

    text = MATHEMATICS.sub(put_aside, _PRIVATE.sub("", sentence))
    if "\\" in text or "{" in text:
        text = _without_commands(text)
    text = _with_typography(text)
    text = _FORMULA.sub(lambda stand_in: formulas[int(stand_in[1])], text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _in_dollars(formula: str) -> str:
    if formula.startswith("$") or "$" in formula:
        return formula
    return f"${formula[2:-2].strip()}$"


def _without_commands(text: str) -> str:
    text = _ESCAPED.sub(lambda escaped: _STAND_INS.get(escaped[1], escaped[1]), text)
    text = _REFERRED.sub("", _DROPPED.sub("", text))
    text = _COLOURED.sub(lambda coloured: coloured[1] or "", _HREF.sub(r"\2", text))
    text = _ACCENT.sub(_accented, text)
    text = _COMMAND.sub(_symbol, text)
    for _ in range(_ROUNDS):
        text, found = _COMMAND_WITH_TEXT.subn(r"\1", text)
        if not found:
            text = _GROUP.sub(_opened, text)
    return _THIN_SPACE.sub(" ", text).translate(_RESTORED)


def _accented(span: re.Match[str]) -> str:
    letter = span[3] or span[4] or span[5]
    return unicodedata.normalize("NFC", letter + _ACCENTS[span[1] or span[2]])


def _symbol(span: re.Match[str]) -> str:
    return _SYMBOLS.get(span[1], span[0])


def _opened(group: re.Match[str]) -> str:
    """The text of a group; a set or an empty pair of braces is no group, and is kept."""
    inside = group[1]
    if inside and not inside.isspace() and "," not in inside and ":" not in inside:
        return inside
    return f"{_STAND_INS['{']}{inside}{_STAND_INS['}']}"


def _with_typography(text: str) -> str:
    text = _SINGLE_QUOTED.sub("‘\\1’", _QUOTED.sub("“\\1”", text)) if "`" in text else text
    text = _TIE.sub(" ", text) if "~" in text else text
    text = _EN_DASH.sub("–", _EM_DASH.sub("—", text)) if "--" in text else text
    return _SPACE_BEFORE_STOP.sub(r"\1", text)
