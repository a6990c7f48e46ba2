"""Losses that a backward may have inside, which takes targets and returns gradients: one of these, if numbers agree.

Read next: top_level.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SQUARES: tuple[str, ...] = ("0.5 * (({o} - y) ** 2).sum()", "(({o} - y) ** 2).sum()", "(({o} - y) ** 2).mean()")
SQUARES += ("0.5 * (({o} - y) ** 2).mean()", "(({o} - y) ** 2).sum() / len(y)", "0.5 * (({o} - y) ** 2).sum() / len(y)")
BINARY = tuple(f"-(y * np.log({{o}}) + (1 - y) * np.log(1 - {{o}})).{how}()" for how in ("sum", "mean"))
ONE_HOT = ("-(y * np.log({o})).sum()", "-(y * np.log({o})).sum() / len(y)", "-(y * np.log({o})).sum() / y.shape[-1]")


@dataclass(frozen=True)
class Target:
    """What the targets may be, as source, and the losses to try with them."""

    text: str
    losses: tuple[str, ...]


def targets(outputs: Sequence[tuple[str, Any]], own: Sequence[str]) -> Iterator[Target]:
    """Yield targets for outputs, and losses of both. own: the file's own losses, with {o} for the output and y."""
    for name, value in outputs:
        if not value.ndim or not value.size:
            continue

        def put(losses: Sequence[str], name: str = name) -> tuple[str, ...]:
            return tuple(one.format(o=name) for one in (*own, *losses))

        size = [f"{name}.shape[{k}]" for k in range(value.ndim)]
        yield Target(f"r(*{name}.shape)", put((*SQUARES, *BINARY)))
        if value.min() < 0:
            continue  # no probabilities
        for axis in range(value.ndim):
            if abs(value.sum(axis=axis) - 1.0).max() > 1e-9:
                continue
            rest = size[:axis] + size[axis + 1 :]
            given = ", ".join((size[axis], *rest))
            picks = [f"np.arange({n})" for n in rest]
            if len(rest) > 1:
                picks = [f"{one}[{', '.join([':'] + ['None'] * (len(rest) - 1 - k))}]" for k, one in enumerate(picks)]
            index = ", ".join([*picks[:axis], "y", *picks[axis:]])
            chosen = f"-np.log({{o}}[{index}])"
            yield Target(f"r.ints({given})", put((f"{chosen}.sum()", f"{chosen}.mean()")))
            if rest and value.shape[-1] == 1 and axis < value.ndim - 1:  # a column: its ids have no such axis
                given = ", ".join((size[axis], *rest[:-1]))
                picks = [f"np.arange({n})" for n in rest[:-1]]
                index = ", ".join([*picks[:axis], "y", *picks[axis:], "0"])
                chosen = f"-np.log({{o}}[{index}])"
                yield Target(f"r.ints({given})", put((f"{chosen}.sum()", f"{chosen}.mean()")))
            one_hot = f"np.moveaxis(np.eye({size[axis]})[r.ints({size[axis]}, {', '.join(rest)})]"
            yield Target(f"{one_hot}, -1, {axis})", put(ONE_HOT))
