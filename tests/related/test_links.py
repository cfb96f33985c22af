"""Which near papers a note has room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Neighbour, PaperId
from digest.related.links import accepted


def near(*pairs: tuple[str, float]) -> list[Neighbour]:
    return [Neighbour(id=PaperId(name), score=score, cosine=score, words=score) for name, score in pairs]


@pytest.mark.parametrize(
    ("own", "naming", "room", "expected"),
    [
        pytest.param(near(("a", 0.9)), near(("b", 0.8)), 5, ["a", "b"], id="who names me has a place"),
        pytest.param(near(("a", 0.9)), near(("a", 0.9)), 5, ["a"], id="a mutual one stands once"),
        pytest.param(near(("a", 0.9), ("b", 0.5)), near(("b", 0.5)), 5, ["b", "a"], id="mutual ones come first"),
        pytest.param(near(("a", 0.5)), near(("b", 0.8)), 1, ["a"], id="own ones come before those that name me"),
        pytest.param([], near(("c", 0.8), ("b", 0.8)), 1, ["b"], id="ties by identifier"),
        pytest.param(near(("a", 0.5)), near(("b", 0.8)), 0, [], id="no room"),
    ],
)
def test_accepted(own, naming, room, expected):
    assert list(accepted(own, naming, room=room)) == expected


@given(
    lists=st.dictionaries(
        st.sampled_from("abcdefghij"),
        st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 9).map(lambda n: n / 10), max_size=3),
    ),
    room=st.integers(1, 4),
)
def test_a_link_is_on_both_notes_and_no_note_has_too_many(lists, room):
    """Whatever is near what: links by the rule that both sides have room."""
    own = {paper: near(*(pair for pair in found.items() if pair[0] != paper)) for paper, found in lists.items()}
    naming = {
        paper: [
            Neighbour(id=PaperId(other), score=n.score, cosine=n.cosine, words=n.words)
            for other, found in own.items()
            for n in found
            if n.id == paper
        ]
        for paper in "abcdefghij"
    }
    room_for = {paper: accepted(own.get(paper, ()), naming[paper], room=room) for paper in "abcdefghij"}
    shown = {paper: {other for other in found if paper in room_for[other]} for paper, found in room_for.items()}
    for paper, others in shown.items():
        assert len(others) <= room
        assert all(paper in shown[other] for other in others)
    for paper, found in own.items():
        for n in found:
            if n.id not in shown[paper]:
                assert room in (len(room_for[paper]), len(room_for[n.id]))
