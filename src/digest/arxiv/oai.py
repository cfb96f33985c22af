"""OAI-PMH, format ``arXivRaw``: the record of every version of a paper, harvested by day and set.

An own reader, because sickle and oaipmh-scythe both lose the number of a version and hide where in a list one is.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from digest import identifiers, taxonomy
from digest.arxiv import text, wellformed
from digest.arxiv.session import Answer, ServerFault, Session
from digest.errors import IdentifierError, SourceError
from digest.model import Paper, PaperId, Verdict

SOURCE: Final = "oai"
FORMAT: Final = "arXivRaw"

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_RAW: Final = "{http://arxiv.org/OAI/arXivRaw/}"
_ROOTS: Final = (f"{_OAI}OAI-PMH",)
_VERDICTS: Final = {"noRecordsMatch": Verdict.EMPTY_UNEXPECTED, "badResumptionToken": Verdict.CUT_SHORT}
_LONGEST_QUOTE: Final = 200
_MONTH: Final = 31
_MOST_FAILURES: Final = 8
_MOST_NAMES: Final = 5

Version = tuple[int, datetime]
"""A version's number and the moment (aware, UTC) at which it was submitted."""


@dataclass(frozen=True, slots=True)
class OaiRecord:
    """One paper at its current version, and when each of its versions was submitted, oldest first."""

    paper: Paper
    datestamp: date  # UTC day on which arXiv last wrote the record
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One answer to ListRecords or GetRecord, in the server's order."""

    records: tuple[OaiRecord, ...]
    token: str | None  # of the next page; None when this is the last
    closes: bool  # an empty token says so, as on the last page of several
    list_size: int | None  # records of the whole list, where the server counts them; today's does not
    response_date: datetime  # aware, UTC
    faults: tuple[str, ...]  # a sentence for each record that was refused
    apart: bool = False  # of a part of the list that is read by itself: another part may tell of earlier days yet


class _Refused(Exception):
    """One record cannot be believed."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of a harvest: the records of one set from one day to another, both included."""

    oai_set: str
    since: date
    until: date | None  # None: to the end

    def __str__(self) -> str:
        if self.until == self.since:
            return f"{self.oai_set} on {self.since}"
        return f"{self.oai_set} from {self.since}" + (f" to {self.until}" if self.until else "")


def harvest(
    session: Session, base_url: str, *, oai_set: str, since: date, until: date | None = None
) -> Iterator[OaiPage]:
    """Ask for the records of *oai_set* that were written from *since* to *until* (UTC days, both included).

    Each page is handed out before the next is asked for, so that it can be kept; their datestamps rise, but from one
    page to the next that is ``apart``. Ask from some days before the last
    harvest: a record that arXiv changes while one pages is lost to that pass. One record that its server cannot write
    makes a whole page fail, whenever it is asked for: then the rest is asked for category by category, and of those
    that fail day by day, each record once. Raises SourceError: EMPTY_UNEXPECTED when nothing matches; CUT_SHORT when a
    token is refused or repeated, a page brings only known records and leads to another, a list ends before its end, or
    parts stayed unread, which it names; MALFORMED; and what the session raises.
    """
    whole, known = _Step(oai_set, since, until), _Known()
    try:
        for page in _follow(session, base_url, whole):
            yield known.add(page)
    except ServerFault as fault:
        if fault.verdict is Verdict.THROTTLED:
            raise
        today = _today(session, base_url, fault)
        yield from _piecemeal(session, base_url, whole, known, today, fault)


def _follow(session: Session, base_url: str, step: _Step) -> Iterator[OaiPage]:
    """One list, from page to page."""
    ask = {"verb": "ListRecords", "metadataPrefix": FORMAT, "set": step.oai_set, "from": step.since.isoformat()}
    if step.until is not None:
        ask["until"] = step.until.isoformat()
    tokens: set[str] = set()
    known: set[tuple[PaperId, date]] = set()
    read = 0
    while True:
        page = _ask(session, base_url, ask)
        fresh = {(record.paper.id, record.datestamp) for record in page.records} - known
        if page.token is not None and (page.token in tokens or not (fresh or page.faults)):
            message = f"the list of {step.oai_set} runs in a circle after {len(known)}"
            raise SourceError(SOURCE, Verdict.CUT_SHORT, message)
        yield page
        read += len(page.records) + len(page.faults)
        if page.token is None:
            _check_end(page, step, is_first=not tokens, read=read)
            return
        known |= fresh
        tokens.add(page.token)
        ask = {"verb": "ListRecords", "resumptionToken": page.token}


