"""Where the reader wrote in a note too: what is ours is brought up to date, what is the reader's is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Block
from digest.vault import fresh
from digest.vault.merge import merge
from digest.vault.properties import emit
from tests.vault.conftest import COMMENT, make_page

OLD = make_page()
NEW = make_page(header="# A Lantern, revised", body="## Abstract\n\nWe light two lanterns.", arxiv_version=2)
BLOCKS = ("%% digest:begin header %%", "%% digest:end header", "%% digest:begin body %%", "%% digest:end body")

# What a reader may write: anything but our own marks.
prose = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=80).filter(
    lambda text: "%% digest:" not in text and "KEYWORD_LINKING" not in text
)
block_text = prose.map(lambda text: text.strip("\n"))


def merged(text: str | bytes, page=NEW) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    result = merge(data, page)
    assert merge(result.data, page).data == result.data, "merging twice is merging once"
    assert not result.remarks, result.remarks
    return result.data.decode()


def told(text: str | bytes, page=NEW) -> tuple[str, tuple[str, ...]]:
    data = text if isinstance(text, bytes) else text.encode()
    result = merge(data, page)
    assert merge(result.data, page) == result, "merging twice is merging once"
    return result.data.decode("utf-8", "replace"), result.remarks


def old() -> str:
    return fresh(OLD).decode()


# --- promises --------------------------------------------------------------------------------------------------------


@given(
    header=block_text,
    body=block_text,
    title=prose,
    authors=st.lists(prose, max_size=3),
    version=st.integers(1, 99),
    tags=st.lists(prose, max_size=2, unique=True),
)
def test_an_unchanged_note_becomes_the_fresh_rendering(header, body, title, authors, version, tags):
    """If the reader changed nothing, merging gives exactly what a fresh vault would hold."""
    new = make_page(
        header=header,
        body=body,
        title=title,
        authors=authors,
        arxiv_version=version,
        tags=["paper", "arxiv/cs-LG", *(tag for tag in tags if tag not in ("paper", "arxiv/cs-LG"))],
        metadata=COMMENT.format(version),
    )

    assert merged(fresh(OLD), new) == fresh(new).decode()
    assert merge(fresh(new), new).data == fresh(new)


@given(before=prose, between=prose, after=prose, mine=prose.filter(str.strip))
def test_the_readers_words_survive(before, between, after, mine):
    """Whatever stands around the blocks, and in a property of the reader's, is there after the merge, byte for byte."""
    head, rest = old().split("---\n\n", 1)
    first, rest = rest.split("## My notes\n\n", 1)
    body, comment = rest.split("<!--", 1)
    quoted = "mine: " + '"' + "".join(f"\\U{ord(c):08x}" for c in mine) + '"\n'
    text = f"{head}{quoted}---\n{before}\n{first}{between}\n{body}{after}\n<!--{comment}{after}"

    result = merged(text)

    assert f"---\n{before}\n%% digest:begin header" in result
    assert f"\n\n{between}\n" in result
    assert result.endswith(f"-->\n{after}")
    assert quoted in result
    assert "We light two lanterns." in result
    assert "arxiv_version: 2" in result


edits = st.tuples(st.floats(0, 1), st.integers(0, 120), prose | st.text(alphabet="\r\n %-<>digest:ab", max_size=20))


@given(cuts=st.lists(edits, min_size=1, max_size=4))
def test_no_edit_of_the_text_is_lost(cuts):
    """
    Replace any stretches of the text by anything, through markers and blocks too: the reader's words are in the result,
    and merging again changes nothing.
    """
    head, rest = old().split("---\n\n", 1)
    text, comment = rest.split("\n\n<!--", 1)
    for where, length, new in cuts:
        at = round(where * len(text))
        text = text[:at] + new + text[at + length :]

    result, _ = told(f"{head}---\n\n{text}\n\n<!--{comment}")

    assert cuts[-1][2].strip() in result


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_an_edited_block_is_kept_and_told():
    """Only that block: the others are brought up to date."""
    text, remarks = told(old().replace("We light a lantern.", "We light a lantern. (Which one?)"))

    assert "We light a lantern. (Which one?)" in text
    assert "# A Lantern, revised" in text
    assert remarks == ("block “body” was edited; kept as it is",)


