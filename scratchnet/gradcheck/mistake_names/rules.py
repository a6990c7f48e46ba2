"""From a changed statement to the mistake's name: what the wrong is of the right, and what the right is in the forward.

    Rules(seen, cell, around, change).named()       a key of the catalogue, and the role of the value concerned

RELATIONS are the rules, in the order in which they are tried: each says what a wrong expression is of the right one,
and gives the key where it is that. Expressions are compared from the outermost pair that differs to the innermost.

Read next: naming.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scratchnet.gradcheck.mistake_names.forward_values import Values, all_same
from scratchnet.gradcheck.mistake_names.meanings import Meanings
from scratchnet.gradcheck.mistake_names.relations import (
    Arrays,
    factor_of,
    is_cell_state,
    moved,
    reductions,
    spread,
)
from scratchnet.gradcheck.mistake_names.statements import Statements
from scratchnet.gradcheck.mistake_names.tree_changes import (
    levels,
    of_one_array,
    operands,
    value_of,
)


@dataclass(frozen=True)
class Named:
    """A key of the catalogue. role: of a known cell's value that is concerned, "f"; "" where it is not known."""

    key: str
    role: str = ""


@dataclass(frozen=True)
class Pair:
    """A wrong expression a and the right one b, and what they are; empty where that is no array of numbers."""

    a: ast.expr
    b: ast.expr
    one: Arrays
    two: Arrays


