"""``arxiv.org``: the listing of new papers, the catch-up of an earlier day, abstract pages, HTML papers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from digest import taxonomy
from digest.testing.serving import papers
from digest.testing.serving.answer import Answer, Request, Twists, archives, category_name, eastern_day
from digest.testing.serving.archive import PHYSICS, Archive, Item, Version, View
from digest.testing.serving.people import name_of, unicode_name
from digest.testing.serving.schedule import announcement, label

PAGE = 2000
SHOWS = (25, 50, 100, 250, 500, 1000, 2000)
CATCHUP_DAYS = 91

_SECTIONS = (("New", ("new",)), ("Cross", ("cross",)), ("Replacement", ("replace", "replace-cross")))


def listing(archive: Archive, request: Request, now: datetime, twists: Twists) -> Answer:
    """Answer ``/list/<category>/new?skip=&show=``: the last mailing that went out."""
    match = re.fullmatch(r"/list/([^/]+)/new", request.path)
    if not match or not (categories := _categories(match[1])):
        return _failed(404, "Not Found")
    show, skip = request.get("show", str(PAGE)), request.get("skip", "0")
    if not skip.isdigit() or not show.isdigit() or int(show) not in SHOWS:
        return _failed(400, "Invalid value for skip or show")
    day = archive.latest_label(now) or label(now)
    if "stale" in twists:
        day = archive.latest_label(now - timedelta(days=1)) or day
    items = [] if "empty" in twists else archive.mailing(day, categories, now)
    head = f"<h3>Showing new listings for {_weekday(day)}</h3>"
    count = f"<div class='paging'>Total of {len(items)} entries\n</div>" if items else ""
    body = _sections(items, int(skip), int(show)) or "<p>No updates today.</p>"
    return _page(f"{match[1]} listing", f"<h1>{escape(match[1])}</h1>\n{head}\n{count}\n{body}\n{count}")


def catchup(archive: Archive, request: Request, now: datetime, twists: Twists) -> Answer:
    """Answer ``/catchup/<category>/<date>?abs=True&page=n``: the mailing of one of the last 90 days."""
    match = re.fullmatch(r"/catchup/([^/]+)/(\d{4}-\d{2}-\d{2})", request.path)
    if not match or not (categories := _categories(match[1])):
        return _failed(400, "Invalid subject. Subject must be an archive, category or 'grp_physics'")
    with_abstract, page = request.get("abs", "False"), request.get("page", "1")
    unknown = {key for key, _ in request.query} - {"abs", "page"}
    if unknown or with_abstract not in ("True", "False") or not page.isdigit() or page == "0":
        return _failed(400, "Unexpected parameters. Only accepted parameters are: 'page', and 'abs'")
    try:
        day = date.fromisoformat(match[2])
    except ValueError:
        return _failed(400, "Invalid date format. Use format: YYYY-MM-DD")
    today = eastern_day(now)
    if not today - timedelta(days=CATCHUP_DAYS) <= day <= today:
        return _failed(400, f"Invalid date: {day}. Catchup only allowed for past 90 days")
    items = [] if "empty" in twists else archive.mailing(day, categories, now)
    return _catchup_page(archive, match[1], day, items, int(page), with_abstract == "True", now)


def _catchup_page(
    archive: Archive, subject: str, day: date, items: Sequence[Item], page: int, abstracts: bool, now: datetime
) -> Answer:
    short = f"{day:%a, {day.day} %b %Y}"
    paging = _paging(f"/catchup/{subject}/{day}?abs={abstracts}", -(-len(items) // PAGE), page)
    count = f"<div>\nTotal of {len(items)} entries for {short}\n{paging}\n"
    following = archive.label_after(day, now)
    if following and following <= eastern_day(now):
        count += f'<a href="/catchup/{subject}/{following}?abs={abstracts}&amp;page=1">Continue to the next day</a>\n'
    count += "</div>"
    nothing = f"<p>No updates for {short}</p>" if page == 1 else f"<div>No further updates for {short}</div>"
    body = _sections(items, (page - 1) * PAGE, PAGE, abstracts=abstracts) or nothing
    name = escape(taxonomy.CATEGORIES.get(subject, subject))
    return _page("Catchup", f"<h1>Catchup results for {name} on {short}</h1>\n{count}\n{body}\n{count}")


def _paging(address: str, pages: int, page: int) -> str:
    if pages < 2:
        return ""
    links = (
        f"<span>{one}</span>" if one == page else f"<a href={escape(address)}&amp;page={one}>{one}</a>"
        for one in range(1, pages + 1)
    )
    return f"View page: {' '.join(links)}"


def abstract(archive: Archive, request: Request, now: datetime) -> Answer:
    """Answer ``/abs/<id>``, with or without a version."""
    view, number = _asked(archive, request.path.removeprefix("/abs/"), now)
    if view is None:
        return _failed(404, f"Article identifier '{request.path.removeprefix('/abs/')}' not recognized")
    version = view.versions[number - 1]
    return _page(f"[{view.id}] {version.title}", _abstract_body(view, version), _citation(view, version))


def _citation(view: View, version: Version) -> str:
    people = (", ".join(reversed(name.rsplit(" ", 1))) for name in map(name_of, view.article.authors))
    told = (
        ("title", version.title),
        *(("author", person) for person in people),
        ("date", f"{view.published:%Y/%m/%d}"),
        ("online_date", f"{version.submitted:%Y/%m/%d}"),
        ("arxiv_id", view.id),
    )
    return "".join(f'<meta name="citation_{name}" content="{escape(text)}"/>\n' for name, text in told)


def _abstract_body(view: View, version: Version) -> str:
    authors = ", ".join(escape(unicode_name(author)) for author in view.article.authors)
    history = "<br/>".join(
        f"<strong>[v{one.number}]</strong> {one.submitted:%a, {one.submitted.day} %b %Y %H:%M:%S} UTC "
        f"({one.kilobytes} KB)"
        for one in view.versions
    )
    subjects = "; ".join(escape(category_name(category)) for category in view.categories)
    return (
        f'<h1 class="title mathjax"><span class="descriptor">Title:</span>{escape(version.title)}</h1>\n'
        f'<div class="authors"><span class="descriptor">Authors:</span>{authors}</div>\n'
        f'<blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>'
        f"{escape(version.abstract)}</blockquote>\n"
        f'<td class="tablecell comments mathjax">{escape(version.comment)}</td>\n'
        f'<td class="tablecell subjects">{subjects}</td>\n'
        f'<div class="submission-history"><h2>Submission history</h2>{history}</div>'
    )


def full_text(archive: Archive, request: Request, now: datetime, twists: Twists) -> Answer:
    """Answer ``/html/<id>``: the paper's own ``html``, or a page that is made up; 404 where it has none."""
    name = request.path.removeprefix("/html/")
    view, number = _asked(archive, name, now)
    if view is None or not view.article.html or view.versions[number - 1].is_withdrawal or "none" in twists:
        return _failed(404, f"No HTML for '{name}'")
    if "stub" in twists:
        return _page("HTML", f"<p>No HTML for '{escape(name)}'</p>")
    version = view.versions[number - 1]
    text = view.article.html
    if not isinstance(text, str):
        text = papers.page(archive, view, version, fatal="fatal" in twists)
    if "huge" in twists:
        text = text.replace("</article>", "<p class='ltx_p'>" + "very long " * 2_500_000 + "</p></article>")
    modified = format_datetime(announcement(version.announced), usegmt=True)
    headers = (("Last-Modified", modified),)
    return Answer(content_type="text/html; charset=utf-8", body=text.encode(), headers=headers)


