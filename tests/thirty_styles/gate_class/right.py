import numpy as np


class LSTM:
    """Many to many LSTM. One matrix per gate, which acts on [h, x]."""

    def __init__(self, inputSize, hiddenSize, outputSize, learningRate=0.05):
        self.n = hiddenSize
        self.lr = learningRate
        z = inputSize + hiddenSize
        scale = 1 / np.sqrt(z)
        self.wf, self.bf = np.random.randn(hiddenSize, z) * scale, np.ones((hiddenSize, 1))
        self.wi, self.bi = np.random.randn(hiddenSize, z) * scale, np.zeros((hiddenSize, 1))
        self.wo, self.bo = np.random.randn(hiddenSize, z) * scale, np.zeros((hiddenSize, 1))
        self.wc, self.bc = np.random.randn(hiddenSize, z) * scale, np.zeros((hiddenSize, 1))
        self.wy, self.by = np.random.randn(outputSize, hiddenSize) * scale, np.zeros((outputSize, 1))

    def sig(self, v):
        return 1 / (1 + np.exp(-v))

    def forward(self, inputs):
        self.z, self.f, self.i, self.o, self.g = {}, {}, {}, {}, {}
        self.h, self.c = {-1: np.zeros((self.n, 1))}, {-1: np.zeros((self.n, 1))}
        outputs = []
        for t, x in enumerate(inputs):
            self.z[t] = np.concatenate((self.h[t - 1], x))
            self.f[t] = self.sig(self.wf @ self.z[t] + self.bf)
            self.i[t] = self.sig(self.wi @ self.z[t] + self.bi)
            self.o[t] = self.sig(self.wo @ self.z[t] + self.bo)
            self.g[t] = np.tanh(self.wc @ self.z[t] + self.bc)
            self.c[t] = self.f[t] * self.c[t - 1] + self.i[t] * self.g[t]
            self.h[t] = self.o[t] * np.tanh(self.c[t])
            outputs.append(self.wy @ self.h[t] + self.by)
        return outputs

    def backward(self, errors):
        d_wf, d_wi, d_wo, d_wc = 0, 0, 0, 0
        d_bf, d_bi, d_bo, d_bc = 0, 0, 0, 0
        d_wy, d_by = 0, 0
        dh_next, dc_next = np.zeros((self.n, 1)), np.zeros((self.n, 1))
        for t in reversed(range(len(errors))):
            d_wy += errors[t] @ self.h[t].T
            d_by += errors[t]
            dh = self.wy.T @ errors[t] + dh_next
            dc = dh * self.o[t] * (1 - np.tanh(self.c[t]) ** 2) + dc_next

            d_o = dh * np.tanh(self.c[t]) * self.o[t] * (1 - self.o[t])
            d_f = dc * self.c[t - 1] * self.f[t] * (1 - self.f[t])
            d_i = dc * self.g[t] * self.i[t] * (1 - self.i[t])
            d_c = dc * self.i[t] * (1 - self.g[t] ** 2)

            d_wf += d_f @ self.z[t].T
            d_wi += d_i @ self.z[t].T
            d_wo += d_o @ self.z[t].T
            d_wc += d_c @ self.z[t].T
            d_bf += d_f
            d_bi += d_i
            d_bo += d_o
            d_bc += d_c

            d_z = self.wf.T @ d_f + self.wi.T @ d_i + self.wo.T @ d_o + self.wc.T @ d_c
            dh_next = d_z[:self.n]
            dc_next = dc * self.f[t]
        return d_wf, d_bf, d_wi, d_bi, d_wo, d_bo, d_wc, d_bc, d_wy, d_by

    def step(self, gradients):
        params = (self.wf, self.bf, self.wi, self.bi, self.wo, self.bo, self.wc, self.bc, self.wy, self.by)
        for p, d in zip(params, gradients):
            p -= self.lr * np.clip(d, -1, 1)
