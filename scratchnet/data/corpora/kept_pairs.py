"""The pairs of a corpus, kept in the user's cache folder: making them takes seconds, reading them a tenth of one.

The name of such a file is made of the text of all files here, so a change to the grammar makes a corpus anew; its first
line says how many pairs each set has and what the rest must add up to, so a damaged file is not read. Where the folder
cannot be used, a corpus is made each time.

Read next: language.py.
"""

from __future__ import annotations

import contextlib
import hashlib
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
        path = cache_folder("corpora") / f"{name}-{digest_of_texts()}.tsv"
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
    """Return the bytes of a file that holds these sets."""
    body = "".join(f"{source}\t{target}\n" for pairs in sets for source, target in pairs).encode()
    return f"{' '.join(str(len(pairs)) for pairs in sets)} {hashlib.sha256(body).hexdigest()}\n".encode() + body


def read(data: bytes) -> tuple[Pairs, ...]:
    """Return the sets that a file holds. Raises ValueError where it is damaged."""
    head, _, body = data.partition(b"\n")
    *numbers, digest = head.decode().split()
    if hashlib.sha256(body).hexdigest() != digest:
        raise ValueError("damaged")
    lines = iter(body.decode().splitlines())
    return tuple(tuple(pair(next(lines)) for _ in range(int(number))) for number in numbers)


def pair(line: str) -> tuple[str, str]:
    """Return the two sentences of a line."""
    source, target = line.split("\t")
    return source, target
