"""A backward for a forward: what each of its arguments is, tried in the order of likelihood, judged by numbers.

Read next: losses.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scratchnet.gradcheck.written_harness.arguments import TARGET, attempts, possible_outputs
from scratchnet.gradcheck.written_harness.forward import Forward
from scratchnet.gradcheck.written_harness.losses import targets
from scratchnet.gradcheck.written_harness.pairing import match
from scratchnet.gradcheck.written_harness.plan import Plan, everything, expressions, gathered
from scratchnet.gradcheck.written_harness.signatures import Function
from scratchnet.gradcheck.written_harness.trial import Outcome


def plans(forward: Forward, function: Function, backward: Function | None, losers: Sequence[str]) -> Iterator[Plan]:
    """Yield a plan for each attempt that ran and explained an array at least.

    losers: texts of the file's own loss functions, with {o} and {y}.
    """
    names = expressions(forward)
    if backward is None:
        for scalar in forward.scalars():
            yield from _judged(forward, [function], [f"r.loss({scalar})"], "", names)
        return
    for sources in attempts(forward, function, backward):
        ups = list(dict.fromkeys(one.upstream for one in sources if one.upstream))
        given = [f"d{ups.index(one.upstream)}" if one.upstream else one.text for one in sources]
        back = f"back = {backward.text}({', '.join(one for one in given if one)})"
        if ups and TARGET in given:
            continue
        if ups:
            plan: Plan | None = None
            # What is cut off at some size must not be that large: a small gradient from above passes.
            for how in ("r.loss({})", "0.01 * r.loss(0.01 * {})"):
                loss = [f"d{k} = {how.format(one)}" for k, one in enumerate(ups)]
                before = plan
                for plan in _judged(forward, [function, backward], loss, back, names):
                    if before is None or plan.score > before.score:
                        yield plan
                if plan is not None and plan.matches.complete:
                    break
            continue
        for scalar in forward.scalars() if TARGET not in given else ():
            yield from _judged(forward, [function, backward], [f"r.loss({scalar})"], back, names)
        if not forward.scalars() and len(given) == 1 and TARGET not in given and set(forward.outputs) == {"out"}:
            yield from _judged(forward, [function, backward], ["r.loss(out.sum())"], back, names)  # y' of one y
        if TARGET in given and not forward.scalars():
            yield from _with_targets(forward, [function, backward], given, names, losers)


def _judged(
    forward: Forward,
    functions: list[Function],
    loss: list[str],
    back: str,
    names: dict[int, str],
    before: Sequence[str] = (),
    assumed: str = "",
) -> Iterator[Plan]:
    plan = None
    for plan in _judged_once(forward, functions, loss, back, names, before, assumed):
        yield plan
    if plan is None or plan.matches.complete:
        return
    # A state that the code sets back to zero after each run starts from zero.
    states = [text for text, one in everything(plan.outcome) if text in _states(plan) and not np.any(one)]
    if states and not forward.setting.start:
        start = [f"for state in [{', '.join(states)}]: state[...] = 0.0"]
        again = Forward(replace(forward.setting, start=start), forward.trials)
        if again.outcome.ok:
            yield from _judged_once(again, functions, loss, back, expressions(again), before, assumed)
    if plan.rate:
        return
    # Gradients that are added up start from what the constructor left in them: from zero.
    buffers = [
        names[key]
        for key in names
        if key in forward.arrays.kept and "." in names[key] and not forward.effect([*before, *loss], key)
    ]
    if buffers:
        zero = f"for buffer in [{', '.join(buffers)}]: buffer[...] = 0.0"
        for better in _judged_once(forward, functions, loss, back, names, [*before, zero], assumed):
            if better.score > plan.score:
                yield better


def _judged_once(
    forward: Forward,
    functions: list[Function],
    loss: list[str],
    back: str,
    names: dict[int, str],
    before: Sequence[str],
    assumed: str,
) -> Iterator[Plan]:
    lines = [*before, *loss, *([back] if back else [])]
    outcome = forward.run(lines, watch=True)
    if not outcome.ok or not np.isfinite(outcome.tool.value):
        return
    given, called = gathered(outcome, functions, back)
    keys = {key: names[key] for key in names if key in forward.arrays.kept}
    effect = {names[key] for key in keys if forward.effect([*before, *loss], key)}
    free = {text: value for text, value in given.items() if text not in effect}
    found = match(forward, [*before, *loss], free, keys, called)
    plan = Plan(forward, functions, list(before), loss, back, found, names, assumed=assumed)
    plan.result, plan.given, plan.called, plan.outcome = outcome.values.get("back"), given, called, outcome
    if not any(found.score):
        yield from _by_changes(plan, outcome, effect)
        return
    yield plan


def _by_changes(plan: Plan, outcome: Outcome, effect: set[str]) -> Iterator[Plan]:
    """Yield a plan whose gradients are the changes of the weights over the learning rate, where weights changed."""
    now = {text: one for text, one in everything(outcome) if text in effect - _states(plan)}
    keys = {key: text for key, text in plan.names.items() if text in now}
    changed = {
        key: plan.forward.arrays.kept[key] - now[text]
        for key, text in keys.items()
        if np.shape(now[text]) == plan.forward.arrays.kept[key].shape
        and not np.array_equal(now[text], plan.forward.arrays.kept[key])
    }
    if not changed:
        return
    best = plan
    for rate, value in _rates(outcome, plan).items():
        given = {f"{keys[key]}'": change / value for key, change in changed.items()}
        called = {f"{keys[key]}'": f"d{keys[key].split('.')[-1]}" for key in changed}
        found = match(plan.forward, [*plan.before, *plan.loss], given, keys, called)
        tried = Plan(
            plan.forward, plan.functions, plan.before, plan.loss, plan.back, found, plan.names, rate, result=plan.result
        )
        tried.outcome = outcome
        if tried.matches.count("numbers") and tried.score > best.score:
            best = tried
    if best is not plan:
        yield best


def _states(plan: Plan) -> set[str]:
    """Return the arrays of an object that the forward changes by itself: states, whose change is no gradient."""
    now, kept = dict(everything(plan.forward.outcome)), plan.forward.arrays.kept
    return {text for key, text in plan.names.items() if text in now and not np.array_equal(now[text], kept[key])}


def _rates(outcome: Outcome, plan: Plan) -> dict[str, float]:
    found: dict[str, float] = {"0.1": 0.1} if "0.1" in plan.back or "0.1" in plan.forward.setting.call else {}
    for holder in ("net", "m"):
        if holder in outcome.values:
            for name, value in vars(outcome.values[holder]).items():
                if isinstance(value, float) and 0 < value < 10 and not name.startswith("__"):
                    found[f"{holder}.{name}"] = value
    for function in plan.functions:
        for value in function.defaults.values():
            if isinstance(value, float) and value > 0:
                found[repr(value)] = value
    return {**found, "1": 1.0}


def _with_targets(
    forward: Forward, functions: list[Function], given: list[str], names: dict[int, str], losers: Sequence[str]
) -> Iterator[Plan]:
    """Yield plans for a backward with the loss inside: a loss is put to the outputs that its gradients agree with."""
    back = f"back = {functions[-1].text}({', '.join('y' if one == TARGET else one for one in given if one)})"
    for target in targets(possible_outputs(forward), losers):
        first = [f"y = {target.text}"]
        if not forward.run([*first, back], watch=True).ok:
            continue
        for loss in target.losses:
            for plan in _judged(forward, functions, [f"r.loss({loss})"], back, names, first, loss):
                if plan.matches.count("numbers"):
                    yield plan
