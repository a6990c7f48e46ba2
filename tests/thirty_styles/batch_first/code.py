import numpy as np


def _sigmoid(a):
    out = np.empty_like(a)
    pos = a >= 0
    out[pos] = 1 / (1 + np.exp(-a[pos]))
    e = np.exp(a[~pos])
    out[~pos] = e / (1 + e)
    return out


class BatchLSTM:
    """x is (N, T, D). Returns (N, T, H) and the last state, like nn.LSTM(batch_first=True)."""

    def __init__(self, D, H):
        self.D, self.H = D, H
        bound = H ** -0.5
        self.params = {
            "weight_ih": np.random.uniform(-bound, bound, size=(4 * H, D)),
            "weight_hh": np.random.uniform(-bound, bound, size=(4 * H, H)),
            "bias": np.random.uniform(-bound, bound, size=4 * H),
        }

    def __call__(self, x, state):
        h, c = state
        N, T, D = x.shape
        H = self.H
        Wi, Wh, b = (self.params[k] for k in ("weight_ih", "weight_hh", "bias"))
        xw = np.einsum("ntd,gd->ntg", x, Wi) + b
        self.x = x
        self.hs, self.cs, self.acts = [h], [c], []
        for t in range(T):
            a = xw[:, t] + h @ Wh.T
            s = _sigmoid(a)
            i, f, o = s[:, :H], s[:, H:2 * H], s[:, 3 * H:]
            g = np.tanh(a[:, 2 * H:3 * H])
            c = f * c + i * g
            h = o * np.tanh(c)
            self.acts.append((i, f, g, o))
            self.hs.append(h)
            self.cs.append(c)
        return np.stack(self.hs[1:], axis=1), (h, c)

    def backward(self, dout, dstate):
        dh_last, dc_last = dstate
        N, T, H = dout.shape
        Wi, Wh = self.params["weight_ih"], self.params["weight_hh"]
        da = np.empty((N, T, 4 * H))
        dh = dh_last.copy()
        dc = np.zeros_like(dc_last)
        for t in reversed(range(T)):
            i, f, g, o = self.acts[t]
            c_prev, c = self.cs[t], self.cs[t + 1]
            dh = dh + dout[:, t]
            tanh_c = np.tanh(c)
            dc = dc + dh * o * (1 - tanh_c ** 2)
            da[:, t, :H] = dc * g * i * (1 - i)
            da[:, t, H:2 * H] = dc * c * f * (1 - f)
            da[:, t, 2 * H:3 * H] = dc * i * (1 - g ** 2)
            da[:, t, 3 * H:] = dh * tanh_c * o * (1 - o)
            dh = da[:, t] @ Wh
            dc = dc * f
        h_prev = np.stack(self.hs[:-1], axis=1)
        self.grads = {
            "weight_ih": np.einsum("ntg,ntd->gd", da, self.x),
            "weight_hh": np.einsum("ntg,nth->gh", da, h_prev),
            "bias": da.sum(axis=(0, 1)),
        }
        return da @ Wi, (dh, dc)
