"""Run an exercise's check on a file, in this process. `check` in exercise.toml names one of three kinds:

    check.py          check(judge) in the exercise's own check.py
    cell:NAME         class NAME of the learner's file, through scratchnet.gradcheck.check_cell; [cell] holds its
                      arguments, and `like = "lstm"` asks that forward gives what that cell of the library gives
    predict:NAME      PREDICTION of the learner's file against which gradients of class NAME in solution.py are right,
                      unrolled over sentences of `lengths` in [cell]. Its names are those of arrays ("W_hh",
                      "initial c"), of a gate's columns ("W_hh f"), or of a gate at a step ("f t=4")

Read next: judge.py.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.cells import CELLS
from scratchnet.errors import InputError
from scratchnet.gradcheck import cell_subject, program_of, right_parts
from scratchnet.learn.code import Code
from scratchnet.learn.exercise import Exercise
from scratchnet.learn.judge import Judge, Wrong
from scratchnet.learn.outcome import Outcome
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

MOST_PRINTED = 4000
LENGTHS = (5, 3, 3, 1)
SIZES = (2, 3)  # of a predicted cell's input and state


class Printed(io.StringIO):
    """What a learner's code prints: the first characters of it are kept."""

    def write(self, text: str) -> int:
        """Keep `text` while there is room."""
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def run_check(exercise: Exercise, path: Path, *, width: int = 100, colour: bool = False) -> Outcome:
    """Judge the file at `path` as a solution of `exercise`.

    Raises InputError, in one line, where the file cannot be judged at all.
    """
    printed = Printed()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), np.errstate(all="ignore"):
        judge = Judge(Code(path, exercise.start), width, colour)
        try:
            _check(exercise, judge)
        except Wrong as error:
            judge.findings.append(error.finding)
    return Outcome(tuple(judge.findings), printed.getvalue(), judge.score)


def _check(exercise: Exercise, judge: Judge) -> None:
    kind, _, name = exercise.check.partition(":")
    settings = dict(exercise.cell)
    like = settings.pop("like", "")
    if kind == "cell":
        cell_class = judge.code.cell(name)
        judge.not_empty(name)
        if like:
            same_forward(judge, cell_class, CELLS[like])
        judge.cell(cell_class, **settings)
    elif kind == "predict":
        prediction = judge.code.value("PREDICTION")
        parts = parts_of(Code(exercise.folder / "solution.py").cell(name), **settings)
        judge.predicted(prediction, {name: fact(parts, name) for name in exercise.because}, exercise.because)
    elif kind == "check.py":
        Code(exercise.folder / kind).function("check", "judge")(judge)
    else:
        raise InputError(f"{exercise.name}: check is {exercise.check!r}: wanted check.py, cell:NAME or predict:NAME")


def parts_of(cell_class: type, lengths: Sequence[int] = LENGTHS, seed: int = 0) -> dict[str, bool]:
    """Return which parts of a cell's gradients are right, unrolled over sentences of these lengths."""
    program, name = program_of(cell_class), cell_class.__name__
    subject = cell_subject(program, name, seed, SIZES, (max(lengths),), lambda T: list(lengths))
    return right_parts(subject, cell_class(*SIZES), lengths)


def fact(parts: Mapping[str, bool], name: str) -> bool:
    """Return whether that is right which `name` means: "W_hh", "W_hh f" or "f t=4"."""
    if name not in parts:
        raise InputError(f"there is no {name!r}: there are {', '.join(parts)}")
    return parts[name]


def same_forward(judge: Judge, cell_class: type, reference: type) -> None:
    """Record that a cell's forward gives what the library's cell gives for the same weights, or raise Wrong."""
    sizes, rng, packing = (2, 6), np.random.default_rng(7), Packing(LENGTHS)
    try:
        cells = [kind(*sizes, rng=0, dtype="float64") for kind in (cell_class, reference)]
        weights = {name: rng.normal(0.0, 0.5, array.shape) for name, array in cells[1].parameters().items()}
        x = rng.standard_normal((packing.rows, sizes[0]))
        initial = [{name: rng.standard_normal((packing.batch, sizes[1])) for name in cells[1].state}]
        states: list[dict[str, Any]] = []
        for cell in cells:
            for name, array in cell.parameters().items():
                array[...] = weights[name]
            layer = Recurrent(cell)
            tape = layer.new_tape()
            layer.forward(x, packing, initial, tape)
            states.append({name: getattr(tape.state, name) for name in cells[1].state})
    except Exception as error:
        judge.wrong("forward stops", where=judge.code.locate_error(error))
    for t in range(1, packing.steps + 1):
        for name in reversed(list(states[1])):  # c before h: h is made of c
            if not np.allclose(states[0][name][t], states[1][name][t], rtol=1e-9, atol=1e-12):
                judge.wrong(
                    f"forward gives another {name} than the equations",
                    where=f"step {t - 1}, counted from 0; the first step at which it differs",
                    looks_like="an equation of the forward step written differently from the text: mend forward first, "
                    "a backward that fits a wrong forward passes every gradient check",
                    line=("forward_step", name),
                )
    judge.right("forward gives what the equations give")
