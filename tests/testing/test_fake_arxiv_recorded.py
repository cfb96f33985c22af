"""The fake arXiv is held to recorded answers, field by field.

Each test reads a recorded answer, makes the papers out of it that it tells of, serves them at the instant of the
recording, asks the same question and compares. What may differ is written where it is left out.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from lxml import etree, html

from digest.testing.fake_arxiv import FakeArxiv

WIRE = Path(__file__).resolve().parents[2] / "../shared/data/wire"
pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="no recorded answers: there is no folder shared/data/wire")

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def files(pattern: str) -> list[Any]:
    return [pytest.param(path, id=path.name) for path in sorted(WIRE.glob(pattern))]


def read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def get(fake: FakeArxiv, address: str, **options: Any) -> requests.Response:
    answer = requests.get(fake.url + address, timeout=30, **options)
    answer.encoding = "utf-8"
    return answer


def fields(element: etree._Element) -> list[tuple[str, dict[str, str], str]]:
    """Every element below *element* in order: name, attributes, own text."""
    below = [one for one in element.iterdescendants() if isinstance(one.tag, str)]
    return [(one.tag, dict(one.attrib), (one.text or "") if len(one) == 0 else "") for one in below]


def text(element: etree._Element, path: str) -> str:
    return element.findtext(path) or ""


# --- feeds -----------------------------------------------------------------------------------------------------------

REBUILT = "/2025/"  # these were rebuilt from stored items, and lack some elements of each


def feed_files() -> list[Any]:
    found = files("feeds/*.xml") + files("feeds/2025/*.xml.gz")
    return [one for one in found if not one.values[0].name.startswith(("out_", "serialised_out_"))]


def parse_feed(path: Path) -> tuple[etree._Element, list[etree._Element]]:
    """The feed and its whole entries; two recordings are cut in the middle of an entry."""
    root = etree.fromstring(read(path), etree.XMLParser(recover=True))
    entries = root.findall(f"{ATOM}entry") or root.findall("channel/item")
    return root, [one for one in entries if one.find(f"{DC}creator") is not None]


def record_of_entry(entry: etree._Element, asked: list[str]) -> tuple[dict[str, Any], str]:
    """The paper that makes such an entry, and the entry's identifier."""
    name = text(entry, f"{ATOM}id") or text(entry, "guid")
    identifier, version = re.fullmatch(r"oai:arXiv\.org:(.+)v(\d+)", name).groups()
    kind = text(entry, f"{ARXIV}announce_type")
    day = date.fromisoformat(text(entry, f"{ATOM}published")[:10] or parsed_day(text(entry, "pubDate")))
    categories = [one.get("term") or one.text for one in entry.iterchildren(f"{ATOM}category", "category")]
    # a cross whose primary category is among those asked for: an old paper, new in another of them
    crossed = (
        [one for one in categories[1:] if one in asked][-1:]
        if kind == "cross" and categories and categories[0] in asked
        else []
    )
    first = day - timedelta(days=30) if kind.startswith("replace") or crossed else day
    made_up = asked[:1] if kind in ("new", "replace") else ["math.CO", *asked[:1]]
    summary = text(entry, f"{ATOM}summary") or text(entry, "description")
    others = first if crossed else day
    return {
        "id": identifier,
        "title": text(entry, f"{ATOM}title") or text(entry, "title"),
        "abstract": re.sub(r"^arXiv:\S+ Announce Type: \S+ \nAbstract: ", "", summary),
        "authors": [text(entry, f"{DC}creator")] if text(entry, f"{DC}creator") else [],
        "categories": categories or made_up,
        "crosses": [{"category": one, "announced": str(day)} for one in crossed],
        "license": text(entry, f"{DC}rights"),
        "doi": text(entry, f"{ARXIV}DOI"),
        "journal_ref": text(entry, f"{ARXIV}journal_reference"),
        "versions": [{"version": 1, "announced": str(first)}]
        + [{"version": number, "announced": str(others)} for number in range(2, int(version) + 1)],
    }, name


def parsed_day(rfc822: str) -> str:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(rfc822).date().isoformat()


def without_clock(rows: list[tuple[str, dict[str, str], str]]) -> list[tuple[str, dict[str, str], str]]:
    """The time of rendering differs; its form may not."""
    clock = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} .* \+0000")
    return [
        (tag, attributes, clock.sub("CLOCK", value))
        if tag in (f"{ATOM}updated", "lastBuildDate")
        else (tag, attributes, value)
        for tag, attributes, value in rows
    ]


