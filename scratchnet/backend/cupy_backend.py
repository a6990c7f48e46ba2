"""CuPy on the current CUDA device: the GPU.

    elementwise text    one kernel (cupy_kernels.py)
    products            cuBLAS; `@` of a tape's arrays, too, which a recording could not hold otherwise (cublas.py)
    the time loop       one launch, where the same loop comes again (cuda_graphs.py)
    scatter             atomic additions; or, `deterministic`, sums in a fixed order

Nothing here waits for the device but `to_numpy` and `synchronize`.

Read next: cupy_kernels.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from scratchnet.backend.cublas import load_products, with_cublas_matmul
from scratchnet.backend.cuda_graphs import Graphs, graphs_wanted, map_arrays, places_of
from scratchnet.backend.cupy_kernels import ADD_ROWS, TYPES, print_kernel
from scratchnet.backend.elementwise import NotElementwise, read_elementwise
from scratchnet.backend.numpy_backend import Array, Backend, Elementwise
from scratchnet.backend.workers import Work
from scratchnet.errors import InputError


class CupyBackend(Backend):
    """CuPy on the current CUDA device.

    deterministic: sums in a fixed order, so that a run repeats to the bit; by default as SCRATCHNET_DETERMINISTIC=1
        says. graphs: record time loops and launch them whole; by default unless SCRATCHNET_CUDA_GRAPHS=0.
    Raises InputError where CuPy or a device is missing.
    """

    name = "cupy"

    def __init__(self, deterministic: bool | None = None, graphs: bool | None = None) -> None:
        super().__init__()
        self.xp = _import_cupy()
        wanted = os.environ.get("SCRATCHNET_DETERMINISTIC", "0") == "1"
        self.deterministic = wanted if deterministic is None else deterministic
        self.products = load_products(self.xp)
        self._with_cublas_matmul = with_cublas_matmul(self.xp.ndarray, self.product)
        # Without cuBLAS at hand, no loop with a product in it can be recorded.
        wanted = graphs_wanted() if graphs is None else graphs
        self.graphs = Graphs(self.xp) if wanted and self.products is not None else None
        self.refused: dict[Elementwise, str] = {}  # the functions that run line by line, and why
        self._kernels: dict[tuple[Elementwise, Any], Any] = {}
        self._add_rows: Any = None

    def asarray(self, values: Any, dtype: Any = None) -> Array:
        return self.xp.asarray(values, dtype=dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        return self.xp.asnumpy(array)  # type: ignore[no-any-return]

    def dropout_mask(self, shape: tuple[int, ...], keep: float, rng: np.random.Generator, dtype: Any) -> Array:
        # Only a seed leaves the host: a mask drawn there would cross the bus at every step.
        device_rng = self.xp.random.Generator(self.xp.random.Philox4x3210(int(rng.integers(2**31))))
        uniform = device_rng.random(shape, dtype=self.xp.float32)
        return (uniform < keep).astype(dtype) / np.dtype(dtype).type(keep)

    def add_at(self, target: Array, ids: Array, rows: Array) -> None:
        if not self.deterministic:
            self.xp.add.at(target, ids, rows)
        elif len(ids):
            if self._add_rows is None:
                self._add_rows = self.xp.ElementwiseKernel(
                    ADD_ROWS.inputs, ADD_ROWS.outputs, ADD_ROWS.operation, ADD_ROWS.name
                )
            order = self.xp.argsort(ids)  # CuPy's is stable
            self._add_rows(ids, order, rows, len(ids), rows.shape[1], target, size=rows.size)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self._for_a_loop(self.xp.empty(shape, dtype=dtype))

    def time_loop(self, loop: Callable[..., None], cell: Any, tape: Any, steps: range, *inputs: Any) -> None:
        given = map_arrays(lambda where, array: self._for_a_loop(array), (tape, steps, *inputs), self.xp.ndarray)
        if self.graphs is None:
            loop(*given)
            return
        # What the launches of a loop depend on, besides the shapes of its inputs.
        read = vars(cell), tape.buffers(), tape.packing.sizes, (tape.segments.every, steps.start, steps.stop)
        kind = loop.__name__, type(cell)
        self.graphs.run(loop, kind, places_of(read, lambda value: isinstance(value, self.xp.ndarray)), given)

    def _for_a_loop(self, array: Array) -> Array:
        """Return a view whose `@`, and that of all its parts, is cuBLAS's own: CuPy's cannot be recorded."""
        return array if self.products is None else array.view(self._with_cublas_matmul)

    def product(self, left: Array, right: Array, out: Array | None = None, add: bool = False) -> Array:
        """Return left @ right, in the memory of `out` where that is given, or added to what is there."""
        if self.products is not None and left.ndim == right.ndim == 2:
            # New memory, too, must be asked for here: CuPy's own product cannot be recorded.
            place = self.empty((left.shape[0], right.shape[1]), left.dtype) if out is None else out
            if self.products.product(left, right, place, add):
                return place
        if out is None or not add:
            return self.xp.matmul(left, right, out=out)
        out += self.xp.matmul(left, right)
        return out

    def pointwise(self, maths: Elementwise, inputs: Sequence[Any], outputs: Sequence[Array]) -> None:
        dtypes = {value.dtype for value in (*inputs, *outputs) if hasattr(value, "dtype")}
        kernel = self._kernel(maths, dtypes.pop()) if len(dtypes) == 1 else None
        if kernel is None:
            super().pointwise(maths, inputs, outputs)
        else:
            kernel(*inputs, *outputs)

    def _kernel(self, maths: Elementwise, dtype: Any) -> Any:
        """Return the kernel of a function for arrays of one dtype, or None where it must run line by line."""
        key = (maths, dtype)
        if key not in self._kernels:
            self._kernels[key] = self._compile(maths, dtype.name)
        return self._kernels[key]

    def _compile(self, maths: Elementwise, dtype: str) -> Any:
        if dtype not in TYPES or maths in self.refused:
            return None
        try:
            source = print_kernel(read_elementwise(maths), dtype)
        except NotElementwise as error:
            self.refused[maths] = str(error)
            return None
        return self.xp.ElementwiseKernel(source.inputs, source.outputs, source.operation, source.name)

    def blockwise(self, work: Work, rows: int, width: int = 1) -> None:
        work(slice(0, rows))  # one launch over everything: a device has cores enough, and cuts for itself

    def version(self) -> str:
        return f"CuPy {self.xp.__version__}"

    def synchronize(self) -> None:
        self.xp.cuda.get_current_stream().synchronize()


def _import_cupy() -> Any:
    """Return the cupy module, or raise InputError saying what is missing."""
    if find_spec("cupy") is None:
        raise InputError("backend 'cupy' is not installed: pip install -e '.[cuda12]' in its checkout (or [cuda13])")
    try:
        cupy = import_module("cupy")
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # CuPy reports a missing driver with errors of its own
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"backend 'cupy' cannot use a GPU here: {first_line}") from error
    if count == 0:
        raise InputError("backend 'cupy' found no CUDA device: use backend 'numpy'")
    return cupy
