"""NumPy, the reference backend; and so what a backend is.

Everything else in the library asks its backend for arrays and never imports CuPy. The base class *is* the NumPy
reference; a backend overrides only what it does differently. Elementwise maths is written once with NumPy's
functions, and run by NumPy as it stands; other backends compile that same text.

Data crosses between host and device at two named places: `asarray` (the batch going in) and `to_numpy`
(the loss, or decoded words, coming out).

Read next: nothing; you have walked the whole library. Change something, and let `scratchnet gradcheck` judge it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from scratchnet.backend.workers import Work, Workers, keep_freed_memory
from scratchnet.errors import InputError

Array = Any  # a NumPy array, or the same thing on a device
Elementwise = Callable[..., Any]

DTYPES = ("float32", "float64", "complex128")
BLOCK = 1 << 17  # elements: few enough for a core's cache, and so many that threads seldom meet at Python's lock
# A probability below exp(-70) would, divided by N, be a denormal number in float32, and a product with such numbers
# takes a hundred times as long. So it is held there; what that changes is far below the last digit of any sum.
SMALLEST = -70.0
OFTEN = 8  # occurrences of a word in a batch from which on its rows are summed by themselves


class Backend:
    """NumPy: the reference that every other backend is tested against (float32, float64 and complex128)."""

    name = "numpy"
    xp: Any = np

    def __init__(self) -> None:
        self.workers = Workers()
        self.users_of_threads: list[Any] = []  # each a StepThreads, while it lasts

    def __deepcopy__(self, memo: dict[int, Any]) -> Backend:
        return self  # a backend is shared by everything that lives on it, never copied

    def asarray(self, values: Any, dtype: Any = None) -> Array:
        """Return `values` (anything NumPy understands) as an array of this backend, copied only if it must be."""
        return np.asarray(values, dtype=dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """Return `array` on the host; for a device array this waits for the device."""
        return np.asarray(array)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return an array whose contents are undefined: memory for a tape."""
        return self.xp.empty(shape, dtype=dtype)

    def dropout_mask(self, shape: tuple[int, ...], keep: float, rng: np.random.Generator, dtype: Any) -> Array:
        """Return an array of 0 and 1/keep, the latter with probability `keep`, drawn from `rng`."""
        return (rng.random(shape, dtype=np.float32) < keep).astype(dtype) / np.asarray(keep, dtype=dtype)

    def add_at(self, target: Array, ids: Array, rows: Array) -> None:
        """Add rows[n] to target[ids[n]] for every n, in place; ids that repeat add up.

        `target` is (V, E), `ids` (N,) integers, `rows` (N, E). Words of a text repeat as Zipf found: a few very often,
        most of them once. So the few are summed one by one, and the others go in rounds: all first occurrences at
        once, then all second ones. Several times faster than `numpy.add.at`, and repeatable to the bit.
        """
        order = np.argsort(ids, kind="stable")
        ordered = ids[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))[: len(ids)]
        counts = np.diff(np.concatenate((starts, [len(ids)])))
        sums = rows[order[starts]]
        for k in np.flatnonzero(counts > OFTEN):
            sums[k] = rows[order[starts[k] : starts[k] + counts[k]]].sum(axis=0)
        for occurrence in range(1, OFTEN):
            again = np.flatnonzero((counts > occurrence) & (counts <= OFTEN))
            sums[again] += rows[order[starts[again] + occurrence]]
        target[ordered[starts]] += sums

    def time_loop(self, loop: Callable[..., None], cell: Any, tape: Any, steps: range, *inputs: Any) -> None:
        """Call loop(tape, steps, *inputs), one of the two loops of a `Recurrent` layer over `cell`.

        Another backend may record what the loop asks of the device, and repeat the recording next time. That is why
        a loop reads only the cell, the tape and its inputs, and writes only to the tape and to arrays of those inputs
        that come in a dictionary.
        """
        loop(tape, steps, *inputs)

    def pointwise(self, maths: Elementwise, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Evaluate `maths(*inputs)`, a pure function of arrays that broadcast to one shape, into `outputs`."""
        for output, value in zip(outputs, maths(*inputs), strict=True):
            output[...] = value

    def softmax_rows(self, z: Array, scale: float | None = None) -> Array:
        """Return log(sum(exp(z))) of each row of z (n, V), (n,); replace z by `scale` times its softmax.

        Without a scale, z is left overwritten with numbers of no use. The row's largest real part is subtracted first,
        so nothing overflows.
        """
        total, largest = self._exponentials(z, SMALLEST if scale is not None and z.dtype == np.float32 else None)
        if scale is not None:
            z *= (scale / total)[:, None]
        return np.log(total) + largest

    def _exponentials(self, z: Array, least: float | None = None) -> tuple[Array, Array]:
        """Replace z (n, V) by exp(z - its row's largest), by no less than exp(least); return row sums and largests."""
        largest = z.real.max(axis=1, keepdims=True)
        z -= largest
        if least is not None:
            np.maximum(z, least, out=z)
        np.exp(z, out=z)
        return z.sum(axis=1), largest[:, 0]

    def blockwise(self, work: Work, rows: int, width: int = 1) -> None:
        """Call work(part) for slices that cover `rows` rows of `width` elements, side by side on all cores.

        A part's few operands stay in the cache. `work` must treat every row by itself.
        """
        step = max(1, BLOCK // width)
        self.workers.run(work, [slice(start, min(start + step, rows)) for start in range(0, rows, step)])

    def limit_threads(self, number: int | None) -> None:
        """Let the library's own threads be `number` at most; None for as many as there are cores to use."""
        self.workers.limit = number

    def version(self) -> str:
        """Return the library that computes, with its version."""
        return f"NumPy {np.__version__}"

    def synchronize(self) -> None:
        """Wait until everything asked of the device has been done (at once, on the CPU)."""


keep_freed_memory()
NUMPY = Backend()


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """Return `dtype` as a NumPy dtype; raise InputError unless it is float32, float64 or complex128."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.name not in DTYPES:
        raise InputError(f"dtype {dtype!r} is not supported: choose one of {', '.join(DTYPES)}")
    return found
