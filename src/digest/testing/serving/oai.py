"""``oaipmh.arxiv.org/oai``: Identify, GetRecord, ListRecords and ListIdentifiers, in ``arXiv`` and ``arXivRaw``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs, quote, unquote, urlencode

from digest import taxonomy
from digest.testing.serving.answer import Answer, Request, Twists, stamp
from digest.testing.serving.archive import Archive, Version, View, set_specs
from digest.testing.serving.people import name_of, name_parts, unicode_name

EARLIEST = date(2005, 9, 16)
FORMATS = ("arXiv", "arXivRaw")
IDENTIFIERS_PER_RECORD = 8  # 20,000 identifiers a page to 2,500 records

_REASONS = {
    "badArgument": "The request includes illegal arguments, is missing required arguments, includes a repeated "
    "argument, or values for arguments have an illegal syntax.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is missing, or the verb "
    "argument is repeated.",
    "cannotDisseminateFormat": "The metadata format identified by the value given for the metadataPrefix argument is "
    "not supported by the item or by the repository.",
    "idDoesNotExist": "The value of the identifier argument is unknown or illegal in this repository.",
    "noRecordsMatch": "The combination of the values of the from, until, set and metadataPrefix arguments results in "
    "an empty list.",
}


class Refusal(Exception):
    """An OAI error, which arXiv sends with HTTP 200; *attributes* are those that ``<request>`` repeats."""

    def __init__(self, code: str, reason: str = "", attributes: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.xml = f"    <error code='{code}'>{_REASONS[code]}{f' Reason: {reason}' if reason else ''}</error>"
        self.code = code
        self.attributes = attributes or {}


def answer(archive: Archive, request: Request, now: datetime, page_size: int, twists: Twists) -> Answer:
    """Answer one OAI request."""
    arguments = dict(request.query)
    if "page-500" in twists:
        return Answer(status=500, content_type="text/html; charset=utf-8", body=b"<h1>Internal Server Error</h1>")
    headers: tuple[tuple[str, str], ...] = (("Surrogate-Control", "max-age=345600"), ("Surrogate-Key", "announce oai"))
    try:
        if len(arguments) != len(request.query):
            raise Refusal("badArgument", "Duplicate parameters not allowed")
        attributes, interior = _perform(archive, arguments, now, page_size, twists)
    except Refusal as refusal:
        attributes, interior = refusal.attributes, refusal.xml
        if refusal.code == "noRecordsMatch":
            tomorrow = datetime.combine(_utc_day(now) + timedelta(days=1), time(), UTC)
            headers = (("Surrogate-Control", f"max-age={int((tomorrow - now).total_seconds())}"),)
    body = _envelope(now, attributes, interior, f"http://{request.host}{request.path}")
    return Answer(content_type="application/xml", body=body.encode(), headers=headers)


def _perform(
    archive: Archive, arguments: dict[str, str], now: datetime, page_size: int, twists: Twists
) -> tuple[dict[str, str], str]:
    match arguments.get("verb", ""):
        case "Identify":
            if len(arguments) > 1:
                raise Refusal("badArgument", "No other parameters allowed")
            return {"verb": "Identify"}, _IDENTIFY
        case "GetRecord":
            return _get_record(archive, arguments, now)
        case "ListRecords":
            return _list(archive, arguments, now, page_size, twists)
        case "ListIdentifiers":
            return _list(archive, arguments, now, page_size * IDENTIFIERS_PER_RECORD, twists)
    raise Refusal("badVerb", "Invalid verb provided")


def _get_record(archive: Archive, arguments: dict[str, str], now: datetime) -> tuple[dict[str, str], str]:
    if set(arguments) != {"verb", "identifier", "metadataPrefix"}:
        raise Refusal("badArgument", "Parameters provided did not match expected.")
    identifier = arguments["identifier"]
    known = re.fullmatch(r"oai:arXiv\.org:(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(v\d+)?", identifier)
    if not known:
        raise Refusal("badArgument", "Invalid identifier")
    attributes = {key: arguments[key] for key in ("verb", "identifier", "metadataPrefix")}
    if arguments["metadataPrefix"] not in FORMATS:
        raise Refusal("cannotDisseminateFormat", "Did not recognize requested format", attributes)
    view = archive.at(now).by_id.get(known[1])
    if view is None:
        raise Refusal("idDoesNotExist", "Nothing found for this id", attributes)
    return attributes, f"    <GetRecord>\n{_record(view, arguments['metadataPrefix'])}\n    </GetRecord>"


# --- lists -----------------------------------------------------------------------------------------------------------


def _list(
    archive: Archive, arguments: dict[str, str], now: datetime, limit: int, twists: Twists
) -> tuple[dict[str, str], str]:
    verb, token = arguments["verb"], arguments.get("resumptionToken")
    skip = 0
    if token is not None:
        arguments, skip = _resumed(arguments, twists, limit)
    first, last, chosen = _selection(arguments, now)
    shown = {"verb": verb, **chosen} if token is None else {"verb": verb, "resumptionToken": token}
    views = [view for view in archive.at(now).changed(first, last) if _in_set(view, chosen.get("set"))]
    page = views[skip : skip + limit + 1]
    if not page or "no-records" in twists:
        raise Refusal("noRecordsMatch", attributes=shown)
    # the first page of one has no token at all, the last of several an empty one
    following = None if token is None else ""
    if len(page) > limit:
        following = "" if "empty-token" in twists else _token({"verb": verb, **chosen}, page, skip, limit)
    return shown, _page(verb, page[:limit], chosen["metadataPrefix"], following, now)


def _resumed(arguments: dict[str, str], twists: Twists, limit: int) -> tuple[dict[str, str], int]:
    """The arguments that a token stands for, and how many records it leaves out."""
    if set(arguments) != {"verb", "resumptionToken"}:
        raise Refusal("badArgument", "No other paramters allowed with resumptionToken")
    token = "" if "bad-token" in twists else arguments["resumptionToken"]
    told, skip = _from_token(token, arguments["verb"], arguments)
    if "lost" in twists:
        skip += 1
    if "duplicate-page" in twists:
        skip = max(0, skip - limit)
    return told, skip


def _from_token(token: str, verb: str, shown: dict[str, str]) -> tuple[dict[str, str], int]:
    told = {key: values[0] for key, values in parse_qs(unquote(token)).items()}
    if not told.get("skip", "").isdigit() or "metadataPrefix" not in told:
        raise Refusal("badResumptionToken", "Token decoding failed or format is invalid.", shown)
    skip = int(told.pop("skip"))
    if told.get("verb") != verb:
        raise Refusal("badResumptionToken", "token from different verb", shown)
    return told, skip


def _token(chosen: dict[str, str], page: Sequence[View], skip: int, limit: int) -> str:
    """The token of the next page: from the last day on this page, less what of that day was shown."""
    last_day = _utc_day(page[limit].modified)
    if _utc_day(page[0].modified) == last_day:
        skip += limit
    else:
        skip = sum(_utc_day(view.modified) == last_day for view in page[:limit])
        chosen = {**chosen, "from": last_day.isoformat()}
    return quote(urlencode({**chosen, "skip": skip}))


def _selection(arguments: dict[str, str], now: datetime) -> tuple[datetime, datetime, dict[str, str]]:
    """First and last instant, and the arguments that a page repeats; Refusal where arXiv refuses."""
    if "metadataPrefix" not in arguments:
        raise Refusal("badArgument", "metadataPrefix required.")
    if set(arguments) - {"verb", "metadataPrefix", "from", "until", "set"}:
        raise Refusal("badArgument", "Unallowed parameter.")
    if arguments["metadataPrefix"] not in FORMATS:
        raise Refusal("cannotDisseminateFormat", "Did not recognize requested format", {"verb": arguments["verb"]})
    start, end = _date(arguments, "from", EARLIEST), _date(arguments, "until", _utc_day(now))
    _check_set(arguments.get("set"))
    if start > end:
        raise Refusal("badArgument", "until date must be greater than or equal to from date")
    if start < EARLIEST:
        raise Refusal("badArgument", "start date too early")
    # arXiv compares the last second of the day with this time tomorrow, so tomorrow is refused but at its very end
    last = datetime.combine(end, time(23, 59, 59), UTC)
    if last > now + timedelta(days=1):
        raise Refusal("badArgument", "until date too late")
    chosen = {key: arguments[key] for key in ("metadataPrefix", "from", "until", "set") if arguments.get(key)}
    return datetime.combine(start, time(), UTC), last, chosen


def _date(arguments: dict[str, str], name: str, default: date) -> date:
    told = arguments.get(name)
    if not told:
        return default
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told):
            raise ValueError
        return date.fromisoformat(told)
    except ValueError:
        raise Refusal("badArgument", f"{name} date format must be YYYY-MM-DD") from None


def _check_set(name: str | None) -> None:
    if name is None:
        return
    if name.count(":") > 2:
        raise Refusal("badArgument", "Set has too many levels")
    if name not in known_sets():
        raise Refusal("badArgument", "Set does not exist")


def known_sets() -> set[str]:
    """All sets: groups, archives, categories."""
    names = set()
    for spec in set_specs(taxonomy.CATEGORIES):
        parts = spec.split(":")
        names |= {":".join(parts[: depth + 1]) for depth in range(len(parts))}
    return names


def _in_set(view: View, name: str | None) -> bool:
    return name is None or any(f"{spec}:".startswith(f"{name}:") for spec in set_specs(view.categories))


def _utc_day(when: datetime) -> date:
    return when.astimezone(UTC).date()


# --- XML -------------------------------------------------------------------------------------------------------------


def _x(text: str) -> str:
    """Escape as the templates of arXiv's server do."""
    for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"), ("\r", "&#13;")):
        text = text.replace(raw, escaped)
    return text


