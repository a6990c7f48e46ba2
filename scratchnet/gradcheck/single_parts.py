"""Check one part alone: a Linear, an Embedding, a Dropout, a loss, or the function that clips gradients.

    check_part(MyLinear(3, 4))                  forward(x), backward(dy, x)
    check_part(MyEmbedding(9, 3))               forward(ids), backward(d_rows, ids)
    check_part(MyDropout(0.4))                  forward(x, rng) -> (y, mask), backward(dy, mask)
    check_part(MyCrossEntropy())                forward(logits, targets, tape), backward(tape)
    check_clipping(my_clip)                     my_clip(gradients, max_norm) -> norm

What a part does is told by the names of its forward's arguments, or by the library's class that it derives from.

Read next: strategies.py.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.compare import Tolerance, compare
from scratchnet.gradcheck.explain import Explanation
from scratchnet.gradcheck.known_library import known
from scratchnet.gradcheck.models import check_gradients
from scratchnet.gradcheck.numerical import COMPLEX
from scratchnet.gradcheck.problem import CheckStopped
from scratchnet.gradcheck.reference import Reference, counterpart
from scratchnet.gradcheck.report import Report, names_files
from scratchnet.gradcheck.search import Gradients
from scratchnet.parameters import Module
from scratchnet.tape import Tape
from scratchnet.usercode import error_locator

ROWS, WIDTH = 5, 4
IDS = (2, 0, 2, 3, 2)  # one token three times
MASKS = 11
KINDS = {
    "Linear": "linear", "TiedLinear": "linear", "Embedding": "embedding", "Dropout": "dropout",
    "SoftmaxCrossEntropy": "classes", "SquaredError": "values",
}  # fmt: skip


class PartWithLoss(Module):
    """A part with an input of its own and a loss behind it: what `check_gradients` needs to check it.

    The input is the parameter "x" where it has a gradient. The loss is sum(y * U), U random, unless the part is one.
    """

    def __init__(self, part: Any, kind: str, rng: np.random.Generator) -> None:
        super().__init__(None, "float64")
        self.part, self.kind = part, kind
        parametric = isinstance(part, Module)
        self.extra_parts = {} if parametric else {"part": part}
        if kind == "embedding":
            self.ids = np.array(IDS)
            shape = (ROWS, part.forward(self.ids).shape[1])
        else:
            width = part.W.shape[0] if kind == "linear" else WIDTH
            self.add_parameter("x", rng.standard_normal((ROWS, width)))
            shape = (ROWS, part.W.shape[1] if kind == "linear" else width)
        self.targets = rng.standard_normal(shape) if kind == "values" else np.array(IDS)
        self.upstream = rng.standard_normal(shape)

    def children(self) -> dict[str, Module]:
        return {} if self.extra_parts else {"part": self.part}

    def to(self, backend: Any = None, dtype: Any = None) -> Any:
        """Return a copy, as `Module.to`; what is no part of it stays real."""
        copied = super().to(backend, dtype)
        copied.extra_parts = {"part": copied.part} if self.extra_parts else {}
        return copied

    def forward(self, tape: Tape) -> Any:
        """Return the loss."""
        own = tape.parts.get("part", tape)
        if self.kind in ("classes", "values"):
            return self.part.forward(self.x, self.targets, own)
        if self.kind == "dropout":
            y = self.part.forward(self.x, own, np.random.default_rng(MASKS))
        else:
            y = self.part.forward(self.ids if self.kind == "embedding" else self.x, own)
        return (y * self.upstream).sum()

    def backward(self, tape: Tape) -> None:
        """Accumulate the gradients of the part and of its input."""
        own = tape.parts.get("part", tape)
        if self.kind == "embedding":
            self.part.backward(self.upstream, own)
            return
        is_loss = self.kind in ("classes", "values")
        self.dx += self.part.backward(own) if is_loss else self.part.backward(self.upstream, own)

    x: Array
    dx: Array


@names_files
def check_part(part: Any, *, seed: int = 0, scale: float = 0.5) -> Report:
    """Check every gradient of one part; its weights are drawn anew from N(0, scale).

    Raises InputError where it cannot be told what the part is.
    """
    rng = np.random.default_rng([seed, 6])
    bench = PartWithLoss(copy.deepcopy(part), kind_of(part), rng)
    if isinstance(bench.part, Module):
        bench = bench.to(dtype="float64")
        for array in bench.part.parameters().values():
            array[...] = rng.normal(0.0, scale, array.shape)
    locate_error, name = error_locator([type(part)]), type(part).__name__

    def run(some: Any) -> Any:
        tape = some.new_tape()
        value = some.forward(tape)
        some.backward(tape)
        return value

    try:
        first, faults = _twice(bench, run, locate_error)
    except CheckStopped as stop:
        return Report(name, None, faults=(str(stop),))
    counts = {"rows": ROWS, "columns": bench.upstream.shape[1], "entries": ROWS * bench.upstream.shape[1]}
    return check_gradients(
        lambda some: some.forward(some.new_tape()), bench, first, name=name, seed=seed, faults=faults, counts=counts,
        backward=run,
    )  # fmt: skip


def _twice(
    bench: PartWithLoss, run: Callable[[Any], Any], locate_error: Callable[[BaseException], str]
) -> tuple[Any, Any]:
    """Return the gradients, and what a second run does differently."""
    bench.zero_gradients()
    try:
        value = run(bench)
        first = {key: np.array(array) for key, array in bench.gradients().items()}
        again = run(bench)
    except Exception as error:
        raise CheckStopped(f"forward or backward stops: {locate_error(error)}") from error
    faults = [] if again == value else ["two identical forward calls give different results: something leaks"]
    for key, array in bench.gradients().items():
        if not np.allclose(array, 2.0 * first[key], rtol=1e-9, atol=1e-12):
            faults.append(f"a second backward does not add the same again to the gradient of {key}")
    return first, tuple(faults)


def kind_of(part: Any) -> str:
    """Return which kind of part it is; raise InputError where that is not clear."""
    found = counterpart(type(part))
    if found is not None and found.__name__ in KINDS:
        return KINDS[found.__name__]
    names = tuple(inspect.signature(part.forward).parameters) if hasattr(part, "forward") else ()
    if len(names) == 3 and names[1] == "targets":
        return "classes" if names[0] == "logits" else "values"
    if names[:1] == ("ids",):
        return "embedding"
    if len(names) == 2:
        return "dropout"
    if len(names) == 1 and hasattr(part, "W"):
        return "linear"
    raise InputError(
        f"{type(part).__name__} is no part that can be checked alone: wanted forward(x), forward(ids), forward(x, rng) "
        f"or forward(logits, targets, tape); given forward({', '.join(names)})"
    )


class Clipping(Module):
    """The function that clips gradients, where the search looks for a part."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def use_mutant(self, mutant: Any) -> None:
        """Take the function out of a library with mistakes."""
        self.function = mutant.function_for(self.function)


