"""What a sentence of a paper states of the paper itself, by the words that authors state it with.

Rules rather than figures: each speaks only where the words leave no doubt, for what is shown under a heading of its own
is read as said by the authors.
"""

from __future__ import annotations

import re

SHORTEST = 6
"""Words of a sentence of the body that is shown."""

LONGEST = 60

_PAPER = r"(?:paper|work|study|article|letter|survey|review|report|thesis|chapter|tutorial|note)"
# What is everybody's is not the paper's: "our understanding", "our Galaxy", "we live in".
_EVERYBODYS = (
    r"(?:understanding|knowledge|galaxy|universe|cosmos|sun|world|planet|society|societies|lives|life|daily|everyday|solar"
    r"|own galaxy|ability|abilities|brains?|digital|modern|home|local|civilization|cities|health)\b"
)
_ANYBODY_DOES = (
    r"(?:live|know|mean|will do|all|humans?|still|now live|often|lack|need|want|see|are (?:witnessing|living|surrounded)|do not (?:yet )?(?:fully )?"
    r"(?:know|understand))\b"
)
_OF_THIS_PAPER = re.compile(
    rf"(?<!\b[Ii]f )(?<!\b[Ww]hen )(?<!\b[Oo]nce )(?<!\bunless )\b[Ww]e (?!{_ANYBODY_DOES})|\b[Oo]urs?\b(?! (?i:{_EVERYBODYS}))"
    rf"|\b[Tt]h(?:is|e present) (?:\w+ )?{_PAPER}\b"
    r"|(?:^|, )I [a-z]+\b|\b[Mm]y (?:paper|work|analysis|results?)\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced|investigated|studied|shown|developed|derived|demonstrated)\b"
)
_DONE_BEFORE = re.compile(
    rf"(?!.*\b(?:here|now|in this {_PAPER}|this {_PAPER}|extend|generali[sz]e|improve|refine|revisit|follow)\b)"
    r"(?:(?:in|as) (?:(?:an?|our|the|two|some|a series of) )?(?:\w+ )?(?:recent|previous|earlier|prior|companion|preceding)"
    r" (?:\w+ )?(?:note|paper|work|stud(?:y|ie)|article|letter)s?\b"
    r"|(?:previously|recently|earlier),? (?:we|it (?:was|has been))\b|our (?:previous|earlier|prior|recent) \w+"
    r"|we (?:have )?(?:recently|previously|earlier)\b)",
    re.IGNORECASE,
)
_NOT_HERE = rf"this (?!{_PAPER}\b)"
_POINTS_BACK = re.compile(
    rf"(?:\w+, )?(?:(?:it|they|such|these|those|both)\b|{_NOT_HERE}"
    rf"|(?:we|our|this \w+)\b[^,;:.]{{0,60}}?\b(?:it|its|they|them|such|these|those|{_NOT_HERE}))",
    re.IGNORECASE,
)
_BEGINS_ELSEWHERE = re.compile(
    rf"(?:[\w ]{{1,30}}, )?(?:(?:it(?! (?:is|was) (?:shown|found|proved|demonstrated|observed))|its|they|their|such|those|both"
    rf"|he|she|the (?:former|latter|same|above|other|second|third)|{_NOT_HERE}|these|another|also|similarly|likewise"
    r"|in particular|specifically|for (?:example|instance)|that is|in this case|namely|accordingly)\b)",
    re.IGNORECASE,
)
_LOOKS_ELSEWHERE = re.compile(
    r"\b(?:tables?|tabs?\.|figs?\.|figures?|eqs?\.|eqns?\.|equations?|sections?|secs?\.|sects?\.|appendix|appendices|algorithm"
    r"|theorem|lemma|proposition|corollary|panel|rows?|columns?)[\s~]*\(?(?:[\dIVX]|[A-H]\b)|§|\b(?:see|shown in|listed in|cf\.)"
    r" |\((?:left|right|top|bottom)\)|\b(?:above|below|following|respectively|aforementioned|the former|the latter)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[\"“‘'(\[]?(?:[A-Z0-9$]|[a-z]\w*[A-Z]).*[.!?][\"”’')\]]?", re.DOTALL)

