"""LSTM in small functions, as in a project of several files; every weight is an object with values and grad."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dsigmoid(y):
    return y * (1 - y)


def dtanh(y):
    return 1 - y**2


class Matrix:
    def __init__(self, rows, columns):
        self.values = np.random.randn(rows, columns)
        self.grad = np.zeros((rows, columns))


class Neuron:
    def __init__(self, h_size, x_size, y_size):
        self.h_size = h_size
        self.forget_w, self.forget_b = Matrix(h_size, h_size + x_size), Matrix(h_size, 1)
        self.input_w, self.input_b = Matrix(h_size, h_size + x_size), Matrix(h_size, 1)
        self.cell_w, self.cell_b = Matrix(h_size, h_size + x_size), Matrix(h_size, 1)
        self.output_w, self.output_b = Matrix(h_size, h_size + x_size), Matrix(h_size, 1)
        self.final_w, self.final_b = Matrix(y_size, h_size), Matrix(y_size, 1)

    def reset(self, *parts):
        for part in parts:
            part.grad[...] = 0

    def all(self):
        return [part for part in vars(self).values() if isinstance(part, Matrix)]


def step(neuron, x, h_prev, c_prev):
    z = np.vstack((h_prev, x))
    f = sigmoid(neuron.forget_w.values @ z + neuron.forget_b.values)
    i = sigmoid(neuron.input_w.values @ z + neuron.input_b.values)
    c_new = np.tanh(neuron.cell_w.values @ z + neuron.cell_b.values)
    o = sigmoid(neuron.output_w.values @ z + neuron.output_b.values)
    c = f * c_prev + i * c_new
    h = o * np.tanh(c)
    v = neuron.final_w.values @ h + neuron.final_b.values
    y = np.exp(v) / np.sum(np.exp(v))
    return h, c, y, dict(z=z, f=f, i=i, c_new=c_new, o=o, c=c, c_prev=c_prev, h=h, y=y)


def train_loss(neuron, xs, targets):
    h = c = np.zeros((neuron.h_size, 1))
    steps, loss = [], 0.0
    for x, target in zip(xs, targets):
        h, c, y, kept = step(neuron, x, h, c)
        loss -= np.log(y[target, 0])
        steps.append(kept)
    return loss, steps


def accumulate(weight, bias, d, z):
    weight.grad += d @ z.T
    bias.grad += d


def cell_gradient(neuron, dh, dc_next, s):
    dc = dc_next.copy()
    dc += dh * s["o"] * dtanh(s["c"])
    dc_new = dc * s["i"] * dtanh(s["c_new"])
    accumulate(neuron.cell_w, neuron.cell_b, dc_new, s["z"])
    return dc, dc_new


def input_gradient(neuron, dc, s):
    di = dc * s["c_new"] * dsigmoid(s["i"])
    neuron.input_w.values += di @ s["z"].T
    neuron.input_b.grad += di
    return di


def forget_gradient(neuron, dc, s):
    df = dc * s["c"] * dsigmoid(s["f"])
    accumulate(neuron.forget_w, neuron.forget_b, df, s["z"])
    return df


def backward(neuron, steps, targets):
    """Leaves in the grad of every weight what these steps give, whatever it was before."""
    neuron.reset(neuron.final_w, neuron.final_b)
    dh_next = dc_next = np.zeros((neuron.h_size, 1))
    for s, target in zip(reversed(steps), reversed(targets)):
        dv = s["y"].copy()
        dv[target] -= 1
        accumulate(neuron.final_w, neuron.final_b, dv, s["h"])
        dh = neuron.final_w.values.T @ dv + dh_next
        do = dh * np.tanh(s["c"])
        accumulate(neuron.output_w, neuron.output_b, do, s["z"])
        dc, dc_new = cell_gradient(neuron, dh, dc_next, s)
        di = input_gradient(neuron, dc, s)
        df = forget_gradient(neuron, dc, s)
        dz = neuron.forget_w.values.T @ df + neuron.input_w.values.T @ di
        dz = dz + neuron.cell_w.values.T @ dc_new + neuron.output_w.values.T @ do
        dh_next, dc_next = dz[: neuron.h_size], s["f"] * dc
