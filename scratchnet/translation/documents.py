"""The files of a checkpoint: JSON documents for people, each beside a safetensors file of named arrays.

The JSON holds the SHA-256 of both, so what was cut short or changed is noticed. Nothing is ever unpickled.

Read next: scores.py.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from scratchnet.data import write_file
from scratchnet.errors import InputError
from scratchnet.version import __version__

FORMAT, FORMAT_VERSION = "scratchnet", 1

Arrays = dict[str, np.ndarray[Any, Any]]
Document = dict[str, Any]


class CheckpointError(InputError):
    """A checkpoint that cannot be written, or must not be read."""


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


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises CheckpointError where that cannot be."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path}: is missing; name another folder, or take another checkpoint") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_of_content(document: Document) -> str:
    return _hash(json.dumps(document, sort_keys=True).encode("utf-8"))