def _check_end(page: OaiPage, step: _Step, *, is_first: bool, read: int) -> None:
    """Raise SourceError, CUT_SHORT, when the last *page* of a list cannot be the end of it.

    A list on one page has no token at all, and an empty one closes the last page of several: on a first page it stands
    where the way to the second should be. No token on a later page is an end, because arXiv's server has done both.
    """
    if page.list_size is not None and read < page.list_size:
        reason = f"{read} records came of {page.list_size} that arXiv counts"
    elif page.list_size is None and page.closes and is_first:
        reason = f"the first page, with {read} records, ends as only the last of several pages does"
    else:
        return
    raise SourceError(SOURCE, Verdict.CUT_SHORT, f"the list of {step} was cut: {reason}; run again later")


# --- in smaller steps ------------------------------------------------------------------------------------------------


class _Known:
    """What was handed out, so that nothing is twice."""

    def __init__(self) -> None:
        self._records: set[tuple[PaperId, date]] = set()
        self._faults: set[str] = set()

    def add(self, page: OaiPage) -> OaiPage:
        """The page without what is known, which is known from now on."""
        records = tuple(one for one in page.records if (one.paper.id, one.datestamp) not in self._records)
        faults = tuple(one for one in page.faults if one not in self._faults)
        self._records |= {(one.paper.id, one.datestamp) for one in records}
        self._faults |= set(faults)
        return replace(page, records=records, faults=faults)


def _piecemeal(
    session: Session, base_url: str, whole: _Step, known: _Known, today: date, fault: ServerFault
) -> Iterator[OaiPage]:
    """Ask for all of *whole* in steps, each smaller than one that failed."""
    steps = deque(_smaller(whole, today))
    unread = [] if steps else [whole]
    failures, lists = 1, 0
    while steps:
        step = steps.popleft()
        try:
            for page in _follow(session, base_url, step):
                lists += page.token is None
                if (fresh := known.add(page)).records or fresh.faults:
                    yield replace(fresh, apart=True)
        except SourceError as error:
            if error.verdict is Verdict.EMPTY_UNEXPECTED:  # a small category may be quiet
                continue
            if error.verdict in (Verdict.THROTTLED, Verdict.BLOCKED) or _is_out_of_reach(error):
                raise
            failures += 1
            smaller = _smaller(step, today) if isinstance(error, ServerFault) else ()
            steps.extendleft(reversed(smaller))
            unread += () if smaller else (step,)
            if failures >= _MOST_FAILURES:
                unread += steps
                break
    if unread and not lists:
        raise fault
    if unread:
        raise SourceError(SOURCE, Verdict.CUT_SHORT, f"{_named(unread)} could not be read; the last error: {fault}")
    if not lists:
        raise SourceError(SOURCE, Verdict.EMPTY_UNEXPECTED, f"no records of {whole}")


def _is_out_of_reach(error: SourceError) -> bool:
    """Say whether smaller steps are no use, because nobody answers."""
    return error.verdict is Verdict.UNREACHABLE and not isinstance(error, ServerFault)


def _named(unread: list[_Step]) -> str:
    names = [str(step) for step in unread]
    return ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more parts" if names[_MOST_NAMES:] else ""
    )


