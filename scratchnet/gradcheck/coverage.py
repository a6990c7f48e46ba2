"""What the input of a check exercised, and which mistakes could therefore go undetected.

Said twice: by the input's properties, and by measurement. Every known mistake that the parts under check can have is
made, and those whose gradient is the right one on this very input are named: the check would not have seen them.

Read next: diagnose.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.problem import Problem, Trial, tapes

LINEAR, SATURATED = 0.05, 4.0  # sizes of pre-activations below which a gate is a straight line, above which it is flat
MOST_NAMES = 5


@dataclass(frozen=True)
class Item:
    """One property of the input. detail: what it was. hides: which mistakes can hide without it."""

    name: str
    exercised: bool
    detail: str
    hides: str = ""


@dataclass(frozen=True)
class Coverage:
    """The input's properties, and the known mistakes that it cannot show, out of how many tried."""

    items: tuple[Item, ...]
    undetected: tuple[str, ...] = ()
    tried: int = 0

    @property
    def missing(self) -> tuple[Item, ...]:
        """The properties that the input has not."""
        return tuple(item for item in self.items if not item.exercised)

    def as_text(self) -> str:
        """Return it in a few lines."""
        there = [f"{item.name} ({item.detail})" if item.detail else item.name for item in self.items if item.exercised]
        lines = [f"exercised: {', '.join(there)}"] if there else []
        lines += [
            f"not exercised: {item.name}" + (f" ({item.detail})" if item.detail else "") + f"; could hide: {item.hides}"
            for item in self.missing
        ]
        if self.tried:
            more = f" and {len(self.undetected) - MOST_NAMES} more" if len(self.undetected) > MOST_NAMES else ""
            names = "; ".join(self.undetected[:MOST_NAMES])
            shown = f"known mistakes that this input would reveal: {self.tried - len(self.undetected)} of {self.tried}"
            lines.append(shown + (f"; it would not reveal: {names}{more}" if self.undetected else ""))
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "items": [
                {"name": item.name, "exercised": item.exercised, "detail": item.detail, "hides": item.hides}
                for item in self.items
            ],
            "known_mistakes": self.tried,
            "undetected_mistakes": list(self.undetected),
        }


def of_problem(problem: Problem, undetected: Sequence[str] = (), tried: int = 0) -> Coverage:
    """Return what a layer's problem exercises."""
    lengths, cells = problem.packing.lengths, problem.layer.cells
    distinct = all(cell.input_size != cell.hidden_size for cell in cells) and all(
        len(cell.gates) * cell.hidden_size != cell.input_size for cell in cells
    )
    states = [array for given in problem.initial for array in given.values()]
    finals = [array for given in problem.d_final for array in given.values()]
    items = [
        *_of_lengths(lengths),
        Item("a sequence of a single step", 1 in lengths, "",
             "the name of the state whose gradient is passed back wrong"),
        Item("non-zero initial states", all(np.any(a) for a in states), "",
             "a first step that is missing in dW_hh and da_f"),
        Item("upstream gradients on all outputs", bool(np.all(problem.d_outputs)), "",
        "outputs whose gradient is left out"),
        Item("upstream gradients on all final states", all(np.any(a) for a in finals), "",
             "how the final states' gradients enter the loop, c's above all"),
        _of_scale(problem),
        Item("input and hidden sizes that differ", distinct, "", "a matrix that is not transposed"),
        Item("repeated tokens", False, "the inputs are numbers here; check_seq2seq has tokens",
             "repeated ids that overwrite one another in an embedding"),
    ]  # fmt: skip
    return Coverage(tuple(items), tuple(undetected), tried)


def of_batch(model: Any, batch: Any, scale: float | None, undetected: Sequence[str] = (), tried: int = 0) -> Coverage:
    """Return what a model's batch exercises."""
    targets = [*_of_lengths(batch.packing.lengths, "target ")]
    sources = [*_of_lengths(batch.sources.packing.lengths, "source ")]
    dropout = any(
        getattr(part, name, 0.0) for part in model.modules() for name in ("dropout", "rate")
        if isinstance(getattr(part, name, None), float)
    )  # fmt: skip
    weights = "as they are" if scale is None else f"standard deviation {scale:g}"
    moved = not np.array_equal(np.asarray(batch.context_rows), np.arange(len(batch.context_rows)))
    items = [
        *sources,
        *targets,
        Item("repeated source tokens", _repeats(batch.sources.rows), "", "repeated ids that overwrite one another"),
        Item("repeated target tokens", _repeats(batch.inputs), "", "repeated ids that overwrite one another"),
        Item("targets in another order than sources", moved, "", "a permutation forgotten between encoder and decoder"),
        Item("dropout", dropout, "", "a mask that backward forgets or draws again"),
        Item("weights", True, weights),
    ]
    return Coverage(tuple(items), tuple(undetected), tried)


def _of_lengths(lengths: Sequence[int], what: str = "") -> list[Item]:
    shown = "-".join(str(length) for length in lengths[:8]) + ("-..." if len(lengths) > 8 else "")
    return [
        Item(f"ragged {what}lengths", len(set(lengths)) > 1, shown, "gradients that enter at the wrong step; padding"),
        Item(f"{what}batch > 1", len(lengths) > 1, f"{len(lengths)}",
             "a mean in place of a sum over the batch; a wrong axis"),
        Item(f"{what}steps > 2", lengths[0] > 2, f"{lengths[0]}", "mistakes in what is passed back from step to step"),
    ]  # fmt: skip


def _of_scale(problem: Problem) -> Item:
    """Return how far the drawn weights drove the gates."""
    trial = Trial(problem)
    trial.forward()
    values = np.concatenate([_pre_activations(tape) for tape in tapes(trial.tape)])
    size = float(np.sqrt(np.mean(values**2)))
    detail = f"standard deviation {problem.scale:g}, pre-activations of size {size:.2g}"
    name = "gates neither linear nor saturated"
    if size < LINEAR:
        return Item(
            name,
            False,
            detail,
            "mistakes in f'(y), which is nearly constant for such small weights: check with 0.5, too",
        )
    return Item(name, size < SATURATED, detail, "mistakes in saturated gates, whose gradients are tiny")


def _pre_activations(tape: Any) -> Array:
    """Return the input share of the pre-activations, or, where the cell added the rest in place, all of it."""
    return np.asarray(tape.a_x.rows).real.ravel()


def _repeats(ids: Any) -> bool:
    array = np.asarray(ids)
    return array.ndim == 1 and max(Counter(array.tolist()).values(), default=0) > 1
