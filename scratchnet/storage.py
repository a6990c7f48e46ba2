"""Files that are complete or not there at all, and that notice when they were changed.

A folder is replaced as a whole. The new one is written beside the old under a hidden name, flushed to disk, and renamed
to `<name>.new`: that one rename is the moment from which it counts, for readers prefer `<name>.new`. Then the old one
is removed, and the new one takes its name. A process killed anywhere leaves the old folder or the new one, never files
of both; the next writer finishes the change.

In it lie documents: a JSON file for people, and beside it a safetensors file with the named arrays. The JSON holds the
SHA-256 of both. Nothing is ever unpickled.

Read next: backend/choose.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from scratchnet.errors import InputError
from scratchnet.version import __version__

FORMAT, FORMAT_VERSION = "scratchnet", 1

Arrays = dict[str, np.ndarray[Any, Any]]
Document = dict[str, Any]


class CheckpointError(InputError):
    """A checkpoint that cannot be written, or must not be read."""


def current(folder: Path) -> Path:
    """Return where the folder called `folder` lies: at `<folder>.new` in the moment of its being replaced."""
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


def write_document(folder: Path, name: str, arrays_name: str, document: Document, arrays: Arrays) -> None:
    """Write named arrays, and the JSON document that vouches for them and for itself. Raises OSError."""
    data = safetensors.save({key: np.ascontiguousarray(array) for key, array in arrays.items()})
    write_file(folder / arrays_name, data)
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "scratchnet_version": __version__}
    hashes = {"arrays_sha256": _hash(data), "content_sha256": _hash_of_content(document)}
    text = json.dumps({**head, **hashes, **document}, ensure_ascii=False, indent=1) + "\n"
    write_file(folder / name, text.encode("utf-8", "surrogatepass"))


def read_document(folder: Path, name: str, arrays_name: str) -> tuple[Document, Arrays]:
    """Return what `write_document` was given, after checking both files.

    Raises CheckpointError for one that is missing, damaged, changed, or of another format or version.
    """
    path = folder / name
    text = read_file(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path}: is not JSON, so it is damaged; take another checkpoint") from None
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise CheckpointError(f"{path}: was not written by scratchnet; name another folder")
    version, written_by = document.pop("format_version", None), document.pop("scratchnet_version", None)
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path}: has format version {version!r}, written by scratchnet {written_by}, and this one, {__version__}, "
            f"reads version {FORMAT_VERSION}; install the one that wrote it"
        )
    wanted = document.pop("arrays_sha256", None)
    if document.pop("content_sha256", None) != _hash_of_content(document):
        raise CheckpointError(f"{path}: was changed after it was written; take another checkpoint")
    data = read_file(folder / arrays_name)
    if _hash(data) != wanted:
        raise CheckpointError(
            f"{folder / arrays_name}: is cut short, changed, or not the one that {name} speaks of "
            "(its SHA-256 differs); take another checkpoint"
        )
    try:
        return document, safetensors.load(data)
    except (SafetensorError, KeyError) as error:
        raise CheckpointError(f"{folder / arrays_name}: cannot be read as safetensors ({error})") from None


def write_file(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk itself."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises CheckpointError where that cannot be."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path}: is missing; name another folder, or take another checkpoint") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from None


def flush_folder(folder: Path) -> None:
    """Wait until a folder's list of names is on the disk itself (where the system can open folders)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_of_content(document: Document) -> str:
    return _hash(json.dumps(document, sort_keys=True).encode("utf-8"))
