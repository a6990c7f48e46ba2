"""A learner's file: run from its text, its functions called with care, its lines found by name.

Read next: comparison.py.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.errors import InputError
from scratchnet.usercode import FileFails, locate_error, run_file, shown_path


class Code:
    """The learner's file as it was when it was read. start: the text it began from, for what is missing now.

    Raises InputError, in one line with the learner's own file and line, where it cannot be run.
    """

    def __init__(self, path: Path, start: str = "") -> None:
        self.path = path
        self.wanted = _definitions(start)
        try:
            self.text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputError(f"there is no {path.name}: `scratchnet learn reset {path.stem}` puts it back") from None
        except UnicodeDecodeError:
            raise InputError(f"{path.name} is not UTF-8 text: save it as UTF-8") from None
        self.module = self._run()

    def function(self, name: str, *arguments: str) -> Callable[..., Any]:
        """Return a function of the file. Raises InputError where it is missing, or does not take `arguments`."""
        found = vars(self.module).get(name)
        wanted = self.wanted.get(name) or f"{name}({', '.join(arguments)})"
        if not callable(found):
            raise InputError(f"{self.path.name} has no function {name}: wanted def {wanted}")
        try:
            if arguments:
                inspect.signature(found).bind(*arguments)
        except TypeError:
            raise InputError(
                f"{self.path.name}: {name} takes {inspect.signature(found)}: wanted def {wanted}"
            ) from None
        except ValueError:  # a function of NumPy's, which does not tell
            pass
        return found  # type: ignore[no-any-return]

    def cell(self, name: str) -> type:
        """Return a class of the file. Raises InputError where it is missing."""
        found = vars(self.module).get(name)
        if not inspect.isclass(found):
            raise InputError(f"{self.path.name} has no class {name}: wanted class {name}(Cell)")
        return found

    def value(self, name: str) -> Any:
        """Return what the file binds to `name`. Raises InputError where it does not."""
        if name not in vars(self.module):
            raise InputError(f"{self.path.name} has no {name}: the file you started from had one")
        return vars(self.module)[name]

    def line(self, function: str, *names: str) -> str:
        """Return "file:line: text" of the last line of `function` that assigns one of `names`, else of its return.

        "first NAME" means the first line that assigns NAME.
        """
        inside = self._inside(function)
        first = {name.removeprefix("first ") for name in names if name.startswith("first ")}
        wanted = first or set(names)
        lines = [node.lineno for node in inside if isinstance(node, ast.stmt) and _writes(node) & wanted]
        lines = lines or [node.lineno for node in inside if isinstance(node, ast.Return)]
        if not lines:
            return ""
        return self.shown(min(lines) if first else max(lines))

    def other_names(self, function: str, name: str) -> set[str]:
        """Return the names that a function gives to the same array by a plain `other = name`."""
        found = {name}
        for _ in range(len(pairs := _plain_copies(self._inside(function)))):
            found |= {left for left, right in pairs if right in found}
        return found - {name}

    def empty_lines(self, function: str = "") -> list[str]:
        """Return "file:line: text" of the lines of a function, or of the file, that still say `name = ...`."""
        inside = self._inside(function) if function else list(ast.walk(ast.parse(self.text)))
        values = [(node, node.value) for node in inside if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return))]
        numbers = {node.lineno for node, value in values if isinstance(value, ast.Constant) and value.value is ...}
        return [self.shown(number) for number in sorted(numbers)]

    def locate_error(self, error: BaseException) -> str:
        """Say in one line where in this file an error arose."""
        if isinstance(error, RecursionError):
            return f"{self.path.name}: a function calls itself without end"
        return locate_error(error, [str(self.path.resolve())])

    def _inside(self, function: str) -> list[ast.AST]:
        found = [one for one in ast.walk(ast.parse(self.text)) if isinstance(one, ast.FunctionDef)]
        return [node for one in found if one.name == function for node in ast.walk(one)]

    def shown(self, number: int) -> str:
        """Return "file:line: text" of a line."""
        return f"{shown_path(str(self.path))}:{number}: {self.text.splitlines()[number - 1].strip()}"

    def _run(self) -> ModuleType:
        try:
            return run_file(self.path, self.text, output=sys.stdout)
        except FileFails as error:
            cause = error.__cause__ or error
            raise InputError(f"{self.path.name} cannot be run: {self.locate_error(cause)}") from cause


def _definitions(text: str) -> dict[str, str]:
    """Return "name(arguments)" of the functions of a file, by name."""
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name: f"{node.name}({ast.unparse(node.args)})" for node in found}


def _plain_copies(nodes: Sequence[ast.AST]) -> list[tuple[str, str]]:
    """Return (left, right) of every `left = right` of two bare names, also inside `a, b = c, d`."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                lefts, rights = (one.elts if isinstance(one, ast.Tuple) else [one] for one in (target, node.value))
                pairs = zip(lefts, rights, strict=False)
                found += [(a.id, b.id) for a, b in pairs if isinstance(a, ast.Name) and isinstance(b, ast.Name)]
    return found


def _writes(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds, or writes into, as the first argument of a bare np.add.at(dW, ...)."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [one for one in node.value.args[:1] if isinstance(one, (ast.Name, ast.Attribute, ast.Subscript))]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)} | {
        part.attr for target in targets for part in ast.walk(target) if isinstance(part, ast.Attribute)
    }
