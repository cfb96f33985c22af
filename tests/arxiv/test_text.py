"""TeX, invisible characters, paragraphs, names."""

import gzip
import json
import re
import time as clock
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv.text import abstract, dois, plain, says_withdrawn, split_authors

from . import oracle


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"Erd\H{o}s--R\'enyi", "Erdős–Rényi"),
        (r"Schr{\"o}dinger, Schr\"{o}dinger, Schr\"odinger", "Schrödinger, Schrödinger, Schrödinger"),
        (r"\'{\i}\'\i \'{i}\`{\j}", "íí íj̀"),
        (r"\c{c}a, \c ca, \v{S}imon, \v Simon, \k{a}, \r{A}, \u{g}, \d{s}, \=a, \.z", "ça, ça, Šimon, Šimon, ą, Å, ğ, ṣ, ā, ż"),
        (r"{\O}rsted, \L{}ukasz, \L ukasz, Pla{\ss}, S\o ren, \AA ngstr\"om, \oe uvre", "Ørsted, Łukasz, Łukasz, Plaß, Søren, Ångström, œuvre"),
        (r"Wei{\ss} and Malm\o", "Weiß and Malmø"),
        (r"{\'E}cole, \'{E}cole, {\'{E}}cole", "École, École, École"),
        (r"Vi\^{e}t Nguy\~{\^e}n", "Viêt Nguyễn"),
        (r"Fr\\'ed\\'eric", "Frédéric"),
        (r"$\'e$ stays, $$\alpha$$ and \(\'e\) too", r"$\'e$ stays, $$\alpha$$ and \(\'e\) too"),
        (r"A \& B, 5\%, \#1, a\_b, \$5", r"A & B, 5%, #1, a_b, \$5"),
        (r"{BERT} for {\'Alvarez}'s {0,1} sets", "BERT for Álvarez's {0,1} sets"),
        (r"\textit{in vivo} and \mathbb{R}", r"\textit{in vivo} and \mathbb{R}"),
        (r"``quoted'' --- J.~Doe, pp.~3--5", "“quoted” — J. Doe, pp. 3–5"),
        ("use --flag and a -- b", "use --flag and a – b"),
        (r"see http://example.org/~doe/a--b\_c", "see http://example.org/~doe/a--b_c"),
        (r"$\beta$-decay and \beta-decay", r"$\beta$-decay and β-decay"),
        (r"Don\'t, and Poincar\'e didn\'t", "Don't, and Poincaré didn't"),
        (r"na{ï}ve, \emph{ï}, {ï}", r"naïve, \emph{ï}, ï"),
        ("one -- two --", "one – two –"),
        ("  two\n  lines\t", "two lines"),
        (r"a lone $ and caf\'e", "a lone $ and café"),
        ("", ""),
    ],
)  # fmt: skip
def test_titles_lose_their_tex_outside_maths(tex, expected):
    assert plain(tex) == expected


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        pytest.param("safe\u202egnp.exe\u202c", "safegnp.exe", id="right-to-left override"),
        pytest.param("a\u2066b\u2069c\u200fd", "abcd", id="isolates and marks"),
        pytest.param("a\u200bb\u2060c\ufeffd\u00ade", "abcde", id="zero widths, soft hyphen"),
        pytest.param("a\x00b\x1b[31mc\x85d\x9be", "ab[31mc de", id="controls"),
        pytest.param("a\U000e0041\U000e0042b", "ab", id="tags that spell words nobody sees"),
        pytest.param("a\ufe0f\U000e0101b", "ab", id="variation selectors that hide data"),
        pytest.param("a\ud800b\ufffe", "ab", id="what is no character"),
        pytest.param("pay\u200dpal", "paypal", id="a joiner in Latin"),
        pytest.param("👩\u200d🔬 ❤\ufe0f", "👩\u200d🔬 ❤\ufe0f", id="emoji keep their joiners"),
        pytest.param("क\u094d\u200dष می\u200cخواهم", "क\u094d\u200dष می\u200cخواهم", id="scripts keep their joiners"),
        pytest.param("e\u0301", "é", id="NFC"),
        pytest.param("a\u00a0b\u2028c\u3000d", "a b c d", id="white space"),
    ],
)
def test_nothing_invisible_is_kept(hostile, expected):
    assert plain(hostile) == expected
    assert abstract(hostile) == expected


@given(st.text())
def test_any_text_becomes_one_clean_line(text):
    """No control, no white space but single blanks, NFC."""
    line = plain(text)
    assert line == " ".join(line.split())
    assert unicodedata.is_normalized("NFC", line)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in line)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", line)


@given(st.text(alphabet="abc .,;:-'é漢\n"))
def test_text_without_tex_keeps_its_words(text):
    """Where there is no TeX, only white space and dashes change."""
    assert re.sub(r"[-\s–—'”]", "", plain(text)) == re.sub(r"[-\s']", "", unicodedata.normalize("NFC", text))


