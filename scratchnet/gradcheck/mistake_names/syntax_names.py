"""The name of an edit by its syntax, where its numbers say nothing more: a factor, a term, another gate, another index.

Read next: statement_names.py.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.compared import Compared, Named, all_same, among
from scratchnet.gradcheck.mistake_names.forward_values import Values


class NamedBySyntax(Compared):
    """What can be told of an edit by its syntax, and by the roles of its values."""

    def role(self, y: Values | None) -> str:
        """Return the role of a value in the known cell, or ""."""
        for name, value in (self.cell.roles if self.cell is not None else {}).items():
            if y is not None and (
                y is value or (len(y.arrays) == len(value.arrays) and all_same(y.arrays, value.arrays))
            ):
                return name
        return ""

    def by_syntax(self, pairs: list[tuple[ast.expr, ast.expr]]) -> Named:
        """Name an edit by its syntax, where its numbers say nothing more."""
        a, b = pairs[-1]
        one, two = (self.around.arrays(x) for x in (a, b))
        texts = ast.unparse(a), ast.unparse(b)
        if isinstance(b, ast.IfExp) != isinstance(a, ast.IfExp):
            return Named("first step")
        if one is not None and two is not None:
            roles = [self._role_of_arrays(one), self._role_of_arrays(two)]
            if all(roles):
                gates = {"i", "f", "g", "o", "z", "r", "n"}
                return Named("other gate" if set(roles) <= gates else "other value", roles[1])
        for x, y in pairs:
            for outer, inner, key in ((y, x, "missing"), (x, y, "too many")):
                parts = {ast.unparse(part) for part in (getattr(outer, "left", x), getattr(outer, "right", y))}
                if isinstance(outer, ast.BinOp) and ast.unparse(inner) in parts and outer is not inner:
                    kind = "term" if isinstance(outer.op, (ast.Add, ast.Sub)) else "factor"
                    return Named(f"{kind} {key}")
        if texts[0] == f"-{texts[1]}" or texts[1] == f"-{texts[0]}":
            return Named("sign")
        if isinstance(a, ast.Constant) and isinstance(b, ast.Constant):
            return Named("constant")
        if any(
            isinstance(x, ast.Subscript) and isinstance(y, ast.Subscript) and ast.dump(x.value) == ast.dump(y.value)
            for x, y in pairs
        ):
            return Named("other index")
        if one is not None and two is not None:
            return Named("other value")
        return Named("other edit")

    def _role_of_arrays(self, arrays: Sequence[Array]) -> str:
        for name, value in (self.cell.roles if self.cell is not None else {}).items():
            if all(among(x, value) for x in arrays):
                return name
        return ""
