"""The argument of every check(judge): it calls the learner's code, compares, and explains the first error.

    def check(judge):
        dx = judge.call("affine_backward", dy, x, W, dW, db, may_change=("dW", "db"))
        wanted = judge.gradient(lambda z: ((z @ W + b) * dy).sum(), x)
        judge.same("dx", dx, wanted, equation="(0) backwards: dx = dy W^T", mistakes={"W in place of W^T": ...})

Every method either records that something is right, or raises Wrong with the whole explanation: which entry, block or
time step, which equation, which known mistake gives exactly this array, and the learner's line. A check ends there.

Read next: cell_findings.py.
"""

from __future__ import annotations

import inspect
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console, RenderableType
from rich.table import Table

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck import Report, check_cell, complex_step
from scratchnet.learn.cell_findings import gates_by_time, of_report, rebinding
from scratchnet.learn.code import Code
from scratchnet.learn.comparison import Mistakes, agrees, explain
from scratchnet.learn.outcome import Finding

RIGHT, WRONG = "right", "wrong"
SEARCH_SECONDS = 5.0  # of the processor: an exercise is checked at every save; `scratchnet gradcheck` takes its time


class Wrong(Exception):
    """A check has found something wrong; `finding` says what."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


class Judge:
    """One check of one file. code: the learner's file. rng: random numbers, the same at every check."""

    def __init__(self, code: Code, width: int = 100, colour: bool = False) -> None:
        self.code = code
        self.rng = np.random.default_rng(20260)
        self.findings: list[Finding] = []
        self.score: tuple[int, int] | None = None
        self._width, self._colour = width, colour

    # --- findings -----------------------------------------------------------------------------------------------

    def right(self, text: str, drawn: RenderableType | None = None) -> None:
        """Record that something is right; `drawn` is a table or text shown beneath it."""
        self.findings.append(Finding(True, text, drawn=self._draw(drawn)))

    def wrong(
        self,
        text: str,
        *,
        where: str = "",
        equation: str = "",
        looks_like: str = "",
        line: Sequence[str] = (),
        drawn: RenderableType | None = None,
    ) -> None:
        """Raise Wrong. line: (function, name, ...), for the learner's line that assigns one of the names."""
        known = (("where", where), ("equation", equation), ("looks like", looks_like))
        details = [pair for pair in known if pair[1]]
        if line and (found := self.code.line(*line)):
            details.append(("your line", found))
        raise Wrong(Finding(False, text, tuple(details), self._draw(drawn)))

    # --- checks -------------------------------------------------------------------------------------------------

    def call(self, function: str, *arguments: Any, may_change: Sequence[str] = (), results: Sequence[str] = ()) -> Any:
        """Return what a function of the learner's gives for these arguments.

        results: the names of what it must return, where these are several. Wrong where it stops, returns something
        else, nothing, or the `...` of an empty gap, or changes an array that is not in `may_change`.
        """
        names = self._argument_names(function, len(arguments))
        called = self.code.function(function, *names)
        self._if_empty(function, self.code.empty_lines(function))
        before = [argument.copy() if isinstance(argument, np.ndarray) else None for argument in arguments]
        try:
            result = called(*arguments)
        except Exception as error:
            self._if_empty(function, self.code.empty_lines() if "llipsis" in str(error) else [])
            self.wrong(f"{function} stops", where=self.code.locate_error(error))
        parts = result if isinstance(result, tuple) else (result,)
        self._if_empty(function, self.code.empty_lines() if any(part is ... for part in parts) else [])
        if results and len(parts) != len(results):
            given = "1 result" if not isinstance(result, tuple) else f"{len(parts)} results"
            self.wrong(f"{function} returns {given}: wanted {', '.join(results)}", line=(function,))
        if result is None and not may_change:
            self.wrong(f"{function} returns nothing: it ends without a return", line=(function,))
        for name, argument, old in zip(names, arguments, before, strict=True):
            if old is not None and name not in may_change and not np.array_equal(argument, old, equal_nan=True):
                others = sorted(self.code.other_names(function, name))
                second = f"{', '.join((*others, name))} are names of one array; " if others else ""
                self.wrong(
                    f"{function} changes its argument {name}",
                    looks_like=f"{second}written into, as by {(others or [name])[0]} += ... or {name}[...] = ...; "
                    "whoever called still needs it",
                    line=(function, name, *others),
                )
        return result

    def gradient(self, loss: Callable[[Array], Any], array: Array) -> Array:
        """Return dL/d(array) by the complex step; `loss` is a function of the array, analytic in it."""
        z = np.array(array, dtype="complex128")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)  # what it loses shows in the result
            return complex_step(lambda: np.complex128(loss(z)), z)

    def same(
        self,
        name: str,
        given: Any,
        wanted: Array,
        *,
        equation: str,
        mistakes: Mistakes | None = None,
        axes: Sequence[str] = (),
        line: Sequence[str] = (),
        tolerance: float = 1e-9,
        why: str = "",
        right: str = "",
    ) -> None:
        """Record that `given` is `wanted` up to rounding, or raise Wrong with where, which equation, and which mistake.

        name: what it is called. axes: what the dimensions are, ("sentence", "step", "unit"). mistakes: for each
        mistake in words the array that it gives, or a function that makes it. line: see `wrong`. tolerance: the
        largest |given - wanted| / |wanted|. why: the explanation where no mistake fits. right: what to record if it is.
        """
        wanted = np.asarray(wanted)
        if agrees(given, wanted, tolerance):
            return self.right(right or f"{name} is right")
        verdict, where, looks_like = explain(name, given, wanted, mistakes or {}, axes)
        self.wrong(verdict, where=where, equation=equation, looks_like=looks_like or why, line=line)
        return None

    def true(
        self, fact: Any, right: str, wrong: str, *, equation: str = "", looks_like: str = "", line: Sequence[str] = ()
    ) -> None:
        """Record `right` where `fact` holds, or raise Wrong with `wrong`."""
        if fact:
            self.right(right)
        else:
            self.wrong(wrong, equation=equation, looks_like=looks_like, line=line)

    def not_empty(self, name: str) -> None:
        """Raise Wrong where the file still has `name = ...` somewhere; `name` is what the learner has to write."""
        self._if_empty(name, self.code.empty_lines())

    def cell(self, cell_class: type, **settings: Any) -> Report:
        """Record that every gradient of a cell is right, or raise Wrong with what `check_cell` finds.

        That is all that `scratchnet gradcheck --hint 4` says, and at which gate and step: the cure is the learner's.
        """
        self.not_empty(cell_class.__name__)
        likely = rebinding(self.code)
        report = check_cell(cell_class, **{"seconds": 0.0 if likely else SEARCH_SECONDS, **settings})
        if not report.ok:
            raise Wrong(replace(likely or of_report(report), drawn=self._draw(gates_by_time(report))))
        self.right(report.verdict)
        return report

    def predicted(self, prediction: Any, facts: Mapping[str, bool], because: Mapping[str, str]) -> None:
        """Compare a prediction {block: "right" or "wrong"} with the facts {block: is it right?}.

        Facts are only shown for a complete prediction, and where one is not as predicted. Sets `score`.
        """
        if not isinstance(prediction, dict) or set(prediction) != set(facts):
            raise InputError(f"{self.code.path.name}: the prediction needs exactly these names: {', '.join(facts)}")
        empty = [name for name in facts if prediction[name] not in (RIGHT, WRONG)]
        if empty:
            self.wrong(
                f"the prediction is not complete: nothing is run before you have said what you expect of "
                f"{', '.join(empty)}",
                looks_like=f'each needs the word "{RIGHT}" or "{WRONG}"',
            )
        missed = [name for name, right in facts.items() if (prediction[name] == RIGHT) != right]
        self.score = len(facts) - len(missed), len(facts)
        if not missed:
            return self.right(f"all {len(facts)} places are as you said")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in ("place", "you said", "it is", ""):
            table.add_column(heading)
        for name, right in facts.items():
            mark = "[bold red]not as you said" if name in missed else "[green]as you said"
            table.add_row(name, prediction[name], RIGHT if right else WRONG, mark)
        reasons = "; ".join(f"{name}: {because[name]}" for name in missed if name in because)
        first, count = self.score
        self.wrong(f"{first} of {count} places are as you said", looks_like=reasons, drawn=table)
        return None

    # --- drawing ------------------------------------------------------------------------------------------------

    def _if_empty(self, name: str, lines: Sequence[str]) -> None:
        """Raise Wrong for a function or class where these lines still hold `...`."""
        if not lines:
            return
        wanted = inspect.getdoc(vars(self.code.module).get(name)) or ""
        details = [("wanted", " ".join(wanted.split()))] if wanted else []
        details += [("your line", line) for line in lines]
        raise Wrong(Finding(False, f"{name} is not written yet: a gap still holds `...`", tuple(details)))

    def _argument_names(self, function: str, count: int) -> tuple[str, ...]:
        """Return the names of a function's arguments, as far as the learner's own definition has them."""
        found = vars(self.code.module).get(function)
        try:
            names = list(inspect.signature(found).parameters)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            names = []
        return tuple((names + [f"argument {k}" for k in range(count)])[:count] if len(names) < count else names[:count])

    def _console(self) -> Console:
        return Console(
            file=io.StringIO(), width=self._width, force_terminal=self._colour, highlight=False,
            color_system="standard" if self._colour else None,
        )  # fmt: skip

    def _draw(self, drawn: RenderableType | None) -> str:
        if drawn is None:
            return ""
        console = self._console()
        console.print(drawn)
        return console.file.getvalue().rstrip()  # type: ignore[attr-defined, no-any-return]
