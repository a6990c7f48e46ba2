"""The array of the stand-in device: it mixes with its own kind and with plain numbers, and with nothing else.

A NumPy array as an operand, an output or an index, a list as an index, a loop over elements, or a silent conversion to
NumPy is a TypeError. What makes the host wait for one number (`float`, `bool`, `item`) works, and is counted. The rules
are CuPy's where CuPy refuses, and stricter where it quietly transfers. See strict.py for the rest of the stand-in.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """What happened: transfers in and out, waits for a value on the host, kernels launched."""

    to_device: int = 0
    to_host: int = 0
    waits: int = 0
    launches: int = 0
    fusing: bool = False
    namespace: Any = None  # whose functions NumPy's functions of the same name lead to

    def reset(self) -> None:
        """Begin to count anew."""
        self.to_device = self.to_host = self.waits = self.launches = 0

    def launch(self, values: Any) -> StrictArray:
        """Count one kernel (none inside a fused one) and return its result as a device array."""
        self.launches += not self.fusing
        return StrictArray(np.asarray(values), self)

    def operand(self, value: Any) -> Any:
        """Return what NumPy can compute with; raise TypeError for all but plain numbers and arrays of this device."""
        if isinstance(value, StrictArray) and value.device is self:
            return value.values
        if isinstance(value, NUMBERS):
            return value
        raise TypeError(f"Unsupported type {type(value).__name__}: it does not live on this device")


class StrictArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on a `Device`; `values` is for the stand-in and for nobody else."""

    def __init__(self, values: Host, device: Device) -> None:
        self.values, self.device = values, device

    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    flags = property(lambda self: self.values.flags)
    size = property(lambda self: self.values.size)
    T = property(lambda self: StrictArray(self.values.T, self.device))
    real = property(lambda self: StrictArray(self.values.real, self.device))

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
        if name == "matmul" and not all(isinstance(value, StrictArray) for value in inputs):
            raise TypeError("matmul takes device arrays only")
        values = [self.device.operand(value) for value in inputs]
        (out,) = kwargs.pop("out", (None,))
        if out is None:
            return self.device.launch(ufunc(*values, **kwargs))
        if not isinstance(out, StrictArray):
            raise TypeError(f"return arrays must be device arrays, not {type(out).__name__}")
        ufunc(*values, out=self.device.operand(out), **kwargs)
        self.device.launches += 1
        return out

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        own = getattr(self.device.namespace, function.__name__, None)
        if own is None or any(kind is not StrictArray for kind in types):
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
        found = self.values[parts]
        return self.device.launch(found) if gathers else StrictArray(found, self.device)

    def __setitem__(self, key: Any, value: Any) -> None:
        parts, _ = self._key(key)
        self.values[parts] = self.device.operand(value)
        self.device.launches += 1

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(self.values.sum(axis=axis, dtype=dtype, keepdims=keepdims))

    def max(self, axis: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(self.values.max(axis=axis, keepdims=keepdims))

    def argmax(self, axis: Any = None) -> StrictArray:
        return self.device.launch(self.values.argmax(axis=axis))

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> StrictArray:
        return self.device.launch(self.values.mean(axis=axis, dtype=dtype, keepdims=keepdims))

    def reshape(self, *shape: Any) -> StrictArray:
        found = self.values.reshape(*shape)
        self.device.launches += not np.may_share_memory(found, self.values)
        return StrictArray(found, self.device)

    def copy(self) -> StrictArray:
        return self.device.launch(self.values.copy())

    def astype(self, dtype: Any, copy: bool = True) -> StrictArray:
        return self if not copy and self.dtype == dtype else self.device.launch(self.values.astype(dtype))

    def item(self) -> Any:
        self.device.waits += 1
        self.device.to_host += 1
        return self.values.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())


class FusionVariable:
    """What CuPy's fuse() hands to the function that it traces: it knows operators, and none of NumPy's functions."""

    def __init__(self, array: StrictArray) -> None:
        self.array = array

    def __neg__(self) -> FusionVariable:
        return trace(np.negative, self)


def trace(ufunc: np.ufunc, *inputs: Any) -> FusionVariable:
    """Run one ufunc inside a fused kernel, on variables and plain numbers only."""
    if not all(isinstance(value, (FusionVariable, *NUMBERS)) for value in inputs):
        raise TypeError(f"a fused function works on its arguments and plain numbers, not {inputs!r}")
    return FusionVariable(ufunc(*(value.array if isinstance(value, FusionVariable) else value for value in inputs)))


def _define_operators() -> None:
    names = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "pow": "power"}
    for short, name in names.items():
        ufunc = getattr(np, name)
        setattr(FusionVariable, f"__{short}__", lambda a, b, ufunc=ufunc: trace(ufunc, a, b))
        setattr(FusionVariable, f"__r{short}__", lambda a, b, ufunc=ufunc: trace(ufunc, b, a))


_define_operators()
