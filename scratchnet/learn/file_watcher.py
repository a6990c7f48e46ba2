"""Notice when a file of a workspace is saved.

The time and size of each file are polled a few times a second. That costs nothing, works on every file system, and also
notices an editor that writes a new file and renames it.

Read next: outcome.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

INTERVAL = 0.3

Stamp = tuple[int, int, int] | None


def file_stamp(path: Path) -> Stamp:
    """Return the time, size and inode of a file, which change when it is saved; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watch_files(files: Mapping[str, Path], wait: Callable[[float], object]) -> Iterator[str]:
    """Yield the name of each file whenever it is saved, without end; `wait` sleeps for so many seconds."""
    seen = {name: file_stamp(path) for name, path in files.items()}
    while True:
        wait(INTERVAL)
        for name, path in files.items():
            now = file_stamp(path)
            if now != seen[name] and now is not None:
                seen[name] = now
                yield name
