"""The quick reading of simple properties says what a YAML parser says."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from digest.check import properties

words = st.sampled_from(
    [
        "Node.js",
        "2602.00017",
        '"2602.00017"',
        "'[[a|b]]'",
        '"[[a]]"',
        "[]",
        "null",
        "True",
        "Null ",
        "yes",
        "2026-02-03",
        "0.85",
        "-1",
        "é ö",
        '"C:\\\\alpha \\"x\\""',
        "https://a.b/c",
        "x: y",
        "[a]",
        "a #b",
        '"a\tb"',
        "''",
        '""',
        "12:30",
        "1.2.3",
        "- x",
        "x:",
        "?",
    ]
)
lines = st.one_of(
    st.builds("{}: {}\n".format, st.sampled_from(["title", "arxiv_id", "authors", "a-b"]), words | st.text(max_size=9)),
    st.builds("{}:\n".format, st.sampled_from(["tags", "authors", "arxiv_id"])),
    st.builds("  - {}\n".format, words | st.text(max_size=9)),
)


@example("authors: Ada\nauthors:\n")
@given(st.lists(lines, max_size=6).map("".join))
def test_quick_reading_agrees_with_the_parser(front):
    """Whatever the lines hold: same names, types and texts, and the same texts that could be links."""
    try:
        exact = properties._read_yaml(front)
    except (yaml.YAMLError, ValueError) as error:
        with pytest.raises(type(error)):
            properties.read(front)
        return
    quick = properties.read(front)

    assert quick.values == exact.values
    assert quick.twice == exact.twice
    assert [text for text in quick.texts if "[[" in text] == [text for text in exact.texts if "[[" in text]
    assert quick.bare_links == exact.bare_links
