"""Sentences of an abstract, by rules.

Mathematics, links and short brackets are masked by as many letters, so that their full stops end nothing; every other
full stop is judged by the word before it and the word after it.
"""

from __future__ import annotations

import re

from digest.summary.mathematics import MATHEMATICS

_LINK = re.compile(r"(?:https?://|www\.|ftp://)[^\s<>]*[^\s<>.,;:!?)\]}'\"”’]")
_BRACKET = re.compile(r"\(([^()]{0,160}?)([.!?]*)\)|\[([^\[\]]{0,160}?)([.!?]*)\]")
_STOP = re.compile(r"(?P<mark>[.!?…]+)(?P<close>[)\]}\"'”’»*]*)(?:(?P<gap>\s+)|(?=[A-Z][a-z]*\b))")
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*|(?<=[.!?:;)\"”’])[^\S\n]*\n\s*|\s*\n(?=\s*(?:[-•*]|\d{1,2}[.)]|\(\d{1,2}\))\s)")
_WORD_BEFORE = re.compile(r"\S+$")
_WORD_AFTER = re.compile(r"[\"'“”‘’(\[{«*_]*(\S*)")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NEVER_LAST = _words(
    """e.g eg i.e ie cf vs v.s viz resp fig figs eq eqs eqn eqns sec secs sect ref refs tab tabs thm lem prop def cor
    ch chap vol vols pp dr mr mrs ms prof st messrs mt hon rev gen approx ca ed eds dept univ no nos art
    incl esp ex"""
)
"""Abbreviations that want a word after them."""

_SELDOM_LAST = _words(
    """al etc inc ltd co corp jr sr ph.d phd u.s u.k u.s.a u.n e.u i.i.d iid a.k.a aka w.r.t wrt s.t a.s a.e d.o.f
    m.sc b.sc d.c a.m p.m est min max avg std var dim deg const"""
)
"""Abbreviations that may end a sentence; then the next word has to look like a beginning."""

_BEGINNINGS = _words(
    """We The This These Those That There Then Thus Their They In Our Ours It Its However Moreover Furthermore Finally
    Additionally Experiments Experimental Results Extensive To For As By Based Here While Although Though When Where
    Whereas Yet But And Or Also Both Each Specifically Second Secondly First Firstly Third Last Lastly Next With Without
    Using Given Such Despite Unlike Under Through Since Because From On At An One Two Three Some Many Most Several All
    Existing Recent Recently Traditional Current Previous Prior Unfortunately Importantly Notably Interestingly
    Surprisingly Instead Rather Therefore Hence Consequently Overall Beyond After Before During Among Across Further
    Code Codes Project Data Source If Is Are Does Do Can How What Why Which Who Motivated Inspired Compared
    Empirical Empirically Theoretically Numerical Simulation Simulations Evaluation Evaluations Comprehensive Against
    Meanwhile Nevertheless Nonetheless Building Leveraging Considering Conversely Accordingly Together Not No Even
    I A"""
)
"""Words that, capitalised, begin sentences far more often than they name things."""

_INITIAL = re.compile(r"(?:[A-Z]\.-?)*[A-Za-z]")
_MIXED_NAME = re.compile(r"[a-z][\w-]*[A-Z]|[a-z]{1,3}-[a-zA-Z]|[a-z]\d|[a-z]+\(")
_EXCLAIMED_NAMES = ("Yahoo!", "Jeopardy!", "Yelp!")


def split(text: str) -> tuple[str, ...]:
    """The sentences of *text* in order, each trimmed; white space inside them is as it was.

    Joined they give the text up to white space. A blank line always ends a sentence, a line break does after a
    closing mark or before a bullet.
    """
    return tuple(
        sentence for paragraph in _PARAGRAPH.split(text) for sentence in _split_paragraph(paragraph.strip()) if sentence
    )