def _envelope(now: datetime, attributes: dict[str, str], interior: str, address: str) -> str:
    mark = "'" if "resumptionToken" in attributes else '"'
    asked = "".join(f" {key}={mark}{_x(value)}{mark}" for key, value in attributes.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" 
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
    <responseDate>{stamp(now)}</responseDate>
                <request{asked}>{_x(address)}</request>


{interior}
</OAI-PMH>
"""  # noqa: W291


def _page(verb: str, views: Iterable[View], form: str, token: str | None, now: datetime) -> str:
    lines = [f"    <{verb}>"]
    lines += [_record(view, form) if verb == "ListRecords" else _header(view) for view in views]
    if token:
        tomorrow = datetime.combine(_utc_day(now) + timedelta(days=1), time(), UTC)
        lines.append(f"        <resumptionToken expirationDate='{stamp(tomorrow)}'>{_x(token)}</resumptionToken>")
    elif token is not None:
        lines.append("        <resumptionToken/>")
    return "\n".join([*lines, f"    </{verb}>"])


def _header(view: View) -> str:
    sets = "".join(f"            <setSpec>{spec}</setSpec>\n" for spec in set_specs(view.categories))
    return f"""        <header>
            <identifier>oai:arXiv.org:{view.id}</identifier>
            <datestamp>{_utc_day(view.modified)}</datestamp>
{sets}        </header>"""


def _record(view: View, form: str) -> str:
    spaces = (
        f'xmlns="http://arxiv.org/OAI/{form}/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://arxiv.org/OAI/{form}/ https://oaipmh.arxiv.org/OAI/{form}.xsd"'
    )
    fields = "\n".join(_raw_fields(view) if form == "arXivRaw" else _arxiv_fields(view))
    return f"""        <record>
{_header(view)}
            <metadata>
                <{form} {spaces}>
{fields}
                </{form}>
            </metadata>
        </record>"""


def _fields(*pairs: tuple[str, str]) -> list[str]:
    """Elements for the pairs that have a text."""
    return [f"            <{name}>{_x(text)}</{name}>" for name, text in pairs if text]


def _tail(view: View, *classes: str) -> list[str]:
    one = view.article
    # a slip of arXiv's templates: acm-class is told when there is one, but with the text of msc-class
    told = {**one.classes, "acm-class": one.classes.get("msc-class", "") if one.classes.get("acm-class") else ""}
    return _fields(
        ("comments", view.current.comment),
        *((name, told.get(name, "")) for name in ("proxy", "report-no", *classes)),
        ("journal-ref", one.journal_ref),
        ("doi", one.doi),
        ("license", one.license),
        ("abstract", view.current.abstract),
    )


def _raw_fields(view: View) -> list[str]:
    return [
        *_fields(("id", view.id), ("submitter", view.article.submitter)),
        *(_version(version) for version in view.versions),
        f"            <title>{_x(view.current.title)}</title>",
        f"            <authors>{_x(view.article.author_line)}</authors>",
        *_fields(("categories", " ".join(view.categories))),
        *_tail(view, "acm-class", "msc-class"),
    ]


def _version(version: Version) -> str:
    kind = f"\n                    <source_type>{version.source_type}</source_type>" if version.source_type else ""
    return f"""            <version version="v{version.number}">
                <date>{version.submitted:%a, %d %b %Y %H:%M:%S} GMT</date>
                <size>{version.kilobytes}kb</size>{kind}
            </version>"""


def _arxiv_fields(view: View) -> list[str]:
    """``arXiv``'s fields; ``created`` is the current version's date, whatever its name says."""
    return [
        *_fields(
            ("id", view.id),
            ("created", view.current.submitted.date().isoformat()),
            ("updated", _utc_day(view.modified).isoformat()),
        ),
        "            <authors>",
        *(_author(author) for author in view.article.authors),
        "            </authors>",
        f"            <title>{_x(view.current.title)}</title>",
        *_fields(("categories", " ".join(view.categories))),
        *_tail(view, "msc-class", "acm-class"),
    ]


def _author(author: str) -> str:
    """An author in parts; affiliations are not told in this format."""
    key, fore, suffix = name_parts(unicode_name(name_of(author)))
    parts = _fields(("keyname", key), ("forenames", fore), ("suffix", suffix))
    return "\n".join(("                <author>", *parts, "                </author>"))


_IDENTIFY = """    <Identify>
        <repositoryName>arXiv</repositoryName>
        <baseURL>https://oaipmh.arxiv.org/oai</baseURL>
        <protocolVersion>2.0</protocolVersion>
        <adminEmail>help@arxiv.org</adminEmail>
        <earliestDatestamp>2005-09-16</earliestDatestamp>
        <deletedRecord>persistent</deletedRecord>
        <granularity>YYYY-MM-DD</granularity>
        <description>
            <eprints xmlns="http://www.openarchives.org/OAI/1.1/eprints" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.openarchives.org/OAI/1.1/eprints http://www.openarchives.org/OAI/1.1/eprints.xsd">
                <content>
                    <text>Author self-archived e-prints</text>
                </content>
                <metadataPolicy>
                    <text>Metadata harvesting permitted through OAI interface</text>
                    <URL>https://info.arxiv.org/help/oa/metadataPolicy.html</URL>
                </metadataPolicy>
                <dataPolicy>
                    <text>Full-content harvesting not permitted (except by special arrangement)</text>
                    <URL>https://info.arxiv.org/help/oa/dataPolicy.html</URL>
                </dataPolicy>
                <submissionPolicy>
                    <text>Author self-submission preferred, submissions screened for appropriateness.</text>
                    <URL>https://info.arxiv.org/help/submit/index.html</URL>
                </submissionPolicy>
            </eprints>
        </description>
    </Identify>"""
