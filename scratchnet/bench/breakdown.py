"""Where a step's time goes, measured on the real step.

    matmul        matrix products, with their biases: inputs, recurrent, output layer, weight gradients
    elementwise   the cells' equations between the products
    softmax       the loss and its derivative
    optimizer     zeroing, clipping, updating
    scatter       looking up embeddings, and adding to their gradients
    rest          everything else: copies, indices, the Python of the time loop

The library's own methods are wrapped in a clock, by name. Where one timed method calls another, as a cell's step calls
its elementwise equations, the inner time counts for the inner kind alone. A method that no longer exists is an error,
not a zero.

Read next: cases.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from scratchnet.errors import InputError
from scratchnet.layers import Embedding, Linear
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.recurrent import Recurrent

INCLUSIVE = ("softmax", "optimizer", "scatter")  # all that these call counts as theirs
KINDS = ("matmul", "elementwise", "softmax", "optimizer", "scatter", "rest")


class Clock:
    """Adds up seconds by kind; time counts for the innermost method that is running."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(KINDS, 0.0)
        self.kinds = ["rest"]
        self.thread = threading.get_ident()
        self.since = time.perf_counter()

    def switch(self) -> None:
        """Add the time since the last switch to the kind that was running."""
        now = time.perf_counter()
        self.seconds[self.kinds[-1]] += now - self.since
        self.since = now

    def wrap(self, owner: Any, name: str, kind: str) -> Callable[[], None]:
        """Time a method of one object under `kind`; return what undoes it. Raises InputError for a missing method."""
        method = getattr(owner, name, None)
        if not callable(method):
            raise InputError(
                f"breakdown: {type(owner).__name__} has no method {name!r} any more: name the new one here"
            )

        def timed(*arguments: Any, **named: Any) -> Any:
            # The main thread waits for its helpers: their time is counted there.
            if threading.get_ident() != self.thread or self.kinds[-1] in INCLUSIVE:
                return method(*arguments, **named)
            self.switch()
            self.kinds.append(kind)
            try:
                return method(*arguments, **named)
            finally:
                self.switch()
                self.kinds.pop()

        own = vars(owner).get(name)
        setattr(owner, name, timed)
        return lambda: delattr(owner, name) if own is None else setattr(owner, name, own)


def timed_methods(implementation: Any) -> list[tuple[Any, str, str]]:
    """Return (object, method, kind) for everything that is timed in a training step."""
    backend = implementation.model.backend
    found = [
        (backend, "pointwise", "elementwise"),
        (backend, "add_at", "scatter"),
        (implementation, "zero", "optimizer"),
        (implementation, "clip", "optimizer"),
        (implementation, "update", "optimizer"),
    ]
    for module in implementation.model.modules():
        kinds = {Linear: "matmul", SoftmaxCrossEntropy: "softmax", Embedding: "scatter"}
        for kind_of_module, kind in kinds.items():
            if isinstance(module, kind_of_module):
                found += [(module, "forward", kind), (module, "backward", kind)]
        if isinstance(module, Recurrent):
            names = ("project_inputs", "forward_step", "backward_step", "accumulate_gradients")
            found += [(module.cell, name, "matmul") for name in names]
    return found


def measure_breakdown(implementation: Any, first: int, steps: int) -> dict[str, float]:
    """Return the seconds of one training step by kind, the mean over `steps` steps."""
    implementation.prepare(first, steps)
    implementation.finish(implementation.step(first))
    clock = Clock()
    undo = [clock.wrap(*method) for method in timed_methods(implementation)]
    try:
        clock.since = time.perf_counter()
        for k in range(first, first + steps):
            loss = implementation.step(k)
        implementation.finish(loss)
        clock.switch()
    finally:
        for back in reversed(undo):
            back()
    return {kind: seconds / steps for kind, seconds in clock.seconds.items()}
