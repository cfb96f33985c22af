"""Every fault of the fake arXiv does what its name says, where and as often as it is told."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import feedparser
import pytest
import requests
from lxml import etree

from digest.testing.builders import make_record
from digest.testing.fake_arxiv import FakeArxiv, Fault, parse_faults, random_faults
from digest.testing.serving.faults import CARRIAGE, PLACES, RANDOM_FAULTS, TWISTS

NOON = "2026-02-03T12:00:00Z"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
ATOM = "{http://www.w3.org/2005/Atom}"
LIST = "/oai?verb=ListRecords&metadataPrefix=arXivRaw"

ADDRESSES = {
    "feed": "/atom/cs.CL",
    "oai": LIST,
    "api": "/api/query?id_list=2602.90001",
    "list": "/list/cs.CL/new",
    "catchup": "/catchup/cs.CL/2026-02-03?abs=True",
    "abs": "/abs/2602.90001",
    "html": "/html/2602.90001",
}


def serving(faults: Any, papers: Any = None, **options: Any) -> FakeArxiv:
    papers = [make_record(html="<p>" + "text " * 100 + "</p>")] if papers is None else papers
    return FakeArxiv(papers, as_of=options.pop("as_of", NOON), faults=faults, **options)


def get(fake: FakeArxiv, place: str = "feed", **options: Any) -> requests.Response:
    options.setdefault("timeout", 10)
    return requests.get(fake.url + ADDRESSES.get(place, place), **options)


def ids(answer: requests.Response) -> list[str]:
    page = etree.fromstring(answer.content)
    return [one.text.removeprefix("oai:arXiv.org:") for one in page.iter(f"{OAI}identifier")]


def many(count: int) -> list[dict[str, Any]]:
    return [make_record(id=f"2602.{n:05}") for n in range(1, count + 1)]


def pages(fake: FakeArxiv, limit: int = 9) -> list[list[str]]:
    """The pages of a list, as a reader follows the tokens, at most *limit*."""
    answer = get(fake, LIST)
    found = [ids(answer)]
    while (token := etree.fromstring(answer.content).findtext(f"*/{OAI}resumptionToken")) and len(found) < limit:
        answer = get(fake, "/oai", params={"verb": "ListRecords", "resumptionToken": token})
        found.append(ids(answer))
    return found


# --- writing and limiting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("feed:429", Fault(where="feed", name="429")),
        ("feed:429:2", Fault(where="feed", name="429", times=2)),
        ("oai:503=120:1", Fault(where="oai", name="503", argument="120", times=1)),
        ("any:stall=0.5@2026-02-03", Fault(where="any", name="stall", argument="0.5", day=date(2026, 2, 3))),
        ("api:empty-page:3@2026-02-04", Fault(where="api", name="empty-page", times=3, day=date(2026, 2, 4))),
    ],
)
def test_a_fault_is_read_from_text_and_from_json(told: str, fault: Fault) -> None:
    as_json = {"where": fault.where, "name": fault.name, "argument": fault.argument, "times": fault.times}
    as_json["day"] = fault.day and fault.day.isoformat()

    assert parse_faults(told) == parse_faults([told]) == parse_faults([fault]) == (fault,)
    assert parse_faults(json.dumps([as_json])) == parse_faults([as_json]) == (fault,)


def test_several_faults_are_read_in_order() -> None:
    assert [one.name for one in parse_faults("feed:429:2, oai:cut,api:empty-page")] == ["429", "cut", "empty-page"]
    assert parse_faults("") == ()


@pytest.mark.parametrize(
    "told", ["feed", "feed:", "moon:429", "feed:lost", "oai:stale", "feed:200", "any:empty", "feed:429:0"]
)
def test_a_fault_that_cannot_be_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r"fault|place|times"):
        parse_faults(told)


def test_a_fault_stops_after_its_times_and_touches_no_other_place() -> None:
    """503 twice, then good."""
    with serving("oai:503:2") as fake:
        assert get(fake, "feed").status_code == 200
        assert [get(fake, "oai").status_code for _ in range(4)] == [503, 503, 200, 200]
        assert [one.fault for one in fake.requests] == ["", "503", "503", "", ""]


def test_a_fault_without_times_lasts() -> None:
    with serving("feed:403") as fake:
        assert [get(fake).status_code for _ in range(5)] == [403] * 5


def test_a_fault_keeps_to_its_day() -> None:
    """An Eastern day: at 04:59 UTC it is still the day before."""
    with serving("feed:500@2026-02-04", as_of="2026-02-04T04:59:59Z") as fake:
        assert get(fake).status_code == 200
        fake.as_of = "2026-02-04T05:00:00Z"
        assert get(fake).status_code == 500
        fake.as_of = "2026-02-05T05:00:00Z"
        assert get(fake).status_code == 200


def test_faults_follow_one_another_and_what_is_said_combines_with_how_it_is_carried() -> None:
    with serving("feed:429:1,feed:503:1,feed:empty,feed:cut:1") as fake:
        assert get(fake).status_code == 429
        assert get(fake).status_code == 503
        cut = get(fake)
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(cut.content)
        assert feedparser.parse(get(fake).content).entries == []


@pytest.mark.parametrize("where", ["any", "site"])
def test_a_fault_can_be_everywhere(where: str) -> None:
    with serving(f"{where}:502") as fake:
        failed = {place for place in ADDRESSES if get(fake, place).status_code == 502}
        assert requests.get(f"{fake.url}/feed/status", timeout=10).status_code == 200

    assert failed == (set(PLACES) if where == "any" else {"list", "catchup", "abs", "html"})


def test_new_faults_replace_the_old_ones() -> None:
    with serving("feed:500") as fake:
        fake.faults = "feed:404:1"
        assert [get(fake).status_code for _ in range(2)] == [404, 200]
        fake.faults = ()
        assert get(fake).status_code == 200


# --- how an answer is carried ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [403, 406, 429, 500, 503])
def test_a_status_is_sent(place: str, status: int) -> None:
    with serving(f"{place}:{status}") as fake:
        answer = get(fake, place)

    assert answer.status_code == status
    assert "Retry-After" not in answer.headers
    assert answer.text == ("Rate exceeded." if status == 429 else f"HTTP {status}")


def test_retry_after_can_be_seconds_a_date_absurd_or_garbage() -> None:
    with serving([f"feed:429={one}:1" for one in ("7", "date", "absurd", "garbage")]) as fake:
        seconds, day, absurd, garbage = (get(fake).headers["Retry-After"] for _ in range(4))

    assert seconds == "7"
    assert timedelta(0) < parsedate_to_datetime(day) - datetime.now(UTC) <= timedelta(seconds=3)
    assert int(absurd) > 3_000_000_000
    assert garbage == "soon"


def test_rate_exceeded_can_come_with_status_200() -> None:
    with serving("api:rate-200") as fake:
        answer = get(fake, "api")

    assert (answer.status_code, answer.text) == (200, "Rate exceeded.")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_redirect_leads_to_the_answer() -> None:
    with serving("oai:redirect") as fake:
        answer = get(fake, "oai")
        assert [one.status_code for one in answer.history] == [301]
        assert ids(answer) == ["2602.90001"]


def test_a_redirect_loop_never_ends() -> None:
    with serving("feed:redirect-loop") as fake, pytest.raises(requests.TooManyRedirects):
        get(fake)


def test_a_stall_is_silence_until_the_reader_gives_up_and_the_server_stops_at_once() -> None:
    with serving("feed:stall") as fake:
        with pytest.raises(requests.ReadTimeout):
            get(fake, timeout=0.3)
        before = time.monotonic()
    assert time.monotonic() - before < 2


def test_a_stall_of_some_seconds_ends_without_an_answer() -> None:
    with serving("feed:stall=0.3") as fake:
        before = time.monotonic()
        with pytest.raises(requests.ConnectionError):
            get(fake)
        assert time.monotonic() - before >= 0.3


def test_a_stall_can_come_in_the_middle_of_an_answer() -> None:
    with serving("feed:stall-body") as fake:
        answer = get(fake, stream=True, timeout=0.3)
        received: list[bytes] = []
        with pytest.raises(requests.ConnectionError, match="timed out"):
            received.extend(answer.iter_content(16))
    assert b"<feed" in b"".join(received)
    assert b"</feed>" not in b"".join(received)


def test_a_drip_sends_a_byte_at_a_time_so_that_no_read_times_out() -> None:
    with serving("html:drip=0.001") as fake:
        before = time.monotonic()
        answer = get(fake, "html", timeout=0.3)

    assert answer.text.endswith("</p>")
    assert time.monotonic() - before >= 0.001 * len(answer.content)


def test_a_reset_closes_the_connection_without_a_word() -> None:
    with serving("feed:reset:1") as fake:
        with pytest.raises(requests.ConnectionError):
            get(fake)
        assert fake.requests[0].status == 0
        assert get(fake).status_code == 200


@pytest.mark.parametrize("place", ["feed", "oai", "api"])
def test_a_cut_answer_is_good_http_and_broken_xml(place: str) -> None:
    with serving(f"{place}:cut:1") as fake:
        cut, whole = get(fake, place), get(fake, place)

    assert cut.status_code == 200
    assert int(cut.headers["Content-Length"]) == len(cut.content)
    assert whole.content.startswith(cut.content[:60])
    assert len(cut.content) == len(whole.content) // 2
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(cut.content)


def test_a_cut_short_answer_promises_more_than_it_sends() -> None:
    with serving("oai:cut-short:1") as fake:
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            get(fake, "oai")
        assert ids(get(fake, "oai")) == ["2602.90001"]


def test_an_outage_is_a_page_with_status_200() -> None:
    with serving("feed:outage") as fake:
        answer = get(fake)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "We are sorry" in answer.text


def test_an_empty_body_has_the_right_type_and_nothing_in_it() -> None:
    with serving("api:empty-body") as fake:
        answer = get(fake, "api")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")


def test_a_bomb_is_small_on_the_wire_and_large_when_unpacked() -> None:
    with serving("feed:bomb=30") as fake:
        answer = get(fake, stream=True)
        unpacked = sum(len(piece) for piece in answer.iter_content(1 << 20))

    assert int(answer.headers["Content-Length"]) < 100_000
    assert unpacked == 30_000_000


# --- what an interface says ------------------------------------------------------------------------------------------


def entries(fake: FakeArxiv, form: str = "atom") -> Any:
    return feedparser.parse(get(fake, f"/{form}/cs.CL").content)


def test_an_empty_feed_on_a_weekday() -> None:
    with serving("feed:empty") as fake:
        parsed = entries(fake, "rss")

    assert parsed.entries == []
    assert parsed.feed.published == "Tue, 03 Feb 2026 00:00:00 -0500"


def test_a_stale_feed_has_the_last_mailing_under_todays_date() -> None:
    papers = [make_record(id="2602.90001"), make_record(id="2602.90002", first_seen="2026-02-02")]
    with serving("feed:stale", papers) as fake:
        parsed = entries(fake)

    assert [(one.id, one.published[:10]) for one in parsed.entries] == [("oai:arXiv.org:2602.90002v1", "2026-02-03")]
    assert parsed.feed.updated.startswith("2026-02-03T12:00:00")


def test_a_stale_feed_on_monday_has_fridays_mailing() -> None:
    papers = [
        make_record(id="2602.90001", first_seen="2026-02-06"),
        make_record(id="2602.90002", first_seen="2026-02-09"),
    ]
    with serving("feed:stale", papers, as_of="2026-02-09T12:00:00Z") as fake:
        assert [one.id for one in entries(fake).entries] == ["oai:arXiv.org:2602.90001v1"]


def test_a_lagging_feed_has_the_right_items_under_yesterdays_date() -> None:
    with serving("feed:lag") as fake:
        parsed, atom = entries(fake, "rss"), entries(fake)

    assert parsed.feed.published == parsed.entries[0].published == "Mon, 02 Feb 2026 00:00:00 -0500"
    assert atom.entries[0].published == "2026-02-02T00:00:00-05:00"
    assert parsed.entries[0].id == "oai:arXiv.org:2602.90001v1"


def test_an_error_feed_for_a_good_question() -> None:
    with serving("feed:error:1") as fake:
        answer = get(fake)
        assert answer.status_code == 400
        assert "Feed error for query: http://rss.arxiv.org/atom/cs.CL" in answer.text
        assert get(fake).status_code == 200


@pytest.mark.parametrize("place", ["list", "catchup"])
def test_a_page_can_be_empty(place: str) -> None:
    with serving(f"{place}:empty:1") as fake:
        assert "<dt>" not in get(fake, place).text
        assert "<dt>" in get(fake, place).text


def test_a_stale_listing_has_the_heading_of_the_mailing_before() -> None:
    papers = [make_record(id="2602.90001"), make_record(id="2602.90002", first_seen="2026-02-02")]
    with serving("list:stale", papers) as fake:
        page = get(fake, "list").text

    assert "Showing new listings for Monday, 2 February 2026" in page
    assert "2602.90002" in page
    assert "2602.90001" not in page


def test_oai_can_deny_that_there_are_records() -> None:
    with serving("oai:no-records:1") as fake:
        denied = etree.fromstring(get(fake, "oai").content)
        assert denied.find(f"{OAI}error").get("code") == "noRecordsMatch"
        assert ids(get(fake, "oai")) == ["2602.90001"]


def test_oai_can_refuse_its_own_token() -> None:
    with serving("oai:bad-token", many(5), page_size=2) as fake:
        page = etree.fromstring(get(fake, LIST).content)
        asked = {"verb": "ListRecords", "resumptionToken": page.findtext(f"*/{OAI}resumptionToken")}
        refused = etree.fromstring(get(fake, "/oai", params=asked).content)

    assert refused.find(f"{OAI}error").get("code") == "badResumptionToken"


def test_oai_can_end_a_list_before_its_end() -> None:
    with serving("oai:empty-token", many(5), page_size=2) as fake:
        assert pages(fake) == [["2602.00001", "2602.00002"]]
        page = etree.fromstring(get(fake, LIST).content)

    assert page.find(f"*/{OAI}resumptionToken") is not None


def test_oai_can_send_a_page_twice() -> None:
    with serving("oai:duplicate-page:1", many(5), page_size=2) as fake:
        found = pages(fake)

    assert found[0] == found[1]
    assert {one for page in found for one in page} == {one["id"] for one in many(5)}


def test_oai_can_send_the_same_page_for_ever() -> None:
    with serving("oai:duplicate-page", many(5), page_size=2) as fake:
        found = pages(fake, limit=6)

    assert len(found) == 6
    assert all(one == other for one, other in pairwise(found))


def test_oai_can_lose_a_record_between_two_pages() -> None:
    with serving("oai:lost:1", many(6), page_size=3) as fake:
        assert sum(map(len, pages(fake))) == 5
        assert sum(map(len, pages(fake))) == 6


def test_oai_can_fail_on_one_page_only() -> None:
    with serving("oai:page-500:1", many(5), page_size=2) as fake:
        page = etree.fromstring(get(fake, LIST).content)
        asked = {"verb": "ListRecords", "resumptionToken": page.findtext(f"*/{OAI}resumptionToken")}
        assert [get(fake, "/oai", params=asked).status_code for _ in range(2)] == [500, 200]


def test_the_api_can_say_that_there_are_results_and_send_none() -> None:
    with serving("api:empty-page:1") as fake:
        empty, whole = (etree.fromstring(get(fake, "api").content) for _ in range(2))

    total = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
    assert empty.findall(f"{ATOM}entry") == []
    assert int(empty.findtext(total)) > 0
    assert whole.findtext(total) == "1"


def test_the_api_can_leave_out_the_last_entry() -> None:
    question = f"/api/query?id_list={','.join(one['id'] for one in many(3))}"
    with serving("api:short-page", many(3)) as fake:
        page = etree.fromstring(get(fake, question).content)

    assert len(page.findall(f"{ATOM}entry")) == 2
    assert page.findtext("{http://a9.com/-/spec/opensearch/1.1/}totalResults") == "3"


def test_the_api_can_err_with_status_200() -> None:
    with serving("api:old-error") as fake:
        answer = get(fake, "api")

    assert answer.status_code == 200
    assert "/api/errors#" in etree.fromstring(answer.content).findtext(f"{ATOM}entry/{ATOM}id")


def test_an_interface_can_be_behind_the_others() -> None:
    with serving("oai:behind=12,api:behind") as fake:
        assert "2602.90001" in get(fake, "feed").text
        assert b"noRecordsMatch" in get(fake, "oai").content
        assert etree.fromstring(get(fake, "api").content).find(f"{ATOM}entry") is None


# --- chance ----------------------------------------------------------------------------------------------------------


def outcome(fake: FakeArxiv, place: str) -> str:
    try:
        answer = get(fake, place)
    except requests.RequestException as error:
        return type(error).__name__
    return str(answer.status_code)


def test_random_faults_hit_a_fraction_of_requests_in_several_ways_and_the_same_ones_again() -> None:
    runs = []
    for seed in (7, 7, 8):
        with serving(random_faults(seed, 0.4)) as fake:
            for number in range(150):
                outcome(fake, ("feed", "oai", "api")[number % 3])
            runs.append([one.fault for one in fake.requests])

    assert runs[0] == runs[1] != runs[2]
    hit = Counter(runs[0])
    assert 40 <= 150 - hit[""] <= 80
    assert len(hit) > 7


def test_random_faults_can_be_written_as_text() -> None:
    assert parse_faults("any:random=0.2/7") == random_faults(7, 0.2)


def test_without_chance_nothing_fails() -> None:
    with serving(random_faults(1, 0.0)) as fake:
        assert {outcome(fake, "oai") for _ in range(30)} == {"200"}


def test_every_fault_is_explained_and_every_random_one_exists() -> None:
    from digest.testing.serving import faults

    for name in {*CARRIAGE, *(one for names in TWISTS.values() for one in names)}:
        assert name in faults.__doc__
    assert {one.partition("=")[0] for one in RANDOM_FAULTS} <= {*CARRIAGE, "429", "500", "502", "503"}
