"""A GRU that keeps with z and renews with 1 - z, for batches; lists of everything, as in a notebook."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class Encoder:
    def __init__(self, n_in, n_hid):
        def mat(rows):
            return np.random.randn(rows, n_hid) * 0.1

        self.w_xr, self.w_hr, self.b_r = mat(n_in), mat(n_hid), np.zeros(n_hid)
        self.w_xz, self.w_hz, self.b_z = mat(n_in), mat(n_hid), np.zeros(n_hid)
        self.w_xh, self.w_hh, self.b_h = mat(n_in), mat(n_hid), np.zeros(n_hid)

    def forward(self, X):
        """X: (N, T, D). Returns the last state (N, H)."""
        self.R, self.Z, self.C = [], [], []
        self.H = [np.zeros((X.shape[0], len(self.b_h)))]
        for t in range(X.shape[1]):
            X_t, H_prev = X[:, t, :], self.H[-1]
            R_t = sigmoid(X_t @ self.w_xr + H_prev @ self.w_hr + self.b_r)
            Z_t = sigmoid(X_t @ self.w_xz + H_prev @ self.w_hz + self.b_z)
            C_t = np.tanh(X_t @ self.w_xh + (R_t * H_prev) @ self.w_hh + self.b_h)
            self.R.append(R_t)
            self.Z.append(Z_t)
            self.C.append(C_t)
            self.H.append(Z_t * H_prev + (1 - Z_t) * C_t)
        return self.H[-1]

    def backward(self, dH, X):
        """dH: gradient of the last state. Returns those of the input and, in a dictionary, of the weights."""
        grads = {name: np.zeros_like(w) for name, w in vars(self).items() if name[:2] in ("w_", "b_")}
        dX = np.zeros_like(X)
        for t in range(X.shape[1] - 1, -1, -1):
            X_t, H_prev = X[:, t, :], self.H[t]
            R_t, Z_t, C_t = self.R[t], self.Z[t], self.C[t]

            dA_h = dH * (1 - Z_t) * (1 - C_t**2)
            grads["w_xh"] += X_t.T @ dA_h
            grads["w_hh"] += (R_t * H_prev).T @ dA_h
            grads["b_h"] += dA_h.mean(axis=0)
            dRH = dA_h @ self.w_hh.T

            dA_r = dRH * H_prev * R_t * (1 - R_t)
            grads["w_xr"] += X_t.T @ dA_r
            grads["w_hr"] += H_prev.T @ dA_r
            grads["b_r"] += dA_r.sum(axis=0)

            dA_z = dH * (C_t - H_prev) * Z_t * (1 - Z_t)
            grads["w_xz"] += X_t.T @ dA_z
            grads["w_hz"] += H_prev.T @ dA_z
            grads["b_z"] += dA_z.sum(axis=0)

            dX[:, t, :] = dA_h @ self.w_xh.T + dA_r @ self.w_xr.T + dA_z @ self.w_xz.T
            dH = dRH * R_t + dA_r @ self.w_hr.T + dA_z @ self.w_hz.T
        return dX, grads
