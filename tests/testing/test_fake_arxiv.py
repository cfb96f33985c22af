"""What the fake arXiv says at which instant, on papers of our own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import arxiv
import feedparser
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv, load_papers, main
from digest.testing.serving.archive import article
from digest.testing.serving.schedule import announcement, deadline, label

TESTING = Path(sys.modules["digest.testing.fake_arxiv"].__file__).parent
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
ATOM = "{http://www.w3.org/2005/Atom}"


def feed(fake: FakeArxiv, categories: str = "cs.CL", form: str = "atom") -> Any:
    return feedparser.parse(requests.get(f"{fake.url}/{form}/{categories}", timeout=10).content)


def items(fake: FakeArxiv, categories: str = "cs.CL", form: str = "atom") -> list[tuple[str, str]]:
    """Identifier with version, and announce type."""
    entries = feed(fake, categories, form).entries
    return [(one.id.removeprefix("oai:arXiv.org:"), one.arxiv_announce_type) for one in entries]


def oai(fake: FakeArxiv, **arguments: str) -> etree._Element:
    arguments = {"verb": "ListRecords", "metadataPrefix": "arXivRaw"} | arguments
    if "resumptionToken" in arguments:
        del arguments["metadataPrefix"]
    if "from_" in arguments:
        arguments["from"] = arguments.pop("from_")
    return etree.fromstring(requests.get(f"{fake.url}/oai", params=arguments, timeout=10).content)


def ids(page: etree._Element) -> list[str]:
    return [one.text.removeprefix("oai:arXiv.org:") for one in page.iter(f"{OAI}identifier")]


def error(page: etree._Element) -> str | None:
    found = page.find(f"{OAI}error")
    return None if found is None else found.get("code")


def token(page: etree._Element) -> str | None:
    return page.findtext(f"*/{OAI}resumptionToken")


def search(fake: FakeArxiv, **question: object) -> etree._Element:
    return etree.fromstring(requests.get(f"{fake.url}/api/query", params=question, timeout=10).content)


def found(fake: FakeArxiv, **question: object) -> list[str]:
    return [
        one.findtext(f"{ATOM}id").removeprefix("http://arxiv.org/abs/")
        for one in search(fake, **question).iter(f"{ATOM}entry")
    ]


def lines(fake: FakeArxiv, address: str) -> list[str]:
    page = html.fromstring(requests.get(fake.url + address, timeout=10).content)
    return [one.get("id") for one in page.findall(".//dt/a[@title='Abstract']")]


def headings(fake: FakeArxiv, address: str) -> list[str]:
    return [one.text for one in html.fromstring(requests.get(fake.url + address, timeout=10).content).iter("h3")]


# --- the schedule ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        pytest.param("2025-09-23T06:16:39Z", "2025-09-24", id="the paper 2509.18690"),
        pytest.param("2026-02-05T18:59:59Z", "2026-02-06", id="Thursday before 14:00 ET"),
        pytest.param("2026-02-05T19:00:00Z", "2026-02-09", id="Thursday at 14:00 ET"),
        pytest.param("2026-02-06T19:00:00Z", "2026-02-10", id="Friday at 14:00 ET"),
        pytest.param("2026-02-08T12:00:00Z", "2026-02-10", id="Sunday"),
        pytest.param("2026-02-09T18:59:00Z", "2026-02-10", id="Monday before 14:00 ET"),
    ],
)
def test_what_is_submitted_then_is_in_that_mailing(submitted: str, day: str) -> None:
    assert label(datetime.fromisoformat(submitted)) == date.fromisoformat(day)


def test_a_mailing_goes_out_at_20_eastern_on_the_evening_before_in_winter_and_summer() -> None:
    assert announcement(date(2026, 2, 3)) == datetime(2026, 2, 3, 1, tzinfo=UTC)
    assert announcement(date(2026, 7, 6)) == datetime(2026, 7, 6, 0, tzinfo=UTC)
    assert announcement(date(2026, 3, 9)) == datetime(2026, 3, 9, 0, tzinfo=UTC), "the clocks went forward that day"
    assert announcement(date(2026, 11, 2)) == datetime(2026, 11, 2, 1, tzinfo=UTC), "the clocks went back that day"


@given(st.dates(date(1995, 1, 1), date(2030, 1, 1)).filter(lambda day: day.weekday() < 5), st.integers(1, 99999))
def test_the_time_made_up_for_a_paper_leads_to_its_day(day: date, number: int) -> None:
    made = article(make_record(id=f"{day:%y%m}.{number:05}", first_seen=day.isoformat())).versions[0]

    assert label(made.submitted) == day
    assert made.submitted < deadline(day) < announcement(day)


def test_what_is_made_up_is_always_the_same() -> None:
    bare = {"id": "2602.90017", "title": "T", "abstract": "A", "first_seen": "2026-02-03"}

    assert article(bare) == article(dict(bare))
    assert article(bare).license != ""
    assert article({**bare, "license": ""}).license == ""


def test_2509_18690_fits_everywhere() -> None:
    paper = make_record(id="2509.18690", published="2025-09-23T06:16:39Z", first_seen="2025-09-24")
    with FakeArxiv([paper], as_of="2025-09-24T05:00:00Z") as fake:
        assert items(fake) == [("2509.18690v1", "new")]
        record = oai(fake, from_="2025-09-21")
        assert record.findtext(f".//{RAW}date") == "Tue, 23 Sep 2025 06:16:39 GMT"
        assert record.findtext(f".//{OAI}datestamp") == "2025-09-24"
        entry = search(fake, id_list="2509.18690").find(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}published") == "2025-09-23T06:16:39Z"
        assert headings(fake, "/list/cs.CL/new")[0] == "Showing new listings for Wednesday, 24 September 2025"


def test_an_old_identifier_is_known_everywhere() -> None:
    paper = make_record(id="hep-th/9901001", categories=["hep-th"], html="<p>old</p>")
    with FakeArxiv([paper], as_of="2026-02-03T12:00:00Z") as fake:
        assert items(fake, "hep-th") == [("hep-th/9901001v1", "new")]
        assert ids(oai(fake, verb="GetRecord", identifier="oai:arXiv.org:hep-th/9901001")) == ["hep-th/9901001"]
        assert found(fake, id_list="hep-th/9901001v1") == ["hep-th/9901001v1"]
        assert lines(fake, "/list/hep-th/new") == ["hep-th/9901001"]
        for page in ("abs", "html"):
            assert requests.get(f"{fake.url}/{page}/hep-th/9901001v1", timeout=10).status_code == 200


def test_a_paper_that_was_held_back_keeps_its_date_of_submission() -> None:
    """As arXiv's own example 2511.07430: submitted on 30 October, announced on 12 November."""
    paper = make_record(id="2511.07430", published="2025-10-30T12:00:00Z", first_seen="2025-11-12")
    with FakeArxiv([paper], as_of="2025-11-12T12:00:00Z") as fake:
        assert items(fake) == [("2511.07430v1", "new")]
        assert oai(fake).findtext(f".//{RAW}date") == "Thu, 30 Oct 2025 12:00:00 GMT"
        assert oai(fake).findtext(f".//{OAI}datestamp") == "2025-11-12"
        assert found(fake, search_query="submittedDate:[20251110 TO 20251112]") == []


