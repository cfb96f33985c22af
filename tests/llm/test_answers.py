"""An answer's JSON, read with distrust."""

from __future__ import annotations

import pytest

from digest.llm.answers import Refused, objected, whole


@pytest.mark.parametrize(
    "text",
    [
        '{"tldr": 1}',
        '  {"tldr": 1}\n',
        '```json\n{"tldr": 1}\n```',
        '```\n{"tldr": 1}\n```\n',
        '<think>The first {"tldr": 2}?</think>\n{"tldr": 1}',
    ],
)
def test_an_object_is_found_where_models_put_it(text):
    assert objected(text) == {"tldr": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("I think that sentence 1 is best.", "no JSON"),
        ('{"tldr": 1', "no JSON"),
        ('{"tldr": 1} and so on', "no JSON"),
        ('{"tldr": 1, "tldr": 2}', "no JSON"),
        ('{"tldr": NaN}', "no JSON"),
        ("[1]", "no JSON object"),
        ('"tldr"', "no JSON object"),
        ("[" * 15_000, "no JSON"),
        ('{"tldr": 1' + " " * 30_000 + "}", "too long"),
    ],
)
def test_anything_else_is_refused_with_a_reason_in_our_words(text, reason):
    with pytest.raises(Refused) as caught:
        objected(text)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (100, 100), (101, None), (-1, None), (True, None), (7.0, None), ("7", None), (None, None)],
)
def test_a_whole_number_within_bounds(value, expected):
    assert whole(value, 0, 100) == expected
