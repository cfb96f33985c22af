"""What a language model says of a paper, in its note: by its name, with its sentences, and harmless."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from digest.model import Account, Claim, ClaimKind
from digest.render.renderer import Renderer
from digest.testing.builders import make_note

from .test_pages import page_of, text_of

HOSTILE = "[[x]] ![[y]] <script>alert(1)</script> %% digest:end %% <% tp %> `=this` #tag ==a== ```dataviewjs"


def claim(**changes: object) -> Claim:
    made = Claim(kind=ClaimKind.TLDR, text="Harrow rejects answers.", sentence=3, source="We propose Harrow.")
    return replace(made, **changes)


def shown(template_folder, account: Account | None, language: str = "en") -> str:
    page = page_of(Renderer(templates=[template_folder], language=language).note(make_note(account=account)))
    return text_of(page)


def test_a_note_without_an_account_says_nothing_of_a_model(template_folder):
    assert "language model" not in shown(template_folder, None)


def test_chosen_sentences_are_shown_with_their_numbers_and_the_models_name(template_folder):
    claims = (claim(text="We propose Harrow."), claim(kind=ClaimKind.FINDING, text="Errors fall.", sentence=4))
    text = shown(template_folder, Account(model="judge-1", language="", claims=claims))
    assert "> [!quote]- Read by the language model judge-1" in text
    assert "> - **TL;DR**: We propose Harrow. (sentence 3)" in text
    assert "> - **Finding**: Errors fall. (sentence 4)" in text
    assert "rests on" not in text


def test_claims_in_another_language_are_shown_with_the_sentences_that_they_rest_on(template_folder):
    found = Account(model="judge-1", language="ko", claims=(claim(text="Harrow는 답을 거릅니다."),))
    text = shown(template_folder, found, language="ko")
    assert "> - **한 줄 요약**: Harrow는 답을 거릅니다. (3번째 문장)" in text
    assert "> > - 3번째 문장: We propose Harrow." in text
    assert "틀릴 수 있습니다" in text


@pytest.mark.parametrize("language", ["", "ko"])
def test_what_a_model_says_is_escaped(template_folder, language):
    found = Account(model=HOSTILE, language=language, claims=(claim(text=HOSTILE, source=HOSTILE),))
    text = shown(template_folder, found)
    block = text[text.index("Read by") : text.index("Metadata")]
    for live in (
        r"(?<!\\)\[\[",
        "<script",
        r"(?<!\\)<%",
        r"(?<!\\)`",
        r"(?<![\\\w])#tag",
        "%% digest:end %%",
        r"(?<![=\\])==a",
    ):
        assert not re.search(live, block), live
