"""One edit of a function that several wrong statements call: a derivative that takes the activated value, say.

The statements' values are known, and so the function is not run within the program: each edited copy of it is put
among the names of their frames.

Read next: place_edits.py.
"""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np

from scratchnet.gradcheck.cure.edits import variants
from scratchnet.gradcheck.cure.evaluator import Evaluator
from scratchnet.gradcheck.cure.expressions import Vocabulary
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.statements import Candidate

SECONDS = 1.5


def helper_edits(matchings: list[Matching]) -> Iterator[Candidate]:
    """Yield edits of functions with which every wrong statement that calls one yields what it must."""
    end = time.process_time() + SECONDS
    for module, definition in _called(matchings):
        concerned = [one for one in matchings if _calls(one.node.tree, definition.name)]
        words = _words(definition, concerned[0])
        for statement in ast.walk(definition):
            if not isinstance(statement, (ast.Assign, ast.Return)) or statement.value is None:
                continue
            for one in sorted(variants(statement.value, words), key=lambda one: one.odd):
                new = copy.copy(statement)
                new.value = one.tree
                if _fit(concerned, definition, statement, new):
                    yield Candidate(module, statement.lineno, one.kind, one.odd, None, statement, [new])
                    return
                if time.process_time() > end:
                    return


def _called(matchings: list[Matching]) -> list[tuple[str, ast.FunctionDef]]:
    """Return the functions of the program that two or more of the statements call, and their modules."""
    program = matchings[0].pool.subject.program
    found = []
    for module in program.suspected:
        for node in ast.walk(program.tree(module)):
            if isinstance(node, ast.FunctionDef) and sum(_calls(one.node.tree, node.name) for one in matchings) > 1:
                found.append((module, node))
    return found


def _calls(tree: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) == name or getattr(node.func, "attr", None) == name)
        for node in ast.walk(tree)
    )


def _words(definition: ast.FunctionDef, matching: Matching) -> Vocabulary:
    names = [one.arg for one in definition.args.args if one.arg != "self"]
    names += [
        node.id for node in ast.walk(definition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in names
    ]  # fmt: skip
    return Vocabulary([ast.Name(name, ast.Load()) for name in names], matching.words.functions, [], [])


def _fit(concerned: list[Matching], definition: ast.FunctionDef, old: ast.stmt, new: ast.stmt) -> bool:
    try:
        made = _edited(definition, old, new, concerned[0].frames[0].names)
    except (SyntaxError, ValueError, TypeError):
        return False
    return all(_fits(one, definition, made) for one in concerned)


def _edited(definition: ast.FunctionDef, old: ast.stmt, new: ast.stmt, names: dict[str, Any]) -> FunctionType:
    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return new if node is old else self.generic_visit(node)

    plain = copy.copy(definition)
    plain.decorator_list = []
    plain.body = [new if one is old else Replace().visit(_shallow(one)) for one in definition.body]
    space = dict(names)
    exec(compile(ast.fix_missing_locations(ast.Module([plain], [])), "an edit", "exec"), space)
    made = space[definition.name]
    assert isinstance(made, FunctionType)
    return made


def _shallow(node: ast.stmt) -> ast.stmt:
    """Return a statement, copied where others stand in it."""
    return copy.deepcopy(node) if hasattr(node, "body") else node


def _fits(matching: Matching, definition: ast.FunctionDef, made: FunctionType) -> bool:
    before = [(frame.names, frame.evaluator) for frame in matching.frames]
    bare = not (definition.args.args and definition.args.args[0].arg == "self")
    try:
        for frame in matching.frames:
            frame.names = {**frame.names, definition.name: made}
            owner = frame.names.get("self")
            if owner is not None and hasattr(owner, definition.name):
                owner = copy.copy(owner)
                vars(owner)[definition.name] = made if bare else made.__get__(owner)
                frame.names["self"] = owner
            frame.evaluator = Evaluator(frame.names)
        with np.errstate(all="ignore"):
            return matching.fits(matching.node.tree)
    finally:
        for frame, (names, evaluator) in zip(matching.frames, before, strict=True):
            frame.names, frame.evaluator = names, evaluator
