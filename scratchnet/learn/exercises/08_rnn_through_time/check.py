import numpy as np

from scratchnet.learn.comparison import agrees

T, B, E, H = 5, 3, 2, 4
LOOP = "dh_t = d_out_t + what step t+1 passed back; (1) da = dh * (1 - h * h); (0) dh_(t-1) = da W_hh^T"


def check(judge):
    rng = judge.rng
    at = {"x": rng.standard_normal((T, B, E)), "h0": np.tanh(rng.standard_normal((B, H))),
          "W_ih": rng.standard_normal((E, H)), "W_hh": rng.standard_normal((H, H)) / 2,
          "b": rng.standard_normal(H)}  # fmt: skip
    d_out, d_last = rng.standard_normal((T, B, H)), rng.standard_normal((B, H))
    states = forward(**at)
    judge.same(
        "h", judge.call("rnn_forward", *at.values()), states,
        equation="(0) a = x_t W_ih + b + h_(t-1) W_hh, (1) h = tanh(a)",
        mistakes={"the share of the state before, h_(t-1) W_hh, is missing, or read from h[t + 1], which is 0 as yet":
                  forward(**at | {"W_hh": 0 * at["W_hh"]}),
                  "the bias is missing": forward(**at | {"b": 0 * at["b"]}),
                  "every step reads h[0], the initial state": forward(**at, stuck=True),
                  "every step reads the x of the step before": forward(**at | {"x": np.roll(at["x"], 1, axis=0)}),
                  "tanh is missing": forward(**at, f=lambda a: a)},
        axes=("slot", "sentence", "unit"), line=("rnn_forward", "h"), right="forward is right",
    )  # fmt: skip
    x, h, W_ih, W_hh = at["x"], states, at["W_ih"], at["W_hh"]
    given = judge.call("rnn_backward", d_out, d_last, x, h, W_ih, W_hh, results=("dx", "dh0", "dW_ih", "dW_hh", "db"))

    def loss(name):
        def of(z):
            found = forward(**at | {name: z})
            return (found[1:] * d_out).sum() + (found[T] * d_last).sum()

        return judge.gradient(of, at[name])

    def run(**mutations):
        return backward(d_out, d_last, x, h, W_ih, W_hh, **mutations)

    # Each with the name on the left of the line that it is about.
    loops = {
        "what step t+1 passed back is not added: a step hears its own output alone": ("dh", {"passed": 0, "last": 0}),
        "what step t+1 passed back is not added, d_last at most": ("dh", {"passed": 0.0}),
        "d_out_t is not added: only the gradient from after the last step arrives": ("dh", {"output": 0.0}),
        "d_last is not used: the gradient of the last state from outside is lost": ("first dh_next", {"last": 0.0}),
        "d_out of the last step is counted twice: the loop adds it, so dh_next starts with d_last alone":
        ("first dh_next", {"twice": 1.0}),
        "what is passed back keeps dh_next as well, += in place of =: h_t speaks through (0) alone":
        ("dh_next", {"kept": 1.0}),
        "dx alone did not go through (1): dh W_ih^T in place of da W_ih^T": ("dx", {"straight": True}),
        "step 0 is left out: the loop ends before it": ("dh", {"first": 1}),
        "W_hh is not transposed; it is square, so nothing stops": ("dh_next", {"back": W_hh}),
        "what is passed back is da, without the product with W_hh^T": ("dh_next", {"back": np.eye(H)}),
        "what is passed back did not go through (1): dh W_hh^T in place of da W_hh^T": ("dh_next", {"skip": True}),
        "the derivative of tanh in (1) is missing": ("da", {"slope": lambda new, old: 1.0}),
        "that derivative is taken at the previous state h[t]; the new one is h[t + 1]":
        ("da", {"slope": lambda new, old: 1 - old**2}),
        "d_out is read in the wrong order of steps": ("dh", {"order": -1}),
        "the loop runs from the first step to the last": ("dh", {"forwards": True}),
    }  # fmt: skip
    mistakes = {words: run(**how)[0] for words, (_, how) in loops.items()}
    meant = (loops[words][0] for words, made in mistakes.items() if agrees(given[0], made, 1e-9))
    judge.same(
        "dx", given[0], loss("x"), equation=LOOP, mistakes=mistakes, axes=("step", "sentence", "input"),
        line=("rnn_backward", next(meant, "dh")), right="dx is right at every step: the recursion is right",
    )  # fmt: skip
    da, right = run()[5], run()
    judge.same(
        "dh0", given[1], loss("h0"), equation="after the loop dh_next is dL/dh_0",
        mistakes={"d_out was added once more after the last product": right[1] + d_out[0],
                  "this is dL/dh_1: the last product with W_hh^T is missing": run()[6],
                  "what step 1 passed back is not multiplied by W_hh^T": da[0]},
        axes=("sentence", "unit"), line=("rnn_backward", "dh_next"),
    )  # fmt: skip
    judge.same(
        "dW_ih", given[2], loss("W_ih"), equation="dW_ih = sum over t of x_t^T da_t",
        mistakes={"overwritten at every step, = in place of +=: the first step's share is left": x[0].T @ da[0],
                  "the last step's share alone": x[-1].T @ da[-1],
                  "x[t - 1] in place of x[t]: step t reads its own input":
                  sum(x[t - 1].T @ da[t] for t in range(T)),
                  "divided by the number of steps": right[2] / T},
        axes=("input", "unit"), line=("rnn_backward", "dW_ih"),
    )  # fmt: skip
    later = sum(h[t + 1].T @ da[t] for t in range(T))
    judge.same(
        "dW_hh", given[3], loss("W_hh"), equation="dW_hh = sum over t of h_(t-1)^T da_t",
        mistakes={"the new state h[t + 1] in place of the previous one, h[t]": later,
                  "overwritten at every step, = in place of +=: the first step's share is left": h[0].T @ da[0],
                  "h[t - 1] in place of h[t]: h[0] is the initial state, so h[t] is the one before step t already":
                  sum(h[t - 1].T @ da[t] for t in range(T)),
                  "the last step's share alone": h[T - 1].T @ da[-1],
                  "the first step is left out: its previous state is the initial one": right[3] - h[0].T @ da[0],
                  "divided by the number of steps": right[3] / T},
        axes=("unit before", "unit"), line=("rnn_backward", "dW_hh"),
    )  # fmt: skip
    judge.same(
        "db", given[4], loss("b"), equation="db = sum over t and rows of da_t",
        mistakes={"overwritten at every step, = in place of +=: the first step's share is left": da[0].sum(axis=0),
                  "the last step's share alone": da[-1].sum(axis=0),
                  "the mean over the rows in place of the sum": right[4] / B,
                  "divided by the number of steps": right[4] / T,
                  "the sum over everything": da.sum() + np.zeros(H)},
        axes=("unit",), line=("rnn_backward", "db"),
    )  # fmt: skip