# --- before and after the announcement -------------------------------------------------------------------------------


def test_nobody_sees_a_paper_before_its_announcement() -> None:
    with FakeArxiv([make_record(html="<p>full</p>")], as_of="2026-02-03T00:59:59Z") as fake:
        assert error(oai(fake)) == "noRecordsMatch"
        assert found(fake, id_list="2602.90001") == []
        assert lines(fake, "/list/cs.CL/new") == []
        assert requests.get(f"{fake.url}/abs/2602.90001", timeout=10).status_code == 404
        assert requests.get(f"{fake.url}/html/2602.90001", timeout=10).status_code == 404

        fake.as_of = "2026-02-03T01:00:00Z"

        assert ids(oai(fake)) == ["2602.90001"]
        assert found(fake, id_list="2602.90001") == ["2602.90001v1"]
        assert lines(fake, "/list/cs.CL/new") == ["2602.90001"]
        assert requests.get(f"{fake.url}/abs/2602.90001", timeout=10).status_code == 200
        assert requests.get(f"{fake.url}/html/2602.90001v1", timeout=10).text == "<p>full</p>"


def test_a_feed_lives_one_eastern_day() -> None:
    with FakeArxiv([make_record()], as_of="2026-02-03T04:59:59Z") as fake:
        assert items(fake) == [], "announced, but it is still Monday in New York"
        for moment in ("2026-02-03T05:00:00Z", "2026-02-04T04:59:59Z"):
            fake.as_of = moment
            assert items(fake) == [("2602.90001v1", "new")]
            assert items(fake, form="rss") == [("2602.90001v1", "new")]
        fake.as_of = "2026-02-04T05:00:00Z"
        assert items(fake) == []


def test_a_feed_is_empty_at_the_weekend_and_says_which_day_it_is() -> None:
    with FakeArxiv([make_record(first_seen="2026-02-06")], as_of="2026-02-07T12:00:00Z") as fake:
        channel = feed(fake, form="rss")

    assert channel.entries == []
    assert channel.bozo is False
    assert channel.feed.published == "Sat, 07 Feb 2026 00:00:00 -0500"


# --- the feed --------------------------------------------------------------------------------------------------------


def test_the_announce_type_is_relative_to_the_question() -> None:
    papers = [
        make_record(id="2602.90001", categories=["cs.CL", "cs.AI"]),
        make_record(id="2512.00001", categories=["cs.CL", "cs.AI"], first_seen="2025-12-01",
                    versions=[{"version": 2, "announced": "2026-02-03"}]),
        make_record(id="2511.00001", categories=["math.CO", "cs.CL"], first_seen="2025-11-03",
                    crosses=[{"category": "cs.AI", "announced": "2026-02-03"}]),
    ]  # fmt: skip
    with FakeArxiv(papers, as_of="2026-02-03T12:00:00Z") as fake:
        assert items(fake, "cs.CL") == [("2602.90001v1", "new"), ("2512.00001v2", "replace")]
        assert items(fake, "cs.AI") == [
            ("2511.00001v1", "cross"),
            ("2602.90001v1", "cross"),
            ("2512.00001v2", "replace-cross"),
        ]
        assert dict(items(fake, "cs.AI+cs.CL"))["2602.90001v1"] == "new"
        assert dict(items(fake, "math+cs.AI"))["2511.00001v1"] == "cross", "its primary category is asked for, too"


