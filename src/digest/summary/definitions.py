"""The sentence of an abstract that says what a term is: "X is a …", where it says no more than that X matters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.summary.reading import plain
from digest.summary.sentences import split

LONGEST = 320
"""Characters of a sentence that is quoted."""

SHORTEST = 45

_VERB = r"(?:is|are|refers? to|denotes?|describes?|means?|consists? of)"
_PRAISE = (
    r"(?:(?:\w+ly|most|more|very|an?|the|one of the|among the|of|used|still|now|also|both)\s+)*"
    r"(?:key|crucial|critical|important|importance|essential|fundamental|challeng\w+|promising|popular|powerful|major|central"
    r"|vital|well[- ]known|long[- ]standing|active|core|cornerstone|common|significant|significance|hot|emerging|growing"
    r"|ubiquitous|indispensable|pivotal|effective|attractive|compelling|difficult|hard|notorious|necessary|prominent"
    r"|standard|leading|transformative|foundational|great|interest|prevalent|exciting|potent|useful|natural|strong"
    r"|predominant|dominant|realistic|go-to|adopted|expanding|de facto|novel|new|recent|viable)\b"
)
_SAYS_WHAT = re.compile(
    r"\b(?:that|which|in which|whose|where(?:by|in)?|aim(?:s|ed|ing)? (?:to|at)|used (?:to|for|in)|designed to|of \w+ing|for \w+ing"
    r"|consist(?:s|ing) of|based on)\b"
)
_MIDDLE = rf"s?(?:\s*\([^()]{{1,40}}\))?(?:,[^,.]{{3,80}},)?\s+{_VERB}\s+"
_HINT = re.compile(_MIDDLE)
_OWN = re.compile(
    r"\b(?:we|our|ours|us|here|proposed?|proposes|presented?|presents|introduced?|introduces|this (?:paper|work|study|article|letter))\b",
    re.IGNORECASE,
)
_NO_KIND = re.compile(
    r"(?:not|n't|able|capable|often|typically|usually|being|now|still|at|in|on|by|to|under|known|\d)\b", re.IGNORECASE
)
_KIND = re.compile(
    r"(?:an?|any|one of the|those)\s+[a-z]"
    r"|the\s+(?:[\w-]+\s+)?(?:task|process|problem|study|ability|practice|use|set|field|art|science|act|procedure|measure)s?\b",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"[,;:] (?:but|yet|however|although|though|while|whereas|and|these|they|it)\b|\b(?:however|but|unfortunately)\b"
)
_SCORED = re.compile(r"\b(?:first|best|only|same|main reason|case|result)\b")


def definition(forms: Iterable[str], abstract: str) -> str:
    """The first sentence of *abstract*, as it is read, that begins with one of a term's *forms* and says what it is.

    "" where there is none. After the patterns of Hearst 1992 ("Automatic acquisition of hyponyms from large text
    corpora") and of definition extraction (Navigli and Velardi 2010): the term, a verb that defines, a kind. Not taken
    are sentences that praise ("X is a key task") without a clause that says what X does, and those on the paper's own work.
    """
    wanted = sorted({form.lower() for form in forms if form}, key=lambda form: (-len(form), form))
    lowered = abstract.lower()
    if not any(_hinted(lowered, form) for form in wanted):
        return ""
    terms = "|".join(map(re.escape, wanted))
    opening = re.compile(rf"(?:(?:An?|The|In [\w ]{{3,40}},)\s+)?(?:{terms}){_MIDDLE}", re.IGNORECASE)
    return next((sentence for raw in split(abstract) if (sentence := plain(raw)) and _defines(opening, sentence)), "")


def _hinted(text: str, form: str) -> bool:
    """Whether a verb that defines comes after a term, somewhere: nearly always it does not, and this is quick."""
    at = text.find(form)
    while at >= 0:
        if _HINT.match(text, at + len(form)):
            return True
        at = text.find(form, at + 1)
    return False


def _defines(opening: re.Pattern[str], sentence: str) -> bool:
    match = opening.match(sentence)
    if match is None or not SHORTEST <= len(sentence) <= LONGEST or not sentence.endswith("."):
        return False
    said = sentence[match.end() :]
    verb = match[0].split()[-1]
    if _OWN.search(sentence) or _TURN.search(said) or _SCORED.match(said) or _NO_KIND.match(said):
        return False
    if verb in ("is", "are") and not _KIND.match(said):
        return False
    return not re.match(_PRAISE, said, re.IGNORECASE) or bool(_SAYS_WHAT.search(said))
