"""Files and folders that are complete or not there at all, whenever the process is killed.

A folder is replaced as a whole. The new one is written beside the old one under a hidden name, flushed to disk, and
renamed to `<name>.new`, which readers prefer from then on. Then the old one is removed, and the new one gets its name.
A process killed at any moment leaves the old folder or the new one, never a mixture; the next writer finishes the
change.

Read next: corpora/__init__.py.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def current_folder(folder: Path) -> Path:
    """Return the path of the folder called `folder`: `<folder>.new` while it is being replaced."""
    new = folder.with_name(folder.name + ".new")
    return new if new.is_dir() else folder


def replace_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Put a new folder in the place of `folder`: complete, or not at all. `fill` writes its files.

    Raises OSError where the disk refuses, and whatever `fill` raises; the old folder is then still there, alone.
    """
    tidy_folder(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".tmp", dir=folder.parent))
    try:
        temporary.chmod(0o755)  # a temporary folder is private, a checkpoint as readable as its neighbours
        fill(temporary)
        flush_folder(temporary)
        temporary.rename(folder.with_name(folder.name + ".new"))
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    flush_folder(folder.parent)
    tidy_folder(folder)
    flush_folder(folder.parent)


def tidy_folder(folder: Path) -> None:
    """Finish what a killed process left half done beside `folder`, and remove what it left over."""
    new = folder.with_name(folder.name + ".new")
    if new.is_dir():
        if folder.is_dir():
            shutil.rmtree(folder)  # readers have preferred the new one since it is there
        new.rename(folder)
    for litter in folder.parent.glob(f".{folder.name}-*.tmp"):
        shutil.rmtree(litter)


def remove_folder(folder: Path) -> None:
    """Remove a folder together with what its replacement may have left."""
    tidy_folder(folder)
    if folder.is_dir():
        shutil.rmtree(folder)


def replace_file(path: Path, data: bytes) -> None:
    """Put a new file in the place of `path`: complete, or not at all. Raises OSError where the disk refuses."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write_file(temporary, data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk itself."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Wait until a folder's list of names is on the disk itself (where the system can open folders)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
