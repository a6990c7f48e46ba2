"""How many cores this process may use: those it may run on, what its container's quota allows, what the user has set.

Read next: workers.py.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

SETTING = "OPENBLAS_NUM_THREADS"  # one number rules BLAS, the library's own threads and child processes
SETTINGS = (SETTING, "OMP_NUM_THREADS")  # in the order in which OpenBLAS asks for them
CGROUPS = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Return how many cores to use: the number that the user has set, else those that are free to us."""
    return number_set() or allowed_cores()


def number_set() -> int | None:
    """Return the number of threads that the environment (or `set_threads`, which writes there) asks for, or None."""
    for name in SETTINGS:
        text = os.environ.get(name, "")
        if text.isdigit():
            return max(1, int(text))
    return None


def allowed_cores() -> int:
    """Return how many cores this process may run on, or fewer where a quota gives it less time than theirs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(cores, cpu_quota())))


def cpu_quota(root: Path = CGROUPS, membership: Path = Path("/proc/self/cgroup")) -> float:
    """Return how many cores' time the cgroups of this process allow it, infinity where nothing limits it."""
    quotas = [math.inf]
    for line in _read(membership).splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = root / "cpu" if controllers else root
        group = base / path.strip("/")
        # Inside a container the path may be the host's, and what applies lies at the root.
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(base))):
            words = _read(folder / "cpu.max").split()
            if not words:
                words = [*_read(folder / "cpu.cfs_quota_us").split(), *_read(folder / "cpu.cfs_period_us").split()]
            if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
                quotas.append(int(words[0]) / int(words[1]))
    found = min(quotas)
    return found if found > 0 else math.inf


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
