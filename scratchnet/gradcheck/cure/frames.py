"""The names and values around a statement at each of its visits, and what an edit there may use.

Read next: table.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.evaluator import Evaluator
from scratchnet.gradcheck.cure.expressions import Vocabulary, is_module
from scratchnet.gradcheck.cure.pool import Pool

CLOSE = 1e-8


@dataclass
class Match:
    """An expression that yields what is needed."""

    tree: ast.expr
    kind: str
    odd: float


@dataclass
class Frame:
    """The names at one visit, and the value that the expression must have there."""

    names: dict[str, Any]
    needed: Array
    T: int
    visit: int

    @cached_property
    def evaluator(self) -> Evaluator:
        """What evaluates expressions with these names."""
        return Evaluator(self.names)


def frames_of(pool: Pool, forced: list[Needed], one: Needed, after: int = -1) -> list[Frame]:
    """Return the variables at each visit of a place, with all other places forced; or those after a statement."""
    node, (module, _) = pool.node(one.place), one.place[0]
    found: list[Frame] = []
    with pool.subject.program.stopping(module, after if after >= 0 else node.statement, after >= 0):
        recorder = Recorder(noting=False)
        loaded = pool.subject.program.load(recorder)
        for T in pool.subject.times:
            recorder.begin()
            recorder.frames = []
            recorder.stopped_in = pool.calls(one.place)
            recorder.forced = {f.place: f.values[T] for f in (*forced, one) if after < 0 or f is not one}
            pool.subject.run(T, loaded)
            recorder.forced = {}
            needed = one.values[T]
            if len(needed) != len(recorder.frames):
                return []
            space = _space(loaded, module, pool)
            found += [
                Frame({**space, **names}, value, T, k)
                for k, (names, value) in enumerate(zip(recorder.frames, needed, strict=True))
            ]
    return found


def _space(loaded: ModuleType, module: str, pool: Pool) -> dict[str, Any]:
    """Return the global names of a module, its functions as they are without reports."""
    program = pool.subject.program
    space = dict(vars(program.modules(pool.subject.module).get(module, loaded)))
    space.setdefault("np", np)
    space["_r"] = lambda key, value: value
    space["_u"] = lambda value: value
    space["_c"] = lambda key, function: function
    space["_l"] = lambda key, iterable: iterable
    return space


def evaluated(tree: ast.expr, frame: Frame) -> Any:
    """Return what an expression is at a visit; None where it fails."""
    try:
        return frame.evaluator.value(tree)
    except Exception:
        return None


def vocabulary(tree: ast.Module, line: int, names: dict[str, Any]) -> Vocabulary:
    """Return what an edit in a line may use, by what stands in the function around it, and by the values there."""
    atoms: dict[str, ast.expr] = {}
    indices: dict[str, ast.expr] = {}
    around = _function_around(tree, line)
    for node in [*ast.walk(around), *ast.walk(tree)]:
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not ast.unparse(node).endswith(
            (".T", ".shape")
        ):
            atoms.setdefault(ast.unparse(node), _loaded(node))
        if isinstance(node, ast.Subscript) and isinstance(
            node.slice, (ast.Slice, ast.Tuple, ast.BinOp, ast.Name, ast.UnaryOp)
        ):
            indices.setdefault(ast.unparse(node.slice), node.slice)
    for name, value in names.items():
        if isinstance(value, np.ndarray):
            atoms.setdefault(name, ast.Name(name, ast.Load()))
    used = {node.id for node in ast.walk(around) if isinstance(node, ast.Name)}
    for name in sorted(used & set(names)):
        for text in _members(name, names[name]):
            atoms.setdefault(text, ast.parse(text, mode="eval").body)
    counts, kept, shapes = [], [], {}
    evaluator = Evaluator(names)
    for text, node in atoms.items():
        try:
            value = evaluator.value(node)
        except Exception:
            continue
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and 0 < value.size <= 4096:
            kept.append(node)
            shapes[text] = value.shape
        elif isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value > 1:
            counts.append(node)
    functions: list[ast.expr] = [
        ast.Name(name, ast.Load()) for name in names if not name.startswith("_") and _elementwise(names[name])
    ]
    owner = names.get("self")
    functions += [
        ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())
        for name in (dir(type(owner)) if owner is not None else ())
        if not name.startswith("__") and _elementwise(getattr(owner, name, None))
    ]
    methods = sorted({
        one.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
        for one in node.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("__")
    })  # fmt: skip
    return Vocabulary(kept, functions, list(indices.values()), counts, methods, shapes)


def parts_of(atoms: list[ast.expr], indices: list[ast.expr], evaluator: Evaluator) -> Iterator[ast.expr]:
    """Yield columns of matrices, as they are cut out anywhere in the file."""
    for atom in atoms:
        for index in indices if isinstance(atom, (ast.Name, ast.Attribute)) else ():
            if isinstance(index, ast.Tuple):
                part = ast.Subscript(atom, index, ast.Load())
                try:
                    value, whole = evaluator.value(part), evaluator.value(atom)
                except Exception:
                    continue
                if isinstance(value, np.ndarray) and value.ndim == 2 and 0 < value.size < np.size(whole):
                    yield part


def calls_of(trees: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Yield the calls of methods that are given constants, or what is read of objects: tape.previous("h"), each once.

    They may stand anywhere in a program; what they yield is one more operand wherever its object is known.
    """
    seen = set()
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.keywords:
                continue
            plain = all(isinstance(one, (ast.Constant, ast.Attribute, ast.Subscript)) for one in node.args)
            changes = node.func.attr in ("pop", "popleft", "remove", "append") or is_module(node.func)
            if node.args and plain and not changes and ast.unparse(node) not in seen:
                seen.add(ast.unparse(node))
                yield node


