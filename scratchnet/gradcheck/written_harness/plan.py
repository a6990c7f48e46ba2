"""A plan: a forward, a loss, a backward, and which gradient belongs to which array; and where gradients are found.

Read next: arguments.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.gradcheck.written_harness.forward import Forward, leaves
from scratchnet.gradcheck.written_harness.pairing import Matches
from scratchnet.gradcheck.written_harness.signatures import BIAS, Function
from scratchnet.gradcheck.written_harness.specs import Dim
from scratchnet.gradcheck.written_harness.trial import Outcome


@dataclass
class Plan:
    """A forward, a loss, a backward, and the gradients of the arrays.

    before: lines ahead of the forward. loss: lines after it. back: the line of the backward, "" where the forward
    returns the gradients itself. rate: the text of the learning rate where gradients are changes of weights.
    """

    forward: Forward
    functions: list[Function]
    before: list[str]
    loss: list[str]
    back: str
    matches: Matches
    names: dict[int, str] = field(default_factory=dict)
    rate: str = ""
    assumed: str = ""
    result: Any = None
    given: dict[str, Any] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    covers: set[str] = field(default_factory=set)

    @property
    def lines(self) -> list[str]:
        """Return the lines after the forward."""
        return [*self.before, *self.loss, *([self.back] if self.back else [])]

    @property
    def confirmed(self) -> bool:
        """Tell whether numbers confirm it: a gradient agrees, or several do in part, by name and by shape."""
        found = self.matches
        if found.count("numbers"):
            return True
        # What was there before the backward ran, or is zero, tells nothing of it.
        kept = dict(everything(self.forward.outcome))
        given = {text: self.given.get(text, 1.0) for text, _ in found.pairs.values()}
        some = [one for text, one in given.items() if np.any(one) and not np.array_equal(kept.get(text, 0.0), one)]
        return self.functions[-1].backward and len(some) > 1 and not found.left

    @property
    def score(self) -> tuple[int, ...]:
        """Return what plans are compared by.

        First that no gradient is left over, then that no array is a single row or column: a sum over one row hides its
        mistakes.
        """
        ones = sum(
            dim == Dim((), 1)
            for name, spec in self.forward.setting.specs.items()
            if spec.kind != "box" and not BIAS.match(name)
            for dim in spec.dims
        )
        return (not self.matches.left, -ones, *self.matches.score, -len(self.matches.left), -bool(self.assumed))


def expressions(forward: Forward) -> dict[int, str]:
    """Return how a harness reaches each array, by the array's place in the order."""
    outcome = forward.setting.run(forward.trials, forward.arrays, watch=False, with_call=False)
    found: dict[int, str] = {}
    for text, value in everything(outcome):
        place = outcome.tool.owned.get(id(value))
        if place is not None:
            found.setdefault(place[0], text)
    return found


def everything(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    """Yield (how it is reached, an array or number) of all that a trial's variables, object and module hold."""
    for name, value in outcome.values.items():
        if isinstance(value, np.ndarray):
            yield name, value
    if "net" in outcome.values:
        yield from _members(outcome.values["net"], "net")
    yield from _members(outcome.values["m"], "m")


def _members(thing: Any, text: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(thing).items()):
        if name.startswith("__") or isinstance(value, type):
            continue
        yield from leaves(value, f"{text}.{name}")
        inner = value if isinstance(value, (list, tuple)) else [value]
        for k, one in enumerate(inner[:8]):
            if hasattr(one, "__dict__") and not callable(one) and depth < 2 and type(one).__module__ != "builtins":
                where = f"{text}.{name}[{k}]" if inner is value else f"{text}.{name}"
                if not isinstance(one, type(np)):
                    yield from _members(one, where, depth + 1)


def gathered(outcome: Outcome, functions: Sequence[Function], back: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ({how it is reached: array} of everything that may be a gradient, {how it is reached: its name}).

    What stands in the module is none: it is put back after a run, so gradients there are those of an earlier call.
    """
    given: dict[str, Any] = {}
    called: dict[str, str] = {}
    head, function = ("back", functions[-1]) if back else ("out", functions[0])
    value = outcome.values.get(head)
    given.update(leaves(value, head))
    returned = function.returns()
    if isinstance(value, (tuple, list)) and len(value) == len(returned):
        for k, text in enumerate(returned):
            for one in given:
                if one in (f"{head}[{k}]", f"np.array({head}[{k}])"):
                    called[one] = text
    elif len(returned) == 1:
        called.update({one: returned[0] for one in (head, f"np.array({head})") if one in given})
    for text, one in everything(outcome):
        if text.startswith("net."):
            given.setdefault(text, one)
    return given, called
