# Every layer returns its output and a function that knows the way back.
import numpy as np


def linear(x, W, b):
    def back(dy):
        return dy @ W.T, x.T @ dy, dy.sum(0)

    return x @ W + b, back


def tanh_cell(x, h, Wxh, Whh, b):
    new = np.tanh(x @ Wxh + h @ Whh + b)

    def back(dnew):
        da = dnew * (1 - new * new)
        return da @ Wxh.T, da @ Whh.T, x.T @ da, new.T @ da, da.sum(0)

    return new, back


def cross_entropy(scores, labels):
    shifted = scores - scores.max(1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    rows = np.arange(len(labels))

    def back():
        d = np.exp(logp)
        d[rows, labels] -= 1
        return d / len(labels)

    return -logp[rows, labels].mean(), back


def network(xs, labels, h, Wxh, Whh, bh, Why, by):
    """xs: list of (N, D); labels: list of (N,).  Returns the loss and the way back."""
    tape = []
    loss = 0.0
    for x, label in zip(xs, labels):
        h, cell_back = tanh_cell(x, h, Wxh, Whh, bh)
        y, out_back = linear(h, Why, by)
        l, loss_back = cross_entropy(y, label)
        loss += l
        tape.append((cell_back, out_back, loss_back))

    def back():
        gWxh, gWhh, gbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(bh)
        gWhy, gby = np.zeros_like(Why), np.zeros_like(by)
        dh = np.zeros_like(h)
        while tape:
            cell_back, out_back, loss_back = tape.pop()
            dy, a, b = out_back(loss_back())
            gWhy += a
            gby += b
            _, dh, u, v, w = cell_back(dy + dh)
            gWxh += u
            gWhh += v
            gbh += w
        return dh, gWxh, gWhh, gbh, gWhy, gby

    return loss, back


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=s) * 0.2 for s in ((3, 8), (8, 8), (8,), (8, 3), (3,))]
    for epoch in range(200):
        ids = rng.integers(3, size=(6, 4))
        xs = [np.eye(3)[i] for i in ids]
        loss, back = network(xs, np.roll(ids, 1, 0), np.zeros((4, 8)), *weights)
        for w, g in zip(weights, back()[1:]):
            w -= 0.1 * g
    print(loss)
