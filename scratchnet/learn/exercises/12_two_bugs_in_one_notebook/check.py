import numpy as np

from scratchnet.learn.comparison import agrees

LENGTHS, E, U = (5, 3, 2), 2, 3
B, T = len(LENGTHS), LENGTHS[0]
SUMS = ([0, 1], [0, 1])


def check(judge):
    rng = judge.rng
    at = {"X": rng.standard_normal((B, T, E)), "h0": rng.standard_normal((B, U)) / 2, "c0": rng.standard_normal((B, U)),
          "Wx": rng.standard_normal((E, 4 * U)), "Wh": rng.standard_normal((U, 4 * U)) / 2,
          "b": rng.standard_normal(4 * U)}  # fmt: skip
    mask = (np.arange(T) < np.array(LENGTHS)[:, None]).astype(float)
    dH, last = rng.standard_normal((B, T, U)) * mask[:, :, None], rng.standard_normal((2, B, U))
    H, C, cache = forward(mask, **at)
    own = judge.call("lstm_forward", at["X"], mask, *list(at.values())[1:], results=("H", "C", "cache"))
    for name, given, wanted in zip("HC", own, (H, C), strict=False):
        judge.same(
            name, given, wanted, equation="(0) to (7); forward was right, `scratchnet learn diff 12` shows changes",
            axes=("sentence", "slot", "unit"), line=("lstm_forward", name),
            right=f"{name} is right, forward was not touched",
        )  # fmt: skip
    given = judge.call(
        "lstm_backward", dH, *last, at["X"], mask, H, C, cache, at["Wx"], at["Wh"],
        results=("dX", "dh0", "dc0", "dWx", "dWh", "db"),
    )  # fmt: skip

    def right(name):
        def loss(z):
            h, c, _ = forward(mask, **at | {name: z})
            return (h[:, 1:] * dH).sum() + (h[:, T] * last[0]).sum() + (c[:, T] * last[1]).sum()

        return judge.gradient(loss, at[name])

    def run(**mistakes):
        return backward(dH, *last, mask, C, cache, at["Wh"], **mistakes)

    # Each with the name on the left of the line that it is about.
    loops = {
        "at padding the gradient of h is carried, that of c is not: (1 - m) * dc is missing, or is made of "
        "dcn, which is 0 there": ("dc", {"keep_c": 0.0}),
        "at padding the gradient of c is carried, that of h is not: (1 - m) * dh is missing": ("dh", {"keep_h": 0.0}),
        "at padding neither gradient is carried on": ("dc", {"keep_h": 0.0, "keep_c": 0.0}),
        "dc is added at every step, not at padding alone: the (1 - m) before it is missing": ("dc", {"always_c": True}),
        "dh is added at every step, not at padding alone: the (1 - m) before it is missing": ("dh", {"always_h": True}),
        "dc is handed back without the forget gate f": ("dc", {"forget": lambda f: 1.0 + 0 * f}),
        "padding is not masked in (7): dhn = dh, dcn = dc": ("dhn", {"masked": False}),
        "the new C[:, t + 1] in place of the previous C[:, t] in the forget gate": ("dA", {"later_c": True}),
        "the derivative of tanh is missing in (6)": ("dcn", {"slope": lambda y: 1.0 + 0 * y}),
    }
    das = {words: run(**how) for words, (_, how) in loops.items()}
    dA = run()[0]
    mistakes = {words: found[0] @ at["Wx"].T for words, found in das.items()}
    meant = (loops[words][0] for words, made in mistakes.items() if agrees(given[0], made, 1e-9))
    judge.same(
        "dX", given[0], right("X"), equation="(7) (6) (5) backwards, down to da; then dx_t = da_t Wx^T",
        mistakes=mistakes, axes=("sentence", "step", "input"), line=("lstm_backward", next(meant, "dA")),
        right="dX is right at every step of every sentence: the recursion is right; what may still be wrong is a sum",
    )  # fmt: skip
    for k, name in ((1, "dh0"), (2, "dc0")):
        judge.same(
            name, given[k], right(name[1:]), equation="after the loop dh and dc are those of the initial states",
            mistakes={words: found[k] for words, found in das.items()}, axes=("sentence", "unit"),
            line=("lstm_backward", name[:2]),
        )  # fmt: skip
    sums = {
        "dWx": {"divided by the real steps": right("Wx") / mask.sum(), "divided by the batch": right("Wx") / B},
        "dWh": {
            "paired with the states after each step, H[:, 1:]; (0) multiplied Wh by the state before it":
            np.tensordot(H[:, 1:], dA, SUMS),
            "the first step is left out": np.tensordot(H[:, 1:-1], dA[:, 1:], SUMS),
            "divided by the batch": right("Wh") / B,
        },
        "db": {
            "the sum over sentences alone, of the first step": dA[:, 0].sum(axis=0),
            "the sum over steps alone, of every sentence": dA.sum(axis=1), "the mean": dA.mean(axis=(0, 1)),
            "divided by the batch": right("b") / B, "the sum over sentences alone": dA.sum(axis=0),
        },
    }  # fmt: skip
    for k, (name, mistakes) in enumerate(sums.items(), start=3):
        judge.same(
            name, given[k], right(name[1:]), mistakes=mistakes, line=("lstm_backward", name),
            equation="(0) backwards, summed: dWx = sum x_t^T da_t, dWh = sum h_(t-1)^T da_t, db = sum da_t",
            axes=("unit before" if name == "dWh" else "input", "column")[-right(name[1:]).ndim :],
            why="dX is right and this is not: look at this one line",
        )  # fmt: skip


def forward(mask, X, h0, c0, Wx, Wh, b):
    h, c, cache = [h0], [c0], []
    for t in range(T):
        m, a = mask[:, t, None], X[:, t] @ Wx + h[t] @ Wh + b
        f, i, o = (1 / (1 + np.exp(-a[:, k * U : (k + 1) * U])) for k in range(3))
        g = np.tanh(a[:, 3 * U :])
        new = f * c[t] + i * g
        h.append(m * o * np.tanh(new) + (1 - m) * h[t])
        c.append(m * new + (1 - m) * c[t])
        cache.append((f, i, o, g, np.tanh(new)))
    return np.stack([s + 0 * h[-1] for s in h], axis=1), np.stack([s + 0 * c[-1] for s in c], axis=1), cache


def backward(dH, dh, dc, mask, C, cache, Wh, *, keep_h=1.0, keep_c=1.0, masked=True, later_c=False, always_c=False,
             always_h=False, forget=lambda f: f, slope=lambda y: 1 - y * y):  # fmt: skip
    """Return every da (B, T, 4U), dh0 and dc0; the arguments after the bar are mistakes."""
    das = np.zeros((B, T, 4 * U))
    for t in reversed(range(T)):
        f, i, o, g, y = cache[t]
        m, dh = mask[:, t, None], dh + dH[:, t]
        dhn, dcn = (m * dh, m * dc) if masked else (dh, dc)
        dcn = dcn + dhn * o * slope(y)
        c = C[:, t + 1] if later_c else C[:, t]
        parts = dcn * c * f * (1 - f), dcn * g * i * (1 - i), dhn * y * o * (1 - o), dcn * i * (1 - g * g)
        das[:, t] = np.concatenate(parts, axis=1)
        dh = das[:, t] @ Wh.T + (dh if always_h else keep_h * (1 - m) * dh)
        dc = dcn * forget(f) + (dc if always_c else keep_c * (1 - m) * dc)
    return das, dh, dc
