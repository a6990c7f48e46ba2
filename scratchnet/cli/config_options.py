"""The command line's options for a configuration: one for each option that the configuration declares.

Read next: train.py.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Annotated, Any, get_type_hints

import typer

from scratchnet.translation import Config, option_of


def with_configs(**configs: type[Config]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator for a command that takes a configuration of each of these classes, by keyword.

    On the command line, every option of every configuration becomes an option of the command.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        own = inspect.signature(command, eval_str=True).parameters.values()
        added = [_parameter(one, hints) for config in configs.values() for one, hints in _declared(config)]

        @functools.wraps(command)
        def run(**values: Any) -> int:
            built = {
                name: config(**{declared.name: values.pop(declared.name) for declared, _ in _declared(config)})
                for name, config in configs.items()
            }
            return command(**values, **built)

        together = [parameter for parameter in own if parameter.name not in configs] + added
        run.__signature__ = inspect.Signature(together, return_annotation=int)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in together}
        return run

    return decorate


def _declared(config: type[Config]) -> list[tuple[Field[Any], dict[str, Any]]]:
    hints = get_type_hints(config)
    return [(declared, hints) for declared in fields(config)]  # type: ignore[arg-type]


def _parameter(declared: Field[Any], hints: dict[str, Any]) -> inspect.Parameter:
    option = option_of(declared)
    kind: Any = hints[declared.name]
    flags = option.flags or (("--" + declared.name.replace("_", "-"),) if kind is bool else ())
    annotation: Any = Annotated[kind, typer.Option(*flags, help=option.help, metavar=option.metavar)]
    return inspect.Parameter(
        declared.name, inspect.Parameter.KEYWORD_ONLY, default=declared.default, annotation=annotation
    )