def forward(x, h0, W_ih, W_hh, b, f=np.tanh, stuck=False):
    h = [h0]
    for t in range(T):
        h.append(f(x[t] @ W_ih + b + h[0 if stuck else t] @ W_hh))
    return np.stack([state + 0 * h[-1] for state in h])


def backward(d_out, d_last, x, h, W_ih, W_hh, *, passed=1.0, output=1.0, last=1.0, back=None, skip=False, order=1,
             slope=lambda new, old: 1 - new**2, forwards=False, twice=0.0, kept=0.0, straight=False,
             first=0):  # fmt: skip
    """Return dx, dh0, dW_ih, dW_hh, db, every da, and dL/dh_1; the arguments after the bar are mistakes."""
    back = W_hh.T if back is None else back
    dh, das, dhs, total = last * d_last + twice * d_out[-1], np.zeros((T, B, H)), np.zeros((T, B, H)), 0.0
    for t in range(T) if forwards else reversed(range(first, T)):
        dhs[t] = total = dh + output * d_out[::order][t]
        das[t] = total * slope(h[t + 1], h[t])
        dh = passed * (total if skip else das[t]) @ back + kept * dh
    return (
        (dhs if straight else das) @ W_ih.T, dh, sum(x[t].T @ das[t] for t in range(T)),
        sum(h[t].T @ das[t] for t in range(T)), das.sum(axis=(0, 1)), das, total,
    )  # fmt: skip
