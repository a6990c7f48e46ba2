"""Calling a learner's functions: their arguments filled by role.

Read next: cell.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.textbook.find_pairs import Pair, returned_names
from scratchnet.gradcheck.textbook.layouts import Layout
from scratchnet.gradcheck.textbook.name_roles import (
    CACHE,
    LENGTHS,
    MASK,
    PARAMS,
    STATE,
    TARGET,
    WEIGHT,
    C,
    H,
    X,
    gradient_of,
)
from scratchnet.gradcheck.textbook.results import CallMismatch, ForwardCall, Results
from scratchnet.gradcheck.textbook.weight_container import WeightContainer, Weights

FINAL = ("last", "final", "_t", "next", "end", "_n", "hn", "cn")


@dataclass(frozen=True)
class Learner:
    """A pair of functions with everything that calling them takes.

    sequence: whether they run over time themselves. mask: which of Layout.masks is wanted. states: those that the
    forward takes. upstream: the gradients that the backward takes, by argument ("dh": "h", "dc_last": "final c").
    """

    pair: Pair
    weights: WeightContainer
    layout: Layout
    sequence: bool
    mask: int = 0
    states: tuple[str, ...] = ()
    upstream: Mapping[str, str] = field(default_factory=dict)

    def forward(
        self, x: Array, states: Mapping[str, Array], weights: Weights, mask: Array | None = None
    ) -> list[ForwardCall]:
        """Run the forward: one result for the batch, or one a sentence where the code takes one at a time."""
        if not self.layout.each:
            return [self._forward(x, states, weights, mask)]
        rows = [slice(k, k + 1) for k in range(len(x))]
        return [
            self._forward(
                x[row], {n: s[row] for n, s in states.items()}, weights, None if mask is None else mask[row]
            )
            for row in rows
        ]  # fmt: skip

    def _forward(self, x: Array, states: Mapping[str, Array], weights: Weights, mask: Array | None) -> ForwardCall:
        layout, pair = self.layout, self.pair
        instance = None
        function = pair.forward
        if self.weights.kind in ("instance", "constructor"):
            instance = self.weights.instance(weights, x.shape[-1], _hidden(states))
            function = getattr(instance, pair.forward.__name__)
        laid: dict[str, Any] = {name: layout.state(array) for name, array in states.items()}
        laid[X] = layout.sequence(x) if self.sequence else layout.state(x)
        laid[STATE] = tuple(laid[name] for name in states)
        steps = x.shape[1] if self.sequence else 1
        full = np.ones((len(x), steps)) if mask is None else mask
        laid[MASK] = list(layout.masks(full))[self.mask]
        laid[LENGTHS] = full.sum(axis=1).astype(int)
        if layout.each:
            laid[LENGTHS] = int(laid[LENGTHS][0])
        given = self._given(laid, weights)
        positional, named = _split(function, given)
        shapes = {name: array.shape for name, array in weights.items()}
        passed = ForwardCall(instance, given | laid, steps, len(x), shapes)
        Results(layout, self.sequence, pair.reads).states(
            function(*positional, **named), returned_names(pair.forward), pair.forward.__name__, passed
        )
        return passed

    def _given(self, laid: Mapping[str, Any], weights: Weights) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for parameter in self.pair.arguments(self.pair.forward):
            role = self.pair.role_of(parameter.name)
            if parameter.name == self.weights.argument:
                given[parameter.name] = self.weights.handed_over(weights)
            elif parameter.name in weights and self.weights.kind == "arguments":
                given[parameter.name] = weights[parameter.name]
            elif role in laid:
                given[parameter.name] = laid[role]
            elif parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                raise CallMismatch(f"{self.pair.forward.__name__}: cannot tell what its argument {parameter.name} is")
        return given

    # --- backward ---------------------------------------------------------------------------------------------------

    def backward(self, passed: Sequence[ForwardCall], upstream: Mapping[str, Array]) -> dict[str, Array]:
        """Run the backward; return gradients by target: "x", "h", "c" and the names of weights.

        upstream: "h" and "c" for what the forward returned, "final h" and "final c" for a sequence's last states.
        """
        if not self.layout.each:
            return self._backward(passed[0], upstream)
        found = [
            self._backward(one, {name: array[k : k + 1] for name, array in upstream.items()})
            for k, one in enumerate(passed)
        ]
        joined: dict[str, Array] = {}
        for name in found[0]:
            arrays = [one[name] for one in found]
            joined[name] = np.concatenate(arrays) if name in (X, H, C) else np.sum(arrays, axis=0)
        return joined

    def _backward(self, passed: ForwardCall, upstream: Mapping[str, Array]) -> dict[str, Array]:
        layout, pair = self.layout, self.pair
        function = getattr(passed.instance, pair.backward.__name__) if passed.instance is not None else pair.backward
        laid = {
            name: layout.sequence(array) if self.sequence and not name.startswith("final ") else layout.state(array)
            for name, array in upstream.items()
        }
        given: dict[str, Any] = {}
        for parameter in pair.arguments(pair.backward):
            name = parameter.name
            if name in self.upstream:
                role = self.upstream[name]
                given[name] = tuple(laid[part] for part in (H, C) if part in laid) if role == STATE else laid[role]
            elif name in passed.given:
                given[name] = passed.given[name]
            elif pair.role_of(name) in passed.given and pair.role_of(name) not in (WEIGHT, PARAMS, CACHE):
                given[name] = passed.given[pair.role_of(name)]
            elif pair.role_of(name) == PARAMS and self.weights.argument:
                given[name] = passed.given[self.weights.argument]
            elif parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                given[name] = passed.cache
        positional, named = _split(function, given)
        result = function(*positional, **named)
        return Results(layout, self.sequence, pair.reads).gradients(
            result, returned_names(pair.backward), passed, self.states
        )


def with_roles(learner: Learner) -> Learner:
    """Return the learner with the states that its forward takes and the gradients that its backward takes."""
    states: list[str] = []
    together = False  # whether the forward takes h and c as one argument: then their gradients come as one, too
    for parameter in learner.pair.arguments(learner.pair.forward):
        role = learner.pair.role_of(parameter.name)
        if parameter.name not in learner.weights.names and parameter.default is parameter.empty:
            states += [H, C] if role == STATE else [role] if role in (H, C) else []
            together = together or role == STATE
    upstream: dict[str, str] = {}
    for parameter in learner.pair.arguments(learner.pair.backward):
        told = learner.pair.role_of(parameter.name)
        inner = gradient_of(told if told in ("dh", "dc") else parameter.name)
        role = "" if inner is None or parameter.default is not parameter.empty else learner.pair.reads(inner)
        unknown = role in (TARGET, WEIGHT) or (role == STATE and not together)
        if inner is not None and unknown and parameter.default is parameter.empty:
            # dout, dy, grad_hy, dstates: whatever the forward calls its results, h comes first.
            role = H if H not in upstream.values() or C not in states else C
        if role in (H, C, STATE):
            named_last = inner is not None and inner.lower().endswith(FINAL)
            last = learner.sequence and (role == C or role in upstream.values() or named_last)
            upstream[parameter.name] = f"final {role}" if last and role != STATE else role
    return replace(learner, states=tuple(dict.fromkeys(states)), upstream=upstream)


def _hidden(states: Mapping[str, Array]) -> int:
    return int(next(iter(states.values())).shape[-1])


def _split(function: Callable[..., Any], given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return (positional, by name) arguments; those that only stand by position must."""
    positional, named = [], {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in given:
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(given[name])
            else:
                named[name] = given[name]
    return positional, named
