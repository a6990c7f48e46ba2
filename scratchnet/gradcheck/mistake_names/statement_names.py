"""The name of a changed statement: one that is missing or too many, `=` for `+=`, another place for the same value.

Read next: rules.py.
"""

from __future__ import annotations

import ast

import numpy as np

from scratchnet.gradcheck.mistake_names.compared import Named, all_same
from scratchnet.gradcheck.mistake_names.forward_values import same
from scratchnet.gradcheck.mistake_names.shares import share_of
from scratchnet.gradcheck.mistake_names.syntax_names import NamedBySyntax
from scratchnet.gradcheck.mistake_names.tree_changes import target_of, value_of


class StatementNames(NamedBySyntax):
    """What can be told of how a statement changed, but for its expressions."""

    def whole(self, statement: ast.stmt | None, put_in: bool) -> Named:
        """Name a statement that is missing, or too many."""
        target, value = target_of(statement), value_of(statement)
        if put_in and target is not None and value is not None:
            before, added = self.around.arrays(target), self.around.arrays(value)
            if added is not None:
                after = added
                if isinstance(statement, ast.AugAssign) and before is not None:
                    after = [a + b for a, b in zip(before, added, strict=True)]
                else:
                    before = before or [np.zeros_like(a) for a in added]
                if before is not None and isinstance(statement, ast.AugAssign):
                    key = share_of(self.seen, self.cell, before, after, self.change.nested)
                    if key:
                        return Named(key)
                if not any(a.any() for a in added):
                    return Named("start")
        return Named("statement missing" if put_in else "statement too many")

    def accumulated(self, adds: bool, value: ast.expr) -> Named:
        """Name `=` for `+=`, or the reverse."""
        if not adds:
            return Named("added")
        target = target_of(self.change.new)
        before, added = self.around.arrays(target), self.around.arrays(value)
        if before is None or added is None:
            return Named("overwritten state")
        after = [np.add(a, b) for a, b in zip(before, added, strict=True)]
        if any(after[-1].shape == true.shape and same(after[-1], true) for true in self.seen.gradients.values()):
            return Named("overwritten")
        key = share_of(self.seen, self.cell, added, after, self.change.nested)
        return Named(key or "overwritten state")

    def adds_the_same(self, old: ast.stmt, new: ast.stmt) -> bool:
        """Tell whether of two statements, `=` and `+=` or `-=`, both say the same value."""
        signs = [-1.0 if isinstance(x, ast.AugAssign) and isinstance(x.op, ast.Sub) else 1.0 for x in (old, new)]
        one, two = (self.around.arrays(value_of(x)) for x in (old, new))
        if one is None or two is None:
            return ast.dump(value_of(old) or old) == ast.dump(value_of(new) or new)
        return all_same([signs[0] * x for x in one], [signs[1] * x for x in two])

    def other_target(self, old: ast.stmt, new: ast.stmt) -> Named:
        """Name the same value in another place, or added with another sign."""
        one, two = target_of(old), target_of(new)
        if one is None or two is None or ast.dump(one) == ast.dump(two):
            return Named("sign")
        if isinstance(one, ast.Tuple) and isinstance(two, ast.Tuple):
            return Named("order returned")
        within = isinstance(one, ast.Subscript) and isinstance(two, ast.Subscript)
        bases = [ast.dump(getattr(x, "value", x)) for x in (one, two)]
        return Named("other index" if within and bases[0] == bases[1] else "target")
