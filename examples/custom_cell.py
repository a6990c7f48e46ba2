"""A cell from outside the library: the independently recurrent network of Li et al. (2018), checked and then trained.

    (1)  h = tanh(a + u * h_(t-1))          a = x_t W_ih + b     (0)

The plain network has h_(t-1) W_hh in place of u * h_(t-1). There every unit reads all the others; here it reads only
itself, with one weight a unit, u (H,), and the next layer's W_ih mixes them. So a step needs no matrix product, and one
sees what happens to a gradient on its way back: at each step, that of unit k is multiplied by u_k * (1 - h_k^2). The
paper has ReLU in (1); with tanh the states stay between -1 and 1. Nothing is registered anywhere:

    python examples/custom_cell.py                                       checks it, and trains it for 300 steps
    scratchnet gradcheck examples/custom_cell.py:IndRNNCell              the check alone
    scratchnet train en-hi --cell examples/custom_cell.py:IndRNNCell --out runs/indrnn

Read next: ../docs/adding_a_cell.md.
"""

from itertools import chain, count, islice

import numpy as np

from scratchnet.cells import Cell
from scratchnet.data import Vocabulary, bucketed_batches, load_corpus
from scratchnet.functions import tanh, tanh_derivative
from scratchnet.gradcheck import check_cell
from scratchnet.optim import Adam, clip_by_global_norm
from scratchnet.translation import ModelConfig


def indrnn_forward(a, h_prev, u):
    return (tanh(a + u * h_prev),)  # (1)


def indrnn_backward(dh, h, u):
    da = dh * tanh_derivative(h)  # (1)
    dh_prev = da * u  # (1)
    return da, dh_prev


class IndRNNCell(Cell):
    """The independently recurrent network: W_ih (E, H) and b (H,) as in every cell, u (H,) in the place of W_hh."""

    def build(self, rng):
        limit = np.sqrt(6.0 / (self.input_size + self.hidden_size))
        self.add_parameter("W_ih", rng.uniform(-limit, limit, (self.input_size, self.hidden_size)))
        self.add_parameter("b", np.zeros(self.hidden_size))
        self.add_parameter("u", rng.uniform(0.0, 1.0, self.hidden_size))

    def forward_step(self, a_x, prev, new, saved):
        self.pointwise(indrnn_forward, (a_x, prev.h, self.u), (new.h,))  # (1)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        self.pointwise(indrnn_backward, (d.h, new.h, self.u), (da_x, d.h))  # (1)

    def accumulate_gradients(self, x, tape, dx):
        da = tape.da_x.rows  # of all steps, (N, H)
        self.dW_ih += x.T @ da  # (0)
        self.db += da.sum(axis=0)  # (0)
        self.du += (da * tape.previous("h")).sum(axis=0)  # (1)
        if dx is not None:
            dx[...] = da @ self.W_ih.T  # (0)


def main(steps=300, every=50):
    report = check_cell(IndRNNCell)
    print(report)

    corpus = load_corpus("en-hi").train[:10_000]
    english, hindi = (Vocabulary.build(side) for side in zip(*corpus, strict=True))
    pairs = [(english.encode(source), hindi.encode(target)) for source, target in corpus]
    rng = np.random.default_rng(0)
    config = ModelConfig(embedding_size=64, hidden_size=128)
    model = config.build(len(english), len(hindi), cell=IndRNNCell, rng=rng)
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
