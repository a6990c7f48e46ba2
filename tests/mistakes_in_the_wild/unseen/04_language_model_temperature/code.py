"""Next-word prediction with tied embeddings: the matrix that reads the words also scores them, over a temperature."""

import numpy as np


def log_softmax(y):
    y = y - y.max(axis=1, keepdims=True)
    return y - np.log(np.exp(y).sum(axis=1, keepdims=True))


class TiedModel:
    def __init__(self, words, size, temperature=0.7):
        self.temperature = temperature
        self.E = np.random.randn(words, size) * 0.1
        self.W = np.random.randn(size, size) * 0.1
        self.U = np.random.randn(size, size) * 0.1
        self.b = np.zeros(size)

    def loss(self, text):
        """text: (T + 1, N) word numbers. Cross-entropy of each next word, mean over the batch, sum over time."""
        self.text = text
        self.h = [np.zeros((text.shape[1], len(self.b)))]
        self.p = []
        total = 0.0
        n = np.arange(text.shape[1])
        for now, following in zip(text[:-1], text[1:]):
            h = np.tanh(self.E[now] @ self.W + self.h[-1] @ self.U + self.b)
            logp = log_softmax(h @ self.E.T / self.temperature)
            total -= logp[n, following].mean()
            self.h.append(h)
            self.p.append(np.exp(logp))
        return total

    def gradients(self):
        """For the last text: a dictionary with those of E, W, U, b."""
        dE, dW, dU, db = (np.zeros_like(w) for w in (self.E, self.W, self.U, self.b))
        n = np.arange(self.text.shape[1])
        dh = dh_next = np.zeros_like(self.h[0])
        for t in reversed(range(len(self.p))):
            now, following = self.text[t], self.text[t + 1]
            dy = self.p[t].copy()
            dy[n, following] -= 1
            dy /= len(n)
            dE = dy.T @ self.h[t + 1]
            dh = dh + dy @ self.E + dh_next
            da = dh * (1 - self.h[t + 1] ** 2)
            x = self.E[now]
            dW += x.T @ da
            dU += self.h[t].T @ da
            db += da.sum(axis=0)
            dE[now] += da @ self.W.T
            dh_next = da @ self.U.T
        return {"E": dE, "W": dW, "U": dU, "b": db}

    def improve(self, text, rate):
        loss = self.loss(text)
        for name, d in self.gradients().items():
            getattr(self, name)[...] -= rate * d
        return loss
