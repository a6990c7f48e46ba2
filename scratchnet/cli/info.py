"""The command `scratchnet info`: versions, the library's folder, backends, threads.

Read next: ../__main__.py.
"""

from __future__ import annotations

import json
import os
import platform
from typing import Any

from scratchnet.cli.options import Json
from scratchnet.version import __version__


def info_command(as_json: Json = False) -> int:
    """Show the version, the library's folder and what was changed in it, the backends, and NumPy's threads."""
    import numpy as np

    from scratchnet.backend import available_backends
    from scratchnet.gradcheck import edited_files, library_folder

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts: dict[str, Any] = {
        "scratchnet": __version__,
        "folder": library_folder(),
        "changed": ", ".join(edited_files()) or "nothing",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "cores": cores,
        "threads": os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or f"all {cores} cores",
        "backends": available_backends(),
    }
    if as_json:
        print(json.dumps(facts))
        return 0
    for name, value in facts.items():
        lines = [f"{key}: {text}" for key, text in value.items()] if isinstance(value, dict) else [str(value)]
        print(f"{name:11} " + ("\n" + " " * 12).join(lines))
    return 0
