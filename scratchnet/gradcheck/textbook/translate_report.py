"""A report on a wrapped learner's function, put into the learner's own words: their weights, functions and gradients.

Read next: unknown_cell.py.
"""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.compare import GradientComparison, Tolerance
from scratchnet.gradcheck.known_library import Recurrent
from scratchnet.gradcheck.numerical import COMPLEX
from scratchnet.gradcheck.problem import PROJECTED, Gradients, Problem, Trial
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.textbook.cell import LearnersWeights
from scratchnet.gradcheck.textbook.gradient_lines import assigning_names, holding, naming
from scratchnet.gradcheck.textbook.homework_explanation import HomeworkExplanation
from scratchnet.gradcheck.textbook.learner_names import argument_named, described, gradient_named, in_learner_names
from scratchnet.gradcheck.textbook.match_cell import MatchedCell
from scratchnet.gradcheck.textbook.name_roles import X
from scratchnet.gradcheck.textbook.unknown_cell import block_of
from scratchnet.usercode import SourceLine

PASSED_BACK = "passes back in"


def learner_comparisons(
    layer: Recurrent, matched: MatchedCell, settings: dict[str, Any], old: Report
) -> tuple[GradientComparison, ...]:
    """Return the blocks of a report in the learner's parameters; the truth is the library's own."""
    learner, writing = matched.learner, matched.writing
    problem = Problem(layer, settings["lengths"], settings["seed"], settings["scale"])
    trial = Trial(problem)
    trial.forward()
    try:
        trial.backward()
    except Exception:  # the report says already where it stops
        return old.blocks
    cell = trial.layer.cell
    assert isinstance(cell, LearnersWeights)
    truth = writing.gradient_for(true_gradients(problem), cell.hidden_size)
    given = {name: (cell.own.get(name), array) for name, array in truth.items()}
    tolerance = Tolerance.for_gradients(old.method or COMPLEX, truth.values())
    found = []
    for name, (analytic, numeric) in given.items():
        part = writing.plan[name]
        gates = part.gates
        if analytic is not None and part.form in ("out_in", "column") and np.shape(analytic) == numeric.shape:
            analytic, numeric = np.asarray(analytic).T, numeric.T
        found.append(block_of(name, analytic, numeric, tolerance, gates))
    rename = {X: argument_named(learner, X)}
    rename |= {f"initial {state}": argument_named(learner, state) for state in cell.state}
    others = [block for block in old.blocks if block.name in rename or block.name == PROJECTED]
    return (*found, *(replace(block, name=rename.get(block.name, block.name)) for block in others))


def true_gradients(problem: Problem) -> Gradients:
    """Return the gradients that the library's cell has on this problem, each named "d" + what it is of."""
    right = copy.copy(problem)
    cell = problem.layer.cell.reference()
    cell.parameter_names = [name for name in ("W_ih", "W_hh", "b", "b_hn") if hasattr(cell, name)]
    right.layer = Recurrent(cell)
    trial = Trial(right)
    trial.forward()
    found = trial.backward()
    return {f"d{name}": array for name, array in found.items()} | {"db_hn": found.get("b_hn", found["b"])}


def where_in_learner_names(report: Report, blocks: tuple[GradientComparison, ...], matched: MatchedCell) -> str:
    """Return where it is wrong, in the learner's words; the sentence on weights alone is made from their own blocks."""
    wrong = [block for block in blocks if not block.ok and block.name in matched.learner.weights.names]
    others = [block for block in blocks if not block.ok and block not in wrong]
    if report.map is None or not report.map.clean or others or not wrong:
        return in_learner_names(report.where, matched)
    back = matched.learner.pair.backward.__name__
    wrong_ones = []
    for block in wrong:
        gates = block.wrong_gates
        part = f" (only {', '.join(gates)})" if 0 < len(gates) < len(block.gates) else ""
        remark = f": {block.remark}" if block.remark else ""
        wrong_ones.append(gradient_named(matched.learner, block.name) + part + remark)
    clean = "The map is clean: the recursion is right at every gate and step. "
    return f"{clean}What {back} returns is wrong: {'; '.join(wrong_ones)}."


