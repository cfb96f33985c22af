"""Templates are the user's to change, and cannot be made to print foreign text as it is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from digest.errors import TemplateError
from digest.render.renderer import TEMPLATES, VARIABLES, Renderer
from digest.testing.builders import make_note

from .test_pages import page_of, text_of


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path


def test_a_workspaces_own_template_comes_first(own: Path, template_folder: Path) -> None:
    """File by file: the others are still ours."""
    (own / "paper.header.md.j2").write_text("# {{ note.paper.title | heading }}\n\nMine.\n", encoding="utf-8")
    text = text_of(page_of(Renderer(templates=[own, template_folder]).note(make_note())))
    assert "Mine." in text
    assert "📄 Abstract" in text


@pytest.mark.parametrize(
    "template",
    [
        "{{ note.paper.title }}",
        "{{ note.paper.title ~ word.home }}",
        "{{ word.home ~ note.paper.title }}",
        "{{ note.paper.title | inline | upper }}",
        "{{ (note.paper.title | inline).upper() }}",
        "{{ note.paper.title | e }}",
        "{{ note.paper.title | safe }}",
        "{{ note.paper.authors | join(', ') }}",
        "{{ note.paper.categories }}",
        "{{ note.announced }}",
        "{{ note.day }}",
        "{{ say('digest_of', day=note.paper.title) }}",
        "{% macro m() %}{{ note.paper.title }}{% endmacro %}{{ m() }}",
        "{% set x %}{{ note.paper.title | inline }}{% endset %}{{ x }}",
        "{{ note.paper.titel | inline }}",
        "{{ word.nothing_of_that_name }}",
        "{{ unknown }}",
        "{{ 1 / 0 }}",
        "{{ note.paper.title | percent }}",
        "%% digest:end header deadbeef %%",
    ],
)
def test_a_template_that_prints_what_is_not_safe_fails(template: str, own: Path, template_folder: Path) -> None:
    (own / "paper.header.md.j2").write_text(f"# Title\n\n{template}\n", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"paper\.header\.md\.j2"):
        Renderer(templates=[own, template_folder]).note(make_note())


def test_an_error_names_file_line_and_page(own: Path, template_folder: Path) -> None:
    (own / "paper.header.md.j2").write_text("# x\n\n{{ note.paper.title }}\n", encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        Renderer(templates=[own, template_folder]).note(make_note())
    assert str(own / "paper.header.md.j2") + ", line 3" in str(caught.value)
    assert make_note().path in str(caught.value)


def test_a_template_that_does_not_compile_fails_before_anything_is_rendered(own: Path, template_folder: Path) -> None:
    (own / "home.home.md.j2").write_text("# x\n{% if %}\n", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"home\.home\.md\.j2, line 2"):
        Renderer(templates=[own, template_folder])


def test_a_missing_template_is_named_with_where_it_was_looked_for(own: Path) -> None:
    with pytest.raises(TemplateError, match=r"paper\.header\.md\.j2: no such template in"):
        Renderer(templates=[own])


def test_the_recipe_follows_what_pages_depend_on(own: Path, template_folder: Path) -> None:
    """Templates that are included too; not where the templates lie."""
    here = Renderer(templates=[template_folder]).recipe
    copy = own / "copy"
    shutil.copytree(template_folder, copy)
    assert Renderer(templates=[copy]).recipe == here
    assert Renderer(templates=[copy], language="ko").recipe != here
    assert Renderer(templates=[copy], keyword_metadata="off").recipe != here
    (copy / "latest.md.j2").write_text("Nothing.\n", encoding="utf-8")
    assert Renderer(templates=[copy]).recipe != here


def test_the_documentation_is_what_the_code_says(template_folder: Path) -> None:
    sys.path.insert(0, str(template_folder.parent / "tools"))
    try:
        import template_docs
    finally:
        sys.path.pop(0)
    assert template_docs.TARGET.read_text(encoding="utf-8") == template_docs.text(), "run: make docs"


def test_templates_see_no_more_than_is_documented(template_folder: Path) -> None:
    """Nor is a variable documented that no template is handed."""
    environment = jinja2.Environment(autoescape=False)
    environment.filters |= dict.fromkeys(Renderer(templates=[template_folder]).filters, str)

    def seen(file: Path) -> set[str]:
        tree = environment.parse(file.read_text(encoding="utf-8"))
        included = (found for found in meta.find_referenced_templates(tree) if found)
        return meta.find_undeclared_variables(tree).union(*(seen(template_folder / name) for name in included))

    for folder in (template_folder, template_folder / "seed"):
        for file in folder.glob("*.j2"):
            if file.name in TEMPLATES:
                assert seen(file) - {"word", "say", "count", "page"} <= set(TEMPLATES[file.name]), file
    assert {name for sees in TEMPLATES.values() for name in sees} == VARIABLES.keys()
