"""The arrays that a subject is run on: drawn once for each T and seed, the same at every run.

Which of an object's arrays are weights, and which are there for gradients? The loss does not depend on the latter:
they keep the values that their constructor gave them, since code that adds its gradients up counts on these.

Read next: names.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.backend import Array

SCALE = 0.5  # standard deviation of what is drawn
FIRST_ADOPTED = 100000
Name = tuple[int, str]  # the number of a call of `adopt`, an array's name in what it was given; -1 for `own`


class Arrays:
    """The arrays of a harness at one T and one seed, by the order in which it asks for them.

    varied: of a file that brings its own values, not these but others like them.
    """

    def __init__(self, T: int, seed: int, family: Family, varied: bool = False) -> None:
        self.T, self.seed, self.family, self.varied = T, seed, family, varied
        self.kept: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.adopted: dict[int, Name] = {}
        self.upstream: dict[int, Array] = {}
        self.settled = False

    def draw(self, key: int, make: Callable[[np.random.Generator], Any]) -> Any:
        """Return what stands at this place in the order, drawn when first asked for."""
        if key not in self.kept:
            self.kept[key] = make(np.random.default_rng([self.seed, self.T, key]))
        return self.kept[key]

    def adopt(self, name: Name, array: Array) -> tuple[int, Array]:
        """Return the place in the order of an array of an object, and what it is to hold."""
        key = self.family.place_of(name)
        before = self.family.made.setdefault(name, np.array(array))
        self.adopted[key] = name
        self.names.setdefault(key, name[1])
        if name in self.family.without_effect:
            found = self.draw(key, lambda g: np.array(before if before.shape == array.shape else array))
        else:
            found = self.draw(key, lambda g: g.normal(size=array.shape) * SCALE)
        return key, np.asarray(found)

    def own(self, key: int, name: str, array: Array) -> Array:
        """Return what an array that a file brings is to hold: its own values, or others like them."""
        self.adopted[key] = (-1, name)
        before = self.family.made.setdefault((-1, name), np.array(array))
        self.names.setdefault(key, name)
        return np.asarray(self.draw(key, lambda g: _like(before, g) if self.varied else before.copy()))

    def upstream_of(self, key: int, shape: tuple[int, ...]) -> Array:
        """Return the random gradient for the loss's `key`-th array."""
        if key not in self.upstream or self.upstream[key].shape != shape:
            self.upstream[key] = np.random.default_rng([self.seed, self.T, key, 1]).normal(size=shape)
        return self.upstream[key]

    def settle(self, loss: Callable[[], float]) -> None:
        """Give the arrays of objects that the loss does not depend on the values that they were made with."""
        self.settled = True
        known = self.family
        before = loss()  # draws the arrays
        for key, name in self.adopted.items():
            if name[0] < 0 or name in known.with_effect or name in known.without_effect:
                continue
            drawn, made = self.kept[key].copy(), known.made[name]
            if made.shape != drawn.shape or np.array_equal(made, drawn):
                continue
            self.kept[key][...] = made
            if abs(loss() - before) <= 1e-12 * (1.0 + abs(before)):
                known.without_effect.add(name)
            else:
                known.with_effect.add(name)
                self.kept[key][...] = drawn


class Family(dict[tuple[int, int], Arrays]):
    """The arrays of a subject by (T, seed), and what is known of all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[Name, int] = {}
        self.made: dict[Name, Array] = {}  # the values that arrays of objects had at first
        self.with_effect: set[Name] = set()
        self.without_effect: set[Name] = set()

    def place_of(self, name: Name) -> int:
        """Return the place of an array of an object: apart from those of what `r` makes, and kept by its name.

        An object that lives on has other arrays at the second run, and the others should keep their places.
        """
        return self.places.setdefault(name, FIRST_ADOPTED + len(self.places))

    def first_values(self, place: int) -> Array | None:
        """Return the values that the array at a place of the order had at first; None for one that r made."""
        for arrays in self.values():
            if place in arrays.adopted:
                return self.made[arrays.adopted[place]]
        return None


def _like(array: Array, generator: np.random.Generator) -> Array:
    """Return other values of about the same sizes, the signs kept: the logarithm of a weight should stay one."""
    size = float(np.sqrt(np.mean(array**2))) if array.size else 0.0
    changed = array * generator.uniform(0.6, 1.6, array.shape)
    return np.where(array == 0, 0.1 * (size or 1.0) * generator.normal(size=array.shape), changed)
