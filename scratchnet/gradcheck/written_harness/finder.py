"""A harness for a file that has none: its functions are tried, and what numbers confirm is written down.

    found = Finder(Path("lstm.py")).run()
    found.text                 the source of a harness
    found.unchecked            functions that find gradients, of which the harness runs none

Read next: written.py.
"""

from __future__ import annotations

import ast
import difflib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from scratchnet.gradcheck.subjects import Program, first_line, with_replacements
from scratchnet.gradcheck.written_harness.backward import plans
from scratchnet.gradcheck.written_harness.constructor import construction
from scratchnet.gradcheck.written_harness.final_sizes import made_small, with_small_sizes, with_state
from scratchnet.gradcheck.written_harness.forward import Forward, Setting, has_floats
from scratchnet.gradcheck.written_harness.pairing import belongs, is_gradient_name
from scratchnet.gradcheck.written_harness.plan import Plan
from scratchnet.gradcheck.written_harness.shapes import solve
from scratchnet.gradcheck.written_harness.signatures import (
    BACKWARD,
    Function,
    first_specs,
    functions,
    has_product,
    names_read,
    shapes_to_try,
)
from scratchnet.gradcheck.written_harness.sizes import Sizes, Specs
from scratchnet.gradcheck.written_harness.source import gaps_text, harness_text
from scratchnet.gradcheck.written_harness.specs import with_shape
from scratchnet.gradcheck.written_harness.top_level import replacements
from scratchnet.gradcheck.written_harness.trial import Outcome, QuickArrays, Trials
from scratchnet.usercode import read_source

FORWARD = re.compile(r"forward|forw|fwd|vorw|aage|ahead|loss|cost|predict", re.I)
SECONDS, PAIR_SECONDS, MORE_SECONDS = 25.0, 15.0, 2.5  # for a file, for one backward, after a first plan for it
CANDIDATES = 4  # forwards that are tried for one backward


@dataclass
class Found:
    """What was found in a file. instead: top-level statements that are not run; program: the file without them."""

    program: Program
    instead: dict[int, str]
    plans: list[Plan] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    text: str = ""


