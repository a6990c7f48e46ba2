"""Cells by name: those of the library, and classes with the contract of a cell in somebody's file.

Read next: reference_text.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from scratchnet.cells import CELLS
from scratchnet.errors import InputError
from scratchnet.gradcheck.contract import check_contract
from scratchnet.gradcheck.cure import Finding, Verdict
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.library.copies import LOOP, program_in, program_of
from scratchnet.gradcheck.library.parts import of_layer, ragged
from scratchnet.gradcheck.library.reference_text import changed_in_words
from scratchnet.gradcheck.library.step_map import gates_right, right_parts
from scratchnet.gradcheck.subjects import Program, Subject
from scratchnet.recurrent import Recurrent
from scratchnet.usercode import FileFails, Limit, read_source

SIZES = (2, 3)  # of the input and of the state
METHODS = ("forward_step", "backward_step")
VARIANTS = {"again": "where a backward is run twice over one forward", "reverse": "where it reads right to left"}


def cell_subject(
    program: Program,
    name: str,
    seed: int,
    sizes: tuple[int, int] = SIZES,
    times: tuple[int, ...] = (1, 2, 3),
    lengths: Callable[[int], list[int]] = ragged,
    variant: str = "",
) -> Subject:
    """Return the subject of one cell, unrolled. variant: a name of VARIANTS, "" for the usual."""
    shared: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def made(m: Any) -> Any:
        if variant != "again" or m not in shared:
            loop = getattr(m, LOOP, Recurrent)
            shared[m] = loop(getattr(m, name)(*sizes, rng=seed, dtype="float64"), reverse=variant == "reverse")
        return shared[m]

    def harness(m: Any, r: Any) -> Any:
        return of_layer(partial(made, m), r, variant == "again", lengths, with_map=True)

    return Subject(program, harness, times, seed)


def judged_cells(program: Program, name: str, seed: int, seconds: float, sizes: tuple[int, int] = SIZES) -> Verdict:
    """Return the verdict on one cell of a program: unrolled left to right, twice back, and right to left."""
    subject = cell_subject(program, name, seed, sizes)
    verdict = judge(subject, seconds)
    for variant, words in VARIANTS.items():
        if not verdict.ok:
            break
        quick = judge(cell_subject(program, name, seed, sizes, (3,), variant=variant), 0.0)
        if not quick.ok:
            subject = cell_subject(program, name, seed, sizes, variant=variant)
            verdict = judge(subject, seconds)
            verdict.findings.insert(0, Finding("variant", text=words, note=True))
    verdict.name = name
    if verdict.wrong and verdict.times:
        cell = getattr(subject.module, name)(*sizes, rng=seed, dtype="float64")
        parts = right_parts(subject, cell, ragged(subject.times[-1]))
        verdict.findings += gates_right(parts, cell.gates, subject.times[-1])
    if changed := changed_in_words():
        verdict.findings.append(Finding("changed", text=changed, note=True))
    return verdict


def cells_in(path: Path) -> list[str]:
    """Return the names of the classes at the top level of a file that are written as cells of the library are."""
    try:
        text = read_source(path)
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, InputError):
        return []
    found: list[str] = []
    for node in tree.body if "scratchnet" in text else []:
        if isinstance(node, ast.ClassDef) and _is_cell(node, found):
            found.append(node.name)
    return found


def _is_cell(node: ast.ClassDef, cells: Sequence[str]) -> bool:
    methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
    return methods >= {*METHODS} or any(base.endswith("Cell") or base in cells for base in bases)


def check_named(target: str, seed: int, cures: bool, seconds: float, limit: Limit) -> dict[str, Any]:
    """Check a cell by its name in CELLS or as path/to/file.py:Class; return {"verdict": plain values}.

    Raises InputError where there is none of that name, or it has not the contract of a cell.
    """
    with limit(seconds, f"the check of {target}"):
        search = min(30.0, 0.6 * seconds) if seconds else 30.0
        if target in CELLS:
            verdict = judged_cells(program_of(CELLS[target]), CELLS[target].__name__, seed, search if cures else 0.0)
            return {"verdict": asdict(verdict)}
        path, _, name = target.rpartition(":")
        return {"verdict": asdict(judged_file(Path(path), [name], seed, search if cures else 0.0))}


def judged_file(path: Path, names: list[str], seed: int, seconds: float) -> Verdict:
    """Return one verdict on these cells of a file. Raises InputError where one of them cannot be used."""
    verdicts = []
    for name in names:
        program = program_in(path, name)
        try:
            found = vars(program.load()).get(name)
        except InputError:
            raise
        except (Exception, SystemExit) as error:
            raise FileFails.of(path, error, program.files.values()) from error
        if found is None:
            there = ", ".join(cells_in(path)) or "none"
            raise InputError(f"{path} has no class {name}: its cells are {there}")
        try:
            check_contract(found)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        verdicts.append(judged_cells(program, name, seed, seconds))
    return verdicts[0] if len(verdicts) == 1 else _merged(path.name, verdicts)


def _merged(name: str, verdicts: list[Verdict]) -> Verdict:
    """Return several verdicts as one, each array under the name of its cell."""
    of = {one.name: one for one in verdicts}
    return replace(
        verdicts[0], name=name, ok=all(one.ok for one in verdicts),
        checked=[f"{cell}.{array}" for cell, one in of.items() for array in one.checked],
        wrong=[f"{cell}.{array}" for cell, one in of.items() for array in one.wrong],
        cures=[cure for one in verdicts for cure in one.cures],
        findings=[found for one in verdicts for found in one.findings],
        digits={f"{cell}.{array}": digits for cell, one in of.items() for array, digits in one.digits.items()},
        cured=all(one.ok or one.cured for one in verdicts) and any(one.cured for one in verdicts),
        derivatives=sum(one.derivatives for one in verdicts), seconds=sum(one.seconds for one in verdicts),
        texts={file: text for one in verdicts for file, text in one.texts.items()},
    )  # fmt: skip
