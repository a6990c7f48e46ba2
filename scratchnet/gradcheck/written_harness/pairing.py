"""Which gradient belongs to which array: by equal shape, then by numbers, then by name.

Numbers first: a gradient is the one of an array if it agrees with the difference quotients along random directions; one
that a mistake spoils in part agrees in some entries. Only what is left is told by its name, dW for W.

Read next: plan.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.written_harness.forward import Forward

ENTRIES = 6  # of an array, compared where the whole does not agree
CLOSE = 1e-5


@dataclass
class Matches:
    """pairs: {array's key: (how its gradient is reached, "numbers", "entries" or "name")}.

    left: gradients by their name that belong to no array. missed: arrays with an effect that got none; unclear: those
    of them that have the shape of something that the backward returns.
    """

    pairs: dict[int, tuple[str, str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    unclear: list[int] = field(default_factory=list)

    def count(self, evidence: str) -> int:
        """Return how many pairs rest on this evidence."""
        return sum(why == evidence for _, why in self.pairs.values())

    @property
    def score(self) -> tuple[int, int, int]:
        """Return what is to be compared: pairs by numbers, by entries, by name."""
        return (self.count("numbers"), self.count("entries"), self.count("name"))

    @property
    def complete(self) -> bool:
        """Tell whether numbers alone explain every gradient."""
        return bool(self.pairs) and not self.left and all(why == "numbers" for _, why in self.pairs.values())


def match(
    forward: Forward, loss: Sequence[str], given: Mapping[str, Any], names: Mapping[int, str], called: Mapping[str, str]
) -> Matches:
    """Return which of the gradients belongs to which array.

    given: {how it is reached: array}. names: {array's key: its name}. called: {how a gradient is reached: its name}.
    """
    found = Matches()
    keys = [key for key in forward.keys if key in names and forward.effect(loss, key)]
    arrays = {text: np.asarray(value, float) for text, value in given.items() if _numeric(value)}
    inputs = [one for one in forward.arrays.kept.values() if isinstance(one, np.ndarray)]
    arrays = {text: one for text, one in arrays.items() if not any(_same(one, other) for other in inputs)}
    free = dict(arrays)

    def take(key: int, text: str, why: str) -> None:
        found.pairs[key] = (text, why)
        free.pop(text)

    for key in keys:
        fits = [text for text, value in free.items() if _agrees(forward, loss, key, value)]
        if fits:
            take(key, min(fits, key=lambda text: _distance(text, key, names, called)), "numbers")
    by_name = [
        (key, text)
        for key in keys
        if key not in found.pairs
        for text, value in free.items()
        if value.shape == _shape(forward, key) and belongs(called.get(text, text), names[key])
    ]
    by_entries = {
        key: [text for text, value in free.items() if _some_entries(forward, loss, key, value)]
        for key in keys
        if key not in found.pairs
    }
    for key, text in by_name:
        if key not in found.pairs and text in free:
            take(key, text, "entries" if text in by_entries.get(key, ()) else "name")
    for key, fits in by_entries.items():
        left = [text for text in fits if text in free]
        if key not in found.pairs and len(left) == 1:
            take(key, left[0], "entries")
    for key in [one for one in keys if one not in found.pairs]:
        for other, (text, _) in list(found.pairs.items()):
            wanted = _beside(key, other, text, forward, names)
            if wanted in free and free[wanted].shape == _shape(forward, key) and key not in found.pairs:
                take(key, wanted, "name")
    for key, text, why in _of_each_step(forward, loss, free, [k for k in keys if k not in found.pairs], names, called):
        free.pop(text)
        found.pairs[key] = (f"{text}.sum(axis=0)", why)
        arrays[found.pairs[key][0]] = arrays[text]  # so that the same array under another name is not left over
    missing = [key for key in keys if key not in found.pairs]
    for key in missing:
        # Of a function that returns the loss as well: a state that goes on has a state's shape and is no gradient.
        alike = [text for text in free if free[text].shape == _shape(forward, key) and text.startswith("back")]
        rivals = [other for other in missing if _shape(forward, other) == _shape(forward, key)]
        if len(alike) == len(rivals) == 1 and _shape(forward, key):
            take(key, alike[0], "name")
    found.missed = [key for key in keys if key not in found.pairs]
    # Also of an array without effect: with one step only, a recurrent weight has none, and its gradient says nothing.
    missed = [name for key, name in names.items() if key not in found.pairs]
    found.left = [
        text
        for text in free
        if is_gradient_name(called.get(text, text)) or any(belongs(called.get(text, text), name) for name in missed)
        if not _part_of(text, found) and not any(_same(arrays[text], arrays[one]) for one, _ in found.pairs.values())
    ]
    # A gradient that is left over, and has no array's name, may be that of any array with as many axes.
    nameless = {
        free[text].ndim
        for text in found.left
        if not any(belongs(called.get(text, text), name) for name in names.values())
    }
    results = [
        one.shape for text, one in free.items() if text.startswith("back") or is_gradient_name(called.get(text, ""))
    ]
    found.unclear = [
        key
        for key in found.missed
        if any(belongs(called.get(text, text), names[key]) for text in free)
        or _shape(forward, key) in results
        or len(_shape(forward, key)) in nameless
    ]
    return found


def _of_each_step(
    forward: Forward,
    loss: Sequence[str],
    free: Mapping[str, Array],
    keys: Sequence[int],
    names: Mapping[int, str],
    called: Mapping[str, str],
) -> list[tuple[int, str, str]]:
    """Return (key, text, evidence) of gradients that are kept apart for each step: their sums, if one sum agrees."""
    found = []
    for key in keys:
        for text, value in free.items():
            if value.shape[1:] == _shape(forward, key) != value.shape and belongs(called.get(text, text), names[key]):
                whole = value.sum(axis=0)
                some = "entries" if _some_entries(forward, loss, key, whole) else "name"
                found.append((key, text, "numbers" if _agrees(forward, loss, key, whole) else some))
                break
    return found if any(why == "numbers" for _, _, why in found) else []


def _beside(key: int, other: int, text: str, forward: Forward, names: Mapping[int, str]) -> str:
    """Return where the gradient of an array is, if it stands in a list as the array does: grads[2] of params[2]."""
    one, two = (_index(names[k], forward) for k in (key, other))
    if one is None or two is None or one[0] != two[0] or not text.endswith(f"[{two[1]}]"):
        return ""
    return f"{text.removesuffix(f'[{two[1]}]')}[{one[1]}]"


def _index(name: str, forward: Forward) -> tuple[str, int] | None:
    """Return the list in which an array stands, and where."""
    found = re.fullmatch(r"(.*)\[(\d+)\]", name)
    if found:
        return found[1], int(found[2])
    for argument, spec in forward.setting.specs.items():
        if spec.kind == "box" and name in spec.keys:
            return argument, spec.keys.index(name)
    return None


def _numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind == "f"
    except ValueError:
        return False


def _shape(forward: Forward, key: int) -> tuple[int, ...]:
    return tuple(forward.arrays.kept[key].shape)


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and one.size > 1 and bool(np.array_equal(one, other)) and bool(np.any(one))


def _agrees(forward: Forward, loss: Sequence[str], key: int, value: Array) -> bool:
    if value.shape != _shape(forward, key) or not np.all(np.isfinite(value)):
        return False
    for which in (-1, -2):
        true, own = forward.slope(loss, key, which), float((value * forward.direction(key, which)).sum())
        if not abs(true - own) <= CLOSE * (abs(true) + abs(own)) + 1e-8:
            return False
    return True


def _some_entries(forward: Forward, loss: Sequence[str], key: int, value: Array) -> bool:
    if value.shape != _shape(forward, key) or not np.all(np.isfinite(value)):
        return False
    good = 0
    for which in np.random.default_rng(key).permutation(value.size)[:ENTRIES]:
        true = forward.slope(loss, key, int(which))
        good += abs(true) > 1e-7 and abs(true - value.flat[which]) <= CLOSE * abs(true) + 1e-8
    return good > 0


def _distance(text: str, key: int, names: Mapping[int, str], called: Mapping[str, str]) -> tuple[bool, bool, int]:
    return not belongs(called.get(text, text), names[key]), "np.array" in text, len(text)


def _part_of(text: str, found: Matches) -> bool:
    """Tell whether a gradient is an element of a list, or the list, that is paired already."""
    heads = [pair.removeprefix("np.array(").rstrip(")") for pair, _ in found.pairs.values()]
    inner = text.removeprefix("np.array(").rstrip(")")
    return any(text.startswith(f"{head}[") or pair.startswith(f"{inner}[") for head in heads for pair in [head])


GRADIENT = re.compile(
    r"^(?:d[LJEC]_?d|d|D|grad|gradient|delta|g|del|nabla|diff)s?_?(?=[A-Za-z])|_?(?:grad|gradient|delta|_g)s?$"
)


def plain_name(name: str) -> str:
    """Return the last part of a reference: "W" for "net.grads['W']"."""
    parts = re.findall(r"\w+", name)
    return parts[-1] if parts else name


def is_gradient_name(name: str) -> bool:
    """Tell whether something is called like a gradient: dW, grad_W, W_grad."""
    return bool(GRADIENT.search(plain_name(name))) or "grad" in name.lower()


def belongs(gradient: str, array: str) -> bool:
    """Tell whether a name is that of an array's gradient: dW of W, dh_prev of h0, grads['W'] of W."""
    own, wanted = plain_name(gradient), plain_name(array)
    bare = GRADIENT.sub("", own)
    candidates = {bare, own} if "grad" in gradient.lower() or gradient.startswith("back") else {bare}
    return any(_bare(one) == _bare(wanted) for one in candidates) and (
        bare != own or "grad" in gradient.lower() or gradient.startswith("back")
    )


def _bare(name: str) -> str:
    return re.sub(r"_?(prev|init|initial|0|t|next)$", "", name).replace("_", "").lower()
