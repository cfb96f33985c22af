"""``rss.arxiv.org``: the feed of one Eastern day, as RSS 2.0 and as Atom 1.0."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

from lxml import etree

from digest.testing.serving.answer import Answer, Request, Twists, archives, eastern_day, midnight
from digest.testing.serving.archive import Archive, Item

ARXIV = "http://arxiv.org/schemas/atom"
DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HOME = "http://rss.arxiv.org"

CAP = 2000


class BadQuery(Exception):
    """The categories asked for are not arXiv's; the text is what arXiv says about it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A feed before it is written as XML."""

    form: str  # rss or atom
    address: str
    title: str
    description: str
    day: date  # whose midnight is the feed's date
    now: datetime
    items: Sequence[Item] = ()
    is_error: bool = False


def answer(archive: Archive, request: Request, now: datetime, twists: Twists) -> Answer:
    """Answer ``/rss/<query>`` or ``/atom/<query>``."""
    _, form, query = request.path.split("/", 2)
    if not query:
        return Answer(content_type="text/html; charset=utf-8", body=b"<html><body>How to use RSS feeds</body></html>")
    today = eastern_day(now)
    try:
        if "error" in twists:
            raise BadQuery("Invalid archive or subject class")
        topics, categories = parse_query(query)
    except BadQuery as error:
        address = f"{HOME}/{form}/{query}"
        failed = Channel(
            form=form,
            address=address,
            title=f"Feed error for query: {address}",
            description=str(error),
            day=today,
            now=now,
            is_error=True,
        )
        return _answer(failed, 400)
    channel = Channel(
        form=form,
        address=f"{HOME}/{form}/{'+'.join(topics)}",
        title=f"{', '.join(topics)} updates on arXiv.org",
        description=f"{', '.join(topics)} updates on the arXiv.org e-print archive.",
        day=today - timedelta(days=1) if "lag" in twists else today,
        now=now,
        items=_items(archive, categories, today, now, twists),
    )
    return _answer(channel, 200)


def _items(archive: Archive, categories: Sequence[str], today: date, now: datetime, twists: Twists) -> tuple[Item, ...]:
    """The items of *today*, at most the cap; like arXiv's, the cap takes from new papers first, lowest id first."""
    if "empty" in twists:
        return ()
    if "stale" in twists:
        today = archive.latest_label(midnight(today) - timedelta(days=1)) or today
    items = archive.mailing(today, categories, now)
    surplus = len(items) - twists.number("cap", CAP)
    return tuple(items[surplus:]) if surplus > 0 else tuple(items)


def parse_query(query: str) -> tuple[list[str], list[str]]:
    """Return the topics as arXiv names them, archives first, and every category that they mean.

    Raises BadQuery for an empty part or an unknown name.
    """
    known = archives()
    whole, single = [], []
    for part in query.split("+"):
        if not part.strip():
            raise BadQuery(
                f"Invalid archive specification '{query}'. Correct format is one or more archive names delimited by "
                "'+'. Each name can be either of the form 'archive' or 'archive.category'. For example: "
                "'math+cs.CG' (all from math and only computational geometry from computer science)."
            )
        archive, _, subject = part.partition(".")
        archive = archive.lower()
        if archive not in known:
            raise BadQuery(f"Bad archive '{archive}'. Valid archive names are: {', '.join(known)}.")
        if "." not in part:
            whole.append(archive)
            continue
        found = {f"{archive}.{subject.upper()}", f"{archive}.{subject.lower()}"} & set(known[archive])
        if not found:
            raise BadQuery(
                f"Bad subject class '{subject}'. Valid subject classes for the archive '{archive}' are: "
                f"{', '.join(known[archive])}."
            )
        single.append(found.pop())
    return whole + single, [category for archive in whole for category in known[archive]] + single


# --- XML -------------------------------------------------------------------------------------------------------------


