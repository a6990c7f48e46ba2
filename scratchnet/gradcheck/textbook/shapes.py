"""The shapes that a learner's weights may have, and how the library's weights are written in them.

A `Plan` says of each weight which part of the library's weights it holds. The library has three arrays, W_ih (D, G*H),
W_hh (H, G*H) and b (G*H), and b_hn (H) in the GRU with reset after; a learner has one for each gate, or the two
matrices stacked on [h, x], or all transposed. Whether a plan is right shows when the learner's forward, fed with the
library's weights written its way, returns what the library returns.

Read next: translate_report.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.textbook.name_roles import families, is_bias, is_output_weight
from scratchnet.gradcheck.textbook.weight_container import OUTPUTS

GATES_OF = {"lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n"), "gru-reset-before": ("r", "z", "n"), "rnn": ("a",)}
HOISTED, SECOND = 0.6, 0.4  # how a bias is shared out between two that are added


@dataclass(frozen=True)
class Part:
    """What one weight holds.

    rows: "x", "h", several of them stacked in that order ("hx"; "1hx" with the bias as the first row), "b", "b2" (a
    second bias), "extra" (nothing of the cell).
    gates: the blocks of columns, in order. form: "in_out", "out_in"; for a bias "flat", "row" or "column".
    """

    rows: str
    gates: tuple[str, ...]
    form: str = "in_out"

    @property
    def stacked(self) -> str:
        """The letters of what a matrix holds, row by row; "" for a bias alone."""
        return "" if self.rows in ("b", "b2", "extra") else self.rows


Plan = Mapping[str, Part]


def has_bias(plan: Plan) -> bool:
    """Tell whether a plan has a bias: an array of its own, or a row of a matrix."""
    return any(part.rows == "b" or "1" in part.stacked for part in plan.values())


def shape_of(part: Part, inputs: int, hidden: int) -> tuple[int, ...]:
    """Return the shape of a weight. inputs: D, hidden: H."""
    columns = len(part.gates) * hidden
    if part.rows in ("b", "b2"):
        return {"flat": (columns,), "row": (1, columns), "column": (columns, 1)}[part.form]
    if part.rows == "extra":
        shapes = {"flat": (OUTPUTS,), "row": (1, OUTPUTS), "column": (OUTPUTS, 1), "in_out": (hidden, OUTPUTS)}
        return shapes.get(part.form, (OUTPUTS, hidden))
    rows = sum({"x": inputs, "h": hidden, "1": 1}[letter] for letter in part.stacked)
    return (rows, columns) if part.form == "in_out" else (columns, rows)


def plans(names: Sequence[str], kind: str) -> Iterator[dict[str, Part]]:
    """Yield the plans for weights of these names in a cell of this kind, the likeliest first; all of form "in_out".

    Where one weight holds several gates, they stand in the library's order: `orders` gives the others.
    """
    extra = [name for name in names if is_output_weight(name, names)]
    inner = [name for name in names if name not in extra]
    gates = GATES_OF[kind]
    readings: list[dict[str, dict[str, str]]] = [*families(inner, kind), {name: {name: ""} for name in inner}]
    for reading in readings:
        told = {name for members in reading.values() for name in members}
        stems = {**reading, **{name: {name: ""} for name in inner if name not in told}}
        if len({len(members) for members in stems.values()}) > 1 or len(stems) > 4:
            continue
        biases = [stem for stem in stems if is_bias(next(iter(stems[stem])), names)]
        matrices = [stem for stem in stems if stem not in biases]
        if len(matrices) not in (1, 2) or len(biases) > 2:
            continue
        holds = [("x", "h")] if len(matrices) == 2 else [("hx",)] if biases else [("hx",), ("1hx",)]
        for order, held in itertools.product(itertools.permutations(matrices), holds):
            roles = dict(zip(order, held, strict=True))
            for second in itertools.permutations(biases):
                roles |= dict(zip(second, ("b", "b2"), strict=False))
                plan = {
                    name: Part(roles[stem], (slot,) if slot else gates)
                    for stem, members in stems.items()
                    for name, slot in members.items()
                }
                plan |= {name: Part("extra", (), "flat" if is_bias(name, names) else "in_out") for name in extra}
                yield {name: plan[name] for name in names}


def likely_first(found: Sequence[dict[str, Part]]) -> list[dict[str, Part]]:
    """Return the plans, those first whose names fit: x in the input's weight, h or U or R in the recurrent one."""

    def unlikely(plan: Plan) -> int:
        wrong = 0
        for name, part in plan.items():
            low = name.lower()
            wrong += part.rows == "h" and ("x" in low or "ih" in low)
            wrong += part.rows == "x" and "x" not in low and any(hint in low for hint in ("hh", "aa", "u", "rec"))
            wrong += part.rows == "b2" and ("x" in low or "ih" in low)
        return wrong

    return sorted(found, key=unlikely)


def forms(plan: Plan, known: Mapping[str, tuple[int, ...]] | None, sizes: tuple[int, int]) -> Iterator[dict[str, Part]]:
    """Yield the plan with its weights and biases in every form; where shapes are known, only those that have them."""
    for weight, bias in itertools.product(("in_out", "out_in"), ("flat", "row", "column")):
        formed = {
            name: replace(part, form=bias if part.rows in ("b", "b2") or part.form == "flat" else weight)
            for name, part in plan.items()
        }
        core = {name: part for name, part in formed.items() if part.rows != "extra"}
        if known is None or all(shape_of(part, *sizes) == known.get(name) for name, part in core.items()):
            yield formed