def _members(name: str, value: Any) -> list[str]:
    """Return the arrays of a dictionary or an object, as they are written: P['bf'], self.W."""
    if isinstance(value, dict):
        return [
            f"{name}[{key!r}]"
            for key in list(value)[:40]
            if isinstance(key, str) and isinstance(value[key], np.ndarray)
        ]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [f"{name}.{key}" for key in value._fields if isinstance(getattr(value, key), np.ndarray)]
    inside = getattr(value, "__dict__", None)
    if not isinstance(inside, dict) or isinstance(value, (type, ModuleType)) or callable(value):
        return []
    found = []
    for key, one in list(inside.items())[:60]:
        found += (
            [f"{name}.{key}"]
            if isinstance(one, np.ndarray)
            else _members(f"{name}.{key}", one)
            if isinstance(one, dict)
            else []
        )
    return found


def _loaded(node: ast.expr) -> ast.expr:
    made = copy.copy(node)
    made.ctx = ast.Load()  # type: ignore[attr-defined]
    return made


def _function_around(tree: ast.Module, line: int) -> ast.AST:
    best: ast.AST = tree
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node.lineno <= line <= (node.end_lineno or 0):
            best = node
    return best


def _elementwise(function: Any) -> bool:
    """Tell whether something is a learner's function of one array that returns another of the same shape."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount - (1 if hasattr(function, "__self__") else 0) not in (1, 2):
        return False
    x = np.array([[0.2, 0.4, 0.1], [0.3, 0.6, 0.5]])
    try:
        y = function(x.copy())
    except Exception:
        return False
    return isinstance(y, np.ndarray) and y.shape == x.shape and y.dtype.kind == "f"


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an array of numbers, or of a number; None of anything else, though NumPy could read it."""
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return ()
    known = isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fi"
    return value.shape if known else None


def equal(value: Any, needed: Array) -> bool:
    """Tell whether what an expression yields is the array that is needed."""
    if shape_of(value) != needed.shape:
        return False
    return bool(np.abs(value - needed).max(initial=0.0) <= CLOSE * (1.0 + np.abs(needed).max(initial=0.0)))
