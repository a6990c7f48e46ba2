"""The text of the library as it is known to be right, kept apart from the files that one may edit.

`reference_text.json` holds it, written by `python tests/freeze_references.py`. What a file of the library is checked
against, and every mistake of the catalogue, is made of that text; so a change to a file changes only what is checked.

Read next: ../subjects/__init__.py.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent.parent
MOST_NUMBERS = 5
DATA = Path(__file__).with_name("reference_text.json")
IMPORTED = re.compile(r"^from scratchnet\.([\w.]+) import", re.MULTILINE)


@functools.cache
def reference_texts() -> dict[str, str]:
    """Return the right text of every file that can be checked, by its path within the package."""
    lines = json.loads(DATA.read_text("utf-8"))
    return {file: "\n".join(lines[file]) + "\n" for file in lines}


@functools.cache
def text_of(file: str) -> str:
    """Return the right text of a file; of one that has none on record, the file's own."""
    return reference_texts().get(file) or (PACKAGE / file).read_text("utf-8")


@functools.cache
def edited_files() -> tuple[str, ...]:
    """Return the files of the library whose text is not the right one on record, as this process first saw them."""
    return tuple(file for file, text in reference_texts().items() if _own_text(file) != text)


@functools.cache
def imported_by(file: str) -> frozenset[str]:
    """Return the files of the package that a file imports from, and those on record that these import from in turn."""
    found = frozenset(file_named(f"scratchnet.{name}") for name in IMPORTED.findall(text_of(file)))
    return found.union(*(imported_by(other) for other in found if other in reference_texts()))


@functools.cache
def edited_lines(file: str) -> frozenset[int]:
    """Return the numbers of the lines of a file of the library that do not stand so in its right text."""
    right, own = text_of(file).splitlines(), _own_text(file).splitlines()
    blocks = difflib.SequenceMatcher(None, right, own, autojunk=False).get_matching_blocks()
    same = {k + 1 for block in blocks for k in range(block.b, block.b + block.size)}
    return frozenset(range(1, len(own) + 1)) - same


def changed_in_words() -> str:
    """Return which lines of the library's own files are not as they are on record; "" where all are."""
    return ", ".join(file + _where(file) for file in edited_files())


def _where(file: str) -> str:
    numbers = [str(number) for number in sorted(edited_lines(file))]
    if not numbers:
        return ""
    shown = ", ".join(numbers[:MOST_NUMBERS]) + (", ..." if len(numbers) > MOST_NUMBERS else "")
    return f" (line{'s' if len(numbers) > 1 else ''} {shown})"


def library_folder() -> str:
    """Return the folder that the library was loaded from: from the current one, or else from the home folder (~)."""
    for base, sign in ((Path.cwd, ""), (Path.home, "~/")):
        try:
            return sign + PACKAGE.relative_to(base().resolve()).as_posix()
        except (ValueError, OSError, RuntimeError):  # elsewhere; or there is no such folder
            continue
    return str(PACKAGE)


def differs(file: str) -> bool:
    """Tell whether a file of the library, or one that it imports from, is not as it is on record."""
    return bool(edited_files()) and (file in edited_files() or not imported_by(file).isdisjoint(edited_files()))


def file_named(module: str) -> str:
    """Return "cells/lstm.py" for "scratchnet.cells.lstm"."""
    return module.removeprefix("scratchnet.").replace(".", "/") + ".py"


def module_name(file: str) -> str:
    """Return "scratchnet.cells.lstm" for "cells/lstm.py"."""
    return "scratchnet." + file.removesuffix(".py").replace("/", ".")


def _own_text(file: str) -> str:
    try:
        return (PACKAGE / file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
