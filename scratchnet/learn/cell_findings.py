"""What is wrong with a cell, for a learner: what `scratchnet gradcheck --hint 4` says, and where and when it is wrong.

    symptom        which gradients are wrong, and which are right
    where          the function to look into; a map shows at which gate and step
    equation       what should stand there: the derivative of the loss by which expression of forward_step
    your line      the line that does not yield it

The cure is known where one was found, and not told: it is what the exercise asks for.

Read next: child.py.
"""

from __future__ import annotations

import ast

from rich.table import Table

from scratchnet.gradcheck import Report, hint_steps
from scratchnet.learn.code import Code
from scratchnet.learn.outcome import Finding

STEPS = ("forward_step", "backward_step")


def of_report(report: Report) -> Finding:
    """Return what a report knows of a wrong cell, all but the cure and the map."""
    symptom, places, equations, lines, _ = hint_steps(report)
    known = {"where": places, "equation": equations, "your line": lines}
    return Finding(False, symptom[0], tuple((label, one) for label, said in known.items() for one in said))


def gates_by_time(report: Report) -> Table | None:
    """Return which gate's gradient is wrong at which step, as a table; None where none is."""
    found = next((one.numbers for one in report.findings if one.kind == "map"), None)
    if found is None:
        return None
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("gate", *(f"t={t}" for t in range(found["steps"]))):
        table.add_column(heading)
    for gate, wrong in found["gates"].items():
        table.add_row(gate, *("[bold red]wrong" if t in wrong else "[green]right" for t in range(found["steps"])))
    return table


def rebinding(code: Code) -> Finding | None:
    """Return the first line of a cell that binds a new array where the loop may read the old one; None where none does.

    That is d.c = ... of an argument d; and da_x = ..., or a block of it, da_i = ..., in backward_step. It need not be
    wrong: the new array may be written into the old one further down.
    """
    for node in ast.walk(ast.parse(code.text)):
        if isinstance(node, ast.FunctionDef) and node.name in STEPS:
            arguments = [one.arg for one in node.args.args[1:]]
            lines = [one for one in ast.walk(node) if isinstance(one, ast.Assign)]
            filled = {*arguments[-2:]} if node.name == "backward_step" else set()
            views = [one for one in lines if _is_view(one.value, filled)]
            filled |= {name.id for one in views for name in _targets(one) if isinstance(name, ast.Name)}
            for one in lines:
                for name in _targets(one):
                    owner = name.value if isinstance(name, ast.Attribute) else None
                    of_argument = isinstance(owner, ast.Name) and owner.id in arguments
                    if of_argument or (isinstance(name, ast.Name) and name.id in filled and one not in views):
                        return _rebinds(code, node.name, ast.unparse(name), one.lineno)
    return None


def _rebinds(code: Code, function: str, name: str, number: int) -> Finding:
    details = (
        (
            "looks like",
            f"the loop does not read the new array: {name}[...] = ... writes into the one that it does read",
        ),
        ("your line", code.shown(number)),
    )
    return Finding(False, f"{function} binds {name} to another array", details)


def _targets(node: ast.Assign) -> list[ast.expr]:
    return [one for target in node.targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]


def _is_view(value: ast.expr, names: set[str]) -> bool:
    """Tell whether a value is self.blocks(x), or self.block(x, gate), for one of these names x."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or not value.args:
        return False
    return value.func.attr in ("blocks", "block") and isinstance(value.args[0], ast.Name) and value.args[0].id in names
