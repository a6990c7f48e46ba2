"""CuPy's ElementwiseKernel on the stand-in device: it runs the very C text that a GPU would compile, line by line.

The interpreter knows what cupy_kernels.py prints and nothing else: arithmetic assigned to new constants or to outputs.
It holds the text to C's types: a number without its `f`, or a function of the other precision, would turn a float
kernel into a double one, and is an error here. An input is read where the text reads it, and an output written where
the text writes it, so a kernel whose output is the memory of an input goes wrong here if it goes wrong there.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import Any

import numpy as np
from c_text import RawKernel
from strict_array import NUMBERS, Device, Host, StrictArray

KINDS = {"float": np.float32, "double": np.float64}
PARAMETER = re.compile(r"^(float32|float64) ([A-Za-z]\w*)$")
LINE = re.compile(r"^(?:const (float|double) )?([A-Za-z]\w*) = (.+);$")
NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)(f?)(?!\w)")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
FUNCTIONS = {
    f"{name}{suffix}": (getattr(np, name), kind)
    for name in ("tanh", "exp", "log", "sqrt", "sin", "cos", "expm1", "log1p")
    for suffix, kind in (("f", np.float32), ("", np.float64))
}


class StrictKernel:
    """A kernel of the stand-in; called with its inputs and then its outputs, it counts as one launch."""

    def __init__(self, device: Device, inputs: str, outputs: str, operation: str, name: str) -> None:
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot be the name of a kernel")
        self.device, self.name = device, name
        self.inputs, self.outputs = parameters(inputs), parameters(outputs)
        names = [*self.inputs, *self.outputs]
        if len(set(names)) < len(names) or {"i", "n"} & set(names):
            raise ValueError(f"a parameter has two meanings, or a name that CuPy keeps for itself: {names}")
        self.lines = [statement(line) for line in operation.splitlines()]

    def __call__(self, *arguments: Any) -> None:
        if len(arguments) != len(self.inputs) + len(self.outputs):
            raise TypeError(
                f"{self.name} wants {len(self.inputs)} and {len(self.outputs)} arrays, not {len(arguments)}"
            )
        given, written = arguments[: len(self.inputs)], arguments[len(self.inputs) :]
        values = {
            name: self.operand(value, kind) for (name, kind), value in zip(self.inputs.items(), given, strict=True)
        }
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
        for (name, kind), output in zip(self.outputs.items(), written, strict=True):
            if not isinstance(output, StrictArray) or output.device is not self.device or output.dtype != kind:
                raise TypeError(f"{self.name}: {name} must be a device array of {kind.__name__}, not {output!r}")
            if output.shape != shape:
                raise ValueError(f"{self.name}: out shape is mismatched: {output.shape}, wanted {shape}")
            values[name] = output.values
        self.device.write(lambda: self.run(dict(values)))

    def run(self, values: dict[str, Host]) -> None:
        """Do all lines, each for all elements."""
        for kind, name, expression in self.lines:
            found = evaluate(expression, values)
            wanted = self.outputs.get(name, kind)
            if found.dtype != wanted or (kind is None) != (name in self.outputs):
                raise TypeError(f"{self.name}: {name} is {found.dtype}, which C would convert without a word")
            if kind is None:
                values[name][...] = found
            elif name in values:
                raise TypeError(f"{self.name}: {name} is defined twice")
            else:
                values[name] = np.array(found)

    def operand(self, value: Any, kind: Any) -> Host:
        """Return the value of an argument: a device array of the declared type, or any plain number."""
        if isinstance(value, NUMBERS):
            return np.asarray(value, dtype=kind)
        if not isinstance(value, StrictArray) or value.device is not self.device:
            raise TypeError(f"{self.name}: Unsupported type {type(value).__name__}")
        if value.dtype != kind:
            raise TypeError(f"{self.name}: Type is mismatched: {value.dtype}, wanted {kind.__name__}")
        return value.values


def parameters(declared: str) -> dict[str, Any]:
    """Return the type of each parameter by name."""
    found = {}
    for part in declared.split(", "):
        match = PARAMETER.match(part)
        if match is None:
            raise ValueError(f"{part!r} declares no parameter")
        found[match[2]] = getattr(np, match[1])
    return found


def statement(line: str) -> tuple[Any, str, ast.expr]:
    """Return (type or None, name, expression) of one line of C."""
    match = LINE.match(line)
    if match is None:
        raise SyntaxError(f"not an assignment: {line}")
    # A number becomes a call that knows its type, because Python's syntax tree would lose the suffix.
    text = NUMBER.sub(lambda number: f"_{'float' if number[2] else 'double'}({number[1]})", match[3])
    return KINDS.get(match[1]), match[2], ast.parse(text, mode="eval").body


def evaluate(node: ast.expr, values: dict[str, Host]) -> Any:
    """Return the value of an expression of C."""
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluate(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](evaluate(node.left, values), evaluate(node.right, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        name, argument = node.func.id, node.args[0]
        if name in ("_float", "_double") and isinstance(argument, ast.Constant):
            if "." not in str(argument.value) and "e" not in str(argument.value):
                raise TypeError(f"{argument.value} is an integer in C")
            return KINDS[name[1:]](argument.value)
        function, kind = FUNCTIONS[name]
        value = evaluate(argument, values)
        if value.dtype != kind:
            raise TypeError(f"{name} of {value.dtype}")
        return function(value)
    raise SyntaxError(f"no C that is known here: {ast.dump(node)}")


class CompiledKernel:
    """A kernel with raw parameters, which may read and write where it likes: compiled, and run on the host."""

    def __init__(self, device: Device, inputs: str, outputs: str, operation: str, name: str) -> None:
        self.device, self.kernel = device, RawKernel(inputs, outputs, operation, name)

    def __call__(self, *arguments: Any, size: int) -> None:
        given = [value if isinstance(value, int) else self.device.operand(value) for value in arguments]
        self.device.write(lambda: self.kernel(*given, size=size))