@pytest.mark.parametrize("path", feed_files())
def test_a_feed_is_the_recorded_feed(path: Path) -> None:
    recorded, entries = parse_feed(path)
    # entries that somebody wrote by hand into a fixture lack the blank that arXiv puts before the line break
    entries = [one for one in entries if " \nAbstract: " in (text(one, f"{ATOM}summary") or text(one, "description"))]
    address = text(recorded, f"{ATOM}id") or text(recorded, "channel/link")
    query = urlsplit(address).path
    papers = dict(record_of_entry(one, query.split("/")[-1].split("+"))[::-1] for one in entries)
    day = text(entries[0], f"{ATOM}published")[:10] or parsed_day(text(entries[0], "pubDate"))

    with FakeArxiv(papers.values(), as_of=f"{day}T12:00:00Z") as fake:
        answer = get(fake, query)
    served = etree.fromstring(answer.content)
    served_entries = served.findall(f"{ATOM}entry") or served.findall("channel/item")

    assert answer.status_code == 200
    assert served.tag == recorded.tag
    assert dict(served.attrib) == dict(recorded.attrib)
    assert dict(served.nsmap).items() >= dict(recorded.nsmap).items()
    assert channel(served) == channel(recorded)
    names = [text(one, f"{ATOM}id") or text(one, "guid") for one in served_entries]
    assert names == list(papers)
    for ours, theirs in zip(served_entries, entries, strict=True):
        expected = without_clock(fields(theirs))
        present = {tag for tag, _, _ in expected} if REBUILT in str(path) else {tag for tag, _, _ in fields(ours)}
        assert [row for row in without_clock(fields(ours)) if row[0] in present] == expected


def channel(root: etree._Element) -> Any:
    """The feed's own fields; the order of the days to skip is that of a set, in arXiv's program as well."""
    top = root.find("channel") if root.tag == "rss" else root
    own = [one for one in top if one.tag not in ("item", "skipDays", f"{ATOM}entry")]
    rows = [(one.tag, dict(one.attrib), one.text or "") for one in own]
    return without_clock(rows), {one.text for one in top.findall("skipDays/day")}


EMPTY = [pytest.param(path, id=path.name) for path in sorted(WIRE.glob("feeds/*out_*empty*.xml"))]


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_feed_is_the_recorded_one_byte_for_byte(path: Path) -> None:
    """But for the time of rendering."""
    recorded = path.read_text()
    address = re.search(r"http://rss\.arxiv\.org(/(?:rss|atom)/[^<\"]+)", recorded)[1]
    with FakeArxiv([], as_of="2026-11-21T02:11:04Z") as fake:
        served = get(fake, address).text

    clock = re.compile(r"(?<=<updated>)[^<]+|(?<=<lastBuildDate>)[^<]+")
    assert clock.sub("", served).strip() == clock.sub("", recorded).strip()


@pytest.mark.parametrize("path", files("feeds/*out_*error.xml"))
def test_an_error_feed_is_the_recorded_one(path: Path) -> None:
    """But for the list of archives, which the recording was made with two of."""
    recorded = path.read_text()
    form = "rss" if "_rss" in path.name else "atom"
    with FakeArxiv([], as_of="2026-11-21T02:11:04Z") as fake:
        answer = get(fake, f"/{form}/foo")

    assert answer.status_code == 400
    reason = re.compile(r"Invalid archive or subject class|Bad archive 'foo'\. Valid archive names are: [a-z, -]+\.")
    clock = re.compile(r"(?<=<updated>)[^<]+|(?<=<lastBuildDate>)[^<]+")
    assert reason.sub("", clock.sub("", answer.text)).strip() == reason.sub("", clock.sub("", recorded)).strip()


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_an_item_is_written_as_by_arxivs_own_serialiser(form: str) -> None:
    """TeX, two DOIs, affiliations with commas, no author; the serialiser alone knows no host for its links."""
    recorded = etree.fromstring((WIRE / f"feeds/serialised_out_{form}.xml").read_bytes())
    entries = recorded.findall(f"{ATOM}entry") or recorded.findall("channel/item")
    papers = [record_of_entry(one, ["cs.AI", "cs.CL"])[0] for one in entries]
    papers = [{**one, "versions": [{**version} for version in one["versions"]]} for one in papers]
    with FakeArxiv(papers, as_of="2026-11-20T12:00:00Z") as fake:
        served = etree.fromstring(get(fake, f"/{form}/cs.AI+cs.CL+hep-th").content)
    ours = {text(one, f"{ATOM}id") or text(one, "guid"): one for one in served.iter(f"{ATOM}entry", "item")}

    assert len(entries) == 3
    for entry in entries:
        name = text(entry, f"{ATOM}id") or text(entry, "guid")
        kind = text(entry, f"{ARXIV}announce_type")
        expected = json.dumps(without_clock(fields(entry))).replace('"/abs/', '"https://arxiv.org/abs/')
        got = json.dumps(without_clock(fields(ours[name])))
        # the recording's items have types of their own choice
        typed = re.sub(r"(?<=Announce Type: )[a-z-]+", kind, got).replace('"new"', f'"{kind}"')
        assert typed == expected


