"""Install PyTorch for this machine: no gigabytes of CUDA where there is no GPU. Run by `make`, inside the environment.

A machine without an NVIDIA GPU gets the CPU build; PyPI's own Linux x86-64 build drags several GB of CUDA packages in.
Where pip has a CPU wheel at hand (a local folder, a mirror), that is taken; else uv fetches it, because uv knows where
PyTorch keeps its CPU builds. DIGEST_TORCH=cpu|gpu overrides what is found.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys

VERSION = "2.13.0"


def main() -> int:
    if importlib.util.find_spec("torch") is not None:
        return 0
    if not needs_cpu_build():
        return run("pip", "install", "torch")
    if run("pip", "install", "--quiet", f"torch=={VERSION}+cpu", quiet=True) == 0:
        return 0
    if run("pip", "install", "--quiet", "uv") == 0 and uv("--torch-backend=cpu", "torch") == 0:
        return 0
    print(
        "The CPU build of PyTorch could not be fetched. Install any PyTorch into .venv by hand and run make again,\n"
        "or set DIGEST_TORCH=gpu to take the default build with its CUDA packages (several GB).",
        file=sys.stderr,
    )
    return 2


def needs_cpu_build() -> bool:
    """Whether the default build would bring CUDA packages that are of no use here."""
    wanted = os.environ.get("DIGEST_TORCH", "")
    if wanted in ("cpu", "gpu"):
        return wanted == "cpu"
    is_linux_pc = sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
    return is_linux_pc and shutil.which("nvidia-smi") is None


def run(module: str, *arguments: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=output, stderr=output, check=False
    ).returncode


def uv(*arguments: str) -> int:
    return run("uv", "pip", "install", "--python", sys.executable, *arguments)


if __name__ == "__main__":
    sys.exit(main())
