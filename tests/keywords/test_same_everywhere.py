"""The same paper has the same candidates in every process: a night that was killed ends with the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import json
from digest.keywords.extract import Extractor
from digest.testing import demo
extractor = Extractor.load()
papers = [json.loads(line) for line in demo.SAMPLE.read_text(encoding="utf-8").splitlines() if line]
papers.append({"title": "Mixture-of-Experts at very-high-energy (VHE)", "abstract": "We use a mixture-of-experts (MoE) "
    "for out-of-distribution data. The Mixture-of-Experts finds a needle-in-a-haystack by text-to-speech (TTS)."})
print([extractor.candidates(paper["title"], paper["abstract"]) for paper in papers])
"""


def test_candidates_do_not_depend_on_the_hash_seed() -> None:
    found = {
        subprocess.check_output([sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("0", "1", "2", "3")
    }
    assert len(found) == 1
