"""One trial: lines of a harness, run as they stand; what came of it, or how far it got and at which numbers it stopped.

How far is what shapes are found by: a call that gets further with two sizes made equal had these two sizes equal.

Read next: sizes.py.
"""

from __future__ import annotations

import contextlib
import linecache
import math
import sys
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from scratchnet.gradcheck.subjects import Arrays, Family, ModuleState, Program, Tool
from scratchnet.usercode import locate_error

STOCK = 1 << 20  # random numbers
MOST_EVENTS = 20_000  # lines that a trial may run: nothing tiny needs more, and a training loop is not wanted


class TooLong(BaseException):
    """A trial ran too many lines; no `except Exception` of the code under check holds it."""


@dataclass
class Outcome:
    """What a trial came to. far: how far it got, to be compared; frame: the variables where it stopped, line: where."""

    values: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    far: tuple[Any, ...] = ()
    frame: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    source: str = ""
    tool: Any = None

    @property
    def ok(self) -> bool:
        """Tell whether it ran to the end."""
        return self.error is None


class Trials:
    """A module, and trials in it, each of which finds it as it was."""

    def __init__(self, program: Program, module: ModuleType) -> None:
        self.module, self.files = module, set(program.files.values())
        self.state = ModuleState(list(program.modules(module).values()))
        self.count, self.missing = 0, ""
        self._compiled: dict[str, Any] = {}
        self.lines: Counter[int] = Counter()
        self.called: set[str] = set()
        self.events = 0

    def run(
        self,
        lines: list[str],
        arrays: Arrays,
        watch: bool = True,
        prepare: Callable[[dict[str, Any], Tool], None] = lambda space, tool: None,
    ) -> Outcome:
        """Run the lines with `m`, `r` and `np`. watch: count lines, so that trials can be compared.

        prepare: puts variables into the lines' namespace.
        """
        self.count += 1
        tool = Tool(arrays)
        space: dict[str, Any] = {"m": self.module, "r": tool, "np": np, "SimpleNamespace": types.SimpleNamespace}
        outcome = Outcome(tool=tool)
        self.lines, self.called, self.events = Counter(), set(), 0
        before = sys.gettrace()
        kept = np.random.get_state()
        np.random.seed(0)
        try:
            text = "\n".join(lines)
            if text not in self._compiled:
                self._compiled[text] = compile(text, "<trial>", "exec")
            prepare(space, tool)
            with np.errstate(all="ignore"):
                if watch:
                    sys.settrace(self._look)
                exec(self._compiled[text], space)
        except (Exception, TooLong, SystemExit) as error:
            sys.settrace(before)
            outcome.error = error
            self._where(error, outcome)
        finally:
            sys.settrace(before)
            np.random.set_state(kept)
            self.state.restore()
        outcome.values = space
        if outcome.ok:
            outcome.far = (1 << 30, (), self.events)
        return outcome

    def _look(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in self.files:
            return None
        self.called.add(frame.f_code.co_qualname)
        return self._line

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.events += 1
            self.lines[frame.f_lineno] += 1
            if self.events > MOST_EVENTS:
                raise TooLong
        return self._line

    def _where(self, error: BaseException, outcome: Outcome) -> None:
        if type(error) is NameError and not self.missing:  # no other argument will help
            self.missing = f"# {locate_error(error)}\n"
        place = error.__traceback__
        deep = []
        while place is not None:
            if place.tb_frame.f_code.co_filename in self.files:
                deep.append((self.lines[place.tb_lineno], place.tb_lasti))  # in a loop: at which visit
                outcome.line = place.tb_lineno
                outcome.source = linecache.getline(place.tb_frame.f_code.co_filename, place.tb_lineno)
                with contextlib.suppress(Exception):
                    outcome.frame = dict(place.tb_frame.f_locals)
            place = place.tb_next
        outcome.far = (len(self.lines), tuple(deep), self.events)


class QuickArrays(Arrays):
    """Arrays for trials: drawn from one generator, in the order in which they are asked for."""

    def __init__(self, T: int = 2, seed: int = 0) -> None:
        super().__init__(T, seed, Family())
        self._generator: Any = _GENERATOR

    def draw(self, key: int, make: Callable[[np.random.Generator], Any]) -> Any:
        """Return what stands at this place in the order, drawn when first asked for."""
        if key not in self.kept:
            self.kept[key] = make(self._generator)
        return self.kept[key]


class HighestIds(QuickArrays):
    """Arrays for trials in which every token id is the highest that is allowed."""

    def __init__(self) -> None:
        super().__init__()
        self._generator = _Highest()


class _Highest:
    def normal(self, size: Any = None) -> Any:
        return _GENERATOR.normal(size=size)

    def integers(self, low: int, high: int, size: Any = None) -> Any:
        return np.full(size, high - 1)


class _Pool:
    """Random numbers for trials, cut one after another out of a stock: most trials fail before they use their arrays.

    Two arrays of one trial are never the same numbers: the stock is larger than all that a trial may have.
    """

    def __init__(self) -> None:
        self._generator = np.random.default_rng(17)
        self._stock, self._at = np.zeros(0), 0
        self.integers = self._generator.integers

    def normal(self, size: Any = None) -> Any:
        count = math.prod((size,) if isinstance(size, int) else size or ())
        if not len(self._stock):
            self._stock = self._generator.normal(size=STOCK)
        if count > STOCK:
            return self._generator.normal(size=size)
        self._at = 0 if self._at + count > STOCK else self._at
        self._at += count
        return self._stock[self._at - count : self._at].reshape(size or ())


_GENERATOR = _Pool()