def test_a_later_cross_is_no_category_of_the_paper_before() -> None:
    crossed = make_record(categories=["math.CO"], crosses=[{"category": "cs.DM", "announced": "2026-02-05"}])
    with FakeArxiv([crossed], as_of="2026-02-03T12:00:00Z") as fake:
        assert items(fake, "cs.DM") == []
        assert oai(fake).findtext(f".//{RAW}categories") == "math.CO"
        fake.as_of = "2026-02-05T12:00:00Z"
        assert items(fake, "cs.DM") == [("2602.90001v1", "cross")]
        assert oai(fake).findtext(f".//{RAW}categories") == "math.CO cs.DM"
        assert oai(fake).findtext(f".//{OAI}datestamp") == "2026-02-05"
        assert lines(fake, "/catchup/cs.DM/2026-02-03") == []


def test_the_cap_drops_new_papers_first_lowest_identifier_first() -> None:
    papers = [make_record(id=f"2602.9000{n}") for n in range(1, 5)]
    papers.append(
        make_record(id="2512.00001", first_seen="2025-12-01", versions=[{"version": 2, "announced": "2026-02-03"}])
    )
    with FakeArxiv(papers, as_of="2026-02-03T12:00:00Z", faults="feed:cap=3") as fake:
        assert items(fake) == [("2602.90003v1", "new"), ("2602.90004v1", "new"), ("2512.00001v2", "replace")]


def test_a_feed_has_at_most_2000_items() -> None:
    papers = [make_record(id=f"2602.{n:05}") for n in range(1, 2003)]
    with FakeArxiv(papers, as_of="2026-02-03T12:00:00Z") as fake:
        names = [name for name, _ in items(fake)]

    assert (len(names), names[0], names[-1]) == (2000, "2602.00003v1", "2602.02002v1")


def test_replacements_from_version_6_on_are_not_announced_but_are_in_oai() -> None:
    versions = [{"version": n, "announced": f"2026-02-0{n - 3}"} for n in (5, 6)]
    with FakeArxiv([make_record(first_seen="2025-12-01", versions=versions)], as_of="2026-02-02T12:00:00Z") as fake:
        assert items(fake) == [("2602.90001v5", "replace")]
        fake.as_of = "2026-02-03T12:00:00Z"
        assert items(fake) == []
        assert oai(fake, from_="2026-02-03").find(f".//{RAW}version[@version='v6']") is not None


def test_a_new_paper_can_carry_version_2() -> None:
    paper = make_record(versions=[{"version": 2, "announced": "2026-02-03", "title": "Second"}])
    with FakeArxiv([paper], as_of="2026-02-03T12:00:00Z") as fake:
        assert items(fake) == [("2602.90001v2", "new")]
        assert feed(fake).entries[0].title == "Second"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        pytest.param("cs.cl+CS.Cv", "cs.CL, cs.CV updates on arXiv.org", id="case does not matter"),
        pytest.param("cs.CL+math", "math, cs.CL updates on arXiv.org", id="archives come first"),
        pytest.param("hep-th", "hep-th updates on arXiv.org", id="an archive without categories"),
        pytest.param("physics.optics", "physics.optics updates on arXiv.org", id="a category in lower case"),
    ],
)
def test_a_query_is_repeated_in_arxivs_spelling(query: str, title: str) -> None:
    with FakeArxiv() as fake:
        answer = requests.get(f"{fake.url}/atom/{query}", timeout=10)

    assert answer.status_code == 200
    assert feedparser.parse(answer.content).feed.title == title


@pytest.mark.parametrize("query", ["cs.CV+", "+", "cs.XX", "nonsense", "cs.CL.x"])
def test_an_unknown_or_empty_part_is_an_error_feed_with_status_400(query: str) -> None:
    with FakeArxiv([make_record()], as_of="2026-02-03T12:00:00Z") as fake:
        answer = requests.get(f"{fake.url}/atom/{query}", timeout=10)

    parsed = feedparser.parse(answer.content)
    assert answer.status_code == 400
    assert parsed.feed.title.startswith("Feed error for query: ")
    assert parsed.entries == []


def test_an_alias_finds_the_papers_of_its_other_name() -> None:
    with FakeArxiv([make_record(categories=["cs.SY"])], as_of="2026-02-03T12:00:00Z") as fake:
        assert items(fake, "eess.SY") == [("2602.90001v1", "new")]
        assert ids(oai(fake, set="eess:eess:SY")) == ids(oai(fake, set="cs:cs:SY")) == ["2602.90001"]


def test_tex_and_angle_brackets_come_through_the_atom_feed() -> None:
    title, text = r"On Erd\H{o}s--R\'enyi: $p<q$ \& more", r"if $a<b$ and $c>d$, see <https://example.org>"
    with FakeArxiv([make_record(title=title, abstract=text)], as_of="2026-02-03T12:00:00Z") as fake:
        entry = feed(fake).entries[0]

    assert entry.title == title
    assert entry.summary.endswith("Abstract: " + text)


