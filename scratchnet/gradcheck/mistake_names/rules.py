"""From a changed statement to the mistake's name: what changed, and what the values are in the forward.

    Rules(seen, cell, around).key(change)       a key of the catalogue, and the role of the value concerned

Read next: naming.py.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.compared import (
    Named,
    adds_at,
    all_same,
    among,
    fits,
    operands,
    turned,
)
from scratchnet.gradcheck.mistake_names.derivative_forms import factor_of, state_of
from scratchnet.gradcheck.mistake_names.forward_values import Values, same
from scratchnet.gradcheck.mistake_names.shares import is_cell_state, share_of
from scratchnet.gradcheck.mistake_names.statement_names import StatementNames
from scratchnet.gradcheck.mistake_names.tree_changes import levels, target_of, value_of


class Rules(StatementNames):
    """The rules for one changed statement: Rules(seen, cell, around, change).named()."""

    def named(self) -> Named:
        """Return the name of what was changed."""
        old, new = self.change.old, self.change.new
        if old is None or new is None:
            return self.whole(old or new, old is None)
        if adds_at(new) and not adds_at(old):
            return Named("repeated ids")
        if isinstance(old, ast.For) or isinstance(new, ast.For):
            return Named("step skipped")
        if isinstance(new, ast.If) or isinstance(old, ast.If):
            return Named("first step" if isinstance(new, ast.If) and not isinstance(old, ast.If) else "condition")
        one, two = value_of(old), value_of(new)
        if one is None or two is None:
            return Named("other edit")
        if type(old) is not type(new) and self.adds_the_same(old, new):
            return self.accumulated(isinstance(new, ast.AugAssign), two)
        self.values = one, two
        pairs = list(levels(one, two))
        if ast.dump(one) == ast.dump(two):
            return self.other_target(old, new)
        for rule in (
            self._order,
            self._turned,
            self._handed_back,
            self.reduced,
            self._stepped,
            self._block,
            self._factor,
        ):
            for a, b in pairs:
                found = rule(a, b)
                if found is not None:
                    return found
        return self.by_syntax(pairs)

    # expressions

    def _order(self, a: ast.expr, b: ast.expr) -> Named | None:
        """The same elements in another order: the blocks of gates, or what is returned."""
        if not (isinstance(a, (ast.Tuple, ast.List)) and type(a) is type(b)):
            return None
        one, two = [ast.unparse(x) for x in a.elts], [ast.unparse(x) for x in b.elts]
        if one == two or sorted(one) != sorted(two):
            return None
        moved = [x for x, left, right in zip(a.elts, one, two, strict=True) if left != right]
        gates = [self._adjoint_of_gate(self.around.arrays(x)) for x in moved]
        return Named("gate order" if all(gates) else "order returned")

    def _turned(self, a: ast.expr, b: ast.expr) -> Named | None:
        """The same operands, one of them transposed."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if one is None or two is None or not two[0].ndim:
            return None
        if all(turned(x, y) for x, y in zip(one, two, strict=True)):
            return Named("weight transposed" if self.seen.weight_of(two[0]) else "transposed")
        if sorted(map(ast.unparse, operands(a))) == sorted(map(ast.unparse, operands(b))) and _shape_of(a) != _shape_of(
            b
        ):
            return None if all_same(one, two) else Named("brackets")
        lefts, rights = ([self.around.arrays(x) for x in operands(tree)] for tree in (a, b))
        if len(lefts) < 2 or len(lefts) != len(rights) or None in lefts or None in rights:
            return None
        other = []
        rest = [x for x in rights if x is not None]
        for left in lefts:
            assert left is not None
            k = next((k for k, x in enumerate(rest) if all_same(left, x)), -1)
            if k < 0:
                k = next((k for k, x in enumerate(rest) if all(turned(y, z) for y, z in zip(left, x, strict=True))), -1)
                if k < 0:
                    return None
                other.append(rest[k][0])
            rest.pop(k)
        if any(self.seen.weight_of(x) for x in other):
            return Named("weight transposed")
        vectors = any(x is not None and x[0].ndim == 1 for x in lefts)  # W d in the place of d W
        if not other and not (vectors and any(x is not None and self.seen.weight_of(x[0]) for x in lefts)):
            return Named("transposed") if not all_same(one, two) else None
        return Named("transposed" if other else "weight transposed")

    def _handed_back(self, a: ast.expr, b: ast.expr) -> Named | None:
        """A state's gradient that lacks what the step after hands back."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if one is None or two is None:
            return None
        target = target_of(self.change.new)
        if isinstance(self.change.new, ast.AugAssign) and b is value_of(self.change.new):
            before = self.around.arrays(target)
            if before is not None and fits(before, two):
                one, two = ([x + y for x, y in zip(before, z, strict=True)] for z in (one, two))
        if not any(x.any() for x in two) and any(x.any() for x in one):
            return Named("start")
        key = share_of(self.seen, self.cell, one, two, self.change.nested)
        role = {"dc without f": "c_prev", "dc dropped": "c_prev", "dh dropped": "h_prev"}.get(key, "")
        return Named(key, role) if key else None

    def _stepped(self, a: ast.expr, b: ast.expr) -> Named | None:
        """A state of another step."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if one is None or two is None:
            return None
        found = [(state_of(self.seen, x), state_of(self.seen, y)) for x, y in zip(one, two, strict=True)]
        both = [(x, y, q) for (x, y), q in zip(found, two, strict=True) if x is not None and y is not None]
        if not both or len(both) < len(found) - 1:
            return self._tanh_for_previous(one, two)
        x, y, _ = both[-1]
        if x[0] is not y[0]:
            return None
        inner = is_cell_state(self.cell, x[0])
        if all(
            u[1] == "current" and any(same(array, q) for array in (v[0].previous[u[2]], v[0].previous[u[2]].T))
            for u, v, q in both
        ):
            return Named("current c" if inner else "current h", "c_prev" if inner else "h_prev")
        return Named("other step", "c" if inner else "h")

    def _tanh_for_previous(self, one: Sequence[Array], two: Sequence[Array]) -> Named | None:
        """tanh(c), or c where it is no state, in the place of the previous cell state."""
        roles = self.cell.roles if self.cell is not None and self.cell.kind == "lstm" else {}
        if roles and all(among(y, roles["c_prev"]) for y in two) and all(
            among(x, roles["tanh_c"]) or among(x, roles["c"]) for x in one
        ):  # fmt: skip
            return Named("current c", "c_prev")
        return None

    def _block(self, a: ast.expr, b: ast.expr) -> Named | None:
        """One gate's gradient in the place of another's."""
        one, two = self._adjoint_of_gate(self.around.arrays(a)), self._adjoint_of_gate(self.around.arrays(b))
        if one is not None and two is not None and one is not two:
            return Named("gate order", self.role(two))
        return None

    def _adjoint_of_gate(self, arrays: Sequence[Array] | None) -> Values | None:
        """Return the activation whose input's derivative these arrays are."""
        if arrays is None or not arrays or arrays[0].ndim == 0 or not any(x.any() for x in arrays):
            return None
        for y, slope in self.seen.slopes:
            inputs = [d * v for d, v in zip(y.adjoints, slope, strict=True)]
            if all(any(same(x, d) or same(x, d.T) for d in inputs) for x in arrays):
                return y
        return None

    def _factor(self, a: ast.expr, b: ast.expr) -> Named | None:
        """Something that must be multiplied with."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if one is None or two is None or not fits(one, two):
            return None
        found = factor_of(self.seen, [np.broadcast_to(x, y.shape) for x, y in zip(one, two, strict=True)], two)
        if found is None:
            return None
        if found.key == "constant":
            return self.constant(found, a, b)
        if found.key == "mask":
            return Named(
                "activation" if self.is_relu(one, two) else "loss mask" if self.is_padding(one, two) else "mask"
            )
        role = self.role(found.of) if found.of is not None else ""
        if found.wrong in ("y", "1 - y", "y^2") and not self._completes(found.of, two):
            return Named("factor missing", role)
        if found.key == "activation" and found.wrong == "1" and self._is_of_state(found.of):
            return Named("tanh of the state", role)
        return Named(found.key, role)

    def _completes(self, y: Values | None, two: Sequence[Array]) -> bool:
        """Tell whether the right value is an activation's derivative, or the derivative in its input."""
        whole = self.around.arrays(value_of(self.change.new))
        parts = [self.around.arrays(b) for _, b in levels(*self.values)]
        if y is None or any(self._adjoint_of_gate(part) is y for part in (whole, *parts)):
            return True
        return all(any(same(x, v * (1 - v)) or same(x, 1 - v * v) for v in y.arrays) for x in two)

    def _is_of_state(self, y: Values | None) -> bool:
        """Tell whether an activation is the one through which a state goes out: tanh(c), or h = tanh(a)."""
        roles = self.cell.roles if self.cell is not None else {}
        if self.cell is not None and self.cell.kind == "lstm":
            return y is roles["tanh_c"]
        return y is not None and y in self.seen.tanhs and any(_in_rows(state.current, y) for state in self.seen.states)


def _in_rows(state: Values, y: Values) -> bool:
    """Tell whether a state is, in some row, an activation: h = tanh(a), but for padded rows."""
    return len(state.arrays) == len(y.arrays) and state.shape == y.shape and all(
        bool((a == b).reshape(len(a), -1).all(axis=1).any()) for a, b in zip(state.arrays, y.arrays, strict=True)
    )  # fmt: skip


def _shape_of(tree: ast.expr) -> list[str]:
    """Return the operators of a product, the outermost first."""
    return [type(x.op).__name__ for x in ast.walk(tree) if isinstance(x, ast.BinOp)]