def test_an_edit_taken_back_is_no_edit():
    edited = old().replace("We light a lantern.", "We light!")

    assert merged(edited.replace("We light!", "We light a lantern.")) == fresh(NEW).decode()


def test_an_edit_that_has_become_our_text_is_ours_again():
    """The reader corrected a word, and arXiv's next version has it too."""
    text = old().replace("We light a lantern.", "We light two lanterns.")

    assert merged(text) == fresh(NEW).decode()


def test_a_deleted_block_is_not_brought_back():
    begin, end = old().index(BLOCKS[0]), old().index("## My notes")
    text, remarks = told(old()[:begin] + old()[end:])

    assert "digest:begin header" not in text
    assert "We light two lanterns." in text
    assert remarks == ("block “header” was deleted; not brought back",)


def test_a_block_that_is_made_no_more_is_left():
    text, remarks = told(old().replace("begin body %%", "begin legacy %%").replace("end body", "end legacy"))

    assert "We light a lantern." in text
    assert remarks == (
        "block “body” was deleted; not brought back",
        "block “legacy” is made no more; left as it is",
    )


def test_a_file_that_holds_another_page_is_left_alone():
    """Not a block of it is this page's: the reader has put it there."""
    other = fresh(replace(NEW, parts=(Block(name="home", text="# Home"),))).decode()
    text, remarks = told(other)
    assert text == other
    assert remarks == ("left alone: it holds another page of digest",)


def test_blocks_may_be_moved():
    """In another order, each is found by its name."""
    head, rest = old().split("---\n\n", 1)
    first, rest = rest.split("\n\n## My notes\n\n\n\n")
    second, comment = rest.split("\n\n<!--")

    result = merged(f"{head}---\n\n{second}\n\nmine\n\n{first}\n\n<!--{comment}")

    assert result.index("We light two lanterns.") < result.index("mine") < result.index("# A Lantern, revised")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda t: t.replace("%% digest:end header", "%% digest:end heading"), id="unpaired"),
        pytest.param(lambda t: t.replace("%% digest:begin body %%", ""), id="no begin"),
        pytest.param(lambda t: t[: t.index("%% digest:end body")], id="no end"),
        pytest.param(lambda t: t.replace("%% digest:begin body %%", "%% digest:begin body"), id="cut marker"),
        pytest.param(lambda t: t.replace("%% digest:begin body %%", "> %% digest:begin body %%"), id="quoted marker"),
        pytest.param(
            lambda t: t.replace("%% digest:begin header %%", "%% digest:begin header %% hm"), id="text behind"
        ),
        pytest.param(lambda t: t + t[t.index(BLOCKS[0]) :], id="twice"),
        pytest.param(
            lambda t: t.replace("## My notes", "%% digest:begin x %%\n\n%% digest:end x %%x"), id="half broken"
        ),
        pytest.param(
            lambda t: t.replace("We light", "%% digest:begin x %%\ny\n%% digest:end x 01234567 %%\nWe"), id="nested"
        ),
        pytest.param(lambda t: t.replace("-->", ""), id="comment without end"),
    ],
)
def test_broken_markers_leave_the_file_alone(change):
    """Where it is not plain what is whose, nothing is touched."""
    text, remarks = told(change(old()))

    assert text == change(old()) != old()
    assert len(remarks) == 1
    assert remarks[0].startswith("left alone: ")


def test_an_end_marker_without_checksum_freezes_the_block():
    """Taking the checksum away is a way to keep a block for good."""
    seal = old().split("%% digest:end body ")[1][:8]
    text, remarks = told(old().replace(f" {seal} %%", " %%"))

    assert "We light a lantern." in text
    assert remarks == ("block “body” was edited; kept as it is",)


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_crlf_is_kept():
    """A note that the reader's editor saved with CRLF is written with CRLF, ours too."""
    result = merged(old().replace("\n", "\r\n"))

    assert result == fresh(NEW).decode().replace("\n", "\r\n")


