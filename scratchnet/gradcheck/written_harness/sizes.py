"""Symbols and their sizes while shapes are looked for.

Read next: kinds.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

from scratchnet.gradcheck.written_harness.specs import Spec

# Sizes of which no sum of two and no small multiple equals another one; those of weights, out of which gates are cut.
SIZES = (3, 5, 11, 18, 32, 42, 58, 62, 103, 122, 131, 185, 197, 219)
LARGE = (139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263)
OTHERS = (5, 7, 3, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)  # and others, with which a call must run as well

Specs = dict[str, Spec]


class SizeOf(dict[str, int]):
    """The size that a symbol has while shapes are looked for: it is in its name, n7."""

    def __missing__(self, name: str) -> int:
        return int(name[1:])


@dataclass
class Sizes:
    """The symbols in use, each of a size that no other has; more: sizes that the code itself has, and may be meant."""

    more: tuple[int, ...] = ()
    used: set[str] = field(default_factory=set)
    of: dict[str, int] = field(default_factory=SizeOf)

    def fresh(self, large: bool = False) -> str:
        """Return a new symbol; large: for weights, out of which gates may be cut, so that no cut comes out short."""
        taken = {*self.more, *(self.of[name] for name in self.used)}
        name = f"n{next(p for p in chain(LARGE if large else SIZES, range(269, 9999)) if p not in taken)}"
        self.used.add(name)
        return name


class OtherSizeOf(dict[str, int]):
    """Other sizes of the same symbols."""

    def __missing__(self, name: str) -> int:
        size = int(name[1:])
        return OTHERS[SIZES.index(size)] if size in SIZES else 2 * size + 1
