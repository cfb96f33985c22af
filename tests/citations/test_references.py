"""References of every style are read: identifiers, authors, year, and where the title begins."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from digest.citations.references import LONGEST, MOST, Reference, family_names, read
from digest.document import Item

PAGES = Path(__file__).parents[3] / "shared/data/wire/html"


def of(*parts: str, links: tuple[str, ...] = (), label: str = "") -> Reference:
    return read(Item(anchor="bib.1", parts=parts, links=links, label=label))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("arXiv preprint arXiv:1607.06450, 2016.", ["1607.06450"]),
        ("CoRR, abs/1409.0473, 2014.", ["1409.0473"]),
        ("CoRR abs/1409.0473v7 (2014)", ["1409.0473"]),
        ("arXiv: 2005.14165 [cs.CL]", ["2005.14165"]),
        ("A. B., Foo (2020), 2005.14165 [cs.CL].", ["2005.14165"]),
        ("ArXiv, vol. abs/1706.03762.", ["1706.03762"]),
        ("Phys. Rev. D 58, 1 (1998) [hep-th/9711200].", ["hep-th/9711200"]),
        ("arXiv:math.GT/0309136v2", ["math/0309136"]),
        ("https://arxiv.org/pdf/2103.04264v1.pdf", ["2103.04264"]),
        ("doi:10.48550/ARXIV.2302.13971.", ["2302.13971"]),
        ("https://doi.org/10.48550/arXiv.hep-th/9901001", ["hep-th/9901001"]),
        ("arXiv:0901.1234, arXiv:0902.5678", ["0901.1234", "0902.5678"]),
        ("arXiv e-prints, art. arXiv:1810.04805, October 2018", ["1810.04805"]),
        ("arXiv:1412. 6980", ["1412.6980"]),
        ("Foo 2001.12345 without a word of whose number it is", []),
        ("arXiv:1399.01234 has no such month", []),
        ("In Proc. ACM 10.1145/2001.12345, 2020", []),
        ("pages 1234.5678", []),
    ],
)
def test_arxiv_identifiers(text: str, ids: list[str]) -> None:
    assert list(of(text).arxiv) == ids


@pytest.mark.parametrize(
    ("text", "dois"),
    [
        ("doi:10.1103/PhysRevLett.78.50.", ["10.1103/physrevlett.78.50"]),
        ("(https://doi.org/10.1016/0370-2693(88)91578-9).", ["10.1016/0370-2693(88)91578-9"]),
        (r"10.1007/978-3-030-01234-2\_49, 2018", ["10.1007/978-3-030-01234-2_49"]),
        (
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
            ["10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"],
        ),
        ("doi: 10.1145/3292500.3330701. URL https://x.org", ["10.1145/3292500.3330701"]),
        ("10.1145/3292500.3330701.URL https://x.org", ["10.1145/3292500.3330701"]),
        ("10.1093/mnras/stx123,10.1093/mnras/stx456", ["10.1093/mnras/stx123", "10.1093/mnras/stx456"]),
        ("https://doi.org/10.1000%2Fabc", ["10.1000/abc"]),
        ("Version 10.2/3 of it", []),
    ],
)
def test_dois(text: str, dois: list[str]) -> None:
    assert list(of(text).dois) == dois


@pytest.mark.parametrize(
    ("link", "arxiv", "dois"),
    [
        ("http://arxiv.org/abs/hep-th%2F9711200", ["hep-th/9711200"], []),
        ("https://www.arxiv.org/abs/2411.16353v2", ["2411.16353"], []),
        ("http://dx.doi.org/10.1111/j.1365-2966.2010.16592.x", [], ["10.1111/j.1365-2966.2010.16592.x"]),
        ("http://dx.doi.org/10/dtwcx3", [], ["10/dtwcx3"]),
        ("%5Cdoibase%0A10.1103/PhysRevLett.73.644", [], ["10.1103/physrevlett.73.644"]),
        ("https://doi.org/10.1016%2Fj.ces.2012.01.044", [], ["10.1016/j.ces.2012.01.044"]),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/abc.123?x=1#y", [], ["10.1002/abc.123"]),
        ("https://dl.acm.org/doi/pdf/10.1145/3292500.pdf", [], ["10.1145/3292500"]),
        ("https://doi.org/10.48550/arXiv.2302.13971", ["2302.13971"], []),
        ("https://example.org/10/abc", [], []),
        ("http://[broken", [], []),
    ],
)
def test_links(link: str, arxiv: list[str], dois: list[str]) -> None:
    found = of("A. B., Foo.", links=(link,))
    assert (list(found.arxiv), list(found.dois)) == (arxiv, dois)


TITLE = "Attention is all you need"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(("Ashish Vaswani, Noam Shazeer, and Niki Parmar.", f"{TITLE}.", "In NeurIPS, 2017."), id="natbib"),
        pytest.param(("Ashish Vaswani, Noam Shazeer, and Niki Parmar. 2017.", f"{TITLE}.", "In NeurIPS."), id="ACL"),
        pytest.param(
            ("Ashish Vaswani, Noam Shazeer, and Niki Parmar.", "2017.", f"{TITLE}.", "In NeurIPS (2017)."), id="ACM"
        ),
        pytest.param(
            (f"A. Vaswani, N. Shazeer, and N. Parmar, “{TITLE},” in Proc. NeurIPS, 2017, pp. 5998–6008.",), id="IEEE"
        ),
        pytest.param((f"Vaswani, A., Shazeer, N., Parmar, N.: {TITLE}. In: NeurIPS, pp. 1–9 (2017)",), id="LNCS"),
        pytest.param(
            (f"Vaswani A, Shazeer N, Parmar N. {TITLE}. Adv Neural Inf Process Syst. 2017;30.",), id="Vancouver"
        ),
        pytest.param((f"Vaswani, A., Shazeer, N., & Parmar, N. (2017). {TITLE}. NeurIPS, 30, 5–9.",), id="APA"),
        pytest.param(
            (f"A. Vaswani, N. Shazeer, N. Parmar, {TITLE}, Adv. Neural Inf. Process. Syst. 30 (2017) 5998.",),
            id="Elsevier",
        ),
        pytest.param((f"Vaswani A., Shazeer N., Parmar N., 2017, {TITLE}, NeurIPS, 30, 5998",), id="Harvard"),
        pytest.param(
            (f"Vaswani, Ashish, Noam Shazeer, and Niki Parmar. 2017. “{TITLE}.” NeurIPS 30: 5–9.",), id="Chicago"
        ),
    ],
)
def test_styles(parts: tuple[str, ...]) -> None:
    found = of(*parts)
    assert found.title == TITLE
    assert found.openings[0].startswith(TITLE)
    assert {"Vaswani", "Shazeer", "Parmar"} <= set(found.authors)
    assert found.authors[0] == "Vaswani"
    assert found.year == 2017


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Vaswani, Ashish and Shazeer, Noam", ("Vaswani", "Shazeer")),
        ("Jiajun Le and Jimmy Ba", ("Le", "Ba")),
        ("Bart van Merriënboer, Ludwig van der Rohe", ("Merriënboer", "Rohe")),
        ("Smith, J. A., Jr., O’Neil, P.", ("Smith", "O’Neil")),
        ("A. Choquette-Choo et al.", ("Choquette-Choo",)),
        ("Lu Y., Dekel A.", ("Lu", "Dekel")),
        ("", ()),
    ],
)
def test_family_names(text: str, names: tuple[str, ...]) -> None:
    assert family_names(text) == names


@pytest.mark.parametrize(
    ("text", "label", "year"),
    [
        ("A. B., Phys. Rev. Lett. 78, 1950 (1997).", "", 1997),
        ("A. B. Something, pages 2001–2010, 2016.", "", 2016),
        ("A. B. The 2012 campaign. Foo, 2013.", "[4]", 2013),
        ("A. B. No year here", "Meier et al. (2007b)", 2007),
        ("A. B. Foo, 2019. Accessed: 2024-09-27.", "", 2019),
        ("A. B. Foo, arXiv:2001.12345", "", None),
    ],
)
def test_years(text: str, label: str, year: int | None) -> None:
    assert of(text, label=label).year == year


@given(st.lists(st.text(max_size=200), max_size=4), st.lists(st.text(max_size=60), max_size=3))
@example(["A, " * 2000], [])
@example(["“" * 3000 + "a" * 1000], [])
@example(["and A. " * 700], [])
@example(["10.1234/" + "(" * 4000], ["http://doi.org/10.1234/" + ")" * 500])
@example(["A B " * 1000, "Journal of A " * 300], [])
def test_any_text_is_read_soon(parts: list[str], links: list[str]) -> None:
    started = time.perf_counter()
    found = read(Item(anchor="", parts=tuple(parts), links=tuple(links)))
    assert time.perf_counter() - started < 2
    assert len(found.text) <= LONGEST
    assert len(found.openings) <= MOST
    assert msgspec.json.decode(msgspec.json.encode(found), type=Reference) == found


# --- the recorded pages ----------------------------------------------------------------------------------------------


def recorded() -> list[Path]:
    return sorted(PAGES.glob("*.html.gz")) if PAGES.exists() else []


def _class(name: str) -> str:
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'


def entries(page: Path) -> list[tuple[Item, str]]:
    """Each entry as an Item, and its markup."""
    tree = html.fromstring(gzip.decompress(page.read_bytes()), parser=html.HTMLParser(encoding="utf-8"))
    found = []
    for entry in tree.xpath(f"//*[{_class('ltx_bibitem')}]"):
        blocks = tuple(block.text_content() for block in entry.xpath(f".//*[{_class('ltx_bibblock')}]"))
        links = tuple(entry.xpath(".//a/@href"))
        label = "".join(tag.text_content() for tag in entry.xpath(f".//*[{_class('ltx_tag_bibitem')}]")[:1])
        found.append(
            (
                Item(anchor=entry.get("id"), label=label, parts=blocks, links=links),
                html.tostring(entry, encoding="unicode"),
            )
        )
    return found


# Page → references, arXiv identifiers, DOIs. Counted by hand in the markup.
EXPECTED = {
    "1307.8133": (54, 0, 41),
    "1706.03762v7_oxide": (40, 22, 0),
    "2501.11120v1": (48, 35, 0),
    "arxiv-view-as-html_sample_paper": (40, 2, 34),
    "astro-ph9710163": (63, 0, 0),
}


@pytest.mark.skipif(not recorded(), reason="needs ../shared/data")
@pytest.mark.parametrize("page", recorded(), ids=lambda page: page.name.removesuffix(".html.gz"))
def test_recorded_pages(page: Path) -> None:
    """All identifiers that a plain search of the markup finds, and no others."""
    found = [(read(item), markup) for item, markup in entries(page)]
    counted = (len(found), sum(len(r.arxiv) for r, _ in found), sum(len(r.dois) for r, _ in found))
    assert counted == EXPECTED[page.name.removesuffix(".html.gz")]
    for reference, markup in found:
        plain = re.sub(r"%0A|%20", " ", markup).replace("%2F", "/")
        assert set(re.findall(r"(?:arXiv:|abs/)(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", plain)) == set(reference.arxiv)
        told = {doi.rstrip(".").lower() for doi in re.findall(r"(?<![\w.])(10(?:\.\d{4,9})?/[^\s\"<]{4,})", plain)}
        assert {doi for doi in told if not doi.startswith("10.48550")} == set(reference.dois)
    assert sum(bool(reference.authors) for reference, _ in found) >= 0.9 * len(found)