def test_every_rendering_has_its_own_etag_unquoted_and_304_is_never_said() -> None:
    with FakeArxiv([make_record()], as_of="2026-02-03T12:00:00Z") as fake:
        first = requests.get(f"{fake.url}/atom/cs.CL", timeout=10)
        again = requests.get(f"{fake.url}/atom/cs.CL", headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
        fake.as_of = "2026-02-03T12:00:01Z"
        later = requests.get(f"{fake.url}/atom/cs.CL", timeout=10)

    assert re.fullmatch("[0-9a-f]{64}", first.headers["ETag"])
    assert again.status_code == 200
    assert first.headers["ETag"] == again.headers["ETag"] != later.headers["ETag"]
    assert first.headers["Cache-Control"] == f"max-age={17 * 3600}"
    assert "Last-Modified" not in first.headers


# --- OAI -------------------------------------------------------------------------------------------------------------


def many(count: int, day: str = "2026-02-03", first: int = 1) -> list[dict[str, Any]]:
    return [make_record(id=f"2602.{n:05}", first_seen=day) for n in range(first, first + count)]


def harvest(fake: FakeArxiv, **arguments: str) -> list[list[str]]:
    """All pages of a list, as identifiers."""
    pages = [oai(fake, **arguments)]
    while following := token(pages[-1]):
        pages.append(oai(fake, resumptionToken=following, **{k: v for k, v in arguments.items() if k == "verb"}))
    return [ids(page) for page in pages]


def test_a_list_comes_in_pages_that_hold_every_record_once() -> None:
    papers = many(5, "2026-02-03") + many(7, "2026-02-04", first=6)
    with FakeArxiv(papers, as_of="2026-02-05T03:00:00Z", page_size=3) as fake:
        pages = harvest(fake, from_="2026-02-01")

        assert [len(page) for page in pages] == [3, 3, 3, 3]
        assert list(chain.from_iterable(pages)) == [one["id"] for one in papers]


def test_the_last_page_of_several_has_an_empty_token() -> None:
    with FakeArxiv(many(4), as_of="2026-02-03T03:00:00Z", page_size=3) as fake:
        last = oai(fake, resumptionToken=token(oai(fake)))

    assert last.find(f"*/{OAI}resumptionToken").text is None


def test_a_list_of_one_page_has_no_token() -> None:
    with FakeArxiv(many(3), as_of="2026-02-03T03:00:00Z", page_size=3) as fake:
        assert oai(fake).find(f"*/{OAI}resumptionToken") is None


def test_identifiers_come_in_larger_pages_without_metadata() -> None:
    with FakeArxiv(many(17), as_of="2026-02-03T03:00:00Z", page_size=2) as fake:
        page = oai(fake, verb="ListIdentifiers")
        assert [len(one) for one in harvest(fake, verb="ListIdentifiers")] == [16, 1]

    assert page.find(f".//{OAI}metadata") is None
    assert page.findtext(f".//{OAI}setSpec") == "cs:cs:CL"


def test_a_record_that_changes_while_it_is_paged_hides_another() -> None:
    """As on arXiv's own server: the place in the list is an offset."""
    papers = many(6)
    papers[0]["versions"] = [{"version": 2, "announced": "2026-02-04"}]
    with FakeArxiv(papers, as_of="2026-02-04T00:59:00Z", page_size=3) as fake:
        first = oai(fake, until="2026-02-04")
        fake.as_of = "2026-02-04T01:01:00Z"
        second = oai(fake, resumptionToken=token(first))

    assert "2602.00004" not in ids(first) + ids(second)


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        pytest.param("cs", ["1", "2", "4"], id="group"),
        pytest.param("cs:cs", ["1", "2", "4"], id="archive"),
        pytest.param("cs:cs:AI", ["2"], id="category"),
        pytest.param("physics", ["3"], id="physics"),
        pytest.param("physics:hep-th", ["3"], id="archive of physics"),
        pytest.param("math:math:CO", ["4"], id="a cross counts"),
    ],
)
def test_a_set_holds_what_is_in_it(asked: str, got: list[str]) -> None:
    categories = [["cs.CL"], ["cs.CL", "cs.AI"], ["hep-th"], ["cs.DM", "math.CO"]]
    papers = [make_record(id=f"2602.9000{n}", categories=each) for n, each in enumerate(categories, 1)]
    with FakeArxiv(papers, as_of="2026-02-03T03:00:00Z") as fake:
        assert ids(oai(fake, set=asked)) == [f"2602.9000{n}" for n in got]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param({"set": "cs:AI"}, "badArgument", id="a set that lacks its archive"),
        pytest.param({"set": "cs:cs:AI:x"}, "badArgument", id="too many levels"),
        pytest.param({"from_": "2026-02-04"}, "badArgument", id="from tomorrow"),
        pytest.param({"until": "2026-02-05"}, "badArgument", id="until too late"),
        pytest.param({"from_": "2005-09-15"}, "badArgument", id="before the first datestamp"),
        pytest.param({"from_": "2026-02-03T00:00:00Z"}, "badArgument", id="a time of day"),
        pytest.param({"from_": "2026-02-30"}, "badArgument", id="no such day"),
        pytest.param({"colour": "red"}, "badArgument", id="unknown argument"),
        pytest.param({"metadataPrefix": "marc"}, "cannotDisseminateFormat", id="unknown format"),
        pytest.param({"resumptionToken": "x"}, "badResumptionToken", id="a token of nobody"),
        pytest.param({"from_": "2026-02-03"}, "noRecordsMatch", id="nothing since"),
        pytest.param({"verb": "GetRecord", "identifier": "2602.90001"}, "badArgument", id="not an OAI identifier"),
        pytest.param({"verb": "GetRecord", "identifier": "oai:arXiv.org:2602.99999"}, "idDoesNotExist", id="unknown"),
    ],
)  # fmt: skip
def test_oai_refuses(arguments: dict[str, str], code: str) -> None:
    with FakeArxiv([make_record(first_seen="2026-02-02")], as_of="2026-02-03T03:00:00Z") as fake:
        assert error(oai(fake, **arguments)) == code


