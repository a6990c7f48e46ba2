"""A character model: plain RNN, one-hot inputs, SGD. All in one script."""
import numpy as np

text = "hello world, hello again"
letters = sorted(set(text))
to_id = {c: k for k, c in enumerate(letters)}
V = len(letters)

# settings
H = 5
steps = 6
rate = 0.1

# the model
np.random.seed(3)
Wxh = np.random.randn(H, V) * 0.01
Whh = np.random.randn(H, H) * 0.01
Why = np.random.randn(V, H) * 0.01
bh = np.zeros((H, 1))
by = np.zeros((V, 1))


def loss_and_grads(ids, targets, hidden):
    x, h, p = {}, {}, {}
    h[-1] = hidden
    total = 0
    for t in range(len(ids)):
        x[t] = np.zeros((V, 1))
        x[t][ids[t]] = 1
        h[t] = np.tanh(Wxh @ x[t] + Whh @ h[t - 1] + bh)
        y = Why @ h[t] + by
        p[t] = np.exp(y) / np.sum(np.exp(y))
        total += -np.log(p[t][targets[t], 0])

    gWxh, gWhh, gWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    gbh, gby = np.zeros_like(bh), np.zeros_like(by)
    carry = np.zeros_like(h[0])
    for t in reversed(range(len(ids))):
        gy = p[t].copy()
        gy[targets[t]] -= 1
        gWhy += gy @ h[t].T
        gby += gy
        gh = Why.T @ gy + carry
        graw = (1 - h[t] ** 2) * gh
        gbh += graw
        gWxh += graw @ x[t].T
        gWhh += graw @ h[t - 1].T
        carry = Whh @ graw
    return total, gWxh, gWhh, gWhy, gbh, gby, h[len(ids) - 1]


def sample(hidden, start, n):
    out = [start]
    for _ in range(n):
        x = np.zeros((V, 1))
        x[out[-1]] = 1
        hidden = np.tanh(Wxh @ x + Whh @ hidden + bh)
        y = Why @ hidden + by
        p = np.exp(y) / np.sum(np.exp(y))
        out.append(np.random.choice(V, p=p.ravel()))
    return "".join(letters[k] for k in out)


if __name__ == "__main__":
    where, hidden = 0, np.zeros((H, 1))
    for n in range(2001):
        if where + steps + 1 >= len(text) or n == 0:
            where, hidden = 0, np.zeros((H, 1))
        ids = [to_id[c] for c in text[where:where + steps]]
        targets = [to_id[c] for c in text[where + 1:where + steps + 1]]
        loss, *grads, hidden = loss_and_grads(ids, targets, hidden)
        for w, g in zip((Wxh, Whh, Why, bh, by), grads):
            w -= rate * np.clip(g, -5, 5)
        where += steps
        if n % 500 == 0:
            print(n, loss, sample(hidden, ids[0], 20))
