"""What every figure depends on: the machine and the versions; and how long starting takes.

Read next: matmul_bound.py.
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

from scratchnet.backend import allowed_cores, available_backends
from scratchnet.bench.worker import TORCH
from scratchnet.version import __version__

PACKAGES = ("numba", "scipy", "torch")
SCRATCHNET_MODEL = (
    "from scratchnet.translation import ModelConfig as C; "
    "C(embedding_size=64, hidden_size=128).build(2000, 2000, backend={backend!r})"
)
TORCH_MODEL = "import torch.nn as n; [n.Embedding(2000, 64), n.LSTM(64, 128), n.LSTM(64, 128), n.Linear(128, 2000)]"


def cpu_backends() -> list[str]:
    """Return the names of this library's backends that can run on the processor here."""
    return [name for name, state in available_backends().items() if state.startswith("ready") and name != "cupy"]


def describe_machine() -> dict[str, str]:
    """Return the machine and the versions of everything that is measured."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    facts = {
        "processor": processor(),
        "cores": str(allowed_cores()),
        "memory": memory(),
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


def memory() -> str:
    """Return the size of the machine's memory, where the system tells it."""
    if not hasattr(os, "sysconf"):  # Windows
        return "unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"


def processor() -> str:
    """Return the processor's name, generation and vector units, as far as the system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    units = set(facts.get("flags", "").split())
    vectors = next((name for name in ("avx512f", "avx2", "avx") if name in units), "")
    generation = f"family {facts['cpu family']}, model {facts['model']}" if "cpu family" in facts else ""
    return ", ".join(part for part in (facts.get("model name", platform.machine()), generation, vectors) if part)


def start_seconds(names: Sequence[str], repeats: int = 3) -> dict[str, float]:
    """Return the seconds from starting Python until a small model is ready, for each implementation: the best time."""
    found = {}
    for name in names:
        code = TORCH_MODEL if name == TORCH else SCRATCHNET_MODEL.format(backend=name)
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        found[name] = min(times)
    return found
