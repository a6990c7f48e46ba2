import numpy as np

T, K, E, H = 8, 3, 2, 3


def forward(x, h_0, W_ih, W_hh, b):
    h = [h_0]
    for row in x:
        h.append(np.tanh(row @ W_ih + b + h[-1] @ W_hh))
    return np.array(h)


def loss_of(x, y, h_0, *weights):
    return 0.5 * ((forward(x, h_0, *weights)[1:] - y) ** 2).sum()


def by_hand(
    x, y, h_0, W_ih, W_hh, b, starts, *, hand_over=0, first=0, last=0, cut=True, late=0, carried=False
):  # fmt: skip
    """Return (L, dW_ih, dW_hh, db), with the mistakes a learner may make; `starts` are the windows' first steps."""
    L, grads = 0.0, [np.zeros_like(w) for w in (W_ih, W_hh, b)]
    windows, stops = [], [*starts[1:], len(x)]
    for start, stop in zip(starts, stops, strict=True):
        h = forward(x[start:stop], h_0, W_ih, W_hh, b)
        L += 0.5 * ((h[1:] - y[start:stop]) ** 2).sum()
        windows.append((start, stop, h))
        h_0 = h[len(h) - 1 + hand_over]
    from_next = np.zeros_like(h_0)
    for start, stop, h in windows if carried else reversed(windows):
        from_next = np.zeros_like(h_0) if cut and not carried else from_next
        for k in range(stop - start - 1 + last, first - 1, -1):
            da = (h[k + 1] - y[start + k] + from_next) * (1 - h[k + 1] ** 2)
            for grad, part in zip(grads, (np.outer(x[start + k], da), np.outer(h[k + late], da), da), strict=True):
                grad += part
            from_next = da @ W_hh.T
    return L, *grads


def check(judge):
    x, y = judge.rng.standard_normal((T, E)), judge.rng.standard_normal((T, H))
    h_0 = judge.rng.standard_normal(H)
    weights = [0.7 * judge.rng.standard_normal(shape) for shape in ((E, H), (H, H), (H,))]
    starts = list(range(0, T, K))
    judge.same(
        "the states of a window", judge.call("forward", x, h_0, *weights), forward(x, h_0, *weights),
        equation="(0) (1) h_t = tanh(x_t W_ih + b + h_(t-1) W_hh)", axes=("slot", "unit"), line=("forward", "h"),
        right="forward is right",
    )  # fmt: skip
    given = judge.call("truncated", x, y, h_0, *weights, K, results=("L", "dW_ih", "dW_hh", "db"))

    def mistaken(part, **mistake):
        return by_hand(x, y, h_0, *weights, mistake.pop("starts", starts), **mistake)[part]

    restarted = sum(loss_of(x[s : s + K], y[s : s + K], h_0, *weights) for s in starts)
    zeros = loss_of(x[:K], y[:K], h_0, *weights)
    zeros += sum(loss_of(x[s : s + K], y[s : s + K], 0 * h_0, *weights) for s in starts[1:])
    full = T // K * K
    judge.same(
        f"the loss, in windows of {K} steps,", given[0], loss_of(x, y, h_0, *weights),
        equation="(2) forward: the state after the last step of a window is the initial state of the next one, so the "
        "loss is that of one piece",
        mistakes={"the state handed on is the one before the window's last step, not the one after it":
                  mistaken(0, hand_over=-1),
                  "every window starts from the first initial state again": restarted,
                  "every window but the first starts from zero": zeros,
                  "the last, shorter window is left out": loss_of(x[:full], y[:full], h_0, *weights),
                  "the mean in place of the sum": loss_of(x, y, h_0, *weights) / T},
        line=("truncated", "h_0"),
        right="the loss does not depend on where the windows end",
    )  # fmt: skip
    states = [h_0, *forward(x, h_0, *weights)[K::K]]

    def loss_with(part, z):
        """Return the loss with another weight, each window's initial state a constant."""
        changed = [z if k == part else w for k, w in enumerate(weights)]
        return sum(loss_of(x[s : s + K], y[s : s + K], h, *changed) for s, h in zip(starts, states, strict=False))

    def last_window(part, **mistake):
        """Return the gradient of the last window alone."""
        begin = starts[-1]
        return by_hand(x[begin:], y[begin:], states[len(starts) - 1], *weights, [0], **mistake)[1 + part]

    for part, name in ((1, "dW_hh"), (0, "dW_ih"), (2, "db")):
        too_short = (mistaken(1 + part, **which) for which in ({"first": 1}, {"last": -1}))
        at_the_loop = any(np.allclose(given[1 + part], made) for made in too_short)
        judge.same(
            name, given[1 + part], judge.gradient(lambda z, part=part: loss_with(part, z), weights[part]),
            equation="(3) backward: from the window's last step to its first, that included; there the gradient ends",
            mistakes={"the backward loop ends one step early: the first step of every window is left out":
                      lambda part=part: mistaken(1 + part, first=1),
                      "the backward loop begins one step late: the last step of every window is left out":
                      lambda part=part: mistaken(1 + part, last=-1),
                      "not truncated at all: the gradient goes on into the window before":
                      lambda part=part: mistaken(1 + part, cut=False),
                      "truncated to windows of one step: nothing comes back from the next step":
                      lambda part=part: mistaken(1 + part, starts=list(range(T))),
                      "h_t in place of h_(t-1) beside da_t": lambda part=part: mistaken(1 + part, late=1),
                      "only what was added last is left: = in place of +=": lambda part=part: (
                          last_window(part) - last_window(part, first=1)),
                      "only the last window's gradient is left": lambda part=part: last_window(part),
                      "from_next goes on from the window before: it begins at 0 in every window":
                      lambda part=part: mistaken(1 + part, carried=True)},
            axes=("row", "column")[: weights[part].ndim],
            line=("truncated", "k" if at_the_loop else name),
            right=f"{name} is the exact gradient of each window, its initial state taken as a constant",
        )  # fmt: skip
