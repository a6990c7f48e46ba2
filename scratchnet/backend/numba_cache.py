"""Numba's compiled code, kept in the user's cache folder beside the source that it was compiled from.

The name of such a file is made of all that its code depends on: the text, the versions of Numba and Python, and the
processor. Nothing is written into the package. Where the folder cannot be used (read-only, full), each run compiles
anew, and says so once; a file that is damaged, or another's, is written and compiled anew.

Read next: cupy_backend.py.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import linecache
import os
import sys
import tempfile
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from scratchnet.backend.cache_folder import cache_folder

LOOPS = "loops"  # the kind of files
NOT_KEPT, KEPT = "cache=False", "cache=True"  # what Numba's decorators are given
PRIMITIVES = "scratchnet.backend.numba_primitives"


def load_primitives() -> ModuleType:
    """Return the module of numba_primitives.py, compiled from a copy of its text: its own folder stays as it is."""
    return load_compiled(Path(__file__).with_name("numba_primitives.py").read_text("utf-8"), "primitives")


def load_loops(source: str, name: str) -> ModuleType:
    """Return the module of a source that numba_loops.py printed."""
    return load_compiled(source.replace(PRIMITIVES, load_primitives().__name__), name)


def load_compiled(source: str, name: str) -> ModuleType:
    """Return the module of a source, its machine code from the cache folder where it is there, and else put there."""
    digest = hashlib.sha256("\n".join((source, *_compiled_for())).encode()).hexdigest()
    module = f"scratchnet_{name}_{digest[:16]}"
    if module in sys.modules:
        return sys.modules[module]
    for _ in range(2):
        try:
            return _load_file(cache_folder(LOOPS) / f"{module}.py", source.replace(NOT_KEPT, KEPT))
        except OSError as error:
            _say_that_nothing_is_kept(f"{error.filename or 'the cache folder'}: {error.strerror or error}")
            break
        except Exception:  # a damaged file; what is wrong with the source itself shows below
            _remove_compiled(module)
    return _load_text(module, source)


@functools.cache
def _compiled_for() -> tuple[str, ...]:
    """Return what compiled code depends on beside its text."""
    numba, llvm = import_module("numba"), import_module("llvmlite.binding")
    features = ""
    with contextlib.suppress(RuntimeError):  # not known on every system
        features = llvm.get_host_cpu_features().flatten()
    return numba.__version__, sys.version, llvm.get_default_triple(), llvm.get_host_cpu_name(), features


def _load_file(path: Path, text: str) -> ModuleType:
    if not _holds(path, text):
        number, part = tempfile.mkstemp(".part", dir=path.parent)
        os.close(number)
        try:
            Path(part).write_bytes(text.encode())
            os.replace(part, path)  # at once: other processes may read or write the same file
        except OSError:
            Path(part).unlink(missing_ok=True)
            if not _holds(path, text):  # else another process was quicker
                raise
    spec = util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = util.module_from_spec(spec)  # Numba asks for it when it loads machine code
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def _load_text(name: str, text: str) -> ModuleType:
    """Return the module of a text, compiled for this process alone."""
    module, file = ModuleType(name), f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), vars(module))
    sys.modules[name] = module
    return module


def _remove_compiled(name: str) -> None:
    with contextlib.suppress(OSError):
        for file in (cache_folder(LOOPS) / "__pycache__").glob(f"{name}*"):
            file.unlink()


@functools.cache
def _say_that_nothing_is_kept(reason: str) -> None:
    print(f"compiled loops cannot be kept ({reason}); they are compiled anew in each run", file=sys.stderr)
