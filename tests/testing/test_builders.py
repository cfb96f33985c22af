"""Builders make values that are equal when asked equally, and change only what is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from digest.testing import builders

BUILDERS = [getattr(builders, name) for name in sorted(vars(builders)) if name.startswith("make_")]
OF_THE_MODEL = [build for build in BUILDERS if build is not builders.make_record]  # a record is a plain dict


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_a_builder_makes_the_same_again(build: Callable[..., Any]) -> None:
    assert build() == build()


@pytest.mark.parametrize("build", OF_THE_MODEL, ids=lambda b: b.__name__)
def test_a_builder_changes_what_is_named_and_nothing_else(build: Callable[..., Any]) -> None:
    first = dataclasses.fields(build())[0].name
    changed = build(**{first: "other"})

    assert getattr(changed, first) == "other"
    assert dataclasses.replace(changed, **{first: getattr(build(), first)}) == build()


@pytest.mark.parametrize("build", OF_THE_MODEL, ids=lambda build: build.__name__)
def test_a_builder_refuses_a_field_that_does_not_exist(build: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        build(no_such_field=1)
