"""What a language model is asked in a night, and where its answers go.

Answers are readings of a text: kept by its hash and by all else that the question was made of, each as soon as it is
there. Conclusions use those that there are when they are drawn. So a question is asked before its paper is settled; one
that is answered later still gives the note its account, and the keywords stay as they are until they are chosen anew.

Nothing here fails a run: what is not answered stays as figures and the paper's own sentences have it, and is told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.catalogue.replies import Spent
from digest.catalogue.rows import text_hash
from digest.catalogue.store import PageKey
from digest.errors import WriterFault
from digest.model import Account, Candidate, Claim, Judgement, Paper, PaperId
from digest.pipeline.values import Questioned
from digest.ports import Question, Reply, Writer

if TYPE_CHECKING:
    from digest.llm.answers import Dropped
    from digest.llm.terms import Asked, Judged
    from digest.pipeline.parts import Parts

SUMMARIES, KEYWORDS = "summaries", "keywords"

RECENT: Final = timedelta(days=7)
"""Papers of days before that are not asked about: history is left to figures."""

LATE: Final = timedelta(days=3)
"""For so long a summary that was not answered is asked for again, each night."""

PATIENCE: Final = 3
"""Faults of the server one after another, after which nothing more is asked in a run."""

FORBEARANCE: Final = 12
"""Papers one after another none of whose answers could be used: then the model is not up to it, and costs nothing more."""

BILLED: Final = frozenset(("too slow", "broken off"))
"""Faults whose answers a server may have written, and charge for: they count at their most."""

_BYTES_A_TOKEN: Final = 2.0
"""At least: what a question may cost is reckoned by this before it is asked."""

_AGAIN: Final = "\n\nYour last answer could not be used: {reason}. Answer again, with one JSON object as described."

Read = Callable[[str], "tuple[str, Dropped]"]
"""From an answer to what is kept of it, as JSON, and what was dropped. Raises Refused."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """One question about one text."""

    text_hash: str
    recipe: str
    question: Question
    read: Read


# --- what answers are kept as ---


def account_recipe(writer: Writer | None, language: str) -> str:
    from digest.llm import account

    return f"account-{account.VERSION} {language or '-'} {writer.name}" if writer else ""


def terms_recipe(parts: Parts) -> str:
    from digest.llm import terms

    return f"terms-{terms.VERSION} {parts.extractor.name} {parts.writer.name}" if parts.writer else ""


def accounts(parts: Parts, hashes: Iterable[str]) -> dict[str, Account]:
    """Text hash → what the language model that is asked now made of the text."""
    writer, rules = parts.writer, parts.writer_rules
    if writer is None or SUMMARIES not in rules.tasks:
        return {}
    found = parts.catalogue.replies.of(hashes, account_recipe(writer, rules.language))
    return {
        key: Account(model=writer.name, language=rules.language, claims=_claims_of(value))
        for key, value in found.items()
    }


def _claims_of(value: str) -> tuple[Claim, ...]:
    found: tuple[Claim, ...] = msgspec.json.decode(value, type=tuple[Claim, ...])
    return found


def judged(parts: Parts, texts: Mapping[PaperId, str], papers: Collection[PaperId]) -> dict[PaperId, Judged]:
    """What a language model thinks of the terms of *papers*: of the texts whose hashes are given, else of those that
    they are settled with. Without a language model, nothing.
    """
    if parts.writer is None or KEYWORDS not in parts.writer_rules.tasks:
        return {}
    replies, recipe = parts.catalogue.replies, terms_recipe(parts)
    found = {p: value for p, value in replies.of_settled(papers, recipe).items() if p not in texts}
    told = replies.of(texts.values(), recipe)
    found |= {paper: told[h] for paper, h in texts.items() if h in told and paper in set(papers)}
    return {paper: _judged_of(value) for paper, value in found.items()}


def _judged_of(value: str) -> Judged:
    from digest.llm.terms import Judged

    found: Judged = msgspec.json.decode(value, type=Judged)
    return found


def with_missed(candidates: Sequence[Candidate], found: Judged | None) -> tuple[Candidate, ...]:
    """The candidates of a text, and the terms of it that a language model adds."""
    if found is None or not found.missed:
        return tuple(candidates)
    return (
        *candidates,
        *(
            Candidate(
                canonical=missed.canonical,
                surface=missed.surface,
                aliases=(),
                probability=missed.judgement.link_intent,
                salience=0.0,
                words=len(missed.surface.split()),
            )
            for missed in found.missed
        ),
    )


def judgements(found: Judged | None) -> dict[str, Judgement]:
    """By canonical name, as a text alone gives it."""
    return {} if found is None else dict(found.candidates) | {m.canonical: m.judgement for m in found.missed}


# --- asking ---


class Night:
    """The questions of one run to the language model of *parts*. What it has used so far grows; all else is in the
    catalogue. Raises ValueError where there is none to ask.
    """

    def __init__(self, parts: Parts, as_of: datetime, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        if parts.writer is None:
            raise ValueError("there is no language model to ask")
        self._writer = parts.writer
        self._rules = parts.writer_rules
        self._today = as_of.astimezone(UTC).date()
        self._clock = clock
        self._until = clock() + 60 * self._rules.minutes
        self._spent = parts.catalogue.replies.spent(self._today)
        self._begin = self._spent
        self._faults: list[str] = []
        self._in_a_row = Counter[str]()
        self._stopped = ""  # why nothing more is asked
        self._counts = Counter[str]()
        self._refused = Counter[str]()
        self._dropped = Counter[str]()
        self._unanswered = Counter[str]()

    def told(self) -> Questioned:
        """What was asked so far."""
        return Questioned(
            model=self._writer.name,
            questions=self._counts["questions"],
            cached=self._counts["cached"],
            requests=self._counts["requests"],
            accepted=self._counts["accepted"],
            refused=dict(self._refused),
            dropped=dict(self._dropped),
            unanswered=dict(self._unanswered),
            withheld=self._counts["withheld"],
            tokens=self._spent.tokens - self._begin.tokens,
            cost=self._spent.cost - self._begin.cost,
            faults=tuple(self._faults),
        )

    def ask(self, day: date, papers: Sequence[Paper]) -> None:
        """Ask about papers that are to be settled with *day*, unless it is long ago. They have their candidates."""
        if day < self._today - RECENT:
            return
        hashes = [text_hash(paper) for paper in papers]
        done = {recipe: self._parts.catalogue.replies.known(hashes, recipe) for recipe in self._recipes()}
        for number, (paper, key) in enumerate(zip(papers, hashes, strict=True), 1):
            self._tell(number, len(papers))
            wanted = [recipe for recipe, known in done.items() if key not in known]
            self._counts["questions"] += len(done)
            self._counts["cached"] += len(done) - len(wanted)
            self._answer(paper, wanted)

    def ask_late(self) -> None:
        """Ask for the summaries that the last nights had no answer for, the newest first; their notes are marked."""
        recipe, late = account_recipe(self._writer, self._rules.language), self._late()
        for number, paper in enumerate(late, 1):
            self._tell(number, len(late))
            self._counts["questions"] += 1
            self._answer(paper, [recipe])
            if self._parts.catalogue.replies.of([text_hash(paper)], recipe):
                with self._parts.catalogue.transaction():
                    self._parts.catalogue.mark([PageKey("paper", paper.id)])

    def _late(self) -> list[Paper]:
        if SUMMARIES not in self._rules.tasks:
            return []
        recipe = account_recipe(self._writer, self._rules.language)
        return self._parts.catalogue.replies.lacking(recipe, since=self._today - LATE)

    def _tell(self, number: int, total: int) -> None:
        self._parts.progress("asking the language model", number, total)

    def _recipes(self) -> list[str]:
        recipes = {
            SUMMARIES: account_recipe(self._writer, self._rules.language),
            KEYWORDS: terms_recipe(self._parts),
        }
        return [recipe for task, recipe in recipes.items() if task in self._rules.tasks]

    def _answer(self, paper: Paper, recipes: Collection[str]) -> None:
        items = _items(self._parts, paper, recipes, self._count_withheld)
        self._counts["questions"] -= len(recipes) - len(items)  # a text without sentences, or without candidates
        answers = [self._one(item) for item in items]
        if True in answers:
            self._in_a_row.clear()
        elif False in answers:
            self._in_a_row["refused"] += 1
            if self._in_a_row["refused"] == FORBEARANCE:
                self._stop("model not up to it", f"{self._writer.name}: no answer on {FORBEARANCE} papers can be used")

    def _count_withheld(self, sentences: int) -> None:
        self._counts["withheld"] += sentences

    def _one(self, item: _Item) -> bool | None:
        """Whether the answer could be used; None where there was none."""
        if reason := self._stopped or self._exhausted(item.question):
            self._unanswered[reason] += 1
            return None
        before = self._spent
        try:
            value = self._accepted(item)
        except WriterFault as fault:
            self._unanswered[fault.reason] += 1
            if fault.reason in BILLED:
                self._spent += self._priced(_tokens(item.question), item.question.max_tokens)
            self._note(fault)
            return None
        catalogue = self._parts.catalogue
        spent = Spent(tokens=self._spent.tokens - before.tokens, cost=self._spent.cost - before.cost)
        with catalogue.transaction():
            catalogue.replies.put(item.text_hash, item.recipe, value, day=self._today, spent=spent)
        self._in_a_row["faults"] = 0
        return value is not None

    def _accepted(self, item: _Item) -> str | None:
        """What is kept of an answer, the second one where the first cannot be used; None where neither can."""
        from digest.llm.answers import Refused

        question = item.question
        for _ in range(2):
            try:
                value, dropped = item.read(self._said(question))
            except Refused as refused:
                reason = str(refused)
                self._refused[reason] += 1
                question = replace(item.question, user=item.question.user + _AGAIN.format(reason=reason))
                if self._exhausted(question):
                    return None
            else:
                self._counts["accepted"] += 1
                self._dropped.update(dropped)
                return value
        return None

    def _said(self, question: Question) -> str:
        from digest.llm.answers import Refused

        self._counts["requests"] += 1
        reply = self._writer.ask(question, seconds=max(self._until - self._clock(), 0.001))
        self._spent += self._cost(question, reply)
        if reply.complaint:
            raise Refused(reply.complaint)
        return reply.text

    def _cost(self, question: Question, reply: Reply) -> Spent:
        """What the server says that it used; the most that it can have been, where it says nothing."""
        prompt = _tokens(question) if reply.prompt_tokens is None else reply.prompt_tokens
        answer = question.max_tokens if reply.completion_tokens is None else reply.completion_tokens
        return self._priced(prompt, answer)

    def _priced(self, prompt: int, answer: int) -> Spent:
        money = (prompt * self._rules.price_prompt + answer * self._rules.price_answer) / 1_000_000
        return Spent(tokens=prompt + answer, cost=money)

    def _exhausted(self, question: Question) -> str:
        """Why there is nothing left for this question: its most is more than the night may still use."""
        if self._clock() >= self._until:
            return "time"
        most = self._spent + self._priced(_tokens(question), question.max_tokens)
        if most.tokens > self._rules.tokens:
            return "budget of tokens"
        return "budget of money" if self._rules.cost and most.cost > self._rules.cost else ""

    def _note(self, fault: WriterFault) -> None:
        self._in_a_row["faults"] += 1
        if str(fault) not in self._faults:
            self._faults.append(str(fault))
        if fault.lasting or self._in_a_row["faults"] == PATIENCE:
            self._stop(fault.reason, "")

    def _stop(self, reason: str, why: str) -> None:
        self._stopped = reason
        if why:
            self._faults.append(why)

    @property
    def has_late(self) -> bool:
        """Whether the last nights have left questions that ``ask_late`` would ask."""
        return bool(self._late())


def _tokens(question: Question) -> int:
    """Of the question, at most."""
    text = question.system + question.user + msgspec.json.encode(question.schema).decode()
    return int(len(text.encode()) / _BYTES_A_TOKEN) + 64


def _items(parts: Parts, paper: Paper, recipes: Collection[str], withheld: Callable[[int], None]) -> list[_Item]:
    """The questions about a paper's text that can be asked."""
    if not recipes or paper.withdrawn:
        return []
    from digest.llm import account, marking, terms
    from digest.summary.reading import plain
    from digest.summary.sentences import split

    rules, key = parts.writer_rules, text_hash(paper)
    sentences = [sentence for part in split(paper.abstract) if (sentence := plain(part))]
    shown = marking.shown(plain(paper.title), sentences)
    withheld(len(shown.withheld))
    if not shown.numbers:
        return []
    found = []
    if (recipe := account_recipe(parts.writer, rules.language)) in recipes:
        question = account.question(shown, language=rules.language, named=rules.named)
        read = _reader(lambda text: account.read(text, shown, language=rules.language))
        found.append(_Item(text_hash=key, recipe=recipe, question=question, read=read))
    if (recipe := terms_recipe(parts)) in recipes:
        read_terms = parts.catalogue.candidates([paper], parts.extractor.name)
        asked = terms.asked(shown, read_terms.get(key, ()))
        if asked.candidates:
            found.append(_terms_item(key, recipe, asked, read_terms.get(key, ())))
    return found


def _terms_item(key: str, recipe: str, asked: Asked, candidates: Iterable[Candidate]) -> _Item:
    from digest.keywords.document import as_name
    from digest.llm import terms

    known = {candidate.canonical for candidate in candidates}

    def new_name(surface: str) -> str:
        name = as_name(surface)
        return "" if name in known else name

    return _Item(
        text_hash=key,
        recipe=recipe,
        question=terms.question(asked),
        read=_reader(lambda text: terms.read(text, asked, new_name)),
    )


def _reader(read: Callable[[str], tuple[Any, Dropped]]) -> Read:
    def encoded(text: str) -> tuple[str, Dropped]:
        value, dropped = read(text)
        return msgspec.json.encode(value).decode(), dropped

    return encoded