def test_a_repeated_argument_is_refused() -> None:
    with FakeArxiv() as fake:
        answer = requests.get(f"{fake.url}/oai?verb=Identify&verb=Identify", timeout=10)

    assert error(etree.fromstring(answer.content)) == "badArgument"


def test_get_record_ignores_a_version_and_post_is_as_good_as_get() -> None:
    question = {"verb": "GetRecord", "identifier": "oai:arXiv.org:2602.90001v7", "metadataPrefix": "arXivRaw"}
    with FakeArxiv([make_record()], as_of="2026-02-03T03:00:00Z") as fake:
        page = etree.fromstring(requests.post(f"{fake.url}/oai", data=question, timeout=10).content)

    assert ids(page) == ["2602.90001"]


def test_an_empty_answer_may_be_kept_until_utc_midnight() -> None:
    with FakeArxiv([], as_of="2026-02-03T23:00:00Z") as fake:
        answer = requests.get(f"{fake.url}/oai?verb=ListRecords&metadataPrefix=arXiv", timeout=10)

    assert answer.headers["Surrogate-Control"] == "max-age=3600"


def test_a_withdrawal_is_a_version_without_content() -> None:
    withdrawn = {"announced": "2026-02-06", "comment": "withdrawn: an error in Lemma 2"}
    with FakeArxiv([make_record(withdrawn=withdrawn)], as_of="2026-02-03T12:00:00Z") as fake:
        assert len(oai(fake).findall(f".//{RAW}version")) == 1
        fake.as_of = "2026-02-06T12:00:00Z"
        last = oai(fake).findall(f".//{RAW}version")[-1]
        assert (last.get("version"), last.findtext(f"{RAW}size"), last.findtext(f"{RAW}source_type")) == (
            "v2",
            "0kb",
            "I",
        )
        assert oai(fake).findtext(f".//{RAW}comments") == withdrawn["comment"]
        assert items(fake) == [("2602.90001v2", "replace")]


def test_the_arxiv_format_calls_the_date_of_the_current_version_created() -> None:
    versions = [{"version": 2, "date": "2026-02-04T08:00:00Z", "announced": "2026-02-05"}]
    paper = make_record(published="2026-02-02T08:00:00Z", versions=versions, authors=[r"Jos\'e van der Made Jr. (X)"])
    with FakeArxiv([paper], as_of="2026-02-06T12:00:00Z") as fake:
        told = {etree.QName(one).localname: one.text for one in oai(fake, metadataPrefix="arXiv").iter()}

    assert (told["created"], told["updated"]) == ("2026-02-04", "2026-02-05")
    assert (told["keyname"], told["forenames"], told["suffix"]) == ("van der Made", "José", "Jr.")


# --- the search API --------------------------------------------------------------------------------------------------

SHELF = [
    make_record(id="2602.90001", title="Alpha beta", published="2026-02-02T09:00:00Z", authors=["Ann Reed"]),
    make_record(id="2602.90002", title="Alpha gamma", published="2026-02-02T10:30:00Z", categories=["cs.CV"]),
    make_record(id="2601.90003", title="Delta", abstract="It mentions alpha.", published="2026-01-29T09:00:00Z",
                categories=["math.CO", "cs.CV"], first_seen="2026-02-02",
                versions=[{"version": 2, "date": "2026-02-02T12:00:00Z", "announced": "2026-02-03"}]),
]  # fmt: skip


@pytest.fixture(scope="module")
def shelf() -> Any:
    with FakeArxiv(SHELF, as_of="2026-02-03T12:00:00Z") as fake:
        yield fake


