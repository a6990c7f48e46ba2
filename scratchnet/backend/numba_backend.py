"""NumPy's arrays on the CPU, with the elementwise text compiled by Numba; in float32, what one trains in.

The loops that numba_loops.py prints are written to files in the user's cache folder, where one can read them, and where
Numba keeps the compiled code beside them: only the first run ever compiles. What does not fit a compiled loop (another
dtype, another shape, text that is no row of assignments) runs as NumPy.

Read next: numba_loops.py.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module, util
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from scratchnet.backend.elementwise import NotElementwise, read_elementwise
from scratchnet.backend.numba_loops import print_loops
from scratchnet.backend.numpy_backend import SMALLEST, Array, Backend, Elementwise
from scratchnet.errors import InputError

Kernel = Callable[..., bool]
KIND = {1: "v", 2: "m"}


class NumbaBackend(Backend):
    """NumPy with compiled loops; Numba is imported only when this backend is asked for."""

    name = "numba"

    def __init__(self) -> None:
        super().__init__()
        self._numba = _import_numba()
        self._rows = import_module("scratchnet.backend.numba_primitives")
        self._kernels: dict[tuple[Any, ...], tuple[Kernel, ...]] = {}
        self._known: dict[tuple[Any, ...], Kernel] = {}
        self._lock = Lock()
        self.refused: dict[Elementwise, str] = {}  # the functions that run as NumPy, and why

    def version(self) -> str:
        return f"Numba {self._numba.__version__}"

    def pointwise(self, maths: Elementwise, inputs: Sequence[Any], outputs: Sequence[Array]) -> None:
        key = (maths, *[getattr(value, "ndim", 0) for value in inputs], outputs[0].ndim)
        if outputs[0].dtype == np.float32:
            for kernel in self._kernels.get(key, ()):
                try:
                    if kernel(*inputs, *outputs):
                        return
                except TypeError:  # an input of another dtype
                    break
        if not self._compile_and_run(key, inputs, outputs):
            super().pointwise(maths, inputs, outputs)

    def add_at(self, target: Array, ids: Array, rows: Array) -> None:
        if target.flags.c_contiguous and rows.flags.c_contiguous and target.dtype == rows.dtype:
            self._rows.add_rows(target, ids, rows)
        else:
            super().add_at(target, ids, rows)

    def softmax_rows(self, z: Array, scale: float | None = None) -> Array:
        if z.dtype != np.float32 or not z.flags.c_contiguous:
            return super().softmax_rows(z, scale)
        log_total = np.empty(len(z), np.float32)
        factor = np.float32(1.0 if scale is None else scale)
        self._rows.softmax_rows(z, z.max(axis=1), factor, np.float32(SMALLEST), log_total)
        return log_total

    def _compile_and_run(self, key: tuple[Any, ...], inputs: Sequence[Any], outputs: Sequence[Array]) -> bool:
        """Compile a kernel for arrays like these and run it; return whether there is one."""
        maths, *dimensions, flat = key
        arrays = [value for value in (*inputs, *outputs) if isinstance(value, np.ndarray)]
        if maths in self.refused or any(array.dtype != np.float32 for array in arrays):
            return False
        if flat not in (1, 2) or not set(dimensions) <= {0, flat, 1} or len({output.shape for output in outputs}) > 1:
            return False
        kinds = "".join("s" if number == 0 else "f" if flat == 1 else KIND[number] for number in dimensions)
        where = [value.ctypes.data if letter in "mf" else None for value, letter in zip(inputs, kinds, strict=True)]
        at = [output.ctypes.data for output in outputs]
        same = tuple(where.index(place) if place in where else -1 for place in at)
        with self._lock:
            if (key, same) not in self._known:
                try:
                    kernel = load_kernel(print_loops(read_elementwise(maths), kinds, same), maths.__name__)
                    self._kernels[key] = (*self._kernels.get(key, ()), kernel)
                    self._known[key, same] = kernel
                except NotElementwise as error:
                    self.refused[maths] = str(error)
                    return False
        return self._known[key, same](*inputs, *outputs)


def load_kernel(source: str, name: str) -> Kernel:
    """Return the compiled `kernel` of a module's source, which is kept, with its machine code, in the cache folder."""
    # Numba looks at one file only to tell whether its cache is stale, so the name says what else goes in.
    rows = Path(__file__).with_name("numba_primitives.py").read_bytes()
    digest = hashlib.sha256(source.encode() + rows).hexdigest()[:16]
    path = cache_folder() / f"scratchnet_{name}_{digest}.py"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
            file.write(source)
        os.replace(file.name, path)
    spec = util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = util.module_from_spec(spec)  # Numba asks for it when it loads machine code
    spec.loader.exec_module(module)
    return module.kernel  # type: ignore[no-any-return]


def cache_folder() -> Path:
    """Return the folder of the compiled loops: in the user's cache, or a temporary one where that cannot be written."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "scratchnet" / "loops"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where this user is at home
        pass
    return Path(tempfile.mkdtemp(prefix="scratchnet-loops-"))


def _import_numba() -> Any:
    if find_spec("numba") is None:
        raise InputError("backend 'numba' is not installed: pip install 'scratchnet[numba]'")
    return import_module("numba")
