"""Every recorded answer of arXiv says through our parsers what its own text says; one that is cut or refuses says that.

Each is read a second time by the standard library and ``oracle``, which share nothing with ``digest.arxiv``, and every
field that is kept is compared.
"""

from __future__ import annotations

import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from digest.arxiv import api, feed, listing, oai
from digest.errors import SourceError
from digest.identifiers import parse
from digest.model import Paper, Verdict

from .oracle import abstract, authors, title

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"

# --- what is in the folder -------------------------------------------------------------------------------------------

WHOLE_FEEDS = {
    "TideDra_zotero-arxiv-daily__atom_cs.AI_2025-08-20_7entries.xml": 7,
    "jmamath_distill__arxiv_cs_ai.xml": 3,
    "jmamath_distill__arxiv_cs_cl.xml": 3,
    "jmamath_distill__arxiv_cs_lg.xml": 3,
    "msudars_laya-reader__arxiv_rss.xml": 4,
    "serialised_out_atom.xml": 3,
    "serialised_out_rss.xml": 3,
    "out_empty_atom_cs.AI.xml": 0,
    "out_empty_atom_cs.CL+cs.CV.xml": 0,
    "out_empty_rss_cs.AI.xml": 0,
    "out_empty_rss_cs.CL+cs.CV.xml": 0,
    "serialised_out_atom_empty.xml": 0,
    "serialised_out_rss_empty.xml": 0,
}
CUT_FEEDS = [f"TideDra_zotero-arxiv-daily__atom_cs.AI_2025-08-20_{n}entries.xml" for n in (5, 87)]
ERROR_FEEDS = {
    "out_error_atom.xml": "Invalid archive or subject class",
    "out_error_rss.xml": "Invalid archive or subject class",
    "serialised_out_atom_error.xml": "Bad archive 'foo'",
    "serialised_out_rss_error.xml": "Bad archive 'foo'",
}
LISTINGS = ["ZJU-REAL_Polaris__arxiv_listing_sample.html"]
DAYS = [
    f"2025/2025-04-{day:02}__{asked}.xml.gz"
    for day in (4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21)
    for asked in ("cs.CL+cs.CV+cs.MM+cs.LG+cs.SI", "cs.SD+eess.AS")
]
LOOKUPS = {  # what was asked for, where it is an identifier at all, and what came
    "id_0000.0000_s0_m100_8b51d9633a68.json": ("", ""),
    "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.json": ("1707.08567", "1707.08567v1"),
    "id_0808.05394_s0_m100_7b0c7d0a7cdd.json": ("", ""),
    "id_1605.08386_s0_m100_199195aa31ad.json": ("1605.08386", "1605.08386v1"),
    "id_1707.08567_s0_m100_6a1afebfc6a3.json": ("1707.08567", "1707.08567v1"),
    "id_2104.12255v1_s0_m100_6ae69987ffe1.json": ("2104.12255v1", "2104.12255v1"),
    "id_astro-ph_0601001_s0_m100_3150dca9dc76.json": ("astro-ph/0601001", "astro-ph/0601001v1"),
    "id_quant-ph_0201082v1_s0_m100_86989fe779ef.json": ("quant-ph/0201082v1", "quant-ph/0201082v1"),
}
API_ERRORS = {"id_abc_s0_m100_b79c8dcf6bc3.json": "incorrect id format for abc"}
SEARCHES = {
    "q_testing_s0_m100_cfe7536492ca.json": 100,
    "q_testing_s0_m10_bc5a6c384fe9.json": 10,
    "q_testing_s0_m15_80c242b59d59.json": 15,
    "q_testing_s10_m10_34e56e15aaac.json": 10,
    "q_testing_s20_m10_348a237fecab.json": 10,
    "q_testing_s30_m10_f2e39f0143dc.json": 10,
    "q_testing_s40_m10_96dd32eb854c.json": 10,
    "q_testing_s50_m10_7f488ab8598c.json": 10,
    "q_testing_s5_m10_c0e94a259d4a.json": 10,
    "q_testing_s5_m15_bbcf6b23085b.json": 15,
    "q_testing_s9_m15_0b78d4b4d476.json": 15,
    "query_cs.LG_2026-04-30.xml": 20,
}
RAW_PAGES = {
    "plarotta_tabloid-ai__oai_page1.xml": 2,
    "server_listrecords_arXivRaw.xml": 10,
    "server_listrecords_arXivRaw_set_cs.xml": 3,
}
OTHER_FORMATS = [  # whole answers in formats that we never ask for
    "AtomikLabs_aws-iac__test_arxiv_data.xml",
    "AtomikLabs_aws-iac__test_arxiv_data_older.xml",
    "CharlesAHunt_agentgraph__arxiv_oai.xml",
    "arxiv-physics-hep-ex.xml",
    "arxiv-physics-hep-th.xml",
    "arxiv-single.xml",
    "list_page1_with_token.xml",
    "list_page2_empty_token.xml",
    "sample_arxiv_record.xml",
    *(f"sample_arxiv_record{n}.xml" for n in range(11)),
    "server_listrecords_arXiv.xml",
]
IDENTITIES = ["identify.xml", "server_identify.xml"]
OAI_ERRORS = {
    "error_badArgument.xml": Verdict.MALFORMED,
    "error_badResumptionToken.xml": Verdict.CUT_SHORT,
    "error_badVerb.xml": Verdict.MALFORMED,
    "error_cannotDisseminateFormat.xml": Verdict.MALFORMED,
    "error_idDoesNotExist.xml": Verdict.EMPTY_UNEXPECTED,
    "error_noRecordsMatch.xml": Verdict.EMPTY_UNEXPECTED,
}

