"""The array backends behind one small object: NumPy and Numba on the CPU, CuPy on the GPU.

    choose.py          the backend of a given name
    numpy_backend.py   the reference, and what a backend is
    elementwise.py     the elementwise functions of a cell, parsed
    numba_backend.py   Numba: those functions as compiled loops (numba_loops.py, numba_primitives.py, numba_cache.py)
    cupy_backend.py    CuPy: the same as kernels (cupy_kernels.py), cuBLAS (cublas.py), CUDA graphs (cuda_graphs.py)
    recompute.py       gradient checkpointing: less memory for more time
    threads.py         how many threads compute; chooser.py finds the fastest number, cores.py what the machine allows
    cache_folder.py    where compiled code, and other files that can be made again, are kept
    workers.py         the processor's cores, for work that falls into blocks

Read next: choose.py.
"""

from scratchnet.backend.cache_folder import cache_folder
from scratchnet.backend.choose import available_backends, get_backend
from scratchnet.backend.cores import allowed_cores, number_set
from scratchnet.backend.cupy_backend import CupyBackend
from scratchnet.backend.numba_backend import NumbaBackend
from scratchnet.backend.numpy_backend import NUMPY, Array, Backend, check_dtype
from scratchnet.backend.recompute import SegmentArray, Segments
from scratchnet.backend.threads import BlasPools, StepThreads, parse_threads, set_threads

__all__ = [
    "NUMPY",
    "Array",
    "Backend",
    "BlasPools",
    "CupyBackend",
    "NumbaBackend",
    "SegmentArray",
    "Segments",
    "StepThreads",
    "allowed_cores",
    "available_backends",
    "cache_folder",
    "check_dtype",
    "get_backend",
    "number_set",
    "parse_threads",
    "set_threads",
]
