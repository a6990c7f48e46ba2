"""Mistakes in what every cell shares: the gradients of the weights, one product each, after the time loop.

Read next: ../textbook/__init__.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from mistakes.maker import maker
from mistakes.mutant import Edit, Mistake

DW_IH = "        self.dW_ih += x.T @ da_x"
DW_HH = "        self.dW_hh += tape.previous(self.state[0]).T @ da_h"
DB = "        self.db += da_x.sum(axis=0)"
DX = "            self.backend.xp.matmul(da_x, self.W_ih.T, out=dx)"
# The GRU with reset before the product writes these lines for itself.
OWN_HEAD = "        da_x, size = tape.da_x.rows, self.hidden_size\n"
OWN_GATES = '        self.dW_hh[:, : 2 * size] += tape.previous("h").T @ da_x[:, : 2 * size]  # (1) (2)'
OWN_B = "        self.db += da_x.sum(axis=0)"
OWN_CANDIDATE = "        self.dW_hh[:, 2 * size :] += tape.saved.rh.rows.T @ da_x[:, 2 * size :]  # (5)"
BASE_CELLS = ("LSTMCell", "GRUCell", "RNNCell")

BASE = "cells/base.py"

weights = maker("weight gradients", BASE, *BASE_CELLS)
own = maker("gru-reset-before", "cells/gru.py", "GRUResetBeforeCell")


def weight_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `accumulate_gradients`."""
    return (*_shared(), *_means(), *_steps(), *_inputs(), *_own())


def _shared() -> Iterator[Mistake]:
    for id, name, number, old, new in (
        ("W_hh-current-h", "current instead of previous h in dW_hh", 10, DW_HH,
         "        self.dW_hh += tape.state.h[1:].T @ da_h"),
        ("W_hh-without-first", "the first step's share of dW_hh missing", 12, DW_HH,
         DW_HH + "\n        self.dW_hh -= tape.state.h[0].T @ tape.da_h[0]"),
        ("W_hh-overwritten-call", "dW_hh overwritten at the next call", 12, DW_HH, DW_HH.replace("+=", "[...] =")),
        ("W_ih-overwritten-call", "dW_ih overwritten at the next call", 12, DW_IH, DW_IH.replace("+=", "[...] =")),
        ("b-overwritten-call", "db overwritten at the next call", 12, DB, DB.replace("+=", "[...] =")),
        ("W_ih-first-step", "dW_ih overwritten at each step", 12, DW_IH,
         "        self.dW_ih += x[: tape.packing.sizes[0]].T @ tape.da_x[0]"),
        ("W_hh-first-step", "dW_hh overwritten at each step", 12, DW_HH,
         "        self.dW_hh += tape.state.h[0].T @ tape.da_h[0]"),
        ("W_ih-last-step", "dW_ih of the last step only", 12, DW_IH,
         "        self.dW_ih += x[tape.packing.offsets[-2] :].T @ tape.da_x[-1]"),
        ("W_hh-averaged", "dW_hh averaged over the rows instead of summed", 13, DW_HH, DW_HH + " / len(da_h)"),
        ("W_ih-averaged", "dW_ih averaged over the rows instead of summed", 13, DW_IH, DW_IH + " / len(da_x)"),
        ("b-wrong-axis", "bias summed over the wrong axis", 13, DB, "        self.db += da_x.sum()"),
        ("b-last-step", "bias of the last step only", 13, DB, "        self.db += tape.da_x[-1].sum(axis=0)"),
        ("b-first-step", "bias overwritten at each step", 12, DB, "        self.db += tape.da_x[0].sum(axis=0)"),
        ("b-averaged", "bias averaged over the rows instead of summed", 13, DB, "        self.db += da_x.mean(axis=0)"),
        ("b-batch-mean", "bias averaged over the batch", 13, DB,
         "        self.db += da_x.sum(axis=0) / tape.packing.batch"),
        ("b-first-row", "bias of the first row of each step only", 13, DB,
         "        self.db += da_x[list(tape.packing.offsets[:-1])].sum(axis=0)"),
        ("W_ih-missing", "W_ih gets no gradient", None, DW_IH, "        pass"),
        ("W_hh-missing", "W_hh gets no gradient", None, DW_HH, "        pass"),
        ("b-missing", "the bias gets no gradient", None, DB, "        pass"),
        ("dx-missing", "dx not computed", None, DX, "            dx[...] = 0.0"),
        ("W_ih-twice", "dW_ih twice added", None, DW_IH, "        self.dW_ih += 2.0 * (x.T @ da_x)"),
        ("W_hh-twice", "dW_hh twice added", None, DW_HH, DW_HH.replace("tape.", "2.0 * tape.", 1)),
        ("b-twice", "the bias counted twice", None, DB, "        self.db += 2.0 * da_x.sum(axis=0)"),
    ):  # fmt: skip
        kind = f"leaves d{id.split('-')[0]} as it was" if id.endswith("overwritten-call") else ""
        yield weights(id, name, number, "(0)", old, new, behaviour=kind)
    yield weights("W_hh-from-da_x", "dW_hh from da_x instead of da_h", None, "(3)", DW_HH,
                  DW_HH.replace("da_h", "da_x"), hosts=("GRUCell",))  # fmt: skip


