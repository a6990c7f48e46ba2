import numpy as np


class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        N, T, D = self.x.shape
        rx = self.x.reshape(N * T, D)
        rd = dout.reshape(N * T, -1)
        self.grads[0][...] = np.dot(rx.T, rd)
        self.grads[1][...] = np.sum(rd, axis=0)
        return np.dot(dout, W.T)


class RNNCell:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(np.dot(x, Wx) + np.dot(h_prev, Wh) + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next)
        self.grads[0][...] = np.dot(x.T, dt)
        self.grads[1][...] = np.dot(h_prev.T, dt)
        self.grads[2][...] = np.sum(dt, axis=0)
        return np.dot(dt, Wx.T), np.dot(dt, Wh.T)


class TimeRNN:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

    def forward(self, xs):
        N, T, D = xs.shape
        h = np.zeros((N, self.params[1].shape[0]))
        self.layers, hs = [], []
        for t in range(T):
            layer = RNNCell(*self.params)
            h = layer.forward(xs[:, t, :], h)
            hs.append(h)
            self.layers.append(layer)
        return np.stack(hs, axis=1)

    def backward(self, dhs):
        N, T, H = dhs.shape
        dxs = np.empty((N, T, self.params[0].shape[0]))
        dh = 0
        grads = [0, 0, 0]
        for t in reversed(range(T)):
            dx, dh = self.layers[t].backward(dhs[:, t, :] + dh)
            dxs[:, t, :] = dx
            for i, grad in enumerate(self.layers[t].grads):
                grads[i] += grad
        for i, grad in enumerate(grads):
            self.grads[i][...] = grad
        return dxs


class TwoLayerNet:
    def __init__(self, D, H1, H2, C):
        rn = np.random.randn
        self.layers = [
            TimeRNN(rn(D, H1) / D, rn(H1, H1) / H1, np.zeros(H1)),
            TimeRNN(rn(H1, H2) / H1, rn(H2, H2) / H2, np.zeros(H2)),
            Affine(rn(H2, C) / H2, np.zeros(C)),
        ]
        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads

    def forward(self, xs, ts):
        for layer in self.layers:
            xs = layer.forward(xs)
        self.diff = xs - ts
        return 0.5 * np.sum(self.diff ** 2) / len(ts)

    def backward(self):
        dout = self.diff
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
