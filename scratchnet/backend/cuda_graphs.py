"""The launches of a whole time loop as one: CUDA graphs, captured once, launched again and again.

A step of a small recurrent network is over on the device before Python has asked for the next one. So the launches of
the loop are recorded the second time that the same loop runs, on a stream of their own, and from then on launched
together. A recording knows addresses, not arrays. It is therefore filed under everything that the loop's launches
depend on: where all its arrays lie, their shapes, how many rows each step has, and the cell's numbers. Another place,
or another shape, is another recording, and at most `LIMIT` of them are kept.

What lies elsewhere each time, as the gradients with which the way back begins, is copied to where the recordings expect
it, and what the loop changed there is copied back. All recordings share these rooms, and the memory that the loop asks
for while it is recorded, which comes from a pool that nobody else draws from: they run one after the other, on one
stream.

A loop that cannot be recorded (one that waits for the device, or multiplies two arrays with `@` of which neither comes
from the tape, for then it is CuPy's own product) goes on as it is, launch by launch; `refused` says why. So does a loop
that came only once. SCRATCHNET_CUDA_GRAPHS=0 switches all of this off.

It has not run on a GPU yet. The stand-in of the tests records and repeats as the documentation says that CUDA does.

Read next: threads.py.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

LIMIT = 64  # recordings kept
REMEMBERED = 4096  # loops of which it is known that they have run once
SIMPLE = (int, float, complex, str, type(None))


Where = tuple[int, str]  # an input's position, and a name where it is a dictionary


@dataclass
class Recording:
    """A graph, and the rooms in which it expects its inputs."""

    graph: Any
    rooms: dict[Where, Any]

    def repeat(self, given: dict[Where, Any]) -> None:
        """Do the recorded work on these arrays."""
        for where, room in self.rooms.items():
            room[...] = given[where]
        self.graph.launch()
        for where, room in self.rooms.items():
            if where[1]:  # by itself, an array is only read
                given[where][...] = room


class Graphs:
    """The recordings of one device."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.recorded: OrderedDict[Hashable, Recording] = OrderedDict()
        self.once: OrderedDict[Hashable, None] = OrderedDict()
        self.refused: dict[Hashable, str] = {}
        self.rooms: dict[Hashable, Any] = {}
        self.stream: Any = None
        self.pool: Any = None

    def run(self, work: Callable[..., None], kind: Hashable, places: Hashable, inputs: tuple[Any, ...]) -> None:
        """Do work(*inputs): by itself, or by the recording filed under `kind`, `places` and the inputs' shapes."""
        given: dict[Where, Any] = {}
        map_arrays(given.setdefault, inputs, self.xp.ndarray)
        key = (kind, places, tuple((where, array.shape, array.dtype.name) for where, array in given.items()))
        recording = self.recorded.get(key)
        if recording is not None:
            self.recorded.move_to_end(key)
            recording.repeat(given)
        elif kind in self.refused or key not in self.once:
            # The first time all kernels are compiled and loaded, which must not happen while recording. CuPy compiles
            # another one for an array with gaps (one direction's half of the gradients), and a room has none.
            remember(self.once, key, None, REMEMBERED)
            work(*map_arrays(lambda where, array: array if where[1] else without_gaps(array), inputs, self.xp.ndarray))
        elif self.record(work, kind, key, inputs, given):
            self.recorded[key].repeat(given)
        else:
            work(*inputs)

    def record(
        self, work: Callable[..., None], kind: Hashable, key: Hashable, inputs: tuple[Any, ...], given: dict[Where, Any]
    ) -> bool:
        """Record `work`, or return False when it cannot be recorded; nothing has been done in either case."""
        cuda = self.xp.cuda
        rooms = {where: self.room(where, array) for where, array in given.items()}
        placed = map_arrays(lambda where, _: rooms[where], inputs, self.xp.ndarray)
        if self.stream is None:
            self.stream, self.pool = cuda.Stream(non_blocking=True), cuda.MemoryPool()
        try:
            with self.stream, cuda.using_allocator(self.pool.malloc):
                self.stream.begin_capture()
                try:
                    work(*placed)
                finally:
                    graph = self.stream.end_capture()
        except Exception as error:  # CuPy's, CUDA's or the cell's own; if it is a mistake, `work` now meets it again
            self.refused[kind] = (str(error).splitlines() or [type(error).__name__])[0]
            return False
        remember(self.recorded, key, Recording(graph, rooms), LIMIT)
        return True

    def room(self, where: Where, array: Any) -> Any:
        """Return memory of an array's shape and class that lies in the same place each time."""
        key = (where, array.shape[1:], array.dtype.name)
        room = self.rooms.get(key)
        if room is None or len(room) < len(array):  # recordings that know the old one keep it
            room = self.rooms[key] = self.xp.empty(array.shape, dtype=array.dtype).view(type(array))
        return room[: len(array)]


def remember(table: OrderedDict[Hashable, Any], key: Hashable, value: Any, limit: int) -> None:
    """Put something in a table and drop the oldest when there are too many."""
    table[key] = value
    if len(table) > limit:
        table.popitem(last=False)


def without_gaps(array: Any) -> Any:
    """Return an array, or a copy whose elements lie next to each other."""
    return array if array.flags.c_contiguous else array.copy().view(type(array))


def map_arrays(act: Callable[[Where, Any], Any], inputs: tuple[Any, ...], kind: type) -> tuple[Any, ...]:
    """Return `inputs` with act(where, array) in the place of each array of a kind, those in dictionaries included."""
    return tuple(
        {name: act((k, name), array) for name, array in value.items()}
        if isinstance(value, dict)
        else (act((k, ""), value) if isinstance(value, kind) else value)
        for k, value in enumerate(inputs)
    )


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
