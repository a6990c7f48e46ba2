"""The launches of a whole time loop as one: CUDA graphs, captured once, launched again and again.

A step of a small recurrent network is over on the device before Python has asked for the next one. So the launches of
the loop are recorded the second time that the same loop runs, on a stream of their own, and from then on launched
together. A recording knows addresses, not arrays. It is therefore filed under everything that the loop's launches
depend on: where all its arrays lie, their shapes, how many rows each step has, and the cell's numbers. Another place,
or another shape, is another recording, and at most `LIMIT` of them are kept.

Memory that the loop asks for while it is recorded must be the recording's for ever: it comes from a pool that nobody
else draws from. All recordings share it, because they run one after the other, on one stream.

A loop that cannot be recorded (one that multiplies with `@`, which CuPy does not allow then, or that waits for the
device) goes on as it is, launch by launch; `refused` says why. SCRATCHNET_CUDA_GRAPHS=0 switches all of this off.

It has not run on a GPU yet. The stand-in of the tests records and repeats as the documentation says that CUDA does.

Read next: text.py.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

LIMIT = 64  # recordings kept
REMEMBERED = 4096  # loops of which it is known that they have run once
SIMPLE = (int, float, complex, str, type(None))


class Graphs:
    """The recordings of one device."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.recorded: OrderedDict[Hashable, Any] = OrderedDict()
        self.once: OrderedDict[Hashable, None] = OrderedDict()
        self.refused: dict[Hashable, str] = {}
        self.stream: Any = None
        self.pool: Any = None

    def run(self, work: Callable[[], None], kind: Hashable, places: Hashable) -> None:
        """Do what `work` does: by itself, or by the recording that is filed under `kind` and `places`."""
        key = (kind, places)
        graph = self.recorded.get(key)
        if graph is not None:
            self.recorded.move_to_end(key)
            graph.launch()
        elif kind in self.refused or key not in self.once:
            # The first time every kernel is compiled and loaded, which must not happen while recording.
            remember(self.once, key, None, REMEMBERED)
            work()
        elif not self.record(work, kind, key):
            work()

    def record(self, work: Callable[[], None], kind: Hashable, key: Hashable) -> bool:
        """Record `work` and launch it, or return False when it cannot be recorded; nothing has been done then."""
        cuda = self.xp.cuda
        if self.stream is None:
            self.stream, self.pool = cuda.Stream(non_blocking=True), cuda.MemoryPool()
        try:
            with self.stream, cuda.using_allocator(self.pool.malloc):
                self.stream.begin_capture()
                try:
                    work()
                finally:
                    graph = self.stream.end_capture()
        except Exception as error:  # CuPy's, CUDA's or the cell's own; if it is a mistake, `work` now meets it again
            self.refused[kind] = (str(error).splitlines() or [type(error).__name__])[0]
            return False
        remember(self.recorded, key, graph, LIMIT)
        graph.launch()
        return True


def remember(table: OrderedDict[Hashable, Any], key: Hashable, value: Any, limit: int) -> None:
    """Put something in a table and drop the oldest when there are too many."""
    table[key] = value
    if len(table) > limit:
        table.popitem(last=False)


def places_of(owner: Any, owns: Callable[[Any], bool]) -> Hashable:
    """Return what a recording knows of an object: where its arrays lie, their shapes, its plain values.

    Lists and dictionaries are walked through; any other object stands for itself.
    """
    if owns(owner):
        return owner.data.ptr, owner.shape, owner.strides
    if isinstance(owner, SIMPLE):
        return owner
    if isinstance(owner, Mapping):
        return tuple((name, places_of(value, owns)) for name, value in owner.items())
    if isinstance(owner, (list, tuple)):
        return tuple(places_of(value, owns) for value in owner)
    return id(owner)


def graphs_wanted() -> bool:
    """Tell whether the environment leaves recordings switched on."""
    return os.environ.get("SCRATCHNET_CUDA_GRAPHS", "1") != "0"