def test_a_byte_order_mark_is_kept():
    assert merged("\ufeff" + old()) == "\ufeff" + fresh(NEW).decode()


def test_other_encodings_are_left_alone():
    data = fresh(OLD) + "Größe".encode("latin-1")
    result = merge(data, NEW)

    assert result.data == data
    assert result.remarks == ("left alone: it is not UTF-8",)


def test_text_after_the_comment_is_kept():
    """The comment is ours alone, and may be followed by words of the reader's."""
    result = merged(old() + "\nmine\n", make_page(metadata=COMMENT.format("b")))

    assert '"vocabulary_version": "b"' in result
    assert result.endswith("-->\n\nmine\n")


def test_the_comment_is_replaced_also_when_changed():
    result = merged(old().replace('"a"', '"mine"'), make_page(metadata=COMMENT.format("b")))

    assert result == fresh(make_page(metadata=COMMENT.format("b"))).decode()


def test_the_comment_goes_when_it_is_turned_off():
    assert merged(old(), make_page(metadata="")) == fresh(make_page(metadata="")).decode()
    assert merged(old() + "\nmine\n", make_page(metadata="")).endswith("%%\n\n\n\nmine\n")


def test_a_deleted_comment_is_not_brought_back():
    text, remarks = told(fresh(make_page(metadata="")))

    assert "<!--" not in text
    assert remarks == ("it has no metadata comment; none was added",)


# --- properties ------------------------------------------------------------------------------------------------------


def front(text: str) -> str:
    return text.removeprefix("---\n").partition("\n---\n")[0] + "\n"


def with_front(change, page=NEW) -> str:
    """The properties after a merge into a note whose properties the reader changed."""
    before = old()
    return front(merged(before.replace(front(before), change(front(before))), page))


def test_only_changed_properties_change():
    assert with_front(lambda f: f).replace("arxiv_version: 2", "arxiv_version: 1") == front(old())


def test_once_properties_are_the_readers():
    result = with_front(
        lambda f: f.replace("unread", "read").replace("rating:", "rating: 5").replace("queue: false\n", "")
    )

    assert "status: read\n" in result
    assert "rating: 5\n" in result
    assert "queue" not in result


def test_the_readers_own_properties_keep_order_comments_and_quoting():
    mine = (
        "# about me\nmine:   'it''s'   # why\nlist: [a,   b]\nnested:\n    deep: {x: 1}\nblock: |\n  text\n    # more\n"
    )
    also = mine.replace("mine:", "mine 2:").replace("list:", "l:").replace("nested:", "n:").replace("block:", '"b":')

    result = with_front(lambda f: mine + f + also)

    assert result.startswith(mine)
    assert result.endswith(also)
    assert "arxiv_version: 2" in result


def test_lists_are_joined():
    """Ours first in our order, then what the reader added; the reader's order kept."""
    new = make_page(tags=["paper", "arxiv/cs-LG", "arxiv/cs-AI"])

    result = with_front(lambda f: f.replace("  - paper\n", "  - to-read\n  - paper\n  - z\n"), new)

    assert "tags:\n  - paper\n  - arxiv/cs-LG\n  - arxiv/cs-AI\n  - to-read\n  - z\n" in result


def test_a_single_value_is_a_list_of_one():
    result = with_front(lambda f: f.replace("tags:\n  - paper\n  - arxiv/cs-LG\n", "tags: mine\n"))

    assert "tags:\n  - paper\n  - arxiv/cs-LG\n  - mine\n" in result


def test_other_styles_of_the_same_values_are_left():
    """Obsidian writes all properties anew in its own style when one is changed in its panel."""

    def restyle(text: str) -> str:
        text = text.replace('arxiv_id: "2602.00017"', "arxiv_id: '2602.00017'")
        return text.replace("authors:\n  - Ada Fictional\n  - Bo Invented", 'authors: ["Ada Fictional", Bo Invented]')

    before = old().replace(front(old()), restyle(front(old())))

    assert merged(before, OLD) == before