def orders(plan: Plan) -> Iterator[dict[str, Part]]:
    """Yield the plan with its gates in every order, and what is stacked stacked both ways."""
    single = [name for name, part in plan.items() if len(part.gates) == 1]
    gates = sorted({gate for part in plan.values() for gate in part.gates})
    whole = next((part.gates for part in plan.values() if len(part.gates) > 1), tuple(gates))
    letters = max((part.stacked for part in plan.values()), key=len, default="")
    stackings = {"hx": ("hx", "xh"), "1hx": ("1xh", "1hx", "xh1", "hx1")}.get(letters, (letters,))
    for stacked in stackings:
        for order in itertools.permutations(whole):
            renamed = dict(zip(whole, order, strict=True))
            yield {
                name: replace(
                    part,
                    rows=stacked if len(part.stacked) > 1 else part.rows,
                    gates=tuple(renamed[g] for g in part.gates) if name in single else order if part.gates else (),
                )
                for name, part in plan.items()
            }


@dataclass(frozen=True)
class Writing:
    """How the library's weights are written in the learner's. signs: -1 for a gate that the learner turns round.

    A learner's z in the GRU may be the library's 1 - z = sigmoid(-a_z).
    """

    kind: str
    plan: Plan
    signs: Mapping[str, float]

    @property
    def gates(self) -> tuple[str, ...]:
        """The library's gates, in the library's order."""
        return GATES_OF[self.kind]

    @property
    def two_biases(self) -> bool:
        """Whether there is a bias of the recurrent share, too."""
        return any(part.rows == "b2" for part in self.plan.values())

    @property
    def own_order(self) -> tuple[str, ...]:
        """The gates in the learner's order."""
        names = [gate for part in self.plan.values() if part.rows != "extra" for gate in part.gates]
        return tuple(dict.fromkeys(names))

    def write(self, library: Mapping[str, Array], hidden: int) -> dict[str, Array]:
        """Return the learner's weights for the library's (W_ih, W_hh, b, b_hn)."""
        shared = {"b": self._shared(library, hidden, 0), "b2": self._shared(library, hidden, 1)}
        sources = {"x": library["W_ih"], "h": library["W_hh"], **shared}
        return {name: self._write_one(part, sources, hidden) for name, part in self.plan.items()}

    def _write_one(self, part: Part, sources: Mapping[str, Array], hidden: int) -> Array:
        if part.rows == "extra":
            shape = shape_of(part, 0, hidden)
            return (np.arange(np.prod(shape)).reshape(shape) % 5 - 2.0).astype(sources["x"].dtype) / 5.0
        if part.stacked:
            rows = {**sources, "1": sources["b"].reshape(1, -1)}
            source = np.concatenate([rows[letter] for letter in part.stacked])
        else:
            source = sources[part.rows]
        blocks = [self.signs.get(gate, 1.0) * self._block(source, gate, hidden) for gate in part.gates]
        joined = np.concatenate(blocks, axis=-1)
        if part.rows in ("b", "b2"):
            return np.array(joined.reshape(shape_of(part, 0, hidden)))
        return np.array(joined if part.form == "in_out" else joined.T, order="C")

    def _block(self, source: Array, gate: str, hidden: int) -> Array:
        start = self.gates.index(gate) * hidden
        return source[..., start : start + hidden]

    def _shared(self, library: Mapping[str, Array], hidden: int, second: int) -> Array:
        """Return the first or second bias; their sum is b, but b_hn stands alone in the GRU with reset after."""
        b = library["b"]
        if not self.two_biases:
            return b
        if self.kind != "gru":
            return b * (SECOND if second else HOISTED)
        gates = slice(0, 2 * hidden)
        candidate = library["b_hn"] if second else b[2 * hidden :]
        return np.concatenate([b[gates] * (SECOND if second else HOISTED), candidate])

    def gradient_for(self, library: Mapping[str, Array], hidden: int) -> dict[str, Array]:
        """Return the learner's gradients for the library's: each of two biases has the gradient of their sum."""
        b = library["db"]
        b2 = np.concatenate([b[: 2 * hidden], library["db_hn"]]) if self.kind == "gru" and self.two_biases else b
        sources = {"x": library["dW_ih"], "h": library["dW_hh"], "b": b, "b2": b2}
        return {
            name: self._write_one(part, sources, hidden) for name, part in self.plan.items() if part.rows != "extra"
        }

    def read(self, own: Mapping[str, Array], inputs: int, hidden: int) -> dict[str, Array]:
        """Return the library's gradients (W_ih, W_hh, b, b_hn) for the learner's; zero for a missing one."""
        width = len(self.gates) * hidden
        found: dict[str, Array] = {"W_ih": np.zeros((inputs, width)), "W_hh": np.zeros((hidden, width))}
        found |= {"b": np.zeros(width), "b_hn": np.zeros(hidden)}
        for name, part in self.plan.items():
            if part.rows == "extra":
                continue
            wanted = shape_of(part, inputs, hidden)
            given = own.get(name)
            fits = given is not None and np.shape(given) == wanted
            array = np.asarray(given) if fits else np.zeros(wanted)
            columns = array.reshape(1, -1) if part.rows in ("b", "b2") else array if part.form == "in_out" else array.T
            for k, gate in enumerate(part.gates):
                block = self.signs.get(gate, 1.0) * columns[:, k * hidden : (k + 1) * hidden]
                place = slice(self.gates.index(gate) * hidden, (self.gates.index(gate) + 1) * hidden)
                first = 0
                for letter in part.stacked:
                    target = found[{"x": "W_ih", "h": "W_hh", "1": "b"}[letter]]
                    count = {"x": inputs, "h": hidden, "1": 1}[letter]
                    target[..., place] = block[first] if letter == "1" else block[first : first + count]
                    first += count
                if part.rows == "b":
                    found["b"][place] = block[0]
                if part.rows == "b2" and gate == "n":
                    found["b_hn"][:] = block[0]
        return found
