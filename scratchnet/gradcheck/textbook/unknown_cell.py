"""A learner's functions whose forward equals no known cell: checked as they stand, in their own parameters.

    L = sum(h * U) + sum(c * V)      U, V random

is differentiated in x, in the states and in every weight, by the complex step, or by central differences where the
forward loses the imaginary part (a buffer of np.zeros does), and held against what the backward returns.

Read next: weight_container.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.compare import GradientComparison, Tolerance, compare
from scratchnet.gradcheck.numerical import Target, differentiate
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.textbook.calls import Learner, with_roles
from scratchnet.gradcheck.textbook.find_pairs import Pair
from scratchnet.gradcheck.textbook.gradient_lines import naming
from scratchnet.gradcheck.textbook.match_cell import (
    BATCH,
    GUESSED,
    HIDDEN,
    INPUTS,
    STEPS_TRIED,
    MatchSearch,
    layouts_of,
    run_once,
)
from scratchnet.gradcheck.textbook.name_roles import C, H, X, is_bias, is_output_weight
from scratchnet.gradcheck.textbook.shapes import Part, shape_of
from scratchnet.gradcheck.textbook.weight_container import WeightContainer
from scratchnet.parameters import check_sizes
from scratchnet.usercode import files_around, locate_error

MOST_GATES = 6
NOT_RETURNED = "the backward returns no gradient of it"
Shapes = Mapping[str, tuple[int, ...]]


def any_shapes(names: Sequence[str]) -> Iterator[dict[str, Part]]:
    """Yield guesses at what weights of these names hold in a cell that is none of the known ones."""
    inner = [name for name in names if not is_output_weight(name, names)]
    matrices = [name for name in inner if not is_bias(name, names)]
    extra = {
        name: Part("extra", (), "flat" if is_bias(name, names) else "in_out") for name in names if name not in inner
    }
    for gates in range(1, MOST_GATES + 1):
        block = tuple("abcdefgh"[:gates])
        biases = {name: Part("b", block, "flat") for name in inner if is_bias(name, names)}
        ways = [
            {name: Part("x" if "x" in name.lower() else "h", block) for name in matrices},
            {name: Part("x" if name.lower().startswith(("w", "i")) else "h", block) for name in matrices},
            {name: Part("h" if name.lower().startswith(("w", "r")) else "x", block) for name in matrices},
            {name: Part("hx", block) for name in matrices},
        ]
        if len(matrices) == 2:
            ways += [
                dict(zip(matrices, (Part(one, block), Part("xh"[one == "x"], block)), strict=True)) for one in "xh"
            ]
        for way in ways:
            for weight, bias in itertools.product(("in_out", "out_in"), ("flat", "row", "column")):
                formed = {name: replace(part, form=weight) for name, part in way.items()}
                formed |= {name: replace(part, form=bias) for name, part in biases.items()}
                formed |= {n: replace(part, form=bias if is_bias(n, names) else weight) for n, part in extra.items()}
                yield {name: formed[name] for name in names}


def find_call(pair: Pair, container: WeightContainer, search: MatchSearch) -> tuple[Learner, Shapes] | None:
    """Return a way of calling the functions under which they run, and the shapes of their weights; None for none."""
    if search.ran is not None or not isinstance(search.error, (*GUESSED, type(None))):
        return search.ran
    known = container.shapes(INPUTS, HIDDEN)
    for sequence in (True, False) if pair.loops else (False, True):
        for layout in layouts_of(sequence):
            learner = with_roles(Learner(pair, container, layout, sequence))
            if not sequence and H not in learner.states:
                continue
            guesses: Iterator[Shapes] = iter([known]) if known is not None else _shapes(container.names)
            for shapes in guesses:
                rng = np.random.default_rng(0)
                try:
                    run_once(learner, {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes.items()}, rng)
                except Exception as error:
                    search.note(error)
                    continue
                return learner, shapes
    return None


def _shapes(names: Sequence[str]) -> Iterator[Shapes]:
    for plan in any_shapes(names):
        yield {name: shape_of(part, INPUTS, HIDDEN) for name, part in plan.items()}


class _Run:
    """One call of the forward with every array at hand, in one dtype."""

    def __init__(self, learner: Learner, shapes: Shapes, seed: int, scale: float, dtype: Any) -> None:
        rng = np.random.default_rng([seed, 5])
        shape = (BATCH, STEPS_TRIED, INPUTS) if learner.sequence else (BATCH, INPUTS)
        self.learner = learner
        self.weights = {name: rng.normal(0.0, scale, size).astype(dtype) for name, size in shapes.items()}
        self.x = rng.standard_normal(shape).astype(dtype)
        self.states = {name: rng.standard_normal((BATCH, HIDDEN)).astype(dtype) for name in (H, C)}
        state = (*shape[:-1], HIDDEN)
        self.upstream = {
            role: rng.standard_normal((BATCH, HIDDEN) if role.startswith("final ") else state)
            for role in (H, C, "final h", "final c")
        }
        if "final h" not in learner.upstream.values():
            self.upstream.pop("final h")

    def loss(self) -> Any:
        """Return L."""
        total: Any = 0.0
        heard = set(self.learner.upstream.values())
        states = "state" in heard
        for k, one in enumerate(self.learner.forward(self.x, self.states, self.weights)):
            rows = slice(k, k + 1) if self.learner.layout.each else slice(None)
            found = {H: one.h, C: one.c} | {f"final {name}": array for name, array in one.final.items()}
            for role, array in found.items():
                if array is not None and role in self.upstream and (role in heard or (states and role in (H, C))):
                    total = total + (array * self.upstream[role][rows]).sum()
        return total

    def targets(self) -> dict[str, Target]:
        """Return what L is differentiated in."""
        arrays = {**self.weights, X: self.x, **{name: self.states[name] for name in self.learner.states}}
        return {name: (self.loss, array) for name, array in arrays.items()}


def check_unknown_cell(learner: Learner, shapes: Shapes, seed: int, scale: float) -> Report:
    """Check a learner's backward against its own forward. Errors inside it become part of the report."""
    check_sizes(hidden_size=HIDDEN)
    name, files = learner.pair.name, files_around(learner.pair.forward)
    real = _Run(learner, shapes, seed, scale, np.float64)
    setting = {"batch": BATCH, "input size": INPUTS, "hidden size": HIDDEN, "weight scale": scale, "seed": seed}
    try:
        found = learner.backward(learner.forward(real.x, real.states, real.weights), real.upstream)
    except Exception as error:
        return Report(name, None, faults=(f"backward stops: {locate_error(error, files)}",), setting=setting)
    with np.errstate(all="ignore"):
        numeric, method = differentiate(
            real.targets(),
            lambda: _Run(learner, shapes, seed, scale, np.complex128).targets(),
            np.random.default_rng([seed, 2]),
            locate_error=lambda error: locate_error(error, files),
        )
    tolerance = Tolerance.for_gradients(method, numeric.values())
    numeric = {key: array for key, array in numeric.items() if np.any(array) or key in found}
    blocks = tuple(block_of(key, found.get(key), array, tolerance) for key, array in numeric.items())
    wrong, right = ([block.name for block in blocks if block.ok is ok] for ok in (False, True))
    where = f"Wrong: {in_words(wrong)}. Right: {in_words(right) or 'nothing'}." if wrong else ""
    count = sum(array.size for array in numeric.values())
    lines = tuple(str(line) for line in naming(learner, wrong))
    return Report(name, method, blocks, where=where, lines=lines, setting=setting, derivatives=count)


def block_of(
    name: str, analytic: Array | None, numeric: Array, tolerance: Tolerance, gates: tuple[str, ...] = ()
) -> GradientComparison:
    """Return the block of a gradient, also of one that the backward does not return."""
    given = np.full(numeric.shape, np.nan) if analytic is None else analytic
    block = compare(name, given, numeric, tolerance, gates if len(gates) > 1 else ())
    return replace(block, remark=NOT_RETURNED) if analytic is None else block