def _smaller(step: _Step, today: date) -> tuple[_Step, ...]:
    """The sets of the categories of a set; else months of a span, days of a month; nothing below one day."""
    within = {taxonomy.oai_set(category) for category in taxonomy.CATEGORIES}
    parts = sorted(one for one in within if one.startswith(f"{step.oai_set}:"))
    if parts:
        return tuple(replace(step, oai_set=one) for one in parts)
    last = max(step.until or today, step.since)
    days = (last - step.since).days + 1
    width = 1 if days <= _MONTH else _MONTH
    if days == 1:
        return ()
    starts = [step.since + timedelta(days=n) for n in range(0, days, width)]
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return tuple(_Step(step.oai_set, start, end) for start, end in zip(starts, [*ends, step.until], strict=True))


def _today(session: Session, base_url: str, fault: ServerFault) -> date:
    """arXiv's day by a question that costs it nothing. Raises *fault* when it does not answer that either."""
    try:
        answer = session.get(base_url, {"verb": "Identify"}, source=SOURCE, check=_check)
        root = wellformed.prove(answer.body, source=SOURCE, roots=_ROOTS)
        return _response_date(root.findtext(f"{_OAI}responseDate", "")).date()
    except SourceError as error:
        raise fault from error


def get_record(session: Session, base_url: str, id: PaperId) -> OaiRecord:
    """Ask for the current record of one paper.

    Raises SourceError: EMPTY_UNEXPECTED when arXiv has no such paper, else as ``harvest``.
    """
    page = _ask(session, base_url, {"verb": "GetRecord", "metadataPrefix": FORMAT, "identifier": f"oai:arXiv.org:{id}"})
    for record in page.records:
        if record.paper.id == id:
            return record
    reason = page.faults[0] if page.faults else "another paper's record came"
    raise SourceError(SOURCE, Verdict.MALFORMED, f"no record of {id}: {reason}")


def parse_page(body: bytes, *, status: int = 200, content_type: str = "") -> OaiPage:
    """Read one answer. A record that cannot be believed is a fault, never the end.

    Raises SourceError: EMPTY_UNEXPECTED for noRecordsMatch and idDoesNotExist, CUT_SHORT for badResumptionToken and
    for an answer that ends early, THROTTLED for "Rate exceeded.", MALFORMED for every other error, for another HTTP
    *status* than 200, for no OAI-PMH, and for records none of which is ``arXivRaw``.
    """
    root = wellformed.prove(body, source=SOURCE, roots=_ROOTS, content_type=content_type)
    error = root.find(f"{_OAI}error")
    if error is not None:
        raise _told_error(error)
    if status != 200:
        raise SourceError(SOURCE, Verdict.MALFORMED, f"HTTP {status}")
    response_date = _response_date(root.findtext(f"{_OAI}responseDate", ""))
    nodes = root.findall(f"{_OAI}ListRecords/{_OAI}record") + root.findall(f"{_OAI}GetRecord/{_OAI}record")
    if not nodes:
        raise SourceError(SOURCE, Verdict.MALFORMED, "an answer with neither a record nor an error")
    records, faults = _read_all(nodes)
    if not records and not any(node.find(f"{_OAI}metadata/{_RAW}{FORMAT}") is not None for node in nodes):
        raise SourceError(SOURCE, Verdict.MALFORMED, f"none of {len(nodes)} records is {FORMAT}: {faults[0]}")
    token = root.find(f"{_OAI}ListRecords/{_OAI}resumptionToken")
    told = "" if token is None else (token.text or "").strip()
    return OaiPage(
        records=records,
        token=told or None,
        closes=token is not None and not told,
        list_size=_list_size(token),
        response_date=response_date,
        faults=faults,
    )


def _list_size(token: Any) -> int | None:
    told = "" if token is None else token.get("completeListSize", "").strip()
    return int(told) if re.fullmatch("[0-9]{1,9}", told) else None


def _ask(session: Session, base_url: str, params: Mapping[str, str]) -> OaiPage:
    answer = session.get(base_url, params, source=SOURCE, check=_check)
    return parse_page(answer.body, status=answer.status, content_type=answer.content_type)


def _check(answer: Answer) -> None:
    wellformed.prove(answer.body, source=SOURCE, roots=_ROOTS, content_type=answer.content_type)


