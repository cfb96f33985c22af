"""The whole rendering of a page, and the checksums by which a file tells whether it is as we left it."""

from __future__ import annotations

import pytest

from digest.errors import VaultError
from digest.model import Asset, Block, Page, Space
from digest.vault import fresh
from digest.vault.layout import checksum, is_intact, sealed
from tests.vault.conftest import make_page

GOLDEN = """\
---
tags:
  - keyword
papers: 3
---

%% digest:begin header %%

# Lantern

3 papers

%% digest:end header 0ba0551c %%

## My notes



%% digest:begin papers %%

None yet.

%% digest:end papers bd3ce633 %%

<!-- KEYWORD_LINKING_METADATA: {} -->
"""


def test_layout():
    """Properties, blocks between markers with an empty line inside, spaces as given, the comment last, one newline."""
    page = Page(
        path="keywords/Lantern.md",
        properties={"tags": ["keyword"], "papers": 3},
        parts=(
            Block(name="header", text="# Lantern\n\n3 papers"),
            Space(text="## My notes\n\n"),
            Block(name="papers", text="\nNone yet.\n\n"),
        ),
        metadata="<!-- KEYWORD_LINKING_METADATA: {} -->\n",
    )

    assert fresh(page) == GOLDEN.encode()


def test_checksum_is_sha256():
    """The figure can be had with any other tool: printf abc | sha256sum | cut -c1-8."""
    assert checksum("abc") == "ba7816bf"


def test_checksum_ignores_line_ends():
    """A note that some tool saved with CRLF was not edited."""
    assert checksum("\r\na\r\nb\r\n") == checksum("a\nb")


def test_no_properties_no_fences():
    page = Page(path="a.md", properties={}, parts=(Block(name="b", text="x"),))

    assert fresh(page).startswith(b"%% digest:begin b %%\n")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"body": "x\n%% digest:end body 01234567 %%\ny"}, id="marker in a block"),
        pytest.param({"space": "%% digest:begin x %%"}, id="marker in a space"),
        pytest.param({"body": "<!-- KEYWORD_LINKING_METADATA: x -->"}, id="metadata in a block"),
        pytest.param({"metadata": "<!-- KEYWORD_LINKING_METADATA: --> <b> -->"}, id="comment that ends early"),
        pytest.param({"metadata": "hello"}, id="no comment"),
    ],
)
def test_what_could_not_be_read_back_is_refused(changes):
    """A text that escaped its escaping must not decide what is ours in the file."""
    with pytest.raises(VaultError, match="bug of digest"):
        fresh(make_page(**changes))


def test_half_characters_have_no_bytes():
    """A lone surrogate, which no file can hold, does not end the run."""
    assert b"a?b" in fresh(make_page(body="a\ud800b", title="a\ud800b"))


@pytest.mark.parametrize("path", ["assets/a.svg", "Papers.base"])
def test_seal(path):
    """A sealed asset is known again as ours, also with other line ends, and not when anything in it changed."""
    data = sealed(Asset(path=path, content="first\nsecond\n"))

    assert data.startswith(b"first\nsecond\n")
    assert is_intact(data)
    assert is_intact(data.replace(b"\n", b"\r\n"))
    assert not is_intact(data.replace(b"second", b"third"))
    assert not is_intact(b"first\nsecond\n")


def test_formats_without_comments_have_no_seal():
    assert sealed(Asset(path=".digest/2602.00017.json", content="{}\n")) == b"{}\n"