@pytest.mark.parametrize(
    ("query", "got"),
    [
        pytest.param("cat:cs.CV", {"2602.90002v1", "2601.90003v2"}, id="category"),
        pytest.param("cat:cs.*", set(), id="wildcards fail on the new server"),
        pytest.param("ti:alpha", {"2602.90001v1", "2602.90002v1"}, id="title"),
        pytest.param("all:alpha", {"2602.90001v1", "2602.90002v1", "2601.90003v2"}, id="all"),
        pytest.param("alpha", {"2602.90001v1", "2602.90002v1", "2601.90003v2"}, id="no field is all"),
        pytest.param("au:reed", {"2602.90001v1"}, id="author"),
        pytest.param('ti:"alpha beta"', {"2602.90001v1"}, id="phrase"),
        pytest.param("ti:alpha AND cat:cs.CV", {"2602.90002v1"}, id="and"),
        pytest.param("ti:alpha ANDNOT cat:cs.CV", {"2602.90001v1"}, id="andnot"),
        pytest.param("ti:delta ti:beta", {"2602.90001v1", "2601.90003v2"}, id="no operator is or"),
        pytest.param("cat:cs.CV AND (ti:delta OR ti:beta)", {"2601.90003v2"}, id="parentheses"),
        pytest.param("submittedDate:[202602020000 TO 202602021000]", {"2602.90001v1"}, id="submission of version 1"),
        pytest.param("submittedDate:[20260129 TO 20260129]", {"2601.90003v2"}, id="partial dates are filled"),
        pytest.param("lastUpdatedDate:[20260129 TO 20260129]", {"2601.90003v2"}, id="read as submittedDate"),
    ],
)
def test_a_search_finds(shelf: FakeArxiv, query: str, got: set[str]) -> None:
    assert set(found(shelf, search_query=query)) == got


@pytest.mark.parametrize(
    ("sort", "order", "got"),
    [
        ("submittedDate", "descending", ["2602.90002v1", "2602.90001v1", "2601.90003v2"]),
        ("submittedDate", "ascending", ["2601.90003v2", "2602.90001v1", "2602.90002v1"]),
        ("lastUpdatedDate", "descending", ["2601.90003v2", "2602.90002v1", "2602.90001v1"]),
    ],
)
def test_a_search_is_sorted(shelf: FakeArxiv, sort: str, order: str, got: list[str]) -> None:
    assert found(shelf, search_query="all:alpha", sortBy=sort, sortOrder=order) == got


def test_an_id_gives_the_current_version_or_the_one_asked_for(shelf: FakeArxiv) -> None:
    asked = "2601.90003,2601.90003v1,2601.90003v3,2602.99999,2602.90001"
    assert found(shelf, id_list=asked) == ["2601.90003v2", "2601.90003v1", "2602.90001v1"]


def test_an_id_list_filters_a_search(shelf: FakeArxiv) -> None:
    assert found(shelf, id_list="2602.90001,2602.90002", search_query="ti:beta") == ["2602.90001v1"]


def test_ten_results_are_the_default_and_the_total_says_the_rest() -> None:
    with FakeArxiv(many(13), as_of="2026-02-03T12:00:00Z") as fake:
        page = search(fake, search_query="cat:cs.CL")
        assert len(page.findall(f"{ATOM}entry")) == 10
        assert page.findtext("{http://a9.com/-/spec/opensearch/1.1/}totalResults") == "13"
        assert len(found(fake, search_query="cat:cs.CL", start=10)) == 3
        assert len(found(fake, id_list=",".join(one["id"] for one in many(13)))) == 10


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"id_list": "abc"}, 400),
        ({"search_query": "colour:red"}, 400),
        ({"search_query": 'ti:"open'}, 400),
        ({"search_query": "ti:a AND OR ti:b"}, 400),
        ({"search_query": "ti:a", "start": "-1"}, 400),
        ({"search_query": "ti:a", "max_results": "many"}, 400),
        ({}, 400),
        ({"search_query": "ti:a", "max_results": "0"}, 500),
        ({"search_query": "ti:a", "start": "9999", "max_results": "2"}, 500),
    ],
)
def test_the_api_refuses(shelf: FakeArxiv, question: dict[str, str], status: int) -> None:
    answer = requests.get(f"{shelf.url}/api/query", params=question, timeout=10)

    assert answer.status_code == status
    if status == 400:
        assert "/api/errors#" in etree.fromstring(answer.content).findtext(f"{ATOM}entry/{ATOM}id")


def test_the_arxiv_package_reads_it(shelf: FakeArxiv) -> None:
    client = arxiv.Client(page_size=2, delay_seconds=0, num_retries=0)
    client.query_url_format = shelf.url + "/api/query?{}"
    results = list(client.results(arxiv.Search(query="all:alpha", sort_by=arxiv.SortCriterion.SubmittedDate)))

    assert [one.get_short_id() for one in results] == ["2602.90002v1", "2602.90001v1", "2601.90003v2"]
    assert results[2].published == datetime(2026, 1, 29, 9, tzinfo=UTC)
    assert results[2].primary_category == "math.CO"


def test_the_api_takes_a_form_as_well(shelf: FakeArxiv) -> None:
    answer = requests.post(f"{shelf.url}/api/query", data={"id_list": "2602.90001"}, timeout=10)

    assert len(etree.fromstring(answer.content).findall(f"{ATOM}entry")) == 1


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_listing_turns_with_the_announcement_and_stays_over_the_weekend() -> None:
    papers = [
        make_record(id="2602.90001", first_seen="2026-02-06"),
        make_record(id="2602.90002", first_seen="2026-02-09"),
    ]
    with FakeArxiv(papers, as_of="2026-02-06T12:00:00Z") as fake:
        for moment, day in [
            ("2026-02-06T12:00:00Z", "Friday, 6 February 2026"),
            ("2026-02-09T00:59:59Z", "Friday, 6 February 2026"),
            ("2026-02-09T01:00:00Z", "Monday, 9 February 2026"),
        ]:
            fake.as_of = moment
            assert headings(fake, "/list/cs.CL/new")[0] == f"Showing new listings for {day}"


