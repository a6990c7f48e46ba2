"""Hold every folder here to finite differences: right.py is right, code.py is wrong, and each of its mistakes counts.

python tests/mistakes_in_the_wild/verify.py [NAME ...]
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*seen/*/truth.json"))
STEP, CLOSE, WRONG, SIZES = 1e-5, 1e-6, 1e-4, (1, 2, 3, 4)


class Drawn:
    """What a harness is handed as r, in a few lines: the same numbers at every run, one array moved on demand."""

    def __init__(self, steps: int, seed: int = 0) -> None:
        """Draw for a number of time steps."""
        self.T, self.seed = steps, seed
        self.base: list[np.ndarray] = []
        self.start()

    def start(self, key: int = -1, by: np.ndarray | float = 0.0) -> None:
        """Begin a run in which the array number `key` is moved."""
        self.moved = key, by
        self.handed: list[np.ndarray] = []
        self.draws = self.losses = 0
        self.total = 0.0

    def _number(self) -> np.random.Generator:
        self.draws += 1
        return np.random.default_rng((self.seed, self.T, self.draws))

    def _fill(self, array: np.ndarray) -> np.ndarray:
        key = len(self.handed)
        if key == len(self.base):
            self.base.append(0.7 * self._number().normal(size=array.shape))
        array[...] = self.base[key]
        if self.moved[0] == key:
            array += self.moved[1]
        self.handed.append(array)
        return array

    def __call__(self, *shape: int) -> np.ndarray:
        """Return a random array."""
        return self._fill(np.zeros(shape))

    def ints(self, below: int, *shape: int) -> Any:
        """Return whole numbers from 0 to below - 1."""
        found = np.random.default_rng((self.seed, below, *shape)).integers(below, size=shape)
        return found if shape else int(found)

    def new(self, kind: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Return an object made anew, its float64 arrays random."""
        return self.adopt(kind(*args, **named))

    def adopt(self, thing: Any) -> Any:
        """Fill the float64 arrays of anything with random numbers."""
        for array in arrays(thing, set()):
            self._fill(array)
        return thing

    def loss(self, value: Any) -> Any:
        """Take a number as the loss, or an array times random weights, which are returned."""
        self.losses += 1
        weights = np.random.default_rng((self.seed, 77, self.losses)).normal(size=np.shape(value))
        if np.ndim(value) == 0:
            weights = np.ones(())
        self.total += float((weights * value).sum())
        return weights


def arrays(thing: Any, seen: set[int]) -> Iterator[np.ndarray]:
    """Yield every float64 array that can be reached from a thing, each once."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        if thing.dtype == np.float64:
            yield thing
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from arrays(part, seen)
    elif isinstance(thing, (list, tuple)):
        for part in thing:
            yield from arrays(part, seen)
    elif isinstance(thing, types.ModuleType) or type(thing).__module__ == "code":
        for name, part in vars(thing).items():
            if not name.startswith("__") and not isinstance(part, (type, types.ModuleType, types.FunctionType)):
                yield from arrays(part, seen)


def module(text: str, name: str, **at_hand: types.ModuleType) -> types.ModuleType:
    """Return the module that a text makes; while it runs, `at_hand` are the modules that it can import."""
    made = types.ModuleType(name)
    kept = {key: sys.modules.get(key) for key in (name, *at_hand)}
    sys.modules.update({name: made, **at_hand})
    try:
        exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    finally:
        for key, old in kept.items():
            if old is None:
                del sys.modules[key]
            else:
                sys.modules[key] = old
    return made


def error(code: str, harness: str, steps: int, seed: int = 0, each: bool = True) -> float:
    """Return by how much a gradient differs from its difference quotient, at most; infinite for a wrong shape.

    Entry by entry, or else along two random directions in every array, which is quicker and says as much of wrong ones.
    """
    user = module(code, "code")
    ask = module(harness, "harness", code=user).harness
    r = Drawn(steps, seed)

    def run(*move: Any) -> list[tuple[np.ndarray, Any]]:
        r.start(*move)
        return [(array, gradient) for array, gradient in ask(user, r)]

    pairs = run()
    keys = [next(key for key, drawn in enumerate(r.handed) if drawn is array) for array, _ in pairs]
    worst = 0.0
    for key, (_, gradient) in zip(keys, pairs, strict=True):
        shape = r.base[key].shape
        if gradient is None or np.shape(gradient) != shape:
            return np.inf
        found = np.array(gradient, dtype=float)
        directions = np.eye(found.size) if each else np.random.default_rng(key).normal(size=(2, found.size))
        for direction in directions.reshape(-1, *shape):
            run(key, STEP * direction)
            above = r.total
            run(key, -STEP * direction)
            difference = abs((above - r.total) / (2 * STEP) - (found * direction).sum())
            worst = max(worst, difference if np.isfinite(difference) else np.inf)
    return worst


def disagrees(code: str, harness: str) -> bool:
    """Return whether a gradient is wrong at any of the sizes; code that stops with an error is wrong, too."""
    try:
        return any(error(code, harness, steps, each=False) > WRONG for steps in reversed(SIZES))
    except Exception:
        return True


def mended(code: str, statements: list[dict[str, Any]]) -> str:
    """Return a code with some statements mended: replaced, put before their line, or taken out."""
    lines = code.split("\n")
    for statement in sorted(statements, key=lambda one: (-one["line"], not one["before"])):
        at = statement["line"] - 1
        if statement["before"]:
            assert lines[at] == statement["before"], (statement, lines[at])
        lines[at : at + bool(statement["before"])] = [statement["after"]] if statement["after"] else []
    return "\n".join(lines)


def complaints(folder: Path) -> list[str]:
    """Return what is not so in a folder, in words; nothing where it is as it should be."""
    code, right, harness = ((folder / name).read_text("utf-8") for name in ("code.py", "right.py", "harness.py"))
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    statements = truth["statements"]
    found = []
    if truth["where"] not in ("backward", "forward"):
        found.append(f"where: {truth['where']}")
    if not 1 <= len(statements) <= 6:
        found.append(f"{len(statements)} mistakes")
    if not 40 <= code.count("\n") <= 150:
        found.append(f"{code.count(chr(10))} lines")
    if mended(code, statements) != right:
        found.append("right.py is not code.py with its statements mended")
    for steps in SIZES:
        if (size := error(right, harness, steps, seed=steps)) > CLOSE:
            found.append(f"right.py is wrong by {size:.1e} at T = {steps}")
    if not disagrees(code, harness):
        found.append("code.py is right")
    for one in statements if len(statements) > 1 else []:
        if not disagrees(mended(code, [other for other in statements if other is not one]), harness):
            found.append(f"right without line {one['line']}, too: {one['after'].strip() or one['before'].strip()}")
    return found


if __name__ == "__main__":
    for place in FOLDERS:
        if not sys.argv[1:] or any(name in str(place) for name in sys.argv[1:]):
            print(place.relative_to(HERE), *(complaints(place) or ["good"]), sep="\n  ", flush=True)
