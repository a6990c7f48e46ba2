"""Small sizes for a plan, and which of them is time: the one with which the code runs more lines.

Read next: source.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from scratchnet.gradcheck.written_harness.forward import Forward, Setting
from scratchnet.gradcheck.written_harness.plan import Plan
from scratchnet.gradcheck.written_harness.sizes import SizeOf, Sizes
from scratchnet.gradcheck.written_harness.specs import Dim, Spec, symbol
from scratchnet.gradcheck.written_harness.trial import HighestIds, QuickArrays, Trials

SMALL = tuple(range(2, 40))


def with_small_sizes(plan: Plan) -> tuple[Plan, str]:
    """Return the plan with small sizes, pairwise different, and the symbol that is time, "" for none."""
    _with_bounds(plan)
    used = [name for spec in plan.forward.setting.specs.values() for name in spec.symbols()]
    order = list(dict.fromkeys(used))
    # What every array of the data has in front comes first and is smallest; weights' sizes follow.
    for small in (SMALL, SMALL[1:], SMALL[2:]):
        sizes = SizeOf(dict(zip(order, small, strict=False)))
        if _lines_run(plan, sizes):
            plan = _resized(plan, sizes)
            break
    grown = {}
    base = {one: plan.forward.setting.sizes.of[one] for one in order}
    for name in order:
        runs = [_lines_run(plan, SizeOf({**base, name: n})) for n in (1, 2, 3, 4)]
        if all(runs) and runs[3] > runs[1]:
            grown[name] = runs[3] - runs[1]
    return plan, max(grown, key=lambda name: grown[name]) if grown else ""


def made_small(setting: Setting, trials: Trials) -> Forward:
    """Return the forward of a setting at small sizes, if it runs with them: where gradients are cut off, they are not
    that large, a backward that goes back a few steps only is right, and a run takes less time.
    """
    specs = sorted(setting.specs.values(), key=lambda spec: spec.kind == "count")  # steps and rows are fewest
    order = list(dict.fromkeys(name for spec in specs for name in spec.symbols()))
    for first in (2, 3, 4):
        small = SizeOf({name: first + k for k, name in enumerate(order)})
        made = Forward(replace(setting, sizes=Sizes(setting.sizes.more, set(small), small)), trials)
        if made.outcome.ok:
            return made
    return Forward(setting, trials)


def with_state(setting: Setting, trials: Trials) -> Iterator[Setting]:
    """Yield settings in which an argument has the shape of something returned, as a state has: one step does not tell.

    tanh(x Wx + h Wh) runs with a state of any size, its backward only with one that is as large as the next state.
    """
    made = Forward(setting, trials)
    sizes = setting.sizes.of
    known = {dim.of(sizes): dim for spec in setting.specs.values() for dim in spec.dims}
    for spec in setting.specs.values():
        for output in made.outputs.values():
            own = [dim.of(sizes) for dim in spec.dims]
            other = [(dim, size) for dim, mine, size in zip(spec.dims, own, output.shape, strict=False) if mine != size]
            if spec.kind != "float" or len(own) != output.ndim or len(other) != 1 or other[0][1] not in known:
                continue
            symbols, wanted = other[0][0], known[other[0][1]]
            if [factor for _, factor in symbols.terms] == [1]:
                old = symbols.terms[0][0]
                equal = partial(_equal, old, wanted)
                specs = {key: one.change(equal) for key, one in setting.specs.items()}
                yield replace(setting, specs=specs)
                break


def _equal(symbol: str, wanted: Dim, dim: Dim) -> Dim:
    return dim.put(symbol, wanted)


def _resized(plan: Plan, sizes: SizeOf) -> Plan:
    setting = replace(plan.forward.setting, sizes=Sizes(plan.forward.setting.sizes.more, set(sizes), sizes))
    return replace(plan, forward=Forward(setting, plan.forward.trials))


def _lines_run(plan: Plan, sizes: SizeOf) -> int:
    """Return how many lines the plan runs at these sizes, 0 where it fails."""
    setting = replace(plan.forward.setting, sizes=Sizes((), set(), sizes))
    outcome = setting.run(plan.forward.trials, QuickArrays(), plan.lines)
    return plan.forward.trials.events if outcome.ok else 0


def _with_bounds(plan: Plan) -> None:
    """Let token ids go as far as the code allows: up to the largest size that runs whatever is drawn."""
    setting = plan.forward.setting
    names = list(dict.fromkeys(name for spec in setting.specs.values() for name in spec.symbols()))
    bounds = [symbol(name) for name in names] + [replace(symbol("n2"), terms=(), number=n) for n in setting.sizes.more]
    bounds.sort(key=lambda dim: -dim.of(setting.sizes.of))
    for key, spec in list(setting.specs.items()):
        if spec.kind != "ids":
            continue
        for bound in bounds:
            tried: Spec = replace(spec, bound=bound)
            other = replace(setting, specs={**setting.specs, key: tried})
            if bound.of(setting.sizes.of) > 2 and (other.run(plan.forward.trials, HighestIds(), plan.lines).ok):
                setting.specs[key] = tried
                break
