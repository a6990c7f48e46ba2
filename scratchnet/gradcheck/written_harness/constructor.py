"""An object of a class: what its constructor takes, by trial.

Read next: final_sizes.py.
"""

from __future__ import annotations

import ast

import numpy as np

from scratchnet.gradcheck.written_harness.forward import Setting
from scratchnet.gradcheck.written_harness.shapes import solve
from scratchnet.gradcheck.written_harness.signatures import BIAS, WEIGHT, Function, array
from scratchnet.gradcheck.written_harness.sizes import Sizes, Specs
from scratchnet.gradcheck.written_harness.specs import DEFAULT, Spec, symbol
from scratchnet.gradcheck.written_harness.trial import Outcome, QuickArrays, Trials

LARGE = 9  # a size by default that is larger is made smaller


def construction(
    name: str, methods: list[Function], tree: ast.Module, trials: Trials, adopt: bool
) -> tuple[Specs, str, Sizes] | None:
    """Return (what the constructor takes, the text that calls it, the sizes), or None where no trial ran."""
    init = next((one for one in methods if one.name == "__init__"), None)
    sizes = Sizes()
    specs: Specs = {}
    for argument in init.arguments if init else []:
        default = init.defaults.get(argument, DEFAULT) if init else DEFAULT
        if default is not DEFAULT:
            specs[argument] = DEFAULT
        elif init and (WEIGHT.match(argument) or BIAS.match(argument)):
            specs[argument] = array(argument, init, sizes.fresh, 2, 1)
        else:
            specs[argument] = Spec("count", (symbol(sizes.fresh()),))
    if init and (init.node.args.vararg or init.node.args.kwarg):
        return None
    text = f"net = r.new(m.{name}{''.join(f', {{{one}}}' for one in specs)})"

    def run(tried: Specs) -> Outcome:
        return Setting(tried, sizes, adopt, text, "").run(trials, QuickArrays())

    specs, outcome = solve(specs, sizes, run)
    if not outcome.ok:
        return None
    for argument, default in (init.defaults if init else {}).items():
        if type(default) is int and default > LARGE and argument in specs:
            smaller = {**specs, argument: Spec("count", (symbol(sizes.fresh()),))}
            small = run(smaller)
            if small.ok and _size(small) < _size(outcome):
                specs, outcome = smaller, small
    return specs, text, sizes


def _size(outcome: Outcome) -> int:
    return sum(value.size for value in outcome.tool.leaves.values() if isinstance(value, np.ndarray))
