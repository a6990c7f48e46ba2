"""The streams, graphs and memory pools of the stand-in, and a cuBLAS that follows addresses.

While a stream captures, nothing that is asked for is done; the graph does it, in order, each time it is launched.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from strict_array import Device

SUCCESS, INVALID = 0, 7


class StrictGraph:
    """Recorded work; one launch, whatever it holds."""

    def __init__(self, device: Device, work: list[Callable[[], None]]) -> None:
        self.device, self.work, self.launched = device, work, 0

    def launch(self) -> None:
        """Do everything in order."""
        self.device.launches += 1
        self.launched += 1
        for act in self.work:
            act()


class StrictStream:
    """A stream; only one that is not the default stream may capture, and only while it is the current one."""

    def __init__(self, cuda: StrictCuda, ptr: int) -> None:
        self.cuda, self.ptr = cuda, ptr

    def __enter__(self) -> Self:
        self.cuda.streams.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        assert self.cuda.streams.pop() is self

    def begin_capture(self) -> None:
        """Begin to record."""
        if self.ptr == 0 or self.cuda.streams[-1] is not self or self.cuda.counts.recording is not None:
            raise RuntimeError("cudaErrorStreamCaptureUnsupported")
        self.cuda.counts.recording = []

    def end_capture(self) -> StrictGraph:
        """End recording and return the graph."""
        recorded, self.cuda.counts.recording = self.cuda.counts.recording, None
        if recorded is None:
            raise RuntimeError("cudaErrorIllegalState")
        return StrictGraph(self.cuda.counts, recorded)

    def synchronize(self) -> None:
        """Wait."""
        self.cuda.counts.waits += 1


class StrictCuda:
    """What the library may call of cupy.cuda."""

    def __init__(self, device: Device) -> None:
        self.counts = device
        self.streams = [StrictStream(self, 0)]
        self.made = 0
        self.pools: list[Any] = []
        self.kept: list[Any] = []  # what came from a pool of one's own stays allocated, whoever drops the array
        self.runtime = SimpleNamespace(runtimeGetVersion=lambda: 12090)
        self.device = SimpleNamespace(get_cublas_handle=lambda: 1)

    def get_current_stream(self) -> StrictStream:
        return self.streams[-1]

    def Stream(self, non_blocking: bool = False) -> StrictStream:
        self.made += 1
        return StrictStream(self, self.made)

    def MemoryPool(self) -> SimpleNamespace:
        return SimpleNamespace(malloc=object())

    @contextmanager
    def using_allocator(self, allocator: Any) -> Iterator[None]:
        self.pools.append(allocator)
        yield
        self.pools.pop()


class StrictCublas:
    """The few functions of cuBLAS that the library calls, on addresses, columns first, as its manual says."""

    def __init__(self, device: Device) -> None:
        self.device, self.stream, self.workspace, self.calls = device, None, None, 0

    def cublasCreate_v2(self, handle: Any) -> int:
        handle._obj.value = 1
        return SUCCESS

    def cublasSetMathMode(self, handle: ctypes.c_void_p, mode: ctypes.c_int) -> int:
        return SUCCESS if handle.value and mode.value in (0, 3) else INVALID

    def cublasSetStream_v2(self, handle: ctypes.c_void_p, stream: ctypes.c_void_p) -> int:
        self.stream, self.workspace = stream.value, None
        return SUCCESS

    def cublasSetWorkspace_v2(self, handle: ctypes.c_void_p, place: ctypes.c_void_p, size: ctypes.c_size_t) -> int:
        self.workspace = place.value
        return SUCCESS if place.value and size.value else INVALID

    def cublasSgemm_v2(self, *arguments: Any) -> int:
        return self.gemm(ctypes.c_float, *arguments)

    def cublasDgemm_v2(self, *arguments: Any) -> int:
        return self.gemm(ctypes.c_double, *arguments)

    def gemm(self, kind: Any, handle: Any, *arguments: Any) -> int:
        """Do C = alpha op(A) op(B) + beta C; op(A) is (m, k), op(B) (k, n), C (m, n), all stored by columns."""
        trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc = (
            value._obj.value if hasattr(value, "_obj") else value.value for value in arguments
        )
        if self.workspace is None or lda < (k if trans_a else m) or ldb < (n if trans_b else k) or ldc < m:
            return INVALID

        def matrix(place: int, lead: int, rows: int, columns: int) -> Any:
            size = ctypes.sizeof(kind)
            memory = (kind * (lead * (columns - 1) + rows)).from_address(place)
            values = np.ctypeslib.as_array(memory)
            return np.lib.stride_tricks.as_strided(values, (rows, columns), (size, lead * size))

        left = matrix(a, lda, k, m).T if trans_a else matrix(a, lda, m, k)
        right = matrix(b, ldb, n, k).T if trans_b else matrix(b, ldb, k, n)
        out = matrix(c, ldc, m, n)

        def act() -> None:
            product = alpha * (left @ right)
            out[...] = product + beta * out if beta else product  # with beta = 0, NaN in C does not count

        self.calls += 1
        self.device.write(act)
        return SUCCESS