_FAULT = r"(?:limitation|shortcoming|drawback|caveat|weakness(?:es)?|downside)s?"
_NOT_OURS = rf"(?:(?:\w+ )?(?:understanding|comprehension|knowledge|ability)|previous|earlier|prior|experiments?|results?|findings?|{_EVERYBODYS})"
_OURS = (
    rf"(?:our (?!{_NOT_OURS})|this {_PAPER}\b|the treatment presented in|(?:the|our) (?:present|current) (?:{_PAPER}|analysis|research"
    r"|investigation|evaluation)\b(?! (?:that|which|on|in)\b))"
)
_FEW_WORDS = r"(?:(?! (?:that|which|show|reveal|and|but)\b)[^.,;:]){0,50}?"
_STATES_LIMIT = re.compile(
    # a limitation of our work is that …
    rf"\b{_FAULT}\s+(?:of|in|to|with|for) {_OURS}[^.;]{{0,80}}?\b(?:is|are|was|were|include[sd]?|lies?|stems?|concerns?|comes?)\b"
    # our approach has several limitations
    rf"|\b{_OURS}{_FEW_WORDS}\b(?:has|have|suffers? from|is subject to|comes? with|faces?) (?:(?!fewer\b|no\b|less\b)\w+ ){{0,3}}{_FAULT}\b"
    # our evaluation is limited to …
    rf"|\b{_OURS}{_FEW_WORDS}\b(?:is|are|was|were|remains?) (?:(?!not\b|no\b|never\b)\w+ )?"
    r"(?:limited (?:to|by|in)|restricted to|confined to)\b"
    # one limitation is that we …
    rf"|^(?:an?|one|another|the) (?:\w+ )?{_FAULT} is that\b(?=.*\b(?:we|our)\b)"
    # we do not consider …, which is left for future work
    r"|\bwe (?:do|did|have|could|can)(?: not|n't|not)\b.*\b(?:future (?:work|research|stud\w+)|scope of (?:this|the present|our))\b"
    r"|\bwe (?:\w+ )?(?:leave|defer)\b.{3,160}\b(?:for|to|as)\b.{0,20}\bfuture (?:work|research|stud\w+|investigation)\b"
    r"|\b(?:is|are|remains?|was|were) (?:left (?:for|to|as) (?:a )?future (?:work|research|stud\w+)"
    rf"|(?:beyond|outside|out of) the scope of (?:this|the present|our|the current) {_PAPER})\b",
    re.IGNORECASE,
)
_ONLY_ANNOUNCES = re.compile(
    r"\b(?:discuss|outline|highlight|summari[sz]e|overcome|overcame|address|tackle|mitigate|alleviate|resolve|describe|acknowledge)"
    rf"(?:es|s|d|ed|ing)?\b[^.;]{{0,40}}\b{_FAULT}\b|\b{_FAULT}\W*$"
    rf"|\b{_FAULT}\b[^.;]*\b(?:is|are|were) (?:also |further |then )?(?:discussed|outlined|highlighted|summari[sz]ed|described|presented"
    r"|addressed|considered|explored|given|examined|identified|noted|overcome)\b",
    re.IGNORECASE,
)
_FALLS_SHORT = re.compile(
    r"\b(?:limit\w*|only|not|cannot|can't|lacks?|lacking|restrict\w*|reli(?:es|ance)|rely|depends?|assum\w+|unable|fails?|failed"
    r"|requires?|costly|expensive|overhead|slow\w*|small|few|single|narrow|bias\w*|miss(?:es|ed|ing)?|without|insufficient"
    r"|incomplete|unclear|unexplored|untested|challeng\w+|degrad\w+|sensitive|remains?|exclude[sd]?|struggl\w+|difficult\w*"
    r"|impractical|infeasible|simplif\w+|trade-?offs?)\b",
    re.IGNORECASE,
)
_STATES_FINDING = re.compile(
    r"\b(?:we|(?:our|the|these|empirical|experimental|numerical|extensive|all)?\s*"
    r"(?:results?|findings?|experiments?|analys[ei]s|simulations?|evaluations?|study|observations?|method|model|approach))\b"
    r"[^.;]{0,60}?\b(?:find|found|shows?|showed|shown|observed?|demonstrate[sd]?|reveal(?:s|ed)?|indicate[sd]?|suggest(?:s|ed)?"
    r"|confirm(?:s|ed)?|prove[sdn]?|outperform\w*|achieve[sd]?|improve[sd]?|surpass\w*|reduce[sd]?|conclude[sd]?|establish(?:es|ed)?)\b"
    r"|\b(?:outperforms?|surpass(?:es)?)\b",
    re.IGNORECASE,
)
_LOOKS_AHEAD = re.compile(
    r"\bfuture (?:work|research|studies|directions?|investigations?)\b|\b(?:remains?|left) (?:open|to be)\b",
    re.IGNORECASE,
)
_STATES_CONTRIBUTION = re.compile(
    rf"\b(?:our|the|this {_PAPER}'s|an?|one|main|key|major|primary|central|core) (?:\w+ ){{0,2}}contributions?\b[^.;]{{0,60}}?\b(?:is|are|lies?)\b"
    rf"|\bthis {_PAPER}(?: also)? (?:contributes|makes)\b|\bwe contribute\b",
    re.IGNORECASE,
)
_PRESENTS = re.compile(
    rf"^(?:in this {_PAPER},? |here,? |to this end,? |to (?:address|tackle|bridge|fill)[^,]{{3,80}}, )?"
    rf"(?:we|this {_PAPER}) (?:\w+ )?(?:propose|introduce|present|develop|devise|design|describe|provide|construct|release|establish"
    r"|derive|formali[sz]e|study|investigate|conduct|review|survey)s?\b",
    re.IGNORECASE,
)


