"""The adjoints against difference quotients, and instrumented code against the same code as it stands.

Every case is run three times: plain, on a tape, and instrumented on a tape. The values must be the same, and the tape's
derivatives those that central differences find.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np
import pytest

from scratchnet.gradcheck.adjoints import Instrumented, Recorder, Tape, TracedArray, instrument, plain, traced

Host = np.ndarray[Any, Any]

STEP = 1e-5
TOLERANCE = 1e-6
SHAPES: dict[str, tuple[int, ...]] = {
    "a": (3, 4), "b": (3, 4), "v": (4,), "u": (4,), "w": (3,), "row": (1, 4), "column": (3, 1), "m": (4, 5),
    "n": (5, 4), "q": (4, 4), "s": (2, 3, 4), "t": (2, 4, 5), "k": (), "p": (3, 4), "f": (2, 2, 3, 4),
}  # fmt: skip
POSITIVE = {"p"}
INDEX = np.array([2, 0, 2, 1, 2])  # repeated on purpose


def arrays_of(text: str) -> dict[str, Host]:
    """Return an array for every name of SHAPES that stands in a text; those of POSITIVE have positive entries."""
    rng = np.random.default_rng(7)
    drawn = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
    return {
        name: np.abs(array) + 0.5 if name in POSITIVE else array
        for name, array in drawn.items()
        if re.search(rf"(?<![\w.]){name}\b(?!=)", text)
    }


def program(body: str, names: list[str]) -> str:
    """Return the source of a function `run` of these arguments; a body of one expression is what it returns."""
    lines = body if "\n" in body or body.startswith("return") else f"return {body}"
    text = textwrap.indent(textwrap.dedent(lines).strip(), "    ")
    return f"import numpy as np\nINDEX = np.array({INDEX.tolist()})\n\n\ndef run({', '.join(names)}):\n{text}\n"


def namespace(source: str, recorder: Recorder | None = None) -> tuple[dict[str, Any], Instrumented | None]:
    """Return what a source defines: plain, or instrumented for a recorder."""
    space: dict[str, Any] = {"__name__": "made"}
    if recorder is None:
        exec(compile(source, "made.py", "exec"), space)
        return space, None
    made = instrument(source, "made.py")
    space.update(recorder.names("made"))
    exec(made.code, space)
    recorder.begin()
    return space, made


def quotients(run: Any, arrays: dict[str, Host], weights: Host) -> dict[str, Host]:
    """Return the derivatives of sum(weights * run(...)) by central differences."""
    found = {}
    for name, array in arrays.items():
        gradient = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            sides = []
            for step in (STEP, -STEP):
                moved = {other: kept.copy() for other, kept in arrays.items()}
                moved[name][index] += step
                sides.append(float((np.asarray(run(**moved)) * weights).sum()))
            gradient[index] = (sides[0] - sides[1]) / (2 * STEP)
        found[name] = gradient
    return found


def adjoints(run: Any, arrays: dict[str, Host], weights: Host, tape: Tape) -> tuple[Any, dict[str, Host]]:
    """Return the value of a run on a tape, and the tape's derivatives of sum(weights * value)."""
    leaves = {name: traced(array.copy(), tape, leaf=True) for name, array in arrays.items()}
    numbers = {name: leaf.numbers.copy() for name, leaf in leaves.items()}
    value = run(**leaves)
    assert isinstance(value, TracedArray), f"a {type(value).__name__} has left the tape"
    by_number = tape.adjoints(value.numbers, weights)
    return plain(value), {name: by_number[given] for name, given in numbers.items()}


def assert_derivatives(body: str, ways: tuple[str, ...]) -> None:
    """Hold the tape to central differences, and its values to plain NumPy's."""
    arrays = arrays_of(body)
    source = program(body, list(arrays))
    run = namespace(source)[0]["run"]
    wanted = np.asarray(run(**{name: array.copy() for name, array in arrays.items()}))
    weights = np.random.default_rng(3).normal(size=wanted.shape)
    true = quotients(run, arrays, weights)
    assert any(np.linalg.norm(gradient) > 1e-3 for gradient in true.values()), "this shows nothing"
    for way in ways:
        tape = Tape()
        used = namespace(source, Recorder(tape))[0]["run"] if way == "instrumented" else run
        value, found = adjoints(used, arrays, weights, tape)
        assert value.shape == wanted.shape
        np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-13, err_msg=way)
        for name, gradient in true.items():
            error = np.linalg.norm(found[name] - gradient)
            assert error <= TOLERANCE * (1.0 + np.linalg.norm(gradient)), f"{way}: d/d{name} is off by {error:.1e}"


