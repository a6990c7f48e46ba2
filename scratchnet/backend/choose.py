"""The backend of a given name, or the reason why it cannot be had here.

Read next: elementwise.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchnet.backend.cupy_backend import CupyBackend
from scratchnet.backend.numba_backend import NumbaBackend
from scratchnet.backend.numpy_backend import NUMPY, Backend
from scratchnet.errors import InputError

OTHERS: dict[str, Callable[[], Backend]] = {"numba": NumbaBackend, "cupy": CupyBackend}


def available_backends() -> dict[str, str]:
    """Return every known backend's name with "ready", or with the reason why it is not."""
    found = {"numpy": f"ready (NumPy {np.__version__})"}
    for name, make in OTHERS.items():
        try:
            found[name] = f"ready ({make().version()})"
        except InputError as error:
            found[name] = str(error)
    return found


def get_backend(name: str | Backend = "numpy", *, say: Callable[[str], None] | None = None) -> Backend:
    """Return the backend called `name`: "numpy", "numba", "cupy", or "auto" (cupy, numba, numpy: the first there is).

    `say` receives one line that tells which backend "auto" took. Raises InputError for an unknown name, or for
    a backend that cannot run here, with what to install.
    """
    if isinstance(name, Backend):
        return name
    if name == "numpy":
        return NUMPY
    if name in OTHERS:
        return OTHERS[name]()
    if name == "auto":
        backend = _best()
        if say is not None:
            say(f"backend: {backend.name} (chosen automatically)")
        return backend
    raise InputError(f"unknown backend {name!r}: choose one of numpy, numba, cupy, auto")


def _best() -> Backend:
    for make in reversed(OTHERS.values()):
        try:
            return make()
        except InputError:
            continue
    return NUMPY
