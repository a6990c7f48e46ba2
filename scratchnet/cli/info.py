"""The command `scratchnet info`: versions, backends, threads.

Read next: ../__main__.py.
"""

from __future__ import annotations

import json
import platform
from typing import Any

from scratchnet.cli.options import Json
from scratchnet.version import __version__


def info_command(as_json: Json = False) -> int:
    """Show the version, the backends found, and which BLAS library multiplies with how many threads."""
    import numpy as np

    from scratchnet.backend import BlasPools, allowed_cores, available_backends, number_set

    number = number_set()
    facts: dict[str, Any] = {
        "scratchnet": __version__,
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