EXPRESSIONS = [
    # elementwise, and broadcasting
    "a + b", "a - b", "a * b", "a / p", "p ** 2", "p ** -1.5", "a ** 3", "2.0 ** a", "p ** b", "-a", "+a", "1 - a * a", "abs(a)",
    "np.exp(a)", "np.expm1(a)", "np.log(p)", "np.log2(p)", "np.log10(p)", "np.log1p(p)", "np.tanh(a)", "np.sinh(a)",
    "np.cosh(a)", "np.sin(a)", "np.cos(a)", "np.arctan(a)", "np.arctanh(0.2 * a)", "np.sqrt(p)", "np.square(a)",
    "np.reciprocal(p)", "np.abs(a)", "np.fabs(a)", "np.maximum(a, b)", "np.minimum(a, b)", "np.maximum(0, a)",
    "np.fmax(a, b)", "np.logaddexp(a, b)", "np.power(p, 2.5)", "np.float_power(p, 2)", "1 / (1 + np.exp(-a))",
    "np.where(a > 0, a, 0.1 * b)", "np.where(a > 0, a, np.exp(a) - 1)", "a * (a > 0)", "np.clip(a, -0.5, 0.7)",
    "a.clip(-0.5, 0.7)", "np.clip(a, None, 0.2)", "np.clip(a, 0.1, None)", "np.add(a, v)", "np.multiply(column, row)", "np.divide(v, p)",
    "a + v", "a * row", "a - column", "column / p", "a + k", "k * a", "s * a", "s + v", "f * s", "a[None] * s", "a / a.sum(axis=1, keepdims=True)",
    "np.arctan2(a, p)", "np.hypot(a, b)", "np.tan(a)", "np.fmin(a, b)", "np.arcsin(0.2 * a)", "np.arccos(0.2 * a)", "np.arcsinh(a)",
    "np.arccosh(1 + p)", "np.exp2(a)", "np.cbrt(p)", "np.heaviside(a, 0.5) * a", "np.sign(a) * a", "np.mod(a, 10.0)", "np.copysign(p, b)",
    # products
    "a @ m", "a @ v", "w @ a", "v @ u", "s @ m", "s @ t", "v @ m", "s @ v", "v @ t", "a @ t", "f @ m", "f @ t", "a.T @ b", "a.dot(m)",
    "np.dot(a, m)", "np.dot(a, v)", "np.dot(v, u)", "np.dot(w, a)", "np.dot(s, m)", "np.dot(a, t)", "np.dot(k, a)", "np.dot(3.0, a)",
    "np.matmul(a, m)", "np.matmul(a, b.T)", "np.outer(w, v)", "np.outer(a, v)", "np.multiply.outer(w, v)", "np.inner(a, b)", "np.inner(v, u)", "np.vdot(a, b)",
    "np.einsum('ij,jk->ik', a, m)", "np.einsum('ij,jk', a, m)", "np.einsum('ij,ij->i', a, b)", "np.einsum('ij->j', a)", "np.einsum('bij,bjk->bik', s, t)",
    "np.einsum('i,j->ij', w, v)", "np.einsum('i,ij,j->', w, a, v)", "np.einsum('ij,ik->jk', a, b)", "np.einsum('bij->', s)", "np.einsum('ii->i', q)", "np.einsum('ii', q)",
    "np.einsum('...ij,jk->...ik', s, m)", "np.tensordot(a, m, axes=1)", "np.tensordot(s, a, axes=([1, 2], [0, 1]))", "np.tensordot(a, b, axes=(0, 0))", "np.tensordot(a, b)",
    "np.kron(w, v)", "np.trace(q)", "np.linalg.multi_dot([a, m, n])",
    # sums, and what is like them
    "a.sum()", "np.sum(a)", "a.sum(axis=0)", "a.sum(axis=1, keepdims=True)", "np.sum(s, axis=(0, 2))", "s.sum((0, 1))", "a.sum(-1)", "sum(a)", "sum([k, v.sum(), 1.0])",
    "a.mean()", "np.mean(a, axis=0)", "a.mean(axis=1, keepdims=True)", "s.mean(axis=(0, 1))", "a.max()", "np.max(a, axis=1)", "a.max(axis=0, keepdims=True)",
    "np.amax(a, axis=-1)", "a.min(axis=1)", "np.min(s, axis=(1, 2))", "a.var()", "np.var(a, axis=0)", "a.std(axis=1, keepdims=True)", "np.std(a)", "a.var(axis=0, ddof=1)",
    "p.prod()", "np.prod(p, axis=0)", "p.prod(axis=1, keepdims=True)", "np.cumsum(a)", "np.cumsum(a, axis=1)", "a.cumsum(axis=0)", "np.cumsum(a[::-1], axis=0)[::-1]",
    "np.add.reduce(a)", "np.add.accumulate(a, axis=1)", "np.maximum.reduce(a, axis=1)", "np.add.outer(w, v)", "np.cumprod(p, axis=1)", "np.diff(a, axis=1)", "np.average(a, axis=0)", "np.ptp(a)",
    "np.linalg.norm(a)", "np.linalg.norm(a, axis=1)", "np.linalg.norm(v)", "np.linalg.norm(a, axis=1, keepdims=True)", "np.sqrt((a ** 2).sum())",
    "np.exp(a - a.max(axis=1, keepdims=True)) / np.exp(a - a.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
    "np.log(np.exp(a).sum(axis=-1))", "np.logaddexp.reduce(a, axis=1)", "np.median(w)", "np.sort(v)", "np.nansum(a)",
    # what only moves entries
    "np.concatenate([a, b])", "np.concatenate((a, b), axis=1)", "np.concatenate((a, np.ones((3, 1))), axis=1)", "np.stack([a, b])", "np.stack((a, b), axis=-1)", "np.hstack([a, b])",
    "np.vstack((a, row))", "np.column_stack((w, a))", "np.dstack((a, b))", "np.split(a, 2, axis=1)[1]", "np.split(a, [1, 3], axis=1)[1]", "np.hsplit(a, 2)[0] * np.hsplit(a, 2)[1]", "np.vsplit(a, 3)[2]",
    "np.array_split(v, 3)[0]", "a.reshape(4, 3)", "a.reshape(-1)", "a.reshape((2, 6))", "np.reshape(a, (6, 2))", "a.T", "a.transpose()", "s.transpose(1, 0, 2)", "s.transpose((2, 0, 1))", "np.transpose(s, (1, 2, 0))",
    "s.swapaxes(0, 1)", "np.swapaxes(s, 1, 2)", "np.moveaxis(s, 0, 2)", "np.rollaxis(s, 2)", "row.squeeze()", "np.squeeze(row, axis=0)", "np.expand_dims(v, 1)", "v[:, None]", "v[np.newaxis, :]", "a.ravel()", "a.flatten()",
    "np.atleast_2d(v)", "np.broadcast_to(v, (3, 4))", "np.pad(a, 1)", "np.pad(a, ((0, 1), (2, 0)))", "np.pad(a, ((1, 0), (0, 0)), mode='constant')", "np.repeat(a, 3, axis=0)", "a.repeat(2, axis=1)", "np.repeat(v, 2)", "np.tile(v, (3, 1))",
    "np.tile(a, 2)", "np.roll(a, 1, axis=0)", "np.roll(a, -2)", "np.flip(a, 1)", "a[::-1]", "np.fliplr(a)", "np.flipud(a)", "np.diag(v)", "np.diag(q)", "q.diagonal()", "np.diagflat(v)", "np.take(a, INDEX, axis=0)", "a.take(INDEX, axis=0)",
    "np.append(v, u)", "np.append(a, row, axis=0)", "np.triu(a)", "np.tril(q, -1)", "np.delete(a, 1, axis=0)", "np.insert(v, 1, 0.0)", "np.rot90(a)", "np.block([[a, column], [row, np.zeros((1, 1))]])", "np.copy(a)", "a.copy()", "a.astype(float)", "np.ascontiguousarray(a.T)",
    "np.asarray(a) * 2", "np.take_along_axis(a, np.array([[0], [1], [3]]), axis=1)", "np.lib.stride_tricks.sliding_window_view(v, 2)",
    # indexing
    "a[1]", "a[-1, 2]", "a[:, 1:3]", "a[1:, ::2]", "a[..., 0]", "s[:, 0]", "s[-1]", "a[INDEX]", "a[INDEX] * a[0]", "a[[0, 1, 2], [3, 3, 0]]", "a[np.arange(3), INDEX[:3]]", "a[INDEX, INDEX]", "a[a > 0]", "a[np.array([True, False, True])]", "a[INDEX[:, None], [0, 2]]",
    "a.T[1]", "s[0].T @ s[1]", "-np.log(p[np.arange(3), [0, 3, 1]])",
]  # fmt: skip

