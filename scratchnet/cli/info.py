"""The command `scratchnet info`: versions, the library's folder, backends, threads.

Read next: ../__main__.py.
"""

from __future__ import annotations

import json
import platform
from typing import Any

from scratchnet.cli.options import Json
from scratchnet.version import __version__


def info_command(as_json: Json = False) -> int:
    """Show the version, the library's folder and what was changed in it, the backends, BLAS and its threads."""
    import numpy as np

    from scratchnet.backend import BlasPools, allowed_cores, available_backends, number_set
    from scratchnet.gradcheck import edited_files, library_folder

    number = number_set()
    facts: dict[str, Any] = {
        "scratchnet": __version__,
        "folder": library_folder(),
        "changed": ", ".join(edited_files()) or "nothing",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "cores": allowed_cores(),
        "threads": "auto" if number is None else str(number),
        "blas": "; ".join(BlasPools().describe()) or "unknown: threadpoolctl finds none",
        "backends": available_backends(),
    }
    if as_json:
        print(json.dumps(facts))
        return 0
    for name, value in facts.items():
        lines = [f"{key}: {text}" for key, text in value.items()] if isinstance(value, dict) else [str(value)]
        print(f"{name:11} " + ("\n" + " " * 12).join(lines))
    return 0
