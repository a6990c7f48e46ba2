import numpy as np

PAD = 0


# ---------- layers ----------
def embed(tokens, E):
    return E[tokens]


def embed_back(dout, tokens, E):
    dE = np.zeros_like(E)
    np.add.at(dE, tokens.reshape(-1), dout.reshape(-1, E.shape[1]))
    return dE


def rnn(x, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.zeros((N, T + 1, b.size))
    for t in range(T):
        h[:, t + 1] = np.tanh(x[:, t] @ Wx + h[:, t] @ Wh + b)
    return h


def rnn_back(dout, h, x, Wx, Wh):
    dx = np.zeros_like(x)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[0])
    carried = 0
    for t in range(x.shape[1])[::-1]:
        da = (dout[:, t] + carried) * (1 - h[:, t + 1] ** 2)
        dx[:, t] = da @ Wx.T
        dWx += x[:, t].T @ da
        dWh += h[:, t].T @ da
        db += da.sum(axis=0)
        carried = da @ Wh.T
    return dx, dWx, dWh, db


def softmax_loss(scores, labels, mask):
    N, T, V = scores.shape
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    p = e / e.sum(axis=2, keepdims=True)
    n, t = np.indices((N, T))
    loss = -np.sum(mask * np.log(p[n, t, labels])) / np.sum(mask)
    dscores = p.copy()
    dscores[n, t, labels] -= 1
    dscores *= mask[:, :, None]
    dscores /= np.sum(mask)
    return loss, dscores


# ---------- model ----------
def language_model(tokens, params):
    """tokens (N, T + 1): predict each from those before it, paddings excepted."""
    E, Wx, Wh, b, Wy, by = (params[k] for k in ("E", "Wx", "Wh", "b", "Wy", "by"))
    inputs, labels = tokens[:, :-1], tokens[:, 1:]
    x = embed(inputs, E)
    h = rnn(x, Wx, Wh, b)
    scores = h[:, 1:] @ Wy + by
    loss, ds = softmax_loss(scores, labels, (labels != PAD).astype(float))

    grads = {"Wy": np.einsum("nth,ntv->hv", h[:, 1:], ds), "by": ds.sum(axis=(0, 1))}
    dx, grads["Wx"], grads["Wh"], grads["b"] = rnn_back(ds @ Wy.T, h, x, Wx, Wh)
    grads["E"] = embed_back(dx, inputs, E)
    return loss, grads


def adam(params, grads, state, lr=1e-3, b1=0.9, b2=0.999):
    state["n"] = state.get("n", 0) + 1
    for k in params:
        m, v = state.get(k, (0, 0))
        m, v = b1 * m + (1 - b1) * grads[k], b2 * v + (1 - b2) * grads[k] ** 2
        state[k] = m, v
        params[k] -= lr * m / (1 - b1 ** state["n"]) / (np.sqrt(v / (1 - b2 ** state["n"])) + 1e-8)
