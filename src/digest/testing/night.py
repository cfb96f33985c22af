"""``python -m digest.testing.night HOME AS_OF``: ``digest run`` without the embedding model, for tests that kill it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from filelock import FileLock

from digest import config
from digest.cli.session import instant
from digest.pipeline import commands
from digest.testing.fakes import QuickAssembly


def main(home: Path, as_of: str) -> int:
    assembly = QuickAssembly(home, config.load(home, os.environ))
    assembly.state.mkdir(parents=True, exist_ok=True)
    with FileLock(assembly.state / "run.lock", timeout=30), assembly:
        return commands.run(assembly, instant(as_of)).exit_status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