def _answer(channel: Channel, status: int) -> Answer:
    root = _rss(channel) if channel.form == "rss" else _atom(channel)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    seconds = int((midnight(eastern_day(channel.now) + timedelta(days=1)) - channel.now).total_seconds())
    headers = (("ETag", hashlib.sha256(body).hexdigest()), ("Cache-Control", f"max-age={seconds}"))
    return Answer(status=status, content_type=f"application/{channel.form}+xml", body=body, headers=headers)


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _rss(channel: Channel) -> etree._Element:
    spaces = {"arxiv": ARXIV, "dc": DC, "atom": ATOM, "content": CONTENT}
    root = etree.Element("rss", {"version": "2.0"}, nsmap=spaces)
    top = _add(root, "channel")
    _add(top, "title", channel.title)
    _add(top, "link", channel.address)
    _add(top, "description", channel.description)
    _add(top, f"{{{ATOM}}}link", href=channel.address, rel="self", type="application/rss+xml")
    _add(top, "docs", "http://www.rssboard.org/rss-specification")
    _add(top, "language", "en-us")
    _add(top, "lastBuildDate", format_datetime(channel.now.astimezone(UTC)))
    # arXiv's own slip: the address loses its @ in an error feed
    _add(top, "managingEditor", "rss-help.arxiv.org" if channel.is_error else "rss-help@arxiv.org")
    _add(top, "pubDate", format_datetime(midnight(channel.day)))
    if not channel.is_error:
        skip = _add(top, "skipDays")
        for day in ("Saturday", "Sunday"):
            _add(skip, "day", day)
    for item in channel.items:
        _rss_item(_add(top, "item"), item, channel)
    return root


def _rss_item(element: etree._Element, item: Item, channel: Channel) -> None:
    view = item.view
    _add(element, "title", view.current.title)
    _add(element, "link", f"https://arxiv.org/abs/{view.id}")
    _add(element, "description", _description(item))
    _add(element, "guid", _name(item), isPermaLink="false")
    for category in view.categories:
        _add(element, "category", category)
    _add(element, "pubDate", format_datetime(midnight(channel.day)))
    _add(element, f"{{{ARXIV}}}announce_type", item.kind)
    _rights(element, item)
    _doi(element, item)
    _journal(element, item)
    _add(element, f"{{{DC}}}creator", view.article.author_line)


def _atom(channel: Channel) -> etree._Element:
    root = etree.Element(f"{{{ATOM}}}feed", {LANG: "en-us"}, nsmap={"arxiv": ARXIV, "dc": DC, None: ATOM})
    _add(root, f"{{{ATOM}}}id", channel.address)
    _add(root, f"{{{ATOM}}}title", channel.title)
    _add(root, f"{{{ATOM}}}updated", _rendered(channel.now, 0))
    _add(root, f"{{{ATOM}}}link", href=channel.address, rel="self", type="application/atom+xml")
    _add(root, f"{{{ATOM}}}subtitle", channel.description)
    for number, item in enumerate(channel.items):
        # feedgen reverses the entries after each has got the time at which it was made
        _atom_entry(_add(root, f"{{{ATOM}}}entry"), item, channel, len(channel.items) - number)
    return root


def _atom_entry(element: etree._Element, item: Item, channel: Channel, made: int) -> None:
    view = item.view
    _add(element, f"{{{ATOM}}}id", _name(item))
    _add(element, f"{{{ATOM}}}title", view.current.title)
    _add(element, f"{{{ATOM}}}updated", _rendered(channel.now, made))
    _add(element, f"{{{ATOM}}}link", href=f"https://arxiv.org/abs/{view.id}", rel="alternate", type="text/html")
    _add(element, f"{{{ATOM}}}summary", _description(item))
    for category in view.categories:
        _add(element, f"{{{ATOM}}}category", term=category)
    _add(element, f"{{{ATOM}}}published", midnight(channel.day).isoformat())
    _add(element, f"{{{ARXIV}}}announce_type", item.kind)
    _rights(element, item)
    _journal(element, item)
    _doi(element, item)
    _add(element, f"{{{DC}}}creator", view.article.author_line)


def _rendered(now: datetime, made: int) -> str:
    moment = now.astimezone(UTC) + timedelta(microseconds=1 + 60 * made)
    return moment.isoformat(timespec="microseconds")


def _name(item: Item) -> str:
    return f"oai:arXiv.org:{item.view.id}v{item.view.current.number}"


def _description(item: Item) -> str:
    version = item.view.current
    return f"arXiv:{item.view.id}v{version.number} Announce Type: {item.kind} \nAbstract: {version.abstract}"


def _rights(element: etree._Element, item: Item) -> None:
    if item.view.article.license:
        _add(element, f"{{{DC}}}rights", item.view.article.license)


def _doi(element: etree._Element, item: Item) -> None:
    if item.view.article.doi:
        _add(element, f"{{{ARXIV}}}DOI", item.view.article.doi)


def _journal(element: etree._Element, item: Item) -> None:
    if item.view.article.journal_ref:
        _add(element, f"{{{ARXIV}}}journal_reference", item.view.article.journal_ref.strip())
