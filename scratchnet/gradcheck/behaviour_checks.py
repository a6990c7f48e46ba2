"""What a gradient check alone does not see: a second call, spoilt caches, unwritten buffers, another dtype.

Read next: check_file.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from scratchnet.gradcheck.problem import Problem, Trial, named_states, poison, tapes
from scratchnet.gradcheck.watched_cell import watch_cells
from scratchnet.usercode import ErrorLocator

LARGE = 1024.0  # a power of two: what is linear is so to the last bit
OLD = 1234.5678  # as if left by an earlier pass; a number that no step computes
SAME = 1e-12  # relative; a product may be rounded differently when its operands lie elsewhere in memory
BEHAVIOUR_CHECKS = (
    "a second backward adds the same again", "backward is linear in the upstream gradient (nothing clips)",
    "caches, weights and inputs unchanged", "every buffer written before it is read", "no state left from call to call",
    "float32 stays float32",
)  # fmt: skip


def second_calls(trial: Trial, first: dict[str, Any], locate_error: ErrorLocator) -> list[str]:
    """Call forward and backward again and again; return what differs from `first`, the gradients on `trial`'s tape."""
    found, differing = [], []
    before = _record(trial)
    again = trial.backward(zero=False)
    changed = [name for name, array in _record(trial).items() if not _same(array, before[name])]
    for name, gradient in again.items():
        summed = name in trial.layer.parameters()
        if summed and np.any(first[name]) and _same(gradient, first[name]):
            found.append(f"a second backward leaves d{name} as it was: gradients must be added (+=), not written (=)")
        elif not changed and not _same(gradient, 2.0 * first[name] if summed else first[name]):
            differing.append(name)
    if differing:
        names = in_words(differing)
        found.append(f"a second backward does not add the same again to {names}: it remembers something of the first")
    if changed:
        found.append(
            f"backward changes what it must only read: {', '.join(changed)}{_writer(trial.problem, locate_error)}"
        )
    one, two, fresh = _outputs(trial), _outputs(trial), _outputs(Trial(trial.problem))
    if not (_same(one, two) and _same(one, fresh)):
        if _same(fresh, _outputs(Trial(trial.problem))):
            leak = "something leaks from one call into the next"
        else:
            leak = "forward is random, in a new cell, too; let it draw from a generator that is seeded at each call"
        found.append(f"two identical forward calls give different results: {leak}")
    return found


def limited(problem: Problem, first: dict[str, Any]) -> str:
    """Return that backward is not linear in the upstream gradient, as where gradients are clipped in it; else ""."""
    try:
        larger, nothing = _with_upstream(problem, LARGE), _with_upstream(problem, 0.0)
    except Exception:  # reported by the run that is judged
        return ""
    own = [name for name, array in nothing.items() if np.any(array)]
    if own:
        return (
            f"backward makes a gradient out of nothing: with no upstream gradient, {in_words(own)} are not zero; "
            "some term is not multiplied by what came in: a bracket missing?"
        )
    names = [name for name, array in larger.items() if not _same(array, LARGE * first[name])]
    if not names:
        return ""
    tops = {round(float(np.abs(larger[name]).max()), 9) for name in names}
    at = f" at {tops.pop():g}" if len(tops) == 1 else ""
    active = [name for name in names if at and float(np.abs(first[name]).max()) >= float(np.abs(larger[name]).max())]
    what = f"; in this check it is active in {in_words(active)}" if active else ""
    return (
        f"backward clips or limits gradients{at}{what}: {LARGE:g} times the upstream gradient does not give {LARGE:g} "
        f"times {in_words(names)}. Clip after the check, outside of backward"
    )


def _with_upstream(problem: Problem, factor: float) -> dict[str, Any]:
    """Return the gradients for the upstream gradient times a factor."""
    trial = Trial(problem)
    trial.d_outputs *= factor
    for states in trial.d_final:
        for array in states.values():
            array *= factor
    trial.forward()
    return trial.backward()


def misuse(problem: Problem, locate_error: ErrorLocator) -> list[str]:
    """Return what a guarded run sees: names bound anew, and writing to what is only to be read."""
    trial, found = Trial(problem), list[str]()
    watch_cells(trial.layer, found)
    for part, call in (("forward", trial.forward), ("backward", trial.backward)):
        try:
            call()
        except Exception as error:
            reason = locate_error(error)
            found.append(f"{part}_step writes to what it must only read: {reason}" if "read-only" in reason else reason)
            break
    return found


def _writer(problem: Problem, locate_error: ErrorLocator) -> str:
    lines = [line for line in misuse(problem, locate_error) if "only read" in line]
    return f" ({lines[0]})" if lines else ""


