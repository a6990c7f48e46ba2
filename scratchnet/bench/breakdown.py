"""Where a step's time goes, measured on the real step.

    products      matrix products: of the inputs, the recurrent ones, the output layer, the weight gradients
    elementwise   the cells' maths between the products
    softmax       the loss and its derivative
    optimizer     zeroing, clipping, updating
    scatter       looking embeddings up, and adding to the rows that were looked up
    rest          everything else: copies, indices, the Python of the time loop

A clock is put around the library's own methods, by name. The cells' maths is called from within their steps, and its
time counts for itself alone. A method that is gone is an error, not a zero.

Read next: measure.py.
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

WHOLE = ("softmax", "optimizer", "scatter")  # whatever these call, elementwise maths or products, is their own
KINDS = ("products", "elementwise", "softmax", "optimizer", "scatter", "rest")


class Clock:
    """Adds up seconds by kind: those of the kind that was begun last and has not ended."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(KINDS, 0.0)
        self.kinds = ["rest"]
        self.thread = threading.get_ident()
        self.since = time.perf_counter()

    def switch(self) -> None:
        """Book the time since the last switch on the kind that has been running."""
        now = time.perf_counter()
        self.seconds[self.kinds[-1]] += now - self.since
        self.since = now

    def wrap(self, owner: Any, name: str, kind: str) -> Callable[[], None]:
        """Time a method of one object under `kind`; return how to undo it. Raises InputError if there is none."""
        method = getattr(owner, name, None)
        if not callable(method):
            raise InputError(
                f"breakdown: {type(owner).__name__} has no method {name!r} any more: name the new one here"
            )

        def timed(*arguments: Any, **named: Any) -> Any:
            # A helping thread's time passes within that of whoever waits for it.
            if threading.get_ident() != self.thread or self.kinds[-1] in WHOLE:
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


def places(peer: Any) -> list[tuple[Any, str, str]]:
    """Return (object, method, kind) for everything that is timed in a peer's training step."""
    backend = peer.model.backend
    found = [
        (backend, "pointwise", "elementwise"),
        (backend, "add_at", "scatter"),
        (peer, "zero", "optimizer"),
        (peer, "clip", "optimizer"),
        (peer, "update", "optimizer"),
    ]
    for module in peer.model.modules():
        kinds = {Linear: "products", SoftmaxCrossEntropy: "softmax", Embedding: "scatter"}
        for kind_of_module, kind in kinds.items():
            if isinstance(module, kind_of_module):
                found += [(module, "forward", kind), (module, "backward", kind)]
        if isinstance(module, Recurrent):
            names = ("project_inputs", "forward_step", "backward_step", "accumulate_gradients")
            found += [(module.cell, name, "products") for name in names]
    return found


def breakdown(peer: Any, first: int, steps: int) -> dict[str, float]:
    """Return the seconds of one training step by kind, the mean over `steps` steps."""
    peer.prepare(first, steps)
    peer.finish(peer.step(first))
    clock = Clock()
    undo = [clock.wrap(*place) for place in places(peer)]
    try:
        clock.since = time.perf_counter()
        for k in range(first, first + steps):
            loss = peer.step(k)
        peer.finish(loss)
        clock.switch()
    finally:
        for back in reversed(undo):
            back()
    return {kind: seconds / steps for kind, seconds in clock.seconds.items()}