def _told_error(error: Any) -> SourceError:
    code = error.get("code", "an error without a code")
    reason = " ".join((error.text or "").split())[:_LONGEST_QUOTE]
    if code == "idDoesNotExist":
        return SourceError(SOURCE, Verdict.EMPTY_UNEXPECTED, f"arXiv has no such paper ({reason})")
    return SourceError(SOURCE, _VERDICTS.get(code, Verdict.MALFORMED), f"{code}: {reason}")


def _response_date(told: str) -> datetime:
    try:
        return datetime.fromisoformat(told.strip()).astimezone(UTC)
    except ValueError as error:
        raise SourceError(SOURCE, Verdict.MALFORMED, f"the date of the answer, {told!r}, cannot be read") from error


def _read_all(nodes: list[Any]) -> tuple[tuple[OaiRecord, ...], tuple[str, ...]]:
    records: list[OaiRecord] = []
    faults: list[str] = []
    for node in nodes:
        try:
            records.append(_record(node))
        except _Refused as reason:
            name = node.findtext(f"{_OAI}header/{_OAI}identifier", "a record without a name")
            faults.append(f"{text.plain(name)[:_LONGEST_QUOTE]}: {reason}")
    return tuple(records), tuple(faults)


def _record(node: Any) -> OaiRecord:
    header = node.find(f"{_OAI}header")
    if header is None:
        raise _Refused("it has no header")
    if header.get("status") == "deleted":
        raise _Refused("arXiv has deleted its record")
    raw = node.find(f"{_OAI}metadata/{_RAW}{FORMAT}")
    if raw is None:
        raise _Refused(f"its record is not {FORMAT}")
    versions = tuple(sorted(_version(version) for version in raw.findall(f"{_RAW}version")))
    if not versions:
        raise _Refused("it has no version")
    return OaiRecord(_paper(raw, versions), _datestamp(node), versions)


def _paper(raw: Any, versions: tuple[Version, ...]) -> Paper:
    def field(name: str) -> str:
        return str(raw.findtext(f"{_RAW}{name}", ""))

    title, categories = text.plain(field("title")), tuple(dict.fromkeys(field("categories").split()))
    if not title or not categories:
        raise _Refused("it has no title" if not title else "it has no category")
    comment, abstract = text.plain(field("comments")), text.abstract(field("abstract"))
    last, updated = versions[-1]
    return Paper(
        id=_id(field("id")),
        version=last,
        title=title,
        abstract=abstract,
        authors=text.split_authors(field("authors")),
        categories=categories,
        submitted=versions[0][1] if versions[0][0] == 1 else None,
        updated=updated,
        comment=comment,
        journal_ref=text.plain(field("journal-ref")),
        dois=text.dois(field("doi")),
        license=field("license").strip(),
        withdrawn=_is_emptied(raw, last) or text.says_withdrawn(comment) or text.says_withdrawn(abstract),
    )


def _id(told: str) -> PaperId:
    try:
        return identifiers.parse(told).id
    except IdentifierError as error:
        raise _Refused(str(error)) from error


def _version(node: Any) -> Version:
    number = re.fullmatch(r"v([1-9][0-9]{0,3})", node.get("version", ""))
    told = node.findtext(f"{_RAW}date", "")
    try:
        when = parsedate_to_datetime(told)
    except ValueError as error:
        raise _Refused(f"the date of a version, {told!r}, cannot be read") from error
    if number is None:
        raise _Refused(f"{node.get('version')!r} is no version")
    return int(number[1]), (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def _is_emptied(raw: Any, last: int) -> bool:
    """A withdrawal is a version whose source is marked I (ignore) or that has no bytes."""
    for node in raw.findall(f"{_RAW}version"):
        if node.get("version") == f"v{last}":
            size = node.findtext(f"{_RAW}size", "").strip()
            return "I" in node.findtext(f"{_RAW}source_type", "") or re.fullmatch(r"0\s*kb", size) is not None
    return False


def _datestamp(node: Any) -> date:
    told = node.findtext(f"{_OAI}header/{_OAI}datestamp", "")
    try:
        return date.fromisoformat(told.strip()[:10])
    except ValueError as error:
        raise _Refused(f"its datestamp {told!r} cannot be read") from error
