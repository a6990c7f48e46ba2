"""What the compiled loops are built of: a row of a matrix that lies in one piece, and a tanh that a loop can vectorise.

A column block of a matrix is not contiguous, and Numba then knows nothing of its rows, although each of them lies in
one piece. `row` says so. It is never imported: a copy in the user's cache folder is (numba_cache.py).

Read next: cache_folder.py.
"""

from __future__ import annotations

from math import log
from typing import Any

from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numpy import float32, floor, int32

# tanh(x) = x P(x^2) / Q(x^2) for |x| <= 9.01, beyond which tanh is 1 in float32: fitted to the least largest relative
# error, 2.1e-8. Evaluated in float32 the result is within 6 units in the last place (tests/test_compiled.py).
CLAMP = float32(9.01)
P0, P1, P2, P3, P4 = (float32(c) for c in (0.99999998, 0.1338037152, 0.003494810949, 2.0596272e-05, 1.3336845e-08))
Q1, Q2, Q3, Q4 = (float32(c) for c in (0.4671368694, 0.02587402638, 0.0003284363056, 7.769281954e-07))
ONE, HALF = float32(1.0), float32(0.5)
# exp: log 2 in two parts, so that the first times any k is exact; the polynomial is fitted like that of tanh.
LOG2_E, LOG2_HIGH, LOG2_LOW = float32(1.44269504), float32(0.693359375), float32(-2.12194440e-4)
E2, E3, E4, E5, E6 = (float32(1.0 / k) for k in (2, 6, 24, 120, 720))
LOWEST, HIGHEST = float32(-87.0), float32(88.0)
FAST = {"contract", "arcp", "nsz", "afn", "reassoc"}  # not "nnan": a NaN must stay one


@intrinsic
def row(context: Any, matrix: Any, number: Any) -> Any:
    """Return row `number` of a two-dimensional array whose rows each lie in one piece, as a contiguous array."""
    result = types.Array(matrix.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = make_array(matrix)(context, builder, arguments[0])
        (step, _) = cgutils.unpack_tuple(builder, whole.strides, 2)
        (_, width) = cgutils.unpack_tuple(builder, whole.shape, 2)
        address = cgutils.pointer_add(builder, whole.data, builder.mul(step, arguments[1]))
        found = make_array(result)(context, builder)
        size = context.get_constant(types.intp, matrix.dtype.bitwidth // 8)
        populate_array(found, data=address, shape=[width], strides=[size], itemsize=size, meminfo=None, parent=None)
        return found._getvalue()

    return result(matrix, types.intp), build


@njit(inline="always")
def tanh(x: Any) -> Any:
    """Return tanh(x) for a float32."""
    x = -CLAMP if x < -CLAMP else x
    x = CLAMP if x > CLAMP else x  # written so that a NaN passes through
    u = x * x
    y = x * (P0 + u * (P1 + u * (P2 + u * (P3 + u * P4)))) / (ONE + u * (Q1 + u * (Q2 + u * (Q3 + u * Q4))))
    y = -ONE if y < -ONE else y
    return ONE if y > ONE else y


@njit("float32(float32)", fastmath=FAST - {"reassoc"}, error_model="numpy", cache=False)
def exp(x: Any) -> Any:
    """Return exp(x) for a float32: x = k log 2 + r with |r| <= log(2) / 2, and 2^k put together from its bits."""
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    k = floor(x * LOG2_E + HALF)  # NumPy's floor, which stays a float32
    r = (x - k * LOG2_HIGH) - k * LOG2_LOW
    e = ONE + r * (ONE + r * (E2 + r * (E3 + r * (E4 + r * (E5 + r * E6)))))
    return e * int32((int32(k) + int32(127)) << int32(23)).view(float32)


@njit(
    "void(float32[:, ::1], float32[::1], float32, float32, float32[::1])",
    nogil=True,
    cache=False,
    fastmath=FAST,
    error_model="numpy",
)
def softmax_rows(z: Any, largest: Any, share: Any, smallest: Any, log_total: Any) -> None:
    """Do what Backend.softmax_rows says, given each row's largest, a row at a time in the nearest cache."""
    for n in range(z.shape[0]):
        row_z, row_max = z[n], largest[n]
        for j in range(row_z.shape[0]):
            row_z[j] = exp(max(row_z[j] - row_max, smallest))
        total = float32(0.0)
        for j in range(row_z.shape[0]):
            total += row_z[j]
        scale = share / total
        for j in range(row_z.shape[0]):
            row_z[j] *= scale
        log_total[n] = log(total) + row_max


@njit(
    [f"void({kind}[:, ::1], int64[:], {kind}[:, ::1])" for kind in ("float32", "float64")], nogil=True, cache=False
)  # fmt: skip
def add_rows(target: Any, ids: Any, rows: Any) -> None:
    """Add rows[n] to target[ids[n]], one n after the other."""
    for n in range(ids.shape[0]):
        for j in range(rows.shape[1]):
            target[ids[n], j] += rows[n, j]
