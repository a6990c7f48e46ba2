"""The learner's line that a known mistake most likely stands in, found by what it computes.

The learner's backward and that of the mutant run on the same problem, line by line. A line is the likelier,

    the more of the wrong line's results it has, row for row, also transposed or one sentence at a time
    the more of the wrong line's operands it has, and nothing but them
    the more its text is like the wrong line's
    if it uses what stands in the changed part of the wrong line, or that part's value
    if the first wrong place points to it
    and, in a copy of the library's own file, if it is not a line of the library's

A line that has the wrong result, but gets what goes into it from a line that shares more operands, and what was changed
among them, stands behind that.

Read next: mistake_lines.py.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from scratchnet.backend import Array
from scratchnet.usercode import LineRun, SourceLine

TOKEN = re.compile(r"\w+|[^\w\s]")
CLOSE = 1e-9
RESULT, INTO_RESULT, OPERANDS, TEXT, CHANGED, TOUCHED, POINTED = 1.0, 0.8, 1.5, 0.5, 2.0, 0.5, 0.8
COPY = 0.7  # of the lines are the library's: the file is a copy
AT_LEAST = 0.9  # of a score: less says nothing
FEW = 6  # runs of one line that are compared
MOST_CHANGED = 24  # arrays in the changed part

Place = tuple[str, int]


def likeliest(
    mine: Sequence[LineRun],
    wrong: Sequence[LineRun],
    right: Sequence[LineRun],
    wrong_lines: Mapping[str, frozenset[int]],
    lines: Sequence[SourceLine],
    wrong_text: str,
    library: str,
    changed: Iterable[str] = (),
    pointed: Iterable[SourceLine] = (),
) -> tuple[SourceLine | None, float]:
    """Return the learner's line that is most likely meant, or None, and how sure that is.

    mine: what the learner's lines did. wrong, right: what the lines of the mutant did, and those of the right code.
    wrong_lines: of the mutant. lines: of the learner. wrong_text: the mutant's wrong lines. library: the right file's
    text. changed: expressions in what was changed. pointed: the lines that the first wrong place points to.
    """
    made = [run for run in wrong if run.number in wrong_lines.get(run.file, frozenset())]
    results, used = _results(made, right), [_distinct(run.used.values()) for run in made]
    runs: dict[Place, list[LineRun]] = defaultdict(list)
    for run in mine:
        runs[run.file, run.number].append(run)
    known = {line.split("#")[0].strip() for line in library.splitlines()}
    copied = sum(line.text in known for line in lines) >= COPY * max(len(lines), 1)
    operands = {line: _share(runs[_place(line)], used) for line in lines}
    focus = _distinct(run.used[text] for run in made for text in changed if text in run.used)[:MOST_CHANGED]
    touching = {line for line in lines if focus and _uses(runs[_place(line)], focus)}
    having = {line for line in lines if _has(runs[_place(line)], results)}
    before = {line for late in having for line in _going_into(late, lines) if operands[line] > operands[late]}
    before &= touching if focus else before
    scores, aimed = {}, frozenset(pointed)
    for line in lines:
        score = RESULT * (line in having) + INTO_RESULT * (line in before and line not in having)
        score += TOUCHED * (line in touching) + OPERANDS * operands[line] + POINTED * (line in aimed)
        score += TEXT * text_similarity(line.text, wrong_text)
        scores[line] = score + (CHANGED if copied and line.text not in known else 0.0)
    best = max(scores, key=lambda line: scores[line], default=None)
    if best is None or scores[best] < AT_LEAST:
        return None, 0.0
    return best, scores[best]


def text_similarity(one: str, several: str) -> float:
    """Return how much a line is like the likest of several lines, from 0 to 1."""
    tokens = TOKEN.findall(one.split("#")[0])
    others = [TOKEN.findall(line.split("#")[0]) for line in several.splitlines() if line.strip()]
    return max((difflib.SequenceMatcher(None, tokens, other).ratio() for other in others), default=0.0)


def _place(line: SourceLine) -> Place:
    return line.file, line.number


def _results(made: Sequence[LineRun], right: Sequence[LineRun]) -> list[Array]:
    """Return what the wrong lines left behind; only what the right code never has, where there is such."""
    left = [value for run in made for value in run.left.values() if np.any(value)]
    usual = [value for run in right for value in run.left.values()]
    own = [value for value in left if not any(same_rows(value, [other]) for other in usual)]
    return own or left


def _has(runs: Sequence[LineRun], results: Sequence[Array]) -> bool:
    """Tell whether a line left one of these results behind, each time it ran as far as it is looked at."""
    if not results:
        return False
    hits = [any(same_rows(value, results) for value in run.left.values()) for run in runs[:FEW]]
    return bool(hits) and sum(hits) >= 0.5 * len(hits)


def _share(runs: Sequence[LineRun], used: Sequence[Sequence[Array]]) -> float:
    """Return how many operands a line has in common with the wrong line, over all that either has, from 0 to 1."""
    best = 0.0
    for run in runs[:FEW]:
        own = _distinct(run.used.values())
        for operands in used:
            common = sum(same_rows(value, operands) for value in own)
            best = max(best, common / max(len(own) + len(operands) - common, 1))
    return best


def _uses(runs: Sequence[LineRun], focus: Sequence[Array]) -> bool:
    """Tell whether a line uses one of these arrays."""
    return any(same_rows(value, focus) for run in runs[:FEW] for value in _distinct(run.used.values()))


def changed_parts(old: str, new: str) -> list[str]:
    """Return the names, subscripts and calls in those parts of the new lines that the old ones do not have."""
    befores, afters = old.strip().splitlines(), new.strip().splitlines()
    if len(befores) != len(afters):
        return []
    found: dict[str, None] = {}
    for before, after in zip(befores, afters, strict=True):
        with contextlib.suppress(SyntaxError):
            for part in _differing(ast.parse(before.strip()), ast.parse(after.strip())):
                nodes = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
                found |= {ast.unparse(node): None for node in ast.walk(part) if isinstance(node, nodes)}
    return list(found)


def _differing(before: ast.AST, after: ast.AST) -> Iterator[ast.AST]:
    """Yield the smallest parts of one tree that differ from another."""
    ones, twos = list(ast.iter_child_nodes(before)), list(ast.iter_child_nodes(after))
    called = [ast.dump(node.func) for node in (before, after) if isinstance(node, ast.Call)]
    alike = type(before) is type(after) and len(ones) == len(twos) and len(set(called)) < 2
    if not alike or isinstance(after, (ast.Name, ast.Attribute, ast.Constant)):
        if ast.dump(before) != ast.dump(after):
            yield after
    elif isinstance(after, ast.BinOp) and isinstance(before, ast.BinOp) and type(before.op) is not type(after.op):
        yield after
    else:
        for one, two in zip(ones, twos, strict=True):
            yield from _differing(one, two)


def _distinct(values: Iterable[Array]) -> list[Array]:
    found: list[Array] = []
    for value in values:
        if value.ndim > 0 and not any(value.shape == other.shape and np.array_equal(value, other) for other in found):
            found.append(value)
    return found


def _going_into(late: SourceLine, lines: Sequence[SourceLine]) -> list[SourceLine]:
    """Return the lines of the same function, before this one, that assign what it uses."""
    used = {name.removeprefix("self.") for name in late.used}
    return [
        line
        for line in lines
        if line.function == late.function and line.number < late.number and line.assigned & used
    ]  # fmt: skip


def same_rows(one: Array, others: Sequence[Array]) -> bool:
    """Tell whether all rows of an array, or all of its columns, stand in one of the others."""
    if one.size == 0 or not np.any(one):
        return False
    for other in others:
        if other.ndim == 0 or one.ndim == 0:
            continue
        table = other.reshape(-1, other.shape[-1])
        for turned in (one, one.T) if one.ndim == 2 else (one,):
            rows = turned.reshape(-1, turned.shape[-1])
            if rows.shape[1] == table.shape[1] and _rows_in(rows, table):
                return True
    return False


def _rows_in(rows: Array, table: Array) -> bool:
    scale = CLOSE * max(float(np.abs(rows).max()), 1e-300)  # NaN where a row has one, and such a row is in no table
    if not (np.abs(table - rows[0]).max(axis=1) <= scale).any():  # most tables lack the first row already
        return False
    gaps = np.abs(rows[:, None, :] - table[None, :, :]).max(axis=2)
    return bool((gaps <= scale).any(axis=1).all())
