"""The paper of the seed document, through the whole pipeline, with the real embedding model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import frontmatter
import pytest

from digest.check import check
from digest.testing import demo
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import make_home

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
AUTHORS = ["Zhiyu Kan", "Wensheng Gan", "Zhenlian Qi", "Philip S. Yu"]


def seed_paper() -> dict[str, object]:
    """The paper as arXiv would have announced it, read from the seed page about it."""
    if not SEEDS.is_dir():
        pytest.skip("the seed documents are not beside this checkout")
    text = next(SEEDS.glob("001_*")).read_text(encoding="utf-8")
    abstract = re.search(r"^- Abstract: (.*)$", text, re.M)
    assert abstract
    return {
        "id": "2509.18690",
        "title": text.splitlines()[0],
        "authors": AUTHORS,
        "abstract": abstract[1],
        "categories": ["cs.AI"],
        "first_seen": "2025-09-24",
        "published": "2025-09-23T06:16:39Z",
    }


@pytest.mark.parametrize("command", ["run", "fetch"])
def test_the_seed_s_paper(tmp_path, command):
    """Four authors, two dates, no boilerplate, no dead link; by the nightly run and by hand."""
    home = make_home(tmp_path / "home")
    arguments = ["run"] if command == "run" else ["fetch", "--id", "https://arxiv.org/abs/2509.18690v1"]
    with FakeArxiv([seed_paper()]) as arxiv:
        arxiv.as_of = moment = "2025-09-24T07:00:00Z"
        environment = {**os.environ, **demo.settings(arxiv.url), "XDG_STATE_HOME": str(tmp_path / "state")}
        found = subprocess.run(
            [sys.executable, "-m", "digest", "--home", str(home), *arguments, "--as-of", moment],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stderr
    (path,) = (home / "vault" / "2025-09-24").glob("*.md")
    assert path.name == "Advances in Large Language Models for Medicine (2509.18690).md"
    post = frontmatter.load(str(path))
    assert post["authors"] == AUTHORS
    assert (str(post["submitted"]), str(post["announced"])) == ("2025-09-23", "2025-09-24")
    assert "Announce Type" not in post.content
    assert "This paper systematically reviews" in post.content.split("[!tldr]")[1].split("##")[0]
    assert check(home / "vault").findings == ()