# --- OAI -------------------------------------------------------------------------------------------------------------


def oai_records() -> Iterator[Any]:
    """Each record of arXiv's present server; those of the old one, before 2025, looked different."""
    for path in sorted(WIRE.glob("oai/*.xml")):
        if b"https://oaipmh.arxiv.org/OAI/" in path.read_bytes():
            root = etree.fromstring(path.read_bytes())
            for record in root.iter(f"{OAI}record"):
                yield pytest.param(record, id=f"{path.stem}-{text(record, f'{OAI}header/{OAI}identifier')}")


def record_of_oai(record: etree._Element) -> tuple[dict[str, Any], str]:
    """The paper that makes such a record, and the format in which it was sent."""
    body = record.find(f"{OAI}metadata")[0]
    told = {etree.QName(one).localname: one.text or "" for one in body if len(one) == 0}
    day = text(record, f"{OAI}header/{OAI}datestamp")
    versions = [
        {
            "version": int(one.get("version")[1:]),
            "date": parsed_instant(one[0].text),
            "announced": day,
            "kilobytes": int(one[1].text.removesuffix("kb")),
            "source_type": one[2].text if len(one) > 2 else "",
        }
        for one in body
        if etree.QName(one).localname == "version"
    ]
    people = [
        " ".join(filter(None, (parts.get("forenames"), parts.get("keyname"), parts.get("suffix"))))
        for one in body.iter("{http://arxiv.org/OAI/arXiv/}author")
        for parts in [{etree.QName(part).localname: part.text for part in one}]
    ]
    return {
        "id": told["id"],
        "title": told["title"],
        "abstract": told["abstract"],
        "authors": told.get("authors") or people,
        "submitter": told.get("submitter"),
        "categories": told["categories"].split(),
        "comment": told.get("comments", ""),
        "journal_ref": told.get("journal-ref", ""),
        "doi": told.get("doi", ""),
        "license": told.get("license", ""),
        "classes": {name: told[name] for name in ("proxy", "report-no", "msc-class", "acm-class") if name in told},
        "versions": versions or [{"version": 1, "date": f"{told['created']}T09:00:00Z", "announced": day}],
    }, etree.QName(body).localname


def parsed_instant(rfc822: str) -> str:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(rfc822).isoformat()


@pytest.mark.parametrize("record", list(oai_records()))
def test_a_record_of_oai_is_the_recorded_record(record: etree._Element) -> None:
    paper, form = record_of_oai(record)
    with FakeArxiv([paper], as_of="2026-11-21T02:00:00Z") as fake:
        address = f"/oai?verb=GetRecord&identifier=oai:arXiv.org:{paper['id']}&metadataPrefix={form}"
        served = etree.fromstring(get(fake, address).content).find(f"{OAI}GetRecord/{OAI}record")

    # arXiv's test database has rows that were written at another time than they were announced
    skipped = "{http://arxiv.org/OAI/arXiv/}updated"
    ours, theirs = ([row for row in fields(one) if row[0] != skipped] for one in (served, record))
    assert ours == theirs


def test_pages_of_oai_are_the_recorded_pages_to_the_token() -> None:
    first = etree.fromstring((WIRE / "oai/list_page1_with_token.xml").read_bytes())
    second = etree.fromstring((WIRE / "oai/list_page2_empty_token.xml").read_bytes())
    papers = [record_of_oai(one)[0] for page in (first, second) for one in page.iter(f"{OAI}record")]
    moment = text(first, f"{OAI}responseDate")
    with FakeArxiv(papers, as_of=moment, page_size=2) as fake:
        asked = dict(first.find(f"{OAI}request").attrib)
        one = etree.fromstring(get(fake, "/oai", params=asked).content)
        token = text(one, f"{OAI}ListRecords/{OAI}resumptionToken")
        two = etree.fromstring(get(fake, "/oai", params={"verb": "ListRecords", "resumptionToken": token}).content)

    for ours, theirs in ((one, first), (two, second)):
        assert same_but_host(ours) == same_but_host(theirs)


