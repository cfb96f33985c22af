"""What the bar says of counted work."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest

from digest.cli.progress import Bar, per_second


@pytest.mark.parametrize(
    ("speed", "text"),
    [
        pytest.param(None, "", id="not known yet"),
        pytest.param(0.0, "", id="standing still"),
        pytest.param(41.27, "41.3/s", id="many a second"),
        pytest.param(0.25, "15/min", id="some a minute"),
    ],
)
def test_per_second(speed, text):
    assert per_second(speed) == text


def test_a_bar_says_how_many_a_second(monkeypatch: pytest.MonkeyPatch):
    """Of counted work; what is not counted has no speed."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    with Bar(shown=True) as bar:
        bar("waiting", 0, 0)
        for done in range(0, 65, 32):
            bar("embedding", done, 64)
            time.sleep(0.05)

    lines = {line.split()[0]: line for line in out.getvalue().splitlines() if line.strip()}
    assert re.search(r"64/64 +\d+\.\d/s", lines["embedding"])
    assert "/s" not in lines["waiting"]
