"""What each argument of a backward may be: something of the forward, a gradient from above, targets, a learning rate.

Read next: backward.py.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from scratchnet.gradcheck.written_harness.forward import Forward
from scratchnet.gradcheck.written_harness.pairing import belongs, is_gradient_name, plain_name
from scratchnet.gradcheck.written_harness.signatures import Function
from scratchnet.gradcheck.written_harness.specs import texts

TARGET = "the targets"
MOST = 120  # attempts for one forward and one backward
OPTIONS = 7  # for one argument
RATE = ("lr", "alpha", "eta", "learning_rate", "learn_rate", "rate", "step_size")


@dataclass(frozen=True)
class Source:
    """Something to hand to an argument. upstream: the output whose gradient from above it is."""

    text: str
    cost: float
    upstream: str = ""


def attempts(forward: Forward, function: Function, backward: Function) -> list[tuple[Source, ...]]:
    """Return what to hand to a backward, for all of its arguments together, the likeliest first."""
    options = [_options(name, forward, function, backward) for name in backward.arguments]
    if any(not one for one in options):
        return []
    ranked = []
    for k, sources in enumerate(product(*options)):
        if k > 20_000:
            break
        used = [one.upstream or one.text for one in sources if one.text or one.upstream]
        ranked.append((sum(one.cost for one in sources) + 3.0 * (len(used) - len(set(used))), k, sources))
    return [sources for _, _, sources in heapq.nsmallest(MOST, ranked)]


def _options(name: str, forward: Forward, function: Function, backward: Function) -> list[Source]:
    """Return what may be handed to an argument of a backward, the likeliest first."""
    gradient = is_gradient_name(name) or name.startswith("d")
    out = forward.outcome.values.get("out")
    returned = function.returns()
    found = []
    if name in backward.defaults:
        found.append(Source("", 0.5))
    if not gradient and name not in forward.setting.specs and (backward.owner or len(backward.arguments) > 1):
        found.append(Source(TARGET, 2.0))
    if name in RATE:
        found.append(Source("0.1", 0.0))
    for argument, spec in forward.setting.specs.items():
        if spec.kind != "default" and argument in function.arguments:
            found.append(Source(_text_of(forward, argument), 0.0 if argument == name else 5.0 if gradient else 4.0))
    parts = [(f"out[{k}]", one) for k, one in enumerate(out or ())] if several(out, function) else []
    if isinstance(out, dict):
        for key, value in list(out.items())[:8]:
            holds = not isinstance(value, (np.ndarray, float))
            cost = 0.0 if key == name else (3.0 if gradient else 1.0) if holds else 3.5
            found.append(Source(f"out[{key!r}]", cost))
    for k, (text, value) in enumerate(parts):
        same = k < len(returned) and plain_name(returned[k]) == name  # hs, and np.array(self.hs)
        holds = not isinstance(value, (np.ndarray, float))
        found.append(Source(text, 0.0 if same else (3.0 if gradient else 1.0) if holds else 3.5))
    if out is not None:
        found.append(Source("out", (3.0 if parts else 1.0) + 2.0 * gradient - 1.0 * (returned == [name])))
    for k, (text, value) in enumerate(possible_outputs(forward)):
        fits = any(belongs(name, one) for one in (_called(text, returned, bool(parts)),))
        last = 2.0 * text.endswith(("[-1]", "[:, -1]"))
        cost = (0.0 if fits else 0.6 + 0.1 * k if gradient else 2.5 + 0.1 * k) + last
        if value.ndim:
            found.append(Source("", cost, text))
    found = [one for one in found if one.text or one.upstream or one.cost == 0.5]
    return sorted(found, key=lambda one: one.cost)[:OPTIONS]


def _called(text: str, returned: list[str], several: bool) -> str:
    """Return the name that an output has where it is returned."""
    index = re.search(r"out\[(\d+|'\w+')\]", text)
    if index and index[1].isdigit() and several and int(index[1]) < len(returned):
        return plain_name(returned[int(index[1])])
    return index[1].strip("'") if index and not index[1].isdigit() else returned[0] if returned else ""


def several(value: Any, function: Function) -> bool:
    """Tell whether a function returns several results: a tuple, or a list that is written out."""
    return isinstance(value, tuple) or (isinstance(value, list) and len(value) == len(function.returns()) > 1)


def _text_of(forward: Forward, argument: str) -> str:
    return texts(argument, forward.setting.specs[argument], forward.setting.sizes.of)[1]


def possible_outputs(forward: Forward) -> list[tuple[str, Any]]:
    """Return the arrays of which a loss may be made: an output, or its last step."""
    out = forward.outcome.values.get("out")
    heads = ["out"]
    if isinstance(out, tuple) or (
        isinstance(out, list) and not any(text == "np.array(out)" for text in forward.outputs)
    ):
        heads = [f"out[{k}]" for k in range(len(out))]
    if isinstance(out, dict) and not any(text.startswith("np.array([out[t]") for text in forward.outputs):
        heads = [f"out[{key!r}]" for key in out]
    whole = [*heads, *(f"np.array({head})" for head in heads)]
    found = [(text, value) for text, value in forward.outputs.items() if text in whole]
    found += [
        (text, value)
        for text, value in forward.outputs.items()
        if text.startswith("np.array([") and any(text.startswith(f"np.array([{head}[t]") for head in heads)
    ]
    last = [(f"{text}[-1]", value[-1]) for text, value in found if value.ndim > 1 and value.shape[0]]
    last += [(f"{text}[:, -1]", value[:, -1]) for text, value in found if value.ndim > 2 and value.shape[1]]
    return found + last
