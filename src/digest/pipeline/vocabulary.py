"""What the reader rules about keywords: by command, or by the aliases of a keyword's page.

A ruling is kept for good and can be taken back; ``digest.pipeline.terms.follow`` lets the conclusions follow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from digest.catalogue.store import PageKey
from digest.errors import VocabularyError
from digest.model import Ruling, Verb

if TYPE_CHECKING:
    from digest.keywords.thesaurus import Thesaurus
    from digest.pipeline.parts import Parts


def rule(parts: Parts, verb: Verb, term: str, other: str = "", *, source: str = "command") -> str:
    """Write down a ruling and take back those that it contradicts; what that means, in a sentence.

    Raises VocabularyError when it says nothing new or cannot be followed.
    """
    makers = {Verb.MERGE: _merge, Verb.RENAME: _rename, Verb.BAN: _ban, Verb.ALLOW: _allow, Verb.SPLIT: _split}
    return makers[verb](Desk(parts, source), term, other)


def undo(parts: Parts, number: int | None) -> str:
    """Take back a ruling, the last one where no *number* is given."""
    rulings = parts.catalogue.terms.rulings()
    chosen = [ruling for ruling in rulings if number in (None, ruling.id)]
    if not chosen:
        raise VocabularyError(
            "nothing was ruled yet" if number is None else f"there is no ruling {number}; see: digest keywords show"
        )
    parts.catalogue.terms.revoke(chosen[-1])
    return f"taken back: {said(chosen[-1])}"


def said(ruling: Ruling) -> str:
    """A ruling in words."""
    return {
        Verb.MERGE: f"“{ruling.term}” is another way of writing “{ruling.other}”",
        Verb.RENAME: f"“{ruling.term}” is named “{ruling.other}”",
        Verb.BAN: f"“{ruling.term}” is no keyword",
        Verb.ALLOW: f"“{ruling.term}” may be a keyword",
        Verb.SPLIT: f"“{ruling.term}” is a term by itself",
    }[ruling.verb]


class Desk:
    """The rulings in force and the names that they make, while one more is decided on."""

    def __init__(self, parts: Parts, source: str) -> None:
        self.parts = parts
        self.terms = parts.catalogue.terms
        self.source = source

    @property
    def names(self) -> Thesaurus:
        """With all rulings in force, those that the conclusions do not follow yet too."""
        from digest.keywords.thesaurus import Thesaurus

        return Thesaurus(self.terms.rulings(), self.terms.acronyms())

    def find(self, text: str) -> str:
        """The preferred term that the reader means. Raises VocabularyError when no page could have such a name."""
        from digest.keywords.canonical import canonical

        name = canonical(text, {})
        known = self.names.name(name)
        if text == known or self.terms.counts([known]) or self._is_led(name):
            return known
        written = {self.names.name(found) for found in self.parts.catalogue.names_written(text)}
        return written.pop() if len(written) == 1 else checked(known)

    def _is_led(self, name: str) -> bool:
        return self.names.name(name) != name

    def rule(self, verb: Verb, term: str, other: str = "") -> str:
        return said(self.terms.rule(verb, term, other, source=self.source))


def checked(name: str) -> str:
    """*name*, when a page could be named so. Raises VocabularyError."""
    from digest.keywords.canonical import key
    from digest.keywords.document import is_nameable

    text = " ".join(name.split())
    if not is_nameable(text, len(key(text).split())):
        raise VocabularyError(
            f"“{name}” cannot name a page: it needs 2 to 60 letters, digits, spaces and .+&'- and at most six words"
        )
    return text


def _merge(desk: Desk, term: str, other: str) -> str:
    one, target = desk.find(term), desk.find(other)
    if one == target:
        raise VocabularyError(f"“{term}” and “{other}” are “{target}” already; see: digest keywords show “{target}”")
    return desk.rule(Verb.MERGE, one, target)


def _rename(desk: Desk, term: str, other: str) -> str:
    from digest.keywords.canonical import key

    one, name = desk.find(term), checked(other)
    if one == name:
        raise VocabularyError(f"“{one}” is its name already")
    taken = desk.names.name(name)
    if key(taken) != key(one) and (desk.terms.counts([taken]) or desk.parts.catalogue.path(PageKey("keyword", taken))):
        raise VocabularyError(f"“{taken}” is another keyword; to join them: digest keywords merge “{one}” “{taken}”")
    back = [ruling for ruling in desk.terms.rulings() if ruling.other == one and key(ruling.term) == key(name)]
    for ruling in back:
        desk.terms.revoke(ruling)
    if back and desk.names.name(back[-1].term) == name:
        return f"taken back: {said(back[-1])}"
    return desk.rule(Verb.RENAME, one, name)


def _ban(desk: Desk, term: str, _: str) -> str:
    name = desk.find(term)
    if _revoked(desk, Verb.ALLOW, name):
        return f"“{name}” is no keyword any more, as for all"
    if desk.names.is_banned(name, desk.parts.keyword_rules.banned):
        raise VocabularyError(f"“{name}” is banned already")
    return desk.rule(Verb.BAN, name)


def _allow(desk: Desk, term: str, _: str) -> str:
    name = desk.find(term)
    if _revoked(desk, Verb.BAN, name):
        return f"“{name}” may be a keyword again"
    if not desk.names.is_banned(name, desk.parts.keyword_rules.banned) and not desk.names.is_unclear(name):
        raise VocabularyError(f"“{name}” is not banned")
    return desk.rule(Verb.ALLOW, name)


def _revoked(desk: Desk, verb: Verb, name: str) -> bool:
    ruling = desk.names.judgement(name)
    if ruling is None or ruling.verb is not verb:
        return False
    desk.terms.revoke(ruling)
    return True


def _split(desk: Desk, term: str, _: str) -> str:
    from digest.keywords.canonical import canonical, key

    form, name = checked(term), canonical(term, {})
    joined = [r for r in desk.terms.rulings() if r.verb is Verb.MERGE and key(r.term) in (key(name), key(form))]
    for ruling in joined:
        desk.terms.revoke(ruling)
    if joined:
        return f"taken back: {said(joined[-1])}"
    if any(r.verb is Verb.SPLIT and r.term.casefold() == form.casefold() for r in desk.terms.rulings()):
        raise VocabularyError(f"“{form}” is a term by itself already")
    return desk.rule(Verb.SPLIT, form)


# --- rulings by page -------------------------------------------------------------------------------------------------


def listen(parts: Parts) -> tuple[str, ...]:
    """Take what the reader did to the aliases of keywords' pages as rulings; what they mean, in sentences.

    An alias that was added is another way of writing the page's keyword; one of ours that was removed is a term by
    itself. Only files that have changed since they were last looked at are read.
    """
    catalogue = parts.catalogue
    looks = catalogue.looks()
    changed = {path: stamp for path, stamp in parts.vault.stamps(looks).items() if looks[path] != stamp}
    if not changed:
        return ()
    pages = catalogue.aliases(changed)
    left = catalogue.files(pages)
    heard: list[str] = []
    with catalogue.transaction():
        for path, (name, ours) in pages.items():
            found = parts.vault.listed(path, "aliases")
            if found is not None:
                heard += _heard(parts, path, name, ours, found)
        edited = [path for path in pages if not parts.vault.read(path, left.get(path, "")).is_left]
        catalogue.mark(PageKey("keyword", pages[path][0]) for path in edited)  # an old copy may be back
        catalogue.set_looks({path: changed[path] for path in pages})
    return tuple(heard)


def _heard(parts: Parts, path: str, name: str, ours: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    from digest.keywords.canonical import key

    desk = Desk(parts, source="page")
    present, written = {alias.casefold() for alias in found}, {alias.casefold() for alias in ours}
    for ruling in desk.terms.rulings():
        is_this = ruling.source == "page" and ruling.verb is Verb.MERGE and desk.names.name(ruling.other) == name
        if is_this and key(ruling.term) not in map(key, found):
            desk.terms.revoke(ruling)
            written = {alias for alias in written if key(alias) != key(ruling.term)}
            yield f"{path}: taken back: {said(ruling)}"
    for alias in found:
        if alias.casefold() not in written and (told := _added(desk, alias, name)):
            yield f"{path}: {told}"
    for alias in ours:
        if alias.casefold() in written - present and (told := _removed(desk, alias, name)):
            yield f"{path}: {told}"


def _added(desk: Desk, alias: str, name: str) -> str:
    """An alias of the reader's: another way of writing the page's keyword, if it could be a term at all."""
    from digest.keywords.canonical import canonical

    try:
        term = desk.names.name(checked(canonical(alias, {})))
    except VocabularyError:
        return ""
    return "" if term == name else desk.rule(Verb.MERGE, term, name)


def _removed(desk: Desk, alias: str, name: str) -> str:
    """An alias of ours that the reader took away: not another way of writing the page's keyword."""
    if alias.casefold() == name.casefold():
        return ""
    try:
        return _split(desk, alias, "")
    except VocabularyError:
        return ""