class Finder:
    """A file's functions, and the plans that were found for them. seconds: after which no more is tried."""

    def __init__(self, path: Path, seconds: float = SECONDS) -> None:
        self.source, self.instead = read_source(path), replacements(path)
        self.program = Program(path, with_replacements(self.source, self.instead))
        self.module = self.program.load()
        self.tree = ast.parse(self.program.texts[self.program.name])
        self.top, self.classes = functions(self.tree)
        self.trials = Trials(self.program, self.module)
        self.until = self.pair_until = time.process_time() + seconds
        self.found: list[Plan] = []
        named = vars(self.module).items()
        self.adopts = {name for name, one in named if has_floats(one) and not name.startswith("__")}
        self._made: dict[str, tuple[Specs, str, Sizes] | None] = {}

    @property
    def covered(self) -> set[str]:
        """The functions that the plans run, by the names that are shown."""
        return {name for plan in self.found for name in plan.covers}

    def run(self) -> Found:
        """Look for plans in all classes, then in all functions."""
        for methods in (*self.classes.values(), self.top):
            self._group([one for one in methods if not one.name.startswith("__") or one.name == "__call__"])
        self._drop_guesses()
        every = [*self.top, *(one for methods in self.classes.values() for one in methods)]
        unchecked = [one.shown for one in every if one.backward and one.shown not in self.covered]
        for plan in self.found:
            unchecked += [f"the gradient of {plan.names[key]}" for key in plan.matches.unclear]
        unchecked += self._left_aside(every) if self.found and not unchecked else []
        text = harness_text([with_small_sizes(plan) for plan in self.found]) if self.found else self._gaps()
        return Found(self.program, self.instead, self.found, unchecked, text)

    def _left_aside(self, every: list[Function]) -> list[str]:
        """Return where the file multiplies matrices and nothing was checked: whatever it is called, it is what matters.

        That is any function, if none with a product of matrices was run, and a loop or the like that is not run at all.
        """
        products = [one for one in every if has_product(one.node)]
        found = [] if any(one.shown in self.covered for one in products) else [one.shown for one in products]
        for node in ast.parse(self.source).body:
            if first_line(node) in self.instead and has_product(node):
                found.append(f"what stands in line {node.lineno} to {node.end_lineno}")
        return found

    def _gaps(self) -> str:
        """Return a harness to be filled in, with the functions that are likeliest meant; "" where there is none."""
        for methods in (*self.classes.values(), self.top):
            members = [one for one in methods if one.name != "__init__"]
            for backward in (one for one in members if one.backward):
                pairs = list(self._pairs(backward, members))
                forward = next((one for one, second in pairs if second is not None), None)
                return self.trials.missing + gaps_text(forward, backward, backward.owner)
        return ""

    def _group(self, members: list[Function]) -> None:
        called = {name for one in members for name in one.calls()}
        backwards = [one for one in members if one.backward or any(map(is_gradient_name, one.returns()))]
        backwards = backwards or members[1:]
        backwards.sort(key=lambda one: one.name in called)
        for backward in backwards:
            if backward.shown in self.covered or time.process_time() > self.until:
                continue
            best: Plan | None = None
            self.pair_until = min(self.until, time.process_time() + PAIR_SECONDS)
            for forward, second in self._pairs(backward, members):
                for plan in self._repaired(self._plans(forward, second, members)):
                    if plan.confirmed and (best is None or plan.score > best.score):
                        best = plan
                        # It may be wrong, or called in a way that it was not made for: a little more is tried.
                        self.pair_until = min(self.pair_until, time.process_time() + MORE_SECONDS)
                    if plan.matches.complete:
                        break
                if best is not None and best.matches.complete:
                    break
            if best is not None:
                self._accept(best)

    def _repaired(self, found: Iterator[Plan]) -> Iterator[Plan]:
        """Yield each plan; and once more where a gradient's shape says that its array has an axis of size one more."""
        for plan in found:
            yield plan
            setting = plan.forward.setting
            shapes = {text: np.shape(value) for text, value in plan.given.items()}
            changed = dict(setting.specs)
            dims = [dim for spec in setting.specs.values() for one in spec.walk() for dim in one.dims]
            known = {dim.of(setting.sizes.of): dim for dim in dims}
            for key in plan.matches.missed:
                name = plan.names[key]
                for text in plan.matches.left:
                    if belongs(plan.called.get(text, text), name):
                        changed = {k: with_shape(one, k, name, shapes[text], known) for k, one in changed.items()}
            if changed == setting.specs:
                continue
            made = Forward(replace(setting, specs=changed), self.trials)
            if made.outcome.ok and made.steady():
                functions = plan.functions
                yield from plans(made, functions[0], functions[1] if len(functions) > 1 else None, ())

    def _pairs(self, backward: Function, members: list[Function]) -> Iterator[tuple[Function, Function | None]]:
        """Yield (forward, backward) to try, the likeliest first; a function that does both stands alone."""
        bare = FORWARD.sub("", BACKWARD.sub("", backward.name))
        others = [one for one in members if one is not backward and not one.backward and one.name != "__init__"]
        order = sorted(
            others,
            key=lambda one: (
                -bool(FORWARD.search(one.name) or one.name == "__call__"),
                -difflib.SequenceMatcher(None, FORWARD.sub("", one.name), bare).ratio(),
            ),
        )
        alone = len(backward.returns()) > 1 and not is_gradient_name(backward.returns()[0])
        if alone:
            yield backward, None
        for forward in order[:CANDIDATES]:
            yield forward, backward
        if not alone:
            yield backward, None

    def _plans(self, forward: Function, backward: Function | None, members: list[Function]) -> Iterator[Plan]:
        seen = set()
        for dims in shapes_to_try(backward or forward):
            if time.process_time() > self.pair_until:
                return
            setting = self._setting(forward, dims)
            if setting is None:
                continue
            text = "\n".join(setting.lines())
            if text in seen:
                continue
            seen.add(text)
            losers = [
                f"{one.text}({{o}}, y)"
                for one in members
                if len(one.arguments) == 2 and one not in (forward, backward) and not one.backward
            ]
            for each in (setting, *with_state(setting, self.trials)):
                ran = False
                made = made_small(each, self.trials)
                if not made.outcome.ok or any(not one.size for one in made.outputs.values()) or not made.steady():
                    break
                for plan in plans(made, forward, backward, losers):
                    ran = True
                    yield plan
                    if time.process_time() > self.pair_until or plan.matches.complete:
                        return
                if ran:
                    break

    def _setting(self, forward: Function, dims: tuple[int, int, int]) -> Setting | None:
        adopt = bool(self.adopts & names_read(forward, self.top))
        specs: Specs = {}
        create, sizes = "", Sizes()
        if forward.owner:
            if forward.owner not in self._made:
                self._made[forward.owner] = construction(
                    forward.owner, self.classes[forward.owner], self.tree, self.trials, adopt
                )
            made = self._made[forward.owner]
            if made is None:
                return None
            own, create, sizes = made
            for name in own:
                new = f"{name}_0" if name in forward.arguments else name
                create = create.replace(f"{{{name}}}", f"{{{new}}}")
                specs[new] = own[name]
        sizes = Sizes(self._own_sizes(adopt), {name for spec in specs.values() for name in spec.symbols()})
        specs |= first_specs(forward, self.tree, sizes.fresh, dims)
        call = f"out = {forward.text}({', '.join(f'{{{name}}}' for name in forward.arguments)})"

        def run(tried: Specs) -> Outcome:
            return Setting(tried, sizes, adopt, create, call).run(self.trials, QuickArrays())

        specs, outcome = solve(specs, sizes, run)
        return Setting(specs, sizes, adopt, create, call, forward.returns()) if outcome.ok else None

    def _own_sizes(self, adopt: bool) -> tuple[int, ...]:
        found = []
        for name in sorted(self.adopts) if adopt else []:
            value = vars(self.module)[name]
            found += list(np.shape(value)) if isinstance(value, np.ndarray) else []
        return tuple(dict.fromkeys(n for n in found if n > 1))

    def _accept(self, plan: Plan) -> None:
        plan.forward.run([*plan.before, *plan.loss, *([plan.back] if plan.back else [])], watch=True)
        plan.covers = set(self.trials.called)
        self.found.append(plan)

    def _drop_guesses(self) -> None:
        """Drop plans that names alone tell of a class of which numbers tell another."""
        sure = {plan.functions[0].owner for plan in self.found if any(plan.matches.score[:2])} - {""}
        self.found = [one for one in self.found if any(one.matches.score[:2]) or one.functions[0].owner not in sure]
