# A class that makes its own weights; the cache lies in self, gradients add up in self; reset after the product.
import numpy as np


class GRUCell:
    def __init__(self, input_dim, hidden_dim, seed=0):
        rng = np.random.RandomState(seed)
        k = 1.0 / np.sqrt(hidden_dim)
        for gate in ("r", "z", "n"):
            setattr(self, "W_x" + gate, rng.uniform(-k, k, (input_dim, hidden_dim)))
            setattr(self, "W_h" + gate, rng.uniform(-k, k, (hidden_dim, hidden_dim)))
            setattr(self, "b_x" + gate, np.zeros(hidden_dim))
            setattr(self, "b_h" + gate, np.zeros(hidden_dim))
        self.zero_grad()

    def zero_grad(self):
        for name, value in list(vars(self).items()):
            if name.startswith(("W_", "b_")):
                setattr(self, "d" + name, np.zeros_like(value))

    @staticmethod
    def sigmoid(a):
        return 1.0 / (1.0 + np.exp(-a))

    def forward(self, x, h_prev):
        self.x, self.h_prev = x, h_prev
        self.r = self.sigmoid(x @ self.W_xr + self.b_xr + h_prev @ self.W_hr + self.b_hr)
        self.z = self.sigmoid(x @ self.W_xz + self.b_xz + h_prev @ self.W_hz + self.b_hz)
        self.q = h_prev @ self.W_hn + self.b_hn
        self.n = np.tanh(x @ self.W_xn + self.b_xn + self.r * self.q)
        h = (1 - self.z) * self.n + self.z * h_prev
        return h

    def backward(self, dh):
        dn = dh * (1 - self.z)
        dz = dh * (self.h_prev - self.n)
        dan = dn * (1 - self.n**2)
        daz = dz * self.z * (1 - self.z)
        dr = dan * self.q
        dar = dr * self.r * (1 - self.r)
        dq = dan * self.r
        for gate, da, dq_gate in (("r", dar, dar), ("z", daz, daz), ("n", dan, dq)):
            for name, value in (
                ("dW_x" + gate, self.x.T @ da),
                ("dW_h" + gate, self.h_prev.T @ dq_gate),
                ("db_x" + gate, da.sum(0)),
                ("db_h" + gate, dq_gate.sum(0)),
            ):
                setattr(self, name, getattr(self, name) + value)
        dx = dar @ self.W_xr.T + daz @ self.W_xz.T + dan @ self.W_xn.T
        dh_prev = dh * self.z + dar @ self.W_hr.T + daz @ self.W_hz.T + dq @ self.W_hn.T
        return dx, dh_prev
