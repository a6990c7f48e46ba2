"""A harness, run at several sizes and seeds: its loss, its gradients, and what they should be.

    subject = Subject(program, harness)
    subject.run(module, T)          -> Result: the loss, and the gradient of each array, by its place in the order
    subject.true(T)                 -> the true gradients: by the tape, confirmed by difference quotients; or by these
    subject.traced(T)               -> every value of a run, with the derivative of the loss in it

Read next: left_out.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder, Tape, TracedArray, plain
from scratchnet.gradcheck.subjects.arrays import Arrays, Family
from scratchnet.gradcheck.subjects.names import names_in, twin_of, unlike
from scratchnet.gradcheck.subjects.program import Program
from scratchnet.gradcheck.subjects.quotients import quotient, quotients
from scratchnet.gradcheck.subjects.runs import Result as Result
from scratchnet.gradcheck.subjects.runs import TracedRun as TracedRun
from scratchnet.gradcheck.subjects.runs import result_of
from scratchnet.gradcheck.subjects.tool import Border, Tool
from scratchnet.usercode import ProcessEnded

Harness = Callable[[Any, Any], Any]


class Subject:
    """A program and its harness. times: the T at which it is judged.

    varied: the harness brings its own values, which are those at the first T; at the others they are varied.
    """

    def __init__(
        self,
        program: Program,
        harness: Harness,
        times: tuple[int, ...] = (1, 2, 3),
        seed: int = 0,
        varied: bool = False,
    ) -> None:
        self.program, self.harness, self.times, self.seed, self.varied = program, harness, times, seed, varied
        self._arrays = Family()
        self._true: dict[tuple[int, int], dict[int, Array]] = {}
        self._losses: dict[tuple[int, int], int] = {}
        self.module = program.load()
        self._owned: dict[int, tuple[int, Any]] = {}  # by the last run
        self.checked: list[int] = []  # the arrays that the harness returns gradients of

    @property
    def probe(self) -> int:
        """The T at which a first look is taken: two steps show what is handed back, and cost little."""
        return self.times[min(1, len(self.times) - 1)]

    def arrays(self, T: int, seed: int | None = None) -> Arrays:
        """Return the arrays at this T and seed."""
        key = (T, self.seed if seed is None else seed)
        if key not in self._arrays:
            self._arrays[key] = Arrays(*key, self._arrays, self.varied and key != (1, self.seed))
        return self._arrays[key]

    def run(self, T: int, module: ModuleType | None = None, seed: int | None = None) -> Result:
        """Run forward and backward; an error, of the code or in the use of the harness, is in the result."""
        self._settle(T, seed)
        tool = Tool(self.arrays(T, seed))
        try:
            pairs = self._pairs(module or self.module, tool)
        except Exception as error:
            return Result(error=error)
        self._losses[(T, self.seed if seed is None else seed)] = tool.losses
        self.checked = [place for place, _ in pairs]
        if module is None:
            self._owned = tool.owned
        return result_of(tool, pairs)

    def same_loss_as(self, other: Subject) -> bool:
        """Tell whether the forward is that of another one, of which this is an edit: the true gradients are shared."""
        return self._true is other._true

    def again(self, T: int) -> Result:
        """Return the second of two runs, with what the first has left behind in modules and objects."""
        with self.program.keeping(self.module):
            self.run(T)
            return self.run(T)

    def written_into(self, T: int) -> set[int]:
        """Return the arrays, by their place, that hold other values after the backward than before it."""
        tool, before = Tool(self.arrays(T)), dict[int, Array]()

        def keep() -> None:
            before.update({key: np.array(array) for key, array in tool.owned.values()})

        tool.on_loss = keep
        with contextlib.suppress(Exception):
            self._pairs(self.module, tool)
        return {key for key, array in tool.owned.values() if not np.array_equal(array, before.get(key, array))}

    def _pairs(self, module: ModuleType, tool: Tool) -> list[tuple[int, Any]]:
        try:
            with self.program.entered(module), np.errstate(all="ignore"):
                return tool.pairs(self.harness(module, tool))
        except SystemExit as error:
            raise ProcessEnded.by(error) from error

    def loss(self, T: int, seed: int | None = None, module: ModuleType | None = None) -> float:
        """Return the loss alone: the run ends where the forward does."""
        self._settle(T, seed)
        key = (T, self.seed if seed is None else seed)
        tool = Tool(self.arrays(*key), stop_after=self._losses.get(key, 0))
        with contextlib.suppress(Border):
            self._pairs(module or self.module, tool)
        return float(plain(tool.value))

    def _settle(self, T: int, seed: int | None) -> None:
        """Find out, before the first run, which arrays of objects the loss depends on: at the longest T first."""
        last, here = self.arrays(self.times[-1]), self.arrays(T, seed)
        for arrays in (last, here):
            if not arrays.settled:
                arrays.settled = True
                with contextlib.suppress(Exception):  # what stops here stops again, where it is reported
                    arrays.settle(lambda arrays=arrays: self._loss_so_far(arrays))  # type: ignore[misc]

    def _loss_so_far(self, arrays: Arrays) -> float:
        """Return the loss, also where the backward stops with an error."""
        tool = Tool(arrays)
        try:
            self._pairs(self.module, tool)
        except Exception:
            if not tool.losses:
                raise
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
        rng = np.random.default_rng(place)
        for _ in range(2):
            direction = rng.normal(size=gradient.shape)
            found = self._quotient(self.arrays(T, seed).kept[place], direction, T, seed)
            size = np.linalg.norm(gradient) * np.linalg.norm(direction) / np.sqrt(max(1, gradient.size))
            if not abs(found - float((gradient * direction).sum())) <= 1e-6 * size + 1e-8:
                return False
        return True

    def _quotient(self, master: Array, direction: Array, T: int, seed: int | None, module: Any = None) -> float:
        return quotient(lambda: self.loss(T, seed, module), master, direction)

    def quotients(self, place: int, T: int, seed: int | None = None, module: Any = None) -> Array:
        """Return a gradient entry by entry, by difference quotients."""
        return quotients(lambda: self.loss(T, seed, module), self.arrays(T, seed).kept[place])

    def traced(
        self, T: int, seed: int | None = None, recorder: Recorder | None = None, edits: Mapping[str, str] | None = None
    ) -> TracedRun:
        """Run the instrumented code on a tape."""
        tape = Tape()
        recorder = recorder or Recorder()
        recorder.tape, noting, recorder.noting = tape, recorder.noting, False
        recorder.begin()
        module = self.program.load(recorder, edits)
        recorder.begin()
        recorder.noting = noting
        tape.lines.clear()  # what a file computes as it is loaded depends on no array of the harness
        self._settle(T, seed)
        tool = Tool(self.arrays(T, seed), tape)
        border = forward = 0

        def reached() -> None:
            nonlocal border, forward
            border, forward = recorder.rank, len(tape.lines)

        tool.on_loss = reached
        try:
            pairs = self._pairs(module, tool)
            result = result_of(tool, pairs)
        except Exception as error:
            result, pairs = Result(error=error), []
        key = (T, self.seed if seed is None else seed)
        self._losses.setdefault(key, tool.losses)
        value = tool.value
        served = [np.ravel(g.numbers) for _, g in pairs if isinstance(g, TracedArray) and g.numbers is not None]
        return TracedRun(
            result, recorder, tape, dict(pairs), border, tool.upstream,
            loss=value.numbers if isinstance(value, TracedArray) else 0,
            leaves={place: leaf.numbers.copy() for place, leaf in tool.leaves.items()},
            given=np.concatenate(served) if served else np.zeros(1, int),
            forward=forward,
        )  # fmt: skip

    def names(self, T: int = 2) -> dict[int, str]:
        """Return the name of each array: that of the harness's variable, or where it was found in an object."""
        arrays = self.arrays(T)
        tool = Tool(arrays)
        found = names_in("harness", lambda: self._pairs(self.module, tool), tool.owned)
        return unlike({key: arrays.names.get(key) or found.get(key) or f"array {key + 1}" for key in arrays.kept})

    def twin(self, place: int) -> str:
        """Return what else in the modules has the values that an array had at first, "" where there is nothing."""
        return twin_of(self._arrays.first_values(place), self.program.modules(self.module).values(), self._owned)
