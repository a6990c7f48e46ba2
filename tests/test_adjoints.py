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
    space: dict[str, Any] = {"__name__": __name__}
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
    "a + b", "a - b", "a * b", "a / p", "p ** 2", "p ** -1.5", "a ** 3", "2.0 ** a", "p ** b", "-a", "+a", "1 - a * a",
    "abs(a)", "np.exp(a)", "np.expm1(a)", "np.log(p)", "np.log2(p)", "np.log10(p)", "np.log1p(p)", "np.tanh(a)",
    "np.sinh(a)", "np.cosh(a)", "np.sin(a)", "np.cos(a)", "np.arctan(a)", "np.arctanh(0.2 * a)", "np.sqrt(p)",
    "np.square(a)", "np.reciprocal(p)", "np.abs(a)", "np.fabs(a)", "np.maximum(a, b)", "np.minimum(a, b)",
    "np.maximum(0, a)", "np.fmax(a, b)", "np.logaddexp(a, b)", "np.power(p, 2.5)", "np.float_power(p, 2)",
    "1 / (1 + np.exp(-a))", "np.where(a > 0, a, 0.1 * b)", "np.where(a > 0, a, np.exp(a) - 1)", "a * (a > 0)",
    "np.clip(a, -0.5, 0.7)", "a.clip(-0.5, 0.7)", "np.clip(a, None, 0.2)", "np.clip(a, 0.1, None)", "np.add(a, v)",
    "np.multiply(column, row)", "np.divide(v, p)", "a + v", "a * row", "a - column", "column / p", "a + k", "k * a",
    "s * a", "s + v", "f * s", "a[None] * s", "a / a.sum(axis=1, keepdims=True)", "np.heaviside(a, 0.5) * a",
    "np.sign(a) * a",
    # products
    "a @ m", "a @ v", "w @ a", "v @ u", "s @ m", "s @ t", "v @ m", "s @ v", "v @ t", "a @ t", "f @ m", "f @ t",
    "a.T @ b", "a.dot(m)", "np.dot(a, m)", "np.dot(a, v)", "np.dot(v, u)", "np.dot(w, a)", "np.dot(s, m)",
    "np.dot(a, t)", "np.dot(k, a)", "np.dot(3.0, a)", "np.matmul(a, m)", "np.matmul(a, b.T)", "np.outer(w, v)",
    "np.outer(a, v)", "np.multiply.outer(w, v)", "np.inner(a, b)", "np.inner(v, u)", "np.vdot(a, b)",
    "np.einsum('ij,jk->ik', a, m)", "np.einsum('ij,jk', a, m)", "np.einsum('ij,ij->i', a, b)", "np.einsum('ij->j', a)",
    "np.einsum('bij,bjk->bik', s, t)", "np.einsum('i,j->ij', w, v)", "np.einsum('i,ij,j->', w, a, v)",
    "np.einsum('ij,ik->jk', a, b)", "np.einsum('bij->', s)", "np.tensordot(a, m, axes=1)",
    "np.tensordot(s, a, axes=([1, 2], [0, 1]))", "np.tensordot(a, b, axes=(0, 0))", "np.tensordot(a, b)",
    "np.kron(w, v)", "np.linalg.multi_dot([a, m, n])",
    # sums, and what is like them
    "a.sum()", "np.sum(a)", "a.sum(axis=0)", "a.sum(axis=1, keepdims=True)", "np.sum(s, axis=(0, 2))", "s.sum((0, 1))",
    "a.sum(-1)", "sum(a)", "sum([k, v.sum(), 1.0])", "a.mean()", "np.mean(a, axis=0)", "a.mean(axis=1, keepdims=True)",
    "s.mean(axis=(0, 1))", "a.max()", "np.max(a, axis=1)", "a.max(axis=0, keepdims=True)", "np.amax(a, axis=-1)",
    "a.min(axis=1)", "np.min(s, axis=(1, 2))", "a.var()", "np.var(a, axis=0)", "a.std(axis=1, keepdims=True)",
    "np.std(a)", "a.var(axis=0, ddof=1)", "p.prod()", "np.prod(p, axis=0)", "p.prod(axis=1, keepdims=True)",
    "np.cumsum(a)", "np.cumsum(a, axis=1)", "a.cumsum(axis=0)", "np.cumsum(a[::-1], axis=0)[::-1]", "np.add.reduce(a)",
    "np.add.accumulate(a, axis=1)", "np.maximum.reduce(a, axis=1)", "np.diff(a, axis=1)", "np.average(a, axis=0)",
    "np.ptp(a)", "np.linalg.norm(a)", "np.linalg.norm(a, axis=1)", "np.linalg.norm(v)",
    "np.linalg.norm(a, axis=1, keepdims=True)", "np.sqrt((a ** 2).sum())",
    "np.exp(a - a.max(axis=1, keepdims=True)) / np.exp(a - a.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
    "np.log(np.exp(a).sum(axis=-1))", "np.median(w)",
    # what only moves entries
    "np.concatenate([a, b])", "np.concatenate((a, b), axis=1)", "np.concatenate((a, np.ones((3, 1))), axis=1)",
    "np.stack([a, b])", "np.stack((a, b), axis=-1)", "np.hstack([a, b])", "np.vstack((a, row))",
    "np.column_stack((w, a))", "np.dstack((a, b))", "np.split(a, 2, axis=1)[1]", "np.split(a, [1, 3], axis=1)[1]",
    "np.hsplit(a, 2)[0] * np.hsplit(a, 2)[1]", "np.vsplit(a, 3)[2]", "np.array_split(v, 3)[0]", "a.reshape(4, 3)",
    "a.reshape(-1)", "a.reshape((2, 6))", "np.reshape(a, (6, 2))", "a.T", "a.transpose()", "s.transpose(1, 0, 2)",
    "s.transpose((2, 0, 1))", "np.transpose(s, (1, 2, 0))", "s.swapaxes(0, 1)", "np.swapaxes(s, 1, 2)",
    "np.moveaxis(s, 0, 2)", "np.rollaxis(s, 2)", "row.squeeze()", "np.squeeze(row, axis=0)", "np.expand_dims(v, 1)",
    "v[:, None]", "v[np.newaxis, :]", "a.ravel()", "a.flatten()", "np.atleast_2d(v)", "np.broadcast_to(v, (3, 4))",
    "np.pad(a, 1)", "np.pad(a, ((0, 1), (2, 0)))", "np.pad(a, ((1, 0), (0, 0)), mode='constant')",
    "np.repeat(a, 3, axis=0)", "a.repeat(2, axis=1)", "np.repeat(v, 2)", "np.tile(v, (3, 1))", "np.tile(a, 2)",
    "np.roll(a, 1, axis=0)", "np.roll(a, -2)", "np.flip(a, 1)", "a[::-1]", "np.fliplr(a)", "np.flipud(a)", "np.diag(v)",
    "np.diag(q)", "q.diagonal()", "np.diagflat(v)", "np.take(a, INDEX, axis=0)", "a.take(INDEX, axis=0)",
    "np.append(v, u)", "np.append(a, row, axis=0)", "np.triu(a)", "np.tril(q, -1)", "np.delete(a, 1, axis=0)",
    "np.insert(v, 1, 0.0)", "np.rot90(a)", "np.block([[a, column], [row, np.zeros((1, 1))]])", "np.copy(a)", "a.copy()",
    "a.astype(float)", "np.take_along_axis(a, np.array([[0], [1], [3]]), axis=1)",
    # indexing
    "a[1]", "a[-1, 2]", "a[:, 1:3]", "a[1:, ::2]", "a[..., 0]", "s[:, 0]", "s[-1]", "a[INDEX]", "a[INDEX] * a[0]",
    "a[[0, 1, 2], [3, 3, 0]]", "a[np.arange(3), INDEX[:3]]", "a[INDEX, INDEX]", "a[a > 0]",
    "a[np.array([True, False, True])]", "a[INDEX[:, None], [0, 2]]", "a.T[1]", "s[0].T @ s[1]",
    "-np.log(p[np.arange(3), [0, 3, 1]])",
]  # fmt: skip