def _asked(archive: Archive, name: str, now: datetime) -> tuple[View | None, int]:
    match = re.fullmatch(r"(.+?)(?:v(\d+))?", name)
    view = archive.at(now).by_id.get(match[1]) if match else None
    if view is None or match is None:
        return None, 0
    number = int(match[2] or len(view.versions))
    return (view, number) if 1 <= number <= len(view.versions) else (None, 0)


def _categories(subject: str) -> list[str]:
    """The categories of a category, an archive or the group of physics; none for an unknown subject."""
    known = archives()
    if subject == "grp_physics":
        return [category for archive in known if archive in PHYSICS for category in known[archive]]
    return known.get(subject) or ([subject] if subject in taxonomy.CATEGORIES else [])


# --- HTML ------------------------------------------------------------------------------------------------------------


def _weekday(day: date) -> str:
    return f"{day:%A, {day.day} %B %Y}"


def _page(title: str, body: str, head: str = "") -> Answer:
    text = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><title>{escape(title)}</title>\n{head}</head>\n<body>\n'
        f"<div id='content-inner'>\n<div id='dlpage'>\n{body}\n</div>\n</div>\n</body>\n</html>\n"
    )
    return Answer(content_type="text/html; charset=utf-8", body=text.encode())


def _failed(status: int, message: str) -> Answer:
    text = f"<!DOCTYPE html>\n<html><body><h1>{status}</h1><p>{escape(message)}</p></body></html>\n"
    return Answer(status=status, content_type="text/html; charset=utf-8", body=text.encode())


