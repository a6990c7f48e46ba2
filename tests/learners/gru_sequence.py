# A whole sequence, time first; weights as (out, in), two biases; gradients in the instance; dh_n for the last state.
import numpy as np


class NumpyGRU:
    def __init__(self, input_size, hidden_size):
        k = 1 / np.sqrt(hidden_size)
        self.weight_ih = np.random.uniform(-k, k, (3 * hidden_size, input_size))
        self.weight_hh = np.random.uniform(-k, k, (3 * hidden_size, hidden_size))
        self.bias_ih = np.random.uniform(-k, k, 3 * hidden_size)
        self.bias_hh = np.random.uniform(-k, k, 3 * hidden_size)

    def forward(self, x, h0):
        """x: (seq, batch, feat)"""
        self.cache = []
        h = h0
        hs = []
        for xt in x:
            gi = xt @ self.weight_ih.T + self.bias_ih
            gh = h @ self.weight_hh.T + self.bias_hh
            i_r, i_z, i_n = np.split(gi, 3, axis=1)
            h_r, h_z, h_n = np.split(gh, 3, axis=1)
            r = 1 / (1 + np.exp(-(i_r + h_r)))
            z = 1 / (1 + np.exp(-(i_z + h_z)))
            n = np.tanh(i_n + r * h_n)
            self.cache.append((xt, h, r, z, n, h_n))
            h = (1 - z) * n + z * h
            hs.append(h)
        return np.array(hs), h

    def backward(self, dhs, dh_n):
        self.dweight_ih = np.zeros_like(self.weight_ih)
        self.dweight_hh = np.zeros_like(self.weight_hh)
        self.dbias_ih = np.zeros_like(self.bias_ih)
        self.dbias_hh = np.zeros_like(self.bias_hh)
        dh = dh_n
        dx = [None] * len(self.cache)
        for t in reversed(range(len(self.cache))):
            xt, h_prev, r, z, n, h_n = self.cache[t]
            dh = dh + dhs[t]
            dn = dh * (1 - z) * (1 - n * n)
            dz = dh * (h_prev - n) * z * (1 - z)
            dr = dn * h_n * r * (1 - r)
            dgi = np.concatenate([dr, dz, dn], axis=1)
            dgh = np.concatenate([dr, dz, dn * r], axis=1)
            self.dweight_ih += dgi.T @ xt
            self.dweight_hh += dgh.T @ h_prev
            self.dbias_ih += dgi.sum(axis=0)
            self.dbias_hh += dgh.sum(axis=0)
            dx[t] = dgi @ self.weight_ih
            dh = dh * z + dgh @ self.weight_hh
        return np.array(dx), dh
