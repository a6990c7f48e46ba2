"""What an argument could be: an array of unknown sizes, token ids, a count, a number, a box of these; and its text.

A size is a symbol until numbers say more: two symbols that must be equal become one, a stacked weight is `4 * H`.

Read next: signatures.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Dim:
    """A size: whole factors of symbols, added up, and a number."""

    terms: tuple[tuple[str, int], ...] = ()
    number: int = 0

    def of(self, sizes: Sizes) -> int:
        """Return the size where each symbol has this size."""
        return self.number + sum(factor * sizes[symbol] for symbol, factor in self.terms)

    def put(self, symbol: str, other: Dim) -> Dim:
        """Return this size with another in place of a symbol."""
        terms: dict[str, int] = {}
        number = self.number
        for name, factor in self.terms:
            if name != symbol:
                terms[name] = terms.get(name, 0) + factor
                continue
            number += factor * other.number
            for inner, more in other.terms:
                terms[inner] = terms.get(inner, 0) + factor * more
        return Dim(tuple(sorted(terms.items())), number)

    def text(self, sizes: Sizes, time: str = "") -> str:
        """Return it as source: a number, or `r.T` and what is done with it where the symbol is time."""
        factor = dict(self.terms).get(time, 0)
        rest = self.of({**sizes, time: 0}) if factor else self.of(sizes)
        if not factor:
            return str(rest)
        return ("r.T" if factor == 1 else f"{factor} * r.T") + (f" + {rest}" if rest else "")


def symbol(name: str) -> Dim:
    """Return the size that a symbol stands for."""
    return Dim(((name, 1),))


@dataclass(frozen=True)
class Spec:
    """What stands for one argument.

    kind: "float", "ids" (whole numbers below `bound`), "count" (dims[0]), "constant" (`value`), "box" (kinds of
    `value`: tuple, list, dict, object; with keys and items), "default" (left out).
    """

    kind: str
    dims: tuple[Dim, ...] = ()
    bound: Dim = Dim((), 2)
    value: Any = None
    keys: tuple[Any, ...] = ()
    items: tuple[Spec, ...] = ()

    def walk(self) -> Iterator[Spec]:
        """Yield it and everything within."""
        yield self
        for item in self.items:
            yield from item.walk()

    def change(self, to: Callable[[Dim], Dim]) -> Spec:
        """Return it with every size changed."""
        return replace(
            self, dims=tuple(map(to, self.dims)), bound=to(self.bound), items=tuple(i.change(to) for i in self.items)
        )

    def symbols(self) -> list[str]:
        """Return the symbols in its sizes, in order."""
        found = [name for one in self.walk() for dim in (*one.dims, one.bound) for name, _ in dim.terms]
        return list(dict.fromkeys(found))


DEFAULT = Spec("default")


def texts(name: str, spec: Spec, sizes: Sizes, time: str = "") -> tuple[list[tuple[str, str]], str]:
    """Return the variables that an argument needs, as (name, source), and the argument's own source."""
    dims = ", ".join(dim.text(sizes, time) for dim in spec.dims)
    if spec.kind == "float":
        return [(name, f"r({dims})")], name
    if spec.kind == "ids":
        given = f"{spec.bound.text(sizes, time)}, {dims}" if dims else spec.bound.text(sizes, time)
        made = f"r.ints({given})"
        return [(name, f"list({made})" if spec.value == "list" else made)], name
    if spec.kind == "count":
        return [], dims
    if spec.kind == "constant":
        return [], repr(spec.value)
    variables: list[tuple[str, str]] = []
    inner = []
    for key, item in zip(spec.keys, spec.items, strict=True):
        more, text = texts(key if isinstance(key, str) and key.isidentifier() else f"{name}{key}", item, sizes, time)
        variables += more
        inner.append((key, text))
    if spec.value == "dict":
        return variables, "{" + ", ".join(f"{key!r}: {text}" for key, text in inner) + "}"
    if spec.value == "object":
        return variables, "SimpleNamespace(" + ", ".join(f"{key}={text}" for key, text in inner) + ")"
    joined = ", ".join(text for _, text in inner)
    if spec.value == "list":
        return variables, f"[{joined}]"
    return variables, f"({joined}{',' if len(inner) == 1 else ''})"


def make(name: str, spec: Spec, sizes: Sizes, tool: Any, space: dict[str, Any]) -> None:
    """Put the variables that `texts` writes into a namespace, without any source."""
    dims = [dim.of(sizes) for dim in spec.dims]
    if spec.kind == "float":
        space.setdefault(name, None)
        space[name] = tool(*dims) if space[name] is None else space[name]
    elif spec.kind == "ids":
        made = tool.ints(spec.bound.of(sizes), *dims)
        space[name] = made.tolist() if spec.value == "list" and dims else made
    for key, item in zip(spec.keys, spec.items, strict=True):
        make(key if isinstance(key, str) and key.isidentifier() else f"{name}{key}", item, sizes, tool, space)


def with_shape(spec: Spec, name: str, wanted: str, shape: tuple[int, ...], known: dict[int, Dim]) -> Spec:
    """Return the array of this name with its gradient's shape, where both have one axis that is longer than one."""
    if spec.kind == "box":
        items = [
            with_shape(item, str(key), wanted, shape, known) for key, item in zip(spec.keys, spec.items, strict=True)
        ]
        return replace(spec, items=tuple(items))
    real = [dim for dim in spec.dims if dim != Dim((), 1)]
    longer = [n for n in shape if n != 1]
    if spec.kind != "float" or name != wanted or len(real) != 1 or len(longer) != 1 or longer[0] not in known:
        return spec
    return replace(spec, dims=tuple(Dim((), 1) if n == 1 else known[n] for n in shape))
