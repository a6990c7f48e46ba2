import numpy as np

sigmoid = lambda x: 1 / (1 + np.exp(-x))


def split4(a):
    n = a.shape[1] // 4
    return a[:, 0:n], a[:, n:2 * n], a[:, 2 * n:3 * n], a[:, 3 * n:4 * n]


class StackedLSTM(object):
    """ Wx: [D, 4H]  Wh: [H, 4H]  b: [4H]   stacked as  i | f | g | o """

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, X, h, c):
        self.memory = []
        Hs = []
        for x in X:
            ai, af, ag, ao = split4(np.matmul(x, self.Wx) + np.matmul(h, self.Wh) + self.b)
            i, f, g, o = sigmoid(ai), sigmoid(af), np.tanh(ag), sigmoid(ao)
            c_new = f * c + i * g
            s = np.tanh(c_new)
            self.memory.append((x, h, c, i, f, g, o, s))
            h, c = o * s, c_new
            Hs.append(h)
        return np.array(Hs)

    def backward(self, dHs):
        self.dWx, self.dWh, self.db = [np.zeros(w.shape) for w in (self.Wx, self.Wh, self.b)]
        dX = []
        dh = dc = np.zeros(dHs[0].shape)
        while self.memory:
            x, h, c, i, f, g, o, s = self.memory.pop()
            dh = dh + dHs[len(self.memory)]
            dc = dc + dh * o * (1 - s * s)
            dai = dc * g * i * (1 - i)
            daf = dc * c * f * (1 - f)
            dag = dc * i * (1 - g * g)
            dao = dh * s * o * (1 - o)
            da = np.hstack([dai, daf, dag, dao])
            self.dWx += np.matmul(x.T, da)
            self.dWh += np.matmul(h.T, da)
            self.db += np.sum(da, 0)
            dX.append(np.matmul(da, self.Wx.T))
            dh = np.matmul(da, self.Wh.T)
            dc = dc * f
        return np.array(dX[::-1]), dh, dc
