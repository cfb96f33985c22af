"""``make demo``: five nights offline, on the fake arXiv with invented papers.

    python -m digest.testing.demo FOLDER

makes a workspace in FOLDER (anew, if there is one), runs ``digest run`` for Monday to Friday, and says where the vault is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from digest.testing.fake_arxiv import FakeArxiv, load_papers

SAMPLE = Path(__file__).with_name("sample_papers.jsonl")
MONDAY = date(2026, 2, 2)
CATEGORIES = '["cs.CL", "cs.CV", "cs.LG", "cs.AI", "stat.ML", "astro-ph.GA", "math.CO"]'
TEXTS = {"DIGEST_FULLTEXT__MODE": "relevant"}
"""Of the demo: the papers to be read first are read whole."""


def main() -> int:
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo").resolve()
    shutil.rmtree(home, ignore_errors=True)
    digest("init", str(home), "--yes", "--quiet")
    with FakeArxiv(load_papers(SAMPLE)) as arxiv:
        for day in (MONDAY + timedelta(days=n) for n in range(5)):
            arxiv.as_of = moment = f"{day}T07:00:00Z"
            print(f"{day}:", flush=True)  # noqa: T201
            digest("--home", str(home), "run", "--as-of", moment, environment=settings(arxiv.url) | TEXTS)
    print(f"\nOpen this folder as a vault in Obsidian: {home / 'vault'}")  # noqa: T201
    return 0


def settings(url: str, categories: str = CATEGORIES) -> dict[str, str]:
    """The environment in which digest asks the fake arXiv at *url* instead of arXiv, as fast as it can."""
    return {
        "DIGEST_ARXIV__FEED_URL": url,
        "DIGEST_ARXIV__OAI_URL": f"{url}/oai",
        "DIGEST_ARXIV__API_URL": f"{url}/api/query",
        "DIGEST_ARXIV__SITE_URL": url,
        "DIGEST_ARXIV__REQUEST_INTERVAL": "0",
        "DIGEST_ARXIV__PAGE_INTERVAL": "0",
        "DIGEST_ARXIV__CATEGORIES": categories,
    }


def digest(*arguments: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run([sys.executable, "-m", "digest", *arguments], env={**os.environ, **(environment or {})}, check=True)


if __name__ == "__main__":
    sys.exit(main())
