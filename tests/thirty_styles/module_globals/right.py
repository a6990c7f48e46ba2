import numpy as np

n_x, n_h = 2, 3

np.random.seed(0)
Wz = np.random.randn(n_h, n_x + n_h) * 0.1
Wr = np.random.randn(n_h, n_x + n_h) * 0.1
Wc = np.random.randn(n_h, n_x + n_h) * 0.1
bz = np.zeros(n_h)
br = np.zeros(n_h)
bc = np.zeros(n_h)

dWz = dWr = dWc = dbz = dbr = dbc = None
hs = []
zs = []
rs = []
cs = []
inputs = []


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_prime(y):
    return y * (1 - y)


def tanh_prime(y):
    return 1 - y ** 2


def reset(h):
    global hs, zs, rs, cs, inputs
    hs, zs, rs, cs, inputs = [h], [], [], [], []


def feed(x):
    hx = np.concatenate([x, hs[-1]])
    z = sigmoid(Wz @ hx + bz)
    r = sigmoid(Wr @ hx + br)
    c = np.tanh(Wc @ np.concatenate([x, r * hs[-1]]) + bc)
    inputs.append(x)
    zs.append(z)
    rs.append(r)
    cs.append(c)
    hs.append((1 - z) * hs[-1] + z * c)
    return hs[-1]


def backprop(dhs):
    global dWz, dWr, dWc, dbz, dbr, dbc
    dWz, dWr, dWc = np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wc)
    dbz, dbr, dbc = np.zeros_like(bz), np.zeros_like(br), np.zeros_like(bc)
    dh = np.zeros(n_h)
    for t in reversed(range(len(inputs))):
        x, h, z, r, c = inputs[t], hs[t], zs[t], rs[t], cs[t]
        dh = dh + dhs[t]
        dc = dh * z * tanh_prime(c)
        dz = dh * (c - h) * sigmoid_prime(z)
        drh = (Wc.T @ dc)[n_x:]
        dr = drh * h * sigmoid_prime(r)
        hx = np.concatenate([x, h])
        dWc += np.outer(dc, np.concatenate([x, r * h]))
        dWz += np.outer(dz, hx)
        dWr += np.outer(dr, hx)
        dbc += dc
        dbz += dz
        dbr += dr
        dh = dh * (1 - z) + drh * r + (Wz.T @ dz)[n_x:] + (Wr.T @ dr)[n_x:]
    return dh