def is_about_this_paper(sentence: str) -> bool:
    """Whether it speaks of "we", "our" or "this paper", or says that something is proposed, shown or studied."""
    return _OF_THIS_PAPER.search(sentence) is not None and not _DONE_BEFORE.match(sentence)


def points_back(sentence: str) -> bool:
    """Whether it, or its main clause, needs the sentence before it: "It …", "We show that these …"."""
    return _POINTS_BACK.match(sentence) is not None


def stands_alone(sentence: str) -> bool:
    """Whether a sentence of the body can be read by itself: whole, of a length to be read, and looking nowhere else."""
    return (
        SHORTEST <= len(sentence.split()) <= LONGEST
        and _WHOLE.fullmatch(sentence) is not None
        and not _BEGINS_ELSEWHERE.match(sentence)
        and not _LOOKS_ELSEWHERE.search(sentence)
    )


def states_limit(sentence: str, *, among_limits: bool = False) -> bool:
    """Whether it says what the paper's own work lacks; *among_limits*, in a section on that, fewer words are wanted."""
    if _ONLY_ANNOUNCES.search(sentence):
        return False
    return _STATES_LIMIT.search(sentence) is not None or (among_limits and _FALLS_SHORT.search(sentence) is not None)


def states_finding(sentence: str) -> bool:
    """Whether it says what was found, shown or reached."""
    return _STATES_FINDING.search(sentence) is not None and not looks_ahead(sentence)


def looks_ahead(sentence: str) -> bool:
    """Whether it speaks of what others may do."""
    return _LOOKS_AHEAD.search(sentence) is not None


def states_contribution(sentence: str) -> bool:
    """Whether it calls something the paper's contribution."""
    return _STATES_CONTRIBUTION.search(sentence) is not None


def presents(sentence: str) -> bool:
    """Whether it begins with what the paper does: "We propose …", "In this paper, we study …"."""
    return _PRESENTS.match(sentence) is not None
