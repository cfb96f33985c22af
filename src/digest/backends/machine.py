"""What of this machine decides how fast a model runs, and in which kernels."""

from __future__ import annotations

import hashlib
import math
import os
import platform
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """Physical cores that this process may use: by its affinity and, in a container, by its share of time."""
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    physical = len({_siblings(number) for number in ours})
    return max(1, min(physical, _share()))


def _siblings(number: int) -> str:
    """The same text for all hardware threads of one core."""
    try:
        return Path(TOPOLOGY.format(number)).read_text(encoding="ascii").strip()
    except OSError:
        return str(number)


def _share() -> int:
    """Cores' worth of time that the control group allows, rounded up; without limit, all there are."""
    try:
        quota, period = QUOTA.read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no control groups, or "max"
        return os.cpu_count() or 1


def cpu() -> str:
    """The CPU's name, and a fingerprint of what instructions it has where the system says so."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").split("\n\n")[0].splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}".strip()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = " ".join(sorted((facts.get("flags") or facts.get("Features") or "").split()))
    name = facts.get("model name") or platform.machine()
    return f"{name} ({hashlib.sha256(flags.encode()).hexdigest()[:12]})"