def translate_report(report: Report, layer: Any, matched: MatchedCell, settings: dict[str, Any]) -> Report:
    """Return the report with everything in the learner's words."""
    blocks = learner_comparisons(layer, matched, settings, report) if report.blocks else ()
    where = where_in_learner_names(report, blocks, matched)
    handed = one_step(layer, matched, settings) if PASSED_BACK in where else None
    if handed:
        where = re.sub(rf"{PASSED_BACK} .*? is wrong", f"{PASSED_BACK} {' and '.join(handed)} is wrong", where)
    elif handed == () and matched.learner.sequence:
        where = re.sub(r"So the gates' own lines are right.*", between_steps(layer, matched), where)
    lines = where_lines(report, blocks, layer, matched, settings, handed)
    notes = [described(matched), *(note for note in report.notes if "float32 becomes" not in note)]
    explanation = None
    if report.explanation is not None:
        clean = report.map is not None and report.map.clean
        explanation = HomeworkExplanation(
            report.explanation, matched, lines, clean, bool(getattr(layer, "padded", False))
        )
    return replace(
        report, name=matched.learner.pair.name, blocks=blocks, where=where, notes=tuple(notes),
        faults=tuple(in_learner_names(fault, matched) for fault in report.faults),
        lines=tuple(str(line) for line in lines), explanation=explanation,
    )  # fmt: skip


def between_steps(layer: Any, matched: MatchedCell) -> str:
    """Return what to say where every single step is right, of a loop that is the learner's own."""
    learner = matched.learner
    right = [gradient_named(learner, name) for name in layer.cell.state if name in learner.states]
    others = [f"d{name}" for name in layer.cell.state if name not in learner.states]
    also = f" (or in {in_words(others)}, which it does not return)" if others else ""
    return (
        f"A single step alone is right, also in what {learner.pair.backward.__name__} returns as {in_words(right)}: so "
        f"the gradient is lost, or changed, in the loop, on the way from one step to the previous one{also}."
    )


def one_step(layer: Any, matched: MatchedCell, settings: dict[str, Any]) -> tuple[str, ...] | None:
    """Return what the backward calls the gradients of states that a single step passes back wrong.

    None where that cannot be told: the functions stop, or return no state's gradient.
    """
    problem = Problem(layer, (1, 1, 1), settings["seed"], settings["scale"])
    trial = Trial(problem)
    try:
        trial.forward()
        mine, right = trial.backward(), true_gradients(problem)
    except Exception:  # said elsewhere
        return None
    tolerance = Tolerance.for_gradients(COMPLEX, right.values())
    states = [name for name in layer.cell.state if f"initial {name}" in mine and name in matched.learner.states]
    if not states:
        return None
    wrong = [n for n in states if not tolerance.passes(tolerance.error(mine[f"initial {n}"], right[f"dinitial {n}"]))]
    return tuple(gradient_named(matched.learner, name) for name in wrong)


def where_lines(
    report: Report,
    blocks: tuple[GradientComparison, ...],
    layer: Any,
    matched: MatchedCell,
    settings: dict[str, Any],
    handed: tuple[str, ...] | None,
) -> tuple[SourceLine, ...]:
    """Return the learner's lines that the first wrong place points to."""
    learner, found, where = matched.learner, report.map, report.where
    if found is None:
        return ()
    if found.clean:
        wrong = [block.name for block in blocks if not block.ok]
        if not wrong:
            return ()
        rename = {argument_named(learner, role): role for role in (X, *learner.states)}
        return naming(learner, [rename.get(name, name) for name in wrong])
    last = [gate for k, gate in enumerate(found.gates) if found.from_the_end(0)[k].any()]
    if not last and handed == () and learner.sequence:
        return ()  # every single step is right: no line of a step is meant
    if not last:
        return naming(learner, [n for n in learner.states if not handed or gradient_named(learner, n) in handed])
    shared = re.search(r"or ([\w., ]+?), which goes into", where)
    if shared or len(last) > 1:
        return assigning_names(learner.pair, re.findall(r"\w+", shared[1])) if shared else ()
    if not found.wrong[:, -1].any():
        return ()
    trial = Trial(Problem(layer, (1,), settings["seed"], settings["scale"]))  # one row: every line runs but a few times
    trial.forward()
    trial.backward()
    block = trial.layer.cell.block(trial.tape.da_x[0], last[0]).copy()
    return holding(learner, trial.backward, matched.writing.signs.get(last[0], 1.0) * block)
