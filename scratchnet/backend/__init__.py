"""The array backends behind one small object: NumPy and Numba on the CPU, CuPy on the GPU.

    base.py       the reference, and what a backend is; memory.py: what a tape's arrays lie in; workers.py: the cores
    threads.py    how many threads compute; chooser.py finds the fastest number, cores.py what the machine allows
    text.py       the elementwise text of a cell, taken apart
    compiled.py   Numba: that text as loops (loops.py, rows.py)
    device.py     CuPy: that text as kernels (kernels.py), products in place (products.py), loops as graphs (graphs.py)
    choose.py     the backend of a given name

Read next: choose.py.
"""

from scratchnet.backend.base import NUMPY, Array, Backend, check_dtype
from scratchnet.backend.choose import available_backends, get_backend
from scratchnet.backend.compiled import NumbaBackend
from scratchnet.backend.cores import allowed_cores, number_set
from scratchnet.backend.device import CupyBackend
from scratchnet.backend.memory import Buffers, SegmentArray, Segments
from scratchnet.backend.threads import BlasPools, StepThreads, parse_threads, set_threads

__all__ = [
    "NUMPY",
    "Array",
    "Backend",
    "BlasPools",
    "Buffers",
    "CupyBackend",
    "NumbaBackend",
    "SegmentArray",
    "Segments",
    "StepThreads",
    "allowed_cores",
    "available_backends",
    "check_dtype",
    "get_backend",
    "number_set",
    "parse_threads",
    "set_threads",
]