PROGRAMS = {
    "a view is read after a write to its base": """
        out = np.zeros((3, 4))
        view = out[:, :2]
        out[:] = a
        return view * 2""",
    "an array of a list": "return np.array([v * 2, u, v + u])",
    "an array of numbers": "return np.array([a.sum(), a[0, 0], 1.0])",
    "an array of a comprehension": "return np.array([np.tanh(x) for x in a])",
    "an array made contiguous": "return np.ascontiguousarray(a.T) + np.asarray(b).T",
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
    "buffers that are handed on in a tuple and written by another": """
        def write(arrays):
            for array, rate in zip(arrays, (2.0, 3.0)):
                array[...] = np.tanh(a) * rate
        class Tape:
            pass
        tape = Tape()
        tape.h, tape.c = np.zeros((3, 4)), np.zeros((3, 4))
        outputs = (tape.h, tape.c)
        write(outputs)
        return tape.h * b + tape.c""",
    "a name for a buffer that is overwritten later": """
        class Tape:
            pass
        tape = Tape()
        tape.memory = np.zeros((2, 3, 4))
        tape.memory[0] = a * 2
        kept = tape.memory[0]
        def further(memory):
            memory += b
            memory[1] = 0.0
        further(tape.memory[0])
        return kept * a""",
    "a step that overwrites its own state": """
        class Named:
            pass
        def step(d, h):
            inputs = (d.h, h)
            (dh, kept) = inputs
            d.h[...] = np.tanh(dh) * kept
        d = Named()
        d.h = a * 1.0
        for x in b:
            step(d, x)
        return d.h""",
    "views of a stacked buffer": """
        rows = np.zeros((3, 8))
        left, right = rows[:, :4], rows[:, 4:]
        pair = (left, right)
        pair[0][...] = a
        pair[1][...] = b * a
        rows *= 2.0
        return rows[:, :4] * left + right""",
    "numbers written over a part of an array": """
        out = a * b
        out[0] = 0.5
        out[1, 1:3] = -1
        return out * a""",
    "out= of a method": """
        out = np.zeros((3, 5))
        backend = [np]
        backend[0].matmul(a, m, out=out)
        out += 1.0
        return out * out""",
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
    "entries of flat": "return sum([a.flat[i] * b.flat[i] for i in range(12)])",
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
    "a global constant array": "return a[INDEX] * np.arange(4.0)",
    "power of a scalar": "return k ** 2 + np.exp(k) * v",
    "a scalar in a condition": "return np.maximum(k, 0.1) * a if k > 5 else k * a",
}  # fmt: skip