PROGRAMS = {
    "an array of a list": "return np.array([v * 2, u, v + u])",
    "an array of numbers": "return np.array([a.sum(), a[0, 0], 1.0])",
    "an array of a comprehension": "return np.array([np.tanh(x) for x in a])",
    "an array of nested lists": "return np.array([[a[0, 0], a[1, 1]], [a[2, 2], k]])",
    "a number accumulated": """
        loss = 0.0
        for x in a:
            loss += (x * x).sum()
        return loss""",
    "a 0-d array accumulated": """
        loss = np.zeros(())
        for i in range(3):
            loss += a[i, i]
        return loss""",
    "an entry accumulated": """
        loss = 0
        for i in range(3):
            loss = loss - np.log(p[i, i] / p[i].sum())
        return loss""",
    "float() of a sum": "return float(a.sum()) * a",
    "item() of a sum": "return a.sum().item() * a",
    "np.float64 of a sum": "return np.float64(a.sum()) * a",
    "a buffer of zeros": """
        out = np.zeros((3, 4))
        for i in range(3):
            out[i] = np.tanh(a[i])
        return out * b""",
    "a buffer that is added to": """
        out = np.zeros_like(a)
        for i in range(3):
            out[i] += a[i] * v
            out[:, 1] += w
        return out""",
    "an empty buffer": """
        out = np.empty((3, 2, 4))
        for i in range(3):
            out[i, 0] = a[i]
            out[i, 1] = b[i] * v
        return out""",
    "states in a buffer": """
        h = np.zeros((4, 4))
        for i in range(3):
            h[i + 1] = np.tanh(a[i] + h[i] @ q)
        return h""",
    "states in a dictionary": """
        h = {-1: np.zeros(4)}
        for i in range(3):
            h[i] = np.tanh(a[i] + h[i - 1] @ q)
        return h[0] + h[2]""",
    "states in a list": """
        h = [v]
        for x in a:
            h.append(np.tanh(x + h[-1] @ q))
        return np.stack(h[1:])""",
    "added to a view": """
        out = np.zeros((3, 4))
        view = out[1:]
        view += a[1:] * b[1:]
        return out""",
    "a view is read after a write to its base": """
        out = np.zeros((3, 4))
        view = out[:, :2]
        out[:] = a
        return view * 2""",
    "multiplied in place": """
        out = a.copy()
        out *= b
        out -= v
        out /= p
        return out""",
    "an operand overwritten after its use": """
        x = a.copy()
        y = x * x
        x[...] = 0.0
        return y + x""",
    "written over": """
        out = a * 2
        out[1] = v
        out[:, 0] = 0.0
        return out""",
    "a scalar written in": """
        out = np.zeros((2, 2))
        out[0, 0] = a.sum()
        out[1, 1] = k
        return out""",
    "a masked write": """
        out = a * b
        out[a < 0] = 0
        return out""",
    "a masked write of a masked array": """
        out = np.zeros_like(a)
        out[a > 0] = b[a > 0]
        return out""",
    "a transposed buffer": """
        out = np.zeros((4, 3))
        out.T[...] = a
        return out""",
    "a buffer reshaped": """
        out = np.zeros(12)
        grid = out.reshape(3, 4)
        grid[1] = v
        return out""",
    "np.add.at": """
        out = np.zeros((3, 4))
        np.add.at(out, INDEX, np.vstack([a, b])[:5])
        return out""",
    "np.add.at of a pair of indices": """
        out = np.zeros((3, 4))
        np.add.at(out, (INDEX[:3], [0, 1, 0]), w)
        return out * b""",
    "np.subtract.at": """
        out = a * 1.0
        np.subtract.at(out, INDEX, v)
        return out""",
    "fancy indices of a buffer": """
        out = np.zeros((3, 4))
        out[INDEX[2:]] += a
        return out""",
    "out=": """
        out = np.zeros((3, 5))
        np.matmul(a, m, out=out)
        np.tanh(out, out=out)
        return out""",
    "np.copyto": """
        out = np.zeros((3, 4))
        np.copyto(out, a * b)
        return out""",
    "fill": """
        out = a * 2
        out[0].fill(0.0)
        return out""",
    "dot with out=": """
        out = np.zeros((3, 5))
        np.dot(a, m, out=out)
        return out * 2""",
    "unpacked": """
        x, y, z = a
        return x * y + z""",
    "split and unpacked": """
        left, right = np.hsplit(a, 2)
        return left * right""",
    "a conditional expression": "return a if a.sum() > 100 else a * b",
    "a while loop": """
        x, n = a, 0
        while n < 3:
            x = np.tanh(x * b)
            n += 1
        return x""",
    "map and zip": "return np.stack([x * y for x, y in zip(a, b)]) + sum(map(np.sum, a))",
    "enumerate, reversed": """
        out = np.zeros((3, 4))
        for i, x in enumerate(reversed(a)):
            out[i] = x * (i + 1)
        return out""",
    "a closure": """
        def scale(x):
            return x * v
        return scale(a) + scale(b)""",
    "a lambda": """
        g = lambda x: 1 / (1 + np.exp(-x))
        return g(a) * g(b)""",
    "an exchange": """
        x, y = a, b
        x, y = y, x * 2
        return x * y""",
    "a chain of assignments": """
        x = y = a * 2
        x += b
        return y""",
    "vectorised softmax loss": """
        shifted = a - a.max(axis=1, keepdims=True)
        probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
        return -np.mean(np.log(probs[np.arange(3), [1, 0, 3]]))""",
    "zeros of a dtype": """
        out = np.zeros((3, 4), dtype=np.float64)
        out += a
        return out""",
    "full": """
        out = np.full((3, 4), 2.0)
        out *= a
        return out""",
    "an identity": "return np.eye(4) * v + q @ np.eye(4)",
    "an iterator over rows": """
        rows = iter(a)
        return next(rows) * next(rows)""",
    "np.nditer-free flat reads": "return sum([a.flat[i] * b.flat[i] for i in range(12)])",
    "math of a number": """
        import math
        return math.exp(float(k)) * a""",
    "tolist": "return np.array([x * 2 for x in v.tolist()])",
    "an augmented attribute": """
        class Box:
            pass
        box = Box()
        box.dW = np.zeros((4, 4))
        for x in a:
            box.dW += np.outer(x, x)
        return box.dW""",
    "gradients in a dictionary": """
        grads = {"dW": np.zeros_like(q), "db": np.zeros(4)}
        for x in a:
            grads["dW"] += np.outer(x, v)
            grads["db"] += x
        return grads["dW"] * grads["db"]""",
    "np.vectorize-free apply": "return np.apply_along_axis(lambda x: x * 2, 1, a)",
    "a global constant array": "return a[INDEX] * np.arange(4.0)",
    "power of a scalar": "return k ** 2 + np.exp(k) * v",
    "a scalar in a condition": "return np.maximum(k, 0.1) * a if k > 5 else k * a",
}

@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_on_a_tape_has_the_value_and_the_derivatives_that_it_has(expression: str) -> None:
    assert_derivatives(expression, ("traced", "instrumented"))


@pytest.mark.parametrize("body", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_an_instrumented_program_has_the_value_and_the_derivatives_that_it_has(body: str) -> None:
    assert_derivatives(body, ("instrumented",))
