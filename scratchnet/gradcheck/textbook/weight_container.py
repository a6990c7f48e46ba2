"""Where a learner's weights live: arguments, a dictionary, a tuple, an object, or attributes of an instance.

Read next: ../subjects/__init__.py.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.textbook.find_pairs import Pair, asked_of
from scratchnet.gradcheck.textbook.name_roles import PARAMS, WEIGHT, gradient_of, role_of

SIZES = {
    "input": r"input|in_?dim|n_?in|n_?x|nx|in_features|^d$|^e$|embed|emb_dim|feature|vocab|x_dim|n_i|dim_x|d_in",
    "hidden": r"hid|n_?h$|nh|n_?a$|units|^h$|h_dim|d_h|state_size|dim_h|cell_dim|num_?cells|mem_cell",
    "output": r"out|n_?y$|ny|class|^v$|^o$",
    "batch": r"batch|^n$|^b$|^m$",
    "seed": r"seed|random_state",
}
OUTPUTS = 3  # units of an output layer, which the check leaves aside
Weights = Mapping[str, Array]


def size_named(name: str, sizes: Mapping[str, int]) -> int | None:
    """Return the size that a constructor's or initializer's argument asks for, or None."""
    for meaning, pattern in SIZES.items():
        if re.search(pattern, name.lower()):
            return sizes.get(meaning)
    return None


def sized_arguments(function: Callable[..., Any], sizes: Mapping[str, int], skip: int) -> dict[str, Any] | None:
    """Return the sizes for a function's arguments by name; None where a needed one is not a size."""
    found = {}
    for parameter in list(inspect.signature(function).parameters.values())[skip:]:
        size = size_named(parameter.name, sizes)
        if size is not None and parameter.name not in ("b",):
            found[parameter.name] = size
        elif parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        ):
            return None
    return found


class WeightContainer:
    """The weights of one pair of functions: their names, how they are handed over.

    kind: "arguments", "dict", "tuple", "object"; for classes "constructor" (built from arrays) or "instance".
    names: in the learner's order. shapes(D, H) gives their shapes where the file itself tells, else None.
    """

    def __init__(self, pair: Pair, initializers: list[Callable[..., Any]]) -> None:
        self.pair = pair
        self.argument = ""
        self.kind, self.names = "arguments", list[str]()
        self._initializers = initializers
        self._templates: dict[tuple[int, int], Any] = {}
        if pair.owner is not None and not self._static(pair):
            self._look_at_class(pair.owner)
        if not self.names:
            self._look_at_arguments()

    @staticmethod
    def _static(pair: Pair) -> bool:
        assert pair.owner is not None
        return isinstance(inspect.getattr_static(pair.owner, pair.forward.__name__), staticmethod)

    def _look_at_arguments(self) -> None:
        for parameter in self.pair.arguments(self.pair.forward):
            how, names = asked_of(self.pair.forward, parameter.name)
            role = self.pair.role_of(parameter.name)
            if how and role in (PARAMS, WEIGHT):
                self.kind, self.names, self.argument = how, names, parameter.name
                return
            if role == PARAMS:
                found = self._initialized(3, 2)
                if isinstance(found, dict):
                    self.kind, self.names, self.argument = "dict", list(found), parameter.name
                    return
        self.names = [
            p.name
            for p in self.pair.arguments(self.pair.forward)
            if self.pair.role_of(p.name) in (WEIGHT, PARAMS) and (p.default is p.empty or p.default is None)
        ]

    def _look_at_class(self, owner: type) -> None:
        parameters = list(inspect.signature(owner).parameters.values())
        arrays = [p.name for p in parameters if size_named(p.name, {"input": 1, "hidden": 1, "output": 1}) is None]
        arrays = [p.name for p in parameters if p.name in arrays and p.default is p.empty]
        if len(arrays) > 1 and all(role_of(name) == WEIGHT for name in arrays):
            self.kind, self.names = "constructor", arrays
        else:
            template = self.template(3, 2)
            self.kind, self.names = "instance", [] if template is None else list(weights_of(template))

    def template(self, inputs: int, hidden: int) -> Any:
        """Return an instance of the class for these sizes, or None where it is not built from sizes."""
        owner = self.pair.owner
        assert owner is not None
        if (inputs, hidden) not in self._templates:
            sizes = {"input": inputs, "hidden": hidden, "output": OUTPUTS, "batch": 1, "seed": 0}
            arguments = sized_arguments(owner, sizes, 0)
            if arguments is None:
                raise InputError(
                    f"{owner.__name__}{inspect.signature(owner)}: cannot tell what it is built from; wanted sizes such "
                    f"as {owner.__name__}(input_size, hidden_size), or its weights as arrays"
                )
            self._templates[inputs, hidden] = owner(**arguments)
        return self._templates[inputs, hidden]

    def _initialized(self, inputs: int, hidden: int) -> Any:
        for function in self._initializers:
            sizes = {"input": inputs, "hidden": hidden, "output": OUTPUTS, "seed": 0}
            arguments = sized_arguments(function, sizes, 0)
            if not arguments:
                continue
            found = function(**arguments)
            if isinstance(found, dict) and all(hasattr(value, "shape") for value in found.values()):
                return found
            if isinstance(found, (tuple, list)) and all(hasattr(value, "shape") for value in found):
                return tuple(found)
        return None

    def shapes(self, inputs: int, hidden: int) -> dict[str, tuple[int, ...]] | None:
        """Return the weights' shapes as the file's own initializer or constructor makes them, or None."""
        if self.kind == "instance":
            return {name: array.shape for name, array in weights_of(self.template(inputs, hidden)).items()}
        if self.kind == "constructor":
            return None
        found = self._initialized(inputs, hidden)
        if isinstance(found, dict) and set(self.names) <= found.keys():
            return {name: found[name].shape for name in self.names}
        if isinstance(found, tuple) and len(found) == len(self.names):
            return {name: array.shape for name, array in zip(self.names, found, strict=True)}
        return None

    def instance(self, weights: Weights, inputs: int, hidden: int) -> Any:
        """Return a fresh instance of the class that holds these weights, its gradients zero."""
        if self.kind == "constructor":
            assert self.pair.owner is not None
            return self.pair.owner(**weights)
        made = copy.deepcopy(self.template(inputs, hidden))
        put_weights(made, weights)
        return made

    def handed_over(self, weights: Weights) -> Any:
        """Return the weights as the container that the functions want."""
        if self.kind == "dict":
            return dict(weights)
        return tuple(weights[name] for name in self.names) if self.kind == "tuple" else SimpleNamespace(**weights)


