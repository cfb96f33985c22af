"""TeX as MathML, which browsers show by themselves: no script, no font, no other host."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

# What MathML Core has and what the converter makes. Its \href makes links and its \class attributes of any name.
_TAGS = frozenset(
    "math mrow mi mn mo ms mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mstyle mpadded "
    "mphantom merror mtable mtr mtd mlabeledtr mmultiscripts mprescripts none menclose semantics".split()
)
_ATTRIBUTES = frozenset(
    "display mathvariant displaystyle scriptlevel stretchy fence form separator accent accentunder movablelimits "
    "largeop symmetric lspace rspace minsize maxsize linethickness width height depth voffset columnalign rowalign "
    "columnlines rowlines columnspacing rowspacing notation".split()
)
_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{1,6});")  # how the converter writes signs
_ESCAPED = re.compile(r"\\([%#&$_{}])")


@lru_cache(maxsize=1 << 14)
def mathml(tex: str, *, display: bool = False) -> str:
    """HTML that shows the formula *tex*; its source where it cannot be converted (unknown commands, mostly)."""
    try:
        root = convert_to_element(tex, display="block" if display else "inline")
        _purify(root)
    # The converter has a dozen errors without a common root, and meets whatever authors write.
    except Exception:  # noqa: BLE001
        return _source(tex, display=display)
    return tostring(root, encoding="unicode", short_empty_elements=False)


def _sign(match: re.Match[str]) -> str:
    """Raises ``ValueError`` for what is no sign, or one that turns text round; invisible operators are signs."""
    sign = chr(int(match[1], 16))
    if unicodedata.category(sign).startswith("C") and sign not in "\u2061\u2062\u2063\u2064":
        raise ValueError(match[0])
    return sign


def _purify(element: Element) -> None:
    """Raises ``ValueError`` for what the converter did not understand or what has no place in a formula."""
    element.attrib.pop("xmlns", None)  # HTML knows the element by name
    if element.tag not in _TAGS:
        raise ValueError(element.tag)
    if element.text:
        text = _REFERENCE.sub(_sign, element.text)
        element.text = _ESCAPED.sub(r"\1", text)
        if "\\" in element.text:
            raise ValueError(element.text)
    for name in element.attrib.keys() - _ATTRIBUTES:
        del element.attrib[name]
    for child in element:
        _purify(child)


def _source(tex: str, *, display: bool) -> str:
    dollars = "$$" if display else "$"
    return f'<code class="tex">{escape(f"{dollars}{tex}{dollars}")}</code>'
