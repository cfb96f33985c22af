"""``export.arxiv.org/api/query``: look-ups by identifier and the basics of searching, as since November 2025."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote_plus

from lxml import etree

from digest.testing.serving.answer import Answer, Request, Twists, stamp
from digest.testing.serving.archive import Archive, Snapshot, View
from digest.testing.serving.people import affiliations_of, name_of, unicode_name

ATOM = "http://www.w3.org/2005/Atom"
ARXIV = "http://arxiv.org/schemas/atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"

DEEPEST = 10_000  # start + max_results beyond it is not served
FORM = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v([1-9]\d*))?")
SORTS = ("relevance", "lastUpdatedDate", "submittedDate")

Predicate = Callable[[View], bool]


class BadRequest(Exception):
    """What arXiv answers with HTTP 400 and an error feed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    search: str  # as arXiv repeats it
    matches: Predicate | None
    ids: tuple[str, ...]
    start: int
    size: int
    sort: str
    ascending: bool


def answer(archive: Archive, request: Request, now: datetime, twists: Twists) -> Answer:
    """Answer one query; GET and POST alike."""
    if "old-error" in twists:
        return replace(_error("incorrect id format for abc", now), status=200)
    try:
        query = parse(request)
    except BadRequest as error:
        return _error(str(error), now)
    if query.size == 0 or query.start + query.size > DEEPEST:
        # the new controller does not catch its own ZeroDivisionError and RuntimeError
        return Answer(status=500, content_type="text/html; charset=utf-8", body=b"<h1>Internal Server Error</h1>")
    found = _found(archive.at(now), query)
    shown = found[query.start : query.start + query.size]
    total = len(found)
    if "empty-page" in twists:
        shown, total = [], max(total, 4321)
    if "short-page" in twists:
        shown = shown[:-1]
    return _atom_answer(_feed(query, shown, total, now), 200)


def parse(request: Request) -> Query:
    """Read the parameters; BadRequest where arXiv refuses them."""
    ids = tuple(one for one in request.get("id_list").split(",") if one)
    for one in ids:
        if not FORM.fullmatch(one):
            raise BadRequest(f"incorrect id format for {one}")
    sort, order = request.get("sortBy") or "relevance", request.get("sortOrder") or "descending"
    if sort not in SORTS:
        raise BadRequest(f"sortBy must be in: {', '.join(SORTS)}")
    if order not in ("ascending", "descending"):
        raise BadRequest("sortOrder must be in: ascending, descending")
    asked = request.get("search_query").strip()
    if not asked and not ids:
        raise BadRequest("Either a search_query or id_list must be specified for the classic API.")
    search, matches = Search(asked).parse() if asked else ("", None)
    return Query(
        search=search,
        matches=matches,
        ids=ids,
        start=_count(request, "start", 0),
        size=_count(request, "max_results", 10),
        sort=sort,
        ascending=order == "ascending",
    )


def _count(request: Request, name: str, default: int) -> int:
    told = request.get(name, str(default))
    if not re.fullmatch(r"-?\d+", told):
        raise BadRequest(f"{name} must be an integer")
    if int(told) < 0:
        raise BadRequest(f"{name} must be non-negative")
    return int(told)


def _found(public: Snapshot, query: Query) -> list[View]:
    """The views that match, sorted; a version that was asked for is the current one of its view."""
    if query.ids:
        views = [view for one in dict.fromkeys(query.ids) if (view := _by_id(public, one))]
    else:
        views = sorted(public.by_id.values(), key=lambda view: (view.published, view.id), reverse=True)
    if query.matches:
        views = [view for view in views if query.matches(view)]
    if query.sort == "submittedDate":
        views.sort(key=lambda view: (view.published, view.id), reverse=not query.ascending)
    elif query.sort == "lastUpdatedDate":
        views.sort(key=lambda view: (view.current.submitted, view.id), reverse=not query.ascending)
    return views


def _by_id(public: Snapshot, asked: str) -> View | None:
    known = FORM.fullmatch(asked)
    view = public.by_id.get(known[1]) if known else None
    if view is None or known is None or known[2] is None:
        return view
    number = int(known[2])
    versions = tuple(version for version in view.versions if version.number <= number)
    return replace(view, versions=versions) if versions and versions[-1].number == number else None


