"""Make a chosen sentence stand alone, where that is safe."""

from __future__ import annotations

import re

_PAPER = r"(?:paper|work|study|article|letter|survey|review|report|thesis|chapter|contribution|note)"
_HERE = rf"In (?:this|our|the present|the current|that) (?:\w+ )?{_PAPER}"
_LINKED_BY = (
    r"Finally|Herein|Moreover|Furthermore|Additionally|Also|Besides|Here|Thus|Therefore|Hence|Consequently|Accordingly"
    r"|Then|Specifically|Concretely|Particularly|Notably|Importantly|Further|First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Lastly"
    r"|Next|Instead|However|Meanwhile|Overall|Now|As a result|As such|At the same time|On the other hand|In particular"
    r"|In (?:addition|contrast|response|summary|short)|In this (?:context|light|direction|spirit|vein|respect|regard)"
    r"|For (?:this|that) (?:purpose|reason)|(?:By|In) doing so|More (?:specifically|precisely|concretely|importantly)"
)
_AIM = (
    r"To (?:this end|that end|do so|do this|(?:address|tackle|solve|overcome|mitigate|bridge|fill|remedy|alleviate"
    r"|resolve|circumvent|combat|counter|handle|answer|close|avoid|cope|deal|meet|achieve)\b[^;:]{0,160}?)"
    r"|(?:Motivated|Inspired|Encouraged|Driven|Prompted) by\b[^;:]{0,160}?"
    r"|(?:Towards?|With) (?:this|that|these|the) (?:end|goal|aim|purpose|objective|motivation|insight)s?(?: in mind)?"
    r"|(?:Based|Building) (?:on|upon) (?:this|these)\b[^,;:]{0,80}?|Given (?:this|these)\b[^,;:]{0,80}?"
    r"|In (?:light|view) of (?:this|these)\b[^,;:]{0,80}?"
)
_SUBJECT = rf"(?:we|our|this {_PAPER})\b"
_LEADING_CLAUSES = re.compile(
    rf"(?:(?:{_HERE}|{_LINKED_BY}|{_AIM}),\s+|(?:{_HERE}|{_LINKED_BY})\s+(?=we\b)){{1,2}}(?={_SUBJECT})", re.IGNORECASE
)
_HEADING = re.compile(r"(?:Aims?|Objectives?|Purpose|Methods?|Results?|Conclusions?)\s*[:.–—]\s+(?=[A-Z$])")
_EDITORS_NOTE = re.compile(r"[\[(]abridged[\])]\s*", re.IGNORECASE)
_CITED = re.compile(r"\s*\((?=[^()]*\b(?:et al\b|(?:19|20)\d\d[a-z]?\)))[^()]*\)")
_ORDER_OF_TELLING = re.compile(r"(We )(?:further|also|additionally|then|first|next|finally|therefore|thus|hence) ")


def compressed(sentence: str) -> str:
    """*sentence* without its heading and leading clauses, when these only lead and "we", "our" or "this paper" follows.

    What limits the claim stays: "For planar graphs, we show …" is left whole. "We further show" becomes "We show".
    Citations in parentheses and a leading "[Abridged]" go, too.
    """
    sentence = _CITED.sub("", _EDITORS_NOTE.sub("", sentence))
    sentence = _HEADING.sub("", sentence, count=1) if _HEADING.match(sentence) else sentence
    clauses = _LEADING_CLAUSES.match(sentence)
    rest = _capital(sentence[clauses.end() :]) if clauses else sentence
    return _ORDER_OF_TELLING.sub(r"\1", rest, count=1) if _ORDER_OF_TELLING.match(rest) else rest


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
