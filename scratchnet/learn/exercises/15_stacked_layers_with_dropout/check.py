import numpy as np

from scratchnet.backend import NUMPY
from scratchnet.cells import RNNCell
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

E, H, KEEP, LAYERS = 3, 4, 0.6, 3
PACKING = Packing((4, 2, 2))
NAMES = ("the bottom layer", "the middle layer", "the top layer")
INTO = "x *= m in forward: x lies on the tape of the layer below, whose states were so overwritten"
BEFORE = "the mask before the layer instead of after it: backward meets the layer first"


def check(judge):
    layers = [Recurrent(RNNCell(E if k == 0 else H, H, rng=k, dtype="float64")) for k in range(LAYERS)]
    x, d_outputs = judge.rng.standard_normal((PACKING.rows, E)), judge.rng.standard_normal((PACKING.rows, H))
    draws = np.random.default_rng(15)
    masks = [drawn(draws) for _ in range(LAYERS - 1)]
    again = [drawn(draws) for _ in range(LAYERS - 1)][::-1]  # what the same generator gives next, top layer first

    def forward(x, layers=layers, masks=masks, tapes=None):
        for k, layer in enumerate(layers):
            x = x if k == 0 else masks[k - 1] * x
            x, _ = layer.forward(x, PACKING, None, tapes and tapes[k])
        return x

    def dropped_instead():
        other = np.random.default_rng(15)
        return [(other.random((PACKING.rows, H)) > KEEP) / KEEP for _ in range(LAYERS - 1)]

    rng = np.random.default_rng(15)
    outputs, tape = judge.call("stack_forward", layers, x, PACKING, KEEP, rng, results=("outputs", "tape"))
    judge.same(
        "the stack's output", outputs, forward(x), equation="(1) (2) between layers, and nowhere else",
        mistakes={"not divided by keep: outputs shrink with each layer": forward(x, masks=[m * KEEP for m in masks]),
                  "no dropout at all": forward(x, masks=[1.0, 1.0]),
                  "one mask for both places": forward(x, masks=[masks[0]] * 2),
                  "kept with probability 1 - keep: keep is how probable it is that an entry stays":
                  lambda: forward(x, masks=dropped_instead())},
        why="forward was right as it was given: it draws one mask (1) before each layer but the first, from rng",
        axes=("row", "unit"), line=("stack_forward", "first m", "first x"), right="forward is right",
    )  # fmt: skip
    for layer in layers:
        layer.zero_gradients()
    dx = judge.call("stack_backward", layers, d_outputs, tape)
    given = [layer.cell.dW_hh.copy() for layer in layers]

    def wrong_backward(masks, before=False, written_into=False):
        """Return the gradients [dW_hh of each layer, dx] of a backward with other masks, or at another place."""
        tapes = [layer.new_tape() for layer in layers]
        forward(x, tapes=tapes)
        for mask, tape in zip(masks * written_into, tapes, strict=False):
            tape.state.h[1:][...] *= mask
        d = d_outputs
        for layer in layers:
            layer.zero_gradients()
        for k in reversed(range(LAYERS)):
            if k > 0 and before:
                d = masks[k - 1] * d
            d, _ = layers[k].backward(d, None, tapes[k])
            if k > 0 and not before:
                d = masks[k - 1] * d
        return [layer.cell.dW_hh.copy() for layer in layers] + [d]

    made = {
        "another mask is drawn in backward: entries that forward let through are blocked, and the other way round":
        wrong_backward(again),
        "the last mask serves in both places: each place needs its own": wrong_backward([masks[1]] * 2),
        "the first mask serves in both places: each place needs its own": wrong_backward([masks[0]] * 2),
        "the two masks are exchanged: backward meets them in the reverse order": wrong_backward(masks[::-1]),
        "no mask at all in backward": wrong_backward([1.0, 1.0]),
        "the mask is there, the factor 1 / keep is not": wrong_backward([m * KEEP for m in masks]),
        "divided by keep twice: m has the factor in it": wrong_backward([m / KEEP for m in masks]),
        INTO: wrong_backward(masks, written_into=True),
        BEFORE: wrong_backward(masks, True),
    }  # fmt: skip
    above_the_top = {BEFORE: made[BEFORE][-2]}  # all others leave the top layer right
    overwritten = np.allclose(given[-2], made[INTO][-3])
    line = ("stack_forward", "first x") if overwritten else ("stack_backward", "d", "m", "mask")
    for k in reversed(range(LAYERS)):
        judge.same(
            f"dW_hh of {NAMES[k]}", given[k], weight_gradient(judge, layers, k, x, d_outputs, forward),
            equation="(3) dx = m * dy, with the m of (2)", axes=("unit", "unit above"), line=line,
            mistakes={words: arrays[k] for words, arrays in made.items()} if k < LAYERS - 1 else above_the_top,
        )  # fmt: skip
    judge.same(
        "dx", dx, judge.gradient(lambda z: (forward(z, complex_of(layers)) * d_outputs).sum(), x),
        equation="there is no mask below the bottom layer", axes=("row", "input"), line=line,
        mistakes={words: arrays[-1] for words, arrays in made.items()},
    )  # fmt: skip


def drawn(rng):
    return (rng.random((PACKING.rows, H)) < KEEP) / KEEP


def complex_of(layers):
    return [layer.to(NUMPY, "complex128") for layer in layers]


def weight_gradient(judge, layers, k, x, d_outputs, forward):
    """Return dL/dW_hh of layer k by the complex step."""
    copies = complex_of(layers)

    def loss(W):
        copies[k].cell.W_hh[...] = W
        return (forward(x.astype(complex), copies) * d_outputs).sum()

    return judge.gradient(loss, layers[k].cell.W_hh)
