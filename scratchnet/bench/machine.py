"""What stands beside every figure: the machine, the versions, and how long a start takes.

Read next: results.py.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from scratchnet.bench.worker import TORCH
from scratchnet.version import __version__

PACKAGES = ("numba", "scipy", "torch")
OURS = (
    "from scratchnet.translation import ModelConfig as C; "
    "C(embedding_size=64, hidden_size=128).build(2000, 2000, backend={backend!r})"
)
THEIRS = "import torch.nn as n; [n.Embedding(2000, 64), n.LSTM(64, 128), n.LSTM(64, 128), n.Linear(128, 2000)]"


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, str]:
    """Return the machine and the versions of everything that takes part."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    facts = {
        "processor": processor(),
        "cores": str(cores()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "scratchnet": __version__,
        "numpy": f"{np.__version__} with {blas['name']} {blas['version']}",
    }
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "absent"
    return facts


def processor() -> str:
    """Return the processor's name and what tells its generation and vector units, as far as the system says."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    units = set(said.get("flags", "").split())
    vectors = next((name for name in ("avx512f", "avx2", "avx") if name in units), "")
    generation = f"family {said['cpu family']}, model {said['model']}" if "cpu family" in said else ""
    return ", ".join(part for part in (said.get("model name", platform.machine()), generation, vectors) if part)


def start_seconds(names: Sequence[str], repeats: int = 3) -> dict[str, float]:
    """Return how long it takes, from starting Python, until a small model of each contestant stands: the best time."""
    found = {}
    for name in names:
        code = THEIRS if name == TORCH else OURS.format(backend=name)
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        found[name] = min(times)
    return found
