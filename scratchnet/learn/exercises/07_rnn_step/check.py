import numpy as np

from scratchnet.learn.comparison import agrees

N, E, H = 4, 3, 5
RESULTS = ("dx", "dh_prev", "dW_ih", "dW_hh", "db")


def check(judge):
    rng = judge.rng
    x, h_prev, dh = rng.standard_normal((N, E)), np.tanh(rng.standard_normal((N, H))), rng.standard_normal((N, H))
    W_ih, W_hh, b = rng.standard_normal((E, H)), rng.standard_normal((H, H)) / 2, rng.standard_normal(H)

    def loss(**changed):
        use = {"x": x, "h_prev": h_prev, "W_ih": W_ih, "W_hh": W_hh, "b": b} | changed
        return (dh * np.tanh(use["x"] @ use["W_ih"] + use["b"] + use["h_prev"] @ use["W_hh"])).sum()

    h = judge.call("rnn_step", x, h_prev, W_ih, W_hh, b)
    given = judge.call("rnn_step_backward", dh, x, h_prev, h, W_ih, W_hh, results=RESULTS)
    right = {name: judge.gradient(lambda z, n=name: loss(**{n[1:]: z}), at)
             for name, at in zip(RESULTS, (x, h_prev, W_ih, W_hh, b), strict=True)}  # fmt: skip
    a = np.arctanh(h)
    pre_activations = {
        "da = dh: the derivative of tanh in (1) is missing": dh,
        "that derivative is taken at the state before, h_prev, and (1) is about h": dh * (1 - h_prev**2),
        "that derivative is taken at tanh(h): h is a result of tanh already": dh * (1 - np.tanh(h) ** 2),
        "the derivative of the sigmoid, h * (1 - h), in place of that of tanh": dh * h * (1 - h),
        "that derivative is taken at a, and is wanted at the result h": dh * (1 - a * a),
        "1 - h, h not squared": dh * (1 - h),
    }
    da = dh * (1 - h * h)

    mistakes = {words: wrong @ W_ih.T for words, wrong in pre_activations.items()}
    # Where another result is right, so is da, and what is wrong is the line of dx.
    if any(agrees(given[k], right[name], 1e-9) for k, name in enumerate(RESULTS) if k):
        mistakes = {"dh in place of da: it did not go through (1)": dh @ W_ih.T}
    of_da = any(agrees(given[0], made, 1e-9) for words, made in mistakes.items() if words in pre_activations)
    judge.same(
        "dx", given[0], right["dx"], equation="(1) (0) backwards: da = dh * (1 - h * h), dx = da W_ih^T",
        mistakes=mistakes, axes=("sentence", "input"), line=("rnn_step_backward", "da" if of_da else "dx"),
    )  # fmt: skip
    judge.same(
        "dh_prev", given[1], right["dh_prev"], equation="(0) backwards: dh_(t-1) = da W_hh^T",
        mistakes={"W_hh is not transposed; it is square, so nothing stops": da @ W_hh,
                  "this is da itself: the product with W_hh^T is missing": da,
                  "dh in place of da: it did not go through (1)": dh @ W_hh.T,
                  "dh is added to it: (0) is the only way to h_(t-1), and it goes through da": da @ W_hh.T + dh},
        axes=("sentence", "unit"), line=("rnn_step_backward", "dh_prev"),
    )  # fmt: skip
    judge.same(
        "dW_ih", given[2], right["dW_ih"], equation="(0) backwards: dW_ih = x_t^T da",
        mistakes={"dh in place of da: it did not go through (1)": x.T @ dh,
                  "divided by the number of rows": x.T @ da / N},
        axes=("input", "unit"), line=("rnn_step_backward", "dW_ih"),
    )  # fmt: skip
    judge.same(
        "dW_hh", given[3], right["dW_hh"], equation="(0) backwards: dW_hh = h_(t-1)^T da",
        mistakes={"the new state h in place of the one before: (0) multiplied W_hh by h_prev": h.T @ da,
                  "the gradient dh_prev in place of the state h_prev": given[1].T @ da,
                  "da^T h_prev: transposed, and W_hh is square, so nothing stops": da.T @ h_prev,
                  "dh in place of da: it did not go through (1)": h_prev.T @ dh,
                  "divided by the number of rows": h_prev.T @ da / N},
        axes=("unit before", "unit"), line=("rnn_step_backward", "dW_hh"),
    )  # fmt: skip
    judge.same(
        "db", given[4], right["db"], equation="(0) backwards: db = the sum over the rows of da",
        mistakes={"not summed: b was added in every row": da, "the sum over the wrong axis": da.sum(axis=1),
                  "the mean over the rows in place of the sum": da.mean(axis=0),
                  "the sum over everything": da.sum() + 0 * b,
                  "dh in place of da: it did not go through (1)": dh.sum(axis=0)},
        axes=("unit",), line=("rnn_step_backward", "db"),
    )  # fmt: skip