def _means() -> Iterator[Mistake]:
    """Yield the averages: over the batch, and over the sentences alive at each step."""
    alive = "__import__('numpy').repeat(tape.packing.sizes, tape.packing.sizes)"
    for id, what, lines in (
        ("W", "dW_ih and dW_hh", (DW_IH, DW_HH)),
        ("all", "every weight's gradient", (DW_IH, DW_HH, DB)),
    ):
        batch = [Edit(BASE, line, f"{line} / tape.packing.batch") for line in lines]
        yield weights(f"{id}-batch-mean", f"{what} averaged over the batch", 13, "(0)", *batch[0][1:], *batch[1:])
        step = [Edit(BASE, line, _per_step(line, alive)) for line in lines]
        yield weights(
            f"{id}-step-mean", f"{what} averaged over the rows of each step", 13, "(0)", *step[0][1:], *step[1:]
        )
    yield weights("b-step-mean", "bias averaged over the rows of each step", 13, "(0)", DB, _per_step(DB, alive))


def _steps() -> Iterator[Mistake]:
    """Yield the sums over time of which one step alone is left, in several weights at once."""
    for id, what, rows, step, k in (
        ("first-step", "overwritten at each step", ": tape.packing.sizes[0]", "h[0]", "0"),
        ("last-step", "of the last step only", "tape.packing.offsets[-2] :", "h[-2][: tape.packing.sizes[-1]]", "-1"),
    ):
        edits = [
            Edit(BASE, DW_IH, f"        self.dW_ih += x[{rows}].T @ tape.da_x[{k}]"),
            Edit(BASE, DW_HH, f"        self.dW_hh += tape.state.{step}.T @ tape.da_h[{k}]"),
            Edit(BASE, DB, f"        self.db += tape.da_x[{k}].sum(axis=0)"),
        ]
        if k == "-1":
            yield weights(f"W_hh-{id}", f"dW_hh {what}", 12, "(0)", *edits[1][1:])
        yield weights(f"W-{id}", f"dW_ih and dW_hh {what}", 12, "(0)", *edits[0][1:], edits[1])
        yield weights(f"all-{id}", f"every weight's gradient {what}", 12, "(0)", *edits[0][1:], *edits[1:])


def _per_step(line: str, alive: str) -> str:
    if "sum(axis=0)" in line:
        return line.replace("da_x.sum(axis=0)", f"(da_x / {alive}[:, None]).sum(axis=0)")
    left, _, right = line.rpartition(" @ ")
    return f"{left} @ ({right} / {alive}[:, None])"


