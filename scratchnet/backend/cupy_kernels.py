"""Elementwise text as one kernel for a GPU: each assignment a line of CUDA, every value but the results in a register.

    const float v_a_i = in_a_i;                              all arguments are read first:
    const float v_c_prev = in_c_prev;                        an output may be the very memory of an input
    const float v_i = ((0.5f * tanhf((0.5f * v_a_i))) + 0.5f);
    const float v_c = ((v_f * v_c_prev) + (v_i * v_g));
    out_0 = v_h;                                             the results go out last

CuPy puts the loop around these lines: a thread for each element, arguments broadcast, Python's numbers as parameters.
Numbers are printed in the arrays' type, since next to a plain 0.5 CUDA would go on in double precision. Names have a
prefix, since CuPy keeps `i` and `n` for itself.

Read next: cublas.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scratchnet.backend.elementwise import Dialect, ElementwiseFunction

ONE_ARGUMENT = ("tanh", "exp", "log", "sqrt", "sin", "cos", "expm1", "log1p")  # what C calls by NumPy's names
TYPES = {"float32": "float", "float64": "double"}


@dataclass(frozen=True)
class Source:
    """What cupy.ElementwiseKernel wants: its parameters, the lines of one element, and a name."""

    inputs: str
    outputs: str
    operation: str
    name: str


# target[ids[k]] += rows[k] without atomic additions, whose order nobody knows. Every element of `rows` has a thread, in
# the order of the ids; the first one of each id adds up all of them, one by one, and the others do nothing.
ADD_ROWS = Source(
    "raw I ids, raw int64 order, raw T rows, int64 count, int64 width",
    "raw T target",
    """\
const long long place = i / width;
const long long column = i % width;
const I id = ids[order[place]];
if (place == 0 || ids[order[place - 1]] != id) {
    T total = 0;
    for (long long k = place; k < count && ids[order[k]] == id; ++k) total += rows[order[k] * width + column];
    target[id * width + column] += total;
}""",
    "scratchnet_add_rows",
)


def print_kernel(text: ElementwiseFunction, dtype: str) -> Source:
    """Return the kernel of an elementwise text for arrays of "float32" or "float64".

    Raises NotElementwise for a function that is not known in CUDA.
    """
    kind, suffix = TYPES[dtype], "f" if dtype == "float32" else ""
    dialect = Dialect(lambda name: f"v_{name}", _number(dtype, suffix), _functions(suffix))
    lines = [f"const {kind} v_{name} = in_{name};" for name in text.arguments]
    lines += [f"const {kind} v_{name} = {dialect.show(value)};" for name, value in text.assignments]
    lines += [f"out_{k} = v_{name};" for k, name in enumerate(text.results)]
    inputs = ", ".join(f"{dtype} in_{name}" for name in text.arguments)
    outputs = ", ".join(f"{dtype} out_{k}" for k in range(len(text.results)))
    return Source(inputs, outputs, "\n".join(lines), f"scratchnet_{text.name}")


def _number(dtype: str, suffix: str) -> Callable[[float], str]:
    kind = np.dtype(dtype).type
    # Rounded here, as NumPy rounds a Python number beside an array: C would round the decimal digits instead.
    return lambda value: f"{float(kind(value))!r}{suffix}"


def _functions(suffix: str) -> dict[str, str]:
    functions = {name: f"{name}{suffix}({{}})" for name in ONE_ARGUMENT}
    return functions | {
        "square": "({0} * {0})",
        "negative": "(-{})",
        "reciprocal": f"(1.0{suffix} / {{}})",
    }
