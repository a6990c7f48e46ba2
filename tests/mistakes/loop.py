"""Mistakes in the time loop, in two directions side by side, and in layers on top of one another.

Read next: lstm.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from mistakes.maker import maker
from mistakes.mutant import Mistake

OUTPUT = "output += d_outputs[first : first + alive]"
D_ALL = "        d_all = {name: d[0][name].copy() for name in cell.state}"
STEP = "            cell.backward_step(d_step, prev, new, saved, tape.da_x[t], tape.da_h[t])"
LOOP = "        for t in reversed(steps):"
MIRROR_DX = "            dx = dx[packing.mirrored_rows]"
MIRROR_UPSTREAM = "            d_outputs = d_outputs[packing.mirrored_rows]"
RETURN = "        return dx, [d_all]"

HALVES = "(d_outputs[:, :split], d_outputs[:, split:])"
DX = "            dx += dx_right"
FINALS = "        halves = [None, None] if d_final is None else [d_final[:1], d_final[1:]]"
INITIALS = "return dx, left_initial + right_initial"
MASK = '                d_outputs = self.dropouts[k - 1].backward(d_outputs, tape.parts[f"dropout{k}"])'
OWN = "            own = None if d_final is None else d_final[start:end]"
DOWN = "need_dx or k > 0)\n"
KEEP = (
    "self.backend.dropout_mask(d_outputs.shape, 1.0 - self.dropouts[k - 1].rate, np.random.default_rng(9), self.dtype)"
)

loop = maker("recurrent loop", "recurrent.py", "Recurrent")
both = maker("bidirectional", "stack.py", "Bidirectional")
mirrored = maker("bidirectional", "recurrent.py", "Recurrent")
stack = maker("stacked", "stack.py", "Stack")
dropout = maker("dropout", "stack.py", "Stack")


def loop_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `Recurrent`, `Bidirectional` and `Stack`."""
    return (*_loop(), *_directions(), *_stack())


def _zeroing(rows: str, states: str = "") -> str:
    return f"{D_ALL}\n        for name in cell.state{states}:\n            d_all[name][{rows}] = 0.0"


def _carrying(states: str) -> str:
    """Return a step to whose result what came in is added: in masked code, a forgotten 1 - mask."""
    before = f"            came = {{name: getattr(d_step, name).copy() for name in cell.state{states}}}\n"
    return f"{before}{STEP}\n            for name in came:\n                getattr(d_step, name)[...] += came[name]"


def _loop() -> Iterator[Mistake]:
    for id, name, number, old, new in (
        ("dh-dropped", "the loop forgets dh of the next step", 1, OUTPUT,
         "output[...] = d_outputs[first : first + alive]"),
        ("outputs-ignored", "the outputs' gradient ignored, only the final states count", None, OUTPUT, "pass"),
        ("outputs-last-step-alone", "the outputs' gradient counted at the last step alone", None, OUTPUT,
         f"if t == packing.steps - 1:\n                    {OUTPUT}"),
        ("outputs-to-all-states", "the outputs' gradient added to every state, to c as well as to h", None, OUTPUT,
         OUTPUT + "\n                for name in cell.state[1:]:\n"
         "                    getattr(d_step, name)[...] += d_outputs[first : first + alive]"),
        ("final-last-step-only", "final states' gradient only in sequences that reach the last step", 14, D_ALL,
         _zeroing("packing.sizes[-1] :")),
        ("final-ignored", "final states' gradient ignored", None, D_ALL, D_ALL.replace(".copy()", " * 0.0")),
        ("final-twice", "final states' gradient added twice", None, D_ALL, D_ALL.replace(".copy()", " * 2.0")),
        ("final-h-only", "final states' gradient taken for h only, not for c", 19, D_ALL,
         D_ALL + "\n        for name in cell.state[1:]:\n            d_all[name][...] = 0.0"),
        ("final-c-last-step-only", "final c's gradient only in sequences that reach the last step", 14, D_ALL,
         _zeroing("packing.sizes[-1] :", "[1:]")),
        ("final-h-last-step-only", "final h's gradient only in sequences that reach the last step", 14, D_ALL,
         _zeroing("packing.sizes[-1] :", "[:1]")),
        ("carried-too", "the gradients of h and c carried past real steps, too, as if these were padded", None, STEP,
         _carrying("")),
        ("h-carried-too", "the gradient of h carried past real steps, too, as if these were padded", None, STEP,
         _carrying("[:1]")),
        ("c-carried-too", "the gradient of c carried past real steps, too, as if these were padded", None, STEP,
         _carrying("[1:]")),
        ("truncated-1", "window of truncation one step short: dh is cut at the first step", None, STEP,
         STEP + "\n            if t == 1:\n                d_step.h[...] = 0.0"),
        ("truncated-last", "dh is cut behind the last step: truncation to a window of one step", None, STEP,
         STEP + "\n            if t == packing.steps - 1:\n                d_step.h[...] = 0.0"),
        ("skips-last", "the loop starts one step too late and skips the last one", None, LOOP,
         LOOP.replace("(steps)", "(steps[:-1])")),
        ("skips-first", "the loop ends one step too early and skips the first one", None, LOOP,
         LOOP.replace("(steps)", "(steps[1:])")),
        ("forward-order", "the loop runs from the first step to the last", None, LOOP,
         LOOP.replace("reversed(steps)", "steps")),
        ("initial-missing", "the initial state gets no gradient", None, RETURN,
         RETURN.replace("[d_all]", "[{name: 0.0 * d_all[name] for name in d_all}]")),
        ("dh-batch-mean", "dh divided by the number of sequences at each step", 13, STEP,
         STEP + "\n            d_step.h[...] = d_step.h / packing.batch"),
        ("dh-halved", "dh divided by the number of states", None, STEP,
         STEP + "\n            d_step.h[...] = d_step.h * 0.5"),
    ):  # fmt: skip
        yield loop(id, name, number, "", old, new)


