"""NumPy's own BLAS library: where it is, and whether it is quick with small products.

Before OpenBLAS multiplies, it copies both operands into an order of its own. For a step of a time loop, a few rows
times the recurrent weights, that takes longer than the product. For processors with AVX-512 it has kernels besides that
read the operands where they lie; it takes them for products of up to a million multiplications. So a step's product is
cut into pieces of that size: for 8 rows twice as fast as on two threads, for 64 rows not worth it
(tests/benchmarks/step_products.py prints the figures).

Read next: base.py.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Array = Any

SMALL = 1_000_000  # multiplications: the largest product that OpenBLAS gives to those kernels
WIDTHS = (64, 32)  # columns of a piece: the wider the better
WORTHWHILE = 17_000_000  # multiplications, divided by the threads: beyond, OpenBLAS's ordinary product is quicker
QUICK = {"SkylakeX", "Cooperlake", "SapphireRapids"}  # what OpenBLAS calls the processors for which it has them
CORE, COPY = "scipy_openblas_get_corename64_", "scipy_cblas_somatcopy64_"
MULTIPLY = "scipy_cblas_sgemm64_"
BY_ROWS, TRANSPOSED = 101, 112  # as <cblas.h> numbers them


@cache
def openblas() -> ctypes.CDLL | None:
    """Return the OpenBLAS of NumPy's wheel, or None where NumPy multiplies with something else."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in folder.glob("*scipy_openblas64*"):
            try:
                library = ctypes.CDLL(str(path))
                core, copy, _ = (getattr(library, name) for name in (CORE, COPY, MULTIPLY))
            except (OSError, AttributeError):
                continue
            core.restype = ctypes.c_char_p
            size, address = ctypes.c_int64, ctypes.c_void_p
            copy.argtypes = [ctypes.c_int] * 2 + [size] * 2 + [ctypes.c_float, address, size, address, size]
            copy.restype = None
            return library
    return None


@cache
def quick_with_small_products() -> bool:
    """Return whether this processor, with this NumPy, multiplies small matrices where they lie."""
    library = openblas()
    return library is not None and getattr(library, CORE)().decode() in QUICK


def multiply_address() -> int:
    """Return the address of cblas_sgemm with 64-bit sizes, or 0 where it is not to be had."""
    library = openblas()
    return 0 if library is None else ctypes.cast(getattr(library, MULTIPLY), ctypes.c_void_p).value or 0


def by_columns(matrix: Array) -> Array:
    """Return the same matrix, laid out column by column: so that its transpose is read row by row."""
    library = openblas()
    if library is None or matrix.dtype != np.float32 or matrix.ndim != 2 or not matrix.flags.c_contiguous:
        return np.asfortranarray(matrix)
    rows, columns = matrix.shape
    turned = np.empty((columns, rows), np.float32)  # NumPy itself takes nine times as long to turn a matrix
    getattr(library, COPY)(
        BY_ROWS, TRANSPOSED, rows, columns, 1.0, matrix.ctypes.data, columns, turned.ctypes.data, rows
    )
    return turned.T


def step_product(left: Array, right: Array, threads: int) -> Array:
    """Return left @ right, (n, K) and (K, M): in pieces where that is quicker than OpenBLAS on `threads` threads."""
    if left.ndim == right.ndim == 2 and left.dtype == right.dtype == np.float32 and quick_with_small_products():
        (rows, inner), columns = left.shape, right.shape[1]
        fits = [width for width in WIDTHS if columns % width == 0 and rows * inner * width <= SMALL]
        size = rows * inner * columns
        if fits and rows > 1 and SMALL < size <= WORTHWHILE // threads:  # a smaller one needs no cutting
            out = np.empty((rows, columns), right.dtype)
            pieces = [array.reshape(len(array), -1, fits[0]).transpose(1, 0, 2) for array in (right, out)]
            np.matmul(left, pieces[0], out=pieces[1])
            return out
    return np.matmul(left, right)
