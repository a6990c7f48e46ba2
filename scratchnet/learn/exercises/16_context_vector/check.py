from pathlib import Path
from types import SimpleNamespace

import numpy as np

from scratchnet.backend import NUMPY
from scratchnet.cells import LSTMCell
from scratchnet.learn.exercise import read_exercise
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent, select_rows

E, H = 2, 3
SOURCE, TARGET = Packing((4, 3, 2)), Packing((3, 2, 2))
CONTEXT = np.array([1, 2, 0])  # not its own inverse
GIVEN = SimpleNamespace()
exec(read_exercise(Path(__file__).parent).start, vars(GIVEN))  # forward and backward, as the learner was given them
BECAUSE = {
    "decoder W_hh": "the decoder's own loop is right, and nothing comes back to it from the encoder",
    "decoder initial c": "the decoder computes it rightly; it is thrown away after that",
    "encoder a_o, last step": "(6) (4): da_o = dh * tanh(c) * o * (1 - o) takes dh alone, and dh is handed over",
    "encoder a_i, last step": "(5): da_i takes dc, and dc lacks what the decoder's c_0 has to say",
    "encoder a_f, last step": "(5): da_f takes dc, and dc lacks what the decoder's c_0 has to say",
    "encoder a_o, step before": "its dh is da W_hh^T of the step after, and three of four blocks of that da are wrong",
    "encoder W_hh o": "it sums h_(t-1)^T da_o over all steps: one right step does not help",
}  # fmt: skip


def check(judge):
    encoder, decoder = (Recurrent(LSTMCell(E, H, rng=k, dtype="float64")) for k in (1, 2))
    for array in (*encoder.parameters().values(), *decoder.parameters().values()):
        array[...] = judge.rng.normal(0.0, 0.7, array.shape)
    x, y = judge.rng.standard_normal((SOURCE.rows, E)), judge.rng.standard_normal((TARGET.rows, E))
    d_outputs = judge.rng.standard_normal((TARGET.rows, H))
    batch = SimpleNamespace(
        source_packing=SOURCE, target_packing=TARGET, context_rows=CONTEXT, target_rows=np.argsort(CONTEXT)
    )
    parts = encoder, decoder, x, y, d_outputs, batch
    right = gradients(parts, lambda d, rows: select_rows(d, rows))
    broken = gradients(parts)
    facts = {name: bool(np.allclose(right[name], broken[name], rtol=1e-9, atol=1e-14)) for name in BECAUSE}
    judge.predicted(judge.code.value("PREDICTION"), facts, BECAUSE)

    outputs, tapes = judge.call("forward", encoder, decoder, x, y, batch, results=("outputs", "tapes"))
    judge.same(
        "forward", outputs, GIVEN.forward(encoder, decoder, x, y, batch)[0], equation="(1) to (6)",
        why="forward was right as it was given", line=("forward", "outputs"),
    )  # fmt: skip
    encoder.zero_gradients()
    arguments = (encoder, decoder, d_outputs, tapes, batch)
    d_initial, d_final = judge.call("backward", *arguments, results=("d_initial", "d_final"))
    states = [set(one) if isinstance(one, dict) else one for one in d_final] if isinstance(d_final, list) else d_final
    judge.true(
        states == [{"h", "c"}], "d_final speaks of both states", "d_final is not what encoder.backward takes",
        equation='wanted: [{"h": (B, H), "c": (B, H)}]', line=("backward", "d_final"),
    )  # fmt: skip
    _, final = encoder.forward(x, SOURCE)
    decoder_copy = decoder.to(NUMPY, "complex128")
    for name in ("h", "c"):
        d, other = d_initial[0][name], d_initial[0]["c" if name == "h" else "h"]

        def loss(state, name=name):
            initial = select_rows([{**final[0], name: state}], CONTEXT)
            return (decoder_copy.forward(y.astype(complex), TARGET, initial)[0] * d_outputs).sum()

        judge.same(
            f"d_final, {name}", d_final[0][name], judge.gradient(loss, final[0][name]), axes=("sentence", "unit"),
            equation="the decoder starts in the encoder's last states, so dL/d(one) is dL/d(the other), row by row",
            mistakes={f"nothing of the decoder's {name}_0 arrives: the encoder's {name} is detached": 0.0 * d,
                      "the order of the target sentences, not that of the sources": d,
                      "permuted by context_rows once more instead of back": d[CONTEXT],
                      f"the gradient of the other state stands where that of {name} belongs":
                      other[np.argsort(CONTEXT)]},
            line=("backward", "d_final", "dh", "dc", name),
        )  # fmt: skip
    encoder_copy = encoder.to(NUMPY, "complex128")

    def loss_of_weights(W):
        encoder_copy.cell.W_hh[...] = W
        _, last = encoder_copy.forward(x.astype(complex), SOURCE)
        return (decoder_copy.forward(y.astype(complex), TARGET, select_rows(last, CONTEXT))[0] * d_outputs).sum()

    judge.same(
        "the encoder's dW_hh", encoder.cell.dW_hh, judge.gradient(loss_of_weights, encoder.cell.W_hh),
        equation="encoder.backward(None, d_final, tape)", axes=("unit", "column"), line=("backward", "d_final"),
        right="the encoder's dW_hh is right: encoder and decoder learn from one loss",
    )  # fmt: skip


def gradients(parts, mended=None):
    """Return the gradients that BECAUSE names, of the file as it was given, or with the hand-over `mended`."""
    encoder, decoder, x, y, d_outputs, batch = parts
    _, tapes = GIVEN.forward(encoder, decoder, x, y, batch)
    encoder.zero_gradients()
    decoder.zero_gradients()
    if mended is None:
        d_initial, _ = GIVEN.backward(encoder, decoder, d_outputs, tapes, batch)
    else:
        _, d_initial = decoder.backward(d_outputs, None, tapes[1])
        encoder.backward(None, mended(d_initial, batch.target_rows), tapes[0])
    cell, da, lengths = encoder.cell, tapes[0].da_x.rows, np.array(SOURCE.lengths)
    sentences, offsets = np.arange(SOURCE.batch), np.array(SOURCE.offsets)
    last, before = (da[offsets[lengths - back] + sentences] for back in (1, 2))
    return {
        "decoder W_hh": decoder.cell.dW_hh.copy(), "decoder initial c": d_initial[0]["c"],
        **{f"encoder a_{gate}, last step": cell.block(last, gate) for gate in "ifgo"},
        "encoder a_o, step before": cell.block(before, "o"),
        "encoder W_hh o": cell.block(cell.dW_hh, "o").copy(),
    }  # fmt: skip