def unwritten(trial: Trial) -> list[str]:
    """Return which states and saved arrays hold NaN after a forward on a poisoned tape, and which are not written."""
    arrays = list(_recorded(trial))
    if not any(np.isnan(array).any() for *_, steps in arrays for array in steps.values()):
        return []
    other = Trial(trial.problem)
    other.forward()
    poison(other.tape, value=OLD)
    with np.errstate(all="ignore"):
        other.forward()
    found = []
    for (name, declared, tape, steps), (*_, olds) in zip(arrays, _recorded(other), strict=True):
        wrong = [t for t, array in steps.items() if np.isnan(array).any()]
        if not wrong:
            continue
        text = f"{name} is not a number after forward_step {steps_in_words(wrong, tape)}"
        if any((old == OLD).any() for old in olds.values()):
            text += f": it is not written; write all of it, {name}[...] = ..., or take it out of `{declared}`"
        found.append(text)
    return found


def _recorded(trial: Trial) -> Iterator[tuple[str, str, Any, dict[int, Any]]]:
    """Yield (name, where it is declared, tape, array by step) of all that forward_step writes."""
    for cell, tape in zip(trial.layer.cells, tapes(trial.tape), strict=True):
        for name in cell.state:
            yield f"new.{name}", "state", tape, {t: getattr(tape.state, name)[t + 1] for t in tape.segments.held}
        for name in cell.saved:
            yield f"saved.{name}", "saved", tape, {t: getattr(tape.saved, name)[t] for t in tape.segments.held}


def not_a_number(trial: Trial) -> list[str]:
    """Return where NaN stands in da_x and da_h after a backward on a poisoned tape, at the latest such step."""
    found = []
    for cell, tape in zip(trial.layer.cells, tapes(trial.tape), strict=True):
        for label in ("da_x", "da_h") if cell.separate_da_h else ("da_x",):
            array = getattr(tape, label)
            steps = [t for t in range(tape.packing.steps) if np.isnan(array[t]).any()]
            if steps:
                last = steps[-1]
                gates = [gate for gate in cell.gates if np.isnan(cell.block(array[last], gate)).any()]
                found.append(
                    f"backward_step leaves {label} not a number for {gates_in_words(gates, cell.gates)} at t = {last}: "
                    f"write all of it ({label}[...] = ..., not {label} = ... or +=), and do not read it before: "
                    "its old content is left over"
                )
    return found


def in_float32(problem: Problem, locate_error: ErrorLocator, files: frozenset[str]) -> tuple[list[str], list[str]]:
    """Run in float32; return (faults, notes): results of another dtype, and lines that compute in float64."""
    trial, seen = Trial(problem, "float32"), list[str]()
    watch_cells(trial.layer, seen, files)
    try:
        outputs, _ = trial.forward()
        gradients = trial.backward()
    except Exception as error:
        reason = locate_error(error)
        # What must only be read is reported once, by the run in float64.
        return ([], []) if "read-only" in reason else ([f"it does not run in float32: {reason}"], [])
    wider = [name for name, array in gradients.items() if array.dtype != np.float32]
    if outputs.dtype != np.float32:
        wider.insert(0, "outputs")
    faults = [f"in float32, {', '.join(wider)} come out as another dtype"] if wider else []
    return faults, [line for line in seen if "float64" in line]


def where_complex_is_lost(problem: Problem, files: frozenset[str]) -> list[str]:
    """Return the lines within `files` where complex numbers become real."""
    trial, seen = Trial(problem, "complex128"), list[str]()
    watch_cells(trial.layer, seen, files)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial.forward()
    except Exception:
        return []
    return [line for line in seen if "become real" in line]


def steps_in_words(steps: list[int], tape: Any) -> str:
    """Return "at every step" or "at t = 0, 2"."""
    if len(steps) == tape.packing.steps:
        return "at every step"
    return "at t = " + ", ".join(str(t) for t in steps)


def gates_in_words(gates: list[str], all_gates: tuple[str, ...]) -> str:
    """Return "gate f", "gates i and f", "every gate"."""
    if len(gates) == len(all_gates) > 1:
        return "every gate"
    return f"gate{'s' if len(gates) > 1 else ''} {in_words(gates)}"


def in_words(names: Sequence[str]) -> str:
    """Return "a, b and c"."""
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _outputs(trial: Trial) -> Any:
    poison(trial.tape)
    outputs, final = trial.forward()
    return np.concatenate([outputs.ravel(), *(array.ravel() for array in named_states(final).values())])


def _record(trial: Trial) -> dict[str, Any]:
    """Return copies of everything that backward may read and must not change."""
    found = {name: array.copy() for name, array in trial.layer.parameters().items()}
    found |= {"x": trial.x.copy(), "d_outputs": trial.d_outputs.copy()}
    found |= {"d_final " + name: array.copy() for name, array in named_states(trial.d_final).items()}
    for number, tape in enumerate(tapes(trial.tape)):
        where = "" if not number else f" of cell {number}"
        for name, buffer in tape.buffers().items():
            if name.startswith(("state.", "saved.")):
                found[name + where] = buffer.copy()
    return found


def _same(one: Any, two: Any) -> bool:
    """Tell whether two results are one up to rounding; NaN equals NaN."""
    if one.shape != two.shape:
        return False
    largest = float(np.nanmax(np.abs(two), initial=0.0))
    return bool(np.allclose(one, two, rtol=SAME, atol=SAME * largest, equal_nan=True))
