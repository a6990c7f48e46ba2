"""The pairs of a corpus, kept in the user's cache folder: making them takes seconds, reading them a tenth of one.

The name of such a file is made of the text of all files here, so a change to the grammar makes a corpus anew. Its first
line is a digest of the rest, so a damaged file is not read. Where the folder cannot be used, a corpus is made each
time.

Read next: language.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from scratchnet.backend import cache_folder
from scratchnet.data.atomic_files import replace_file

Pairs = tuple[tuple[str, str], ...]
HERE = Path(__file__).parent


def kept_or_made(name: str, make: Callable[[], tuple[Pairs, ...]]) -> tuple[Pairs, ...]:
    """Return the sets of pairs of the corpus `name`: those that are kept, else what `make` returns, which is kept."""
    try:
        path = cache_folder("corpora") / f"{name}-{digest_of_texts()}.json"
    except OSError:
        return make()
    with contextlib.suppress(OSError, ValueError):
        return read(path.read_bytes())
    sets = make()
    with contextlib.suppress(OSError):  # read-only, full, or another process was quicker
        replace_file(path, written(sets))
    return sets


@cache
def digest_of_texts() -> str:
    """Return what stands for the text of all files that corpora are made by."""
    files = sorted(path for path in HERE.rglob("*") if path.suffix in (".py", ".tsv"))
    texts = b"".join(f"\n{path.relative_to(HERE).as_posix()}\n".encode() + path.read_bytes() for path in files)
    return hashlib.sha256(texts).hexdigest()[:16]


def written(sets: tuple[Pairs, ...]) -> bytes:
    """Return the bytes of a file that holds these sets: a line with the digest of the rest, and the sets as JSON."""
    body = json.dumps(sets, ensure_ascii=False).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def read(data: bytes) -> tuple[Pairs, ...]:
    """Return the sets that a file holds. Raises ValueError where it is damaged."""
    digest, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ValueError("damaged")
    return tuple(tuple((source, target) for source, target in pairs) for pairs in json.loads(body))
