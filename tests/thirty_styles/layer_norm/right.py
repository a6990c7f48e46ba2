import numpy as np

EPS = 1e-5


def layernorm_forward(x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    inv = 1 / np.sqrt(var + EPS)
    xhat = (x - mu) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)


def layernorm_backward(dy, cache):
    xhat, inv, gamma = cache
    dgamma = (dy * xhat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dxhat = dy * gamma
    dx = dxhat - dxhat.mean(axis=1, keepdims=True)
    dx -= xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    return dx * inv, dgamma, dbeta


class NormedRNN:
    """h = tanh(LN(x W + h U))"""

    def __init__(self, n_in, n_out):
        self.W = 0.1 * np.random.randn(n_in, n_out)
        self.U = 0.1 * np.random.randn(n_out, n_out)
        self.gamma = np.ones(n_out)
        self.beta = np.zeros(n_out)

    def forward(self, X):
        """X: list of (batch, n_in)"""
        h = np.zeros((X[0].shape[0], self.U.shape[0]))
        self.steps = []
        H = []
        for x in X:
            a, ln = layernorm_forward(x @ self.W + h @ self.U, self.gamma, self.beta)
            h_new = np.tanh(a)
            self.steps.append((x, h, ln, h_new))
            H.append(h_new)
            h = h_new
        return H

    def backward(self, dH):
        self.dW = np.zeros_like(self.W)
        self.dU = np.zeros_like(self.U)
        self.dgamma = np.zeros_like(self.gamma)
        self.dbeta = np.zeros_like(self.beta)
        dX = []
        dh_next = np.zeros_like(dH[0])
        for dh, (x, h, ln, h_new) in zip(reversed(dH), reversed(self.steps)):
            da = (dh + dh_next) * (1 - h_new ** 2)
            ds, dgamma, dbeta = layernorm_backward(da, ln)
            self.dW += x.T @ ds
            self.dU += h.T @ ds
            self.dgamma += dgamma
            self.dbeta += dbeta
            dX.insert(0, ds @ self.W.T)
            dh_next = ds @ self.U.T
        return dX
