"""The text of kernels as plain C++ functions: compiled by g++, run on the host; or only compiled, by NVRTC, for a GPU.

The loop around the lines, and the references by which they reach their arguments, are like CuPy's.
"""

from __future__ import annotations

import ctypes
import hashlib
import inspect
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.backend.cupy_kernels import Source
from scratchnet.cells import gru, lstm, rnn
from scratchnet.optim import adam

C_TYPES = {"float32": "float", "float64": "double", "int64": "long long", "int32": "int"}
HEAD = "#include <cmath>\n#include <cstddef>\n"


def split(declared: str) -> list[tuple[bool, str, str]]:
    """Return (raw, type, name) of each parameter."""
    words = [part.split() for part in declared.split(", ")]
    return [(part[0] == "raw", part[-2], part[-1]) for part in words]


def as_function(source: Source, types: dict[str, str] | None = None, device: bool = False) -> str:
    """Return C++ whose `kernel(arrays..., size)` runs the operation for each element; for a GPU, one a thread.

    `types` says what the letters T and I stand for, in C's words.
    """
    parameters = [(False, *each) for each in split(source.inputs)] + [(True, *each) for each in split(source.outputs)]
    arguments, references = [], []
    for written, raw, kind, name in parameters:
        word = ("" if written else "const ") + C_TYPES.get(kind, kind)
        if raw:
            arguments.append(f"{word}* {name}")
        elif kind in ("int64", "int32"):
            arguments.append(f"{word} {name}")
        else:
            arguments.append(f"{word}* _raw_{name}")
            references.append(f"        {word}& {name} = _raw_{name}[i];\n")
    typedefs = "".join(f"typedef {kind} {letter};\n" for letter, kind in (types or {}).items())
    first = f'extern "C" {"__global__ " if device else ""}void kernel({", ".join(arguments)}, long long size) {{\n'
    loop = "    for (long long i = 0; i < size; ++i) {\n"
    if device:
        loop = "    const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;\n    if (i < size) {\n"
    return ("" if device else HEAD) + typedefs + first + loop + "".join(references) + source.operation + "\n    }\n}\n"


def elementwise_texts() -> dict[str, Any]:
    """Return every elementwise function of the library's cells and of its optimizers, by name."""
    found: dict[str, Any] = {"adam": adam}
    for module in (lstm, gru, rnn):
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                found[name] = value
    return found


def need_compiler() -> None:
    """Skip the test where there is no g++."""
    if shutil.which("g++") is None:
        pytest.skip("needs a C++ compiler called g++")


@cache
def compiled(text: str) -> Any:
    """Return the function `kernel` of a C++ text, compiled for this machine."""
    need_compiler()
    folder = Path(tempfile.mkdtemp(prefix="scratchnet-c-"))
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    source, library = folder / f"{name}.cpp", folder / f"{name}.so"
    source.write_text(text)
    command = ["g++", "-O1", "-ffp-contract=off", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-shared", "-fPIC"]
    done = subprocess.run([*command, str(source), "-o", str(library)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    function = ctypes.CDLL(str(library)).kernel
    shutil.rmtree(folder)
    function.restype = None
    return function


def run_compiled(source: Source, arrays: Sequence[Any], size: int, types: dict[str, str] | None = None) -> None:
    """Run a kernel on NumPy's arrays, in place of a GPU's."""
    places = [ctypes.c_longlong(a) if isinstance(a, int) else ctypes.c_void_p(a.ctypes.data) for a in arrays]
    compiled(as_function(source, types))(*places, ctypes.c_longlong(size))


class RawKernel:
    """A kernel with raw parameters; the letters T and I stand for what the arrays are of."""

    def __init__(self, inputs: str, outputs: str, operation: str, name: str) -> None:
        self.source = Source(inputs, outputs, operation, name)
        self.declared = split(inputs) + split(outputs)

    def __call__(self, *arguments: Any, size: int) -> None:
        types: dict[str, str] = {}
        for (_, kind, name), value in zip(self.declared, arguments, strict=True):
            if kind in C_TYPES:
                assert isinstance(value, int) or value.dtype == kind, f"{name} is {value.dtype}, wanted {kind}"
            else:
                assert types.setdefault(kind, C_TYPES[value.dtype.name]) == C_TYPES[value.dtype.name], name
        assert all(isinstance(value, int) or value.flags.c_contiguous for value in arguments)
        run_compiled(self.source, arguments, size, types)


@cache
def find_nvrtc() -> Any:
    """Return NVIDIA's runtime compiler from its Python package, which needs no GPU; None without it."""
    names = [name for name in ("nvidia.cuda_nvrtc", "nvidia.cu13") if find_spec("nvidia") and find_spec(name)]
    for name in names:
        for folder in import_module(name).__path__:
            for library in sorted(Path(folder).glob("lib/libnvrtc.so.*")):
                return ctypes.CDLL(str(library))
    return None


@dataclass(frozen=True)
class Compiled:
    """What NVRTC makes of a CUDA text: PTX, and what the machine code made of that needs of each thread."""

    ptx: str
    registers: int
    spilled: int  # bytes stored to and loaded from memory because registers are lacking


@cache
def compile_for_gpu(text: str, architecture: str = "sm_90") -> Compiled:
    """Compile the function `kernel` of a CUDA text down to machine code; no GPU is needed."""
    library, program = find_nvrtc(), ctypes.c_void_p()
    if library is None:
        pytest.skip("needs NVRTC (pip install nvidia-cuda-nvrtc-cu12)")
    assert library.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernel.cu", 0, None, None) == 0
    options = [f"--gpu-architecture={architecture}".encode(), b"--std=c++17", b"--ptxas-options=-v"]
    status = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))

    def read(what: str) -> str:
        size = ctypes.c_size_t()
        assert getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)) == 0
        answer = ctypes.create_string_buffer(size.value)
        assert getattr(library, f"nvrtcGet{what}")(program, answer) == 0
        return answer.value.decode()

    log = read("ProgramLog")
    assert status == 0, log
    registers = re.findall(r"Used (\d+) registers", log)
    spilled = re.findall(r"(\d+) bytes spill (?:stores|loads)", log)
    assert len(registers) == 1 and len(spilled) == 2, log
    found = Compiled(read("PTX"), int(registers[0]), sum(map(int, spilled)))
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return found


def compare_dtypes(dtype: str) -> float:
    """Return how far apart two mathematics libraries may be, relative to one, in this precision."""
    return 4 * float(np.finfo(dtype).eps)
