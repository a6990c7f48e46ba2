"""The edit of one statement, found in numbers: the value that it must yield is known, so the program is not run.

The local variables before each visit of the statement are recorded, with everything else forced right. An edit is
accepted when its expression equals what is needed at every visit and at every T.

Read next: edits.py.
"""

from __future__ import annotations

import ast
import copy
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.adjoints.recorder import copied
from scratchnet.gradcheck.cure.edits import Variant, Vocabulary, binary, forms, numpy_call, spots, transposed, variants
from scratchnet.gradcheck.cure.forcing import Needed
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


class Matching:
    """Edits of the expression of a forced place."""

    def __init__(
        self, pool: Pool, forced: list[Needed], one: Needed, tree: ast.expr | None = None, statement: int = -1
    ) -> None:
        """Look at a place's expression; or, with another tree, at what could be computed after a statement."""
        self.pool, self.one = pool, one
        self.node = pool.node(one.place)
        self.tree = self.node.tree if tree is None else tree
        self.frames = _frames(pool, forced, one, statement)
        self.effects = {T: effect for T, effect in one.effects.items() if _rank_lost(effect)}
        self.tried = 0
        # The frame that tells most is looked at first: in the middle of the longest sequence.
        self.frames.sort(key=lambda frame: -float(np.abs(frame.needed).min()) if frame.needed.size else 0.0)
        self.words = (
            vocabulary(pool.subject.program.tree(one.place[0][0]), self.node.line, copied(self.frames[0].names))
            if self.frames
            else Vocabulary([], [], [], [])
        )

    def value(self, tree: ast.expr, frame: Frame) -> Any:
        """Return what an expression is at a visit; None where it fails."""
        return evaluated(tree, frame.names)

    def mark(self, tree: ast.expr) -> Any:
        """Return something that is the same for expressions of the same values at all visits; None where it fails."""
        found = []
        try:
            code = compiled(tree)
            changes = "pop" in code.co_names
            for frame in self.frames:
                value = eval(code, copied(frame.names) if changes else frame.names)
                parts = value if isinstance(value, tuple) else (value,)
                for part in parts:
                    array = np.asarray(part)
                    if array.dtype.kind != "f":
                        return object()
                    weights = np.cos(np.arange(1, array.size + 1))
                    found.append((array.shape, round(float(np.ravel(array) @ weights), 10)))
        except Exception:
            return None
        return tuple(found)

    def fits(self, tree: ast.expr) -> bool:
        """Tell whether an expression yields what is needed at all visits."""
        self.tried += 1
        try:
            code = compiled(tree)
        except (SyntaxError, ValueError, TypeError, RecursionError):
            return False
        changes = "pop" in code.co_names
        offs: dict[int, dict[int, Array]] = {}
        for frame in self.frames:
            try:
                value = eval(code, copied(frame.names) if changes else frame.names)
            except Exception:
                return False
            if frame.T in self.effects:
                if np.shape(value) != frame.needed.shape:
                    return False
                offs.setdefault(frame.T, {})[frame.visit] = np.ravel(np.asarray(value, float) - frame.needed)
            elif not _equal(value, frame.needed):
                return False
        for T, parts in offs.items():
            off = np.concatenate([parts[k] for k in sorted(parts)])
            effect = self.effects[T]
            if not np.abs(effect @ off).max(initial=0.0) <= CLOSE * (1.0 + np.abs(effect).max(initial=0.0)):
                return False
        return True

    def search(self, seconds: float = 0.7, most: int = 4) -> list[Match]:
        """Return expressions that fit, the likeliest first.

        Where none fits at all visits, those that do at the first one: what comes later may be spoilt by what another
        mistake hands on.
        """
        if not self.frames:
            return []
        found = self._search(seconds, most)
        begin = [frame for frame in self.frames if frame.visit == 0]
        if not found and len(begin) < len(self.frames) and any(np.abs(f.needed).max(initial=0.0) > 1e-9 for f in begin):
            every, self.frames = self.frames, begin
            effects, self.effects = self.effects, {}
            if not self.fits(self.tree):  # right at first: then something is missing that comes from the step after
                found = self._search(seconds, most)
            self.frames, self.effects = every, effects
        return found

    def _search(self, seconds: float, most: int, thorough: bool = True) -> list[Match]:
        end, found = time.monotonic() + seconds, []
        with np.errstate(all="ignore"):
            first = sorted(variants(self.tree, self.words), key=lambda variant: variant.odd)
            for variant in first:
                if self.fits(variant.tree):
                    found.append(Match(variant.tree, variant.kind, variant.odd))
                    if len(found) >= most:
                        return found
                if time.monotonic() > end:
                    break
            if found:
                return found
            for stage in (
                lambda: [*self._boundaries(), *self._common_factors()],
                lambda: list(islice(self._two_operands(seconds), 1)),
                lambda: list(islice(self._by_numbers(), most)) if thorough else [],
                lambda: list(islice(self._two_edits(first, time.monotonic() + seconds), 1)) if thorough else [],
            ):
                found = stage()[:most]
                if found:
                    return found
        return []

    def written(self) -> ast.expr | None:
        """Return any expression that fits: a product of operands, or of two matrices, and such a product times another."""
        if not self.frames:
            return None
        table = _Table(self)
        with np.errstate(all="ignore"):
            for new in table.products(table.needed, None):
                if self.fits(new):
                    return new
            # an operand times a product of matrices
            for atom, new in table._times_matrices(table.needed, np.ones_like(table.needed)):
                made = binary(atom, ast.Mult(), new)
                if self.fits(made):
                    return made
        return None

    def _two_operands(self, seconds: float) -> Iterator[Match]:
        """Yield the expression with two of its operands exchanged for others of their shape."""
        end = time.monotonic() + seconds
        tree, frame = self.tree, self.frames[0]
        shapes = [(atom, np.shape(self.value(atom, frame))) for atom in self.words.atoms]
        there = [
            (k, node) for k, (node, _) in enumerate(spots(tree))
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(self.value(node, frame), np.ndarray)
        ]  # fmt: skip
        for k, first in there:
            one = [atom for atom, shape in shapes if shape == np.shape(self.value(first, frame))]
            for n, second in there:
                if n <= k:
                    continue
                two = [atom for atom, shape in shapes if shape == np.shape(self.value(second, frame))]
                for a in one:
                    half = list(spots(tree))[n][1]
                    for b in two:
                        made = list(spots(half(b)))[k][1](a) if n > k else half(b)
                        if self.fits(made):
                            yield Match(
                                made,
                                f"{ast.unparse(first)} -> {ast.unparse(a)}, {ast.unparse(second)} -> {ast.unparse(b)}",
                                2.0,
                            )
                    if time.monotonic() > end:
                        return

    def _two_edits(self, first: list[Variant], end: float) -> Iterator[Match]:
        simple = Vocabulary(self.words.atoms, self.words.functions, self.words.indices, [])
        for one in first:
            if one.odd > 1.35:
                break
            for two in variants(one.tree, simple):
                if two.odd <= 1.35 and self.fits(two.tree):
                    yield Match(two.tree, f"{one.kind}; {two.kind}", one.odd + two.odd)
                if time.monotonic() > end:
                    return

    def _boundaries(self) -> Iterator[Match]:
        """Yield the expression with another value at the first or last turn of a loop."""
        tree = self.tree
        right = [_equal(self.value(tree, frame), frame.needed) for frame in self.frames]
        if not any(right):
            return
        counters = [name for name, value in self.frames[0].names.items() if type(value) is int]
        ends = [ast.Name(name, ast.Load()) for name in counters]
        for name in counters:
            values = [frame.names.get(name) for frame in self.frames]
            if any(type(value) is not int for value in values):
                continue
            counter = ast.Name(name, ast.Load())
            tests: list[tuple[ast.expr, list[bool]]] = [
                (ast.Compare(counter, [ast.Gt()], [ast.Constant(0)]), [v > 0 for v in values])
            ]
            for end in ends:
                last = [frame.names.get(end.id) for frame in self.frames]
                if end.id != name and all(type(v) is int for v in last):
                    test = ast.Compare(counter, [ast.Lt()], [binary(end, ast.Sub(), ast.Constant(1))])
                    tests.append((test, [v < n - 1 for v, n in zip(values, last, strict=True)]))
            for test, inside in tests:
                if (
                    not any(inside)
                    or all(inside)
                    or any(not ok and there for ok, there in zip(right, inside, strict=True))
                ):
                    continue
                others: list[ast.expr] = [numpy_call("zeros_like", tree), ast.Constant(0.0), *self.words.atoms]
                for other in others:
                    new = ast.IfExp(test, tree, other)
                    if self.fits(new):
                        yield Match(new, "at the first or last step", 1.5)
                        break

    def _common_factors(self) -> Iterator[Match]:
        """Yield the expression times a number that is the same for all entries: a count, or one over it."""
        ratios = []
        for frame in self.frames:
            value = self.value(self.tree, frame)
            if (
                not isinstance(value, np.ndarray)
                or value.shape != frame.needed.shape
                or not np.abs(value).max(initial=0.0) > 1e-9
            ):
                return
            k = np.unravel_index(int(np.abs(value).argmax()), value.shape)
            ratio = float(frame.needed[k] / value[k])
            if not _equal(value * ratio, frame.needed):
                return
            ratios.append(ratio)
        counts: list[ast.expr] = [ast.Constant(1), *self.words.counts]
        for atom in self.words.atoms:
            counts += [ast.Attribute(atom, "size", ast.Load()), ast.Call(ast.Name("len", ast.Load()), [atom], [])]
            counts += [
                ast.Subscript(ast.Attribute(atom, "shape", ast.Load()), ast.Constant(k), ast.Load()) for k in (0, 1)
            ]
        numbers = []
        for count in counts:
            values = [self.value(count, frame) for frame in self.frames]
            if all(isinstance(v, (int, np.integer)) and v > 0 for v in values):
                numbers.append((count, np.array(values, float)))
        wanted = np.array(ratios)
        for scale in (1.0, 2.0, 0.5, -1.0):
            for one, up in numbers:
                for two, down in numbers:
                    if np.allclose(wanted, scale * up / down, rtol=1e-8):
                        tree = self.tree
                        if scale != 1.0:
                            tree = binary(ast.Constant(int(scale) if scale == int(scale) else scale), ast.Mult(), tree)
                        if not isinstance(one, ast.Constant):
                            tree = binary(tree, ast.Mult(), one)
                        if not isinstance(two, ast.Constant):
                            tree = binary(tree, ast.Div(), two)
                        yield Match(tree, "a common factor", 1.6)
                        return

    # by numbers: the term or factor that is needed is known, and looked up

    def _by_numbers(self) -> Iterator[Match]:
        table = _Table(self)
        terms = _terms(self.tree)
        needed = table.needed
        values = [table.vector(term) for _, term in terms]
        if all(v is not None for v in values):
            for k, (sign, term) in enumerate(terms):
                others = sum(
                    (s * v for n, ((s, _), v) in enumerate(zip(terms, values, strict=True)) if n != k),
                    np.zeros_like(needed),
                )
                for new in table.products((needed - others) * sign, term):
                    yield Match(_joined([(s, new if n == k else t) for n, (s, t) in enumerate(terms)]), "term", 2.0)
            rest = needed - sum((s * v for (s, _), v in zip(terms, values, strict=True)), np.zeros_like(needed))
            for sign in (1, -1):
                for new in table.products(rest * sign, None):
                    yield Match(_joined([*terms, (sign, new)]), "term missing", 2.2)
        for new in table.products(needed, None):
            yield Match(new, "written anew", 3.0)
        for one, two in table._times_matrices(needed, np.ones_like(needed)):
            yield Match(binary(two, ast.Mult(), one), "written anew", 3.2)