@names_files
def check_clipping(function: Callable[..., Any], *, seed: int = 0) -> Report:
    """Check a function that scales gradients, in place, to a largest common norm and returns the norm before.

    function(gradients: dict of arrays, max_norm) as `scratchnet.optim.clip_by_global_norm`. It gets gradients above
    the largest norm and below it.
    """
    rng = np.random.default_rng([seed, 7])
    drawn = {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal(4)}
    norm = float(np.sqrt(sum((array**2).sum() for array in drawn.values())))

    def run(root: Any) -> Gradients:
        found: dict[str, Array] = {}
        for case, largest in (("too long", 0.5 * norm), ("short enough", 2.0 * norm)):
            given = {name: array.copy() for name, array in drawn.items()}
            returned = root.function(given, largest)
            found |= {f"{name}, {case}": array for name, array in given.items()}
            found[f"norm, {case}"] = np.atleast_1d(np.asarray(returned, dtype=float))
        return found

    wanted: dict[str, Array] = {}
    for case, factor in (("too long", 0.5), ("short enough", 1.0)):
        wanted |= {f"{name}, {case}": factor * array for name, array in drawn.items()}
        wanted[f"norm, {case}"] = np.array([norm])
    name = getattr(function, "__name__", "clipping")
    root = Clipping(function)
    try:
        given = run(root)
    except Exception as error:
        return Report(name, None, faults=(f"it stops: {type(error).__name__}: {error}",))
    tolerance = Tolerance(1e-5, 0.0)  # a small number added to the norm is customary
    blocks = tuple(compare(key, given[key], wanted[key], tolerance) for key in wanted)
    clip = known("optim.py", "clip_by_global_norm")
    explanation = Explanation(
        root, run, given, ok=all(block.ok for block in blocks), blocks=blocks, tolerance=tolerance.relative
    )  # fmt: skip
    explanation.reference = Reference(Clipping(clip), {":clip_by_global_norm": _named(clip)})
    return replace(Report(name, COMPLEX, blocks), explanation=explanation)


def _named(function: Callable[..., Any]) -> type:
    """Return a class with the name and the file of a function, as which the catalogue knows it."""
    return type(function.__name__, (), {"__module__": function.__module__})
