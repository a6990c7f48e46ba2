"""Matrix products of a device, into memory that is there already: cuBLAS itself, called through ctypes.

CuPy's own product is not enough in the time loop. It refuses to run while a CUDA graph is captured ("calling cuBLAS API
during stream capture is currently unsupported", in all of its versions up to 14.2), it cannot add to what its result's
memory holds, and it copies a block of columns before it multiplies it. cuBLAS does all three.

A cell writes `prev.h @ self.W_hh` all the same: a tape's arrays are of a class whose `@` comes here, and so are their
parts, their transposes and what CuPy computes from them element by element.

A matrix that lies in memory row by row is its own transpose to cuBLAS, which counts column by column. So the library
computes out^T = right^T left^T: the operands change places, and nothing is moved.

It has not run on a GPU yet. tests/test_products.py calls it with a stand-in for cuBLAS that reads the very addresses.

Read next: cuda_graphs.py.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from scratchnet.backend.numpy_backend import Array

WORKSPACE = 32 << 20  # bytes: what NVIDIA recommends for its newest devices; memory of one's own is needed for graphs
DEFAULT_MATH, TF32_MATH = 0, 3  # as <cublas_api.h> numbers them
KINDS = {"float32": ("cublasSgemm_v2", ctypes.c_float), "float64": ("cublasDgemm_v2", ctypes.c_double)}
PLAIN, TRANSPOSED = 0, 1
Layout = tuple[int, int]


class Products:
    """cuBLAS with a handle of its own; `library` is the loaded shared library.

    Raises OSError where cuBLAS cannot be set up.
    """

    def __init__(self, xp: Any, library: Any) -> None:
        self.xp, self.library = xp, library
        self.handle = ctypes.c_void_p()
        self.check(library.cublasCreate_v2(ctypes.byref(self.handle)))
        # CuPy's own switch, so that one rules all products: float32 is rounded to 10 bits only where that is asked for.
        mode = TF32_MATH if os.environ.get("CUPY_TF32", "0") == "1" else DEFAULT_MATH
        self.check(library.cublasSetMathMode(self.handle, ctypes.c_int(mode)))
        self.workspace = xp.empty(WORKSPACE, dtype="int8")
        self.stream: int | None = None
        self.numbers = {name: (ctypes.byref(kind(0.0)), ctypes.byref(kind(1.0))) for name, (_, kind) in KINDS.items()}

    def product(self, left: Array, right: Array, out: Array, add: bool) -> bool:
        """Write left @ right to `out`, or add it; return False, having done nothing, for arrays of other kinds."""
        name = out.dtype.name
        if name not in KINDS or left.dtype != out.dtype or right.dtype != out.dtype or 0 in left.shape + right.shape:
            return False
        left_layout, right_layout, out_layout = layout(left), layout(right), layout(out)
        if left_layout is None or right_layout is None or out_layout is None or out_layout[0] != PLAIN:
            return False
        self.follow_stream()
        nothing, one = self.numbers[name]
        (m, k), n = left.shape, right.shape[1]
        status = getattr(self.library, KINDS[name][0])(
            self.handle,
            ctypes.c_int(right_layout[0]),
            ctypes.c_int(left_layout[0]),
            ctypes.c_int(n),
            ctypes.c_int(m),
            ctypes.c_int(k),
            one,
            ctypes.c_void_p(right.data.ptr),
            ctypes.c_int(right_layout[1]),
            ctypes.c_void_p(left.data.ptr),
            ctypes.c_int(left_layout[1]),
            one if add else nothing,
            ctypes.c_void_p(out.data.ptr),
            ctypes.c_int(out_layout[1]),
        )
        self.check(status)
        return True

    def follow_stream(self) -> None:
        """Work on CuPy's current stream; cuBLAS forgets its workspace when the stream changes."""
        stream = self.xp.cuda.get_current_stream().ptr
        if stream != self.stream:
            size = ctypes.c_size_t(self.workspace.size)
            self.check(self.library.cublasSetStream_v2(self.handle, ctypes.c_void_p(stream)))
            self.check(self.library.cublasSetWorkspace_v2(self.handle, ctypes.c_void_p(self.workspace.data.ptr), size))
            self.stream = stream

    def check(self, status: int) -> None:
        """Raise OSError unless cuBLAS says that all is well."""
        if status != 0:
            raise OSError(f"cuBLAS answers with status {status}")


def layout(array: Array) -> Layout | None:
    """Return how a matrix lies in memory: PLAIN (row by row) or TRANSPOSED, and elements from one line to the next.

    None stands for a matrix that cuBLAS cannot read in place.
    """
    rows, columns = array.shape
    item = array.dtype.itemsize
    down, right = (stride // item for stride in array.strides)
    # What would be the step along a side of length one means nothing.
    for kind, step, jump, lines, length in (
        (PLAIN, right, down, rows, columns),
        (TRANSPOSED, down, right, columns, rows),
    ):
        if step == 1 or length == 1:
            jump = jump if lines > 1 else length
            if jump >= length:
                return kind, jump
    return None


def load_products(xp: Any) -> Products | None:
    """Return the products of the cuBLAS that CuPy uses, or None where it is not to be had."""
    try:
        xp.cuda.device.get_cublas_handle()  # CuPy finds the library, wherever it is installed, and loads it
        major = xp.cuda.runtime.runtimeGetVersion() // 1000
        name = f"cublas64_{major}.dll" if os.name == "nt" else f"libcublas.so.{major}"
        return Products(xp, ctypes.CDLL(name))
    except (OSError, AttributeError, ImportError, RuntimeError):  # CuPy's own errors are of the last kind
        return None


def with_cublas_matmul(arrays: type, product: Callable[[Array, Array], Array]) -> type:
    """Return a subclass of the array class `arrays` whose `@` is product(left, right).

    Views, transposes and elementwise results of its arrays are of the same class, so a cell simply writes
    `prev.h @ self.W_hh`.
    """

    class ArrayWithCublasMatmul(arrays):  # type: ignore[misc]
        """Part of a tape, or an input of a time loop."""

        def __matmul__(self, right: Any) -> Any:
            return product(self, right) if isinstance(right, arrays) else NotImplemented

        def __rmatmul__(self, left: Any) -> Any:
            return product(left, self) if isinstance(left, arrays) else NotImplemented

    return ArrayWithCublasMatmul