@given(st.text(alphabet="abé $\\'{}\"", max_size=40).map(lambda inner: f"x $a{inner.replace('$', '')}b$ y"))
def test_maths_is_never_touched(text):
    """What stands between two dollar signs comes out as it went in, but for white space."""
    maths = re.fullmatch(r"x (\$.*\$) y", " ".join(text.split()))
    if maths and not re.search(r"(?<!\\)(\\\\)*\\\$", text):
        assert unicodedata.normalize("NFC", maths[1]) in plain(text)


def test_abstracts_keep_their_tex_but_accents():
    assert abstract(r"By 5\% -- see \textit{Poincar\'e} \& $\'e$ ``here''") == r"By 5\% -- see \textit{Poincaré} \& $\'e$ ``here''"  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("arXiv:2609.00001v1 Announce Type: new \nAbstract: We do.", "We do.", id="preamble"),
        pytest.param("arXiv:hep-th/9901001v3 Announce Type: replace-cross \nAbstract:   We\ndo.\n", "We do.", id="old"),
        pytest.param("Abstract: nonsense is our theme.", "Abstract: nonsense is our theme.", id="no preamble"),
        pytest.param("  One\nline.\n  Two\nlines.", "One line.\n\nTwo lines.", id="two blanks begin a paragraph"),
        pytest.param("One.\n\n\nTwo.\n \nThree.", "One.\n\nTwo.\n\nThree.", id="a blank line"),
        pytest.param("One\n line.", "One line.", id="one blank does not"),
        pytest.param("One.\r\n  Two.", "One.\n\nTwo.", id="line ends of another system"),
        pytest.param("\n  \n", "", id="nothing"),
    ],
)
def test_paragraphs(raw, expected):
    assert abstract(raw) == expected


@given(st.text(alphabet="ab $\\'\"{}\n\t é\u202e\u200d", max_size=80))
def test_an_abstract_read_again_is_the_same(text):
    """Only an accent that another accent uncovers can change, and there is none without a backslash."""
    once = abstract(text)
    if "\\" not in once:
        assert abstract(once) == once


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (r"Ada B. Uthor, Bo Writer", ("Ada B. Uthor", "Bo Writer")),
        ("A. One, B. Two and C. Three", ("A. One", "B. Two", "C. Three")),
        ("A. One, B. Two, and C. Three", ("A. One", "B. Two", "C. Three")),
        ("A. One & B. Two", ("A. One", "B. Two")),
        (r"P\'al Sz\H{o}ke Jr., Jo Doe (MIT, Cambridge, INFN (Pisa)), X Collaboration", ("Pál Szőke Jr.", "Jo Doe", "X Collaboration")),
        ("Jo Doe, Jr., Al Roe, III", ("Jo Doe Jr.", "Al Roe III")),
        ("A. One (1) and B. Two (1,2) ((1) Some University, (2) Another)", ("A. One", "B. Two")),
        ("J. Doe (for the STAR Collaboration)", ("J. Doe", "STAR Collaboration")),
        ("J. Doe, on behalf of the X Collaboration", ("J. Doe", "X Collaboration")),
        ("A. One et al. (CDF Collaboration)", ("A. One", "CDF Collaboration")),
        ("The X Collaboration, B. Two, et al", ("The X Collaboration", "B. Two")),
        ("The CMS and LHCb Collaborations: V. One, A.M. Two", ("The CMS and LHCb Collaborations", "V. One", "A.M. Two")),
        ("A. One and the CMS Collaboration", ("A. One", "CMS Collaboration")),
        ("A. One (MIT, B. Two, C. Three", ("A. One", "B. Two", "C. Three")),
        ("A. One), B. Two", ("A. One", "B. Two")),
        ("A. One$^{1,2}$, B. Two$^*$", ("A. One", "B. Two")),
        ("Alexandra Sand, Andy Strand", ("Alexandra Sand", "Andy Strand")),
        ("Maxmagnus", ("Maxmagnus",)),
        ("et al.", ()),
        (" , ,(nobody)", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_authors_are_told_apart(raw, names):
    assert split_authors(raw) == names


@given(st.text() | st.text(alphabet="AB ,()and;:&\\'{}.", max_size=60))
def test_any_author_list_gives_sane_names(text):
    """Names are never empty, hold no parenthesis and no separator, and are one clean line each."""
    for name in split_authors(text):
        assert any(char.isalpha() for char in name)
        assert not set(name) & set("(),;")
        assert name == " ".join(name.split())


@given(st.lists(st.from_regex(r"[A-Z]\. [B-DF-Z][b-z]{2,8}", fullmatch=True), max_size=8))
def test_joined_names_come_apart_again(names):
    assert split_authors(", ".join(names)) == tuple(names)


def test_hostile_lengths_cost_no_more_than_their_length():
    """Rows of openers, which tempt a parser to look ahead each time."""
    start = clock.perf_counter()
    for sign in ("(", "$", "{", "\\(", "\\[", "``", "\\'", "and ", "{\\'", "\\c ", "\n  ", "a\u200d", "withdrawn "):
        plain(sign * 20_000)
        abstract(sign * 20_000)
        split_authors(sign * 20_000)
        says_withdrawn(sign * 20_000)
    assert clock.perf_counter() - start < 10


@pytest.mark.parametrize(
    "told",
    [
        "This paper has been withdrawn by the author(s) due to an error",
        "Withdrawn",
        "paper withdrawn by author",
        "This papers has been withdrawn",
        "The manuscript was withdrawn.",
        "This article is now withdrawn",
    ],
)
def test_withdrawals_are_heard(told):
    assert says_withdrawn(told)


@pytest.mark.parametrize(
    "told",
    [
        "This paper replaces the withdrawn one",
        "On withdrawn liquidity",
        "We study how papers are withdrawn",
        "",
        "12 pages; an earlier version was withdrawn",
        "Withdrawnness as a measure",
    ],
)
def test_other_papers_are_not_taken_for_withdrawn(told):
    assert not says_withdrawn(told)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("10.5555/one", ("10.5555/one",)),
        ("10.5555/one 10.1/x", ("10.5555/one", "10.1/x")),
        ("10.5555/one, 10.1/x;10.2/y", ("10.5555/one", "10.1/x", "10.2/y")),
        ("10.1002/(SICI)1097(199901)30:1<1::AID>3.0.CO;2-O", ("10.1002/(SICI)1097(199901)30:1<1::AID>3.0.CO;2-O",)),
        ("10.1/x 10.1/x", ("10.1/x",)),
        ("", ()),
    ],
)
def test_dois(field, expected):
    assert dois(field) == expected


