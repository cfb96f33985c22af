"""The web copy of forty real days: every link leads somewhere, every page opens without a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.site import build
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv, load_papers
from digest.testing.fakes import QuickAssembly, make_home
from tests.site.conftest import serving
from tests.site.crawl import crawl
from tests.site.visitor import Visitor, pages, visit_all

CATEGORIES = '["astro-ph.GA", "cs.IT", "cs.GT"]'
DAYS = 40

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(__file__).resolve().parents[3] / "shared" / "data" / "arxiv" / "days.jsonl.gz"
    if not file.is_file():
        pytest.skip("the announcement days are not beside this checkout")
    papers = load_papers(file)
    home = make_home(tmp_path_factory.mktemp("forty") / "home")
    with pytest.MonkeyPatch.context() as patch, FakeArxiv(papers) as arxiv:
        patch.setenv("XDG_STATE_HOME", str(home / "user-state"))
        for day in sorted({paper["first_seen"] for paper in papers})[:DAYS]:
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            with QuickAssembly(home, config.load(home, demo.settings(arxiv.url, CATEGORIES))) as assembly:
                commands.run(assembly, instant(moment))
    return home / "vault"


@pytest.fixture(scope="module")
def site(forty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("web") / "site"
    built = build(forty, out)
    assert built.pages > 1500
    assert (built.edition.own, built.edition.edited, built.edition.unread) == (0, (), ())
    return out


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    yield from serving(site)


def test_every_link_leads_somewhere(address):
    assert {where: status for where, status in crawl(address).items() if status != 200} == {}


def test_every_page_opens_without_a_fault(browser, address, site):
    context = browser.new_context()
    visitor = Visitor(context.new_page(), address)
    visit_all(visitor, pages(site))
    context.close()