def test_comments_beside_our_properties_are_kept():
    def comment(text: str) -> str:
        text = text.replace("arxiv_version: 1", "arxiv_version: 1   # check the next one")
        return text.replace("  - Ada Fictional\n", "  # who\n  - Ada Fictional # met her\n").replace(
            "title:", "# top\ntitle:"
        )

    new = make_page(arxiv_version=2, authors=["Ada Fictional", "Cy Made-Up: Jr."])
    result = with_front(comment, new)

    assert result.startswith("# top\ntitle:")
    assert "arxiv_version: 2   # check the next one\n" in result
    assert '  # who\n  - Ada Fictional # met her\n  - "Cy Made-Up: Jr."\n' in result


def test_a_new_property_comes_where_the_page_has_it():
    new = make_page(**{"arxiv_version": ..., "relevance": 0.5, "announced": ..., "updated": date(2026, 2, 4)})

    result = with_front(lambda f: f.replace("announced:", "mine: 1\nannounced:"), new)

    assert "rating:\nrelevance: 0.5\nupdated: 2026-02-04\n" in result
    assert "mine: 1\nannounced: 2026-02-03\n" in result


def test_deleted_properties_are_not_brought_back():
    """Without the fences the reader wants no properties here."""
    text, remarks = told(old().split("---\n\n", 1)[1])

    assert text.startswith("%% digest:begin header %%\n\n# A Lantern, revised")
    assert remarks == ("its properties were deleted; not brought back",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda f: f + "x: [\n", "not valid YAML", id="invalid"),
        pytest.param(lambda f: f + "x: a: b\n", "not valid YAML", id="colon"),
        pytest.param(lambda f: f + "\ttab: 1\n", "not valid YAML", id="tab"),
        pytest.param(lambda f: f + "mine: 1\nmine: 2\n", "“mine” stands there twice", id="twice"),
        pytest.param(lambda f: "- a\n- b\n", "not written as", id="a list"),
        pytest.param(lambda f: '{title: "x", a: 1}\n', "not written as", id="flow"),
        pytest.param(lambda f: "".join(f" {line}\n" for line in f.splitlines()), "not written as", id="indented"),
        pytest.param(lambda f: f + "mine: " + "[" * 50_000 + "\n", "nested too deep", id="brackets"),
        pytest.param(lambda f: f + "mine:\n  " + "- " * 50_000 + "\n", "nested too deep", id="lists"),
        pytest.param(lambda f: f + "mine: \x07\n", "not valid YAML", id="control character"),
        pytest.param(lambda f: f.replace("2602.00017", "2602.00018"), "another paper, 2602.00018", id="another's"),
        pytest.param(lambda f: f.replace("tags:\n  - paper", "tags:\n  - {a: 1}"), "cannot be joined", id="nested"),
        pytest.param(
            lambda f: f.replace("version: 1", "version: &v 1") + "mine: *v\n", "not valid YAML|safely", id="alias"
        ),
    ],
)
def test_properties_that_cannot_be_read_leave_the_file_alone(change, reason):
    before = old().replace(front(old()), change(front(old())))
    text, remarks = told(before)

    assert text == before != old()
    assert len(remarks) == 1
    assert re.search(reason, remarks[0])


def test_an_open_fence_leaves_the_file_alone():
    text, remarks = told(old().replace("---\n\n%%", "\n%%"))

    assert text == old().replace("---\n\n%%", "\n%%")
    assert remarks == ("left alone: its properties begin with “---” and never end",)


@pytest.mark.parametrize("value", ["2026-13-45", "2026-02-30", "!!python/object:os.system x", "{[a]: b}", "&x [*x]"])
def test_odd_values_of_the_readers_do_not_matter(value):
    """A property of the reader's is never interpreted."""
    assert f"mine: {value}\n" in with_front(lambda f: f + f"mine: {value}\n")


@given(mine=st.dictionaries(st.text("abcxyz", min_size=5), st.one_of(prose, st.lists(prose, max_size=3)), max_size=3))
def test_any_property_of_the_readers_is_kept(mine):
    lines = emit(mine)
    result = with_front(lambda f: lines + f)

    assert result.startswith(lines)
