"""Every written form of an identifier."""

import gzip
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import IdentifierError
from digest.identifiers import Identifier, abs_url, parse, pdf_url, sort_key


@pytest.mark.parametrize(
    ("text", "id", "version"),
    [
        ("2509.18690", "2509.18690", None),
        (" 2509.18690v12\n", "2509.18690", 12),
        ("arXiv:2509.18690v2", "2509.18690", 2),
        ("ARXIV: 2509.18690", "2509.18690", None),
        ("0704.0001", "0704.0001", None),
        ("hep-th/9901001", "hep-th/9901001", None),
        ("Hep-Th/9901001v3", "hep-th/9901001", 3),
        ("math.GT/0309136", "math/0309136", None),
        ("cond-mat.mes-hall/0309136", "cond-mat/0309136", None),
        ("https://arxiv.org/abs/2509.18690", "2509.18690", None),
        ("http://www.arxiv.org/pdf/2509.18690v3.pdf", "2509.18690", 3),
        ("https://arxiv.org/pdf/hep-th/9901001v1", "hep-th/9901001", 1),
        ("export.arxiv.org/abs/math.GT/0309136", "math/0309136", None),
        ("https://arxiv.org/html/2509.18690v1#S3.F1", "2509.18690", 1),
        ("https://arxiv.org/abs/2509.18690?context=cs.CL", "2509.18690", None),
        ("https://arxiv.org/abs/hep-th%2F9901001/", "hep-th/9901001", None),
        ("oai:arXiv.org:2509.18690v1", "2509.18690", 1),
        ("oai:arXiv.org:hep-th/9901001", "hep-th/9901001", None),
        ("10.48550/arXiv.2509.18690", "2509.18690", None),
        ("doi:10.48550/ARXIV.hep-th/9901001", "hep-th/9901001", None),
        ("https://doi.org/10.48550/arXiv.2509.18690", "2509.18690", None),
        ("arXiv:2509.18690v1 [cs.AI] 23 Sep 2025", "2509.18690", 1),
        ("arXiv:hep-th/9901001v2 [hep-th]", "hep-th/9901001", 2),
    ],
)
def test_every_form_is_read(text, id, version):
    assert parse(text) == Identifier(id, version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2513.18690", "no month 13"),
        ("2500.18690", "no month 00"),
        ("2509.00000", "begin with 1"),
        ("hep-th/9901000", "begin with 1"),
        ("1412.12345", "4 digits"),
        ("1501.1234", "5 digits"),
        ("2509.186900", "5 digits"),
        ("0703.0001", "0704"),
        ("math/0704001", "0703"),
        ("hep-th/9106001", "9107"),
        ("hep-xx/9901001", "never an archive"),
        ("2509.18690v0", "no version"),
        ("2509.18690v01", "no version"),
        ("2509.18690v", "expected"),
        ("٢٥٠٩.١٨٦٩٠", "expected"),
        ("", "expected"),
        ("2509.18690 2509.18691", "expected"),
        ("https://example.org/abs/2509.18690", "not to arxiv.org"),
        ("https://arxiv.org.example.org/abs/2509.18690", "not to arxiv.org"),
        ("https://arxiv.org/list/cs.AI/new", "no paper"),
        ("https://arxiv.org/abs/", "no paper"),
        ("http://[::1/abs/2509.18690", "cannot be read"),
        ("10.1103/PhysRevD.59.126002", "expected"),
    ],
)
def test_what_is_wrong_is_said(text, reason):
    with pytest.raises(IdentifierError, match=reason) as caught:
        parse(text)
    assert caught.value.text == text


new_style = st.builds(
    lambda yymm, number: f"{yymm}.{number:0{4 if int(yymm) <= 1412 else 5}d}",
    st.builds(lambda y, m: f"{y:02d}{m:02d}", st.integers(7, 40), st.integers(1, 12)).filter(lambda t: int(t) >= 704),
    st.integers(1, 9999),
)
old_style = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02d}{month:02d}{number:03d}",
    st.sampled_from(["hep-th", "math", "cs", "chao-dyn", "q-bio", "cmp-lg"]),
    st.sampled_from([92, 95, 99, 0, 3, 6]),
    st.integers(1, 12),
    st.integers(1, 999),
)
identifiers = st.one_of(new_style, old_style)


@given(identifiers, st.none() | st.integers(1, 50))
def test_links_lead_back(id, version):
    """The addresses that are made of an identifier are read as the same identifier."""
    assert parse(abs_url(id, version)) == parse(pdf_url(id, version)) == Identifier(id, version)
    assert parse(str(Identifier(id, version))) == Identifier(id, version)


@given(st.text(max_size=30) | st.text(alphabet="0123456789./v:-arxiv", max_size=20))
def test_any_text_is_an_identifier_or_refused(text):
    """Nothing but IdentifierError comes of any text, and what is accepted is canonical."""
    try:
        found = parse(text)
    except IdentifierError:
        return
    assert parse(found.id) == Identifier(found.id)


def test_order_is_that_of_time():
    ids = ["hep-th/9107001", "hep-th/9912002", "math/0001001", "cs/0703999", "0704.0001", "1412.9999", "1501.00001"]
    assert sorted(ids, key=sort_key) == ids


@given(st.lists(identifiers, min_size=2, max_size=6))
def test_order_is_total(ids):
    """Two papers have one key only when they are one paper."""
    assert len({sort_key(id) for id in ids}) == len(set(ids))


def canonical(name: str) -> str:
    """arXiv's one form of a name: an old one without its subject class."""
    archive, _, number = name.rpartition("/")
    return f"{archive.partition('.')[0]}/{number}" if archive else number


def test_recorded_identifiers_are_read(wire):
    """Every .abs file names itself in a form that is read and kept, and by which its folder and file are named."""
    lines = gzip.decompress((wire / "abs_files.jsonl.gz").read_bytes()).splitlines()
    assert len(lines) == 596
    for line in lines:
        item = json.loads(line)
        name = re.search(r"^arXiv:(\S+)", item["text"], re.MULTILINE)[1]
        archive, number, version = re.search(r"([a-z-]+)/papers/\d+/([\d.]+?)(?:v(\d+))?\.abs$", item["file"]).groups()
        filed = number if archive == "arxiv" else f"{archive}/{number}"
        assert parse(name) == Identifier(canonical(name)) == Identifier(filed)
        assert parse(f"{filed}v{version}" if version else filed) == Identifier(filed, int(version) if version else None)
