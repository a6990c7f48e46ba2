import numpy as np

from scratchnet.cells import RNNCell
from scratchnet.learn.comparison import agrees
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

LENGTHS, E, H = (5, 3, 1), 2, 4
T, B = LENGTHS[0], len(LENGTHS)
NAMES = ("dx", "dh0", "dW_ih", "dW_hh", "db")
LOOP = "(2) (1) da = m * dh * (1 - n * n); (0) (2) dh_(t-1) = da W_hh^T + (1 - m) * dh"


def check(judge):
    rng = judge.rng
    at = {"x": rng.standard_normal((T, B, E)), "h0": np.tanh(rng.standard_normal((B, H))),
          "W_ih": rng.standard_normal((E, H)), "W_hh": rng.standard_normal((H, H)) / 2,
          "b": rng.standard_normal(H)}  # fmt: skip
    mask = (np.arange(T)[:, None] < np.array(LENGTHS)).astype(float)
    d_out, d_last = rng.standard_normal((T, B, H)) * mask[:, :, None], rng.standard_normal((B, H))
    x, h0, W_ih, W_hh, b = at.values()
    m = mask[:, :, None]
    h = forward(m, **at)
    judge.same(
        "h", judge.call("rnn_forward", x, mask, h0, W_ih, W_hh, b), h, equation="(2) h = m * n + (1 - m) * h_(t-1)",
        mistakes={"the mask is not used: the state runs on over padding": forward(1.0 + 0 * m, **at),
                  "m * n without (1 - m) * h_(t-1): the state is 0 at padding, and should stand still":
                  forward(m, keep=lambda m: 0 * m, **at),
                  "m and 1 - m are exchanged": forward(1 - m, **at),
                  "n + (1 - m) * h_(t-1): the new state is not masked": forward(m, take=lambda m: 1 + 0 * m, **at),
                  "m * n + h_(t-1): the old state is not masked": forward(m, keep=lambda m: 1 + 0 * m, **at)},
        axes=("slot", "sentence", "unit"), line=("rnn_forward", "h"),
        right="forward is right: at padding h stands still",
    )  # fmt: skip
    given = judge.call("rnn_backward", d_out, d_last, x, mask, h, W_ih, W_hh, results=NAMES)

    def right(name):
        def loss(z):
            found = forward(m, **at | {name: z})
            return (found[1:] * d_out).sum() + (found[T] * d_last).sum()

        return judge.gradient(loss, at[name])

    def run(take, keep, back=W_hh.T, slope=lambda new, old: 1 - new * new):
        return backward(d_out, d_last, x, h, W_ih, back, take, keep, slope)

    # Each with the name on the left of the line that it is about.
    wrong = {
        "the mask is not used: padding counts, and dh shrinks on its way over it": ("da", run(1 + 0 * m, 0 * m)),
        "the state was carried over padding, its gradient is not: (1 - m) * dh is missing, or is made of da or of a dh "
        "that the mask has set to 0 already": ("dh_prev", run(m, 0 * m)),
        "da is not masked: padding counts as if it were real": ("da", run(1 + 0 * m, 1 - m)),
        "dh goes straight to h_(t-1) at every step, not at padding alone: (1 - m) is missing":
        ("dh_prev", run(m, 1 + 0 * m)),
        "m and 1 - m are exchanged": ("da", run(1 - m, m)),
        "m in place of 1 - m in dh_(t-1)": ("dh_prev", run(m, m)),
        "W_hh is not transposed; it is square, so nothing stops": ("dh_prev", run(m, 1 - m, W_hh)),
        "the derivative of tanh in (1) is missing": ("da", run(m, 1 - m, slope=lambda new, old: 1.0)),
        "that derivative is taken at the previous state h[t]; the new one is h[t + 1]":
        ("da", run(m, 1 - m, slope=lambda new, old: 1 - old * old)),
    }  # fmt: skip
    axes = {"dx": ("step", "sentence", "input"), "dh0": ("sentence", "unit"), "dW_ih": ("input", "unit"),
            "dW_hh": ("unit before", "unit"), "db": ("unit",)}  # fmt: skip
    for k, name in enumerate(NAMES):
        mistakes = {words: made[k] for words, (_, made) in wrong.items()}
        meant = (wrong[words][0] for words, made in mistakes.items() if agrees(given[k], made, 1e-9))
        judge.same(
            name, given[k], right(name[1:]), equation=LOOP, mistakes=mistakes,
            axes=axes[name], line=("rnn_backward", next(meant, "dh_prev")),
            right="dx is right at every step of every sentence, and 0 at padding" if name == "dx" else "",
        )  # fmt: skip
    judge.right(
        f"the library, which packs these {sum(LENGTHS)} steps and has no mask, finds the same: its dW_ih, dW_hh and db "
        f"differ from yours by {packed(at, mask, d_out, d_last, given):.0e} at most"
    )


def forward(m, x, h0, W_ih, W_hh, b, take=lambda m: m, keep=lambda m: 1 - m):
    h = [h0]
    for t in range(T):
        h.append(take(m[t]) * np.tanh(x[t] @ W_ih + b + h[t] @ W_hh) + keep(m[t]) * h[t])
    return np.stack([state + 0 * h[-1] for state in h])


def backward(d_out, d_last, x, h, W_ih, back, take, keep, slope):
    dh, das = d_last, np.zeros((T, B, H))
    for t in reversed(range(T)):
        dh = dh + d_out[t]
        das[t] = take[t] * dh * slope(h[t + 1], h[t])
        dh = das[t] @ back + keep[t] * dh
    sums = sum(x[t].T @ das[t] for t in range(T)), sum(h[t].T @ das[t] for t in range(T))
    return das @ W_ih.T, dh, *sums, das.sum(axis=(0, 1))


def packed(at, mask, d_out, d_last, given):
    """Return the largest difference between the library's gradients of the weights and the learner's."""
    cell, real = RNNCell(E, H, dtype="float64"), mask.astype(bool)
    cell.W_ih[...], cell.W_hh[...], cell.b[...] = at["W_ih"], at["W_hh"], at["b"]
    layer = Recurrent(cell)
    tape = layer.new_tape()
    layer.forward(at["x"][real], Packing(LENGTHS), [{"h": at["h0"]}], tape)
    layer.backward(d_out[real], [{"h": d_last}], tape)
    pairs = zip((cell.dW_ih, cell.dW_hh, cell.db), given[2:], strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)