def _rank_lost(effect: Array) -> bool:
    """Tell whether some change of the values changes no gradient."""
    return bool(effect.size) and np.linalg.matrix_rank(effect, tol=1e-9) < effect.shape[1]


def _frames(pool: Pool, forced: list[Needed], one: Needed, after: int = -1) -> list[Frame]:
    """Return the variables at each visit of a place, with all other places forced; or those after a statement."""
    node, (module, _) = pool.node(one.place), one.place[0]
    found: list[Frame] = []
    with pool.subject.program.stopping(module, after if after >= 0 else node.statement, after >= 0):
        recorder = Recorder(noting=False)
        loaded = pool.subject.program.load(recorder)
        for T in pool.subject.times:
            recorder.begin()
            recorder.frames = []
            recorder.stopped_in = one.place[1:]
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
    plain = pool.subject.module if module == pool.subject.program.name else None
    space = dict(vars(loaded)) if plain is None else dict(vars(plain))
    space.setdefault("np", np)
    space["_r"] = lambda key, value: value
    space["_u"] = lambda value: value
    space["_c"] = lambda key, function: function
    space["_l"] = lambda key, iterable: iterable
    return space


def compiled(tree: ast.expr) -> Any:
    """Return the code of an expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of edits that make no sense
        return compile(ast.fix_missing_locations(ast.Expression(tree)), "an edit", "eval")


def evaluated(tree: ast.expr, names: dict[str, Any]) -> Any:
    """Return what an expression is; None where it fails."""
    try:
        code = compiled(tree)
        with np.errstate(all="ignore"):
            return eval(code, names)
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
        if isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Slice, ast.Tuple, ast.BinOp, ast.Name)):
            indices.setdefault(ast.unparse(node.slice), node.slice)
    for name, value in names.items():
        if isinstance(value, np.ndarray):
            atoms.setdefault(name, ast.Name(name, ast.Load()))
    used = {node.id for node in ast.walk(around) if isinstance(node, ast.Name)}
    for name in sorted(used & set(names)):
        for text in _members(name, names[name]):
            atoms.setdefault(text, ast.parse(text, mode="eval").body)
    counts, kept, shapes = [], [], {}
    for text, node in atoms.items():
        value = evaluated(node, names)
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


def _members(name: str, value: Any) -> list[str]:
    """Return the arrays of a dictionary or an object, as they are written: P['bf'], self.W."""
    if isinstance(value, dict):
        return [
            f"{name}[{key!r}]"
            for key in list(value)[:40]
            if isinstance(key, str) and isinstance(value[key], np.ndarray)
        ]
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


def _equal(value: Any, needed: Array) -> bool:
    if value is None or isinstance(value, (tuple, list, str, bool)):
        return False
    array = np.asarray(value)
    if array.shape != needed.shape or array.dtype.kind not in "fi":
        return False
    return bool(np.abs(array - needed).max(initial=0.0) <= CLOSE * (1.0 + np.abs(needed).max(initial=0.0)))


def _terms(tree: ast.expr) -> list[tuple[int, ast.expr]]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub)):
        sign = 1 if isinstance(tree.op, ast.Add) else -1
        return _terms(tree.left) + [(sign * s, t) for s, t in _terms(tree.right)]
    return [(1, tree)]


def _joined(terms: list[tuple[int, ast.expr]]) -> ast.expr:
    made: ast.expr | None = None
    for sign, term in terms:
        if made is None:
            made = term if sign > 0 else ast.UnaryOp(ast.USub(), term)
        else:
            made = binary(made, ast.Add() if sign > 0 else ast.Sub(), term)
    assert made is not None
    return made


class _Table:
    """Forms of all operands, as vectors over all visits, to look products up in."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.shapes = [frame.needed.shape for frame in matching.frames]
        self.needed = np.concatenate([np.ravel(frame.needed) for frame in matching.frames])
        self.trees: list[ast.expr] = []
        vectors = []
        for atom in matching.words.atoms:
            applied = [ast.Call(function, [atom], []) for function in matching.words.functions]
            for form in [*(form for form, _ in forms(atom)), *applied]:
                vector = self.vector(form)
                if vector is not None and not any(np.array_equal(vector, other) for other in vectors):
                    self.trees.append(form)
                    vectors.append(vector)
        self.vectors = np.array(vectors) if vectors else np.zeros((0, self.needed.size))

    def vector(self, tree: ast.expr) -> Array | None:
        """Return an expression over all visits; None where it fails or has another shape."""
        parts = []
        for frame in self.matching.frames:
            value = self.matching.value(tree, frame)
            if value is None or isinstance(value, (tuple, list, str)):
                return None
            try:
                parts.append(np.ravel(np.broadcast_to(np.asarray(value, float), frame.needed.shape)))
            except (ValueError, TypeError):
                return None
        return np.concatenate(parts)

    def products(self, wanted: Array, term: ast.expr | None) -> Iterator[ast.expr]:
        """Yield products equal to a vector: with one factor of the term changed, of two or three forms, of two matrices."""
        size = float(np.abs(wanted).max(initial=0.0))
        if size <= 1e-12 or not np.isfinite(wanted).all():
            return
        if term is not None:
            factors = _factors(term)
            for k in range(len(factors) + 1):
                kept = [f for n, f in enumerate(factors) if n != k]
                rest = np.ones_like(wanted)
                for factor in kept:
                    vector = self.vector(factor)
                    rest = rest * vector if vector is not None else rest * np.nan
                if not np.isfinite(rest).all():
                    continue
                for new in self._singles(wanted, rest):
                    yield _product([*kept[:k], new, *kept[k:]])
                for one, two in self._pairs(wanted, rest):
                    yield _product([*kept[:k], one, two, *kept[k:]])
            for a in range(len(factors)):
                for b in range(a + 1, len(factors)):
                    rest = np.ones_like(wanted)
                    for n, factor in enumerate(factors):
                        vector = self.vector(factor) if n not in (a, b) else rest * 0 + 1
                        rest = rest * vector if vector is not None else rest * np.nan
                    if len(factors) > 2 and np.isfinite(rest).all():
                        for one, two in [*self._pairs(wanted, rest), *self._times_matrices(wanted, rest)]:
                            yield _product([*factors[:a], two, *factors[a + 1 : b], one, *factors[b + 1 :]])
        else:
            for new in self._singles(wanted, np.ones_like(wanted)):
                yield new
            for one, two in self._pairs(wanted, np.ones_like(wanted)):
                yield _product([one, two])
        yield from self._matrix_products(wanted)

    def _singles(self, wanted: Array, rest: Array) -> Iterator[ast.expr]:
        if len(self.vectors):
            close = np.abs(self.vectors * rest - wanted).max(axis=1) <= CLOSE * (1.0 + np.abs(wanted).max())
            for k in np.flatnonzero(close):
                yield self.trees[k]

    def _pairs(self, wanted: Array, rest: Array) -> Iterator[tuple[ast.expr, ast.expr]]:
        bound = CLOSE * (1.0 + np.abs(wanted).max())
        for k in range(len(self.vectors)):
            with np.errstate(all="ignore"):
                close = np.abs(self.vectors[k:] * (self.vectors[k] * rest) - wanted).max(axis=1) <= bound
            for n in np.flatnonzero(close):
                yield self.trees[k], self.trees[k + n]

    @cached_property
    def _matrices(self) -> tuple[list[ast.expr], Array]:
        """All products of two operands as matrices, and their sums over an axis, that have the shape needed."""
        frames = self.matching.frames
        atoms = [a for atom in self.matching.words.atoms for a in (atom, transposed(atom))]
        values = [[self.matching.value(a, frame) for frame in frames] for a in atoms]
        trees: list[ast.expr] = []
        vectors: list[Array] = []

        def add(tree: ast.expr, made: list[Any]) -> None:
            if all(isinstance(m, np.ndarray) and m.shape == shape for m, shape in zip(made, self.shapes, strict=True)):
                trees.append(tree)
                vectors.append(np.concatenate([np.ravel(m) for m in made]))

        for a, left in zip(atoms, values, strict=True):
            for b, right in zip(atoms, values, strict=True):
                for name in ("@", "outer"):
                    first = _multiplied(left[0], right[0], name)
                    if first is not None and first.shape == self.shapes[0]:
                        tree = binary(a, ast.MatMult(), b) if name == "@" else numpy_call("outer", a, b)
                        add(tree, [_multiplied(x, y, name) for x, y in zip(left, right, strict=True)])
        for a, value in zip(atoms, values, strict=True):
            for axis in range(np.ndim(value[0])):
                for keep in ({}, {"keepdims": True}):
                    tree = numpy_call("sum", a, axis=axis, **keep)
                    if np.shape(self.matching.value(tree, frames[0])) == self.shapes[0]:
                        add(tree, [self.matching.value(tree, frame) for frame in frames])
        return trees, np.array(vectors) if vectors else np.zeros((0, self.needed.size))

    def _matrix_products(self, wanted: Array) -> Iterator[ast.expr]:
        trees, vectors = self._matrices
        if len(trees):
            for k in np.flatnonzero(np.abs(vectors - wanted).max(axis=1) <= CLOSE * (1.0 + np.abs(wanted).max())):
                yield trees[k]

    def _times_matrices(self, wanted: Array, rest: Array) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Yield an operand, or a form of one, and a product of matrices that together give a vector."""
        trees, vectors = self._matrices
        bound = CLOSE * (1.0 + np.abs(wanted).max())
        for k in range(len(self.vectors)):
            if len(trees):
                for n in np.flatnonzero(np.abs(vectors * (self.vectors[k] * rest) - wanted).max(axis=1) <= bound):
                    yield self.trees[k], trees[n]


def _multiplied(left: Any, right: Any, name: str) -> Any:
    if not isinstance(left, np.ndarray) or not isinstance(right, np.ndarray):
        return None
    try:
        return np.outer(left, right) if name == "outer" else left @ right
    except ValueError:
        return None


def _factors(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return _factors(tree.left) + _factors(tree.right)
    return [tree]


def _product(factors: list[ast.expr]) -> ast.expr:
    made = factors[0]
    for factor in factors[1:]:
        made = binary(made, ast.Mult(), factor)
    return made
