"""Named parameters, and beside each its gradient: what everything that learns has in common.

A parameter `W` and its gradient `dW` are two plain arrays of the same shape, attributes of the object that uses them.
Optimizers and checkpoints never see that object, only the names and arrays that `parameters()` and `gradients()` list.
Gradients always accumulate; `zero_gradients()` begins a new step.

Read next: gradcheck/__init__.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend, check_dtype, get_backend
from scratchnet.errors import InputError
from scratchnet.tape import Tape

if TYPE_CHECKING:
    from scratchnet.visual import Summary  # loaded when it is first used: tables take their time to import

Arrays = dict[str, Array]


class NamedArrays(dict[str, Array]):
    """Arrays by name, and what they have in common: their backend, and the one flat array of which all are views.

    `flat` is None where there is no such array. What treats all parameters alike treats that one instead.
    """

    def __init__(self, arrays: dict[str, Array], backend: Backend, flat: Array | None = None) -> None:
        super().__init__(arrays)
        self.backend = backend
        whole = flat is not None and sum(array.size for array in arrays.values()) == flat.size
        self.flat = flat if whole and all(is_view(array, flat) for array in arrays.values()) else None


class Module:
    """What owns parameters, or has parts that do: a cell, a layer, a loss, a whole model.

    Its forward pass records on a tape what its backward pass needs. backend: a name or object; NumPy by default.
    """

    def __init__(self, backend: Backend | str | None = None, dtype: Any = "float32") -> None:
        self.backend = NUMPY if backend is None else get_backend(backend)
        self.dtype = check_dtype(dtype)
        self.parameter_names: list[str] = []
        self.flat_parameters: Array | None = None
        self.flat_gradients: Array | None = None

    def children(self) -> dict[str, Module]:
        """Return the parts by name; a part named "" contributes its parameters under their own names."""
        return {}

    def new_tape(self) -> Tape:
        """Return an empty tape, with those of all parts in it; reused for the next batch, it keeps its buffers."""
        return Tape({name: child.new_tape() for name, child in self.children().items()})

    def add_parameter(self, name: str, value: Any) -> None:
        """Make `value` (drawn on the host) the attribute `name`, with a gradient of zeros beside it as `d` + name."""
        # An own copy: two parameters must never share memory by accident.
        setattr(self, name, self.backend.asarray(np.array(value, dtype=self.dtype, order="C")))
        setattr(self, "d" + name, self.backend.xp.zeros_like(getattr(self, name)))
        self.parameter_names.append(name)

    def modules(self) -> Iterator[Module]:
        """Yield this object and all its parts, depth first."""
        yield self
        for child in self.children().values():
            yield from child.modules()

    def parameters(self) -> NamedArrays:
        """Return all parameters by dotted name; the arrays themselves, not copies."""
        return NamedArrays(self._collect(""), self.backend, self.flat_parameters)

    def gradients(self) -> NamedArrays:
        """Return all gradients under the names of their parameters; the arrays themselves, not copies."""
        return NamedArrays(self._collect("d"), self.backend, self.flat_gradients)

    def flatten(self) -> None:
        """Move all parameters into one flat array and all gradients into another, so that one pass serves them all.

        The arrays lie in the order of `modules`, so every part has a flat array, too: a piece of the whole.
        """
        total = sum(array.size for array in self.parameters().values())
        self._join(self.backend.xp.empty(total, dtype=self.dtype), self.backend.xp.zeros(total, dtype=self.dtype))

    def _join(self, parameters: Array, gradients: Array) -> None:
        self.flat_parameters, self.flat_gradients = parameters, gradients
        start = 0
        for name in self.parameter_names:
            shape, size = getattr(self, name).shape, getattr(self, name).size
            for prefix, flat in (("", parameters), ("d", gradients)):
                view = flat[start : start + size].reshape(shape)
                view[...] = getattr(self, prefix + name)
                setattr(self, prefix + name, view)
            start += size
        for child in self.children().values():
            size = sum(array.size for array in child.parameters().values())
            child._join(parameters[start : start + size], gradients[start : start + size])
            start += size

    def _collect(self, prefix: str) -> dict[str, Array]:
        found = {name: getattr(self, prefix + name) for name in self.parameter_names}
        for part, child in self.children().items():
            found |= {f"{part}.{name}" if part else name: array for name, array in child._collect(prefix).items()}
        return found

    def summary(self) -> Summary:
        """Return the parts, the shapes and numbers of their parameters; it shows itself as a table."""
        from scratchnet.visual import Summary

        return Summary(self)

    def __repr__(self) -> str:
        try:
            return self.summary().as_block()
        except AttributeError:  # not all of it is built yet
            return object.__repr__(self)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def zero_gradients(self) -> None:
        """Set every gradient to zero, in place."""
        gradients = self.gradients()
        for gradient in gradients.values() if gradients.flat is None else [gradients.flat]:
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
        if copied.flat_parameters is not None:
            copied.flatten()
        return copied


class ModuleDict(Module):
    """Modules by name, as one: `ModuleDict(rnn=..., output=...)` lists the parameters of all for one optimizer.

    Each is an attribute, and so is its tape on the tape of the whole. All must have one backend.
    """

    def __init__(self, **modules: Module) -> None:
        first = next(iter(modules.values()), None)
        if first is None or any(module.backend is not first.backend for module in modules.values()):
            raise InputError("a ModuleDict needs at least one module, and all of them on one backend")
        super().__init__(first.backend, first.dtype)
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        modules = vars(self).get("_modules", {})
        if name not in modules:
            raise AttributeError(f"no module {name!r} here: there are {', '.join(modules)}")
        return modules[name]

    def children(self) -> dict[str, Module]:
        return self._modules


def is_view(array: Array, flat: Array | None) -> bool:
    """Tell whether an array lies in the memory of a flat one, or in that of which the flat one is a piece."""
    return flat is not None and (array.base is flat or (flat.base is not None and array.base is flat.base))


def zeros_beside(parameters: Arrays) -> Arrays:
    """Return zeros of the same names and shapes; views of one flat array if the parameters are."""
    flat = getattr(parameters, "flat", None)
    if flat is None:
        return {name: np.zeros_like(array) for name, array in parameters.items()}
    zeros, start, found = np.zeros_like(flat), 0, {}
    for name, array in parameters.items():
        found[name] = zeros[start : start + array.size].reshape(array.shape)
        start += array.size
    return NamedArrays(found, parameters.backend, zeros)  # type: ignore[attr-defined]


def flat_together(*groups: Arrays) -> list[tuple[Array, ...]]:
    """Return same-placed flat views of the groups' arrays: one view of each group if each is one flat array."""
    flats = [getattr(group, "flat", None) for group in groups]
    if all(flat is not None for flat in flats):
        return [tuple(flats)]
    return [tuple(group[name].reshape(-1) for group in groups) for name in groups[0]]


def check_sizes(**sizes: int) -> None:
    """Raise InputError unless every size, given by name, is a whole number above zero."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size <= 0:
            raise InputError(f"{name} is {size!r}: it must be a whole number above zero")


def make_rng(rng: np.random.Generator | int) -> np.random.Generator:
    """Return `rng` itself, or a generator seeded with it."""
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
