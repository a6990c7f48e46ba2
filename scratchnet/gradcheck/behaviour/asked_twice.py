"""The same asked twice: is it chance that makes a loss differ, or something that is kept from call to call?

Read next: calls_watched.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour.runs import SharingTool, differs, run, same_chance
from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.subjects import Subject

LEAST = 1e-6  # a gradient that is smaller may be rounding alone


def why_it_differs(subject: Subject, T: int) -> dict[str, Any]:
    """Return {"chance": whether it is what is drawn that differs, "names": what changes from run to run}.

    Chance, where the loss is the same as soon as the same is drawn.
    """
    module = subject.program.load()
    losses: list[Any] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    with subject.program.keeping(module):
        for _ in range(2):
            before = after
            with same_chance(module):
                losses.append(run(subject, T, module).loss)
            after = _values(module)
    chance = not differs(losses[0], losses[1])
    changed = [] if chance else [name for name, value in after.items() if _other(before.get(name), value)]
    return {"chance": chance, "names": changed[:4]}


def kept_state(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield what the objects that r.new makes keep from call to call, where they are used a second time."""
    module = subject.program.load()
    tool = SharingTool(subject.arrays(T))
    with same_chance(module):
        one = run(subject, T, module, tool)
    if not tool.made or one.error is not None:
        return
    held = [dict(vars(thing)) if hasattr(thing, "__dict__") else {} for thing, *_ in tool.made]
    again = SharingTool(subject.arrays(T), tool)
    with same_chance(module):
        two = run(subject, T, module, again)
    if two.error is not None:
        return
    if differs(one.loss, two.loss):
        results = [gradient for gradient in one.gradients.values() if isinstance(gradient, np.ndarray)]
        names = [
            name for made, now in zip(_made_anew(subject, T), held, strict=False) for name in made
            if _other(made[name], now.get(name)) and not any(_same(now.get(name), result) for result in results)
        ]  # fmt: skip
        yield Finding(
            "state kept", ", ".join(f"self.{name}" for name in names[:3]), note=True,
            numbers={"first": float(one.loss), "second": float(two.loss), "T": T},
        )  # fmt: skip
        return
    names_of = subject.names(T)
    doubled = [
        names_of.get(key, "") for key, gradient in one.gradients.items()
        if key in two.gradients and _is_twice(gradient, two.gradients[key])
    ]  # fmt: skip
    if doubled:
        yield Finding("adds up", ", ".join(doubled), note=True, numbers={"T": T})


def _made_anew(subject: Subject, T: int) -> list[dict[str, Any]]:
    """Return what the objects that r.new makes hold before they are used."""
    held: list[dict[str, Any]] = []

    class Looking(SharingTool):
        def new(self, made_by: Any, *arguments: Any, **named: Any) -> Any:
            thing = super().new(made_by, *arguments, **named)
            held.append(copy.deepcopy(dict(vars(thing))) if hasattr(thing, "__dict__") else {})
            return thing

    run(subject, T, None, Looking(subject.arrays(T)))
    return held


def _same(value: Any, result: Any) -> bool:
    return isinstance(value, np.ndarray) and np.array_equal(value, result)


def _is_twice(one: Any, two: Any) -> bool:
    a, b = np.asarray(one), np.asarray(two)
    if a.dtype.kind != "f" or a.shape != b.shape or not np.abs(a).max(initial=0.0) > LEAST:
        return False
    return np.allclose(b, 2.0 * a, rtol=1e-9, atol=1e-12)


def _values(module: ModuleType) -> dict[str, Any]:
    """Return copies of what a module and its classes hold."""
    found: dict[str, Any] = {}
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, held in vars(value).items():
                if not inner.startswith("__") and not isinstance(
                    held, (FunctionType, property, staticmethod, classmethod)
                ):
                    found[f"{name}.{inner}"] = copy.deepcopy(held)
        elif isinstance(value, (int, float, np.ndarray, list, dict, set, tuple)):
            try:
                found[name] = copy.deepcopy(value)
            except Exception:
                continue
    return found


def _other(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.shape(one) != np.shape(two) or not np.array_equal(one, two)
    try:
        return repr(one) != repr(two)
    except Exception:
        return False