class Rules(Statements):
    """The rules for one changed statement."""

    def named(self) -> Named:
        """Return the name of what was changed."""
        key = self.key_of_statement()
        a, b = value_of(self.change.old), value_of(self.change.new)
        if key or a is None or b is None:
            return Named(key)
        self.meanings = Meanings(self.seen, self.cell, self.around)
        self.pairs = [Pair(x, y, self.around.arrays(x) or (), self.around.arrays(y) or ()) for x, y in levels(a, b)]
        for relation, of_numbers in RELATIONS:
            for pair in self.pairs:
                found = relation(self, pair) if (pair.one and pair.two) or not of_numbers else None
                if found is not None:
                    return found
        return self._replaced(self.pairs[-1])

    def _reordered(self, p: Pair) -> Named | None:
        """The same elements in another order: the blocks of gates, or what is returned."""
        if not (isinstance(p.a, (ast.Tuple, ast.List)) and isinstance(p.b, type(p.a))):
            return None
        one, two = ([ast.unparse(x) for x in tree.elts] for tree in (p.a, p.b))
        if one == two or sorted(one) != sorted(two):
            return None
        others = [x for x, left, right in zip(p.a.elts, one, two, strict=True) if left != right]
        gates = all(self.meanings.gate(self.around.arrays(x)) for x in others)
        return Named("gate order" if gates else "order returned")

    def _transposed(self, p: Pair) -> Named | None:
        """The same operands, some of them transposed; or in other brackets."""
        lefts, rights = operands(p.a), operands(p.b)
        found = moved([p.one], [p.two])
        if not found:
            texts = [sorted(map(ast.unparse, trees)) for trees in (lefts, rights)]
            kinds = [[type(x.op) for x in ast.walk(tree) if isinstance(x, ast.BinOp)] for tree in (p.a, p.b)]
            if all_same(p.one, p.two):
                return None
            if texts[0] == texts[1] and kinds[0] != kinds[1]:
                return Named("brackets")
            one, two = ([x for x in map(self.around.arrays, trees) if x] for trees in (lefts, rights))
            if len(one) < max(2, len(lefts)) or len(two) < len(rights):
                return None
            found = moved(one, two)
            if found == [] and any(x[0].ndim == 1 for x in one):  # W d in the place of d W
                found = [*one]
        if found is None:
            return None
        return Named("weight transposed" if any(self.seen.is_weight(x[0]) for x in found) else "transposed")

    def _lacks(self, p: Pair) -> Named | None:
        """A part of a state's gradient: it lacks what the step after hands back."""
        whole = p is self.pairs[0] and isinstance(self.change.new, ast.AugAssign)
        one, two = self.effects() if whole else (p.one, p.two)
        if any(x.any() for x in one) and two and not any(x.any() for x in two):
            return Named("start")
        key = self.lacking(one, two)
        return Named(key, {"dc": "c_prev", "dh": "h_prev"}.get(key[:2], "")) if key else None

    def _reduced(self, p: Pair) -> Named | None:
        """A sum over another axis, or a mean, of the same array."""
        wanted, flat = [np.ravel(x) for x in p.two], [np.ravel(x) for x in p.one]
        calls = [x for x in ast.walk(p.a) if isinstance(x, ast.Call)]
        given = {ast.unparse(y) for x in calls for y in ast.walk(x) if isinstance(y, ast.expr) and y is not x}
        for part in [x for x in ast.walk(p.b) if isinstance(x, ast.expr) and wanted and wanted[0].size]:
            inner = self.around.arrays(part)
            if inner is None or inner[0].ndim < 2 or inner[0].size <= wanted[0].size:
                continue
            found = list(reductions(inner))
            alike = not flat or (part is not p.b and ast.unparse(part) in given)
            alike = alike or any(all_same(x, flat) for ways in found for x in ways)
            if alike and any(all_same(total, wanted) for total, *_ in found):
                return Named("bias axis")
        return None

    def _at_another_step(self, p: Pair) -> Named | None:
        """A state of another step."""
        found = [(self.seen.state_of(x), self.seen.state_of(y), y) for x, y in zip(p.one, p.two, strict=True)]
        both = [(x, y, right) for x, y, right in found if x is not None and y is not None]
        if not both or len(both) < len(found) - 1:
            tanh_c, c, c_prev = (self.meanings.roles.get(name) for name in ("tanh_c", "c", "c_prev"))
            if tanh_c and c and c_prev and all(map(c_prev.has, p.two)):
                return Named("current c", "c_prev") if all(tanh_c.has(x) or c.has(x) for x in p.one) else None
            return None
        state = both[-1][0][0]
        if state is not both[-1][1][0]:
            return None
        name = "c" if is_cell_state(self.cell, state) else "h"
        given = [Values(x[0].current.node, [x[0].previous[x[2]]], []).has(y) and not x[1] for x, _, y in both]
        return Named(f"current {name}", f"{name}_prev") if all(given) else Named("other step", name)

    def _of_another_gate(self, p: Pair) -> Named | None:
        """One gate's gradient in the place of another's."""
        one, two = self.meanings.gate(p.one), self.meanings.gate(p.two)
        if one is None or two is None or one is two or p.one[0].shape != p.two[0].shape:
            return None
        return Named("gate order", self.meanings.role(two.arrays))

    def _scaled(self, p: Pair) -> Named | None:
        """The same but for a factor: an activation's derivative, a mask, a count, a constant."""
        one = spread(p.one, p.two)
        key, y = factor_of(self.seen, one, p.two) if one else ("", None)
        if key == "constant":
            key = self.meanings.constant(p.a, p.b, p.one, p.two)
        elif key == "mask":
            key = self.meanings.mask(one or (), p.two)
        elif key == "part" and y is not None:  # of a derivative, if the right value is one, or one in the input
            rights = (self.around.arrays(value_of(self.change.new)), *(one.two for one in self.pairs))
            whole = any(self.meanings.gate(x) is y for x in rights) or self.meanings.is_slope(y, p.two)
            key = "activation" if whole else "factor missing"
        elif key == "no activation" and y is not None:
            key = "tanh of the state" if self.meanings.sends_state_out(y) else "activation"
        return Named(key, self.meanings.role(y.arrays) if y is not None else "") if key else None

    def _with_another_role(self, p: Pair) -> Named | None:
        """Another value of the known cell, where no expression within is another."""
        if p is not self.pairs[-1]:
            return None
        if isinstance(p.a, ast.IfExp) != isinstance(p.b, ast.IfExp):
            return Named("first step")
        roles = [self.meanings.role(x) for x in (p.one, p.two)]
        return Named("other gate" if {*roles} <= {*"ifgozrn"} else "other value", roles[1]) if all(roles) else None

    def _operand_of(self, p: Pair) -> Named | None:
        """One is an operand of the other: a term or a factor is missing, or too many."""
        for outer, inner, which in ((p.b, p.a, "missing"), (p.a, p.b, "too many")):
            if isinstance(outer, ast.BinOp) and ast.unparse(inner) in map(ast.unparse, (outer.left, outer.right)):
                return Named(f"{'term' if isinstance(outer.op, (ast.Add, ast.Sub)) else 'factor'} {which}")
        return None

    def _replaced(self, p: Pair) -> Named:
        """Another expression altogether."""
        if isinstance(p.a, ast.Constant) and isinstance(p.b, ast.Constant):
            return Named("constant")
        if any(of_one_array(one.a, one.b) for one in self.pairs):
            return Named("other index")
        return Named("other value" if p.one and p.two else "other edit")


RELATIONS: tuple[tuple[Callable[[Rules, Pair], Named | None], bool], ...] = (  # and whether both must be numbers
    (Rules._reordered, False), (Rules._transposed, True), (Rules._lacks, True), (Rules._reduced, False),
    (Rules._at_another_step, True), (Rules._scaled, True), (Rules._of_another_gate, True),
    (Rules._with_another_role, False), (Rules._operand_of, False),
)  # fmt: skip