def weights_of(instance: Any) -> dict[str, Array]:
    """Return an instance's weights: its arrays, and those in a dictionary of its, that are no state and no gradient."""
    found: dict[str, Array] = {}
    for name, value in vars(instance).items():
        if isinstance(value, np.ndarray) and value.ndim and role_of(name) == WEIGHT:
            found[name] = value
        elif isinstance(value, dict) and value and gradient_of(name) is None and not name.startswith("grad"):
            inner = {key: part for key, part in value.items() if isinstance(part, np.ndarray) and isinstance(key, str)}
            if len(inner) == len(value) and role_of(name) in (PARAMS, WEIGHT):
                found |= inner
    for part in _own_parts(instance):
        found |= weights_of(part)
    return {name: array for name, array in found.items() if not _is_gradient(name, found)}


def _own_parts(instance: Any) -> list[Any]:
    """Return the objects of the learner's own classes that an instance holds: its parameters may live there."""
    home = type(instance).__module__
    return [value for value in vars(instance).values() if type(value).__module__ == home and hasattr(value, "__dict__")]


def _is_gradient(name: str, names: Mapping[str, Any]) -> bool:
    inner = gradient_of(name)
    return inner is not None and any(inner.lower() == other.lower() for other in names if other != name)


def put_weights(instance: Any, weights: Weights) -> None:
    """Put arrays in the place of an instance's weights, and zeros of their kind in the place of its gradients."""
    old = {id(value): weights[name] for name, value in weights_of(instance).items()}
    for attribute, value in list(vars(instance).items()):
        if isinstance(value, np.ndarray):
            setattr(instance, attribute, old.get(id(value), _zeros(attribute, value, weights)))
        elif isinstance(value, dict):
            setattr(
                instance, attribute, {k: old.get(id(v), _zeros(str(k), v, weights, value)) for k, v in value.items()}
            )
        elif isinstance(value, list):
            setattr(instance, attribute, [old.get(id(part), _zeros("", part, weights)) for part in value])
    for part in _own_parts(instance):
        put_weights(part, weights)


def _zeros(name: str, value: Any, weights: Weights, home: Mapping[str, Any] | None = None) -> Any:
    """Return zeros of the shape of the weight whose gradient `value` is; anything else as it is."""
    inner = gradient_of(name) or (name if home is not None else None)
    for weight, array in weights.items():
        if isinstance(value, np.ndarray) and inner is not None and weight.lower() == inner.lower():
            return np.zeros_like(array)
    return value


def gradients_on(instance: Any, names: list[str]) -> dict[str, Array]:
    """Return the gradients that an instance holds after backward, by the names of their weights."""
    found: dict[str, Array] = {}
    lower = {name.lower(): name for name in names}
    for attribute, value in vars(instance).items():
        inner = gradient_of(attribute) or ""
        if isinstance(value, np.ndarray) and inner.lower() in lower:
            found[lower[inner.lower()]] = value
        elif isinstance(value, dict):
            for key, part in value.items():
                if not isinstance(key, str) or not isinstance(part, np.ndarray):
                    continue
                inside = (gradient_of(key) or "").lower()
                if inside in lower:
                    found[lower[inside]] = part
                elif attribute.lower().startswith(("grad", "d")) and key.lower() in lower:
                    found[lower[key.lower()]] = part
        listed = isinstance(value, (list, tuple)) and len(value) == len(names)
        if listed and attribute.lower().startswith(("grad", "dparam", "d_param")):
            found |= {name: part for name, part in zip(names, value, strict=True) if isinstance(part, np.ndarray)}
    for part in _own_parts(instance):
        found |= gradients_on(part, names)
    return found