def test_a_listing_has_three_sections_and_says_how_many() -> None:
    papers = [
        make_record(id="2602.90001"),
        make_record(id="2602.90002", categories=["cs.CV", "cs.CL"]),
        make_record(id="2512.90001", first_seen="2025-12-01", versions=[{"version": 2, "announced": "2026-02-03"}]),
        make_record(id="2512.90002", categories=["cs.CV", "cs.CL"], first_seen="2025-12-01",
                    versions=[{"version": 2, "announced": "2026-02-03"}]),
    ]  # fmt: skip
    with FakeArxiv(papers, as_of="2026-02-03T12:00:00Z") as fake:
        assert headings(fake, "/list/cs.CL/new")[1:] == [
            "New submissions (showing 1 of 1 entries)",
            "Cross submissions (showing 1 of 1 entries)",
            "Replacement submissions (showing 2 of 2 entries)",
        ]
        assert lines(fake, "/list/cs.CL/new") == ["2602.90001", "2602.90002", "2512.90001", "2512.90002"]
        assert headings(fake, "/list/math.CO/new") == ["Showing new listings for Tuesday, 3 February 2026"]
        assert "No updates today." in requests.get(f"{fake.url}/list/math.CO/new", timeout=10).text


def test_a_listing_can_be_read_in_parts() -> None:
    with FakeArxiv(many(60), as_of="2026-02-03T12:00:00Z") as fake:
        parts = [f"/list/cs.CL/new?skip={skip}&show=25" for skip in (0, 25, 50)]
        assert [headings(fake, part)[1] for part in parts] == [
            "New submissions (showing first 25 of 60 entries)",
            "New submissions (continued, showing 25 of 60 entries)",
            "New submissions (continued, showing last 10 of 60 entries)",
        ]
        assert list(chain.from_iterable(lines(fake, part) for part in parts)) == [one["id"] for one in many(60)]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/list/cs.CL/new?show=30", 400),
        ("/list/cs.XX/new", 404),
        ("/catchup/cs.XX/2026-02-03", 400),
        ("/catchup/cs.CL/2026-2-3", 400),
        ("/catchup/cs.CL/2026-02-05", 400),
        ("/catchup/cs.CL/2025-11-03", 400),
        ("/catchup/cs.CL/2026-02-03?abs=yes", 400),
        ("/catchup/cs.CL/2026-02-03?page=0", 400),
        ("/abs/2602.90001v2", 404),
        ("/html/2602.90001", 404),
        ("/elsewhere", 404),
    ],
)
def test_a_page_that_is_not_there(address: str, status: int) -> None:
    with FakeArxiv([make_record(html="")], as_of="2026-02-04T12:00:00Z") as fake:
        assert requests.get(fake.url + address, timeout=10).status_code == status


def test_a_missed_day_can_be_caught_up_and_leads_to_the_next() -> None:
    papers = [make_record(id="2602.90001"), make_record(id="2602.90002", first_seen="2026-02-05")]
    with FakeArxiv(papers, as_of="2026-02-06T12:00:00Z") as fake:
        page = requests.get(f"{fake.url}/catchup/cs.CL/2026-02-03?abs=True", timeout=10).text
        assert lines(fake, "/catchup/cs.CL/2026-02-03?abs=True") == ["2602.90001"]
        assert "Total of 1 entries for Tue, 3 Feb 2026" in page
        assert "/catchup/cs.CL/2026-02-05?abs=True&amp;page=1" in page
        assert "mathjax'>\n          Retrieval" in page
        assert "<p class='mathjax'>" not in requests.get(f"{fake.url}/catchup/cs.CL/2026-02-03", timeout=10).text
        assert "No updates for Wed, 4 Feb 2026" in requests.get(f"{fake.url}/catchup/cs.CL/2026-02-04", timeout=10).text


# --- state, log, control, command line -------------------------------------------------------------------------------


def test_the_log_has_every_request() -> None:
    with FakeArxiv() as fake:
        requests.get(f"{fake.url}/atom/cs.CL+cs.CV", headers={"User-Agent": "us/1"}, timeout=10)
        requests.post(f"{fake.url}/api/query", data={"id_list": "x"}, timeout=10)
        told = requests.get(f"{fake.url}/_log", timeout=10).json()

        assert [(one.method, one.path, one.query, one.status) for one in fake.requests] == [
            ("GET", "/atom/cs.CL+cs.CV", (), 200),
            ("POST", "/api/query", (("id_list", "x"),), 400),
        ]
        assert fake.requests[0].user_agent == "us/1"
        assert fake.requests[0].time <= fake.requests[1].time
        assert [one["path"] for one in told] == ["/atom/cs.CL+cs.CV", "/api/query"]