# --- the query language ----------------------------------------------------------------------------------------------


class Search:
    """A recursive-descent reader of ``ti:a AND (au:b OR cat:c)``; terms without an operator are joined by OR."""

    TOKEN = re.compile(r'\s*(\(|\)|(?:[A-Za-z]+:)?(?:"[^"]*"|\[[^\]]*\])|[^\s()"]+)')

    def __init__(self, text: str) -> None:
        if text.count('"') % 2:
            raise BadRequest(f"Quotation does not close: {text}")
        self._tokens: list[str] = self.TOKEN.findall(text)
        self._next = 0

    def parse(self) -> tuple[str, Predicate]:
        """Return the query as arXiv writes it and a predicate."""
        echo, matches = self._group()
        if self._next < len(self._tokens):
            raise BadRequest(f"Cannot parse fragment: {self._tokens[self._next]}")
        return echo, matches

    def _take(self) -> str:
        if self._next >= len(self._tokens):
            raise BadRequest("Cannot parse fragment: ")
        self._next += 1
        return self._tokens[self._next - 1]

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _group(self) -> tuple[str, Predicate]:
        echo, matches = self._term()
        while self._peek() not in ("", ")"):
            operator = self._take() if self._peek() in ("AND", "OR", "ANDNOT") else "OR"
            if self._peek() in ("AND", "OR", "ANDNOT"):
                raise BadRequest(f"Query contains 2 consecutive operators: {operator} {self._peek()}")
            right_echo, right = self._term()
            echo, matches = f"{echo} {operator} {right_echo}", _joined(operator, matches, right)
        return echo, matches

    def _term(self) -> tuple[str, Predicate]:
        token = self._take()
        if token == "(":
            echo, matches = self._group()
            if self._take() != ")":
                raise BadRequest("Cannot parse fragment: (")
            return f"({echo})", matches
        name, colon, value = token.partition(":")
        if not colon or name not in (*_FIELDS, "submittedDate", "lastUpdatedDate"):
            if colon and re.fullmatch(r"[A-Za-z]+", name):
                raise BadRequest(f"Invalid field: {name}")
            name, value = "all", token
        if name in ("submittedDate", "lastUpdatedDate"):
            # arXiv silently reads lastUpdatedDate as submittedDate
            return f"submittedDate:{value}", _between(value)
        return f"{name}:{value}", _having(name, value)


def _joined(operator: str, left: Predicate, right: Predicate) -> Predicate:
    if operator == "AND":
        return lambda view: left(view) and right(view)
    if operator == "ANDNOT":
        return lambda view: left(view) and not right(view)
    return lambda view: left(view) or right(view)


def _between(value: str) -> Predicate:
    """``[202602020000 TO 20260203]``: both ends included, a partial date stands for its first or last minute."""
    ends = re.fullmatch(r"\[\s*(\d{4,14})\s+TO\s+(\d{4,14})\s*\]", value)
    if not ends:
        raise BadRequest(f"Invalid date range: {value}")
    first, last = _filled(ends[1], "01010000"), _filled(ends[2], "12312359")
    return lambda view: first <= view.published.astimezone(UTC).strftime("%Y%m%d%H%M") <= last


def _filled(told: str, pattern: str) -> str:
    return (told + pattern[len(told) - 4 :])[:12] if len(told) < 12 else told[:12]


_FIELDS: dict[str, Callable[[View], Sequence[str]]] = {
    "ti": lambda view: (view.current.title,),
    "au": lambda view: tuple(unicode_name(name_of(author)) for author in view.article.authors),
    "abs": lambda view: (view.current.abstract,),
    "co": lambda view: (view.current.comment,),
    "jr": lambda view: (view.article.journal_ref,),
    "cat": lambda view: view.categories,
    "id": lambda view: (view.id, f"{view.id}v{view.current.number}"),
    "all": lambda view: tuple(text for name in ("ti", "au", "abs", "co", "jr", "cat") for text in _FIELDS[name](view)),
}


