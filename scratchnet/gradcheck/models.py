"""Check anything that owns parameters: a loss, a whole encoder-decoder.

    check_gradients(loss, model, gradients)      loss(copy of the model) -> scalar; every entry, or random directions
    check_seq2seq(model, batch)                  forward and backward of a whole model on a batch

Every entry of a large model would take hours. Along a random direction v, one evaluation tells dL/ds of (W + s v),
which must equal the sum of dL/dW * v: a wrong block passes only if its error stands at a right angle to all directions
drawn.

Read next: reference.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.compare import GradientComparison, Tolerance, compare, ratio_in_words
from scratchnet.gradcheck.explain import Explanation, ModelExplanation
from scratchnet.gradcheck.files_read import edited_paths
from scratchnet.gradcheck.model_time_maps import cell_maps, place_in_maps
from scratchnet.gradcheck.numerical import Target, derivatives_along, differentiate, draw_directions
from scratchnet.gradcheck.problem import CheckStopped, poison
from scratchnet.gradcheck.reference import is_known
from scratchnet.gradcheck.report import Report, names_files
from scratchnet.gradcheck.search import FORWARD, Run
from scratchnet.usercode import error_locator, files_of

Loss = Callable[[Any], Any]


def check_gradients(
    loss: Loss,
    model: Any,
    gradients: Mapping[str, Array],
    *,
    directions: int = 0,
    seed: int = 0,
    name: str = "",
    faults: tuple[str, ...] = (),
    backward: Callable[[Any], Any] | None = None,
    counts: Mapping[str, int] | None = None,
) -> Report:
    """Compare `gradients`, by the names of model.parameters(), with numerical ones of `loss`.

    loss: a function of a copy of the model, in complex128 or float64, that returns a scalar, the same at every call.
    directions: 0 for every entry, else how many random directions for each parameter.
    faults: what else is known to be wrong. counts: what there is how many of ("tokens": 11), to name constant factors.
    backward: runs a copy of the model forward and back and returns the loss; with it, the mistake can be named.
    Raises InputError where names do not fit.
    """
    missing = sorted(model.parameters().keys() ^ gradients.keys())
    if missing:
        raise InputError(f"gradients and parameters do not have the same names: {', '.join(missing)}")
    rng = np.random.default_rng([seed, 3])
    real = model.to(NUMPY, "float64")
    along = {}
    if directions:
        along = {key: draw_directions(array.shape, directions, rng) for key, array in real.parameters().items()}

    def targets(copy: Any) -> dict[str, Target]:
        return {key: (lambda: loss(copy), array) for key, array in copy.parameters().items()}

    locate_error = error_locator([type(part) for part in model.modules()])
    numeric, method = differentiate(
        targets(real), lambda: targets(model.to(NUMPY, "complex128")), rng, along, locate_error=locate_error
    )
    analytic = whole = {key: model.backend.to_numpy(array) for key, array in gradients.items()}
    if directions:
        analytic = {key: derivatives_along(array, along[key]) for key, array in analytic.items()}
    tolerance = Tolerance.for_gradients(method, numeric.values(), counts)
    blocks = tuple(compare(key, analytic[key], numeric[key], tolerance) for key in numeric)
    count = sum(array.size for array in numeric.values())
    setting = {"directions for each block": directions or "every entry", "seed": seed}
    explanation = None
    if backward is not None:
        explanation = Explanation(
            model.to(NUMPY, "float64"), gradients_after(backward), whole, blocks=blocks, faults=faults,
            ok=all(block.ok for block in blocks) and not faults, files=files_that_may_be_wrong(model),
        )  # fmt: skip
    return Report(
        name or type(model).__name__, method, blocks, where=_where(blocks, tolerance), faults=faults, setting=setting,
        derivatives=count, explanation=explanation,
    )  # fmt: skip


def gradients_after(backward: Callable[[Any], Any]) -> Run:
    """Return the function that runs `backward` on a model and returns copies of the model's gradients."""

    def run(model: Any) -> dict[str, Array]:
        model.zero_gradients()
        value = backward(model)
        found = {name: np.array(array) for name, array in model.gradients().items()}
        return found if value is None else {**found, FORWARD: np.atleast_1d(np.asarray(value))}

    return run


def files_that_may_be_wrong(model: Any) -> frozenset[str]:
    """Return the files of the parts that are not the library's own, and those of the library's that were changed."""
    return files_of(type(part) for part in model.modules() if not is_known(type(part))) | edited_paths()


