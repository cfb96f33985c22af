"""What all tests share: no network beyond this machine, and golden files that ``--bless`` writes anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_socket import socket_allow_hosts

settings.register_profile("digest", deadline=None)  # a busy machine is no failure
settings.load_profile("digest")

# A night with the real model neither measures runtimes anew in each workspace nor writes to the developer's own cache.
os.environ.setdefault("DIGEST_EMBEDDING__RUNTIME", "openvino")
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / "build" / "cache")

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write the golden files anew; read the difference after")


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a file, or write the file when blessing."""

    def compare(file: Path, text: str) -> None:
        if request.config.getoption("--bless"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.is_file(), f"{file.name} is missing; look at what it would be, then: pytest --bless"
        assert file.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture(scope="session")
def template_folder() -> Path:
    return Path(__file__).resolve().parents[1] / "templates"
