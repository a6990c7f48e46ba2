"""A cell under observation: who writes where it must only read, who binds a name anew instead of writing into an array.

`new.h = value` makes the name new.h point elsewhere and leaves the tape's buffer as it was: the commonest slip in a
first cell of one's own, and silent. `saved.f *= 2` in backward spoils what a second backward reads.

Read next: mistakes/__init__.py.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.usercode import line_of_caller, shown_path, source_line

CHANGES = {
    ("float32", "float64"): "float32 becomes float64 here",
    ("complex128", "float64"): "complex numbers become real here",
}


class Watched(np.ndarray[Any, Any]):
    """An array whose results are watched, too: `changed` is called when a result has another kind of numbers."""

    changed: Callable[[str], None] | None = None

    def __array_finalize__(self, source: Any) -> None:
        self.changed = getattr(source, "changed", None)
        if self.changed is not None:
            change = CHANGES.get((source.dtype.name, self.dtype.name))
            if change:
                self.changed(change)


def watch_cells(layer: Any, found: list[str], files: frozenset[str] = frozenset()) -> None:
    """Put every cell of `layer` under observation, for good; what is seen is added to `found`, each thing once.

    Arrays that may only be read become read-only: writing to them raises ValueError where it happens. The lines within
    `files` that turn float32 into float64, or complex numbers into real ones, are added to `found`, too.
    """

    def note(text: str) -> None:
        if text not in found:
            found.append(text)

    def changed(what: str) -> None:
        place = line_of_caller(files)
        if place is not None:
            file, number = place
            note(f"{shown_path(file)}:{number}: {what}: `{source_line(file, number)}`")

    for cell in layer.cells:
        _watch_cell(cell, note, changed if files else None)


def _watch_cell(cell: Any, note: Callable[[str], None], changed: Callable[[str], None] | None) -> None:
    forward_step, backward_step = cell.forward_step, cell.backward_step

    def watch(space: SimpleNamespace, writable: bool) -> SimpleNamespace:
        for name, array in vars(space).items():
            seen = array
            if changed is not None:
                seen = array.view(Watched)
                seen.changed = changed
            seen.flags.writeable = writable
            setattr(space, name, seen)
        return SimpleNamespace(**vars(space))  # what the names are bound to, for comparing afterwards

    def check(where: str, label: str, space: SimpleNamespace, before: SimpleNamespace) -> None:
        for name, array in vars(before).items():
            if getattr(space, name, None) is not array:
                note(f"{where} binds {label}.{name} to another array: write into it, {label}.{name}[...] = ...")

    def forward(a_x: Any, prev: SimpleNamespace, new: SimpleNamespace, saved: SimpleNamespace) -> None:
        watch(prev, False)
        before = watch(new, True), watch(saved, True)
        forward_step(a_x, prev, new, saved)
        check("forward_step", "new", new, before[0])
        check("forward_step", "saved", saved, before[1])

    def backward(
        d: SimpleNamespace, prev: SimpleNamespace, new: SimpleNamespace, saved: SimpleNamespace, da_x: Any, da_h: Any
    ) -> None:
        for space in (prev, new, saved):
            watch(space, False)
        before = watch(d, True)
        backward_step(d, prev, new, saved, da_x, da_h)
        check("backward_step", "d", d, before)

    cell.forward_step, cell.backward_step = forward, backward