@names_files
def check_seq2seq(
    model: Any, batch: Any, *, rng_seed: int = 0, scale: float | None = None, directions: int = 3
) -> Report:
    """Check the whole of `model.forward(batch)` and `model.backward`, on a copy in float64.

    rng_seed: the generator handed to forward starts from it every time, so that dropout masks repeat.
    scale: draws all weights anew from N(0, scale); None keeps them. directions: random ones for each parameter block;
    0 for every entry (tiny models only).
    """
    copy = model.to(NUMPY, "float64")
    batch = batch.to(NUMPY)
    rng = np.random.default_rng([rng_seed, 4])
    if scale is not None:
        for array in copy.parameters().values():
            array[...] = rng.normal(0.0, scale, array.shape)

    def loss(some: Any) -> Any:
        return some.forward(batch, some.new_tape(), np.random.default_rng(rng_seed))

    def backward(some: Any) -> Any:
        tape = some.new_tape()
        some.forward(batch, tape, np.random.default_rng(rng_seed))
        poison(tape)  # as in the run that is judged
        value = some.forward(batch, tape, np.random.default_rng(rng_seed))
        some.backward(tape)
        return value

    try:
        gradients, faults = _analytic(copy, batch, rng_seed)
    except CheckStopped as stop:
        return Report(type(model).__name__, None, faults=(str(stop),))
    report = check_gradients(
        loss, copy, gradients, directions=directions, seed=rng_seed, faults=tuple(faults), backward=backward,
        counts=counts_of_batch(batch),
    )  # fmt: skip
    explanation = ModelExplanation(
        copy, gradients_after(backward), gradients, batch, scale, ok=report.ok, blocks=report.blocks,
        faults=report.faults, files=files_that_may_be_wrong(copy),
    )  # fmt: skip
    if report.ok:
        return replace(report, explanation=explanation)
    real, imaginary = copy.to(NUMPY, "float64"), copy.to(NUMPY, "complex128")
    maps = cell_maps(real, lambda: backward(real), imaginary, lambda: loss(imaginary), rng_seed)
    where = " ".join(part for part in (report.where, place_in_maps(maps)) if part)
    return replace(report, explanation=explanation, cell_maps=maps, where=where)


def counts_of_batch(batch: Any) -> dict[str, int]:
    """Return what there is how many of in a batch, by name."""
    lengths, sources = batch.packing.lengths, batch.sources.packing
    return {
        "target tokens": batch.packing.rows,
        "sentences": len(lengths),
        "steps of the longest target": lengths[0],
        "target tokens with padding": len(lengths) * lengths[0],
        "source tokens": sources.rows,
        "source tokens with padding": sources.batch * sources.steps,
    }


def _analytic(model: Any, batch: Any, rng_seed: int) -> tuple[dict[str, Array], list[str]]:
    """Return the gradients, from a tape that was full of NaN, and what a second backward does differently."""
    locate_error, tape = error_locator([type(part) for part in model.modules()]), model.new_tape()
    for _ in range(2):
        poison(tape)
        model.zero_gradients()
        try:
            value = model.forward(batch, tape, np.random.default_rng(rng_seed))
            model.backward(tape)
        except Exception as error:
            raise CheckStopped(f"forward or backward stops: {locate_error(error)}") from error
    again = model.forward(batch, model.new_tape(), np.random.default_rng(rng_seed))
    faults = [] if again == value else ["two identical forward calls give different losses: something leaks"]
    first = {name: array.copy() for name, array in model.gradients().items()}
    model.backward(tape)
    for name, array in model.gradients().items():
        if not np.allclose(array, 2.0 * first[name], rtol=1e-9, atol=1e-12 * float(np.abs(first[name]).max())):
            faults.append(f"a second backward does not add the same again to the gradient of {name}")
    return first, faults


def _where(blocks: tuple[GradientComparison, ...], tolerance: Tolerance) -> str:
    """Return the first wrong block, read from the loss back, in words; "" where all are right."""
    order = list(reversed(blocks))
    wrong = [block for block in order if not block.ok]
    if not wrong:
        return ""
    ratios = {round(block.ratio, 6) if block.ratio is not None else None for block in wrong}
    if len(wrong) == len(blocks) and len(ratios) == 1 and wrong[0].ratio is not None:
        words = ratio_in_words(wrong[0].ratio, tolerance.counts)
        return f"Every gradient is wrong by one factor: {words}. Look where the loss's own gradient is made."
    first = order.index(wrong[0])
    text = f"First wrong gradient, read backwards from the loss: {wrong[0].name}"
    text += f" ({wrong[0].remark})" if wrong[0].remark else ""
    nearer = [block.name for block in order[:first]]
    text += f". Nearer to the loss, all right: {_parts(nearer, blocks)}." if nearer else ", the nearest of all."
    further = [block.name for block in order[first:] if block.ok]
    return text + (f" Right although further back: {_parts(further, blocks)}." if further else "")


def _parts(names: list[str], blocks: tuple[GradientComparison, ...]) -> str:
    """Return the names, all of one part of the model together under the part's name."""
    found = []
    for name in names:
        part = name.rpartition(".")[0]
        whole = part and all(block.name in names for block in blocks if block.name.rpartition(".")[0] == part)
        found.append(part if whole else name)
    return in_words(list(dict.fromkeys(found)))
