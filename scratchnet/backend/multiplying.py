"""Arrays whose `@` is somebody else's product, so that a cell writes `prev.h @ self.W_hh` and need not know.

Their parts, their transposes and what is computed from them element by element are of the same class.

Read next: blas.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Array = Any


def multiplying_arrays(arrays: type, product: Callable[[Array, Array], Array]) -> type:
    """Return a subclass of a class of `arrays` whose `@` is product(left, right)."""

    class MultiplyingArray(arrays):  # type: ignore[misc]
        """Part of a tape, or the weights that a time loop multiplies with."""

        def __matmul__(self, right: Any) -> Any:
            return product(self, right) if isinstance(right, arrays) else NotImplemented

        def __rmatmul__(self, left: Any) -> Any:
            return product(left, self) if isinstance(left, arrays) else NotImplemented

    return MultiplyingArray
