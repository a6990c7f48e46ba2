"""Which kernels a GPU would be given, and what each thread of them needs; no GPU is needed to find out.

    pip install nvidia-cuda-nvrtc-cu12
    python tests/benchmarks/gpu_kernels.py               compiles them, and writes the table of docs/speed_gpu.md

NVRTC, the compiler that CuPy calls, makes machine code of each text for the architecture of an H100. CuPy wraps a text
in lines of its own; here tests/c_text.py does.

Read next: gpu.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pages import DOCS, replace_tables

from scratchnet.backend.cupy_kernels import ADD_ROWS, print_kernel
from scratchnet.backend.elementwise import read_elementwise
from scratchnet.bench import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
from c_text import C_TYPES, as_function, compile_for_gpu, elementwise_texts, find_nvrtc

DTYPES = ("float32", "float64")


def figures(text: str) -> tuple[str, str]:
    """Return the registers that a thread of a kernel needs, and the bytes that it spills."""
    found = compile_for_gpu(text)
    return str(found.registers), str(found.spilled)


def main() -> None:
    """Compile every kernel in both precisions, and write the table."""
    if find_nvrtc() is None:
        sys.exit("error: NVRTC is not installed: pip install nvidia-cuda-nvrtc-cu12")
    texts = {
        name: [as_function(print_kernel(read_elementwise(maths), dtype), device=True) for dtype in DTYPES]
        for name, maths in elementwise_texts().items()
    }
    texts["scatter, in a fixed order"] = [
        as_function(ADD_ROWS, {"T": C_TYPES[dtype], "I": C_TYPES["int64"]}, device=True) for dtype in DTYPES
    ]
    table = Table(("kernel", *(f"{dtype}: {what}" for dtype in DTYPES for what in ("registers", "bytes spilled"))), 1)
    table.rows += [(name, *(figure for text in both for figure in figures(text))) for name, both in texts.items()]
    replace_tables(DOCS / "speed_gpu.md", {"Kernels": table})
    print(f"{2 * len(table.rows)} kernels compile\n\n{table.markdown()}")


if __name__ == "__main__":
    main()
