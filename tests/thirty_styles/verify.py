"""Hold the thirty files to difference quotients, and to nothing else: no part of the library is imported here.

`python tests/thirty_styles/verify.py [NAME ...]` says for each file which gradients are wrong at T = 1..4, after having
seen that its right.py is right there, that every statement in its truth.json is necessary, and that the statements
turn code.py into right.py. What a harness calls r is imitated by `Draws`.
"""

from __future__ import annotations

import json
import sys
import types
from itertools import combinations
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NAMES = sorted(path.name for path in HERE.iterdir() if (path / "truth.json").exists())
STEPS = {True: (1, 2, 3, 4), False: (1, 3)}  # with every entry, with random directions
EPS = 1e-5


class Draws:
    """The r of a harness: random arrays by a seed, one of them pushed along a direction where `push` says so."""

    def __init__(self, T: int, seed: int = 0, push: tuple[int, np.ndarray] | None = None) -> None:
        self.T, self.total, self.handed, self.push = T, 0.0, [], push
        self.rng = np.random.default_rng([seed, T])

    def fill(self, a: np.ndarray) -> np.ndarray:
        """Fill an array in place and remember it."""
        a[...] = 0.6 * self.rng.normal(size=a.shape)
        if self.push and self.push[0] == len(self.handed):
            a += self.push[1]
        self.handed.append(a)
        return a

    def __call__(self, *shape: int) -> np.ndarray:
        return self.fill(np.empty(shape))

    def ints(self, below: int, *shape: int):
        """Return whole numbers under `below`."""
        return self.rng.integers(below, size=shape) if shape else int(self.rng.integers(below))

    def new(self, make, *args, **kwargs):
        """Return make(...), its arrays filled."""
        return self.adopt(make(*args, **kwargs))

    def adopt(self, it):
        """Fill every float64 array within an object, a module, a dictionary or a list; each once."""
        seen: set[int] = set()

        def walk(value) -> None:
            if id(value) in seen:
                return
            seen.add(id(value))
            if isinstance(value, np.ndarray):
                if value.dtype == np.float64:
                    self.fill(value)
            elif isinstance(value, dict):
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, list | tuple):
                for inner in value:
                    walk(inner)
            elif isinstance(value, types.ModuleType):
                if value is it:
                    walk({k: v for k, v in vars(value).items() if not k.startswith("__")})
            elif hasattr(value, "__dict__") and not isinstance(value, type | types.FunctionType):
                walk(vars(value))

        walk(it)
        return it

    def loss(self, y):
        """Add a number, or the sum of an array times random weights, which are returned."""
        if np.ndim(y) == 0:
            self.total += float(y)
            return 1.0
        weights = self.rng.normal(size=np.shape(y))
        self.total += float((weights * y).sum())
        return weights


def load(text: str, name: str) -> types.ModuleType:
    """Run a file's text as a module."""
    module = types.ModuleType(f"thirty_{name}")
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    exec(compile(text, name, "exec"), vars(module))
    return module


def errors(text: str, harness, T: int, every: bool, seed: int = 0) -> list[float]:
    """Return for each pair the relative error of its gradient against central differences.

    Along every entry where `every` is true, along three random directions where not.
    """
    module = load(text, "module")

    def run(push=None):
        draws = Draws(T, seed, push)
        return draws, harness(module, draws)

    first, pairs = run()
    pairs = [(array, np.array(gradient, dtype=float)) for array, gradient in pairs]  # the next run may write into them
    if run()[0].total != first.total:
        raise ValueError("the loss differs when it is asked twice")
    found = []
    for array, gradient in pairs:
        index = next(i for i, handed in enumerate(first.handed) if handed is array)
        if np.shape(gradient) != array.shape:
            raise ValueError(f"a gradient has shape {np.shape(gradient)}, its array {array.shape}")
        size = array.size
        along = np.eye(size) if every else np.random.default_rng(1).normal(size=(3, size))
        mine, true = [], []
        for v in along.reshape(-1, *array.shape):
            up, down = run((index, EPS * v))[0].total, run((index, -EPS * v))[0].total
            true.append((up - down) / (2 * EPS))
            mine.append(float((gradient * v).sum()))
        scale = max(np.linalg.norm(true), np.linalg.norm(mine), 1e-3)
        found.append(float(np.linalg.norm(np.subtract(mine, true)) / scale))
    return found


def cured(text: str, statements: list[dict]) -> str:
    """Return a file's text with these statements mended; an empty `after` takes the line away."""
    lines = text.split("\n")
    for it in statements:
        if lines[it["line"] - 1].strip() != it["before"].strip():
            raise ValueError(f"line {it['line']} is {lines[it['line'] - 1]!r}, not {it['before']!r}")
        lines[it["line"] - 1] = it["after"] if it["after"] else None
    return "\n".join(line for line in lines if line is not None)


def wrong_steps(text: str, harness, every: bool) -> dict[int, list[int]]:
    """Return the numbers of the pairs with a wrong gradient, for each T that has some; a doubtful one is an error."""
    found = {}
    for T in STEPS[every]:
        every_error = errors(text, harness, T, every)
        if doubtful := [e for e in every_error if 1e-6 < e < 1e-4 or e != e]:
            raise ValueError(f"doubtful at T = {T}: {doubtful}")
        if bad := [i for i, e in enumerate(every_error) if e > 1e-6]:
            found[T] = bad
    return found


def verify(name: str, every: bool = False) -> dict[int, list[int]]:
    """Return where code.py of this folder is wrong, or raise ValueError where the folder does not hold."""
    folder = HERE / name
    code, right = (folder / "code.py").read_text("utf-8"), (folder / "right.py").read_text("utf-8")
    statements = json.loads((folder / "truth.json").read_text("utf-8"))["statements"]
    harness = load((folder / "harness.py").read_text("utf-8"), "harness").harness
    if cured(code, statements) != right:
        raise ValueError("the statements do not turn code.py into right.py")
    if bad := wrong_steps(right, harness, every):
        raise ValueError(f"right.py is wrong: {bad}")
    for n in range(len(statements)):
        for some in combinations(statements, n):
            bad = wrong_steps(cured(code, list(some)), harness, every)
            if not set(bad) & {1, 2, 3}:
                raise ValueError(f"with {some} alone mended it is right up to T = 3")
    return wrong_steps(code, harness, every)


if __name__ == "__main__":
    for each in sys.argv[1:] or NAMES:
        wrong = verify(each, every=True)
        print(f"{each}: " + (f"wrong pairs at each T: {wrong}" if wrong else "right"), flush=True)
