"""The array of the stand-in device: it mixes with its own kind and with plain numbers, and with nothing else.

A NumPy array as an operand, an output or an index, a list as an index, a loop over elements, or a silent conversion to
NumPy is a TypeError. What makes the host wait for one number (`float`, `bool`, `item`) works, and is counted. The rules
are CuPy's where CuPy refuses, and stricter where it quietly transfers. See strict.py for the rest of the stand-in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

UFUNCS = """
    absolute add conjugate divide equal exp expm1 floor_divide greater greater_equal isfinite isnan less less_equal log
    log1p logical_and logical_or matmul maximum minimum multiply negative not_equal power reciprocal remainder sign sqrt
    square subtract tanh true_divide
""".split()  # noqa: SIM905  as a list, this would be forty lines
NUMBERS = (bool, int, float, complex, np.generic)
Host = np.ndarray[Any, Any]


@dataclass
class Device:
    """What happened: transfers in and out, waits for a value on the host, kernels launched.

    While a graph is recorded, `recording` holds the work asked for, none of which is done.
    """

    to_device: int = 0
    to_host: int = 0
    waits: int = 0
    launches: int = 0
    namespace: Any = None  # whose functions NumPy's functions of the same name lead to
    recording: list[Callable[[], None]] | None = None

    def reset(self) -> None:
        """Begin to count anew."""
        self.to_device = self.to_host = self.waits = self.launches = 0

    def launch(self, compute: Callable[[], Any]) -> StrictArray:
        """Count one kernel and return its result as a device array; while recording, that holds NaN."""
        result = np.asarray(compute())
        if self.recording is None:
            self.launches += 1
            return StrictArray(result, self)
        memory = np.empty_like(result)
        memory[...] = np.nan if memory.dtype.kind in "fc" else 0
        self.recording.append(lambda: np.copyto(memory, compute()))
        return StrictArray(memory, self)

    def write(self, act: Callable[[], None]) -> None:
        """Count one kernel that writes to memory which is there already."""
        if self.recording is None:
            self.launches += 1
            act()
        else:
            self.recording.append(act)

    def may_transfer(self) -> None:
        """Raise what CUDA does where a transfer is asked for while recording."""
        if self.recording is not None:
            raise RuntimeError("the current stream is capturing, so synchronous API calls are disallowed")

    def may_multiply(self) -> None:
        """Raise what CuPy does where a product is asked for while recording."""
        if self.recording is not None:
            raise NotImplementedError("calling cuBLAS API during stream capture is currently unsupported")

    def operand(self, value: Any) -> Any:
        """Return what NumPy can compute with; raise TypeError for all but plain numbers and arrays of this device."""
        if isinstance(value, StrictArray) and value.device is self:
            return value.values
        if isinstance(value, NUMBERS):
            return value
        raise TypeError(f"Unsupported type {type(value).__name__}: it does not live on this device")


class StrictArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on a `Device`; `values` is for the stand-in and for nobody else."""

    def __init__(self, values: Host, device: Device, base: StrictArray | None = None) -> None:
        self.values, self.device = values, device
        self.base = base  # as in CuPy, the array whose memory a view of a view of it shows

    def _view(self, values: Host, kind: Any = None) -> StrictArray:
        # As in CuPy, what is seen of an array of a subclass is of that class, too.
        found: StrictArray = (kind or type(self))(values, self.device, self if self.base is None else self.base)
        return found

    def view(self, kind: type) -> StrictArray:
        return self._view(self.values, kind)

    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    flags = property(lambda self: self.values.flags)
    size = property(lambda self: self.values.size)
    strides = property(lambda self: self.values.strides)
    data = property(lambda self: SimpleNamespace(ptr=self.values.ctypes.data))
    T = property(lambda self: self._view(self.values.T))
    real = property(lambda self: self._view(self.values.real))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"StrictArray(shape={self.shape}, dtype={self.dtype})"

    def __deepcopy__(self, memo: dict[int, Any]) -> StrictArray:
        return self.copy()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if name not in UFUNCS or method != "__call__" or not kwargs.keys() <= {"out", "dtype", "casting"}:
            raise TypeError(f"numpy.{name}.{method} with {sorted(kwargs)} does not run on the device")
        if name == "matmul":
            self.device.may_multiply()
            if not all(isinstance(value, StrictArray) for value in inputs):
                raise TypeError("matmul takes device arrays only")
        values = [self.device.operand(value) for value in inputs]
        (out,) = kwargs.pop("out", (None,))
        if out is None:
            arrays = [type(value) for value in inputs if isinstance(value, StrictArray)]
            kind = next((found for found in arrays if found is not StrictArray), StrictArray)
            return self.device.launch(lambda: ufunc(*values, **kwargs)).view(kind)
        if not isinstance(out, StrictArray):
            raise TypeError(f"return arrays must be device arrays, not {type(out).__name__}")
        written = self.device.operand(out)
        self.device.write(lambda: ufunc(*values, out=written, **kwargs))
        return out

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        own = getattr(self.device.namespace, function.__name__, None)
        if own is None or not all(issubclass(kind, StrictArray) for kind in types):
            raise TypeError(f"numpy.{function.__name__} does not run on the device")
        return own(*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> Host:
        raise TypeError("implicit conversion to a NumPy array is not allowed: ask the backend's to_numpy")

    def __iter__(self) -> Any:
        raise TypeError("a loop over a device array is one launch an element: index it, or compute on the whole")

    def _key(self, key: Any) -> tuple[tuple[Any, ...], bool]:
        """Return the key for NumPy, and whether it gathers (one kernel) or is a view (none)."""
        parts, gathers = list(key) if isinstance(key, tuple) else [key], False
        for position, part in enumerate(parts):
            if isinstance(part, StrictArray):
                gathers = True
                parts[position] = self.device.operand(part)
                self.device.waits += part.dtype.kind == "b"  # how many are true decides the result's shape
            elif isinstance(part, bool) or not isinstance(part, (int, np.integer, slice, type(None), type(...))):
                raise TypeError(f"a device array cannot be indexed by {type(part).__name__} without a transfer")
        if not gathers and not any(part is ... for part in parts):
            parts.append(...)  # so that a single element is an array, and a view, too
        return tuple(parts), gathers

    def __getitem__(self, key: Any) -> StrictArray:
        parts, gathers = self._key(key)
        return self.device.launch(lambda: self.values[parts]) if gathers else self._view(self.values[parts])

    def __setitem__(self, key: Any, value: Any) -> None:
        parts, _ = self._key(key)
        values = self.device.operand(value)
        self.device.write(lambda: self.values.__setitem__(parts, values))

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(lambda: self.values.sum(axis=axis, dtype=dtype, keepdims=keepdims))

    def max(self, axis: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(lambda: self.values.max(axis=axis, keepdims=keepdims))

    def argmax(self, axis: Any = None) -> StrictArray:
        return self.device.launch(lambda: self.values.argmax(axis=axis))

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(lambda: self.values.mean(axis=axis, dtype=dtype, keepdims=keepdims))

    def reshape(self, *shape: Any) -> StrictArray:
        found = self.values.reshape(*shape)
        if np.may_share_memory(found, self.values):
            return self._view(found)
        return self.device.launch(lambda: self.values.reshape(*shape))

    def swapaxes(self, one: int, other: int) -> StrictArray:
        return self._view(self.values.swapaxes(one, other))

    def copy(self) -> StrictArray:
        return self.device.launch(lambda: self.values.copy())

    def astype(self, dtype: Any, copy: bool = True) -> StrictArray:
        return self if not copy and self.dtype == dtype else self.device.launch(lambda: self.values.astype(dtype))

    def item(self) -> Any:
        self.device.may_transfer()
        self.device.waits += 1
        self.device.to_host += 1
        return self.values.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())
