"""A cell from outside the library: the LSTM with peepholes of Gers and Schmidhuber (2000), checked and then trained.

    (1)  i = sigmoid(a_i + p_i * c_(t-1))    input gate        a = x_t W_ih + b + h_(t-1) W_hh     (0)
    (2)  f = sigmoid(a_f + p_f * c_(t-1))    forget gate       p_i, p_f, p_o (H,): one weight a unit, the peepholes
    (3)  g = tanh(a_g)                       candidate
    (4)  c = f * c_(t-1) + i * g             cell state
    (5)  o = sigmoid(a_o + p_o * c)          output gate: it looks at the *new* cell state
    (6)  h = o * tanh(c)                     output

In the plain LSTM a gate sees the cell state only as far as the output gate lets it out; here every gate looks straight
into the cell. The paper cuts the gradient at the peepholes; here it is complete. Nothing is registered anywhere:

    python examples/custom_cell.py                                         checks it, and trains it for 300 steps
    scratchnet gradcheck examples/custom_cell.py:PeepholeCell              shows all that was checked
    scratchnet train en-hi --cell examples/custom_cell.py:PeepholeCell --out runs/peepholes

Read next: ../docs/adding_a_cell.md.
"""

from itertools import chain, count, islice

import numpy as np

from scratchnet.cells import Cell
from scratchnet.data import Vocabulary, bucketed_batches, load_corpus
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative
from scratchnet.gradcheck import as_text, check_cell
from scratchnet.optim import Adam, clip_by_global_norm
from scratchnet.seq2seq import Seq2Seq


def peephole_forward(a_i, a_f, a_g, a_o, c_prev, p_i, p_f, p_o):
    i = sigmoid(a_i + p_i * c_prev)  # (1)
    f = sigmoid(a_f + p_f * c_prev)  # (2)
    g = tanh(a_g)  # (3)
    c = f * c_prev + i * g  # (4)
    o = sigmoid(a_o + p_o * c)  # (5)
    tanh_c = tanh(c)
    return o * tanh_c, c, i, f, g, o, tanh_c  # (6)


def peephole_backward(dh, dc, i, f, g, o, tanh_c, c_prev, p_i, p_f, p_o):
    da_o = dh * tanh_c * sigmoid_derivative(o)  # (6) (5)
    dc = dc + dh * o * tanh_derivative(tanh_c) + da_o * p_o  # (6) (5): c reaches the loss by three paths
    da_i = dc * g * sigmoid_derivative(i)  # (4) (1)
    da_f = dc * c_prev * sigmoid_derivative(f)  # (4) (2)
    da_g = dc * i * tanh_derivative(g)  # (4) (3)
    dc_prev = dc * f + da_i * p_i + da_f * p_f  # (4) (1) (2)
    return da_i, da_f, da_g, da_o, dc_prev


class PeepholeCell(Cell):
    """The LSTM with peepholes: three parameters p_i, p_f, p_o (H,) more than the plain one."""

    state = ("h", "c")
    gates = ("i", "f", "g", "o")
    saved = ("i", "f", "g", "o", "tanh_c")
    accumulated = ("c",)

    def build(self, rng):
        super().build(rng)
        self.block(self.b, "f")[...] = 1.0
        for name in ("p_i", "p_f", "p_o"):
            self.add_parameter(name, rng.normal(0.0, 0.1, self.hidden_size))

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.h @ self.W_hh  # (0)
        inputs = (*self.blocks(a_x), prev.c, self.p_i, self.p_f, self.p_o)
        outputs = (new.h, new.c, saved.i, saved.f, saved.g, saved.o, saved.tanh_c)
        self.pointwise(peephole_forward, inputs, outputs)  # (1) to (6)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        gates = (saved.i, saved.f, saved.g, saved.o, saved.tanh_c)
        inputs = (d.h, d.c, *gates, prev.c, self.p_i, self.p_f, self.p_o)
        self.pointwise(peephole_backward, inputs, (*self.blocks(da_x), d.c))  # (6) to (1)
        d.h[...] = da_x @ self.W_hh.T  # (0)

    def accumulate_gradients(self, x, tape, dx):
        super().accumulate_gradients(x, tape, dx)
        da_i, da_f, _, da_o = self.blocks(tape.da_x.rows)
        self.dp_i += (da_i * tape.previous("c")).sum(axis=0)  # (1)
        self.dp_f += (da_f * tape.previous("c")).sum(axis=0)  # (2)
        self.dp_o += (da_o * tape.state.c[1:]).sum(axis=0)  # (5): the states after each step


def main(steps=300, every=50):
    report = check_cell(PeepholeCell)
    print(report.verdict if report.ok else as_text(report))

    corpus = load_corpus("en-hi").train[:10_000]
    english, hindi = (Vocabulary.build(side) for side in zip(*corpus, strict=True))
    pairs = [(english.encode(source), hindi.encode(target)) for source, target in corpus]
    rng = np.random.default_rng(0)
    model = Seq2Seq(len(english), len(hindi), cell=PeepholeCell, embedding_size=64, hidden_size=128, rng=rng)
    optimizer = Adam(model.parameters(), model.gradients(), learning_rate=0.003)
    tape, losses = model.new_tape(), []
    for batch in islice(chain.from_iterable(bucketed_batches(pairs, 64, rng) for _ in count()), steps):
        losses.append(float(model.forward(batch, tape, rng)))
        model.zero_gradients()
        model.backward(tape)
        clip_by_global_norm(model.gradients(), 1.0)
        optimizer.step()
        if len(losses) % every == 0:
            print(f"step {len(losses):4}   loss {np.mean(losses[-every:]):.3f} nats a word")
    return losses


if __name__ == "__main__":
    main()
