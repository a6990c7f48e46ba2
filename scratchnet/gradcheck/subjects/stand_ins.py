"""What stands in for a package that is not installed, as long as no number of the check depends on it.

Plots, progress bars, a comparison with another library: code imports them beside what is to be checked. An attribute
of a stand-in is one, a call of it yields what it was given to run over or to decorate; none of them is a number.

Read next: siblings.py.
"""

from __future__ import annotations

import importlib.machinery
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class StandIn:
    """Something of a package that is not there."""

    def __init__(self, over: Any = ()) -> None:
        self.over = over

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if len(arguments) == 1 and not named and callable(arguments[0]) and not isinstance(arguments[0], StandIn):
            return arguments[0]  # a decorator
        return StandIn(arguments[0] if arguments and hasattr(arguments[0], "__iter__") else ())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.over)

    def __getitem__(self, key: Any) -> StandIn:
        return StandIn()

    def __setitem__(self, key: Any, value: Any) -> None:
        """Take a setting, as of plt.rcParams."""

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *error: object) -> None:
        """End a with block."""

    def __bool__(self) -> bool:
        return False

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)


class StandInModule(ModuleType):
    """A module of a package that is not there."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()


class StandInLoader:
    """Makes modules that are not there."""

    def find(self, name: str) -> Any:
        """Return the specification of such a module."""
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> ModuleType:
        """Return the module."""
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""
