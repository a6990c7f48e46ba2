"""The array backends behind one small object: NumPy and Numba on the CPU, CuPy on the GPU.

    choose.py          the backend of a given name
    numpy_backend.py   the reference, and what a backend is
    elementwise.py     the elementwise functions of a cell, parsed
    numba_backend.py   Numba: those functions as compiled loops (numba_loops.py, numba_primitives.py, numba_cache.py)
    cupy_backend.py    CuPy: the same as kernels (cupy_kernels.py), cuBLAS (cublas.py), CUDA graphs (cuda_graphs.py)
    memory.py          the memory of a tape
    workers.py         the processor's cores

Read next: choose.py.
"""

from scratchnet.backend.choose import available_backends, get_backend
from scratchnet.backend.cupy_backend import CupyBackend
from scratchnet.backend.memory import Buffers, SegmentArray, Segments
from scratchnet.backend.numba_backend import NumbaBackend
from scratchnet.backend.numpy_backend import NUMPY, Array, Backend, check_dtype

__all__ = [
    "NUMPY",
    "Array",
    "Backend",
    "Buffers",
    "CupyBackend",
    "NumbaBackend",
    "SegmentArray",
    "Segments",
    "available_backends",
    "check_dtype",
    "get_backend",
]