def _directions() -> Iterator[Mistake]:
    for id, name, old, new in (
        ("dx-not-mirrored", "right-to-left dx not mirrored back", MIRROR_DX, "            dx = dx * 1.0"),
        ("upstream-not-mirrored", "right-to-left upstream gradient not mirrored", MIRROR_UPSTREAM,
         "            d_outputs = d_outputs * 1.0"),
    ):  # fmt: skip
        yield mirrored(id, name, None, "", old, new)
    for id, name, old, new in (
        ("dx-of-one", "dx of one direction only", DX, "            dx += 0.0"),
        ("dx-averaged", "dx of the two directions averaged instead of added", DX,
         "            dx += dx_right\n            dx *= 0.5"),
        ("halves-exchanged", "the halves of the outputs exchanged", HALVES,
         "(d_outputs[:, split:], d_outputs[:, :split])"),
        ("same-half", "both directions get the first half of the outputs' gradient", HALVES,
         "(d_outputs[:, :split], d_outputs[:, :split])"),
        ("finals-exchanged", "final states' gradients of the two directions exchanged", FINALS,
         FINALS.replace("[d_final[:1], d_final[1:]]", "[d_final[1:], d_final[:1]]")),
        ("finals-of-one", "the reverse direction's final states get no gradient", FINALS,
         FINALS.replace("d_final[1:]]", "None]")),
        ("initials-exchanged", "initial states' gradients of the two directions exchanged", INITIALS,
         "return dx, right_initial + left_initial"),
    ):  # fmt: skip
        yield both(id, name, None, "", old, new)


def _stack() -> Iterator[Mistake]:
    yield stack("detached", "the layer below gets no gradient from the outputs of the layer above", None, "", DOWN,
                DOWN + "            d_outputs = d_outputs * 0.0 if k > 0 else d_outputs\n")  # fmt: skip
    yield stack("finals-reversed", "final states' gradients handed to the layers in reverse order", None, "", OWN,
                OWN.replace("d_final[start:end]",
                "d_final[len(self.cells) - end : len(self.cells) - start]"))  # fmt: skip
    yield stack("finals-of-top", "only the top layer's final states get their gradient", None, "", OWN,
                OWN.replace("if d_final is None", "if d_final is None or k < len(self.layers) - 1"))  # fmt: skip
    yield dropout("mask-redrawn", "dropout mask drawn again in backward", None, "", MASK,
                  f"                d_outputs = d_outputs * {KEEP}", random=True)  # fmt: skip
    yield dropout(
        "mask-other-layer", "dropout mask of another layer", None, "", MASK, MASK.replace("dropout{k}", "dropout1")
    )
    yield dropout(
        "mask-forgotten",
        "dropout mask forgotten in backward",
        None,
        "",
        MASK,
        "                d_outputs = d_outputs * 1.0",
    )
    yield dropout("mask-not-scaled", "dropout mask without its scale 1 / (1 - rate) in backward", None, "", MASK,
                  MASK + " * (1.0 - self.dropouts[k - 1].rate)")  # fmt: skip
    yield dropout(
        "mask-twice",
        "dropout mask applied twice in backward",
        None,
        "",
        MASK,
        MASK + ' * tape.parts[f"dropout{k}"].mask',
    )
