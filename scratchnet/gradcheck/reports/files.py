"""The files of a class: names, folders and patterns, each file once, mended copies and the harness left out.

Read next: outcome.py.
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from scratchnet.errors import InputError

ENDINGS = (".py", ".ipynb")


def files_of(targets: Sequence[str], harness: Path | None = None) -> list[Path]:
    """Return the files that targets stand for, in their order; a folder's in the order of their names.

    Raises InputError where a target is no file, folder or pattern, or where there is no file at all.
    """
    found: list[Path] = []
    for target in targets:
        place = Path(target)
        if place.is_dir():
            found += _of_folder(place)
        elif place.is_file():
            found.append(place)
        elif matches := sorted(glob.glob(target)):  # a shell that leaves patterns alone
            found += [Path(one) for one in matches if Path(one).is_file()]
        else:
            raise InputError(f"there is no file or folder {target}: several at a time must be files or folders")
    once = {file.resolve(): file for file in found}  # where a dictionary has a key, it leaves it in its place
    kept = [file for file in once.values() if not is_mended(file) and (harness is None or not _same(file, harness))]
    if not kept:
        raise InputError(f"there is no {' or '.join(ENDINGS)} file to check in {', '.join(targets)}")
    return kept


def is_file_or_folder(target: str) -> bool:
    """Tell whether a target is a file's or a folder's, or a pattern of some, not a name of the library's."""
    return ":" in target or "/" in target or "\\" in target or target.endswith(ENDINGS) or is_several(target)


def is_several(target: str) -> bool:
    """Tell whether a target is a folder, or a pattern that no shell has replaced by what it stands for."""
    return Path(target).is_dir() or (glob.has_magic(target) and not Path(target).is_file())


def is_mended(file: Path) -> bool:
    """Tell whether a file is a copy that --fix wrote: lstm.mended.py or lstm.mended-2.py beside lstm.py."""
    stem, mended, _ = file.stem.rpartition(".mended")
    return bool(mended) and file.with_name(stem + file.suffix).exists()


def _of_folder(folder: Path) -> list[Path]:
    files = [one for ending in ENDINGS for one in folder.rglob(f"*{ending}") if one.is_file()]
    inside = {one: one.relative_to(folder).parts for one in files}
    hidden = [one for one, parts in inside.items() if any(part.startswith((".", "__")) for part in parts)]
    return sorted(set(files) - set(hidden))


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
