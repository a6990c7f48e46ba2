"""Plans as the source of a harness, with the file's own names.

Read next: finder.py.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scratchnet.gradcheck.written_harness.arguments import several
from scratchnet.gradcheck.written_harness.pairing import plain_name
from scratchnet.gradcheck.written_harness.plan import Plan
from scratchnet.gradcheck.written_harness.signatures import Function

WIDTH = 100


def harness_text(plans: Sequence[tuple[Plan, str]]) -> str:
    """Return the function `harness(m, r)` that checks all of these plans, each with its symbol of time."""
    start, losses, backs, pairs = [], [], [], []
    taken = {"m", "r", "np"}
    if any(plan.forward.setting.adopt for plan, _ in plans):
        start.append("r.adopt(m)")
    for plan, time in plans:
        parts = _Part(plan, time, taken)
        start += parts.start
        losses += parts.losses
        backs += parts.backs
        pairs += parts.pairs
    body = [*start, *losses, *backs, *_wrapped(pairs)]
    return "def harness(m, r):\n" + "\n".join(f"    {line}" for line in body) + "\n"


def file_text(path: Path, instead: Mapping[int, str], harness: str) -> str:
    """Return a harness file: its imports, what is not run of the file under check, and the harness."""
    needs = ["import numpy as np\n"] if "np." in harness else []
    needs += ["from types import SimpleNamespace\n"] if "SimpleNamespace(" in harness else []
    skipped = ""
    if instead:
        lines = "".join(f"    {line}: {text!r},\n" for line, text in instead.items())
        skipped = (
            f"# Statements of {path.name}, by their line, and what is run in their place.\ninstead = {{\n{lines}}}\n\n"
        )
    return "".join(needs) + ("\n" if needs else "") + f"import {path.stem}\n\n{skipped}\n{harness}"


class _Part:
    """The lines of one plan: start (arrays, object, forward), losses, backs, pairs."""

    def __init__(self, plan: Plan, time: str, taken: set[str]) -> None:
        self.taken = taken
        self.renamed: dict[str, str] = {}
        setting = plan.forward.setting
        lines = [line for line in setting.lines(time) if line != "r.adopt(m)"]
        variables = [line.split(" = ", 1) for line in lines if re.match(r"\w+ = (?:r\(|r\.ints|list\()", line)]
        rest = [line for line in lines if line.split(" = ", 1) not in variables]
        for name, _ in variables:
            self._new(name)
        self.start = _assignments([(self.renamed[name], text) for name, text in variables])
        self._new("net")
        for line in [one for one in rest if one.startswith("net = ")]:
            self.start.append(self._put(line))
        for line in setting.start:
            self.start += self._put(line).replace("]: ", "]:\n    ").split("\n")
        extra = [line for line in plan.before if not line.startswith("for buffer")]
        buffers = [line for line in plan.before if line.startswith("for buffer")]
        for line in extra:
            self._new(line.split(" = ")[0])
        kept = self._kept(plan) if plan.rate else []
        self.start += kept
        call = next(line for line in rest if line.startswith("out = "))
        self.start.append(self._results("out", call, plan.functions[0], plan, plan.forward.outcome.values.get("out")))
        self.start += map(self._put, extra)
        self.losses = []
        for line in plan.loss:
            name, _, text = line.rpartition(" = ")
            if name:
                self._new(
                    name, "d" + re.sub(r"\W+", "", self._put(re.sub(r"0\.01 \* |r\.loss\(", "", text).rstrip(")"))[:12])
                )
            self.losses.append(self._put(line))
        self.backs = [part for line in buffers for part in self._put(line).replace("]: ", "]:\n    ").split("\n")]
        if plan.back:
            self.backs.append(self._results("back", plan.back, plan.functions[-1], plan, plan.result))
        self.pairs = [self._pair(plan, key, text) for key, (text, _) in plan.matches.pairs.items()]

    def _new(self, name: str, wanted: str = "") -> None:
        """Choose a name that is free for one of the plan."""
        wanted = wanted or name
        free = wanted if wanted.isidentifier() and not keyword.iskeyword(wanted) else name
        number = 2
        while free in self.taken:
            free, number = f"{wanted}_{number}", number + 1
        self.taken.add(free)
        self.renamed[name] = free

    def _put(self, text: str) -> str:
        def swap(found: re.Match[str]) -> str:
            return self.renamed.get(found[0], found[0])

        # A name after a point or before an equals sign of a keyword is no variable.
        text = re.sub(r"(?<![\w.'\"])(?:out|back)\[\d+\]", swap, text)
        return re.sub(r"(?<![\w.'\"])[A-Za-z_]\w*(?![\w'\"]|=[^= ])", swap, text)

    def _results(self, head: str, line: str, function: Function, plan: Plan, value: object) -> str:
        """Return the line with the names that the function itself has for its results."""
        text = self._put(line.split(" = ", 1)[1])
        if head == "back" and not any("back" in pair for pair, _ in plan.matches.pairs.values()):
            return text
        returned = function.returns()
        if isinstance(value, (tuple, list)) and len(value) == len(returned) and several(value, function):
            names = []
            for k, name in enumerate(returned):
                used = name if name.isidentifier() and name not in ("None", "True", "False") else f"{head}{k}"
                self._new(f"{head}[{k}]", used)
                names.append(self.renamed[f"{head}[{k}]"])
            return f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}"
        single = (
            returned[0] if len(returned) == 1 and returned[0].isidentifier() else "grads" if head == "back" else head
        )
        self._new(head, single)
        return f"{self.renamed[head]} = {text}"

    def _kept(self, plan: Plan) -> list[str]:
        """Return lines that keep the weights as they were, where the gradients are their changes."""
        found = []
        for key in plan.matches.pairs:
            text = plan.names[key]
            name = plain_name(text)
            self._new(f"{text}!", name if "." in text else "")
            own = self.renamed[f"{text}!"] if "." in text else self._put(text)
            if "." in text:
                found.append(f"{own} = {self._put(text)}")
            self._new(f"{text}?", f"{own}_before")
            found.append(f"{self.renamed[f'{text}?']} = {own}.copy()")
        return found

    def _pair(self, plan: Plan, key: int, text: str) -> str:
        array = plan.names[key]
        if plan.rate:
            own = self.renamed[f"{array}!"] if "." in array else self._put(array)
            change = f"{self.renamed[f'{array}?']} - {self._put(array)}"
            return f"({own}, {change})" if plan.rate == "1" else f"({own}, ({change}) / {self._put(plan.rate)})"
        return f"({self._put(array)}, {self._put(text)})"


def _assignments(variables: Sequence[tuple[str, str]]) -> list[str]:
    """Return assignments, several to a line."""
    found: list[str] = []
    group: list[tuple[str, str]] = []
    for one in [*variables, None]:
        longer = [*group, one] if one else group
        text = f"{', '.join(n for n, _ in longer)} = {', '.join(t for _, t in longer)}"
        if group and (one is None or len(text) > WIDTH or len(longer) > 6):
            found.append(f"{', '.join(n for n, _ in group)} = {', '.join(t for _, t in group)}")
            group = []
        if one:
            group.append(one)
    return found


def _wrapped(pairs: Sequence[str]) -> list[str]:
    whole = f"return [{', '.join(pairs)}]"
    return [whole] if len(whole) < WIDTH else ["return [", *(f"    {pair}," for pair in pairs), "]"]


def gaps_text(forward: Function | None, backward: Function | None, owner: str) -> str:
    """Return a harness with `...` for what could not be told, to be filled in."""
    names = list(dict.fromkeys(forward.arguments)) if forward else ["x"]
    lines = [f"{name} = ...  # what goes here: an array, r(2, r.T, 3)? token ids, r.ints(5, r.T)?" for name in names]
    if owner:
        lines.append(f"net = r.new(m.{owner}, ...)  # with which sizes?")
    lines.append(f"out = {forward.text if forward else 'm.forward'}({', '.join(names)})")
    lines.append("d = r.loss(...)  # of what: out, a part of it, or the loss itself?")
    given = ", ".join(backward.arguments) if backward else "d"
    lines.append(f"grads = {backward.text if backward else 'm.backward'}(...)  # {given}")
    lines.append(f"return [({names[0] if names else 'x'}, ...)]  # pairs: an array and its gradient")
    return "def harness(m, r):\n" + "\n".join(f"    {line}" for line in lines) + "\n"
