"""What a gradient check does not see of a learner's functions: changed inputs, a second backward, chance.

Read next: calls.py.
"""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.textbook.calls import Learner
from scratchnet.gradcheck.textbook.find_pairs import Pair
from scratchnet.gradcheck.textbook.gradient_lines import naming
from scratchnet.gradcheck.textbook.match_cell import BATCH, HIDDEN, INPUTS, STEPS_TRIED, takes_lengths, takes_mask
from scratchnet.gradcheck.textbook.name_roles import C, H
from scratchnet.gradcheck.textbook.results import ForwardCall
from scratchnet.usercode import files_around, first_nan, shown_path, source_line

CHANCE = ("random", "rand", "randn", "default_rng", "shuffle", "choice", "dropout", "binomial", "uniform", "normal")


def _call(learner: Learner) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """Return an input, states and upstream gradients at random."""
    rng = np.random.default_rng(3)
    shape = (BATCH, STEPS_TRIED, INPUTS) if learner.sequence else (BATCH, INPUTS)
    x, states = rng.standard_normal(shape), {name: rng.standard_normal((BATCH, HIDDEN)) for name in (H, C)}
    upstream = {role: rng.standard_normal((*shape[:-1], HIDDEN)) for role in (H, C)}
    return x, states, upstream | {f"final {role}": rng.standard_normal((BATCH, HIDDEN)) for role in (H, C)}


def nothing_to_check(learner: Learner, weights: Mapping[str, Array]) -> str:
    """Return why a forward has no gradient: chance, or what is not a number; "" where it has one."""
    x, states, _ = _call(learner)
    with np.errstate(all="ignore"):
        one, two = learner.forward(x, states, weights), learner.forward(x, states, weights)
    if not all(np.isfinite(passed.h).all() for passed in one):
        files = files_around(learner.pair.forward)
        return first_nan(lambda: learner.forward(x, states, weights), files) or "the forward's result is not a number"
    if not all(_same(a.h, b.h) for a, b in zip(one, two, strict=True)):
        name = learner.pair.forward.__name__
        return f"two identical calls of {name} give different results: {where_chance_is(learner.pair)}"
    return ""


def nan_in_backward(learner: Learner, weights: Mapping[str, Array]) -> str:
    """Return the line that makes the first NaN in a backward, or ""."""
    x, states, upstream = _call(learner)
    with np.errstate(all="ignore"):
        try:
            found = learner.backward(learner.forward(x, states, weights), upstream)
        except Exception:  # said elsewhere
            return ""
        if all(np.isfinite(array).all() for array in found.values() if np.asarray(array).dtype.kind in "fc"):
            return ""
        files = files_around(learner.pair.backward)
        first = first_nan(lambda: learner.backward(learner.forward(x, states, weights), upstream), files)
    names = [name for name, array in found.items() if not np.isfinite(array).all()]
    where = next((f"{line}: " for line in naming(learner, names)), "")
    return (
        first or f"{where}what {learner.pair.backward.__name__} returns as the gradient of {names[0]} is not a number"
    )


def behaviour_faults(learner: Learner, weights: Mapping[str, Array]) -> list[str]:
    """Return what is wrong beside the gradient, a line each."""
    x, states, upstream = _call(learner)
    back = learner.pair.backward.__name__
    found = []
    try:
        one = learner.forward(x, states, weights)
        before = copy.deepcopy([_read(passed) for passed in one])
        first = {name: np.array(array) for name, array in learner.backward(one, upstream).items()}
        changed = {name for now, then in zip(one, before, strict=True) for name in _changed(_read(now), then)}
        if changed:
            found.append(f"{back} changes what it must only read: {', '.join(sorted(changed))}")
        elif one[0].instance is None:
            second = learner.backward(one, upstream)
            differing = [name for name, array in second.items() if not _same(array, first[name])]
            if differing:
                found.append(f"a second {back} with the same cache gives other gradients of {', '.join(differing)}")
        if takes_mask(learner) or takes_lengths(learner):
            found += _padding(learner, x, states, weights, upstream)
    except Exception:  # the check itself says where it stops
        return found
    return found


def reads_padding(learner: Learner, weights: Mapping[str, Array]) -> str:
    """Return what to say of a forward whose real steps depend on what stands at padded ones; "" for any other."""
    if not (takes_mask(learner) or takes_lengths(learner)):
        return ""
    x, states, _ = _call(learner)
    mask = _ragged(x)
    runs = [learner.forward(x + noise * (1.0 - mask[..., None]), states, weights, mask) for noise in (0.0, 1.0)]
    h, again = (np.concatenate([one.h for one in run]) for run in runs)
    finals = [_same(one.final[n], two.final[n]) for one, two in zip(*runs, strict=True) for n in one.final]
    if _same(h[mask == 1.0], again[mask == 1.0]) and all(finals):
        return ""
    return f"{learner.pair.forward.__name__}: what stands at padded steps changes the real ones"


def _padding(
    learner: Learner, x: Array, states: Mapping[str, Array], weights: Mapping[str, Array], upstream: Mapping[str, Array]
) -> list[str]:
    """Return what is wrong at padded steps: a gradient that enters them."""
    mask = _ragged(x)
    dx = learner.backward(learner.forward(x, states, weights, mask), upstream).get("x")
    if dx is not None and dx.shape == x.shape and np.any(dx[mask == 0.0]):
        return [f"{learner.pair.backward.__name__} lets the gradient into padded steps: dx is not 0 there"]
    return []


def _ragged(x: Array) -> Array:
    """Return a mask under which the second sentence is one step short, and the third has a single step."""
    mask = np.ones(x.shape[:2])
    mask[1, -1:] = mask[2, 1:] = 0.0
    return mask


def where_chance_is(pair: Pair) -> str:
    """Return where a forward draws random numbers, and what to do about it."""
    file = pair.forward.__code__.co_filename
    lines, first = inspect.getsourcelines(pair.forward)
    for node in ast.walk(
        ast.parse(inspect.cleandoc("\n" + "".join(lines)) if lines[0][:1] != " " else "if 1:\n" + "".join(lines))
    ):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in CHANCE and isinstance(node, (ast.Attribute, ast.Name)):
            number = first + node.lineno - (1 if lines[0][:1] != " " else 2)
            return (
                f"it draws random numbers at {shown_path(file)}:{number}: `{source_line(file, number)}`; seed them in "
                "the call itself (np.random.default_rng(0)), or take the mask as an argument"
            )
    return "it draws random numbers or remembers the call before; seed them in the call itself, or remember nothing"


def _read(passed: ForwardCall) -> dict[str, Any]:
    """Return everything that a backward is given and must only read."""
    found = {name: value for name, value in passed.given.items() if isinstance(value, np.ndarray)}
    found["h"] = passed.h
    parts = passed.cache.items() if isinstance(passed.cache, dict) else enumerate(_listed(passed.cache))
    return found | {f"cache[{key!r}]": value for key, value in parts if isinstance(value, np.ndarray)}


def _listed(cache: Any) -> list[Any]:
    if not isinstance(cache, (tuple, list)):
        return [cache]
    return [leaf for part in cache for leaf in (_listed(part) if isinstance(part, (tuple, list)) else [part])]


def _changed(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    return [
        name for name, array in now.items() if name in then and not np.array_equal(array, then[name], equal_nan=True)
    ]


def _same(one: Any, two: Any) -> bool:
    return np.shape(one) == np.shape(two) and np.allclose(one, two, rtol=1e-12, atol=1e-300, equal_nan=True)