def same_but_host(root: etree._Element) -> Any:
    return dict(root.attrib), dict(root.nsmap), [row if row[0] != f"{OAI}request" else row[:2] for row in fields(root)]


ERRORS = {
    "badArgument": "verb=ListRecords&metadataPrefix=arXiv&from=yesterday",
    "badResumptionToken": "verb=ListRecords&resumptionToken=6960524|1001",
    "badVerb": "verb=Listen",
    "cannotDisseminateFormat": "verb=GetRecord&identifier=oai:arXiv.org:2504.11237&metadataPrefix=pdf",
    "idDoesNotExist": "verb=GetRecord&identifier=oai:arXiv.org:2609.99999&metadataPrefix=arXiv",
    "noRecordsMatch": "verb=ListRecords&metadataPrefix=arXiv&from=2026-09-19&until=2026-09-20&set=cs",
}


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_of_oai_is_the_recorded_one(code: str) -> None:
    """Errors come with status 200."""
    recorded = etree.fromstring((WIRE / f"oai/error_{code}.xml").read_bytes())
    with FakeArxiv([], as_of=text(recorded, f"{OAI}responseDate")) as fake:
        answer = get(fake, f"/oai?{ERRORS[code]}")

    assert answer.status_code == 200
    assert same_but_host(etree.fromstring(answer.content)) == same_but_host(recorded)


def test_identify_is_the_recorded_answer() -> None:
    recorded = etree.fromstring((WIRE / "oai/identify.xml").read_bytes())
    with FakeArxiv([], as_of=text(recorded, f"{OAI}responseDate")) as fake:
        served = etree.fromstring(get(fake, "/oai?verb=Identify").content)

    assert same_but_host(served) == same_but_host(recorded)


# --- the search API --------------------------------------------------------------------------------------------------


def api_answers() -> list[Any]:
    found = [(path.stem, json.loads(path.read_text())) for path in sorted(WIRE.glob("api/*.json"))]
    return [pytest.param(one, id=name) for name, one in found]


def record_of_api(entry: etree._Element) -> dict[str, Any]:
    identifier, version = re.fullmatch(r"http://arxiv\.org/abs/(.+)v(\d+)", text(entry, f"{ATOM}id")).groups()
    people = []
    for author in entry.findall(f"{ATOM}author"):
        places = ", ".join(one.text for one in author.findall(f"{ARXIV}affiliation"))
        people.append(text(author, f"{ATOM}name") + (f" ({places})" if places else ""))
    first, last = text(entry, f"{ATOM}published"), text(entry, f"{ATOM}updated")
    return {
        "id": identifier,
        "title": text(entry, f"{ATOM}title"),
        "abstract": text(entry, f"{ATOM}summary"),
        "authors": people,
        "categories": [one.get("term") for one in entry.findall(f"{ATOM}category")],
        "comment": text(entry, f"{ARXIV}comment"),
        "journal_ref": text(entry, f"{ARXIV}journal_ref"),
        "doi": " ".join(one.text for one in entry.findall(f"{ARXIV}doi")),
        "versions": [
            {"version": number, "date": first if number == 1 else last} for number in range(1, int(version) + 1)
        ],
    }


@pytest.mark.parametrize("recorded", api_answers())
def test_an_answer_of_the_api_is_the_recorded_answer(recorded: dict[str, Any]) -> None:
    """But for the opaque id of the feed, and for a search the number of hits and their ranking."""
    theirs = etree.fromstring(recorded["body"].encode())
    papers = [record_of_api(one) for one in theirs.findall(f"{ATOM}entry") if "/errors" not in text(one, f"{ATOM}id")]
    split = urlsplit(recorded["url"])
    question = dict(parse_qsl(split.query, keep_blank_values=True))
    with FakeArxiv(papers, as_of=text(theirs, f"{ATOM}updated")) as fake:
        answer = get(fake, f"{split.path}?{split.query}")
        ours = etree.fromstring(answer.content)

        assert answer.status_code == recorded["status_code"]
        assert dict(ours.nsmap) == dict(theirs.nsmap)
        assert head(ours, question) == head(theirs, question)
        assert re.fullmatch(r"https://arxiv\.org/(api/[A-Za-z0-9+/]{27})?", text(ours, f"{ATOM}id"))
        if question["id_list"]:
            assert [fields(one) for one in ours.findall(f"{ATOM}entry")] == [
                fields(one) for one in theirs.findall(f"{ATOM}entry")
            ]
        for entry in theirs.findall(f"{ATOM}entry") if not question["id_list"] else ():
            name = text(entry, f"{ATOM}id").removeprefix("http://arxiv.org/abs/")
            one = etree.fromstring(get(fake, f"/api/query?id_list={name}").content)
            assert fields(one.find(f"{ATOM}entry")) == fields(entry)


