"""The words of docs/speed_scaling.md: what was learned from the figures, knee by knee.

Read next: example_profile.py.
"""

from __future__ import annotations

from typing import Any

SATURATION = (
    "Every step pays for some things once, however many sentences it has: an optimizer's pass over all parameters, "
    "Python between the products, products of few rows that read all weights for little work (the columns at the right "
    "show their shares). The rate is a curve that bends where these have become small."
)
CACHE = (
    "A core's second cache holds 1 MiB. Up to H 256 the recurrent weights of a layer (4 H H numbers) fit into it, and "
    "a step's product of few rows finds them there; at H 512 they are 4 MiB and come from the third cache every time."
)
LARGER = (
    "Beyond, at H 768 and 1,024, a layer's recurrent weights are 9 and 16 MiB, and every step reads all of them from "
    "the third cache, which the cores share, for 64 rows only."
)
ROOM = (
    "From here on the (N, V) logits are so large that PyTorch asks the system for their memory at every step, and "
    "gives it back; every page of it costs a fault: `python tests/benchmarks/faults.py` counts 17,502 faults and 78 ms "
    "of the system's time in a step of 217 ms at V 8,000, 2,500 and 5 ms at V 4,000, and none here, where freed memory "
    "is kept (backend/workers.py)."
)
ONE_ROW = (
    "One row is a product of a vector, which reads the weights where they lie; for four OpenBLAS copies them first "
    "(`python tests/benchmarks/step_products.py`: at H 256 both reach 27 GFLOP/s, at 16 rows it is 72)."
)
FEW_ROWS = (
    "Where few words make the output layer small, the time loop's products of 64 rows are most of the work; PyTorch's "
    "are quicker than OpenBLAS's there. With more words the faults above outweigh it."
)
EXPLANATIONS: tuple[tuple[str, tuple[int, ...], int, str], ...] = (
    ("B", (4, 16, 64, 256), 1, SATURATION),
    ("B", (4,), -1, ONE_ROW),
    ("V", (2000,), 1, FEW_ROWS),
    ("H", (128,), 1, FEW_ROWS),
    ("H", (512,), 1, LARGER),
    ("H", (256,), 1, CACHE),
    ("H", (512,), -1, CACHE),
    ("V", (4000,), 1, ROOM),
    ("V", (8000,), -1, ROOM),
    ("T", (20, 50), 1, ROOM),
)
PARAGRAPHS = {
    "top": [
        "# Cost grows as the work",
        "",
        "One LSTM layer in each half, a full training step in float32, `python tests/benchmarks/scaling.py`. One size",
        "grows, the others stay: T 20 steps, B 64 sentences, H 256 units, V 4,000 words, E 128. Where cost grows as",
        "the work, the rate in operations a second stays what it is. A *knee* is a size at which it does not follow",
        "its neighbours, by more than a tenth and by more than three times what chance does.",
        "",
    ],
    "memory": [
        "Every step keeps what the way back needs, so memory grows by the same amount with each step. With",
        "`recompute_every` it does not: [shapes.md](shapes.md) has the figures.",
        "",
    ],
}


def explain(knee: Any) -> str:
    """Return why there is this knee, or ""."""
    for axis, values, sign, text in EXPLANATIONS:
        if knee.axis == axis and knee.value in values and knee.departure * sign > 0:
            return text
    return ""


def paragraphs(place: str) -> list[str]:
    """Return the lines that stand at a place of the page."""
    return PARAGRAPHS.get(place, [])