def test_it_can_be_told_another_time_faults_and_papers_over_http() -> None:
    with FakeArxiv([], as_of="2026-02-01T12:00:00Z") as fake:
        order = {"as_of": "2026-02-03T12:00:00Z", "papers": [make_record()], "faults": "oai:500:1"}
        told = requests.post(f"{fake.url}/_control", json=order, timeout=10)

        assert told.json() == {"as_of": "2026-02-03T12:00:00+00:00", "papers": 1, "requests": 0}
        assert items(fake) == [("2602.90001v1", "new")]
        assert requests.get(f"{fake.url}/oai?verb=Identify", timeout=10).status_code == 500
        assert requests.get(f"{fake.url}/oai?verb=Identify", timeout=10).status_code == 200
        assert requests.post(f"{fake.url}/_control", json={"speed": 3}, timeout=10).status_code == 400
        assert requests.post(f"{fake.url}/_control", data="{", timeout=10).status_code == 400
        assert requests.post(f"{fake.url}/_control", json={"papers": [{"id": "x"}]}, timeout=10).status_code == 400


def test_a_paper_that_is_added_again_replaces_the_first() -> None:
    with FakeArxiv([make_record()], as_of="2026-02-05T12:00:00Z") as fake:
        fake.add([make_record(first_seen="2026-02-05", title="Moved")])
        assert [one.title for one in feed(fake).entries] == ["Moved"]
        assert lines(fake, "/catchup/cs.CL/2026-02-03") == []


def test_it_listens_on_loopback_only() -> None:
    with FakeArxiv() as fake:
        assert fake._server.server_address[0] == "127.0.0.1"
        assert set(fake.environment.values()) == {fake.url, f"{fake.url}/oai", f"{fake.url}/api/query"}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "a paper needs an id"),
        ({"id": "1"}, "paper 1: "),
        ({"id": "1", "title": "t", "abstract": "a"}, "paper 1: .*neither a date nor an announced day"),
        ({"id": "1", "title": "t", "abstract": "a", "first_seen": "yesterday"}, "paper 1: "),
        ({"id": "1", "title": "t", "abstract": "a", "first_seen": "2026-02-03", "authors": 7}, "paper 1: .*authors"),
    ],
)
def test_a_wrong_paper_is_named(record: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FakeArxiv([record])


@pytest.fixture
def papers_file(tmp_path: Path) -> Path:
    path = tmp_path / "papers.jsonl"
    path.write_text(json.dumps(make_record()) + "\n\n" + json.dumps(make_record(id="2602.90002")) + "\n")
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_is_and_stops_when_told(papers_file: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "digest.testing.fake_arxiv", str(papers_file), "--as-of", "2026-02-03T07:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        line = process.stdout.readline()
        match = re.fullmatch(
            r"fake arXiv at (http://127\.0\.0\.1:\d+) as of 2026-02-03T07:00:00\+00:00: 2 papers\n", line
        )
        assert match, line
        assert requests.get(f"{match[1]}/feed/status", timeout=10).text.startswith("Status: GOOD")
        process.send_signal(number)
        assert process.wait(10) == 0


def test_the_command_refuses_what_it_cannot_read(papers_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    papers_file.write_text('{"id": "1"\n')
    assert main([str(papers_file)]) == 2
    assert "line 1" in capsys.readouterr().err
    assert main([str(papers_file.with_name("absent"))]) == 2
    papers_file.write_text("")
    assert main([str(papers_file), "--faults", "oai:cat"]) == 2
    assert "cat" in capsys.readouterr().err


def test_help_explains_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "WHERE:NAME[=ARGUMENT][:TIMES][@DAY]" in capsys.readouterr().out


# --- the papers that come with it ------------------------------------------------------------------------------------


def test_the_sample_is_a_week_of_marked_papers() -> None:
    sample = load_papers(TESTING / "sample_papers.jsonl")
    days = {one["first_seen"] for one in sample}

    assert days == {(date(2026, 2, 2) + timedelta(days=n)).isoformat() for n in range(5)}
    assert all(one["comment"].startswith("Sample paper of the digest demo; not on arXiv") for one in sample)
    assert all(re.fullmatch(r"2602\.9\d{4}", one["id"]) for one in sample)
    assert len({one["id"] for one in sample}) == len(sample) >= 55
    assert len({one["title"] for one in sample}) == len(sample)


@pytest.mark.parametrize("name", ["sample_papers.jsonl", "nasty_papers.jsonl"])
def test_what_comes_with_it_goes_through_every_interface(name: str) -> None:
    """Every title arrives as it was, in the feed, in OAI and in the search."""
    papers = [one for one in load_papers(TESTING / name) if one["first_seen"] == "2026-02-03"]
    titles = {one["id"]: one["title"] for one in papers}
    with FakeArxiv(papers, as_of="2026-02-03T07:00:00Z") as fake:
        atom = etree.fromstring(requests.get(f"{fake.url}/atom/cs+math+stat+astro-ph", timeout=10).content)
        raw = oai(fake)
        api = search(fake, id_list=",".join(titles), max_results=100)
        listed = {one for archive in ("cs", "math", "stat", "astro-ph") for one in lines(fake, f"/list/{archive}/new")}

    short = re.compile(r"(?:oai:arXiv\.org:|http://arxiv\.org/abs/)(.+)v1")
    for page in (atom, api):
        entries = page.findall(f"{ATOM}entry")
        assert {short.fullmatch(e.findtext(f"{ATOM}id"))[1]: e.findtext(f"{ATOM}title") for e in entries} == titles
    assert {one.findtext(f"{RAW}id"): one.findtext(f"{RAW}title") for one in raw.iter(f"{RAW}arXivRaw")} == titles
    assert listed == set(titles)
