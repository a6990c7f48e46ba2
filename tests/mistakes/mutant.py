"""How a mutant of the library comes about: the library's right text with a line replaced, compiled anew.

A mistake is a few edits, (file, old, new). Files that import an edited one are compiled anew, too, with the edited one
in its place, so that a mistake in the base class of all cells, or in a derivative, reaches every cell. Where a line
does not stand in the text, the mistake cannot be made, and says so: the catalogue cannot go stale.

The mutant without edits is the library as it is known to be right: its own modules where their files are as they are on
record (reference_text.py), and modules compiled from there in the place of those that somebody changed.

Read next: reference_text.py.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import linecache
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

from scratchnet.errors import InputError
from scratchnet.gradcheck.library.reference_text import (
    PACKAGE,
    differs,
    edited_files,
    file_named,
    imported_by,
    module_name,
    reference_texts,
    text_of,
)


class Edit(NamedTuple):
    """One replacement: `old` stands exactly once in `file`, a path within the package."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mistake:
    """One classic mistake.

    id: stable, "family.what". name: in plain words. number: in the table of classic backpropagation mistakes; None for
    those beyond it. family: "lstm", "loss" ... equation: its number in the file's docstring, "(5)", or "".
    edits: what makes it. hosts: names of the classes that can have it. behaviour: the pattern in a behaviour check's
    fault by which it is recognised: the gradient of a first call may be right. forward: whether it is in the forward
    pass. random: whether its gradient differs from run to run.
    """

    id: str
    name: str
    number: int | None
    family: str
    equation: str
    edits: tuple[Edit, ...]
    hosts: tuple[str, ...]
    behaviour: str = ""
    forward: bool = False
    random: bool = False

    @property
    def old(self) -> str:
        """The right text of the first edit."""
        return self.edits[0].old

    @property
    def new(self) -> str:
        """The wrong text of the first edit."""
        return self.edits[0].new


class Mutant:
    """The library with some edits."""

    def __init__(self, edits: tuple[Edit, ...]) -> None:
        self.edits = edits
        self.files = frozenset(edit.file for edit in edits)
        self._modules: dict[str, ModuleType] = {}

    def touches(self, file: str) -> bool:
        """Tell whether a file is edited, or imports one that is."""
        return bool(self.files) and (file in self.files or not imported_by(file).isdisjoint(self.files))

    def class_for(self, original: type) -> type:
        """Return the class in the place of `original`: itself where neither an edit nor a changed file reaches it."""
        file = file_of(original)
        if not self.touches(file) and not differs(file):
            return original
        found = getattr(self.module(file), original.__name__)
        assert isinstance(found, type)
        return found

    def function_for(self, original: Any) -> Any:
        """Return the function in the place of `original`."""
        return getattr(self.module(file_of(original)), original.__name__)

    def module(self, file: str) -> ModuleType:
        """Return the module of a file, compiled with its edits, or with the edited ones among what it imports."""
        if not self.touches(file):
            if not differs(file):
                return importlib.import_module(module_name(file))
            if self.edits:
                return mutant_of(()).module(file)
        if file not in self._modules:
            code, filename = compiled(file, tuple(edit for edit in self.edits if edit.file == file))
            module = ModuleType(module_name(file))
            module.__file__ = filename
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import}
            self._modules[file] = module
            exec(code, vars(module))
        return self._modules[file]

    def _import(self, name: str, namespace: Any = None, local: Any = None, wanted: Any = (), level: int = 0) -> Any:
        file = file_named(name)
        if wanted and file in reference_texts() and (self.touches(file) or differs(file)):
            return self.module(file)
        return builtins.__import__(name, namespace, local, wanted, level)


@functools.lru_cache(maxsize=1024)
def mutant_of(edits: tuple[Edit, ...]) -> Mutant:
    """Return the library with these edits; raise InputError where a line no longer stands in its file once."""
    return Mutant(edits)


@functools.lru_cache(maxsize=1024)
def compiled(file: str, edits: tuple[Edit, ...]) -> tuple[Any, str]:
    """Return (code, file name) of a file with these edits; the name is its own where that has the same lines."""
    source = edited(text_of(file), edits)
    if not edits and file not in edited_files():
        return compile(source, str(PACKAGE / file), "exec"), str(PACKAGE / file)
    name = f"mutant of {file}: {' ; '.join(edit.new.strip() for edit in edits)}" if edits else f"reference of {file}"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec"), name


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made; raise InputError where one does not apply, or two overlap."""
    spans = sorted((span(text, edit) for edit in edits), reverse=True)
    upper = len(text) + 1
    for start, stop, new in spans:
        if stop >= upper:  # touching is too near, too: half a line of the one would end in the other
            raise InputError("two of these mistakes are in the same place")
        upper = start
        text = text[:start] + new + text[stop:]
    return text


def span(text: str, edit: Edit) -> tuple[int, int, str]:
    """Return (start, stop, replacement) of what an edit really changes: without what old and new have in common."""
    count = text.count(edit.old)
    if count != 1:
        raise InputError(f"{edit.file} has {edit.old!r} {count} times: the catalogue of mistakes needs it once")
    start = text.index(edit.old)
    old, new = edit.old, edit.new
    common = 0
    while common < min(len(old), len(new)) and old[common] == new[common]:
        common += 1
    old, new, start = old[common:], new[common:], start + common
    ending = 0
    while ending < min(len(old), len(new)) and old[-1 - ending] == new[-1 - ending]:
        ending += 1
    return start, start + len(old) - ending, new[: len(new) - ending]


def compatible(one: Mistake, two: Mistake) -> bool:
    """Tell whether two mistakes can be made at once."""
    try:
        for file in {edit.file for edit in (*one.edits, *two.edits)}:
            edited(text_of(file), [edit for edit in (*one.edits, *two.edits) if edit.file == file])
    except InputError:
        return False
    return True


def changed_lines(mistakes: Iterable[Mistake]) -> Mapping[str, frozenset[int]]:
    """Return the numbers of the lines that differ, by the file name under which the mutant was compiled."""
    edits = tuple(edit for mistake in mistakes for edit in mistake.edits)
    found = {}
    for file in {edit.file for edit in edits}:
        own = tuple(edit for edit in edits if edit.file == file)
        before, after = set(text_of(file).splitlines()), edited(text_of(file), own).splitlines()
        numbers = frozenset(k for k, line in enumerate(after, 1) if line not in before)
        found[compiled(file, own)[1]] = numbers
    return found


def file_of(thing: Any) -> str:
    """Return the file of a class or function of the library, as a path within the package."""
    return file_named(thing.__module__)
