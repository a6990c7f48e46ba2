"""A harness, run at several sizes and seeds: its loss, its gradients, and what they should be.

    subject = Subject(program, harness)
    subject.run(module, T)          -> Result: the loss, and the gradient of each array, by its place in the order
    subject.true(T)                 -> the true gradients: by the tape, confirmed by difference quotients; or by these
    subject.traced(T)               -> every value of a run, with the derivative of the loss in it

Read next: harness_form.py.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder, Tape, TracedArray, plain
from scratchnet.gradcheck.subjects.module_state import ModuleState
from scratchnet.gradcheck.subjects.program import Program
from scratchnet.gradcheck.subjects.tool import Arrays, Border, HarnessError, Tool

Harness = Callable[[Any, Any], Any]

STEP = 1e-5


@dataclass
class Result:
    """One run: the loss and the gradients by the place of their array in the order; the error that stopped it."""

    loss: float = float("nan")
    gradients: dict[int, Any] = field(default_factory=dict)
    error: BaseException | None = None


@dataclass
class TracedRun:
    """A run of instrumented code: what it reported, and dL/d(entry) by the entry's number."""

    result: Result
    recorder: Recorder
    adjoints: Array
    reaches: Array  # whether the loss depends on an entry
    serves: Array  # whether a gradient depends on an entry
    gradients: dict[int, Array]
    tape: Tape
    returned: dict[int, Any]
    border: int  # the rank of the last value before the loss was there


