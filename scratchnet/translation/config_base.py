"""Options that are declared once: name, type, default, help text and check, in one line each.

    @dataclass(frozen=True)
    class SomeConfig(Config):
        epochs: int = option(10, "Passes over the training pairs.", check=size)

makes a dataclass whose values are checked when it is built, the command line's `--epochs` (cli/config_options.py), and
the stored configuration (`to_json`, `from_json`).

Read next: model_config.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Self

import numpy as np

from scratchnet.errors import InputError
from scratchnet.optim import check_range
from scratchnet.parameters import check_sizes

Check = Callable[[str, Any], None]


@dataclass(frozen=True)
class Option:
    """What is known of an option besides its name, type and default.

    help: for the command line. check: check(name, value) raises InputError for a value that cannot be. flags: of the
    command line, where they are not just the name. metavar: how the value is called there.
    resume: whether a resumed run may change it, since no number depends on it.
    """

    help: str
    check: Check | None = None
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    resume: bool = False


def option(default: Any, help: str, **more: Any) -> Any:
    """Return a dataclass field that is an option; see `Option` for what `more` may hold."""
    return field(default=default, metadata={"option": Option(help, **more)})


def option_of(declared: Field[Any]) -> Option:
    """Return what `option` was given for a field."""
    found: Option = declared.metadata["option"]
    return found


class Config:
    """A frozen dataclass of options. Raises InputError, naming the option, for a value that cannot be."""

    def __post_init__(self) -> None:
        for declared in fields(self):  # type: ignore[arg-type]
            check = option_of(declared).check
            if check is not None:
                value = getattr(self, declared.name)
                try:
                    check(declared.name, value)
                except TypeError:  # a text, say, compared with a number
                    raise InputError(f"{declared.name} is {value!r}: it must be a number") from None
        self.check_together()

    def check_together(self) -> None:
        """Raise InputError for options that do not go together."""

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the configuration that `to_json` gave. Raises InputError for missing or unknown options."""
        known = {declared.name for declared in fields(cls)}  # type: ignore[arg-type]
        if values.keys() != known:
            raise InputError(f"{cls.__name__} has other options than these: {sorted(values.keys() ^ known)}")
        return cls(**values)


def size(name: str, value: Any) -> None:
    """Check for a whole number above zero."""
    check_sizes(**{name: value})


def size_or_none(name: str, value: Any) -> None:
    """Check for a whole number above zero, or None."""
    if value is not None:
        check_sizes(**{name: value})


def count(name: str, value: Any) -> None:
    """Check for a whole number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise InputError(f"{name} is {value!r}: it must be a whole number, 0 or more")


def not_negative(name: str, value: float) -> None:
    """Check for a finite number of 0 or more."""
    check_range(name, value, 0.0)


def below_one(name: str, value: float) -> None:
    """Check for a number from 0 to below 1."""
    if not 0.0 <= value < 1.0:
        raise InputError(f"{name.replace('_', ' ')} is {value!r}: it must be at least 0 and below 1")


def share(name: str, value: float) -> None:
    """Check for a number from 0 to 1."""
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{name} is {value!r}: it must be from 0 to 1")


def one_of(known: Sequence[str]) -> Check:
    """Return a check for one of these names."""

    def check(name: str, value: str) -> None:
        if value not in known:
            raise InputError(f"unknown {name} {value!r}: choose one of {', '.join(known)}")

    return check