def head(root: etree._Element, question: dict[str, str]) -> list[Any]:
    left_out = {f"{ATOM}entry", f"{ATOM}id"} | ({f"{OPENSEARCH}totalResults"} if question["search_query"] else set())
    return [(one.tag, dict(one.attrib), one.text) for one in root if one.tag not in left_out]


def test_a_search_for_two_categories_is_the_recorded_one() -> None:
    theirs = etree.fromstring((WIRE / "api/query_cs.LG_2026-04-30.xml").read_bytes())
    papers = [record_of_api(one) for one in theirs.findall(f"{ATOM}entry")]
    with FakeArxiv(papers, as_of=text(theirs, f"{ATOM}updated")) as fake:
        fake.as_of = "2026-05-02T00:00:00Z"  # two of them were not announced yet by the ordinary schedule
        question = {"search_query": "cat:cs.LG OR cat:cs.AI", "max_results": "20", "sortBy": "submittedDate"}
        ours = etree.fromstring(get(fake, "/api/query", params=question).content)

    assert text(ours, f"{ATOM}title") == text(theirs, f"{ATOM}title")
    assert ours.find(f"{ATOM}link").attrib == theirs.find(f"{ATOM}link").attrib
    assert [fields(one) for one in ours.findall(f"{ATOM}entry")] == [
        fields(one) for one in theirs.findall(f"{ATOM}entry")
    ]


# --- the listing -----------------------------------------------------------------------------------------------------

LISTING = "feeds/ZJU-REAL_Polaris__arxiv_listing_sample.html"


def listing_rows(page: bytes) -> list[tuple[str, list[tuple[str, dict[str, str], str]]]]:
    """Every line of a listing: its identifier, and its elements with attributes and text.

    The number of a line is left out: the recording is an excerpt.
    """
    root = html.fromstring(page)
    rows = []
    for term, details in zip(root.iter("dt"), root.iter("dd"), strict=True):
        elements = [one for part in (term, details) for one in part.iter() if one.get("name") is None]
        plain = [(one.tag, dict(one.attrib), " ".join(one.text_content().split())) for one in elements]
        plain = [(tag, attributes, re.sub(r"^\[\d+\] ", "", value)) for tag, attributes, value in plain]
        rows.append((term.find("a[@title='Abstract']").get("id"), plain))
    return rows


def records_of_listing(page: bytes, day: date) -> list[dict[str, Any]]:
    root = html.fromstring(page)
    papers = []
    for term, details in zip(root.iter("dt"), root.iter("dd"), strict=True):
        replaced = "(replaced)" in term.text_content()
        page = term.find("a[@title='View HTML']")
        number = int(page.get("href").rpartition("v")[2]) if page is not None else 1
        first = day - timedelta(days=40) if replaced else day
        plain = {one.get("class"): described(one) for one in details[0]}
        papers.append(
            {
                "id": term.find("a[@title='Abstract']").get("id"),
                "title": plain["list-title mathjax"],
                "authors": [one.text for one in details.findall(".//div[@class='list-authors']/a")],
                "comment": plain.get("list-comments mathjax", ""),
                "journal_ref": plain.get("list-journal-ref", ""),
                "categories": re.findall(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)", plain["list-subjects"]),
                "abstract": plain["mathjax"],
                "html": None if page is None else "<html></html>",
                "versions": [{"version": 1, "announced": str(first)}]
                + [{"version": one, "announced": str(day)} for one in range(2, number + 1)],
            }
        )
    return papers


def described(element: html.HtmlElement) -> str:
    """The text without its heading, with the addresses that the page hides in links."""
    for one in element.findall("a[@rel]"):
        one.text = one.get("href")
    words = element.text_content().split()
    return " ".join(words[1:] if element.find("span[@class='descriptor']") is not None else words)


def test_a_listing_is_the_recorded_listing_line_by_line() -> None:
    recorded = (WIRE / LISTING).read_bytes()
    papers = records_of_listing(recorded, date(2026, 8, 12))
    with FakeArxiv(papers, as_of="2026-08-12T05:00:00Z") as fake:
        served = get(fake, "/list/cs.AI/new?skip=0&show=2000").content

    headings = [[one.text_content() for one in html.fromstring(page).iter("h3")] for page in (served, recorded)]
    assert headings[0] == headings[1]
    assert listing_rows(served) == listing_rows(recorded)