def _sections(items: Sequence[Item], skip: int, show: int, *, abstracts: bool = True) -> str:
    """The sections with lines among ``items[skip:skip + show]``; lines are numbered over the whole mailing."""
    parts, start = [], 0
    for name, kinds in _SECTIONS:
        # a listing has the replacements of both kinds in one sequence
        lines = sorted((item for item in items if item.kind in kinds), key=lambda item: item.view.id)
        low, high = max(skip - start, 0), min(skip + show - start, len(lines))
        if low < high:
            numbered = enumerate(lines[low:high], start + low + 1)
            entries = "\n".join(_entry(number, item, abstracts) for number, item in numbered)
            parts.append(f"<dl id='articles'>\n<h3>{_heading(name, low, high, len(lines))}</h3>\n{entries}\n</dl>")
        start += len(lines)
    return "\n".join(parts)


def _heading(name: str, low: int, high: int, total: int) -> str:
    if low:
        showing = "continued, showing last" if high == total else "continued, showing"
    else:
        showing = "showing" if high == total else "showing first"
    return f"{name} submissions ({showing} {high - low} of {total} entries)"


def _entry(number: int, item: Item, with_abstract: bool) -> str:
    view = item.view
    comment = _described("comments mathjax", "Comments", view.current.comment)
    journal = _described("journal-ref", "Journal-ref", view.article.journal_ref)
    primary, *others = (escape(category_name(category)) for category in view.categories)
    subjects = "; ".join((f'<span class="primary-subject">{primary}</span>', *others))
    text = f"\n        <p class='mathjax'>\n          {escape(view.current.abstract)}\n        </p>"
    return f"""<dt>
      <a name='item{number}'>[{number}]</a>
      <a href ="/abs/{view.id}" title="Abstract" id="{view.id}">
        arXiv:{view.id}
      </a>
      {_kind(item)}
        [{_downloads(view)}]
    </dt>
    <dd>
      <div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span>
          {escape(view.current.title)}
        </div>
        <div class='list-authors'>{_authors(view)}</div>
{comment}{journal}
        <div class='list-subjects'><span class='descriptor'>Subjects:</span>
          {subjects}
        </div>
{text if with_abstract else ""}
      </div>
    </dd>"""


def _kind(item: Item) -> str:
    if item.kind == "cross":
        return f"    (cross-list from {item.view.categories[0]})\n"
    return "    (replaced)\n" if item.kind.startswith("replace") else ""


def _described(style: str, name: str, text: str) -> str:
    if not text:
        return ""
    return f"""
        <div class='list-{style}'><span class='descriptor'>{name}:</span>
          {_linked(text)}
        </div>
"""


def _linked(text: str) -> str:
    """Text with its addresses as arXiv's pages show them: the address itself is only in the link."""
    parts = re.split(r"(https?://[^\s<>]+[^\s<>.,;:!?)\]}'\"])", unicode_name(text))
    for number in range(1, len(parts), 2):
        scheme = parts[number].partition(":")[0]
        parts[number] = (
            f'<a href="{escape(parts[number])}" rel="external noopener nofollow" '
            f'class="link-external link-{scheme}">this {scheme} URL</a>'
        )
    return "".join(escape(part).replace("&#x27;", "&#39;") if n % 2 == 0 else part for n, part in enumerate(parts))


def _authors(view: View) -> str:
    names = [unicode_name(name_of(author)) for author in view.article.authors]
    if not any(names):
        return "(author list is unavailable)"
    archive = view.categories[0].partition(".")[0]
    return ", ".join(
        f'<a href="https://arxiv.org/search/{archive}?searchtype=author&amp;query={_author_query(name)}">'
        f"{escape(name)}</a>"
        for name in names
    )


def _author_query(name: str) -> str:
    *given, family = name.split() or [""]
    return f"{quote(family)},{''.join('+' + quote(word[0]) for word in given)}"


def _downloads(view: View) -> str:
    links = [("pdf", "Download PDF", f"/pdf/{view.id}", "pdf", "")]
    if view.article.html:
        page = f"https://arxiv.org/html/{view.id}v{view.current.number}"
        links.append(("html", "View HTML", page, "html", ' rel="noopener noreferrer" target="_blank"'))
    links.append(("oth", "Other formats", f"/format/{view.id}", "other", ""))
    return ", ".join(
        f'<a href="{address}" title="{title}" id="{mark}-{view.id}" aria-labelledby="{mark}-{view.id}"{more}>{text}</a>'
        for mark, title, address, text, more in links
    )