def _having(name: str, value: str) -> Predicate:
    texts = _FIELDS[name]
    wanted = value.strip('"').replace("_", " ").strip().lower()
    if name in ("cat", "id"):
        # a wildcard (cat:q-fin.*) finds nothing on the new server
        return lambda view: any(text.lower() == wanted for text in texts(view))
    words = re.findall(r"\w+", wanted)
    if value.startswith('"'):
        pattern = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b")
        return lambda view: bool(words) and any(pattern.search(text.lower()) for text in texts(view))
    return lambda view: bool(words) and set(words) <= set(re.findall(r"\w+", " ".join(texts(view)).lower()))


# --- XML -------------------------------------------------------------------------------------------------------------


def _atom_answer(root: etree._Element, status: int) -> Answer:
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Answer(status=status, content_type="application/atom+xml; charset=utf-8", body=body)


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    space, _, name = tag.rpartition(":")
    uri = {"": ATOM, "arxiv": ARXIV, "opensearch": OPENSEARCH}[space]
    element = etree.SubElement(parent, f"{{{uri}}}{name}", attributes)
    element.text = text
    return element


def _root(identifier: str, title: str, now: datetime) -> etree._Element:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={"opensearch": OPENSEARCH, "arxiv": ARXIV, None: ATOM})
    _add(root, "id", identifier)
    _add(root, "title", title)
    _add(root, "updated", stamp(now))
    return root


def _counts(root: etree._Element, size: int, total: int, start: int) -> None:
    _add(root, "opensearch:itemsPerPage", str(size))
    _add(root, "opensearch:totalResults", str(total))
    _add(root, "opensearch:startIndex", str(start))


def _feed(query: Query, views: Sequence[View], total: int, now: datetime) -> etree._Element:
    ids = ",".join(query.ids)
    canonical = f"search_query={query.search}&id_list={ids}&start={query.start}&max_results={query.size}"
    mark = base64.b64encode(hashlib.sha1(canonical.encode()).digest()).decode().rstrip("=")
    root = _root(f"https://arxiv.org/api/{mark}", f"arXiv Query: {canonical}", now)
    search = quote_plus(query.search, safe=':,/"()[]')
    address = (
        f"https://arxiv.org/api/query?search_query={search}&start={query.start}&max_results={query.size}&id_list={ids}"
    )
    _add(root, "link", href=address, type="application/atom+xml")
    _counts(root, query.size, total, query.start)
    for view in views:
        _entry(_add(root, "entry"), view)
    return root


def _entry(element: etree._Element, view: View) -> None:
    one, version = view.article, view.current
    name = f"{view.id}v{version.number}"
    _add(element, "id", f"http://arxiv.org/abs/{name}")
    _add(element, "title", version.title)
    _add(element, "updated", stamp(version.submitted))
    _add(element, "link", href=f"https://arxiv.org/abs/{name}", rel="alternate", type="text/html")
    _add(element, "link", href=f"https://arxiv.org/pdf/{name}", rel="related", type="application/pdf", title="pdf")
    _add(element, "summary", version.abstract)
    for category in view.categories:
        _add(element, "category", term=category, scheme=ARXIV)
    _add(element, "published", stamp(view.published))
    if version.comment:
        _add(element, "arxiv:comment", version.comment)
    _add(element, "arxiv:primary_category", term=view.categories[0])
    if one.journal_ref:
        _add(element, "arxiv:journal_ref", one.journal_ref)
    for author in one.authors:
        _author(_add(element, "author"), author)
    for doi in one.doi.split():
        _add(element, "arxiv:doi", doi)
        _add(element, "link", rel="related", href=f"https://doi.org/{doi}", title="doi")


def _author(element: etree._Element, author: str) -> None:
    _add(element, "name", unicode_name(name_of(author)))
    for place in affiliations_of(author):
        _add(element, "arxiv:affiliation", unicode_name(place))


def _error(message: str, now: datetime) -> Answer:
    root = _root("https://arxiv.org/", "arXiv Search Results", now)
    _counts(root, 1, 1, 0)
    entry = _add(root, "entry")
    address = f"https://arxiv.org/api/errors#{message.replace(' ', '_')}"
    _add(entry, "id", address)
    _add(entry, "title", "Error")
    _add(entry, "updated", stamp(now))
    _add(entry, "link", href=address, rel="alternate", type="text/html")
    _add(entry, "summary", message)
    _add(_add(entry, "author"), "name", "arXiv api core")
    return _atom_answer(root, 400)
