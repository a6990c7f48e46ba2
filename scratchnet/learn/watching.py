"""Which files of a workspace were saved since one last looked.

Files are asked for their time and size a few times a second, which costs nothing, works on every file system, and sees
an editor that writes a new file and renames it, too.

Read next: show.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

INTERVAL = 0.3

Stamp = tuple[int, int, int] | None


def stamp(path: Path) -> Stamp:
    """Return what changes when a file is saved; None where there is no file just now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def saves(files: Mapping[str, Path], wait: Callable[[float], object]) -> Iterator[str]:
    """Yield the name of every file as it is saved, without end; `wait` passes the time between two looks."""
    seen = {name: stamp(path) for name, path in files.items()}
    while True:
        wait(INTERVAL)
        for name, path in files.items():
            now = stamp(path)
            if now != seen[name] and now is not None:
                seen[name] = now
                yield name
