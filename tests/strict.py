"""A stand-in for CuPy that runs anywhere and proves that nothing slips to the host where there is no GPU to ask.

`StrictNamespace` offers those names of CuPy that the library may call, and no others; its arrays are those of
strict_array.py. `StrictBackend` is scratchnet's own CuPy backend with the stand-in for CuPy, so that the backend's
text is run, too. `device` counts what crosses the bus, what waits for the device and what launches a kernel. Memory
that was never written holds NaN.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
from strict_array import UFUNCS, Device, Host, StrictArray
from strict_cuda import StrictCublas, StrictCuda
from strict_kernel import CompiledKernel, StrictKernel

from scratchnet.backend import Backend, CupyBackend


class StrictUfunc:
    """One of CuPy's elementwise functions, for arrays of the device."""

    def __init__(self, name: str, device: Device) -> None:
        self.ufunc, self.device = getattr(np, name), device

    def __call__(self, *inputs: Any, out: StrictArray | None = None, **kwargs: Any) -> Any:
        array = next((value for value in inputs if isinstance(value, StrictArray)), None)
        if array is None:
            raise TypeError(f"{self.ufunc.__name__} of {[type(value).__name__ for value in inputs]}: no device array")
        return array.__array_ufunc__(self.ufunc, "__call__", *inputs, out=(out,), **kwargs)

    def at(self, target: StrictArray, ids: StrictArray, rows: StrictArray) -> None:
        """Scatter, repeated ids included."""
        if not all(isinstance(value, StrictArray) for value in (target, ids, rows)):
            raise TypeError(f"{self.ufunc.__name__}.at takes device arrays only")
        self.device.write(lambda: self.ufunc.at(target.values, ids.values, rows.values))


class StrictNamespace:
    """What the library may call of CuPy."""

    __version__ = "stand-in"
    ndarray = StrictArray
    float32, float64, int32, int64 = np.float32, np.float64, np.int32, np.int64

    def __init__(self, device: Device) -> None:
        self.device = device
        device.namespace = self
        self.cuda = StrictCuda(device)
        self.random = SimpleNamespace(Philox4x3210=np.random.Philox, Generator=self._generator)
        for name in UFUNCS:
            setattr(self, name, StrictUfunc(name, device))

    def asarray(self, values: Any, dtype: Any = None) -> StrictArray:
        """Send `values` to the device, unless they are there already."""
        if isinstance(values, StrictArray):
            return values if dtype is None else values.astype(dtype, copy=False)
        self.device.may_transfer()
        self.device.to_device += 1
        return StrictArray(np.array(values, dtype=dtype), self.device)

    def asnumpy(self, array: StrictArray) -> Host:
        """Fetch an array."""
        if not isinstance(array, StrictArray):
            raise TypeError(f"asnumpy of {type(array).__name__}: it is not on the device")
        self.device.may_transfer()
        self.device.to_host += 1
        return array.values.copy()

    def empty(self, shape: Any, dtype: Any = float) -> StrictArray:
        """Return memory that holds NaN, or the largest integer."""
        values = np.empty(shape, dtype=dtype)
        values[...] = np.nan if values.dtype.kind in "fc" else np.iinfo(values.dtype).max
        if self.cuda.pools:
            self.cuda.kept.append(values)
        return StrictArray(values, self.device)

    def zeros(self, shape: Any, dtype: Any = float) -> StrictArray:
        return self.device.launch(lambda: np.zeros(shape, dtype=dtype))

    def zeros_like(self, array: StrictArray) -> StrictArray:
        return self.zeros(array.shape, array.dtype)

    def arange(self, *limits: int, dtype: Any = None) -> StrictArray:
        return self.device.launch(lambda: np.arange(*limits, dtype=dtype))

    def concatenate(self, arrays: Any, axis: int = 0) -> StrictArray:
        if not all(isinstance(array, StrictArray) for array in arrays):
            raise TypeError("Only device arrays can be concatenated")
        return self.device.launch(lambda: np.concatenate([array.values for array in arrays], axis=axis))

    def stack(self, arrays: Any) -> StrictArray:
        return self.concatenate([array.reshape(1, *array.shape) for array in arrays])

    def where(self, condition: StrictArray, yes: Any, no: Any) -> StrictArray:
        return self.device.launch(lambda: np.where(*(self.device.operand(value) for value in (condition, yes, no))))

    def argsort(self, array: StrictArray, axis: int = -1) -> StrictArray:
        return self.device.launch(lambda: self.device.operand(array).argsort(axis=axis, kind="stable"))

    def argpartition(self, array: StrictArray, kth: int, axis: int = -1) -> StrictArray:
        return self.device.launch(lambda: self.device.operand(array).argpartition(kth, axis=axis))

    def ElementwiseKernel(self, inputs: str, outputs: str, operation: str, name: str) -> Any:
        kind = CompiledKernel if "raw " in inputs else StrictKernel
        return kind(self.device, inputs, outputs, operation, name)

    def _generator(self, bits: Any) -> SimpleNamespace:
        host = np.random.Generator(bits)
        return SimpleNamespace(
            random=lambda size=None, dtype=np.float64: self.device.launch(lambda: host.random(size, dtype=dtype))
        )


class StrictBackend(CupyBackend):
    """scratchnet's CuPy backend, its CuPy replaced by the stand-in; `device` counts."""

    def __init__(self, **options: Any) -> None:
        self.device = Device()
        self.cublas = StrictCublas(self.device)
        with (
            patch("scratchnet.backend.cupy_backend._import_cupy", return_value=StrictNamespace(self.device)),
            patch("scratchnet.backend.cublas.ctypes.CDLL", return_value=self.cublas),
            patch("scratchnet.backend.cublas.WORKSPACE", 64),
        ):
            super().__init__(**options)


class SameMasks(Backend):
    """NumPy, with dropout masks drawn like those of the stand-in: what StrictBackend's values are compared with."""

    def dropout_mask(self, shape: tuple[int, ...], keep: float, rng: np.random.Generator, dtype: Any) -> Host:
        bits = np.random.Philox(int(rng.integers(2**31)))
        uniform = np.random.Generator(bits).random(shape, dtype=np.float32)
        return np.asarray((uniform < keep).astype(dtype) / np.asarray(keep, dtype=dtype))
