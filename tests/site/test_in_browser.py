"""The web copy in headless Chromium: what a colleague sees, and that nothing else happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.conftest import serving
from tests.site.visitor import Visitor, pages, visit_all


@pytest.fixture
def visitor(browser, address) -> Iterator[Visitor]:
    context = browser.new_context()
    visitor = Visitor(context.new_page(), address)
    yield visitor
    assert visitor.faults == []
    context.close()


def kinds(site: Path) -> list[str]:
    """The pages at the root, and one of each folder; all days of papers are one kind."""
    found = {re.sub(r"[\d-]{10}", "day", name.rpartition("/")[0]) or name: name for name in pages(site)}
    return list(found.values())


def test_each_kind_of_page_opens_and_asks_nobody_else(visitor, site):
    found = kinds(site)
    assert len(found) >= 6
    visit_all(visitor, found)


def test_every_hostile_paper_is_only_text(visitor, site):
    names = [name for name in pages(site) if "(2602.91" in name]
    assert len(names) > 50
    for name in names:
        tab = visitor.open(name)
        found = tab.evaluate(
            """() => [...document.querySelectorAll('article *')].flatMap(e => [
                e.namespaceURI.endsWith('MathML') ? 'math' : e.localName,
                ...[...e.attributes].filter(a => /^on|^style$/.test(a.name)).map(a => a.name),
                ...(e.href && !/^https?:/.test(e.href) ? [e.href] : [])])"""
        )
        allowed = {
            *"h1 h2 h3 p a ul ol li code strong em br div details summary img math table thead tbody tr th td".split()
        }
        assert set(found) <= allowed, name
    assert visitor.tab.evaluate("typeof window.pwned") == "undefined"


def test_a_title_is_shown_letter_for_letter(visitor, site):
    name = next(name for name in pages(site) if "(2602.91001)" in name)
    tab = visitor.open(name)
    title = "A: B - a title with: colons, and # a hash: braces [brackets] & *stars*"
    assert tab.locator("article h1").inner_text() == title
    assert tab.title() == f"{title} - digest"


def test_pictures_show(visitor, site):
    tab = visitor.open("index.html")
    sizes = tab.evaluate(
        "async () => Promise.all([...document.querySelectorAll('article img')].map(async i => {"
        " i.loading = 'eager'; await i.decode(); return i.naturalWidth }))"
    )
    assert sizes
    assert all(size > 100 for size in sizes)


def test_mathematics_shows(visitor, site):
    name = next(name for name in pages(site) if b"<math" in (site / name).read_bytes() and "(2602.90" in name)
    tab = visitor.open(name)
    boxes = tab.evaluate(
        "() => [...document.querySelectorAll('math mi')].map(e => ["
        " e.getBoundingClientRect().width, getComputedStyle(e.closest('math')).display])"
    )
    assert boxes
    assert all(width > 2 and display.endswith("math") for width, display in boxes)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        pytest.param(
            "Passages Disagree", "Conflicting Evidence: What Language Models Do when Passages Disagree", id="title"
        ),
        pytest.param("hypergraph", "Hypergraph", id="keyword"),
        pytest.param("2602.90013", "Conflicting Evidence", id="number"),
        pytest.param("contradict each other", "Conflicting Evidence", id="words of an abstract"),
    ],
)
def test_a_search_finds(visitor, words, title):
    tab = visitor.open("index.html")
    tab.locator(".md-search__input").click()
    tab.keyboard.type(words)
    first = tab.locator(".md-search-result__item h1").first
    first.wait_for(timeout=10_000)
    assert title in first.inner_text()
    first.click()
    tab.wait_for_load_state("load")
    assert title in tab.locator("article h1").inner_text()


def test_the_index_is_read_when_somebody_searches_and_not_before(browser, address):
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(address, wait_until="networkidle")
    assert not [url for url in asked if "search_index" in url]
    tab.locator(".md-search__input").click()
    tab.wait_for_load_state("networkidle")
    tab.locator(".md-search-result__meta").wait_for()
    assert len([url for url in asked if "search_index" in url]) == 1
    tab.close()


def test_a_search_shows_hostile_titles_as_text(visitor):
    tab = visitor.open("index.html")
    tab.locator(".md-search__input").click()
    tab.keyboard.type("Nell Trouble")
    tab.locator(".md-search-result__item").first.wait_for(timeout=10_000)
    tags = tab.evaluate("() => [...document.querySelectorAll('.md-search-result__list *')].map(e => e.localName)")
    assert not set(tags) & {"script", "img", "iframe", "b", "think", "form", "style", "object", "embed"}


def test_a_script_in_the_page_would_not_run(browser, site, tmp_path):
    """The second lock: even if markup came through, the browser runs none of it."""
    text = (site / "index.html").read_text()
    assert "</article>" in text
    hole = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'><a href='javascript:window.pwned=3'>x</a>"
    folder = tmp_path / "holed"
    folder.mkdir()
    (folder / "index.html").write_text(text.replace("</article>", f"{hole}</article>"))
    for address in serving(folder):
        tab = browser.new_page()
        tab.goto(address)
        tab.evaluate("document.querySelector('a[href^=javascript]').click()")
        tab.wait_for_timeout(200)
        assert tab.evaluate("typeof window.pwned") == "undefined"
        tab.close()


def test_dark_and_light_follow_the_system_and_can_be_switched(browser, address):
    for scheme, expected in (("light", "default"), ("dark", "slate")):
        context = browser.new_context(color_scheme=scheme)
        visitor = Visitor(context.new_page(), address)
        tab = visitor.open("index.html")
        assert tab.locator("body").get_attribute("data-md-color-scheme") == expected
        tab.locator("form[data-md-component=palette] label:visible").click()
        assert tab.locator("body").get_attribute("data-md-color-scheme") != expected
        assert visitor.faults == []
        context.close()


def test_a_phone_can_read_it(browser, address, site):
    """Nothing but a wide formula or table is wider than the screen."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    visitor = Visitor(context.new_page(), address)
    for name in kinds(site):
        tab = visitor.open(name)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, name
    context.close()


def test_it_can_be_read_without_a_server(browser, site):
    """Opened as a file, pages show and links lead on; only the search needs a server."""
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto((site / "index.html").as_uri())
    assert tab.locator("article h1").inner_text() == "Home"
    tab.locator("article a[href*=digests]").first.click()
    assert "February 2026" in tab.locator("article h1").inner_text()
    assert all("search" in fault for fault in faults), faults
    tab.close()
