# Sentiment: LSTM over word vectors, the mean of the states and the last one go into a softmax.
import numpy as np


def logistic(x):
    return 1 / (1 + np.exp(-x))


class SentimentLSTM:
    def __init__(self, D, H, classes=2, decay=1e-2):
        self.decay = decay
        self.P = {"W": np.random.randn(D + H, 4 * H) * 0.1, "b": np.zeros(4 * H),
                  "V": np.random.randn(2 * H, classes) * 0.1, "c": np.zeros(classes)}

    def run(self, X, keep=None):
        """X (N, T, D); keep (N, H): a dropout mask that is the same at every step"""
        N, T, D = X.shape
        P = self.P
        H = P["b"].size // 4
        h, c = np.zeros((N, H)), np.zeros((N, H))
        self.keep = np.ones((N, H)) if keep is None else keep
        self.log = []
        total = np.zeros((N, H))
        for t in range(T):
            xh = np.hstack((X[:, t], h * self.keep))
            a = xh @ P["W"] + P["b"]
            ifo, g = logistic(a[:, :3 * H]), np.tanh(a[:, 3 * H:])
            i, f, o = np.hsplit(ifo, 3)
            c_before, c = c, f * c + i * g
            tc = np.tanh(c)
            h = o * tc
            total += h
            self.log.append((xh, i, f, o, g, c_before, tc))
        self.pooled = np.hstack((total / T, h))
        return self.pooled @ P["V"] + P["c"]

    def loss(self, X, y, keep=None):
        scores = self.run(X, keep)
        scores -= scores.max(axis=1, keepdims=True)
        self.prob = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        self.y = y
        data = -np.log(self.prob[np.arange(len(y)), y]).mean()
        return data + self.decay * (np.sum(self.P["W"] ** 2) + np.sum(self.P["V"] ** 2))

    def grad(self):
        P, N, T = self.P, len(self.y), len(self.log)
        H = P["b"].size // 4
        G = {k: np.zeros_like(v) for k, v in P.items()}
        ds = (self.prob - np.eye(P["c"].size)[self.y]) / N
        G["V"] = self.pooled.T @ ds + 2 * self.decay * P["V"]
        G["c"] = ds.sum(0)
        dpooled = ds @ P["V"].T
        share = dpooled[:, :H] / T
        dh = dpooled[:, H:]
        dc = np.zeros((N, H))
        for xh, i, f, o, g, c_before, tc in self.log[::-1]:
            dh = dh + share
            dc = dc + dh * (o - o * tc * tc)
            da = np.empty((N, 4 * H))
            di, df, do, dg = np.hsplit(da, 4)
            di[...] = dc * g * (i - i * i)
            df[...] = dc * c_before * (f - f * f)
            do[...] = dh * tc * (o - o * o)
            dg[...] = dc * (i - i * g * g)
            G["W"] += xh.T @ da
            G["b"] += da.sum(0)
            dh = (da @ P["W"].T)[:, -H:] * self.keep
            dc = dc * f
        G["W"] += 2 * self.decay * P["W"]
        return G

    def accuracy(self, X, y):
        return (self.run(X).argmax(1) == y).mean()
