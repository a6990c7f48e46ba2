"""Named parameters, and beside each its gradient: what everything that learns has in common.

A parameter `W` and its gradient `dW` are two plain arrays of the same shape, attributes of the object that uses them.
Optimizers and checkpoints never see that object, only the names and arrays that `parameters()` and `gradients()` list.
Gradients always accumulate; `zero_gradients()` begins a new step.

Read next: layers.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend, check_dtype, get_backend
from scratchnet.errors import InputError


class Parametric:
    """Something that owns parameters, or has parts that do."""

    def __init__(self, backend: Backend | str | None = None, dtype: Any = "float32") -> None:
        self.backend = NUMPY if backend is None else get_backend(backend)
        self.dtype = check_dtype(dtype)
        self.parameter_names: list[str] = []

    def children(self) -> dict[str, Parametric]:
        """Return the parts by name; a part named "" contributes its parameters under their own names."""
        return {}

    def add_parameter(self, name: str, value: Any) -> None:
        """Make `value` (drawn on the host) the attribute `name`, with a gradient of zeros beside it as `d` + name."""
        # An own copy: two parameters must never share memory by accident.
        setattr(self, name, self.backend.asarray(np.array(value, dtype=self.dtype, order="C")))
        setattr(self, "d" + name, self.backend.xp.zeros_like(getattr(self, name)))
        self.parameter_names.append(name)

    def modules(self) -> Iterator[Parametric]:
        """Yield this object and all its parts, depth first."""
        yield self
        for child in self.children().values():
            yield from child.modules()

    def parameters(self) -> dict[str, Array]:
        """Return all parameters by dotted name; the arrays themselves, not copies."""
        return self._collect("")

    def gradients(self) -> dict[str, Array]:
        """Return all gradients under the names of their parameters; the arrays themselves, not copies."""
        return self._collect("d")

    def _collect(self, prefix: str) -> dict[str, Array]:
        found = {name: getattr(self, prefix + name) for name in self.parameter_names}
        for part, child in self.children().items():
            found |= {f"{part}.{name}" if part else name: array for name, array in child._collect(prefix).items()}
        return found

    def zero_gradients(self) -> None:
        """Set every gradient to zero, in place."""
        for gradient in self.gradients().values():
            gradient[...] = 0

    def load_parameters(self, values: dict[str, Any]) -> None:
        """Copy `values` into the parameters of the same names; all names and shapes must fit.

        Raises InputError naming the first parameter that is missing, unknown or of another shape; nothing is
        changed then.
        """
        mine = self.parameters()
        for name in mine.keys() | values.keys():
            if name not in values:
                raise InputError(f"parameter {name!r} is missing: the weights belong to another model")
            if name not in mine:
                raise InputError(f"parameter {name!r} is unknown here: the weights belong to another model")
            if tuple(values[name].shape) != tuple(mine[name].shape):
                raise InputError(
                    f"parameter {name!r} has shape {tuple(values[name].shape)}, wanted {tuple(mine[name].shape)}"
                )
        for name, array in mine.items():
            array[...] = self.backend.asarray(values[name], dtype=self.dtype)

    def to(self, backend: Backend | str | None = None, dtype: Any = None) -> Self:
        """Return a copy on another backend or in another dtype, its gradients zero; the original is unchanged."""
        copied = copy.deepcopy(self)
        target = self.backend if backend is None else get_backend(backend)
        kind = self.dtype if dtype is None else check_dtype(dtype)
        for module in copied.modules():
            for name in module.parameter_names:
                value = module.backend.to_numpy(getattr(module, name))
                if np.iscomplexobj(value) and kind.kind != "c":
                    value = value.real
                setattr(module, name, target.asarray(np.array(value, dtype=kind, order="C")))
                setattr(module, "d" + name, target.xp.zeros_like(getattr(module, name)))
            module.backend, module.dtype = target, kind
        return copied


def check_sizes(**sizes: int) -> None:
    """Raise InputError unless every size, given by name, is a whole number above zero."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size <= 0:
            raise InputError(f"{name} is {size!r}: it must be a whole number above zero")


def make_rng(rng: np.random.Generator | int) -> np.random.Generator:
    """Return `rng` itself, or a generator seeded with it."""
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