def field_of(record: str, name: str) -> str:
    found = re.search(rf"^{name}:(.*?)^(?=[A-Z][\w-]+:|\\\\)", record, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def recorded(wire) -> list[dict[str, str]]:
    lines = gzip.decompress((wire / "abs_files.jsonl.gz").read_bytes()).splitlines()
    return [json.loads(line) for line in lines]


def test_the_names_of_596_recorded_papers_are_sane(wire):
    """From Los Alamos's first year to collaborations of a thousand."""
    records = [item["text"] for item in recorded(wire)]
    assert len(records) == 596
    for record in records:
        raw = field_of(record, "Authors?")
        names = split_authors(raw)
        assert names, raw
        for name in names:
            assert re.search(r"[^\W\d_]", name), raw
            assert not re.search(r"[(){}\[\]\\$,;:]", name), (name, raw)
            assert 2 <= len(name) <= 60, (name, raw)
            assert " and " not in name.removeprefix("The CMS and LHCb"), (name, raw)
        assert not re.search(r"\\['\"`^~][A-Za-z]", plain(field_of(record, "Title"))), record


EXCEPTIONS = {
    "The CMS and LHCb Collaborations": "the plural is one name that two collaborations have signed with",
}
"""Where the names of a recorded paper are not those of the oracle, and why ours are right."""


def test_the_names_of_596_recorded_papers_are_those_of_arxivs_rules(wire):
    """Commas, semicolons and "and" outside parentheses; no affiliation; suffixes; collaborations, named in any way."""
    excepted = []
    for item in recorded(wire):
        raw = field_of(item["text"], "Authors?")
        ours, theirs = list(split_authors(raw)), oracle.authors(raw)
        if ours != theirs:
            excepted += [name for name in ours if name not in theirs]
    assert excepted == list(EXCEPTIONS)


@pytest.mark.parametrize("name", ["Title", "Comments", "Journal-ref"])
def test_the_lines_of_596_recorded_papers_are_those_of_arxivs_rules(wire, name):
    """One line; mathematics untouched; all other TeX is Unicode."""
    raws = [field_of(item["text"], name) for item in recorded(wire)]
    assert sum(bool(raw) for raw in raws) > 300
    assert [plain(raw) for raw in raws] == [oracle.title(raw) for raw in raws]


def test_the_abstracts_of_596_recorded_papers_keep_their_paragraphs_and_lose_their_accents(wire):
    raws = [re.split(r"^\\\\$", item["text"], flags=re.MULTILINE)[2] for item in recorded(wire)]
    assert [abstract(raw).split("\n\n") for raw in raws] == [oracle.abstract(raw) or [""] for raw in raws]


def test_mathematics_of_596_recorded_titles_survives_letter_for_letter(wire):
    """Every formula of the raw title is in ours, in its order."""
    count = 0
    for item in recorded(wire):
        raw = " ".join(field_of(item["text"], "Title").split())
        formulas = re.findall(r"(?<!\\)\$[^$]+\$", raw)
        assert re.findall(r"(?<!\\)\$[^$]+\$", plain(raw)) == formulas
        count += len(formulas)
    assert count == 42


def test_recorded_withdrawals_are_heard(wire):
    """Of 596 records exactly those that say so in their comments or abstract; 0704.0615 has two files."""
    found = {
        re.search(r"[\d.]{9}", record["file"].rpartition("/")[2])[0]
        for record in recorded(wire)
        if says_withdrawn(field_of(record["text"], "Comments").strip())
    }
    assert found == {"0704.0156", "0704.0374", "0704.0480", "0704.0615", "0704.0644", "0704.0840", "0906.3336"}
