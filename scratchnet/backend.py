"""The array backends behind one small object: NumPy on the CPU, CuPy on the GPU.

Everything else in the library asks its backend for arrays and never imports CuPy. The base class *is* the NumPy
reference; a backend overrides only what it does differently. Elementwise maths is written once with NumPy's
functions: an array library that implements NumPy's ufunc protocol (as CuPy does) runs that same text.

Data crosses between host and device at two named places: `asarray` (the batch going in) and `to_numpy`
(the loss, or decoded words, coming out).

Read next: nothing; you have walked the whole library. Change something, and let `scratchnet gradcheck` judge it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from scratchnet.errors import InputError

Array = Any  # a NumPy array, or the same thing on a device
Elementwise = Callable[..., Any]

DTYPES = ("float32", "float64", "complex128")


class Backend:
    """NumPy: the reference that every other backend is tested against (float32, float64 and complex128)."""

    name = "numpy"
    xp: Any = np

    def __deepcopy__(self, memo: dict[int, Any]) -> Backend:
        return self  # a backend is shared by everything that lives on it, never copied

    def asarray(self, values: Any, dtype: Any = None) -> Array:
        """Return `values` (anything NumPy understands) as an array of this backend, copied only if it must be."""
        return np.asarray(values, dtype=dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """Return `array` on the host; for a device array this waits for the device."""
        return np.asarray(array)

    def owns(self, array: Any) -> bool:
        """Tell whether `array` is an array of this backend."""
        return isinstance(array, np.ndarray)

    def keep_mask(self, shape: tuple[int, ...], keep: float, rng: np.random.Generator, dtype: Any) -> Array:
        """Return an array of 0 and 1/keep, the latter with probability `keep`, drawn from `rng`."""
        return (rng.random(shape, dtype=np.float32) < keep).astype(dtype) / np.asarray(keep, dtype=dtype)

    def add_at(self, target: Array, ids: Array, rows: Array) -> None:
        """Add rows[n] to target[ids[n]] for every n, in place; ids that repeat add up.

        `target` is (V, E), `ids` (N,) integers, `rows` (N, E). Sorting first and summing each run of equal ids is
        several times faster than `numpy.add.at` and adds in a fixed order, so the result is repeatable to the bit.
        """
        if len(ids) == 0:
            return
        order = np.argsort(ids, kind="stable")
        ordered = ids[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        target[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)

    def pointwise(self, maths: Elementwise, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Evaluate `maths(*inputs)`, a pure function of arrays that broadcast to one shape, into `outputs`."""
        for output, value in zip(outputs, maths(*inputs), strict=True):
            output[...] = value

    def synchronize(self) -> None:
        """Wait until everything asked of the device has been done (at once, on the CPU)."""


class CupyBackend(Backend):
    """CuPy on the current CUDA device; compiled and imported only when it is asked for."""

    name = "cupy"

    def __init__(self) -> None:
        self.xp = _import_cupy()
        self._fused: dict[Elementwise, Any] = {}

    def asarray(self, values: Any, dtype: Any = None) -> Array:
        return self.xp.asarray(values, dtype=dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        return self.xp.asnumpy(array)  # type: ignore[no-any-return]

    def owns(self, array: Any) -> bool:
        return isinstance(array, self.xp.ndarray)

    def keep_mask(self, shape: tuple[int, ...], keep: float, rng: np.random.Generator, dtype: Any) -> Array:
        # Only a seed leaves the host: a mask drawn there would cross the bus at every step.
        device_rng = self.xp.random.Generator(self.xp.random.Philox4x3210(int(rng.integers(2**31))))
        uniform = device_rng.random(shape, dtype=self.xp.float32)
        return (uniform < keep).astype(dtype) / np.dtype(dtype).type(keep)

    def add_at(self, target: Array, ids: Array, rows: Array) -> None:
        self.xp.add.at(target, ids, rows)

    def pointwise(self, maths: Elementwise, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        if maths not in self._fused:

            def kernel(*variables: Any) -> tuple[Any, ...]:
                results = maths(*(_FusionVariable(variable, self.xp) for variable in variables))
                return tuple(result.variable for result in results)

            self._fused[maths] = self.xp.fuse(kernel_name=maths.__name__)(kernel)
        for output, value in zip(outputs, self._fused[maths](*inputs), strict=True):
            output[...] = value

    def synchronize(self) -> None:
        self.xp.cuda.get_current_stream().synchronize()


class _FusionVariable(np.lib.mixins.NDArrayOperatorsMixin):
    """A variable of a kernel in the making that answers NumPy's functions; CuPy's own variables know only operators."""

    def __init__(self, variable: Any, xp: Any) -> None:
        self.variable, self.xp = variable, xp

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            return NotImplemented
        plain = [value.variable if isinstance(value, _FusionVariable) else value for value in inputs]
        return _FusionVariable(getattr(self.xp, ufunc.__name__)(*plain), self.xp)


NUMPY = Backend()


def available_backends() -> dict[str, str]:
    """Return every known backend's name with "ready", or with the reason why it is not."""
    found = {"numpy": f"ready (NumPy {np.__version__})"}
    try:
        cupy = _import_cupy()
        found["cupy"] = f"ready (CuPy {cupy.__version__})"
    except InputError as error:
        found["cupy"] = str(error)
    return found


def get_backend(name: str | Backend = "numpy", *, say: Callable[[str], None] | None = None) -> Backend:
    """Return the backend called `name`: "numpy", "cupy", or "auto" (a GPU where there is one, else the CPU).

    `say` receives one line that tells which backend "auto" took. Raises InputError for an unknown name, or for
    a backend that cannot run here, with what to install.
    """
    if isinstance(name, Backend):
        return name
    if name == "numpy":
        return NUMPY
    if name == "cupy":
        return CupyBackend()
    if name == "auto":
        try:
            backend: Backend = CupyBackend()
        except InputError:
            backend = NUMPY
        if say is not None:
            say(f"backend: {backend.name} (chosen automatically)")
        return backend
    raise InputError(f"unknown backend {name!r}: choose one of numpy, cupy, auto")


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """Return `dtype` as a NumPy dtype; raise InputError unless it is float32, float64 or complex128."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.name not in DTYPES:
        raise InputError(f"dtype {dtype!r} is not supported: choose one of {', '.join(DTYPES)}")
    return found


def _import_cupy() -> Any:
    """Return the cupy module, or raise InputError saying what is missing."""
    if find_spec("cupy") is None:
        raise InputError("backend 'cupy' is not installed: pip install 'scratchnet[cuda12]' (or [cuda13])")
    try:
        cupy = import_module("cupy")
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # CuPy reports a missing driver with errors of its own
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"backend 'cupy' cannot use a GPU here: {first_line}") from error
    if count == 0:
        raise InputError("backend 'cupy' found no CUDA device: use backend 'numpy'")
    return cupy
