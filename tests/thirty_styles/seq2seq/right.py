"""
Encoder-decoder with plain tanh units. The last state of the encoder ("context") starts the decoder
and is an extra input of every decoder step.
"""
import numpy as np


def softmax(a):
    a = np.exp(a - a.max(axis=1, keepdims=True))
    return a / a.sum(axis=1, keepdims=True)


class Seq2Seq:
    def __init__(self, n_src, n_tgt, emb, hid):
        def r(*shape):
            return np.random.randn(*shape) * 0.1

        self.p = dict(
            E_src=r(n_src, emb), W_enc=r(emb, hid), U_enc=r(hid, hid), b_enc=r(hid),
            E_tgt=r(n_tgt, emb), W_dec=r(emb, hid), C_dec=r(hid, hid), U_dec=r(hid, hid), b_dec=r(hid),
            W_out=r(hid, n_tgt), b_out=r(n_tgt),
        )

    def forward(self, src, tgt):
        """src (N, S), tgt (N, T + 1) with the start token first; returns the loss per token."""
        p = self.p
        self.src, self.tgt = src, tgt
        N, S = src.shape
        h = np.zeros((N, p["b_enc"].size))
        self.enc = [h]
        for s in range(S):
            h = np.tanh(p["E_src"][src[:, s]] @ p["W_enc"] + h @ p["U_enc"] + p["b_enc"])
            self.enc.append(h)
        self.context = h
        self.dec, self.probs = [h], []
        loss = 0.0
        for t in range(tgt.shape[1] - 1):
            h = np.tanh(
                p["E_tgt"][tgt[:, t]] @ p["W_dec"] + self.context @ p["C_dec"] + h @ p["U_dec"] + p["b_dec"]
            )
            probs = softmax(h @ p["W_out"] + p["b_out"])
            loss -= np.log(probs[np.arange(N), tgt[:, t + 1]]).sum()
            self.dec.append(h)
            self.probs.append(probs)
        self.count = N * (tgt.shape[1] - 1)
        return loss / self.count

    def backward(self):
        p = self.p
        d = {k: np.zeros_like(v) for k, v in p.items()}
        N = len(self.src)
        d_context = np.zeros_like(self.context)
        dh = np.zeros_like(self.context)
        for t in reversed(range(len(self.probs))):
            dy = self.probs[t].copy()
            dy[np.arange(N), self.tgt[:, t + 1]] -= 1
            dy /= self.count
            d["W_out"] += self.dec[t + 1].T @ dy
            d["b_out"] += dy.sum(axis=0)
            da = (dh + dy @ p["W_out"].T) * (1 - self.dec[t + 1] ** 2)
            d["W_dec"] += p["E_tgt"][self.tgt[:, t]].T @ da
            d["C_dec"] += self.context.T @ da
            d["U_dec"] += self.dec[t].T @ da
            d["b_dec"] += da.sum(axis=0)
            np.add.at(d["E_tgt"], self.tgt[:, t], da @ p["W_dec"].T)
            d_context += da @ p["C_dec"].T
            dh = da @ p["U_dec"].T

        dh = dh + d_context
        for s in reversed(range(self.src.shape[1])):
            da = dh * (1 - self.enc[s + 1] ** 2)
            d["W_enc"] += p["E_src"][self.src[:, s]].T @ da
            d["U_enc"] += self.enc[s].T @ da
            d["b_enc"] += da.sum(axis=0)
            np.add.at(d["E_src"], self.src[:, s], da @ p["W_enc"].T)
            dh = da @ p["U_enc"].T
        return d

    def fit(self, batches, rate):
        for src, tgt in batches:
            loss = self.forward(src, tgt)
            for k, v in self.backward().items():
                self.p[k] -= rate * v
            yield loss
