import numpy as np


class OneWay:
    def __init__(self, n, h):
        self.w = np.random.uniform(-0.1, 0.1, (n, h))
        self.u = np.random.uniform(-0.1, 0.1, (h, h))
        self.bias = np.zeros(h)

    def __call__(self, seq):
        self.seq = seq
        self.states = np.zeros((len(seq) + 1, seq.shape[1], len(self.bias)))
        for t, x in enumerate(seq, start=1):
            self.states[t] = np.tanh(x @ self.w + self.states[t - 1] @ self.u + self.bias)
        return self.states[1:]

    def back(self, grad):
        self.gw, self.gu, self.gb = (np.zeros_like(p) for p in (self.w, self.u, self.bias))
        g_seq = np.zeros_like(self.seq)
        g = np.zeros_like(grad[0])
        for t in range(len(grad), 0, -1):
            g = (g + grad[t - 1]) * (1 - self.states[t] ** 2)
            self.gw += self.seq[t - 1].T @ g
            self.gu += self.states[t - 1].T @ g
            self.gb += g.sum(axis=0)
            g_seq[t - 1] = g @ self.w.T
            g = g @ self.u.T
        return g_seq


class BiRNN:
    """Tags every word. seq: (T, N, n), result: (T, N, tags)"""

    def __init__(self, n, h, tags):
        self.left = OneWay(n, h)
        self.right = OneWay(n, h)
        self.v = np.random.uniform(-0.1, 0.1, (2 * h, tags))
        self.c = np.zeros(tags)

    def forward(self, seq):
        a = self.left(seq)
        b = self.right(seq[::-1])[::-1]
        self.both = np.concatenate((a, b), axis=2)
        return self.both @ self.v + self.c

    def backward(self, g_out):
        h = self.both.shape[2] // 2
        self.gv = np.tensordot(self.both, g_out, axes=((0, 1), (0, 1)))
        self.gc = g_out.sum(axis=(0, 1))
        g_both = g_out @ self.v.T
        g_left = self.left.back(g_both[:, :, :h])
        g_right = self.right.back(g_both[::-1, :, h:])
        return g_left + g_right[::-1]
