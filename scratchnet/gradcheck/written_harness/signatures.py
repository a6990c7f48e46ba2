"""What the text of a file says of its functions: their arguments, how they take them apart, what they return.

Read next: trial.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scratchnet.gradcheck.written_harness.specs import DEFAULT, Dim, Spec, symbol

# Only the order in which things are tried, and what a file says of itself, hang on names; numbers decide.
BACKWARD = re.compile(r"back|bprop|bptt|grad|deriv|bwd|rueck|rück|peeche|retro", re.I)
STEP = re.compile(r"train|update|step|learn|fit|optimi[sz]e", re.I)


@dataclass
class Function:
    """A function or a method. text: how a harness calls it: `m.forward`, `net.forward`."""

    name: str
    owner: str
    node: ast.FunctionDef
    arguments: list[str] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return what stands before the parenthesis of a call."""
        return f"net.{self.name}" if self.owner else f"m.{self.name}"

    @property
    def shown(self) -> str:
        """Return the name as a reader looks for it."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @property
    def backward(self) -> bool:
        """Tell whether it says of itself that it finds gradients."""
        return bool(BACKWARD.search(self.name))

    def returns(self) -> list[str]:
        """Return the texts of what is returned: of the elements, where it is a tuple."""
        for node in reversed([one for one in own_nodes(self.node) if isinstance(one, ast.Return) and one.value]):
            value = node.value
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
            return [ast.unparse(part) for part in parts if part is not None]
        return []

    def calls(self) -> set[str]:
        """Return the names of what it calls."""
        found = set()
        for node in ast.walk(self.node):
            if isinstance(node, ast.Call):
                head = node.func
                found.add(
                    head.attr if isinstance(head, ast.Attribute) else head.id if isinstance(head, ast.Name) else ""
                )
        return found


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of the functions within it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            yield child
            yield from own_nodes(child)


def has_product(node: ast.AST) -> bool:
    """Tell whether matrices are multiplied somewhere in a piece of code, outside of definitions."""
    return any(
        isinstance(one, ast.MatMult) or (isinstance(one, ast.Attribute) and one.attr in ("dot", "matmul", "einsum"))
        for one in own_nodes(node)
    )


def names_read(function: Function, others: list[Function]) -> set[str]:
    """Return the names that a function reads, and those that the functions read that it calls."""
    found: set[str] = set()
    left = [function]
    seen = set()
    while left:
        one = left.pop()
        if one.name in seen:
            continue
        seen.add(one.name)
        found |= {node.id for node in ast.walk(one.node) if isinstance(node, ast.Name)}
        left += [other for other in others if other.name in one.calls()]
    return found - set(function.arguments)


def functions(tree: ast.Module) -> tuple[list[Function], dict[str, list[Function]]]:
    """Return the functions at the top level, and the methods of each class, inherited ones among them."""
    top = [_function(node, "") for node in tree.body if isinstance(node, ast.FunctionDef)]
    classes: dict[str, list[Function]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            own = [_function(one, node.name) for one in node.body if isinstance(one, ast.FunctionDef)]
            for base in node.bases:
                inherited = classes.get(ast.unparse(base), [])
                own += [
                    Function(one.name, node.name, one.node, one.arguments, one.defaults)
                    for one in inherited
                    if one.name not in {mine.name for mine in own}
                ]
            classes[node.name] = own
    return top, classes


def _function(node: ast.FunctionDef, owner: str) -> Function:
    static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
    given = [*node.args.posonlyargs, *node.args.args][1 if owner and not static else 0 :]
    names = [one.arg for one in given]
    defaults: dict[str, Any] = {}
    pairs = list(zip(names[::-1], node.args.defaults[::-1], strict=False))
    pairs += [(one.arg, value) for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value]
    for name, value in pairs:
        try:
            defaults[name] = ast.literal_eval(value)
        except ValueError:
            defaults[name] = ast.unparse(value)
    return Function(node.name, owner, node, names, defaults)


COLUMN, ROW, COLUMNS = -1, -2, -3  # instead of a number of dimensions; the last: a sequence of columns
WEIGHT = re.compile(r"[WUV][A-Za-z]{0,3}(?:_\w+)?\d?$|w[a-z]?(?:_\w+)?$|weights?\w*$")
BIAS = re.compile(r"[bB][A-Za-z]{0,2}(?:_\w+)?\d?$|bias\w*$")


def first_specs(function: Function, tree: ast.Module, fresh: Any, dims: tuple[int, int, int]) -> dict[str, Spec]:
    """Return what each argument is at first: as it is taken apart, else an array of so many dimensions."""
    found = {}
    for name in function.arguments:
        if name in function.defaults:
            found[name] = DEFAULT
            continue
        taken = _as_used(name, function, tree, lambda one: array(one, function, fresh, abs(dims[1]), dims[2]))
        wanted = dims[0] if _is_sequence(name, function) else dims[1]
        found[name] = taken or array(name, function, fresh, wanted, dims[2])
    return found


def array(name: str, function: Function, fresh: Any, dims: int, bias: int) -> Spec:
    """Return an array of fresh sizes for a name: weights have two dimensions, biases `bias`, others `dims`."""
    least = _least_dimensions(name, function)
    wanted = 2 if WEIGHT.match(name) else bias if BIAS.match(name) else dims
    large = bool(WEIGHT.match(name) or BIAS.match(name))
    if wanted < 0 and least < 3:
        one = Dim((), 1), symbol(fresh(large))
        return Spec("float", {COLUMN: one[::-1], ROW: one, COLUMNS: (symbol(fresh()), *one[::-1])}[wanted])
    return Spec("float", tuple(symbol(fresh(large)) for _ in range(max(least, abs(wanted)))))


def _is(node: ast.AST, name: str) -> bool:
    """Tell whether an expression is this name alone. To write out every node as text would take far longer."""
    return isinstance(node, ast.Name) and node.id == name


def _least_dimensions(name: str, function: Function) -> int:
    least = 0
    for node in ast.walk(function.node):
        if isinstance(node, ast.Subscript) and _is(node.value, name) and isinstance(node.slice, ast.Tuple):
            least = max(
                least, sum(not (isinstance(one, ast.Constant) and one.value is None) for one in node.slice.elts)
            )
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            target = node.targets[0]
            if isinstance(target, (ast.Tuple, ast.List)) and ast.unparse(node.value) == f"{name}.shape":
                least = max(least, len(target.elts))
    return least


def _as_used(name: str, function: Function, tree: ast.Module, made: Callable[[str], Spec]) -> Spec | None:
    keys: list[Any] = []
    for scope in (function.node, tree):
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and _is(node.value, name) and scope is function.node:
                target = node.targets[0]
                if isinstance(target, (ast.Tuple, ast.List)):
                    names = tuple(
                        one.id if isinstance(one, ast.Name) else f"{name}{k}" for k, one in enumerate(target.elts)
                    )
                    items = tuple(made(one) for one in names)
                    return Spec(
                        "box", value="tuple" if isinstance(target, ast.Tuple) else "list", keys=names, items=items
                    )
            if (
                isinstance(node, ast.Subscript)
                and _is(node.value, name)
                and isinstance(node.slice, ast.Constant)
                and isinstance(node.slice.value, str)
            ):
                keys.append(node.slice.value)
        if keys:
            break
    kept = tuple(dict.fromkeys(keys))
    if kept:
        return Spec("box", value="dict", keys=kept, items=tuple(made(one) for one in kept))
    attributes = [
        node.attr
        for node in ast.walk(function.node)
        if isinstance(node, ast.Attribute) and _is(node.value, name) and not hasattr(_ARRAY, node.attr)
    ]
    kept = tuple(dict.fromkeys(attributes))
    if kept:
        return Spec("box", value="object", keys=kept, items=tuple(made(one) for one in kept))
    return None


class _Array:
    """Has the attributes that an array, a list or a dictionary has, so that others mean an object."""

    def __getattr__(self, name: str) -> None:
        import numpy as np

        if any(hasattr(kind, name) for kind in (np.ndarray, list, dict)):
            return
        raise AttributeError(name)


_ARRAY = _Array()


def shapes_to_try(function: Function) -> list[tuple[int, int, int]]:
    """Return dimensions of sequences, of other arrays and of biases; columns first where the code makes some."""
    plain = [(2, 2, 1), (3, 2, 1), (2, 1, 1), (1, 1, 1)]
    columns = [(COLUMNS, COLUMN, COLUMN), (2, 2, COLUMN), (2, COLUMN, COLUMN), (3, 2, COLUMN)]
    columns += [(2, 2, ROW), (3, 2, ROW), (2, ROW, ROW)]
    text = ast.unparse(function.node)
    return [*columns, *plain] if re.search(r", 1\)\)|keepdims|newaxis|reshape\(-1, 1\)", text) else [*plain, *columns]


def _is_sequence(name: str, function: Function) -> bool:
    """Tell whether a function goes through an argument from step to step."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and any(_is(node.func, one) for one in ("len", "enumerate", "reversed", "zip")):
            if any(_is(one, name) for one in node.args):
                return True
        elif (isinstance(node, (ast.For, ast.comprehension)) and _is(node.iter, name)) or (
            isinstance(node, ast.Subscript) and _is(node.value, name) and isinstance(node.slice, ast.Name)
        ):
            return True
    return False