# Operations that the tape has no derivative of: what they yield counts as a constant, and has the right value.
CONSTANTS = [
    "np.arctan2(a, p)", "np.hypot(a, b)", "np.tan(a)", "np.arcsin(0.2 * a)", "np.arcsinh(a)", "np.exp2(a)",
    "np.cbrt(p)", "np.mod(a, 10.0)", "np.copysign(p, b)", "np.trace(q)", "np.cumprod(p, axis=1)", "np.sort(v)",
    "a.argmax(axis=1)", "np.argsort(v)", "np.sum([v, u], axis=0)", "np.linalg.inv(q)", "np.round(a, 1)", "a > b",
    "np.isnan(a)", "np.linalg.norm(a, 1)", "a.sum().item()", "np.array(v.tolist())",
    "np.apply_along_axis(lambda x: x * 2, 1, a)", "np.full((3, 4), k)", "np.unique(a)", "np.cross(w, w + 1)",
    "np.convolve(v, u)", "np.interp(0.5, np.sort(v), u)", "a.astype(int)", "np.argmax(a)", "np.fft.rfft(v)", "a.any()",
]  # fmt: skip

# Where the code under check behaves otherwise on a tape than without one, or loses a derivative that it should have.
OTHERWISE = {
    "einsum with an ellipsis": "np.einsum('...ij,jk->...ik', s, m)",
    "einsum with a diagonal": "np.einsum('ii->i', q)",
    "nansum": "np.nansum(a)",
    "copyto with where=": """
        out = a * 2
        np.copyto(out, 0.0, where=a > 0)
        return out""",
    "a division with where= and out=": "np.divide(1.0, a, out=np.full((3, 4), 7.0), where=a > 0.1)",
    "a list as an operand of a sum": "v + [1.0, 2.0, 3.0, 4.0]",
    "a list as an operand of dot": "np.dot(v, [1.0, 2.0, 3.0, 4.0])",
    "a list as an operand of inner": "np.inner([1.0, 2.0, 3.0, 4.0], v)",
    "round() of an entry": "a * round(a[2, 3], 2)",
    "an entry as a key": "a * {a[0, 0]: 2.0}[a[0, 0]]",
    "sorted in place": """
        out = a * 1
        out.sort(axis=1)
        return out""",
    "an outer sum": "np.add.outer(w, v)",
    "an outer difference of matrices": "np.subtract.outer(a, v)",
    "einsum that spreads an axis of one": "np.einsum('ij,ij->ij', a, column)",
    "einsum with two ellipses": "np.einsum('...i,...i', f, v)",
    "einsum with a trace": "np.einsum('ii', q)",
    "einsum with a diagonal and a product": "np.einsum('ii,ij->j', q, m)",
    "einsum into an array": """
        out = np.zeros((3, 5))
        np.einsum('ij,jk->ik', a, m, out=out)
        return out""",
    "running products": "np.cumprod(a, axis=1)",
    "running products of a method": "a.cumprod()",
    "a sum of some entries": "np.sum(a * b, axis=1, where=a > 0)",
    "a mean of some entries": "np.mean(a * b, where=a > 0)",
    "an exponential of some entries, in place": """
        out = 2 * b
        np.exp(a, out=out, where=a > 0)
        return out * b""",
    "an entry as a number of Python": "a * np.exp(a.item(3)) + b * a[1, 2].item()",
    "entries as a list": "np.array([x * y for x, y in zip(v.tolist(), u.tolist())])",
    "a list of lists": "np.array(a.tolist()) @ m",
    "functions of math": """
        import math
        one = math.exp(u[0]) + math.tanh(u[1]) * math.sqrt(u[2] ** 2)
        return v * one + math.log(u[3] ** 2) + math.pow(p[0, 0], 2)""",
    "float() of an entry, rounded and formatted": """
        text = f"{v[0]:.3f} {round(v[1], 1)}"
        return v * float(u[0]) + len(text)""",
    "the entries of a list with numbers among them": "np.add([v[0], 1.0, v[1], 2.0], u)",
    "sorted by a key": "np.stack(sorted(a, key=lambda row: row[0]))",
    "the largest of some entries": "v * max(u[0], u[1], u[2])",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_on_a_tape_has_the_value_and_the_derivatives_that_it_has(expression: str) -> None:
    assert_derivatives(expression, ("traced", "instrumented"))


@pytest.mark.parametrize("body", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_an_instrumented_program_has_the_value_and_the_derivatives_that_it_has(body: str) -> None:
    assert_derivatives(body, ("instrumented",))


@pytest.mark.parametrize("expression", CONSTANTS)
def test_what_the_tape_has_no_derivative_of_keeps_its_value(expression: str) -> None:
    arrays = arrays_of(expression)
    source = program(expression, list(arrays))
    wanted = namespace(source)[0]["run"](**arrays)
    tape = Tape()
    leaves = {name: traced(array, tape, leaf=True) for name, array in arrays.items()}
    found = namespace(source, Recorder(tape))[0]["run"](**leaves)
    np.testing.assert_allclose(plain(found), wanted, rtol=1e-13)


@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
@pytest.mark.parametrize("body", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_what_a_tape_should_not_change(body: str) -> None:
    assert_derivatives(body, ("instrumented",))


def test_the_derivatives_of_two_losses_come_of_one_walk() -> None:
    tape = Tape()
    a = traced(np.array([1.0, 2.0, 3.0]), tape, leaf=True)
    numbers = a.numbers.copy()
    result = np.array([1.0, 0.0]) * (a * a).sum() + np.array([0.0, 1.0]) * a[0] * a[1]
    np.testing.assert_allclose(tape.jacobian(result.numbers)[:, numbers], [[2.0, 4.0, 6.0], [2.0, 1.0, 0.0]])


def test_a_constant_has_no_derivative_and_leaves_no_line_on_the_tape() -> None:
    tape = Tape()
    constant = traced(np.ones(3), tape)
    assert not (np.tanh(constant) * 2).numbers.any()
    assert tape.lines == []


def test_a_use_of_an_array_has_the_share_of_the_gradient_that_goes_through_it() -> None:
    tape = Tape()
    recorder = Recorder(tape)
    space, made = namespace("def run(a):\n    return (a * 3.0 + a * a).sum()\n", recorder)
    assert made is not None
    value = space["run"](traced(np.array([2.0]), tape, leaf=True))
    by_number = tape.adjoints(value.numbers)
    uses = [place for place in recorder.visits if made.nodes[place[0][1]].text == "a"]
    assert [by_number[recorder.visits[place][0].numbers].tolist() for place in uses] == [[3.0], [2.0], [2.0]]


# --- instrumented code ----------------------------------------------------------------------------------------------

BEHAVIOURS = {
    "super and attributes": """
        class Base:
            scale = 2.0
            def __init__(self, n):
                self.W = np.arange(float(n * n)).reshape(n, n)
            def forward(self, x):
                return x @ self.W
        class Layer(Base):
            def __init__(self, n):
                super().__init__(n)
                self.b = np.ones(n)
            def forward(self, x):
                return super().forward(x) * self.scale + self.b
        answer = Layer(3).forward(np.ones(3))""",
    "super with arguments": """
        class Base:
            def value(self):
                return 1.5
        class Further(Base):
            def value(self):
                return super(Further, self).value() * 2.0
        answer = Further().value()""",
    "closures with nonlocal": """
        def counter():
            total = 0.0
            def add(x):
                nonlocal total
                total += x
                return total
            return add
        add = counter()
        add(1.5)
        answer = add(np.ones(2).sum())""",
    "comprehensions of every kind": """
        rows = [x * y for x in (1.0, 2.0) for y in (3.0, 4.0) if x < y]
        table = {k: v * 2.0 for k, v in enumerate(rows)}
        some = {round(v) for v in rows}
        lazy = sum(v * v for v in rows)
        nested = [[i * j for j in range(2)] for i in range(3)]
        answer = (rows, table, some, lazy, nested, [(a, b) for a, b in zip(rows, nested)])""",
    "generators": """
        def steps(n):
            for k in range(n):
                got = yield k * 1.5
                if got:
                    return
        def outer():
            yield from steps(3)
            yield 9.0
        answer = list(outer())""",
    "a while loop with break and else": """
        found, k = [], 0.0
        while True:
            k += 1.5
            if k == 3.0:
                continue
            found.append(k)
            if k > 5:
                break
        while k < 0:
            k += 1
        else:
            found.append(-1.0)
        for x in found:
            if x > 100:
                break
        else:
            found.append(-2.0)
        answer = found""",
    "tabs": "def run(x):\n\tif x > 0:\n\t\treturn x * 2.0\n\treturn x\nanswer = run(1.5)\n",
    "default and keyword arguments": """
        def run(x, scale=2.0 * 3, *rest, shift=1.0, **more):
            return x * scale + sum(rest) + shift + more.get("extra", 0.0)
        answer = run(1.0), run(1.0, 2.0, 3.0, 4.0, shift=5.0, extra=6.0), run(*[1.0, 2.0], **{"shift": 3.0})""",
    "decorators": """
        import functools
        def twice(function):
            @functools.wraps(function)
            def inner(*args, **named):
                return function(function(*args, **named), **named)
            return inner
        def by(factor):
            def decorate(function):
                return lambda x: function(x) * factor
            return decorate
        @by(3.0)
        @twice
        def square(x):
            return x * x
        answer = square(2.0)""",
    "static methods, class methods, properties": """
        class Gate:
            count = 0
            @staticmethod
            def sigmoid(x):
                return 1 / (1 + np.exp(-x))
            @classmethod
            def make(cls):
                cls.count += 1
                return cls()
            @property
            def value(self):
                return self.sigmoid(0.5) * self.count
            @value.setter
            def value(self, new):
                self.count = new
        gate = Gate.make()
        first = gate.value
        gate.value = 4
        answer = first, gate.value""",
    "global state": """
        calls, memory = 0, []
        def run(x):
            global calls
            calls += 1
            memory.append(x * calls)
            return memory[-1]
        answer = [run(2.0), run(3.0), calls, memory]""",
    "operators of its own": """
        class Dual:
            def __init__(self, value):
                self.value = value
            def __add__(self, other):
                return Dual(self.value + other.value)
            def __call__(self, x):
                return self.value * x
            def __getitem__(self, k):
                return self.value * k
            def __len__(self):
                return 3
            def __iter__(self):
                return iter([1.0, self.value])
        both = Dual(1.0) + Dual(2.0)
        answer = both.value, both(2.0), both[3], len(both), list(both)""",
    "data classes and named tuples": """
        from collections import namedtuple
        from dataclasses import dataclass, field
        Cache = namedtuple("Cache", "x h")
        @dataclass
        class Grads:
            dW: float = 0.5
            all: list = field(default_factory=list)
        cache = Cache(1.0, np.ones(2))
        x, h = cache
        grads = Grads(x * 2)
        grads.all.append(cache._replace(x=3.0).x)
        answer = cache.h, h, grads.dW, grads.all""",
    "starred and nested unpacking": """
        (a, b), *rest, last = (1.0, 2.0), 3.0, 4.0, 5.0
        first, *others = np.arange(3.0).tolist()
        answer = a, b, rest, last, first, others, [*rest, last], {**{"a": a}, "b": b}""",
    "exceptions, with, assert, del": """
        import contextlib
        @contextlib.contextmanager
        def doubled(x):
            yield x * 2.0
        with doubled(2.0) as y:
            pass
        try:
            np.zeros(2)[5]
        except IndexError as error:
            kind = type(error).__name__
        finally:
            y += 1.0
        assert y == 5.0, "no"
        z = y
        del y
        answer = kind, z, "y" in globals()""",
    "assignment expressions, chained comparisons": """
        answer = []
        if (n := 3.0 * 2) > 1 and 0 < n < 10:
            answer.append(n or 1.0)
        answer.append(not n)
        answer.append(n if n < 0 else -n)
        while (n := n - 1.5) > 0:
            answer.append(n)""",
    "match": """
        def kind(x):
            match x:
                case {"name": name, **rest}:
                    return name * 2
                case [a, *others]:
                    return a * 1.5
                case float():
                    return x + 1.0
                case _:
                    return 0.0
        answer = kind({"name": 1.5}), kind([2.0, 3]), kind(2.5), kind("x")""",
    "eval and locals": """
        def run(x):
            y = x * 2.0
            return eval("x + y"), sorted(locals())
        answer = run(1.5)""",
    "f-strings": """
        x = 1.23456
        answer = f"{x * 2:.2f} {x!r:>10} {np.ones(2)}" + "%.1f" % x + "{:.1f}".format(x)""",
    "recursion": """
        def deep(n, x):
            return x if n == 0 else np.tanh(deep(n - 1, x) * 1.5)
        answer = deep(5, np.array([0.3, -0.2]))""",
    "a semicolon, several targets, an augmented subscript": """
        a = b = np.zeros(3); a[1] += 2.0; c = {"k": [1.0]}
        c["k"][0] *= 3.0
        a[0], c["m"] = 5.0, 6.0
        answer = a, b, c""",
    "random numbers": """
        np.random.seed(3)
        g = np.random.default_rng(4)
        answer = np.random.randn(2, 3), g.normal(size=3), np.random.choice(4), g.integers(0, 5, 3)""",
    "lambdas with defaults": """
        functions = [lambda x, k=k: x * k for k in range(3)]
        answer = [f(2.0) for f in functions], sorted([3.0, 1.0], key=lambda x: -x), list(map(abs, [-1.0]))""",
    "type hints": """
        from typing import List
        def run(x: float, y: "List[float]" = [1.0]) -> float:
            z: float = x * y[0]
            w: float
            w = z
            return w
        answer = run(2.0), run.__annotations__["y"]""",
    "docstrings and names": """
        def run():
            'The function.'
            return __name__
        answer = run.__doc__, run.__name__, run()
        if __name__ == "__main__":
            answer = "main" """,
    "integers and strings": """
        text = "hello"
        ids = {c: i for i, c in enumerate(sorted(set(text)))}
        answer = [ids[c] for c in text], len(text) // 2, -3 % 5, 2 ** 3, text * 2, "a" + "b", 7 / 2""",
    "an exchange of array entries": """
        a = np.arange(4.0)
        a[0], a[1] = a[1].copy(), a[0].copy()
        a[[2, 3]] = a[[3, 2]]
        answer = a""",
    "entries of arrays in conditions and indices": """
        a = np.arange(6.0).reshape(2, 3)
        order = [int(x) for x in a[0]]
        answer = a[:, order[1]], [x for x in a[1] if x > 3], max(a[0]), a.shape[0] * 1.0, len(a), a.tolist()""",
}  # fmt: skip


@pytest.mark.parametrize("taped", [False, True], ids=["untraced", "traced"])
@pytest.mark.parametrize("body", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_instrumented_code_does_what_the_code_does(body: str, taped: bool) -> None:
    source = f"import numpy as np\n{textwrap.dedent(body).strip()}\n"
    wanted = namespace(source)[0]["answer"]
    found = namespace(source, Recorder(Tape() if taped else None))[0]["answer"]
    np.testing.assert_equal(plain_inside(found), wanted)


def plain_inside(value: Any) -> Any:
    """Return a value in which no array is traced."""
    if isinstance(value, dict):
        return {key: plain_inside(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_inside(one) for one in value)
    return plain(value)


def test_a_future_import_and_a_docstring_stay_at_the_top_of_a_file() -> None:
    source = '"""A file."""\nfrom __future__ import annotations\n\nanswer: float = 2.0 * 3.0\n'
    space, _ = namespace(source, Recorder())
    assert (space["__doc__"], space["answer"], space["__annotations__"]) == ("A file.", 6.0, {"answer": "float"})


def test_instrumented_code_fails_with_the_error_and_at_the_line_of_the_code() -> None:
    space, _ = namespace("def run(x):\n    y = x * 2.0\n\n    return y + missing\n", Recorder(Tape()))
    with pytest.raises(NameError, match="missing") as caught:
        space["run"](1.0)
    assert caught.traceback[-1].lineno == 3  # counted from 0


def test_a_file_that_is_no_python_raises_a_syntax_error_with_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        instrument("x = 1\ny = = 2\n", "wrong.py")
    assert (caught.value.filename, caught.value.lineno) == ("wrong.py", 2)


# --- visits and forced values ---------------------------------------------------------------------------------------

LOOPS = """
def step(x):
    return x * 2.0

def run(n, m):
    found = []
    for i in range(n):
        start = 1.0 * i
        for j in range(m):
            found.append(start + 10.0 * j)
        found.append(step(start))
    for k in range(2):
        found.append(step(100.0 + k))
    return found
"""


def visits_of(recorder: Recorder, made: Instrumented | None, text: str) -> list[Any]:
    """Return the visits of the expression with this text, one list for each place."""
    assert made is not None
    return [visits for place, visits in recorder.visits.items() if made.nodes[place[0][1]].text == text]


def test_each_visit_has_the_turns_of_the_loops_around_it_and_its_value() -> None:
    recorder = Recorder()
    space, made = namespace(LOOPS, recorder)
    space["run"](2, 3)
    (visits,) = visits_of(recorder, made, "start + 10.0 * j")
    assert [visit.turns for visit in visits] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert [float(visit.value) for visit in visits] == [0.0, 10.0, 20.0, 1.0, 11.0, 21.0]
    ranks = [visit.rank for visit in visits]
    assert ranks == sorted(set(ranks))


def test_a_helper_that_is_called_at_two_places_is_two_places_with_the_turns_of_its_callers() -> None:
    recorder = Recorder()
    space, made = namespace(LOOPS, recorder)
    space["run"](3, 1)
    first, second = visits_of(recorder, made, "x * 2.0")
    assert [(visit.turns, float(visit.value)) for visit in first] == [((0,), 0.0), ((1,), 2.0), ((2,), 4.0)]
    assert [(visit.turns, float(visit.value)) for visit in second] == [((0,), 200.0), ((1,), 202.0)]


def test_a_loop_that_is_broken_off_leaves_no_turn_behind() -> None:
    source = (
        "def run():\n    for i in range(3):\n        for j in range(9):\n            if j == 1:\n"
        "                break\n        x = i * 1.5\n    return 2.0 * 3.0\n"
    )
    recorder = Recorder()
    space, made = namespace(source, recorder)
    space["run"]()
    (inner,) = visits_of(recorder, made, "i * 1.5")
    (after,) = visits_of(recorder, made, "2.0 * 3.0")
    assert [visit.turns for visit in inner] == [(0,), (1,), (2,)]
    assert [visit.turns for visit in after] == [()]


@pytest.mark.parametrize("way", ["return 1.0", "raise KeyError"])
def test_a_function_that_is_left_from_within_a_loop_leaves_no_turn_behind(way: str) -> None:
    source = (
        f"def inner():\n    for j in range(9):\n        if j == 2:\n            {way}\n\n"
        "def run():\n    for i in range(2):\n        try:\n            inner()\n        except KeyError:\n"
        "            pass\n        x = i * 1.5\n"
    )
    recorder = Recorder()
    space, made = namespace(source, recorder)
    space["run"]()
    visits = [visit for place in visits_of(recorder, made, "i * 1.5") for visit in place]
    assert [visit.turns for visit in visits] == [(0,), (1,)]


def test_an_error_that_is_caught_leaves_no_call_behind() -> None:
    source = (
        "def inner(x):\n    raise KeyError\n\ndef run():\n    for i in range(3):\n        try:\n            inner(i)\n"
        "        except KeyError:\n            pass\n        x = i * 1.5\n"
    )
    recorder = Recorder()
    space, made = namespace(source, recorder)
    space["run"]()
    assert [len(visits) for visits in visits_of(recorder, made, "i * 1.5")] == [3]


def test_a_forced_value_stands_in_the_place_of_its_visit_and_of_no_other() -> None:
    recorder = Recorder()
    space, made = namespace(LOOPS, recorder)
    plainly = space["run"](2, 2)
    assert made is not None
    (place,) = [one for one in recorder.visits if made.nodes[one[0][1]].text == "start + 10.0 * j"]
    recorder.begin()
    recorder.forced[place] = [None, None, np.array(-7.0)]
    forced = space["run"](2, 2)
    assert [k for k, (one, other) in enumerate(zip(plainly, forced, strict=True)) if one != other] == [3]
    assert forced[3] == -7.0


def test_a_forced_array_reaches_what_is_computed_of_it_and_is_not_itself_changed() -> None:
    source = "def run(a):\n    for k in range(2):\n        a = a**0.5\n        a *= 2.0\n    return a\n"
    recorder = Recorder()
    space, made = namespace(source, recorder)
    space["run"](np.ones(2))
    assert made is not None
    (place,) = [one for one in recorder.visits if made.nodes[one[0][1]].text == "a ** 0.5"]
    recorder.begin()
    given = np.array([0.25, 0.5])
    recorder.forced[place] = [None, given]
    np.testing.assert_array_equal(space["run"](np.ones(2)), [0.5, 1.0])
    assert given.tolist() == [0.25, 0.5]


FORCED = {
    "a number written over an array": ("d[...] = 0.0", "0.0"),
    "a whole number written over a part": ("d[:1] = -1", "-1"),
    "a result written to out=": ("np.multiply(d, 3.0, out=d)", "np.multiply(d, 3.0, out=d)"),
    "a value of a comprehension": ("all = {k: x * 2.0 for k, x in {'d': d}.items()}\n    d = all['d']", "x * 2.0"),
    "what a call that is a statement is given": ("np.add.at(d, [0, 1], given)", "given"),
}


@pytest.mark.parametrize(("statement", "text"), FORCED.values(), ids=FORCED.keys())
def test_what_a_statement_writes_into_an_array_can_be_forced(statement: str, text: str) -> None:
    source = f"import numpy as np\ndef run(a):\n    d, given = a * 2.0, a * 5.0\n    {statement}\n    return d\n"
    recorder = Recorder()
    space, made = namespace(source, recorder)
    plainly = space["run"](np.ones(2))
    assert made is not None
    (place,) = [one for one in recorder.visits if made.nodes[one[0][1]].text == text and made.nodes[one[0][1]].whole]
    wanted = np.array([7.0, 8.0])[: recorder.visits[place][0].value.size]
    recorder.begin()
    recorder.forced[place] = [wanted]
    changed = space["run"](np.ones(2)) - plainly
    assert changed[: wanted.size].any()
    assert (recorder.visits[place][0].value == wanted).all()


def test_a_number_written_over_an_array_has_a_derivative() -> None:
    tape = Tape()
    recorder = Recorder(tape)
    space, made = namespace("def run(a):\n    d = a * 2.0\n    d[1:] = 0.0\n    return (d * a).sum()\n", recorder)
    value = space["run"](traced(np.array([2.0, 3.0, 4.0]), tape, leaf=True))
    ((visit,),) = visits_of(recorder, made, "0.0")
    assert tape.adjoints(value.numbers)[visit.numbers].tolist() == [3.0, 4.0]


def test_the_numbers_of_a_use_are_its_own_until_its_memory_is_written_to() -> None:
    tape = Tape()
    recorder = Recorder(tape)
    array = traced(np.array([1.0, 2.0]), tape, leaf=True)
    use = recorder.use(array)
    assert not (use.numbers == array.numbers).any()
    array[0] = 5.0 * array[1]
    assert (use.numbers == array.numbers).tolist() == [True, False]
    use[1] = 7.0 * array[0]
    assert (use.numbers == array.numbers).tolist() == [True, True]
    assert (use[::-1].numbers == array[::-1].numbers).all()
    assert array.tolist() == [10.0, 70.0]


@pytest.mark.parametrize(("after", "wanted"), [(False, {"x": 3.0, "y": 6.0}), (True, {"x": 3.0, "y": 7.0})])
def test_the_variables_before_or_after_a_statement_are_handed_out(after: bool, wanted: dict[str, float]) -> None:
    recorder = Recorder()
    made = instrument("def run(x):\n    y = x * 2.0\n    y = y + 1.0\n    return y\n", "made.py", 1, after)
    space: dict[str, Any] = recorder.names("made")
    exec(made.code, space)
    recorder.begin()
    space["run"](3.0)
    assert recorder.frames == [wanted]
