"""What else an argument may be, where a call stops: another number of dimensions, token ids, a count, a box of these.

Read next: shapes.py.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace

from scratchnet.gradcheck.written_harness.sizes import Sizes, Specs
from scratchnet.gradcheck.written_harness.specs import Dim, Spec, symbol
from scratchnet.gradcheck.written_harness.trial import Outcome


def other_kinds(specs: Specs, sizes: Sizes, outcome: Outcome, said: str) -> Iterator[Specs]:
    """Yield other kinds and numbers of dimensions, for the arguments that the line at which it stopped names first."""
    local = set(outcome.frame)
    order = sorted(specs, key=lambda name: name not in local)
    whole = "integer" in said or "unhashable" in said or "KeyError" in said
    expected = re.search(r"expected (?:at least )?(\d+)", said)
    missing = outcome.error.args[0] if isinstance(outcome.error, KeyError) and outcome.error.args else None
    keys = [missing] if isinstance(missing, str) else _keys_at(outcome)
    for name in order:
        spec = specs[name]
        for key in keys:
            for made in _parameters(key, sizes):
                if spec.value == "dict" and key not in spec.keys:
                    yield {**specs, name: replace(spec, keys=(*spec.keys, key), items=(*spec.items, made))}
                if spec.kind == "float":
                    yield {**specs, name: Spec("box", value="dict", keys=(key,), items=(made,))}
    for name in order:
        spec = specs[name]
        if spec.kind == "box":
            for k, item in enumerate(spec.items):
                for other in _shapes_of(item, sizes, whole):
                    yield {**specs, name: replace(spec, items=(*spec.items[:k], other, *spec.items[k + 1 :]))}
            continue
        if ("subscript" in said or "iter" in said or "len()" in said) and spec.kind == "count":
            counts = tuple(Spec("count", (symbol(sizes.fresh()),)) for _ in range(3))
            yield {**specs, name: Spec("box", value="list", keys=(0, 1, 2), items=counts)}
        for other in _shapes_of(spec, sizes, whole):
            twin = next((one for one in specs.values() if one.kind == "ids" == other.kind and one != spec), None)
            if twin is not None and len(twin.dims) == len(other.dims):  # targets are as many as tokens
                yield {**specs, name: replace(twin, value=other.value)}
            yield {**specs, name: other}
        if expected and 1 < int(expected[1]) < 9 and spec.kind == "float":
            parts = tuple(
                Spec("float", tuple(symbol(sizes.fresh()) for _ in range(2))) for _ in range(int(expected[1]))
            )
            yield {**specs, name: Spec("box", value="tuple", keys=tuple(range(len(parts))), items=parts)}


def _keys_at(outcome: Outcome) -> list[str]:
    """Return the words by which something is looked up in the line at which a trial stopped."""
    found = []
    for text in re.findall(r"\[([^\[\]]+)\]", outcome.source):
        with contextlib.suppress(Exception):
            found.append(eval(text, {}, outcome.frame))
    return list(dict.fromkeys(one for one in found if isinstance(one, str)))


def _parameters(key: str, sizes: Sizes) -> Iterator[Spec]:
    """Yield a matrix, a vector and a column of fresh sizes: a bias, by its name, is no matrix."""
    fresh = symbol(sizes.fresh(large=True)), symbol(sizes.fresh(large=True))
    kinds = [Spec("float", fresh), Spec("float", fresh[:1]), Spec("float", (fresh[0], Dim((), 1)))]
    yield from kinds[1:] + kinds[:1] if key.startswith("b") else kinds


def _shapes_of(spec: Spec, sizes: Sizes, whole: bool) -> Iterator[Spec]:
    if spec.kind == "default":
        return
    dims = list(spec.dims)

    def shape(n: int, dims: list[Dim] = dims) -> tuple[Dim, ...]:
        return tuple((dims + [symbol(sizes.fresh()) for _ in range(n)])[:n])

    longer = [dim for dim in dims if dim.terms]
    ids = [Spec("ids", shape(n, longer)) for n in (1, 2, 0)]
    ids.append(replace(ids[0], value="list"))
    counts = [Spec("count", (symbol(sizes.fresh()),))]
    if whole:
        yield from (*ids, *counts)
    if spec.kind == "float":
        yield Spec("float", (symbol(sizes.fresh()), *dims))
    yield from (Spec("float", shape(n)) for n in (2, 1, 3, 4) if spec.kind != "float" or n != len(dims))
    if spec.kind == "float" and len(dims) == 1:
        yield Spec("float", (dims[0], Dim((), 1)))
        yield Spec("float", (Dim((), 1), dims[0]))
    if not whole:
        yield from (*counts, *ids)
    yield Spec("constant", value=0.1)
    yield Spec("constant", value=None)