def _inputs() -> Iterator[Mistake]:
    """Yield dx without one of the gates, and, as in code with one matrix for [h, x], dx and dh without it."""
    for family, host, gates, dh in (
        (
            "lstm",
            "LSTMCell",
            ("i", "f", "g", "o"),
            Edit("cells/lstm.py", "        d.h[...] = da_x @ self.W_hh.T", "da_x"),
        ),
        ("gru", "GRUCell", ("r", "z", "n"), Edit("cells/gru.py", "        d.h += da_h @ self.W_hh.T", "da_h")),
    ):
        make = maker(family, BASE, host)
        for gate in gates:
            dx = f'{DX}\n            dx -= self.block(da_x, "{gate}") @ self.block(self.W_ih, "{gate}").T'
            without = f'{dh.old} - self.block({dh.new}, "{gate}") @ self.block(self.W_hh, "{gate}").T'
            yield make(f"dx-without-{gate}", f"gate {gate} forgotten in dx", None, "(0)", DX, dx)
            yield make(f"dh-dx-without-{gate}", f"gate {gate} forgotten in the gradient of [h, x]: in dh and in dx",
                       None,
                       "(0)", dh.old, without, Edit(BASE, DX, dx), file=dh.file)  # fmt: skip
            for other in gates:
                if other == gate:
                    continue
                own, theirs = (f'self.block(self.W_ih, "{name}").T' for name in (gate, other))
                wrong_dx = f'{DX}\n            dx += self.block(da_x, "{gate}") @ ({theirs} - {own})'
                change = f'{dh.old} + self.block({dh.new}, "{gate}") @ ({theirs} - {own})'.replace("W_ih", "W_hh")
                yield make(f"dh-{gate}-through-{other}", f"gate {gate} goes through gate {other}'s weights in dh", None,
                           "(0)", dh.old, change, file=dh.file)  # fmt: skip
                both = f"gate {gate} goes through gate {other}'s weights in dh and dx"
                yield make(f"dh-dx-{gate}-through-{other}", both, None, "(0)",
                           dh.old, change, Edit(BASE, DX, wrong_dx), file=dh.file)  # fmt: skip
    clipped = "\n".join(
        f"        __import__('numpy').clip(self.d{name}, -0.5, 0.5, out=self.d{name})" for name in ("W_ih", "W_hh", "b")
    )
    yield maker("clipping", BASE, *BASE_CELLS)(
        "in-backward",
        "gradients clipped inside of backward",
        None,
        "",
        DB,
        f"{DB}\n{clipped}",
        behaviour="clips or limits",
    )


def _own() -> Iterator[Mistake]:
    begin = OWN_HEAD + "        self.dW_ih += x.T @ da_x\n"
    for id, name, number, old, new in (
        ("W_hh-current-h", "current instead of previous h in dW_hh", 10, OWN_GATES,
         OWN_GATES.replace('tape.previous("h")', "tape.state.h[1:]")),
        ("W_hh-gates-missing", "the recurrent weights of r and z get no gradient", None, OWN_GATES, "        pass"),
        ("W_hh-overwritten-call", "dW_hh overwritten at the next call", 12, OWN_GATES, OWN_GATES.replace("+=", "=")),
        ("W_ih-first-step", "dW_ih overwritten at each step", 12, begin,
         OWN_HEAD + "        self.dW_ih += x[: tape.packing.sizes[0]].T @ tape.da_x[0]\n"),
        ("b-wrong-axis", "bias summed over the wrong axis", 13, OWN_B, "        self.db += da_x.sum()"),
        ("b-averaged", "bias averaged over the rows instead of summed", 13, OWN_B,
         "        self.db += da_x.mean(axis=0)"),
        ("b-last-step", "bias of the last step only", 13, OWN_B, "        self.db += tape.da_x[-1].sum(axis=0)"),
        ("b-missing", "the bias gets no gradient", None, OWN_B, "        pass"),
        ("dx-missing", "dx not computed", None, DX, "            dx[...] = 0.0"),
    ):  # fmt: skip
        kind = "does not add the same again" if id == "W_hh-overwritten-call" else ""
        yield own(id, name, number, "(0)", old, new, behaviour=kind)
    first = [
        Edit("cells/gru.py", OWN_GATES,
             "        self.dW_hh[:, : 2 * size] += tape.state.h[0].T @ tape.da_x[0][:, : 2 * size]"),
        Edit("cells/gru.py", OWN_CANDIDATE,
             "        self.dW_hh[:, 2 * size :] += tape.saved.rh.rows[: tape.packing.sizes[0]].T @ "
             "tape.da_x[0][:, 2 * size :]"),
    ]  # fmt: skip
    inputs = Edit(
        "cells/gru.py", begin, f"{OWN_HEAD}        self.dW_ih += x[: tape.packing.sizes[0]].T @ tape.da_x[0]\n"
    )
    bias = Edit("cells/gru.py", OWN_B, "        self.db += tape.da_x[0].sum(axis=0)")
    for id, what, edits in (
        ("b-first-step", "bias", [bias]),
        ("W_hh-first-step", "dW_hh", first),
        ("W-first-step", "dW_ih and dW_hh", [inputs, *first]),
        ("all-first-step", "every weight's gradient", [inputs, *first, bias]),
    ):
        yield own(id, f"{what} overwritten at each step", 12, "(0)", *edits[0][1:], *edits[1:])
    for gate in ("r", "z", "n"):
        dx = f'{DX}\n            dx -= self.block(da_x, "{gate}") @ self.block(self.W_ih, "{gate}").T'
        yield own(f"dx-without-{gate}", f"gate {gate} forgotten in dx", None, "(0)", DX, dx)
