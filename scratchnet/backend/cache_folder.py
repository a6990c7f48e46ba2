"""The user's cache folder: for what takes long to make and can be made again.

Read next: numba_cache.py.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """Return the user's cache folder of one kind of files, made if it is not there; raises OSError if it cannot be."""
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else "")
    try:
        folder = Path(base or Path.home() / ".cache") / "scratchnet" / kind
    except RuntimeError as error:
        raise OSError(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    return folder