class Subject:
    """A program and its harness. sizes: the T at which it is judged; the last ones are kept for verification."""

    def __init__(self, program: Program, harness: Harness, times: tuple[int, ...] = (1, 2, 3), seed: int = 0) -> None:
        self.program, self.harness, self.times, self.seed = program, harness, times, seed
        self._arrays: dict[tuple[int, int], Arrays] = {}
        self._true: dict[tuple[int, int], dict[int, Array]] = {}
        self._losses: dict[tuple[int, int], int] = {}
        self.module = program.load()
        self._state = ModuleState(self.module)
        self.checked: list[int] = []  # the arrays that the harness returns gradients of
        self.evaluations = 0

    @property
    def probe(self) -> int:
        """The T at which a first look is taken: two steps show what is handed back, and cost little."""
        return self.times[min(1, len(self.times) - 1)]

    def arrays(self, T: int, seed: int | None = None) -> Arrays:
        """Return the arrays at this T and seed."""
        key = (T, self.seed if seed is None else seed)
        if key not in self._arrays:
            self._arrays[key] = Arrays(*key)
        return self._arrays[key]

    def run(self, T: int, module: ModuleType | None = None, seed: int | None = None) -> Result:
        """Run forward and backward; an error of the code is in the result."""
        tool = Tool(self.arrays(T, seed))
        self.evaluations += 1
        try:
            with np.errstate(all="ignore"):
                pairs = tool.pairs(self.harness(module or self.module, tool))
        except HarnessError:
            raise
        except Exception as error:
            return Result(error=error)
        finally:
            if module is None:
                self._state.restore()
        self._losses[(T, self.seed if seed is None else seed)] = tool.losses
        self.checked = [place for place, _ in pairs]
        return Result(float(plain(tool.value)), {place: plain(gradient) for place, gradient in pairs})

    def loss(self, T: int, seed: int | None = None, module: ModuleType | None = None) -> float:
        """Return the loss alone: the run ends where the forward does."""
        key = (T, self.seed if seed is None else seed)
        tool = Tool(self.arrays(*key), stop_after=self._losses.get(key, 0))
        self.evaluations += 1
        with np.errstate(all="ignore"), contextlib.suppress(Border):
            for _ in self.harness(module or self.module, tool) or ():  # a harness may return a generator
                pass
        if module is None:
            self._state.restore()
        return float(plain(tool.value))

    def true(self, T: int, seed: int | None = None, module: ModuleType | None = None) -> dict[int, Array]:
        """Return the true gradients, by the place of each array."""
        key = (T, self.seed if seed is None else seed)
        if module is not None:
            return {place: self.quotients(place, T, seed, module) for place in self.run(T, module, seed).gradients}
        if key not in self._true:
            run = self.traced(T, seed)
            found = {}
            places = list(run.returned) if run.result.error is None else self.checked
            for place in places:
                numeric_ok = place in run.gradients and self._confirmed(place, run.gradients[place], T, seed)
                found[place] = run.gradients[place] if numeric_ok else self.quotients(place, T, seed)
            self._true[key] = found
        return self._true[key]

    def _confirmed(self, place: int, gradient: Array, T: int, seed: int | None) -> bool:
        """Tell whether difference quotients along two random directions agree with a gradient."""
        master = self.arrays(T, seed).kept[place]
        rng = np.random.default_rng(place)
        for _ in range(2):
            direction = rng.normal(size=master.shape)
            quotient = self._quotient(master, direction, T, seed)
            size = np.linalg.norm(gradient) * np.linalg.norm(direction) / np.sqrt(max(1, gradient.size))
            if not abs(quotient - float((gradient * direction).sum())) <= 1e-6 * size + 1e-8:
                return False
        return True

    def _quotient(self, master: Array, direction: Array, T: int, seed: int | None, module: Any = None) -> float:
        before = master.copy()
        try:
            values = []
            for factor in (1.0, -1.0, 2.0, -2.0):
                master[...] = before + factor * 1e-4 * direction
                values.append(self.loss(T, seed, module))
            # Of fourth order: what is left is the rounding of the loss over the step, 1e-12.
            return (8.0 * (values[0] - values[1]) - (values[2] - values[3])) / 12e-4
        finally:
            master[...] = before

    def quotients(self, place: int, T: int, seed: int | None = None, module: Any = None) -> Array:
        """Return a gradient entry by entry, by difference quotients."""
        master = self.arrays(T, seed).kept[place]
        found = np.zeros(master.shape)
        for index in np.ndindex(master.shape):
            direction = np.zeros(master.shape)
            direction[index] = 1.0
            found[index] = self._quotient(master, direction, T, seed, module)
        return found

    def traced(
        self, T: int, seed: int | None = None, recorder: Recorder | None = None, edits: Mapping[str, str] | None = None
    ) -> TracedRun:
        """Run the instrumented code on a tape."""
        tape = Tape()
        recorder = recorder or Recorder()
        recorder.tape = tape
        recorder.begin()
        module = self.program.load(recorder, edits)
        recorder.begin()
        tool = Tool(self.arrays(T, seed), tape)
        border = 0

        def reached() -> None:
            nonlocal border
            border = recorder.rank

        tool.on_loss = reached
        result, pairs = Result(), []
        try:
            with np.errstate(all="ignore"):
                found = list(_listed(self.harness(module, tool)))
                pairs = tool.pairs(found)
        except HarnessError:
            raise
        except Exception as error:
            result = Result(error=error)
        else:
            result = Result(float(plain(tool.value)), {place: plain(gradient) for place, gradient in pairs})
        key = (T, self.seed if seed is None else seed)
        self._losses.setdefault(key, tool.losses)
        value = tool.value
        numbers = value.numbers if isinstance(value, TracedArray) else 0
        adjoints = tape.adjoints(numbers)
        gradients = {place: adjoints[leaf.numbers] for place, leaf in tool.leaves.items()}
        served = [np.ravel(g.numbers) for _, g in pairs if isinstance(g, TracedArray) and g.numbers is not None]
        given = np.concatenate(served) if served else np.zeros(1, int)
        serves = tape.adjoints(given, np.cos(np.arange(len(given)) + 1.0)) != 0
        return TracedRun(result, recorder, adjoints, adjoints != 0, serves, gradients, tape, dict(pairs), border)

    def names(self, T: int = 2) -> dict[int, str]:
        """Return the name of each array: that of the harness's variable, or where it was found in an object."""
        arrays = self.arrays(T)
        tool = Tool(arrays)
        found = dict(arrays.names)

        def look(frame: Any, event: str, argument: Any) -> None:
            if event == "return" and frame.f_code.co_name == "harness":
                for name, value in frame.f_locals.items():
                    if id(value) in tool.owned:
                        found.setdefault(tool.owned[id(value)][0], name)

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            with np.errstate(all="ignore"), contextlib.suppress(Exception):
                tool.pairs(_listed(self.harness(self.module, tool)))
        finally:
            sys.setprofile(before)
            self._state.restore()
        return {key: found.get(key) or arrays.names.get(key, f"array {key + 1}") for key in arrays.kept}


def _listed(found: Any) -> Iterator[Any]:
    yield from (found.items() if isinstance(found, dict) else found)