CLAIMED = {
    "feeds": [*WHOLE_FEEDS, *CUT_FEEDS, *ERROR_FEEDS, *LISTINGS, *DAYS],
    "api": [*LOOKUPS, *API_ERRORS, *SEARCHES],
    "oai": [*RAW_PAGES, *OTHER_FORMATS, *IDENTITIES, *OAI_ERRORS],
}


@pytest.mark.parametrize("folder", CLAIMED)
def test_every_file_is_claimed_by_one_expectation(wire, folder):
    """A new recording that no test reads is a failure, and so is one that is gone."""
    there = Counter(str(file.relative_to(wire / folder)) for file in (wire / folder).rglob("*") if file.is_file())
    assert Counter(CLAIMED[folder]) == there


def body_of(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if file.suffix == ".gz" else content


def assert_same(ours: Paper, told: dict[str, Any]) -> None:
    """All fields of a paper are as told; none is left out."""
    assert {field.name for field in fields(Paper)} == set(told)
    assert asdict(ours) == told


WITHDRAWN = re.compile(r"(this |the |our )?(papers?|article|submission|manuscript|work)? ?((has|have) been |is |was )?withdrawn\b", re.I)  # fmt: skip


def says_withdrawn(*texts: str) -> bool:
    return any(WITHDRAWN.match(" ".join(text.split())) for text in texts)


def once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


# --- feeds -----------------------------------------------------------------------------------------------------------


def entry_says(node: ET.Element) -> tuple[dict[str, Any], str, date]:
    """A paper, its kind and its day, of an entry of Atom or an item of RSS."""

    def field(atom: str, rss: str) -> str:
        return node.findtext(f"{ATOM}{atom}") or node.findtext(rss) or ""

    name, version = re.fullmatch(r"oai:arXiv\.org:(.+)v(\d+)", field("id", "guid")).groups()
    kind = node.findtext(f"{ARXIV}announce_type")
    preamble, summary = field("summary", "description").split("\nAbstract: ", maxsplit=1)
    assert preamble.strip() == f"arXiv:{name}v{version} Announce Type: {kind}"
    when = field("published", "pubDate")
    paper = {
        "id": name,
        "version": int(version),
        "title": title(field("title", "title")),
        "abstract": "\n\n".join(abstract(summary)),
        "authors": tuple(authors(node.findtext(f"{DC}creator") or "")),
        "categories": once([n.get("term") for n in node.iter(f"{ATOM}category")] or [n.text for n in node.iter("category")]),
        "submitted": None,
        "updated": None,
        "comment": "",
        "journal_ref": title(node.findtext(f"{ARXIV}journal_reference") or ""),
        "dois": tuple((node.findtext(f"{ARXIV}DOI") or "").split()),
        "license": node.findtext(f"{DC}rights") or "",
        "withdrawn": says_withdrawn(summary),
    }  # fmt: skip
    return paper, kind, date.fromisoformat(when[:10]) if when[4] == "-" else parsedate_to_datetime(when).date()


def asked(body: bytes) -> list[str]:
    """The categories by which a feed is named."""
    return re.search(rb"<title>([\w., -]+) updates on arXiv\.org</title>", body)[1].decode().split(", ")


def assert_read_whole(body: bytes) -> int:
    """The number of entries, each of which was read as its text says."""
    told = feed.parse_feed(body, status=200, content_type="text/xml", categories=asked(body))
    root = ET.fromstring(body)
    says = [entry_says(node) for node in [*root.iter(f"{ATOM}entry"), *root.iter("item")]]
    assert told.faults == ()
    assert told.day == max((day for _, _, day in says), default=None)
    for found, (paper, kind, day) in zip(told.announcements, says, strict=True):
        assert (found.kind, found.day, found.estimated) == (kind, day, False)
        assert_same(found.paper, paper)
    return len(says)


@pytest.mark.parametrize("name", WHOLE_FEEDS)
def test_a_feed_says_what_its_own_text_says(wire, name):
    assert assert_read_whole(body_of(wire / "feeds" / name)) == WHOLE_FEEDS[name]


@pytest.mark.parametrize("name", DAYS)
def test_a_day_of_two_feeds_is_read_whole(wire, name):
    """These were rebuilt from stored items, most of which lack the category that arXiv's always have: one is given them.

    As they are, such items are told as faults, and no others.
    """
    body = body_of(wire / "feeds" / name)
    lacking = len(re.findall(rb"</guid>\s*<pubDate>", body))
    told = feed.parse_feed(body, status=200, content_type="text/xml", categories=asked(body))
    assert (len(told.announcements), len(told.faults)) == (body.count(b"<item>") - lacking, lacking)
    assert all(fault.endswith("it has no category") for fault in told.faults)
    category = f"<category>{asked(body)[0]}</category>".encode()
    mended = re.sub(rb"</guid>(?=\s*<pubDate>)", b"</guid>" + category, body)
    assert assert_read_whole(mended) == body.count(b"<item>") > 0


def refusal(body: bytes, status: int = 200) -> SourceError:
    with pytest.raises(SourceError) as caught:
        feed.parse_feed(body, status=status, content_type="text/xml", categories=["foo"])
    return caught.value


@pytest.mark.parametrize("name", CUT_FEEDS)
def test_a_feed_that_is_cut_is_refused_as_cut(wire, name):
    error = refusal(body_of(wire / "feeds" / name))
    assert error.verdict is Verdict.CUT_SHORT
    assert "ends early" in str(error)


@pytest.mark.parametrize("name", ERROR_FEEDS)
@pytest.mark.parametrize("status", [400, 200])
def test_an_error_feed_is_refused_with_arxivs_reason(wire, name, status):
    error = refusal(body_of(wire / "feeds" / name), status)
    assert error.verdict is Verdict.MALFORMED
    assert ERROR_FEEDS[name] in str(error)


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_says_what_its_own_text_says(wire, name):
    text = body_of(wire / "feeds" / name).decode()
    told = listing.parse_new(text.encode(), category="cs.AI")
    heading = re.search(r"Showing new listings for (\w+, \d+ \w+ \d{4})", text)[1]
    assert told.day == datetime.strptime(heading, "%A, %d %B %Y").date()
    parts = re.split(r"<h3>(New|Cross|Replacement) submissions \(showing (\d+) of (\d+) entries\)</h3>", text)[1:]
    kinds = {"New": "new", "Cross": "cross", "Replacement": "replace"}
    sections = [(kinds[word], shown, total, body) for word, shown, total, body in zip(*[iter(parts)] * 4, strict=True)]
    says = [(id, kind) for kind, _, _, body in sections for id in re.findall(r"^\s+arXiv:(\S+)$", body, re.M)]
    assert [(line.id, line.section) for line in told.entries] == says
    assert told.announced == {kind: int(total) for kind, _, total, _ in sections}
    assert len(says) == sum(int(shown) for _, shown, _, _ in sections) == 6
    assert (told.complete, told.faults, told.next_day) == (True, (), None)


# --- the search API --------------------------------------------------------------------------------------------------


def recorded(file: Path) -> tuple[bytes, int]:
    """The body as sent, and its status: the recordings in JSON hold its UTF-8 read as Latin-1."""
    if file.suffix == ".xml":
        return file.read_bytes(), 200
    told = json.loads(file.read_text())
    return told["body"].encode("latin-1"), told["status_code"]


def moment(told: str) -> datetime:
    return datetime.strptime(told, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def api_entry_says(node: ET.Element) -> dict[str, Any]:
    name, version = re.fullmatch(r"http://arxiv\.org/abs/(.+)v(\d+)", node.findtext(f"{ATOM}id")).groups()
    primary = node.find(f"{ARXIV}primary_category").get("term")
    comment, summary = node.findtext(f"{ARXIV}comment") or "", node.findtext(f"{ATOM}summary")
    return {
        "id": name,
        "version": int(version),
        "title": title(node.findtext(f"{ATOM}title")),
        "abstract": "\n\n".join(abstract(summary)),
        "authors": tuple(title(one.findtext(f"{ATOM}name")) for one in node.findall(f"{ATOM}author")),
        "categories": once([primary, *(one.get("term") for one in node.findall(f"{ATOM}category"))]),
        "submitted": moment(node.findtext(f"{ATOM}published")),
        "updated": moment(node.findtext(f"{ATOM}updated")),
        "comment": title(comment),
        "journal_ref": title(node.findtext(f"{ARXIV}journal_ref") or ""),
        "dois": tuple((node.findtext(f"{ARXIV}doi") or "").split()),
        "license": "",
        "withdrawn": says_withdrawn(comment, summary),
    }


def look_up(httpserver, session, body: bytes, status: int, asked: list[str]) -> api.Lookup:
    httpserver.expect_request("/api/query").respond_with_handler(lambda _: Response(body, status=status))
    return api.lookup(session, httpserver.url_for("/api/query"), [parse(id) for id in asked])


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_says_what_its_own_text_says(wire, httpserver, session, name):
    """Another paper is asked for too, that the answer does not have; so is one where no identifier was asked for."""
    body, status = recorded(wire / "api" / name)
    asked, came = LOOKUPS[name]
    found = look_up(httpserver, session, body, status, [*filter(None, [asked]), "2602.00001"])
    assert [f"{paper.id}v{paper.version}" for paper in found.papers.values()] == [*filter(None, [came])]
    assert found.missing == (parse("2602.00001"),)
    entries = ET.fromstring(body).findall(f"{ATOM}entry")
    for paper, node in zip(found.papers.values(), entries, strict=True):
        assert_same(paper, api_entry_says(node))


@pytest.mark.parametrize("name", SEARCHES)
def test_a_page_of_papers_says_what_its_own_text_says(wire, httpserver, session, name):
    """With DOIs, journal references, affiliations, and names of many countries."""
    body, status = recorded(wire / "api" / name)
    says = [api_entry_says(node) for node in ET.fromstring(body).findall(f"{ATOM}entry")]
    found = look_up(httpserver, session, body, status, [f"{one['id']}v{one['version']}" for one in says])
    assert len(says) == SEARCHES[name]
    assert found.missing == ()
    for paper, told in zip(found.papers.values(), says, strict=True):
        assert_same(paper, told)


@pytest.mark.parametrize("name", API_ERRORS)
def test_an_error_of_the_api_is_told_with_arxivs_reason(wire, httpserver, session, name):
    """It is about "abc", which nobody asked for here, so that it tells nothing of the paper that was."""
    body, status = recorded(wire / "api" / name)
    with pytest.raises(SourceError, match=API_ERRORS[name]) as caught:
        look_up(httpserver, session, body, status, ["2602.00001"])
    assert (status, caught.value.verdict) == (400, Verdict.MALFORMED)


# --- OAI-PMH ---------------------------------------------------------------------------------------------------------


def raw_says(node: ET.Element) -> tuple[dict[str, Any], list[tuple[int, datetime]]]:
    """A paper, and its versions with their dates, oldest first."""

    def field(name: str) -> str:
        return node.findtext(f"{RAW}{name}") or ""

    versions = [
        (int(one.get("version")[1:]), datetime.strptime(one.findtext(f"{RAW}date"), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC))
        for one in node.findall(f"{RAW}version")
    ]  # fmt: skip
    last = node.findall(f"{RAW}version")[-1]
    emptied = "I" in (last.findtext(f"{RAW}source_type") or "") or last.findtext(f"{RAW}size") == "0kb"
    paper = {
        "id": field("id"),
        "version": versions[-1][0],
        "title": title(field("title")),
        "abstract": "\n\n".join(abstract(field("abstract"))),
        "authors": tuple(authors(field("authors"))),
        "categories": once(field("categories").split()),
        "submitted": versions[0][1],
        "updated": versions[-1][1],
        "comment": title(field("comments")),
        "journal_ref": title(field("journal-ref")),
        "dois": tuple(field("doi").split()),
        "license": field("license"),
        "withdrawn": emptied or says_withdrawn(field("comments"), field("abstract")),
    }
    return paper, versions


@pytest.mark.parametrize("name", RAW_PAGES)
def test_a_page_of_records_says_what_its_own_text_says(wire, name):
    body = body_of(wire / "oai" / name)
    page, own = oai.parse_page(body), ET.fromstring(body)
    token = own.find(f".//{OAI}resumptionToken")
    assert page.response_date == moment(own.findtext(f"{OAI}responseDate"))
    assert page.token == (None if token is None else token.text)
    assert page.list_size == (None if token is None or "completeListSize" not in token.attrib else int(token.get("completeListSize")))  # fmt: skip
    assert (page.closes, page.faults) == (False, ())
    nodes = list(own.iter(f"{OAI}record"))
    assert len(nodes) == RAW_PAGES[name]
    for record, node in zip(page.records, nodes, strict=True):
        paper, versions = raw_says(next(node.iter(f"{RAW}arXivRaw")))
        assert_same(record.paper, paper)
        assert list(record.versions) == versions
        assert str(record.datestamp) == node.findtext(f"{OAI}header/{OAI}datestamp")


def oai_refusal(file: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        oai.parse_page(file.read_bytes())
    return caught.value


@pytest.mark.parametrize("name", OTHER_FORMATS)
def test_records_in_another_format_are_refused_as_such(wire, name):
    """None is taken for an empty list; the message names the first."""
    error = oai_refusal(wire / "oai" / name)
    first = re.search(rb"<identifier>(.*?)</identifier>", body_of(wire / "oai" / name))[1].decode()
    assert error.verdict is Verdict.MALFORMED
    assert "records is arXivRaw" in str(error)
    assert first in str(error)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_answer_to_another_question_is_refused(wire, name):
    error = oai_refusal(wire / "oai" / name)
    assert error.verdict is Verdict.MALFORMED
    assert "neither a record nor an error" in str(error)


@pytest.mark.parametrize("name", OAI_ERRORS)
def test_an_error_of_oai_is_told_with_arxivs_reason(wire, name):
    error = oai_refusal(wire / "oai" / name)
    told = ET.fromstring(body_of(wire / "oai" / name)).find(f"{OAI}error")
    assert error.verdict is OAI_ERRORS[name]
    assert " ".join(told.text.split())[:80] in str(error)
    assert told.get("code") in (name.removeprefix("error_").removesuffix(".xml"), "")
    assert told.get("code") in str(error) or error.verdict is Verdict.EMPTY_UNEXPECTED
