import numpy as np

# n batch, t time, d input, g gate (0 input, 1 forget, 2 output, 3 candidate), h / k hidden


class EinsumLSTM:
    def __init__(self, d, h):
        self.W = np.random.normal(size=(4, d, h)) / d
        self.U = np.random.normal(size=(4, h, h)) / h
        self.b = np.zeros((4, h))

    def forward(self, x):
        n, steps, _ = x.shape
        h = self.b.shape[1]
        self.x = x
        self.h = np.zeros((steps + 1, n, h))
        self.c = np.zeros((steps + 1, n, h))
        self.a = np.zeros((steps, 4, n, h))
        xW = np.einsum("ntd,gdh->tgnh", x, self.W)
        for t in range(steps):
            a = xW[t] + np.einsum("nk,gkh->gnh", self.h[t], self.U) + self.b[:, None, :]
            a[:3] = 1 / (1 + np.exp(-a[:3]))
            a[3] = np.tanh(a[3])
            self.a[t] = a
            self.c[t + 1] = a[1] * self.c[t] + a[0] * a[3]
            self.h[t + 1] = a[2] * np.tanh(self.c[t + 1])
        return np.einsum("tnh->nth", self.h[1:])

    def backward(self, dout):
        steps = self.a.shape[0]
        da = np.zeros_like(self.a)
        dh = np.zeros_like(self.h[0])
        dc = np.zeros_like(self.c[0])
        for t in reversed(range(steps)):
            i, f, o, g = self.a[t]
            dh = dh + dout[:, t]
            s = np.tanh(self.c[t + 1])
            dc = dc + dh * o * (1 - s ** 2)
            da[t, 0] = dc * g * i * (1 - i)
            da[t, 1] = dc * self.c[t] * f * (1 - f)
            da[t, 2] = dh * s * o * (1 - o)
            da[t, 3] = dc * i * (1 - g ** 2)
            dc = dc * f
            dh = np.einsum("gnk,gkh->nh", da[t], self.U)
        self.dW = np.einsum("ntd,tgnh->gdh", self.x, da)
        self.dU = np.einsum("tnk,tgnh->gkh", self.h[:-1], da)
        self.db = np.einsum("tgnh->gh", da)
        return np.einsum("tgnh,gdh->ntd", da, self.W)