def _split_paragraph(text: str) -> list[str]:
    masked = _mask(text)
    sentences, start = [], 0
    for stop in _STOP.finditer(masked):
        if stop.end() < len(text) and _ends_here(text, start, stop):
            sentences.append(text[start : stop.end()].strip())
            start = stop.end()
    sentences.append(text[start:].strip())
    return sentences


def _mask(text: str) -> str:
    """*text* with the same length, where nothing that is left of a full stop belongs to a formula, link or bracket."""
    masked = MATHEMATICS.sub(_mask_mathematics, text)
    masked = _LINK.sub(lambda link: "x" * len(link[0]), masked)
    return _BRACKET.sub(_mask_bracket, masked) if "(" in masked or "[" in masked else masked


def _mask_mathematics(span: re.Match[str]) -> str:
    return "$" + "x" * (len(span[0]) - 2) + "$"


def _mask_bracket(span: re.Match[str]) -> str:
    inside, mark = (span[1], span[2]) if span[1] is not None else (span[3], span[4])
    return f"{span[0][0]}{'x' * len(inside)}{mark}{span[0][-1]}"


def _ends_here(text: str, start: int, stop: re.Match[str]) -> bool:
    word = _WORD_BEFORE.search(text, start, stop.start())
    before = word[0].lstrip("\"'“‘([{«") if word else ""
    after_match = _WORD_AFTER.match(text, stop.end())
    after = after_match[1] if after_match else ""
    beginning = after.rstrip(",.;:!?)]}\"'”’") in _BEGINNINGS
    if stop["gap"] is None:
        return _ends_without_a_space(before, stop, after, beginning)
    if not beginning and not _may_begin(after, before):
        return False
    if stop["mark"].startswith(".") and len(stop["mark"]) == 1:
        return _full_stop_ends(text, start, stop, before, after, beginning)
    return _other_mark_ends(before + stop["mark"], stop["mark"], beginning)


def _ends_without_a_space(before: str, stop: re.Match[str], after: str, beginning: bool) -> bool:
    """A forgotten space, as in "of the model.We show"; not "torch.Tensor", "U.S.A", "Node.Js"."""
    known = beginning and len(after) > 1 and not after.startswith(("No.", "A."))
    return known and len(before) > 2 and before[-1].islower() and "." not in before and stop["mark"][0] in ".?!"


def _may_begin(after: str, before: str) -> bool:
    """Whether a sentence can begin with *after*: not in lower case, unless it is a name such as vLLM or k-means."""
    if not after or not after[0].islower():
        return bool(after) and after[0] not in ",;:)]}&=<>/+%"
    return bool(_MIXED_NAME.match(after)) and len(before) > 2 and before.isalpha()


def _full_stop_ends(text: str, start: int, stop: re.Match[str], before: str, after: str, beginning: bool) -> bool:
    bare = before.lower().rstrip(".")
    # Of "mean/std" or "(cf" only the last part is the abbreviation.
    last = re.split(r"[(\[/—–]", bare)[-1]
    if last in _NEVER_LAST:
        return _counts_something(last, after, beginning)
    if last in _SELDOM_LAST:
        return beginning or (last == "etc" and after[:1].isupper())
    if before.isdecimal() and len(before) < 3:  # the number of a list's item
        previous = text[start : stop.start() - len(before)].rstrip()[-1:]
        return previous not in ("", ":", ";") and (previous != "," or beginning)
    return beginning if _INITIAL.fullmatch(before) and before != "I" else True


def _counts_something(last: str, after: str, beginning: bool) -> bool:
    """Whether "no.", "def.", "ex." and the like are the word, not the abbreviation, before *after*."""
    return last in {"no", "ex", "art", "ref", "ch", "gen", "mt"} and beginning and not after[:1].isdigit()


def _other_mark_ends(word: str, mark: str, beginning: bool) -> bool:
    if mark.startswith(("..", "…")):
        return not word.startswith((",", ".", "…")) or beginning
    return beginning or not word.endswith(_EXCLAIMED_NAMES)
